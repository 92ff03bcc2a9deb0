"""How a fact changes the book. Replaying the journal through `evolve` rebuilds the engine's state."""

from collections.abc import Callable, Mapping
from typing import Any

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
    on_order = _ON_ORDER.get(type(fact))
    if on_order is not None:
        order = book.orders.get(fact.order_id)
        return None if order is None else on_order(book, order, fact)
    on_book = _ON_BOOK.get(type(fact))
    return None if on_book is None else on_book(book, fact)


def _received(book: OrderBook, fact: OrderReceived) -> ExecType:
    book.add(_order(fact))
    return step(OrderState.PENDING_NEW, OrderEvent.RECEIVE).exec_type


def _refused(book: OrderBook, fact: OrderRefused) -> ExecType:
    book.claim(fact.command.source, fact.command.cl_ord_id, 0)
    return ExecType.REJECTED


def _denied(book: OrderBook, fact: RequestDenied) -> None:
    book.claim(fact.command.source, fact.command.cl_ord_id, fact.order_id)


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


def _acknowledged(book: OrderBook, order: Order, fact: OrderAcknowledged) -> ExecType:
    exec_type = _move(book, order, OrderEvent.ACKNOWLEDGE)
    book.identify(order, fact.venue_order_id)
    return exec_type


def _rejected(book: OrderBook, order: Order, _: OrderRejected) -> ExecType:
    return _move(book, order, OrderEvent.REJECT)


def _filled(book: OrderBook, order: Order, fact: OrderFilled) -> ExecType:
    complete = order.cum + fact.last_quantity >= order.quantity
    exec_type = _move(book, order, OrderEvent.COMPLETE if complete else OrderEvent.FILL)
    order.count_trade(fact.trade_id, fact.last_quantity, fact.last_price)
    return exec_type


def _canceled(book: OrderBook, order: Order, fact: OrderCanceled) -> ExecType:
    exec_type = _move(book, order, OrderEvent.CANCEL)
    _chain(order, order.cancel, fact.request_id)
    order.cancel = None
    return exec_type


def _expired(book: OrderBook, order: Order, _: OrderExpired) -> ExecType:
    return _move(book, order, OrderEvent.EXPIRE)


def _replaced(book: OrderBook, order: Order, fact: OrderReplaced) -> ExecType:
    exec_type = _change(book, order, OrderEvent.REPLACE, fact)
    _chain(order, order.replace, fact.request_id)
    order.replace = None
    order.confirmed_request = fact.request_id
    return exec_type


def _restated(book: OrderBook, order: Order, fact: OrderRestated) -> ExecType:
    return _change(book, order, OrderEvent.RESTATE, fact)


def _cancel_requested(book: OrderBook, order: Order, fact: CancelRequested) -> ExecType:
    order.cancel = _pending(order, fact)
    if fact.command is not None:
        book.claim(fact.command.source, fact.command.cl_ord_id, order.order_id)
    order.requested_ns = fact.at_ns
    return ExecType.PENDING_CANCEL


def _replace_requested(book: OrderBook, order: Order, fact: ReplaceRequested) -> ExecType:
    order.replace = _pending(order, fact)
    book.claim(fact.command.source, fact.command.cl_ord_id, order.order_id)
    order.requested_ns = fact.at_ns
    return ExecType.PENDING_REPLACE


def _request_rejected(_: OrderBook, order: Order, fact: RequestRejected) -> None:
    if fact.kind is RequestKind.CANCEL:
        order.cancel = None
    else:
        order.replace = None


def _in_doubt(_: OrderBook, order: Order, fact: OutcomeInDoubt) -> None:
    pending = order.pending(fact.kind, fact.request_id)
    if pending is not None:
        pending.in_doubt = True
    order.requested_ns = fact.at_ns


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
    if fact.quantity <= order.cum:
        event = OrderEvent.SHRINK if event is OrderEvent.REPLACE else OrderEvent.CUT
    exec_type = _move(book, order, event)
    order.quantity = max(fact.quantity, order.cum)
    order.terms_at_ms = max(order.terms_at_ms, fact.at_ms)
    if fact.price is not None:
        order.price = fact.price
    return exec_type


def _chain(order: Order, pending: Pending | None, request_id: int) -> None:
    """The request's ClOrdID becomes the order's, and the order's the one it replaces."""
    if pending is not None and pending.request_id == request_id and pending.cl_ord_id:
        order.orig_cl_ord_id, order.cl_ord_id = order.cl_ord_id, pending.cl_ord_id


_ON_BOOK: Mapping[type, Callable[[OrderBook, Any], ExecType | None]] = {
    OrderReceived: _received,
    OrderRefused: _refused,
    RequestDenied: _denied,
}

_ON_ORDER: Mapping[type, Callable[[OrderBook, Order, Any], ExecType | None]] = {
    OrderAcknowledged: _acknowledged,
    OrderRejected: _rejected,
    OrderFilled: _filled,
    OrderCanceled: _canceled,
    OrderExpired: _expired,
    OrderReplaced: _replaced,
    OrderRestated: _restated,
    CancelRequested: _cancel_requested,
    ReplaceRequested: _replace_requested,
    RequestRejected: _request_rejected,
    OutcomeInDoubt: _in_doubt,
}
