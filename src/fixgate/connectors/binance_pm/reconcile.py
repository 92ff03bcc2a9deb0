"""Comparing an account's open orders with the venue's: when it is due, and the venue's side of it.

Due when the stream comes up (it has no replay), when an event may have been missed, and from time to time.
The engine answers with `OpenOrdersAtVenue`; each list is then asked for until the venue gives it, and told
as one `OpenOrders`. A newer request takes the place of one that is under way. While the stream is down it is
due more often: asking is then all there is. Sources: PAPI GET um|cm|margin/openOrders,
um/algo/openAlgoOrders, cm/conditional/openOrders.

A futures product has two lists, the engine's and that of the service for conditional orders. They are told as
one, of the time of the earlier question: an order that triggers between the two is in neither, or in both.

A row that cannot be read is left out, and an alarm says so. That is safe because an order that is missing
from the list is asked about by itself, and never taken as gone; to hold back the whole list for one row
would leave every other order unwatched.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from fixgate.connectors.binance_pm.answers import open_order_update
from fixgate.connectors.binance_pm.conditional_answers import held_open_update
from fixgate.connectors.binance_pm.conditional_service import SERVICE_OF
from fixgate.connectors.binance_pm.questions import UNREADABLE, Answered, Questions
from fixgate.connectors.binance_pm.triggered_orders import TriggeredOrders
from fixgate.connectors.binance_pm.venue_words import LEG_OF
from fixgate.model.enums import ProductType
from fixgate.model.venue import (
    AccountNotice,
    OpenOrders,
    OpenOrdersAtVenue,
    OrderUpdate,
    ReconcileDue,
    VenueEvent,
)
from fixgate.papi.answers import PapiError
from fixgate.papi.legs import LEGS

log = logging.getLogger(__name__)

FIRST_PAUSE, LAST_PAUSE = 0.5, 30.0
"""Bounds, in seconds, of the exponential backoff between attempts at the lists that failed."""
DOWN_SECONDS = 15.0
"""How often it is due while the stream is down, at most."""
GATHER_SECONDS = 1.0
"""How long further signs of a gap are gathered into one reconciliation."""
_JITTER = 0.1
"""A periodic one comes up to a tenth of its interval early, so that accounts spread out."""

UNREADABLE_ROW = "openOrderUnreadable"
"""The kind of the notice that holds a row that could not be read."""


class _List(NamedTuple):
    """One list of open orders: all of a product, or one symbol's."""

    product: ProductType
    symbol: str


class Reconciler:
    """Touched by the event loop only. `interval` is in seconds, `now` wall-clock time in seconds.

    `on_due(periodic)` is called each time a reconciliation is due, for what else is re-read then.
    """

    def __init__(
        self,
        connector: str,
        account: str,
        questions: Questions,
        tell: Callable[[VenueEvent], None],
        on_due: Callable[[bool], None],
        interval: float,
        now: Callable[[], float],
        rng: random.Random,
        triggered: TriggeredOrders | None = None,
    ) -> None:
        self._connector = connector
        self._account = account
        self._questions = questions
        self._tell = tell
        self._on_due = on_due
        self._interval = interval
        self._now = now
        self._rng = rng
        self._triggered = triggered or TriggeredOrders()
        self._linked = self._up = False
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._gap: asyncio.TimerHandle | None = None
        self._noticed: set[str] = set()

    def linked(self) -> None:
        """Requests can be sent from here on; the stream is about to be opened."""
        self._linked = True
        self._schedule()

    def stream_up(self, why: str) -> None:
        """Events will be heard of from here on: what was before must be asked for."""
        self._linked = self._up = True
        self._due(f"the user data stream came up: {why}", periodic=False)

    def stream_down(self) -> None:
        """Nothing is heard of from here on: it is due soon, and again and again until the stream is up."""
        self._up = False
        self._schedule()

    def missed(self, why: str) -> None:
        """An event may have been lost though the stream is up."""
        if self._up and self._gap is None:
            loop = asyncio.get_running_loop()
            self._gap = loop.call_later(GATHER_SECONDS, self._gap_due, why)

    def ask(self, request: OpenOrdersAtVenue) -> None:
        """Ask for every list."""
        if not self._linked:
            return
        if self._task is not None:
            self._task.cancel()
        lists = [_List(ProductType.FUTURE, ""), _List(ProductType.DELIVERY, "")]
        lists += [_List(ProductType.SPOT, symbol) for symbol in sorted(set(request.symbols))]
        self._task = asyncio.get_running_loop().create_task(self._fetch_all(lists))
        self._task.add_done_callback(_log_failure)

    async def stop(self) -> None:
        """Give up; the next start begins with a reconciliation."""
        self._linked = self._up = False
        self._cancel_timers()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _due(self, why: str, *, periodic: bool) -> None:
        self._schedule()
        self._on_due(periodic)
        self._tell(ReconcileDue(connector=self._connector, account=self._account, why=why))

    def _schedule(self) -> None:
        self._cancel_timers()
        if self._linked:
            wait = self._wait() * (1 - _JITTER * self._rng.random())
            self._timer = asyncio.get_running_loop().call_later(wait, self._periodic)

    def _wait(self) -> float:
        return self._interval if self._up else min(self._interval, DOWN_SECONDS)

    def _periodic(self) -> None:
        self._due(f"the last reconciliation is older than {self._wait():g} s", periodic=self._up)

    def _gap_due(self, why: str) -> None:
        self._due(why, periodic=False)

    def _cancel_timers(self) -> None:
        for timer in (self._timer, self._gap):
            if timer is not None:
                timer.cancel()
        self._timer = self._gap = None

    async def _fetch_all(self, lists: list[_List]) -> None:
        pause = FIRST_PAUSE
        while lists := [wanted for wanted in lists if not await self._fetch(wanted)]:
            await asyncio.sleep(pause * (0.5 + 0.5 * self._rng.random()))
            pause = min(pause * 2, LAST_PAUSE)

    async def _fetch(self, wanted: _List) -> bool:
        """Ask for one list and tell it; False when that failed."""
        paths = [LEGS[LEG_OF[wanted.product]].open_orders]
        if wanted.product in SERVICE_OF:
            paths.append(SERVICE_OF[wanted.product].open_orders)
        name = f"{wanted.product} {wanted.symbol}".rstrip()
        try:
            lists = [await self._list(path, wanted) for path in paths]
        except (PapiError, *UNREADABLE) as error:
            log.warning("%s account %s: open orders of %s: %s", self._connector, self._account, name, error)
            return False
        self._tell(
            OpenOrders(
                connector=self._connector,
                account=self._account,
                product_type=wanted.product,
                symbol=wanted.symbol,
                orders=self._orders(wanted.product, [answered.body for answered in lists]),
                asked_ns=int(min(answered.asked for answered in lists) * 1e9),
            )
        )
        return True

    async def _list(self, path: str, wanted: _List) -> Answered:
        """Return one list's rows. Raises `PapiError`, and what reading raises."""
        params = [("symbol", wanted.symbol)] if wanted.symbol else []
        answered = await self._questions.ask(path, params, LEG_OF[wanted.product], urgent=False)
        if not isinstance(answered.body, list):
            raise TypeError(f"the list was a {type(answered.body).__name__}")
        return answered

    def _orders(self, product: ProductType, lists: list[list[object]]) -> tuple[OrderUpdate, ...]:
        """Read the engine's list and a service's. What a service still holds is read first, since it says
        whose child an order in the engine's list is; of an order in both, the engine's row counts."""
        held = [order for rows in lists[1:] for row in rows if (order := self._read(product, row, held=True))]
        for order in held:
            self._triggered.held_by(order)
        working = [order for row in lists[0] if (order := self._read(product, row, held=False))]
        working = [self._triggered.traced(order) for order in working]
        children = {order.parent_order_id for order in working}
        return (*working, *(order for order in held if order.venue_order_id not in children))

    def _read(self, product: ProductType, row: object, *, held: bool) -> OrderUpdate | None:
        read = held_open_update if held else open_order_update
        try:
            return read(self._connector, self._account, product, row)
        except UNREADABLE as error:
            log.warning("an open order of %s could not be read: %r", product, error)
        body = msgspec.json.encode(row).decode()
        name = SERVICE_OF[product].id if held else "orderId"
        which = f"{product} {name} {row.get(name)}" if isinstance(row, dict) else body
        if which not in self._noticed:
            self._noticed.add(which)
            self._tell(
                AccountNotice(
                    connector=self._connector, account=self._account, kind=UNREADABLE_ROW, body=body
                )
            )
        return None


def _log_failure(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("a reconciliation failed", exc_info=task.exception())
