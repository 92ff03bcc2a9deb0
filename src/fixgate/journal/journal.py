"""The port that the composition root sees. One implementation per store."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from fixgate.model.facts import Fact


class JournalError(Exception):
    """The journal cannot be opened, read or written. Nothing that failed to be written was promised."""


class Received(NamedTuple):
    """One row of the inbox: a raw message as it came in."""

    sequence: int
    session: str
    received_ns: int
    raw: str


class Journal(Protocol):
    """Append-only facts and an inbox. Every write is durable when the method returns."""

    def put(self, session: str, raw: str, received_ns: int) -> int:
        """Keep a raw message and return its number: greater than any before it, never used again.

        Called by door threads, before the message is acknowledged in any way. Raises `JournalError`.
        """

    def append(self, facts: Sequence[Fact], handled: int = 0) -> None:
        """Keep facts in order and, with `handled`, mark that inbox row as decided on: both or neither.

        Called by the event loop. Raises `JournalError`.
        """

    def facts(self) -> Iterator[Fact]:
        """Yield every fact in the order it was appended."""

    def unhandled(self) -> list[Received]:
        """Return inbox rows that were taken in and never decided on, oldest first."""

    def reported(self) -> int:
        """Return the number up to which every fact's report has been handed to its door."""

    def mark_reported(self, seq: int) -> None:
        """Move that number on. It may lag behind: a report told twice is marked, one never told is lost.

        Raises `JournalError`.
        """

    def close(self) -> None:
        """Flush and release the store."""
