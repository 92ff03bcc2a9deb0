"""Who is told what, and how far each session has been told.

Every report of a fact goes to the session of its order and, as a copy, to the drop copy sessions that want
it. It stays here until the client has surely had it: the FIX engine stores and resends what it was handed,
but a Logon that resets the session (ResetSeqNumFlag(141)=Y) empties that store, and then everything that is
not confirmed is told again, with PossResend(97)=Y and its first ExecID.

A report is confirmed when the client still spoke four heartbeat intervals after it was sent, since a client
that hears nothing for so long has left (FIX: a TestRequest after one interval and a bit, the end after
another), or when the session ended in good order a while after.

Event loop only, but for `hold` and `holds`, which the FIX engine's thread calls.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from msgspec.structs import replace

from fixgate.fix.ports import Unsendable
from fixgate.fix.settings import SessionConfig
from fixgate.journal.journal import Journal, SessionMark
from fixgate.model.commands import API_SESSION
from fixgate.model.reports import ListStatus, News, PositionReport, Report

log = logging.getLogger(__name__)

HEARTBEATS = 4
"""How many heartbeat intervals after a report a client must still be heard to have had it."""


class Door(Protocol):
    """Where reports go."""

    def publish(self, report: Report) -> bool:
        """Hand a report to its session; False when that could not be done now. Raises `Unsendable`."""

    def last_heard(self, session: str) -> float:
        """Return when the client last sent anything, by `time.monotonic`; 0.0 while it is off."""

    def heartbeat(self, session: str) -> int:
        """Return the session's heartbeat interval in seconds."""


ORDERLY_SECONDS = 1.0
"""How long before the end of a session a report must have been handed over to have left before the Logout."""

STUCK_SECONDS = 10.0
"""How long reports may wait for the FIX engine while their session is on."""

MOST = 100_000
"""Unconfirmed reports that are remembered for a session. The FIX engine's store has no such limit."""


@dataclass(slots=True, eq=False)
class _Told:
    """A report on its way. `kept` once the journal has it beside its facts."""

    report: Report
    at: float
    kept: bool = False


class _Line:
    """What one session has been told. `waiting` was not handed over yet, `handed` is not confirmed yet."""

    def __init__(self, session: str, mark: SessionMark) -> None:
        self.session = session
        self.mark = mark
        self.waiting: deque[_Told] = deque()
        self.handed: deque[_Told] = deque()
        self.by_order: dict[str, deque[_Told]] = {}
        self.on_since = 0.0
        self.stuck_since = 0.0
        self.moved = False

    def add(self, told: _Told) -> None:
        """Remember a report until it is confirmed."""
        of_order = self.by_order.get(told.report.order_id)
        if of_order is None:
            self.by_order[told.report.order_id] = deque((told,))
        else:
            of_order.append(told)

    def confirm_first(self) -> None:
        """Let go of the oldest report that was handed over."""
        told = self.handed.popleft()
        self._forget(told)
        self.move(confirmed=max(self.mark.confirmed, told.report.fact))

    def drop_first_waiting(self) -> _Told:
        """Let go of the oldest report that was not handed over, and return it."""
        told = self.waiting.popleft()
        if told.report.fact:
            self._forget(told)
        return told

    def _forget(self, told: _Told) -> None:
        of_order = self.by_order[told.report.order_id]
        of_order.remove(told)
        if not of_order:
            del self.by_order[told.report.order_id]

    def move(self, **changes: Any) -> None:
        """Change fields of the mark; it is written later."""
        self.mark = self.mark._replace(**changes)
        self.moved = True


class Delivery:
    """Routes reports to sessions and remembers what each has not confirmed."""

    def __init__(
        self,
        journal: Journal,
        door: Door,
        sessions: Sequence[SessionConfig],
        now: Callable[[], float] = time.monotonic,
        tell_api: Callable[[Report], None] | None = None,
    ) -> None:
        """`tell_api` gets what is told to the session of the API, which has no line: state is asked for."""
        self._journal = journal
        self._door = door
        self._now = now
        self._tell_api = tell_api
        marks = journal.sessions()
        self._lines = {
            each.session_id: _Line(each.session_id, marks.get(each.session_id, SessionMark()))
            for each in sessions
        }
        self._copies = [
            (each.session_id, frozenset(each.drop_copy_of)) for each in sessions if each.drop_copy
        ]
        self._holds = dict.fromkeys(self._lines, 0)
        self._released = dict.fromkeys(self._lines, 0)
        self._closed = False

    # telling

    def publish(self, report: Report) -> None:
        """Tell a report, and its copies. One that tells no fact is told once and not remembered."""
        now = self._now()
        if report.session == API_SESSION and self._tell_api is not None:
            self._tell_api(report)
        if not report.fact:
            self._answer(report, now)
            return
        for each in self._addressed(report):
            self._tell(self._lines[each.session], _Told(each, now))

    def tell_if_on(self, report: Report) -> None:
        """Tell what is of use only now, to a session that is on."""
        line = self._lines.get(report.session)
        if line is not None and line.on_since:
            self._answer(report, self._now())

    def _answer(self, report: Report, now: float) -> None:
        """Tell what answers a question, behind what waits: the state that it shows comes from there."""
        line = self._lines.get(report.session)
        if line is not None:
            line.waiting.append(_Told(report, now, kept=True))
            self._hand_over(line)

    def _addressed(self, report: Report) -> Iterable[Report]:
        if isinstance(report, PositionReport | News):
            return
        if report.session in self._lines:
            yield report
        elif report.session not in ("", API_SESSION):
            log.error("a report for %s cannot be told: no such session is configured", report.session)
        if not isinstance(report, ListStatus) and report.aside:
            return
        for session, sources in self._copies:
            if session != report.session and (not sources or report.source in sources):
                yield replace(report, session=session, copy=True)

    def _tell(self, line: _Line, told: _Told) -> None:
        line.add(told)
        line.waiting.append(told)
        if len(line.handed) > MOST:
            self._overflow(line)
        self._hand_over(line)

    def _hand_over(self, line: _Line) -> None:
        """Hand over what waits, in order; what the door does not take keeps waiting."""
        if self._is_held(line) or self._closed:
            return
        while line.waiting:
            told = line.waiting[0]
            try:
                if not self._door.publish(told.report):
                    return
            except Unsendable as error:
                self._give_up(line, error)
                continue
            line.waiting.popleft()
            if told.report.fact:
                told.at = self._now()
                line.handed.append(told)
                line.move(handed=told.report.fact)

    def _give_up(self, line: _Line, error: Unsendable) -> None:
        """A report that can never be told must not hold up those behind it."""
        fact = line.drop_first_waiting().report.fact
        log.error("ALARM: %s is not told of fact %d: %s", line.session, fact, error)
        if fact:
            line.move(handed=fact)

    # what the door says

    def hold(self, session: str) -> None:
        """Hold a session's reports back: after its Logon older ones are told again, before anything newer.
        FIX engine's thread."""
        self._holds[session] += 1

    def holds(self, session: str) -> int:
        """Return how often a session was held so far. A Logon or its end lets go of what was held until it
        happened, and not of what a later Logon holds, however late the loop hears of it. FIX engine's
        thread."""
        return self._holds[session]

    def _is_held(self, line: _Line) -> bool:
        return self._holds[line.session] > self._released[line.session]

    def logged_on(self, session: str, *, reset: bool, holds: int) -> None:
        """Note a Logon; after one that reset the session, tell again what is not confirmed. `holds` as
        they were then. Raises `JournalError` when that could not be noted; it is told all the same."""
        line = self._lines.get(session)
        if line is None:
            return
        line.on_since = self._now()
        self._released[session] = holds
        try:
            if reset:
                self._tell_again(line)
        finally:
            self._hand_over(line)

    def logged_out(self, session: str, *, orderly: bool, holds: int) -> None:
        """Note that a session is off; one that ended in good order has had all it was handed. `holds` as
        they were then."""
        line = self._lines.get(session)
        if line is None:
            return
        self._released[session] = holds
        if orderly and line.on_since:
            self._confirm(line, self._now() - ORDERLY_SECONDS)
        line.on_since = 0.0
        self._hand_over(line)

    def _tell_again(self, line: _Line) -> None:
        if line.handed:
            log.info("%s: %d reports are told again after its reset", line.session, len(line.handed))
        for told in line.handed:
            told.report = replace(told.report, resent=True)
        if line.handed:
            # From here on they count as not handed over, so that after a crash the next start goes on here.
            line.move(handed=line.handed[0].report.fact - 1)
        line.handed.extend(line.waiting)
        line.waiting, line.handed = line.handed, deque()
        if line.moved:
            self._write(line)

    def _overflow(self, line: _Line) -> None:
        log.error(
            "ALARM: %s has not confirmed its last %d reports; the oldest are no longer remembered to be told "
            "again after a reset",
            line.session,
            MOST,
        )
        for _ in range(MOST // 10):
            line.confirm_first()

    # after a restart

    def wants(self, report: Report) -> bool:
        """True when some session may not have had a report of a replayed fact."""
        return any(report.fact > line.mark.confirmed for line in self._lines.values())

    def restore(self, replayed: Sequence[Report]) -> None:
        """Take up what was not confirmed before the last stop, from the journal and from replayed facts.

        What was not handed over, or was and may not have been stored, waits to be told with PossResend.
        """
        found = {
            _key(report): _Told(report, self._now(), kept=True)
            for _, report in self._journal.kept_reports()
            if report.session in self._lines
        }
        for report in replayed:
            for each in self._addressed(report):
                found.setdefault(_key(each), _Told(each, self._now()))
        for key in sorted(found):
            self._take_up(found[key])

    def _take_up(self, told: _Told) -> None:
        report = told.report
        line = self._lines[report.session]
        if report.fact <= line.mark.confirmed:
            return
        line.add(told)
        if report.fact <= line.mark.handed:
            line.handed.append(told)
        else:
            told.report = replace(report, resent=True)
            line.waiting.append(told)

    def tell_waiting(self) -> None:
        """Hand over what waits: the door is open."""
        for line in self._lines.values():
            self._hand_over(line)

    # marks

    def mark_of(self, session: str) -> SessionMark:
        """Return how far a session has been told and what it asked for."""
        return self._lines[session].mark

    def note(self, session: str, **changes: Any) -> None:
        """Change a session's mark, durably before this returns. Raises `JournalError`."""
        line = self._lines[session]
        line.move(**changes)
        self._write(line)

    def write_marks(self) -> None:
        """Confirm what can be, and write the marks that moved. Raises `JournalError`."""
        for line in self._lines.values():
            heard = self._door.last_heard(line.session) if line.on_since else 0.0
            if heard and line.handed:
                self._confirm(line, heard - HEARTBEATS * self._door.heartbeat(line.session))
            self._watch(line)
        self._write(*(line for line in self._lines.values() if line.moved))

    def _watch(self, line: _Line) -> None:
        """Call an operator when reports of a session that is on cannot be handed over."""
        now = self._now()
        if not line.on_since or not line.waiting or self._is_held(line):
            line.stuck_since = now
        elif now - line.stuck_since > STUCK_SECONDS:
            line.stuck_since = now
            log.error(
                "ALARM: %s is on, and the FIX engine does not take its reports: %d wait",
                line.session,
                len(line.waiting),
            )

    @property
    def busy(self) -> bool:
        """True while a mark is to be written, or reports wait or are not confirmed."""
        return any(line.moved or line.waiting or line.handed for line in self._lines.values())

    def _confirm(self, line: _Line, sent_before: float) -> None:
        while line.handed and max(line.handed[0].at, line.on_since) <= sent_before:
            line.confirm_first()

    def _write(self, *lines: _Line) -> None:
        if lines:
            self._journal.mark({line.session: line.mark for line in lines})
        for line in lines:
            line.moved = False

    # beside the facts

    def keep(self, orders: Iterable[str], upto: int) -> None:
        """Keep the reports of `orders`, by their OrderID(37), of facts up to `upto`: those facts alone can
        make them again, and are about to sink below the floor. Raises `JournalError`."""
        found = [
            told
            for order_id in orders
            for line in self._lines.values()
            for told in line.by_order.get(order_id, ())
            if not told.kept and told.report.fact <= upto
        ]
        if found:
            self._journal.keep_reports([(told.report.fact, told.report) for told in found])
        for told in found:
            told.kept = True

    def close(self) -> None:
        """Hand over nothing more: what comes now is told after the next start."""
        self._closed = True


def _key(report: Report) -> tuple[int, str, bool]:
    """What tells one report from the others: a fact has one report for a session, and in a list two."""
    return report.fact, report.session, isinstance(report, ListStatus)
