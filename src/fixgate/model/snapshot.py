"""An order as it stands after some fact: what a start needs instead of that order's facts so far."""

from decimal import Decimal

import msgspec

from fixgate.model.commands import NewOrder
from fixgate.model.enums import OrdRejReason
from fixgate.model.execution import ErrorCode
from fixgate.model.venue import RequestKind, SubmitOrder


class Rejection(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Why an order was rejected after it was taken, as `OrderRejected` says it."""

    reason: OrdRejReason
    code: str = ""
    text: str
    error: ErrorCode | None = None


class PendingSnapshot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A cancel or replace of the order that has no answer yet."""

    kind: RequestKind
    request_id: int
    cl_ord_id: str = ""
    orig_cl_ord_id: str = ""
    session: str = ""
    text: str = ""
    quantity: Decimal = Decimal(0)
    price: Decimal = Decimal(0)
    asked_ns: int = 0
    state: str
    refusal: tuple[str, str] | None = None
    by: str = ""
    unit_usd: Decimal | None = None


class OrderSnapshot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One order with every fact up to number `as_of` in it.

    `ids` are all ids that the order may be asked for by, as `fixgate.engine.ids` writes them. `open` is
    false once it has left the market, at `ended_ns` (nanoseconds since the epoch). `fees` are the fills'
    commissions by currency. The last three are what it counts towards limits in USD.
    """

    order_id: int
    as_of: int
    open: bool
    ended_ns: int = 0
    ids: tuple[str, ...] = ()
    terms: NewOrder
    request: SubmitOrder
    state: str
    quantity: Decimal
    price: Decimal | None = None
    cl_ord_id: str
    orig_cl_ord_id: str = ""
    venue_order_id: str = ""
    parent_order_id: str = ""
    received_ns: int = 0
    requested_ns: int = 0
    cum: Decimal = Decimal(0)
    value: Decimal = Decimal(0)
    unexplained: Decimal = Decimal(0)
    terms_at_ms: int = 0
    confirmed_request: int = 0
    trades: tuple[str, ...] = ()
    cl_ord_ids: tuple[str, ...] = ()
    cancel: PendingSnapshot | None = None
    replaces: tuple[PendingSnapshot, ...] = ()
    rejection: Rejection | None = None
    fees: dict[str, Decimal] = {}
    unit_usd: Decimal | None = None
    filled_usd: Decimal = Decimal(0)
    reserved_usd: tuple[tuple[int, Decimal], ...] = ()


class SpentId(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A ClOrdID that was used and belongs to no order of its own, or to the order `order_id`."""

    id: str
    order_id: int = 0
    at_ns: int
