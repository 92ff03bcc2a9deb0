"""One account of an exchange: its links, its orders, what is heard of them, and how it is doing.

Ready means that orders can be sent and will be heard of: the markets are known and every stream is up. New
orders wait for that; cancels are always tried.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Coroutine, Mapping
from decimal import Decimal
from typing import Any

from fixgate.connectors.ccxt.all_prices import PRICE_LISTS, prices_in
from fixgate.connectors.ccxt.desk import OrderDesk
from fixgate.connectors.ccxt.known import KnownOrders
from fixgate.connectors.ccxt.link import Link
from fixgate.connectors.ccxt.markets import MarketSet
from fixgate.connectors.ccxt.outcomes import Failure
from fixgate.connectors.ccxt.pacing import DEFAULT_RATE, RATES, Pacing
from fixgate.connectors.ccxt.prices import Prices
from fixgate.connectors.ccxt.reading import UNREADABLE, Reader
from fixgate.connectors.ccxt.reconcile import Reconciler
from fixgate.connectors.ccxt.settings import CcxtAccountSettings, CcxtSettings
from fixgate.connectors.ccxt.sync import OrderSync, QuestionFailed
from fixgate.connectors.ccxt.translator import Call, Market, Translator
from fixgate.connectors.ccxt.updates import Updates
from fixgate.connectors.ccxt.wallet import Wallet
from fixgate.connectors.connector import AccountHealth, Probe, Sink
from fixgate.connectors.unheard import Unheard
from fixgate.model.account import AccountState
from fixgate.model.execution import MarketType
from fixgate.model.venue import (
    ConnectorStatus,
    OpenOrdersAtVenue,
    QueryAtVenue,
    VenueEvent,
    VenueRequest,
)

log = logging.getLogger(__name__)

SILENT_SECONDS = 5.0
"""How long after the venue took an order its stream may say nothing of it, before it is opened anew."""


PRICES_SECONDS = 15.0
"""How often every price is read, where prices are kept."""

UNKNOWN_SECONDS = 0.1
"""The same while the markets are not known."""


class Account:
    """Touched by the event loop only. `sides` are the market types that it trades, SPOT or SWAP or both;
    `market` finds a market by its unified symbol; `markets_note` says why markets are missing or old; `now`
    is wall-clock time in seconds."""

    def __init__(
        self,
        connector: str,
        settings: CcxtSettings,
        credentials: CcxtAccountSettings,
        translator: Translator,
        sides: tuple[MarketType, ...],
        market: Callable[[str], Market | None],
        markets_note: Callable[[], str],
        prices: Prices,
        probe: Probe,
        now: Callable[[], float],
        rng: random.Random,
    ) -> None:
        self.connector = connector
        self.name = credentials.account
        self.sides = sides
        self.pacing = Pacing(RATES.get(translator.exchange, DEFAULT_RATE), time.monotonic)
        self.links: dict[str, Link] = {}
        self._settings = settings
        self._credentials = credentials
        self._translator = translator
        self._markets_note = markets_note
        self._prices = prices
        self._probe = probe
        self._rng = rng
        self._sink: Sink = _unheard
        self._text = "reading the markets"
        self._told: tuple[bool, str] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._keeps_prices = False
        self.reader = Reader(connector, self.name, translator, market)
        known = KnownOrders()
        self._unheard = Unheard(SILENT_SECONDS, self._silent)
        self._updates = Updates(
            self.reader, known, self._tell, self._missed, self._unheard.heard, lambda: int(now() * 1000)
        )
        timeout = settings.request_timeout.total_seconds()
        self._sync = OrderSync(translator, self.reader, self.ask, self._tell, now, timeout)
        self._reconciler = Reconciler(
            translator,
            self.reader,
            sides,
            lambda side, call: self.link(side).ask(call),
            self._tell,
            self._read_wallet,
            settings.reconcile_interval.total_seconds(),
            now,
            rng,
        )
        self._desk = OrderDesk(
            connector,
            translator,
            self.reader,
            self._exchange_of,
            self.price,
            self.pacing,
            known,
            self._updates,
            self._sync,
            self._unheard,
            self._tell,
            self._request_failed,
            probe,
            now,
        )
        self.wallet = Wallet(connector, self.name, translator, self.link, now)

    async def start(self, sink: Sink) -> None:
        """Make the exchange objects. Streams are opened once `install` has brought markets."""
        self._sink = sink
        classes: dict[str, tuple[MarketType, ...]] = {}
        for side in self.sides:
            name = self._translator.ccxt_class(side)
            classes[name] = (*classes.get(name, ()), side)
        for name, sides in classes.items():
            self.links[name] = Link(
                f"{self.connector} account {self.name}",
                self._translator,
                self._settings,
                self._credentials,
                sides,
                self.pacing,
                self._order_heard,
                self._trade_heard,
                self._stream_told,
                self._missed,
                self._rng,
            )

    def install(self, ccxt_class: str, markets: MarketSet) -> None:
        """Use these markets from now on; with the first ones the streams are opened."""
        link = self.links.get(ccxt_class)
        if link is None:
            return
        first = not link.exchange.markets
        link.install(markets)
        if first:
            if all(each.exchange.markets for each in self.links.values()):
                self._text = "opening the streams"
                self._reconciler.start()
            link.streams.start()

    async def stop(self) -> None:
        """Close every connection. Orders stay as they are at the venue."""
        await self._desk.close()
        await self._reconciler.stop()
        await self._sync.stop()
        self._updates.stop()
        self._unheard.clear()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(link.close() for link in self.links.values()))

    @property
    def streams_up(self) -> bool:
        return bool(self.links) and all(link.streams.up for link in self.links.values())

    @property
    def ready(self) -> bool:
        return self.streams_up and not self._not_trading()

    def link(self, market_type: MarketType) -> Link:
        """Return the link that serves a market type."""
        return self.links[self._translator.ccxt_class(market_type)]

    def _exchange_of(self, market: Market) -> Any:
        """Return what trades a market, `None` where the account has nothing that does."""
        link = self.links.get(self._translator.ccxt_class(market.market_type))
        return link.exchange if link is not None else None

    def trades(self, market_type: MarketType) -> bool:
        """True where the account has what it takes to trade a market type."""
        return (MarketType.SWAP if market_type.is_perp else MarketType.SPOT) in self.sides

    def send(self, request: VenueRequest) -> None:
        """Start a request; its answer reaches the sink."""
        if isinstance(request, QueryAtVenue):
            self._sync.ask(request)
        elif isinstance(request, OpenOrdersAtVenue):
            self._reconciler.ask()
        else:
            self._desk.send(request)

    async def ask(self, market: Market, call: Call) -> Any:
        """Make a reading call about a market. Raises `QuestionFailed`."""
        return await self.link(market.market_type).ask(call)

    async def price(self, market: Market) -> Decimal:
        """Return a market's last price, asked for if need be. Raises `ExecutionError`."""
        return await self._prices.fresh(market, self.ask)

    def keep_prices(self) -> None:
        """Have every last price at hand from now on."""
        if not self._keeps_prices:
            self._keeps_prices = True
            self._spawn(self._keep_prices())

    async def _keep_prices(self) -> None:
        """Read every price list again and again, until the account is stopped. A list that is not to be had
        is no harm: what an order needs is asked for by itself."""
        while True:
            for link in list(self.links.values()):
                for side in link.sides if link.exchange.markets else ():
                    for each in PRICE_LISTS.get((link.ccxt_class, side.is_perp), ()):
                        try:
                            answer = await link.ask(each.call)
                            found = await prices_in(each, answer, link.exchange, perps=side.is_perp)
                        except (QuestionFailed, *UNREADABLE) as error:
                            log.warning("account %s: prices were not read: %r", self.name, error)
                            continue
                        for symbol, price in found:
                            self._prices.learn(symbol, price)
            known = self.links and all(link.exchange.markets for link in self.links.values())
            await asyncio.sleep(PRICES_SECONDS if known else UNKNOWN_SECONDS)

    def open_order_calls(self, side: MarketType, symbol: str | None) -> list[Call]:
        """Return the calls that together list a side's open orders."""
        return self._reconciler.calls(side, symbol)

    def health(self) -> AccountHealth:
        text = self._not_trading() or (self._text if not self.streams_up else self._markets_note() or "ready")
        return AccountHealth(
            account=self.name,
            ready=self.ready,
            text=text,
            stream_up=self.streams_up,
            listen_key_age=None,
            limits={},
            remaining={"requests": max(0, int(self.pacing.left()))},
            paused=self.pacing.paused_for(),
            cancels_waiting=self._desk.held,
        )

    def state(self) -> AccountState:
        """Return what was last read of the account's money."""
        return self.wallet.state(current=self.streams_up)

    def tell_status(self) -> None:
        """Tell whether orders can be sent and will be heard of, if that is news."""
        health = self.health()
        if (health.ready, health.text) != self._told:
            self._told = (health.ready, health.text)
            self._tell(
                ConnectorStatus(
                    connector=self.connector, account=self.name, up=health.ready, text=health.text
                )
            )

    def markets_changed(self) -> None:
        """Tell the status if it is another now. Before the streams were first tried there is none to tell."""
        if self.ready or self._told is not None:
            self.tell_status()

    def _not_trading(self) -> str:
        """Return why no order could be checked, if so: the markets are not known."""
        known = self.links and all(link.exchange.markets for link in self.links.values())
        return "" if known else self._markets_note() or "the markets are being read"

    def _tell(self, event: VenueEvent) -> None:
        self._sink(event)

    def _order_heard(self, row: Mapping[str, Any]) -> None:
        self._probe.stream_event(self.connector, "order")
        self._updates.order(row)

    def _trade_heard(self, row: Mapping[str, Any]) -> None:
        self._probe.stream_event(self.connector, "trade")
        self._updates.trade(row)

    def _missed(self, why: str) -> None:
        self._reconciler.missed(why)

    def _request_failed(self, failure: Failure) -> None:
        log.info("%s account %s: a request failed: %s", self.connector, self.name, failure.text)

    def _stream_told(self, up: bool, why: str) -> None:
        self._text = why
        self._unheard.clear()
        if up and self.streams_up:
            log.info("%s account %s: %s", self.connector, self.name, why)
            self._updates.stream_up()
            self.tell_status()
            self._reconciler.stream_up(why)
        elif not up:
            self.tell_status()
            self._reconciler.stream_down()

    def _silent(self, why: str) -> None:
        """A stream that does not tell of an order is deaf: open it anew."""
        for link in self.links.values():
            self._spawn(link.streams.reconnect(why))

    def _read_wallet(self) -> None:
        if self.links:
            self._spawn(self.wallet.read(self.sides))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("account %s: a task failed", self.name, exc_info=task.exception())


def _unheard(_: object) -> None:
    """Nobody listens before `start`."""
