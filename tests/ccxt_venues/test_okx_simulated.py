"""The simulated OKX, spoken to by ccxt.pro itself through the translator."""

from decimal import Decimal

import pytest

from fixgate.connectors.ccxt.translator import Verdict
from fixgate.connectors.ccxt.venues.okx import Okx
from fixgate.model.enums import OrderType, PositionSide, Side, TimeInForce
from fixgate.model.execution import ErrorCode, MarginMode, MarketType
from fixgate.simulator.venues.dialect import VenueKey
from tests.ccxt_venues.matrix import a_list
from tests.ccxt_venues.simulated import simulated
from tests.ccxt_venues.stand_in import a_query, an_order

TRANSLATOR = Okx()
BALANCES = {"USDT": Decimal(1_000_000), "BTC": Decimal(10)}
KEYS = {"api_key": "simulated-okx", "api_secret": "secret", "password": "pass", "balances": BALANCES}
KEY = VenueKey(account="okx-001", **KEYS)
HEDGED = VenueKey(account="okx-002", hedge_mode=True, **KEYS)
SPOT, SWAP, INVERSE = "BTC/USDT", "BTC/USDT:USDT", "BTC/USD:BTC"


def side_of(symbol):
    return MarketType.SWAP if ":" in symbol else MarketType.SPOT


@pytest.fixture
async def desk():
    async with simulated("okx", TRANSLATOR, MarketType.SWAP, KEY) as opened:
        yield opened


@pytest.mark.parametrize(
    ("symbol", "quantity", "contracts"), [(SPOT, "0.01", "0.01"), (SWAP, "0.01", "1"), (INVERSE, "10", "10")]
)
async def test_a_market_order_is_filled_and_heard_of(symbol, quantity, contracts, desk):
    placed, order = await desk.submit(symbol, order_type=OrderType.MARKET, quantity=Decimal(quantity))
    done = await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "closed")
    trades = await desk.traded(placed["id"], Decimal(contracts))
    assert {done["symbol"], *(trade["symbol"] for trade in trades)} == {symbol}
    assert done["clientOrderId"] == order.client_order_id
    assert Decimal(done["filled"]) == Decimal(contracts)
    state = await desk.query(order)
    assert (state["id"], state["status"], state["symbol"]) == (placed["id"], "closed", symbol)
    listed = await desk.trades_of(placed, order)
    assert {(each["id"], each["price"]) for each in listed} == {
        (each["id"], each["price"]) for each in trades
    }
    assert all(Decimal(trade["fee"]["cost"]) > 0 for trade in listed)


@pytest.mark.parametrize(("symbol", "quantity"), [(SPOT, "0.01"), (SWAP, "0.01"), (INVERSE, "10")])
async def test_a_limit_order_rests_and_is_canceled(symbol, quantity, desk):
    placed, order = await desk.submit(symbol, quantity=Decimal(quantity))
    await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "open")
    listed = await desk.calls(TRANSLATOR.open_orders(side_of(symbol), None))
    assert [(each["id"], each["symbol"]) for each in listed] == [(placed["id"], symbol)]
    await desk.cancel(placed, order)
    await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "canceled")
    assert (await desk.query(order, venue_order_id=placed["id"]))["status"] == "canceled"
    with pytest.raises(Exception, match="51400") as caught:
        await desk.cancel(placed, order)
    meaning = TRANSLATOR.meaning_of(caught.value)
    assert meaning is not None
    assert meaning.verdict is Verdict.NOT_FOUND


@pytest.mark.parametrize(
    ("symbol", "quantity", "contracts"), [(SPOT, "0.01", "0.01"), (SWAP, "0.01", "1"), (INVERSE, "10", "10")]
)
async def test_a_stop_is_held_apart_and_its_trigger_makes_another_order(symbol, quantity, contracts, desk):
    stop = desk.last(symbol) - 500
    placed, order = await desk.submit(
        symbol, order_type=OrderType.STOP_LOSS, side=Side.SELL, stop_price=stop, quantity=Decimal(quantity)
    )
    assert TRANSLATOR.waits_apart(order)
    waiting = await desk.heard("orders", lambda row: row["id"] == placed["id"])
    assert (waiting["status"], waiting["clientOrderId"]) == ("open", order.client_order_id)
    assert TRANSLATOR.triggered(waiting) == ""
    listed = await desk.calls(TRANSLATOR.open_orders(side_of(symbol), symbol))
    assert [each["id"] for each in listed] == [placed["id"]]
    desk.trade_through(symbol, "SELL", stop - 1)
    made = await desk.heard("orders", lambda row: row["id"] == placed["id"] and TRANSLATOR.triggered(row))
    child = TRANSLATOR.triggered(made)
    done = await desk.heard("orders", lambda row: row["id"] == child and row["status"] == "closed")
    assert done["clientOrderId"] == order.client_order_id
    assert TRANSLATOR.origin(done) == placed["id"]
    await desk.traded(child, Decimal(contracts))
    found = await desk.query(order, venue_order_id=placed["id"], held=True)
    assert TRANSLATOR.triggered(found) == child
    assert TRANSLATOR.triggered(await desk.query(order, held=True)) == child
    assert (await desk.query(order, venue_order_id=child))["status"] == "closed"


@pytest.mark.parametrize("symbol", [SPOT, SWAP])
async def test_a_stop_that_waits_is_canceled(symbol, desk):
    price = desk.last(symbol) + 1000
    placed, order = await desk.submit(
        symbol, order_type=OrderType.TAKE_PROFIT_LIMIT, side=Side.SELL, stop_price=price, price=price
    )
    with pytest.raises(Exception, match="51400"):
        await desk.cancel(placed, order)
    await desk.cancel(placed, order, held=True)
    gone = await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "canceled")
    assert Decimal(gone["price"]) == price
    with pytest.raises(Exception, match="51400"):
        await desk.cancel(placed, order, held=True)


async def test_a_trailing_stop_follows_the_price(desk):
    placed, _ = await desk.submit(
        SWAP, order_type=OrderType.TRAILING_STOP, side=Side.SELL, trailing_delta=Decimal(100)
    )
    listed = await desk.calls(TRANSLATOR.open_orders(MarketType.SWAP, None))
    assert [each["id"] for each in listed] == [placed["id"]]
    desk.trade_through(SWAP, "SELL", (desk.last(SWAP) * Decimal("0.985")).quantize(Decimal(1)))
    made = await desk.heard("orders", lambda row: row["id"] == placed["id"] and TRANSLATOR.triggered(row))
    await desk.traded(TRANSLATOR.triggered(made), Decimal(1))


async def place_oco(desk, limit_price, stop):
    market = desk.market(SPOT)
    limit = an_order(market, side=Side.SELL, price=limit_price, client_order_id="fg8001")
    guard = an_order(
        market, side=Side.SELL, order_type=OrderType.STOP_LOSS, stop_price=stop, client_order_id="fg8002"
    )
    orders = a_list([limit, guard])
    answer = await desk.call(TRANSLATOR.submit_list(orders, market, None))
    return orders, TRANSLATOR.list_ids(orders, answer)


async def test_an_oco_of_which_the_stop_is_triggered_ends_its_limit_order(desk):
    stop = desk.last(SPOT) - 500
    orders, (limit_id, stop_id) = await place_oco(desk, desk.last(SPOT) + 2000, stop)
    for each, client_id in ((limit_id, "fg8001"), (stop_id, "fg8002")):
        row = await desk.heard("orders", lambda row, each=each: row["id"] == each)
        assert (row["clientOrderId"], row["status"]) == (client_id, "open")
    listed = await desk.calls(TRANSLATOR.open_orders(MarketType.SPOT, SPOT))
    assert {each["id"] for each in listed} == {limit_id, stop_id}
    desk.trade_through(SPOT, "SELL", stop - 1)
    made = await desk.heard("orders", lambda row: row["id"] == stop_id and TRANSLATOR.triggered(row))
    done = await desk.heard(
        "orders", lambda row: row["id"] == TRANSLATOR.triggered(made) and row["status"] == "closed"
    )
    assert (TRANSLATOR.origin(done), done["clientOrderId"]) == (stop_id, "fg8002")
    await desk.heard("orders", lambda row: row["id"] == limit_id and row["status"] == "canceled")
    rows = await desk.call(TRANSLATOR.query(_asked(desk, orders.legs[1]), desk.market(SPOT))[3])
    assert [row["id"] for row in rows if row["clientOrderId"] == "fg8002"] == [stop_id]


def _asked(desk, order):
    return a_query(desk.market(SPOT), client_order_id=order.client_order_id, born_ns=0)


async def test_an_oco_of_which_the_limit_order_trades_ends_its_stop(desk):
    price = desk.last(SPOT) + 200
    _, (limit_id, stop_id) = await place_oco(desk, price, desk.last(SPOT) - 2000)
    desk.trade_through(SPOT, "BUY", price + 1)
    done = await desk.heard(
        "orders", lambda row: TRANSLATOR.origin(row) == limit_id and row["status"] == "closed"
    )
    assert done["clientOrderId"] == "fg8001"
    await desk.traded(done["id"], Decimal("0.01"))
    await desk.heard("orders", lambda row: row["id"] == stop_id and row["status"] == "canceled")


async def test_a_cancel_of_one_order_of_an_oco_ends_both(desk):
    orders, ids = await place_oco(desk, desk.last(SPOT) + 2000, desk.last(SPOT) - 500)
    await desk.cancel({"id": ids[0]}, orders.legs[0])
    for each in ids:
        await desk.heard("orders", lambda row, each=each: row["id"] == each and row["status"] == "canceled")
    assert await desk.calls(TRANSLATOR.open_orders(MarketType.SPOT, None)) == []


async def test_an_immediate_order_that_finds_nobody_is_canceled(desk):
    placed, _ = await desk.submit(SWAP, price=Decimal(90000), time_in_force=TimeInForce.IOC)
    await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "canceled")


async def test_positions_leverage_margin_mode_and_profits(desk):
    market = desk.market(SWAP)
    await desk.call(TRANSLATOR.set_leverage(market, Decimal(7)))
    await desk.call(TRANSLATOR.set_margin_mode(market, MarginMode.CROSS, Decimal(7)))
    await desk.submit(SWAP, order_type=OrderType.MARKET, quantity=Decimal("0.05"))
    (position,) = await desk.calls(TRANSLATOR.positions(MarketType.SWAP, None))
    assert (position["symbol"], position["side"], position["marginMode"]) == (SWAP, "long", "cross")
    assert (Decimal(position["contracts"]), Decimal(position["leverage"])) == (5, 7)
    state = TRANSLATOR.read_leverage(market, await desk.call(TRANSLATOR.leverage(market)))
    assert (state.leverage, state.margin_mode) == (Decimal(7), MarginMode.CROSS)
    await desk.submit(
        SWAP,
        order_type=OrderType.MARKET,
        side=Side.SELL,
        quantity=Decimal("0.05"),
        attributes={"reduce_only": True},
    )
    assert await desk.calls(TRANSLATOR.positions(MarketType.SWAP, SWAP)) == []
    profits = TRANSLATOR.read_realized(await desk.call(TRANSLATOR.realized(market, None, None)))
    assert {(profit.symbol, profit.code) for profit in profits} == {(SWAP, "USDT")}
    assert TRANSLATOR.read_funding(await desk.call(TRANSLATOR.funding(None, None, None))) == []


async def test_the_legs_of_a_hedged_position():
    async with simulated("okx", TRANSLATOR, MarketType.SWAP, HEDGED) as desk:
        for side, leg in ((Side.BUY, PositionSide.LONG), (Side.SELL, PositionSide.SHORT)):
            await desk.submit(SWAP, order_type=OrderType.MARKET, side=side, attributes={"position_side": leg})
        rows = await desk.calls(TRANSLATOR.positions(MarketType.SWAP, SWAP))
        assert {row["side"] for row in rows} == {"long", "short"}
        await desk.submit(
            SWAP,
            order_type=OrderType.MARKET,
            side=Side.SELL,
            attributes={"position_side": PositionSide.LONG, "reduce_only": True},
        )
        rows = await desk.calls(TRANSLATOR.positions(MarketType.SWAP, SWAP))
        assert [row["side"] for row in rows] == ["short"]


async def test_balances_and_last_price(desk):
    balance = await desk.exchange.fetch_balance()
    assert {asset: Decimal(balance["total"][asset]) for asset in BALANCES} == BALANCES
    for symbol in (SPOT, SWAP, INVERSE):
        ticker = await desk.exchange.fetch_ticker(symbol)
        assert Decimal(ticker["last"]) == desk.last(symbol)


@pytest.mark.parametrize(
    ("symbol", "quantity", "error"),
    [(SPOT, "80", ErrorCode.INSUFFICIENT_BALANCE), (SWAP, "900", ErrorCode.INSUFFICIENT_MARGIN)],
)
async def test_orders_beyond_the_balance_are_refused(symbol, quantity, error, desk):
    with pytest.raises(Exception, match="51008") as caught:
        await desk.submit(symbol, quantity=Decimal(quantity), price=Decimal(95000))
    meaning = TRANSLATOR.meaning_of(caught.value)
    assert meaning is not None
    assert (meaning.verdict, meaning.error) == (Verdict.REFUSED, error)


@pytest.mark.parametrize("changes", [{}, {"order_type": OrderType.STOP_LOSS, "stop_price": Decimal(99999)}])
async def test_a_client_order_id_is_open_once(changes, desk):
    await desk.submit(SWAP, **changes)
    desk.number -= 1
    with pytest.raises(Exception, match="510") as caught:
        await desk.submit(SWAP, **changes)
    meaning = TRANSLATOR.meaning_of(caught.value)
    assert meaning is not None
    assert meaning.verdict is Verdict.DUPLICATE


@pytest.mark.parametrize(
    ("change", "code"),
    [({"apiKey": "other"}, "50111"), ({"secret": "other"}, "50113"), ({"password": "other"}, "50105")],
)
async def test_a_wrong_key_signature_or_passphrase_is_refused(change, code, desk):
    for name, value in change.items():
        setattr(desk.exchange, name, value)
    with pytest.raises(Exception, match=code):
        await desk.submit(SWAP)
