"""What the engine does with a venue's answers to requests, and with news of positions."""

from fixgate.engine.lifecycle import OrderState, RequestEvent
from fixgate.engine.merge import cancel_reduced
from fixgate.engine.requests import close_requests, refuse, send_waiting
from fixgate.engine.turn import Turn
from fixgate.model.enums import CxlRejReason, OrdRejReason
from fixgate.model.facts import NoticeKept, OrderCanceled, OrderRejected, OutcomeInDoubt
from fixgate.model.venue import (
    AccountNotice,
    OrderNotFound,
    OutcomeUnknown,
    PositionUpdate,
    RequestKind,
    RequestRefused,
)


def request_refused(turn: Turn, event: RequestRefused) -> None:
    """A definite no from the venue (or from the connector, before anything was sent)."""
    order = turn.book.recall(event.order_id)
    if order is None:
        return
    if event.kind is RequestKind.SUBMIT:
        if order.state in (OrderState.PENDING_NEW, OrderState.SUSPENDED):
            turn.record(
                OrderRejected,
                order.order_id,
                reason=event.reason,
                code=event.code,
                text=event.text,
                error=event.error,
            )
            close_requests(turn, order)
        return
    pending = order.pending(event.kind, event.request_id)
    if pending is None:
        return
    if event.order_gone:
        pending.note(RequestEvent.GONE)
        pending.refusal = (event.code, event.text)
        turn.query(order, settle=True)
    else:
        refuse(turn, order, pending, CxlRejReason.BROKER, event.text, event.code)
        send_waiting(turn, order)


def outcome_unknown(turn: Turn, event: OutcomeUnknown) -> None:
    """Neither yes nor no: keep the order pending and ask."""
    order = turn.book.recall(event.order_id)
    if order is None or order.terminal:
        return
    if event.kind is RequestKind.SUBMIT and order.state is not OrderState.PENDING_NEW:
        return
    if event.kind is not RequestKind.SUBMIT and order.pending(event.kind, event.request_id) is None:
        return
    turn.record(OutcomeInDoubt, order.order_id, kind=event.kind, request_id=event.request_id, text=event.text)
    turn.query(order, settle=event.kind is not RequestKind.SUBMIT)


def order_not_found(turn: Turn, event: OrderNotFound) -> None:
    """The venue does not know the order, and it is too late for it to appear.

    That it does not know a client order id says nothing of an order whose venue id has been learned since.
    """
    order = turn.book.recall(event.order_id)
    if order is None or order.terminal:
        return
    if order.venue_order_id != event.venue_order_id:
        turn.query(order, settle=bool(order.pendings))
        return
    if order.state is OrderState.PENDING_NEW:
        turn.record(OrderRejected, order.order_id, reason=OrdRejReason.UNKNOWN_ORDER, text=event.text)
    else:
        request_id = order.cancel.request_id if order.cancel is not None else 0
        turn.record(OrderCanceled, order.order_id, request_id=request_id, text=event.text)
    close_requests(turn, order)


_ROUTINE = frozenset(
    {"balanceUpdate", "liabilityChange", "openOrderLoss", "ACCOUNT_CONFIG_UPDATE", "listenKeyExpired"}
)
"""Notices that tell of money and settings that a query shows as well: not worth a fact each."""


def noticed(turn: Turn, event: AccountNotice) -> None:
    """Keep what was not understood, and call an operator: it may have been about an order."""
    if event.kind in _ROUTINE:
        return
    turn.record(NoticeKept, 0, notice=event)
    turn.outcome.alarms.append(
        f"{event.connector} account {event.account} sent a {event.kind}, which is kept in the journal"
    )


def position_changed(turn: Turn, event: PositionUpdate) -> None:
    """Remember the position, and cancel what it leaves of reduce-only orders."""
    if turn.book.note_position(event):
        for order in turn.book.live_of(event.connector, event.account):
            if order.only_reduces and order.request.symbol == event.symbol:
                cancel_reduced(turn, order)
