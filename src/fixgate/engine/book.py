"""The book of orders: those in memory, found by any id that a client or a venue may use.

An order is in memory while it is open and for a while after; then it is in the archive alone, and comes
back when somebody asks for it by one of its ids.
"""

from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from fixgate.engine.foreign import ForeignOrders
from fixgate.engine.ids import by_client, by_client_order_id, by_venue_order_id, number_of
from fixgate.engine.ledger import Ledger
from fixgate.engine.order import Order
from fixgate.engine.ports import Archive, EmptyArchive
from fixgate.engine.snapshots import order_from
from fixgate.model.commands import ANY_SOURCE
from fixgate.model.enums import ProductType
from fixgate.model.snapshot import OrderSnapshot, SpentId
from fixgate.model.venue import OrderUpdate, PositionUpdate

_Account = tuple[str, str]
_Position = tuple[str, str, ProductType, str, str]


class Spent(NamedTuple):
    """A ClOrdID that was used for what never became an order, or for a request about another source's order,
    `order_id`."""

    source: str
    cl_ord_id: str
    at_ns: int
    order_id: int = 0

    @property
    def kept(self) -> SpentId:
        return SpentId(id=by_client(self.source, self.cl_ord_id), order_id=self.order_id, at_ns=self.at_ns)


def _market(order: Order) -> tuple[str, str, ProductType, str]:
    request = order.request
    return request.connector, request.account, request.product_type, request.symbol


def _can_be(order: Order, update: OrderUpdate) -> bool:
    """True unless the update is about somebody else's order that happens to carry the same client id.

    What a held order put on the book at its trigger has an id that is not known yet.
    """
    request = order.request
    return (
        request.product_type is update.product_type
        and request.symbol == update.symbol
        and (order.held or order.venue_order_id in ("", update.venue_order_id, update.parent_order_id))
        and update.side in (None, request.side)
    )


def _is_among(order: Order, sources: Collection[str]) -> bool:
    return order.terms.source in sources or ANY_SOURCE in sources


class OrderBook:
    """All orders. `changed` are those with facts that no snapshot holds yet; `spent` the ClOrdIDs of
    refused orders that are not kept yet; `finished` those in memory that have ended, oldest first;
    `recovering` those that were under way at a restart and whose fate may still be unknown; `retrying`
    those whose cancel by the gateway itself was refused."""

    def __init__(self, archive: Archive | None = None) -> None:
        self._archive = archive or EmptyArchive()
        self.orders: dict[int, Order] = {}
        self.live: dict[int, Order] = {}
        self.changed: dict[int, Order] = {}
        self.spent: list[Spent] = []
        self.finished: deque[Order] = deque()
        self.foreign = ForeignOrders()
        self.ledger = Ledger()
        self.recovering: dict[int, Order] = {}
        self.retrying: dict[int, Order] = {}
        self._open_counts: Counter[tuple[str, str, ProductType, str]] = Counter()
        self._flat: set[_Position] = set()
        self._positions_ms: dict[_Position, int] = {}
        self._by_cl_ord_id: dict[tuple[str, str], int] = {}
        self._by_client_order_id: dict[tuple[_Account, str], Order] = {}
        self._by_venue_id: dict[tuple[_Account, ProductType, str, str], Order] = {}
        self._of_venue_id: dict[tuple[_Account, str], dict[int, Order]] = {}

    # taking orders in and out

    def add(self, order: Order) -> None:
        """Take in an order and the ids it is known by so far."""
        request = order.request
        self.orders[order.order_id] = order
        if order.terminal:
            self.finished.append(order)
        else:
            self._open(order)
        self._by_client_order_id[(request.connector, request.account), request.client_order_id] = order
        for cl_ord_id in order.cl_ord_ids:
            self._by_cl_ord_id[order.terms.source, cl_ord_id] = order.order_id
        for venue_id in (order.parent_order_id, order.venue_order_id):
            if venue_id:
                self.identify(order, venue_id)

    def restore(self, snapshot: OrderSnapshot) -> Order:
        """Take an order in as it was kept."""
        order = order_from(snapshot)
        self.add(order)
        return order

    def recall(self, order_id: int) -> Order | None:
        """Return an order, from the archive if it is not in memory."""
        order = self.orders.get(order_id)
        if order is not None or not order_id:
            return order
        snapshot = self._archive.order(order_id)
        return None if snapshot is None else self.restore(snapshot)

    def settle(self, order: Order, at_ns: int) -> None:
        """Note that an order has left the market."""
        if self.live.pop(order.order_id, None) is not None:
            self._open_counts[_market(order)] -= 1
            order.ended_ns = at_ns
            self.finished.append(order)

    def revive(self, order: Order) -> None:
        """Note that an order is on the market after all."""
        order.ended_ns = 0
        self._open(order)

    def _open(self, order: Order) -> None:
        if order.order_id not in self.live:
            self.live[order.order_id] = order
            self._open_counts[_market(order)] += 1

    def open_count(self, connector: str) -> Callable[[str, ProductType, str], int]:
        """Return what tells how many orders of a connector's account are open on a product's symbol."""
        return lambda account, product, symbol: self._open_counts[connector, account, product, symbol]

    def evict(self, before_ns: int, at_most: int = 1_000_000) -> int:
        """Let go of orders that ended before `before_ns` and whose snapshot is up to date. Looks at `at_most`
        and returns how many it looked at."""
        stays: list[Order] = []
        looked = 0
        while self.finished and self.finished[0].ended_ns < before_ns and looked < at_most:
            looked += 1
            order = self.finished.popleft()
            if order.order_id in self.changed:
                stays.append(order)
            elif order.terminal:
                self._let_go(order)
        self.finished.extend(stays)
        return looked

    def evict_ids(self, spent: list[Spent]) -> None:
        """Let go of spent ClOrdIDs that were kept."""
        for each in spent:
            self._by_cl_ord_id.pop((each.source, each.cl_ord_id), None)

    def _let_go(self, order: Order) -> None:
        request = order.request
        account = (request.connector, request.account)
        self.orders.pop(order.order_id, None)
        for cl_ord_id in order.cl_ord_ids:
            self._by_cl_ord_id.pop((order.terms.source, cl_ord_id), None)
        if self._by_client_order_id.get((account, request.client_order_id)) is order:
            del self._by_client_order_id[account, request.client_order_id]
        for venue_id in (order.parent_order_id, order.venue_order_id):
            self._by_venue_id.pop((account, request.product_type, request.symbol, venue_id), None)
            same_id = self._of_venue_id.get((account, venue_id), {})
            same_id.pop(order.order_id, None)
            if not same_id:
                self._of_venue_id.pop((account, venue_id), None)

    # what orders count towards limits

    def count(self, order: Order, seq: int, at_ns: int) -> None:
        """Count an order in the ledger as it stands after fact `seq`. Those of a list are counted as one, on
        the account of its first; facts that the first one's snapshot holds are in it already."""
        owner, orders = order, [order]
        if order.request.list_orders:
            found = [self.recall(order_id) for order_id in order.request.list_orders]
            orders = [each for each in found if each is not None]
            owner = orders[0]
            if owner.order_id != order.request.list_orders[0]:
                return  # the first is forgotten, so long ago was the day that it counted on
        if seq > owner.as_of and self.ledger.count(owner, orders, seq, at_ns):
            self.changed[owner.order_id] = owner

    # the client's ids

    def claim(self, source: str, cl_ord_id: str, order: Order | None, at_ns: int) -> None:
        """Mark a ClOrdID as used, by an order or by none. An order is known by its own source's ids."""
        own = order is not None and order.terms.source == source
        if (source, cl_ord_id) in self._by_cl_ord_id:
            return
        if not own and self.is_used(source, cl_ord_id):
            return
        order_id = order.order_id if order is not None else 0
        self._by_cl_ord_id[source, cl_ord_id] = order_id
        if own and order is not None:
            order.cl_ord_ids.append(cl_ord_id)
        else:
            self.spent.append(Spent(source, cl_ord_id, at_ns, order_id))

    def is_used(self, source: str, cl_ord_id: str) -> bool:
        """True when a ClOrdID was used before, as far back as orders are kept."""
        return (source, cl_ord_id) in self._by_cl_ord_id or (
            self._archive.order_of(by_client(source, cl_ord_id)) is not None
        )

    def of_client(
        self, source: str, cl_ord_id: str, order_id: str = "", may_cancel: Collection[str] = ()
    ) -> Order | None:
        """Return a source's own order by any ClOrdID of its chain, or by the gateway's OrderID; or, by the
        OrderID, or by the ClOrdID of a request about it, another's, if that source is in `may_cancel`.

        An OrderID that names such an order goes before the ClOrdID, which is another source's word.
        """
        number = number_of(order_id)
        named = self.recall(number) if may_cancel else None
        if named is not None and named.terms.source != source and _is_among(named, may_cancel):
            return named
        known = self._by_cl_ord_id.get((source, cl_ord_id))
        if known is None and cl_ord_id:
            known = self._archive.order_of(by_client(source, cl_ord_id))
        order = self.recall(known or number)
        if order is None:
            return None
        return order if order.terms.source == source or _is_among(order, may_cancel) else None

    # the venue's ids

    def of_update(self, update: OrderUpdate) -> Order | None:
        """Return the order that a venue's update is about, by whichever id it carries."""
        if update.order_id:
            return self.recall(update.order_id)
        account = (update.connector, update.account)
        for venue_id in (update.venue_order_id, update.parent_order_id):
            order = self._by_venue_id.get((account, update.product_type, update.symbol, venue_id))
            if order is not None:
                return order
        order = self._by_client_order_id.get((account, update.client_order_id))
        if order is None:
            order = self._kept(update)
        return order if order is not None and _can_be(order, update) else None

    def _kept(self, update: OrderUpdate) -> Order | None:
        key = (update.connector, update.account)
        venue_id = update.parent_order_id or update.venue_order_id
        found = self._archive.order_of(by_venue_order_id(*key, update.product_type, update.symbol, venue_id))
        if found is None:
            found = self._archive.order_of(by_client_order_id(*key, update.client_order_id))
        return self.recall(found or 0)

    def identify(self, order: Order, venue_order_id: str) -> None:
        """Learn the venue's own id of an order."""
        order.venue_order_id = venue_order_id
        request = order.request
        account = (request.connector, request.account)
        self._by_venue_id[account, request.product_type, request.symbol, venue_order_id] = order
        self._of_venue_id.setdefault((account, venue_order_id), {})[order.order_id] = order

    def of_venue(self, connector: str, account: str, venue_order_id: str) -> list[Order]:
        """Return an account's orders in memory, all open ones among them, that the venue knows by an id: it
        is unique for a product and symbol only."""
        return list(self._of_venue_id.get(((connector, account), venue_order_id), {}).values())

    def kept_of_venue(
        self, connector: str, account: str, product: ProductType, symbol: str, venue_order_id: str
    ) -> Order | None:
        """Return an order by the venue's id, product and symbol, from the archive if it is not in memory."""
        order = self._by_venue_id.get(((connector, account), product, symbol, venue_order_id))
        if order is None:
            id = by_venue_order_id(connector, account, product, symbol, venue_order_id)
            order = self.recall(self._archive.order_of(id) or 0)
        return order

    def live_of(self, connector: str, account: str) -> Iterator[Order]:
        """Yield an account's orders on the market."""
        for order in list(self.live.values()):
            request = order.request
            if request.account == account and request.connector == connector:
                yield order

    def unsettled_of(self, connector: str, account: str) -> int:
        """Return how many orders that were under way at a restart are still unsettled."""
        if not self.recovering:
            return 0
        for order in [order for order in self.recovering.values() if not order.unsettled]:
            del self.recovering[order.order_id]
        return sum(
            order.request.account == account and order.request.connector == connector
            for order in self.recovering.values()
        )

    # positions

    def note_position(self, position: PositionUpdate) -> bool:
        """Remember whether a position is closed; True when this is news that it is. Older news is none."""
        key = (
            position.connector,
            position.account,
            position.product_type,
            position.symbol,
            position.position_side,
        )
        known = self._positions_ms.get(key, 0)
        if position.at_ms and position.at_ms < known:
            return False
        self._positions_ms[key] = max(known, position.at_ms)
        if position.quantity:
            self._flat.discard(key)
            return False
        news = key not in self._flat
        self._flat.add(key)
        return news

    def is_flat(self, order: Order) -> bool:
        """True when the position that `order` trades in is known to be closed."""
        request = order.request
        side = request.attributes.position_side or "BOTH"
        return (request.connector, request.account, request.product_type, request.symbol, side) in self._flat
