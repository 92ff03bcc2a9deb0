"""The simulated Binance, spoken to by ccxt.pro itself through the translator."""

from decimal import Decimal

import pytest

from fixgate.connectors.ccxt.translator import Verdict
from fixgate.connectors.ccxt.venues.binance import Binance
from fixgate.model.enums import OrderType, PositionSide, Side, TimeInForce
from fixgate.model.execution import ErrorCode, MarginMode, MarketType
from fixgate.simulator.venues.dialect import VenueKey
from tests.ccxt_venues.matrix import a_list
from tests.ccxt_venues.simulated import simulated
from tests.ccxt_venues.stand_in import an_order

TRANSLATOR = Binance()
BALANCES = {"USDT": Decimal(1_000_000), "BTC": Decimal(10)}
KEY = VenueKey(account="binance-001", api_key="simulated-binance", api_secret="secret", balances=BALANCES)
HEDGED = VenueKey(
    account="binance-002",
    api_key="simulated-binance",
    api_secret="secret",
    hedge_mode=True,
    balances=BALANCES,
)
SPOT, SWAP, INVERSE = "BTC/USDT", "BTC/USDT:USDT", "BTC/USD:BTC"


def side_of(symbol):
    return MarketType.SWAP if ":" in symbol else MarketType.SPOT


def desk_of(symbol, key=KEY):
    return simulated("binance", TRANSLATOR, side_of(symbol), key)


@pytest.mark.parametrize(("symbol", "quantity"), [(SPOT, "0.01"), (SWAP, "0.010"), (INVERSE, "10")])
async def test_a_market_order_is_filled_and_heard_of(symbol, quantity):
    async with desk_of(symbol) as desk:
        placed, order = await desk.submit(symbol, order_type=OrderType.MARKET, quantity=Decimal(quantity))
        done = await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "closed")
        trades = await desk.traded(placed["id"], Decimal(quantity))
        assert {done["symbol"], *(trade["symbol"] for trade in trades)} == {symbol}
        assert done["clientOrderId"] == order.client_order_id
        assert Decimal(done["filled"]) == Decimal(quantity)
        state = await desk.query(order)
        assert (state["id"], state["status"], state["symbol"]) == (placed["id"], "closed", symbol)
        listed = await desk.trades_of(placed, order)
        assert [(each["id"], each["price"]) for each in listed] == [
            (each["id"], each["price"]) for each in trades
        ]
        assert all(Decimal(trade["fee"]["cost"]) > 0 for trade in trades)


@pytest.mark.parametrize(("symbol", "quantity"), [(SPOT, "0.01"), (SWAP, "0.01"), (INVERSE, "10")])
async def test_a_limit_order_rests_and_is_canceled(symbol, quantity):
    async with desk_of(symbol) as desk:
        placed, order = await desk.submit(symbol, quantity=Decimal(quantity))
        await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "open")
        listed = await desk.calls(TRANSLATOR.open_orders(side_of(symbol), None))
        assert [(each["id"], each["symbol"]) for each in listed] == [(placed["id"], symbol)]
        await desk.cancel(placed, order)
        gone = await desk.heard(
            "orders", lambda row: row["id"] == placed["id"] and row["status"] == "canceled"
        )
        assert gone["clientOrderId"] == order.client_order_id
        assert (await desk.query(order, venue_order_id=placed["id"]))["status"] == "canceled"
        with pytest.raises(Exception, match="-2011") as caught:
            await desk.cancel(placed, order)
        meaning = TRANSLATOR.meaning_of(caught.value)
        assert meaning is not None
        assert meaning.verdict is Verdict.NOT_FOUND


async def test_a_spot_stop_waits_is_triggered_and_stays_one_order():
    async with desk_of(SPOT) as desk:
        stop = desk.last(SPOT) - 500
        placed, order = await desk.submit(
            SPOT, order_type=OrderType.STOP_LOSS, side=Side.SELL, stop_price=stop
        )
        waiting = await desk.heard("orders", lambda row: row["id"] == placed["id"])
        assert (waiting["status"], Decimal(waiting["triggerPrice"])) == ("open", stop)
        listed = await desk.calls(TRANSLATOR.open_orders(MarketType.SPOT, SPOT))
        assert [each["id"] for each in listed] == [placed["id"]]
        desk.trade_through(SPOT, "SELL", stop - 1)
        await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "closed")
        assert (await desk.query(order))["status"] == "closed"


@pytest.mark.parametrize(("symbol", "quantity"), [(SWAP, "0.01"), (INVERSE, "10")])
async def test_a_futures_stop_is_held_apart_and_its_trigger_makes_another_order(symbol, quantity):
    async with desk_of(symbol) as desk:
        stop = desk.last(symbol) - 500
        placed, order = await desk.submit(
            symbol,
            order_type=OrderType.STOP_LOSS,
            side=Side.SELL,
            stop_price=stop,
            quantity=Decimal(quantity),
        )
        waiting = await desk.heard("orders", lambda row: "aid" in row["info"] and row["id"] == placed["id"])
        assert (waiting["status"], waiting["clientOrderId"]) == ("open", order.client_order_id)
        assert TRANSLATOR.triggered(waiting) == ""
        listed = await desk.calls(TRANSLATOR.open_orders(MarketType.SWAP, symbol))
        assert [each["id"] for each in listed] == [placed["id"]]
        desk.trade_through(symbol, "SELL", stop - 1)
        made = await desk.heard("orders", lambda row: "aid" in row["info"] and TRANSLATOR.triggered(row))
        child = TRANSLATOR.triggered(made)
        done = await desk.heard(
            "orders",
            lambda row: "aid" not in row["info"] and row["id"] == child and row["status"] == "closed",
        )
        assert done["clientOrderId"] == order.client_order_id
        await desk.traded(child, Decimal(quantity))
        told = await desk.query(order, venue_order_id=placed["id"], held=True)
        assert TRANSLATOR.triggered(told) == child


@pytest.mark.parametrize("symbol", [SPOT, SWAP])
async def test_a_stop_that_waits_is_canceled(symbol):
    async with desk_of(symbol) as desk:
        price = desk.last(symbol) + 1000
        placed, order = await desk.submit(
            symbol, order_type=OrderType.TAKE_PROFIT_LIMIT, side=Side.SELL, stop_price=price, price=price
        )
        await desk.cancel(placed, order, held=True)
        await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "canceled")
        with pytest.raises(Exception, match="-2011"):
            await desk.cancel(placed, order, held=True)


async def test_a_trailing_stop_follows_the_price():
    async with desk_of(SWAP) as desk:
        placed, _ = await desk.submit(
            SWAP, order_type=OrderType.TRAILING_STOP, side=Side.SELL, trailing_delta=Decimal(100)
        )
        desk.trade_through(SWAP, "SELL", (desk.last(SWAP) * Decimal("0.985")).quantize(Decimal(1)))
        made = await desk.heard("orders", lambda row: row["id"] == placed["id"] and TRANSLATOR.triggered(row))
        await desk.traded(TRANSLATOR.triggered(made), Decimal("0.01"))


def an_oco(desk, stop):
    market = desk.market(SPOT)
    common = {"side": Side.SELL}
    limit = an_order(market, price=desk.last(SPOT) + 2000, client_order_id="fg8001", **common)
    guard = an_order(
        market, order_type=OrderType.STOP_LOSS, stop_price=stop, client_order_id="fg8002", **common
    )
    return a_list([limit, guard])


async def test_an_oco_of_which_the_stop_is_triggered_ends_its_limit_order():
    async with desk_of(SPOT) as desk:
        stop = desk.last(SPOT) - 500
        orders = an_oco(desk, stop)
        answer = await desk.call(TRANSLATOR.submit_list(orders, desk.market(SPOT), None))
        limit_id, stop_id = TRANSLATOR.list_ids(orders, answer)
        await desk.heard("orders", lambda row: row["id"] == limit_id and row["clientOrderId"] == "fg8001")
        listed = await desk.calls(TRANSLATOR.open_orders(MarketType.SPOT, SPOT))
        assert {each["id"] for each in listed} == {limit_id, stop_id}
        desk.trade_through(SPOT, "SELL", stop - 1)
        done = await desk.heard("orders", lambda row: row["id"] == stop_id and row["status"] == "closed")
        assert done["clientOrderId"] == "fg8002"
        gone = {"canceled", "expired"}
        await desk.heard("orders", lambda row: row["id"] == limit_id and row["status"] in gone)


async def test_a_cancel_of_one_order_of_an_oco_ends_both():
    async with desk_of(SPOT) as desk:
        orders = an_oco(desk, desk.last(SPOT) - 500)
        answer = await desk.call(TRANSLATOR.submit_list(orders, desk.market(SPOT), None))
        ids = TRANSLATOR.list_ids(orders, answer)
        await desk.cancel({"id": ids[0]}, orders.legs[0])
        for each in ids:
            await desk.heard("orders", lambda row, each=each: row["id"] == each and row["status"] != "open")
        assert await desk.calls(TRANSLATOR.open_orders(MarketType.SPOT, None)) == []


@pytest.mark.parametrize("symbol", [SPOT, SWAP])
async def test_an_immediate_order_that_finds_nobody_is_expired(symbol):
    async with desk_of(symbol) as desk:
        placed, _ = await desk.submit(symbol, price=Decimal(90000), time_in_force=TimeInForce.IOC)
        await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "expired")


@pytest.mark.parametrize(("symbol", "code"), [(SPOT, "-2010"), (SWAP, "-5022")])
async def test_a_post_only_order_that_would_take_does_not(symbol, code):
    async with desk_of(symbol) as desk:
        price = desk.last(symbol) + 1000
        with pytest.raises(Exception, match=code):
            await desk.submit(symbol, price=price, attributes={"post_only": True})
        assert desk.trades == []


async def test_positions_leverage_margin_mode_and_profits():
    async with desk_of(SWAP) as desk:
        market = desk.market(SWAP)
        await desk.call(TRANSLATOR.set_leverage(market, Decimal(7)))
        for _ in range(2):
            await desk.call(TRANSLATOR.set_margin_mode(market, MarginMode.ISOLATED, Decimal(7)))
        await desk.submit(SWAP, order_type=OrderType.MARKET, quantity=Decimal("0.05"))
        (position,) = await desk.calls(TRANSLATOR.positions(MarketType.SWAP, None))
        assert (position["symbol"], position["side"]) == (SWAP, "long")
        assert (Decimal(position["contracts"]), Decimal(position["leverage"])) == (Decimal("0.05"), 7)
        assert position["marginMode"] == "isolated"
        state = TRANSLATOR.read_leverage(market, await desk.call(TRANSLATOR.leverage(market)))
        assert (state.leverage, state.margin_mode) == (Decimal(7), MarginMode.ISOLATED)
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


async def test_an_inverse_position_and_its_leverage():
    async with desk_of(INVERSE) as desk:
        market = desk.market(INVERSE)
        await desk.call(TRANSLATOR.set_leverage(market, Decimal(5)))
        state = TRANSLATOR.read_leverage(market, await desk.call(TRANSLATOR.leverage(market)))
        assert (state.leverage, state.margin_mode) == (Decimal(5), MarginMode.CROSS)
        await desk.submit(INVERSE, order_type=OrderType.MARKET, side=Side.SELL, quantity=Decimal(20))
        (position,) = await desk.calls(TRANSLATOR.positions(MarketType.SWAP, INVERSE))
        assert (position["side"], Decimal(position["contracts"])) == ("short", 20)


async def test_the_legs_of_a_hedged_position():
    async with desk_of(SWAP, HEDGED) as desk:
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


async def test_balances_and_last_price():
    async with desk_of(SPOT) as desk:
        spot = await desk.exchange.fetch_balance({"type": "spot"})
        linear = await desk.exchange.fetch_balance({"type": "swap", "subType": "linear"})
        inverse = await desk.exchange.fetch_balance({"type": "swap", "subType": "inverse"})
        for balance, asset in ((spot, "USDT"), (spot, "BTC"), (linear, "USDT"), (inverse, "BTC")):
            assert Decimal(balance["total"][asset]) == BALANCES[asset]
        assert "BTC" not in linear["total"]
        for symbol in (SPOT, SWAP, INVERSE):
            ticker = await desk.exchange.fetch_ticker(symbol)
            assert Decimal(ticker["last"]) == desk.last(symbol)


@pytest.mark.parametrize(
    ("symbol", "quantity", "error"),
    [(SPOT, "80", ErrorCode.INSUFFICIENT_BALANCE), (SWAP, "900", ErrorCode.INSUFFICIENT_MARGIN)],
)
async def test_orders_beyond_the_balance_are_refused(symbol, quantity, error):
    async with desk_of(symbol) as desk:
        with pytest.raises(Exception) as caught:
            await desk.submit(symbol, quantity=Decimal(quantity), price=Decimal(95000))
        meaning = TRANSLATOR.meaning_of(caught.value)
        assert meaning is not None
        assert (meaning.verdict, meaning.error) == (Verdict.REFUSED, error)


@pytest.mark.parametrize("symbol", [SPOT, SWAP])
async def test_a_client_order_id_is_open_once(symbol):
    async with desk_of(symbol) as desk:
        await desk.submit(symbol)
        desk.number -= 1
        with pytest.raises(Exception) as caught:
            await desk.submit(symbol)
        meaning = TRANSLATOR.meaning_of(caught.value)
        assert meaning is not None
        assert meaning.verdict is Verdict.DUPLICATE


@pytest.mark.parametrize(("change", "code"), [({"apiKey": "other"}, "-2015"), ({"secret": "other"}, "-1022")])
async def test_a_wrong_key_or_signature_is_refused(change, code):
    async with desk_of(SWAP) as desk:
        for name, value in change.items():
            setattr(desk.exchange, name, value)
        with pytest.raises(Exception, match=code):
            await desk.submit(SWAP)
