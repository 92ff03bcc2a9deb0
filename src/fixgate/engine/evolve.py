"""How a fact changes the book. Replaying the journal through `evolve` rebuilds the engine's state."""

from fixgate.engine.lifecycle import OrderEvent, OrderState, step
from fixgate.engine.order import Order, OrderBook, Pending
from fixgate.model.enums import ExecType
from fixgate.model.facts import (
    CancelRequested,
    Fact,
    OrderAcknowledged,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderReceived,
    OrderRefused,
    OrderRejected,
    OrderReplaced,
    OrderRestated,
    OutcomeInDoubt,
    ReplaceRequested,
    RequestDenied,
    RequestRejected,
)
from fixgate.model.venue import RequestKind


def evolve(book: OrderBook, fact: Fact) -> ExecType | None:
    """Apply `fact` and return the ExecType its report has, `None` when it is not an execution report.

    Raises `IllegalTransition`, with nothing changed, when the lifecycle table has no row for it.
    """
    match fact:
        case OrderReceived():
            book.add(_order(fact))
            return step(OrderState.PENDING_NEW, OrderEvent.RECEIVE).exec_type
        case OrderRefused():
            book.claim(fact.command.source, fact.command.cl_ord_id, 0)
            return ExecType.REJECTED
        case RequestDenied():
            book.claim(fact.command.source, fact.command.cl_ord_id, fact.order_id)
            return None
        case _:
            order = book.orders.get(fact.order_id)
            return None if order is None else _evolve_order(book, order, fact)


def _order(fact: OrderReceived) -> Order:
    return Order(
        order_id=fact.order_id,
        terms=fact.command,
        request=fact.request,
        quantity=fact.request.quantity,
        price=fact.request.price,
        cl_ord_id=fact.command.cl_ord_id,
        received_ns=fact.at_ns,
        requested_ns=fact.at_ns,
    )


def _evolve_order(book: OrderBook, order: Order, fact: Fact) -> ExecType | None:
    match fact:
        case OrderAcknowledged():
            exec_type = _move(book, order, OrderEvent.ACKNOWLEDGE)
            book.identify(order, fact.venue_order_id)
        case OrderRejected():
            exec_type = _move(book, order, OrderEvent.REJECT)
        case OrderFilled():
            complete = order.cum + fact.last_quantity >= order.quantity
            exec_type = _move(book, order, OrderEvent.COMPLETE if complete else OrderEvent.FILL)
            order.count_trade(fact.trade_id, fact.last_quantity, fact.last_price)
        case OrderCanceled():
            exec_type = _move(book, order, OrderEvent.CANCEL)
            _chain(order, order.cancel, fact.request_id)
            order.cancel = None
        case OrderExpired():
            exec_type = _move(book, order, OrderEvent.EXPIRE)
        case OrderReplaced():
            exec_type = _change(book, order, OrderEvent.REPLACE, fact)
            _chain(order, order.replace, fact.request_id)
            order.replace = None
            order.confirmed_request = fact.request_id
        case OrderRestated():
            exec_type = _change(book, order, OrderEvent.RESTATE, fact)
        case _:
            return _evolve_requests(book, order, fact)
    return exec_type


def _evolve_requests(book: OrderBook, order: Order, fact: Fact) -> ExecType | None:
    match fact:
        case CancelRequested():
            order.cancel = _pending(order, fact)
            if fact.command is not None:
                book.claim(fact.command.source, fact.command.cl_ord_id, order.order_id)
            order.requested_ns = fact.at_ns
            return ExecType.PENDING_CANCEL
        case ReplaceRequested():
            order.replace = _pending(order, fact)
            book.claim(fact.command.source, fact.command.cl_ord_id, order.order_id)
            order.requested_ns = fact.at_ns
            return ExecType.PENDING_REPLACE
        case RequestRejected(kind=RequestKind.CANCEL):
            order.cancel = None
        case RequestRejected():
            order.replace = None
        case OutcomeInDoubt():
            pending = order.pending(fact.kind, fact.request_id)
            if pending is not None:
                pending.in_doubt = True
            order.requested_ns = fact.at_ns
        case _:
            pass
    return None


def _pending(order: Order, fact: CancelRequested | ReplaceRequested) -> Pending:
    acknowledged = order.state is not OrderState.PENDING_NEW
    if isinstance(fact, ReplaceRequested):
        return Pending(
            kind=RequestKind.MODIFY,
            request_id=fact.request_id,
            cl_ord_id=fact.command.cl_ord_id,
            session=fact.command.session,
            quantity=fact.quantity,
            price=fact.price,
            sent=acknowledged,
        )
    command = fact.command
    return Pending(
        kind=RequestKind.CANCEL,
        request_id=fact.request_id,
        cl_ord_id=command.cl_ord_id if command is not None else "",
        session=command.session if command is not None else "",
        text=fact.text,
        sent=acknowledged,
    )


def _move(book: OrderBook, order: Order, event: OrderEvent) -> ExecType:
    taken = step(order.state, event)
    order.state = taken.state
    if order.terminal:
        book.settle(order)
    return taken.exec_type


def _change(
    book: OrderBook, order: Order, event: OrderEvent, fact: OrderReplaced | OrderRestated
) -> ExecType:
    exec_type = _move(book, order, OrderEvent.SHRINK if fact.quantity <= order.cum else event)
    order.quantity = max(fact.quantity, order.cum)
    order.terms_at_ms = max(order.terms_at_ms, fact.at_ms)
    if fact.price is not None:
        order.price = fact.price
    return exec_type


def _chain(order: Order, pending: Pending | None, request_id: int) -> None:
    """The request's ClOrdID becomes the order's, and the order's the one it replaces."""
    if pending is not None and pending.request_id == request_id and pending.cl_ord_id:
        order.orig_cl_ord_id, order.cl_ord_id = order.cl_ord_id, pending.cl_ord_id
