"""The client: one API key of a Portfolio Margin account, its calls by group, and its user data stream."""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Self

from fixgate.papi.answers import PapiError
from fixgate.papi.client.account import AccountCalls
from fixgate.papi.client.algo import AlgoCalls
from fixgate.papi.client.calls import Calls
from fixgate.papi.client.cm_account import CmAccountCalls
from fixgate.papi.client.cm_order import CmOrderCalls
from fixgate.papi.client.cm_trade import CmTradeCalls
from fixgate.papi.client.conditional import ConditionalCalls
from fixgate.papi.client.event_stream import EventStream
from fixgate.papi.client.failures import NotPortfolioMargin
from fixgate.papi.client.margin_account import MarginAccountCalls
from fixgate.papi.client.margin_order import MarginOrderCalls
from fixgate.papi.client.margin_trade import MarginTradeCalls
from fixgate.papi.client.pacer import KeyCalls, Pacer
from fixgate.papi.client.um_account import UmAccountCalls
from fixgate.papi.client.um_order import UmOrderCalls
from fixgate.papi.client.um_trade import UmTradeCalls
from fixgate.papi.client.user_data import UserDataCalls
from fixgate.papi.clock import VenueClock
from fixgate.papi.errors import VenueError
from fixgate.papi.pacing import AccountPacing, AddressPacing
from fixgate.papi.rest import DEFAULT_TIMEOUT, PortfolioRest, PublicRest
from fixgate.papi.signing import signer_for

log = logging.getLogger(__name__)

REST_URL = "https://papi.binance.com"
WEBSOCKET_URL = "wss://fstream.binance.com/pm"
TIME_URL = "https://fapi.binance.com"
DEFAULT_RECV_WINDOW_MS = 5000

_NOT_PORTFOLIO_MARGIN = frozenset({-1109, -2015})
"""What the venue answers when the account of a key is not in Portfolio Margin; the second has other
reasons as well."""


class UmCalls(UmAccountCalls, UmOrderCalls, UmTradeCalls):
    """USD-M futures: the account's settings, and its orders and trades."""


class CmCalls(CmAccountCalls, CmOrderCalls, CmTradeCalls):
    """COIN-M futures: the account's settings, and its orders and trades."""


class MarginCalls(MarginAccountCalls, MarginOrderCalls, MarginTradeCalls):
    """Cross margin: loans and limits, and its orders and trades."""


class PortfolioClient:
    """One API key's calls and events. Touched by the event loop only.

        async with PortfolioClient(api_key, api_secret) as client:
            account = await client.account.get_account_info()

    `api_secret` is an HMAC secret or a PEM private key, RSA or Ed25519; which it is, is found out.
    `recv_window` is in milliseconds. With `pacing` calls wait, and new orders are refused, before the venue's
    limits are used up. `timeout` (seconds) is how long a call may take; `keepalive_interval` and
    `rotate_after` are the stream's. `time_url` is the host whose clock is asked. `now_ms` is the local wall
    clock in milliseconds. Raises `ValueError` for a secret, an address or a recvWindow that cannot be used.
    """

    def __init__(
        self,
        api_key: str,
        api_secret: str,
        *,
        base_url: str = REST_URL,
        websocket_url: str = WEBSOCKET_URL,
        time_url: str = TIME_URL,
        recv_window: int = DEFAULT_RECV_WINDOW_MS,
        pacing: bool = True,
        timeout: float = DEFAULT_TIMEOUT,
        keepalive_interval: timedelta = timedelta(minutes=30),
        rotate_after: timedelta = timedelta(hours=23),
        now_ms: Callable[[], float] = lambda: time.time_ns() / 1e6,
    ) -> None:
        self._clock = VenueClock(now_ms)
        self._time_host = PublicRest(time_url)
        limits = None
        if pacing:
            limits = AccountPacing(AddressPacing(lambda: (now_ms() + self._clock.offset_ms) / 1000))
        self._rest = PortfolioRest(
            base_url, api_key, signer_for(api_secret), self._clock, recv_window=recv_window, pacing=limits
        )
        pacer = None if limits is None else Pacer(limits)
        self._limits = limits
        self._calls = calls = Calls(self._rest, pacer, self._sync, timeout)
        self._keys = KeyCalls(self._rest, pacer)
        self._websocket_url = websocket_url
        self._keepalive_interval = keepalive_interval
        self._rotate_after = rotate_after
        self._streams: set[EventStream] = set()
        self._clock_keeper: asyncio.Task[None] | None = None

        self.account = AccountCalls(calls)
        self.um = UmCalls(calls)
        self.algo = AlgoCalls(calls)
        self.cm = CmCalls(calls)
        self.conditional = ConditionalCalls(calls)
        self.margin = MarginCalls(calls)
        self.user_data = UserDataCalls(calls)

    async def start(self) -> None:
        """Measure the venue's clock and look at the account; nothing can be called before.

        Raises `NotPortfolioMargin` where the account is not one of classic Portfolio Margin (PM Pro trades
        on other interfaces), else what the calls raise. A client that could not start is closed.
        """
        if self._clock_keeper is not None:
            raise RuntimeError("the client was already started once; make another")
        self._clock_keeper = asyncio.create_task(self._clock.keep_synced(self._time_host.server_time))
        try:
            await self._sync()
            self._calls.open = True
            await self._check_account()
            await self._learn_order_limit()
        except BaseException:
            await self.aclose()
            raise

    async def aclose(self) -> None:
        """Close streams and connections. Calls that are under way fail; the listen key stays."""
        self._calls.open = False
        if self._clock_keeper is not None:
            self._clock_keeper.cancel()
            await asyncio.gather(self._clock_keeper, return_exceptions=True)
        for stream in list(self._streams):
            await stream.aclose()
        await asyncio.gather(self._rest.aclose(), self._time_host.aclose())

    def user_data_stream(self) -> EventStream:
        """Return the account's events as an asynchronous iterator, which connects by itself and again.

        `StreamUp`, `StreamDown` and `EventsMissed` among them tell when something may not have been heard.
        """
        if not self._calls.open:
            raise RuntimeError(
                "the client is not started: use it in `async with PortfolioClient(…) as client:`"
            )
        stream = EventStream(
            self._keys,
            self._websocket_url,
            self._keepalive_interval,
            self._rotate_after,
            self._streams.discard,
        )
        self._streams.add(stream)
        return stream

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<PortfolioClient with {self._rest!r}>"

    async def _sync(self) -> None:
        await self._clock.sync(self._time_host.server_time)

    async def _check_account(self) -> None:
        """Refuse an account that PAPI does not serve. Source: PAPI error codes -1109, -2015."""
        try:
            await self.account.get_account_info()
        except VenueError as error:
            if error.failure.code not in _NOT_PORTFOLIO_MARGIN:
                raise
            other = (
                ""
                if error.failure.code == -1109
                else ", or the key lacks the Portfolio Margin permission, or this address is not on its list"
            )
            raise NotPortfolioMargin(
                f"the venue refused the account ({error}): it is not in classic Portfolio Margin{other}. "
                "PM Pro accounts trade on fapi, dapi and sapi, not on papi; use a key of a classic account"
            ) from error

    async def _learn_order_limit(self) -> None:
        """Pace by the account's own limit of orders a minute; without an answer, by the documented one."""
        if self._limits is None:
            return
        try:
            rows = await self.account.get_order_rate_limits()
        except PapiError as error:
            log.warning("orders per minute taken as %d: %s", self._limits.orders.limit, error)
            return
        for row in rows:
            if (row.rateLimitType, row.interval, row.intervalNum) == ("ORDERS", "MINUTE", 1):
                self._limits.orders.limit = row.limit
