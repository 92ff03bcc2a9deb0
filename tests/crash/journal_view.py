"""What the journal says became of each order, read through its port after the gateway has ended."""

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from fixgate.journal.journal import Journal
from fixgate.journal.sqlite import SqliteJournal
from fixgate.model.facts import (
    Fact,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderReceived,
    OrderRejected,
    OrderReplaced,
    OrderRestated,
)
from fixgate.model.snapshot import OrderSnapshot
from tests.crash.verdict import Kept

_ENDS = OrderCanceled | OrderExpired | OrderRejected


def read_journal(path: Path, order_ids: Iterable[int]) -> tuple[dict[int, Kept], int]:
    """Return every order by its id, and how many inbox rows were never decided on.

    An order is its snapshot, if the journal has one, and the facts since. `order_ids` names the orders to
    look for among the snapshots; all others are found by their facts.
    """
    journal = SqliteJournal(path)
    try:
        return _orders(journal, order_ids), len(journal.unhandled())
    finally:
        journal.close()


def _orders(journal: Journal, order_ids: Iterable[int]) -> dict[int, Kept]:
    found = {order_id: journal.order(order_id) for order_id in order_ids}
    kept = {order_id: _of_snapshot(each) for order_id, each in found.items() if each is not None}
    for fact in journal.facts():
        if isinstance(fact, OrderReceived) and fact.order_id not in kept:
            kept[fact.order_id] = Kept(fact.command.cl_ord_id, fact.seq, fact.request.quantity)
        elif fact.order_id in kept and fact.seq > kept[fact.order_id].as_of:
            _apply(kept[fact.order_id], fact)
    for order in kept.values():
        if not order.ended and order.cum >= order.quantity:
            order.ended = "filled"
    return kept


def _of_snapshot(snapshot: OrderSnapshot) -> Kept:
    return Kept(
        snapshot.terms.cl_ord_id,
        snapshot.as_of,
        snapshot.quantity,
        cum=snapshot.cum,
        fees=None,
        ended="" if snapshot.open else snapshot.state,
    )


def _apply(order: Kept, fact: Fact) -> None:
    if isinstance(fact, OrderFilled):
        order.cum += fact.last_quantity
        if order.fees is not None:
            order.fees[fact.commission_currency] += fact.commission or Decimal(0)  # type: ignore[assignment]
    elif isinstance(fact, OrderReplaced | OrderRestated):
        order.quantity = fact.quantity
    elif isinstance(fact, _ENDS):
        order.ended = type(fact).__name__
