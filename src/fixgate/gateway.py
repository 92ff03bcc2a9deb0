"""The composition root: builds every room from the configuration and carries values between them.

One event loop owns the engine. FIX messages arrive on the FIX engine's own thread, are journaled
there, and cross to the loop through one queue; venue events join the same queue. Each input is decided,
its facts are journaled, its requests leave, its reports are delivered, before the next is looked at.
"""

import asyncio
import contextlib
import gc
import logging
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from pydantic import BaseModel

from fixgate import __version__
from fixgate.config.load import Loaded
from fixgate.connectors.connector import Connector, Factory, Probe, factories
from fixgate.connectors.security_metadata import MetadataError, read_security_metadata
from fixgate.engine.engine import Engine
from fixgate.engine.turn import Outcome
from fixgate.fix.acceptor import DoorError, FixDoor
from fixgate.fix.decode import SessionContext, decode
from fixgate.fix.ports import DoorEvents, InboxUnavailable
from fixgate.fix.problem import Problem
from fixgate.fix.settings import AcceptorConfig, SessionConfig
from fixgate.journal.journal import JournalError, Received
from fixgate.journal.sqlite import SqliteJournal, clock_number
from fixgate.model.commands import Command
from fixgate.model.enums import ExecType
from fixgate.model.facts import OrderReceived, OrderRefused
from fixgate.model.reports import CancelReject, Report
from fixgate.model.venue import (
    ConnectorStatus,
    QueryAtVenue,
    RequestRefused,
    VenueEvent,
    VenueRequest,
    kind_of,
    request_number,
)
from fixgate.observe.http import OperationsServer, Readiness
from fixgate.observe.metrics import AccountReading, Metrics
from fixgate.simulator.child import SimulatorChild, SimulatorFailed

log = logging.getLogger(__name__)


READY_SECONDS = 10.0
MARK_SECONDS = 0.1
FOLD_SECONDS = 0.05


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
        self._inputs: deque[Callable[[], None]] = deque()
        self._working = False
        self._woken = False
        self._stopping = asyncio.Event()
        self._status_changed = asyncio.Event()
        self._failure: GatewayError | None = None
        self._missed: list[Report] = []
        self._published = 0
        self._undelivered = False
        self._marking: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self.connectors: dict[str, Connector] = {}
        self._engine = Engine(self.connectors)
        self._journal: SqliteJournal | None = None
        self._door: FixDoor | None = None

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
            while not self._stopping.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), FOLD_SECONDS)
                self._metrics.fold()
            log.info("stopping")
        if self._failure is not None:
            raise self._failure

    async def _start(self, stack: contextlib.AsyncExitStack) -> None:
        settings = self._settings
        self._journal = self._open_journal()
        stack.callback(self._journal.close)
        stack.callback(self._mark_at_the_end)
        if settings.simulator.enabled:
            child = SimulatorChild(self._config_path)
            stack.push_async_callback(child.stop)
            try:
                await child.start()
            except SimulatorFailed as error:
                raise GatewayError(str(error)) from error
        if settings.process.cpu is not None:
            _stay_on(settings.process.cpu)
        self._build_connectors()
        server = OperationsServer(
            settings.http.host,
            settings.http.port,
            health=self.health,
            readiness=self.readiness,
            metrics=self._metrics.text,
        )
        stack.push_async_callback(server.stop)
        try:
            await server.start()
        except OSError as error:
            raise GatewayError(
                f"HTTP cannot listen on {settings.http.host}:{settings.http.port}: {error}"
            ) from error
        acceptor = self._acceptor_config()
        self._door = FixDoor(acceptor, _Inbox(self._journal), self._deliver, self._door_events())
        stack.push_async_callback(self._stop_connectors)
        for connector in self.connectors.values():
            await connector.start(self._hear)
        self._metrics.read_accounts(self._read_accounts)
        stack.push_async_callback(self._stop_door)
        late = self._journal.unhandled()
        try:
            self._door.start()
        except DoorError as error:
            raise GatewayError(f"FIX cannot start: {error}") from error
        self._catch_up(late, {session.session_id: session.context for session in acceptor.sessions})

    def _open_journal(self) -> SqliteJournal:
        settings = self._settings.journal
        try:
            journal = SqliteJournal(settings.path, settings.durability)
            self._published = journal.reported()
            self._missed = self._engine.restore(
                journal.facts(), floor=clock_number(), reported=self._published
            )
        except JournalError as error:
            raise GatewayError(str(error)) from error
        log.info("journal %s: %d orders open", settings.path, len(self._engine.book.live))
        return journal

    def _build_connectors(self) -> None:
        known: dict[str, Factory] = factories()
        path = self._settings.security_metadata.file
        try:
            metadata = read_security_metadata(path) if path is not None else {}
        except MetadataError as error:
            raise GatewayError(str(error)) from error
        probe = Probe(
            request_answered=self._request_answered,
            stream_event=partial(self._metrics.counted, self._metrics.stream_events),
        )
        for key, entry in self._loaded.connectors.items():
            self.connectors[key] = known[entry.factory].build(key, entry.settings, metadata, probe)

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

    def _door_events(self) -> DoorEvents:
        metrics = self._metrics
        return DoorEvents(
            on_logon=lambda session: metrics.fix_sessions.labels(session).set(1),
            on_logout=lambda session: metrics.fix_sessions.labels(session).set(0),
            on_received=lambda _, kind: metrics.counted(metrics.fix_messages, "in", kind),
            on_sent=lambda _, kind: metrics.counted(metrics.fix_messages, "out", kind),
            on_problem=partial(metrics.counted, metrics.fix_problems),
        )

    def _catch_up(self, late: Sequence[Received], sessions: Mapping[str, SessionContext]) -> None:
        """Tell what may not have been told before the last stop, and decide on what was taken in and never
        decided on; no venue has seen that.

        A message that cannot be decoded, or whose session is gone from the configuration, has nobody to
        be answered to: it stays in the inbox as read.
        """
        assert self._journal is not None and self._door is not None
        for report in self._missed:
            self._door.publish(replace(report, resent=True))
        self._missed = []
        for row in late:
            context = sessions.get(row.session)
            command = decode(row.raw, context) if context is not None else None
            if command is None or isinstance(command, Problem):
                self._journal.append((), row.sequence)
                continue
            log.warning("message %d was taken in before a restart and is decided on now", row.sequence)
            self._commit(self._engine.take_late(row.sequence, command, time.time_ns()), row.sequence)

    def _deliver(self, sequence: int, received_ns: int, command: Command) -> None:
        """Hand a journaled command to the loop. Called on the FIX engine's thread."""
        self._inputs.append(lambda: self._take(sequence, received_ns, command))
        if not self._woken:
            self._woken = True
            self._loop.call_soon_threadsafe(self._wake)

    def _hear(self, event: VenueEvent) -> None:
        """Take a venue's event. Called on the loop, also from within a request that fails at once."""
        if isinstance(event, ConnectorStatus):
            self._status_changed.set()
        self._inputs.append(lambda: self._decide(lambda now: self._engine.hear(event, now), 0))
        self._work()

    def _wake(self) -> None:
        self._woken = False
        self._work()

    def _work(self) -> None:
        """Run inputs in order, one at a time; an input that leads to another waits its turn."""
        if self._working:
            return
        self._working = True
        try:
            while self._inputs and self._failure is None:
                self._inputs.popleft()()
        except Exception as error:
            log.exception("an input could not be worked through")
            self._fail(
                GatewayError(
                    f"internal error: {error!r}; the gateway stops, a restart goes on from the journal"
                )
            )
        finally:
            self._working = False

    def _take(self, sequence: int, received_ns: int, command: Command) -> None:
        self._metrics.handoff((time.time_ns() - received_ns) / 1e9)
        self._decide(lambda now: self._engine.take(sequence, command, now), sequence)

    def _decide(self, decide: Callable[[int], Outcome], handled: int) -> None:
        began = time.perf_counter()
        outcome = decide(time.time_ns())
        self._metrics.decide(time.perf_counter() - began)
        self._commit(outcome, handled)

    def _commit(self, outcome: Outcome, handled: int) -> None:
        """Journal, then send, then report. A journal that cannot be written ends the gateway: nothing
        more may be promised, and a restart finds everything as it was."""
        assert self._journal is not None and self._door is not None
        began = time.perf_counter()
        if outcome.facts or handled:
            try:
                self._journal.append(outcome.facts, handled)
            except JournalError as error:
                self._fail(
                    GatewayError(f"{error}; the gateway stops so that nothing is promised that is not kept")
                )
                return
        journaled = time.perf_counter()
        for request in outcome.requests:
            self._send(request)
        for report in outcome.reports:
            if not self._door.publish(report) and self._stopping.is_set():
                self._undelivered = True
        if outcome.facts and not self._undelivered:
            self._note_published(outcome.facts[-1].seq)
        self._metrics.journal(journaled - began)
        self._metrics.send(time.perf_counter() - journaled)
        for alarm in outcome.alarms:
            self._metrics.alarms.inc()
            log.error("ALARM: %s", alarm)
        self._count(outcome)

    def _note_published(self, seq: int) -> None:
        """Remember, off the order path, how far reports have been handed to the FIX door.

        What is told twice after a crash is marked as possibly resent, under its first ExecID.
        """
        self._published = seq
        if self._marking is None:
            self._marking = self._loop.call_later(MARK_SECONDS, self._mark_published)

    def _mark_at_the_end(self) -> None:
        if self._marking is not None:
            self._marking.cancel()
            self._mark_published()

    def _mark_published(self) -> None:
        self._marking = None
        assert self._journal is not None
        try:
            self._journal.mark_reported(self._published)
        except JournalError as error:
            self._fail(GatewayError(str(error)))

    def _send(self, request: VenueRequest) -> None:
        connector = self.connectors.get(request.connector)
        if connector is not None:
            connector.send(request)
        elif not isinstance(request, QueryAtVenue):
            self._hear(
                RequestRefused(
                    order_id=request.order_id,
                    kind=kind_of(request),
                    request_id=request_number(request),
                    text=f"connector {request.connector} is not in the configuration any more",
                )
            )

    def _fail(self, failure: GatewayError) -> None:
        log.critical("%s", failure)
        self._failure = failure
        self.stop()

    def _count(self, outcome: Outcome) -> None:
        metrics = self._metrics
        refused = any(isinstance(fact, OrderRefused) for fact in outcome.facts)
        for fact in outcome.facts:
            if isinstance(fact, OrderReceived):
                metrics.counted(metrics.orders, fact.request.connector, fact.request.product_type)
        for report in outcome.reports:
            if isinstance(report, CancelReject):
                by = "venue" if report.venue_error_code else "gateway"
                request = "cancel" if report.response_to == "1" else "replace"
                metrics.counted(metrics.rejects, by, request, report.reason.name.lower())
                continue
            metrics.counted(metrics.reports, report.exec_type.name.lower())
            if report.exec_type is ExecType.REJECTED and report.rej_reason is not None:
                by = "gateway" if refused else "venue"
                metrics.counted(metrics.rejects, by, "order", report.rej_reason.name.lower())

    def _request_answered(self, connector: str, request: str, outcome: str, seconds: float) -> None:
        self._metrics.counted(self._metrics.venue_requests, connector, request, outcome)
        self._metrics.timed(self._metrics.venue_seconds, seconds, connector, request)

    def _read_accounts(self) -> Iterator[AccountReading]:
        for key, connector in self.connectors.items():
            for row in connector.health():
                yield AccountReading(
                    connector=key,
                    account=row.account,
                    ready=row.ready,
                    stream_up=row.stream_up,
                    listen_key_age=row.listen_key_age,
                    usage=dict(row.limits),
                )

    def health(self) -> dict[str, Any]:
        """Return what `/health` prints."""
        return {"status": "ok", "version": __version__, "uptimeSeconds": int(time.time() - self._started_at)}

    def readiness(self) -> Readiness:
        """Return whether every account of every connector can take orders, and the detail of `/ready`."""
        accounts = {
            key: {row.account: {"ready": row.ready, "text": row.text} for row in connector.health()}
            for key, connector in self.connectors.items()
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
        await asyncio.gather(*(connector.stop() for connector in self.connectors.values()))

    async def _stop_door(self) -> None:
        """Log every session out, off the loop: reports of the last moments still go through it."""
        assert self._door is not None
        await asyncio.to_thread(self._door.stop)
        self._work()


def _stay_on(cpu: int) -> None:
    """Keep this process, and every thread it starts from now on, on one processor."""
    try:
        os.sched_setaffinity(0, {cpu})
    except OSError as error:
        usable = ", ".join(map(str, sorted(os.sched_getaffinity(0))))
        raise GatewayError(
            f"process.cpu is {cpu}, which cannot be had ({error}); it can be {usable}"
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

    def __init__(self, journal: SqliteJournal) -> None:
        self._journal = journal

    def put(self, session: str, raw: str, received_ns: int) -> int:
        try:
            return self._journal.put(session, raw, received_ns)
        except JournalError as error:
            raise InboxUnavailable(str(error)) from error
