"""A whole trading day in one process tree: a simulated exchange in this process, a real gateway in its own.

The gateway runs as its command line runs it, from a configuration file, and talks to the exchange over
HTTP and WebSocket; tests talk FIX to it over TCP and see the exchange from the inside.
"""

import asyncio
import json
import signal
import socket
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp

from fixgate.simulator.orders import Leg, OrderRequest
from fixgate.simulator.server import SimulatorServer
from fixgate.simulator.settings import SimulatedAccount, SimulatorSettings
from tests.fixclient import FixClient, new_order

BALANCES = {
    "USDT": Decimal(5_000_000),
    "BTC": Decimal(500),
    "ETH": Decimal(1000),
    "BNB": Decimal(1000),
}
SECURITY_TYPE = {"SPOT": "FXSPOT", "FUTURE": "FUT", "DELIVERY": "FUT"}
SYMBOL = {"SPOT": "BTCUSDT", "FUTURE": "BTCUSDT", "DELIVERY": "BTCUSD_PERP"}
LEG = {"SPOT": Leg.MARGIN, "FUTURE": Leg.UM, "DELIVERY": Leg.CM}
PATH = {"SPOT": "/papi/v1/margin/order", "FUTURE": "/papi/v1/um/order", "DELIVERY": "/papi/v1/cm/order"}
QUANTITY = {"SPOT": "0.010", "FUTURE": "0.010", "DELIVERY": "5"}
PRICE = Decimal(60000)


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Exchange:
    """The simulated exchange, one account per connector, no market of its own."""

    def __init__(self, accounts: Mapping[str, bool]) -> None:
        """`accounts`: name -> hedge mode."""
        self.server = SimulatorServer(
            SimulatorSettings(
                market_enabled=False,
                accounts=tuple(
                    SimulatedAccount(
                        name=name,
                        api_key=f"KEY-{name}",
                        api_secret=f"SECRET-{name}",
                        hedge_mode=hedge,
                        balances=BALANCES,
                    )
                    for name, hedge in accounts.items()
                ),
                order_limit=1_000_000,
                weight_limit=1_000_000,
            )
        )

    @property
    def exchange(self) -> Any:
        return self.server.exchange

    def quote(self, product: str, side: str, price: str | Decimal, quantity: str) -> Any:
        """Let somebody else's order into the book; `side` BUY or SELL."""
        return self.exchange.external_order(
            LEG[product], SYMBOL[product], side, Decimal(price), Decimal(quantity)
        )

    def foreign_order(self, account: str, product: str, side: str, price: Decimal, quantity: str) -> None:
        """Let an order be made on `account` by other hands than the gateway's, as on the web site."""
        self.exchange.place(
            account,
            OrderRequest(
                leg=LEG[product],
                symbol=SYMBOL[product],
                side=side,
                type="LIMIT",
                time_in_force="GTC",
                quantity=Decimal(quantity),
                price=price,
                client_order_id="web_1",
            ),
        )

    def clear(self) -> None:
        """Empty every book and flatten every account: a new test begins."""
        self.server.faults.clear()
        state = self.exchange.state
        for account in state.accounts.values():
            for leg, symbol in [key for key, orders in account.open_orders.items() if orders]:
                self.exchange.cancel_all(account.name, leg, symbol)
            account.positions.clear()
        for book in state.books.values():
            for order in [*book.bids, *book.asks]:
                book.remove(order)
        for product, symbol in SYMBOL.items():
            self.exchange.set_reference_price(LEG[product], symbol, PRICE)
        self.server.requests.clear()

    async def asked(self, method: str, product: str) -> None:
        """Wait until a request of that kind has arrived."""
        async with asyncio.timeout(15):
            while not self.sent(method, product):  # noqa: ASYNC110  the recorder has no event to wait for
                await asyncio.sleep(0.02)

    def sent(self, method: str, product: str) -> list[dict[str, str]]:
        """Return the parameters of every request of that kind since `clear`."""
        return [
            dict(request.params)
            for request in self.server.requests
            if request.method == method and request.path == PATH[product]
        ]


def connector_text(name: str, exchange: Exchange, settings: Mapping[str, Any], account: str) -> str:
    """Return one connector of the configuration, on the template, as HOCON."""
    url = exchange.server.url
    body: dict[str, Any] = {
        "restUrl": url,
        "websocketUrl": exchange.server.websocket_url,
        "spotUrl": url,
        "futureUrl": url,
        "deliveryUrl": url,
        "apiKeys": [{"apiKey": f"KEY-{account}", "apiSecret": f"SECRET-{account}", "account": account}],
        "requestWeightLimit": 1_000_000,
    }
    text = json.dumps(body | dict(settings))
    return f"  {name}: ${{template.connector.crypto.binancepm}} {{ settings {text} }}\n"


class Gateway:
    """A gateway process on a folder of its own."""

    def __init__(self, folder: Path, connectors: str, sessions: str = "", metadata: str = "") -> None:
        self.fix_port, self.http_port = free_port(), free_port()
        self.config = folder / "gateway.conf"
        first = connectors.split(":", maxsplit=1)[0].strip()
        if metadata:
            (folder / "security.csv").write_text(metadata)
            metadata = "securityMetadata { file = security.csv }\n"
        self.config.write_text(
            'include classpath("crypto-connectors.conf")\n'
            f"fix {{ acceptor {{ port = {self.fix_port} }}, sessions = [\n"
            f'  {{ senderCompId = "FIXGATE", targetCompId = "OMS", defaultConnector = "{first}" }}\n'
            f"{sessions}] }}\n"
            f"http {{ port = {self.http_port} }}\n{metadata}"
            f"connectors {{\n{connectors}}}\n"
        )
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start the process and wait until it takes orders."""
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "fixgate", "run", "--config", str(self.config), start_new_session=True
        )
        async with asyncio.timeout(60), aiohttp.ClientSession() as session:
            while True:
                assert self.process.returncode is None, "the gateway ended while it started"
                try:
                    async with session.get(f"http://127.0.0.1:{self.http_port}/ready") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientConnectionError:
                    pass
                await asyncio.sleep(0.05)

    async def get(self, path: str) -> str:
        """Return what the gateway's HTTP side answers."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{self.http_port}{path}") as answer,
        ):
            return await answer.text()

    async def holds(self, open_orders: int) -> None:
        """Wait until so many orders are open in its book; what ended is journaled and handed over by then."""
        async with asyncio.timeout(15):
            while json.loads(await self.get("/ready"))["openOrders"] != open_orders:  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(number)
        async with asyncio.timeout(30):
            return await self.process.wait()

    def client(self, **options: Any) -> FixClient:
        return FixClient("127.0.0.1", self.fix_port, **options)


def new(product: str, cl_ord_id: str, **changes: Any) -> list[tuple[int, object]]:
    """Return a NewOrderSingle: a resting limit order to buy, unless `changes` (by tag name) say else."""

    fields: dict[str, Any] = {
        "symbol": SYMBOL[product],
        "security_type": SECURITY_TYPE[product],
        "quantity": QUANTITY[product],
        "price": "59000.0",
        "cl_ord_id": cl_ord_id,
    }
    return new_order(**(fields | changes))
