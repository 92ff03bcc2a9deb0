"""Finding out what became of an order: the answer to every doubt.

An order is queried until the venue gives a definite answer. "No such order" counts only once the
order's last request can no longer take effect (its timestamp plus recvWindow, with a margin for the
venue's own lag), because a query can run ahead of the order; of an order that the venue once had, only
after half a minute of it. Trades that the engine has not heard of are fetched and told before the state
is. Questions share a few places, apart from the orders' own connections, and all of them pause when the
venue says so.
"""

import asyncio
import logging
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
from msgspec.structs import replace

from fixgate.connectors.binance_pm.answers import is_same_order, query_update, trade_update
from fixgate.connectors.binance_pm.requests import query_params
from fixgate.connectors.binance_pm.settings import BinancePmSyncSettings
from fixgate.connectors.binance_pm.venue_words import LEG_OF
from fixgate.model.enums import ProductType
from fixgate.model.venue import OrderNotFound, OrderUpdate, QueryAtVenue, VenueEvent
from fixgate.papi.answers import PapiError
from fixgate.papi.error_codes import Outcome
from fixgate.papi.errors import VenueError
from fixgate.papi.legs import LEGS
from fixgate.papi.rest import PortfolioRest

log = logging.getLogger(__name__)

MARGIN_SECONDS = 2.0
"""How long after recvWindow the venue's queries may still lag behind its engine."""

ACKNOWLEDGED_SECONDS = 30.0
"""How long the venue must go on denying an order that it had confirmed."""

THROTTLED_SECONDS = 5.0
"""How long to pause when the venue throttles and does not say for how long."""

AT_ONCE = 4
"""Questions under way at the same time."""

_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6, 3.0)
_NO_SUCH_ORDER = -2013
_UNREADABLE = (msgspec.DecodeError, ArithmeticError, AttributeError, KeyError, TypeError, ValueError)

decode = msgspec.json.Decoder().decode
Row = dict[str, Any]


class OrderSync:
    """Resolves one account's orders, one task per order at most. Touched by the event loop only."""

    def __init__(
        self,
        rest: PortfolioRest,
        limits: BinancePmSyncSettings,
        recv_window: float,
        sink: Callable[[VenueEvent], None],
        now: Callable[[], float],
    ) -> None:
        self._rest = rest
        self._limits = limits
        self._window = recv_window + MARGIN_SECONDS
        self._sink = sink
        self._now = now
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._waiting: dict[int, QueryAtVenue] = {}
        self._places = asyncio.Semaphore(AT_ONCE)
        self._not_before = 0.0
        self._closed = False

    def ask(self, query: QueryAtVenue) -> None:
        """Find out about an order. A question asked while the same order is being asked about is put
        once more afterwards, because it may know of a later request."""
        if self._closed:
            return
        if query.order_id in self._tasks:
            earlier = self._waiting.get(query.order_id, query)
            self._waiting[query.order_id] = replace(query, settle=query.settle or earlier.settle)
            return
        task = asyncio.get_running_loop().create_task(self._resolve(query))
        self._tasks[query.order_id] = task
        task.add_done_callback(lambda done: self._resolved(query.order_id, done))

    async def stop(self) -> None:
        """Give up every open question; the next start asks again."""
        self._closed = True
        self._waiting.clear()
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _resolved(self, order_id: int, task: "asyncio.Task[None]") -> None:
        self._tasks.pop(order_id, None)
        if not task.cancelled() and task.exception() is not None:
            log.error("resolving order %s failed", order_id, exc_info=task.exception())
        waiting = self._waiting.pop(order_id, None)
        if waiting is not None:
            self.ask(waiting)

    async def _resolve(self, query: QueryAtVenue) -> None:
        deadline = query.since_ns / 1e9 + self._window
        if query.settle:
            await asyncio.sleep(max(0.0, deadline - self._now()))
        gone_after = self._now() + ACKNOWLEDGED_SECONDS if query.venue_order_id else deadline
        attempt = 0
        while True:
            async with self._places:
                await asyncio.sleep(max(0.0, self._not_before - self._now()))
                if await self._try(query, deadline, gone_after):
                    return
            await asyncio.sleep(_PAUSES[min(attempt, len(_PAUSES) - 1)])
            attempt += 1

    async def _try(self, query: QueryAtVenue, deadline: float, gone_after: float) -> bool:
        """Ask once; True when the question is settled."""
        leg = LEG_OF[query.product_type]
        asked = self._now()
        try:
            reply = decode(await self._rest.signed("GET", LEGS[leg].order, query_params(query), leg=leg))
            if not is_same_order(query, reply):
                self._sink(OrderNotFound(order_id=query.order_id, text=_OTHER_ORDER_TEXT))
                return True
            settled = asked >= deadline and query.order_id not in self._waiting
            return await self._told(query, query_update(query, reply, settled=settled), reply)
        except VenueError as error:
            self._pause(error)
            if error.failure.code != _NO_SUCH_ORDER:
                log.warning("query of order %s: %s", query.order_id, error)
            elif asked >= max(deadline, gone_after):
                self._sink(OrderNotFound(order_id=query.order_id, text=_NOT_FOUND_TEXT))
                return True
        except PapiError as error:
            log.warning("query of order %s: %s", query.order_id, error)
        except _UNREADABLE as error:
            log.warning("query of order %s: the answer could not be read: %r", query.order_id, error)
        return False

    def _pause(self, error: VenueError) -> None:
        """Stop asking for as long as the venue wishes."""
        failure = error.failure
        if failure.outcome is Outcome.THROTTLED:
            until = self._now() + (failure.retry_after or THROTTLED_SECONDS)
            self._not_before = max(self._not_before, until, (failure.banned_until_ms or 0) / 1000)

    async def _told(self, query: QueryAtVenue, update: OrderUpdate, reply: Row) -> bool:
        """Tell missing trades, then the state; False when not all trades are to be had yet."""
        if update.cum_quantity > query.cum_quantity:
            rows = await self._trades(query, update, reply)
            for row in rows:
                self._sink(trade_update(query, update, row))
            if sum((Decimal(row["qty"]) for row in rows), Decimal(0)) < update.cum_quantity:
                return False
        self._sink(update)
        return True

    async def _trades(self, query: QueryAtVenue, update: OrderUpdate, reply: Row) -> list[Row]:
        """Return the order's trades, oldest first, until the filled quantity is accounted for.

        Margin filters by order. Futures do not: their trades are read in windows of time from the
        order's birth, as wide as the venue allows, and a full page is continued by trade id.
        """
        leg = LEG_OF[query.product_type]
        limit = _trades_limit(self._limits, query.product_type)
        by_order = query.product_type is ProductType.SPOT
        base = [("symbol", query.symbol), ("limit", str(limit))]
        if by_order:
            base.append(("orderId", update.venue_order_id))
        found: dict[int, Row] = {}
        start, end = int(reply.get("time") or update.at_ms), int(self._now() * 1000) + 1000
        from_id = 0
        while start < end and _filled(found) < update.cum_quantity:
            until = min(start + LEGS[leg].trades_window_ms - 1, end)
            window = [] if by_order else [("startTime", str(start)), ("endTime", str(until))]
            page = [("fromId", str(from_id))] if from_id else window
            rows = decode(await self._rest.signed("GET", LEGS[leg].trades, [*base, *page], leg=leg))
            found.update((row["id"], row) for row in rows if str(row["orderId"]) == update.venue_order_id)
            if len(rows) >= limit:
                from_id = max(row["id"] for row in rows) + 1
            elif from_id or by_order:
                break
            else:
                start = until + 1
        return [found[key] for key in sorted(found)]


def _filled(rows: dict[int, Row]) -> Decimal:
    return sum((Decimal(row["qty"]) for row in rows.values()), Decimal(0))


_OTHER_ORDER_TEXT = "the venue has another order under this client order id; this one was not taken"
_NOT_FOUND_TEXT = "the venue has no such order, and the time in which it could appear is over"


def _trades_limit(limits: BinancePmSyncSettings, product: ProductType) -> int:
    by_product: dict[ProductType, int] = {
        ProductType.SPOT: limits.spot_trades_request_size_limit,
        ProductType.FUTURE: limits.future_trades_request_size_limit,
        ProductType.DELIVERY: limits.delivery_trades_request_size_limit,
    }
    return by_product[product]
