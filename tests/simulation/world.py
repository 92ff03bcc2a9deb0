"""One run: a venue, a gateway that crashes, OMSs that survive it, and the seed that decides everything."""

import asyncio
import contextlib
import logging
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from fixgate.connectors.binance_pm.settings import BinancePmSettings
from fixgate.engine.policy import LateArrival, Policy
from fixgate.fix.settings import AcceptorConfig, SessionConfig
from fixgate.gateway import keeper
from fixgate.gateway.core import CoreSettings
from fixgate.simulator.instruments import DEFAULT_INSTRUMENTS
from fixgate.simulator.matching import SimulatedExchange
from fixgate.simulator.server import SimulatorServer, wall_clock_ms
from fixgate.simulator.settings import SimulatedAccount, SimulatorSettings
from tests.simulation.counterparty import Counterparty
from tests.simulation.disturbances import DISTURBANCES, good_weather
from tests.simulation.faults import FaultPlan, SeededFaults
from tests.simulation.fix_link import FixLink
from tests.simulation.fix_session import Store
from tests.simulation.gateway_process import CONNECTOR, CrashPlan, GatewayProcess
from tests.simulation.invariants import check_end, check_running, is_settled
from tests.simulation.network import Network
from tests.simulation.oms_orders import OmsOrder
from tests.simulation.order_flow import ACCOUNT, MARKETS, Strangers, Trader
from tests.simulation.process import Process, outside
from tests.simulation.virtual_loop import VirtualLoop
from tests.simulation.virtual_time import virtual
from tests.simulation.watch import LogWatch

BALANCES = {"USDT": Decimal(5_000_000), "BTC": Decimal(500), "BNB": Decimal(100)}
SECRET = "a secret of this simulation alone"
SETTLE_SECONDS = 240.0
"""Virtual seconds after the last fault within which everything must have come to rest."""

_scratch = Path("/dev/shm") if Path("/dev/shm").is_dir() else None


class World:
    """Everything of one seed. `run` it once; `findings` is empty when every invariant held."""

    def __init__(
        self,
        seed: int,
        echo: Callable[[str], None] | None = None,
        without: frozenset[str] = frozenset(),
    ) -> None:
        self.seed = seed
        self.findings: list[tuple[str, str]] = []
        self.events: list[str] = []
        self._echo = echo
        self.loop = VirtualLoop()
        rng = self._rng = random.Random(f"world {seed}")
        self.loop.network = self.network = Network(self.loop, random.Random(f"network {seed}"))
        self.plan = FaultPlan(random.Random(f"faults {seed}"), without)
        self.markets = tuple(rng.sample(MARKETS, rng.choice((1, 2, 3, 3))))
        self.folder = Path(tempfile.mkdtemp(prefix="simulation-", dir=_scratch))
        self.incarnations: list[GatewayProcess] = []
        self.images: dict[str, bytes] = {}
        self.facts: list[Any] = []
        self.crashes = 0
        self.calm = self.over = False
        self.last_wish = 0.0
        """When the last of the clients' requests is made, after the faults are over."""
        self.restarting = False

    # the record

    def log(self, text: str) -> None:
        line = f"{self.loop.time():11.6f}  {text}"
        self.events.append(line)
        if self._echo is not None:
            self._echo(line)

    def found(self, invariant: str, text: str) -> None:
        """Note that an invariant does not hold."""
        if len(self.findings) < 20:
            self.findings.append((invariant, text))
        self.log(f"VIOLATION of {invariant!r}: {text}")

    # the run

    def run(self) -> None:
        """Run the seed from its first order to the last check."""
        self.watch = LogWatch(self)
        try:
            with virtual(self.loop, self.seed), self.watch, _eager_keeper(self):
                asyncio.set_event_loop(self.loop)
                try:
                    self._build()
                    keeper.ROUND_SECONDS = self.keeper
                    keeper.MEMORY_SECONDS = min(self.keeper * 2, 60.0)
                    self.loop.run_until_complete(self._main())
                finally:
                    asyncio.set_event_loop(None)
        finally:
            self._bury()

    def _build(self) -> None:
        rng = self._rng
        self.venue = Process("venue")
        wanted = {(each.leg, each.symbol) for each in MARKETS}
        exchange = SimulatedExchange(
            wall_clock_ms, [each for each in DEFAULT_INSTRUMENTS if (each.leg, each.symbol) in wanted]
        )
        self.server = SimulatorServer(
            SimulatorSettings(
                market_enabled=False,
                accounts=(
                    SimulatedAccount(name=ACCOUNT, api_key="KEY", api_secret=SECRET, balances=BALANCES),
                ),
                listen_key_lifetime=60.0,
                socket_lifetime=rng.choice((9.0, 25.0, 900.0)) if "day over" in self.plan.links else 86_400.0,
            ),
            exchange,
        )
        self.exchange = exchange
        SeededFaults.take_over(self.server.faults, self.plan, lambda text: self.log(f"venue   {text}"))
        exchange.subscribe(self._venue_said)
        self.strangers = Strangers(exchange, random.Random(f"strangers {self.seed}"), self.markets, self.log)
        names = ("OMS", "EMS", "BOT")[: rng.choice((1, 2, 3))]
        sessions = [
            SessionConfig(
                target_comp_id=name,
                default_connector=CONNECTOR,
                default_account=ACCOUNT,
                cancel_on_disconnect=rng.random() < 0.2,
                cancel_grace_seconds=rng.choice((0.0, 1.0, 5.0)),
            )
            for name in names
        ]
        self.acceptor = AcceptorConfig(sessions=tuple(sessions), store_path=self.folder / "store")
        self.core_settings = CoreSettings(
            sessions=tuple(sessions),
            policy=Policy(late_arrival=rng.choice(tuple(LateArrival))),
            waits_for_disk=rng.random() < 0.3,
        )
        self.keeper = rng.choice((0.3, 3.0, 60.0))
        self.mapper = rng.choice(("SEQUENCE", "SEQUENCE", "COMPOSITE"))
        self.stores = {each.session_id: Store() for each in self.acceptor.sessions}
        self.clients = [
            Counterparty(
                name, self.loop, random.Random(f"{name} {self.seed}"), self._connect, self.log, self.found
            )
            for name in names
        ]
        self.traders = [
            Trader(client, random.Random(f"flow {client.name} {self.seed}"), self.markets)
            for client in self.clients
        ]

    def _settings(self) -> BinancePmSettings:
        rng, url = self._rng, self.server.url
        return BinancePmSettings.model_validate(
            {
                "restUrl": url,
                "websocketUrl": self.server.websocket_url,
                "spotUrl": url,
                "futureUrl": url,
                "deliveryUrl": url,
                "apiKeys": [{"apiKey": "KEY", "apiSecret": SECRET, "account": ACCOUNT}],
                "futureInstrumentCurrencies": ["USDT"],
                "deliveryInstrumentCurrencies": ["USD"],
                "referencePath": str(self.folder / "reference"),
                "recvWindow": rng.choice((1000, 3000)),
                "requestTimeout": rng.choice(("800 ms", "2 s")),
                "staleWebsocketTimeout": rng.choice(("1 s", "5 s")),
                "websocketHeartbeatInterval": "20 s",
                "websocketRotateInterval": "1 minute",
                "orderMapperType": self.mapper,
                "binancePmSyncSettings": {
                    "spotTradesRequestSizeLimit": rng.choice((3, 100)),
                    "futureTradesRequestSizeLimit": rng.choice((3, 100)),
                    "deliveryTradesRequestSizeLimit": rng.choice((3, 50)),
                },
                **self._new_settings(),
            }
        )

    @staticmethod
    def _new_settings() -> dict[str, Any]:
        return {"reconcileInterval": "15 s"} if "reconcile_interval" in BinancePmSettings.model_fields else {}

    async def _main(self) -> None:
        self.log(
            f"seed {self.seed}; markets {', '.join(m.product for m in self.markets)}; faults: "
            f"{self.plan.describe()}"
        )
        self.plan.active = self._rng.random() < 0.15
        await self._as_venue(self.server.start())
        self.start_gateway()
        for client in self.clients:
            client.go_on()
        await self._wait_ready()
        self.plan.active = True
        await self._trade(check_running)
        self._become_calm()
        deadline = self.loop.time() + SETTLE_SECONDS
        while self.loop.time() < deadline and not self.findings:
            await asyncio.sleep(1.0)
            if self.loop.time() > self.last_wish and is_settled(self):
                break
        await asyncio.sleep(3.0)
        await check_end(self)
        self.over = True
        if self.gateway.alive:
            with contextlib.suppress(asyncio.CancelledError):
                await self.loop.create_task(self.gateway.stop(), context=self.gateway.process.context())
        await self._as_venue(self.server.stop())

    async def _as_venue(self, work: Any) -> None:
        await self.loop.create_task(work, context=self.venue.context())

    async def _wait_ready(self) -> None:
        """Wait a while for the account to be ready, as an operator would; faults may keep it from it."""
        for _ in range(60):
            await asyncio.sleep(0.1)
            gateway = self.gateway
            if gateway.listening and all(row.ready for row in gateway.connector.health()):
                return

    async def _trade(self, check: Callable[["World"], None]) -> None:
        """Let orders and faults happen."""
        rng = random.Random(f"trade {self.seed}")
        steps = rng.randint(40, 110)
        for trader in self.traders:
            for _ in range(3):
                self.strangers.act()
            trader.new()
        for _ in range(steps):
            await asyncio.sleep(rng.choice((0.001, 0.005, 0.03, 0.1, 0.4)))
            dice = rng.random()
            if dice < 0.55:
                rng.choice(self.traders).act()
            elif dice < 0.9:
                self.strangers.act()
            elif self._disturb(rng):
                await asyncio.sleep(rng.choice((20.0, 70.0, 200.0)))
            check(self)
            if self.findings:
                return

    def _disturb(self, rng: random.Random) -> bool:
        """Let a fault of the plan happen; True when the fault is that nothing happens for long."""
        kinds = [*self.plan.links, *self.plan.clients, *self.plan.gateway]
        if not kinds:
            return False
        kind = rng.choice(kinds)
        self.log(f"fault   {kind}")
        if kind == "time passes":
            return rng.random() < 0.3
        DISTURBANCES[kind](self, rng)
        return False

    def _become_calm(self) -> None:
        """End all faults; what is broken may heal, and everything must come to rest."""
        self.log("fault   none from here on")
        self.calm = True
        self.plan.active = False
        self.strangers.meddling = False
        good_weather(self)
        if self.gateway.alive:
            self.gateway.plan_crash(0, torn=False)
            self.gateway.process.clock_skew = 0.0
            self.gateway.disk_is_full = False
        for connection in list(self.network.connections.values()):
            if connection.silent:
                connection.silent = False
                connection.reset()
        if not self._new_settings():
            self.venue.call(self.server.streams.drop_sockets)
        for client in self.clients:
            client.heal()
            client.go_on()
        if self._rng.random() < 0.5:
            for trader in self.traders:
                at = self.loop.time() + self._rng.uniform(1.0, 20.0)
                self.last_wish = max(self.last_wish, at)
                self.loop.call_at(at, trader.cancel_all, context=outside())

    # the gateway

    @property
    def gateway(self) -> GatewayProcess:
        return self.incarnations[-1]

    def start_gateway(self) -> None:
        """Start the next incarnation on the journal that the last one left."""
        number, self.restarting = len(self.incarnations), False
        folder = self.folder / f"run-{number}"
        folder.mkdir()
        for name, data in self.images.items():
            (folder / name).write_bytes(data)
        plan, rng = CrashPlan(), self._rng
        if number and not self.calm and "crash" in self.plan.gateway and rng.random() < 0.3:
            plan = CrashPlan(rng.randint(1, 40), torn=False)
        skew = self.gateway.process.clock_skew if number and not self.calm else 0.0
        self.log(f"gateway starts (incarnation {number})")
        gateway = GatewayProcess(
            self.loop,
            folder,
            self.acceptor,
            self._settings(),
            self.stores,
            plan,
            rng,
            self.log,
            skew,
            self.core_settings,
        )
        self.incarnations.append(gateway)
        gateway.process.at_death.append(lambda: self._gateway_died(gateway))
        gateway.started.add_done_callback(lambda done: self._gateway_started(gateway, done))

    def _gateway_started(self, gateway: GatewayProcess, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and task.exception() is not None and gateway.alive:
            self.found("the gateway starts", f"it did not: {task.exception()!r}")

    def _gateway_died(self, gateway: GatewayProcess) -> None:
        if gateway.stopped:
            self.log("gateway stops in good order")
        else:
            self.crashes += 1
            self.log(f"gateway dies: {gateway.died_at or 'killed'}")
        self.images = gateway.image
        self.facts += gateway.recorded
        self.network.process_died(gateway.process)
        if not self.over:
            self.loop.call_later(self._rng.uniform(0.05, 1.5), self.start_gateway, context=outside())

    def _connect(self, client: Counterparty) -> FixLink | None:
        gateway = self.gateway
        if not gateway.listening:
            return None
        assert gateway.door is not None
        rng = random.Random(f"link {self.seed} {client.name} {self.loop.time()}")
        return FixLink(self.loop, rng, gateway.process, gateway.door, client, client.session_id)

    # the venue

    def _venue_said(self, account: str, event: dict[str, Any]) -> None:
        body = event.get("o", event) if event["e"] == "ORDER_TRADE_UPDATE" else event
        if event["e"] in ("ORDER_TRADE_UPDATE", "executionReport"):
            name = body.get("C") or body["c"]
            self.log(
                f"venue   {name} {body['x']} {body['X']} {body['S']} {body['q']} at {body['p']}, "
                f"filled {body['z']}" + (f" (trade {body['t']}: {body['l']})" if body["x"] == "TRADE" else "")
            )

    def client_order_id(self, client: Counterparty, order: OmsOrder) -> str:
        """Return the id that the venue must know an OMS's order by; empty before it has an OrderID."""
        return f"{client.name}:{order.first}" if self.mapper == "COMPOSITE" else order.order_id

    # the end

    def _bury(self) -> None:
        logging.disable(logging.CRITICAL)
        try:
            self.loop.set_exception_handler(lambda *_: None)
            for gateway in self.incarnations:
                gateway.bury()
            self.venue.bury() if hasattr(self, "venue") else None
            for task in asyncio.all_tasks(self.loop):
                task._log_destroy_pending = False  # type: ignore[attr-defined]
            self.loop.close()
        finally:
            logging.disable(logging.NOTSET)
            shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def _eager_keeper(world: World) -> Iterator[None]:
    """Let the gateway keep its orders more often than in real life: runs are short."""
    rounds, memory = keeper.ROUND_SECONDS, keeper.MEMORY_SECONDS
    try:
        yield
    finally:
        keeper.ROUND_SECONDS, keeper.MEMORY_SECONDS = rounds, memory
