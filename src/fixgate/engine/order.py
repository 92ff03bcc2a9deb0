"""The engine's memory: one order, and the book of all of them."""

from dataclasses import dataclass, field
from decimal import Decimal

from fixgate.engine.lifecycle import TERMINAL, OrderState, ord_status
from fixgate.model.commands import NewOrder
from fixgate.model.enums import OrdStatus, ProductType
from fixgate.model.venue import OrderUpdate, PositionUpdate, RequestKind, SubmitOrder

ZERO = Decimal(0)
AVERAGE_PLACES = 10


@dataclass(slots=True)
class Pending:
    """A cancel or replace that was taken and has no answer yet.

    `sent` is false while it waits for the order's acknowledgement. `in_doubt` is set when its outcome
    is unknown, `refusal` when the venue said that the order is gone and its true state is being asked.
    """

    kind: RequestKind
    request_id: int
    cl_ord_id: str
    session: str
    text: str = ""
    quantity: Decimal = ZERO
    price: Decimal = ZERO
    sent: bool = True
    in_doubt: bool = False
    refusal: tuple[str, str] | None = None


@dataclass(slots=True)
class Order:
    """One order. Quantities in the instrument's unit.

    `value` is what the average price is made of: the sum of quantity times price, and on DELIVERY,
    whose contracts are worth a fixed amount of quote currency, the sum of quantity over price.
    """

    order_id: int
    terms: NewOrder
    request: SubmitOrder
    quantity: Decimal
    price: Decimal | None
    cl_ord_id: str
    received_ns: int
    requested_ns: int
    state: OrderState = OrderState.PENDING_NEW
    orig_cl_ord_id: str = ""
    venue_order_id: str = ""
    cum: Decimal = ZERO
    value: Decimal = ZERO
    terms_at_ms: int = 0
    confirmed_request: int = 0
    trades: set[str] = field(default_factory=set)
    cancel: Pending | None = None
    replace: Pending | None = None

    @property
    def terminal(self) -> bool:
        return self.state in TERMINAL

    @property
    def leaves(self) -> Decimal:
        """What can still fill: 0 in any terminal state."""
        return ZERO if self.terminal else self.quantity - self.cum

    @property
    def average_price(self) -> Decimal:
        """The average price of all fills, to `AVERAGE_PLACES` decimals; 0 when nothing filled."""
        if not self.cum:
            return ZERO
        inverse = self.request.product_type is ProductType.DELIVERY
        exact = self.cum / self.value if inverse else self.value / self.cum
        return round(exact, AVERAGE_PLACES).normalize() + ZERO

    def count_trade(self, trade_id: str, quantity: Decimal, price: Decimal) -> None:
        """Add a trade to the filled quantity and the average price."""
        inverse = self.request.product_type is ProductType.DELIVERY
        self.cum += quantity
        self.value += quantity / price if inverse else quantity * price
        self.trades.add(trade_id)

    @property
    def ord_status(self) -> OrdStatus:
        return ord_status(self.state, self.cancel is not None, self.replace is not None)

    @property
    def pendings(self) -> list[Pending]:
        return [pending for pending in (self.cancel, self.replace) if pending is not None]

    def pending(self, kind: RequestKind, request_id: int) -> Pending | None:
        """Return the open request of that kind and number, `None` if it was answered already."""
        found = self.cancel if kind is RequestKind.CANCEL else self.replace
        return found if found is not None and found.request_id == request_id else None


_Account = tuple[str, str]


def _can_be(order: Order, update: OrderUpdate) -> bool:
    """True unless the update is about somebody else's order that happens to carry the same client id."""
    request = order.request
    return (
        request.product_type is update.product_type
        and request.symbol == update.symbol
        and order.venue_order_id in ("", update.venue_order_id)
        and update.side in (None, request.side)
    )


class OrderBook:
    """All orders the gateway knows, found by any id that a client or a venue may use."""

    def __init__(self) -> None:
        self.orders: dict[int, Order] = {}
        self.live: dict[int, Order] = {}
        self._flat: set[tuple[str, str, ProductType, str, str]] = set()
        self._by_cl_ord_id: dict[tuple[str, str], int] = {}
        self._by_client_order_id: dict[tuple[_Account, str], Order] = {}
        self._by_venue_id: dict[tuple[_Account, ProductType, str, str], Order] = {}

    def add(self, order: Order) -> None:
        """Take in a new order and the ids it is known by so far."""
        request = order.request
        self.orders[order.order_id] = order
        self.live[order.order_id] = order
        self._by_client_order_id[(request.connector, request.account), request.client_order_id] = order
        self.claim(order.terms.source, order.cl_ord_id, order.order_id)

    def claim(self, source: str, cl_ord_id: str, order_id: int) -> None:
        """Mark a ClOrdID as used, for good. `order_id` 0 marks one that belongs to no order."""
        self._by_cl_ord_id.setdefault((source, cl_ord_id), order_id)

    def is_used(self, source: str, cl_ord_id: str) -> bool:
        return (source, cl_ord_id) in self._by_cl_ord_id

    def of_client(self, source: str, cl_ord_id: str, order_id: str = "") -> Order | None:
        """Return a source's own order by any ClOrdID of its chain, or by the gateway's OrderID."""
        known = self._by_cl_ord_id.get((source, cl_ord_id), 0)
        if not known and order_id.isascii() and order_id.isdigit():
            known = int(order_id)
        order = self.orders.get(known)
        return order if order is not None and order.terms.source == source else None

    def of_update(self, update: OrderUpdate) -> Order | None:
        """Return the order that a venue's update is about, by whichever id it carries."""
        if update.order_id:
            return self.orders.get(update.order_id)
        account = (update.connector, update.account)
        order = self._by_venue_id.get((account, update.product_type, update.symbol, update.venue_order_id))
        if order is None:
            order = self._by_client_order_id.get((account, update.client_order_id))
            if order is not None and not _can_be(order, update):
                return None
        return order

    def note_position(self, position: PositionUpdate) -> None:
        """Remember whether a position is closed."""
        key = (position.connector, position.account, position.product_type, position.symbol)
        (self._flat.discard if position.quantity else self._flat.add)((*key, position.position_side))

    def is_flat(self, order: Order) -> bool:
        """True when the position that `order` trades in is known to be closed."""
        request = order.request
        side = request.attributes.position_side or "BOTH"
        return (request.connector, request.account, request.product_type, request.symbol, side) in self._flat

    def identify(self, order: Order, venue_order_id: str) -> None:
        """Learn the venue's own id of an order."""
        order.venue_order_id = venue_order_id
        request = order.request
        account = (request.connector, request.account)
        self._by_venue_id[account, request.product_type, request.symbol, venue_order_id] = order

    def settle(self, order: Order) -> None:
        """Note that an order has left the market."""
        self.live.pop(order.order_id, None)
