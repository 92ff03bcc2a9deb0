"""One account's link to the venue: its key, its clock, its requests and its stream.

Ready means that orders can be sent and will be heard of: the clock is known, the position mode is
known and the user data stream is up. New orders wait for that; cancels are always tried.
"""

import asyncio
import json
import logging
import random
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from fixgate.connectors.binance_pm.answers import answer_event
from fixgate.connectors.binance_pm.requests import cancel_params, modify_params, submit_params
from fixgate.connectors.binance_pm.settings import ApiKeySettings, BinancePmSettings
from fixgate.connectors.binance_pm.stream_events import StreamTranslator
from fixgate.connectors.binance_pm.sync import AT_ONCE, OrderSync
from fixgate.connectors.binance_pm.venue_words import LEG_OF
from fixgate.connectors.connector import AccountHealth, Probe, Sink
from fixgate.model.enums import ProductType
from fixgate.model.venue import (
    CancelAtVenue,
    ConnectorStatus,
    ModifyAtVenue,
    OrderRequest,
    PositionUpdate,
    QueryAtVenue,
    RequestRefused,
    SubmitOrder,
    VenueRequest,
    kind_of,
    refused,
)
from fixgate.papi.answers import Answer, PapiError
from fixgate.papi.clock import VenueClock
from fixgate.papi.legs import CM_POSITION_RISK, LEGS, UM_POSITION_MODE, UM_POSITION_RISK
from fixgate.papi.rest import PortfolioRest, PublicRest
from fixgate.papi.signing import signer_for
from fixgate.papi.user_stream import UserStream

log = logging.getLogger(__name__)

_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, ArithmeticError)
DEFAULT_RECV_WINDOW_MS = 5000
"""What the venue applies when the parameter is left out."""

_FIRST_PAUSE, _LAST_PAUSE = 0.5, 30.0


class AccountSession:
    """Touched by the event loop only. `now` is wall-clock time in seconds.

    The account's name is its alias, or `default_name`: never the key, which would reach logs and metrics.
    """

    def __init__(
        self,
        connector: str,
        default_name: str,
        credentials: ApiKeySettings,
        settings: BinancePmSettings,
        time_host: PublicRest,
        probe: Probe,
        now: Callable[[], float],
    ) -> None:
        self.connector = connector
        self.name = credentials.account or default_name
        self.api_key = credentials.api_key
        self.hedge_mode: bool | None = None
        self._settings = settings
        self._time_host = time_host
        self._probe = probe
        self._now = now
        self._sink: Sink = _unheard
        self._clock = VenueClock(lambda: now() * 1000)
        signer = signer_for(credentials.api_secret.get_secret_value())
        self._rest = PortfolioRest(
            settings.rest_url,
            credentials.api_key,
            signer,
            self._clock,
            recv_window=settings.recv_window,
        )
        self._translator = StreamTranslator(connector, self.name)
        self._stream = UserStream(
            self._rest,
            settings.websocket_url,
            self._stream_event,
            self._stream_state,
            settings.websocket_heartbeat_interval,
            settings.stale_websocket_timeout,
            settings.websocket_rotate_interval,
        )
        self._questions = PortfolioRest(
            settings.rest_url,
            credentials.api_key,
            signer,
            self._clock,
            recv_window=settings.recv_window,
            max_connections=AT_ONCE,
        )
        self._sync = OrderSync(
            self._questions,
            settings.binance_pm_sync_settings,
            (settings.recv_window or DEFAULT_RECV_WINDOW_MS) / 1000
            + settings.request_timeout.total_seconds(),
            self._tell,
            now,
        )
        self._timeout = settings.request_timeout.total_seconds()
        self._stream_up = False
        self._text = "connecting"
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def ready(self) -> bool:
        return self._stream_up and self.hedge_mode is not None

    def health(self) -> AccountHealth:
        return AccountHealth(
            account=self.name,
            ready=self.ready,
            text="ready" if self.ready else self._text,
            stream_up=self._stream_up,
            listen_key_age=self._stream.listen_key_age(),
            limits=dict(self._rest.limits),
        )

    async def start(self, sink: Sink) -> None:
        """Begin to connect, and return at once."""
        self._sink = sink
        self._spawn(self._connect())

    async def stop(self) -> None:
        """Close stream and connections. The listen key stays: other users of the account share it."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._sync.stop()
        await self._stream.stop()
        await asyncio.gather(self._rest.aclose(), self._questions.aclose())

    def send(self, request: VenueRequest) -> None:
        """Start a request; its answer reaches the sink."""
        if isinstance(request, QueryAtVenue):
            self._sync.ask(request)
            return
        method, params = self._wire(request)
        kind = str(kind_of(request))
        answered = partial(self._answered, request, kind, self._now())
        try:
            self._rest.send_signed(
                method, LEGS[LEG_OF[request.product_type]].order, params, answered, self._timeout
            )
        except (TypeError, ValueError) as error:
            self._tell(refused(request, f"the request cannot be sent: {error}"))
            return
        self._stream.order_sent()
        self._probe.request_sent(self.connector, kind)

    def _wire(self, request: OrderRequest) -> tuple[str, list[tuple[str, str]]]:
        match request:
            case SubmitOrder():
                return "POST", submit_params(
                    request, auto_repay_at_cancel=self._settings.auto_repay_at_cancel
                )
            case CancelAtVenue():
                return "DELETE", cancel_params(request)
            case ModifyAtVenue():
                return "PUT", modify_params(request)

    def _answered(self, request: OrderRequest, kind: str, started: float, answer: Answer) -> None:
        event = answer_event(request, answer)
        if isinstance(event, RequestRefused):
            self._stream.order_refused()
        self._probe.request_answered(self.connector, kind, type(event).__name__, self._now() - started)
        self._tell(event)

    def _tell(self, event: Any) -> None:
        self._sink(event)

    async def _connect(self) -> None:
        """Learn clock and position mode, then open the stream; tried until it works."""
        pause = _FIRST_PAUSE
        while True:
            try:
                await self._clock.sync(self._time_host.server_time)
                self.hedge_mode = await self._position_mode()
                break
            except (PapiError, *_UNREADABLE) as error:
                self._text = f"connecting: {error}"
                log.warning("%s account %s: %s", self.connector, self.name, self._text)
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))
                pause = min(pause * 2, _LAST_PAUSE)
        self._spawn(self._clock.keep_synced(self._time_host.server_time))
        self._text = "opening the user data stream"
        await self._stream.start()

    async def _position_mode(self) -> bool:
        """Return True for hedge mode. PAPI GET /papi/v1/um/positionSide/dual; COIN-M always follows it."""
        value = json.loads(await self._rest.signed("GET", UM_POSITION_MODE))["dualSidePosition"]
        if not isinstance(value, bool):
            raise ValueError(f"dualSidePosition was {value!r}, not true or false")
        return value

    def _stream_event(self, event: Mapping[str, Any]) -> None:
        self._probe.stream_event(self.connector, str(event.get("e", "unknown")))
        for translated in self._translator.translate(dict(event)):
            self._tell(translated)

    def _stream_state(self, up: bool, why: str) -> None:
        self._stream_up = up
        self._text = why
        log.info(
            "%s account %s: user data stream %s: %s", self.connector, self.name, "up" if up else "down", why
        )
        self._tell(ConnectorStatus(connector=self.connector, account=self.name, up=up, text=why))
        if up:
            self._spawn(self._tell_positions())

    async def _tell_positions(self) -> None:
        """Tell every position once a stream is up: what changed while it was not, it will not replay."""
        for product, path in (
            (ProductType.FUTURE, UM_POSITION_RISK),
            (ProductType.DELIVERY, CM_POSITION_RISK),
        ):
            try:
                rows = json.loads(await self._rest.signed("GET", path))
                for row in rows:
                    self._tell(self._position(product, row))
            except (PapiError, *_UNREADABLE) as error:
                log.warning("%s account %s: positions of %s: %s", self.connector, self.name, product, error)

    def _position(self, product: ProductType, row: Mapping[str, Any]) -> PositionUpdate:
        return PositionUpdate(
            connector=self.connector,
            account=self.name,
            product_type=product,
            symbol=row["symbol"],
            position_side=row["positionSide"],
            quantity=Decimal(row["positionAmt"]),
            entry_price=Decimal(row["entryPrice"]),
            at_ms=int(row.get("updateTime") or 0),
        )

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
