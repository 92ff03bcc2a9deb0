"""Notices when what the FIX engine had stored for a session is gone."""

from collections.abc import Mapping
from pathlib import Path

import quickfix

_KNOWN = ".known"


class StoreWatch:
    """Compares the birth of each session's store with the one at the last Logon.

    The engine empties the store when it reads ResetSeqNumFlag(141)=Y, before it asks anybody whether the
    Logon may pass, and tells nobody. It does so by making the files anew, and writes the `.session` file
    only then (QuickFIX's FileStore). Which birth the gateway knows of is kept in a file beside it, so that
    a restart does not hide a loss. Called on the FIX engine's thread; `begin` before that one starts.
    """

    def __init__(self, ids: Mapping[str, quickfix.SessionID], folder: Path) -> None:
        self._ids = ids
        self._files = {
            session: folder / f"{session.replace(':', '-').replace('->', '-')}.session" for session in ids
        }
        self._known: dict[str, str] = {}
        self._kept: dict[str, str] = {}

    def begin(self) -> None:
        """Read which births are known."""
        for session, file in self._files.items():
            known = file.with_suffix(_KNOWN)
            self._known[session] = self._kept[session] = known.read_text() if known.exists() else ""

    def told(self, session: str) -> None:
        """What is lost until now is known to the gateway."""
        self._known[session] = self._birth(session)

    def keep(self, session: str) -> None:
        """Remember that beyond the end of the process. Raises `OSError`."""
        known = self._known[session]
        if self._kept[session] != known:
            self._files[session].with_suffix(_KNOWN).write_text(known)
            self._kept[session] = known

    def is_lost(self, session: str) -> bool:
        """True when the store was emptied since `told`, or holds nothing: no report of then can be resent."""
        return (
            self._birth(session) != self._known[session] or self._session(session).getExpectedSenderNum() == 1
        )

    def begin_at_1(self, session: str) -> None:
        """Let the next message be the first, in place of any that slipped in after the store was emptied."""
        found = self._session(session)
        if found.getExpectedSenderNum() != 1:
            found.setNextSenderMsgSeqNum(1)

    def _birth(self, session: str) -> str:
        status = self._files[session].stat()
        return f"{status.st_ino} {status.st_mtime_ns}"

    def _session(self, session: str) -> quickfix.Session:
        return quickfix.Session.lookupSession(self._ids[session])
