"""The machinery under the simulation: virtual time, connections in memory, processes that can be killed."""

import asyncio
import itertools
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.simulation.network import Network, Weather
from tests.simulation.process import Process, ProcessDied
from tests.simulation.virtual_loop import Deadlock, EndlessRun, VirtualLoop
from tests.simulation.virtual_time import START, virtual


def run(work: Callable[[VirtualLoop], Awaitable[Any]], max_steps: int = 100_000) -> Any:
    """Run `work` on a virtual loop with a network."""
    loop = VirtualLoop(max_steps)
    loop.network = Network(loop, random.Random(1))
    try:
        return loop.run_until_complete(work(loop))
    finally:
        for task in asyncio.all_tasks(loop):
            task._log_destroy_pending = False  # type: ignore[attr-defined]
        loop.close()


def test_a_day_passes_in_no_time() -> None:
    async def sleep(loop: VirtualLoop) -> float:
        await asyncio.sleep(86_400)
        return loop.time()

    began = time.perf_counter()
    assert run(sleep) == pytest.approx(86_400, abs=0.01)
    assert time.perf_counter() - began < 1


def test_nothing_left_to_happen_is_a_deadlock() -> None:
    async def wait(loop: VirtualLoop) -> None:
        await loop.create_future()

    with pytest.raises(Deadlock, match="nothing is left to run"):
        run(wait)


def test_going_round_in_circles_ends() -> None:
    async def spin(_: VirtualLoop) -> None:
        for _ in itertools.count():
            await asyncio.sleep(0)

    with pytest.raises(EndlessRun, match="round in circles"):
        run(spin, max_steps=1000)


def test_clocks_are_virtual_and_come_back() -> None:
    loop = VirtualLoop()
    real = time.time
    with virtual(loop, 7):
        assert time.time() == START
        first = random.Random().random()
    with virtual(loop, 7):
        assert random.Random().random() == first
    assert time.time is real
    loop.close()


def test_a_process_has_a_wall_clock_of_its_own() -> None:
    loop = VirtualLoop()
    with virtual(loop, 7):
        assert Process("late", clock_skew=-3.0).call(time.time) == START - 3.0
    loop.close()


class Echo(asyncio.Protocol):
    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data.upper())


def test_bytes_arrive_in_order_and_after_a_while() -> None:
    async def talk(loop: VirtualLoop) -> tuple[bytes, float]:
        await loop.create_server(Echo, "127.0.0.1", 80)
        reader, writer = await asyncio.open_connection("127.0.0.1", 80)
        for part in (b"one ", b"two ", b"three"):
            writer.write(part)
        return await reader.readexactly(13), loop.time()

    heard, seconds = run(talk)
    assert heard == b"ONE TWO THREE"
    assert seconds > 0.001


def test_a_refused_connection_is_an_os_error() -> None:
    async def talk(loop: VirtualLoop) -> None:
        assert loop.network is not None
        await loop.create_server(Echo, "127.0.0.1", 80)
        loop.network.weather = Weather(refused=1.0)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", 80)

    run(talk)


def test_a_silent_connection_tells_nobody_and_a_reset_tells_both() -> None:
    async def talk(loop: VirtualLoop) -> None:
        assert loop.network is not None
        await loop.create_server(Echo, "127.0.0.1", 80)
        reader, writer = await asyncio.open_connection("127.0.0.1", 80)
        (connection,) = loop.network.connections.values()
        connection.silent = True
        writer.write(b"lost")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(60):
                await reader.read(1)
        connection.reset()
        with pytest.raises(ConnectionResetError):
            await reader.read(1)

    run(talk)


def test_what_a_dead_process_wrote_arrives_and_nothing_after_it() -> None:
    async def live_and_die(loop: VirtualLoop) -> list[bytes]:
        heard: list[bytes] = []

        class Ear(asyncio.Protocol):
            def data_received(self, data: bytes) -> None:
                heard.append(data)

            def connection_lost(self, exc: Exception | None) -> None:
                heard.append(type(exc).__name__.encode())

        await loop.create_server(Ear, "127.0.0.1", 80)
        process = Process("doomed")

        async def doomed() -> None:
            assert loop.network is not None
            _, writer = await asyncio.open_connection("127.0.0.1", 80)
            writer.write(b"last words")
            loop.call_later(0.5, heard.append, b"a timer of the dead")
            process.kill()
            loop.network.process_died(process)
            writer.write(b"from beyond")
            raise ProcessDied

        loop.create_task(doomed(), context=process.context())
        await asyncio.sleep(10)
        process.bury()
        return heard

    assert run(live_and_die) == [b"last words", b"ConnectionResetError"]
