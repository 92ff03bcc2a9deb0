"""The simulated Kraken Futures, spoken to by ccxt.pro itself through the translator."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from fixgate.connectors.ccxt.translator import Verdict
from fixgate.connectors.ccxt.venues.kraken import TRANSLATOR
from fixgate.model.enums import OrderType, Side, TimeInForce
from fixgate.model.execution import MarketType
from fixgate.simulator.venues.dialect import VenueKey
from tests.ccxt_venues.simulated import Desk, simulated

KEY = VenueKey(
    account="kraken-001",
    api_key="simulated-kraken",
    api_secret="a3Jha2VuLXNlY3JldA==",
    balances={"USDT": Decimal(1_000_000), "BTC": Decimal(10)},
)
LINEAR, INVERSE = "BTC/USD:USD", "BTC/USD:BTC"


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with simulated("kraken", TRANSLATOR, MarketType.SWAP, KEY) as opened:
        yield opened


@pytest.mark.parametrize(("symbol", "quantity"), [(LINEAR, "0.01"), (INVERSE, "500")])
async def test_a_market_order_is_filled_and_heard_of(symbol: str, quantity: str, desk: Desk) -> None:
    placed, order = await desk.submit(symbol, order_type=OrderType.MARKET, quantity=Decimal(quantity))
    assert (placed["status"], Decimal(placed["filled"])) == ("closed", Decimal(quantity))
    trades = await desk.traded(placed["id"], Decimal(quantity))
    assert {trade["symbol"] for trade in trades} == {symbol}
    assert {trade["clientOrderId"] for trade in trades} == {order.client_order_id}
    assert all(Decimal(trade["fee"]["cost"]) > 0 for trade in trades)
    assert {trade["fee"]["currency"] for trade in trades} == {"USD" if symbol == LINEAR else "BTC"}
    state = await desk.query(order)
    assert (state["id"], state["status"], Decimal(state["filled"])) == (
        placed["id"],
        "closed",
        Decimal(quantity),
    )
    listed = [each for each in await desk.trades_of(placed, order) if each["order"] == placed["id"]]
    assert {(each["id"], Decimal(each["amount"])) for each in listed} == {
        (each["id"], Decimal(each["amount"])) for each in trades
    }


@pytest.mark.parametrize("symbol", [LINEAR, INVERSE])
async def test_a_limit_order_rests_and_is_canceled_by_either_id(symbol: str, desk: Desk) -> None:
    for by_client_id in (False, True):
        placed, order = await desk.submit(symbol)
        assert (placed["status"], placed["clientOrderId"]) == ("open", order.client_order_id)
        resting = await desk.heard("orders", lambda row, own=placed: row["id"] == own["id"])
        assert (resting["status"], resting["clientOrderId"]) == ("open", order.client_order_id)
        assert (Decimal(resting["amount"]), Decimal(resting["price"])) == (order.quantity, order.price)
        (listed,) = await desk.calls(TRANSLATOR.open_orders(MarketType.SWAP, None))
        assert (listed["id"], Decimal(listed["price"])) == (placed["id"], order.price)
        await desk.cancel({"id": ""} if by_client_id else placed, order)
        ended = await desk.heard(
            "orders", lambda row, own=placed: row["id"] == own["id"] and row["status"] == "canceled"
        )
        assert (ended["symbol"], ended["clientOrderId"]) == (symbol, order.client_order_id)
        assert (await desk.query(order, venue_order_id=placed["id"]))["status"] == "canceled"
    with pytest.raises(Exception, match="notFound") as caught:
        await desk.cancel(placed, order)
    meaning = TRANSLATOR.meaning_of(caught.value)
    assert meaning is not None
    assert meaning.verdict is Verdict.NOT_FOUND


async def test_an_order_that_ended_long_ago_is_found_in_the_history(desk: Desk) -> None:
    placed, order = await desk.submit(LINEAR)
    await desk.cancel(placed, order)
    bought, filled = await desk.submit(LINEAR, order_type=OrderType.MARKET)
    clock = desk.venue.clock
    desk.venue.clock = lambda: clock() + 60_000
    ended = await desk.query(order)
    assert (ended["id"], ended["status"], ended["clientOrderId"]) == (
        placed["id"],
        "canceled",
        order.client_order_id,
    )
    done = await desk.query(filled, venue_order_id=bought["id"])
    assert (done["id"], done["status"], Decimal(done["filled"])) == (bought["id"], "closed", Decimal("0.01"))
    assert Decimal(done["amount"]) == Decimal("0.01")


async def test_a_partly_filled_order_says_how_much_of_it_is(desk: Desk) -> None:
    _, ask = desk.venue.best(desk.venue.of_unified(LINEAR))
    placed, order = await desk.submit(LINEAR, price=ask, quantity=Decimal(20))
    part = await desk.heard("orders", lambda row: row["id"] == placed["id"] and Decimal(row["filled"]) > 0)
    assert (part["status"], Decimal(part["amount"])) == ("open", order.quantity)
    await desk.cancel(placed, order)
    ended = await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "canceled")
    told = sum(Decimal(row["amount"]) for row in desk.trades if row["order"] == placed["id"])
    assert Decimal(ended["filled"]) == told > 0


async def test_a_stop_waits_is_triggered_and_stays_one_order(desk: Desk) -> None:
    symbol = LINEAR
    stop = desk.last(symbol).quantize(Decimal(1)) - 500
    placed, order = await desk.submit(symbol, order_type=OrderType.STOP_LOSS, side=Side.SELL, stop_price=stop)
    assert (placed["status"], Decimal(placed["triggerPrice"])) == ("open", stop)
    waiting = await desk.heard("orders", lambda row: row["id"] == placed["id"])
    assert (waiting["status"], Decimal(waiting["stopLossPrice"])) == ("open", stop)
    (listed,) = await desk.calls(TRANSLATOR.open_orders(MarketType.SWAP, symbol))
    assert (listed["id"], Decimal(listed["stopLossPrice"])) == (placed["id"], stop)
    state = await desk.query(order)
    assert (state["status"], state["type"], Decimal(state["stopLossPrice"])) == ("open", "market", stop)
    desk.trade_through(symbol, "SELL", stop - 1)
    trade = await desk.heard("trades", lambda row: row["order"] == placed["id"])
    assert (trade["side"], trade["clientOrderId"]) == ("sell", order.client_order_id)
    await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "closed")
    assert (await desk.query(order))["status"] == "closed"


async def test_a_take_profit_limit_that_waits_is_canceled(desk: Desk) -> None:
    price = desk.last(LINEAR).quantize(Decimal(1)) + 1000
    placed, order = await desk.submit(
        LINEAR, order_type=OrderType.TAKE_PROFIT_LIMIT, side=Side.SELL, stop_price=price, price=price
    )
    waiting = await desk.heard("orders", lambda row: row["id"] == placed["id"])
    assert (Decimal(waiting["takeProfitPrice"]), Decimal(waiting["price"])) == (price, price)
    await desk.cancel(placed, order, held=True)
    await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "canceled")


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"quantity": Decimal(900)}, "insufficientAvailableFunds"),
        ({"price": Decimal(102000), "time_in_force": TimeInForce.POST_ONLY}, "postWouldExecute"),
        ({"time_in_force": TimeInForce.IOC}, "iocWouldNotExecute"),
        ({"side": Side.SELL, "attributes": {"reduce_only": True}, "price": Decimal(99000)}, "wouldNotReduce"),
    ],
)
async def test_what_the_venue_does_not_take_is_refused_in_its_words(
    changes: dict[str, object], word: str, desk: Desk
) -> None:
    with pytest.raises(Exception, match=word) as caught:
        await desk.submit(LINEAR, **{"price": Decimal(95000)} | changes)
    meaning = TRANSLATOR.meaning_of(caught.value)
    assert meaning is not None
    assert meaning.verdict is Verdict.REFUSED


async def test_a_client_order_id_is_taken_once(desk: Desk) -> None:
    await desk.submit(LINEAR)
    desk.number -= 1
    with pytest.raises(Exception, match="clientOrderIdAlreadyExist") as caught:
        await desk.submit(LINEAR)
    meaning = TRANSLATOR.meaning_of(caught.value)
    assert meaning is not None
    assert meaning.verdict is Verdict.DUPLICATE


async def test_balances_positions_and_last_price(desk: Desk) -> None:
    balance = await desk.exchange.fetch_balance()
    assert Decimal(balance["total"]["USD"]) == Decimal(1_000_000)
    assert Decimal(balance["total"]["BTC"]) == Decimal(10)
    ticker = await desk.exchange.fetch_ticker(LINEAR)
    assert Decimal(ticker["last"]) == desk.last(LINEAR)
    await desk.submit(LINEAR, order_type=OrderType.MARKET, side=Side.SELL)
    (position,) = await desk.exchange.fetch_positions([LINEAR])
    assert (position["side"], Decimal(position["contracts"])) == ("short", Decimal("0.01"))


@pytest.mark.parametrize("change", [{"apiKey": "other"}, {"secret": "b3RoZXI="}])
async def test_a_wrong_key_or_signature_is_refused(change: dict[str, str], desk: Desk) -> None:
    for name, value in change.items():
        setattr(desk.exchange, name, value)
    with pytest.raises(Exception, match="authenticationError"):
        await desk.submit(LINEAR)
