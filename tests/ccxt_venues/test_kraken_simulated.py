"""The simulated Kraken spot, spoken to by ccxt.pro itself through the translator."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from fixgate.connectors.ccxt.translator import Verdict
from fixgate.connectors.ccxt.venues.kraken import TRANSLATOR
from fixgate.model.enums import OrderType, Side, TimeInForce
from fixgate.model.execution import MarketType
from fixgate.simulator.venues.dialect import VenueKey
from fixgate.simulator.venues.kraken import name_of, number_of
from tests.ccxt_venues.simulated import Desk, simulated

KEY = VenueKey(
    account="kraken-001",
    api_key="simulated-kraken",
    api_secret="a3Jha2VuLXNlY3JldA==",
    balances={"USDT": Decimal(1_000_000), "BTC": Decimal(10), "ETH": Decimal(100)},
)
BTC, ETH = "BTC/USDT", "ETH/BTC"


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with simulated("kraken", TRANSLATOR, MarketType.SPOT, KEY) as opened:
        yield opened


@pytest.mark.parametrize(("symbol", "quantity"), [(BTC, "0.01"), (ETH, "0.5")])
async def test_a_market_order_is_filled_and_heard_of(symbol: str, quantity: str, desk: Desk) -> None:
    placed, order = await desk.submit(symbol, order_type=OrderType.MARKET, quantity=Decimal(quantity))
    done = await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "closed")
    trades = await desk.traded(placed["id"], Decimal(quantity))
    assert {done["symbol"], *(trade["symbol"] for trade in trades)} == {symbol}
    assert done["clientOrderId"] == order.client_order_id
    assert (Decimal(done["filled"]), Decimal(done["amount"])) == (Decimal(quantity), Decimal(quantity))
    assert all(Decimal(trade["fee"]["cost"]) > 0 for trade in trades)
    state = await desk.query(order)
    assert (state["id"], state["status"], Decimal(state["filled"])) == (
        placed["id"],
        "closed",
        Decimal(quantity),
    )
    listed = [each for each in await desk.trades_of(placed, order) if each["order"] == placed["id"]]
    assert {(each["id"], Decimal(each["price"])) for each in listed} == {
        (each["id"], Decimal(each["price"])) for each in trades
    }


async def test_a_limit_order_rests_and_is_canceled_by_either_id(desk: Desk) -> None:
    for by_client_id in (False, True):
        placed, order = await desk.submit(BTC)
        await desk.heard("orders", lambda row, own=placed: row["id"] == own["id"] and row["status"] == "open")
        listed = await desk.calls(TRANSLATOR.open_orders(MarketType.SPOT, None))
        assert [each["id"] for each in listed] == [placed["id"]]
        await desk.cancel({"id": ""} if by_client_id else placed, order)
        ended = await desk.heard(
            "orders", lambda row, own=placed: row["id"] == own["id"] and row["status"] == "canceled"
        )
        assert (ended["symbol"], ended["clientOrderId"]) == (BTC, order.client_order_id)
        assert (await desk.query(order))["status"] == "canceled"
        assert (await desk.query(order, venue_order_id=placed["id"]))["status"] == "canceled"
    with pytest.raises(Exception, match="Unknown order") as caught:
        await desk.cancel(placed, order)
    meaning = TRANSLATOR.meaning_of(caught.value)
    assert meaning is not None
    assert meaning.verdict is Verdict.NOT_FOUND


async def test_a_stop_waits_is_triggered_and_stays_one_order(desk: Desk) -> None:
    stop = desk.last(BTC) - 500
    placed, order = await desk.submit(BTC, order_type=OrderType.STOP_LOSS, side=Side.SELL, stop_price=stop)
    assert Decimal(placed["stopLossPrice"]) == stop
    waiting = await desk.heard("orders", lambda row: row["id"] == placed["id"])
    assert (waiting["status"], Decimal(waiting["stopLossPrice"])) == ("open", stop)
    (listed,) = await desk.calls(TRANSLATOR.open_orders(MarketType.SPOT, BTC))
    assert (listed["id"], Decimal(listed["stopLossPrice"])) == (placed["id"], stop)
    desk.trade_through(BTC, "SELL", stop - 1)
    done = await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "closed")
    assert done["clientOrderId"] == order.client_order_id
    trade = await desk.heard("trades", lambda row: row["order"] == placed["id"])
    assert trade["side"] == "sell"
    assert (await desk.query(order))["status"] == "closed"


async def test_a_take_profit_limit_that_waits_is_canceled(desk: Desk) -> None:
    price = desk.last(BTC) + 1000
    placed, order = await desk.submit(
        BTC, order_type=OrderType.TAKE_PROFIT_LIMIT, side=Side.SELL, stop_price=price, price=price - 10
    )
    waiting = await desk.heard("orders", lambda row: row["id"] == placed["id"])
    assert (Decimal(waiting["takeProfitPrice"]), Decimal(waiting["price"])) == (price, price - 10)
    await desk.cancel(placed, order, held=True)
    await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "canceled")


async def test_an_immediate_order_that_finds_nobody_is_gone(desk: Desk) -> None:
    placed, _ = await desk.submit(BTC, price=Decimal(90000), time_in_force=TimeInForce.IOC)
    ended = await desk.heard(
        "orders", lambda row: row["id"] == placed["id"] and row["status"] in ("expired", "canceled")
    )
    assert not Decimal(ended["filled"])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"quantity": Decimal(100)}, "EOrder:Insufficient funds"),
        ({"price": Decimal(102000), "time_in_force": TimeInForce.POST_ONLY}, "EOrder:Post only order"),
    ],
)
async def test_what_the_venue_does_not_take_is_refused_in_its_words(
    changes: dict[str, object], code: str, desk: Desk
) -> None:
    with pytest.raises(Exception, match=code) as caught:
        await desk.submit(BTC, **changes)
    meaning = TRANSLATOR.meaning_of(caught.value)
    assert meaning is not None
    assert meaning.verdict is Verdict.REFUSED


async def test_a_client_order_id_is_taken_once_while_it_is_open(desk: Desk) -> None:
    await desk.submit(BTC)
    desk.number -= 1
    with pytest.raises(Exception, match="Duplicate") as caught:
        await desk.submit(BTC)
    meaning = TRANSLATOR.meaning_of(caught.value)
    assert meaning is not None
    assert meaning.verdict is Verdict.DUPLICATE


async def test_balances_and_last_price(desk: Desk) -> None:
    await desk.submit(BTC, price=Decimal(90000))
    balance = await desk.exchange.fetch_balance()
    assert Decimal(balance["total"]["USDT"]) == Decimal(1_000_000)
    assert Decimal(balance["used"]["USDT"]) == Decimal(900)
    assert Decimal(balance["total"]["BTC"]) == Decimal(10)
    ticker = await desk.exchange.fetch_ticker(BTC)
    assert Decimal(ticker["last"]) == desk.last(BTC)


async def test_the_streams_come_back_with_the_open_orders_and_no_connection_that_never_stands(
    desk: Desk,
) -> None:
    placed, _ = await desk.submit(BTC)
    await desk.heard("orders", lambda row: row["id"] == placed["id"])
    assert all(each.isConnected for each in desk.exchange.clients.values())
    desk.orders.clear()
    await desk.exchange.close_ws_clients()
    watching = asyncio.create_task(desk.exchange.watch_orders())
    await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "open")
    await watching


@pytest.mark.parametrize(
    ("change", "code"), [({"apiKey": "other"}, "Invalid key"), ({"secret": "b3RoZXI="}, "Invalid signature")]
)
async def test_a_wrong_key_or_signature_is_refused(change: dict[str, str], code: str, desk: Desk) -> None:
    for name, value in change.items():
        setattr(desk.exchange, name, value)
    with pytest.raises(Exception, match=code):
        await desk.submit(BTC)


async def test_a_nonce_is_good_once_and_within_its_window(desk: Desk) -> None:
    now = desk.exchange.milliseconds()
    for nonce, refused in ((now, False), (now - 5_000, False), (now, True), (now - 20_000, True)):
        desk.exchange.incrementing_nonce = lambda nonce=nonce: nonce
        if not refused:
            await desk.exchange.fetch_balance()
            continue
        with pytest.raises(Exception, match="Invalid nonce"):
            await desk.exchange.fetch_balance()


@pytest.mark.parametrize("number", [0, 1, 35, 36, 1_767_225_600_123, 36**16 - 1])
def test_an_order_id_names_its_number(number: int) -> None:
    name = name_of("O", number)
    assert [len(part) for part in name.split("-")] == [6, 5, 6]
    assert number_of(name) == number
