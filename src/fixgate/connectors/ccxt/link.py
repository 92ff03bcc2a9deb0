"""One exchange object of an account: its session, its markets, its streams. Kraken's accounts have two of
them.

Questions leave at the pace that the account's limits allow, a few at a time, apart from the orders.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp

from fixgate.connectors.ccxt.calls import CallFailed, Transmission, make, watch_calls
from fixgate.connectors.ccxt.exchange import new_exchange
from fixgate.connectors.ccxt.hooks import guard, hear
from fixgate.connectors.ccxt.markets import MarketSet
from fixgate.connectors.ccxt.outcomes import judge, stream_text
from fixgate.connectors.ccxt.pacing import Pacing
from fixgate.connectors.ccxt.redirect import RedirectingSession
from fixgate.connectors.ccxt.settings import CcxtAccountSettings, CcxtSettings
from fixgate.connectors.ccxt.streams import Streams
from fixgate.connectors.ccxt.subscriptions import USER_ID, subscriptions
from fixgate.connectors.ccxt.sync import QuestionFailed
from fixgate.connectors.ccxt.translator import Call, Translator, Verdict
from fixgate.model.execution import MarketType

log = logging.getLogger(__name__)

AT_ONCE = 4
"""Questions under way at the same time."""

Row = Mapping[str, Any]

_NO_SNAPSHOTS = {"fetchPositionsSnapshot": False, "fetchBalanceSnapshot": False}
"""What ccxt would ask beside each subscription to orders, for streams that nobody here listens to."""


class Link:
    """Touched by the event loop only. `sides` are what is traded through it. The markets must be installed
    before the streams are started. `told(up, text)`: see `Streams`; `missed(why)`: an update may have been
    lost."""

    def __init__(
        self,
        name: str,
        translator: Translator,
        settings: CcxtSettings,
        credentials: CcxtAccountSettings,
        sides: tuple[MarketType, ...],
        pacing: Pacing,
        order: Callable[[Row], None],
        trade: Callable[[Row], None],
        told: Callable[[bool, str], None],
        missed: Callable[[str], None],
        rng: random.Random,
    ) -> None:
        self._translator = translator
        self._pacing = pacing
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._missed = missed
        self._name = name
        self.sides = sides
        self.ccxt_class = translator.ccxt_class(sides[0])
        url = settings.simulator_url
        self._session = RedirectingSession(url) if url else aiohttp.ClientSession()
        self.exchange = exchange = new_exchange(
            translator,
            sides[0],
            credentials.credentials(futures=self.ccxt_class == "krakenfutures"),
            session=self._session,
            sandbox=settings.sandbox,
            demo=settings.demo,
            timeout_ms=round(settings.request_timeout.total_seconds() * 1000),
        )
        for watched in ("watchPositions", "watchBalance"):
            exchange.options[watched] = {**exchange.options.get(watched, {}), **_NO_SNAPSHOTS}
        watch_calls(exchange)
        guard(exchange, self._message_failed)
        self.streams = Streams(
            f"{name} {self.ccxt_class}",
            exchange,
            subscriptions(self.ccxt_class, sides),
            told,
            lambda: hear(exchange, order, trade),
            self._learn_user,
            self._explain,
            rng,
        )

    def install(self, markets: MarketSet) -> None:
        """Use these markets from now on."""
        markets.install(self.exchange)

    async def ask(self, call: Call) -> Any:
        """Make a reading call when it is its turn. Raises `QuestionFailed`."""
        await self._pacing.question()
        async with self._at_once:
            try:
                answer = await make(self.exchange, call)
            except CallFailed as failed:
                failure = judge(self._translator, failed)
                if failure.verdict is Verdict.LIMITED:
                    self._pacing.limited(failure.retry_after)
                raise QuestionFailed(failure) from failed
        self._pacing.answered()
        return answer

    async def close(self) -> None:
        """Close every connection."""
        await self.streams.stop()
        await self.exchange.close()
        await self._session.close()

    def _message_failed(self, error: Exception) -> None:
        log.warning("%s: a message of the stream could not be read", self._name, exc_info=error)
        self._missed(f"a message of the stream could not be read: {type(error).__name__}")

    async def _learn_user(self) -> None:
        """Ask for the user's number, where subscriptions need it."""
        perps = any(side.is_perp for side in self.sides)
        if not perps or self.ccxt_class not in USER_ID or self.exchange.uid:
            return
        call, field = USER_ID[self.ccxt_class]
        answer = await make(self.exchange, call)
        if not isinstance(answer, dict) or not answer.get(field):
            raise CallFailed(KeyError(field), Transmission())
        self.exchange.uid = str(answer[field])

    def _explain(self, failed: CallFailed) -> str:
        return stream_text(self._translator, failed)
