"""Every error code on every leg, for new orders, cancels and modifies: refused, or left open, and why.

A wrong no makes a client trade twice, a wrong "unknown" costs a question: only what the venue documents as
not executed is refused.
"""

import json
from decimal import Decimal

import pytest

from fixgate.connectors.binance_pm.answers import answer_event
from fixgate.model.enums import OrderType, ProductType, Side, TimeInForce
from fixgate.model.venue import (
    CancelAtVenue,
    ModifyAtVenue,
    OutcomeUnknown,
    RequestRefused,
    SubmitOrder,
    kind_of,
    request_number,
)
from fixgate.papi.answers import Response, SendFailure

from .error_table import (
    CLOCK_CODES,
    OPERATOR_CODES,
    REJECT_CODES,
    RETRYABLE_CODES,
    THROTTLED_CODES,
    UNKNOWN_CODES,
)

QUEUE_TIMEOUT = -5041
ALL_CODES = (
    *REJECT_CODES, *UNKNOWN_CODES, *THROTTLED_CODES, *CLOCK_CODES, *OPERATOR_CODES, *RETRYABLE_CODES,
)  # fmt: skip
GONE = {-2011, -2013}


def requests(product):
    common = {
        "connector": "PM",
        "account": "main",
        "order_id": 7,
        "client_order_id": "fg7",
        "product_type": product,
        "symbol": "BTCUSDT",
    }
    yield SubmitOrder(
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        quantity=Decimal(1),
        price=Decimal(1),
        **common,
    )
    yield CancelAtVenue(request_id=8, **common)
    if product is not ProductType.SPOT:
        yield ModifyAtVenue(request_id=9, side=Side.BUY, quantity=Decimal(1), price=Decimal(1), **common)


REQUESTS = [request for product in ProductType for request in requests(product)]
each_request = pytest.mark.parametrize("request_", REQUESTS, ids=lambda r: f"{r.product_type} {kind_of(r)}")


def answered(request, status, code, message="No."):
    body = json.dumps({"code": code, "msg": message}).encode()
    return answer_event(request, Response(status, {}, body))


def is_open(request, event):
    """True for unknown, False for refused; both must name the request."""
    assert isinstance(event, OutcomeUnknown | RequestRefused)
    assert (event.order_id, event.kind, event.request_id) == (7, kind_of(request), request_number(request))
    return isinstance(event, OutcomeUnknown)


def test_the_table_holds_every_code_once():
    assert len(ALL_CODES) == len(set(ALL_CODES)) == 163


@pytest.mark.parametrize("product", ProductType)
@pytest.mark.parametrize("code", ALL_CODES)
def test_each_code_is_a_refusal_unless_it_leaves_the_outcome_open(product, code):
    status = 429 if code in (-1003, -1015) else 401 if code in OPERATOR_CODES else 400
    left_open = code in UNKNOWN_CODES or code == QUEUE_TIMEOUT
    for request in requests(product):
        event = answered(request, status, code)
        assert is_open(request, event) is left_open
        if not left_open:
            assert event.code == str(code) and event.text == "No."
            assert event.order_gone is (not isinstance(request, SubmitOrder) and code in GONE)


@pytest.mark.parametrize("code", ALL_CODES)
def test_no_code_makes_a_server_error_definite(code):
    """But for -1008, which the venue documents for 503."""
    for request in REQUESTS:
        assert is_open(request, answered(request, 500, code))
        assert is_open(request, answered(request, 408, code))
        assert is_open(request, answered(request, 503, code)) is (code != -1008)
        assert is_open(request, answered(request, 503, code, "Unknown error, please check your request."))


@each_request
@pytest.mark.parametrize("code", [51006, 51007, 51999])
def test_borrow_codes_come_with_either_sign(request_, code):
    for signed in (code, -code):
        assert is_open(request_, answered(request_, 400, signed)) is (code == 51999)


@each_request
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (503, b"Service Unavailable."),
        (503, b'{"code":0,"msg":"Service Unavailable."}'),
        (503, b'{"code":-1001,"msg":"Internal error; unable to process your request. Please try again."}'),
        (503, b'{"code":-1008,"msg":"Request throttled by system-level protection."}'),
        (403, b"<html>Forbidden</html>"),
        (404, b"<html>"),
        (429, b""),
        (418, b"<html>"),
        (400, b'{"code":-99999,"msg":"never heard of"}'),
    ],
)
def test_what_the_venue_documents_as_not_executed_is_refused(request_, status, body):
    assert not is_open(request_, answer_event(request_, Response(status, {}, body)))


@each_request
@pytest.mark.parametrize(
    "answer",
    [
        SendFailure(sent=True, text="no complete answer within 5 s"),
        SendFailure(sent=True, text="the connection was lost before the answer was complete"),
        Response(408, {}, b""),
        Response(500, {}, b""),
        Response(502, {}, b"<html>Bad Gateway</html>"),
        Response(504, {}, b""),
        Response(599, {}, b"{}"),
        Response(503, {}, b"Unknown error, please check your request or try again later."),
        Response(503, {}, b'{"code":-1000,"msg":"Unknown error, please check your request."}'),
        Response(503, {}, b"<html>"),
        Response(400, {}, b"<html>"),
        Response(400, {}, b""),
        Response(400, {}, b'{"code":-2010,"msg":"Duplicate order sent."}'),
        Response(400, {}, b'{"code":-1010,"msg":"Duplicate order sent."}'),
        Response(302, {}, b""),
        Response(200, {}, b""),
        Response(200, {}, b"<html>"),
        Response(200, {}, b"null"),
        Response(200, {}, b"[]"),
        Response(200, {}, b"[" * 100_000),
        Response(200, {}, b'{"status":"CANCELED"}'),
        Response(200, {}, b'{"orderId":1,"status":"CANCELED","executedQty":"NaN"}'),
        Response(200, {}, b'{"orderId":1,"status":"CANCELED","executedQty":"Infinity"}'),
        Response(200, {}, b'{"orderId":1,"status":"CANCELED","executedQty":"much"}'),
        Response(200, {}, b'{"orderId":1,"status":"NEVER_HEARD_OF"}'),
        Response(200, {}, b"\xff\xfe"),
    ],
    ids=lambda answer: f"{getattr(answer, 'status', 'sent')} {getattr(answer, 'body', b'')[:30]!r}",
)
def test_whatever_leaves_it_open_if_the_request_was_done_is_unknown(request_, answer):
    assert is_open(request_, answer_event(request_, answer))


@each_request
def test_a_request_that_never_left_is_refused(request_):
    assert not is_open(request_, answer_event(request_, SendFailure(sent=False, text="no connection")))


def test_an_acceptance_of_another_order_is_not_taken_for_ones_own():
    body = b'{"orderId":1,"status":"NEW","clientOrderId":"fg8","executedQty":"0"}'
    for request in REQUESTS:
        if not isinstance(request, CancelAtVenue):
            assert is_open(request, answer_event(request, Response(200, {}, body)))


def test_a_cancel_that_says_no_status_is_not_taken_for_done():
    request = next(r for r in REQUESTS if isinstance(r, CancelAtVenue))
    assert is_open(request, answer_event(request, Response(200, {}, b'{"orderId":1}')))
