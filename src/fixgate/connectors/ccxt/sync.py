"""Finding out what became of an order: the answer to every doubt.

An order is asked about until the venue gives a definite answer: by the venue's id or else by the client
order id, open and finished, plain and conditional, as the translator says. "No such order" counts only once
the order's last request can no longer take effect, and of an order that the venue once had only after half
a minute of it. An order that was found by its client order id alone must be of the same side, and not older
than the gateway's own. Trades beyond what the engine knows are told first, then the state. Trades that the
venue counts and does not list for a minute are given up: the state then says so.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace

from fixgate.connectors.ccxt.outcomes import Failure
from fixgate.connectors.ccxt.reading import TERMINAL, UNREADABLE, Reader, client_id, text
from fixgate.connectors.ccxt.translator import Call, Market, Translator, Verdict
from fixgate.model.decimals import plain
from fixgate.model.refusal import Refused
from fixgate.model.venue import AccountNotice, OrderNotFound, OrderUpdate, QueryAtVenue, VenueEvent

log = logging.getLogger(__name__)

MARGIN_SECONDS = 7.0
"""How long after its time has run out a request may still take effect: the venues' own validity of 5
seconds, and their queries' lag behind their engines."""

ACKNOWLEDGED_SECONDS = 30.0
"""How long the venue must go on denying an order that it had confirmed."""

MISSING_SECONDS = 60.0
"""How long an order's listed trades must fall short before the rest is given up."""

TRADES_MISSING = "trades missing"
"""How the text of a state begins that counts more than the trades that could be read."""

TRADES_MISSING_NOTICE = "tradesMissing"

CLOCK_SLACK_MS = 60_000
"""How far the venue's birth time of an order may lie before the gateway's own."""

MOST_PAGES = 50
"""The longest history of trades that is read for one order."""

_EARLY_SECONDS = 0.002
_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6, 3.0)


class QuestionFailed(Exception):
    """A question that was not answered; `failure` says what the venue said."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.text)
        self.failure = failure


class Ask(Protocol):
    """Makes a reading call for a market, at its turn. Raises `QuestionFailed`."""

    def __call__(self, market: Market, call: Call) -> Awaitable[Any]: ...


class _Case:
    """One order that is being asked about. Times are local seconds."""

    def __init__(self, query: QueryAtVenue, window: float, now: float, end_by: float) -> None:
        self.query = query
        self.deadline = query.since_ns / 1e9 + window
        self.gone_after = now + ACKNOWLEDGED_SECONDS if query.venue_order_id else self.deadline
        self.end_by = end_by
        self.told: set[str] = set()
        self.short_since: float | None = None

    def renew(self, query: QueryAtVenue, window: float, now: float) -> None:
        if query.venue_order_id and not self.query.venue_order_id:
            self.gone_after = now + ACKNOWLEDGED_SECONDS
        self.query = query
        self.deadline = max(self.deadline, query.since_ns / 1e9 + window)


class OrderSync:
    """Resolves one account's orders, one task per order at most. Touched by the event loop only.

    `timeout` is how long a request waits for its answer, in seconds; `now` is wall-clock time in seconds.
    """

    def __init__(
        self,
        translator: Translator,
        reader: Reader,
        ask: Ask,
        tell: Callable[[VenueEvent], None],
        now: Callable[[], float],
        timeout: float,
        missing_seconds: float = MISSING_SECONDS,
    ) -> None:
        self._translator = translator
        self._reader = reader
        self._ask_venue = ask
        self._tell = tell
        self._now = now
        self._window = timeout + MARGIN_SECONDS
        self._missing_seconds = missing_seconds
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._waiting: dict[int, QueryAtVenue] = {}
        self._given_up: dict[int, Decimal] = {}
        self._closed = False

    def ask(self, query: QueryAtVenue, *, end_within: float = 0.0) -> None:
        """Find out about an order. A question asked while the same order is being asked about takes the
        other's place. `end_within` is for how many seconds an order that is still open is asked about
        again: its cancel was accepted."""
        if self._closed:
            return
        if query.order_id in self._tasks:
            earlier = self._waiting.get(query.order_id, query)
            self._waiting[query.order_id] = replace(query, settle=query.settle or earlier.settle)
            return
        task = asyncio.get_running_loop().create_task(self._resolve(query, self._now() + end_within))
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

    async def _resolve(self, query: QueryAtVenue, end_by: float) -> None:
        case = _Case(query, self._window, self._now(), end_by)
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
        query, began = case.query, self._now()
        market = self._reader.market(query.symbol)
        if market is None:
            log.warning("query of order %s: %s is not among the markets", query.order_id, query.symbol)
            return False
        try:
            row = await self._look_up(query, market)
            if row is not None:
                return await self._found(case, market, row, asked=began)
        except QuestionFailed as error:
            log.warning("query of order %s: %s", query.order_id, error)
            return False
        except (Refused, *UNREADABLE) as error:
            log.warning("query of order %s: the answer could not be read: %r", query.order_id, error)
            return False
        if began < max(case.deadline, case.gone_after):
            return False
        self._tell(_not_found(query, _NOT_FOUND_TEXT))
        return True

    async def _look_up(self, query: QueryAtVenue, market: Market) -> Mapping[str, Any] | None:
        """Return the order, where one of the translator's questions finds it."""
        for call in self._translator.query(query, market):
            try:
                answer = await self._ask_venue(market, call)
            except QuestionFailed as error:
                if error.failure.verdict is not Verdict.NOT_FOUND:
                    raise
                continue
            listed = isinstance(answer, list)
            for row in answer if listed else [answer]:
                if isinstance(row, Mapping) and _is_named(row, query, listed=listed):
                    return row
        return None

    async def _found(self, case: _Case, market: Market, row: Mapping[str, Any], *, asked: float) -> bool:
        """Tell missing trades, then the state; False when not all is to be had yet."""
        query = case.query
        if not _is_same(row, query, self._reader):
            self._tell(_not_found(query, _OTHER_ORDER_TEXT))
            return True
        settled = asked >= case.deadline and query.order_id not in self._waiting
        update = self._state(query, row, settled=settled)
        if update.parent_order_id and update.parent_order_id == text(row.get("id")):
            # It was triggered: the order that its trigger made is what counts from here on.
            self._tell(replace(update, settled=False))
            case.renew(replace(query, venue_order_id=update.venue_order_id, held=False), self._window, asked)
            return False
        if update.cum_quantity > query.cum_quantity:
            born_ns = query.born_ns or int(row.get("timestamp") or 0) * 1_000_000
            trades = await self._trades(replace(query, born_ns=born_ns), market, update)
            for trade in trades:
                self._tell_trade(case, trade, update)
            listed = sum((each.last_quantity or Decimal(0) for each in trades), Decimal(0))
            if listed < update.cum_quantity:
                return self._fell_short(case, update, listed)
        if update.status not in TERMINAL and self._now() < case.end_by:
            return False
        self._tell(update)
        return settled or not query.settle

    def _state(self, query: QueryAtVenue, row: Mapping[str, Any], *, settled: bool) -> OrderUpdate:
        update = self._reader.order(row, query.symbol)
        return replace(
            update,
            order_id=query.order_id,
            client_order_id=query.client_order_id,
            venue_order_id=update.venue_order_id or query.venue_order_id,
            settled=settled,
        )

    async def _trades(self, query: QueryAtVenue, market: Market, update: OrderUpdate) -> list[OrderUpdate]:
        """Return the order's trades, oldest first, page by page until the filled quantity is accounted
        for."""
        found: dict[str, OrderUpdate] = {}
        page = replace(query, venue_order_id=update.venue_order_id, held=False)
        for _ in range(MOST_PAGES):
            rows: Sequence[Mapping[str, Any]] = await self._ask_venue(
                market, self._translator.trades(page, market)
            )
            latest = 0
            for row in rows:
                trade = self._reader.trade(row, query.symbol)
                if trade is None:
                    continue
                latest = max(latest, trade.at_ms)
                if trade.venue_order_id == update.venue_order_id:
                    found[trade.trade_id] = trade
            total = sum((each.last_quantity or Decimal(0) for each in found.values()), Decimal(0))
            if total >= update.cum_quantity or latest * 1_000_000 <= page.born_ns:
                break
            page = replace(page, born_ns=latest * 1_000_000)
        return sorted(found.values(), key=lambda each: (each.at_ms, len(each.trade_id), each.trade_id))

    def _tell_trade(self, case: _Case, trade: OrderUpdate, state: OrderUpdate) -> None:
        if trade.trade_id in case.told:
            return
        case.told.add(trade.trade_id)
        self._tell(
            replace(
                trade,
                order_id=state.order_id,
                client_order_id=state.client_order_id,
                parent_order_id=state.parent_order_id,
                quantity=state.quantity,
                price=state.price,
                at_ms=max(trade.at_ms, state.at_ms),
            )
        )

    def _fell_short(self, case: _Case, update: OrderUpdate, found: Decimal) -> bool:
        """Wait for the trades that the venue counts and does not list yet, but not for ever."""
        now = self._now()
        if case.short_since is None:
            case.short_since = now
        known = self._given_up.get(case.query.order_id) == update.cum_quantity
        if not known and (now < case.deadline or now - case.short_since < self._missing_seconds):
            return False
        if not known:
            self._given_up[case.query.order_id] = update.cum_quantity
            body = {
                "order": update.venue_order_id,
                "clientOrderId": update.client_order_id,
                "symbol": update.symbol,
                "filled": plain(update.cum_quantity),
                "listed": plain(found),
            }
            self._tell(
                AccountNotice(
                    connector=update.connector,
                    account=update.account,
                    kind=TRADES_MISSING_NOTICE,
                    body=msgspec.json.encode(body).decode(),
                    at_ms=update.at_ms,
                )
            )
        said = (
            f"{TRADES_MISSING}: {plain(update.cum_quantity)} is filled, and the venue lists trades of "
            f"{plain(found)} only"
        )
        self._tell(replace(update, text=said, trades_missing=True))
        return True

    async def _until(self, at: float) -> None:
        """Wait until `at` on the wall clock; the loop's timers are another clock and may be early."""
        while True:
            left = at - self._now()
            if left <= 0:
                return
            await asyncio.sleep(left + _EARLY_SECONDS)


def _is_named(row: Mapping[str, Any], query: QueryAtVenue, *, listed: bool) -> bool:
    """True for a row that carries the id that was asked for. The venue's answer to a question about one order
    may leave our id out; a row of a list without it is anybody's."""
    if query.venue_order_id:
        return text(row.get("id")) in (query.venue_order_id, "")
    named = client_id(row)
    return named == query.client_order_id or (not named and not listed and bool(row.get("id")))


def _is_same(row: Mapping[str, Any], query: QueryAtVenue, reader: Reader) -> bool:
    """False when an order that was found by its client order id alone cannot be the one that was sent."""
    if query.venue_order_id or query.side is None:
        return True
    state = reader.order(row, query.symbol)
    if state.side is not None and state.side is not query.side:
        return False
    born = int(row.get("timestamp") or 0)
    return not born or born >= query.born_ns // 1_000_000 - CLOCK_SLACK_MS


def _not_found(query: QueryAtVenue, said: str) -> OrderNotFound:
    return OrderNotFound(order_id=query.order_id, venue_order_id=query.venue_order_id, text=said)


_OTHER_ORDER_TEXT = "the venue has another order under this client order id; this one was not taken"
_NOT_FOUND_TEXT = "the venue has no such order, and the time in which it could appear is over"
