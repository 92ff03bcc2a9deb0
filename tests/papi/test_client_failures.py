"""What a call that does not succeed raises, and that nothing that changes anything is sent twice."""

from typing import Any

import pytest

from fixgate.papi import (
    ERROR_CODES,
    AccessRefused,
    ClockRefused,
    NoClearAnswer,
    NotExecuted,
    NotPortfolioMargin,
    OutcomeUnknown,
    PapiError,
    PortfolioClient,
    Rejected,
    Throttled,
    UnreadableAnswer,
    VenueError,
)
from fixgate.papi.client.failures import failure_for
from fixgate.papi.endpoints import ENDPOINTS, Effect
from fixgate.papi.errors import classify

from .endpoint_rows import ROWS, sample
from .peers import free_port, until
from .test_client_walk import cases, client_methods, named
from .venue import ACCOUNT, KEY, NOW, SECRET, SILENCE, Reply, client_of, venue

ORDER = "POST /papi/v1/um/order"
QUERY = "GET /papi/v1/um/order"
TYPES = {
    "reject": Rejected,
    "not_executed_retryable": NotExecuted,
    "throttled": Throttled,
    "clock": ClockRefused,
    "infra_auth": AccessRefused,
    "unknown": NoClearAnswer,
}


def refusal(code: int, message: str = "refused") -> Reply:
    return 400, {"code": code, "msg": message}


async def place(client: PortfolioClient) -> Any:
    return await client.um.submit_new_um_order(symbol="BTCUSDT", side="BUY", type="MARKET", quantity=1)


async def query(client: PortfolioClient) -> Any:
    return await client.um.get_um_order(symbol="BTCUSDT", orderId=7)


@pytest.mark.parametrize("row", ERROR_CODES, ids=lambda row: str(row.code))
def test_each_code_of_the_venue_is_raised_as_its_class_s_type(row: Any) -> None:
    failure = classify(400, f'{{"code": {row.code}, "msg": "m"}}'.encode(), row.leg)
    reading = failure_for(failure, ENDPOINTS["GET", "/papi/v1/um/order"])
    writing = failure_for(failure, ENDPOINTS["POST", "/papi/v1/um/order"])
    assert type(reading) is TYPES[row.outcome.value]
    assert type(writing) is (OutcomeUnknown if row.outcome.value == "unknown" else type(reading))
    assert isinstance(writing, VenueError) and isinstance(writing, PapiError)
    assert writing.failure.code == row.code and writing.failure.name == row.name


def test_every_call_that_changes_anything_says_how_to_learn_what_became_of_it() -> None:
    for row in ENDPOINTS.values():
        assert bool(row.find_out) is (row.effect is not Effect.READ)
        assert (row.effect is Effect.READ) is (row.method == "GET")
    methods = {name.partition(".")[2] for name in (row["call"] for row in ROWS)}
    for row in ENDPOINTS.values():
        named = [word.strip("(),;:.") for word in row.find_out.split() if "_" in word]
        assert {word.rpartition(".")[2] for word in named} <= methods, row.find_out


UNCLEAR: list[Reply] = [
    (503, {"code": 0, "msg": "Unknown error, please check your request or try again later."}),
    (500, "<html>"),
    (408, ""),
    (400, {"code": -1007, "msg": "Timeout waiting for response from backend server."}),
    (400, {"code": -4116, "msg": "ClientOrderId is duplicated."}),
    (200, b"not JSON"),
    (200, {"status": "NEW"}),
    None,
]


@pytest.mark.parametrize("reply", UNCLEAR, ids=str)
async def test_given_an_order_without_a_clear_answer_then_its_own_error_says_how_to_find_out(
    reply: Reply,
) -> None:
    async with venue() as stand_in, client_of(stand_in) as client:
        stand_in.replies[ORDER] = [reply]
        with pytest.raises(OutcomeUnknown, match=r"may have been executed: ask um\.get_um_order") as error:
            await place(client)
        assert "um.get_um_order" in error.value.find_out and error.value.failure.outcome.value == "unknown"
        assert len(stand_in.requests(ORDER)) == 1


@pytest.mark.parametrize("reply", [UNCLEAR[0], UNCLEAR[1], None], ids=str)
async def test_given_a_question_without_a_clear_answer_then_nothing_is_said_to_be_in_doubt(
    reply: Reply,
) -> None:
    async with venue() as stand_in, client_of(stand_in) as client:
        stand_in.replies[QUERY] = [reply]
        with pytest.raises(NoClearAnswer) as error:
            await query(client)
        assert type(error.value) is NoClearAnswer


async def test_given_no_answer_in_time_then_an_order_is_in_doubt() -> None:
    async with venue() as stand_in, client_of(stand_in, timeout=0.05) as client:
        stand_in.replies[ORDER] = [SILENCE]
        with pytest.raises(OutcomeUnknown, match="no complete answer within"):
            await place(client)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"<html>", b"[" * 3000])
async def test_given_an_answer_that_cannot_be_read_then_a_question_says_so(body: bytes) -> None:
    async with venue() as stand_in, client_of(stand_in) as client:
        stand_in.replies[QUERY] = [(200, body)]
        with pytest.raises(UnreadableAnswer, match="should be the venue's JSON for UmOrder"):
            await query(client)


# the clock


async def test_given_a_refused_timestamp_then_a_question_is_asked_again_with_a_clock_measured_anew() -> None:
    order = sample(next(row for row in ROWS if row["call"] == "um.get_um_order")["response"])
    async with venue() as stand_in, client_of(stand_in) as client:
        stand_in.replies["GET /fapi/v1/time"] = [(200, {"serverTime": NOW + 5000})]
        stand_in.replies[QUERY] = [refusal(-1021), (200, order)]
        assert (await query(client)).orderId == order["orderId"]
        first, second = stand_in.requests(QUERY)
        assert b"&timestamp=%d&" % NOW in first and b"&timestamp=%d&" % (NOW + 5000) in second


async def test_given_a_timestamp_refused_twice_then_a_question_is_not_asked_a_third_time() -> None:
    async with venue() as stand_in, client_of(stand_in) as client:
        stand_in.replies[QUERY] = [refusal(-1021)]
        with pytest.raises(ClockRefused):
            await query(client)
        assert len(stand_in.requests(QUERY)) == 2


async def test_given_a_clock_that_cannot_be_measured_then_a_question_is_not_asked_again() -> None:
    async with venue() as stand_in, client_of(stand_in) as client:
        stand_in.replies[QUERY] = [refusal(-1021)]
        stand_in.replies["GET /fapi/v1/time"] = [(500, "")]
        with pytest.raises(ClockRefused):
            await query(client)
        assert len(stand_in.requests(QUERY)) == 1


@pytest.mark.parametrize("code", [-1021, -5028])
async def test_given_a_refused_timestamp_then_an_order_is_never_sent_again(code: int) -> None:
    async with venue() as stand_in, client_of(stand_in) as client:
        measured = len(stand_in.requests("GET /fapi/v1/time"))
        stand_in.replies[ORDER] = [refusal(code)]
        with pytest.raises(ClockRefused):
            await place(client)
        await until(lambda: len(stand_in.requests("GET /fapi/v1/time")) > measured)
        assert len(stand_in.requests(ORDER)) == 1


@pytest.mark.parametrize("row", [row for row in ROWS if row["method"] != "GET"], ids=lambda row: row["call"])
async def test_nothing_that_changes_anything_is_sent_twice(row: dict[str, Any]) -> None:
    async with venue() as stand_in, client_of(stand_in, pacing=False) as client:
        for reply in (refusal(-1021), (503, {"code": -1008, "msg": "throttled"}), None):
            stand_in.replies[named(row)] = [reply]
            stand_in.server.requests.clear()
            with pytest.raises(PapiError):
                await client_methods(client)[row["call"]](**cases(row)[0])
            assert len(stand_in.requests(named(row))) == 1


# the start


@pytest.mark.parametrize(
    ("code", "says"), [(-1109, "PM Pro accounts"), (-2015, "lacks the Portfolio Margin")]
)
async def test_given_an_account_that_is_not_classic_portfolio_margin_then_the_start_is_refused(
    code: int, says: str
) -> None:
    async with venue() as stand_in:
        stand_in.replies["GET /papi/v1/account"] = [refusal(code, "Invalid account.")]
        with pytest.raises(NotPortfolioMargin, match=says) as error:
            async with client_of(stand_in):
                pytest.fail("it started")
        assert "Invalid account." in str(error.value) and "not in classic Portfolio Margin" in str(
            error.value
        )
        await until(lambda: stand_in.server.open == 0)


async def test_given_another_refusal_then_the_start_says_that_one() -> None:
    async with venue() as stand_in:
        stand_in.replies["GET /papi/v1/account"] = [(429, {"code": -1003, "msg": "Too many requests."})]
        with pytest.raises(Throttled):
            await client_of(stand_in).start()


async def test_given_a_venue_that_is_not_there_then_the_start_says_so() -> None:
    async with venue() as stand_in:
        away = f"http://127.0.0.1:{await free_port()}"
        with pytest.raises(NotExecuted, match="no connection to"):
            await client_of(stand_in, base_url=away).start()
        with pytest.raises(PapiError, match="no connection to"):
            await client_of(stand_in, time_url=away).start()


async def test_given_no_order_limit_then_the_client_starts_all_the_same() -> None:
    async with venue() as stand_in:
        stand_in.replies["GET /papi/v1/rateLimit/order"] = [(500, "")]
        async with client_of(stand_in) as client:
            assert (await client.account.get_account_info()).accountStatus == ACCOUNT["accountStatus"]


async def test_given_a_client_that_is_not_started_or_closed_then_calls_say_so() -> None:
    async with venue() as stand_in:
        client = client_of(stand_in)
        with pytest.raises(RuntimeError, match="not started"):
            await query(client)
        with pytest.raises(RuntimeError, match="not started"):
            client.user_data_stream()
        async with client:
            with pytest.raises(RuntimeError, match="already started"):
                await client.start()
        with pytest.raises(RuntimeError, match="not started"):
            await place(client)
        assert not stand_in.requests(ORDER)


async def test_no_secret_shows_in_errors_or_repr() -> None:
    async with venue() as stand_in, client_of(stand_in) as client:
        for reply in UNCLEAR:
            stand_in.replies[ORDER] = [reply]
            with pytest.raises(PapiError) as error:
                await place(client)
            shown = f"{error.value!r} {error.value} {client!r}"
            assert not [secret for secret in (KEY, SECRET, "signature") if secret in shown]
