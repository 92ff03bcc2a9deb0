"""Binance: what reaches the venue for every order, question and setting, and what its errors mean."""

from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio
from ccxt.base.errors import ExchangeError

from fixgate.connectors.ccxt.translator import Verdict
from fixgate.connectors.ccxt.venues.binance import Binance
from fixgate.model.enums import OrderType, OrdRejReason, PositionSide, Side, TimeInForce
from fixgate.model.execution import ErrorCode, MarginMode, MarketType
from fixgate.model.refusal import Refused
from tests.ccxt_venues.matrix import (
    PRICE,
    STOP,
    Cell,
    Expected,
    a_list,
    allowed,
    call_of,
    is_refused,
    orders_of,
    refused,
    sends_exactly,
)
from tests.ccxt_venues.payloads.binance import MARKETS
from tests.ccxt_venues.stand_in import StandIn, a_cancel, a_query, an_order, call, exchange_for, market_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

TRANSLATOR = Binance()
NOISE = ("timestamp", "signature", "recvWindow")
SYMBOLS = {
    MarketType.SPOT: "BTC/USDT",
    MarketType.SWAP: "BTC/USDT:USDT",
    MarketType.FUTURE: "BTC/USDT:USDT-260925",
}
IDS = {MarketType.SPOT: "BTCUSDT", MarketType.SWAP: "BTCUSDT", MarketType.FUTURE: "BTCUSDT_260925"}

SPOT_ORDER = "POST api.binance.com/api/v3/order"
OCO = "POST api.binance.com/api/v3/orderList/oco"
UM_ORDER = "POST fapi.binance.com/fapi/v1/order"
UM_ALGO = "POST fapi.binance.com/fapi/v1/algoOrder"
CM_ORDER = "POST dapi.binance.com/dapi/v1/order"
CM_ALGO = "POST dapi.binance.com/dapi/v1/algoOrder"

ACCEPTED = {
    SPOT_ORDER: {"symbol": "BTCUSDT", "orderId": 11, "clientOrderId": "fg7001", "status": "NEW"},
    OCO: {
        "orderListId": 5,
        "orders": [
            {"symbol": "BTCUSDT", "orderId": 21, "clientOrderId": "fg7002"},
            {"symbol": "BTCUSDT", "orderId": 22, "clientOrderId": "fg7001"},
        ],
    },
    UM_ORDER: {"symbol": "BTCUSDT", "orderId": 12, "clientOrderId": "fg7001", "status": "NEW"},
    UM_ALGO: {"symbol": "BTCUSDT", "algoId": 13, "clientAlgoId": "fg7001", "algoStatus": "NEW"},
    CM_ORDER: {"symbol": "BTCUSD_PERP", "orderId": 14, "clientOrderId": "fg7001", "status": "NEW"},
    CM_ALGO: {"symbol": "BTCUSD_PERP", "algoId": 15, "clientAlgoId": "fg7001", "algoStatus": "NEW"},
}

SPOT = {
    OrderType.MARKET: {"type": "MARKET"},
    OrderType.LIMIT: {"type": "LIMIT", "price": "90000", "timeInForce": "GTC"},
    OrderType.STOP_LOSS: {"type": "STOP_LOSS", "stopPrice": "89000"},
    OrderType.STOP_LOSS_LIMIT: {
        "type": "STOP_LOSS_LIMIT",
        "stopPrice": "89000",
        "price": "90000",
        "timeInForce": "GTC",
    },
    OrderType.TAKE_PROFIT: {"type": "TAKE_PROFIT", "stopPrice": "89000"},
    OrderType.TAKE_PROFIT_LIMIT: {
        "type": "TAKE_PROFIT_LIMIT",
        "stopPrice": "89000",
        "price": "90000",
        "timeInForce": "GTC",
    },
}
SPOT_BASE = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "quantity": "0.01",
    "newClientOrderId": "fg7001",
    "newOrderRespType": "FULL",
}
SPOT_OCO = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "quantity": "0.01",
    "listClientOrderId": "fgl7000",
    "aboveType": "LIMIT_MAKER",
    "abovePrice": "90000",
    "aboveClientOrderId": "fg7001",
    "belowType": "STOP_LOSS",
    "belowStopPrice": "89000",
    "belowClientOrderId": "fg7002",
    "newOrderRespType": "FULL",
}
PERP = {
    OrderType.MARKET: {"type": "MARKET"},
    OrderType.LIMIT: {"type": "LIMIT", "price": "90000", "timeInForce": "GTC"},
}
ALGO = {
    OrderType.STOP_LOSS: {"type": "STOP_MARKET", "triggerPrice": "89000"},
    OrderType.STOP_LOSS_LIMIT: {
        "type": "STOP",
        "triggerPrice": "89000",
        "price": "90000",
        "timeInForce": "GTC",
    },
    OrderType.TAKE_PROFIT: {"type": "TAKE_PROFIT_MARKET", "triggerPrice": "89000"},
    OrderType.TAKE_PROFIT_LIMIT: {
        "type": "TAKE_PROFIT",
        "triggerPrice": "89000",
        "price": "90000",
        "timeInForce": "GTC",
    },
    OrderType.TRAILING_STOP: {"type": "TRAILING_STOP_MARKET", "callbackRate": "1"},
}
PERP_BASE = {"side": "SELL", "newOrderRespType": "RESULT"}


def perp_expected(cell: Cell, symbol: str, quantity: str, order_route: str, algo_route: str) -> Expected:
    made: dict[str, Any] = PERP_BASE | {"symbol": symbol, "quantity": quantity}
    if cell.order_type in ALGO:
        route = algo_route
        made |= ALGO[cell.order_type] | {"algoType": "CONDITIONAL", "clientAlgoId": "fg7001"}
    else:
        route = order_route
        made |= PERP[cell.order_type] | {"newClientOrderId": "fg7001"}
    if cell.order_type is OrderType.LIMIT:
        made["timeInForce"] = "GTX" if cell.is_post_only else str(cell.time_in_force)
    if cell.hedge:
        made["positionSide"] = "LONG" if cell.reduce_only else "SHORT"
    elif cell.reduce_only:
        made["reduceOnly"] = "true"
    return Expected(route, made)


def expected(cell: Cell) -> Expected:
    if cell.market_type.is_perp:
        return perp_expected(cell, IDS[cell.market_type], "0.01", UM_ORDER, UM_ALGO)
    if cell.order_type is OrderType.OCO:
        return Expected(OCO, SPOT_OCO)
    made = SPOT_BASE | SPOT[cell.order_type]
    if cell.order_type is OrderType.LIMIT and cell.is_post_only:
        made["type"] = "LIMIT_MAKER"
        del made["timeInForce"]
    elif cell.order_type is OrderType.LIMIT:
        made["timeInForce"] = str(cell.time_in_force)
    return Expected(SPOT_ORDER, made)


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


@pytest.mark.parametrize("cell", allowed("binance"), ids=str)
async def test_every_allowed_order_sends_exactly_this_request(cell, server, exchange):
    await sends_exactly(
        TRANSLATOR,
        server,
        cell,
        SYMBOLS[cell.market_type],
        expected(cell),
        noise=NOISE,
        answers=ACCEPTED,
        exchange=exchange,
    )


@pytest.mark.parametrize(
    "cell", [cell for cell in allowed("binance") if cell.market_type is MarketType.SWAP], ids=str
)
async def test_every_allowed_order_on_an_inverse_swap_counts_contracts(cell, server, exchange):
    await sends_exactly(
        TRANSLATOR,
        server,
        cell,
        "BTC/USD:BTC",
        perp_expected(cell, "BTCUSD_PERP", "10", CM_ORDER, CM_ALGO),
        noise=NOISE,
        answers=ACCEPTED,
        exchange=exchange,
        quantity=Decimal(10),
    )


async def test_every_other_cell_is_refused_in_the_documents_words_and_nothing_is_sent(server, exchange):
    markets = {kind: market_of(exchange, symbol) for kind, symbol in SYMBOLS.items()}
    for cell in refused("binance"):
        is_refused(TRANSLATOR, cell, markets[cell.market_type])
    assert len(refused("binance")) > 600
    assert server.requests == []


# The hazards of ccxt


async def test_post_only_with_gtc_is_not_lost(server, exchange):
    market = market_of(exchange, "BTC/USDT:USDT")
    order = an_order(market, time_in_force=TimeInForce.GTC, attributes={"post_only": True})
    server.answer(UM_ORDER, ACCEPTED[UM_ORDER])
    await call(exchange, TRANSLATOR.submit(order, market, None))
    assert server.requests[0].body["timeInForce"] == "GTX"


async def test_a_price_on_a_market_order_does_not_make_it_an_order_by_quote(server, exchange):
    market = market_of(exchange, "BTC/USDT")
    order = an_order(market, order_type=OrderType.MARKET, price=Decimal(90000))
    server.answer(SPOT_ORDER, ACCEPTED[SPOT_ORDER])
    await call(exchange, TRANSLATOR.submit(order, market, None))
    assert server.requests[0].body["quantity"] == "0.01"
    assert "quoteOrderQty" not in server.requests[0].body


@pytest.mark.parametrize(
    ("symbol", "quantity", "text"),
    [
        ("BTC/USDT", "0.010001", "0.01000 or 0.01001"),
        ("BTC/USDT:USDT", "0.0105", "0.010 or 0.011"),
        ("BTC/USD:BTC", "10.5", "10 or 11"),
    ],
)
async def test_a_quantity_off_the_lot_is_refused_and_not_cut_off(exchange, server, symbol, quantity, text):
    market = market_of(exchange, symbol)
    with pytest.raises(Refused) as refusal:
        TRANSLATOR.submit(an_order(market, quantity=Decimal(quantity)), market, None)
    assert refusal.value.reason is OrdRejReason.INCORRECT_QUANTITY
    assert text in refusal.value.text
    assert server.requests == []


async def test_a_price_off_the_tick_is_refused_and_not_rounded(exchange):
    market = market_of(exchange, "BTC/USDT:USDT")
    with pytest.raises(Refused, match=r"price 90000\.07 is not a multiple of tick size 0\.10"):
        TRANSLATOR.submit(an_order(market, price=Decimal("90000.07")), market, None)
    stop = an_order(market, order_type=OrderType.STOP_LOSS, stop_price=Decimal("89000.01"))
    with pytest.raises(Refused, match=r"stop price 89000\.01 is not a multiple"):
        TRANSLATOR.submit(stop, market, None)


async def test_no_broker_id_leaves_even_where_ccxt_makes_the_client_order_id(server, exchange):
    server.answer(SPOT_ORDER, ACCEPTED[SPOT_ORDER])
    await exchange.create_order("BTC/USDT", "market", "buy", "0.01")
    assert server.requests[0].body["newClientOrderId"].startswith("fg-")


async def test_an_order_against_its_position_side_closes_it_and_says_no_reduce_only(server, exchange):
    market = market_of(exchange, "BTC/USDT:USDT")
    attributes = {"position_side": PositionSide.SHORT, "reduce_only": True}
    order = an_order(market, side=Side.BUY, attributes=attributes)
    server.answer(UM_ORDER, ACCEPTED[UM_ORDER])
    await call(exchange, TRANSLATOR.submit(order, market, None))
    body = server.requests[0].body
    assert (body["side"], body["positionSide"]) == ("BUY", "SHORT")
    assert "reduceOnly" not in body


async def test_a_reduce_only_order_that_would_add_to_its_position_side_is_refused(exchange):
    market = market_of(exchange, "BTC/USDT:USDT")
    attributes = {"position_side": PositionSide.LONG, "reduce_only": True}
    with pytest.raises(Refused, match="position side LONG needs side sell; it was buy"):
        TRANSLATOR.submit(an_order(market, side=Side.BUY, attributes=attributes), market, None)


async def test_a_stop_to_close_is_exempt_from_the_minimum_value(exchange):
    market = market_of(exchange, "BTC/USDT:USDT")
    small = {"quantity": Decimal("0.001"), "price": Decimal(40000)}
    with pytest.raises(Refused, match="40"):
        TRANSLATOR.submit(an_order(market, **small), market, None)
    made = TRANSLATOR.submit(an_order(market, **small, attributes={"reduce_only": True}), market, None)
    assert made.args[3] == "0.001"


@pytest.mark.parametrize(("basis_points", "percent"), [(100, "1"), (250, "2.5"), (10, "0.1"), (1000, "10")])
async def test_a_trailing_delta_is_a_callback_rate_in_percent(exchange, server, basis_points, percent):
    market = market_of(exchange, "BTC/USDT:USDT")
    order = an_order(market, order_type=OrderType.TRAILING_STOP, trailing_delta=Decimal(basis_points))
    server.answer(UM_ALGO, ACCEPTED[UM_ALGO])
    await call(exchange, TRANSLATOR.submit(order, market, None))
    assert server.requests[0].body["callbackRate"] == percent


@pytest.mark.parametrize("basis_points", [5, 15, 1010])
async def test_a_trailing_delta_that_the_venue_does_not_take_is_refused(exchange, basis_points):
    market = market_of(exchange, "BTC/USDT:USDT")
    order = an_order(market, order_type=OrderType.TRAILING_STOP, trailing_delta=Decimal(basis_points))
    with pytest.raises(Refused, match=r"is not one of 0\.1 %, 0\.2 %, \.\.\. 10 %"):
        TRANSLATOR.submit(order, market, None)


async def test_a_trailing_stop_can_begin_at_a_price(exchange, server):
    market = market_of(exchange, "BTC/USDT:USDT")
    order = an_order(
        market, order_type=OrderType.TRAILING_STOP, trailing_delta=Decimal(100), stop_price=Decimal(95000)
    )
    server.answer(UM_ALGO, ACCEPTED[UM_ALGO])
    await call(exchange, TRANSLATOR.submit(order, market, None))
    assert server.requests[0].body["activatePrice"] == "95000"


# OCO


async def test_a_buy_oco_has_its_stop_above(server, exchange):
    market = market_of(exchange, "BTC/USDT")
    limit = an_order(market, side=Side.BUY, price=Decimal(80000))
    stop = an_order(
        market,
        side=Side.BUY,
        order_type=OrderType.STOP_LOSS_LIMIT,
        price=Decimal(91000),
        stop_price=Decimal(90500),
        client_order_id="fg7002",
    )
    server.answer(OCO, ACCEPTED[OCO])
    answer = await call(exchange, TRANSLATOR.submit_list(a_list([limit, stop]), market, None))
    assert server.requests[0].parameters(*NOISE) == {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "quantity": "0.01",
        "listClientOrderId": "fgl7000",
        "belowType": "LIMIT_MAKER",
        "belowPrice": "80000",
        "belowClientOrderId": "fg7001",
        "aboveType": "STOP_LOSS_LIMIT",
        "aboveStopPrice": "90500",
        "abovePrice": "91000",
        "aboveTimeInForce": "GTC",
        "aboveClientOrderId": "fg7002",
        "newOrderRespType": "FULL",
    }
    assert TRANSLATOR.list_ids(a_list([limit, stop]), answer) == ["22", "21"]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"stop_price": PRICE}, "the limit price of a sell oco must be above its stop price"),
        ({"quantity": Decimal("0.02")}, "the same side and quantity"),
        ({"order_type": OrderType.TAKE_PROFIT}, "one limit and one stop_loss or stop_loss_limit"),
    ],
)
async def test_an_oco_that_is_none_is_refused(exchange, changes, text):
    market = market_of(exchange, "BTC/USDT")
    stop = {"order_type": OrderType.STOP_LOSS, "stop_price": STOP, "side": Side.SELL} | changes
    legs = [an_order(market, side=Side.SELL), an_order(market, **stop)]
    with pytest.raises(Refused, match=text):
        TRANSLATOR.submit_list(a_list(legs), market, None)


# Orders that are there

CANCELS = [
    ("BTC/USDT", {"venue_order_id": "11"}, "DELETE api.binance.com/api/v3/order", {"orderId": "11"}),
    ("BTC/USDT", {}, "DELETE api.binance.com/api/v3/order", {"origClientOrderId": "fg7001"}),
    ("BTC/USDT", {"held": True}, "DELETE api.binance.com/api/v3/order", {"origClientOrderId": "fg7001"}),
    (
        "BTC/USDT:USDT",
        {"venue_order_id": "12"},
        "DELETE fapi.binance.com/fapi/v1/order",
        {"orderId": "12"},
    ),
    (
        "BTC/USDT:USDT",
        {"venue_order_id": "13", "held": True},
        "DELETE fapi.binance.com/fapi/v1/algoOrder",
        {"algoId": "13"},
    ),
    (
        "BTC/USDT:USDT",
        {"held": True},
        "DELETE fapi.binance.com/fapi/v1/algoOrder",
        {"clientAlgoId": "fg7001"},
    ),
    (
        "BTC/USD:BTC",
        {"venue_order_id": "15", "held": True},
        "DELETE dapi.binance.com/dapi/v1/algoOrder",
        {"algoId": "15"},
    ),
    ("BTC/USD:BTC", {}, "DELETE dapi.binance.com/dapi/v1/order", {"origClientOrderId": "fg7001"}),
]


@pytest.mark.parametrize(("symbol", "names", "route", "params"), CANCELS)
async def test_a_cancel_names_the_order_where_it_is(server, exchange, symbol, names, route, params):
    market = market_of(exchange, symbol)
    server.answer(route, {"symbol": market.venue_id, "orderId": 1, "status": "CANCELED"})
    await call(exchange, TRANSLATOR.cancel(a_cancel(market, **names), market))
    [request] = server.requests
    assert request.route == route
    assert request.parameters(*NOISE) == {"symbol": market.venue_id, **params}


UM, UM_HELD = "GET fapi.binance.com/fapi/v1/order", "GET fapi.binance.com/fapi/v1/algoOrder"
QUERIES = [
    ("BTC/USDT", {}, [("GET api.binance.com/api/v3/order", {"origClientOrderId": "fg7001"})]),
    ("BTC/USDT", {"venue_order_id": "11"}, [("GET api.binance.com/api/v3/order", {"orderId": "11"})]),
    ("BTC/USDT:USDT", {"venue_order_id": "12"}, [(UM, {"orderId": "12"})]),
    (
        "BTC/USDT:USDT",
        {},
        [(UM, {"origClientOrderId": "fg7001"}), (UM_HELD, {"clientAlgoId": "fg7001"})],
    ),
    (
        "BTC/USDT:USDT",
        {"venue_order_id": "13", "held": True},
        [(UM_HELD, {"algoId": "13"}), (UM, {"origClientOrderId": "fg7001"})],
    ),
]


@pytest.mark.parametrize(("symbol", "names", "wanted"), QUERIES)
async def test_a_question_looks_in_both_services_and_never_for_an_id_of_the_other(
    server, exchange, symbol, names, wanted
):
    market = market_of(exchange, symbol)
    for each in TRANSLATOR.query(a_query(market, **names), market):
        for route, _ in wanted:
            server.answer(route, {"symbol": market.venue_id, "orderId": 1, "status": "NEW"})
        await call(exchange, each)
    seen = [(request.route, request.parameters(*NOISE)) for request in server.requests]
    assert seen == [(route, {"symbol": market.venue_id, **params}) for route, params in wanted]


async def test_a_triggered_conditional_order_names_the_order_that_it_made(server, exchange):
    market = market_of(exchange, "BTC/USDT:USDT")
    algo = {"symbol": "BTCUSDT", "algoId": 13, "clientAlgoId": "fg7001", "quantity": "0.01"}
    query = TRANSLATOR.query(a_query(market, venue_order_id="13", held=True), market)[0]
    server.answer(UM_HELD, {**algo, "algoStatus": "NEW", "actualOrderId": ""})
    assert TRANSLATOR.triggered(await call(exchange, query)) == ""
    server.answer(UM_HELD, {**algo, "algoStatus": "FINISHED", "actualOrderId": "8389765"})
    order = await call(exchange, query)
    assert order["status"] == "closed"  # ccxt's word for it, of an order that may not be filled
    assert TRANSLATOR.triggered(order) == "8389765"
    server.answer(UM, {"symbol": "BTCUSDT", "orderId": 12, "status": "NEW"})
    plain_order = await call(exchange, TRANSLATOR.query(a_query(market, venue_order_id="12"), market)[0])
    assert TRANSLATOR.triggered(plain_order) is None


async def test_trades_are_asked_for_by_the_order_and_else_since_it_was_made(server, exchange):
    for symbol, route in (
        ("BTC/USDT", "GET api.binance.com/api/v3/myTrades"),
        ("BTC/USDT:USDT", "GET fapi.binance.com/fapi/v1/userTrades"),
        ("BTC/USD:BTC", "GET dapi.binance.com/dapi/v1/userTrades"),
    ):
        market = market_of(exchange, symbol)
        server.answer(route, [])
        await call(exchange, TRANSLATOR.trades(a_query(market, venue_order_id="12"), market))
        await call(exchange, TRANSLATOR.trades(a_query(market), market))
        by_id, since = server.requests[-2:]
        assert by_id.route == since.route == route
        assert by_id.parameters(*NOISE) == {"symbol": market.venue_id, "orderId": "12"}
        assert since.query["startTime"] == "1767225600000"


OPEN = {
    (MarketType.SPOT, None): [("GET api.binance.com/api/v3/openOrders", {})],
    (MarketType.SPOT, "BTC/USDT"): [("GET api.binance.com/api/v3/openOrders", {"symbol": "BTCUSDT"})],
    (MarketType.SWAP, "BTC/USD:BTC"): [
        ("GET dapi.binance.com/dapi/v1/openOrders", {"symbol": "BTCUSD_PERP"}),
        ("GET dapi.binance.com/dapi/v1/openAlgoOrders", {"symbol": "BTCUSD_PERP"}),
    ],
    (MarketType.SWAP, None): [
        ("GET fapi.binance.com/fapi/v1/openOrders", {}),
        ("GET fapi.binance.com/fapi/v1/openAlgoOrders", {}),
        ("GET dapi.binance.com/dapi/v1/openOrders", {}),
        ("GET dapi.binance.com/dapi/v1/openAlgoOrders", {}),
    ],
}


@pytest.mark.parametrize(("what", "wanted"), OPEN.items(), ids=str)
async def test_open_orders_are_those_of_every_service(server, exchange, what, wanted):
    for route, _ in wanted:
        server.answer(route, [])
    for each in TRANSLATOR.open_orders(*what):
        await call(exchange, each)
    assert [(request.route, request.parameters(*NOISE)) for request in server.requests] == wanted


# The account side


async def test_leverage_and_margin_mode_are_read_per_symbol(server, exchange):
    linear, inverse = market_of(exchange, "BTC/USDT:USDT"), market_of(exchange, "BTC/USD:BTC")
    server.answer(
        "GET fapi.binance.com/fapi/v1/symbolConfig",
        [{"symbol": "BTCUSDT", "marginType": "CROSSED", "leverage": 21, "maxNotionalValue": "1000000"}],
    )
    server.answer(
        "GET dapi.binance.com/dapi/v1/positionRisk",
        [
            {"symbol": "BTCUSD_260925", "marginType": "cross", "leverage": "5"},
            {"symbol": "BTCUSD_PERP", "marginType": "isolated", "leverage": "10"},
        ],
    )
    state = TRANSLATOR.read_leverage(linear, await call(exchange, TRANSLATOR.leverage(linear)))
    assert (state.leverage, state.margin_mode) == (Decimal(21), MarginMode.CROSS)
    state = TRANSLATOR.read_leverage(inverse, await call(exchange, TRANSLATOR.leverage(inverse)))
    assert (state.leverage, state.margin_mode) == (Decimal(10), MarginMode.ISOLATED)
    assert [request.parameters(*NOISE) for request in server.requests] == [
        {"symbol": "BTCUSDT"},
        {"pair": "BTCUSD"},
    ]


async def test_leverage_and_margin_mode_are_set(server, exchange):
    for symbol, host in (("BTC/USDT:USDT", "fapi"), ("BTC/USD:BTC", "dapi")):
        market = market_of(exchange, symbol)
        server.answer(f"POST {host}.binance.com/{host}/v1/leverage", {"leverage": 10})
        server.answer(f"POST {host}.binance.com/{host}/v1/marginType", {"code": 200, "msg": "success"})
        await call(exchange, TRANSLATOR.set_leverage(market, Decimal(10)))
        await call(exchange, TRANSLATOR.set_margin_mode(market, MarginMode.ISOLATED, Decimal(10)))
        leverage, mode = server.requests[-2:]
        assert leverage.parameters(*NOISE) == {"symbol": market.venue_id, "leverage": "10"}
        assert mode.parameters(*NOISE) == {"symbol": market.venue_id, "marginType": "ISOLATED"}


async def test_a_margin_mode_that_is_set_already_is_a_success(server, exchange):
    market = market_of(exchange, "BTC/USDT:USDT")
    body = {"code": -4046, "msg": "No need to change margin type."}
    server.answer("POST fapi.binance.com/fapi/v1/marginType", body, status=400)
    answer = await call(exchange, TRANSLATOR.set_margin_mode(market, MarginMode.CROSS, None))
    assert answer["code"] == -4046
    assert TRANSLATOR.codes["-4046"].verdict is Verdict.DONE


@pytest.mark.parametrize("leverage", ["0", "1.5", "126"])
async def test_a_leverage_that_there_is_not_is_refused(exchange, leverage):
    with pytest.raises(Refused):
        TRANSLATOR.set_leverage(market_of(exchange, "BTC/USDT:USDT"), Decimal(leverage))


async def test_positions_have_their_leverage_and_margin_mode(server, exchange):
    for route in (
        "GET fapi.binance.com/fapi/v1/leverageBracket",
        "GET dapi.binance.com/dapi/v2/leverageBracket",
        "GET dapi.binance.com/dapi/v1/positionRisk",
    ):
        server.answer(route, [])
    server.answer(
        "GET fapi.binance.com/fapi/v2/positionRisk",
        [
            {
                "symbol": "BTCUSDT",
                "positionAmt": "0.050",
                "entryPrice": "98000",
                "markPrice": "98505",
                "unRealizedProfit": "25.25",
                "liquidationPrice": "0",
                "leverage": "10",
                "marginType": "cross",
                "isolatedMargin": "0",
                "positionSide": "BOTH",
                "notional": "4925.25",
                "updateTime": 1767225600000,
            }
        ],
    )
    answers = [await call(exchange, each) for each in TRANSLATOR.positions(MarketType.SWAP, None)]
    [position] = [position for answer in answers for position in answer]
    assert position["symbol"] == "BTC/USDT:USDT"
    assert Decimal(position["leverage"]) == 10
    assert position["marginMode"] == "cross"


INCOME = {
    "symbol": "BTCUSDT",
    "incomeType": "REALIZED_PNL",
    "income": "125.50000000",
    "asset": "USDT",
    "time": 1767225600000,
    "info": "",
    "tranId": 987654321,
    "tradeId": "",
}


async def test_realized_profits_and_funding_are_kinds_of_income(server, exchange):
    um, cm = "GET fapi.binance.com/fapi/v1/income", "GET dapi.binance.com/dapi/v1/income"
    server.answer(um, [INCOME])
    server.answer(cm, [])
    answer = await call(exchange, TRANSLATOR.realized(None, 1767225000000, 10))
    [entry] = TRANSLATOR.read_realized(answer)
    assert (entry.id, entry.symbol, entry.amount) == ("987654321", "BTC/USDT:USDT", Decimal("125.5"))
    assert (entry.code, entry.at_ms) == ("USDT", 1767225600000)
    await call(exchange, TRANSLATOR.funding(market_of(exchange, "BTC/USDT:USDT"), None, None))
    await call(exchange, TRANSLATOR.realized(market_of(exchange, "BTC/USD:BTC-260925"), None, 2000))
    assert [(request.route, request.parameters(*NOISE)) for request in server.requests] == [
        (um, {"incomeType": "REALIZED_PNL", "startTime": "1767225000000", "limit": "10"}),
        (um, {"incomeType": "FUNDING_FEE", "symbol": "BTCUSDT"}),
        (cm, {"incomeType": "REALIZED_PNL", "symbol": "BTCUSD_260925", "limit": "1000"}),
    ]


async def test_dated_futures_have_no_funding(exchange):
    with pytest.raises(Refused, match="is no perpetual"):
        TRANSLATOR.funding(market_of(exchange, "BTC/USDT:USDT-260925"), None, None)


# Errors

ERRORS = [
    # spot
    (
        SPOT_ORDER,
        400,
        -2010,
        "Account has insufficient balance for requested action.",
        Verdict.REFUSED,
        ErrorCode.INSUFFICIENT_BALANCE,
    ),
    (SPOT_ORDER, 400, -2010, "Duplicate order sent.", Verdict.DUPLICATE, ErrorCode.EXCHANGE_ERROR),
    (
        SPOT_ORDER,
        400,
        -2010,
        "Order would immediately match and take.",
        Verdict.REFUSED,
        ErrorCode.EXCHANGE_ERROR,
    ),
    (SPOT_ORDER, 400, -2010, "Market is closed.", Verdict.REFUSED, ErrorCode.EXCHANGE_ERROR),
    (SPOT_ORDER, 400, -1013, "Filter failure: LOT_SIZE", Verdict.REFUSED, ErrorCode.EXCHANGE_ERROR),
    (SPOT_ORDER, 400, -1013, "Filter failure: PRICE_FILTER", Verdict.REFUSED, ErrorCode.EXCHANGE_ERROR),
    (
        SPOT_ORDER,
        400,
        -1021,
        "Timestamp for this request is outside of the recvWindow.",
        Verdict.REFUSED,
        ErrorCode.EXCHANGE_ERROR,
    ),
    (
        SPOT_ORDER,
        401,
        -2015,
        "Invalid API-key, IP, or permissions for action.",
        Verdict.REFUSED,
        ErrorCode.EXCHANGE_ERROR,
    ),
    (
        SPOT_ORDER,
        429,
        -1003,
        "Too many requests; current limit is 6000 request weight per 1 MINUTE.",
        Verdict.LIMITED,
        ErrorCode.NETWORK_ERROR,
    ),
    (
        SPOT_ORDER,
        418,
        -1003,
        "Way too many requests; IP banned until 1767225600000.",
        Verdict.LIMITED,
        ErrorCode.NETWORK_ERROR,
    ),
    (
        SPOT_ORDER,
        400,
        -1015,
        "Too many new orders; current limit is 100 orders per TEN_SECONDS.",
        Verdict.LIMITED,
        ErrorCode.NETWORK_ERROR,
    ),
    (
        SPOT_ORDER,
        500,
        -1007,
        "Timeout waiting for response from backend server. Send status unknown; execution status unknown.",
        Verdict.UNKNOWN,
        ErrorCode.NETWORK_ERROR,
    ),
    (
        SPOT_ORDER,
        503,
        -1006,
        "An unexpected response was received from the message bus. Execution status unknown.",
        Verdict.UNKNOWN,
        ErrorCode.NETWORK_ERROR,
    ),
    (
        SPOT_ORDER,
        500,
        -1000,
        "An unknown error occurred while processing the request.",
        Verdict.UNKNOWN,
        ErrorCode.NETWORK_ERROR,
    ),
    # futures
    (UM_ORDER, 400, -2019, "Margin is insufficient.", Verdict.REFUSED, ErrorCode.INSUFFICIENT_MARGIN),
    (UM_ORDER, 400, -4116, "ClientOrderId is duplicated.", Verdict.DUPLICATE, ErrorCode.EXCHANGE_ERROR),
    (UM_ORDER, 400, -5022, "Post Only order will be rejected.", Verdict.REFUSED, ErrorCode.EXCHANGE_ERROR),
    (UM_ORDER, 400, -2022, "ReduceOnly Order is rejected.", Verdict.REFUSED, ErrorCode.EXCHANGE_ERROR),
    (UM_ALGO, 400, -2021, "Order would immediately trigger.", Verdict.REFUSED, ErrorCode.EXCHANGE_ERROR),
    (
        UM_ORDER,
        503,
        -1008,
        "Server is currently overloaded with other requests.",
        Verdict.LIMITED,
        ErrorCode.NETWORK_ERROR,
    ),
    (CM_ORDER, 400, -2019, "Margin is insufficient.", Verdict.REFUSED, ErrorCode.INSUFFICIENT_MARGIN),
]

ROUTE_SYMBOLS = {
    SPOT_ORDER: ("BTC/USDT", OrderType.LIMIT),
    UM_ORDER: ("BTC/USDT:USDT", OrderType.LIMIT),
    UM_ALGO: ("BTC/USDT:USDT", OrderType.STOP_LOSS),
    CM_ORDER: ("BTC/USD:BTC", OrderType.LIMIT),
}


@pytest.mark.parametrize(("route", "status", "code", "words", "verdict", "error"), ERRORS)
async def test_an_error_keeps_its_code_and_means_what_the_venue_says(
    server, exchange, route, status, code, words, verdict, error
):
    symbol, order_type = ROUTE_SYMBOLS[route]
    market = market_of(exchange, symbol)
    server.answer(route, {"code": code, "msg": words}, status=status)
    order = an_order(market, order_type=order_type, stop_price=STOP)
    with pytest.raises(Exception) as raised:
        await call(exchange, TRANSLATOR.submit(order, market, None))
    assert TRANSLATOR.code_of(raised.value) == str(code)
    meaning = TRANSLATOR.meaning_of(raised.value)
    assert meaning is not None
    assert (meaning.verdict, meaning.error) == (verdict, error)


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("DELETE", {"code": -2011, "msg": "Unknown order sent."}),
        ("GET", {"code": -2013, "msg": "Order does not exist."}),
    ],
)
async def test_an_unknown_order_is_not_found(server, exchange, method, body):
    market = market_of(exchange, "BTC/USDT")
    server.answer(f"{method} api.binance.com/api/v3/order", body, status=400)
    calls = {
        "DELETE": TRANSLATOR.cancel(a_cancel(market), market),
        "GET": TRANSLATOR.query(a_query(market), market)[0],
    }
    with pytest.raises(Exception) as raised:
        await call(exchange, calls[method])
    meaning = TRANSLATOR.meaning_of(raised.value)
    assert meaning is not None
    assert (meaning.verdict, meaning.error) == (Verdict.NOT_FOUND, ErrorCode.ORDER_NOT_FOUND)


@pytest.mark.parametrize("route", [SPOT_ORDER, UM_ORDER])
async def test_a_bad_gateway_says_nothing_of_what_was_done(server, exchange, route):
    """The word for it, "Service Unavailable", stands in every such answer, whoever gave it."""
    symbol, _ = ROUTE_SYMBOLS[route]
    market = market_of(exchange, symbol)
    server.answer(route, "<html>503 Service Unavailable</html>", status=503)
    with pytest.raises(Exception, match="503") as raised:
        await call(exchange, TRANSLATOR.submit(an_order(market), market, None))
    assert TRANSLATOR.code_of(raised.value) == ""
    assert TRANSLATOR.meaning_of(raised.value) is None


async def test_a_code_in_no_list_has_no_meaning():
    assert TRANSLATOR.meaning_of(ExchangeError('binance {"code":-9999,"msg":"?"}')) is None
    assert TRANSLATOR.code_of(ExchangeError("binance no code")) == ""


async def test_both_legs_of_a_cell_are_named(exchange):
    """The client order ids of an OCO are those of its orders."""
    cell = next(cell for cell in allowed("binance") if cell.order_type is OrderType.OCO)
    market = market_of(exchange, "BTC/USDT")
    params = call_of(TRANSLATOR, market, orders_of(cell, market)).args[0]
    assert (params["aboveClientOrderId"], params["belowClientOrderId"]) == ("fg7001", "fg7002")


async def test_client_order_ids_are_one_to_one_and_what_the_venue_takes():
    ids = {TRANSLATOR.client_order_id(number) for number in (1, 11, 1767225600000001)}
    assert ids == {"fg1", "fg11", "fg1767225600000001"}
