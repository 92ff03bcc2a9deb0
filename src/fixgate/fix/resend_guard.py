"""Stops a client that asks for the same messages over and over. Source: FIX 4.4 Vol. 2 (Resend Request).

Every ResendRequest(2) makes the engine read and send up to the whole day again, on the one thread that all
sessions share. A client with a broken gap check asks again with each message it gets.
"""

from collections import deque
from collections.abc import Mapping

LIMIT = 30
WINDOW_SECONDS = 60.0
_TO_INFINITY = 0
"""EndSeqNo(16) that asks for everything up to now."""


class ResendGuard:
    """Counts ResendRequests by session. One that goes on where the last one ended is part of the same
    recovery, fetched in pieces, and is not counted. FIX engine's thread only."""

    def __init__(self) -> None:
        self._asked: dict[str, deque[float]] = {}
        self._ends: dict[str, int] = {}

    def excess(self, session: str, fields: Mapping[str, str], now: float) -> str:
        """Note one ResendRequest at `now` (seconds); return why the session must go, empty if it need not.

        The count starts anew after an excess: the client may log on again and recover.
        """
        begin, end = int(fields["7"]), int(fields["16"])
        last_end = self._ends.get(session, _TO_INFINITY)
        self._ends[session] = end
        if last_end != _TO_INFINITY and begin == last_end + 1:
            return ""
        asked = self._asked.setdefault(session, deque())
        asked.append(now)
        while asked[0] <= now - WINDOW_SECONDS:
            asked.popleft()
        if len(asked) <= LIMIT:
            return ""
        asked.clear()
        return (
            f"{LIMIT + 1} ResendRequests came within {WINDOW_SECONDS:.0f} s, {LIMIT} are served; "
            "ask for a gap once and wait for it to be filled"
        )
