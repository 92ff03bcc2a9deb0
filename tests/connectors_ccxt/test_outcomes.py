"""What a failed call means, by the venue's code, by how far it got, and last by ccxt's class."""

from typing import Any

import ccxt
import pytest

from fixgate.connectors.ccxt.outcomes import judge, request_failed
from fixgate.connectors.ccxt.translator import Verdict
from fixgate.model.execution import ErrorCode
from fixgate.model.venue import OutcomeUnknown, RequestRefused
from tests.connectors_ccxt.rows import NoVenue, a_cancel, a_submit, failed

VENUE = NoVenue()
ADDRESS = "https://api.venue.com/order?apiKey=abc&signature=0123456789abcdef"


def coded(code: int) -> dict[str, Any]:
    body = f'{{"code":{code},"msg":"No."}}'
    return {"error": ccxt.ExchangeError(f"venue {body}"), "status": 400, "body": body}


TABLE = [
    (
        "not sent, a check of ccxt's own",
        {"error": ccxt.InvalidOrder("amount"), "sent": False},
        Verdict.REFUSED,
    ),
    ("not sent, no connection", {"error": ccxt.NetworkError("x"), "sent": False}, Verdict.REFUSED),
    ("not sent, a fault of ours", {"error": TypeError("x"), "sent": False}, Verdict.REFUSED),
    ("no answer in time", {"error": ccxt.RequestTimeout("x")}, Verdict.UNKNOWN),
    ("connection lost", {"error": ccxt.ExchangeNotAvailable("x")}, Verdict.UNKNOWN),
    ("connection lost, plain", {"error": ccxt.ExchangeError("x")}, Verdict.UNKNOWN),
    ("a definite code", coded(1), Verdict.REFUSED),
    ("a code that leaves it open", coded(2), Verdict.UNKNOWN),
    ("no such order", coded(3), Verdict.NOT_FOUND),
    ("so already", coded(4), Verdict.DONE),
    ("used before", coded(5), Verdict.DUPLICATE),
    ("too many", coded(6), Verdict.LIMITED),
    ("a code in no table", coded(99), Verdict.REFUSED),
    ("429", {"error": ccxt.DDoSProtection("x"), "status": 429, "body": "{}"}, Verdict.LIMITED),
    ("418", {"error": ccxt.DDoSProtection("x"), "status": 418, "body": "banned"}, Verdict.LIMITED),
    ("500", {"error": ccxt.ExchangeNotAvailable("x"), "status": 500, "body": "{}"}, Verdict.UNKNOWN),
    ("504 of a proxy", {"error": ccxt.ExchangeError("x"), "status": 504, "body": "<html>"}, Verdict.UNKNOWN),
    ("408", {"error": ccxt.RequestTimeout("x"), "status": 408, "body": "{}"}, Verdict.UNKNOWN),
    (
        "403 of a wall",
        {"error": ccxt.ExchangeNotAvailable("x"), "status": 403, "body": "no"},
        Verdict.UNKNOWN,
    ),
    ("200, no JSON", {"error": ccxt.BadResponse("x"), "status": 200, "body": "<html>"}, Verdict.UNKNOWN),
    ("200, no order", {"error": KeyError("id"), "status": 200, "body": "{}"}, Verdict.UNKNOWN),
    ("retryable to ccxt", {"error": ccxt.OperationFailed("x"), "status": 400, "body": "{}"}, Verdict.UNKNOWN),
    ("no money", {"error": ccxt.InsufficientFunds("x"), "status": 400, "body": "{}"}, Verdict.REFUSED),
    ("no order", {"error": ccxt.OrderNotFound("x"), "status": 400, "body": "{}"}, Verdict.NOT_FOUND),
]


@pytest.mark.parametrize(("call", "verdict"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_every_kind_of_failure_has_its_verdict(call: dict[str, Any], verdict: Verdict) -> None:
    assert judge(VENUE, failed(**call)).verdict is verdict


@pytest.mark.parametrize("call", [row[1] for row in TABLE], ids=[row[0] for row in TABLE])
def test_only_a_definite_no_is_a_reject(call: dict[str, Any]) -> None:
    failure = judge(VENUE, failed(**call))
    event = request_failed(a_submit(), failure)
    definite = (Verdict.REFUSED, Verdict.NOT_FOUND, Verdict.LIMITED)
    assert isinstance(event, RequestRefused if failure.verdict in definite else OutcomeUnknown)


@pytest.mark.parametrize("code", [3, 4])
def test_a_cancel_of_what_is_not_open_says_that_the_order_is_gone(code: int) -> None:
    event = request_failed(a_cancel(), judge(VENUE, failed(**coded(code))))
    assert isinstance(event, RequestRefused) and event.order_gone and event.request_id == 2


def test_the_codes_meaning_reaches_the_api() -> None:
    event = request_failed(a_submit(), judge(VENUE, failed(**coded(1))))
    assert isinstance(event, RequestRefused)
    assert (event.code, event.text, event.error) == ("1", "No.", ErrorCode.INSUFFICIENT_BALANCE)


@pytest.mark.parametrize("status", [0, 400, 502])
def test_no_signed_address_reaches_a_text(status: int) -> None:
    error = ccxt.ExchangeNotAvailable(f"venue POST {ADDRESS} 502 Bad Gateway")
    text = judge(VENUE, failed(error, status=status, body="")).text
    assert text and "signature" not in text and "apiKey" not in text


def test_the_http_reason_is_not_the_venues_word() -> None:
    error = ccxt.ExchangeNotAvailable(f'venue POST {ADDRESS} 503 "code":1 {{}}')
    assert judge(VENUE, failed(error, status=503, body="{}")).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            '{"code":"1","data":[{"sCode":"51008","sMsg":"Insufficient USDT"}],"msg":"All failed"}',
            "Insufficient",
        ),
        ('{"retCode":110007,"retMsg":"ab not enough"}', "ab not enough"),
        ('{"label":"BALANCE_NOT_ENOUGH","message":"Not enough balance"}', "Not enough balance"),
        ('{"error":["EOrder:Insufficient funds"]}', "EOrder:Insufficient funds"),
        ('{"status":"err","response":"Must deposit before performing actions"}', "Must deposit"),
    ],
)
def test_the_text_is_the_venues_own_words(body: str, words: str) -> None:
    failure = judge(VENUE, failed(ccxt.ExchangeError(f"venue {body}"), status=400, body=body))
    assert failure.text.startswith(words)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry_After": "7"}, 7.0),
        ({"retry_after": "1.5"}, 1.5),
        ({"Retry_After": "Fri, 31 Dec 2027 23:59:59 GMT", "Date": "Fri, 31 Dec 2027 23:59:29 GMT"}, 30.0),
        ({"Retry_After": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read(headers: dict[str, str], seconds: float | None) -> None:
    failure = judge(VENUE, failed(ccxt.DDoSProtection("x"), status=429, body="{}", **headers))
    assert failure.retry_after == seconds
