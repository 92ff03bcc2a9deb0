"""What the engine decided or learned. Facts are journaled in order; replaying them rebuilds its state.

`seq` is the journal's number of the fact and becomes the ExecID of its report; `at_ns` is when the
engine took it (nanoseconds since the epoch, UTC); `order_id` is the gateway's id of the order: the
inbox number of its NewOrder.
"""

from decimal import Decimal

import msgspec

from fixgate.model.commands import CancelOrder, NewOrder, ReplaceOrder
from fixgate.model.enums import CxlRejReason, OrdRejReason, OrdStatus
from fixgate.model.execution import ErrorCode
from fixgate.model.limits import LimitCheck
from fixgate.model.venue import AccountNotice, OrderUpdate, RequestKind, SubmitOrder


class _Fact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    seq: int
    at_ns: int
    order_id: int


class OrderReceived(_Fact, frozen=True, kw_only=True, gc=False):
    """An order was taken, and `request` is about to leave for the venue. `unit_usd` is what each unit of its
    quantity counts towards a limit in USD, `None` where there is none."""

    command: NewOrder
    request: SubmitOrder
    unit_usd: Decimal | None = None


class OrderRefused(_Fact, frozen=True, kw_only=True, gc=False):
    """An order was refused at the door; no venue saw it. `error` and `limit_check` say so for a limit in
    USD."""

    command: NewOrder
    reason: OrdRejReason
    text: str
    error: ErrorCode | None = None
    limit_check: LimitCheck | None = None


class OrderRejected(_Fact, frozen=True, kw_only=True, gc=False):
    """The venue said no to the order, with its own code and text; `error` as `RequestRefused` has it."""

    reason: OrdRejReason
    code: str = ""
    text: str
    error: ErrorCode | None = None


class OrderAcknowledged(_Fact, frozen=True, kw_only=True, gc=False):
    venue_order_id: str


class OrderSuspended(_Fact, frozen=True, kw_only=True, gc=False):
    """The venue holds a stop order back until its trigger."""

    venue_order_id: str


class OrderTriggered(_Fact, frozen=True, kw_only=True, gc=False):
    """A stop order that was held back is working now; the venue may know it by another id from here on."""

    venue_order_id: str = ""


class OrderAdopted(_Fact, frozen=True, kw_only=True, gc=False):
    """An order that had ended here, because the venue denied it, is open there after all."""

    venue_order_id: str
    text: str = ""


class OrderFilled(_Fact, frozen=True, kw_only=True, gc=False):
    """One trade. Commission is an amount in `commission_currency`, negative for a rebate."""

    trade_id: str
    last_quantity: Decimal
    last_price: Decimal
    commission: Decimal | None = None
    commission_currency: str = ""
    maker: bool | None = None


class OrderRestated(_Fact, frozen=True, kw_only=True, gc=False):
    """The venue changed the order's quantity or price without being asked."""

    quantity: Decimal
    price: Decimal | None = None
    text: str = ""
    at_ms: int = 0


class OrderCanceled(_Fact, frozen=True, kw_only=True, gc=False):
    """The order is off the market. `request_id` names the cancel that did it, 0 if nobody asked."""

    request_id: int = 0
    text: str = ""


class OrderExpired(_Fact, frozen=True, kw_only=True, gc=False):
    text: str = ""


class CancelRequested(_Fact, frozen=True, kw_only=True, gc=False):
    """A cancel was taken. `command` is `None` when the gateway itself cancels, for `text`'s reason."""

    request_id: int
    command: CancelOrder | None = None
    text: str = ""


class ReplaceRequested(_Fact, frozen=True, kw_only=True, gc=False):
    """A replace was taken. It leaves once the replaces before it have been answered. `unit_usd` as
    `OrderReceived` has it, with the new price."""

    request_id: int
    command: ReplaceOrder
    quantity: Decimal
    price: Decimal
    unit_usd: Decimal | None = None


class OrderReplaced(_Fact, frozen=True, kw_only=True, gc=False):
    """A replace took effect. `at_ms` is the venue's time of it."""

    request_id: int
    quantity: Decimal
    price: Decimal
    at_ms: int = 0


class RequestRejected(_Fact, frozen=True, kw_only=True, gc=False):
    """A cancel or replace that had been taken did not happen."""

    kind: RequestKind
    request_id: int
    reason: CxlRejReason
    code: str = ""
    text: str


class RequestDenied(_Fact, frozen=True, kw_only=True, gc=False):
    """A cancel or replace was refused at the door. `order_id` is 0 when it names no order of its source."""

    command: CancelOrder | ReplaceOrder
    ord_status: OrdStatus
    reason: CxlRejReason
    text: str


class OutcomeInDoubt(_Fact, frozen=True, kw_only=True, gc=False):
    """A request may or may not have been executed; it is being resolved."""

    kind: RequestKind
    request_id: int = 0
    text: str


class ForeignUpdate(_Fact, frozen=True, kw_only=True, gc=False):
    """The venue spoke of an order that this gateway did not send, or said of one that it did what cannot
    be booked. Kept whole."""

    update: OrderUpdate


class NoticeKept(_Fact, frozen=True, kw_only=True, gc=False):
    """The venue said something that is no order update here. Kept whole, for people and later versions."""

    notice: AccountNotice


Fact = (
    OrderReceived
    | OrderRefused
    | OrderRejected
    | OrderAcknowledged
    | OrderSuspended
    | OrderTriggered
    | OrderAdopted
    | OrderFilled
    | OrderRestated
    | OrderCanceled
    | OrderExpired
    | CancelRequested
    | ReplaceRequested
    | OrderReplaced
    | RequestRejected
    | RequestDenied
    | OutcomeInDoubt
    | ForeignUpdate
    | NoticeKept
)
