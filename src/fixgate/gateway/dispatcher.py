"""The one writer: every input is decided, journaled, sent and reported before the next is looked at.

Thread contract: `deliver` runs on door threads and only appends to the queue; everything else runs on
the event loop. An input that leads to another (a request refused at once) waits its turn.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Protocol

from fixgate.connectors.connector import Connector
from fixgate.engine.engine import Engine
from fixgate.engine.turn import Outcome
from fixgate.gateway.counting import OutcomeCounter
from fixgate.journal.journal import Journal, JournalError
from fixgate.model.commands import Command
from fixgate.model.reports import Report
from fixgate.model.venue import QueryAtVenue, VenueEvent, VenueRequest, refused

log = logging.getLogger(__name__)

MARK_SECONDS = 0.1
"""How far the delivery mark may lag behind the reports."""


class Door(Protocol):
    """Where reports go."""

    def publish(self, report: Report) -> bool:
        """Hand a report to its session; False when that could not be done."""


class Dispatcher:
    """Carries values between doors, engine, journal and connectors. `fail` ends the gateway."""

    def __init__(
        self,
        engine: Engine,
        journal: Journal,
        door: Door,
        connectors: Mapping[str, Connector],
        counter: OutcomeCounter,
        fail: Callable[[str], None],
    ) -> None:
        self._engine = engine
        self._journal = journal
        self._door = door
        self._connectors = connectors
        self._counter = counter
        self._end = fail
        self._loop = asyncio.get_running_loop()
        self._inputs: deque[Callable[[], None]] = deque()
        self._working = self._woken = self._failed = self._closing = False
        self._undelivered = False
        self._published = 0
        self._marking: asyncio.TimerHandle | None = None

    def deliver(self, sequence: int, received_ns: int, command: Command) -> None:
        """Hand a journaled command to the loop. Any thread."""
        self._inputs.append(lambda: self._take(sequence, received_ns, command))
        if not self._woken:
            self._woken = True
            self._loop.call_soon_threadsafe(self._wake)

    def hear(self, event: VenueEvent) -> None:
        """Take a venue's event; may be called from within a request that fails at once."""
        self._inputs.append(lambda: self._decide(lambda now: self._engine.hear(event, now), 0))
        self.work()

    def work(self) -> None:
        """Run what waits. A surprise ends the gateway: the state in memory may not be that of the journal."""
        if self._working:
            return
        self._working = True
        try:
            while self._inputs and not self._failed:
                self._inputs.popleft()()
        except Exception as error:
            log.exception("an input could not be worked through")
            self._fail(f"internal error: {error!r}; the gateway stops, a restart goes on from the journal")
        finally:
            self._working = False

    def commit(self, outcome: Outcome, handled: int) -> None:
        """Journal, then send, then report. A journal that cannot be written ends the gateway: nothing
        more may be promised, and a restart finds everything as it was."""
        began = time.perf_counter()
        if outcome.facts or handled:
            try:
                self._journal.append(outcome.facts, handled)
            except JournalError as error:
                self._fail(f"{error}; the gateway stops so that nothing is promised that is not kept")
                return
        journaled = time.perf_counter()
        for request in outcome.requests:
            self._send(request)
        for report in outcome.reports:
            if not self._door.publish(report) and self._closing:
                self._undelivered = True
        if outcome.facts:
            self.note_published(outcome.facts[-1].seq)
        self._counter.committed(outcome, journaled - began, time.perf_counter() - journaled)
        for alarm in outcome.alarms:
            log.error("ALARM: %s", alarm)

    def note_published(self, seq: int) -> None:
        """Remember, off the order path, how far reports have been handed on.

        What is told twice after a crash is marked as possibly resent, under its first ExecID. A report
        that the closing door did not take holds the mark where it is.
        """
        if self._undelivered:
            return
        self._published = seq
        if self._marking is None:
            self._marking = self._loop.call_later(MARK_SECONDS, self._mark)

    def closing(self) -> None:
        """The door is about to close: what it does not take now is told after the next start."""
        self._closing = True

    def close(self) -> None:
        """Write the delivery mark that is due."""
        if self._marking is not None:
            self._marking.cancel()
            self._mark()

    def _mark(self) -> None:
        self._marking = None
        try:
            self._journal.mark_reported(self._published)
        except JournalError as error:
            self._fail(str(error))

    def _wake(self) -> None:
        self._woken = False
        self.work()

    def _take(self, sequence: int, received_ns: int, command: Command) -> None:
        self._counter.handed_over((time.time_ns() - received_ns) / 1e9)
        self._decide(lambda now: self._engine.take(sequence, command, now), sequence)

    def _decide(self, decide: Callable[[int], Outcome], handled: int) -> None:
        began = time.perf_counter()
        outcome = decide(time.time_ns())
        self._counter.decided(time.perf_counter() - began)
        self.commit(outcome, handled)

    def _send(self, request: VenueRequest) -> None:
        connector = self._connectors.get(request.connector)
        if connector is not None:
            connector.send(request)
        elif not isinstance(request, QueryAtVenue):
            self.hear(refused(request, f"connector {request.connector} is not in the configuration any more"))

    def _fail(self, text: str) -> None:
        self._failed = True
        self._end(text)
