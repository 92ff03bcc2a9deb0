"""The synthetic market: deterministic, alive, never crossed."""

from decimal import Decimal
from typing import Any

import pytest

from fixgate.simulator import Leg, SyntheticMarket
from fixgate.simulator.filters import check_price, check_quantity
from tests.simulator.client import Client
from tests.simulator.conftest import StartServer
from tests.simulator.desk import SYMBOLS, Desk

TEN_SECONDS = 40
"""Ticks of the default quarter second."""


def session(seed: int) -> list[tuple[str, dict[str, Any]]]:
    """Trade a little on a market of `seed` and return everything the stream said."""
    desk = Desk()
    market = SyntheticMarket(desk.exchange, seed)
    for _ in range(20):
        market.tick()
        desk.clock.now += 250
        mid = market.mid(Leg.UM, "BTCUSDT")
        desk.buy("0.050", str(mid))
        desk.sell("0.020")
    return desk.log


def test_given_one_seed_when_run_twice_then_every_event_is_the_same() -> None:
    assert session(11) == session(11)
    assert session(11) != session(12)


@pytest.mark.parametrize("leg", list(Leg))
def test_given_orders_near_the_market_then_they_fill_within_seconds_some_partly_first(leg: Leg) -> None:
    statuses: set[str] = set()
    desk = Desk(leg)
    market = SyntheticMarket(desk.exchange, 7)
    market.tick()
    size = "100" if leg is Leg.CM else "0.1"
    for _ in range(10):
        order = desk.buy(size, str(market.mid(leg, desk.symbol)))
        for _ in range(TEN_SECONDS):
            market.tick()
        statuses |= {status for _, status in desk.events(order)}
        if order.is_open:
            desk.cancel(order)
    assert {"NEW", "PARTIALLY_FILLED", "FILLED"} <= statuses


@pytest.mark.parametrize("leg", list(Leg))
def test_given_the_market_when_a_market_order_comes_then_it_fills_whole(leg: Leg) -> None:
    desk = Desk(leg)
    SyntheticMarket(desk.exchange, 7).tick()
    assert desk.buy("2000" if leg is Leg.CM else "2").status == "FILLED"


def test_given_an_order_far_away_then_it_rests() -> None:
    desk = Desk()
    market = SyntheticMarket(desk.exchange, 7)
    order = desk.buy("0.010", "60000.00")
    for _ in range(200):
        market.tick()
    assert order.status == "NEW"


def test_given_many_ticks_then_quotes_are_valid_books_uncrossed_and_btc_moves_as_one() -> None:
    desk = Desk()
    market = SyntheticMarket(desk.exchange, 3)
    for _ in range(60):
        market.tick()
    for (leg, symbol), book in desk.exchange.state.books.items():
        bid, ask = book.bids.best(), book.asks.best()
        assert bid is not None and ask is not None and bid.price < ask.price
        instrument = desk.exchange.state.instrument(leg, symbol)
        mark = desk.exchange.reference_price(leg, symbol)
        for order in (*book.bids, *book.asks):
            check_price(instrument, order.side, order.price, mark)
            check_quantity(instrument, order.quantity, market=False)
    moved = {market.mid(leg, SYMBOLS[leg]) / 65000 for leg in Leg}
    assert max(moved) - min(moved) < Decimal("0.00001")


async def test_given_a_running_server_then_its_market_fills_resting_orders(start_server: StartServer) -> None:
    server = await start_server(market_enabled=True, market_interval=0.005)
    async with Client(server) as client:
        listener = await client.listen()
        assert server.market is not None
        price = server.market.mid(Leg.UM, "BTCUSDT")
        await client.order(price=str(price), quantity="0.002")
        body = await listener.until("TRADE")
        assert body["s"] == "BTCUSDT"


@pytest.mark.parametrize("leg", list(Leg))
def test_given_a_stop_near_the_market_when_it_moves_then_it_is_triggered(leg: Leg) -> None:
    desk = Desk(leg)
    market = SyntheticMarket(desk.exchange, 3)
    market.tick()
    trigger = str(market.mid(leg, desk.symbol) - 40)
    if leg is Leg.MARGIN:
        order = desk.send("SELL", "0.01", type="STOP_LOSS", stopPrice=trigger).order
    else:
        place = desk.algo if leg is Leg.UM else desk.strategy
        conditional = place("STOP_MARKET", "SELL", trigger)
    for _ in range(400):
        market.tick()
    assert (order if leg is Leg.MARGIN else desk.child(conditional)).status == "FILLED"
