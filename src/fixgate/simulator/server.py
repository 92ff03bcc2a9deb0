"""The simulated venue as a running server: REST, user stream, market and memory on one port."""

import asyncio
import contextlib
import logging
import signal
import sys
import time
from collections import deque
from collections.abc import Callable

from aiohttp import web

from fixgate.simulator.admin import AdminRoutes
from fixgate.simulator.events import Event
from fixgate.simulator.faults import Faults
from fixgate.simulator.gate import KeyRing, RateLimits
from fixgate.simulator.market import SyntheticMarket
from fixgate.simulator.matching import SimulatedExchange
from fixgate.simulator.papi_server import PapiServer, RecordedRequest
from fixgate.simulator.settings import SimulatedAccount, SimulatorSettings
from fixgate.simulator.state_file import encode_state, load_state, write_state
from fixgate.simulator.streams import UserStreams
from fixgate.simulator.venues.server import VenuesServer

_LOG = logging.getLogger(__name__)

_LONGEST_ALARM = 60.0
"""Seconds after which the time of the next deadline is looked at again, since the clock may be moved."""


def wall_clock_ms() -> int:
    """Return milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


class SimulatorServer:
    """One venue on one port. Create, `start` and `stop` it in one event loop.

    `exchange` may be given to share or preset a venue; its clock then rules. `faults` may be
    scripted at any time. Raises `ValueError` for an unusable account key and `StateFileError` for
    an unusable state file, both before a port is opened.
    """

    def __init__(self, settings: SimulatorSettings, exchange: SimulatedExchange | None = None) -> None:
        self._settings = settings
        self.exchange = exchange or SimulatedExchange(wall_clock_ms)
        self.faults = Faults(seed=settings.seed)
        clock = self.exchange.state.clock
        self.exchange.state.clock = lambda: clock() + self.faults.clock_skew_ms
        lifetime_ms = int(settings.listen_key_lifetime * 1000)
        self.streams = UserStreams(self._now, lifetime_ms, settings.seed, self.faults)
        limits = RateLimits(settings.weight_limit, settings.order_limit)
        keys = KeyRing(settings.accounts)
        self._papi = PapiServer(self.exchange, keys, limits, self.streams, self.faults)
        self._admin = AdminRoutes(self.exchange, self.streams, self.faults)
        self._market = SyntheticMarket(self.exchange, settings.seed) if settings.market_enabled else None
        self._runner: web.AppRunner | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._saved_version = -1
        self._alarm: asyncio.TimerHandle | None = None
        self.port = settings.port

    def _now(self) -> int:
        return self.exchange.state.clock()

    @property
    def url(self) -> str:
        """Return the base of every REST path."""
        return f"http://{self._settings.host}:{self.port}"

    @property
    def websocket_url(self) -> str:
        """Return the base of `/ws/<listenKey>` and `/stream`."""
        return f"ws://{self._settings.host}:{self.port}/pm"

    @property
    def requests(self) -> deque[RecordedRequest]:
        """Return the newest requests, oldest first, as they arrived."""
        return self._papi.requests

    @property
    def market(self) -> SyntheticMarket | None:
        """Return the synthetic market, None when it is off."""
        return self._market

    async def start(self) -> None:
        """Load the state, open the port and set the market going."""
        if self._settings.state_path is not None:
            load_state(self._settings.state_path, self.exchange)
        for account in self._settings.accounts:
            self._open_account(account)
        self._saved_version = self.exchange.state.version
        self.exchange.subscribe(self._publish)
        if self._settings.trigger_delay:
            self.exchange.conditionals.trigger_delay_ms = int(self._settings.trigger_delay * 1000)
        self.exchange.state.deadlines.changed = self._set_alarm
        self._set_alarm()
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._settings.host, self._settings.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        if self._market is not None:
            self._market.tick()
            self._tasks.append(asyncio.create_task(self._run_market(self._market)))
        self._tasks.append(asyncio.create_task(self._expire_listen_keys()))
        if self._settings.state_path is not None:
            self._tasks.append(asyncio.create_task(self._save_regularly()))

    def _open_account(self, account: SimulatedAccount) -> None:
        """Create a configured account; one from the state file keeps its money and, if in use, its mode."""
        known = self.exchange.state.accounts.get(account.name)
        if known is None:
            self.exchange.open_account(account.name, dict(account.balances), hedge_mode=account.hedge_mode)
            return
        in_use = any(p.quantity for p in known.positions.values()) or any(known.open_orders.values())
        if not in_use:
            known.hedge_mode = account.hedge_mode
        elif known.hedge_mode != account.hedge_mode:
            _LOG.warning(
                "simulated account %s keeps its position mode: it has orders or positions", known.name
            )

    async def stop(self) -> None:
        """Close the port and every socket, and save the state. Does nothing when not started."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        self.exchange.state.deadlines.changed = None
        if self._alarm is not None:
            self._alarm.cancel()
        self._papi.stop()
        await self.streams.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
            if self._publish in self.exchange.state.listeners:
                self.exchange.state.listeners.remove(self._publish)
            await self._save()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        if path.startswith("/pm/"):
            return await self._serve_stream(request)
        if path.startswith("/sim/") and self._settings.admin:
            return await self._admin.handle(request)
        return await self._papi.handle(request)

    async def _serve_stream(self, request: web.Request) -> web.StreamResponse:
        lifetime = self._settings.socket_lifetime
        key = request.path.removeprefix("/pm/ws/")
        if key != request.path:
            return await self.streams.serve(request, wrapped=False, keys={key}, lifetime=lifetime)
        if request.path.rstrip("/") == "/pm/stream":
            keys = {name for name in request.query.get("streams", "").split("/") if name}
            return await self.streams.serve(request, wrapped=True, keys=keys, lifetime=lifetime)
        return await self._papi.handle(request)

    def _set_alarm(self) -> None:
        """See to it that the venue does what is due next at its time."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        due = self.exchange.state.deadlines.next_ms
        if due is not None:
            seconds = min(_LONGEST_ALARM, max(0.001, (due - self._now()) / 1000))
            self._alarm = asyncio.get_running_loop().call_later(seconds, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        self.exchange.advance()
        self._set_alarm()

    def _publish(self, account: str, event: Event) -> None:
        self.streams.publish(account, event)

    async def _run_market(self, market: SyntheticMarket) -> None:
        """Tick for ever, one symbol at a time, so that no request waits for a whole tick."""
        while True:
            await asyncio.sleep(self._settings.market_interval)
            market.move()
            for leg, symbol in market.symbols:
                market.quote(leg, symbol)
                await asyncio.sleep(0)

    async def _expire_listen_keys(self) -> None:
        pause = max(0.02, min(1.0, self._settings.listen_key_lifetime / 5))
        while True:
            await asyncio.sleep(pause)
            self.streams.expire_due()

    async def _save_regularly(self) -> None:
        while True:
            await asyncio.sleep(self._settings.save_interval)
            try:
                await self._save()
            except OSError as problem:
                _LOG.warning("simulated venue could not save its state: %s", problem)

    async def _save(self) -> None:
        path, version = self._settings.state_path, self.exchange.state.version
        if path is None or version == self._saved_version:
            return
        await asyncio.to_thread(write_state, path, encode_state(self.exchange))
        self._saved_version = version


async def run_simulator(
    settings: SimulatorSettings,
    ready: Callable[[str], None],
    *,
    venues: VenuesServer | None = None,
    until_stdin_closes: bool = False,
) -> None:
    """Run a venue, and `venues` beside it, until SIGINT or SIGTERM. `ready` is called with the URLs once they
    answer.

    With `until_stdin_closes` the end of standard input stops it too: that is how a child process
    learns that its parent is gone.
    """
    server = SimulatorServer(settings)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stopped.set)
    try:
        await server.start()
        if venues is not None:
            await venues.start()
        watch = asyncio.create_task(_set_at_end_of_input(stopped)) if until_stdin_closes else None
        ready(server.url if venues is None else f"{server.url}, six more venues on {venues.url}")
        await stopped.wait()
        if watch is not None:
            watch.cancel()
    finally:
        if venues is not None:
            await venues.stop()
        await server.stop()


async def _set_at_end_of_input(stopped: asyncio.Event) -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    try:
        while await reader.read(4096):
            pass
    finally:
        transport.close()
        stopped.set()
