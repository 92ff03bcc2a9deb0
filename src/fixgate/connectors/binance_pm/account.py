"""One account's link to the venue: its key, its clock, its requests and its stream.

Ready means that orders can be sent and will be heard of: the clock is known, the position mode is known, the
user data stream is up and the venue takes the key. New orders wait for that; cancels are always tried.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fixgate.connectors.binance_pm.account_book import AccountBook, margin_alert
from fixgate.connectors.binance_pm.account_reader import AccountReader
from fixgate.connectors.binance_pm.account_words import READ_AGAIN, account_words
from fixgate.connectors.binance_pm.key_watch import KEY_REFUSED, KeyWatch, is_key_refused, with_remedy
from fixgate.connectors.binance_pm.market_calls import CONNECTIONS, MarketCalls
from fixgate.connectors.binance_pm.order_line import OrderLine
from fixgate.connectors.binance_pm.questions import AT_ONCE, UNREADABLE, KeyCalls, Questions
from fixgate.connectors.binance_pm.reconcile import Reconciler
from fixgate.connectors.binance_pm.settings import ApiKeySettings, BinancePmSettings
from fixgate.connectors.binance_pm.stream_events import StreamTranslator
from fixgate.connectors.binance_pm.sync import OrderSync
from fixgate.connectors.binance_pm.triggered_orders import TriggeredOrders
from fixgate.connectors.connector import AccountHealth, Probe, Sink
from fixgate.connectors.unheard import Unheard
from fixgate.model.account import AccountState, MarginLevel
from fixgate.model.enums import ProductType
from fixgate.model.venue import (
    BalanceUpdate,
    ConnectorStatus,
    OpenOrdersAtVenue,
    OrderUpdate,
    PositionUpdate,
    QueryAtVenue,
    RequestRefused,
    SubmitList,
    VenueEvent,
    VenueRequest,
)
from fixgate.papi.answers import PapiError
from fixgate.papi.clock import VenueClock
from fixgate.papi.legs import ORDER_RATE_LIMIT, UM_POSITION_MODE
from fixgate.papi.pacing import AccountPacing, AddressPacing
from fixgate.papi.rest import PortfolioRest
from fixgate.papi.signing import signer_for
from fixgate.papi.user_stream import UserStream

log = logging.getLogger(__name__)

DEFAULT_RECV_WINDOW_MS = 5000
"""What the venue applies when the parameter is left out."""

_FIRST_PAUSE, _LAST_PAUSE = 0.5, 30.0

_KEY_REFUSED_CODES = frozenset(map(str, KEY_REFUSED))

ORDER_CONNECTIONS = 32
"""Connections that carry orders, cancels and listen key calls; questions have their own."""
SPARE_CONNECTIONS = 4
"""Connections for cancels while orders that the venue does not answer hold all of those."""


def _loop_time() -> float:
    """Seconds of the event loop's clock."""
    return asyncio.get_running_loop().time()


class AccountSession:
    """Touched by the event loop only. `now` is wall-clock time in seconds; `clock` and `address` are shared
    by the connector's accounts. `server_time` asks the venue for its time; `lists_settled` is True once
    orders need not wait for instrument lists, when `tell_status` is to be called.

    The account's name is its alias, or `default_name`: never the key, which would reach logs and metrics.
    """

    def __init__(
        self,
        connector: str,
        default_name: str,
        credentials: ApiKeySettings,
        settings: BinancePmSettings,
        server_time: Callable[[], Awaitable[int]],
        lists_settled: Callable[[], bool],
        clock: VenueClock,
        address: AddressPacing,
        probe: Probe,
        now: Callable[[], float],
        rng: random.Random,
    ) -> None:
        self.connector = connector
        self.name = credentials.account or default_name
        self.api_key = credentials.api_key
        self.hedge_mode: bool | None = None
        self.pacing = AccountPacing(address)
        self.spot_symbols: set[str] = set()
        """SPOT symbols of which an order was heard of here."""
        self._server_time = server_time
        self._lists_settled = lists_settled
        self._probe = probe
        self._rng = rng
        self._sink: Sink = _unheard
        self._clock = clock
        signer = signer_for(credentials.api_secret.get_secret_value())

        def calls(connections: int) -> PortfolioRest:
            return PortfolioRest(
                settings.rest_url,
                credentials.api_key,
                signer,
                clock,
                recv_window=settings.recv_window,
                max_connections=connections,
                pacing=self.pacing,
            )

        self._rest = calls(ORDER_CONNECTIONS)
        self._spare_rest = calls(SPARE_CONNECTIONS)
        self._question_rest = calls(AT_ONCE)
        self._questions = Questions(self._question_rest, self.pacing, now, self._question_failed)
        self._key = KeyWatch(f"{connector} account {self.name}", self._questions, self.tell_status, rng)
        self._triggered = TriggeredOrders()
        self._translator = StreamTranslator(connector, self.name, self._triggered)
        self._book = AccountBook(connector, self.name)
        self._reader = AccountReader(
            connector,
            self.name,
            self._questions,
            self._book,
            self._tell,
            lambda local: int(local * 1000 + clock.offset_ms),
            rng,
        )
        self._reconciler = Reconciler(
            connector,
            self.name,
            self._questions,
            self._tell,
            self._reconcile_due,
            settings.reconcile_interval.total_seconds(),
            now,
            rng,
            self._triggered,
        )
        self._stream = UserStream(
            KeyCalls(self._rest, self.pacing),
            settings.websocket_url,
            self._stream_event,
            self._stream_state,
            settings.websocket_heartbeat_interval,
            settings.stale_websocket_timeout,
            settings.websocket_rotate_interval,
            on_suspect=self._stream_suspect,
            on_gap=self._reconciler.missed,
            now=_loop_time,
            rng=rng,
        )
        timeout = settings.request_timeout.total_seconds()
        self.market = MarketCalls(
            calls(CONNECTIONS), self.pacing, lambda: clock.sync(server_time), timeout, self._question_failed
        )
        self._expected = Unheard(settings.stale_websocket_timeout.total_seconds(), self._stream.reconnect)
        self._orders = OrderLine(
            connector,
            self._rest,
            self._spare_rest,
            self.pacing,
            self._stream,
            self._expected,
            self._order_answered,
            probe,
            now,
            timeout=timeout,
            auto_repay_at_cancel=settings.auto_repay_at_cancel,
        )
        self._sync = OrderSync(
            self._questions,
            settings.binance_pm_sync_settings,
            (settings.recv_window or DEFAULT_RECV_WINDOW_MS) / 1000 + timeout,
            self._tell,
            now,
            clock_offset_ms=lambda: self._clock.offset_ms,
            triggered=self._triggered,
        )
        self._stream_up = False
        self._text = "connecting"
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def ready(self) -> bool:
        return self._stream_up and self.hedge_mode is not None and not self._key.refusal

    def state(self) -> AccountState:
        """Return what is known of the account's money."""
        return self._book.state(current=self._stream_up and self._reader.complete, hedge_mode=self.hedge_mode)

    def health(self) -> AccountHealth:
        return AccountHealth(
            account=self.name,
            ready=self.ready,
            text="ready" if self.ready else self._key.refusal or self._text,
            stream_up=self._stream_up,
            listen_key_age=self._stream.listen_key_age(),
            limits=self._question_rest.limits | self._rest.limits,
            remaining=self.pacing.reading(),
            paused=self.pacing.address.paused_for(),
            cancels_waiting=self._orders.held,
        )

    async def start(self, sink: Sink) -> None:
        """Begin to connect, and return at once."""
        self._sink = sink
        self._spawn(self._connect())

    async def stop(self) -> None:
        """Close stream and connections. The listen key stays: other users of the account share it."""
        await self._cancel_tasks()
        self._orders.close()
        await self._stream.stop()
        await self._reconciler.stop()
        await self._reader.stop()
        await self._key.stop()
        await self._sync.stop()
        await self._cancel_tasks()
        self._expected.clear()
        rests = (self._rest, self._spare_rest, self._question_rest, self.market)
        await asyncio.gather(*(rest.aclose() for rest in rests))

    async def _cancel_tasks(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def send(self, request: VenueRequest) -> None:
        """Start a request; its answer reaches the sink."""
        self._note_spot(request)
        if isinstance(request, QueryAtVenue):
            self._sync.ask(request)
        elif isinstance(request, OpenOrdersAtVenue):
            self._reconciler.ask(request)
        else:
            self._orders.send(request)

    def _note_spot(self, request: VenueRequest) -> None:
        if isinstance(request, OpenOrdersAtVenue):
            self.spot_symbols.update(request.symbols)
        elif isinstance(request, SubmitList):
            self.spot_symbols.add(request.legs[0].symbol)
        elif request.product_type is ProductType.SPOT:
            self.spot_symbols.add(request.symbol)

    def _tell(self, event: VenueEvent) -> None:
        self._sink(event)

    async def _connect(self) -> None:
        """Learn clock and position mode, then open the stream; tried until it works."""
        pause = _FIRST_PAUSE
        while True:
            try:
                await self._clock.sync(self._server_time)
                self.market.open()
                self.hedge_mode = await self._position_mode()
                await self._learn_order_limit()
                break
            except (PapiError, *UNREADABLE) as error:
                refused = isinstance(error, PapiError) and is_key_refused(error)
                self._text = f"connecting: {with_remedy(str(error)) if refused else error}"
                log.warning("%s account %s: %s", self.connector, self.name, self._text)
                await asyncio.sleep(pause * (0.5 + 0.5 * self._rng.random()))
                pause = min(pause * 2, _LAST_PAUSE)
        self._text = "opening the user data stream"
        self._reconciler.linked()
        await self._stream.start()

    async def _position_mode(self) -> bool:
        """Return True for hedge mode. PAPI GET /papi/v1/um/positionSide/dual; COIN-M always follows it."""
        answered = await self._questions.ask(UM_POSITION_MODE, [], urgent=True)
        value = answered.body["dualSidePosition"]
        if not isinstance(value, bool):
            raise ValueError(f"dualSidePosition was {value!r}, not true or false")
        return value

    async def _learn_order_limit(self) -> None:
        """Take over how many orders a minute the venue allows; a failure leaves the documented number.

        PAPI GET /papi/v1/rateLimit/order.
        """
        try:
            answered = await self._questions.ask(ORDER_RATE_LIMIT, [], urgent=True)
            for row in answered.body:
                if (row["rateLimitType"], row["interval"], row["intervalNum"]) == ("ORDERS", "MINUTE", 1):
                    self.pacing.orders.limit = int(row["limit"])
        except (PapiError, *UNREADABLE) as error:
            limit = self.pacing.orders.limit
            log.warning(
                "%s account %s: orders per minute taken as %d: %s", self.connector, self.name, limit, error
            )

    def _stream_event(self, event: Mapping[str, Any]) -> None:
        self._probe.stream_event(self.connector, str(event.get("e", "unknown")))
        for translated in self._translator.translate(dict(event)):
            if isinstance(translated, OrderUpdate):
                self._expected.heard(translated)
                if translated.product_type is ProductType.SPOT:
                    self.spot_symbols.add(translated.symbol)
            elif isinstance(translated, BalanceUpdate | PositionUpdate) and not self._book.take(translated):
                continue
            self._tell(translated)
        self._hear_account(event)

    def _hear_account(self, event: Mapping[str, Any]) -> None:
        """Take what only the account's own state needs. What cannot be read there is read over REST."""
        try:
            words = account_words(event)
        except UNREADABLE as error:
            log.warning(
                "%s account %s: %s could not be read: %r", self.connector, self.name, event.get("e"), error
            )
            self._reader.read_soon()
            return
        for word in words:
            before = self._book.margin
            if self._book.take(word) and isinstance(word, MarginLevel):
                alert = margin_alert(self.connector, self.name, before, word, told=True)
                if alert is not None:
                    self._tell(alert)
        if event.get("e") in READ_AGAIN:
            self._reader.read_soon()

    def _order_answered(self, event: VenueEvent) -> None:
        if isinstance(event, RequestRefused) and event.code in _KEY_REFUSED_CODES:
            self._key.suspect()
        if isinstance(event, OrderUpdate):
            self._triggered.held_by(event)
        self._tell(event)

    def _question_failed(self, error: PapiError) -> None:
        """Watch the key from the first connection on; until then each attempt says what is wrong."""
        if self._stream_up and is_key_refused(error):
            self._key.suspect()

    def tell_status(self) -> None:
        """Tell whether orders can be sent and will be heard of, and why not."""
        if self._stream_up and not self._lists_settled():
            return
        health = self.health()
        self._tell(
            ConnectorStatus(
                connector=self.connector,
                account=self.name,
                up=health.ready,
                text=self._text if health.ready else health.text,
            )
        )

    def _stream_state(self, up: bool, why: str) -> None:
        self._stream_up = up
        self._text = why
        self._expected.clear()
        log.info(
            "%s account %s: user data stream %s: %s", self.connector, self.name, "up" if up else "down", why
        )
        self.tell_status()
        if up:
            self._reconciler.stream_up(why)
        else:
            self._reconciler.stream_down()
            self._reader.pause()

    def _stream_suspect(self, suspect: bool, why: str) -> None:
        """The listen key may expire without a word: what was missed meanwhile must be asked for."""
        log.warning("%s account %s: user data stream %s", self.connector, self.name, why)
        self._reconciler.missed(f"the user data stream is {'suspect' if suspect else 'sound again'}: {why}")

    def _reconcile_due(self, periodic: bool) -> None:
        """Re-read what else can have changed unheard. A quiet stream's key may have expired: extending it
        is the only way to know."""
        self._reader.read()
        if periodic:
            self._spawn(self._stream.check_key())

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("%s account %s: a task ended", self.connector, self.name, exc_info=task.exception())


def _unheard(_: object) -> None:
    """Nobody listens before `start`."""
