"""What the engine does with a client's command."""

from collections.abc import Mapping
from decimal import Decimal

from fixgate.engine.order import Order
from fixgate.engine.ports import Planner
from fixgate.engine.reporting import status_report
from fixgate.engine.turn import Turn
from fixgate.model.commands import CancelOrder, NewOrder, ReplaceOrder, StatusRequest
from fixgate.model.enums import CxlRejReason, OrdRejReason, OrdStatus
from fixgate.model.facts import (
    CancelRequested,
    OrderReceived,
    OrderRefused,
    ReplaceRequested,
    RequestDenied,
)
from fixgate.model.refusal import Refused

Planners = Mapping[str, Planner]


def new_order(turn: Turn, planners: Planners, command: NewOrder, number: int) -> None:
    """Take an order and send it, or refuse it. `number` is its inbox number, and becomes its OrderID."""
    if command.repeated and _told_again(turn, command):
        return
    try:
        if turn.book.is_used(command.source, command.cl_ord_id):
            raise Refused(
                OrdRejReason.DUPLICATE_ORDER,
                f"ClOrdID {command.cl_ord_id!r} was used before by {command.source}; use a new one",
            )
        request = _planner(planners, command.connector).plan_new(command, number)
    except Refused as refusal:
        turn.record(OrderRefused, number, command=command, reason=refusal.reason, text=refusal.text)
        return
    turn.record(OrderReceived, number, command=command, request=request)
    turn.outcome.requests.append(request)


def _told_again(turn: Turn, command: NewOrder | CancelOrder | ReplaceOrder) -> bool:
    """Answer a command that the client may have sent before with the state of the order it made or
    changed; False when it is new after all.

    A reject for a duplicate id would read as the end of an order that is alive.
    """
    order = turn.book.of_client(command.source, command.cl_ord_id)
    if order is None:
        return False
    request = StatusRequest(source=command.source, session=command.session, cl_ord_id=command.cl_ord_id)
    turn.outcome.reports.append(status_report(order, request, turn.now_ns))
    return True


def _is_known(turn: Turn, command: NewOrder | ReplaceOrder) -> bool:
    """True, with its state told, when the command was taken once before: this is a repeat of it."""
    return turn.book.is_used(command.source, command.cl_ord_id) and _told_again(turn, command)


def refuse_stale(turn: Turn, command: NewOrder, number: int) -> None:
    """Refuse an order that was taken in before a restart and never sent."""
    if _is_known(turn, command):
        return
    turn.record(
        OrderRefused,
        number,
        command=command,
        reason=OrdRejReason.STALE_ORDER,
        text="the gateway restarted before it sent this order; it was not and will not be sent",
    )


def refuse_stale_replace(turn: Turn, command: ReplaceOrder) -> None:
    """Refuse a replace that was taken in before a restart and never sent."""
    if _is_known(turn, command):
        return
    order = turn.book.of_client(command.source, command.orig_cl_ord_id, command.order_id)
    text = "the gateway restarted before it sent this replace; it was not and will not be sent"
    _deny(turn, order, command, (CxlRejReason.OTHER, text))


def cancel_order(turn: Turn, command: CancelOrder, number: int) -> None:
    """Cancel an order. One that the venue has not acknowledged yet is cancelled as soon as it has."""
    if command.repeated and _told_again(turn, command):
        return
    order = turn.book.of_client(command.source, command.orig_cl_ord_id, command.order_id)
    denial = _denial(turn, order, command)
    if denial is None and order is not None and order.cancel is not None:
        denial = CxlRejReason.ALREADY_PENDING, "a cancel of this order is pending already"
    if denial is not None or order is None:
        _deny(turn, order, command, denial)
        return
    turn.record(CancelRequested, order.order_id, request_id=number, command=command)
    if order.cancel is not None and order.cancel.sent:
        turn.cancel_at_venue(order, order.cancel)


def replace_order(turn: Turn, planners: Planners, command: ReplaceOrder, number: int) -> None:
    """Change an order's quantity or price, at the venue and in one step."""
    if command.repeated and _told_again(turn, command):
        return
    order = turn.book.of_client(command.source, command.orig_cl_ord_id, command.order_id)
    denial = _denial(turn, order, command)
    if denial is None and order is not None and order.pendings:
        denial = CxlRejReason.ALREADY_PENDING, f"a {order.pendings[0].kind} of this order is pending already"
    if denial is None and order is not None:
        try:
            quantity, price = _planned_change(planners, order, command)
        except Refused as refusal:
            denial = CxlRejReason.BROKER, refusal.text
    if denial is not None or order is None:
        _deny(turn, order, command, denial)
        return
    turn.record(
        ReplaceRequested, order.order_id, request_id=number, command=command, quantity=quantity, price=price
    )
    if order.replace is not None and order.replace.sent:
        turn.modify_at_venue(order, order.replace)


def order_status(turn: Turn, command: StatusRequest) -> None:
    """Report an order's state as the gateway knows it."""
    order = turn.book.of_client(command.source, command.cl_ord_id, command.order_id)
    turn.outcome.reports.append(status_report(order, command, turn.now_ns))


def _planner(planners: Planners, connector: str) -> Planner:
    found = planners.get(connector)
    if found is None:
        known = ", ".join(sorted(planners)) or "none"
        raise Refused(
            OrdRejReason.BROKER,
            f"{connector!r} is not a connector of this gateway; ExDestination(100) can be: {known}"
            if connector
            else f"no connector named and the session has no default; ExDestination(100) can be: {known}",
        )
    return found


def _planned_change(planners: Planners, order: Order, command: ReplaceOrder) -> tuple[Decimal, Decimal]:
    quantity = command.quantity if command.quantity is not None else order.quantity
    price = command.price if command.price is not None else order.price
    return _planner(planners, order.request.connector).plan_replace(order.request, command, quantity, price)


Denial = tuple[CxlRejReason, str]


def _denial(turn: Turn, order: Order | None, command: CancelOrder | ReplaceOrder) -> Denial | None:
    """Return why a cancel or replace cannot even be asked for, `None` when it can."""
    if turn.book.is_used(command.source, command.cl_ord_id):
        return (
            CxlRejReason.DUPLICATE_CL_ORD_ID,
            f"ClOrdID {command.cl_ord_id!r} was used before by {command.source}; use a new one",
        )
    if order is None:
        named = command.orig_cl_ord_id or command.order_id
        return CxlRejReason.UNKNOWN_ORDER, f"no order {named!r} of {command.source} is known here"
    if order.terminal:
        return CxlRejReason.TOO_LATE, f"the order is {order.state} already"
    current = {order.cl_ord_id} | {pending.cl_ord_id for pending in order.pendings}
    if command.orig_cl_ord_id and command.orig_cl_ord_id not in current:
        return (
            CxlRejReason.UNKNOWN_ORDER,
            f"OrigClOrdID {command.orig_cl_ord_id!r} is not the order's latest; that is {order.cl_ord_id!r}",
        )
    terms = order.terms
    if command.symbol and command.symbol != terms.symbol:
        return CxlRejReason.OTHER, f"Symbol {command.symbol!r} does not match the order's {terms.symbol!r}"
    if command.side is not None and command.side is not terms.side:
        return CxlRejReason.OTHER, f"Side {command.side} does not match the order's {terms.side}"
    return None


def _deny(
    turn: Turn, order: Order | None, command: CancelOrder | ReplaceOrder, denial: Denial | None
) -> None:
    reason, text = denial or (CxlRejReason.UNKNOWN_ORDER, "unknown order")
    turn.record(
        RequestDenied,
        order.order_id if order is not None else 0,
        command=command,
        ord_status=order.ord_status if order is not None else OrdStatus.REJECTED,
        reason=reason,
        text=text,
    )
