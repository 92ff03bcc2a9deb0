"""OKX: what reaches the venue for every order, question and setting, and what its records and errors mean."""

from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio
from msgspec.structs import replace

from fixgate.connectors.ccxt.translator import Verdict
from fixgate.connectors.ccxt.venues.okx import Okx
from fixgate.connectors.ccxt.venues.okx_records import joined, split
from fixgate.model.enums import OrderType, OrdRejReason, PositionSide, Side
from fixgate.model.execution import ErrorCode, MarginMode, MarketType
from fixgate.model.refusal import Refused
from tests.ccxt_venues.matrix import (
    PRICE,
    STOP,
    Cell,
    Expected,
    a_list,
    allowed,
    is_refused,
    orders_of,
    refused,
    sends_exactly,
)
from tests.ccxt_venues.payloads.okx import MARKETS
from tests.ccxt_venues.stand_in import StandIn, a_cancel, a_query, an_order, call, exchange_for, market_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

TRANSLATOR = Okx()
SYMBOLS = {
    MarketType.SPOT: "BTC/USDT",
    MarketType.SWAP: "BTC/USDT:USDT",
    MarketType.FUTURE: "BTC/USDT:USDT-260925",
}
IDS = {MarketType.SPOT: "BTC-USDT", MarketType.SWAP: "BTC-USDT-SWAP", MarketType.FUTURE: "BTC-USDT-260925"}

HOST = "www.okx.com/api/v5"
ORDER, ALGO = f"POST {HOST}/trade/order", f"POST {HOST}/trade/order-algo"
GET_ORDER, GET_ALGO = f"GET {HOST}/trade/order", f"GET {HOST}/trade/order-algo"
OPEN, OPEN_ALGO = f"GET {HOST}/trade/orders-pending", f"GET {HOST}/trade/orders-algo-pending"
ALGO_HISTORY = f"GET {HOST}/trade/orders-algo-history"
LEVERAGE = f"POST {HOST}/account/set-leverage"


def ok(*data: dict[str, Any]) -> dict[str, Any]:
    return {"code": "0", "msg": "", "data": list(data)}


ACCEPTED = {
    ORDER: ok({"clOrdId": "fg7001", "ordId": "312269865356374016", "tag": "", "sCode": "0", "sMsg": ""}),
    ALGO: ok(
        {"algoClOrdId": "fg7001", "algoId": "1836487817828872192", "clOrdId": "", "sCode": "0", "sMsg": ""}
    ),
}

SPOT_BASE = {"instId": "BTC-USDT", "side": "sell", "sz": "0.01", "tdMode": "cash"}
PLAIN = {
    OrderType.MARKET: {"ordType": "market"},
    OrderType.LIMIT: {"ordType": "limit", "px": "90000"},
}
CONDITIONAL = {
    OrderType.STOP_LOSS: {"slTriggerPx": "89000", "slOrdPx": "-1", "slTriggerPxType": "last"},
    OrderType.STOP_LOSS_LIMIT: {"slTriggerPx": "89000", "slOrdPx": "90000", "slTriggerPxType": "last"},
    OrderType.TAKE_PROFIT: {"tpTriggerPx": "89000", "tpOrdPx": "-1", "tpTriggerPxType": "last"},
    OrderType.TAKE_PROFIT_LIMIT: {"tpTriggerPx": "89000", "tpOrdPx": "90000", "tpTriggerPxType": "last"},
}
OCO = SPOT_BASE | {
    "ordType": "oco",
    "tpTriggerPx": "90000",
    "tpOrdPx": "90000",
    "tpTriggerPxType": "last",
    "slTriggerPx": "89000",
    "slOrdPx": "-1",
    "slTriggerPxType": "last",
    "algoClOrdId": "fg7001x1",
}


def expected(cell: Cell, instrument: str = "", size: str = "1") -> Expected:
    if cell.order_type is OrderType.OCO:
        return Expected(ALGO, OCO)
    if cell.market_type.is_perp:
        made = {"instId": instrument or IDS[cell.market_type], "side": "sell", "sz": size, "tdMode": "cross"}
    else:
        made = dict(SPOT_BASE)
    if cell.order_type in PLAIN:
        route = ORDER
        made |= PLAIN[cell.order_type] | {"clOrdId": "fg7001"}
        if not cell.market_type.is_perp:
            made["tgtCcy"] = "base_ccy"
    else:
        route = ALGO
        made |= {"ordType": "conditional", "algoClOrdId": "fg7001"} | CONDITIONAL.get(cell.order_type, {})
    if cell.order_type is OrderType.TRAILING_STOP:
        made |= {"ordType": "move_order_stop", "callbackRatio": "0.01"}
    if cell.order_type is OrderType.LIMIT:
        names = {"GTC": "limit", "IOC": "ioc", "FOK": "fok", "POST_ONLY": "post_only"}
        made["ordType"] = "post_only" if cell.is_post_only else names[cell.time_in_force]
    if cell.hedge:
        made["posSide"] = "long" if cell.reduce_only else "short"
    elif cell.reduce_only:
        made["reduceOnly"] = True
    return Expected(route, made)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def venue():
    async with StandIn(MARKETS) as server:
        yield server, await exchange_for(TRANSLATOR, MarketType.SPOT, server)


@pytest.fixture
def server(venue):
    venue[0].reset()
    return venue[0]


@pytest.fixture
def exchange(venue):
    return venue[1]


@pytest.mark.parametrize("cell", allowed("okx"), ids=str)
async def test_every_allowed_order_sends_exactly_this_request(cell, server, exchange):
    await sends_exactly(
        TRANSLATOR,
        server,
        cell,
        SYMBOLS[cell.market_type],
        expected(cell),
        noise=(),
        answers=ACCEPTED,
        exchange=exchange,
    )


@pytest.mark.parametrize(
    "cell", [cell for cell in allowed("okx") if cell.market_type is MarketType.SWAP], ids=str
)
async def test_every_allowed_order_on_an_inverse_swap_counts_contracts(cell, server, exchange):
    await sends_exactly(
        TRANSLATOR,
        server,
        cell,
        "BTC/USD:BTC",
        expected(cell, "BTC-USD-SWAP", "10"),
        noise=(),
        answers=ACCEPTED,
        exchange=exchange,
        quantity=Decimal(10),
    )


async def test_every_other_cell_is_refused_in_the_documents_words_and_nothing_is_sent(server, exchange):
    markets = {kind: market_of(exchange, symbol) for kind, symbol in SYMBOLS.items()}
    for cell in refused("okx"):
        is_refused(TRANSLATOR, cell, markets[cell.market_type])
    assert len(refused("okx")) > 600
    assert server.requests == []


# The hazards of ccxt


@pytest.mark.parametrize(
    ("symbol", "quantity", "contracts"),
    [("BTC/USDT:USDT", "0.01", "1"), ("BTC/USDT:USDT", "0.1234", "12.34"), ("ETH/USDT:USDT", "0.5", "5")],
)
async def test_base_asset_becomes_contracts_exactly(exchange, symbol, quantity, contracts):
    market = market_of(exchange, symbol)
    order = an_order(market, quantity=Decimal(quantity), price=Decimal(90000))
    assert TRANSLATOR.submit(order, market, None).args[3] == contracts


async def test_a_quantity_that_is_no_whole_number_of_lots_is_refused_in_base_asset(server, exchange):
    market = market_of(exchange, "BTC/USDT:USDT")
    with pytest.raises(Refused) as refusal:
        TRANSLATOR.submit(an_order(market, quantity=Decimal("0.01005")), market, None)
    assert refusal.value.reason is OrdRejReason.INCORRECT_QUANTITY
    assert "0.0100 or 0.0101" in refusal.value.text
    assert server.requests == []


@pytest.mark.parametrize("order_type", [OrderType.LIMIT, OrderType.STOP_LOSS, OrderType.TAKE_PROFIT_LIMIT])
async def test_no_broker_id_and_no_tag_leave(server, exchange, order_type):
    market = market_of(exchange, "BTC/USDT")
    order = an_order(market, order_type=order_type, stop_price=STOP)
    for route, body in ACCEPTED.items():
        server.answer(route, body)
    await call(exchange, TRANSLATOR.submit(order, market, None))
    body = server.requests[0].body
    assert "tag" not in body
    assert {body.get("clOrdId"), body.get("algoClOrdId")} == {"fg7001", None}


async def test_a_conditional_order_is_signed_as_it_is_sent(server, exchange):
    """The request path is part of what is signed."""
    signed: list[str] = []
    hmac = exchange.hmac
    exchange.hmac = lambda text, *rest: signed.append(text.decode()) or hmac(text, *rest)
    try:
        market = market_of(exchange, "BTC/USDT")
        server.answer(ALGO, ACCEPTED[ALGO])
        order = an_order(market, order_type=OrderType.STOP_LOSS, stop_price=STOP)
        await call(exchange, TRANSLATOR.submit(order, market, None))
    finally:
        exchange.hmac = hmac
    assert 'POST/api/v5/trade/order-algo{"instId"' in signed[0]


async def test_a_spot_stop_does_not_become_a_margin_order(server, exchange):
    market = market_of(exchange, "BTC/USDT")
    server.answer(ALGO, ACCEPTED[ALGO])
    for side in Side:
        order = an_order(market, order_type=OrderType.STOP_LOSS, stop_price=STOP, side=side)
        await call(exchange, TRANSLATOR.submit(order, market, None))
    assert [request.body["tdMode"] for request in server.requests] == ["cash", "cash"]


async def test_an_order_against_its_position_side_closes_it_and_says_no_reduce_only(server, exchange):
    market = market_of(exchange, "BTC/USDT:USDT")
    attributes = {"position_side": PositionSide.SHORT, "reduce_only": True}
    server.answer(ORDER, ACCEPTED[ORDER])
    order = an_order(market, side=Side.BUY, attributes=attributes)
    await call(exchange, TRANSLATOR.submit(order, market, None))
    body = server.requests[0].body
    assert (body["side"], body["posSide"], body.get("reduceOnly")) == ("buy", "short", None)


async def test_a_stop_in_hedge_mode_keeps_the_position_side_that_was_asked_for(server, exchange):
    """ccxt takes every stop for one that closes."""
    market = market_of(exchange, "BTC/USDT:USDT")
    server.answer(ALGO, ACCEPTED[ALGO])
    order = an_order(
        market,
        order_type=OrderType.STOP_LOSS,
        stop_price=STOP,
        side=Side.SELL,
        attributes={"position_side": PositionSide.SHORT},
    )
    await call(exchange, TRANSLATOR.submit(order, market, None))
    assert server.requests[0].body["posSide"] == "short"


async def test_the_margin_mode_of_the_market_goes_with_every_order(server, exchange):
    market = replace(market_of(exchange, "BTC/USDT:USDT"), margin_mode=MarginMode.ISOLATED)
    for route, body in ACCEPTED.items():
        server.answer(route, body)
    for order_type in (OrderType.LIMIT, OrderType.STOP_LOSS):
        order = an_order(market, order_type=order_type, stop_price=STOP)
        await call(exchange, TRANSLATOR.submit(order, market, None))
    assert [request.body["tdMode"] for request in server.requests] == ["isolated", "isolated"]


@pytest.mark.parametrize(("basis_points", "ratio"), [(10, "0.001"), (100, "0.01"), (250, "0.025")])
async def test_a_trailing_delta_is_a_ratio(server, exchange, basis_points, ratio):
    market = market_of(exchange, "BTC/USDT:USDT")
    order = an_order(
        market,
        order_type=OrderType.TRAILING_STOP,
        trailing_delta=Decimal(basis_points),
        stop_price=Decimal(95000),
    )
    server.answer(ALGO, ACCEPTED[ALGO])
    await call(exchange, TRANSLATOR.submit(order, market, None))
    assert server.requests[0].body["callbackRatio"] == ratio
    assert server.requests[0].body["activePx"] == "95000"


# OCO: one order at the venue, two here


def an_oco(market: Any) -> Any:
    cell = next(cell for cell in allowed("okx") if cell.order_type is OrderType.OCO)
    return a_list(orders_of(cell, market))


OCO_RECORD = {
    "instType": "SPOT",
    "instId": "BTC-USDT",
    "ordType": "oco",
    "algoId": "1836487817828872192",
    "algoClOrdId": "fg7001x1",
    "ordId": "",
    "ordIdList": [],
    "state": "live",
    "side": "sell",
    "sz": "0.01",
    "tpTriggerPx": "90000",
    "tpOrdPx": "90000",
    "slTriggerPx": "89000",
    "slOrdPx": "-1",
    "actualSide": "",
    "cTime": "1767225600000",
    "uTime": "1767225600000",
}


async def test_both_orders_of_an_oco_have_ids_of_their_own(server, exchange):
    market = market_of(exchange, "BTC/USDT")
    server.answer(ALGO, ACCEPTED[ALGO])
    answer = await call(exchange, TRANSLATOR.submit_list(an_oco(market), market, None))
    ids = TRANSLATOR.list_ids(an_oco(market), answer)
    assert ids == ["1836487817828872192-limit", "1836487817828872192-stop"]


async def test_an_oco_is_listed_as_its_two_orders(server, exchange):
    server.answer(OPEN_ALGO, ok(OCO_RECORD))
    rows = await exchange.fetch_open_orders("BTC/USDT", None, None, {"ordType": "oco"})
    assert [(row["id"], row["clientOrderId"], row["status"]) for row in rows] == [
        ("1836487817828872192-limit", "fg7001", "open"),
        ("1836487817828872192-stop", "fg7002", "open"),
    ]
    assert [(row["price"], row["triggerPrice"]) for row in rows] == [("90000", None), (None, "89000")]
    assert [TRANSLATOR.triggered(row) for row in rows] == ["", ""]


@pytest.mark.parametrize(
    ("acted", "states", "made"),
    [("tp", ["closed", "canceled"], ["4711", ""]), ("sl", ["canceled", "closed"], ["", "4711"])],
)
async def test_the_order_of_an_oco_that_is_triggered_ends_the_other(server, exchange, acted, states, made):
    record = OCO_RECORD | {"state": "effective", "actualSide": acted, "ordId": "4711", "ordIdList": ["4711"]}
    server.answer(GET_ALGO, ok(record))
    market = market_of(exchange, "BTC/USDT")
    query = a_query(market, venue_order_id="1836487817828872192-stop", held=True)
    rows = await call(exchange, TRANSLATOR.query(query, market)[0])
    assert server.requests[0].query == {"algoId": "1836487817828872192"}
    assert [row["status"] for row in rows] == states
    assert [TRANSLATOR.triggered(row) for row in rows] == made


@pytest.mark.parametrize(
    ("kind", "origin", "client_id"),
    [
        ("limit", "1836487817828872192-limit", "fg7001"),
        ("market", "1836487817828872192-stop", "fg7002"),
    ],
)
async def test_the_order_that_an_oco_made_belongs_to_one_of_its_two(
    server, exchange, kind, origin, client_id
):
    child = {
        "instType": "SPOT",
        "instId": "BTC-USDT",
        "ordType": kind,
        "ordId": "4711",
        "clOrdId": "",
        "algoId": "1836487817828872192",
        "algoClOrdId": "fg7001x1",
        "state": "live",
        "side": "sell",
        "sz": "0.01",
        "px": "90000" if kind == "limit" else "",
    }
    row = exchange.parse_orders([child])[0]
    assert (row["id"], row["clientOrderId"]) == ("4711", client_id)
    assert TRANSLATOR.origin(row) == origin
    assert TRANSLATOR.triggered(row) is None


async def test_an_order_of_an_oco_is_found_by_its_client_order_id_in_the_lists(server, exchange):
    market = market_of(exchange, "BTC/USDT")
    for route in (GET_ORDER, GET_ALGO, OPEN_ALGO, ALGO_HISTORY):
        server.answer(route, ok())
    server.answer(OPEN_ALGO, ok(OCO_RECORD))
    found = []
    for each in TRANSLATOR.query(a_query(market, client_order_id="fg7002"), market)[2:]:
        found += [row for row in await call(exchange, each) if row["clientOrderId"] == "fg7002"]
    assert [row["id"] for row in found] == ["1836487817828872192-stop"]
    assert [request.query.get("state") for request in server.requests] == [None, "effective", "canceled"]


async def test_a_cancel_of_either_order_cancels_the_oco(server, exchange):
    market = market_of(exchange, "BTC/USDT")
    route = f"POST {HOST}/trade/cancel-algos"
    server.answer(route, ok({"algoId": "1836487817828872192", "sCode": "0", "sMsg": ""}))
    for leg in ("limit", "stop"):
        request = a_cancel(market, venue_order_id=f"1836487817828872192-{leg}")
        await call(exchange, TRANSLATOR.cancel(request, market))
        assert server.requests[-1].route == route
        assert server.requests[-1].body == [{"algoId": "1836487817828872192", "instId": "BTC-USDT"}]


@pytest.mark.parametrize(("first", "second"), [("fg7001", "fg7002"), ("fg1795747317442", "fg1795747317441")])
async def test_the_client_id_of_an_oco_is_both_orders(first, second):
    assert split(joined(first, second)) == {"limit": first, "stop": second}
    assert joined(first, second).isalnum()
    assert len(joined(first, second)) <= 32
    assert split(first) == {}


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"stop_price": PRICE}, "the limit price of a sell oco must be above its stop price"),
        ({"order_type": OrderType.STOP_LOSS_LIMIT}, "the second order of an OKX oco is a stop_loss"),
    ],
)
async def test_an_oco_that_the_venue_has_not_is_refused(exchange, changes, text):
    market = market_of(exchange, "BTC/USDT")
    stop = {"order_type": OrderType.STOP_LOSS, "stop_price": STOP, "side": Side.SELL} | changes
    with pytest.raises(Refused, match=text):
        TRANSLATOR.submit_list(
            a_list([an_order(market, side=Side.SELL), an_order(market, **stop)]), market, None
        )


# Orders that are there

CANCELS = [
    ("BTC/USDT", {"venue_order_id": "11"}, "cancel-order", {"instId": "BTC-USDT", "ordId": "11"}),
    ("BTC/USDT", {}, "cancel-order", {"instId": "BTC-USDT", "clOrdId": "fg7001"}),
    (
        "BTC/USDT",
        {"venue_order_id": "13", "held": True},
        "cancel-algos",
        [{"algoId": "13", "instId": "BTC-USDT"}],
    ),
    (
        "BTC/USDT:USDT",
        {"held": True},
        "cancel-algos",
        [{"algoClOrdId": "fg7001", "instId": "BTC-USDT-SWAP"}],
    ),
]


@pytest.mark.parametrize(("symbol", "names", "path", "body"), CANCELS)
async def test_a_cancel_names_the_order_where_it_is(server, exchange, symbol, names, path, body):
    market = market_of(exchange, symbol)
    server.answer(f"POST {HOST}/trade/{path}", ok({"ordId": "11", "sCode": "0", "sMsg": ""}))
    await call(exchange, TRANSLATOR.cancel(a_cancel(market, **names), market))
    [request] = server.requests
    assert request.route == f"POST {HOST}/trade/{path}"
    assert request.body == body


SWAP = {"instId": "BTC-USDT-SWAP"}
QUERIES = [
    ({"venue_order_id": "12"}, [(GET_ORDER, SWAP | {"ordId": "12"})]),
    (
        {"venue_order_id": "13", "held": True},
        [(GET_ALGO, {"algoId": "13"}), (GET_ORDER, SWAP | {"clOrdId": "fg7001"})],
    ),
    ({}, [(GET_ORDER, SWAP | {"clOrdId": "fg7001"}), (GET_ALGO, {"algoClOrdId": "fg7001"})]),
    ({"held": True}, [(GET_ALGO, {"algoClOrdId": "fg7001"}), (GET_ORDER, SWAP | {"clOrdId": "fg7001"})]),
]


@pytest.mark.parametrize(("names", "wanted"), QUERIES)
async def test_a_question_looks_in_both_services_and_never_for_an_id_of_the_other(
    server, exchange, names, wanted
):
    market = market_of(exchange, "BTC/USDT:USDT")
    record = {"instId": "BTC-USDT-SWAP", "ordType": "limit", "ordId": "12", "state": "live", "side": "buy"}
    for route in (GET_ORDER, GET_ALGO):
        server.answer(route, ok(record))
    for each in TRANSLATOR.query(a_query(market, **names), market):
        await call(exchange, each)
    assert [(request.route, request.query) for request in server.requests] == wanted


async def test_the_order_that_a_trigger_made_has_an_id_of_its_own(server, exchange):
    """ccxt gives it the id of the conditional order, and both are one to it."""
    market = market_of(exchange, "BTC/USDT:USDT")
    child = {
        "instType": "SWAP",
        "instId": "BTC-USDT-SWAP",
        "ordType": "market",
        "ordId": "4711",
        "clOrdId": "",
        "algoId": "13",
        "algoClOrdId": "fg7001",
        "state": "filled",
        "side": "sell",
        "sz": "1",
        "accFillSz": "1",
        "avgPx": "88990",
    }
    server.answer(GET_ORDER, ok(child))
    query = TRANSLATOR.query(a_query(market, venue_order_id="4711"), market)[0]
    row = await call(exchange, query)
    assert (row["id"], row["clientOrderId"], row["status"]) == ("4711", "fg7001", "closed")
    assert TRANSLATOR.origin(row) == "13"


async def test_a_conditional_order_says_what_became_of_it(exchange):
    algo = {
        "instType": "SWAP",
        "instId": "BTC-USDT-SWAP",
        "ordType": "conditional",
        "algoId": "13",
        "algoClOrdId": "fg7001",
        "ordId": "",
        "ordIdList": [],
        "side": "sell",
        "sz": "1",
        "slTriggerPx": "89000",
        "slOrdPx": "88900",
        "tpTriggerPx": "",
        "tpOrdPx": "",
    }
    [waiting] = exchange.parse_orders([algo | {"state": "live"}])
    assert (waiting["id"], waiting["clientOrderId"], waiting["status"]) == ("13", "fg7001", "open")
    assert (waiting["price"], waiting["triggerPrice"]) == ("88900", "89000")
    assert TRANSLATOR.triggered(waiting) == ""
    [made] = exchange.parse_orders([algo | {"state": "effective", "ordIdList": ["4711"]}])
    assert TRANSLATOR.triggered(made) == "4711"
    [failed] = exchange.parse_orders([algo | {"state": "order_failed", "failCode": "51008"}])
    assert failed["status"] == "rejected"


async def test_trades_are_asked_for_by_the_order_and_else_since_it_was_made(server, exchange):
    market = market_of(exchange, "BTC/USDT:USDT")
    server.answer(f"GET {HOST}/trade/fills-history", ok())
    await call(exchange, TRANSLATOR.trades(a_query(market, venue_order_id="12"), market))
    await call(exchange, TRANSLATOR.trades(a_query(market, venue_order_id="13", held=True), market))
    assert [request.query for request in server.requests] == [
        SWAP | {"instType": "SWAP", "ordId": "12"},
        SWAP | {"instType": "SWAP", "begin": "1767225600000"},
    ]


async def test_open_orders_are_those_of_the_book_and_of_every_list_of_conditional_ones(server, exchange):
    for route in (OPEN, OPEN_ALGO):
        server.answer(route, ok())
    for each in TRANSLATOR.open_orders(MarketType.SPOT, None):
        await call(exchange, each)
    kinds = ("conditional", "oco", "move_order_stop", "trigger")
    assert [(request.route, request.query) for request in server.requests] == [
        (OPEN, {"instType": "SPOT"}),
        *((OPEN_ALGO, {"instType": "SPOT", "ordType": kind}) for kind in kinds),
    ]
    server.requests.clear()
    for each in TRANSLATOR.open_orders(MarketType.SWAP, "BTC/USD:BTC"):
        await call(exchange, each)
    assert {request.query["instId"] for request in server.requests} == {"BTC-USD-SWAP"}
    assert len(server.requests) == 5
    perps = TRANSLATOR.open_orders(MarketType.SWAP, None)
    assert {each.args[3]["instType"] for each in perps} == {"SWAP", "FUTURES"}


# The account side


async def test_leverage_belongs_to_the_margin_mode(server, exchange):
    market = market_of(exchange, "BTC/USDT:USDT")
    row = {"instId": "BTC-USDT-SWAP", "mgnMode": "cross", "posSide": "net", "lever": "3"}
    server.answer(f"GET {HOST}/account/leverage-info", ok(row))
    server.answer(LEVERAGE, ok(row))
    state = TRANSLATOR.read_leverage(market, await call(exchange, TRANSLATOR.leverage(market)))
    assert (state.leverage, state.margin_mode) == (Decimal(3), MarginMode.CROSS)
    await call(exchange, TRANSLATOR.set_leverage(market, Decimal(5)))
    await call(exchange, TRANSLATOR.set_margin_mode(market, MarginMode.ISOLATED, Decimal(5)))
    told = [request.parameters() for request in server.requests]
    assert told == [
        SWAP | {"mgnMode": "cross"},
        SWAP | {"mgnMode": "cross", "lever": 5},
        SWAP | {"mgnMode": "isolated", "lever": 5, "posSide": "net"},
    ]


async def test_positions_are_those_of_swaps_and_of_dated_futures(server, exchange):
    server.answer(f"GET {HOST}/account/positions", ok())
    for each in TRANSLATOR.positions(MarketType.SWAP, None):
        await call(exchange, each)
    await call(exchange, TRANSLATOR.positions(MarketType.SWAP, "BTC/USD:BTC")[0])
    assert [request.query for request in server.requests] == [
        {"instType": "SWAP"},
        {"instType": "FUTURES"},
        {"instId": "BTC-USD-SWAP"},
    ]


async def test_funding_is_a_bill_and_a_realized_profit_a_closed_position(server, exchange):
    bill = {
        "billId": "623950854533513219",
        "type": "8",
        "subType": "173",
        "instType": "SWAP",
        "instId": "BTC-USDT-SWAP",
        "ccy": "USDT",
        "balChg": "-0.15",
        "pnl": "-0.15",
        "ts": "1767225600000",
    }
    closed = {
        "instType": "SWAP",
        "instId": "BTC-USDT-SWAP",
        "posId": "452587086133239818",
        "ccy": "USDT",
        "pnl": "125.5",
        "realizedPnl": "120",
        "uTime": "1767225600000",
        "cTime": "1767220000000",
        "closeTotalPos": "1",
        "lever": "3",
        "mgnMode": "cross",
        "posSide": "net",
        "type": "2",
    }
    server.answer(f"GET {HOST}/account/bills-archive", ok(bill))
    server.answer(f"GET {HOST}/account/positions-history", ok(closed))
    market = market_of(exchange, "BTC/USDT:USDT")
    [paid] = TRANSLATOR.read_funding(await call(exchange, TRANSLATOR.funding(market, 1767220000000, 10)))
    assert (paid.id, paid.symbol, paid.amount, paid.code) == (
        "623950854533513219",
        "BTC/USDT:USDT",
        Decimal("-0.15"),
        "USDT",
    )
    [won] = TRANSLATOR.read_realized(await call(exchange, TRANSLATOR.realized(None, None, 10)))
    assert (won.symbol, won.amount, won.code) == ("BTC/USDT:USDT", Decimal("125.5"), "USDT")
    assert [request.query for request in server.requests] == [
        {
            "type": "8",
            "ctType": "linear",
            "ccy": "USDT",
            "instType": "SWAP",
            "limit": "10",
            "begin": "1767220000000",
        },
        {"limit": "10"},
    ]


# Errors

ERRORS = [
    (
        "BTC/USDT",
        "51008",
        "Order failed. Insufficient USDT balance in account",
        ErrorCode.INSUFFICIENT_BALANCE,
    ),
    (
        "BTC/USDT:USDT",
        "51008",
        "Order failed. Insufficient USDT margin in account",
        ErrorCode.INSUFFICIENT_MARGIN,
    ),
    ("BTC/USDT", "51006", "Order price is not within the price limit", ErrorCode.EXCHANGE_ERROR),
    (
        "BTC/USDT",
        "51020",
        "Your order should meet or exceed the minimum order amount.",
        ErrorCode.EXCHANGE_ERROR,
    ),
]


@pytest.mark.parametrize(("symbol", "code", "words", "error"), ERRORS)
async def test_a_refusal_is_known_by_the_reason_within(server, exchange, symbol, code, words, error):
    market = market_of(exchange, symbol)
    body = {
        "code": "1",
        "msg": "All operations failed",
        "data": [{"clOrdId": "fg7001", "ordId": "", "sCode": code, "sMsg": words}],
    }
    server.answer(ORDER, body)
    with pytest.raises(Exception) as raised:
        await call(exchange, TRANSLATOR.submit(an_order(market), market, None))
    assert TRANSLATOR.code_of(raised.value) == code
    meaning = TRANSLATOR.meaning_of(raised.value)
    assert meaning is not None
    assert (meaning.verdict, meaning.error) == (Verdict.REFUSED, error)


@pytest.mark.parametrize(
    ("status", "code", "verdict"),
    [
        (200, "50004", Verdict.UNKNOWN),
        (503, "50001", Verdict.UNKNOWN),
        (200, "50013", Verdict.UNKNOWN),
        (429, "50011", Verdict.LIMITED),
        (401, "50111", Verdict.REFUSED),
        (401, "50102", Verdict.REFUSED),
    ],
)
async def test_an_error_of_the_whole_request_is_known_by_its_code(server, exchange, status, code, verdict):
    market = market_of(exchange, "BTC/USDT")
    server.answer(ORDER, {"code": code, "msg": "words", "data": []}, status=status)
    with pytest.raises(Exception) as raised:
        await call(exchange, TRANSLATOR.submit(an_order(market), market, None))
    assert TRANSLATOR.code_of(raised.value) == code
    meaning = TRANSLATOR.meaning_of(raised.value)
    assert meaning is not None
    assert meaning.verdict is verdict


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("51400", Verdict.NOT_FOUND),
        ("51402", Verdict.NOT_FOUND),
        ("51401", Verdict.DONE),
        ("51410", Verdict.UNKNOWN),
    ],
)
async def test_a_cancel_that_failed_says_whether_the_order_is_gone(server, exchange, code, verdict):
    market = market_of(exchange, "BTC/USDT")
    data = [{"ordId": "11", "sCode": code, "sMsg": "words"}]
    server.answer(f"POST {HOST}/trade/cancel-order", {"code": "1", "msg": "", "data": data})
    with pytest.raises(Exception) as raised:
        await call(exchange, TRANSLATOR.cancel(a_cancel(market, venue_order_id="11"), market))
    meaning = TRANSLATOR.meaning_of(raised.value)
    assert meaning is not None
    assert meaning.verdict is verdict


@pytest.mark.parametrize("code", ["51016", "51065"])
async def test_a_client_order_id_that_was_used_means_ask(code):
    assert TRANSLATOR.codes[code].verdict is Verdict.DUPLICATE


async def test_an_unknown_order_is_not_found(server, exchange):
    market = market_of(exchange, "BTC/USDT")
    server.answer(GET_ORDER, {"code": "51603", "msg": "Order does not exist", "data": []})
    with pytest.raises(Exception) as raised:
        await call(exchange, TRANSLATOR.query(a_query(market), market)[0])
    meaning = TRANSLATOR.meaning_of(raised.value)
    assert meaning is not None
    assert (meaning.verdict, meaning.error) == (Verdict.NOT_FOUND, ErrorCode.ORDER_NOT_FOUND)
