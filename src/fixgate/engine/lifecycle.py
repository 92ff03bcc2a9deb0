"""The life of an order as one table of (state, event) -> (state, report); that of its requests as another.

`OrderState` is what the venue holds the order to be. Requests that are still open (a cancel, replaces) lie
over it, each with a `RequestState` of its own, and show only in OrdStatus(39), by the precedence of FIX 4.4
Volume 4 Appendix D: Pending Cancel, then Pending Replace, then the state itself. Whether a request's outcome
is unknown is never shown as a state of the order: it stays pending.

Terminal states are sticky; a trade that is heard of after one still counts, because it is money, but does
not reopen the order. One thing does: an order that ended here because the venue denied it, and that the
venue then turns out to have, is adopted.
"""

from enum import StrEnum
from typing import NamedTuple

from fixgate.model.enums import ExecType, OrdStatus


class OrderState(StrEnum):
    PENDING_NEW = "pending_new"
    SUSPENDED = "suspended"
    """A stop order that the venue holds back until its trigger."""
    NEW = "new"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"


class OrderEvent(StrEnum):
    RECEIVE = "receive"
    ACKNOWLEDGE = "acknowledge"
    REJECT = "reject"
    HOLD = "hold"
    """The venue took a stop order and holds it back."""
    TRIGGER = "trigger"
    """A stop order begins to work."""
    ADOPT = "adopt"
    """The venue has an order open that had ended here."""
    ADOPT_FILLED = "adopt_filled"
    """The same, and part of it is filled."""
    FILL = "fill"
    """A trade that leaves something to fill."""
    COMPLETE = "complete"
    """A trade that leaves nothing."""
    REPLACE = "replace"
    RESTATE = "restate"
    SHRINK = "shrink"
    """A replace down to what is already filled."""
    CUT = "cut"
    """A restatement down to what is already filled."""
    CANCEL = "cancel"
    EXPIRE = "expire"


class Step(NamedTuple):
    state: OrderState
    exec_type: ExecType


class IllegalTransition(Exception):
    """An event that the order's state does not allow; nothing has happened."""


_S, _E, _X = OrderState, OrderEvent, ExecType

LIFECYCLE: dict[tuple[OrderState, OrderEvent], Step] = {
    (_S.PENDING_NEW, _E.RECEIVE): Step(_S.PENDING_NEW, _X.PENDING_NEW),
    (_S.PENDING_NEW, _E.ACKNOWLEDGE): Step(_S.NEW, _X.NEW),
    (_S.PENDING_NEW, _E.HOLD): Step(_S.SUSPENDED, _X.SUSPENDED),
    (_S.PENDING_NEW, _E.REJECT): Step(_S.REJECTED, _X.REJECTED),
    (_S.PENDING_NEW, _E.CANCEL): Step(_S.CANCELED, _X.CANCELED),
    (_S.PENDING_NEW, _E.EXPIRE): Step(_S.EXPIRED, _X.EXPIRED),
    (_S.SUSPENDED, _E.TRIGGER): Step(_S.NEW, _X.NEW),
    (_S.SUSPENDED, _E.REJECT): Step(_S.REJECTED, _X.REJECTED),
    (_S.SUSPENDED, _E.REPLACE): Step(_S.SUSPENDED, _X.REPLACED),
    (_S.SUSPENDED, _E.RESTATE): Step(_S.SUSPENDED, _X.RESTATED),
    (_S.SUSPENDED, _E.CANCEL): Step(_S.CANCELED, _X.CANCELED),
    (_S.SUSPENDED, _E.EXPIRE): Step(_S.EXPIRED, _X.EXPIRED),
    (_S.NEW, _E.FILL): Step(_S.PARTIALLY_FILLED, _X.TRADE),
    (_S.NEW, _E.COMPLETE): Step(_S.FILLED, _X.TRADE),
    (_S.NEW, _E.REPLACE): Step(_S.NEW, _X.REPLACED),
    (_S.NEW, _E.RESTATE): Step(_S.NEW, _X.RESTATED),
    (_S.NEW, _E.CANCEL): Step(_S.CANCELED, _X.CANCELED),
    (_S.NEW, _E.EXPIRE): Step(_S.EXPIRED, _X.EXPIRED),
    (_S.PARTIALLY_FILLED, _E.FILL): Step(_S.PARTIALLY_FILLED, _X.TRADE),
    (_S.PARTIALLY_FILLED, _E.COMPLETE): Step(_S.FILLED, _X.TRADE),
    (_S.PARTIALLY_FILLED, _E.REPLACE): Step(_S.PARTIALLY_FILLED, _X.REPLACED),
    (_S.PARTIALLY_FILLED, _E.RESTATE): Step(_S.PARTIALLY_FILLED, _X.RESTATED),
    (_S.PARTIALLY_FILLED, _E.SHRINK): Step(_S.FILLED, _X.REPLACED),
    (_S.PARTIALLY_FILLED, _E.CUT): Step(_S.FILLED, _X.RESTATED),
    (_S.PARTIALLY_FILLED, _E.CANCEL): Step(_S.CANCELED, _X.CANCELED),
    (_S.PARTIALLY_FILLED, _E.EXPIRE): Step(_S.EXPIRED, _X.EXPIRED),
    (_S.FILLED, _E.FILL): Step(_S.FILLED, _X.TRADE),
    (_S.FILLED, _E.COMPLETE): Step(_S.FILLED, _X.TRADE),
    (_S.CANCELED, _E.FILL): Step(_S.CANCELED, _X.TRADE),
    (_S.CANCELED, _E.COMPLETE): Step(_S.FILLED, _X.TRADE),
    (_S.EXPIRED, _E.FILL): Step(_S.EXPIRED, _X.TRADE),
    (_S.EXPIRED, _E.COMPLETE): Step(_S.FILLED, _X.TRADE),
    (_S.REJECTED, _E.ADOPT): Step(_S.NEW, _X.RESTATED),
    (_S.CANCELED, _E.ADOPT): Step(_S.NEW, _X.RESTATED),
    (_S.CANCELED, _E.ADOPT_FILLED): Step(_S.PARTIALLY_FILLED, _X.RESTATED),
    (_S.EXPIRED, _E.ADOPT): Step(_S.NEW, _X.RESTATED),
    (_S.EXPIRED, _E.ADOPT_FILLED): Step(_S.PARTIALLY_FILLED, _X.RESTATED),
}

TERMINAL = frozenset({_S.FILLED, _S.CANCELED, _S.EXPIRED, _S.REJECTED})

_STATUS = {
    _S.PENDING_NEW: OrdStatus.PENDING_NEW,
    _S.SUSPENDED: OrdStatus.SUSPENDED,
    _S.NEW: OrdStatus.NEW,
    _S.PARTIALLY_FILLED: OrdStatus.PARTIALLY_FILLED,
    _S.FILLED: OrdStatus.FILLED,
    _S.CANCELED: OrdStatus.CANCELED,
    _S.EXPIRED: OrdStatus.EXPIRED,
    _S.REJECTED: OrdStatus.REJECTED,
}


class RequestState(StrEnum):
    """Where a cancel or replace is, while it has no answer."""

    WAITING = "waiting"
    """For the order's acknowledgement, or for the replace before it."""
    SENT = "sent"
    IN_DOUBT = "in_doubt"
    """It may or may not have been executed: the venue is being asked."""
    UNANSWERABLE = "unanswerable"
    """The venue said that the order is gone: what became of the order decides the answer."""


class RequestEvent(StrEnum):
    SEND = "send"
    DOUBT = "doubt"
    """A timeout, an ambiguous answer, a lost connection, a restart."""
    GONE = "gone"
    RETRY = "retry"
    """It was refused, and will be sent again: the gateway's own cancel."""
    CONFIRM = "confirm"
    REFUSE = "refuse"


_R, _Q = RequestState, RequestEvent

REQUESTS: dict[tuple[RequestState, RequestEvent], RequestState | None] = {
    (_R.WAITING, _Q.SEND): _R.SENT,
    (_R.WAITING, _Q.DOUBT): _R.IN_DOUBT,
    (_R.WAITING, _Q.CONFIRM): None,
    (_R.WAITING, _Q.REFUSE): None,
    (_R.SENT, _Q.DOUBT): _R.IN_DOUBT,
    (_R.SENT, _Q.GONE): _R.UNANSWERABLE,
    (_R.SENT, _Q.RETRY): _R.WAITING,
    (_R.SENT, _Q.CONFIRM): None,
    (_R.SENT, _Q.REFUSE): None,
    (_R.IN_DOUBT, _Q.SEND): _R.SENT,
    (_R.IN_DOUBT, _Q.DOUBT): _R.IN_DOUBT,
    (_R.IN_DOUBT, _Q.GONE): _R.UNANSWERABLE,
    (_R.IN_DOUBT, _Q.RETRY): _R.WAITING,
    (_R.IN_DOUBT, _Q.CONFIRM): None,
    (_R.IN_DOUBT, _Q.REFUSE): None,
    (_R.UNANSWERABLE, _Q.DOUBT): _R.UNANSWERABLE,
    (_R.UNANSWERABLE, _Q.GONE): _R.UNANSWERABLE,
    (_R.UNANSWERABLE, _Q.RETRY): _R.WAITING,
    (_R.UNANSWERABLE, _Q.CONFIRM): None,
    (_R.UNANSWERABLE, _Q.REFUSE): None,
}
"""What each event makes of an open request; `None` is the end of it. A cancel in doubt may be sent again,
because a second cancel does no harm; a replace never is."""


def request_step(state: RequestState, event: RequestEvent) -> RequestState | None:
    """Return what `event` makes of a request. Raises `IllegalTransition` where the table has no row."""
    if (state, event) not in REQUESTS:
        raise IllegalTransition(f"a request that is {state} cannot {event}")
    return REQUESTS[state, event]


def step(state: OrderState, event: OrderEvent) -> Step:
    """Return where `event` leads from `state`. Raises `IllegalTransition` where the table has no row."""
    found = LIFECYCLE.get((state, event))
    if found is None:
        raise IllegalTransition(f"an order that is {state} cannot {event}")
    return found


def ord_status(state: OrderState, pending_cancel: bool, pending_replace: bool) -> OrdStatus:
    """Return OrdStatus(39) with the open requests laid over the state."""
    if state in (OrderState.CANCELED, OrderState.EXPIRED, OrderState.REJECTED):
        return _STATUS[state]
    if pending_cancel:
        return OrdStatus.PENDING_CANCEL
    if pending_replace:
        return OrdStatus.PENDING_REPLACE
    return _STATUS[state]
