"""The simulated venues as one server: REST and WebSocket of all of them on one port.

`/api.binance.com/api/v3/order` is what a client meant for `api.binance.com`. Which dialect answers is told by
that first part of the path.
"""

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from aiohttp import WSMsgType, web

from fixgate.simulator.faults import Faults
from fixgate.simulator.market import SyntheticMarket
from fixgate.simulator.state_file import encode_state, load_state, write_state
from fixgate.simulator.venues.dialect import Dialect, Request, Socket
from fixgate.simulator.venues.going_wrong import OPENING, go_wrong
from fixgate.simulator.venues.venue import Venue
from fixgate.simulator.venues.views import Happening

log = logging.getLogger(__name__)

_SAVE_SECONDS = 3.0
_LONGEST_WAIT = 60.0
_MOST_RECORDED = 10_000


class VenuesServer:
    """Serves `dialects` on one port. `start` and `stop` it in one event loop.

    With `state_path`, a folder, each venue's orders and balances outlive the process. `market_interval` is
    the time between two moves of the market in seconds, 0 for a market that stands still.

    For tests: `faults` say what goes wrong with requests, by method (`OPENING` is that of a WebSocket) and by
    path, host first; `silent` names venues whose streams stay open and tell nothing; `requests` are the
    methods and paths that came last.
    """

    def __init__(
        self,
        dialects: Sequence[Dialect],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int = 7,
        market_interval: float = 0.0,
        state_path: Path | None = None,
    ) -> None:
        self._host = host
        self.port = port
        self._interval = market_interval
        self._state_path = state_path
        self._by_host = {name: dialect for dialect in dialects for name in dialect.hosts}
        self.venues: dict[str, Venue] = {dialect.venue.name: dialect.venue for dialect in dialects}
        self._keys = {dialect.venue.name: tuple(dialect.keys) for dialect in dialects}
        chance = random.Random(seed)
        self.markets = {
            name: SyntheticMarket(venue.exchange, chance.randrange(2**31))
            for name, venue in self.venues.items()
        }
        self._sockets: dict[Dialect, set[Socket]] = {dialect: set() for dialect in dialects}
        self._saved: dict[str, int] = {}
        self.faults = Faults(seed=seed)
        self.silent: set[str] = set()
        self.requests: deque[tuple[str, str]] = deque(maxlen=_MOST_RECORDED)
        self._stopping = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._tasks: list[asyncio.Task[None]] = []
        for dialect in dialects:
            dialect.venue.listeners.append(self._teller(dialect))

    @property
    def url(self) -> str:
        """Return the base that a client's `simulatorUrl` names."""
        return f"http://{self._host}:{self.port}"

    async def start(self) -> None:
        """Load the state, open the port and set the markets going. Raises `OSError` and `StateFileError`."""
        for name, venue in self.venues.items():
            if self._state_path is not None:
                load_state(self._state_path / f"{name}.json", venue.exchange)
            for key in self._keys[name]:
                venue.open_account(key.account, key.balances, hedge_mode=key.hedge_mode)
            self._saved[name] = venue.exchange.state.version
            self.markets[name].tick()
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self.port).start()
        self.port = self._runner.addresses[0][1]
        self._tasks.append(asyncio.create_task(self._keep_time()))
        if self._interval:
            self._tasks.append(asyncio.create_task(self._run_markets()))
        if self._state_path is not None:
            self._tasks.append(asyncio.create_task(self._save_regularly()))

    async def stop(self) -> None:
        """Close the port and every socket, and save the state. Does nothing when not started."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        self._stopping.set()
        if self._runner is not None:
            for sockets in self._sockets.values():
                for socket in list(sockets):
                    await socket.close()
            await self._runner.cleanup()
            self._runner = None
            await self._save()

    async def drop_sockets(self, venue: str) -> None:
        """Cut every WebSocket of a venue, as a network failure would."""
        for dialect, sockets in self._sockets.items():
            if dialect.venue.name == venue:
                for socket in list(sockets):
                    await socket.close()

    # requests and sockets

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        host, _, path = request.raw_path.partition("?")[0].lstrip("/").partition("/")
        dialect = self._by_host.get(host)
        if dialect is None:
            return web.json_response(
                {"error": f"no simulated venue answers for {host!r}", "hosts": sorted(self._by_host)},
                status=404,
            )
        opens = request.headers.get("Upgrade", "").lower() == "websocket"
        method = OPENING if opens else request.method
        self.requests.append((method, f"/{host}/{path}"))
        fault = self.faults.take_request(method, f"/{host}/{path}")
        if opens and fault is None:
            return await self._serve_socket(dialect, request, host, f"/{path}")
        asked = Request(
            method=request.method,
            host=host,
            path=f"/{path}",
            query=request.raw_path.partition("?")[2],
            body=await request.text(),
            headers=request.headers,
        )

        def execute() -> web.Response:
            dialect.venue.exchange.advance()
            return dialect.answer(asked).response()

        return execute() if fault is None else await go_wrong(request, fault, execute, self._stopping)

    async def _serve_socket(
        self, dialect: Dialect, request: web.Request, host: str, path: str
    ) -> web.StreamResponse:
        response = web.WebSocketResponse()
        await response.prepare(request)
        socket = Socket(response, host, path, request.query)
        self._sockets[dialect].add(socket)
        writer = asyncio.create_task(socket.write())
        try:
            dialect.opened(socket)
            async for message in response:
                if message.type is WSMsgType.TEXT:
                    dialect.received(socket, message.data)
                elif message.type is WSMsgType.BINARY:
                    dialect.received(socket, message.data.decode())
        finally:
            self._sockets[dialect].discard(socket)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
        return response

    def _teller(self, dialect: Dialect) -> Callable[[Happening], None]:
        def tell(happening: Happening) -> None:
            if dialect.venue.name in self.silent:
                return
            for socket in list(self._sockets[dialect]):
                if socket.account == happening.account:
                    dialect.happened(socket, happening)

        return tell

    # time, markets, memory

    async def _keep_time(self) -> None:
        """Do what each venue has to do by itself when its time has come."""
        while True:
            due = [venue.exchange.state.deadlines.next_ms for venue in self.venues.values()]
            first = min((ms for ms in due if ms is not None), default=None)
            now = min(venue.clock() for venue in self.venues.values())
            wait = _LONGEST_WAIT if first is None else max(0.001, (first - now) / 1000)
            await asyncio.sleep(min(wait, 1.0))
            for venue in self.venues.values():
                venue.exchange.advance()

    async def _run_markets(self) -> None:
        """Tick for ever, one symbol at a time, so that no request waits for a whole tick."""
        while True:
            await asyncio.sleep(self._interval)
            for market in self.markets.values():
                market.move()
                for leg, symbol in market.symbols:
                    market.quote(leg, symbol)
                    await asyncio.sleep(0)

    async def _save_regularly(self) -> None:
        while True:
            await asyncio.sleep(_SAVE_SECONDS)
            try:
                await self._save()
            except OSError as problem:
                log.warning("the simulated venues could not save their state: %s", problem)

    async def _save(self) -> None:
        if self._state_path is None:
            return
        for name, venue in self.venues.items():
            version = venue.exchange.state.version
            if version != self._saved[name]:
                content = encode_state(venue.exchange)
                await asyncio.to_thread(write_state, self._state_path / f"{name}.json", content)
                self._saved[name] = version
