"""The simulated Gate.io, spoken to by ccxt.pro itself through the translator."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from fixgate.connectors.ccxt.translator import Verdict
from fixgate.connectors.ccxt.venues.gateio import TRANSLATOR
from fixgate.model.enums import OrderType, Side, TimeInForce
from fixgate.model.execution import MarginMode, MarketType
from fixgate.simulator.venues.dialect import VenueKey
from tests.ccxt_venues.simulated import Desk, simulated

KEY = VenueKey(
    account="gateio-001",
    api_key="simulated-gateio",
    api_secret="gateio-secret",
    balances={"USDT": Decimal(1_000_000), "BTC": Decimal(10)},
)
SPOT, SWAP = "BTC/USDT", "BTC/USDT:USDT"


@pytest.fixture(params=[SPOT, SWAP])
async def traded(request: Any) -> AsyncIterator[tuple[Desk, str]]:
    """A desk on each side, and the symbol that is traded there."""
    kind = MarketType.SPOT if request.param == SPOT else MarketType.SWAP
    async with simulated("gateio", TRANSLATOR, kind, KEY) as desk:
        yield desk, request.param


@pytest.fixture
async def perps() -> AsyncIterator[Desk]:
    async with simulated("gateio", TRANSLATOR, MarketType.SWAP, KEY) as desk:
        yield desk


@pytest.fixture
async def spot() -> AsyncIterator[Desk]:
    async with simulated("gateio", TRANSLATOR, MarketType.SPOT, KEY) as desk:
        yield desk


@pytest.mark.parametrize("side", list(Side))
async def test_a_market_order_is_filled_and_heard_of(traded: tuple[Desk, str], side: Side) -> None:
    desk, symbol = traded
    placed, order = await desk.submit(symbol, order_type=OrderType.MARKET, side=side)
    done = await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "closed")
    amount = TRANSLATOR.amount(order, desk.market(symbol))
    trades = await desk.traded(placed["id"], amount)
    assert {done["symbol"], *(trade["symbol"] for trade in trades)} == {symbol}
    assert done["clientOrderId"] == order.client_order_id
    assert (Decimal(done["filled"]), done["side"]) == (amount, side)
    assert all(Decimal(trade["fee"]["cost"]) > 0 for trade in trades)
    state = await desk.query(order)
    assert (state["id"], state["status"]) == (placed["id"], "closed")
    listed = await desk.trades_of(placed, order)
    assert {each["id"]: each["price"] for each in listed} == {each["id"]: each["price"] for each in trades}


async def test_a_limit_order_rests_and_is_canceled(traded: tuple[Desk, str]) -> None:
    desk, symbol = traded
    placed, order = await desk.submit(symbol)
    await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "open")
    for wanted in (symbol, None):
        listed = await desk.calls(TRANSLATOR.open_orders(desk.market(symbol).market_type, wanted))
        assert [each["id"] for each in listed] == [placed["id"]]
    await desk.cancel(placed, order)
    await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "canceled")
    assert (await desk.query(order, venue_order_id=placed["id"]))["status"] == "canceled"
    with pytest.raises(Exception, match="ORDER_NOT_FOUND") as caught:
        await desk.cancel(placed, order)
    meaning = TRANSLATOR.meaning_of(caught.value)
    assert meaning is not None
    assert meaning.verdict is Verdict.NOT_FOUND


async def test_a_stop_waits_and_its_trigger_makes_another_order(traded: tuple[Desk, str]) -> None:
    desk, symbol = traded
    stop = desk.last(symbol) - 500
    placed, order = await desk.submit(
        symbol, order_type=OrderType.STOP_LOSS, side=Side.SELL, stop_price=stop, quantity=Decimal("0.01")
    )
    waiting = await desk.heard("orders", lambda row: row["id"] == placed["id"])
    assert (waiting["status"], TRANSLATOR.triggered(waiting)) == ("open", "")
    assert Decimal(waiting["triggerPrice"]) == stop
    listed = await desk.calls(TRANSLATOR.open_orders(desk.market(symbol).market_type, symbol))
    assert [each["id"] for each in listed] == [placed["id"]]
    found = await desk.query(order, held=True)
    assert (found["id"], found["clientOrderId"]) == (placed["id"], order.client_order_id)
    desk.trade_through(symbol, "SELL", stop - 1)
    fired = await desk.heard("orders", lambda row: row["id"] == placed["id"] and TRANSLATOR.triggered(row))
    made = TRANSLATOR.triggered(fired)
    done = await desk.heard("orders", lambda row: row["id"] == made and row["status"] == "closed")
    assert done["clientOrderId"] == order.client_order_id
    trade = await desk.heard("trades", lambda row: row["order"] == made)
    assert trade["side"] == "sell"
    state = await desk.query(order, venue_order_id=made)
    assert (state["id"], state["status"], TRANSLATOR.triggered(state)) == (made, "closed", None)


async def test_a_stop_that_waits_is_canceled_by_either_id(traded: tuple[Desk, str]) -> None:
    desk, symbol = traded
    price = desk.last(symbol) + 1000
    for by_id in (True, False):
        placed, order = await desk.submit(
            symbol,
            order_type=OrderType.TAKE_PROFIT_LIMIT,
            side=Side.SELL,
            stop_price=price,
            price=price,
            quantity=Decimal("0.01"),
        )
        await desk.cancel(placed if by_id else {"id": ""}, order, held=True)
        ended = await desk.heard(
            "orders", lambda row, wanted=placed["id"]: row["id"] == wanted and row["status"] == "canceled"
        )
        assert TRANSLATOR.triggered(ended) == ""


async def test_an_immediate_order_that_finds_nobody_is_canceled(traded: tuple[Desk, str]) -> None:
    desk, symbol = traded
    placed, _ = await desk.submit(symbol, price=Decimal(90000), time_in_force=TimeInForce.IOC)
    ended = await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] != "open")
    assert (ended["status"], Decimal(ended["filled"])) == ("canceled", Decimal(0))


async def test_positions_leverage_margin_mode_and_profits(perps: Desk) -> None:
    market = perps.market(SWAP)
    await perps.call(TRANSLATOR.set_leverage(market, Decimal(7)))
    state = TRANSLATOR.read_leverage(market, await perps.call(TRANSLATOR.leverage(market)))
    assert (state.leverage, state.margin_mode) == (Decimal(7), MarginMode.CROSS)
    await perps.call(TRANSLATOR.set_margin_mode(market, MarginMode.ISOLATED, state.leverage))
    await perps.call(TRANSLATOR.set_leverage(market, Decimal(9)))
    await perps.submit(SWAP, order_type=OrderType.MARKET, quantity=Decimal("0.05"))
    (position,) = await perps.calls(TRANSLATOR.positions(MarketType.SWAP, None))
    assert (position["symbol"], position["side"], position["contracts"]) == (SWAP, "long", "500")
    assert (position["leverage"], position["marginMode"]) == ("9", "isolated")
    state = TRANSLATOR.read_leverage(market, await perps.call(TRANSLATOR.leverage(market)))
    assert (state.leverage, state.margin_mode) == (Decimal(9), MarginMode.ISOLATED)
    assert (state.position_side, state.position_size) == ("long", Decimal("0.05"))
    await perps.submit(
        SWAP,
        order_type=OrderType.MARKET,
        side=Side.SELL,
        quantity=Decimal("0.05"),
        attributes={"reduce_only": True},
    )
    assert await perps.calls(TRANSLATOR.positions(MarketType.SWAP, None)) == []
    profits = TRANSLATOR.read_realized(await perps.call(TRANSLATOR.realized(market, None, None)))
    assert {(profit.symbol, profit.code) for profit in profits} == {(SWAP, "USDT")}
    assert sum(profit.amount for profit in profits) < 0
    assert TRANSLATOR.read_funding(await perps.call(TRANSLATOR.funding(None, None, None))) == []


async def test_balances_and_last_price(spot: Desk) -> None:
    for kind in ("spot", "swap"):
        balance = await spot.exchange.fetch_balance({"type": kind})
        assert Decimal(balance["total"]["USDT"]) == Decimal(1_000_000)
    for symbol in (SPOT, SWAP):
        ticker = await spot.exchange.fetch_ticker(symbol)
        assert Decimal(ticker["last"]) == spot.last(symbol)


@pytest.mark.parametrize(
    ("symbol", "quantity", "label"),
    [(SPOT, "80", "BALANCE_NOT_ENOUGH"), (SWAP, "900", "INSUFFICIENT_AVAILABLE")],
)
async def test_orders_beyond_the_balance_are_refused(
    symbol: str, quantity: str, label: str, spot: Desk
) -> None:
    with pytest.raises(Exception, match=label):
        await spot.submit(symbol, quantity=Decimal(quantity), price=Decimal(95000))


async def test_a_post_only_order_that_would_take_is_refused(perps: Desk) -> None:
    with pytest.raises(Exception, match="ORDER_POC_IMMEDIATE"):
        await perps.submit(SWAP, price=Decimal(99000), time_in_force=TimeInForce.POST_ONLY)


@pytest.mark.parametrize(
    ("change", "label"), [({"apiKey": "other"}, "INVALID_KEY"), ({"secret": "other"}, "INVALID_SIGNATURE")]
)
async def test_a_wrong_key_or_signature_is_refused(change: dict[str, str], label: str, spot: Desk) -> None:
    for name, value in change.items():
        setattr(spot.exchange, name, value)
    with pytest.raises(Exception, match=label):
        await spot.submit(SPOT)
