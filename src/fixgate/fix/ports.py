"""What the FIX door needs from the rest of the gateway: an inbox to write to, and ears for its events."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol


class InboxUnavailable(OSError):
    """The inbox could not be written: nothing was taken, and the client is told so."""


class Inbox(Protocol):
    """The durable list of what came in. Called on the FIX engine's thread."""

    def put(self, session: str, raw: str, received_ns: int) -> int:
        """Keep a message and return its sequence number; durable when this returns.

        `raw` is the message's text, `received_ns` nanoseconds since the epoch. Raises
        `InboxUnavailable` when it cannot be kept.
        """


def _silent(*_: Any) -> None:
    """Take an event and do nothing."""


@dataclass(frozen=True)
class DoorEvents:
    """What happens at the door, for metrics. Each is called on the thread where it happens, mostly the
    FIX engine's own: a listener must be quick and thread-safe. One that raises is logged, no more."""

    on_logon: Callable[[str], None] = _silent
    """A session logged on: its id."""
    on_logout: Callable[[str], None] = _silent
    """A session logged out or lost its connection: its id."""
    on_received: Callable[[str, str], None] = _silent
    """An application message came in: session id, MsgType."""
    on_problem: Callable[[str], None] = _silent
    """Something was refused or went wrong: what kind."""
    on_sent: Callable[[str, str], None] = _silent
    """An application message was handed to the engine to send: session id, MsgType."""
