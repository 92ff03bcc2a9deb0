"""Gate.io: the exact request of every combination that it supports, and what its answers mean."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from fixgate.connectors.ccxt.hooks import hear
from fixgate.connectors.ccxt.translator import Verdict
from fixgate.connectors.ccxt.venues.gateio import TRANSLATOR
from fixgate.model.enums import OrderType, OrdRejReason, Side
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
from tests.ccxt_venues.payloads import gateio as payloads
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

API = payloads.API
SPOT = f"POST {API}/spot/orders"
SPOT_STOP = f"POST {API}/spot/price_orders"
PERP = f"POST {API}/futures/usdt/orders"
PERP_STOP = f"POST {API}/futures/usdt/price_orders"
ANSWERS = {
    SPOT: payloads.spot_order(),
    SPOT_STOP: {"id": 5891843},
    PERP: payloads.futures_order(),
    PERP_STOP: {"id": 1432329},
}
STOPS = {OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT}
BORN_S = 1_767_225_600
LAST = Decimal(90500)


@pytest.fixture
async def server() -> AsyncIterator[StandIn]:
    async with StandIn(payloads.MARKETS) as stand_in:
        for route, body in ANSWERS.items():
            stand_in.answer(route, body)
        yield stand_in


async def exchange_of(server: StandIn, market_type: MarketType = MarketType.SWAP) -> Any:
    return await exchange_for(TRANSLATOR, market_type, server)


def expected_of(cell: Cell) -> Expected:
    """Return the request that must reach Gate for a cell: sell 0.01 at 90000, from 89000."""
    is_limit, waits = cell.order_type.needs_price, cell.order_type.needs_stop_price
    tif = "poc" if cell.is_post_only else cell.time_in_force.lower() if is_limit else "ioc"
    if cell.market_type is MarketType.SPOT:
        if waits:
            put = {
                "type": "limit",
                "side": "sell",
                "price": "90000" if is_limit else "84550",
                "amount": "0.01",
                "account": "normal",
                "time_in_force": "gtc" if is_limit else "ioc",
                "text": "t-fg7001",
            }
            rule = "<=" if cell.order_type in STOPS else ">="
            trigger = {"price": "89000", "rule": rule, "expiration": 2592000}
            return Expected(SPOT_STOP, {"trigger": trigger, "put": put, "market": "BTC_USDT"})
        body = {
            "currency_pair": "BTC_USDT",
            "type": "limit" if is_limit else "market",
            "account": "spot",
            "side": "sell",
            "amount": "0.01",
            "time_in_force": tif,
            "text": "t-fg7001",
        }
        return Expected(SPOT, body | ({"price": "90000"} if is_limit else {}))
    reduce = {"reduce_only": True} if cell.reduce_only else {}
    price = "90000" if is_limit else "0"
    if waits:
        initial = {"contract": "BTC_USDT", "size": -100, "price": price, "tif": tif, "text": "t-fg7001"}
        rule = 2 if cell.order_type in STOPS else 1
        trigger = {"price_type": 0, "price": "89000", "rule": rule}
        return Expected(PERP_STOP, {"initial": initial | reduce, "trigger": trigger})
    body = {"contract": "BTC_USDT", "size": -100, "price": price, "tif": tif, "text": "t-fg7001"}
    return Expected(PERP, body | reduce)


CELLS = [each for each in allowed("gateio") if each.market_type is not MarketType.FUTURE]
SYMBOLS = {MarketType.SPOT: "BTC/USDT", MarketType.SWAP: "BTC/USDT:USDT"}


@pytest.mark.parametrize("cell", CELLS, ids=str)
async def test_every_allowed_combination_sends_exactly_its_request(cell: Cell, server: StandIn) -> None:
    await sends_exactly(
        TRANSLATOR,
        server,
        cell,
        SYMBOLS[cell.market_type],
        expected_of(cell),
        noise=(),
        answers={},
        client_order_id="t-fg7001",
    )


async def test_every_other_combination_is_refused_in_the_tables_words(server: StandIn) -> None:
    exchange = await exchange_of(server)
    server.requests.clear()
    for cell in refused("gateio"):
        if cell.market_type is MarketType.FUTURE:
            continue
        market = market_of(exchange, SYMBOLS[cell.market_type])
        with pytest.raises(Refused) as caught:
            call_of(TRANSLATOR, market, orders_of(cell, market), LAST)
        assert caught.value.text == refusal("gateio", cell), cell
    assert server.requests == []


# Money hazards


@pytest.mark.parametrize("symbol", ["BTC/USDT", "BTC/USDT:USDT"])
async def test_a_trailing_stop_is_refused_and_does_not_become_a_market_order(
    symbol: str, server: StandIn
) -> None:
    market = market_of(await exchange_of(server), symbol)
    order = an_order(market, order_type=OrderType.TRAILING_STOP, trailing_delta=Decimal(100))
    with pytest.raises(Refused, match=r"Gate\.io does not support trailing_stop orders"):
        TRANSLATOR.submit(order, market, LAST)


async def test_a_perps_quantity_leaves_in_contracts(server: StandIn) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    assert TRANSLATOR.amount(an_order(market, quantity=Decimal("0.0123")), market) == Decimal(123)
    await call(exchange, TRANSLATOR.submit(an_order(market, quantity=Decimal("0.0123")), market, None))
    assert server.requests[0].body["size"] == 123


async def test_a_quantity_of_half_a_contract_is_refused_with_what_fits(server: StandIn) -> None:
    market = market_of(await exchange_of(server), "BTC/USDT:USDT")
    with pytest.raises(Refused) as caught:
        TRANSLATOR.submit(an_order(market, quantity=Decimal("0.01005")), market, None)
    assert "0.0100" in caught.value.text
    assert "0.0101" in caught.value.text


async def test_a_contract_that_can_be_parted_leaves_in_its_parts(server: StandIn) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "HALF/USDT:USDT")
    order = an_order(market, quantity=Decimal("2.5"), price=Decimal("2.01"), side=Side.SELL)
    await call(exchange, TRANSLATOR.submit(order, market, None))
    assert server.requests[0].body["size"] == "-2.5"


@pytest.mark.parametrize(
    ("symbol", "quantity", "last", "price"),
    [
        ("BTC/USDT", Decimal("0.01"), Decimal("90500.1"), "95025.1"),
        ("NEW/USDT", Decimal(100), Decimal("1.2345"), "1.2591"),  # the venue takes 2 % on this one
    ],
)
async def test_a_spot_market_buy_is_of_the_quantity_and_not_of_its_cost(
    symbol: str, quantity: Decimal, last: Decimal, price: str, server: StandIn
) -> None:
    exchange = await exchange_of(server, MarketType.SPOT)
    market = market_of(exchange, symbol)
    order = an_order(
        market, order_type=OrderType.MARKET, quantity=quantity, client_order_id=TRANSLATOR.client_order_id(1)
    )
    assert TRANSLATOR.needs_last(order)
    await call(exchange, TRANSLATOR.submit(order, market, last))
    assert server.requests[0].route == SPOT
    assert server.requests[0].body == {
        "currency_pair": market.venue_id,
        "type": "limit",
        "account": "spot",
        "side": "buy",
        "amount": str(quantity),
        "price": price,
        "time_in_force": "ioc",
        "text": "t-fg1",
    }


async def test_a_spot_market_buy_needs_the_last_price(server: StandIn) -> None:
    market = market_of(await exchange_of(server, MarketType.SPOT), "BTC/USDT")
    with pytest.raises(Refused, match="last price of BTC/USDT is not known"):
        TRANSLATOR.submit(an_order(market, order_type=OrderType.MARKET), market, None)
    assert not TRANSLATOR.needs_last(an_order(market, order_type=OrderType.MARKET, side=Side.SELL))


@pytest.mark.parametrize(
    ("order_type", "rule", "price"),
    [(OrderType.STOP_LOSS, ">=", "93450"), (OrderType.TAKE_PROFIT, "<=", "93450")],
)
async def test_a_spot_stop_that_buys_is_a_limit_order_of_the_quantity(
    order_type: OrderType, rule: str, price: str, server: StandIn
) -> None:
    exchange = await exchange_of(server, MarketType.SPOT)
    market = market_of(exchange, "BTC/USDT")
    order = an_order(market, order_type=order_type, stop_price=Decimal(89000))
    placed = await call(exchange, TRANSLATOR.submit(order, market, None))
    body = server.requests[0].body
    assert (body["put"]["type"], body["put"]["amount"], body["put"]["price"]) == ("limit", "0.01", price)
    assert body["trigger"]["rule"] == rule
    assert placed["id"] == "5891843"


@pytest.mark.parametrize("symbol", ["BTC/USDT", "BTC/USDT:USDT"])
async def test_what_waits_for_a_price_has_an_id_of_its_own_on_both_sides(
    symbol: str, server: StandIn
) -> None:
    market = market_of(await exchange_of(server), symbol)
    stop = an_order(market, order_type=OrderType.STOP_LOSS, stop_price=Decimal(89000))
    assert TRANSLATOR.waits_apart(stop)
    assert not TRANSLATOR.waits_apart(an_order(market))


async def test_the_client_order_id_is_one_that_gate_takes_and_leaves_as_it_is() -> None:
    longest = TRANSLATOR.client_order_id(2**63)
    assert longest.startswith("t-")
    assert len(longest) <= 28
    assert TRANSLATOR.client_order_id(1) != TRANSLATOR.client_order_id(11)


async def test_no_channel_id_leaves(server: StandIn) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    await call(exchange, TRANSLATOR.submit(an_order(market), market, None))
    assert "X-Gate-Channel-Id" not in server.requests[0].headers
    assert "ccxt" not in str(dict(server.requests[0].headers)).lower().replace("python ccxt", "")


@pytest.mark.parametrize("symbol", ["BTC/USDT", "BTC/USDT:USDT"])
async def test_the_first_order_makes_no_other_request(symbol: str, server: StandIn) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, symbol)
    await call(exchange, TRANSLATOR.submit(an_order(market), market, None))
    assert len(server.requests) == 1


@pytest.mark.parametrize("ended", ["ioc", "reduce_only", "stp", "position_closed", "cancelled", "liquidated"])
async def test_an_order_that_ended_unfilled_is_canceled_whatever_ended_it(
    ended: str, server: StandIn
) -> None:
    exchange = await exchange_of(server)
    order = exchange.parse_order(payloads.futures_order(status="finished", finish_as=ended, left="-40"))
    assert (order["status"], order["filled"], order["remaining"]) == ("canceled", "60", "40")


@pytest.mark.parametrize(
    ("record", "made"),
    [
        (payloads.spot_price_order(), ""),
        (payloads.spot_price_order(status="finish", fired_order_id=95282841887), "95282841887"),
        (payloads.spot_price_order(status="cancelled"), ""),
        (payloads.futures_price_order(), ""),
        (
            payloads.futures_price_order(status="finished", finish_as="succeeded", trade_id=36028797),
            "36028797",
        ),
        (payloads.spot_order(), None),
        (payloads.futures_order(), None),
    ],
)
async def test_a_price_order_that_was_triggered_is_not_taken_for_filled(
    record: dict[str, Any], made: str | None, server: StandIn
) -> None:
    exchange = await exchange_of(server)
    order = exchange.parse_order(record)
    assert TRANSLATOR.triggered(order) == made
    assert order["clientOrderId"] == "t-fg7001"


@pytest.mark.parametrize(
    ("record", "name"),
    [
        (payloads.spot_price_order(), "stopLossPrice"),
        (payloads.spot_price_order(trigger={"price": "89000", "rule": ">="}), "takeProfitPrice"),
        (payloads.futures_price_order(), "stopLossPrice"),
        (payloads.futures_price_order(trigger={"price": "89000", "rule": 1}), "takeProfitPrice"),
    ],
)
async def test_a_trigger_price_is_told_as_what_it_is(
    record: dict[str, Any], name: str, server: StandIn
) -> None:
    order = (await exchange_of(server)).parse_order(record)
    assert {key for key in ("stopLossPrice", "takeProfitPrice") if order[key]} == {name}
    assert (order["side"], order[name]) == ("sell", "89000")


@pytest.mark.parametrize(("status", "state"), [("expired", "expired"), ("failed", "rejected")])
async def test_a_price_order_ends_as_gate_says(status: str, state: str, server: StandIn) -> None:
    exchange = await exchange_of(server, MarketType.SPOT)
    assert exchange.parse_order(payloads.spot_price_order(status=status))["status"] == state


@pytest.mark.parametrize(
    ("changes", "status", "made"),
    [
        ({}, "open", ""),
        ({"ftime": "1767225601000", "fired_order_id": 95282841887}, "closed", "95282841887"),
        ({"ftime": "1767225601000"}, "canceled", ""),
        ({"ftime": "1767225601000", "err_msg": "balance not enough"}, "rejected", ""),
    ],
)
async def test_the_stream_of_spot_price_orders_is_not_dropped(
    changes: dict[str, Any], status: str, made: str, server: StandIn
) -> None:
    exchange = await exchange_of(server, MarketType.SPOT)
    orders: list[Any] = []
    hear(exchange, orders.append, lambda row: None)
    exchange.handle_message(
        Deaf(),
        {
            "time": 1767225601,
            "channel": "spot.priceorders",
            "event": "update",
            "result": payloads.STREAMED_PRICE_ORDER | changes,
        },
    )
    (order,) = orders
    assert (order["id"], order["symbol"], order["status"]) == ("5891843", "BTC/USDT", status)
    assert (order["side"], order["amount"], order["triggerPrice"]) == ("sell", "0.01", "89000")
    assert order["timestamp"] == 1767225600131
    assert TRANSLATOR.triggered(order) == made


class Deaf:
    """A connection of ccxt's of which nobody waits for anything."""

    def resolve(self, *_: object) -> None:
        return None


# Orders that are there


def routes(server: StandIn) -> list[tuple[str, dict[str, str]]]:
    return [(request.route, request.query) for request in server.requests]


@pytest.mark.parametrize("changes", [{}, {"venue_order_id": "95282841887"}])
async def test_a_spot_cancel_names_the_order_by_either_id(changes: dict[str, Any], server: StandIn) -> None:
    exchange = await exchange_of(server, MarketType.SPOT)
    market = market_of(exchange, "BTC/USDT")
    name = changes.get("venue_order_id", "t-fg7001")
    server.answer(f"DELETE {API}/spot/orders/{name}", payloads.spot_order(status="cancelled"))
    await call(exchange, TRANSLATOR.cancel(a_cancel(market, client_order_id="t-fg7001", **changes), market))
    assert routes(server) == [
        (f"DELETE {API}/spot/orders/{name}", {"account": "spot", "currency_pair": "BTC_USDT"})
    ]


@pytest.mark.parametrize("held", [False, True])
async def test_the_same_number_in_the_other_service_is_another_order(held: bool, server: StandIn) -> None:
    exchange = await exchange_of(server, MarketType.SPOT)
    market = market_of(exchange, "BTC/USDT")
    here, there = ("price_orders", "orders") if held else ("orders", "price_orders")
    server.answer(f"DELETE {API}/spot/{here}/5891843", payloads.refused("ORDER_NOT_FOUND"), 404)
    server.answer(f"DELETE {API}/spot/{there}/5891843", payloads.spot_order(status="cancelled"))
    server.answer(f"DELETE {API}/spot/orders/t-fg7001", payloads.refused("ORDER_NOT_FOUND"), 404)
    cancel = a_cancel(market, venue_order_id="5891843", client_order_id="t-fg7001", held=held)
    with pytest.raises(Exception, match="ORDER_NOT_FOUND"):
        await call(exchange, TRANSLATOR.cancel(cancel, market))
    assert [request.path.rpartition("/v4/spot/")[2] for request in server.requests] == (
        ["price_orders/5891843", "orders/t-fg7001"] if held else ["orders/5891843"]
    )


async def test_a_held_perp_order_is_canceled_as_a_price_order(server: StandIn) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    route = f"DELETE {API}/futures/usdt/price_orders/1432329"
    server.answer(route, payloads.futures_price_order(status="finished", finish_as="cancelled"))
    await call(exchange, TRANSLATOR.cancel(a_cancel(market, venue_order_id="1432329", held=True), market))
    assert [request.route for request in server.requests] == [route]


async def test_a_price_order_without_an_id_is_found_by_ours_and_canceled(server: StandIn) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    other = payloads.futures_price_order(id=7, initial={"contract": "BTC_USDT", "text": "t-other"})
    server.answer(f"GET {API}/futures/usdt/price_orders", [other, payloads.futures_price_order()])
    server.answer(f"DELETE {API}/futures/usdt/price_orders/1432329", payloads.futures_price_order())
    cancel = a_cancel(market, client_order_id="t-fg7001", held=True)
    await call(exchange, TRANSLATOR.cancel(cancel, market))
    assert server.requests[-1].route == f"DELETE {API}/futures/usdt/price_orders/1432329"


async def test_a_cancel_of_an_order_that_is_nowhere_says_so(server: StandIn) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    server.answer(f"DELETE {API}/futures/usdt/orders/5", payloads.refused("ORDER_NOT_FOUND"), 404)
    with pytest.raises(Exception, match="ORDER_NOT_FOUND") as caught:
        await call(exchange, TRANSLATOR.cancel(a_cancel(market, venue_order_id="5"), market))
    assert len(server.requests) == 1
    meaning = TRANSLATOR.meaning_of(caught.value)
    assert meaning is not None
    assert meaning.verdict is Verdict.NOT_FOUND


async def test_a_cancel_whose_outcome_is_unknown_is_not_sent_twice(server: StandIn) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    server.answer(f"DELETE {API}/futures/usdt/orders/5", payloads.refused("SERVER_ERROR"), 500)
    with pytest.raises(Exception, match="SERVER_ERROR"):
        await call(exchange, TRANSLATOR.cancel(a_cancel(market, venue_order_id="5"), market))
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("held", "asked"), [(True, ["price_orders/9", "orders/t-fg7001"]), (False, ["orders/9"])]
)
async def test_a_perp_order_is_asked_for_by_its_id_where_it_is_its_own(
    held: bool, asked: list[str], server: StandIn
) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    for each in ("orders/9", "orders/t-fg7001"):
        server.answer(f"GET {API}/futures/usdt/{each}", payloads.futures_order())
    server.answer(f"GET {API}/futures/usdt/price_orders/9", payloads.futures_price_order())
    query = a_query(market, venue_order_id="9", client_order_id="t-fg7001", held=held)
    for each in TRANSLATOR.query(query, market):
        await call(exchange, each)
    assert [request.path.rpartition("/usdt/")[2] for request in server.requests] == asked


@pytest.mark.parametrize(
    ("symbol", "by_text", "waiting", "finished"),
    [
        (
            "BTC/USDT",
            (f"GET {API}/spot/orders/t-fg7001", {"account": "spot", "currency_pair": "BTC_USDT"}),
            (f"GET {API}/spot/price_orders", {"market": "BTC_USDT"}),
            (
                f"GET {API}/spot/orders",
                {
                    "currency_pair": "BTC_USDT",
                    "status": "finished",
                    "account": "spot",
                    "from": str(BORN_S - 2),
                },
            ),
        ),
        (
            "BTC/USDT:USDT",
            (f"GET {API}/futures/usdt/orders/t-fg7001", {"contract": "BTC_USDT"}),
            (f"GET {API}/futures/usdt/price_orders", {"contract": "BTC_USDT"}),
            (
                f"GET {API}/futures/usdt/orders_timerange",
                {"contract": "BTC_USDT", "from": str(BORN_S - 2)},
            ),
        ),
    ],
)
async def test_an_order_is_found_by_our_id_also_when_gate_has_forgotten_it(
    symbol: str, by_text: Any, waiting: Any, finished: Any, server: StandIn
) -> None:
    spot = ":" not in symbol
    exchange = await exchange_of(server, MarketType.SPOT if spot else MarketType.SWAP)
    market = market_of(exchange, symbol)
    order = payloads.spot_order if spot else payloads.futures_order
    server.answer(by_text[0], order())
    server.answer(waiting[0], [])
    done = {"status": "closed", "finish_as": "filled", "left": "0"}
    server.answer(finished[0], [order(id=1, text="t-other"), order(**done)])
    query = a_query(market, client_order_id="t-fg7001")
    answers = await first_of(exchange, TRANSLATOR.query(query, market))
    page = {"limit": "100"}
    assert routes(server) == [
        by_text,
        (waiting[0], waiting[1] | {"status": "open"} | page),
        (waiting[0], waiting[1] | {"status": "finished"} | page),
        (finished[0], finished[1] | page),
    ]
    assert answers[0]["clientOrderId"] == "t-fg7001"
    assert answers[1] == []
    assert [(each["clientOrderId"], each["status"]) for each in answers[2]] == [("t-fg7001", "closed")]


def _trade(spot: bool) -> dict[str, Any]:
    common = {"id": "26884791", "order_id": "9", "price": "90000", "role": "taker", "text": "t-fg7001"}
    if spot:
        extra = {"create_time_ms": "1767225600200.5", "currency_pair": "BTC_USDT", "side": "sell"}
        return common | extra | {"amount": "0.01", "fee": "0.9", "fee_currency": "USDT"}
    return common | {"create_time": 1767225600.2, "contract": "BTC_USDT", "size": "-100", "fee": "0.45"}


@pytest.mark.parametrize(
    ("symbol", "changes", "route", "query"),
    [
        ("BTC/USDT", {"venue_order_id": "9"}, "spot/my_trades", {"account": "spot", "order_id": "9"}),
        ("BTC/USDT", {}, "spot/my_trades", {"account": "spot", "from": str(BORN_S)}),
        ("BTC/USDT:USDT", {"venue_order_id": "9"}, "futures/usdt/my_trades", {"order": "9"}),
        ("BTC/USDT:USDT", {}, "futures/usdt/my_trades_timerange", {"from": str(BORN_S)}),
        (
            "BTC/USDT:USDT",
            {"venue_order_id": "9", "held": True},
            "futures/usdt/my_trades_timerange",
            {"from": str(BORN_S)},
        ),
    ],
)
async def test_trades_are_those_of_the_order_or_of_the_market_since(
    symbol: str, changes: dict[str, Any], route: str, query: dict[str, str], server: StandIn
) -> None:
    spot = ":" not in symbol
    exchange = await exchange_of(server, MarketType.SPOT if spot else MarketType.SWAP)
    market = market_of(exchange, symbol)
    server.answer(f"GET {API}/{route}", [_trade(spot)])
    (trade,) = await call(exchange, TRANSLATOR.trades(a_query(market, **changes), market))
    pair = {"currency_pair" if spot else "contract": "BTC_USDT", "limit": "100"}
    assert routes(server) == [(f"GET {API}/{route}", query | pair)]
    assert (trade["symbol"], trade["side"], trade["order"]) == (symbol, "sell", "9")
    assert trade["amount"] == ("0.01" if spot else "100")
    assert (trade["fee"]["cost"], trade["fee"]["currency"]) == ("0.9" if spot else "0.45", "USDT")


async def test_open_orders_of_all_spot_symbols_plain_and_waiting(server: StandIn) -> None:
    exchange = await exchange_of(server, MarketType.SPOT)
    pair = {"currency_pair": "BTC_USDT", "total": 1, "orders": [payloads.spot_order()]}
    server.answer(f"GET {API}/spot/open_orders", [pair])
    server.answer(f"GET {API}/spot/price_orders", [payloads.spot_price_order()])
    found = await first_of(exchange, TRANSLATOR.open_orders(MarketType.SPOT, None))
    assert [[order["id"] for order in orders] for orders in found] == [["95282841887"], ["5891843"]]
    assert {order["symbol"] for orders in found for order in orders} == {"BTC/USDT"}
    assert routes(server) == [
        (f"GET {API}/spot/open_orders", {"account": "spot", "limit": "100"}),
        (f"GET {API}/spot/price_orders", {"status": "open", "limit": "100"}),
    ]


@pytest.mark.parametrize("symbol", [None, "BTC/USDT:USDT"])
async def test_open_orders_of_perps_come_in_pages(symbol: str | None, server: StandIn) -> None:
    exchange = await exchange_of(server)

    def page(request: Recorded) -> Any:
        return [
            payloads.futures_order(id=number) for number in range(1 if "offset" in request.query else 100)
        ]

    server.answer(f"GET {API}/futures/usdt/orders", page)
    server.answer(f"GET {API}/futures/usdt/price_orders", [payloads.futures_price_order()])
    found = await first_of(exchange, TRANSLATOR.open_orders(MarketType.SWAP, symbol))
    assert [len(orders) for orders in found] == [101, 1]
    where = {"status": "open", "limit": "100"} | ({"contract": "BTC_USDT"} if symbol else {})
    assert routes(server) == [
        (f"GET {API}/futures/usdt/orders", where),
        (f"GET {API}/futures/usdt/orders", where | {"offset": "100"}),
        (f"GET {API}/futures/usdt/price_orders", where),
    ]
    assert found[1][0]["triggerPrice"] == "89000"


async def test_open_orders_of_one_spot_symbol_ask_for_it_alone(server: StandIn) -> None:
    exchange = await exchange_of(server, MarketType.SPOT)
    server.answer(f"GET {API}/spot/orders", [payloads.spot_order()])
    server.answer(f"GET {API}/spot/price_orders", [])
    await first_of(exchange, TRANSLATOR.open_orders(MarketType.SPOT, "BTC/USDT"))
    assert routes(server)[0] == (
        f"GET {API}/spot/orders",
        {"currency_pair": "BTC_USDT", "status": "open", "account": "spot", "limit": "100"},
    )


# Perps

POSITION = f"GET {API}/futures/usdt/positions/BTC_USDT"
LEVERAGE = f"POST {API}/futures/usdt/positions/BTC_USDT/leverage"


@pytest.mark.parametrize(
    ("record", "leverage", "mode"),
    [
        ({}, Decimal(10), MarginMode.CROSS),
        ({"cross_leverage_limit": "0"}, None, MarginMode.CROSS),
        ({"leverage": "5"}, Decimal(5), MarginMode.ISOLATED),
    ],
)
async def test_leverage_of_zero_is_cross_margin_with_its_limit(
    record: dict[str, Any], leverage: Decimal | None, mode: MarginMode, server: StandIn
) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    server.answer(POSITION, payloads.position(**record))
    state = TRANSLATOR.read_leverage(market, await call(exchange, TRANSLATOR.leverage(market)))
    assert (state.leverage, state.margin_mode) == (leverage, mode)
    assert (state.position_side, state.position_size) == ("long", Decimal("0.01"))
    assert (state.notional, state.unrealized_pnl) == (Decimal(905), Decimal(5))


@pytest.mark.parametrize(
    ("now", "sent"),
    [("0", {"leverage": "0", "cross_leverage_limit": "20"}), ("5", {"leverage": "20"})],
)
async def test_setting_leverage_keeps_the_margin_mode(
    now: str, sent: dict[str, str], server: StandIn
) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    server.answer(POSITION, payloads.position(leverage=now))
    server.answer(LEVERAGE, payloads.position())
    await call(exchange, TRANSLATOR.set_leverage(market, Decimal(20)))
    assert routes(server) == [(POSITION, {}), (LEVERAGE, sent)]


@pytest.mark.parametrize(
    ("mode", "leverage", "sent"),
    [
        (MarginMode.CROSS, Decimal(10), {"leverage": "0", "cross_leverage_limit": "10"}),
        (MarginMode.CROSS, None, {"leverage": "0", "cross_leverage_limit": "0"}),
        (MarginMode.ISOLATED, Decimal(10), {"leverage": "10"}),
    ],
)
async def test_margin_mode_is_set_with_the_leverage(
    mode: MarginMode, leverage: Decimal | None, sent: dict[str, str], server: StandIn
) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    server.answer(LEVERAGE, payloads.position())
    await call(exchange, TRANSLATOR.set_margin_mode(market, mode, leverage))
    assert routes(server) == [(LEVERAGE, sent)]


async def test_isolating_without_a_leverage_is_refused(server: StandIn) -> None:
    market = market_of(await exchange_of(server), "BTC/USDT:USDT")
    with pytest.raises(Refused, match="set it first"):
        TRANSLATOR.set_margin_mode(market, MarginMode.ISOLATED, None)


async def test_positions_are_those_that_are_held(server: StandIn) -> None:
    exchange = await exchange_of(server)
    server.answer(f"GET {API}/futures/usdt/positions", [payloads.position(size="-100")])
    (request,) = TRANSLATOR.positions(MarketType.SWAP, None)
    (found,) = await call(exchange, request)
    assert routes(server) == [(f"GET {API}/futures/usdt/positions", {"holding": "true"})]
    assert (found["symbol"], found["side"], found["contracts"]) == ("BTC/USDT:USDT", "short", "100")
    assert (found["contractSize"], found["marginMode"], found["leverage"]) == ("0.0001", "cross", "10")


@pytest.mark.parametrize(
    ("kind", "record", "amount", "entry_id"),
    [
        ("fund", payloads.FUNDING, Decimal("-0.15"), "1767225600-BTC_USDT"),
        ("pnl", payloads.PNL, Decimal("12.5"), "9001"),
    ],
)
async def test_the_account_book_tells_funding_and_realized_profits(
    kind: str, record: dict[str, Any], amount: Decimal, entry_id: str, server: StandIn
) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    route = f"GET {API}/futures/usdt/account_book"
    server.answer(route, [record])
    ask, read = (
        (TRANSLATOR.funding, TRANSLATOR.read_funding)
        if kind == "fund"
        else (TRANSLATOR.realized, TRANSLATOR.read_realized)
    )
    (entry,) = read(await call(exchange, ask(market, 1_767_000_000_000, 10)))
    where = {"type": kind, "contract": "BTC_USDT", "from": "1767000000", "limit": "10"}
    assert routes(server) == [(route, where)]
    assert (entry.amount, entry.code, entry.symbol) == (amount, "USDT", "BTC/USDT:USDT")
    assert (entry.id, entry.at_ms) == (entry_id, 1767225600000)


# Errors


@pytest.mark.parametrize(
    ("label", "status", "verdict", "error", "reason"),
    [
        (
            "BALANCE_NOT_ENOUGH",
            400,
            Verdict.REFUSED,
            ErrorCode.INSUFFICIENT_BALANCE,
            OrdRejReason.EXCEEDS_LIMIT,
        ),
        (
            "INSUFFICIENT_AVAILABLE",
            400,
            Verdict.REFUSED,
            ErrorCode.INSUFFICIENT_MARGIN,
            OrdRejReason.EXCEEDS_LIMIT,
        ),
        ("ORDER_NOT_FOUND", 404, Verdict.NOT_FOUND, ErrorCode.ORDER_NOT_FOUND, OrdRejReason.UNKNOWN_ORDER),
        ("TOO_MANY_REQUESTS", 429, Verdict.LIMITED, ErrorCode.NETWORK_ERROR, OrdRejReason.BROKER),
        ("SERVER_ERROR", 500, Verdict.UNKNOWN, ErrorCode.NETWORK_ERROR, OrdRejReason.BROKER),
        ("ORDER_POC_IMMEDIATE", 400, Verdict.REFUSED, ErrorCode.EXCHANGE_ERROR, OrdRejReason.OTHER),
        ("INVALID_KEY", 401, Verdict.REFUSED, ErrorCode.EXCHANGE_ERROR, OrdRejReason.UNKNOWN_ACCOUNT),
    ],
)
async def test_an_error_means_what_its_label_says(
    label: str, status: int, verdict: Verdict, error: ErrorCode, reason: OrdRejReason, server: StandIn
) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    server.answer(PERP, payloads.refused(label, "says no"), status)
    with pytest.raises(Exception, match=label) as caught:
        await call(exchange, TRANSLATOR.submit(an_order(market), market, None))
    assert TRANSLATOR.code_of(caught.value) == label
    assert TRANSLATOR.meaning_of(caught.value) == (verdict, error, reason)


async def test_an_error_that_is_not_the_venues_has_no_label(server: StandIn) -> None:
    exchange = await exchange_of(server)
    market = market_of(exchange, "BTC/USDT:USDT")
    server.answer(PERP, "<html>504 Gateway Time-out</html>", 504)
    with pytest.raises(Exception, match="504") as caught:
        await call(exchange, TRANSLATOR.submit(an_order(market), market, None))
    assert TRANSLATOR.code_of(caught.value) == ""
    assert TRANSLATOR.meaning_of(caught.value) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"order_type": OrderType.MARKET},
        {"order_type": OrderType.STOP_LOSS, "stop_price": Decimal(89000)},
        {"order_type": OrderType.LIMIT},
    ],
)
async def test_a_spot_order_that_is_worth_too_little_is_refused(
    changes: dict[str, Any], server: StandIn
) -> None:
    market = market_of(await exchange_of(server, MarketType.SPOT), "BTC/USDT")
    with pytest.raises(Refused, match="below the smallest, 3 USDT"):
        TRANSLATOR.submit(an_order(market, quantity=Decimal("0.00001"), **changes), market, LAST)


async def test_dated_futures_are_not_offered(server: StandIn) -> None:
    exchange = await exchange_of(server)
    dated = replace(market_of(exchange, "BTC/USDT:USDT"), market_type=MarketType.FUTURE)
    with pytest.raises(Refused, match="no dated futures"):
        TRANSLATOR.submit(an_order(dated), dated, LAST)
    assert {market["type"] for market in exchange.markets.values()} == {"spot", "swap"}
    assert TRANSLATOR.open_orders(MarketType.FUTURE, None) == []
    assert TRANSLATOR.positions(MarketType.FUTURE, None) == []
