"""The one writer: every input is decided, journaled, sent and reported before the next is looked at.

Inputs that wait together can share one commit. Thread contract: `deliver` runs on door
threads and only appends to the queue; everything else runs on the event loop. An input that leads to another
(a request refused at once) waits its turn.

While the journal cannot be written, new orders and replaces are refused and every other thing goes on: risk
must still be reducible. What could not be written is written as soon as it can be.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import NamedTuple

from fixgate.connectors.connector import Connector
from fixgate.engine.engine import Engine
from fixgate.engine.turn import Outcome
from fixgate.gateway.counting import OutcomeCounter
from fixgate.gateway.delivery import Delivery
from fixgate.gateway.positions import position_reports
from fixgate.journal.journal import Journal, JournalError
from fixgate.model.commands import CancelOrdersOf, Command, NewOrderList, PositionsRequest
from fixgate.model.facts import Fact
from fixgate.model.venue import (
    ModifyAtVenue,
    OrderRequest,
    Question,
    SubmitList,
    SubmitOrder,
    VenueEvent,
    VenueRequest,
    refused,
)

log = logging.getLogger(__name__)

MARK_SECONDS = 0.1
"""How far the delivery marks may lag behind the reports."""

CONFIRM_SECONDS = 1.0
"""How often it is looked whether clients have had their reports."""

RETRY_SECONDS = 1.0
"""How often a journal that could not be written is tried again."""


class _Decided(NamedTuple):
    outcome: Outcome
    handled: int


class Dispatcher:
    """Carries values between doors, engine, journal and connectors. `fail` ends the gateway.

    `at_once` is how many inputs share a commit at most: more than one pays where a commit waits for the disk,
    and costs the first of them time where it does not.
    """

    def __init__(
        self,
        engine: Engine,
        journal: Journal,
        delivery: Delivery,
        connectors: Mapping[str, Connector],
        counter: OutcomeCounter,
        fail: Callable[[str], None],
        at_once: int = 1,
    ) -> None:
        self._engine = engine
        self._journal = journal
        self._delivery = delivery
        self._connectors = connectors
        self._counter = counter
        self._end = fail
        self._at_once = at_once
        self._loop = asyncio.get_running_loop()
        self._inputs: deque[Callable[[], _Decided]] = deque()
        self._working = self._woken = self._failed = False
        self._unwritten: list[tuple[list[Fact], int]] = []
        self._marking: asyncio.TimerHandle | None = None
        self._confirming: asyncio.TimerHandle | None = None
        self._retrying: asyncio.TimerHandle | None = None
        self.decided = 0
        """The number of the last inbox row that was decided on."""

    @property
    def sound(self) -> bool:
        """True while the journal holds everything that was decided."""
        return not self._unwritten and not self._failed

    # inputs

    def deliver(self, sequence: int, received_ns: int, command: Command) -> None:
        """Hand a journaled command to the loop. Any thread."""
        self._inputs.append(lambda: self._take(sequence, received_ns, command))
        if not self._woken:
            self._woken = True
            self._loop.call_soon_threadsafe(self._wake)

    def take(self, sequence: int, command: Command) -> None:
        """Take a journaled command of the API: it is decided on, and its requests are sent, when this
        returns, unless it was called from within another input."""
        received_ns = time.time_ns()
        self._inputs.append(lambda: self._take(sequence, received_ns, command))
        self.work()

    def hear(self, event: VenueEvent) -> None:
        """Take a venue's event; may be called from within a request that fails at once."""
        self._inputs.append(lambda: self._decide(lambda now: self._engine.hear(event, now), 0))
        self.work()

    def command(self, command: CancelOrdersOf) -> None:
        """Take a command of the gateway's own."""
        number = self._journal.number()
        self._inputs.append(lambda: self._decide(lambda now: self._engine.take(number, command, now), 0))
        self.work()

    def take_late(self, sequence: int, command: Command) -> None:
        """Decide on a message that was taken in before a restart."""
        if isinstance(command, PositionsRequest):
            self._inputs.append(lambda: self._decide(lambda now: self._positions(command, now), sequence))
        else:
            more = self._more_numbers(command)
            self._inputs.append(
                lambda: self._decide(
                    lambda now: self._engine.take_late(sequence, command, now, more), sequence
                )
            )
        self.work()

    def note_handled(self, sequence: int) -> None:
        """Note a message that was answered at the door, after everything that came before it."""
        self._inputs.append(lambda: _Decided(Outcome([], [], [], []), sequence))
        self.work()

    def _wake(self) -> None:
        self._woken = False
        self.work()

    def _take(self, sequence: int, received_ns: int, command: Command) -> _Decided:
        self._counter.handed_over((time.time_ns() - received_ns) / 1e9)
        if isinstance(command, PositionsRequest):
            return self._decide(lambda now: self._positions(command, now), sequence)
        more = self._more_numbers(command)
        return self._decide(lambda now: self._engine.take(sequence, command, now, more), sequence)

    def _more_numbers(self, command: Command) -> tuple[int, ...]:
        """Return a number for each further order of a list."""
        if not isinstance(command, NewOrderList):
            return ()
        return tuple(self._journal.number() for _ in command.orders[1:])

    def _positions(self, command: PositionsRequest, now: int) -> Outcome:
        return Outcome([], [], [*position_reports(command, self._connectors, now)], [])

    def _decide(self, decide: Callable[[int], Outcome], handled: int) -> _Decided:
        began = time.perf_counter()
        outcome = decide(time.time_ns())
        self._counter.decided(time.perf_counter() - began)
        return _Decided(outcome, handled)

    # one after another

    def work(self) -> None:
        """Run what waits. A surprise ends the gateway: the state in memory may not be that of the journal."""
        if self._working:
            return
        self._working = True
        try:
            while self._inputs and not self._failed:
                self._run_batch()
        except Exception as error:
            log.exception("an input could not be worked through")
            self._failed = True
            self._end(f"internal error: {error!r}; the gateway stops, a restart goes on from the journal")
        finally:
            self._working = False

    def _run_batch(self) -> None:
        """Decide what waits, keep it with one commit, then send and tell it in order."""
        began = time.perf_counter()
        batch: list[_Decided] = []
        while self._inputs and len(batch) < self._at_once:
            batch.append(self._inputs.popleft()())
        kept = self._keep(batch)
        journaled = time.perf_counter()
        for decided in batch:
            self._send_and_tell(decided.outcome, kept=kept)
            self.decided = max(self.decided, decided.handled)
        seconds = time.perf_counter() - journaled
        for decided in batch:
            self._counter.committed(decided.outcome, (journaled - began) / len(batch), seconds / len(batch))

    def _keep(self, batch: list[_Decided]) -> bool:
        """Write a batch; False when it could not be and waits to be written."""
        rows = [(each.outcome.facts, each.handled) for each in batch if each.outcome.facts or each.handled]
        if self._unwritten:
            self._unwritten += rows
            return False
        try:
            self._write(rows)
        except JournalError as error:
            self._unwritten += rows
            self._halt(str(error))
            return False
        return True

    def _write(self, rows: list[tuple[list[Fact], int]]) -> None:
        if len(rows) == 1:
            self._journal.append(*rows[0])
        elif rows:
            with self._journal.group():
                for facts, handled in rows:
                    self._journal.append(facts, handled)

    def _send_and_tell(self, outcome: Outcome, *, kept: bool) -> None:
        for request in outcome.requests:
            if kept or not isinstance(request, SubmitOrder | SubmitList | ModifyAtVenue):
                self._send(request)
            else:
                self._refuse(request, "the journal cannot be written; nothing was sent")
        for report in outcome.reports:
            self._delivery.publish(report)
        if outcome.reports:
            self.mark_soon()
        for alarm in outcome.alarms:
            log.error("ALARM: %s", alarm)

    def _send(self, request: VenueRequest) -> None:
        connector = self._connectors.get(request.connector)
        if connector is not None:
            connector.send(request)
        elif not isinstance(request, Question):
            self._refuse(request, f"connector {request.connector} is not in the configuration any more")

    def _refuse(self, request: OrderRequest | SubmitList, text: str) -> None:
        for each in request.legs if isinstance(request, SubmitList) else (request,):
            self.hear(refused(each, text))

    # a journal that cannot be written

    def halt(self, text: str) -> None:
        """Take no new orders and replaces until the journal can be written. Any thread."""
        self._loop.call_soon_threadsafe(self._halt, text)

    def _halt(self, text: str) -> None:
        if self._retrying is not None:
            return
        self._counter.alarm()
        log.error("ALARM: no new orders are taken, cancels still are: %s", text)
        self._engine.halt(f"the gateway takes no new orders now: {text}")
        self._retrying = self._loop.call_later(RETRY_SECONDS, self._retry)

    def _retry(self) -> None:
        self._retrying = None
        try:
            if self._unwritten:
                self._write(self._unwritten)
            else:
                self._journal.raise_floor(self._journal.floor())
        except JournalError as error:
            log.warning("the journal still cannot be written: %s", error)
            self._retrying = self._loop.call_later(RETRY_SECONDS, self._retry)
            return
        self._unwritten = []
        self._engine.resume()
        log.warning("the journal can be written again: new orders are taken")

    # delivery marks

    def mark_soon(self) -> None:
        """Write the delivery marks, off the order path.

        What is told twice after a crash is marked as possibly resent, under its first ExecID.
        """
        if self._marking is None:
            self._marking = self._loop.call_later(MARK_SECONDS, self._mark)
            self._confirming = self._confirming or self._loop.call_later(CONFIRM_SECONDS, self._confirm)

    def _mark(self) -> None:
        self._marking = None
        try:
            self._delivery.tell_waiting()
            self._delivery.write_marks()
        except JournalError as error:
            self._halt(str(error))

    def retry(self) -> None:
        """Send again the gateway's own cancels that were refused and are due."""
        if self._engine.has_retries:
            self._inputs.append(lambda: self._decide(self._engine.retry, 0))
            self.work()

    def _confirm(self) -> None:
        """Look whether clients have had their reports; the FIX engine may take some only later."""
        self._confirming = None
        if self._delivery.busy and not self._failed:
            self.mark_soon()

    def close(self) -> None:
        """Write the marks that are due and what could not be written before. Last chance, so it is logged."""
        for timer in (self._marking, self._confirming, self._retrying):
            if timer is not None:
                timer.cancel()
        try:
            if self._unwritten:
                self._write(self._unwritten)
            self._delivery.write_marks()
        except JournalError as error:
            log.critical("the journal could not be written at the end: %s", error)
