"""Bybit: the exact request of every combination that it supports, and what its answers mean."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from fixgate.connectors.ccxt.translator import Verdict
from fixgate.connectors.ccxt.venues.bybit import TRANSLATOR
from fixgate.model.enums import OrderType, OrdRejReason, PositionSide, Side
from fixgate.model.execution import ErrorCode, MarginMode, MarketType
from fixgate.model.refusal import Refused
from tests.ccxt_venues.matrix import (
    Cell,
    Expected,
    allowed,
    call_of,
    orders_of,
    refusal,
    refused,
    sends_exactly,
)
from tests.ccxt_venues.payloads import bybit as payloads
from tests.ccxt_venues.stand_in import (
    Recorded,
    StandIn,
    a_cancel,
    a_query,
    an_order,
    call,
    exchange_for,
    first_of,
    market_of,
)

SYMBOLS = {
    MarketType.SPOT: "BTC/USDT",
    MarketType.SWAP: "BTC/USDT:USDT",
    MarketType.FUTURE: "BTC/USDT:USDT-261225",
}
VENUE_IDS = {
    MarketType.SPOT: "BTCUSDT",
    MarketType.SWAP: "BTCUSDT",
    MarketType.FUTURE: "BTCUSDT-25DEC26",
}
API = payloads.API
CREATE = f"POST {API}/v5/order/create"
REALTIME = f"GET {API}/v5/order/realtime"
HISTORY = f"GET {API}/v5/order/history"
CANCEL = f"POST {API}/v5/order/cancel"
EXECUTIONS = f"GET {API}/v5/execution/list"
POSITIONS = f"GET {API}/v5/position/list"
TRADING_STOP = f"POST {API}/v5/position/trading-stop"
ACCOUNT = f"GET {API}/v5/account/info"

CATEGORIES = {MarketType.SPOT: "spot", MarketType.SWAP: "linear", MarketType.FUTURE: "linear"}
STOPS = {OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT}


@pytest.fixture
async def server() -> AsyncIterator[StandIn]:
    async with StandIn(payloads.MARKETS) as stand_in:
        stand_in.answer(CREATE, payloads.PLACED)
        yield stand_in


async def exchange_of(server: StandIn, market_type: MarketType = MarketType.SWAP) -> Any:
    return await exchange_for(TRANSLATOR, market_type, server)


def parameters_of(cell: Cell) -> dict[str, Any]:
    """Return the body that must reach Bybit for a cell: sell 0.01 at 90000, from 89000."""
    is_limit, waits = cell.order_type.needs_price, cell.order_type.needs_stop_price
    body: dict[str, Any] = {
        "category": CATEGORIES[cell.market_type],
        "symbol": VENUE_IDS[cell.market_type],
        "side": "Sell",
        "orderType": "Limit" if is_limit else "Market",
        "qty": "0.01",
        "orderLinkId": "fg7001",
    }
    if is_limit:
        body["price"] = "90000"
        body["timeInForce"] = "PostOnly" if cell.is_post_only else str(cell.time_in_force)
    elif not cell.market_type.is_perp:
        body["marketUnit"] = "baseCoin"
    if waits:
        body["triggerPrice"] = "89000"
        if cell.market_type.is_perp:
            body["triggerDirection"] = 2 if cell.order_type in STOPS else 1
        else:
            body["orderFilter"] = "StopOrder"
    if cell.reduce_only:
        body["reduceOnly"] = True
    if cell.hedge:
        body["positionIdx"] = 1 if cell.reduce_only else 2
    return body


@pytest.mark.parametrize(
    "cell", [each for each in allowed("bybit") if each.order_type is not OrderType.TRAILING_STOP], ids=str
)
async def test_every_allowed_combination_sends_exactly_its_request(cell: Cell, server: StandIn) -> None:
    expected = Expected(CREATE, parameters_of(cell))
    await sends_exactly(TRANSLATOR, server, cell, SYMBOLS[cell.market_type], expected, noise=(), answers={})


async def test_every_other_combination_is_refused_in_the_tables_words(server: StandIn) -> None:
    exchanges = {kind: await exchange_of(server, kind) for kind in MarketType}
    server.requests.clear()
    for cell in refused("bybit"):
        market = market_of(exchanges[cell.market_type], SYMBOLS[cell.market_type])
        with pytest.raises(Refused) as caught:
            call_of(TRANSLATOR, market, orders_of(cell, market), Decimal(90000))
        assert caught.value.text == refusal("bybit", cell), cell
    assert server.requests == []


# Money hazards


@pytest.mark.parametrize(
    ("order_type", "side", "direction"),
    [
        (OrderType.STOP_LOSS, Side.SELL, 2),
        (OrderType.STOP_LOSS, Side.BUY, 1),
        (OrderType.TAKE_PROFIT, Side.SELL, 1),
        (OrderType.TAKE_PROFIT, Side.BUY, 2),
    ],
)
async def test_a_conditional_order_says_its_direction_and_does_not_become_reduce_only(
    order_type: OrderType, side: Side, direction: int, server: StandIn
) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    order = an_order(market, order_type=order_type, side=side, stop_price=Decimal(89000))
    await call(exchange, TRANSLATOR.submit(order, market, None))
    assert server.requests[0].body["triggerDirection"] == direction
    assert "reduceOnly" not in server.requests[0].body


async def test_a_spot_market_buy_is_of_base_asset_and_carries_no_price(server: StandIn) -> None:
    exchange = await exchange_of(server, MarketType.SPOT)
    market = market_of(exchange, "BTC/USDT")
    order = an_order(market, order_type=OrderType.MARKET)
    assert not TRANSLATOR.needs_last(order)
    await call(exchange, TRANSLATOR.submit(order, market, None))
    body = server.requests[0].body
    assert (body["qty"], body["marketUnit"]) == ("0.01", "baseCoin")
    assert "price" not in body


async def test_inverse_quantities_are_contracts(server: StandIn) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USD:BTC")
    await call(exchange, TRANSLATOR.submit(an_order(market, quantity=Decimal(100)), market, None))
    body = server.requests[0].body
    assert (body["category"], body["symbol"], body["qty"]) == ("inverse", "BTCUSD", "100")


async def test_an_amount_that_ccxt_would_cut_off_is_refused_with_what_fits(server: StandIn) -> None:
    market = market_of(await exchange_of(server), "BTC/USDT:USDT")
    with pytest.raises(Refused) as caught:
        TRANSLATOR.submit(an_order(market, quantity=Decimal("0.0109")), market, None)
    assert "0.010" in caught.value.text
    assert "0.011" in caught.value.text


async def test_a_price_that_ccxt_would_round_is_refused(server: StandIn) -> None:
    market = market_of(await exchange_of(server), "BTC/USDT:USDT")
    with pytest.raises(Refused, match=r"90000\.07"):
        TRANSLATOR.submit(an_order(market, price=Decimal("90000.07")), market, None)


async def test_no_broker_id_leaves(server: StandIn) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    await call(exchange, TRANSLATOR.submit(an_order(market), market, None))
    assert "Referer" not in server.requests[0].headers
    assert "CCXT" not in str(dict(server.requests[0].headers))


async def test_the_first_order_makes_no_other_request(server: StandIn) -> None:
    exchange = await exchange_of(server, MarketType.SPOT)
    market = market_of(exchange, "BTC/USDT")
    await call(exchange, TRANSLATOR.submit(an_order(market), market, None))
    assert [request.route for request in server.requests] == [CREATE]


async def test_closing_one_side_of_a_hedged_position_is_reduce_only(server: StandIn) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    order = an_order(market, side=Side.SELL, attributes={"position_side": PositionSide.LONG})
    await call(exchange, TRANSLATOR.submit(order, market, None))
    assert server.requests[0].body["positionIdx"] == 1
    assert server.requests[0].body["reduceOnly"] is True


async def test_a_streamed_spot_order_is_not_taken_for_a_contract(server: StandIn) -> None:
    exchange = await exchange_of(server, MarketType.SPOT)
    streamed = payloads.order(category="spot", tpslMode="UNKNOWN")
    assert exchange.parse_order(streamed)["symbol"] == "BTC/USDT"
    assert exchange.parse_order(streamed | {"category": "linear"})["symbol"] == "BTC/USDT:USDT"


async def test_an_order_canceled_when_partly_filled_is_not_taken_for_filled(server: StandIn) -> None:
    exchange = await exchange_of(server, MarketType.SPOT)
    ended = payloads.order(category="spot", orderStatus="PartiallyFilledCanceled", cumExecQty="0.004")
    assert exchange.parse_order(ended)["status"] == "canceled"


@pytest.mark.parametrize(
    ("changes", "stop", "profit"),
    [
        ({"triggerPrice": "89000", "triggerDirection": 2}, "89000", None),
        ({"triggerPrice": "91000", "triggerDirection": 1}, None, "91000"),
        ({"triggerPrice": "91000", "triggerDirection": 1, "side": "Buy"}, "91000", None),
        ({"triggerPrice": "89000", "lastPriceOnCreated": "90000", "category": "spot"}, "89000", None),
        ({"triggerPrice": "91000", "lastPriceOnCreated": "90000", "category": "spot"}, None, "91000"),
        ({"triggerPrice": "91000", "category": "spot"}, None, None),
        ({"takeProfit": "95000", "stopLoss": "80000"}, None, None),
        ({"triggerPrice": "89000", "triggerDirection": 2, "stopOrderType": "TrailingStop"}, None, None),
    ],
)
async def test_a_trigger_price_is_told_as_what_it_is(
    changes: dict[str, Any], stop: str | None, profit: str | None, server: StandIn
) -> None:
    exchange = await exchange_of(server)
    order = exchange.parse_order(payloads.order(**{"category": "linear"} | changes))
    assert (order["stopLossPrice"], order["takeProfitPrice"]) == (stop, profit)


# Trailing stops


def a_trailing_stop(market: Any, **changes: Any) -> Any:
    values = {
        "order_type": OrderType.TRAILING_STOP,
        "side": Side.SELL,
        "trailing_delta": Decimal(100),
        "attributes": {"reduce_only": True},
    }
    return an_order(market, **values | changes)


def answer_trailing(server: StandIn, *positions: Any, orders: list[Any] | None = None) -> None:
    server.answer(POSITIONS, payloads.listed(*positions))
    server.answer(TRADING_STOP, payloads.ok({}))
    rows = [payloads.trailing_order()] if orders is None else orders
    server.answer(REALTIME, payloads.listed(*rows))


@pytest.mark.parametrize(
    "cell", [each for each in allowed("bybit") if each.order_type is OrderType.TRAILING_STOP], ids=str
)
async def test_every_trailing_stop_that_is_allowed_sets_exactly_its_positions(
    cell: Cell, server: StandIn
) -> None:
    exchange = await exchange_of(server, cell.market_type)
    market = market_of(exchange, SYMBOLS[cell.market_type])
    where = {"symbol": VENUE_IDS[cell.market_type], "positionIdx": 1 if cell.hedge else 0}
    answer_trailing(server, payloads.position(**where), orders=[payloads.trailing_order(**where)])
    orders = orders_of(cell, market)
    if cell.hedge and not cell.reduce_only:
        with pytest.raises(Refused, match="closes a position"):
            call_of(TRANSLATOR, market, orders, Decimal(90000))
        return
    await call(exchange, call_of(TRANSLATOR, market, orders, Decimal(90000)))
    changing = [request for request in server.requests if request.method == "POST"]
    assert [request.route for request in changing] == [TRADING_STOP]
    stop = {"category": "linear", "tpslMode": "Full", "trailingStop": "900"}
    assert changing[0].body == stop | where


@pytest.mark.parametrize("reduce_only", [True, False])
@pytest.mark.parametrize("begin", [None, Decimal("91000.5")])
async def test_a_trailing_stop_is_attached_to_the_position_and_followed_as_an_order(
    reduce_only: bool, begin: Decimal | None, server: StandIn
) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    answer_trailing(server, payloads.position())
    order = a_trailing_stop(market, attributes={"reduce_only": reduce_only or None}, stop_price=begin)
    assert TRANSLATOR.needs_last(order)
    placed = await call(exchange, TRANSLATOR.submit(order, market, Decimal("90123.4")))
    assert [request.route for request in server.requests] == [POSITIONS, TRADING_STOP, REALTIME]
    expected = {
        "category": "linear",
        "symbol": "BTCUSDT",
        "tpslMode": "Full",
        "trailingStop": "901.2",
        "positionIdx": 0,
    }
    if begin is not None:
        expected["activePrice"] = "91000.5"
    assert server.requests[1].body == expected
    assert placed["id"] == payloads.trailing_order()["orderId"]
    assert placed["clientOrderId"] == "fg7001"
    assert placed["status"] == "open"


async def test_a_trailing_stop_closes_the_leg_of_a_hedged_position(server: StandIn) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    short = payloads.position(positionIdx=2, side="Sell")
    answer_trailing(server, payloads.position(positionIdx=1), short, orders=[])
    server.answer(
        REALTIME, payloads.listed(payloads.trailing_order(side="Buy", positionIdx=2, triggerDirection=1))
    )
    order = a_trailing_stop(market, side=Side.BUY, attributes={"position_side": PositionSide.SHORT})
    placed = await call(exchange, TRANSLATOR.submit(order, market, Decimal(90000)))
    assert server.requests[1].body["positionIdx"] == 2
    assert placed["side"] == "buy"


@pytest.mark.parametrize(
    ("positions", "words"),
    [
        ([], "is of 0; the quantity was 0.01"),
        ([payloads.position(side="", size="0")], "is of 0; the quantity was 0.01"),
        ([payloads.position(side="Sell")], "is of 0; the quantity was 0.01"),
        ([payloads.position(size="0.02")], "is of 0.02; the quantity was 0.01"),
        ([payloads.position(trailingStop="500")], "has a trailing stop already"),
    ],
)
async def test_a_trailing_stop_without_its_position_is_refused_and_nothing_is_set(
    positions: list[Any], words: str, server: StandIn
) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    answer_trailing(server, *positions)
    with pytest.raises(Refused, match=words):
        await call(exchange, TRANSLATOR.submit(a_trailing_stop(market), market, Decimal(90000)))
    assert [request.route for request in server.requests] == [POSITIONS]


async def test_a_trailing_stop_whose_answer_was_lost_is_found_on_the_position(server: StandIn) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    answer_trailing(server, payloads.position())
    server.answer(TRADING_STOP, payloads.refused(10016, "Internal system error"))
    placed = await call(exchange, TRANSLATOR.submit(a_trailing_stop(market), market, Decimal(90000)))
    assert placed["id"] == payloads.trailing_order()["orderId"]


async def test_a_trailing_stop_that_is_not_to_be_seen_has_an_unknown_outcome(server: StandIn) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    answer_trailing(server, payloads.position(), orders=[])
    with pytest.raises(Exception, match="is not listed") as caught:
        await call(exchange, TRANSLATOR.submit(a_trailing_stop(market), market, Decimal(90000)))
    meaning = TRANSLATOR.meaning_of(caught.value)
    assert meaning is not None
    assert meaning.verdict is Verdict.UNKNOWN


async def test_a_trailing_stop_that_was_set_is_never_refused_for_a_list_that_failed(
    server: StandIn,
) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    answer_trailing(server, payloads.position())
    server.answer(REALTIME, payloads.refused(10006, "Too many visits!"))
    with pytest.raises(Exception, match="is not listed") as caught:
        await call(exchange, TRANSLATOR.submit(a_trailing_stop(market), market, Decimal(90000)))
    meaning = TRANSLATOR.meaning_of(caught.value)
    assert meaning is not None
    assert meaning.verdict is Verdict.UNKNOWN


async def test_a_trailing_stop_that_the_venue_refuses_is_refused(server: StandIn) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    answer_trailing(server, payloads.position())
    server.answer(TRADING_STOP, payloads.refused(10001, "TrailingProfit too small"))
    with pytest.raises(Exception, match="TrailingProfit too small"):
        await call(exchange, TRANSLATOR.submit(a_trailing_stop(market), market, Decimal(90000)))
    assert [request.route for request in server.requests] == [POSITIONS, TRADING_STOP]


async def test_a_trailing_stop_needs_the_last_price(server: StandIn) -> None:
    market = market_of(await exchange_of(server), "BTC/USDT:USDT")
    with pytest.raises(Refused, match="last price of BTC/USDT:USDT is not known"):
        TRANSLATOR.submit(a_trailing_stop(market), market, None)


async def test_a_trailing_stop_that_would_add_to_its_leg_is_refused(server: StandIn) -> None:
    market = market_of(await exchange_of(server), "BTC/USDT:USDT")
    order = a_trailing_stop(market, attributes={"position_side": PositionSide.SHORT})
    with pytest.raises(Refused, match="closes a position"):
        TRANSLATOR.submit(order, market, Decimal(90000))


async def test_the_question_about_a_lost_trailing_stop_ends_at_the_position(server: StandIn) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    lost = a_query(market, side=Side.SELL, held=True, quantity=Decimal("0.010"))

    def orders(request: Recorded) -> Any:
        old = payloads.trailing_order(orderId="old", createdTime="1767225590000")
        other = payloads.trailing_order(orderId="other", qty="0.02")
        rows = [] if "orderLinkId" in request.query else [old, other, payloads.trailing_order()]
        return payloads.listed(*rows)

    server.answer(REALTIME, orders)
    server.answer(HISTORY, payloads.listed())
    answers = await first_of(exchange, TRANSLATOR.query(lost, market))
    assert answers[:3] == [[], [], []]
    assert [order["id"] for order in answers[3]] == [payloads.trailing_order()["orderId"]]


async def test_no_other_order_is_taken_for_a_trailing_stop(server: StandIn) -> None:
    market = market_of(await exchange_of(server), "BTC/USDT:USDT")
    for changes in ({"price": Decimal(90000)}, {"held": False}, {"venue_order_id": "x"}):
        values = {"side": Side.SELL, "held": True} | changes
        methods = [each.method for each in TRANSLATOR.query(a_query(market, **values), market)]
        assert methods == ["fetch_open_orders", "fetch_open_orders", "fetch_canceled_and_closed_orders"]


# Orders that are there


@pytest.mark.parametrize(
    ("changes", "name"), [({}, {"orderLinkId": "fg7001"}), ({"venue_order_id": "9a"}, {"orderId": "9a"})]
)
async def test_a_contracts_cancel_names_the_order_by_either_id(
    changes: dict[str, Any], name: dict[str, str], server: StandIn
) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    server.answer(CANCEL, payloads.PLACED)
    await call(exchange, TRANSLATOR.cancel(a_cancel(market, **changes), market))
    assert [request.body for request in server.requests] == [
        {"category": "linear", "symbol": "BTCUSDT", **name}
    ]


async def test_a_spot_cancel_looks_in_both_drawers(server: StandIn) -> None:
    exchange = await exchange_of(server, MarketType.SPOT)
    market = market_of(exchange, "BTC/USDT")

    def answer(request: Recorded) -> Any:
        stop = request.body["orderFilter"] == "StopOrder"
        return payloads.PLACED if stop else payloads.refused(170213, "Order does not exist.")

    server.answer(CANCEL, answer)
    await call(exchange, TRANSLATOR.cancel(a_cancel(market), market))
    assert [request.body["orderFilter"] for request in server.requests] == ["Order", "StopOrder"]
    assert {request.body["orderLinkId"] for request in server.requests} == {"fg7001"}


async def test_a_spot_cancel_that_failed_otherwise_is_not_sent_twice(server: StandIn) -> None:
    exchange = await exchange_of(server, MarketType.SPOT)
    market = market_of(exchange, "BTC/USDT")
    server.answer(CANCEL, payloads.refused(10016, "Internal System Error."))
    with pytest.raises(Exception, match="10016"):
        await call(exchange, TRANSLATOR.cancel(a_cancel(market), market))
    assert len(server.requests) == 1


async def test_a_trailing_stop_that_is_no_order_to_the_venue_is_taken_from_its_position(
    server: StandIn,
) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    server.answer(CANCEL, payloads.refused(110001, "order not exists or too late to cancel"))
    answer_trailing(server, orders=[payloads.trailing_order(positionIdx=1)])
    request = a_cancel(market, venue_order_id=payloads.trailing_order()["orderId"], held=True)
    await call(exchange, TRANSLATOR.cancel(request, market))
    assert [each.route for each in server.requests] == [CANCEL, REALTIME, TRADING_STOP]
    assert server.requests[2].body == {
        "category": "linear",
        "symbol": "BTCUSDT",
        "tpslMode": "Full",
        "trailingStop": "0",
        "positionIdx": 1,
    }


@pytest.mark.parametrize(
    ("code", "orders", "asked"),
    [
        (110001, [payloads.order()], [CANCEL, REALTIME]),
        (110001, [], [CANCEL, REALTIME]),
        (110001, [payloads.trailing_order(orderStatus="Deactivated")], [CANCEL, REALTIME]),
        (10016, [payloads.trailing_order()], [CANCEL]),
    ],
)
async def test_a_cancel_touches_no_position_but_for_its_own_trailing_stop(
    code: int, orders: list[Any], asked: list[str], server: StandIn
) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    server.answer(CANCEL, payloads.refused(code, "no"))
    answer_trailing(server, orders=orders)
    with pytest.raises(Exception, match=str(code)):
        await call(exchange, TRANSLATOR.cancel(a_cancel(market, venue_order_id="9a"), market))
    assert [each.route for each in server.requests] == asked


@pytest.mark.parametrize(
    ("changes", "name"), [({}, {"orderLinkId": "fg7001"}), ({"venue_order_id": "9a"}, {"orderId": "9a"})]
)
async def test_an_order_is_looked_for_open_conditional_and_finished(
    changes: dict[str, Any], name: dict[str, str], server: StandIn
) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    server.answer(REALTIME, payloads.listed(payloads.order()))
    server.answer(HISTORY, payloads.listed(payloads.order(orderStatus="Filled", cumExecQty="0.01")))
    answers = await first_of(exchange, TRANSLATOR.query(a_query(market, **changes), market))
    where = {"category": "linear", "symbol": "BTCUSDT", **name}
    assert [(request.route, request.query) for request in server.requests] == [
        (REALTIME, where),
        (REALTIME, where | {"orderFilter": "StopOrder"}),
        (HISTORY, where),
    ]
    assert [answer[0]["status"] for answer in answers] == ["open", "open", "closed"]
    assert answers[0][0]["clientOrderId"] == "fg7001"


async def test_an_orders_trades_are_listed_page_by_page(server: StandIn) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")

    def page(request: Recorded) -> Any:
        first = "cursor" not in request.query
        rows = [_execution(number if first else 100) for number in range(100 if first else 1)]
        return payloads.listed(*rows, cursor="next" if first else "")

    server.answer(EXECUTIONS, page)
    trades = await call(exchange, TRANSLATOR.trades(a_query(market, venue_order_id="9a"), market))
    assert [request.query for request in server.requests] == [
        {"category": "linear", "symbol": "BTCUSDT", "orderId": "9a", "execType": "Trade", "limit": "100"},
        {
            "category": "linear",
            "symbol": "BTCUSDT",
            "orderId": "9a",
            "execType": "Trade",
            "limit": "100",
            "cursor": "next",
        },
    ]
    assert len(trades) == 101
    assert (trades[0]["price"], trades[0]["amount"], trades[0]["fee"]["cost"]) == ("90000", "0.0001", "0.005")


def _execution(number: int) -> dict[str, Any]:
    return {
        "symbol": "BTCUSDT",
        "orderId": "9a",
        "orderLinkId": "fg7001",
        "side": "Sell",
        "execId": str(number),
        "execPrice": "90000",
        "execQty": "0.0001",
        "execValue": "9",
        "execFee": "0.005",
        "feeRate": "0.00055",
        "execTime": "1767225600200",
        "execType": "Trade",
        "isMaker": False,
        "createType": "CreateByUser",
    }


async def test_open_orders_of_perps_are_of_every_settling_coin_and_each_once(server: StandIn) -> None:
    exchange = await exchange_of(server)

    def orders(request: Recorded) -> Any:
        if request.query.get("settleCoin") == "USDT":
            future = payloads.order(symbol="BTCUSDT-25DEC26", orderId="dated")
            filled = payloads.order(orderId="filled", orderStatus="Filled")
            return payloads.listed(payloads.order(), future, filled)
        if request.query["category"] == "inverse":
            return payloads.listed(payloads.order(symbol="BTCUSD", orderId="inverse"), category="inverse")
        return payloads.listed()

    server.answer(REALTIME, orders)
    calls = TRANSLATOR.open_orders(MarketType.SWAP, None)
    found = [order for each in calls for order in await call(exchange, each)]
    assert {(order["id"], order["symbol"]) for order in found} == {
        (payloads.ORDER_ID, "BTC/USDT:USDT"),
        ("inverse", "BTC/USD:BTC"),
    }
    assert len(found) == 2
    wheres = ({"category": "linear", "settleCoin": "USDT"}, {"category": "linear", "settleCoin": "USDC"})
    drawers = ({"limit": "50"}, {"limit": "50", "orderFilter": "StopOrder"})
    assert [request.query for request in server.requests] == [
        where | drawer for where in (*wheres, {"category": "inverse"}) for drawer in drawers
    ]
    dated = [
        order
        for each in TRANSLATOR.open_orders(MarketType.FUTURE, None)
        for order in await call(exchange, each)
    ]
    assert [order["id"] for order in dated] == ["dated"]


async def test_open_orders_of_one_spot_symbol(server: StandIn) -> None:
    exchange = await exchange_of(server, MarketType.SPOT)
    server.answer(REALTIME, payloads.listed(payloads.order(), category="spot"))
    (request,) = TRANSLATOR.open_orders(MarketType.SPOT, "BTC/USDT")
    assert [order["symbol"] for order in await call(exchange, request)] == ["BTC/USDT"]
    assert server.requests[0].query == {"category": "spot", "symbol": "BTCUSDT", "limit": "50"}


# Perps


async def test_leverage_comes_with_the_accounts_margin_mode_and_the_position(server: StandIn) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    server.answer(ACCOUNT, payloads.ok({"marginMode": "ISOLATED_MARGIN", "unifiedMarginStatus": 6}))
    server.answer(POSITIONS, payloads.listed(payloads.position()))
    state = TRANSLATOR.read_leverage(market, await call(exchange, TRANSLATOR.leverage(market)))
    assert (state.leverage, state.margin_mode) == (Decimal(10), MarginMode.ISOLATED)
    assert (state.position_side, state.position_size) == ("long", Decimal("0.01"))
    assert (state.notional, state.unrealized_pnl) == (Decimal(900), Decimal(5))


async def test_leverage_without_a_position(server: StandIn) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    server.answer(ACCOUNT, payloads.ok({"marginMode": "REGULAR_MARGIN"}))
    server.answer(POSITIONS, payloads.listed(payloads.position(size="0", side="", positionValue="")))
    state = TRANSLATOR.read_leverage(market, await call(exchange, TRANSLATOR.leverage(market)))
    assert (state.leverage, state.margin_mode) == (Decimal(10), MarginMode.CROSS)
    assert (state.position_side, state.position_size) == (None, Decimal(0))


async def test_leverage_is_set_for_both_sides_and_again_is_done(server: StandIn) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    route = f"POST {API}/v5/position/set-leverage"
    server.answer(route, payloads.refused(110043, "Set leverage not modified"))
    with pytest.raises(Exception, match="110043") as caught:
        await call(exchange, TRANSLATOR.set_leverage(market, Decimal("12.5")))
    assert server.requests[0].body == {
        "category": "linear",
        "symbol": "BTCUSDT",
        "buyLeverage": "12.5",
        "sellLeverage": "12.5",
    }
    meaning = TRANSLATOR.meaning_of(caught.value)
    assert meaning is not None
    assert meaning.verdict is Verdict.DONE


async def test_margin_mode_is_set_for_the_account(server: StandIn) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    server.answer(f"POST {API}/v5/account/set-margin-mode", payloads.ok({"reasons": []}))
    await call(exchange, TRANSLATOR.set_margin_mode(market, MarginMode.ISOLATED, None))
    await call(exchange, TRANSLATOR.set_margin_mode(market, MarginMode.CROSS, Decimal(10)))
    assert [request.body for request in server.requests] == [
        {"setMarginMode": "ISOLATED_MARGIN"},
        {"setMarginMode": "REGULAR_MARGIN"},
    ]


async def test_positions_are_those_that_are_open_with_the_accounts_margin_mode(server: StandIn) -> None:
    exchange = await exchange_of(server)

    def positions(request: Recorded) -> Any:
        if request.query.get("settleCoin") != "USDT":
            return payloads.listed()
        return payloads.listed(payloads.position(), payloads.position(size="0", side="", positionIdx=2))

    server.answer(POSITIONS, positions)
    server.answer(ACCOUNT, payloads.ok({"marginMode": "REGULAR_MARGIN"}))
    (request,) = TRANSLATOR.positions(MarketType.SWAP, None)
    (found,) = await call(exchange, request)
    assert (found["symbol"], found["side"], found["contracts"]) == ("BTC/USDT:USDT", "long", "0.01")
    assert (found["marginMode"], found["leverage"], found["markPrice"]) == ("cross", "10", "90500")
    assert [each.query for each in server.requests[:3]] == [
        {"category": "linear", "settleCoin": "USDT", "limit": "200"},
        {"category": "linear", "settleCoin": "USDC", "limit": "200"},
        {"category": "inverse", "limit": "200"},
    ]


async def test_funding_that_was_paid_is_below_zero(server: StandIn) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    server.answer(EXECUTIONS, payloads.listed(payloads.FUNDING))
    request = TRANSLATOR.funding(market, None, 10)
    (entry,) = TRANSLATOR.read_funding(await call(exchange, request))
    assert server.requests[0].query == {
        "category": "linear",
        "symbol": "BTCUSDT",
        "execType": "Funding",
        "limit": "10",
    }
    assert (entry.amount, entry.code, entry.symbol) == (Decimal("-0.15"), "USDT", "BTC/USDT:USDT")
    assert (entry.id, entry.at_ms) == (payloads.FUNDING["execId"], 1767225600000)
    assert entry.info == payloads.FUNDING


async def test_funding_since_is_asked_for_in_windows_of_seven_days(server: StandIn) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    week, now = 7 * 86_400_000, 1_767_225_600_000
    exchange.milliseconds = lambda: now
    server.answer(EXECUTIONS, payloads.listed())
    await call(exchange, TRANSLATOR.funding(market, now - week - 1000, None))
    spans = [(int(each.query["startTime"]), int(each.query["endTime"])) for each in server.requests]
    assert spans == [(now - week - 1000, now - 1001), (now - 1000, now)]


async def test_funding_since_long_ago_is_not_asked_for_for_ever(server: StandIn) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    server.answer(EXECUTIONS, payloads.listed())
    await call(exchange, TRANSLATOR.funding(market, 0, None))
    assert len(server.requests) == 27


async def test_an_open_order_of_a_market_that_is_new_is_not_lost(server: StandIn) -> None:
    exchange = await exchange_of(server)
    server.answer(REALTIME, payloads.listed(payloads.order(symbol="NEWUSDT")))
    (request,) = TRANSLATOR.open_orders(MarketType.SWAP, None)
    assert [order["id"] for order in await call(exchange, request)] == [payloads.ORDER_ID]


async def test_realized_profits_of_all_symbols(server: StandIn) -> None:
    exchange = await exchange_of(server)
    inverse = payloads.CLOSED_PNL | {
        "symbol": "BTCUSD",
        "closedPnl": "-0.001",
        "updatedTime": "1767225599000",
    }

    def rows(request: Recorded) -> Any:
        return payloads.listed(payloads.CLOSED_PNL if request.query["category"] == "linear" else inverse)

    server.answer(f"GET {API}/v5/position/closed-pnl", rows)
    entries = TRANSLATOR.read_realized(await call(exchange, TRANSLATOR.realized(None, None, None)))
    assert [(entry.symbol, entry.amount, entry.code) for entry in entries] == [
        ("BTC/USD:BTC", Decimal("-0.001"), "BTC"),
        ("BTC/USDT:USDT", Decimal("12.5"), "USDT"),
    ]


# Errors


@pytest.mark.parametrize(
    ("code", "verdict", "error", "reason"),
    [
        (110007, Verdict.REFUSED, ErrorCode.INSUFFICIENT_MARGIN, OrdRejReason.EXCEEDS_LIMIT),
        (170131, Verdict.REFUSED, ErrorCode.INSUFFICIENT_BALANCE, OrdRejReason.EXCEEDS_LIMIT),
        (110001, Verdict.NOT_FOUND, ErrorCode.ORDER_NOT_FOUND, OrdRejReason.UNKNOWN_ORDER),
        (170213, Verdict.NOT_FOUND, ErrorCode.ORDER_NOT_FOUND, OrdRejReason.UNKNOWN_ORDER),
        (110072, Verdict.DUPLICATE, ErrorCode.CONFLICT, OrdRejReason.DUPLICATE_ORDER),
        (10006, Verdict.LIMITED, ErrorCode.NETWORK_ERROR, OrdRejReason.BROKER),
        (10016, Verdict.UNKNOWN, ErrorCode.NETWORK_ERROR, OrdRejReason.BROKER),
        (170007, Verdict.UNKNOWN, ErrorCode.NETWORK_ERROR, OrdRejReason.BROKER),
        (110094, Verdict.REFUSED, ErrorCode.EXCHANGE_ERROR, OrdRejReason.INCORRECT_QUANTITY),
        (10003, Verdict.REFUSED, ErrorCode.EXCHANGE_ERROR, OrdRejReason.UNKNOWN_ACCOUNT),
        (110043, Verdict.DONE, ErrorCode.EXCHANGE_ERROR, OrdRejReason.BROKER),
    ],
)
async def test_an_error_means_what_its_code_says(
    code: int, verdict: Verdict, error: ErrorCode, reason: OrdRejReason, server: StandIn
) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    server.answer(CREATE, payloads.refused(code, "says no"))
    with pytest.raises(Exception, match=str(code)) as caught:
        await call(exchange, TRANSLATOR.submit(an_order(market), market, None))
    assert TRANSLATOR.code_of(caught.value) == str(code)
    assert TRANSLATOR.meaning_of(caught.value) == (verdict, error, reason)


async def test_an_error_that_is_not_the_venues_has_no_code(server: StandIn) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    server.answer(CREATE, "<html>502 Bad Gateway</html>", 502)
    with pytest.raises(Exception, match="502") as caught:
        await call(exchange, TRANSLATOR.submit(an_order(market), market, None))
    assert TRANSLATOR.code_of(caught.value) == ""
    assert TRANSLATOR.meaning_of(caught.value) is None
