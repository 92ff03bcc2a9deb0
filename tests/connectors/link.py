"""A real connector on a simulated exchange over loopback, and everything that it says."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from itertools import count
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from msgspec.structs import replace

from fixgate.connectors.binance_pm.connector import BinancePmConnector
from fixgate.connectors.binance_pm.settings import BinancePmSettings
from fixgate.connectors.connector import Probe
from fixgate.model.enums import OrderType, ProductType, Side, TimeInForce
from fixgate.model.venue import (
    CancelAtVenue,
    ModifyAtVenue,
    OpenOrdersAtVenue,
    OrderUpdate,
    OutcomeUnknown,
    QueryAtVenue,
    RequestRefused,
    SubmitList,
    SubmitOrder,
    VenueEvent,
    VenueExec,
    VenueStatus,
)
from fixgate.simulator import Leg, SimulatedAccount, SimulatedExchange, SimulatorServer, SimulatorSettings

KEY, SECRET = "test-key", "test-secret"
BALANCES = {"USDT": Decimal(10_000_000), "BTC": Decimal(1000)}
LEG = {ProductType.SPOT: Leg.MARGIN, ProductType.FUTURE: Leg.UM, ProductType.DELIVERY: Leg.CM}
SYMBOL = {ProductType.SPOT: "BTCUSDT", ProductType.FUTURE: "BTCUSDT", ProductType.DELIVERY: "BTCUSD_PERP"}
QUANTITY = {product: Decimal("0.010") for product in SYMBOL} | {ProductType.DELIVERY: Decimal(5)}
STEP = {
    ProductType.SPOT: Decimal("0.00001"),
    ProductType.FUTURE: Decimal("0.001"),
    ProductType.DELIVERY: Decimal(1),
}
PATH = {
    ProductType.SPOT: "/papi/v1/margin/order",
    ProductType.FUTURE: "/papi/v1/um/order",
    ProductType.DELIVERY: "/papi/v1/cm/order",
}

E = TypeVar("E")
Answer = OrderUpdate | RequestRefused | OutcomeUnknown


class Link:
    """The connector `PM` with its account `main`. `events` is everything the sink was told, in order."""

    def __init__(self, server: SimulatorServer, connector: BinancePmConnector) -> None:
        self.server = server
        self.connector = connector
        self.events: list[VenueEvent] = []
        self._numbers = count(1)
        self._heard = asyncio.Event()

    def hear(self, event: VenueEvent) -> None:
        self.events.append(event)
        self._heard.set()

    async def until(self, done: Callable[[], object], within: float = 20.0) -> None:
        """Wait until `done` is true, looking whenever something was said and every few milliseconds."""
        async with asyncio.timeout(within):
            while not done():
                self._heard.clear()
                try:
                    async with asyncio.timeout(0.01):
                        await self._heard.wait()
                except TimeoutError:
                    continue

    def told(self, kind: type[E], /, **fields: Any) -> list[E]:
        """Return what was told of a kind, with these fields."""
        return [
            event
            for event in self.events
            if isinstance(event, kind) and all(getattr(event, k) == v for k, v in fields.items())
        ]

    async def tells(self, kind: type[E], /, times: int = 1, **fields: Any) -> E:
        """Wait for the `times`-th event of a kind with these fields and return it."""
        await self.until(lambda: len(self.told(kind, **fields)) >= times)
        return self.told(kind, **fields)[times - 1]

    @property
    def ready(self) -> bool:
        return self.connector.health()[0].ready

    # requests

    def common(self, product: ProductType, order_id: int) -> dict[str, Any]:
        return {
            "connector": "PM",
            "account": "main",
            "order_id": order_id,
            "client_order_id": f"fg{order_id}",
            "product_type": product,
            "symbol": SYMBOL[product],
        }

    def submit(self, product: ProductType = ProductType.FUTURE, **changes: Any) -> SubmitOrder:
        """Send an order that rests on the book, changed as told."""
        order_id = changes.pop("order_id", None) or next(self._numbers)
        fields = self.common(product, order_id) | {
            "side": Side.BUY,
            "order_type": OrderType.LIMIT,
            "time_in_force": TimeInForce.GTC,
            "quantity": QUANTITY[product],
            "price": Decimal("59000.0"),
        }
        order = SubmitOrder(**(fields | changes))
        self.connector.send(order)
        return order

    async def working(self, product: ProductType = ProductType.FUTURE, **changes: Any) -> OrderUpdate:
        """Send an order and return the venue's yes."""
        order = self.submit(product, **changes)
        return await self.tells(OrderUpdate, order_id=order.order_id)

    def cancel(self, order: OrderUpdate, **changes: Any) -> CancelAtVenue:
        """Cancel an order where it is: a conditional futures order that waits, at its service."""
        fields = self.common(order.product_type, order.order_id) | {
            "request_id": next(self._numbers),
            "venue_order_id": order.venue_order_id,
            "held": order.status is VenueStatus.SUSPENDED,
        }
        request = CancelAtVenue(**(fields | changes))
        self.connector.send(request)
        return request

    def modify(self, order: OrderUpdate, price: str) -> ModifyAtVenue:
        request = ModifyAtVenue(
            request_id=next(self._numbers),
            venue_order_id=order.venue_order_id,
            side=Side.BUY,
            quantity=QUANTITY[order.product_type],
            price=Decimal(price),
            **self.common(order.product_type, order.order_id),
        )
        self.connector.send(request)
        return request

    def query(self, order: OrderUpdate | SubmitOrder, **changes: Any) -> QueryAtVenue:
        known = order.venue_order_id if isinstance(order, OrderUpdate) else ""
        fields = self.common(order.product_type, order.order_id) | {"venue_order_id": known}
        request = QueryAtVenue(**(fields | changes))
        self.connector.send(request)
        return request

    def stop(self, product: ProductType = ProductType.FUTURE, **changes: Any) -> SubmitOrder:
        """Send a stop to buy at market that waits for 66000, changed as told."""
        fields = {"order_type": OrderType.STOP_LOSS, "stop_price": Decimal(66000), "price": None}
        return self.submit(product, **(fields | changes))

    async def waiting(self, product: ProductType = ProductType.FUTURE, **changes: Any) -> OrderUpdate:
        """Send a stop and return the venue's yes, once the stream has told of it too."""
        order = self.stop(product, **changes)
        await self.tells(OrderUpdate, client_order_id=order.client_order_id, exec=VenueExec.NEW)
        return await self.tells(OrderUpdate, order_id=order.order_id)

    def oco(self, **changes: Any) -> SubmitList:
        """Send a list of two orders to sell: at 70000, or at market once the price is 60000."""
        common = {"side": Side.SELL, "quantity": QUANTITY[ProductType.SPOT]}
        numbers = (next(self._numbers), next(self._numbers))
        limit, stop = (
            SubmitOrder(
                **self.common(ProductType.SPOT, number),
                **common,
                order_type=kind,
                time_in_force=TimeInForce.GTC,
                price=price,
                stop_price=stop_price,
            )
            for number, kind, price, stop_price in (
                (numbers[0], OrderType.LIMIT, Decimal(70000), None),
                (numbers[1], OrderType.STOP_LOSS, None, Decimal(60000)),
            )
        )
        limit, stop = replace(limit, **changes.pop("limit", {})), replace(stop, **changes.pop("stop", {}))
        request = SubmitList(
            connector="PM", account="main", list_client_id=f"list{numbers[0]}", legs=(limit, stop)
        )
        self.connector.send(request)
        return request

    def ask_open(self, *symbols: str) -> None:
        self.connector.send(OpenOrdersAtVenue(connector="PM", account="main", symbols=symbols))

    def answers(self, order_id: int) -> list[Answer]:
        """Return the answers to the requests of an order: what carries its number."""
        kinds = OrderUpdate | RequestRefused | OutcomeUnknown
        return [e for e in self.events if isinstance(e, kinds) and e.order_id == order_id]

    # the venue

    def quote(self, product: ProductType, side: str, price: str, quantity: str | Decimal) -> None:
        """Let somebody else's order into the book."""
        self.server.exchange.external_order(
            LEG[product], SYMBOL[product], side, Decimal(price), Decimal(quantity)
        )

    def trade(self, product: ProductType, price: str) -> None:
        """Let two strangers trade at `price`, so that it is the last price."""
        step = STEP[product]
        self.quote(product, "SELL", price, step)
        self.server.exchange.external_order(
            LEG[product], SYMBOL[product], "BUY", Decimal(price), step, resting=False
        )

    def asked(self, method: str, path: str) -> list[dict[str, str]]:
        """Return the parameters of every request of that kind."""
        return [dict(r.params) for r in self.server.requests if r.method == method and r.path == path]


@asynccontextmanager
async def linked(
    simulator: dict[str, Any] | None = None,
    now: Callable[[], float] | None = None,
    wait_until_ready: bool = True,
    beyond_bounds: dict[str, Any] | None = None,
    **settings: Any,
) -> AsyncIterator[Link]:
    """Run a venue and a connector on it. `settings` are the connector's, as the configuration names them;
    `now` is the time of both;
    `beyond_bounds` are fields that the configuration would not allow, to make a test short."""
    values: dict[str, Any] = {"market_enabled": False, **(simulator or {})}
    values.setdefault("accounts", (SimulatedAccount("main", KEY, SECRET, balances=BALANCES),))
    exchange = None if now is None else SimulatedExchange(lambda: int(now() * 1000))
    server = SimulatorServer(SimulatorSettings(**values), exchange)
    await server.start()
    body: dict[str, Any] = {
        **dict.fromkeys(("restUrl", "spotUrl", "futureUrl", "deliveryUrl"), server.url),
        "websocketUrl": server.websocket_url,
        "apiKeys": [{"apiKey": KEY, "apiSecret": SECRET, "account": "main"}],
        "futureInstrumentCurrencies": ["USDT"],
        "deliveryInstrumentCurrencies": ["USD"],
        "staleWebsocketTimeout": "60 s",
    }
    with TemporaryDirectory() as folder:
        valid = BinancePmSettings.model_validate({"referencePath": folder} | body | settings)
        valid = valid.model_copy(update=beyond_bounds or {})
        connector = BinancePmConnector("PM", valid, {}, Probe(), now, random.Random(1))
        link = Link(server, connector)
        try:
            await connector.start(link.hear)
            if wait_until_ready:
                await link.until(lambda: link.ready)
            yield link
        finally:
            await connector.stop()
            await server.stop()
