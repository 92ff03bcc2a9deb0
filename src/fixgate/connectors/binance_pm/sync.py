"""Finding out what became of an order: the answer to every doubt.

An order is queried until the venue gives a definite answer. "No such order" counts only once the
order's last request can no longer take effect (its timestamp plus recvWindow, with a margin for the
venue's own lag), because a query can run ahead of the order; of an order that the venue once had, only
after half a minute of it, and only when the venue's order history does not know it either. Trades that the
engine has not heard of are fetched and told before the state is.

An order that a service for conditional orders holds is asked about there first, and its child in the engine
(`held_lookup.py`).

Trades can be gone for good: the venue keeps them for a limited time. When complete readings have fallen
short for a minute, what was found is told, then a notice that calls an operator, then the state with a
text that begins with `TRADES_MISSING`.
"""

import asyncio
import logging
from collections.abc import Callable
from decimal import Decimal

import msgspec
from msgspec.structs import replace

from fixgate.connectors.binance_pm.answers import is_same_order, query_update, trade_update
from fixgate.connectors.binance_pm.conditional_answers import as_order_row, held_query_update
from fixgate.connectors.binance_pm.held_lookup import NO_SUCH_ORDER, ChildNotListed, Found, HeldLookup
from fixgate.connectors.binance_pm.history import History, Row
from fixgate.connectors.binance_pm.questions import UNREADABLE, Questions
from fixgate.connectors.binance_pm.requests import at_service, query_params
from fixgate.connectors.binance_pm.settings import BinancePmSyncSettings
from fixgate.connectors.binance_pm.triggered_orders import TriggeredOrders
from fixgate.connectors.binance_pm.venue_words import LEG_OF, exact
from fixgate.model.decimals import plain
from fixgate.model.enums import ProductType
from fixgate.model.venue import AccountNotice, OrderNotFound, OrderUpdate, QueryAtVenue, VenueEvent
from fixgate.papi.answers import PapiError
from fixgate.papi.error_codes import Outcome
from fixgate.papi.errors import VenueError
from fixgate.papi.legs import LEGS

log = logging.getLogger(__name__)

MARGIN_SECONDS = 2.0
"""How long after recvWindow the venue's queries may still lag behind its engine."""

ACKNOWLEDGED_SECONDS = 30.0
"""How long the venue must go on denying an order that it had confirmed."""

MISSING_SECONDS = 60.0
"""How long complete readings of an order's trades must fall short before the rest is given up."""

TRADES_MISSING = "trades missing"
"""How the text of a state begins that counts more than the trades that could be read."""

TRADES_MISSING_NOTICE = "tradesMissing"

_EARLY_SECONDS = 0.002
_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6, 3.0)


class _Case:
    """One order that is being asked about. Times are local seconds."""

    def __init__(self, query: QueryAtVenue, window: float, now: float) -> None:
        self.query = query
        self.deadline = query.since_ns / 1e9 + window
        self.gone_after = now + ACKNOWLEDGED_SECONDS if query.venue_order_id else self.deadline
        self.told: set[str] = set()
        self.short_since: float | None = None

    def renew(self, query: QueryAtVenue, window: float, now: float) -> None:
        """Go on with a newer question about the same order; one that the venue has acknowledged meanwhile
        gets the time of one."""
        if query.venue_order_id and not self.query.venue_order_id:
            self.gone_after = now + ACKNOWLEDGED_SECONDS
        self.query = query
        self.deadline = max(self.deadline, query.since_ns / 1e9 + window)


class OrderSync:
    """Resolves one account's orders, one task per order at most. Touched by the event loop only.

    `window` is how long after it was sent a request may still take effect, in seconds, without the margin
    for lag. `now` is wall-clock time in seconds, `clock_offset_ms` how far the venue's clock is ahead of it.
    """

    def __init__(
        self,
        questions: Questions,
        limits: BinancePmSyncSettings,
        window: float,
        sink: Callable[[VenueEvent], None],
        now: Callable[[], float],
        missing_seconds: float = MISSING_SECONDS,
        clock_offset_ms: Callable[[], float] = lambda: 0.0,
        triggered: TriggeredOrders | None = None,
    ) -> None:
        self._questions = questions
        self._held = HeldLookup(questions, triggered or TriggeredOrders())
        self._limits = limits
        self._window = window + MARGIN_SECONDS
        self._sink = sink
        self._now = now
        self._missing_seconds = missing_seconds
        self._clock_offset_ms = clock_offset_ms
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._waiting: dict[int, QueryAtVenue] = {}
        self._given_up: dict[int, Decimal] = {}
        self._closed = False

    def ask(self, query: QueryAtVenue) -> None:
        """Find out about an order. A question asked while the same order is being asked about takes the
        other's place, because it may know of a later request."""
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
        case = _Case(query, self._window, self._now())
        attempt = 0
        while True:
            if case.query.settle:
                await self._until(case.deadline)
            if await self._try(case):
                return
            await asyncio.sleep(_PAUSES[min(attempt, len(_PAUSES) - 1)])
            attempt += 1
            newer = self._waiting.pop(query.order_id, None)
            if newer is not None:
                case.renew(newer, self._window, self._now())

    async def _try(self, case: _Case) -> bool:
        """Ask once; True when the question is settled."""
        query = case.query
        began = self._now()
        try:
            found, asked = await self._look_up(query)
            return await self._found(case, found, asked=asked)
        except VenueError as error:
            known = isinstance(error, ChildNotListed) and self._known_by_service(case, error.row)
            if known or error.failure.code != NO_SUCH_ORDER:
                log.warning("query of order %s: %s", query.order_id, error)
            elif began >= max(case.deadline, case.gone_after):
                return await self._not_found(case)
        except PapiError as error:
            log.warning("query of order %s: %s", query.order_id, error)
        except UNREADABLE as error:
            log.warning("query of order %s: the answer could not be read: %r", query.order_id, error)
        return False

    async def _look_up(self, query: QueryAtVenue) -> tuple[Found, float]:
        """Return what the order is found to be, and when the first question about that left."""
        if at_service(query):
            began = self._now()
            return await self._held.find(query), began
        leg = LEG_OF[query.product_type]
        answered = await self._questions.ask(LEGS[leg].order, query_params(query), leg, urgent=True)
        return Found(answered.body, by_client_id=not query.venue_order_id), answered.asked

    def _known_by_service(self, case: _Case, row: Row) -> bool:
        """Take the word of a service that it put the order on the market, which the engine denies: True when
        that was news, so that the denial must go on for as long as that of any order the venue once had."""
        query = case.query
        try:
            if query.venue_order_id or not self._is_the_order(query, Found(row, False, by_client_id=True)):
                return False
            update = held_query_update(query, row, settled=False)
        except UNREADABLE:
            return False
        self._sink(update)
        parent = update.parent_order_id or update.venue_order_id
        case.renew(replace(query, venue_order_id=parent), self._window, self._now())
        return True

    async def _not_found(self, case: _Case) -> bool:
        """The venue's query denies the order for good: look into the history of an order that it had."""
        began = self._now()
        try:
            found = await self._in_history(case.query)
            if found is not None:
                return await self._found(case, found, asked=began)
        except (PapiError, *UNREADABLE) as error:
            log.warning("order history of order %s: %s", case.query.order_id, error)
            if not (isinstance(error, VenueError) and error.failure.outcome is Outcome.REJECT):
                return False
        self._sink(_not_found(case.query, _NOT_FOUND_TEXT))
        return True

    async def _in_history(self, query: QueryAtVenue) -> Found | None:
        """Return the order from the venue's history, by its id; `None` when it is not there, or when the
        venue never gave it an id."""
        if not at_service(query):
            row = await self._in_engine_history(query, query.venue_order_id)
            return None if row is None else Found(row)
        row = await self._held.in_history(query)
        if row is None:
            return None
        held = self._held.heard(query, row)
        if not held.has_left:
            return Found(row, in_engine=False)
        row = await self._in_engine_history(query, held.child_id)
        return None if row is None else Found(row, parent_order_id=held.venue_order_id)

    async def _in_engine_history(self, query: QueryAtVenue, venue_order_id: str) -> Row | None:
        if not venue_order_id:
            return None
        leg, wanted = LEG_OF[query.product_type], int(venue_order_id)

        async def fetch(choice: list[tuple[str, str]]) -> list[Row]:
            params = [("symbol", query.symbol), *choice]
            answered = await self._questions.ask(LEGS[leg].all_orders, params, leg, urgent=False)
            return answered.body  # type: ignore[no-any-return]

        orders = History(fetch, _orders_limit(self._limits, query.product_type), "orderId", "orderId")
        await orders.from_id(wanted, lambda: any(found >= wanted for found, _ in orders.rows))
        return orders.rows.get((wanted, wanted))

    async def _found(self, case: _Case, found: Found, *, asked: float) -> bool:
        """Tell missing trades, then the state; False when not all trades are to be had yet."""
        query, row = case.query, found.row
        if not self._is_the_order(query, found):
            self._sink(_not_found(query, _OTHER_ORDER_TEXT))
            return True
        settled = asked >= case.deadline and query.order_id not in self._waiting
        if not found.in_engine:
            self._sink(held_query_update(query, row, settled=settled))
            return settled or not query.settle
        update = query_update(query, row, settled=settled)
        update = replace(update, parent_order_id=found.parent_order_id)
        if update.cum_quantity > query.cum_quantity:
            trades = await self._trades(query, update, row)
            for trade in trades:
                self._tell_trade(case, trade_update(query, update, trade))
            listed = _sum(trades)
            if listed < update.cum_quantity:
                return self._fell_short(case, update, listed)
        self._sink(update)
        return settled or not query.settle

    def _is_the_order(self, query: QueryAtVenue, found: Found) -> bool:
        if not found.by_client_id:
            return True
        row = found.row if found.in_engine else as_order_row(query.product_type, found.row)
        return is_same_order(replace(query, venue_order_id=""), row, self._clock_offset_ms())

    async def _until(self, at: float) -> None:
        """Wait until `at` on the wall clock; the loop's timers are another clock and may be early."""
        while True:
            left = at - self._now()
            if left <= 0:
                return
            await asyncio.sleep(left + _EARLY_SECONDS)

    def _tell_trade(self, case: _Case, trade: OrderUpdate) -> None:
        if trade.trade_id not in case.told:
            case.told.add(trade.trade_id)
            self._sink(trade)

    def _fell_short(self, case: _Case, update: OrderUpdate, found: Decimal) -> bool:
        """Wait for the trades that the venue counts and does not list yet, but not for ever."""
        now = self._now()
        if case.short_since is None:
            case.short_since = now
        known = self._given_up.get(case.query.order_id) == update.cum_quantity
        if not known and (not update.settled or now - case.short_since < self._missing_seconds):
            return False
        text = (
            f"{TRADES_MISSING}: {plain(update.cum_quantity)} is filled, and the venue lists trades of "
            f"{plain(found)} only"
        )
        if not known:
            self._given_up[case.query.order_id] = update.cum_quantity
            body = {
                "orderId": update.venue_order_id,
                "clientOrderId": update.client_order_id,
                "symbol": update.symbol,
                "executedQty": plain(update.cum_quantity),
                "tradesQty": plain(found),
            }
            self._sink(
                AccountNotice(
                    connector=update.connector,
                    account=update.account,
                    kind=TRADES_MISSING_NOTICE,
                    body=msgspec.json.encode(body).decode(),
                    at_ms=update.at_ms,
                )
            )
        self._sink(replace(update, text=text, trades_missing=True))
        return True

    async def _trades(self, query: QueryAtVenue, update: OrderUpdate, order: Row) -> list[Row]:
        """Return the order's trades, oldest first, until the filled quantity is accounted for.

        Margin filters by order and is read by id. Futures do not filter: they are read in windows of time
        as wide as the venue allows, from the order's birth to its last change.
        """
        leg = LEG_OF[query.product_type]
        by_order = query.product_type is ProductType.SPOT
        mine = [("symbol", query.symbol)] + ([("orderId", update.venue_order_id)] if by_order else [])

        async def fetch(choice: list[tuple[str, str]]) -> list[Row]:
            answered = await self._questions.ask(LEGS[leg].trades, [*mine, *choice], leg, urgent=False)
            return answered.body  # type: ignore[no-any-return]

        def of_order() -> list[Row]:
            return [row for row in trades.rows.values() if str(row["orderId"]) == update.venue_order_id]

        def enough() -> bool:
            return _sum(of_order()) >= update.cum_quantity

        trades = History(fetch, _trades_limit(self._limits, query.product_type), "id", "fromId")
        if by_order:
            await trades.from_id(0, enough)
        else:
            start = int(order.get("time") or update.at_ms)
            end = max(update.at_ms or int(self._now() * 1000), start) + AFTER_UPDATE_MS
            while start <= end and not enough():
                until = min(start + LEGS[leg].trades_window_ms - 1, end)
                await trades.between(start, until, enough)
                start = until + 1
        return sorted(of_order(), key=lambda row: int(row["id"]))


AFTER_UPDATE_MS = 1000
"""How far after an order's last change its trades are looked for: the two times are not of one clock."""


def _not_found(query: QueryAtVenue, text: str) -> OrderNotFound:
    return OrderNotFound(order_id=query.order_id, venue_order_id=query.venue_order_id, text=text)


def _sum(rows: list[Row]) -> Decimal:
    return sum((exact(row["qty"]) for row in rows), Decimal(0))


_OTHER_ORDER_TEXT = "the venue has another order under this client order id; this one was not taken"
_NOT_FOUND_TEXT = "the venue has no such order, and the time in which it could appear is over"


def _trades_limit(limits: BinancePmSyncSettings, product: ProductType) -> int:
    by_product: dict[ProductType, int] = {
        ProductType.SPOT: limits.spot_trades_request_size_limit,
        ProductType.FUTURE: limits.future_trades_request_size_limit,
        ProductType.DELIVERY: limits.delivery_trades_request_size_limit,
    }
    return by_product[product]


def _orders_limit(limits: BinancePmSyncSettings, product: ProductType) -> int:
    by_product: dict[ProductType, int] = {
        ProductType.SPOT: limits.spot_orders_request_size_limit,
        ProductType.FUTURE: limits.future_orders_request_size_limit,
        ProductType.DELIVERY: limits.delivery_orders_request_size_limit,
    }
    return by_product[product]
