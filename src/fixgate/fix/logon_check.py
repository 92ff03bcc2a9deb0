"""What a Logon must say to be accepted, and what an accepted one means. Source: FIX 4.4 Vol. 2 (Logon)."""

import hmac
from collections.abc import Mapping

from fixgate.fix.settings import AcceptorConfig

Fields = Mapping[str, str]

CANCEL_ON_DISCONNECT = "10001"
_CANCEL_ON_DISCONNECT = {"Y": 1, "N": 0}


class LogonCheck:
    """The rules of a door's sessions. Pure: it keeps nothing but the configuration."""

    def __init__(self, config: AcceptorConfig) -> None:
        self._max_heartbeat = 2 * config.heartbeat_seconds
        self._sessions = {each.session_id: each for each in config.sessions}

    def refusal(self, session: str, fields: Fields) -> str:
        """Return why a Logon is refused, empty if it is not."""
        configured = self._sessions.get(session)
        if configured is None:
            return "the session is not configured"
        given = fields.get("554", "").encode("utf-8", "surrogateescape")
        if configured.password is not None and not hmac.compare_digest(given, configured.password.encode()):
            return "Password(554) is wrong or missing"
        if fields.get("98", "0") != "0":
            return f"EncryptMethod(98) was {fields['98'][:8]}; only 0 (none) is taken"
        heartbeat = fields.get("108", "")
        if not heartbeat.isdecimal() or not 1 <= int(heartbeat[:9]) <= self._max_heartbeat:
            return f"HeartBtInt(108) was {heartbeat[:9]}; use 1 to {self._max_heartbeat} seconds"
        asked = fields.get(CANCEL_ON_DISCONNECT)
        if asked is not None and asked not in _CANCEL_ON_DISCONNECT:
            return f"CancelOnDisconnect(10001) was {asked[:8]}; use Y or N"
        return ""

    def resets(self, session: str, fields: Fields) -> bool:
        """True when the Logon makes the engine start the session's numbers at 1."""
        return fields.get("141") == "Y" or self._sessions[session].reset_on_logon

    @staticmethod
    def cancel_on_disconnect(fields: Fields) -> int | None:
        """Return what CancelOnDisconnect(10001) asks for: 1 yes, 0 no, `None` nothing."""
        return _CANCEL_ON_DISCONNECT.get(fields.get(CANCEL_ON_DISCONNECT, ""))
