"""Which order of the matching engine came out of which conditional order.

An event or row of a child need not say whose child it is: USDⓈ-M orders never do. The services' own events
and answers do, and those of orders still held back say which client order id is a conditional order's. What
was heard is remembered here, so that a child is told with its parent, whichever of the two is heard of first
and whatever client order id it carries.
"""

from collections import OrderedDict
from typing import NamedTuple

from msgspec.structs import replace

from fixgate.model.enums import ProductType
from fixgate.model.venue import OrderUpdate, VenueStatus

REMEMBERED = 20_000
"""How many conditional orders, and how many children, are remembered: the latest."""


class _Parent(NamedTuple):
    venue_order_id: str
    client_order_id: str


class TriggeredOrders:
    """One account's conditional orders and their children. Touched by the event loop only."""

    def __init__(self) -> None:
        self._by_client_id: OrderedDict[tuple[ProductType, str], _Parent] = OrderedDict()
        self._by_id: OrderedDict[tuple[ProductType, str], _Parent] = OrderedDict()
        self._of_child: OrderedDict[tuple[ProductType, str], _Parent] = OrderedDict()

    def held(self, product: ProductType, venue_order_id: str, client_order_id: str) -> None:
        """Learn that a service holds an order, or held it."""
        if product is ProductType.SPOT or not venue_order_id or not client_order_id:
            return
        parent = _Parent(venue_order_id, client_order_id)
        _remember(self._by_client_id, (product, client_order_id), parent)
        _remember(self._by_id, (product, venue_order_id), parent)

    def triggered(self, product: ProductType, parent_order_id: str, child_order_id: str) -> None:
        """Learn which order came out of a conditional order that was heard of."""
        parent = self._by_id.get((product, parent_order_id))
        if parent is not None and child_order_id:
            _remember(self._of_child, (product, child_order_id), parent)

    def held_by(self, update: OrderUpdate) -> None:
        """Learn from a word that says that an order is held back; other words say nothing here."""
        if update.status is VenueStatus.SUSPENDED:
            self.held(update.product_type, update.venue_order_id, update.client_order_id)

    def traced(self, update: OrderUpdate) -> OrderUpdate:
        """Return a word about an order in the matching engine, with its parent if it is a known one's child,
        and then under the parent's client order id. The ids of engine and services are not told apart by
        themselves: a word about an order that a service holds does not belong here."""
        parent = self._parent_of(update)
        if parent is None:
            return update
        _remember(self._of_child, (update.product_type, update.venue_order_id), parent)
        if (update.parent_order_id, update.client_order_id) == parent:
            return update
        return replace(update, parent_order_id=parent.venue_order_id, client_order_id=parent.client_order_id)

    def _parent_of(self, update: OrderUpdate) -> _Parent | None:
        """Without a word of its own, a child is known by its id, or by the client order id that it has from
        its parent."""
        product = update.product_type
        if update.parent_order_id:
            return self._by_id.get((product, update.parent_order_id))
        by_id = self._of_child.get((product, update.venue_order_id))
        return by_id or self._by_client_id.get((product, update.client_order_id))


def _remember(
    known: OrderedDict[tuple[ProductType, str], _Parent], key: tuple[ProductType, str], parent: _Parent
) -> None:
    known[key] = parent
    known.move_to_end(key)
    if len(known) > REMEMBERED:
        known.popitem(last=False)
