"""Requests that the venue took, and that its stream has yet to tell of.

A user data stream can be deaf with its socket open: the listen key expired, or one leg's events stopped
while others go on. An accepted request is the one moment at which an event is certainly due, so each of
them is waited for; a stream that does not tell in time is begun anew.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from fixgate.model.venue import OrderRequest, OrderUpdate, RequestKind, VenueExec, VenueStatus, kind_of

_ENDED = frozenset({VenueStatus.FILLED, VenueStatus.CANCELED, VenueStatus.EXPIRED, VenueStatus.REJECTED})


class Awaited:
    """One request under way whose event is waited for."""

    __slots__ = ("client_order_id", "deadline", "heard", "kind")

    def __init__(self, kind: RequestKind, client_order_id: str) -> None:
        self.kind = kind
        self.client_order_id = client_order_id
        self.heard = False
        self.deadline = 0.0

    def told_by(self, update: OrderUpdate) -> bool:
        """True when `update` is news of this request: of a new order any word, of a cancel its end."""
        if self.kind is RequestKind.SUBMIT or update.status in _ENDED:
            return True
        return self.kind is RequestKind.MODIFY and update.exec is VenueExec.REPLACED


class Unheard:
    """Touched by the event loop only. `silent(why)` is called when an event did not come within `timeout`
    seconds of the venue's yes; what else is waited for is forgotten then, as it is by `clear`."""

    def __init__(self, timeout: float, silent: Callable[[str], None]) -> None:
        self._timeout = timeout
        self._silent = silent
        self._by_id: dict[str, list[Awaited]] = {}
        self._due: deque[Awaited] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def leaving(self, request: OrderRequest) -> Awaited:
        """Begin to listen for a request: its event may come before its answer."""
        awaited = Awaited(kind_of(request), request.client_order_id)
        self._by_id.setdefault(request.client_order_id, []).append(awaited)
        return awaited

    def heard(self, update: OrderUpdate) -> None:
        """Take a word of the stream."""
        waiting = self._by_id.get(update.client_order_id)
        if waiting is None:
            return
        for awaited in [a for a in waiting if a.told_by(update)]:
            awaited.heard = True
            self._forget(awaited)

    def accepted(self, awaited: Awaited) -> None:
        """The venue said yes: its event is due."""
        if awaited.heard:
            return
        loop = asyncio.get_running_loop()
        awaited.deadline = loop.time() + self._timeout
        self._due.append(awaited)
        if self._timer is None:
            self._timer = loop.call_at(awaited.deadline, self._check)

    def not_accepted(self, awaited: Awaited) -> None:
        """The venue said no, or nothing: no event is due."""
        awaited.heard = True
        self._forget(awaited)

    def clear(self) -> None:
        """Wait for nothing any more: a stream that went down, or came up, owes no event of before."""
        for waiting in self._by_id.values():
            for awaited in waiting:
                awaited.heard = True
        self._by_id.clear()
        self._due.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _check(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = None
        while self._due and (self._due[0].heard or self._due[0].deadline <= loop.time()):
            awaited = self._due.popleft()
            if not awaited.heard:
                self.clear()
                self._silent(
                    f"the venue took a {awaited.kind} request of order {awaited.client_order_id}, and the "
                    f"stream did not tell of it within {self._timeout:g} s"
                )
                return
        if self._due:
            self._timer = loop.call_at(self._due[0].deadline, self._check)

    def _forget(self, awaited: Awaited) -> None:
        waiting = self._by_id.get(awaited.client_order_id)
        if waiting is not None and awaited in waiting:
            waiting.remove(awaited)
            if not waiting:
                del self._by_id[awaited.client_order_id]
