"""The FIX door: a FIX 4.4 acceptor with its sessions, inbox and reports."""

import importlib.resources
import logging
import socket
import time
from contextlib import ExitStack

import quickfix

from fixgate.fix.application import Deliver, DoorApplication
from fixgate.fix.encode import encode
from fixgate.fix.engine_thread import EngineThread
from fixgate.fix.listen_filter import FilterUnavailable, restrict
from fixgate.fix.ports import DoorEvents, Inbox, Unsendable
from fixgate.fix.settings import AcceptorConfig, settings_text
from fixgate.model.enums import ExecType
from fixgate.model.reports import ExecutionReport, Report

log = logging.getLogger("fixgate.fix")

DICTIONARY = "FIXGATE44.xml"
_PENDING = frozenset({ExecType.PENDING_NEW, ExecType.PENDING_CANCEL, ExecType.PENDING_REPLACE})


class DoorError(RuntimeError):
    """The FIX door could not be opened: the text says why."""


class FixDoor:
    """Takes messages into `inbox`, hands commands to `deliver`, sends reports that are published.

    `deliver` is called on the FIX engine's thread and must not block. `start` and `stop` belong to one
    thread at a time and block; everything else may be called from any thread.
    """

    def __init__(
        self,
        config: AcceptorConfig,
        inbox: Inbox,
        deliver: Deliver,
        events: DoorEvents | None = None,
    ) -> None:
        self.config = config
        self.port = config.port
        self._sessions = frozenset(each.session_id for each in config.sessions)
        self._quiet = frozenset(each.session_id for each in config.sessions if not each.pending_reports)
        self._application = DoorApplication(config, inbox, deliver, events or DoorEvents())
        self._resources = ExitStack()
        self._store_factory: quickfix.FileStoreFactory | None = None
        self._settings: quickfix.SessionSettings | None = None
        self._acceptor: quickfix.SocketAcceptor | None = None
        self._engine: EngineThread | None = None

    def start(self) -> None:
        """Listen and accept Logons. Raises `DoorError` when that cannot be done."""
        if self._acceptor is not None:
            raise DoorError("the FIX door is open already")
        self.port = self.config.port or _free_port()
        self._refuse_taken_port()
        try:
            self.config.store_path.mkdir(parents=True, exist_ok=True, mode=0o700)
            dictionary = self._resources.enter_context(
                importlib.resources.as_file(importlib.resources.files("fixgate") / "fix_spec" / DICTIONARY)
            )
            self._application.know(quickfix.DataDictionary(str(dictionary)))
            self._settings = quickfix.SessionSettings()
            self._settings.setFromString(settings_text(self.config, self.port, dictionary))
            self._store_factory = quickfix.FileStoreFactory(self._settings)
            self._acceptor = quickfix.SocketAcceptor(self._application, self._store_factory, self._settings)
            self._application.store_watch.begin()
            self._engine = EngineThread(self._acceptor, self.port)
            self._engine.start()
        except (OSError, RuntimeError, quickfix.FIXException) as error:
            self._release()
            raise DoorError(f"the FIX door on port {self.port} cannot be opened: {error}") from error
        self._restrict()
        log.info("FIX door is open on %s:%d", self.config.bind_address, self.port)

    def stop(self, timeout: float = 5.0) -> None:
        """Send Logout to every session that is on, wait at most `timeout` seconds for theirs, and close.

        Blocks: call it from a worker thread. Reports published
        later are refused. Stopping a door that is not open does nothing.
        """
        if self._engine is None:
            return
        deadline = time.monotonic() + timeout
        for session in self.config.sessions:
            # All of them: one may be logging on right now. A session logged out takes no Logon.
            self._log_out(session.session_id)
        while not self._end_engine(deadline):
            if time.monotonic() > deadline:
                self._engine.abandon()
                break
        else:
            self._release()
        log.info("FIX door is closed")

    def publish(self, report: Report) -> bool:
        """Send a report to its session, or store it for the session's next Logon.

        Returns False, and logs, when the engine did not take the report now. Raises `Unsendable` for one
        that cannot be written as FIX, and when its session is not one of this door's. Pending reports to a
        session that does not want them count as sent, and so do reports that come while a Logon resets the
        session: `on_logon` says that they are lost.
        """
        if self._acceptor is None:
            log.error("a report for %s was published while the FIX door is closed", report.session)
            return False
        if (
            report.session in self._quiet
            and isinstance(report, ExecutionReport)
            and report.exec_type in _PENDING
        ):
            return True
        if report.session not in self._sessions:
            raise Unsendable(f"session {report.session} is not configured")
        try:
            text = encode(report)
        except Exception as error:  # whatever it is, the order path must hear that it is for good
            raise Unsendable(f"a report for {report.session} cannot be written as FIX: {error!r}") from error
        return self._application.send(report.session, text)

    def sessions(self) -> list[tuple[str, bool]]:
        """Return every configured session's id and whether it is logged on."""
        return [
            (each.session_id, self._application.presence.on(each.session_id)) for each in self.config.sessions
        ]

    def last_heard(self, session: str) -> float:
        """Return when a session's client last sent anything at all, by `time.monotonic`; 0.0 while it is
        off and for a session that is not one of this door's."""
        return self._application.presence.last_heard(session)

    def heartbeat(self, session: str) -> int:
        """Return the heartbeat interval of a session in seconds, as its last Logon had it."""
        return self._application.presence.heartbeat(session)

    def _end_engine(self, deadline: float) -> bool:
        """Wait until no session is on, then end the engine's thread; False when it goes on."""
        assert self._engine is not None
        presence = self._application.presence
        with presence.changed:
            while presence.anyone_on() and (left := deadline - time.monotonic()) > 0:
                presence.changed.wait(left)
        idle = [each for each in self.config.sessions if not presence.on(each.session_id)]
        # A knock on a session that resets on Logon would reset it: such a session comes last.
        idle.sort(key=lambda each: each.reset_on_logon)
        return self._engine.stop(idle[:3], self._application.arm_stop)

    def _log_out(self, session: str) -> None:
        sender, _, target = session.partition(":")[2].partition("->")
        try:
            quickfix.Session.lookupSession(quickfix.SessionID("FIX.4.4", sender, target)).logout(
                "the gateway is stopping"
            )
        except (RuntimeError, AttributeError, quickfix.FIXException):
            log.exception("%s could not be logged out", session)

    def _refuse_taken_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("0.0.0.0", self.port))
            except OSError as error:
                raise DoorError(
                    f"the FIX door cannot listen on port {self.port}: {error.strerror}; "
                    "stop what uses it or configure another port"
                ) from error

    def _restrict(self) -> None:
        try:
            restrict(self.port, self.config.bind_address, self.config.allowed_addresses)
        except FilterUnavailable as error:
            log.warning(
                "the FIX engine listens on all addresses and cannot be narrowed (%s); "
                "addresses are checked at Logon only",
                error,
            )

    def _release(self) -> None:
        """Drop the engine's objects, the acceptor before what it uses: their order of death matters."""
        self._application.disarm_stop()
        self._engine = None
        self._acceptor = None
        self._store_factory = None
        self._settings = None
        self._resources.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("0.0.0.0", 0))
        port: int = probe.getsockname()[1]
        return port
