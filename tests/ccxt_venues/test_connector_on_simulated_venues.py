"""The connector itself on the simulated Bybit and Gate.io: what their stop orders become for the engine."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fixgate.connectors.ccxt import desk as desk_module
from fixgate.connectors.ccxt.connector import CcxtConnector
from fixgate.connectors.ccxt.market_loading import LoadRequest, load_lines
from fixgate.connectors.ccxt.settings import CcxtSettings
from fixgate.connectors.connector import Probe
from fixgate.model.commands import NewOrder
from fixgate.model.enums import InstrumentType, OrderType, Side
from fixgate.model.execution import ErrorCode, ExecutionError, MarginMode, MarketType, OrderState
from fixgate.model.venue import OrderUpdate, RequestRefused, SubmitOrder, VenueExec, VenueStatus
from fixgate.simulator.faults import RequestFault
from fixgate.simulator.venues.dialect import VenueKey
from fixgate.simulator.venues.dialects import build
from fixgate.simulator.venues.server import VenuesServer
from fixgate.simulator.venues.venue import Venue

SPOT, SWAP = "BTC/USDT", "BTC/USDT:USDT"
BALANCES = {"USDT": Decimal(1_000_000), "BTC": Decimal(10)}


class Desk:
    """A connector to one simulated venue, with everything that it told."""

    def __init__(self, connector: CcxtConnector, server: VenuesServer, venue: Venue, account: str) -> None:
        self.connector = connector
        self.server = server
        self.venue = venue
        self.account = account
        self.events: list[Any] = []
        self._news = asyncio.Event()
        self._numbers = iter(range(7001, 8000))

    def sink(self, event: Any) -> None:
        self.events.append(event)
        self._news.set()

    def send(self, symbol: str, **changes: Any) -> SubmitOrder:
        values: dict[str, Any] = {
            "source": "OMS",
            "session": "OMS",
            "cl_ord_id": "c1",
            "connector": self.connector.key,
            "account": self.account,
            "symbol": symbol,
            "instrument_type": InstrumentType.FUTURE if ":" in symbol else InstrumentType.FX,
            "side": Side.BUY,
            "order_type": OrderType.MARKET,
            "quantity": Decimal("0.01"),
        }
        request = self.connector.plan_new(NewOrder(**values | changes), next(self._numbers))
        self.connector.send(request)
        return request

    async def told(self, wanted: Callable[[Any], Any], seconds: float = 10.0) -> Any:
        """Return the first event that is wanted; wait for it."""
        async with asyncio.timeout(seconds):
            while True:
                self._news.clear()
                if found := next((each for each in self.events if wanted(each)), None):
                    return found
                await self._news.wait()

    async def update(self, request: SubmitOrder, **fields: Any) -> OrderUpdate:
        """Return the first update about an order that has these values; wait for it."""

        def wanted(event: Any) -> bool:
            return (
                isinstance(event, OrderUpdate)
                and (event.order_id == request.order_id or event.client_order_id == request.client_order_id)
                and all(getattr(event, name) == value for name, value in fields.items())
            )

        return await self.told(wanted)

    def trade_through(self, symbol: str, price: Decimal) -> None:
        """Let somebody sell down to `price`, where there are bids in plenty."""
        of = self.venue.of_unified(symbol)
        key, most = (of.leg, of.instrument.symbol), of.instrument.max_quantity
        self.venue.exchange.external_order(*key, "BUY", price, most / 2)
        self.venue.exchange.external_order(*key, "SELL", price, most / 10, resting=False)

    def last(self, symbol: str) -> Decimal:
        return self.venue.last(self.venue.of_unified(symbol))


async def _load_here(request: LoadRequest) -> AsyncIterator[bytes]:
    for line in await load_lines(request):
        yield line + b"\n"


@asynccontextmanager
async def desk_at(exchange: str, folder: Path) -> AsyncIterator[Desk]:
    account = f"{exchange}-001"
    key = VenueKey(account=account, api_key="key", api_secret="secret", balances=BALANCES)
    dialects = build(exchange, [key], lambda: time.time_ns() // 1_000_000)
    server = VenuesServer(dialects)
    await server.start()
    settings = CcxtSettings.model_validate(
        {
            "exchange": exchange,
            "accounts": [{"account": account, "apiKey": "key", "apiSecret": "secret"}],
            "simulatorUrl": server.url,
            "marketsPath": str(folder),
        }
    )
    connector = CcxtConnector(exchange.upper(), settings, Probe(), load=_load_here)
    desk = Desk(connector, server, dialects[0].venue, account)
    await connector.start(desk.sink)
    try:
        await desk.told(lambda event: all(row.ready for row in connector.health()))
        yield desk
    finally:
        await connector.stop()
        await server.stop()


@pytest.fixture
async def bybit(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_at("bybit", tmp_path) as desk:
        yield desk


@pytest.fixture
async def gateio(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_at("gateio", tmp_path) as desk:
        yield desk


async def test_bybit_refuses_a_trailing_stop_without_its_position_in_plain_words(bybit: Desk) -> None:
    request = bybit.send(
        SWAP, order_type=OrderType.TRAILING_STOP, side=Side.SELL, trailing_delta=Decimal(100)
    )
    refused = await bybit.told(lambda event: isinstance(event, RequestRefused))
    assert refused.order_id == request.order_id
    assert refused.text.startswith("a trailing stop of BTC/USDT:USDT closes all of a position")
    assert refused.error is ErrorCode.INVALID_REQUEST


async def test_bybit_follows_a_trailing_stop_by_the_id_that_the_venue_gave_it(bybit: Desk) -> None:
    bought = bybit.send(SWAP)
    await bybit.update(bought, status=VenueStatus.FILLED)
    stop = bybit.send(SWAP, order_type=OrderType.TRAILING_STOP, side=Side.SELL, trailing_delta=Decimal(100))
    placed = await bybit.update(stop, status=VenueStatus.SUSPENDED)
    listed = await bybit.connector.open_orders(bybit.account, SWAP, MarketType.SWAP)
    assert [(each.order_id, each.order_type) for each in listed] == [
        (placed.venue_order_id, OrderType.TRAILING_STOP)
    ]
    bybit.trade_through(SWAP, (bybit.last(SWAP) * Decimal("0.985")).quantize(Decimal(1)))
    done = await bybit.update(stop, status=VenueStatus.FILLED)
    assert (done.venue_order_id, done.cum_quantity) == (placed.venue_order_id, Decimal("0.01"))


async def test_bybit_tells_stops_and_take_profits_apart(bybit: Desk) -> None:
    for kind, away in ((OrderType.STOP_LOSS, -500), (OrderType.TAKE_PROFIT, 500)):
        request = bybit.send(
            SWAP, order_type=kind, side=Side.SELL, stop_price=bybit.last(SWAP) + Decimal(away)
        )
        await bybit.update(request, status=VenueStatus.SUSPENDED)
    listed = await bybit.connector.open_orders(bybit.account, SWAP, MarketType.SWAP)
    assert {each.order_type for each in listed} == {OrderType.STOP_LOSS, OrderType.TAKE_PROFIT}


@pytest.mark.parametrize("symbol", [SPOT, SWAP])
async def test_gateios_triggered_stop_goes_on_as_the_order_that_it_made(symbol: str, gateio: Desk) -> None:
    stop = gateio.last(symbol) - 500
    request = gateio.send(symbol, order_type=OrderType.STOP_LOSS, side=Side.SELL, stop_price=stop)
    waiting = await gateio.update(request, status=VenueStatus.SUSPENDED)
    assert request.apart
    gateio.trade_through(symbol, stop - 1)
    made = await gateio.update(request, parent_order_id=waiting.venue_order_id)
    assert made.venue_order_id != waiting.venue_order_id
    trade = await gateio.update(request, exec=VenueExec.TRADE)
    assert trade.venue_order_id == made.venue_order_id
    done = await gateio.update(request, status=VenueStatus.FILLED)
    assert (done.venue_order_id, done.cum_quantity) == (made.venue_order_id, Decimal("0.01"))
    told = await gateio.connector.order(
        gateio.account, made.venue_order_id, symbol, MarketType.SWAP if ":" in symbol else MarketType.SPOT
    )
    assert (told.status, told.filled) == (OrderState.CLOSED, Decimal("0.01"))


async def test_gateio_buys_an_exact_quantity_at_the_market(gateio: Desk) -> None:
    request = gateio.send(SPOT, quantity=Decimal("0.012345"))
    done = await gateio.update(request, status=VenueStatus.FILLED)
    assert done.cum_quantity == Decimal("0.012345")


async def test_an_order_whose_price_comes_late_is_not_sent(
    gateio: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its client has waited, the market has moved, and its time to be found out is running."""
    monkeypatch.setattr(desk_module, "PRICE_SECONDS", 0.2)
    gateio.server.faults.requests.append(
        RequestFault("GET", "/api.gateio.ws/api/v4/spot/tickers", hold_ms=500)
    )
    request = gateio.send(SPOT)
    refused = await gateio.told(lambda event: isinstance(event, RequestRefused))
    assert refused.order_id == request.order_id and "did not come within 0.2 s" in refused.text
    assert not [each for each in gateio.server.requests if each[0] == "POST"]


async def test_gateios_leverage_and_margin_mode_are_set_one_after_the_other(gateio: Desk) -> None:
    name, of = gateio.account, MarketType.SWAP
    await gateio.connector.set_leverage(name, SWAP, Decimal(7), of)
    await gateio.connector.set_margin_mode(name, SWAP, MarginMode.ISOLATED, of)
    state = await gateio.connector.leverage(name, SWAP, of)
    assert (state.leverage, state.margin_mode) == (Decimal(7), MarginMode.ISOLATED)
    with pytest.raises(ExecutionError, match="leverage 0") as caught:
        await gateio.connector.set_leverage(name, SWAP, Decimal(0), of)
    assert caught.value.code is ErrorCode.INVALID_REQUEST
