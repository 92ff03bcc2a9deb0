"""Comparing an account's open orders with the venue's: when it is due, and the venue's side of it.

Due when the streams come up (they have no replay) and once more a moment later, when something may have
been missed, and from time to time; more often while they are down, when asking is all there is. The engine
answers with `OpenOrdersAtVenue`; each side's lists are then asked for until the venue gives them, and told
as one `OpenOrders` for each product. A newer request takes the place of one that is under way.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import msgspec

from fixgate.connectors.ccxt.reading import UNREADABLE, Reader, text
from fixgate.connectors.ccxt.sync import QuestionFailed
from fixgate.connectors.ccxt.translator import Call, Translator
from fixgate.model.enums import ProductType
from fixgate.model.execution import MarketType
from fixgate.model.refusal import Refused
from fixgate.model.venue import AccountNotice, OpenOrders, OrderUpdate, ReconcileDue, VenueEvent

log = logging.getLogger(__name__)

FIRST_PAUSE, LAST_PAUSE = 0.5, 30.0
DOWN_SECONDS = 15.0
"""How often it is due while the streams are down, at most."""
GATHER_SECONDS = 1.0
"""How long signs of a gap are gathered into one comparison."""
AGAIN_SECONDS = 3.0
"""How long after the streams came up it is due once more: ccxt does not say when the venue began to tell."""
_JITTER = 0.1

UNREADABLE_ROW = "openOrderUnreadable"
"""The kind of the notice that holds a row that could not be read."""

PRODUCTS = {
    MarketType.SPOT: (ProductType.SPOT,),
    MarketType.SWAP: (ProductType.FUTURE, ProductType.DELIVERY),
}
"""The products of each side; dated futures go with swaps."""


class Reconciler:
    """Touched by the event loop only. `ask(side, call)` makes a reading call; `on_due` is called each time
    it is due; `interval` is in seconds, `now` wall-clock time in seconds."""

    def __init__(
        self,
        translator: Translator,
        reader: Reader,
        sides: Iterable[MarketType],
        ask: Callable[[MarketType, Call], Awaitable[Any]],
        tell: Callable[[VenueEvent], None],
        on_due: Callable[[], None],
        interval: float,
        now: Callable[[], float],
        rng: random.Random,
    ) -> None:
        self._translator = translator
        self._reader = reader
        self._sides = tuple(sides)
        self._ask = ask
        self._tell = tell
        self._on_due = on_due
        self._interval = interval
        self._now = now
        self._rng = rng
        self._up = self._running = False
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._gap: asyncio.TimerHandle | None = None
        self._noticed: set[str] = set()

    def start(self) -> None:
        """Requests can be sent from here on."""
        self._running = True
        self._schedule()

    def stream_up(self, why: str) -> None:
        """Updates will be heard of from here on: what was before must be asked for."""
        self._running = self._up = True
        self._due(why)
        self._later(AGAIN_SECONDS, "the streams came up a moment ago")

    def stream_down(self) -> None:
        """Nothing is heard of from here on."""
        self._up = False
        self._schedule()

    def missed(self, why: str) -> None:
        """An update may have been lost though the streams are up."""
        if self._up:
            self._later(GATHER_SECONDS, why)

    def ask(self) -> None:
        """Ask for every list."""
        if not self._running:
            return
        if self._task is not None:
            self._task.cancel()
        self._task = asyncio.get_running_loop().create_task(self._fetch_all(list(self._sides)))
        self._task.add_done_callback(_log_failure)

    async def stop(self) -> None:
        self._running = self._up = False
        for timer in (self._timer, self._gap):
            if timer is not None:
                timer.cancel()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _later(self, seconds: float, why: str) -> None:
        if self._gap is None:
            self._gap = asyncio.get_running_loop().call_later(seconds, self._gap_due, why)

    def _gap_due(self, why: str) -> None:
        self._gap = None
        if self._running:
            self._due(why)

    def _due(self, why: str) -> None:
        self._schedule()
        self._on_due()
        self._tell(ReconcileDue(connector=self._reader.connector, account=self._reader.account, why=why))

    def _schedule(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if self._running:
            wait = self._wait() * (1 - _JITTER * self._rng.random())
            self._timer = asyncio.get_running_loop().call_later(wait, self._periodic)

    def _wait(self) -> float:
        return self._interval if self._up else min(self._interval, DOWN_SECONDS)

    def _periodic(self) -> None:
        self._due(f"the last comparison is older than {self._wait():g} s")

    async def _fetch_all(self, sides: list[MarketType]) -> None:
        pause = FIRST_PAUSE
        while sides := [side for side in sides if not await self._fetch(side)]:
            await asyncio.sleep(pause * (0.5 + 0.5 * self._rng.random()))
            pause = min(pause * 2, LAST_PAUSE)

    async def _fetch(self, side: MarketType) -> bool:
        """Ask for one side's lists and tell them; False when that failed."""
        asked_ns = int(self._now() * 1e9)
        account = self._reader.account
        try:
            rows = [row for call in self.calls(side) for row in await self._rows(side, call)]
        except (QuestionFailed, *UNREADABLE) as error:
            log.warning("account %s: open orders of %s: %s", account, side, error)
            return False
        found: dict[tuple[str, str], OrderUpdate] = {}
        for row in rows:
            update = self._read(row)
            if update is not None:
                found[update.symbol, update.venue_order_id] = update
        for product in PRODUCTS[side]:
            self._tell(
                OpenOrders(
                    connector=self._reader.connector,
                    account=account,
                    product_type=product,
                    orders=tuple(each for each in found.values() if each.product_type is product),
                    asked_ns=asked_ns,
                )
            )
        return True

    def calls(self, side: MarketType, symbol: str | None = None) -> list[Call]:
        """Return the calls that together list a side's open orders."""
        calls: list[Call] = []
        for market_type in (side, MarketType.FUTURE) if side.is_perp else (side,):
            try:
                listed = self._translator.open_orders(market_type, symbol)
            except Refused:
                continue  # the venue has no dated futures
            calls += [call for call in listed if call not in calls]
        return calls

    async def _rows(self, side: MarketType, call: Call) -> list[Any]:
        answer = await self._ask(side, call)
        if not isinstance(answer, list):
            raise TypeError(f"the list was a {type(answer).__name__}")
        return answer

    def _read(self, row: Any) -> OrderUpdate | None:
        """Return a row as a snapshot. One that cannot be read is left out, which is safe: an order that is
        missing from the list is asked about by itself."""
        try:
            return self._reader.order(row)
        except UNREADABLE as error:
            log.warning("an open order could not be read: %r", error)
        body = msgspec.json.encode(row, enc_hook=str).decode()
        which = text(row.get("id")) if isinstance(row, dict) else body
        if which not in self._noticed:
            self._noticed.add(which)
            self._tell(
                AccountNotice(
                    connector=self._reader.connector,
                    account=self._reader.account,
                    kind=UNREADABLE_ROW,
                    body=body,
                )
            )
        return None


def _log_failure(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("a comparison of open orders failed", exc_info=task.exception())
