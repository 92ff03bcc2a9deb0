"""The default journal: one SQLite file in WAL mode, through apsw and its own bundled SQLite.

Thread contract: `put` runs on door threads, everything else on the event loop; one lock keeps the one
connection to one of them at a time, and is never held while anything but SQLite runs.

Durability: `process` survives the death of the process (`kill -9`), because a WAL commit is in the
operating system's hands when it returns; `disk` also survives the death of the machine, at the price
of an fsync per commit.
"""

import fcntl
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

import apsw
import msgspec

from fixgate.journal.journal import JournalError, Received
from fixgate.model.facts import Fact

SCHEMA_VERSION = 1

_SCHEMA = """
CREATE TABLE inbox (
    sequence    INTEGER PRIMARY KEY,
    session     TEXT NOT NULL,
    received_ns INTEGER NOT NULL,
    raw         TEXT NOT NULL
);
CREATE TABLE facts (
    seq      INTEGER PRIMARY KEY,
    at_ns    INTEGER NOT NULL,
    order_id INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    inbox    INTEGER NOT NULL,
    body     TEXT NOT NULL
);
CREATE TABLE handled (sequence INTEGER PRIMARY KEY);
CREATE TABLE numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""
"""`facts.inbox` names the message that a fact decided on, 0 if none did; `handled` those that led to no
fact. Neither is indexed: every page that a commit touches costs more on the order path than a scan at
start-up ever does."""

_PUT = "INSERT INTO inbox VALUES (?, ?, ?, ?)"
_APPEND = "INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?)"
_HANDLED = "INSERT OR IGNORE INTO handled VALUES (?)"

_SYNCHRONOUS = {"process": "NORMAL", "disk": "FULL"}


_Row = tuple[int, int, int, str, int, str]


class SqliteJournal:
    """A journal in the file at `path`, which only one process at a time may hold."""

    def __init__(self, path: Path, durability: str = "process") -> None:
        self._lock = threading.Lock()
        self._encode = msgspec.json.Encoder().encode
        self._decoder: msgspec.json.Decoder[Fact] = msgspec.json.Decoder(Fact)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._held = _hold(path)
            path.touch(mode=0o600)
            self._db = apsw.Connection(str(path))
            self._prepare(path, durability)
        except (OSError, apsw.Error) as error:
            raise JournalError(f"journal {path} cannot be opened: {error}") from error

    def _prepare(self, path: Path, durability: str) -> None:
        db = self._db
        db.set_busy_timeout(5000)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(f"PRAGMA synchronous = {_SYNCHRONOUS[durability]}")
        version = self._one("PRAGMA user_version")
        if version == 0:
            self._create()
        elif version != SCHEMA_VERSION:
            raise JournalError(
                f"journal {path} has schema version {version}; this fixgate reads version {SCHEMA_VERSION}"
            )
        self._sequence = max(self._one("SELECT coalesce(max(sequence), 0) FROM inbox"), clock_number())

    def _create(self) -> None:
        with self._db:
            self._db.execute(_SCHEMA)
            self._db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def put(self, session: str, raw: str, received_ns: int) -> int:
        """Keep a raw message; see `Journal.put`."""
        try:
            with self._lock:
                sequence = self._sequence + 1
                self._db.execute(_PUT, (sequence, session, received_ns, raw))
                self._sequence = sequence
                return sequence
        except apsw.Error as error:
            raise JournalError(f"the message could not be journaled: {error}") from error

    def append(self, facts: Sequence[Fact], handled: int = 0) -> None:
        """Keep facts in one transaction; see `Journal.append`."""
        rows = [
            (fact.seq, fact.at_ns, fact.order_id, type(fact).__name__, handled, self._encode(fact).decode())
            for fact in facts
        ]
        try:
            with self._lock:
                self._write(rows, handled)
        except apsw.Error as error:
            raise JournalError(f"{len(rows)} facts could not be journaled: {error}") from error

    def _write(self, rows: list[_Row], handled: int) -> None:
        execute = self._db.execute
        if len(rows) == 1:
            execute(_APPEND, rows[0])
        elif not rows:
            execute(_HANDLED, (handled,))
        else:
            execute("BEGIN IMMEDIATE")
            try:
                self._db.executemany(_APPEND, rows)
                execute("COMMIT")
            except apsw.Error:
                if self._db.in_transaction:
                    execute("ROLLBACK")
                raise

    def facts(self) -> Iterator[Fact]:
        """Yield every fact. Raises `JournalError`, naming the row, for one that cannot be read."""
        for seq, body in self._db.execute("SELECT seq, body FROM facts ORDER BY seq"):
            try:
                yield self._decoder.decode(body)
            except msgspec.DecodeError as error:
                raise JournalError(f"fact {seq} of the journal cannot be read: {error}") from error

    def unhandled(self) -> list[Received]:
        """Return inbox rows never decided on, oldest first."""
        rows = self._db.execute(
            "SELECT * FROM inbox WHERE sequence NOT IN (SELECT inbox FROM facts) "
            "AND sequence NOT IN (SELECT sequence FROM handled) ORDER BY sequence"
        )
        return [Received(*row) for row in rows]

    def reported(self) -> int:
        """Return how far reports have been handed on; see `Journal.reported`."""
        return self._one("SELECT coalesce((SELECT value FROM numbers WHERE name = 'reported'), 0)")

    def mark_reported(self, seq: int) -> None:
        """Move that number on; see `Journal.mark_reported`."""
        try:
            with self._lock:
                self._db.execute("INSERT OR REPLACE INTO numbers VALUES ('reported', ?)", (seq,))
        except apsw.Error as error:
            raise JournalError(f"the delivery mark could not be journaled: {error}") from error

    def _one(self, query: str) -> int:
        (value,) = next(iter(self._db.execute(query)))
        return int(value)

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        with self._lock:
            self._db.close()
            self._held.close()


def clock_number() -> int:
    """Return the number that a start counts on from, at least: the time in milliseconds.

    A journal that was lost, restored from a backup or cut short by a power failure then leads to no
    client order id and no ExecID used before, as long as fewer than 1000 a second were used.
    """
    return time.time_ns() // 1_000_000


def _hold(path: Path) -> TextIO:
    """Take the lock file beside the journal; two gateways on one journal would both trade."""
    held = path.with_name(path.name + ".lock").open("w")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.close()
        raise JournalError(
            f"journal {path} is held by another running gateway; stop that one first"
        ) from None
    return held
