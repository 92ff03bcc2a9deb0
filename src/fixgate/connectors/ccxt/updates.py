"""From what the streams tell to the engine's events, in the order in which it can use them.

- A trade is told at once, and once.
- An order's end is told when its trades are complete, or a moment later: the streams of orders and of
trades are two,
  and an end that comes before its trades makes the engine ask the venue.
- An update that has no client order id and comes while a new order waits for its answer may be that
order's: it is
  kept until the answer has told the venue's id.
- A trade of an order that is not the gateway's, from before the streams came up, is history that some
venues send
  with each subscription.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from fixgate.connectors.ccxt.known import KnownOrders
from fixgate.connectors.ccxt.reading import TERMINAL, UNREADABLE, Reader
from fixgate.model.venue import AccountNotice, OrderUpdate, VenueEvent, VenueStatus

log = logging.getLogger(__name__)

TRADES_SECONDS = 0.2
"""How long an order's end waits for its trades."""

HISTORY_MS = 60_000
"""How long before the streams came up a trade may have been made that is no history yet: clocks differ."""

_CUT_SHORT = (VenueStatus.CANCELED, VenueStatus.EXPIRED)
"""The ends that may leave something filled."""

UNREADABLE_NOTICE = "streamUnreadable"
"""The kind of the notice that holds an order or a trade that could not be read."""


class Updates:
    """One account's. Touched by the event loop only. `tell` takes events; `missed(why)` is called when
    something was said that could not be read; `heard` takes every update; `now_ms` is wall-clock time in
    milliseconds."""

    def __init__(
        self,
        reader: Reader,
        known: KnownOrders,
        tell: Callable[[VenueEvent], None],
        missed: Callable[[str], None],
        heard: Callable[[OrderUpdate], None],
        now_ms: Callable[[], int],
    ) -> None:
        self._reader = reader
        self._known = known
        self._tell = tell
        self._missed = missed
        self._heard = heard
        self._now_ms = now_ms
        self._since_ms = now_ms()
        self._requests = 0
        self._in_flight: set[int] = set()
        self._kept: list[tuple[int, OrderUpdate]] = []
        self._timers: set[asyncio.TimerHandle] = set()

    def stream_up(self) -> None:
        """The streams came up: what was traded long before is history."""
        self._since_ms = self._now_ms()

    def order(self, row: Mapping[str, Any]) -> None:
        """Take an order as ccxt tells it."""
        try:
            update = self._reader.order(row)
            cut_short = update.status in _CUT_SHORT and row.get("filled") is None
            if cut_short and self._reader.translator.triggered(row) is None:
                self._heard(update)
                self._missed("an order ended, and the stream did not say how much of it was filled")
            else:
                self._take(update)
        except UNREADABLE as error:
            self._unreadable("order", row, error)

    def trade(self, row: Mapping[str, Any]) -> None:
        """Take a trade as ccxt tells it."""
        try:
            update = self._reader.trade(row)
            if update is not None:
                self._take(update)
        except UNREADABLE as error:
            self._unreadable("trade", row, error)

    def request_left(self) -> int:
        """A new order is under way. Returns the number to say so when it is answered."""
        self._requests += 1
        self._in_flight.add(self._requests)
        return self._requests

    def request_answered(self, number: int) -> None:
        """Its answer has been told: what was kept for it, and for those before it, finds its order now."""
        self._in_flight.discard(number)
        first = min(self._in_flight, default=self._requests + 1)
        due = [update for latest, update in self._kept if latest < first]
        self._kept = [kept for kept in self._kept if kept[0] >= first]
        for update in due:
            self._take(update, kept=True)

    def state(self, update: OrderUpdate) -> None:
        """Tell an order's state; its end waits for its trades, for a moment."""
        if update.status not in TERMINAL or self._known.traded(update) >= update.cum_quantity:
            self._tell(update)
            return
        timer: asyncio.TimerHandle | None = None

        def due() -> None:
            assert timer is not None
            self._timers.discard(timer)
            self._tell(update)

        timer = asyncio.get_running_loop().call_later(TRADES_SECONDS, due)
        self._timers.add(timer)

    def stop(self) -> None:
        """Tell nothing more; the next start asks."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self._kept.clear()

    def _take(self, update: OrderUpdate, *, kept: bool = False) -> None:
        if not self._known.knows(update):
            nameless = not update.client_order_id and not update.parent_order_id
            if self._in_flight and nameless and not kept:
                self._kept.append((self._requests, update))
                return
            if update.trade_id and update.at_ms and update.at_ms < self._since_ms - HISTORY_MS:
                return
        elif client_order_id := self._known.client_order_id(update):
            update = replace(update, client_order_id=client_order_id)
        self._heard(update)
        if not update.trade_id:
            self.state(update)
        elif self._known.trade(update):
            self._tell(update)

    def _unreadable(self, what: str, row: Mapping[str, Any], error: Exception) -> None:
        """Keep what could not be read, and compare the orders: it may have been about one of them."""
        log.warning("%s of account %s could not be read: %r", what, self._reader.account, error)
        body = msgspec.json.encode({"what": what, "record": row.get("info")}, enc_hook=str).decode()
        self._tell(
            AccountNotice(
                connector=self._reader.connector,
                account=self._reader.account,
                kind=UNREADABLE_NOTICE,
                body=body,
                at_ms=self._now_ms(),
            )
        )
        self._missed(f"an {what} on the stream could not be read")
