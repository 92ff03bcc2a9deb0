"""What failed answers mean: the whole code table, every status, and everything ambiguous as UNKNOWN."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixgate.papi import (
    ERROR_CODES,
    ErrorCode,
    Failure,
    Leg,
    Outcome,
    Response,
    SendFailure,
    VenueError,
    classify,
    error_code,
    failure_of,
)


def body(code: object, message: str = "No.") -> bytes:
    return json.dumps({"code": code, "msg": message}).encode()


DEFINITE = set(Outcome) - {Outcome.UNKNOWN}


@pytest.mark.parametrize("row", ERROR_CODES, ids=lambda row: f"{row.code} {row.name}")
def test_each_code_of_the_table_means_what_its_row_says(row: ErrorCode) -> None:
    for leg in [row.leg] if row.leg else list(Leg):
        failure = classify(400, body(row.code, "Why it failed."), leg)
        assert failure.outcome is row.outcome
        assert (failure.code, failure.name, failure.message) == (row.code, row.name, "Why it failed.")
    assert classify(500, body(row.code)).outcome is Outcome.UNKNOWN
    assert classify(408, body(row.code)).outcome is Outcome.UNKNOWN


def test_the_table_holds_each_code_once_and_every_class() -> None:
    assert len({row.code for row in ERROR_CODES}) == len(ERROR_CODES) == 163
    assert {row.outcome for row in ERROR_CODES} == set(Outcome)


def test_the_codes_that_leave_execution_open_are_these() -> None:
    unknown = {row.code for row in ERROR_CODES if row.outcome is Outcome.UNKNOWN}
    assert unknown == {-1000, -1006, -1007, -2012, -4116, -4117, 51999}


def test_a_code_counts_only_on_its_own_leg() -> None:
    assert classify(400, body(-4188), Leg.CM).outcome is Outcome.CLOCK
    assert classify(400, body(-4188), Leg.UM).outcome is Outcome.REJECT
    assert classify(400, body(-4188)).outcome is Outcome.CLOCK
    assert error_code(-4178, Leg.CM) is not None
    assert error_code(-4178, Leg.MARGIN) is None


@pytest.mark.parametrize("sign", [1, -1])
def test_borrow_errors_are_known_with_either_sign(sign: int) -> None:
    assert classify(400, body(sign * 51007), Leg.MARGIN).outcome is Outcome.NOT_EXECUTED_RETRYABLE
    assert classify(400, body(sign * 51999), Leg.MARGIN).outcome is Outcome.UNKNOWN


A = "Unknown error, please check your request or try again later."
B = "Service Unavailable."
C = "Internal error; unable to process your request. Please try again."
D = "Request throttled by system-level protection. Reduce-only/close-position orders are exempt."


@pytest.mark.parametrize(
    ("raw", "outcome"),
    [
        (body(-1000, A), Outcome.UNKNOWN),
        (body(-1008, A), Outcome.UNKNOWN),
        (body(-1001, A), Outcome.UNKNOWN),
        (body(0, A), Outcome.UNKNOWN),
        (A.encode(), Outcome.UNKNOWN),
        (body(0, B), Outcome.NOT_EXECUTED_RETRYABLE),
        (B.encode(), Outcome.NOT_EXECUTED_RETRYABLE),
        (body(-1007, B), Outcome.UNKNOWN),
        (body(-2010, B), Outcome.UNKNOWN),
        (body(-1001, C), Outcome.NOT_EXECUTED_RETRYABLE),
        (body(-1001, "Something else."), Outcome.UNKNOWN),
        (body(-1000, C), Outcome.UNKNOWN),
        (C.encode(), Outcome.UNKNOWN),
        (body(-1008, D), Outcome.NOT_EXECUTED_RETRYABLE),
        (body(-1008, "Server is currently overloaded."), Outcome.NOT_EXECUTED_RETRYABLE),
        (D.encode(), Outcome.UNKNOWN),
        (body(-1008, "Request occur unknown error."), Outcome.UNKNOWN),
        (body(-2010), Outcome.UNKNOWN),
        (body(-9999), Outcome.UNKNOWN),
        (b"", Outcome.UNKNOWN),
        (b"<html>503 Service Unavailable</html>", Outcome.UNKNOWN),
        (b'{"code":-1001,"msg":"Inter', Outcome.UNKNOWN),
    ],
)
def test_a_503_is_a_definite_no_only_in_its_documented_forms(raw: bytes, outcome: Outcome) -> None:
    assert classify(503, raw).outcome is outcome


@pytest.mark.parametrize("status", [500, 502, 504, 520, 599, 301, 302, 200, 201, 0, 700])
def test_any_other_status_that_is_not_4xx_leaves_execution_open(status: int) -> None:
    for raw in (b"", b"<html>", body(-1008, D), body(-2019), body(-1021), B.encode()):
        assert classify(status, raw).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "raw", [b"", b"<html><body>blocked</body></html>", b"\xff\xfe", b"[]", b'"x"', b"{}"]
)
@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (400, Outcome.UNKNOWN),
        (401, Outcome.INFRA_AUTH),
        (403, Outcome.INFRA_AUTH),
        (404, Outcome.INFRA_AUTH),
        (408, Outcome.UNKNOWN),
        (409, Outcome.UNKNOWN),
        (418, Outcome.THROTTLED),
        (429, Outcome.THROTTLED),
    ],
)
def test_a_body_that_is_not_the_venues_counts_by_status(status: int, outcome: Outcome, raw: bytes) -> None:
    failure = classify(status, raw)
    assert failure.outcome is outcome
    assert failure.code is None
    assert f"HTTP {status}" in failure.message and "blocked" not in failure.message


@pytest.mark.parametrize("code", [-3007, -9999, 12345, -4400000])
def test_an_unknown_code_is_a_definite_no_on_4xx(code: int) -> None:
    failure = classify(400, body(code, "New rule."))
    assert failure.outcome is Outcome.REJECT
    assert (failure.code, failure.name, failure.message) == (code, "", "New rule.")


@pytest.mark.parametrize("code", [-1010, -2010])
def test_a_duplicate_on_margin_means_that_an_earlier_attempt_may_have_landed(code: int) -> None:
    assert classify(400, body(code, "Duplicate order sent."), Leg.MARGIN).outcome is Outcome.UNKNOWN
    refused = classify(400, body(code, "Account has insufficient balance for requested action."), Leg.MARGIN)
    assert refused.outcome is Outcome.REJECT


def test_given_a_ban_then_it_is_throttling_whatever_the_code_and_its_end_is_read() -> None:
    text = "Way too many requests; IP(1.2.3.4) banned until 1764000000123. Please use the websocket."
    failure = classify(418, body(-1003, text), headers={"retry-after": "120"})
    assert failure.outcome is Outcome.THROTTLED
    assert (failure.retry_after, failure.banned_until_ms) == (120.0, 1764000000123)
    assert classify(418, body(-2015, "Invalid API-key, IP, or permissions.")).outcome is Outcome.THROTTLED


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        (" 7 ", 7.0),
        ("1.5", 1.5),
        ("", None),
        ("-3", None),
        ("soon", None),
        ("1e9", None),
        ("9" * 40, None),
    ],
)
def test_retry_after_is_seconds_or_nothing(value: str, seconds: float | None) -> None:
    assert classify(429, body(-1015), headers={"retry-after": value}).retry_after == seconds


def test_a_code_may_be_text_but_not_a_boolean_or_a_fraction() -> None:
    assert classify(400, body("-2011", "Unknown order sent.")).code == -2011
    for odd in (True, 1.5, None, "x", [1], {"a": 1}):
        assert classify(400, body(odd)).code is None


def test_codes_that_need_a_look_before_a_resend_say_so() -> None:
    assert classify(400, body(-5041), Leg.UM).verify_first
    assert classify(503, body(-1001, C)).verify_first
    assert not classify(503, body(-1008, D)).verify_first


def test_a_message_is_bounded_and_on_one_line() -> None:
    message = classify(400, body(-2010, "a\r\nb\x00" + "x" * 5000)).message
    assert message.startswith("a  b") and message.isprintable() and len(message) <= 300


@given(st.integers(100, 599), st.binary(max_size=200) | st.text(max_size=100).map(lambda t: t.encode()))
def test_any_answer_is_classified_and_2xx_never_as_a_no(status: int, raw: bytes) -> None:
    failure = classify(status, raw)
    assert isinstance(failure, Failure)
    if not 400 <= status < 500 and status != 503:
        assert failure.outcome is Outcome.UNKNOWN


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda s: st.lists(s) | st.dictionaries(st.text(), s),
    )
)
def test_any_json_is_classified(value: object) -> None:
    assert classify(400, json.dumps({"code": value, "msg": value}).encode()).outcome in set(Outcome)
    assert classify(400, json.dumps(value).encode()).outcome in set(Outcome)


def test_deeply_nested_json_is_just_another_unreadable_body() -> None:
    assert classify(400, b"[" * 200_000).outcome is Outcome.UNKNOWN


def test_an_answer_of_either_kind_gives_a_failure_or_none() -> None:
    assert failure_of(Response(200, {}, b"{}")) is None
    refused = failure_of(Response(400, {"retry-after": "1"}, body(-2019)), Leg.UM)
    assert refused is not None and refused.outcome is Outcome.REJECT and refused.retry_after == 1.0
    unsent = failure_of(SendFailure(False, "no connection"))
    assert unsent is not None and unsent.outcome is Outcome.NOT_EXECUTED_RETRYABLE
    lost = failure_of(SendFailure(True, "reset"))
    assert lost is not None and lost.outcome is Outcome.UNKNOWN


def test_a_venue_error_reads_well() -> None:
    error = VenueError(classify(400, body(-2019, "Margin is insufficient.")))
    assert str(error) == "reject -2019: Margin is insufficient."
