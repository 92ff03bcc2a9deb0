"""What is particular to OKX, through the whole connector: an OCO that is one order there, and margin modes
that the orders name."""

import asyncio
import itertools
import time
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest
import pytest_asyncio

from fixgate.connectors.ccxt.connector import CcxtConnector
from fixgate.connectors.ccxt.settings import CcxtSettings
from fixgate.connectors.connector import Probe
from fixgate.model.commands import NewOrder
from fixgate.model.enums import InstrumentType, OrderType, Side
from fixgate.model.execution import MarginMode, MarketType
from fixgate.model.venue import (
    CancelAtVenue,
    ConnectorStatus,
    OrderUpdate,
    QueryAtVenue,
    VenueExec,
    VenueStatus,
)
from fixgate.simulator.venues.dialect import VenueKey
from fixgate.simulator.venues.dialects import build
from fixgate.simulator.venues.server import VenuesServer

SPOT, SWAP = "BTC/USDT", "BTC/USDT:USDT"
NUMBERS = itertools.count(1795747317441, 10)

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Desk:
    """One connector, what it told, and the venue behind it."""

    def __init__(self, connector, venue):
        self.connector = connector
        self.venue = venue
        self.events = []
        self._news = asyncio.Event()

    def take(self, event):
        self.events.append(event)
        self._news.set()

    async def until(self, wanted, seconds=20):
        async with asyncio.timeout(seconds):
            while True:
                self._news.clear()
                if found := next((event for event in self.events if wanted(event)), None):
                    return found
                await self._news.wait()

    async def update(self, number, status):
        """Wait until an order has a status, by its client order id or the gateway's number."""
        return await self.until(
            lambda event: (
                isinstance(event, OrderUpdate)
                and (event.order_id == number or event.client_order_id == f"fg{number}")
                and event.status is status
            )
        )

    def last(self, symbol=SPOT):
        return self.venue.last(self.venue.of_unified(symbol))

    def sell_through(self, price):
        of = self.venue.of_unified(SPOT)
        key = (of.leg, of.instrument.symbol)
        most = of.instrument.max_quantity
        self.venue.exchange.external_order(*key, "BUY", price, most / 2)
        self.venue.exchange.external_order(*key, "SELL", price, most / 10, resting=False)


def an_order(**changes):
    values = {
        "source": "api",
        "session": "API",
        "cl_ord_id": "one",
        "connector": "OKX",
        "account": "okx-001",
        "symbol": SPOT,
        "instrument_type": InstrumentType.FX,
        "side": Side.SELL,
        "order_type": OrderType.LIMIT,
        "quantity": Decimal("0.01"),
    }
    return NewOrder(**values | changes)


@asynccontextmanager
async def server_of_okx():
    key = VenueKey(
        account="okx-001",
        api_key="key",
        api_secret="secret",
        password="pass",
        balances={"USDT": Decimal(1_000_000), "BTC": Decimal(10)},
    )
    (dialect,) = build("okx", [key], lambda: time.time_ns() // 1_000_000)
    server = VenuesServer([dialect])
    await server.start()
    try:
        yield server, dialect.venue
    finally:
        await server.stop()


@asynccontextmanager
async def connected(server, venue, folder):
    account = {"account": "okx-001", "apiKey": "key", "apiSecret": "secret", "password": "pass"}
    settings = CcxtSettings.model_validate(
        {
            "exchange": "okx",
            "accounts": [account],
            "simulatorUrl": server.url,
            "marketsPath": str(folder),
        }
    )
    connector = CcxtConnector("OKX", settings, Probe())
    desk = Desk(connector, venue)
    await connector.start(desk.take)
    try:
        await desk.until(lambda event: isinstance(event, ConnectorStatus) and event.up, seconds=60)
        yield desk
    finally:
        await connector.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("markets")
    async with server_of_okx() as (server, venue), connected(server, venue, folder) as desk:
        yield desk


@pytest.fixture
def number():
    """The gateway's number of a test's first order."""
    return next(NUMBERS)


async def place_oco(desk, number, stop):
    orders = (
        an_order(price=desk.last() + 2000),
        an_order(cl_ord_id="two", order_type=OrderType.STOP_LOSS, stop_price=stop),
    )
    request = desk.connector.plan_list(orders, (number, number + 1))
    desk.connector.send(request)
    told = [await desk.update(leg.order_id, VenueStatus.SUSPENDED) for leg in request.legs]
    return request, told


async def test_both_orders_of_an_oco_wait_and_the_triggered_one_ends_the_other(desk, number):
    stop = desk.last() - 500
    _, (limit, guard) = await place_oco(desk, number, stop)
    assert limit.venue_order_id.endswith("-limit")
    assert guard.venue_order_id.endswith("-stop")
    desk.sell_through(stop - 1)
    filled = await desk.update(number + 1, VenueStatus.FILLED)
    assert filled.parent_order_id == guard.venue_order_id
    trade = await desk.until(
        lambda event: (
            isinstance(event, OrderUpdate)
            and event.exec is VenueExec.TRADE
            and event.client_order_id == f"fg{number + 1}"
        )
    )
    assert trade.venue_order_id == filled.venue_order_id
    await desk.update(number, VenueStatus.CANCELED)


async def test_an_oco_whose_answer_was_lost_is_found_by_either_client_order_id(desk, number):
    request, told = await place_oco(desk, number, desk.last() - 500)
    desk.events.clear()
    for leg, known in zip(request.legs, told, strict=True):
        desk.connector.send(
            QueryAtVenue(
                connector="OKX",
                account="okx-001",
                order_id=leg.order_id,
                client_order_id=leg.client_order_id,
                product_type=leg.product_type,
                symbol=leg.symbol,
                side=leg.side,
                since_ns=time.time_ns(),
                born_ns=time.time_ns(),
                held=leg.apart,
            )
        )
        found = await desk.update(leg.order_id, VenueStatus.SUSPENDED)
        assert found.venue_order_id == known.venue_order_id


async def test_a_spot_stop_is_canceled_in_the_service_that_holds_it(desk, number):
    order = an_order(order_type=OrderType.STOP_LOSS, stop_price=desk.last() - 500)
    request = desk.connector.plan_new(order, number)
    assert request.apart
    desk.connector.send(request)
    told = await desk.update(number, VenueStatus.SUSPENDED)
    desk.connector.send(
        CancelAtVenue(
            connector="OKX",
            account="okx-001",
            order_id=number,
            request_id=number + 5,
            client_order_id=request.client_order_id,
            venue_order_id=told.venue_order_id,
            held=True,
            product_type=request.product_type,
            symbol=request.symbol,
        )
    )
    await desk.update(number, VenueStatus.CANCELED)


async def test_orders_name_the_margin_mode_that_was_set_after_a_restart_too(tmp_path, number):
    async with server_of_okx() as (server, venue):
        async with connected(server, venue, tmp_path) as desk:
            await desk.connector.set_margin_mode("okx-001", SWAP, MarginMode.ISOLATED, MarketType.SWAP)
        async with connected(server, venue, tmp_path) as desk:
            order = an_order(
                symbol=SWAP,
                instrument_type=InstrumentType.FUTURE,
                side=Side.BUY,
                order_type=OrderType.MARKET,
            )
            desk.connector.send(desk.connector.plan_new(order, number))
            await desk.update(number, VenueStatus.FILLED)
            (position,) = await desk.connector.positions("okx-001", None, MarketType.SWAP)
            assert position.margin_mode is MarginMode.ISOLATED
            state = await desk.connector.leverage("okx-001", SWAP, MarketType.SWAP)
            assert state.margin_mode is MarginMode.ISOLATED


async def test_a_file_of_margin_modes_that_cannot_be_read_ends_the_start(tmp_path):
    (tmp_path / "OKX-margin-modes.json").write_text("{")
    async with server_of_okx() as (server, venue):
        with pytest.raises(ValueError, match="truncated"):
            async with connected(server, venue, tmp_path):
                pass
