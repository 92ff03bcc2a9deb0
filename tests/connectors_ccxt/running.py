"""A connector to the stand-in for Binance, started, with everything that it told."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from fixgate.connectors.ccxt.connector import CcxtConnector
from fixgate.connectors.ccxt.market_loading import LoadRequest, load_lines
from fixgate.connectors.ccxt.settings import CcxtSettings
from fixgate.connectors.connector import Probe
from fixgate.model.commands import NewOrder
from fixgate.model.enums import InstrumentType, OrderType, Side
from fixgate.model.venue import OrderUpdate, SubmitOrder, VenueEvent
from tests.connectors_ccxt.fake_binance import FakeBinance

E = TypeVar("E")

_lines: dict[str, list[bytes]] = {}


async def load_here(request: LoadRequest) -> AsyncIterator[bytes]:
    """Yield what the loading process would write, read in this process and once."""
    if request.exchange not in _lines:
        _lines[request.exchange] = await load_lines(request)
    for line in _lines[request.exchange]:
        yield line + b"\n"


class Running:
    """`connector` with `events`: all that it told."""

    def __init__(self, connector: CcxtConnector, venue: FakeBinance) -> None:
        self.connector = connector
        self.venue = venue
        self.events: list[VenueEvent] = []
        self._news = asyncio.Event()
        self._numbers = iter(range(7001, 9000))

    def sink(self, event: VenueEvent) -> None:
        self.events.append(event)
        self._news.set()

    def plan(self, **changes: Any) -> SubmitOrder:
        return self.connector.plan_new(an_order(**changes), next(self._numbers))

    def send(self, **changes: Any) -> SubmitOrder:
        """Plan and send an order."""
        request = self.plan(**changes)
        self.connector.send(request)
        return request

    def told(self, kind: type[E], **fields: Any) -> list[E]:
        """Return the events of a kind that have these values."""
        return [
            each
            for each in self.events
            if isinstance(each, kind) and all(getattr(each, name) == value for name, value in fields.items())
        ]

    def about(self, order: SubmitOrder, **fields: Any) -> list[OrderUpdate]:
        """Return the updates about an order that have these values, by whichever id they carry."""
        return [
            each
            for each in self.told(OrderUpdate, **fields)
            if order.order_id == each.order_id or order.client_order_id == each.client_order_id
        ]

    async def news(self, order: SubmitOrder, **fields: Any) -> OrderUpdate:
        """Return the first update about an order that has these values, when there is one."""
        await self.until(lambda: bool(self.about(order, **fields)))
        return self.about(order, **fields)[0]

    def posts(self, order: SubmitOrder) -> list[dict[str, str]]:
        """Return the requests that placed an order."""
        return [
            params
            for method, _, params in self.venue.requests
            if method == "POST" and params.get("newClientOrderId") == order.client_order_id
        ]

    async def wait(self, kind: type[E], **fields: Any) -> E:
        """Return the first event of a kind that has these values, when there is one."""
        await self.until(lambda: bool(self.told(kind, **fields)))
        return self.told(kind, **fields)[0]

    async def until(self, true: Callable[[], bool], seconds: float = 20.0) -> None:
        """Wait until it is so, looked at after each event and ten times a second."""
        ends = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < ends, [type(each).__name__ for each in self.events[-20:]]
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), 0.1)
            except TimeoutError:
                continue

    async def accepted(self, **changes: Any) -> SubmitOrder:
        """Send an order and wait until the venue has it."""
        request = self.send(**changes)
        await self.wait(OrderUpdate, order_id=request.order_id)
        return request


def settings(url: str, folder: Path, **changes: Any) -> CcxtSettings:
    return CcxtSettings.model_validate(
        {
            "exchange": "binance",
            "accounts": [{"account": "binance-001", "apiKey": "key", "apiSecret": "secret"}],
            "simulatorUrl": url,
            "requestTimeout": "1 second",
            "marketsPath": str(folder),
        }
        | changes
    )


@asynccontextmanager
async def running(venue: FakeBinance, folder: Path, **changes: Any) -> AsyncIterator[Running]:
    """A connector whose account is ready."""
    connector = CcxtConnector("BINANCE", settings(venue.url, folder, **changes), Probe(), load=load_here)
    run = Running(connector, venue)
    await connector.start(run.sink)
    try:
        await run.until(lambda: all(row.ready for row in connector.health()))
        yield run
    finally:
        await connector.stop()


def an_order(**changes: Any) -> NewOrder:
    """Return a spot limit order to buy 0.01 BTC, or what `changes` make of it."""
    values: dict[str, Any] = {
        "source": "OMS",
        "session": "OMS",
        "cl_ord_id": "c1",
        "connector": "BINANCE",
        "account": "binance-001",
        "symbol": "BTC/USDT",
        "instrument_type": InstrumentType.FX,
        "side": Side.BUY,
        "order_type": OrderType.LIMIT,
        "quantity": Decimal("0.01"),
        "price": Decimal("90000"),
    } | changes
    if ":" in values["symbol"]:
        values["instrument_type"] = InstrumentType.FUTURE
    return NewOrder(**values)
