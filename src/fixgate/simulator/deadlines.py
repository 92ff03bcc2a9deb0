"""What the venue has to do by itself at a later moment: expiries and triggers under way."""

from collections.abc import Callable
from heapq import heappop, heappush
from typing import NamedTuple


class Due(NamedTuple):
    """One thing to do. Times are ms since the epoch; `number` keeps equal times in order."""

    due_ms: int
    number: int
    action: Callable[[], None]


class Deadlines:
    """A queue of actions by time. Whoever runs the venue calls `run` when `next_ms` has come.

    `changed` is called when something earlier than everything before was added.
    """

    def __init__(self) -> None:
        self._queue: list[Due] = []
        self._count = 0
        self.changed: Callable[[], None] | None = None

    @property
    def next_ms(self) -> int | None:
        """Return when the next action is due, None when there is none."""
        return self._queue[0].due_ms if self._queue else None

    def add(self, due_ms: int, action: Callable[[], None]) -> None:
        """Do `action` at `due_ms`. An action checks for itself whether it still applies."""
        before = self.next_ms
        self._count += 1
        heappush(self._queue, Due(due_ms, self._count, action))
        if self.changed is not None and (before is None or due_ms < before):
            self.changed()

    def run(self, now: int) -> int:
        """Do everything that is due at `now`, earliest first; return how much that was."""
        done = 0
        while self._queue and self._queue[0].due_ms <= now:
            heappop(self._queue).action()
            done += 1
        return done
