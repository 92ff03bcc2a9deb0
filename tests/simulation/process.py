"""Simulated processes: who a callback belongs to, and what it means that its process is dead.

Every callback and task runs in a context that names its process. The loop drops what belongs to a dead
one, and its sockets are cut, so that nothing of it happens any more: what `kill -9` does.
"""

import asyncio
import contextvars
import warnings
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

CURRENT: contextvars.ContextVar["Process | None"] = contextvars.ContextVar("process", default=None)


class ProcessDied(BaseException):
    """Raised where a process is killed, so that nothing after it runs. No `except Exception` stops it."""


class Process:
    """One simulated process. `clock_skew` (seconds) is added to its wall clock."""

    def __init__(self, name: str, clock_skew: float = 0.0) -> None:
        self.name = name
        self.alive = True
        self.clock_skew = clock_skew
        self.at_death: list[Callable[[], None]] = []
        self.tasks: list[asyncio.Task[Any]] = []
        self._base = contextvars.copy_context()
        self._base.run(CURRENT.set, self)

    def context(self) -> contextvars.Context:
        """Return a context of this process to run a callback in."""
        return self._base.copy()

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Run `function` as this process, now; `None` when the process is dead or dies in it."""
        if not self.alive:
            return None
        try:
            return self.context().run(function, *args, **kwargs)
        except ProcessDied:
            return None

    def kill(self) -> None:
        """End the process, at once and without a last word."""
        if not self.alive:
            return
        self.alive = False
        for release in self.at_death:
            release()

    def bury(self) -> None:
        """Free the coroutines that will never go on. Only once the loop is not running."""
        tasks, self.tasks = self.tasks, []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for task in tasks:
                if not task.done():
                    task._log_destroy_pending = False  # type: ignore[attr-defined]
                    _close(task.get_coro())
                elif not task.cancelled():
                    task.exception()


def _close(coroutine: Any) -> None:
    """Close a suspended coroutine; what its `finally` blocks still try has no loop to happen on."""
    try:
        coroutine.close()
    except (RuntimeError, ValueError):
        return


def outside() -> contextvars.Context:
    """Return a context of no process: for what goes on whoever dies."""
    return contextvars.Context()


def register(task: "asyncio.Task[Any]", context: contextvars.Context | None) -> None:
    """Note a new task under the process that it runs in."""
    process = CURRENT.get() if context is None else context.get(CURRENT)
    if process is not None:
        process.tasks.append(task)
        if len(process.tasks) > 400:
            process.tasks[:] = [each for each in process.tasks if not each.done()]


def is_dead(context: contextvars.Context) -> bool:
    """True when a callback with that context must not run any more."""
    process = context.get(CURRENT)
    return process is not None and not process.alive
