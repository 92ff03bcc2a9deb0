"""From a fact and the order it changed to the report that tells it.

ExecID(17) is the fact's journal number, so the same journal always gives the same ExecIDs.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from fixgate.engine.order import Order, Pending
from fixgate.model.commands import CancelOrder, RefusedRequest, ReplaceOrder, StatusRequest
from fixgate.model.enums import CxlRejReason, CxlRejResponseTo, ExecType, OrdRejReason, OrdStatus
from fixgate.model.facts import (
    CancelRequested,
    Fact,
    OrderAdopted,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderRefused,
    OrderRejected,
    OrderRestated,
    ReplaceRequested,
    RequestDenied,
    RequestRejected,
)
from fixgate.model.reports import CancelReject, ExecutionReport
from fixgate.model.venue import RequestKind

NO_ORDER_ID = "NONE"
STATUS_EXEC_ID = "0"
"""FIX 4.4: ExecID is 0 on a report that only answers a status request."""


def execution_report(order: Order, fact: Fact, exec_type: ExecType) -> ExecutionReport:
    """Return the report of a fact that has just been applied to `order`."""
    report = order_report(order, exec_type, exec_id=str(fact.seq), at_ns=fact.at_ns, fact=fact.seq)
    changes = _CHANGES.get(type(fact))
    return report if changes is None else replace(report, **changes(order, fact))


def order_report(
    order: Order, exec_type: ExecType, *, exec_id: str, at_ns: int, fact: int = 0
) -> ExecutionReport:
    """Return the state of `order` as an execution report."""
    terms = order.terms
    return ExecutionReport(
        session=terms.session,
        order_id=str(order.order_id),
        venue_order_id=order.venue_order_id,
        exec_id=exec_id,
        exec_type=exec_type,
        ord_status=order.ord_status,
        cl_ord_id=order.cl_ord_id,
        orig_cl_ord_id=order.orig_cl_ord_id,
        symbol=terms.symbol,
        security_type=terms.security_type,
        account=terms.account,
        connector=terms.connector,
        currency=terms.currency,
        side=terms.side,
        order_type=terms.order_type,
        time_in_force=terms.time_in_force,
        quantity=order.quantity,
        price=order.price,
        stop_price=terms.stop_price,
        trailing_delta=terms.trailing_delta,
        expire_ms=terms.expire_ms,
        display_quantity=terms.display_quantity,
        list_id=terms.list_id,
        parent_order_id=order.parent_order_id,
        cum_quantity=order.cum,
        leaves_quantity=order.leaves,
        average_price=order.average_price,
        attributes=terms.attributes,
        at_ns=at_ns,
        fact=fact,
        source=terms.source,
    )


Changes = dict[str, Any]


def _fill(_: Order, fact: OrderFilled) -> Changes:
    return {
        "last_quantity": fact.last_quantity,
        "last_price": fact.last_price,
        "trade_id": fact.trade_id,
        "commission": fact.commission,
        "commission_currency": fact.commission_currency,
        "maker": fact.maker,
    }


def _reject(_: Order, fact: OrderRejected) -> Changes:
    return {"rej_reason": fact.reason, "venue_error_code": fact.code, "text": fact.text}


def _request(order: Order, fact: CancelRequested | ReplaceRequested) -> Changes:
    if fact.command is None or fact.command.source != order.terms.source:
        return {"text": fact.text} if isinstance(fact, CancelRequested) else {}
    pending = order.replaces[-1] if isinstance(fact, ReplaceRequested) else order.cancel
    orig = pending.orig_cl_ord_id if pending is not None else order.cl_ord_id
    return {"cl_ord_id": fact.command.cl_ord_id, "orig_cl_ord_id": orig}


def _text(_: Order, fact: OrderCanceled | OrderExpired | OrderRestated | OrderAdopted) -> Changes:
    return {"text": fact.text}


_CHANGES: Mapping[type, Callable[[Order, Any], Changes]] = {
    OrderFilled: _fill,
    OrderRejected: _reject,
    CancelRequested: _request,
    ReplaceRequested: _request,
    OrderCanceled: _text,
    OrderExpired: _text,
    OrderRestated: _text,
    OrderAdopted: _text,
}
"""The fields that are the event's own; a report of any other fact is the order's state alone."""


def report_aside(order: Order, pending: Pending, report: ExecutionReport) -> ExecutionReport:
    """Return `report`, that another source's cancel was taken or took effect, as that source is told it:
    under the ClOrdIDs of its own request."""
    return replace(
        report,
        session=pending.session,
        cl_ord_id=pending.cl_ord_id,
        orig_cl_ord_id=order.cl_ord_id,
        aside=True,
    )


def refusal_report(fact: OrderRefused) -> ExecutionReport:
    """Return the reject of an order that never entered the book."""
    command = fact.command
    return ExecutionReport(
        session=command.session,
        order_id=NO_ORDER_ID,
        exec_id=str(fact.seq),
        exec_type=ExecType.REJECTED,
        ord_status=OrdStatus.REJECTED,
        cl_ord_id=command.cl_ord_id,
        symbol=command.symbol,
        security_type=command.security_type,
        account=command.account,
        connector=command.connector,
        currency=command.currency,
        side=command.side,
        order_type=command.order_type,
        time_in_force=command.time_in_force,
        quantity=command.quantity,
        price=command.price,
        stop_price=command.stop_price,
        trailing_delta=command.trailing_delta,
        expire_ms=command.expire_ms,
        display_quantity=command.display_quantity,
        list_id=command.list_id,
        attributes=command.attributes,
        rej_reason=fact.reason,
        text=fact.text,
        at_ns=fact.at_ns,
        fact=fact.seq,
        source=command.source,
        error=fact.error,
        limit_check=fact.limit_check,
    )


def denial_report(order: Order | None, fact: RequestDenied) -> CancelReject:
    """Return the answer to a cancel or replace that was refused at the door."""
    command = fact.command
    cancel = isinstance(command, CancelOrder)
    return CancelReject(
        session=command.session,
        order_id=str(order.order_id) if order is not None else NO_ORDER_ID,
        venue_order_id=order.venue_order_id if order is not None else "",
        cl_ord_id=command.cl_ord_id,
        orig_cl_ord_id=command.orig_cl_ord_id,
        ord_status=fact.ord_status,
        response_to=CxlRejResponseTo.CANCEL if cancel else CxlRejResponseTo.REPLACE,
        reason=fact.reason,
        account=order.terms.account if order is not None else "",
        text=fact.text,
        at_ns=fact.at_ns,
        fact=fact.seq,
        source=command.source,
    )


def refused_before(command: CancelOrder | ReplaceOrder, text: str, now_ns: int) -> CancelReject:
    """Answer a repeat of a cancel or replace that was refused and named no order."""
    cancel = isinstance(command, CancelOrder)
    return CancelReject(
        session=command.session,
        order_id=NO_ORDER_ID,
        cl_ord_id=command.cl_ord_id,
        orig_cl_ord_id=command.orig_cl_ord_id,
        ord_status=OrdStatus.REJECTED,
        response_to=CxlRejResponseTo.CANCEL if cancel else CxlRejResponseTo.REPLACE,
        reason=CxlRejReason.UNKNOWN_ORDER,
        text=text,
        at_ns=now_ns,
        source=command.source,
    )


def rejection_report(order: Order, fact: RequestRejected, pending: Pending) -> CancelReject:
    """Return the answer to a cancel or replace that was taken and then did not happen, for who asked."""
    return CancelReject(
        session=pending.session,
        order_id=str(order.order_id),
        venue_order_id=order.venue_order_id,
        cl_ord_id=pending.cl_ord_id,
        orig_cl_ord_id=order.cl_ord_id,
        ord_status=order.ord_status,
        response_to=CxlRejResponseTo.CANCEL if fact.kind is RequestKind.CANCEL else CxlRejResponseTo.REPLACE,
        reason=fact.reason,
        account=order.terms.account,
        venue_error_code=fact.code,
        text=fact.text,
        at_ns=fact.at_ns,
        fact=fact.seq,
        source=order.terms.source,
        aside=bool(pending.by),
    )


def refused_request_report(order: Order | None, command: RefusedRequest, now_ns: int) -> CancelReject:
    """Answer a cancel or replace that the door found impossible: with the order's state, which stays."""
    return CancelReject(
        session=command.session,
        order_id=str(order.order_id) if order is not None else NO_ORDER_ID,
        venue_order_id=order.venue_order_id if order is not None else "",
        cl_ord_id=command.cl_ord_id,
        orig_cl_ord_id=command.orig_cl_ord_id,
        ord_status=order.ord_status if order is not None else OrdStatus.REJECTED,
        response_to=command.response_to,
        reason=CxlRejReason.OTHER if order is not None else CxlRejReason.UNKNOWN_ORDER,
        account=order.terms.account if order is not None else "",
        text=command.text,
        at_ns=now_ns,
        source=command.source,
    )


def status_report(order: Order | None, command: StatusRequest, now_ns: int) -> ExecutionReport:
    """Answer a status request: the order's state, or that it is unknown (FIX 4.4 Appendix D, G.1.a)."""
    if order is not None:
        report = order_report(order, ExecType.ORDER_STATUS, exec_id=STATUS_EXEC_ID, at_ns=now_ns)
        return replace(report, session=command.session, status_req_id=command.status_req_id)
    return ExecutionReport(
        session=command.session,
        order_id=command.order_id or NO_ORDER_ID,
        exec_id=STATUS_EXEC_ID,
        exec_type=ExecType.ORDER_STATUS,
        ord_status=OrdStatus.REJECTED,
        cl_ord_id=command.cl_ord_id,
        symbol=command.symbol,
        side=command.side,
        quantity=Decimal(0),
        rej_reason=OrdRejReason.UNKNOWN_ORDER,
        source=command.source,
        text=f"no order {command.cl_ord_id or command.order_id!r} of {command.source} is known here",
        status_req_id=command.status_req_id,
        at_ns=now_ns,
    )
