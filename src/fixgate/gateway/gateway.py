"""Builds every room from the configuration, starts them in order and ends them in the reverse."""

import asyncio
import contextlib
import gc
import logging
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fixgate import __version__
from fixgate.api.app import Operations, Readiness
from fixgate.config.limit_settings import unknown_account
from fixgate.config.load import Loaded
from fixgate.config.settings import Durability
from fixgate.connectors.connector import AccountHealth, Connector, factories
from fixgate.connectors.security_metadata import MetadataError, read_security_metadata
from fixgate.engine.limits import LimitRules
from fixgate.engine.policy import LateArrival, Policy
from fixgate.fix.acceptor import DoorError, FixDoor
from fixgate.fix.application import Deliver
from fixgate.fix.ports import DoorEvents, Inbox
from fixgate.fix.settings import AcceptorConfig, SessionConfig
from fixgate.gateway.core import Core, CoreSettings
from fixgate.gateway.counting import OutcomeCounter, account_readings, door_events, probe
from fixgate.gateway.http_door import http_door
from fixgate.journal.journal import Journal, JournalError
from fixgate.journal.sqlite import SqliteJournal
from fixgate.observe.metrics import Metrics
from fixgate.simulator.child import SimulatorChild, SimulatorFailed

log = logging.getLogger(__name__)

READY_SECONDS = 30.0


class GatewayError(Exception):
    """The gateway cannot start or go on; the text says why and what to do."""


class Gateway:
    """One gateway. `run` starts everything, waits for `stop`, and ends it in order."""

    def __init__(self, loaded: Loaded, config_path: Path) -> None:
        self._loaded = loaded
        self._settings = loaded.settings
        self._config_path = config_path
        self._metrics = Metrics()
        self._started_at = time.time()
        self._stopping = asyncio.Event()
        self._failure: GatewayError | None = None
        self._connectors: dict[str, Connector] = {}
        self._core: Core | None = None
        self._door: FixDoor | None = None

    def stop(self) -> None:
        """Begin to stop. Safe to call from a signal handler on the loop, and more than once."""
        self._stopping.set()
        if self._core is not None:
            self._core.changed.set()

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
        journal = self._open_journal()
        stack.callback(journal.close)
        self._core = core = self._build_core(journal)
        await self._start_simulator(stack)
        if self._settings.process.cpu is not None:
            _stay_on(self._settings.process.cpu)
        self._build_connectors()
        self._check_limits()
        if self._settings.http.api.enabled and (wrong := core.desk.ambiguous_accounts()):
            raise GatewayError(wrong)
        self._metrics.read_accounts(lambda: account_readings(self._connectors))
        await self._start_http(stack)
        stack.callback(core.close)
        stack.push_async_callback(self._stop_connectors)
        stack.push_async_callback(self._stop_door)
        try:
            await core.start()
        except DoorError as error:
            raise GatewayError(f"FIX cannot start: {error}") from error
        except JournalError as error:
            raise GatewayError(str(error)) from error

    def _open_journal(self) -> Journal:
        settings = self._settings.journal
        try:
            return SqliteJournal(settings.path, settings.durability)
        except JournalError as error:
            raise GatewayError(str(error)) from error

    def _build_core(self, journal: Journal) -> Core:
        """Wire the order path, and rebuild its state from the journal."""
        acceptor, orders, limits = self._acceptor_config(), self._settings.orders, self._settings.limits
        core = Core(
            CoreSettings(
                sessions=acceptor.sessions,
                policy=Policy(
                    max_age_ns=int(orders.max_age.total_seconds() * 1e9),
                    late_arrival=LateArrival(orders.late_arrival.lower()),
                    replaces_at_once=orders.replaces_at_once,
                ),
                retention_seconds=self._settings.journal.retention.total_seconds(),
                waits_for_disk=self._settings.journal.durability is Durability.DISK,
                order_wait_seconds=self._settings.http.api.order_wait.total_seconds(),
                limits=LimitRules(
                    daily_usd=limits.daily_usd,
                    order_usd=limits.dev_mode_limit_usd if limits.dev_mode else None,
                ),
                dollars=limits.usd_currencies,
            ),
            journal,
            self._connectors,
            OutcomeCounter(self._metrics),
            lambda inbox, deliver, events: self._make_door(acceptor, inbox, deliver, events),
            self._fail,
        )
        try:
            core.restore()
        except JournalError as error:
            raise GatewayError(str(error)) from error
        log.info("journal %s: %d orders open", self._settings.journal.path, len(core.engine.book.live))
        return core

    def _make_door(
        self, acceptor: AcceptorConfig, inbox: Inbox, deliver: Deliver, events: DoorEvents
    ) -> FixDoor:
        self._door = FixDoor(acceptor, inbox, deliver, door_events(self._metrics, events))
        return self._door

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

    def _check_limits(self) -> None:
        """Hold the limits against the accounts, those of connectors among them whose settings do not name
        them. Raises `GatewayError`."""
        names = [row.account for connector in self._connectors.values() for row in connector.health()]
        for account in self._settings.limits.daily_usd:
            if account not in names:
                raise GatewayError(f"limits.dailyUsd: {unknown_account(account, names)}")

    async def _start_http(self, stack: contextlib.AsyncExitStack) -> None:
        assert self._core is not None
        http, host, port = self._settings.http, self._settings.http.host, self._settings.http.port
        operations = Operations(health=self.health, readiness=self.readiness, metrics=self._metrics.text)
        try:
            server = http_door(self._settings, operations, self._core.desk)
        except ValueError as error:
            raise GatewayError(str(error)) from error
        stack.push_async_callback(server.stop)
        if http.api.enabled and not http.api.asks_for_token:
            log.info("no API token is configured: the Execution API answers this machine alone")
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
                    drop_copy=session.drop_copy,
                    drop_copy_of=session.drop_copy_of,
                    cancel_on_disconnect=session.cancel_on_disconnect,
                    cancel_grace_seconds=session.cancel_on_disconnect_grace.total_seconds(),
                    may_cancel=session.may_cancel,
                )
                for session in fix.sessions
            ),
        )

    def _fail(self, text: str) -> None:
        log.critical("%s", text)
        self._failure = GatewayError(text)
        self.stop()

    def health(self) -> dict[str, Any]:
        """Return what `/health` prints."""
        return {"status": "ok", "version": __version__, "uptimeSeconds": int(time.time() - self._started_at)}

    def readiness(self) -> Readiness:
        """Return whether every account of every connector can take orders, and the detail of `/ready`."""
        core = self._core
        accounts = {
            key: {row.account: self._account_state(key, row) for row in connector.health()}
            for key, connector in self._connectors.items()
        }
        sessions = dict(self._door.sessions()) if self._door is not None else {}
        ready = bool(accounts) and all(row["ready"] for rows in accounts.values() for row in rows.values())
        return ready, {
            "connectors": accounts,
            "fixSessions": {name: "logged on" if up else "logged off" for name, up in sessions.items()},
            "openOrders": len(core.engine.book.live) if core is not None else 0,
        }

    def _account_state(self, connector: str, row: AccountHealth) -> dict[str, Any]:
        """Return one account's readiness: its link's, and whether all that a restart left open is known."""
        unsettled = self._core.engine.unsettled(connector, row.account) if self._core is not None else 0
        if row.ready and unsettled:
            return {"ready": False, "text": f"finding out what became of {unsettled} orders"}
        return {"ready": row.ready, "text": row.text}

    async def _wait_ready(self, timeout: float) -> None:
        """Wait until orders can be taken or the gateway is to stop, at most `timeout` seconds."""
        assert self._core is not None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while not self.readiness()[0] and not self._stopping.is_set():
                    self._core.changed.clear()
                    await self._core.changed.wait()

    async def _stop_connectors(self) -> None:
        await asyncio.gather(*(connector.stop() for connector in self._connectors.values()))

    async def _stop_door(self) -> None:
        """Log every session out, off the loop: reports of the last moments still go through it."""
        assert self._core is not None and self._door is not None
        self._core.closing()
        await asyncio.to_thread(self._door.stop)
        self._core.drain()


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
