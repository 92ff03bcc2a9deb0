"""The open requests of one order: which leaves next, and how each is answered.

A cancel leaves as soon as the venue knows the order. Replaces leave one after another, in the order they
were taken (FIX 4.4 Appendix D, D.2.b); one that builds on a replace that was refused is refused with it
(D.2.c). A cancel makes the replaces that wait moot.
"""

from fixgate.engine.lifecycle import OrderState
from fixgate.engine.order import Order, Pending
from fixgate.engine.turn import Turn
from fixgate.model.enums import CxlRejReason
from fixgate.model.facts import CancelRequested


def send_waiting(turn: Turn, order: Order) -> None:
    """Send the cancel or replace whose turn it is, if it waits."""
    if order.terminal or order.state is OrderState.PENDING_NEW:
        return
    if order.cancel is not None:
        if order.cancel.waiting:
            turn.cancel_at_venue(order, order.cancel)
    elif order.replace is not None and order.replace.waiting:
        turn.modify_at_venue(order, order.replace)


def refuse(
    turn: Turn, order: Order, pending: Pending, reason: CxlRejReason, text: str, code: str = ""
) -> None:
    """Answer an open request with a no, and with it every replace that builds on it."""
    turn.reject_request(order, pending, reason, text, code)
    if not pending.cl_ord_id:
        turn.outcome.alarms.append(f"order {order.order_id}: the gateway's own cancel failed: {text}")
        return
    for later in list(order.replaces):
        if later.orig_cl_ord_id == pending.cl_ord_id and later in order.replaces:
            refuse(turn, order, later, reason, f"the replace {pending.cl_ord_id!r} before it was refused")


def close_requests(turn: Turn, order: Order) -> None:
    """An order off the market answers whatever was still asked of it."""
    for pending in order.pendings:
        code, text = pending.refusal or ("", f"the order is {order.state}")
        turn.reject_request(order, pending, CxlRejReason.TOO_LATE, text, code)


def cancel_by_gateway(turn: Turn, order: Order, text: str) -> None:
    """Cancel an order that no client asked to cancel, for `text`'s reason."""
    turn.record(CancelRequested, order.order_id, request_id=-turn.last_seq - 1, text=text)
    send_waiting(turn, order)
