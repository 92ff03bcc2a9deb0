"""What the engine tells doors: execution reports and cancel rejects, before any wire format."""

from decimal import Decimal
from enum import StrEnum

import msgspec

from fixgate.model.commands import OrderAttributes
from fixgate.model.enums import (
    CxlRejReason,
    CxlRejResponseTo,
    ExecType,
    OrderType,
    OrdRejReason,
    OrdStatus,
    Side,
    TimeInForce,
)
from fixgate.model.execution import ErrorCode
from fixgate.model.limits import LimitCheck


class ExecutionReport(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """One step in an order's life, or (ExecType ORDER_STATUS) its state now. FIX ExecutionReport(8).

    Quantities are in the instrument's unit (base asset; contracts on DELIVERY). `order_id` is the
    gateway's own id of the order, `NONE` when it never had one; `venue_order_id` is the exchange's, and
    `parent_order_id` the one that a conditional order had there before its trigger.
    `at_ns` is nanoseconds since the epoch (UTC). `commission` is an amount in
    `commission_currency`, negative for a rebate. `resent` marks a report that may have been delivered
    before, under the same `exec_id`: PossResend(97). `fact` is the number of the fact that it tells, 0 when
    it only answers a question. `source` is whose order it is, empty for one that no client of this gateway
    sent; `copy` marks a copy for another session than the order's own: CopyMsgIndicator(797). `aside` marks
    what a session is told that cancels another's order: the order's own report of the same fact is the one
    that is copied. `error` and `limit_check` are those of an order that a limit in USD refused.
    """

    session: str
    order_id: str
    venue_order_id: str = ""
    exec_id: str
    exec_type: ExecType
    ord_status: OrdStatus
    cl_ord_id: str
    orig_cl_ord_id: str = ""
    symbol: str
    security_type: str = ""
    account: str = ""
    connector: str = ""
    currency: str = ""
    side: Side | None = None
    order_type: OrderType | None = None
    time_in_force: TimeInForce | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    stop_price: Decimal | None = None
    trailing_delta: Decimal | None = None
    expire_ms: int = 0
    display_quantity: Decimal | None = None
    list_id: str = ""
    parent_order_id: str = ""
    last_quantity: Decimal | None = None
    last_price: Decimal | None = None
    cum_quantity: Decimal = Decimal(0)
    leaves_quantity: Decimal = Decimal(0)
    average_price: Decimal = Decimal(0)
    commission: Decimal | None = None
    commission_currency: str = ""
    trade_id: str = ""
    maker: bool | None = None
    attributes: OrderAttributes = OrderAttributes()
    rej_reason: OrdRejReason | None = None
    venue_error_code: str = ""
    text: str = ""
    status_req_id: str = ""
    at_ns: int = 0
    resent: bool = False
    fact: int = 0
    source: str = ""
    copy: bool = False
    aside: bool = False
    error: ErrorCode | None = None
    limit_check: LimitCheck | None = None


class CancelReject(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """A cancel or a replace that did not happen. FIX OrderCancelReject(9). `aside`: see there."""

    session: str
    order_id: str
    venue_order_id: str = ""
    cl_ord_id: str
    orig_cl_ord_id: str
    ord_status: OrdStatus
    response_to: CxlRejResponseTo
    reason: CxlRejReason
    account: str = ""
    venue_error_code: str = ""
    text: str = ""
    at_ns: int = 0
    resent: bool = False
    fact: int = 0
    source: str = ""
    copy: bool = False
    aside: bool = False


class ListedOrder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One order of a list, as it is now. `canceled_quantity` is what was taken off the market unfilled."""

    cl_ord_id: str
    ord_status: OrdStatus
    cum_quantity: Decimal = Decimal(0)
    leaves_quantity: Decimal = Decimal(0)
    canceled_quantity: Decimal = Decimal(0)
    average_price: Decimal = Decimal(0)
    rej_reason: OrdRejReason | None = None
    text: str = ""


class ListState(StrEnum):
    """FIX 4.4 ListOrderStatus(431), by its wire value."""

    EXECUTING = "3"
    ALL_DONE = "6"
    REJECT = "7"


class ListStatus(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """How a list of orders stands. FIX ListStatus(N)."""

    session: str
    list_id: str
    state: ListState
    orders: tuple[ListedOrder, ...]
    text: str = ""
    at_ns: int = 0
    resent: bool = False
    fact: int = 0
    source: str = ""
    copy: bool = False
    order_id: str = ""
    """OrderID of the list's first order: what the report is kept by."""


class PositionReport(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """One position, or that there is none. FIX PositionReport(AP).

    `total` is how many reports answer the request. `quantity` is signed, `None` when the request could not
    be answered, for `text`'s reason. `settle_price` is the mark price.
    """

    session: str
    request_id: str
    report_id: str
    total: int
    connector: str
    account: str
    symbol: str = ""
    position_side: str = ""
    quantity: Decimal | None = None
    entry_price: Decimal | None = None
    settle_price: Decimal | None = None
    unrealized_pnl: Decimal | None = None
    currency: str = ""
    text: str = ""
    at_ns: int = 0
    fact: int = 0
    resent: bool = False
    source: str = ""
    cl_ord_id: str = ""
    order_id: str = ""


class News(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """Something that people at the client should know: a margin call, a link that is down. FIX News(B)."""

    session: str
    headline: str
    lines: tuple[str, ...] = ()
    urgent: bool = False
    at_ns: int = 0
    fact: int = 0
    resent: bool = False
    source: str = ""
    cl_ord_id: str = ""
    order_id: str = ""


Report = ExecutionReport | CancelReject | ListStatus | PositionReport | News
