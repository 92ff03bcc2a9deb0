"""Kraken Futures: what reaches the venue for every order and question, and what its answers mean."""

from decimal import Decimal

import pytest

from fixgate.connectors.ccxt.translator import Verdict
from fixgate.connectors.ccxt.venues.kraken import Kraken
from fixgate.connectors.ccxt.venues.krakenfutures import fold
from fixgate.model.enums import OrderType, PositionSide, TimeInForce
from fixgate.model.execution import ErrorCode, MarketType
from fixgate.model.refusal import Refused
from tests.ccxt_venues.matrix import Cell, Expected, allowed, is_refused, refused, sends_exactly
from tests.ccxt_venues.payloads.krakenfutures import API, MARKETS
from tests.ccxt_venues.stand_in import StandIn, a_cancel, a_query, an_order, call, exchange_for, market_of

TRANSLATOR = Kraken()
SYMBOLS = {MarketType.SWAP: "BTC/USD:USD", MarketType.FUTURE: "BTC/USD:USD-270326"}
IDS = {MarketType.SWAP: "PF_XBTUSD", MarketType.FUTURE: "FF_XBTUSD_270326"}

SEND, CANCEL = f"POST {API}/sendorder", f"POST {API}/cancelorder"
STATUS, OPEN, FILLS = (f"GET {API}/{name}" for name in ("orders/status", "openorders", "fills"))
HISTORY = "GET futures.kraken.com/api/history/v2"

PERP_CELLS = [cell for cell in allowed("kraken") if cell.market_type.is_perp]

ORDERS = {
    OrderType.MARKET: {"orderType": "mkt"},
    OrderType.LIMIT: {"orderType": "lmt", "limitPrice": "90000"},
    OrderType.STOP_LOSS: {"orderType": "stp", "stopPrice": "89000", "triggerSignal": "last"},
    OrderType.STOP_LOSS_LIMIT: {
        "orderType": "stp",
        "stopPrice": "89000",
        "triggerSignal": "last",
        "limitPrice": "90000",
    },
    OrderType.TAKE_PROFIT: {"orderType": "take_profit", "stopPrice": "89000", "triggerSignal": "last"},
    OrderType.TAKE_PROFIT_LIMIT: {
        "orderType": "take_profit",
        "stopPrice": "89000",
        "triggerSignal": "last",
        "limitPrice": "90000",
    },
}
IMMEDIATE = {TimeInForce.IOC: "ioc", TimeInForce.FOK: "fok"}


def placed(**order: object) -> dict[str, object]:
    """Return `sendStatus` of an order that was put on the book."""
    known = {
        "orderId": "0ddba11",
        "cliOrdId": "fg7001",
        "type": "lmt",
        "symbol": "PF_XBTUSD",
        "side": "sell",
        "quantity": 0.01,
        "filled": 0,
        "limitPrice": 90000,
        "reduceOnly": False,
        "timestamp": "2026-01-01T00:00:00.000Z",
        "lastUpdateTimestamp": "2026-01-01T00:00:00.000Z",
    }
    event = {"type": "PLACE", "order": known | order, "reducedQuantity": None}
    return sent("placed", event)


def sent(status: str, *events: object) -> dict[str, object]:
    return {
        "result": "success",
        "sendStatus": {
            "order_id": "0ddba11",
            "status": status,
            "receivedTime": "2026-01-01T00:00:00.000Z",
            "orderEvents": list(events),
        },
        "serverTime": "2026-01-01T00:00:00.000Z",
    }


def execution(amount: float, **order: object) -> dict[str, object]:
    """Return the event of a trade that a new order made at once."""
    prior = {
        "orderId": "0ddba11",
        "cliOrdId": "fg7001",
        "type": "ioc",
        "symbol": "PF_XBTUSD",
        "side": "buy",
        "quantity": 0.01,
        "filled": 0,
        "limitPrice": 91000,
        "reduceOnly": False,
        "timestamp": "2026-01-01T00:00:00.000Z",
        "lastUpdateTimestamp": "2026-01-01T00:00:00.000Z",
    }
    return {
        "type": "EXECUTION",
        "executionId": "e1",
        "price": 90100,
        "amount": amount,
        "orderPriorEdit": None,
        "orderPriorExecution": prior | order,
        "takerReducedQuantity": None,
    }


def expected(cell: Cell, symbol: str, size: str) -> Expected:
    made = {"symbol": symbol, "side": "sell", "size": size, "cliOrdId": "fg7001"} | ORDERS[cell.order_type]
    if cell.is_post_only:
        made["orderType"] = "post"
    elif cell.time_in_force in IMMEDIATE:
        made["orderType"] = IMMEDIATE[cell.time_in_force]
    if cell.reduce_only:
        made["reduceOnly"] = "true"
    return Expected(SEND, made)


@pytest.fixture
async def server():
    async with StandIn(MARKETS) as server:
        yield server


@pytest.fixture
async def exchange(server):
    return await exchange_for(TRANSLATOR, MarketType.SWAP, server)


@pytest.fixture
def market(exchange):
    return market_of(exchange, "BTC/USD:USD")


@pytest.mark.parametrize("cell", PERP_CELLS, ids=str)
async def test_every_allowed_order_sends_exactly_this_request(cell, server):
    await sends_exactly(
        TRANSLATOR,
        server,
        cell,
        SYMBOLS[cell.market_type],
        expected(cell, IDS[cell.market_type], "0.01"),
        noise=(),
        answers={SEND: placed()},
    )


@pytest.mark.parametrize(
    "cell", [each for each in PERP_CELLS if each.market_type is MarketType.SWAP], ids=str
)
async def test_every_allowed_order_on_an_inverse_swap_counts_contracts(cell, server):
    await sends_exactly(
        TRANSLATOR,
        server,
        cell,
        "BTC/USD:BTC",
        expected(cell, "PI_XBTUSD", "100"),
        noise=(),
        answers={SEND: placed(symbol="PI_XBTUSD", quantity=100)},
        quantity=Decimal(100),
    )


async def test_every_other_cell_is_refused_in_the_documents_words_and_nothing_is_sent(server, exchange):
    markets = {kind: market_of(exchange, symbol) for kind, symbol in SYMBOLS.items()}
    cells = [cell for cell in refused("kraken") if cell.market_type.is_perp]
    for cell in cells:
        is_refused(TRANSLATOR, cell, markets[cell.market_type])
    assert len(cells) > 400
    assert server.requests == []


# The hazards of ccxt


async def test_immediate_or_cancel_never_rests_for_being_in_upper_case(server, exchange, market):
    server.answer(SEND, placed())
    await call(exchange, TRANSLATOR.submit(an_order(market, time_in_force=TimeInForce.IOC), market, None))
    assert server.requests[0].query["orderType"] == "ioc"
    await exchange.create_order(market.symbol, "limit", "buy", "0.01", "90000", {"timeInForce": "IOC"})
    assert server.requests[1].query["orderType"] == "lmt", "the hazard is gone: the case does not matter"


@pytest.mark.parametrize("order_type", list(ORDERS))
async def test_a_stop_is_reduce_only_just_where_it_was_asked_for(server, exchange, market, order_type):
    server.answer(SEND, placed())
    order = an_order(market, order_type=order_type, stop_price=Decimal(89000))
    await call(exchange, TRANSLATOR.submit(order, market, None))
    assert "reduceOnly" not in server.requests[0].query


async def test_an_off_step_size_is_refused_and_not_cut_off(market):
    with pytest.raises(Refused, match=r"0\.0100 or 0\.0101"):
        TRANSLATOR.submit(an_order(market, quantity=Decimal("0.01009")), market, None)


async def test_contracts_of_an_inverse_swap_are_whole(exchange):
    market = market_of(exchange, "BTC/USD:BTC")
    with pytest.raises(Refused, match="100 or 101"):
        TRANSLATOR.submit(an_order(market, quantity=Decimal("100.9")), market, None)


async def test_one_side_of_a_position_is_refused(market):
    order = an_order(market, attributes={"position_side": PositionSide.LONG})
    with pytest.raises(Refused, match="Kraken does not support hedge_mode on perp"):
        TRANSLATOR.submit(order, market, None)


@pytest.mark.parametrize(
    ("status", "verdict"), [("wouldCauseLiquidation", Verdict.REFUSED), ("somethingNew", Verdict.UNKNOWN)]
)
async def test_a_send_status_that_ccxt_does_not_know_is_no_order_without_an_id(
    server, exchange, market, status, verdict
):
    server.answer(SEND, sent(status))
    with pytest.raises(Exception, match=f"failed due to {status}") as raised:
        await call(exchange, TRANSLATOR.submit(an_order(market), market, None))
    assert TRANSLATOR.code_of(raised.value) == status
    assert TRANSLATOR.meaning_of(raised.value).verdict is verdict


# Answers to a new order


async def test_a_resting_order_is_open_with_its_ids(server, exchange, market):
    server.answer(SEND, placed())
    order = await call(exchange, TRANSLATOR.submit(an_order(market), market, None))
    assert (order["id"], order["clientOrderId"], order["status"]) == ("0ddba11", "fg7001", "open")


@pytest.mark.parametrize(
    ("amounts", "status", "filled"),
    [((0.01,), "closed", Decimal("0.01")), ((0.004,), "canceled", Decimal("0.004"))],
)
async def test_what_an_immediate_order_does_not_trade_is_gone(
    server, exchange, market, amounts, status, filled
):
    server.answer(SEND, sent("placed", *(execution(amount) for amount in amounts)))
    order = an_order(market, order_type=OrderType.MARKET)
    answer = await call(exchange, TRANSLATOR.submit(order, market, None))
    assert (answer["status"], Decimal(answer["filled"])) == (status, filled)
    assert Decimal(answer["average"]) == 90100
    (trade,) = answer["trades"]
    assert (trade["id"], trade["amount"], trade["fee"]["cost"]) == ("e1", str(amounts[0]), None)


# Orders that are there


async def test_a_cancel_goes_by_the_venues_id_else_by_the_client_order_id(server, exchange, market):
    server.answer(
        CANCEL, {"result": "success", "cancelStatus": {"status": "cancelled", "order_id": "0ddba11"}}
    )
    await call(exchange, TRANSLATOR.cancel(a_cancel(market, venue_order_id="0ddba11"), market))
    await call(exchange, TRANSLATOR.cancel(a_cancel(market), market))
    assert [request.parameters() for request in server.requests] == [
        {"order_id": "0ddba11"},
        {"cliOrdId": "fg7001"},
    ]


@pytest.mark.parametrize("status", ["notFound", "filled"])
@pytest.mark.parametrize("known", ["0ddba11", ""])
async def test_a_cancel_that_comes_too_late_is_not_found(server, exchange, market, status, known):
    server.answer(CANCEL, {"result": "success", "cancelStatus": {"status": status}})
    with pytest.raises(Exception, match=status) as raised:
        await call(exchange, TRANSLATOR.cancel(a_cancel(market, venue_order_id=known), market))
    assert TRANSLATOR.meaning_of(raised.value).verdict is Verdict.NOT_FOUND


AN_ORDER = {
    "order": {
        "type": "ORDER",
        "orderId": "0ddba11",
        "cliOrdId": "fg7001",
        "symbol": "PF_XBTUSD",
        "side": "buy",
        "quantity": "0.01",
        "filled": "0.004",
        "limitPrice": "90000",
        "reduceOnly": False,
        "timestamp": "2026-01-01T00:00:00.000Z",
        "lastUpdateTimestamp": "2026-01-01T00:00:01.000Z",
    },
    "status": "PARTIALLY_FILLED",
    "updateReason": None,
    "error": None,
}


@pytest.mark.parametrize(
    ("known", "asked"), [("0ddba11", {"orderIds": "0ddba11"}), ("", {"cliOrdIds": "fg7001"})]
)
async def test_order_status_is_asked_first(server, exchange, market, known, asked):
    server.answer(STATUS, {"result": "success", "orders": [AN_ORDER]})
    first, *_ = TRANSLATOR.query(a_query(market, venue_order_id=known), market)
    answer = await call(exchange, first)
    order = answer[0] if isinstance(answer, list) else answer
    assert server.requests[0].parameters() == asked
    assert (order["id"], order["clientOrderId"], order["status"]) == ("0ddba11", "fg7001", "open")
    assert (order["amount"], order["filled"]) == ("0.01", "0.004")


@pytest.mark.parametrize(
    ("side", "trigger_side", "name"),
    [
        ("buy", "TRIGGER_ABOVE", "stopLossPrice"),
        ("buy", "TRIGGER_BELOW", "takeProfitPrice"),
        ("sell", "TRIGGER_ABOVE", "takeProfitPrice"),
        ("sell", "TRIGGER_BELOW", "stopLossPrice"),
    ],
)
async def test_order_status_tells_which_kind_of_stop_an_order_is(exchange, side, trigger_side, name):
    waits = {"priceTriggerOptions": {"triggerPrice": "89000", "triggerSide": trigger_side}, "side": side}
    told = AN_ORDER | {
        "status": "TRIGGER_PLACED",
        "order": AN_ORDER["order"] | waits | {"limitPrice": "88900"},
    }
    order = exchange.parse_order(told)
    assert (order[name], order["price"], order["type"]) == ("89000", "88900", "limit")


async def test_open_orders_tell_which_kind_of_stop_an_order_is(server, exchange, market):
    common = {
        "symbol": "PF_XBTUSD",
        "side": "sell",
        "unfilledSize": 0.01,
        "filledSize": 0,
        "receivedTime": "2026-01-01T00:00:00.000Z",
        "lastUpdateTime": "2026-01-01T00:00:00.000Z",
        "status": "untouched",
        "reduceOnly": False,
    }
    rows = [
        common | {"order_id": "a", "cliOrdId": "fg1", "orderType": "lmt", "limitPrice": 90000},
        common | {"order_id": "b", "cliOrdId": "fg2", "orderType": "stop", "stopPrice": 89000},
        common | {"order_id": "c", "orderType": "take_profit", "stopPrice": 95000, "limitPrice": 94900},
    ]
    server.answer(OPEN, {"result": "success", "openOrders": rows})
    (only,) = TRANSLATOR.open_orders(MarketType.SWAP, market.symbol)
    orders = {each["id"]: each for each in await call(exchange, only)}
    told = {
        name: tuple(each[field] for field in ("clientOrderId", "price", "stopLossPrice", "takeProfitPrice"))
        for name, each in orders.items()
    }
    assert told == {
        "a": ("fg1", "90000", None, None),
        "b": ("fg2", None, "89000", None),
        "c": (None, "94900", None, "95000"),
    }
    assert {each["amount"] for each in orders.values()} == {"0.01"}


def element(at_ms: int, name: str, uid: str = "0ddba11", **order: object) -> dict[str, object]:
    where = "newOrder" if name in ("OrderUpdated", "OrderEdited") else "order"
    known = {
        "uid": uid,
        "tradeable": "PF_XBTUSD",
        "direction": "Buy",
        "quantity": "0.01",
        "filled": "0",
        "timestamp": str(at_ms),
        "limitPrice": "90000",
        "orderType": "Limit",
        "clientId": "fg7001",
        "reduceOnly": False,
        "lastUpdateTimestamp": str(at_ms),
    }
    return {"uid": f"{name}-{at_ms}", "timestamp": str(at_ms), "event": {name: {where: known | order}}}


async def test_the_history_is_folded_into_an_orders_last_state(server, exchange, market):
    events = [
        element(3, "OrderCancelled", quantity="0.006", filled="0.004"),
        element(2, "OrderUpdated", quantity="0.006", filled="0.004"),
        element(1, "OrderPlaced"),
        element(1, "OrderPlaced", uid="another", clientId="fg9"),
    ]
    server.answer(f"{HISTORY}/orders", {"elements": events})
    server.answer(f"{HISTORY}/triggers", {"elements": []})
    *_, last = TRANSLATOR.query(a_query(market), market)
    (order,) = await call(exchange, last)
    assert [request.parameters() for request in server.requests] == [
        {"tradeable": "PF_XBTUSD", "since": "1767225540000"}
    ] * 2
    assert (order["id"], order["status"], order["amount"], order["filled"]) == (
        "0ddba11",
        "canceled",
        "0.010",
        "0.004",
    )


@pytest.mark.parametrize(
    ("events", "status"),
    [
        ([element(1, "OrderPlaced")], "open"),
        ([element(1, "OrderPlaced", quantity="0", filled="0.01")], "closed"),
        ([element(1, "OrderPlaced"), element(1, "OrderUpdated", quantity="0", filled="0.01")], "closed"),
        ([element(1, "OrderRejected"), element(1, "OrderPlaced")], "rejected"),
        ([element(1, "OrderTriggerPlaced"), element(2, "OrderTriggerCancelled")], "canceled"),
        ([element(1, "OrderTriggerPlaced"), element(2, "OrderTriggerActivated")], "open"),
        ([element(2, "OrderEdited"), element(1, "OrderPlaced")], "open"),
    ],
)
def test_an_order_that_was_placed_is_neither_canceled_nor_closed_for_that(events, status):
    assert [state.status for state in fold(events)] == [status]


@pytest.mark.parametrize(("symbol", "venue_id"), [("BTC/USD:USD", "PF_XBTUSD"), ("BTC/USD:BTC", "PI_XBTUSD")])
async def test_a_fill_has_its_amount_and_no_fee_of_ccxts_reckoning(server, exchange, symbol, venue_id):
    market = market_of(exchange, symbol)
    fill = {
        "fillTime": "2026-01-01T00:00:01.000Z",
        "order_id": "0ddba11",
        "fill_id": "f1",
        "cliOrdId": "fg7001",
        "symbol": venue_id,
        "side": "buy",
        "size": 5,
        "price": 90000,
        "fillType": "takerAfterEdit",
    }
    server.answer(FILLS, {"result": "success", "fills": [fill]})
    (trade,) = await call(exchange, TRANSLATOR.trades(a_query(market), market))
    assert server.requests[0].parameters() == {}
    assert (trade["id"], trade["order"], trade["amount"], trade["price"]) == ("f1", "0ddba11", "5", "90000")
    assert (trade["takerOrMaker"], trade["fee"], trade["symbol"]) == ("taker", None, symbol)


# Errors


@pytest.mark.parametrize(
    ("status", "verdict", "error"),
    [
        ("insufficientAvailableFunds", Verdict.REFUSED, ErrorCode.INSUFFICIENT_MARGIN),
        ("postWouldExecute", Verdict.REFUSED, ErrorCode.EXCHANGE_ERROR),
        ("iocWouldNotExecute", Verdict.REFUSED, ErrorCode.EXCHANGE_ERROR),
        ("clientOrderIdAlreadyExist", Verdict.DUPLICATE, ErrorCode.CONFLICT),
    ],
)
async def test_a_send_status_means(server, exchange, market, status, verdict, error):
    server.answer(SEND, sent(status))
    with pytest.raises(Exception, match=status) as raised:
        await call(exchange, TRANSLATOR.submit(an_order(market), market, None))
    meaning = TRANSLATOR.meaning_of(raised.value)
    assert (meaning.verdict, meaning.error) == (verdict, error)


@pytest.mark.parametrize(
    ("status", "body", "code", "verdict"),
    [
        (200, {"result": "error", "error": "apiLimitExceeded"}, "apiLimitExceeded", Verdict.LIMITED),
        (200, {"result": "error", "error": "authenticationError"}, "authenticationError", Verdict.REFUSED),
        (200, {"result": "error", "error": "Server Error"}, "Server Error", Verdict.UNKNOWN),
        (200, {"result": "error", "error": "invalidArgument: size"}, "invalidArgument", Verdict.REFUSED),
        (
            500,
            {"errors": [{"code": 92, "message": "INSUFFICIENT_MARGIN"}]},
            "INSUFFICIENT_MARGIN",
            Verdict.REFUSED,
        ),
    ],
)
async def test_an_error_of_the_venue_means(server, exchange, market, status, body, code, verdict):
    server.answer(SEND, body, status)
    with pytest.raises(Exception, match="krakenfutures") as raised:
        await call(exchange, TRANSLATOR.submit(an_order(market), market, None))
    assert TRANSLATOR.code_of(raised.value) == code
    meaning = TRANSLATOR.meaning_of(raised.value)
    assert (meaning and meaning.verdict) == verdict
