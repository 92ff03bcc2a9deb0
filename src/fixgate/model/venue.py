"""The traffic between engine and connectors: requests out, events in.

A request names the order by the gateway's `order_id` and by the ids the venue knows. An event
comes back with the same `order_id` when it answers a request, and with the venue's ids alone when
it comes off a stream; the engine finds the order by either.
"""

from decimal import Decimal
from enum import StrEnum

import msgspec

from fixgate.model.account import MarginAlert
from fixgate.model.commands import OrderAttributes
from fixgate.model.enums import OrderType, OrdRejReason, ProductType, Side, TimeInForce
from fixgate.model.execution import ErrorCode


class SubmitOrder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """Send a new order. Attributes are resolved: what the venue will be asked for, defaults applied.

    `list_orders` are the gateway's ids of all orders of the list that it is part of, itself included.
    `apart` is true where a service of the venue's own for conditional orders holds it until its trigger, on
    SPOT too; elsewhere than on SPOT every conditional order is taken to be held apart.
    """

    connector: str
    account: str
    order_id: int
    client_order_id: str
    product_type: ProductType
    symbol: str
    side: Side
    order_type: OrderType
    time_in_force: TimeInForce
    quantity: Decimal
    price: Decimal | None = None
    stop_price: Decimal | None = None
    trailing_delta: Decimal | None = None
    expire_ms: int = 0
    display_quantity: Decimal | None = None
    attributes: OrderAttributes = OrderAttributes()
    list_orders: tuple[int, ...] = ()
    apart: bool = False


class SubmitList(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """Send orders of which one cancels the others, in one request. `list_client_id` names the list at the
    venue. The answer is an event for each order, as if each had been sent alone."""

    connector: str
    account: str
    list_client_id: str
    legs: tuple[SubmitOrder, ...]


class CancelAtVenue(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """Cancel an order. `request_id` is the journaled number of the cancel request. `held` is true while the
    venue's service for conditional orders holds the order, or may: `venue_order_id` is that service's id."""

    connector: str
    account: str
    order_id: int
    request_id: int
    client_order_id: str
    venue_order_id: str = ""
    held: bool = False
    product_type: ProductType
    symbol: str


class ModifyAtVenue(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """Change quantity and price of an order. Both are always given; quantity is the new total."""

    connector: str
    account: str
    order_id: int
    request_id: int
    client_order_id: str
    venue_order_id: str = ""
    product_type: ProductType
    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal


class QueryAtVenue(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """Ask what became of an order.

    `cum_quantity` is what the engine knows to be filled: the connector reports every trade beyond it
    before it reports the state. `since_ns` is when the last request about the order left; `settle`
    asks for an answer only when that request can no longer take effect. `side`, `quantity`, `price` and
    `born_ns` are the order's own, to tell it from another with the same client id. `held` is true while the
    venue's service for conditional orders holds the order, or may: `venue_order_id` is that service's id.
    """

    connector: str
    account: str
    order_id: int
    client_order_id: str
    venue_order_id: str = ""
    product_type: ProductType
    symbol: str
    cum_quantity: Decimal = Decimal(0)
    since_ns: int = 0
    settle: bool = False
    side: Side | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    born_ns: int = 0
    held: bool = False


class OpenOrdersAtVenue(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """Ask which orders of an account are open. `symbols` are the SPOT symbols to ask about, for venues
    that list open orders by symbol there; of other products every open order is asked for.

    Answered by one `OpenOrders` for each product (on SPOT for each symbol), tried until it works.
    """

    connector: str
    account: str
    symbols: tuple[str, ...] = ()


Question = QueryAtVenue | OpenOrdersAtVenue
VenueRequest = SubmitOrder | SubmitList | CancelAtVenue | ModifyAtVenue | QueryAtVenue | OpenOrdersAtVenue


class RequestKind(StrEnum):
    SUBMIT = "submit"
    CANCEL = "cancel"
    MODIFY = "modify"


OrderRequest = SubmitOrder | CancelAtVenue | ModifyAtVenue


def kind_of(request: OrderRequest) -> RequestKind:
    """Return which kind of request it is."""
    if isinstance(request, SubmitOrder):
        return RequestKind.SUBMIT
    return RequestKind.CANCEL if isinstance(request, CancelAtVenue) else RequestKind.MODIFY


def request_number(request: OrderRequest) -> int:
    """Return the journaled number of a cancel or modify, 0 for a new order."""
    return 0 if isinstance(request, SubmitOrder) else request.request_id


class RequestRefused(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """A definite no: the venue (or the connector, before sending) did not execute the request. `error` is
    the Execution API's word for it, where there is one that says more than that the venue refused."""

    order_id: int
    kind: RequestKind
    request_id: int = 0
    reason: OrdRejReason = OrdRejReason.BROKER
    code: str = ""
    text: str
    error: ErrorCode | None = None
    order_gone: bool = False
    """True on a refused cancel or modify when the venue said that the order is not open any more."""


def refused(request: OrderRequest, text: str) -> RequestRefused:
    """Return the answer to a request that was never sent."""
    return RequestRefused(
        order_id=request.order_id,
        kind=kind_of(request),
        request_id=request_number(request),
        text=text,
        error=ErrorCode.NOT_READY,
    )


class OutcomeUnknown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """The request may or may not have been executed. Never a reject; a query resolves it."""

    order_id: int
    kind: RequestKind
    request_id: int = 0
    text: str


class VenueExec(StrEnum):
    """What a venue says happened to an order."""

    NEW = "NEW"
    TRADE = "TRADE"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"
    REJECTED = "REJECTED"
    """Refused at its trigger."""
    REPLACED = "REPLACED"
    SNAPSHOT = "SNAPSHOT"
    """State as of a query or a request's own answer; `status` says which."""


class VenueStatus(StrEnum):
    """An order's state in the venue's eyes."""

    SUSPENDED = "SUSPENDED"
    """A stop order that the venue holds back until its trigger."""
    NEW = "NEW"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"
    REJECTED = "REJECTED"


class OrderUpdate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """An order's state or change of state, from the stream or from the answer to a request.

    `order_id` is 0 when only the venue's ids are known. `quantity` and `price` are the order's own
    after the event, `None` when the venue did not say. `average_price` is 0 when nothing filled or
    the venue did not say. `commission` is an amount in `commission_currency`, negative for a rebate.
    `request_id` echoes the modify it confirms, 0 if the venue did not say. `at_ms` is the venue's
    transaction time. `settled` marks a snapshot taken when every earlier request about the order has
    either taken effect or never will. `trades_missing` marks a snapshot whose filled quantity is more than
    the trades that the venue still lists, and that were told, add up to. `parent_order_id` is the venue's id
    of the conditional order whose trigger made this one; while that is held its own id is `venue_order_id`.
    """

    connector: str
    account: str
    order_id: int = 0
    product_type: ProductType
    symbol: str
    client_order_id: str
    venue_order_id: str
    exec: VenueExec
    status: VenueStatus
    side: Side | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    cum_quantity: Decimal = Decimal(0)
    average_price: Decimal = Decimal(0)
    last_quantity: Decimal | None = None
    last_price: Decimal | None = None
    trade_id: str = ""
    commission: Decimal | None = None
    commission_currency: str = ""
    maker: bool | None = None
    request_id: int = 0
    text: str = ""
    at_ms: int = 0
    settled: bool = False
    trades_missing: bool = False
    parent_order_id: str = ""


class OrderNotFound(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """A query's final answer: the venue has no such order, and the time in which it could still
    appear is over. `venue_order_id` is what the question knew the order by at the venue, empty when it
    asked by the client order id."""

    order_id: int
    venue_order_id: str = ""
    text: str


class ReconcileDue(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """It is time to compare the account's open orders with the venue's: a stream came up, events were
    missed, or the last comparison is old."""

    connector: str
    account: str
    why: str = ""


class OpenOrders(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """Every order that the venue lists as open, as snapshots: all of a product, or of one `symbol`.

    `asked_ns` is when the question left (nanoseconds since the epoch). A venue's list may lag behind its
    engine, so an order that is missing here is asked about, and not taken as gone.
    """

    connector: str
    account: str
    product_type: ProductType
    symbol: str = ""
    orders: tuple[OrderUpdate, ...] = ()
    asked_ns: int = 0


class BalanceUpdate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """An absolute balance of one wallet. `product_type` names the wallet."""

    connector: str
    account: str
    product_type: ProductType
    asset: str
    free: Decimal
    locked: Decimal = Decimal(0)
    at_ms: int = 0


class PositionUpdate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """An absolute position; `quantity` is signed (contracts on DELIVERY). `unrealized_pnl`, `mark_price` and
    `liquidation_price` are `None` where the venue did not say."""

    connector: str
    account: str
    product_type: ProductType
    symbol: str
    position_side: str
    quantity: Decimal
    entry_price: Decimal = Decimal(0)
    unrealized_pnl: Decimal | None = None
    mark_price: Decimal | None = None
    liquidation_price: Decimal | None = None
    at_ms: int = 0


class AccountNotice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """Anything else an account stream says (margin call, leverage change, an unknown event): kept whole."""

    connector: str
    account: str
    kind: str
    body: str
    at_ms: int = 0


class ConnectorStatus(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """An account's link went up (orders can be sent and will be heard of) or down."""

    connector: str
    account: str
    up: bool
    text: str = ""


VenueEvent = (
    OrderUpdate
    | RequestRefused
    | OutcomeUnknown
    | OrderNotFound
    | ReconcileDue
    | OpenOrders
    | BalanceUpdate
    | PositionUpdate
    | AccountNotice
    | ConnectorStatus
    | MarginAlert
)
