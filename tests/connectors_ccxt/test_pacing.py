"""Our own rate limiter, in a time of its own."""

import asyncio

from fixgate.connectors.ccxt.pacing import FIRST_PAUSE, LAST_PAUSE, Pacing, Rate


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_orders_leave_the_reserve_to_cancels() -> None:
    clock = Clock()
    pacing = Pacing(Rate(10, 10), clock)
    sent = 0
    while not pacing.refusal():
        pacing.leaving()
        sent += 1
    assert sent == 8
    assert "kept for cancels" in pacing.refusal()
    for _ in range(5):
        pacing.leaving()
    assert pacing.left() < 0


def test_tokens_come_back_with_time_and_no_further_than_the_burst() -> None:
    clock = Clock()
    pacing = Pacing(Rate(10, 10), clock)
    for _ in range(10):
        pacing.leaving()
    assert pacing.refusal()
    clock.now += 0.3
    assert not pacing.refusal()
    clock.now += 100
    assert pacing.left() == 10


def test_the_venues_word_stops_new_orders_for_as_long_as_it_says() -> None:
    clock = Clock()
    pacing = Pacing(Rate(10, 10), clock)
    pacing.limited(7.0)
    assert pacing.paused_for() == 7.0
    assert "no new orders for another 7.0 s" in pacing.refusal()
    clock.now += 7.1
    assert not pacing.refusal() and pacing.paused_for() == 0


def test_the_pause_grows_while_the_venue_goes_on_and_begins_anew_after_an_answer() -> None:
    clock = Clock()
    pacing = Pacing(Rate(10, 10), clock)
    pauses = []
    for _ in range(9):
        pacing.limited(None)
        pauses.append(pacing.paused_for())
        clock.now += pauses[-1]
    assert pauses[:3] == [FIRST_PAUSE, 2.0, 4.0] and pauses[-1] == LAST_PAUSE
    pacing.answered()
    pacing.limited(None)
    assert pacing.paused_for() == FIRST_PAUSE


async def test_questions_wait_for_their_turn_and_take_nothing_from_orders() -> None:
    loop = asyncio.get_running_loop()
    pacing = Pacing(Rate(50, 10), loop.time, questions=Rate(50, 2))
    began = loop.time()
    for _ in range(4):
        await pacing.question()
    assert loop.time() - began >= 0.03
    assert pacing.left() == 10
