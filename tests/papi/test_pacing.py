"""What may be sent when the venue's limits come near, and while it throttles. All in a time of its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixgate.papi import Failure, Outcome, Response, SendFailure, classify
from fixgate.papi.pacing import AccountPacing, AddressPacing, Limit, Ticket
from fixgate.papi.weights import Cost, cost_of

START = 1_795_000_020.0
"""Twenty seconds before the end of a minute."""

ORDER, QUESTION = Cost(1, 1), Cost(40)


class Clock:
    def __init__(self) -> None:
        self.at = START - START % 60 + 40

    def __call__(self) -> float:
        return self.at


class Stand:
    def __init__(self) -> None:
        self.clock = Clock()
        self.address = AddressPacing(self.clock)
        self.account = AccountPacing(self.address)

    def use(self, weight: int | None = None, orders: int | None = None) -> None:
        """Let a request leave and be answered with these counts."""
        headers = {} if weight is None else {"x-mbx-used-weight-1m": str(weight)}
        if orders is not None:
            headers["x-mbx-order-count-1m"] = str(orders)
        self.account.answered(self.account.leaving(ORDER), Response(200, headers, b"{}"))

    def fail(self, status: int, code: int, text: str = "No.", **headers: str) -> None:
        body = f'{{"code":{code},"msg":"{text}"}}'.encode()
        self.account.refused(
            classify(status, body, headers={k.replace("_", "-"): v for k, v in headers.items()})
        )


def test_given_four_fifths_are_used_then_orders_are_refused_and_cancels_and_questions_go() -> None:
    stand = Stand()
    stand.use(weight=4799)
    assert stand.account.refusal() == ""
    stand.use(weight=4800)
    why = stand.account.refusal()
    assert "6000 request weight per minute" in why and "4800 used" in why and "last 1200" in why
    assert "ends in 20.0 s" in why
    assert stand.account.cancel_wait() == 0
    assert stand.account.question_wait(QUESTION) == 0


def test_given_four_fifths_of_the_orders_are_used_then_only_this_accounts_orders_are_refused() -> None:
    stand = Stand()
    stand.use(orders=960)
    assert "1200 orders per minute" in stand.account.refusal()
    assert AccountPacing(stand.address).refusal() == ""
    assert stand.account.question_wait(QUESTION) == 0


def test_given_the_venue_allows_more_orders_then_that_counts() -> None:
    stand = Stand()
    stand.use(orders=960)
    stand.account.orders.limit = 2400
    assert stand.account.refusal() == ""


def test_given_a_new_minute_then_all_is_free_again() -> None:
    stand = Stand()
    stand.use(weight=5900, orders=1200)
    stand.clock.at += 20
    assert stand.account.refusal() == ""
    assert stand.account.reading() == {"REQUEST-WEIGHT-1M": 6000, "ORDER-COUNT-1M": 1200}


def test_the_weight_is_shared_by_the_accounts_of_an_address() -> None:
    stand = Stand()
    stand.use(weight=5000)
    assert "request weight" in AccountPacing(stand.address).refusal()


def test_what_has_left_since_the_last_header_counts() -> None:
    stand = Stand()
    stand.use(weight=4790)
    tickets = [stand.account.leaving(ORDER) for _ in range(10)]
    assert "4800 used" in stand.account.refusal()
    stand.account.answered(tickets[0], SendFailure(sent=False, text="never left"))
    assert stand.account.refusal() == ""
    stand.account.answered(tickets[1], SendFailure(sent=True, text="timed out"))
    stand.account.answered(tickets[2], Response(503, {}, b""))
    assert stand.address.weight.used() == 4799


def test_the_header_of_the_latest_request_counts_and_clears_the_estimate() -> None:
    stand = Stand()
    early, late = stand.account.leaving(ORDER), stand.account.leaving(ORDER)
    stand.account.answered(late, Response(200, {"x-mbx-used-weight-1m": "12"}, b""))
    stand.account.answered(early, Response(200, {"x-mbx-used-weight-1m": "4900"}, b""))
    assert stand.address.weight.used() == 12


def test_an_answer_to_the_last_minutes_request_says_nothing_about_this_one() -> None:
    stand = Stand()
    ticket = stand.account.leaving(ORDER)
    stand.clock.at += 20
    stand.account.answered(ticket, Response(200, {"x-mbx-used-weight-1m": "5999"}, b""))
    assert stand.address.weight.used() == 0


@pytest.mark.parametrize("told", ["", "x", "-1", "9" * 30, "1.5"])
def test_a_header_that_is_no_count_is_not_taken_for_one(told: str) -> None:
    stand = Stand()
    stand.account.answered(stand.account.leaving(ORDER), Response(200, {"x-mbx-used-weight-1m": told}, b""))
    assert stand.address.weight.used() == 1


def test_above_half_questions_that_can_wait_are_spread_over_the_rest_of_the_minute() -> None:
    stand = Stand()
    stand.use(weight=3000)
    assert stand.account.spacing(QUESTION) == 0
    stand.use(weight=3700)
    assert stand.account.spacing(QUESTION) == pytest.approx(20 * 40 / 2000)
    stand.use(weight=5699)
    assert stand.account.spacing(QUESTION) == 20


def test_above_95_percent_questions_wait_for_the_next_minute_and_cancels_go() -> None:
    stand = Stand()
    stand.use(weight=5661)
    assert stand.account.question_wait(QUESTION) == 20
    assert stand.account.question_wait(Cost(1)) == 0
    assert stand.account.cancel_wait() == 0


def test_given_a_429_then_nothing_leaves_until_retry_after_is_over() -> None:
    stand = Stand()
    stand.fail(429, -1003, retry_after="7")
    assert "throttles this address until" in stand.account.refusal()
    assert "throttles" in AccountPacing(stand.address).refusal()
    assert stand.account.cancel_wait() == 7
    assert stand.account.question_wait(ORDER) > 7
    stand.clock.at += 7
    assert stand.account.refusal() == "" and stand.account.cancel_wait() == 0
    assert stand.account.question_wait(ORDER) == 0


def test_given_a_ban_then_it_lasts_until_the_end_that_its_text_tells() -> None:
    stand = Stand()
    ends = int((stand.clock.at + 600) * 1000)
    stand.fail(418, -1003, f"Way too many requests; IP banned until {ends}.")
    assert stand.account.cancel_wait() == pytest.approx(600)
    assert "banned this address" in stand.account.refusal()


@pytest.mark.parametrize(("status", "seconds"), [(429, 5), (418, 120)])
def test_given_no_word_on_how_long_then_a_pause_is_guessed(status: int, seconds: float) -> None:
    stand = Stand()
    stand.fail(status, -1003)
    assert stand.account.cancel_wait() == seconds


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    stand = Stand()
    stand.fail(418, -1003, retry_after="300")
    stand.fail(429, -1003, retry_after="1")
    assert stand.account.cancel_wait() == 300 and "banned" in stand.account.refusal()


def test_given_too_many_orders_then_only_orders_of_this_account_are_refused() -> None:
    stand = Stand()
    stand.fail(429, -1015)
    assert "-1015" in stand.account.refusal()
    assert stand.account.cancel_wait() == 0 and stand.account.question_wait(QUESTION) == 0
    assert AccountPacing(stand.address).refusal() == ""
    stand.clock.at += 20
    assert stand.account.refusal() == ""


@pytest.mark.parametrize(("status", "code"), [(400, -2010), (503, -1008), (400, -5041), (400, -2011)])
def test_other_failures_pause_nothing(status: int, code: int) -> None:
    stand = Stand()
    stand.fail(status, code, retry_after="9")
    assert stand.account.refusal() == "" and stand.account.cancel_wait() == 0


def test_a_pause_without_a_code_is_one_too() -> None:
    stand = Stand()
    stand.account.refused(Failure(outcome=Outcome.THROTTLED, message="<html>", status=429))
    assert stand.account.cancel_wait() == 5


@given(
    steps=st.lists(
        st.tuples(st.integers(0, 50), st.sampled_from(["answer", "lose", "never", "keep"])), max_size=60
    )
)
def test_what_is_under_way_is_never_lost_from_the_count(steps: list[tuple[int, str]]) -> None:
    clock = Clock()
    limit = Limit(1000, clock)
    kept = counted = 0
    for number, (cost, end) in enumerate(steps):
        limit.leaving(cost)
        ticket = Ticket(number, int(clock.at // 60), Cost(cost))
        if end == "keep":
            kept += cost
        elif end == "never":
            limit.unsent(cost)
        elif end == "lose":
            limit.answered(ticket, cost, None)
            counted += cost
        else:
            counted += cost
            limit.answered(ticket, cost, counted)
        assert limit.used() == kept + counted
        assert limit.room(1.0) == 1000 - kept - counted


@pytest.mark.parametrize(
    ("method", "path", "query", "cost"),
    [
        ("POST", "/papi/v1/um/order", "symbol=X", Cost(1, 1)),
        ("PUT", "/papi/v1/cm/order", "symbol=X", Cost(1, 1)),
        ("DELETE", "/papi/v1/margin/order", "symbol=X", Cost(2)),
        ("DELETE", "/papi/v1/um/order", "symbol=X", Cost(1)),
        ("GET", "/papi/v1/um/openOrders", "", Cost(40)),
        ("GET", "/papi/v1/um/openOrders", "symbol=X", Cost(1)),
        ("GET", "/papi/v1/margin/openOrders", "symbol=X", Cost(5)),
        ("GET", "/papi/v1/margin/allOrders", "symbol=X", Cost(100)),
        ("GET", "/papi/v1/somewhere/else", "", Cost(1)),
    ],
)
def test_costs_are_those_of_the_endpoint_pages(method: str, path: str, query: str, cost: Cost) -> None:
    assert cost_of(method, path, query) == cost
