"""One order in the engine's memory, and the requests about it that are open."""

from dataclasses import dataclass, field
from decimal import Decimal

from fixgate.engine.lifecycle import (
    TERMINAL,
    OrderState,
    RequestEvent,
    RequestState,
    ord_status,
    request_step,
)
from fixgate.model.commands import NewOrder
from fixgate.model.decimals import rounded
from fixgate.model.enums import OrdStatus, PositionSide, ProductType, Side
from fixgate.model.snapshot import Rejection
from fixgate.model.venue import RequestKind, SubmitOrder

ZERO = Decimal(0)
AVERAGE_PLACES = 10

_CLOSING = {(Side.SELL, PositionSide.LONG), (Side.BUY, PositionSide.SHORT)}

MISSING = "missing-"
"""How the id of a fill begins that was booked without its trades."""


@dataclass(slots=True)
class Pending:
    """A cancel or replace that was taken and has no answer yet.

    `cl_ord_id` is empty when the gateway itself asks, for `text`'s reason; then `failures` counts the times
    it was refused, and it is sent again from `retry_ns` on. `insist` is why the gateway cancels the order if
    this, the client's cancel, is refused. `refusal` is the venue's code and text when it said that the order
    is gone and the order's true state is being asked for. `asked_ns` is when it was taken; `stale` marks what
    waited over a restart. `by` is the source that asks, where it is another than the order's own: then the
    ClOrdID is that source's, and never becomes the order's.
    """

    kind: RequestKind
    request_id: int
    cl_ord_id: str
    session: str
    orig_cl_ord_id: str = ""
    text: str = ""
    quantity: Decimal = ZERO
    price: Decimal = ZERO
    asked_ns: int = 0
    stale: bool = False
    failures: int = 0
    retry_ns: int = 0
    insist: str = ""
    state: RequestState = RequestState.WAITING
    refusal: tuple[str, str] | None = None
    by: str = ""
    unit_usd: Decimal | None = None

    def note(self, event: RequestEvent) -> None:
        """Move on by the table of requests. Raises `IllegalTransition`."""
        following = request_step(self.state, event)
        if following is not None:
            self.state = following

    @property
    def own(self) -> bool:
        """True when the gateway itself asks."""
        return not self.cl_ord_id

    @property
    def waiting(self) -> bool:
        return self.state is RequestState.WAITING

    @property
    def in_doubt(self) -> bool:
        return self.state is RequestState.IN_DOUBT

    @property
    def unsettled(self) -> bool:
        """True when only the order's own state can tell the answer."""
        return self.state in (RequestState.IN_DOUBT, RequestState.UNANSWERABLE)


@dataclass(slots=True)
class Order:
    """One order. Quantities in the instrument's unit.

    `value` is what the average price is made of: the sum of quantity times price, and on DELIVERY, whose
    contracts are worth a fixed amount of quote currency, the sum of quantity over price. `unexplained` is
    what was booked without its trades: trades that turn up later tell of it first. `parent_order_id` is the
    venue's id of a conditional order before its trigger. `as_of` is the last fact that the journal's snapshot
    of it holds. `replaces` are open in the order they were taken; only the first of them is at the venue.
    `rejection` is why it was rejected, if it was; `fees` are the commissions told of its fills, by currency.
    `unit_usd` is what a unit of it counts towards limits in USD, `None` where nobody asked, `filled_usd` what
    its fills count; `reserved_usd` is what it counts in all, by UTC day, the latest last.
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
    parent_order_id: str = ""
    cum: Decimal = ZERO
    value: Decimal = ZERO
    unexplained: Decimal = ZERO
    terms_at_ms: int = 0
    confirmed_request: int = 0
    ended_ns: int = 0
    as_of: int = 0
    cl_ord_ids: list[str] = field(default_factory=list)
    trades: set[str] = field(default_factory=set)
    cancel: Pending | None = None
    replaces: list[Pending] = field(default_factory=list)
    unit_usd: Decimal | None = None
    filled_usd: Decimal = ZERO
    reserved_usd: list[tuple[int, Decimal]] = field(default_factory=list)
    rejection: Rejection | None = None
    fees: dict[str, Decimal] = field(default_factory=dict)

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
        return rounded(exact, AVERAGE_PLACES)

    def price_of_rest(self, cum: Decimal, average: Decimal) -> Decimal | None:
        """Return the price of the fills beyond what is counted, of an order filled to `cum` at `average`;
        `None` when the two do not tell it. To `AVERAGE_PLACES` decimals."""
        rest = cum - self.cum
        if not average or rest <= 0:
            return None
        inverse = self.request.product_type is ProductType.DELIVERY
        value = (cum / average if inverse else cum * average) - self.value
        if value <= 0:
            return None
        return rounded(rest / value if inverse else value / rest, AVERAGE_PLACES)

    def count_trade(self, trade_id: str, quantity: Decimal, price: Decimal) -> None:
        """Add a trade to the filled quantity and the average price."""
        inverse = self.request.product_type is ProductType.DELIVERY
        self.cum += quantity
        self.value += quantity / price if inverse else quantity * price
        self.trades.add(trade_id)
        if self.unit_usd is not None:
            self.filled_usd += quantity * self.unit_usd

    @property
    def ord_status(self) -> OrdStatus:
        return ord_status(self.state, self.cancel is not None, bool(self.replaces))

    @property
    def replace(self) -> Pending | None:
        """The replace whose turn it is: the only one that can be at the venue."""
        return self.replaces[0] if self.replaces else None

    @property
    def pendings(self) -> list[Pending]:
        """Every open request, the cancel first."""
        return [*self.replaces] if self.cancel is None else [self.cancel, *self.replaces]

    @property
    def only_reduces(self) -> bool:
        """True of an order that can only close a position: a reduce-only one, and in hedge mode one against
        its position side."""
        attributes = self.request.attributes
        return bool(attributes.reduce_only) or (self.request.side, attributes.position_side) in _CLOSING

    @property
    def held(self) -> bool:
        """True while the venue's service for conditional orders holds the order, or may: on SPOT there is
        none, unless the request says so."""
        request = self.request
        return (
            request.apart
            or (request.order_type.is_conditional and request.product_type is not ProductType.SPOT)
        ) and (self.state in (OrderState.PENDING_NEW, OrderState.SUSPENDED))

    @property
    def unsettled(self) -> bool:
        """True while it is not known whether the order, or a request about it, reached the venue."""
        return not self.terminal and (
            self.state is OrderState.PENDING_NEW or any(pending.unsettled for pending in self.pendings)
        )

    def pending(self, kind: RequestKind, request_id: int) -> Pending | None:
        """Return the open request of that kind and number, `None` if it was answered already."""
        for pending in self.pendings:
            if pending.kind is kind and pending.request_id == request_id:
                return pending
        return None
