"""The acceptor's configuration: plain values, checked, and the engine's settings text made of them.

Source: the QuickFIX configuration reference, FIX 4.4 Vol. 2 (Logon).
"""

import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path

from fixgate.fix.session_context import SessionContext

BEGIN_STRING = "FIX.4.4"
_COMP_ID = re.compile(r"[A-Za-z0-9_.\-]{1,32}")
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class SessionConfig:
    """One FIX session. `sender_comp_id` is the gateway's own CompID, `target_comp_id` the client's.

    `source_id` names the client in the gateway (empty: its CompID). `password` is compared with
    Password(554) of the Logon. With `pending_reports` off, the client gets no PendingNew,
    PendingCancel and PendingReplace reports. A `drop_copy` session sends no orders; it gets copies of the
    reports of the sources in `drop_copy_of`, or of all when that is empty. With `cancel_on_disconnect` the
    client's orders are to be cancelled when it has been off for `cancel_grace_seconds`, unless its Logon
    says otherwise. The session may also cancel, and ask after, the orders of the sources in `may_cancel`, `*`
    being all of them. Raises `ValueError` for values that cannot work.
    """

    target_comp_id: str
    sender_comp_id: str = "FIXGATE"
    source_id: str = ""
    default_connector: str = ""
    default_account: str = ""
    allowed_addresses: tuple[str, ...] = (LOOPBACK,)
    password: str | None = field(default=None, repr=False)
    reset_on_logon: bool = False
    pending_reports: bool = True
    drop_copy: bool = False
    drop_copy_of: tuple[str, ...] = ()
    cancel_on_disconnect: bool = False
    cancel_grace_seconds: float = 5.0
    may_cancel: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, value in (("sender", self.sender_comp_id), ("target", self.target_comp_id)):
            if not _COMP_ID.fullmatch(value):
                raise ValueError(
                    f"{name} CompID was {value!r}; use 1 to 32 letters, digits, points, hyphens, underscores"
                )
        if not self.allowed_addresses:
            raise ValueError(
                f"session {self.session_id} has no allowed addresses; list the client's, such as {LOOPBACK}"
            )
        if self.drop_copy_of and not self.drop_copy:
            raise ValueError(f"session {self.session_id} names whose reports to copy; make it a drop copy")
        if self.drop_copy and self.cancel_on_disconnect:
            raise ValueError(
                f"session {self.session_id} is a drop copy, which has no orders to cancel on disconnect"
            )
        if self.drop_copy and self.may_cancel:
            raise ValueError(f"session {self.session_id} is a drop copy, which may not cancel orders")
        if not 0 <= self.cancel_grace_seconds <= 3600:
            raise ValueError(f"cancel grace was {self.cancel_grace_seconds} s; use 0 to 3600")
        for address in self.allowed_addresses:
            if not _ipv4(address).is_loopback and not self.password:
                raise ValueError(
                    f"session {self.session_id} may be reached from {address} without a password; set one"
                )

    @property
    def session_id(self) -> str:
        """The session's id as the FIX engine writes it: `FIX.4.4:FIXGATE->OMS`."""
        return f"{BEGIN_STRING}:{self.sender_comp_id}->{self.target_comp_id}"

    @property
    def context(self) -> SessionContext:
        """What `decode` needs of the session."""
        return SessionContext(
            session=self.session_id,
            source=self.source_id or self.target_comp_id,
            default_connector=self.default_connector,
            default_account=self.default_account,
            drop_copy=self.drop_copy,
            may_cancel=self.may_cancel,
        )


@dataclass(frozen=True)
class AcceptorConfig:
    """The listening side. `port` 0 picks a free port. `heartbeat_seconds` is what clients should propose
    as HeartBtInt(108); from 1 second to twice as much is taken. `max_latency_seconds` is how far
    SendingTime(52) may be off. Raises `ValueError` for values that cannot work."""

    sessions: tuple[SessionConfig, ...]
    store_path: Path
    host: str = LOOPBACK
    port: int = 9876
    heartbeat_seconds: int = 30
    max_latency_seconds: int = 120

    def __post_init__(self) -> None:
        _ipv4(self.host)
        if not 0 <= self.port <= 65535:
            raise ValueError(f"port was {self.port}; use 0 (any free port) to 65535")
        if self.heartbeat_seconds < 1:
            raise ValueError(f"heartbeat was {self.heartbeat_seconds} s; use at least 1")
        if not self.sessions:
            raise ValueError("no FIX session is configured; at least one is needed")
        if re.search(r"[\r\n#$]", str(self.store_path)):
            raise ValueError(f"store path {str(self.store_path)!r} may not hold '#', '$' or a line break")
        _refuse_clashes(self.sessions)

    @property
    def bind_address(self) -> str:
        """The IPv4 address that connections must be addressed to."""
        return str(_ipv4(self.host))

    @property
    def allowed_addresses(self) -> frozenset[str]:
        """Every address that some session may be reached from."""
        return frozenset(str(_ipv4(address)) for each in self.sessions for address in each.allowed_addresses)


def _ipv4(host: str) -> ipaddress.IPv4Address:
    try:
        return ipaddress.IPv4Address(LOOPBACK if host == "localhost" else host)
    except ValueError:
        raise ValueError(f"{host!r} is not an IPv4 address; write one such as {LOOPBACK}") from None


def _refuse_clashes(sessions: tuple[SessionConfig, ...]) -> None:
    """Refuse two sessions that are one, or whose files in the store would be."""
    stored: dict[str, str] = {}
    for session in sessions:
        name = f"{session.sender_comp_id}-{session.target_comp_id}"
        if name in stored:
            raise ValueError(
                f"sessions {stored[name]} and {session.session_id} clash; give each its own CompIDs"
            )
        stored[name] = session.session_id


def settings_text(config: AcceptorConfig, port: int, dictionary: Path) -> str:
    """Return the QuickFIX settings of an acceptor. `port` is the port to listen on, never 0."""
    lines = [
        "[DEFAULT]",
        "ConnectionType=acceptor",
        f"BeginString={BEGIN_STRING}",
        "NonStopSession=Y",
        f"SocketAcceptPort={port}",
        "SocketReuseAddress=Y",
        "SocketNodelay=Y",
        f"FileStorePath={config.store_path.resolve()}",
        "PersistMessages=Y",
        "UseDataDictionary=Y",
        f"DataDictionary={dictionary}",
        "ValidateUserDefinedFields=Y",
        "TimestampPrecision=3",
        f"MaxLatency={config.max_latency_seconds}",
        "LogoutTimeout=2",
    ]
    for session in config.sessions:
        lines += [
            "[SESSION]",
            f"SenderCompID={session.sender_comp_id}",
            f"TargetCompID={session.target_comp_id}",
            f"ResetOnLogon={'Y' if session.reset_on_logon else 'N'}",
            "AllowedRemoteAddresses=" + ",".join(str(_ipv4(each)) for each in session.allowed_addresses),
        ]
    return "\n".join(lines) + "\n"
