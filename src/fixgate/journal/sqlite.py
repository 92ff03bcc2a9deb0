"""The default journal: one SQLite file in WAL mode, through apsw and its own bundled SQLite.

Thread contract: `put` and `number` run on any thread, everything else on the event loop; one lock keeps
the one connection to one of them at a time, and is never held while anything but SQLite runs.

Durability: `process` survives the death of the process (`kill -9`), because a WAL commit is in the
operating system's hands when it returns; `disk` also survives the death of the machine, at the price
of an fsync per commit. `group` makes many `append`s one commit.

A write that failed left nothing behind, and the next one is tried as usual: it works as soon as there is
space again. One exception: on `disk`, a message whose flush failed just before the machine died may be found
at the next start, as one that nobody decided on.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import apsw
import msgspec

from fixgate.journal.delivery import Delivery
from fixgate.journal.file import JournalFile, Row
from fixgate.journal.journal import Floor, JournalError, Received, SessionMark
from fixgate.journal.ledger import read_ledger
from fixgate.journal.retention import forget
from fixgate.journal.snapshots import Snapshots
from fixgate.model.facts import Fact
from fixgate.model.limits import LedgerSnapshot
from fixgate.model.reports import Report
from fixgate.model.snapshot import OrderSnapshot, SpentId

_PUT = "INSERT INTO inbox VALUES (?, ?, ?, ?)"
_APPEND = "INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?)"
_HANDLED = "INSERT OR IGNORE INTO handled VALUES (?)"

_BATCH = 500

_FACTS = "SELECT seq, body FROM facts WHERE seq > ? ORDER BY seq LIMIT ?"
_UNHANDLED = """
SELECT * FROM (
    SELECT * FROM inbox WHERE sequence > :inbox
    UNION ALL
    SELECT inbox.* FROM waiting JOIN inbox USING (sequence)
) AS row
WHERE sequence NOT IN (SELECT inbox FROM facts WHERE seq > :seq)
AND NOT EXISTS (SELECT 1 FROM handled WHERE handled.sequence = row.sequence)
ORDER BY sequence
"""

_FORGET_WAITING, _WAIT = "DELETE FROM waiting", "INSERT INTO waiting VALUES (?)"
_NUMBER = "INSERT OR REPLACE INTO numbers VALUES (?, ?)"
_FLOOR_SEQ, _FLOOR_INBOX, _LAST_NUMBER = "floor", "inbox floor", "last number"


class SqliteJournal:
    """A journal in the file at `path`, which only one process at a time may hold.

    A damaged file is refused when it is opened, as far as the damage is in what opening it reads; else by
    the first method that comes across it. A commit that the last death cut short is not there at all.
    """

    def __init__(self, path: Path, durability: str = "process") -> None:
        self._file = file = JournalFile(path, durability)
        self._lock, self._db = file.lock, file.db
        self._encode = msgspec.json.Encoder().encode
        self._decoder: msgspec.json.Decoder[Fact] = msgspec.json.Decoder(Fact)
        self._snapshots = Snapshots(file)
        self._delivery = Delivery(file)
        self._grouped: list[tuple[list[Row], int]] | None = None
        try:
            numbers: dict[str, int] = dict(file.read("SELECT name, value FROM numbers"))
            self._floor = Floor(numbers.get(_FLOOR_SEQ, 0), numbers.get(_FLOOR_INBOX, 0))
            ((last,),) = file.read("SELECT coalesce(max(sequence), 0) FROM inbox")
            self._undecided = {row.sequence for row in self.unhandled()}
            last = max(last, self._floor.inbox, numbers.get(_LAST_NUMBER, 0))
        except JournalError:
            file.close()
            raise
        self._numbers: Iterator[int] = count(max(last, clock_number()) + 1)

    def put(self, session: str, raw: str, received_ns: int) -> int:
        """Keep a raw message; see `Journal.put`. A number whose message was not kept is not used again."""
        try:
            with self._lock:
                sequence = next(self._numbers)
                self._undecided.add(sequence)
                self._db.execute(_PUT, (sequence, session, received_ns, raw))
                return sequence
        except apsw.Error as error:
            self._undecided.discard(sequence)
            raise self._file.failed("a message could not be journaled", error) from error

    def number(self) -> int:
        """Return a number without a look at the disk; see `Journal.number`."""
        return next(self._numbers)

    def append(self, facts: Sequence[Fact], handled: int = 0) -> None:
        """Keep facts in one transaction; see `Journal.append`."""
        rows = [
            (fact.seq, fact.at_ns, fact.order_id, type(fact).__name__, handled, self._encode(fact).decode())
            for fact in facts
        ]
        if self._grouped is not None:
            self._grouped.append((rows, handled))
            return
        try:
            with self._lock:
                if len(rows) == 1:
                    self._db.execute(_APPEND, rows[0])
                elif rows:
                    self._file.transact(((_APPEND, rows),))
                elif handled:
                    self._db.execute(_HANDLED, (handled,))
        except apsw.Error as error:
            raise self._file.failed(f"{len(rows)} facts could not be journaled", error) from error
        self._undecided.discard(handled)

    @contextmanager
    def group(self) -> Iterator[None]:
        """Make every `append` inside one commit, with one fsync on durability `disk`, as the block ends.

        Nothing that is decided inside may be sent or told before that. Raises `JournalError` at the end of
        the block, and then nothing of it is kept; neither is it when the block itself raises. Not nested.
        """
        if self._grouped is not None:
            raise RuntimeError("a group of appends is open already; groups are not nested")
        grouped: list[tuple[list[Row], int]] = []
        self._grouped = grouped
        try:
            yield
        finally:
            self._grouped = None
        facts = [row for rows, _ in grouped for row in rows]
        handled = [(number,) for rows, number in grouped if number and not rows]
        if facts or handled:
            self._file.write(f"{len(facts)} facts", (_APPEND, facts), (_HANDLED, handled))
        self._undecided.difference_update(number for _, number in grouped)

    def facts(self) -> Iterator[Fact]:
        """Yield every fact after the floor. Raises `JournalError`, naming the fact, for one that cannot be
        read."""
        last = self._floor.seq
        while rows := self._file.read(_FACTS, (last, _BATCH)):
            for seq, body in rows:
                try:
                    yield self._decoder.decode(body)
                except msgspec.DecodeError as error:
                    raise JournalError(
                        f"journal {self._file.path}: fact {seq} cannot be read: {error}"
                    ) from error
            last = rows[-1][0]

    def last_fact(self) -> int:
        """Return the highest number that a fact ever had; see `Journal.last_fact`."""
        ((last,),) = self._file.read("SELECT coalesce(max(seq), 0) FROM facts")
        marks = [max(mark.handed, mark.confirmed) for mark in self._delivery.sessions().values()]
        return max(int(last), self._floor.seq, *marks)

    def unhandled(self) -> list[Received]:
        """Return inbox rows never decided on, oldest first; see `Journal.unhandled`."""
        return [Received(*row) for row in self._file.read(_UNHANDLED, self._floor._asdict())]

    def floor(self) -> Floor:
        """Return where a start begins to read."""
        return self._floor

    def raise_floor(self, floor: Floor) -> None:
        """Move the floor on; it never goes back nor above the last fact.

        For the inbox it moves up to now, whatever it was told: messages that nobody has decided on yet are
        remembered one by one, so that `unhandled` returns them and `forget` leaves them.
        """
        ((last,),) = self._file.read("SELECT coalesce(max(seq), 0) FROM facts")
        with self._lock:
            seen = next(self._numbers)  # a later message has a greater number
            waiting = sorted(self._undecided)
        new = Floor(max(self._floor.seq, min(floor.seq, last)), seen)
        self._file.write(
            "the floor",
            (_FORGET_WAITING, [()]),
            (_WAIT, [(sequence,) for sequence in waiting]),
            (_NUMBER, [(_FLOOR_SEQ, new.seq), (_FLOOR_INBOX, new.inbox)]),
        )
        self._floor = new

    def keep(
        self,
        orders: Sequence[OrderSnapshot],
        spent: Sequence[SpentId] = (),
        ledger: LedgerSnapshot | None = None,
    ) -> None:
        """Keep the state of orders, spent ids and what orders count; see `Journal.keep`."""
        self._snapshots.keep(orders, spent, ledger)

    def ledger(self) -> LedgerSnapshot:
        """Return what orders count on each day; see `Journal.ledger`."""
        return read_ledger(self._file)

    def open_orders(self) -> Iterator[OrderSnapshot]:
        """Yield open orders; see `Journal.open_orders`."""
        return self._snapshots.open_orders()

    def order_of(self, id: str) -> int | None:
        """Return which order an id belongs to; see `Journal.order_of`."""
        return self._snapshots.order_of(id)

    def order(self, order_id: int) -> OrderSnapshot | None:
        """Return an order's snapshot; see `Journal.order`."""
        return self._snapshots.order(order_id)

    def forget(self, before_ns: int, at_most: int) -> int:
        """Delete a piece of what is old; see `Journal.forget`."""
        return forget(self._file, self._floor, before_ns, at_most)

    def sessions(self) -> Mapping[str, SessionMark]:
        """Return how far each session has been told."""
        return self._delivery.sessions()

    def mark(self, marks: Mapping[str, SessionMark]) -> None:
        """Keep how far sessions have been told; see `Journal.mark`."""
        self._delivery.mark(marks)

    def keep_reports(self, reports: Sequence[tuple[int, Report]]) -> None:
        """Keep reports that are not confirmed; see `Journal.keep_reports`."""
        self._delivery.keep_reports(reports)

    def kept_reports(self) -> list[tuple[int, Report]]:
        """Return kept reports that are not confirmed, oldest first."""
        return self._delivery.kept_reports()

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        if not self._file.closed:
            # Not for the messages' numbers, which are in the inbox. On a full disk the clock must do.
            with suppress(JournalError):
                self._file.write("the last number", (_NUMBER, [(_LAST_NUMBER, next(self._numbers))]))
        self._file.close()


def clock_number() -> int:
    """Return the number that a start counts on from, at least: the time in milliseconds.

    A journal that was lost, restored from a backup or cut short by a power failure then leads to no
    client order id and no ExecID used before, as long as fewer than 1000 a second were used.
    """
    return time.time_ns() // 1_000_000
