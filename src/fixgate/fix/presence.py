"""Which sessions are logged on, when each was heard last, and how each ended."""

import threading
import time
from collections.abc import Iterable

from fixgate.fix.ports import Logon


class Presence:
    """Thread contract: changed on the FIX engine's thread only, read on any. `changed` is notified when a
    session goes on or off."""

    def __init__(self, sessions: Iterable[str], heartbeat_seconds: int) -> None:
        self.changed = threading.Condition()
        self._on: set[str] = set()
        self._heard = dict.fromkeys(sessions, 0.0)
        self._heartbeats = dict.fromkeys(self._heard, heartbeat_seconds)
        self._parted: set[str] = set()
        self._logons: dict[str, Logon] = {}

    def on(self, session: str) -> bool:
        """True while the session is logged on."""
        return session in self._on

    def anyone_on(self) -> bool:
        """True while some session is logged on."""
        return bool(self._on)

    def last_heard(self, session: str) -> float:
        """Return when the session's client last sent anything, by `time.monotonic`; 0.0 while it is off."""
        return self._heard.get(session, 0.0)

    def heartbeat(self, session: str) -> int:
        """Return HeartBtInt(108) of the session's last Logon, in seconds; before any, what is configured."""
        return self._heartbeats[session]

    def heard(self, session: str) -> None:
        """A message came in that the engine found in order."""
        self._heard[session] = time.monotonic()

    def heard_logout(self, session: str) -> None:
        """The client said goodbye, or answered ours."""
        self._parted.add(session)

    def admit(self, session: str, logon: Logon) -> None:
        """A Logon is about to be accepted."""
        self._logons[session] = logon
        self._heartbeats[session] = logon.heartbeat_seconds
        self._parted.discard(session)

    def came(self, session: str) -> Logon:
        """The session is on; return what its Logon said."""
        with self.changed:
            self._on.add(session)
            self.changed.notify_all()
        return self._logons[session]

    def went(self, session: str) -> bool:
        """The session is off; return whether in good order, after a Logout of the client's."""
        self._heard[session] = 0.0
        with self.changed:
            self._on.discard(session)
            self.changed.notify_all()
        orderly = session in self._parted
        self._parted.discard(session)
        return orderly
