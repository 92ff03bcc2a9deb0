"""The journal's file: its lock, its one connection, and what a failure of it is called.

Thread contract: any thread may call; `lock` keeps the connection to one of them at a time and is never
held while anything but SQLite runs.
"""

import fcntl
import os
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TextIO

import apsw

from fixgate.journal.journal import JournalError
from fixgate.journal.schema import bring_up_to_date

Row = tuple[Any, ...]
Bindings = Row | dict[str, int]

CACHE_KIBIBYTES = 16_384
WAL_LIMIT_BYTES = 64 * 1024 * 1024
"""How much of the write-ahead log stays allocated after a burst; SQLite cuts it back when it starts over."""

_SYNCHRONOUS = {"process": "NORMAL", "disk": "FULL"}


class JournalFile:
    """The open file at `path`. Raises `JournalError` when another process has it or it cannot be read."""

    def __init__(self, path: Path, durability: str) -> None:
        self.path = path
        self.lock = threading.Lock()
        self.closed = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._held = _hold(path)
        except OSError as error:
            raise JournalError(f"journal {path} cannot be opened: {error}") from error
        try:
            path.touch(mode=0o600)
            self.db = apsw.Connection(str(path))
            self._prepare(durability)
        except BaseException as error:
            self._release()
            if isinstance(error, OSError | apsw.Error):
                raise JournalError(f"journal {path} cannot be opened: {_name(error)}{error}") from error
            raise

    def _prepare(self, durability: str) -> None:
        db = self.db
        db.set_busy_timeout(5000)
        db.execute("PRAGMA journal_mode = WAL").fetchall()
        db.execute(f"PRAGMA synchronous = {_SYNCHRONOUS[durability]}")
        db.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT_BYTES}").fetchall()
        db.execute(f"PRAGMA cache_size = -{CACHE_KIBIBYTES}")
        bring_up_to_date(db, self.path)

    def read(self, query: str, bindings: Bindings = ()) -> list[Row]:
        """Return every row that `query` finds. No statement stays open: an open one would keep SQLite
        from starting its write-ahead log over, which then grows for as long."""
        try:
            with self.lock:
                return self.db.execute(query, bindings).fetchall()
        except apsw.Error as error:
            raise self.failed("it cannot be read", error) from error

    def write(self, what: str, *steps: tuple[str, Sequence[Bindings]]) -> None:
        """Run every statement once for each of its rows, all in one transaction."""
        try:
            with self.lock:
                self.transact(steps)
        except apsw.Error as error:
            raise self.failed(f"{what} could not be journaled", error) from error

    def transact(self, steps: Iterable[tuple[str, Sequence[Bindings]]]) -> None:
        """The same, by a caller that holds the lock. Raises `apsw.Error`, and then nothing is written."""
        execute = self.db.execute
        execute("BEGIN IMMEDIATE")
        try:
            for statement, rows in steps:
                self.db.executemany(statement, rows)
            execute("COMMIT")
        except BaseException:
            if self.db.in_transaction:
                execute("ROLLBACK")
            raise

    def failed(self, what: str, error: apsw.Error) -> JournalError:
        """Return the error that says which file, what was to be done and what the system said."""
        number = 0
        if isinstance(error, apsw.IOError | apsw.CantOpenError):
            with self.lock:
                number = self.db.system_errno
        system = f" (the system says: {os.strerror(number)})" if number else ""
        return JournalError(f"journal {self.path}: {what}: {_name(error)}{error}{system}{_remedy(error)}")

    def close(self) -> None:
        """Close the file and let go of its lock; a second call does nothing."""
        with self.lock:
            self.closed = True
            self._release()

    def _release(self) -> None:
        if hasattr(self, "db"):
            self.db.close()
        self._held.close()


def _name(error: Exception) -> str:
    """Return SQLite's own name of what happened, such as `SQLITE_IOERR_WRITE: `, if it has one."""
    extended = getattr(error, "extendedresult", 0)
    names = (apsw.mapping_extended_result_codes, apsw.mapping_result_codes)
    for code, table in zip((extended, extended & 0xFF), names, strict=True):
        if code in table:
            return f"{table[code]}: "
    return ""


def _remedy(error: apsw.Error) -> str:
    if isinstance(error, apsw.FullError):
        return "; free space on its file system, the next write is tried as usual"
    if isinstance(error, apsw.CorruptError | apsw.NotADBError):
        return "; the file is damaged: stop, keep a copy of it and restore one from a backup"
    if isinstance(error, apsw.ReadOnlyError | apsw.PermissionsError):
        return "; it must be writable for the user that runs the gateway"
    return ""


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
