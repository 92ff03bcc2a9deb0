"""Keeping the journal small to start from: orders are kept as snapshots, a few at a time, so that a start
reads those of the open orders and the facts since, however many orders there have been.

A round takes every order that has changed since its last snapshot. When all of them are kept, facts up to
the round's beginning are not read at a start any more; what is older than the retention is deleted.
Orders that have ended leave the memory. No step takes longer than a millisecond or so.

Event loop only.
"""

import asyncio
import logging
import time
from collections.abc import Callable

from fixgate.engine.engine import Engine
from fixgate.engine.order import Order
from fixgate.engine.reporting import NO_ORDER_ID
from fixgate.engine.snapshots import snapshot_of
from fixgate.gateway.delivery import Delivery
from fixgate.gateway.dispatcher import Dispatcher
from fixgate.journal.journal import Floor, Journal, JournalError

log = logging.getLogger(__name__)

ROUND_SECONDS = 60.0
STEP_SECONDS = 0.01
ORDERS_A_STEP = 8
ROWS_A_STEP = 200
MEMORY_SECONDS = 60.0
"""How long an order that has ended stays in memory."""


class Keeper:
    """Runs rounds from `start` until `stop`. `alarm` calls an operator."""

    def __init__(
        self,
        engine: Engine,
        journal: Journal,
        delivery: Delivery,
        dispatcher: Dispatcher,
        alarm: Callable[[str], None],
        retention_seconds: float,
    ) -> None:
        self._engine = engine
        self._journal = journal
        self._delivery = delivery
        self._dispatcher = dispatcher
        self._alarm = alarm
        self._retention_ns = int(retention_seconds * 1e9)
        self._timer: asyncio.TimerHandle | None = None
        self._todo: list[int] = []
        self._target = Floor()
        self._unlooked = 0

    def start(self) -> None:
        """Begin with a round after `ROUND_SECONDS`."""
        self._later(ROUND_SECONDS, self._begin)

    def stop(self) -> None:
        """End between two steps; what is not kept is read as facts at the next start."""
        if self._timer is not None:
            self._timer.cancel()

    def _later(self, seconds: float, step: Callable[[], None]) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._run, step)

    def _run(self, step: Callable[[], None]) -> None:
        """Take a step, unless facts wait to be written: a snapshot must not know more than the journal."""
        if not self._dispatcher.sound:
            self._later(ROUND_SECONDS, self._begin)
            return
        try:
            step()
        except JournalError as error:
            self._alarm(f"orders could not be kept beside the journal's facts, which stay: {error}")
            self._later(ROUND_SECONDS, self._begin)

    def _begin(self) -> None:
        self._target = Floor(self._engine.last_seq, self._dispatcher.decided)
        self._todo = list(self._engine.book.changed)
        self._later(0, self._keep)

    def _keep(self) -> None:
        book, as_of = self._engine.book, self._engine.last_seq
        step, self._todo = self._todo[:ORDERS_A_STEP], self._todo[ORDERS_A_STEP:]
        orders = self._with_lists([book.changed[order_id] for order_id in step if order_id in book.changed])
        self._delivery.keep([str(order.order_id) for order in orders], as_of)
        if orders:
            self._keep_orders(orders, as_of)
        for order in orders:
            order.as_of = as_of
            del book.changed[order.order_id]
        self._later(STEP_SECONDS, self._keep if self._todo else self._finish)

    def _with_lists(self, orders: list[Order]) -> list[Order]:
        """Return orders with those of their lists: what a list counts towards a limit, its first order keeps,
        and a start must find all of a list as it was at one moment."""
        changed = self._engine.book.changed
        together = {order.order_id: order for order in orders}
        for order in orders:
            for order_id in order.request.list_orders:
                if order_id in changed:
                    together[order_id] = changed[order_id]
        return list(together.values())

    def _keep_orders(self, orders: list[Order], as_of: int) -> None:
        """Keep orders with what they count on their days, in one commit: a start reads the facts since."""
        ledger = self._engine.book.ledger
        days = ledger.snapshot(as_of)
        try:
            self._journal.keep([snapshot_of(order, as_of) for order in orders], ledger=days)
        except JournalError:
            if days is not None:
                ledger.keep_again(days)
            raise

    def _finish(self) -> None:
        book = self._engine.book
        self._delivery.keep([NO_ORDER_ID], self._target.seq)
        spent = book.spent[:ROWS_A_STEP]
        if spent:
            self._journal.keep((), [each.kept for each in spent])
            del book.spent[: len(spent)]
            book.evict_ids(spent)
            self._later(STEP_SECONDS, self._finish)
            return
        self._journal.raise_floor(self._target)
        self._unlooked = len(book.finished)
        self._later(STEP_SECONDS, self._evict)

    def _evict(self) -> None:
        before_ns = time.time_ns() - int(MEMORY_SECONDS * 1e9)
        looked = self._engine.book.evict(before_ns, ROWS_A_STEP)
        self._unlooked -= looked
        more = looked == ROWS_A_STEP and self._unlooked > 0
        self._later(STEP_SECONDS, self._evict if more else self._forget)

    def _forget(self) -> None:
        deleted = self._journal.forget(time.time_ns() - self._retention_ns, ROWS_A_STEP)
        if deleted:
            self._later(STEP_SECONDS, self._forget)
        else:
            self._later(ROUND_SECONDS, self._begin)
