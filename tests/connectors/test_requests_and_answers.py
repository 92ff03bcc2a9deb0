"""The parameters that the venue is sent, and what its answers mean."""

from decimal import Decimal

import pytest

from fixgate.connectors.binance_pm.answers import answer_event
from fixgate.connectors.binance_pm.requests import cancel_params, modify_params, submit_params
from fixgate.model.commands import OrderAttributes
from fixgate.model.enums import (
    OrderType,
    OrdRejReason,
    PositionSide,
    ProductType,
    SelfTradePreventionMode,
    Side,
    SideEffectType,
    TimeInForce,
)
from fixgate.model.venue import (
    CancelAtVenue,
    ModifyAtVenue,
    OrderUpdate,
    OutcomeUnknown,
    RequestKind,
    RequestRefused,
    SubmitOrder,
    VenueExec,
    VenueStatus,
)
from fixgate.papi.answers import Response, SendFailure

D = Decimal
COMMON = {"connector": "PM", "account": "main", "order_id": 7, "client_order_id": "fg7"}
FUTURE = COMMON | {"product_type": ProductType.FUTURE, "symbol": "BTCUSDT"}
CANCEL = CancelAtVenue(request_id=8, venue_order_id="55", **FUTURE)
MODIFY = ModifyAtVenue(
    request_id=9, venue_order_id="55", side=Side.BUY, quantity=D("0.02"), price=D("1E+4"), **FUTURE
)


def submit(product=ProductType.FUTURE, **changes):
    fields = COMMON | {
        "product_type": product,
        "symbol": "BTCUSDT",
        "side": Side.SELL,
        "order_type": OrderType.LIMIT,
        "time_in_force": TimeInForce.GTC,
        "quantity": D("0.00000010"),
        "price": D("65000.10"),
    }
    return SubmitOrder(**(fields | changes))


def sent(request, **options):
    return dict(submit_params(request, auto_repay_at_cancel=False, **options))


def test_numbers_leave_in_plain_notation():
    assert sent(submit())["quantity"] == "0.00000010"
    assert dict(modify_params(MODIFY))["price"] == "10000"


@pytest.mark.parametrize(
    ("product", "post_only", "kind", "time_in_force"),
    [
        (ProductType.FUTURE, False, "LIMIT", "GTC"),
        (ProductType.FUTURE, True, "LIMIT", "GTX"),
        (ProductType.DELIVERY, True, "LIMIT", "GTX"),
        (ProductType.SPOT, False, "LIMIT", "GTC"),
        (ProductType.SPOT, True, "LIMIT_MAKER", None),
    ],
)
def test_post_only_is_the_legs_own_word(product, post_only, kind, time_in_force):
    params = sent(submit(product, attributes=OrderAttributes(post_only=post_only)))
    assert (params["type"], params.get("timeInForce")) == (kind, time_in_force)


def test_only_what_was_resolved_is_sent():
    bare = sent(submit(order_type=OrderType.MARKET, price=None))
    assert bare.keys() == {
        *("symbol", "side", "type", "quantity", "newClientOrderId", "newOrderRespType"),
    }
    full = sent(
        submit(
            attributes=OrderAttributes(
                self_trade_prevention=SelfTradePreventionMode.EXPIRE_BOTH,
                position_side=PositionSide.BOTH,
                reduce_only=True,
            )
        )
    )
    assert (full["selfTradePreventionMode"], full["positionSide"], full["reduceOnly"]) == (
        "EXPIRE_BOTH",
        "BOTH",
        "true",
    )
    assert "reduceOnly" not in sent(submit(attributes=OrderAttributes(reduce_only=False)))


@pytest.mark.parametrize("side_effect", SideEffectType)
def test_repayment_at_cancel_goes_with_orders_that_may_borrow(side_effect):
    params = sent(submit(ProductType.SPOT, attributes=OrderAttributes(side_effect_type=side_effect)))
    borrows = side_effect in ("MARGIN_BUY", "AUTO_REPAY", "AUTO_BORROW_REPAY")
    assert params.get("autoRepayAtCancel") == ("false" if borrows else None)


def test_an_order_is_named_by_the_venues_id_when_it_is_known():
    assert cancel_params(CANCEL) == [("symbol", "BTCUSDT"), ("orderId", "55")]
    unknown = CancelAtVenue(request_id=8, **FUTURE)
    assert cancel_params(unknown) == [("symbol", "BTCUSDT"), ("origClientOrderId", "fg7")]
    assert dict(modify_params(MODIFY))["modifyId"] == "9"


ACK = b'{"orderId":55,"status":"NEW","executedQty":"0","origQty":"0.01","price":"1","updateTime":3}'


def answered(request, status, body, **headers):
    return answer_event(request, Response(status, headers, body))


def test_an_acceptance_is_a_snapshot_a_confirmed_modify_a_replacement():
    event = answered(submit(), 200, ACK)
    assert isinstance(event, OrderUpdate) and (event.exec, event.venue_order_id) == (VenueExec.SNAPSHOT, "55")
    assert answered(MODIFY, 200, ACK).exec is VenueExec.REPLACED
    killed = answered(MODIFY, 200, ACK.replace(b"NEW", b"CANCELED"))
    assert (killed.exec, killed.status) == (VenueExec.SNAPSHOT, VenueStatus.CANCELED)
    margin = answered(submit(ProductType.SPOT), 200, b'{"orderId":55,"transactTime":3}')
    assert (margin.status, margin.at_ms) == (VenueStatus.NEW, 3)


@pytest.mark.parametrize("request_", [submit(), CANCEL, MODIFY])
@pytest.mark.parametrize(
    "answer",
    [
        SendFailure(sent=True, text="timed out"),
        Response(408, {}, b"{}"),
        Response(500, {}, b"oops"),
        Response(
            503, {}, b'{"code":-1000,"msg":"Unknown error, please check your request or try again later."}'
        ),
        Response(400, {}, b'{"code":-1007,"msg":"Timeout waiting for response from backend server."}'),
        Response(200, {}, b"<html>"),
        Response(200, {}, b'{"orderId":1,"status":"NEVER_HEARD_OF"}'),
        Response(200, {}, b"[]"),
    ],
)
def test_what_leaves_open_if_it_was_done_is_unknown(request_, answer):
    assert isinstance(answer_event(request_, answer), OutcomeUnknown)


@pytest.mark.parametrize(
    ("body", "product"),
    [
        (b'{"code":-4116,"msg":"ClientOrderId is duplicated."}', ProductType.FUTURE),
        (b'{"code":-2010,"msg":"Duplicate order sent."}', ProductType.SPOT),
        (b'{"code":-5041,"msg":"Too many requests in queue."}', ProductType.FUTURE),
    ],
)
def test_a_refusal_that_may_hide_a_landed_order_is_unknown(body, product):
    assert isinstance(answered(submit(product), 400, body), OutcomeUnknown)


@pytest.mark.parametrize(
    ("code", "text", "reason"),
    [
        (-2019, "Margin is insufficient.", OrdRejReason.EXCEEDS_LIMIT),
        (-1121, "Invalid symbol.", OrdRejReason.UNKNOWN_SYMBOL),
        (-4023, "Qty not increased by step size.", OrdRejReason.INCORRECT_QUANTITY),
        (-1013, "Filter failure: LOT_SIZE", OrdRejReason.INCORRECT_QUANTITY),
        (-2010, "Account has insufficient balance for requested action.", OrdRejReason.EXCEEDS_LIMIT),
        (-1021, "Timestamp for this request is outside of the recvWindow.", OrdRejReason.BROKER),
        (-99999, "never heard of", OrdRejReason.BROKER),
    ],
)
def test_a_definite_no_carries_the_venues_code_and_text(code, text, reason):
    event = answered(submit(), 400, b'{"code":%d,"msg":"%b"}' % (code, text.encode()))
    assert isinstance(event, RequestRefused)
    assert (event.code, event.text, event.reason, event.order_gone) == (str(code), text, reason, False)


@pytest.mark.parametrize("request_", [CANCEL, MODIFY])
@pytest.mark.parametrize("code", [-2011, -2013])
def test_a_cancel_or_modify_of_what_is_gone_says_so(request_, code):
    event = answered(request_, 400, b'{"code":%d,"msg":"Unknown order sent."}' % code)
    assert isinstance(event, RequestRefused) and event.order_gone


def test_a_request_that_never_left_is_refused():
    event = answer_event(CANCEL, SendFailure(sent=False, text="connection refused"))
    assert isinstance(event, RequestRefused) and (event.kind, event.request_id) == (RequestKind.CANCEL, 8)
