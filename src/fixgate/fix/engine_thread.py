"""The thread that the FIX engine runs on, and the only safe way to end it.

`SocketAcceptor::stop` closes the listening socket, which wakes the engine's thread, which then frees what
`stop` is still reading: called from another thread it crashes now and then (QuickFIX 1.16.0). So `stop` is
called on the engine's own thread. To get there, the gateway knocks: it sends its own engine a Logon with
a secret that only this process knows, and the callback that sees the secret calls `stop`. The callback
then refuses the Logon in a way that neither answers nor counts it.
"""

import logging
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import quickfix

from fixgate.fix.listen_filter import ANY_ADDRESS, FilterUnavailable, listens, restrict
from fixgate.fix.settings import BEGIN_STRING, LOOPBACK, SessionConfig
from fixgate.fix.wire import SOH

log = logging.getLogger("fixgate.fix")

_OPEN_TIMEOUT = 5.0
_KNOCK_TIMEOUT = 3.0
_SETTLE = 0.25
_FAR_AHEAD = 999_999_999
"""A MsgSeqNum that is never too low: a Logon with a low one is refused before a callback sees it."""

_unstoppable: list[object] = []
"""Engines that could not be stopped: freeing one that still runs would crash the process."""


class EngineThread:
    """Runs an acceptor. `start` and `stop` are called by the thread that owns the door."""

    def __init__(self, acceptor: quickfix.SocketAcceptor, port: int) -> None:
        self._acceptor = acceptor
        self._port = port
        self._error = ""
        self._thread = threading.Thread(target=self._run, name="fix-engine", daemon=True)

    def start(self) -> None:
        """Run the acceptor and return when it listens. Raises `RuntimeError` or `OSError` if it cannot."""
        self._thread.start()
        deadline = time.monotonic() + _OPEN_TIMEOUT
        while not listens(self._port):
            self._thread.join(0.002)
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError(f"the FIX engine does not listen: {self._error or 'no reason given'}")

    def stop(self, sessions: Iterable[SessionConfig], arm: Callable[[str, Callable[[], None]], None]) -> bool:
        """Try to end the engine's thread; True when it has ended and the acceptor may be freed.

        `sessions` are those to knock as: logged off. `arm` is given a secret and what to do on the
        engine's thread when a Logon brings it as its password. May be called again when it failed.
        """
        secret = secrets.token_hex(16)
        arm(secret, lambda: self._acceptor.stop(True))
        try:
            restrict(self._port, ANY_ADDRESS, [LOOPBACK])
        except FilterUnavailable as error:
            log.debug("the listening socket stays as it is: %s", error)
        for session in sessions:
            if not self._thread.is_alive():
                break
            _enable(session)
            self._knock(session, secret)
        if self._thread.is_alive():
            return False
        self._acceptor = None
        return True

    def abandon(self) -> None:
        """Leave an engine that does not stop to the end of the process: freeing it would crash."""
        log.error("the FIX engine does not stop; it is left to the end of the process")
        _unstoppable.append(self._acceptor)

    def _knock(self, session: SessionConfig, secret: str) -> None:
        """Send the Logon and wait for the engine to end, or to drop a knock that it does not listen to."""
        try:
            with socket.create_connection((LOOPBACK, self._port), _KNOCK_TIMEOUT) as knocker:
                knocker.sendall(_logon(session, secret))
                knocker.recv(1)
        except OSError as error:
            log.debug("knocking as %s failed: %s", session.session_id, error)
        self._thread.join(_SETTLE)

    def _run(self) -> None:
        # The engine never frees an exception that a callback raised, nor thus the frames that called the
        # callback: none of them may hold the acceptor, or it would never be freed either. Hence the bare
        # function instead of the method, which has a frame.
        try:
            quickfix._quickfix.Acceptor_block(self._acceptor)
        except Exception as error:  # noqa: BLE001  # kept for the thread that waits in start
            self._error = str(error)


def _enable(session: SessionConfig) -> None:
    """Let a session take a Logon again after its logout: a disabled one is closed before any callback."""
    session_id = quickfix.SessionID(BEGIN_STRING, session.sender_comp_id, session.target_comp_id)
    found = quickfix.Session.lookupSession(session_id)
    if found is not None:
        found.logon()


def _logon(session: SessionConfig, secret: str) -> bytes:
    now = datetime.now(UTC).strftime("%Y%m%d-%H:%M:%S.000")
    fields = [
        ("35", "A"),
        ("34", str(_FAR_AHEAD)),
        ("49", session.target_comp_id),
        ("52", now),
        ("56", session.sender_comp_id),
        ("98", "0"),
        ("108", "30"),
        ("554", secret),
    ]
    body = "".join(f"{tag}={value}{SOH}" for tag, value in fields)
    text = f"8={BEGIN_STRING}{SOH}9={len(body)}{SOH}{body}"
    return f"{text}10={sum(text.encode()) % 256:03d}{SOH}".encode()
