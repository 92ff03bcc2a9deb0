"""Cancel on disconnect: a session that asked for it and is off for longer than its grace has its orders
cancelled.

Off is off, whether by Logout, a lost connection or missed heartbeats. What the session asked for, and since
when it is off, is in the journal: after the death of the gateway itself the window opens again at its
start, for whoever is not back.

Event loop only.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence

from fixgate.fix.settings import SessionConfig
from fixgate.gateway.delivery import Delivery
from fixgate.model.commands import CancelOrdersOf

log = logging.getLogger(__name__)

AGAIN_SECONDS = 30.0
"""How often it is looked for open orders of a session that is off."""


class Disconnects:
    """Watches the sessions. `cancel` takes the command that cancels a source's orders."""

    def __init__(
        self,
        sessions: Sequence[SessionConfig],
        delivery: Delivery,
        cancel: Callable[[CancelOrdersOf], None],
    ) -> None:
        self._sessions = {each.session_id: each for each in sessions if not each.drop_copy}
        self._delivery = delivery
        self._cancel = cancel
        self._windows: dict[str, asyncio.TimerHandle] = {}
        self._stopped = False

    def logged_on(self, session: str, asked: int | None) -> None:
        """The session is back, or on for the first time: its orders stay. `asked` is its Logon's
        CancelOnDisconnect(10001), `None` if it said nothing."""
        if session not in self._sessions:
            return
        self._close_window(session)
        mark = self._delivery.mark_of(session)
        if mark.cancel_on_disconnect != asked or mark.gone_ns:
            self._delivery.note(session, cancel_on_disconnect=asked, gone_ns=0)

    def logged_out(self, session: str) -> None:
        """The session is off: the window opens."""
        if self._stopped or session not in self._sessions or not self._wanted(session):
            return
        if session in self._windows:
            return
        self._open_window(session)
        self._delivery.note(session, gone_ns=time.time_ns())

    def started(self, sources: Iterable[str]) -> None:
        """The gateway takes sessions again: whoever has open orders and wants it must be back in time."""
        with_orders = set(sources)
        for session, config in self._sessions.items():
            if config.context.source in with_orders and self._wanted(session):
                self._open_window(session)

    def stop(self) -> None:
        """Close every window: the gateway itself goes, and the next start opens them again."""
        self._stopped = True
        for session in list(self._windows):
            self._close_window(session)

    def _wanted(self, session: str) -> bool:
        asked = self._delivery.mark_of(session).cancel_on_disconnect
        return self._sessions[session].cancel_on_disconnect if asked is None else bool(asked)

    def _open_window(self, session: str) -> None:
        self._close_window(session)
        grace = self._sessions[session].cancel_grace_seconds
        log.warning("%s is off; its orders are cancelled unless it is back within %g s", session, grace)
        self._windows[session] = asyncio.get_running_loop().call_later(grace, self._over, session)

    def _close_window(self, session: str) -> None:
        window = self._windows.pop(session, None)
        if window is not None:
            window.cancel()

    def _over(self, session: str) -> None:
        source = self._sessions[session].context.source
        log.warning("%s did not come back; the orders of %s are cancelled", session, source)
        self._cancel_orders(session, source)

    def _cancel_orders(self, session: str, source: str) -> None:
        """Cancel, and look again while the session is off: an order may turn up that was not known."""
        self._cancel(CancelOrdersOf(source=source, text="canceled on disconnect: the session was off"))
        loop = asyncio.get_running_loop()
        self._windows[session] = loop.call_later(AGAIN_SECONDS, self._cancel_orders, session, source)
