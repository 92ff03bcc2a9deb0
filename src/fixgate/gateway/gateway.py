"""Builds every room from the configuration, starts them in order and ends them in the reverse."""

import asyncio
import contextlib
import gc
import logging
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from pydantic import BaseModel

from fixgate import __version__
from fixgate.config.load import Loaded
from fixgate.connectors.connector import Connector, factories
from fixgate.connectors.security_metadata import MetadataError, read_security_metadata
from fixgate.engine.engine import Engine
from fixgate.fix.acceptor import DoorError, FixDoor
from fixgate.fix.decode import SessionContext, decode
from fixgate.fix.ports import InboxUnavailable
from fixgate.fix.problem import Problem
from fixgate.fix.settings import AcceptorConfig, SessionConfig
from fixgate.gateway.counting import OutcomeCounter, account_readings, door_events, probe
from fixgate.gateway.dispatcher import Dispatcher
from fixgate.journal.journal import Journal, JournalError, Received
from fixgate.journal.sqlite import SqliteJournal, clock_number
from fixgate.model.commands import Command
from fixgate.model.reports import Report
from fixgate.model.venue import ConnectorStatus, VenueEvent
from fixgate.observe.http import OperationsServer, Readiness
from fixgate.observe.metrics import Metrics
from fixgate.simulator.child import SimulatorChild, SimulatorFailed

log = logging.getLogger(__name__)

READY_SECONDS = 10.0


class GatewayError(Exception):
    """The gateway cannot start or go on; the text says why and what to do."""


def connector_types() -> dict[str, type[BaseModel]]:
    """Return the settings of every installed kind of connector, by the name that `factory` takes."""
    return {name: factory.settings_type for name, factory in factories().items()}


class Gateway:
    """One gateway. `run` starts everything, waits for `stop`, and ends it in order."""

    def __init__(self, loaded: Loaded, config_path: Path) -> None:
        self._loaded = loaded
        self._settings = loaded.settings
        self._config_path = config_path
        self._metrics = Metrics()
        self._started_at = time.time()
        self._stopping = asyncio.Event()
        self._status_changed = asyncio.Event()
        self._failure: GatewayError | None = None
        self._connectors: dict[str, Connector] = {}
        self._engine = Engine(self._connectors)
        self._door: FixDoor | None = None
        self._dispatcher: Dispatcher | None = None

    def stop(self) -> None:
        """Begin to stop. Safe to call from a signal handler on the loop, and more than once."""
        self._stopping.set()
        self._status_changed.set()

    async def run(self, started: Callable[[], None]) -> None:
        """Run until `stop`. `started` is called once everything listens and every account is ready, or
        after `READY_SECONDS` if one is not. Raises `GatewayError`."""
        async with contextlib.AsyncExitStack() as stack:
            await self._start(stack)
            await self._wait_ready(READY_SECONDS)
            _quieten_interpreter()
            started()
            await self._stopping.wait()
            log.info("stopping")
        if self._failure is not None:
            raise self._failure

    async def _start(self, stack: contextlib.AsyncExitStack) -> None:
        journal, missed = self._open_journal()
        stack.callback(journal.close)
        await self._start_simulator(stack)
        if self._settings.process.cpu is not None:
            _stay_on(self._settings.process.cpu)
        self._build_connectors()
        self._metrics.read_accounts(lambda: account_readings(self._connectors))
        await self._start_http(stack)
        acceptor = self._acceptor_config()
        self._door = door = FixDoor(acceptor, _Inbox(journal), self._deliver, door_events(self._metrics))
        counter = OutcomeCounter(self._metrics)
        self._dispatcher = Dispatcher(self._engine, journal, door, self._connectors, counter, self._fail)
        stack.callback(self._dispatcher.close)
        stack.push_async_callback(self._stop_connectors)
        for connector in self._connectors.values():
            await connector.start(self._hear)
        stack.push_async_callback(self._stop_door)
        late = journal.unhandled()
        try:
            door.start()
        except DoorError as error:
            raise GatewayError(f"FIX cannot start: {error}") from error
        self._tell_missed(missed)
        try:
            self._decide_late(journal, late, {each.session_id: each.context for each in acceptor.sessions})
        except JournalError as error:
            raise GatewayError(str(error)) from error

    def _open_journal(self) -> tuple[Journal, list[Report]]:
        """Open the journal and rebuild the state; return also the reports that may not have been told."""
        settings = self._settings.journal
        try:
            journal = SqliteJournal(settings.path, settings.durability)
            missed = self._engine.restore(journal.facts(), floor=clock_number(), reported=journal.reported())
        except JournalError as error:
            raise GatewayError(str(error)) from error
        log.info("journal %s: %d orders open", settings.path, len(self._engine.book.live))
        return journal, missed

    async def _start_simulator(self, stack: contextlib.AsyncExitStack) -> None:
        if not self._settings.simulator.enabled:
            return
        child = SimulatorChild(self._config_path)
        stack.push_async_callback(child.stop)
        try:
            await child.start()
        except SimulatorFailed as error:
            raise GatewayError(str(error)) from error

    def _build_connectors(self) -> None:
        known = factories()
        path = self._settings.security_metadata.file
        try:
            metadata = read_security_metadata(path) if path is not None else {}
        except MetadataError as error:
            raise GatewayError(str(error)) from error
        for key, entry in self._loaded.connectors.items():
            build = known[entry.factory].build
            self._connectors[key] = build(key, entry.settings, metadata, probe(self._metrics))
        for order in self._engine.book.live.values():
            if order.request.connector not in self._connectors:
                self._metrics.alarms.add()
                log.error(
                    "ALARM: order %d is open on connector %s, which is not in the configuration any more",
                    order.order_id,
                    order.request.connector,
                )

    async def _start_http(self, stack: contextlib.AsyncExitStack) -> None:
        host, port = self._settings.http.host, self._settings.http.port
        server = OperationsServer(
            host, port, health=self.health, readiness=self.readiness, metrics=self._metrics.text
        )
        stack.push_async_callback(server.stop)
        try:
            await server.start()
        except OSError as error:
            raise GatewayError(
                f"HTTP cannot listen on {host}:{port} ({error.strerror}); "
                "end the program that holds it, or set http.port to another"
            ) from error

    def _acceptor_config(self) -> AcceptorConfig:
        fix = self._settings.fix
        return AcceptorConfig(
            host=fix.acceptor.host,
            port=fix.acceptor.port,
            store_path=fix.acceptor.store_path,
            heartbeat_seconds=int(fix.acceptor.heartbeat_interval.total_seconds()),
            sessions=tuple(
                SessionConfig(
                    sender_comp_id=session.sender_comp_id,
                    target_comp_id=session.target_comp_id,
                    source_id=session.source_id,
                    default_connector=session.default_connector or "",
                    default_account=session.default_account or "",
                    allowed_addresses=tuple(session.allowed_addresses),
                    password=session.password.get_secret_value() if session.password is not None else None,
                    reset_on_logon=session.reset_on_logon,
                    pending_reports=session.pending_reports,
                )
                for session in fix.sessions
            ),
        )

    def _tell_missed(self, missed: Sequence[Report]) -> None:
        """Tell again what may not have been told before the last stop."""
        assert self._door is not None and self._dispatcher is not None
        for report in missed:
            self._door.publish(replace(report, resent=True))
        if missed:
            self._dispatcher.note_published(self._engine.last_seq)

    def _decide_late(
        self, journal: Journal, late: Sequence[Received], sessions: Mapping[str, SessionContext]
    ) -> None:
        """Decide on what was taken in before the last stop and never decided on; no venue has seen it.

        A message that cannot be decoded, or whose session is gone from the configuration, has nobody to
        be answered to: it stays in the inbox as read.
        """
        assert self._dispatcher is not None
        for row in late:
            context = sessions.get(row.session)
            command = decode(row.raw, context) if context is not None else None
            if command is None or isinstance(command, Problem):
                journal.append((), row.sequence)
                continue
            log.warning("message %d was taken in before a restart and is decided on now", row.sequence)
            outcome = self._engine.take_late(row.sequence, command, time.time_ns())
            self._dispatcher.commit(outcome, row.sequence)

    def _deliver(self, sequence: int, received_ns: int, command: Command) -> None:
        """Called on the FIX engine's thread, which starts after the dispatcher was made."""
        assert self._dispatcher is not None
        self._dispatcher.deliver(sequence, received_ns, command)

    def _hear(self, event: VenueEvent) -> None:
        assert self._dispatcher is not None
        if isinstance(event, ConnectorStatus):
            self._status_changed.set()
        self._dispatcher.hear(event)

    def _fail(self, text: str) -> None:
        log.critical("%s", text)
        self._failure = GatewayError(text)
        self.stop()

    def health(self) -> dict[str, Any]:
        """Return what `/health` prints."""
        return {"status": "ok", "version": __version__, "uptimeSeconds": int(time.time() - self._started_at)}

    def readiness(self) -> Readiness:
        """Return whether every account of every connector can take orders, and the detail of `/ready`."""
        accounts = {
            key: {row.account: {"ready": row.ready, "text": row.text} for row in connector.health()}
            for key, connector in self._connectors.items()
        }
        sessions = dict(self._door.sessions()) if self._door is not None else {}
        ready = bool(accounts) and all(row["ready"] for rows in accounts.values() for row in rows.values())
        return ready, {
            "connectors": accounts,
            "fixSessions": {name: "logged on" if up else "logged off" for name, up in sessions.items()},
            "openOrders": len(self._engine.book.live),
        }

    async def _wait_ready(self, timeout: float) -> None:
        """Wait until orders can be taken or the gateway is to stop, at most `timeout` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while not self.readiness()[0] and not self._stopping.is_set():
                    self._status_changed.clear()
                    await self._status_changed.wait()

    async def _stop_connectors(self) -> None:
        await asyncio.gather(*(connector.stop() for connector in self._connectors.values()))

    async def _stop_door(self) -> None:
        """Log every session out, off the loop: reports of the last moments still go through it."""
        assert self._door is not None and self._dispatcher is not None
        self._dispatcher.closing()
        await asyncio.to_thread(self._door.stop)
        self._dispatcher.work()


def _stay_on(cpu: int) -> None:
    """Keep this process, and every thread it starts from now on, on one processor."""
    try:
        os.sched_setaffinity(0, {cpu})
    except OSError as error:
        usable = ", ".join(map(str, sorted(os.sched_getaffinity(0))))
        raise GatewayError(
            f"process.cpu is {cpu}, which is not there or not allowed; it can be {usable}"
        ) from error


def _quieten_interpreter() -> None:
    """Keep the interpreter from stopping the order path.

    What start-up made stays for good and need not be walked by the cyclic collector again; threads that
    wait for the interpreter get it within half a millisecond instead of five.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    sys.setswitchinterval(0.0005)


class _Inbox:
    """The journal as the FIX door sees it."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def put(self, session: str, raw: str, received_ns: int) -> int:
        try:
            return self._journal.put(session, raw, received_ns)
        except JournalError as error:
            raise InboxUnavailable(str(error)) from error
