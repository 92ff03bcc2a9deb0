"""Kraken spot: what reaches the venue for every order and question, and what its errors mean."""

from decimal import Decimal

import pytest
from ccxt.base.errors import ExchangeError

from fixgate.connectors.ccxt.translator import Verdict
from fixgate.connectors.ccxt.venues.kraken import Kraken
from fixgate.connectors.ccxt.venues.kraken_codes import CODES
from fixgate.model.enums import OrderType, OrdRejReason, TimeInForce
from fixgate.model.execution import ErrorCode, MarginMode, MarketType
from fixgate.model.refusal import Refused
from tests.ccxt_venues.matrix import Cell, Expected, allowed, is_refused, refused, sends_exactly
from tests.ccxt_venues.payloads.kraken import ADDED, MARKETS
from tests.ccxt_venues.payloads.kraken import refused as refusal_of
from tests.ccxt_venues.stand_in import StandIn, a_cancel, a_query, an_order, call, exchange_for, market_of

TRANSLATOR = Kraken()
NOISE = ("nonce",)
SYMBOL = "BTC/USD"

API = "POST api.kraken.com/0/private"
ADD, CANCEL = f"{API}/AddOrder", f"{API}/CancelOrder"
OPEN, CLOSED, QUERY, TRADES = (
    f"{API}/{name}" for name in ("OpenOrders", "ClosedOrders", "QueryOrders", "TradesHistory")
)
SPOT_CELLS = [cell for cell in allowed("kraken") if cell.market_type is MarketType.SPOT]

BASE = {"pair": "XXBTZUSD", "type": "sell", "volume": "0.01", "cl_ord_id": "fg7001"}
ORDERS = {
    OrderType.MARKET: {"ordertype": "market"},
    OrderType.LIMIT: {"ordertype": "limit", "price": "90000", "timeinforce": "GTC"},
    OrderType.STOP_LOSS: {"ordertype": "stop-loss", "price": "89000"},
    OrderType.STOP_LOSS_LIMIT: {"ordertype": "stop-loss-limit", "price": "89000", "price2": "90000"},
    OrderType.TAKE_PROFIT: {"ordertype": "take-profit", "price": "89000"},
    OrderType.TAKE_PROFIT_LIMIT: {"ordertype": "take-profit-limit", "price": "89000", "price2": "90000"},
}

AN_OPEN_ORDER = {
    "refid": None,
    "userref": 0,
    "cl_ord_id": "fg7001",
    "status": "open",
    "opentm": 1767225600.25,
    "starttm": 0,
    "expiretm": 0,
    "descr": {
        "pair": "XBTUSD",
        "type": "buy",
        "ordertype": "limit",
        "price": "90000.0",
        "price2": "0",
        "leverage": "none",
        "order": "buy 0.01000000 XBTUSD @ limit 90000.0",
        "close": "",
    },
    "vol": "0.01000000",
    "vol_exec": "0.00400000",
    "cost": "359.96",
    "fee": "0.9",
    "price": "89990.0",
    "stopprice": "0.00000",
    "limitprice": "0.00000",
    "misc": "",
    "oflags": "fciq",
}


def expected(cell: Cell) -> Expected:
    made = BASE | ORDERS[cell.order_type]
    if cell.is_post_only:
        made["oflags"] = "post"
        del made["timeinforce"]
    elif cell.order_type is OrderType.LIMIT:
        made["timeinforce"] = str(cell.time_in_force)
    return Expected(ADD, made)


@pytest.fixture
async def server():
    async with StandIn(MARKETS) as server:
        yield server


@pytest.fixture
async def exchange(server):
    return await exchange_for(TRANSLATOR, MarketType.SPOT, server)


@pytest.fixture
def market(exchange):
    return market_of(exchange, SYMBOL)


@pytest.mark.parametrize("cell", SPOT_CELLS, ids=str)
async def test_every_allowed_order_sends_exactly_this_request(cell, server):
    await sends_exactly(TRANSLATOR, server, cell, SYMBOL, expected(cell), noise=NOISE, answers={ADD: ADDED})


async def test_every_other_cell_is_refused_in_the_documents_words_and_nothing_is_sent(server, market):
    cells = [cell for cell in refused("kraken") if cell.market_type is MarketType.SPOT]
    for cell in cells:
        is_refused(TRANSLATOR, cell, market)
    assert len(cells) > 200
    assert server.requests == []


# The hazards of ccxt


@pytest.mark.parametrize("order_type", [OrderType.STOP_LOSS, OrderType.TAKE_PROFIT])
async def test_a_stop_never_leaves_as_the_market_order_that_trigger_price_would_make(
    server, exchange, market, order_type
):
    server.answer(ADD, ADDED)
    order = an_order(market, order_type=order_type, stop_price=Decimal(89000))
    made = TRANSLATOR.submit(order, market, None)
    assert not {"triggerPrice", "stopPrice"} & set(made.args[5])
    await call(exchange, made)
    assert server.requests[0].body["ordertype"] != "market"
    await exchange.create_order(SYMBOL, "market", "sell", "0.01", None, {"triggerPrice": "89000"})
    assert server.requests[1].body["ordertype"] == "market", "the hazard is gone: stops can be simpler"


async def test_post_only_never_leaves_as_the_time_in_force_po(server, exchange, market):
    server.answer(ADD, ADDED)
    order = an_order(market, time_in_force=TimeInForce.POST_ONLY)
    await call(exchange, TRANSLATOR.submit(order, market, None))
    assert "timeinforce" not in server.requests[0].body
    assert server.requests[0].body["oflags"] == "post"


async def test_a_price_on_a_market_order_does_not_leave(server, exchange, market):
    server.answer(ADD, ADDED)
    order = an_order(market, order_type=OrderType.MARKET, price=Decimal(90000))
    await call(exchange, TRANSLATOR.submit(order, market, None))
    assert server.requests[0].parameters(*NOISE) == BASE | {"type": "buy", "ordertype": "market"}


async def test_an_off_step_quantity_is_refused_and_not_cut_off(market):
    order = an_order(market, quantity=Decimal("0.123456789"))
    with pytest.raises(Refused, match=r"0\.12345678 or 0\.12345679"):
        TRANSLATOR.submit(order, market, None)


async def test_an_off_tick_price_is_refused_and_not_rounded(market):
    with pytest.raises(Refused, match=r"90000\.0 or 90000\.1"):
        TRANSLATOR.submit(an_order(market, price=Decimal("90000.07")), market, None)
    stop = an_order(market, order_type=OrderType.STOP_LOSS, stop_price=Decimal("90000.07"))
    with pytest.raises(Refused, match=r"stop price 90000\.07"):
        TRANSLATOR.submit(stop, market, None)


async def test_a_client_order_id_fits_and_one_that_does_not_is_refused():
    assert TRANSLATOR.client_order_id(1767225600123) == "fg1767225600123"
    assert len(TRANSLATOR.client_order_id(9_999_999_999_999_999)) == 18
    with pytest.raises(Refused, match="has 19 characters; Kraken takes 18"):
        TRANSLATOR.client_order_id(10_000_000_000_000_000)


async def test_the_two_sides_are_two_classes():
    assert TRANSLATOR.ccxt_class(MarketType.SPOT) == "kraken"
    assert {TRANSLATOR.ccxt_class(side) for side in (MarketType.SWAP, MarketType.FUTURE)} == {"krakenfutures"}


# Orders that are there


async def test_a_cancel_goes_by_the_venues_id_else_by_the_client_order_id(server, exchange, market):
    server.answer(CANCEL, {"error": [], "result": {"count": 1}})
    await call(exchange, TRANSLATOR.cancel(a_cancel(market, venue_order_id="OAAAAA-B-C"), market))
    await call(exchange, TRANSLATOR.cancel(a_cancel(market, held=True), market))
    assert [request.parameters(*NOISE) for request in server.requests] == [
        {"txid": "OAAAAA-B-C"},
        {"cl_ord_id": "fg7001"},
    ]


async def test_a_question_by_the_venues_id(server, exchange, market):
    server.answer(QUERY, {"error": [], "result": {"OAAAAA-B-C": AN_OPEN_ORDER}})
    calls = TRANSLATOR.query(a_query(market, venue_order_id="OAAAAA-B-C"), market)
    assert len(calls) == 1
    order = await call(exchange, calls[0])
    assert server.requests[0].parameters(*NOISE) == {"trades": "true", "txid": "OAAAAA-B-C"}
    assert (order["id"], order["clientOrderId"], order["symbol"]) == ("OAAAAA-B-C", "fg7001", SYMBOL)
    assert order["status"] == "open"
    assert (Decimal(order["amount"]), Decimal(order["filled"])) == (Decimal("0.01"), Decimal("0.004"))
    assert (order["price"], order["average"]) == ("90000.0", "89990.0")


async def test_a_question_by_the_client_order_id_looks_among_open_orders_first(server, exchange, market):
    server.answer(OPEN, {"error": [], "result": {"open": {}}})
    server.answer(CLOSED, {"error": [], "result": {"closed": {"OA": AN_OPEN_ORDER | {"status": "canceled"}}}})
    answers = [await call(exchange, each) for each in TRANSLATOR.query(a_query(market), market)]
    assert [request.route for request in server.requests] == [OPEN, CLOSED]
    assert [request.parameters(*NOISE) for request in server.requests] == [{"cl_ord_id": "fg7001"}] * 2
    assert answers[0] == []
    assert [(each["id"], each["status"]) for each in answers[1]] == [("OA", "canceled")]


async def test_open_orders_are_asked_for_once_stops_included(server, exchange):
    stop = AN_OPEN_ORDER | {
        "descr": AN_OPEN_ORDER["descr"]
        | {"ordertype": "stop-loss-limit", "price": "89000", "price2": "88900"},
        "vol_exec": "0",
    }
    server.answer(OPEN, {"error": [], "result": {"open": {"OA": AN_OPEN_ORDER, "OB": stop}}})
    (only,) = TRANSLATOR.open_orders(MarketType.SPOT, None)
    orders = {each["id"]: each for each in await call(exchange, only)}
    assert server.requests[0].parameters(*NOISE) == {}
    assert (orders["OB"]["stopLossPrice"], orders["OB"]["price"], orders["OB"]["type"]) == (
        "89000",
        "88900",
        "limit",
    )
    assert orders["OA"]["stopLossPrice"] is None


@pytest.mark.parametrize(("misc", "works"), [("", None), ("stopped", True), ("amended,touched", True)])
async def test_a_stop_whose_price_has_come_is_working(exchange, misc, works):
    stop = AN_OPEN_ORDER | {"descr": AN_OPEN_ORDER["descr"] | {"ordertype": "stop-loss"}, "misc": misc}
    assert exchange.parse_order(stop)["info"].get("isWorking") is works


async def test_trades_are_asked_for_from_a_minute_before_the_order(server, exchange, market):
    trade = {
        "ordertxid": "OA",
        "postxid": "TP",
        "pair": "XXBTZUSD",
        "time": 1767225601.5,
        "type": "buy",
        "ordertype": "limit",
        "price": "89990.0",
        "cost": "359.96",
        "fee": "0.9",
        "vol": "0.004",
        "maker": True,
    }
    server.answer(TRADES, {"error": [], "result": {"trades": {"T1": trade}, "count": 1}})
    (found,) = await call(exchange, TRANSLATOR.trades(a_query(market), market))
    assert server.requests[0].parameters(*NOISE) == {"start": str(1_767_225_600 - 60)}
    assert (found["id"], found["order"], found["symbol"], found["amount"]) == ("T1", "OA", SYMBOL, "0.004")
    assert (found["takerOrMaker"], found["fee"]["cost"], found["fee"]["currency"]) == ("maker", "0.9", "USD")


async def test_there_is_no_perps_access(market):
    for ask in (
        lambda: TRANSLATOR.leverage(market),
        lambda: TRANSLATOR.set_leverage(market, Decimal(5)),
        lambda: TRANSLATOR.set_margin_mode(market, MarginMode.CROSS, None),
        lambda: TRANSLATOR.positions(MarketType.SWAP, None),
        lambda: TRANSLATOR.funding(market, None, None),
        lambda: TRANSLATOR.realized(market, None, None),
    ):
        with pytest.raises(Refused) as refusal:
            ask()
        assert refusal.value.reason is OrdRejReason.UNSUPPORTED


# Errors


@pytest.mark.parametrize(
    ("code", "verdict", "error"),
    [
        ("EOrder:Insufficient funds", Verdict.REFUSED, ErrorCode.INSUFFICIENT_BALANCE),
        ("EOrder:Insufficient margin", Verdict.REFUSED, ErrorCode.INSUFFICIENT_MARGIN),
        ("EOrder:Unknown order", Verdict.NOT_FOUND, ErrorCode.ORDER_NOT_FOUND),
        ("EOrder:Post only order", Verdict.REFUSED, ErrorCode.EXCHANGE_ERROR),
        ("EGeneral:Invalid arguments:volume minimum not met", Verdict.REFUSED, ErrorCode.EXCHANGE_ERROR),
        ("EOrder:Rate limit exceeded", Verdict.LIMITED, ErrorCode.NETWORK_ERROR),
        ("EService:Throttled: 1767225600", Verdict.LIMITED, ErrorCode.NETWORK_ERROR),
        ("EService:Unavailable", Verdict.UNKNOWN, ErrorCode.NETWORK_ERROR),
        ("EGeneral:Internal error", Verdict.UNKNOWN, ErrorCode.NETWORK_ERROR),
        ("EService:Deadline elapsed", Verdict.REFUSED, ErrorCode.NETWORK_ERROR),
        ("EAPI:Invalid nonce", Verdict.REFUSED, ErrorCode.NETWORK_ERROR),
    ],
)
async def test_an_error_of_the_venue_means(server, exchange, market, code, verdict, error):
    server.answer(ADD, refusal_of(code))
    with pytest.raises(Exception, match="kraken") as raised:
        await call(exchange, TRANSLATOR.submit(an_order(market), market, None))
    meaning = TRANSLATOR.meaning_of(raised.value)
    assert meaning is not None
    assert (meaning.verdict, meaning.error) == (verdict, error)


async def test_a_cancel_of_an_unknown_order_is_not_found_though_ccxt_calls_it_an_invalid_order(
    server, exchange, market
):
    server.answer(CANCEL, refusal_of("EOrder:Unknown order"))
    with pytest.raises(ExchangeError) as raised:
        await call(exchange, TRANSLATOR.cancel(a_cancel(market, venue_order_id="OA"), market))
    assert TRANSLATOR.code_of(raised.value) == "EOrder:Unknown order"
    assert TRANSLATOR.meaning_of(raised.value).verdict is Verdict.NOT_FOUND


def test_an_error_that_is_in_no_table_keeps_its_own_code():
    error = ExchangeError('kraken {"error":["EOrder:Something new:detail"]}')
    assert TRANSLATOR.code_of(error) == "EOrder:Something new:detail"
    assert TRANSLATOR.meaning_of(error) is None
    assert TRANSLATOR.code_of(ExchangeError("kraken GET https://api.kraken.com timed out")) == ""


def test_no_row_of_the_table_is_empty():
    assert all(code.strip() == code and code for code in CODES)
