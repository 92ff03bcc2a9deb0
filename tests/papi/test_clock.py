"""The venue's clock as estimated from here: close, and never ahead."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixgate.papi import PapiError, VenueClock

from .peers import until


class World:
    """A local clock, and a venue whose clock is `ahead` ms before it, at given one-way delays."""

    def __init__(self, ahead: float, delays: list[tuple[float, float]]) -> None:
        self.local = 1_700_000_000_000.0
        self.ahead = ahead
        self.delays = delays
        self.calls = 0

    def now_ms(self) -> float:
        return self.local

    async def fetch(self) -> int:
        there, back = self.delays[self.calls % len(self.delays)]
        self.calls += 1
        self.local += there
        server = int(self.local + self.ahead)
        self.local += back
        return server


def synced(world: World, samples: int = 5) -> VenueClock:
    clock = VenueClock(world.now_ms)
    asyncio.run(clock.sync(world.fetch, samples))
    return clock


@given(
    st.floats(-1e7, 1e7),
    st.lists(st.tuples(st.floats(0, 50), st.floats(0, 50)), min_size=5, max_size=5),
)
def test_a_timestamp_is_never_ahead_of_the_venue_and_at_most_a_round_trip_behind(
    ahead: float, delays: list[tuple[float, float]]
) -> None:
    world = World(ahead, delays)
    clock = synced(world)
    behind = world.local + ahead - clock.timestamp()
    best = min(there + back for there, back in delays)
    assert -0.01 <= behind <= best + 2.01
    assert 0 <= clock.bias_ms <= 50


def test_the_sample_with_the_shortest_round_trip_counts() -> None:
    clock = synced(World(1000.0, [(400, 10), (3, 1), (10, 600), (300, 300), (90, 9)]))
    assert clock.offset_ms == pytest.approx(1001.0, abs=1)
    assert clock.bias_ms == pytest.approx(2.0)


def test_given_a_slow_path_then_the_bias_stays_within_50_ms() -> None:
    assert synced(World(0.0, [(300, 300)])).bias_ms == 50


def test_before_the_first_sync_the_local_clock_serves_set_back() -> None:
    clock = VenueClock(lambda: 1000.9)
    assert clock.timestamp() == 950
    assert not clock.synced
    assert clock.age_ms() == float("inf")


def test_the_age_counts_from_the_last_sync() -> None:
    world = World(0.0, [(1, 1)])
    clock = synced(world)
    world.local += 1234
    assert clock.age_ms() == pytest.approx(1234)
    assert clock.synced


def test_given_some_samples_fail_then_the_others_count() -> None:
    world = World(500.0, [(1, 1)])
    calls = 0

    async def flaky() -> int:
        nonlocal calls
        calls += 1
        if calls % 2:
            raise PapiError("down")
        return await world.fetch()

    clock = VenueClock(world.now_ms)
    asyncio.run(clock.sync(flaky))
    assert clock.offset_ms == pytest.approx(500, abs=1)


def test_given_all_samples_fail_then_the_error_is_raised_and_the_former_offset_stays() -> None:
    async def down() -> int:
        raise PapiError("down")

    clock = synced(World(500.0, [(1, 1)]))
    with pytest.raises(PapiError, match="down"):
        asyncio.run(clock.sync(down))
    assert clock.offset_ms == pytest.approx(500, abs=1)


def test_given_the_local_clock_steps_back_during_a_sample_then_that_sample_is_left_out() -> None:
    clock = synced(World(100.0, [(1, -5000), (2, 2)]))
    assert clock.offset_ms == pytest.approx(100, abs=1)


async def test_concurrent_syncs_share_one_measurement() -> None:
    world = World(0.0, [(1, 1)])
    gate = asyncio.Event()

    async def gated() -> int:
        await gate.wait()
        return await world.fetch()

    clock = VenueClock(world.now_ms)
    both = asyncio.gather(clock.sync(gated, 3), clock.sync(gated, 3))
    await asyncio.sleep(0)
    gate.set()
    await both
    assert world.calls == 3


async def keeping(
    clock: VenueClock, fetch: Callable[[], Awaitable[int]], failures: list[PapiError], every: float = 3600.0
) -> asyncio.Task[None]:
    return asyncio.create_task(
        clock.keep_synced(fetch, every=every, min_gap=0.001, on_failure=failures.append)
    )


async def test_given_a_refused_timestamp_then_the_clock_syncs_again_long_before_the_next_regular_sync() -> (
    None
):
    world = World(0.0, [(1, 1)])
    clock = VenueClock(world.now_ms)
    keeper = await keeping(clock, world.fetch, [])
    await until(lambda: clock.synced)
    assert world.calls == 5
    world.ahead = 4000.0
    clock.distrust()
    assert not clock.synced
    await until(lambda: clock.synced)
    assert world.calls == 10
    assert clock.offset_ms == pytest.approx(4000, abs=1)
    keeper.cancel()


async def test_the_clock_syncs_again_and_again() -> None:
    world = World(0.0, [(1, 1)])
    keeper = await keeping(VenueClock(world.now_ms), world.fetch, [], every=0.002)
    await until(lambda: world.calls >= 20)
    keeper.cancel()


async def test_given_syncs_fail_then_each_is_told_and_tried_again() -> None:
    world = World(0.0, [(1, 1)])
    calls = 0

    async def flaky() -> int:
        nonlocal calls
        calls += 1
        if calls <= 15:
            raise PapiError("down")
        return await world.fetch()

    clock = VenueClock(world.now_ms)
    failures: list[PapiError] = []
    keeper = await keeping(clock, flaky, failures)
    await until(lambda: clock.synced)
    assert [str(failure) for failure in failures] == ["down"] * 3
    keeper.cancel()
