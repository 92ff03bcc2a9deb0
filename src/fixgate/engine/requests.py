"""The open requests of one order: which leaves next, and how each is answered.

A cancel leaves as soon as the venue knows the order. Replaces leave one after another, in the order they
were taken (FIX 4.4 Appendix D, D.2.b); one that builds on a replace that was refused is refused with it
(D.2.c). A cancel makes the replaces that wait moot.
"""

from fixgate.engine.lifecycle import OrderState, RequestEvent
from fixgate.engine.order import Order, Pending
from fixgate.engine.turn import Turn
from fixgate.model.enums import CxlRejReason
from fixgate.model.facts import CancelRequested

FIRST_RETRY_NS, LAST_RETRY_NS = 1_000_000_000, 60_000_000_000


def send_waiting(turn: Turn, order: Order) -> None:
    """Send the cancel or replace whose turn it is, if it waits."""
    if order.terminal or order.state is OrderState.PENDING_NEW:
        return
    cancel = order.cancel
    if cancel is not None:
        if cancel.waiting and turn.now_ns >= cancel.retry_ns:
            turn.cancel_at_venue(order, cancel)
        return
    while order.replace is not None and order.replace.waiting:
        why = _too_late(turn, order.replace)
        if not why:
            turn.modify_at_venue(order, order.replace)
            return
        refuse(turn, order, order.replace, CxlRejReason.OTHER, why)


def _too_late(turn: Turn, pending: Pending) -> str:
    """Return why a replace that has waited must not leave any more, empty if it may: the market that it was
    meant for is gone."""
    if pending.stale:
        return "the gateway restarted before it sent this replace; it was not and will not be sent"
    waited_ns, limit_ns = turn.now_ns - pending.asked_ns, turn.policy.max_age_ns
    if not limit_ns or waited_ns <= limit_ns:
        return ""
    return (
        f"it waited {waited_ns / 1e9:.1f} s for its turn, more than the {limit_ns / 1e9:g} s that are taken"
    )


def refuse(
    turn: Turn, order: Order, pending: Pending, reason: CxlRejReason, text: str, code: str = ""
) -> None:
    """Answer an open request with a no, and with it every replace that builds on it.

    The gateway's own cancel takes no no for an answer: it is sent again, after growing pauses.
    """
    if pending.own:
        _retry_later(turn, order, pending, text)
        return
    turn.reject_request(order, pending, reason, text, code)
    if pending.insist:
        cancel_by_gateway(turn, order, pending.insist)
    for later in list(order.replaces):
        if later.orig_cl_ord_id == pending.cl_ord_id and later in order.replaces:
            refuse(turn, order, later, reason, f"the replace {pending.cl_ord_id!r} before it was refused")


def _retry_later(turn: Turn, order: Order, pending: Pending, text: str) -> None:
    pending.note(RequestEvent.RETRY)
    pending.refusal = None
    pause = min(FIRST_RETRY_NS << min(pending.failures, 10), LAST_RETRY_NS)
    pending.retry_ns = turn.now_ns + pause
    pending.failures += 1
    turn.book.retrying[order.order_id] = order
    if pending.failures == 1:
        turn.outcome.alarms.append(
            f"order {order.order_id}: the gateway's own cancel was refused and is tried again: {text}"
        )


def retry_now(turn: Turn, connector: str, account: str) -> None:
    """Send an account's own refused cancels again without waiting: its link was mended."""
    for order in turn.book.live_of(connector, account):
        if order.cancel is not None and order.cancel.own and order.cancel.waiting:
            order.cancel.retry_ns = 0
            send_waiting(turn, order)


def retry(turn: Turn) -> None:
    """Send again the gateway's own cancels that are due."""
    for order in list(turn.book.retrying.values()):
        if order.cancel is None or not order.cancel.own:
            del turn.book.retrying[order.order_id]
        else:
            send_waiting(turn, order)


def close_requests(turn: Turn, order: Order) -> None:
    """An order off the market answers whatever was still asked of it."""
    for pending in order.pendings:
        code, text = pending.refusal or ("", f"the order is {order.state}")
        turn.reject_request(order, pending, CxlRejReason.TOO_LATE, text, code)


def cancel_by_gateway(turn: Turn, order: Order, text: str) -> None:
    """Cancel an order that no client asked to cancel, for `text`'s reason."""
    turn.record(CancelRequested, order.order_id, request_id=-turn.last_seq - 1, text=text)
    send_waiting(turn, order)
