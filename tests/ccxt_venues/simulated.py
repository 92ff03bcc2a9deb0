"""A real ccxt.pro object against a simulated venue, for the tests of a dialect.

    async with simulated("bybit", TRANSLATOR, MarketType.SWAP, KEY) as desk:
        placed = await desk.submit("BTC/USDT:USDT", order_type=OrderType.MARKET)
        await desk.heard("orders", lambda row: row["status"] == "closed")

Every order and trade that ccxt hears of is kept, in order; waiting is for what is heard, never for time.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from fixgate.connectors.ccxt.exchange import new_exchange
from fixgate.connectors.ccxt.hooks import hear
from fixgate.connectors.ccxt.redirect import RedirectingSession
from fixgate.connectors.ccxt.subscriptions import USER_ID, subscriptions
from fixgate.connectors.ccxt.translator import Credentials, Market, Translator
from fixgate.model.execution import MarketType
from fixgate.simulator.venues.dialect import VenueKey
from fixgate.simulator.venues.dialects import build
from fixgate.simulator.venues.server import VenuesServer
from fixgate.simulator.venues.venue import Venue
from tests.ccxt_venues.stand_in import a_cancel, a_query, an_order, call, market_of

Row = dict[str, Any]


class Desk:
    """One account of one simulated venue, seen through ccxt."""

    def __init__(self, translator: Translator, exchange: Any, venue: Venue, server: VenuesServer) -> None:
        self.translator = translator
        self.exchange = exchange
        self.venue = venue
        self.server = server
        self.orders: list[Row] = []
        self.trades: list[Row] = []
        self._news = asyncio.Event()
        self.number = 7000

    def take_order(self, row: Any) -> None:
        self.orders.append(dict(row))
        self._news.set()

    def take_trade(self, row: Any) -> None:
        self.trades.append(dict(row))
        self._news.set()

    def market(self, symbol: str) -> Market:
        return market_of(self.exchange, symbol)

    async def call(self, request: Any) -> Any:
        return await call(self.exchange, request)

    async def calls(self, requests: Any) -> list[Any]:
        """Make calls that list something, and return all that they list."""
        return [row for request in requests for row in await self.call(request)]

    async def submit(self, symbol: str, **changes: Any) -> tuple[Row, Any]:
        """Place an order as the connector would; return ccxt's answer and the order."""
        self.number += 1
        client_id = self.translator.client_order_id(self.number)
        order = an_order(self.market(symbol), client_order_id=client_id, **changes)
        market = self.market(symbol)
        last = self.last(symbol) if self.translator.needs_last(order) else None
        return await self.call(self.translator.submit(order, market, last)), order

    async def cancel(self, placed: Row, order: Any, *, held: bool = False) -> Any:
        market = self.market(order.symbol)
        request = a_cancel(
            market, venue_order_id=placed["id"], client_order_id=order.client_order_id, held=held
        )
        return await self.call(self.translator.cancel(request, market))

    async def query(self, order: Any, **changes: Any) -> Row:
        """Ask what became of an order, until one of the translator's calls finds it."""
        market = self.market(order.symbol)
        values = {
            "client_order_id": order.client_order_id,
            "side": order.side,
            "quantity": order.quantity,
            "price": order.price,
            "born_ns": 0,
        }
        for request in self.translator.query(a_query(market, **values | changes), market):
            try:
                answer = await self.call(request)
            except Exception as error:
                meaning = self.translator.meaning_of(error)
                if meaning is None or meaning.verdict.name != "NOT_FOUND":
                    raise
                continue
            rows = answer if isinstance(answer, list) else [answer]
            if rows:
                return rows[0]
        raise AssertionError(f"{order.client_order_id} is not found")

    async def trades_of(self, placed: Row, order: Any) -> list[Row]:
        market = self.market(order.symbol)
        asked = a_query(market, venue_order_id=placed["id"], client_order_id=order.client_order_id)
        return await self.call(self.translator.trades(asked, market))

    def last(self, symbol: str) -> Decimal:
        return self.venue.last(self.venue.of_unified(symbol))

    def trade_through(self, symbol: str, side: str, price: Decimal) -> None:
        """Let somebody buy or sell all that is offered up to `price`, where there is plenty more."""
        of = self.venue.of_unified(symbol)
        key = (of.leg, of.instrument.symbol)
        counter = "BUY" if side == "SELL" else "SELL"
        self.venue.exchange.external_order(*key, counter, price, of.instrument.max_quantity / 2)
        self.venue.exchange.external_order(*key, side, price, of.instrument.max_quantity / 10, resting=False)

    async def traded(self, order_id: str, amount: Decimal) -> list[Row]:
        """Return an order's trades that were heard; wait until they add up to `amount`."""

        def own() -> list[Row]:
            return [row for row in self.trades if row["order"] == order_id]

        await self.heard("trades", lambda row: sum(Decimal(each["amount"]) for each in own()) == amount)
        return own()

    async def heard(self, kind: str, wanted: Callable[[Row], Any], seconds: float = 5.0) -> Row:
        """Return the first order or trade that was heard and is wanted; wait for it."""
        rows: list[Row] = getattr(self, kind)
        async with asyncio.timeout(seconds):
            while True:
                self._news.clear()
                if found := next((row for row in rows if wanted(row)), None):
                    return found
                await self._news.wait()


@asynccontextmanager
async def simulated(
    name: str, translator: Translator, market_type: MarketType, key: VenueKey
) -> AsyncIterator[Desk]:
    """Start the simulated venue, load its markets through ccxt, and listen to the account's streams."""
    dialects = build(name, [key], lambda: time.time_ns() // 1_000_000)
    server = VenuesServer(dialects)
    await server.start()
    credentials = Credentials(
        api_key=key.api_key,
        api_secret=key.api_secret,
        password=key.password,
        wallet_address=key.wallet_address,
        private_key=key.api_secret,
    )
    session = RedirectingSession(server.url)
    exchange = new_exchange(translator, market_type, credentials, session=session)
    exchange.ssl_context = False  # nothing here is encrypted, and making one takes long
    venue = server.venues.get(translator.ccxt_class(market_type), dialects[0].venue)
    desk = Desk(translator, exchange, venue, server)
    tasks: list[asyncio.Task[None]] = []
    try:
        await exchange.load_markets()
        hear(exchange, desk.take_order, desk.take_trade)
        ccxt_class = translator.ccxt_class(market_type)
        if market_type.is_perp and ccxt_class in USER_ID:
            request, field = USER_ID[ccxt_class]
            exchange.uid = str((await call(exchange, request))[field])
        watched = subscriptions(ccxt_class, (market_type,))
        tasks = [asyncio.create_task(_watch(exchange, each)) for each in watched]
        async with asyncio.timeout(10):
            while len(_subscribed(server)) < len(watched):
                failed = next((task for task in tasks if task.done()), None)
                if failed is not None:
                    failed.result()
                await asyncio.sleep(0.01)
        yield desk
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await exchange.close()
        await session.close()
        await server.stop()


async def _watch(exchange: Any, request: Any) -> None:
    while True:
        await call(exchange, request)


def _subscribed(server: VenuesServer) -> list[str]:
    """Return every topic that a socket of the server's subscribed to."""
    sockets = [each for group in server._sockets.values() for each in group]
    return [f"{each.path} {topic}" for each in sockets for topic in each.state.get("topics", ())]
