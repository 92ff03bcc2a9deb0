"""How many ResendRequests a client may send."""

from fixgate.fix.resend_guard import LIMIT, WINDOW_SECONDS, ResendGuard


def asks(guard: ResendGuard, at: float, begin: int = 1, end: int = 0, session: str = "S") -> str:
    return guard.excess(session, {"7": str(begin), "16": str(end)}, at)


def test_given_as_many_as_are_served_then_none_is_too_many_and_the_next_is() -> None:
    guard = ResendGuard()

    assert not any(asks(guard, at / 10) for at in range(LIMIT))
    assert f"{LIMIT + 1} ResendRequests" in asks(guard, LIMIT / 10)


def test_given_an_excess_then_the_count_starts_anew() -> None:
    guard = ResendGuard()

    assert sum([bool(asks(guard, 0.0)) for _ in range(2 * (LIMIT + 1))]) == 2


def test_given_requests_spread_over_time_then_only_the_last_minute_counts() -> None:
    guard = ResendGuard()
    apart = WINDOW_SECONDS / LIMIT

    assert not any(asks(guard, apart * number) for number in range(10 * LIMIT))


def test_given_another_session_then_it_has_a_count_of_its_own() -> None:
    guard = ResendGuard()

    assert not any(asks(guard, 0.0, session=f"S{number % 2}") for number in range(2 * LIMIT))


def test_given_a_recovery_in_pieces_then_a_piece_that_goes_on_does_not_count() -> None:
    guard = ResendGuard()

    assert not any(asks(guard, 0.0, begin, begin + 9) for begin in range(1, 5000, 10))


def test_given_requests_to_infinity_then_they_do_not_pass_for_pieces() -> None:
    guard = ResendGuard()

    assert any(asks(guard, 0.0, 1, 0) for _ in range(LIMIT + 1))
