"""The same connector over all six venues, each in its own dialect: the simulated ones."""

import time
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from fixgate.connectors.ccxt.connector import CcxtConnector
from fixgate.connectors.ccxt.planning import resolved
from fixgate.connectors.ccxt.settings import CcxtSettings
from fixgate.connectors.ccxt.translators import translator_of
from fixgate.connectors.connector import Probe
from fixgate.model.capabilities import EXCHANGES
from fixgate.model.commands import OrderAttributes
from fixgate.model.enums import OrderType, Side
from fixgate.model.execution import MarketType
from fixgate.model.venue import (
    CancelAtVenue,
    OpenOrders,
    OpenOrdersAtVenue,
    OrderUpdate,
    OutcomeUnknown,
    QueryAtVenue,
    RequestRefused,
    SubmitOrder,
    VenueExec,
    VenueStatus,
)
from fixgate.simulator.venues.dialect import VenueKey
from fixgate.simulator.venues.dialects import build
from fixgate.simulator.venues.server import VenuesServer
from tests.connectors_ccxt.fake_binance import FakeBinance
from tests.connectors_ccxt.rows import SWAP
from tests.connectors_ccxt.running import Running, an_order, load_here

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET = "U0lNLVNFQ1JFVA=="
WALLET = "0x00000000000000000000000000000000f1c6a7e0"
CREDENTIALS: dict[str, dict[str, str]] = {
    "kraken": {"apiKey": "K", "apiSecret": SECRET, "futuresApiKey": "K", "futuresApiSecret": SECRET},
    "okx": {"apiKey": "K", "apiSecret": SECRET, "password": "P"},
    "hyperliquid": {"walletAddress": WALLET, "privateKey": "0x" + WALLET[2:].zfill(64)},
}
SYMBOLS = {
    "binance": ("BTC/USDT", "BTC/USDT:USDT", "BTC/USD:BTC"),
    "bybit": ("BTC/USDT", "BTC/USDT:USDT", "BTC/USD:BTC"),
    "gateio": ("BTC/USDT", "BTC/USDT:USDT"),
    "kraken": ("BTC/USDT", "BTC/USD:USD", "BTC/USD:BTC"),
    "hyperliquid": ("BTC/USDC:USDC",),
    "okx": ("BTC/USDT", "BTC/USDT:USDT", "BTC/USD:BTC"),
}
PRICE = Decimal(98000)


class Venue(Running):
    """A connector to one simulated venue."""

    def __init__(self, connector: CcxtConnector, server: VenuesServer) -> None:
        super().__init__(connector, FakeBinance.__new__(FakeBinance))
        self.server = server

    def fall(self, symbol: str, price: Decimal) -> None:
        """Have others trade a market down to a price, which triggers what waits for it, and quote it anew."""
        for venue in self.server.venues.values():
            for market in venue.markets:
                if market.unified == symbol:
                    leg, name, exchange = market.leg, market.instrument.symbol, venue.exchange
                    bid = exchange.external_order(leg, name, "BUY", price, Decimal(10**9))
                    exchange.external_order(leg, name, "SELL", price, Decimal(10**8), resting=False)
                    exchange.set_reference_price(leg, name, price)
                    exchange.finish()
                    exchange.withdraw(bid)
                    self.server.markets[venue.name].quote(leg, name)

    def size(self, symbol: str) -> Decimal:
        return Decimal(10) if symbol == "BTC/USD:BTC" else Decimal("0.01")

    def order(self, symbol: str, **changes: Any) -> SubmitOrder:
        values = {"connector": "VENUE", "account": "venue-001", "symbol": symbol, "price": PRICE - 18000}
        return self.send(**(values | {"quantity": self.size(symbol)} | changes))

    def cancel(self, order: SubmitOrder, *, held: bool = False) -> None:
        self.connector.send(
            CancelAtVenue(
                connector="VENUE",
                account="venue-001",
                order_id=order.order_id,
                request_id=order.order_id + 5000,
                client_order_id=order.client_order_id,
                venue_order_id=self.about(order)[0].venue_order_id,
                held=held,
                product_type=order.product_type,
                symbol=order.symbol,
            )
        )

    def filled(self, order: SubmitOrder) -> Decimal:
        """Return what is filled of an order by the trades that the engine finds it by: by the client order
        id, by the venue's, or as the child of the conditional order."""
        ids = {each.venue_order_id for each in self.about(order)}
        ids |= {each.venue_order_id for each in self.told(OrderUpdate) if each.parent_order_id in ids}
        trades = {
            each.trade_id: each.last_quantity or Decimal(0)
            for each in self.told(OrderUpdate, exec=VenueExec.TRADE, symbol=order.symbol)
            if each.venue_order_id in ids
        }
        return sum(trades.values(), Decimal(0))

    def failures(self) -> list[object]:
        return [*self.told(RequestRefused), *self.told(OutcomeUnknown)]


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=list(EXCHANGES))
async def venue(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Venue]:
    exchange: str = request.param
    given = CREDENTIALS.get(exchange, {"apiKey": "K", "apiSecret": SECRET})
    key = VenueKey(
        account="venue-001",
        api_key=given.get("apiKey", ""),
        api_secret=given.get("apiSecret", ""),
        password=given.get("password", ""),
        wallet_address=given.get("walletAddress", ""),
        balances=dict.fromkeys(("USDT", "USDC", "USD", "BTC"), Decimal(1_000_000)),
    )
    server = VenuesServer(build(exchange, [key], lambda: int(time.time() * 1000)))
    await server.start()
    folder: Path = tmp_path_factory.mktemp(exchange)
    settings = CcxtSettings.model_validate(
        {
            "exchange": exchange,
            "accounts": [{"account": "venue-001", **given}],
            "simulatorUrl": server.url,
            "marketsPath": str(folder),
        }
    )
    run = Venue(CcxtConnector("VENUE", settings, Probe(), load=load_here), server)
    await run.connector.start(run.sink)
    try:
        await run.until(lambda: all(row.ready for row in run.connector.health()))
        yield run
    finally:
        await run.connector.stop()
        await server.stop()


async def test_an_order_rests_is_listed_and_canceled(venue: Venue) -> None:
    for symbol in SYMBOLS[venue.connector.exchange]:
        order = venue.order(symbol)
        first = await venue.news(order)
        assert first.status is VenueStatus.NEW and first.venue_order_id
        before = len(venue.told(OpenOrders, product_type=order.product_type))
        venue.connector.send(OpenOrdersAtVenue(connector="VENUE", account="venue-001"))
        await venue.until(
            lambda order=order, before=before: (
                len(venue.told(OpenOrders, product_type=order.product_type)) > before
            )
        )
        listed = venue.told(OpenOrders, product_type=order.product_type)[-1].orders
        row = next(each for each in listed if each.client_order_id == order.client_order_id)
        assert (row.quantity, row.price, row.cum_quantity) == (venue.size(symbol), PRICE - 18000, 0)
        venue.cancel(order)
        end = await venue.news(order, status=VenueStatus.CANCELED)
        assert end.cum_quantity == 0
    assert not venue.failures()


async def test_a_trade_is_told_by_stream_and_by_question_as_the_same_one(venue: Venue) -> None:
    for symbol in SYMBOLS[venue.connector.exchange]:
        order = venue.order(symbol, order_type=OrderType.MARKET, price=None)
        end = await venue.news(order, status=VenueStatus.FILLED)
        assert end.cum_quantity == venue.size(symbol)
        heard = venue.about(order, exec=VenueExec.TRADE)
        assert sum(each.last_quantity or 0 for each in heard) == venue.size(symbol)
        assert all(each.commission and each.commission > 0 and each.commission_currency for each in heard)
        seen = len(venue.about(order, order_id=order.order_id, status=VenueStatus.FILLED))
        venue.connector.send(
            QueryAtVenue(
                connector="VENUE",
                account="venue-001",
                order_id=order.order_id,
                client_order_id=order.client_order_id,
                product_type=order.product_type,
                symbol=symbol,
                side=order.side,
                born_ns=time.time_ns() - 5_000_000_000,
            )
        )
        await venue.until(
            lambda order=order, seen=seen: (
                len(venue.about(order, order_id=order.order_id, status=VenueStatus.FILLED)) > seen
            )
        )
        asked = venue.about(order, exec=VenueExec.TRADE, order_id=order.order_id)
        assert {(each.trade_id, each.last_quantity, each.last_price) for each in asked} == {
            (each.trade_id, each.last_quantity, each.last_price) for each in heard
        }
        # Kraken's futures list fills without their fees.
        assert all(each.commission is None or each.commission > 0 for each in asked)
    assert not venue.failures()


async def test_a_stop_waits_and_is_canceled_where_it_waits(venue: Venue) -> None:
    for symbol in SYMBOLS[venue.connector.exchange]:
        order = venue.order(
            symbol,
            order_type=OrderType.STOP_LOSS,
            side=Side.SELL,
            price=None,
            stop_price=PRICE - 8000,
        )
        first = await venue.news(order)
        assert first.status is VenueStatus.SUSPENDED
        venue.cancel(order, held=True)
        await venue.news(order, status=VenueStatus.CANCELED)
    assert not venue.failures()


async def test_a_stop_that_is_triggered_is_followed_to_its_trades(venue: Venue) -> None:
    for symbol in SYMBOLS[venue.connector.exchange]:
        stop = {"side": Side.SELL, "price": None, "stop_price": PRICE - 3000}
        order = venue.order(symbol, order_type=OrderType.STOP_LOSS, **stop)
        await venue.news(order)
        venue.fall(symbol, PRICE - 4000)
        await venue.until(lambda order=order, symbol=symbol: venue.filled(order) == venue.size(symbol))
    assert not venue.failures()


async def test_the_account_is_told(venue: Venue) -> None:
    exchange = venue.connector.exchange
    if EXCHANGES[exchange].spot is not None:
        assert await venue.connector.balances("venue-001", MarketType.SPOT)
    assert await venue.connector.balances("venue-001", MarketType.SWAP)
    if "positions" in EXCHANGES[exchange].perp_access:
        symbol = SYMBOLS[exchange][-1] if exchange == "hyperliquid" else SYMBOLS[exchange][1]
        order = venue.order(symbol, order_type=OrderType.MARKET, price=None)
        await venue.news(order, status=VenueStatus.FILLED)
        found = await venue.connector.positions("venue-001", symbol, MarketType.SWAP)
        assert found[0].side == "long" and found[0].mark_price and found[0].notional
        assert found[0].leverage and found[0].unrealized_pnl is not None


async def test_every_price_is_at_hand_where_prices_are_kept(venue: Venue) -> None:
    exchange = venue.connector.exchange
    symbols = [symbol.replace("BTC/", f"{coin}/") for symbol in SYMBOLS[exchange] for coin in ("BTC", "SOL")]
    listed = [s for s in symbols if s.endswith(":BTC") is False and venue.connector._find(s) is not None]
    venue.connector._prices._prices.clear()
    assert listed and not any(venue.connector.last_price("venue-001", symbol) for symbol in listed)
    before = len(venue.server.requests)
    for _ in range(2):
        venue.connector.keep_prices("venue-001")
    venue.connector.keep_prices("another")
    await venue.until(lambda: all(venue.connector.last_price("venue-001", symbol) for symbol in listed))
    asked = [path for _, path in list(venue.server.requests)[before:] if "ticker" in path.lower()]
    assert len(asked) <= 3, "one question a list"
    for symbol in listed:
        last = venue.connector.last_price("venue-001", symbol)
        real = await venue.connector.fresh_price("venue-001", symbol)
        assert last is not None and abs(last - real) < real / 1000


async def test_a_positions_size_is_in_base_asset(venue: Venue) -> None:
    exchange = venue.connector.exchange
    for symbol in SYMBOLS[exchange] if "leverage" in EXCHANGES[exchange].perp_access else ():
        if ":" not in symbol:
            continue
        order = venue.order(symbol, order_type=OrderType.MARKET, price=None)
        await venue.news(order, status=VenueStatus.FILLED)
        (position,) = await venue.connector.positions("venue-001", symbol, MarketType.SWAP)
        state = await venue.connector.leverage("venue-001", symbol, MarketType.SWAP)
        size, price = position.contracts * position.contract_size, position.mark_price
        assert price is not None
        expected = size / price if symbol == "BTC/USD:BTC" else size
        assert abs(state.position_size - expected) < expected / 100
        assert "E" not in str(state.position_size)


async def test_dropped_streams_come_back(venue: Venue) -> None:
    for name in venue.server.venues:
        await venue.server.drop_sockets(name)
    await venue.until(lambda: not venue.connector.health()[0].ready)
    await venue.until(lambda: venue.connector.health()[0].ready)


@pytest.mark.parametrize("exchange", list(EXCHANGES))
async def test_post_only_is_never_lost_and_carries_no_time_in_force(exchange: str) -> None:
    """Hazard two: with a time in force besides, ccxt sends an order that takes."""
    market = SWAP
    order = resolved(
        an_order(symbol=market.symbol, attributes=OrderAttributes(post_only=True), quantity=Decimal("0.01")),
        market,
        connector="VENUE",
        account="venue-001",
        order_id=7001,
        client_order_id=translator_of(exchange).client_order_id(7001),
    )
    params = translator_of(exchange).submit(order, market, None).args[-1]
    assert params["postOnly"] is True and "timeInForce" not in params
