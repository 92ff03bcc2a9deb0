"""How a fact changes the book. Replaying the journal through `evolve` rebuilds the engine's state."""

from collections.abc import Callable, Mapping
from typing import Any

from fixgate.engine.book import OrderBook
from fixgate.engine.lifecycle import OrderEvent, OrderState, RequestEvent, step
from fixgate.engine.order import MISSING, ZERO, Order, Pending
from fixgate.model.enums import ExecType
from fixgate.model.facts import (
    CancelRequested,
    Fact,
    ForeignUpdate,
    OrderAcknowledged,
    OrderAdopted,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderReceived,
    OrderRefused,
    OrderRejected,
    OrderReplaced,
    OrderRestated,
    OrderSuspended,
    OrderTriggered,
    OutcomeInDoubt,
    ReplaceRequested,
    RequestDenied,
    RequestRejected,
)
from fixgate.model.snapshot import Rejection
from fixgate.model.venue import RequestKind, VenueExec


def evolve(book: OrderBook, fact: Fact) -> ExecType | None:
    """Apply `fact` and return the ExecType its report has, `None` when it is not an execution report.

    Raises `IllegalTransition`, with nothing changed, when the lifecycle table has no row for it.
    """
    on_order = _ON_ORDER.get(type(fact))
    if on_order is not None:
        order = book.recall(fact.order_id)
        if order is None:
            return None
        book.changed[order.order_id] = order
        exec_type = on_order(book, order, fact)
        if order.unit_usd is not None:
            book.count(order, fact.seq, fact.at_ns)
        if order.cancel is not None or order.replaces:
            # A request that waited leaves right after such a fact: none leaves later than the last one.
            order.requested_ns = fact.at_ns
        return exec_type
    on_book = _ON_BOOK.get(type(fact))
    return None if on_book is None else on_book(book, fact)


def _received(book: OrderBook, fact: OrderReceived) -> ExecType:
    order = _order(fact)
    book.add(order)
    book.changed[order.order_id] = order
    book.ledger.note_sent(fact.request, fact.seq, fact.at_ns)
    if fact.unit_usd is not None:
        book.count(order, fact.seq, fact.at_ns)
    return step(OrderState.PENDING_NEW, OrderEvent.RECEIVE).exec_type


def _refused(book: OrderBook, fact: OrderRefused) -> ExecType:
    book.claim(fact.command.source, fact.command.cl_ord_id, None, fact.at_ns)
    return ExecType.REJECTED


def _denied(book: OrderBook, fact: RequestDenied) -> None:
    order = book.recall(fact.order_id)
    if order is not None:
        book.changed[order.order_id] = order
    book.claim(fact.command.source, fact.command.cl_ord_id, order, fact.at_ns)


def _foreign(book: OrderBook, fact: ForeignUpdate) -> None:
    order = book.recall(fact.order_id)
    if order is None:
        book.foreign.note(fact.update)
    elif fact.update.exec is VenueExec.TRADE and order.unexplained:
        book.changed[order.order_id] = order
        order.trades.add(fact.update.trade_id)
        order.unexplained -= min(order.unexplained, fact.update.last_quantity or 0)


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
        cl_ord_ids=[fact.command.cl_ord_id],
        unit_usd=fact.unit_usd,
    )


def _acknowledged(book: OrderBook, order: Order, fact: OrderAcknowledged) -> ExecType:
    exec_type = _move(book, order, OrderEvent.ACKNOWLEDGE, fact.at_ns)
    book.identify(order, fact.venue_order_id)
    return exec_type


def _suspended(book: OrderBook, order: Order, fact: OrderSuspended) -> ExecType:
    exec_type = _move(book, order, OrderEvent.HOLD, fact.at_ns)
    book.identify(order, fact.venue_order_id)
    return exec_type


def _triggered(book: OrderBook, order: Order, fact: OrderTriggered) -> ExecType:
    exec_type = _move(book, order, OrderEvent.TRIGGER, fact.at_ns)
    if fact.venue_order_id not in ("", order.venue_order_id):
        order.parent_order_id = order.venue_order_id
        book.identify(order, fact.venue_order_id)
    return exec_type


def _adopted(book: OrderBook, order: Order, fact: OrderAdopted) -> ExecType:
    event = OrderEvent.ADOPT_FILLED if order.cum else OrderEvent.ADOPT
    exec_type = _move(book, order, event, fact.at_ns)
    book.revive(order)
    book.identify(order, fact.venue_order_id)
    return exec_type


def _rejected(book: OrderBook, order: Order, fact: OrderRejected) -> ExecType:
    exec_type = _move(book, order, OrderEvent.REJECT, fact.at_ns)
    order.rejection = Rejection(reason=fact.reason, code=fact.code, text=fact.text, error=fact.error)
    return exec_type


def _filled(book: OrderBook, order: Order, fact: OrderFilled) -> ExecType:
    complete = order.cum + fact.last_quantity >= order.quantity
    exec_type = _move(book, order, OrderEvent.COMPLETE if complete else OrderEvent.FILL, fact.at_ns)
    order.count_trade(fact.trade_id, fact.last_quantity, fact.last_price)
    if fact.commission is not None:
        currency = fact.commission_currency
        order.fees[currency] = order.fees.get(currency, ZERO) + fact.commission
    if fact.trade_id.startswith(MISSING):
        order.unexplained += fact.last_quantity
    return exec_type


def _canceled(book: OrderBook, order: Order, fact: OrderCanceled) -> ExecType:
    exec_type = _move(book, order, OrderEvent.CANCEL, fact.at_ns)
    pending = order.cancel
    if pending is not None and pending.request_id == fact.request_id:
        _confirm(order, pending)
        order.cancel = None
    return exec_type


def _expired(book: OrderBook, order: Order, fact: OrderExpired) -> ExecType:
    return _move(book, order, OrderEvent.EXPIRE, fact.at_ns)


def _replaced(book: OrderBook, order: Order, fact: OrderReplaced) -> ExecType:
    exec_type = _change(book, order, OrderEvent.REPLACE, fact)
    pending = order.pending(RequestKind.MODIFY, fact.request_id)
    if pending is not None:
        _confirm(order, pending)
        order.replaces.remove(pending)
        if pending.unit_usd is not None:
            order.unit_usd = pending.unit_usd
    order.confirmed_request = fact.request_id
    return exec_type


def _restated(book: OrderBook, order: Order, fact: OrderRestated) -> ExecType:
    return _change(book, order, OrderEvent.RESTATE, fact)


def _cancel_requested(book: OrderBook, order: Order, fact: CancelRequested) -> ExecType:
    command = fact.command
    order.cancel = Pending(
        kind=RequestKind.CANCEL,
        request_id=fact.request_id,
        cl_ord_id=command.cl_ord_id if command is not None else "",
        orig_cl_ord_id=order.cl_ord_id,
        session=command.session if command is not None else "",
        text=fact.text,
        asked_ns=fact.at_ns,
        by=command.source if command is not None and command.source != order.terms.source else "",
    )
    if command is not None:
        book.claim(command.source, command.cl_ord_id, order, fact.at_ns)
    return ExecType.PENDING_CANCEL


def _replace_requested(book: OrderBook, order: Order, fact: ReplaceRequested) -> ExecType:
    command = fact.command
    pending = Pending(
        kind=RequestKind.MODIFY,
        request_id=fact.request_id,
        cl_ord_id=command.cl_ord_id,
        orig_cl_ord_id=built_on(order, command.orig_cl_ord_id),
        session=command.session,
        quantity=fact.quantity,
        price=fact.price,
        asked_ns=fact.at_ns,
        unit_usd=fact.unit_usd,
    )
    order.replaces.append(pending)
    if fact.unit_usd is not None and order.unit_usd is None:
        order.unit_usd = ZERO  # taken while there was no limit: what it was counts nothing
    book.claim(command.source, command.cl_ord_id, order, fact.at_ns)
    return ExecType.PENDING_REPLACE


def built_on(order: Order, orig_cl_ord_id: str) -> str:
    """Return the ClOrdID that a replace changes: that of an open replace if it names one, else the
    order's own."""
    if any(pending.cl_ord_id == orig_cl_ord_id for pending in order.replaces):
        return orig_cl_ord_id
    return order.cl_ord_id


def _request_rejected(_: OrderBook, order: Order, fact: RequestRejected) -> None:
    pending = order.pending(fact.kind, fact.request_id)
    if pending is None:
        return
    pending.note(RequestEvent.REFUSE)
    if pending is order.cancel:
        order.cancel = None
    else:
        order.replaces.remove(pending)


def _in_doubt(_: OrderBook, order: Order, fact: OutcomeInDoubt) -> None:
    pending = order.pending(fact.kind, fact.request_id)
    if pending is not None:
        pending.note(RequestEvent.DOUBT)
    order.requested_ns = fact.at_ns


def _move(book: OrderBook, order: Order, event: OrderEvent, at_ns: int) -> ExecType:
    taken = step(order.state, event)
    order.state = taken.state
    if order.terminal:
        book.settle(order, at_ns)
    return taken.exec_type


def _change(
    book: OrderBook, order: Order, event: OrderEvent, fact: OrderReplaced | OrderRestated
) -> ExecType:
    if fact.quantity <= order.cum:
        event = OrderEvent.SHRINK if event is OrderEvent.REPLACE else OrderEvent.CUT
    exec_type = _move(book, order, event, fact.at_ns)
    order.quantity = max(fact.quantity, order.cum)
    order.terms_at_ms = max(order.terms_at_ms, fact.at_ms)
    if fact.price is not None:
        order.price = fact.price
    return exec_type


def _confirm(order: Order, pending: Pending) -> None:
    """A request took effect: its ClOrdID becomes the order's, and the order's the one it replaces. One that
    another source asked for leaves the order its own."""
    pending.note(RequestEvent.CONFIRM)
    if pending.cl_ord_id and not pending.by:
        order.orig_cl_ord_id, order.cl_ord_id = order.cl_ord_id, pending.cl_ord_id


_ON_BOOK: Mapping[type, Callable[[OrderBook, Any], ExecType | None]] = {
    OrderReceived: _received,
    OrderRefused: _refused,
    RequestDenied: _denied,
    ForeignUpdate: _foreign,
}

_ON_ORDER: Mapping[type, Callable[[OrderBook, Order, Any], ExecType | None]] = {
    OrderAcknowledged: _acknowledged,
    OrderSuspended: _suspended,
    OrderTriggered: _triggered,
    OrderAdopted: _adopted,
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
