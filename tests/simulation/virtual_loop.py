"""An event loop whose time is virtual: it never waits, it jumps to the next timer.

Sockets are those of `network.py`; worker threads are run on the spot. One seed gives one run.
"""

import asyncio
import heapq
from collections.abc import Callable
from typing import Any

from tests.simulation import process
from tests.simulation.network import Network

STEP_SECONDS = 4e-6
"""What each callback costs, in virtual seconds: time goes on even where nobody waits."""


class Deadlock(RuntimeError):
    """Nothing is left to run and nothing will ever happen, but the run is not over."""


class EndlessRun(RuntimeError):
    """More callbacks ran than a seed can need."""


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs callbacks in order of their virtual time (seconds, from 0)."""

    def __init__(self, max_steps: int = 2_000_000) -> None:
        self._now = 0.0
        super().__init__()
        self._left = max_steps
        self.steps = 0
        self.network: Network | None = None
        self.failures: list[dict[str, Any]] = []
        self.set_task_factory(_make_task)
        self.set_exception_handler(self._note_failure)

    def time(self) -> float:
        return self._now

    def _note_failure(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if not isinstance(context.get("exception"), process.ProcessDied):
            self.failures.append(context)

    def _run_once(self) -> None:
        self._drop_cancelled()
        scheduled, ready = self._scheduled, self._ready  # type: ignore[has-type]
        if not ready:
            if not scheduled:
                raise Deadlock(f"at {self._now:.6f} s nothing is left to run and no timer is set")
            self._now = max(self._now, scheduled[0]._when)
        while scheduled and scheduled[0]._when <= self._now:
            handle = heapq.heappop(scheduled)
            handle._scheduled = False
            ready.append(handle)
        count = len(ready)
        self._left -= count
        self.steps += count
        if self._left < 0:
            raise EndlessRun(f"{self.steps} callbacks at {self._now:.6f} s: something goes round in circles")
        is_dead = process.is_dead
        for _ in range(count):
            handle = ready.popleft()
            if handle._cancelled or is_dead(handle._context):
                continue
            self._now += STEP_SECONDS
            handle._run()

    def _drop_cancelled(self) -> None:
        if self._timer_cancelled_count > 200:  # type: ignore[has-type]
            kept = [handle for handle in self._scheduled if not handle._cancelled]
            heapq.heapify(kept)
            self._scheduled, self._timer_cancelled_count = kept, 0
        while self._scheduled and self._scheduled[0]._cancelled:
            self._timer_cancelled_count -= 1
            heapq.heappop(self._scheduled)._scheduled = False

    def call_soon_threadsafe(self, callback: Any, *args: Any, context: Any = None) -> asyncio.Handle:
        return self.call_soon(callback, *args, context=context)

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]
        """Run a worker thread's work now; whoever waits for it still waits for a turn."""
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001  it belongs to whoever waits
            done.set_exception(error)
        return done

    async def create_connection(
        self, protocol_factory: Any, host: Any = None, port: Any = None, **_: Any
    ) -> Any:  # type: ignore[override]
        assert self.network is not None
        return await self.network.connect(protocol_factory, host, port)

    async def create_server(self, protocol_factory: Any, host: Any = None, port: Any = None, **_: Any) -> Any:  # type: ignore[override]
        assert self.network is not None
        return self.network.listen(protocol_factory, host, port)

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # type: ignore[override]
        """There is none."""


def _make_task(loop: Any, coroutine: Any, context: Any = None) -> "asyncio.Task[Any]":
    task = asyncio.Task(coroutine, loop=loop, context=context)
    process.register(task, context)
    return task
