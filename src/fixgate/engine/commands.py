"""What the engine does with a client's command."""

from collections.abc import Mapping
from decimal import Decimal

from msgspec.structs import replace

from fixgate.engine.limits import LimitExceeded
from fixgate.engine.order import Order
from fixgate.engine.ports import Planner
from fixgate.engine.reporting import NO_ORDER_ID, refused_before, refused_request_report, status_report
from fixgate.engine.requests import cancel_by_gateway, send_waiting
from fixgate.engine.turn import Turn
from fixgate.model.commands import (
    CancelOrder,
    CancelOrdersOf,
    NewOrder,
    NewOrderList,
    RefusedRequest,
    ReplaceOrder,
    StatusRequest,
)
from fixgate.model.enums import CxlRejReason, OrdRejReason, OrdStatus
from fixgate.model.facts import (
    CancelRequested,
    OrderReceived,
    OrderRefused,
    ReplaceRequested,
    RequestDenied,
)
from fixgate.model.refusal import Refused
from fixgate.model.venue import SubmitOrder

Planners = Mapping[str, Planner]
Denial = tuple[CxlRejReason, str]


def new_order(turn: Turn, planners: Planners, command: NewOrder, number: int) -> None:
    """Take an order and send it, or refuse it. `number` is its inbox number, and becomes its OrderID."""
    if command.repeated and _told_again(turn, command):
        return
    try:
        _refuse_used(turn, command)
        age = _too_old(turn, command)
        if age:
            raise Refused(OrdRejReason.STALE_ORDER, age)
        if turn.halted:
            raise Refused(OrdRejReason.BROKER, turn.halted)
        planner = _planner(planners, command.connector)
        request = planner.plan_new(command, number, turn.book.open_count(command.connector))
        _refuse_while_recovering(turn, request)
        unit = None if turn.limits is None else turn.limits.units_of((request,), turn.now_ns)[0]
    except Refused as refusal:
        _refuse_order(turn, command, number, refusal)
        return
    turn.record(OrderReceived, number, command=command, request=request, unit_usd=unit)
    turn.outcome.requests.append(request)


def new_order_list(turn: Turn, planners: Planners, command: NewOrderList, numbers: tuple[int, ...]) -> None:
    """Take a list and send it as one request, or refuse all of it. `numbers` become its OrderIDs."""
    if command.repeated and _list_told_again(turn, command):
        return
    try:
        for order in command.orders:
            _refuse_used(turn, order)
        if len({order.cl_ord_id for order in command.orders}) < len(command.orders):
            raise Refused(OrdRejReason.DUPLICATE_ORDER, "the orders of a list need ClOrdIDs of their own")
        age = _too_old(turn, command)
        if age:
            raise Refused(OrdRejReason.STALE_ORDER, age)
        if turn.halted:
            raise Refused(OrdRejReason.BROKER, turn.halted)
        connector = command.orders[0].connector
        planner = _planner(planners, connector)
        request = planner.plan_list(command.orders, numbers, turn.book.open_count(connector))
        _refuse_while_recovering(turn, request.legs[0])
        units: tuple[Decimal | None, ...] = (None,) * len(request.legs)
        if turn.limits is not None:
            units = turn.limits.units_of(request.legs, turn.now_ns)
    except Refused as refusal:
        for number, order in zip(numbers, command.orders, strict=True):
            _refuse_order(turn, order, number, refusal)
        return
    for order, leg, unit in zip(command.orders, request.legs, units, strict=True):
        turn.record(OrderReceived, leg.order_id, command=order, request=leg, unit_usd=unit)
    turn.outcome.requests.append(request)


def _refuse_order(turn: Turn, command: NewOrder, number: int, refusal: Refused) -> None:
    limit = refusal if isinstance(refusal, LimitExceeded) else None
    turn.record(
        OrderRefused,
        number,
        command=command,
        reason=refusal.reason,
        text=refusal.text,
        error=None if limit is None else limit.error,
        limit_check=None if limit is None else limit.check,
    )


def refuse_list(
    turn: Turn, command: NewOrderList, numbers: tuple[int, ...], text: str, reason: OrdRejReason
) -> None:
    """Refuse every order of a list."""
    for number, order in zip(numbers, command.orders, strict=True):
        turn.record(OrderRefused, number, command=order, reason=reason, text=text)


def _list_told_again(turn: Turn, command: NewOrderList) -> bool:
    told = [_told_again(turn, order) for order in command.orders]
    return any(told)


def _refuse_used(turn: Turn, command: NewOrder) -> None:
    if turn.book.is_used(command.source, command.cl_ord_id):
        raise Refused(
            OrdRejReason.DUPLICATE_ORDER,
            f"ClOrdID {command.cl_ord_id!r} was used before by {command.source}; use a new one",
        )


def _too_old(turn: Turn, command: NewOrder | NewOrderList | ReplaceOrder) -> str:
    """Return why a command is stale, empty if it is not: the market that it was meant for is gone."""
    age_ns, limit_ns = turn.now_ns - command.made_ns, turn.policy.max_age_ns
    if not command.made_ns or not limit_ns or age_ns <= limit_ns:
        return ""
    return (
        f"made {age_ns / 1e9:.1f} s ago by its TransactTime(60) and sending time, more than the "
        f"{limit_ns / 1e9:g} s that are taken; send it anew"
    )


def _refuse_while_recovering(turn: Turn, request: SubmitOrder) -> None:
    """New orders of an account wait until everything that was under way at a restart is known."""
    unsettled = turn.book.unsettled_of(request.connector, request.account)
    if unsettled:
        raise Refused(
            OrdRejReason.BROKER,
            f"{request.connector} account {request.account} is finding out what became of {unsettled} "
            "orders that were under way when the gateway stopped; send the order again in some seconds",
        )


def _told_again(turn: Turn, command: NewOrder | CancelOrder | ReplaceOrder) -> bool:
    """Answer a command that was taken once before with what became of it; False when it is new after all.

    The state of its order, since a reject for a duplicate id would read as the end of an order that is
    alive; of one that was refused, that it is not on the market. Neither is a new fact.
    """
    if not turn.book.is_used(command.source, command.cl_ord_id):
        return False
    may_cancel = command.may_cancel if isinstance(command, CancelOrder) else ()
    order = turn.book.of_client(command.source, command.cl_ord_id, may_cancel=may_cancel)
    if order is None and not isinstance(command, NewOrder):
        text = "this request was refused before; nothing was or will be done about it"
        turn.outcome.reports.append(refused_before(command, text, turn.now_ns))
        return True
    request = StatusRequest(
        source=command.source, session=command.session, cl_ord_id=command.cl_ord_id, symbol=command.symbol
    )
    report = status_report(order, request, turn.now_ns)
    if order is None:
        report = replace(report, text="this order was refused before; it is not on the market")
    turn.outcome.reports.append(report)
    return True


def refuse_stale(turn: Turn, command: NewOrder | ReplaceOrder, number: int) -> None:
    """Refuse what was taken in before a restart and never sent, unless it is a repeat of what was."""
    if _told_again(turn, command):
        return
    what = "order" if isinstance(command, NewOrder) else "replace"
    text = f"the gateway restarted before it sent this {what}; it was not and will not be sent"
    refuse(turn, command, number, text, OrdRejReason.STALE_ORDER)


def refuse_stale_list(turn: Turn, command: NewOrderList, numbers: tuple[int, ...]) -> None:
    """Refuse a list that was taken in before a restart and never sent, unless it is a repeat."""
    if _list_told_again(turn, command):
        return
    text = "the gateway restarted before it sent this list; it was not and will not be sent"
    refuse_list(turn, command, numbers, text, OrdRejReason.STALE_ORDER)


def refuse(
    turn: Turn,
    command: NewOrder | ReplaceOrder,
    number: int,
    text: str,
    reason: OrdRejReason = OrdRejReason.BROKER,
) -> None:
    """Refuse an order or a replace, whatever it says."""
    if isinstance(command, NewOrder):
        turn.record(OrderRefused, number, command=command, reason=reason, text=text)
        return
    order = turn.book.of_client(command.source, command.orig_cl_ord_id, command.order_id)
    _deny(turn, order, command, (CxlRejReason.OTHER, text))


def cancel_order(turn: Turn, command: CancelOrder, number: int) -> None:
    """Cancel an order. One that the venue has not acknowledged yet is cancelled as soon as it has.

    The client's cancel takes the place of one of the gateway's own that waits to be tried again; if it is
    refused as well, the gateway goes on trying.
    """
    if command.repeated and _told_again(turn, command):
        return
    order = turn.book.of_client(command.source, command.orig_cl_ord_id, command.order_id, command.may_cancel)
    denial = _denial(turn, order, command)
    before = order.cancel if order is not None else None
    if denial is None and before is not None and not (before.own and before.waiting):
        denial = CxlRejReason.ALREADY_PENDING, "a cancel of this order is pending already"
    if denial is not None or order is None:
        _deny(turn, order, command, denial)
        return
    if before is not None:
        text = "the client's own cancel takes the place of the gateway's"
        turn.reject_request(order, before, CxlRejReason.OTHER, text)
    other = order.terms.source != command.source
    text = f"canceled by {command.source}" if other else ""
    turn.record(CancelRequested, order.order_id, request_id=number, command=command, text=text)
    if before is not None and order.cancel is not None:
        order.cancel.insist = before.text
    send_waiting(turn, order)


def cancel_orders_of(turn: Turn, command: CancelOrdersOf) -> None:
    """Cancel every open order of a source; one whose client is cancelling it, if that is refused."""
    for order in list(turn.book.live.values()):
        if order.terms.source != command.source:
            continue
        if order.cancel is None:
            cancel_by_gateway(turn, order, command.text)
        elif not order.cancel.own:
            order.cancel.insist = command.text


def replace_order(turn: Turn, planners: Planners, command: ReplaceOrder, number: int) -> None:
    """Change an order's quantity or price, at the venue and in one step.

    A replace that comes while others are open waits for them, since the venue takes one at a time (-5043).
    """
    if command.repeated and _told_again(turn, command):
        return
    order = turn.book.of_client(command.source, command.orig_cl_ord_id, command.order_id)
    denial = _denial(turn, order, command)
    unit: Decimal | None = None
    if denial is None and order is not None:
        denial = _no_room(turn, order)
    if denial is None and order is not None:
        try:
            quantity, price = _planned_change(planners, order, command)
            if turn.limits is not None:
                unit = turn.limits.unit_of_change(order, quantity, price, turn.now_ns)
        except Refused as refusal:
            denial = CxlRejReason.BROKER, refusal.text
    if denial is not None or order is None:
        _deny(turn, order, command, denial)
        return
    turn.record(
        ReplaceRequested,
        order.order_id,
        request_id=number,
        command=command,
        quantity=quantity,
        price=price,
        unit_usd=unit,
    )
    send_waiting(turn, order)


def _no_room(turn: Turn, order: Order) -> Denial | None:
    """Replaces of one order wait for one another, up to a number; none waits behind a cancel, and none is
    taken while no orders are."""
    if turn.halted:
        return CxlRejReason.OTHER, turn.halted
    if order.cancel is not None:
        return CxlRejReason.ALREADY_PENDING, "a cancel of this order is pending already"
    limit = turn.policy.replaces_at_once
    if len(order.replaces) >= limit:
        return CxlRejReason.ALREADY_PENDING, f"{limit} replaces of this order are pending already"
    return None


def order_status(turn: Turn, command: StatusRequest) -> None:
    """Report an order's state as the gateway knows it."""
    order = turn.book.of_client(command.source, command.cl_ord_id, command.order_id, command.may_cancel)
    turn.outcome.reports.append(status_report(order, command, turn.now_ns))


def refused_request(turn: Turn, command: RefusedRequest) -> None:
    """Answer a cancel or replace that the door found impossible. The order stays as it is."""
    order = turn.book.of_client(command.source, command.orig_cl_ord_id, command.order_id)
    turn.outcome.reports.append(refused_request_report(order, command, turn.now_ns))


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
    """What the replace leaves out stays as the replaces before it will have made it."""
    last = order.replaces[-1] if order.replaces else None
    quantity = command.quantity or (last.quantity if last is not None else order.quantity)
    price = command.price or (last.price if last is not None else order.price)
    return _planner(planners, order.request.connector).plan_replace(order.request, command, quantity, price)


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
    current = {order.cl_ord_id} | {pending.cl_ord_id for pending in order.pendings if not pending.by}
    if order.terms.source != command.source:
        current.add(NO_ORDER_ID)  # another's order is named by its OrderID
    if command.orig_cl_ord_id and command.orig_cl_ord_id not in current:
        return (
            CxlRejReason.UNKNOWN_ORDER,
            f"OrigClOrdID {command.orig_cl_ord_id!r} is not the order's latest; that is {order.cl_ord_id!r}",
        )
    age = _too_old(turn, command) if isinstance(command, ReplaceOrder) else ""
    if age:
        return CxlRejReason.OTHER, age
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
