"""What the FIX door needs from the rest of the gateway: an inbox to write to, and ears for its events."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec


class InboxUnavailable(OSError):
    """The inbox could not be written: nothing was taken, and the client is told so."""


class Unsendable(ValueError):
    """A report that can never be sent: trying it again would not help."""


class Inbox(Protocol):
    """The durable list of what came in. Called on the FIX engine's thread."""

    def put(self, session: str, raw: str, received_ns: int) -> int:
        """Keep a message and return its sequence number; durable when this returns.

        `raw` is the message's text, `received_ns` nanoseconds since the epoch. Raises
        `InboxUnavailable` when it cannot be kept.
        """

    def answered(self, sequence: int) -> None:
        """Note that a kept message was refused at the door: there is nothing to decide on it any more."""


class Logon(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a Logon that was accepted means for the gateway.

    `reset`: what the engine had stored for the session's client is gone, so what the client may have missed
    must be told again. So it is after ResetSeqNumFlag(141)=Y, on a session with `resetOnLogon`, when the
    store is empty, and when an earlier Logon that was not accepted emptied it.
    `cancel_on_disconnect`: CancelOnDisconnect(10001): 1 asked for, 0 declined, `None` not said.
    `heartbeat_seconds`: HeartBtInt(108).
    """

    reset: bool
    cancel_on_disconnect: int | None
    heartbeat_seconds: int


def _silent(*_: Any) -> None:
    """Take an event and do nothing."""


@dataclass(frozen=True)
class DoorEvents:
    """What happens at the door. Each is called on the thread where it happens, mostly the FIX engine's own:
    a listener must be quick and thread-safe, and must not publish. One that raises is logged, no more.

    The order of a Logon after which reports are told again: `resetting`, then `on_logon` with `reset` set;
    or, when the Logon fails after all, `on_logout`. A client may reset while it is logged on: then `on_logon`
    comes a second time.
    """

    on_logon: Callable[[str, Logon], None] = _silent
    """A session logged on: its id, what its Logon said."""
    on_logout: Callable[[str, bool], None] = _silent
    """A session is off: its id, whether in good order, that is after a Logout of the client's, its answer to
    the gateway's included. False: the connection was lost, the client fell silent, or was cut off."""
    resetting: Callable[[str], None] = _silent
    """A Logon that will be told with `reset` set is about to be accepted: the session's id. Nothing new
    should be published to it until `on_logon`, lest it come before what is told again. When the Logon itself
    resets, the engine has emptied the store already, and until `on_logon` the door hands it no report."""
    on_received: Callable[[str, str], None] = _silent
    """An application message came in: session id, MsgType."""
    on_problem: Callable[[str], None] = _silent
    """Something was refused or went wrong: what kind."""
    on_sent: Callable[[str, str], None] = _silent
    """An application message was handed to the engine to send: session id, MsgType."""
