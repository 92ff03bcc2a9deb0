"""Orders by the connector against a stand-in for Binance: what is sent, and what is told of it."""

import logging
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from fixgate.model.commands import OrderAttributes, ReplaceOrder
from fixgate.model.enums import (
    OrderType,
    PositionSide,
    SelfTradePreventionMode,
    Side,
    SideEffectType,
    TimeInForce,
)
from fixgate.model.execution import ErrorCode
from fixgate.model.refusal import Refused
from fixgate.model.venue import (
    CancelAtVenue,
    OrderUpdate,
    OutcomeUnknown,
    RequestKind,
    RequestRefused,
    SubmitOrder,
    VenueExec,
    VenueStatus,
)
from tests.connectors_ccxt.running import Running, an_order

pytestmark = pytest.mark.asyncio(loop_scope="module")

SPOT_ORDER = "api.binance.com/api/v3/order"


def a_cancel(run: Running, order: SubmitOrder) -> CancelAtVenue:
    return CancelAtVenue(
        connector=order.connector,
        account=order.account,
        order_id=order.order_id,
        request_id=order.order_id + 5000,
        client_order_id=order.client_order_id,
        venue_order_id=str(run.venue.order(order.client_order_id)["orderId"]),
        product_type=order.product_type,
        symbol=order.symbol,
    )


async def test_an_order_is_sent_as_text_and_told_as_new(run: Running) -> None:
    order = await run.accepted(quantity=Decimal("0.01234"), price=Decimal("90000.01"))
    first = run.about(order)[0]
    sent = run.posts(order)
    assert len(sent) == 1
    assert (sent[0]["quantity"], sent[0]["price"]) == ("0.01234", "90000.01")
    assert order.client_order_id == f"fg{order.order_id}"
    assert first.status is VenueStatus.NEW
    assert first.venue_order_id == str(run.venue.order(order.client_order_id)["orderId"])


async def test_no_key_and_no_signature_reaches_the_log(
    run: Running, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        run.venue.faults.append("hang")
        order = run.send()
        await run.wait(OutcomeUnknown, order_id=order.order_id)
    assert "signature" not in caplog.text and "X-MBX-APIKEY" not in caplog.text


async def test_every_trade_is_told_before_the_end_and_once(run: Running) -> None:
    order = await run.accepted()
    await run.venue.fill(order.client_order_id, "0.004", "90000")
    await run.venue.fill(order.client_order_id, "0.006", "89999.5")
    end = await run.news(order, status=VenueStatus.FILLED)
    trades = run.about(order, exec=VenueExec.TRADE)
    assert [each.last_quantity for each in trades] == [Decimal("0.004"), Decimal("0.006")]
    assert len({each.trade_id for each in trades}) == 2
    assert trades[0].commission == Decimal("0.00001") and trades[0].commission_currency == "BNB"
    assert run.events.index(end) > run.events.index(trades[-1])
    assert end.cum_quantity == Decimal("0.01")


async def test_an_end_whose_trades_do_not_come_is_told_all_the_same(run: Running) -> None:
    order = await run.accepted()
    await run.venue.fill(order.client_order_id, "0.01", "90000", trade=False)
    end = await run.news(order, status=VenueStatus.FILLED)
    assert end.cum_quantity == Decimal("0.01")
    assert not run.about(order, exec=VenueExec.TRADE)


@pytest.mark.parametrize("fault", ["hang", "drop", "lose", (503, {}), (500, "<html>"), (200, {"odd": 1})])
async def test_an_order_without_a_clear_answer_is_unknown_and_never_sent_again(
    run: Running, fault: Any
) -> None:
    run.venue.faults.append(fault)
    order = run.send()
    unknown = await run.wait(OutcomeUnknown, order_id=order.order_id)
    assert unknown.kind is RequestKind.SUBMIT
    assert not run.told(RequestRefused, order_id=order.order_id)
    assert "signature" not in unknown.text and "http" not in unknown.text
    assert len(run.posts(order)) == 1


@pytest.mark.parametrize(
    ("code", "message", "error"),
    [
        (
            -2010,
            "Account has insufficient balance for requested action.",
            ErrorCode.INSUFFICIENT_BALANCE,
        ),
        (-1, "Nobody wrote this down.", ErrorCode.EXCHANGE_ERROR),
    ],
)
async def test_the_venues_no_is_told_with_its_code_and_words(
    run: Running, code: int, message: str, error: ErrorCode
) -> None:
    run.venue.faults.append((400, {"code": code, "msg": message}))
    order = run.send()
    refused = await run.wait(RequestRefused, order_id=order.order_id)
    assert refused.code == str(code) and refused.text == message
    assert refused.error is error


async def test_an_error_that_leaves_open_what_was_done_is_unknown(run: Running) -> None:
    run.venue.faults.append((400, {"code": -1007, "msg": "Timeout waiting for response from backend."}))
    order = run.send()
    await run.wait(OutcomeUnknown, order_id=order.order_id)


async def test_a_duplicate_client_order_id_is_asked_about(run: Running) -> None:
    run.venue.faults.append((400, {"code": -2010, "msg": "Duplicate order sent."}))
    order = run.send()
    await run.wait(OutcomeUnknown, order_id=order.order_id)


async def test_too_many_requests_stop_new_orders_and_hold_cancels_which_leave_first(run: Running) -> None:
    order = await run.accepted()
    run.venue.faults.append((429, {"code": -1003, "msg": "Too many requests."}))
    limited = run.send()
    refused = await run.wait(RequestRefused, order_id=limited.order_id)
    assert refused.code == "-1003"
    with pytest.raises(Refused, match="limits the request rate"):
        run.plan()
    before = len(run.venue.sent("DELETE", SPOT_ORDER))
    run.connector.send(a_cancel(run, order))
    assert run.connector.health()[0].cancels_waiting == 1
    assert len(run.venue.sent("DELETE", SPOT_ORDER)) == before
    await run.news(order, status=VenueStatus.CANCELED)
    assert len(run.venue.sent("DELETE", SPOT_ORDER)) == before + 1


async def test_a_cancel_that_the_venue_limits_is_sent_again(run: Running) -> None:
    order = await run.accepted()
    run.venue.faults.append((429, {"code": -1003, "msg": "Too many requests."}))
    before = len(run.venue.sent("DELETE", SPOT_ORDER))
    run.connector.send(a_cancel(run, order))
    await run.news(order, status=VenueStatus.CANCELED)
    assert len(run.venue.sent("DELETE", SPOT_ORDER)) == before + 2
    assert not run.told(RequestRefused, order_id=order.order_id)


async def test_a_cancel_of_an_order_that_is_gone_says_so(run: Running) -> None:
    order = await run.accepted()
    await run.venue.end(order.client_order_id, told=False)
    run.connector.send(a_cancel(run, order))
    refused = await run.wait(RequestRefused, order_id=order.order_id)
    assert refused.order_gone and refused.code == "-2011"


async def test_a_cancel_without_an_answer_is_unknown(run: Running) -> None:
    order = await run.accepted()
    run.venue.faults.append("hang")
    run.connector.send(a_cancel(run, order))
    unknown = await run.wait(OutcomeUnknown, order_id=order.order_id)
    assert unknown.kind is RequestKind.CANCEL and unknown.request_id == order.order_id + 5000


async def test_a_post_only_order_carries_no_time_in_force(run: Running) -> None:
    order = await run.accepted(attributes=OrderAttributes(post_only=True))
    sent = run.posts(order)[0]
    assert sent["type"] == "LIMIT_MAKER" and "timeInForce" not in sent


REFUSALS = [
    ({"symbol": "BTCUSDT"}, "not listed on Binance as spot"),
    ({"symbol": "BTC/USD:BTC", "quantity": Decimal(0)}, "quantity 0 contracts is not above zero"),
    ({"account": "other"}, "account 'other' is not configured"),
    ({"order_type": OrderType.TRAILING_STOP, "price": None}, "does not support trailing_stop orders on spot"),
    ({"time_in_force": TimeInForce.GTD}, "does not support time_in_force GTD"),
    ({"attributes": OrderAttributes(side_effect_type=SideEffectType.MARGIN_BUY)}, "do not take SideEffect"),
    (
        {"attributes": OrderAttributes(self_trade_prevention=SelfTradePreventionMode.EXPIRE_TAKER)},
        "do not take SelfTradePreventionMode",
    ),
    ({"attributes": OrderAttributes(reduce_only=True)}, "does not support reduce_only on spot"),
    ({"attributes": OrderAttributes(position_side=PositionSide.LONG)}, "does not support hedge_mode on spot"),
    ({"quantity": Decimal("0.010001")}, r"0\.010001 BTC.*0\.01000 or 0\.01001 would fit"),
    ({"price": Decimal("90000.001")}, r"price 90000\.001.*90000\.00 or 90000\.01"),
    ({"quantity": Decimal("0.00001")}, "worth 0.9"),
    ({"price": None}, "a limit order needs a price"),
    ({"stop_price": Decimal(1)}, "a limit order takes no stop price"),
    ({"currency": "EUR"}, "currency EUR is not"),
    ({"display_quantity": Decimal(1)}, "iceberg"),
]


@pytest.mark.parametrize(("changes", "words"), REFUSALS, ids=lambda value: str(value)[:40])
async def test_what_cannot_be_is_refused_before_anything_is_sent(run: Running, changes: dict, words: str):
    before = len(run.venue.requests)
    with pytest.raises(Refused, match=words):
        run.plan(**changes)
    assert len(run.venue.requests) == before


async def test_a_replace_is_refused_with_what_to_do(run: Running) -> None:
    order = run.plan()
    command = ReplaceOrder(source="OMS", session="OMS", cl_ord_id="c2", orig_cl_ord_id="c1")
    with pytest.raises(Refused, match="cancel the order and send a new one"):
        run.connector.plan_replace(order, command, Decimal("0.02"), Decimal(1))


async def test_an_oco_is_one_request_and_an_event_for_each_order(run: Running) -> None:
    run.venue.answers["POST api.binance.com/api/v3/orderList/oco"] = lambda asked: {
        "orders": [
            {"symbol": "BTCUSDT", "orderId": number, "clientOrderId": asked[name]}
            for number, name in ((31, "aboveClientOrderId"), (32, "belowClientOrderId"))
        ]
    }
    sell = {"side": Side.SELL, "list_id": "l1"}
    legs = [
        an_order(price=Decimal(95000), **sell),
        an_order(order_type=OrderType.STOP_LOSS, price=None, stop_price=Decimal(85000), **sell),
    ]
    run.connector.send(run.connector.plan_list(legs, [501, 502]))
    first = await run.wait(OrderUpdate, order_id=501)
    second = await run.wait(OrderUpdate, order_id=502)
    sent = run.venue.sent("POST", "api.binance.com/api/v3/orderList/oco")
    assert len(sent) == 1 and sent[0]["abovePrice"] == "95000"
    assert (first.venue_order_id, first.status) == ("31", VenueStatus.NEW)
    assert (second.venue_order_id, second.status) == ("32", VenueStatus.SUSPENDED)


async def test_an_oco_that_is_none_is_refused(run: Running) -> None:
    legs = [an_order(), an_order(quantity=Decimal("0.02"), order_type=OrderType.STOP_LOSS, price=None)]
    with pytest.raises(Refused, match="must have the same quantity"):
        run.connector.plan_list(legs, [501, 502])


async def test_a_cancel_of_what_is_not_listed_any_more_is_refused_and_not_lost(run: Running) -> None:
    order = await run.accepted()
    request = replace(a_cancel(run, order), symbol="GONE/USDT")
    run.connector.send(request)
    refused = await run.wait(RequestRefused, order_id=order.order_id)
    assert "not traded here any more; nothing was sent" in refused.text
