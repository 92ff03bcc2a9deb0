"""The port that the composition root sees. One implementation per store."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from fixgate.model.facts import Fact
from fixgate.model.limits import LedgerSnapshot
from fixgate.model.reports import Report
from fixgate.model.snapshot import OrderSnapshot, SpentId


class JournalError(Exception):
    """The journal cannot be opened, read or written. Nothing that failed to be written was promised."""


class Received(NamedTuple):
    """One row of the inbox: a raw message as it came in."""

    sequence: int
    session: str
    received_ns: int
    raw: str


class SessionMark(NamedTuple):
    """How far one session has been told, as fact numbers, and what it asked for.

    `handed`: reports up to here were handed to the FIX engine, which stores and resends them.
    `confirmed`: reports up to here have surely reached the client. `cancel_on_disconnect` is what the
    session's last Logon asked for, `None` if nothing; `gone_ns` since when the session is off, 0 while on.
    """

    handed: int = 0
    confirmed: int = 0
    cancel_on_disconnect: int | None = None
    gone_ns: int = 0


class Floor(NamedTuple):
    """Where a start begins to read: facts after `seq`, inbox rows after `inbox`. What is before is in the
    snapshots, or was decided on, or is one of the few messages that the journal remembers one by one."""

    seq: int = 0
    inbox: int = 0


class Journal(Protocol):
    """Append-only facts and an inbox, with snapshots of orders so that a start need not read them all.

    Every write is durable when the method returns. `put` is called by door threads, everything else by
    the event loop. All methods raise `JournalError`.
    """

    def put(self, session: str, raw: str, received_ns: int) -> int:
        """Keep a raw message and return its number: greater than any before it, never used again.

        Called before the message is acknowledged in any way.
        """

    def number(self) -> int:
        """Return a number of the same sequence for an input that has no inbox row."""

    def append(self, facts: Sequence[Fact], handled: int = 0) -> None:
        """Keep facts in order and, with `handled`, mark that inbox row as decided on: both or neither."""

    def group(self) -> AbstractContextManager[None]:
        """Make every `append` inside one commit, as the block ends: all of them or none."""

    def facts(self) -> Iterator[Fact]:
        """Yield every fact after the floor, in the order it was appended."""

    def last_fact(self) -> int:
        """Return the highest number that a fact ever had here, as far as that is known."""

    def unhandled(self) -> list[Received]:
        """Return inbox rows that were taken in and never decided on, oldest first."""

    # state kept beside the facts

    def keep(
        self,
        orders: Sequence[OrderSnapshot],
        spent: Sequence[SpentId] = (),
        ledger: LedgerSnapshot | None = None,
    ) -> None:
        """Keep the state of orders, in place of any earlier state of the same, and spent ids; with them, in
        the same commit, what orders count on the days of `ledger`."""

    def ledger(self) -> LedgerSnapshot:
        """Return what orders count on each day of the last weeks, as it was kept last."""

    def floor(self) -> Floor:
        """Return where a start begins to read."""

    def raise_floor(self, floor: Floor) -> None:
        """Move it on: every order with a fact up to there is in `keep`'s snapshots. It never goes back, and a
        message that nobody has decided on stays in `unhandled` wherever it is."""

    def open_orders(self) -> Iterator[OrderSnapshot]:
        """Yield the snapshots of orders that were open when they were kept."""

    def order_of(self, id: str) -> int | None:
        """Return which order an id belongs to, 0 if it was spent without one, `None` if it was never kept."""

    def order(self, order_id: int) -> OrderSnapshot | None:
        """Return an order's snapshot, `None` if there is none."""

    def forget(self, before_ns: int, at_most: int) -> int:
        """Delete what is older than `before_ns` and below the floor: facts, inbox rows, finished orders
        and spent ids. Deletes about `at_most` rows and returns how many; 0 when nothing is left to do."""

    # delivery

    def sessions(self) -> Mapping[str, SessionMark]:
        """Return how far each session has been told."""

    def mark(self, marks: Mapping[str, SessionMark]) -> None:
        """Keep that, of the sessions given, in one commit. It may lag behind: a report told twice is marked
        as such, one never told is lost."""

    def keep_reports(self, reports: Sequence[tuple[int, Report]]) -> None:
        """Keep reports, by the number of their fact, that a client has not confirmed and whose facts are
        about to sink below the floor."""

    def kept_reports(self) -> list[tuple[int, Report]]:
        """Return kept reports that their session has not confirmed, oldest first; the others are gone."""

    def close(self) -> None:
        """Flush and release the store."""
