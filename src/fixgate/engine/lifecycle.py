"""The life of an order as one table of (state, event) -> (state, report).

`OrderState` is what the venue holds the order to be. Requests of the client that are still open (a
cancel, a replace) lie over it and show only in OrdStatus(39), by the precedence of FIX 4.4 Volume 4
Appendix D: Pending Cancel, then Pending Replace, then the state itself. Terminal states are sticky; a
trade that is heard of after one still counts, because it is money, but does not reopen the order.
"""

from enum import StrEnum
from typing import NamedTuple

from fixgate.model.enums import ExecType, OrdStatus


class OrderState(StrEnum):
    PENDING_NEW = "pending_new"
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
    (_S.PENDING_NEW, _E.REJECT): Step(_S.REJECTED, _X.REJECTED),
    (_S.PENDING_NEW, _E.CANCEL): Step(_S.CANCELED, _X.CANCELED),
    (_S.PENDING_NEW, _E.EXPIRE): Step(_S.EXPIRED, _X.EXPIRED),
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
}

TERMINAL = frozenset({_S.FILLED, _S.CANCELED, _S.EXPIRED, _S.REJECTED})

_STATUS = {
    _S.PENDING_NEW: OrdStatus.PENDING_NEW,
    _S.NEW: OrdStatus.NEW,
    _S.PARTIALLY_FILLED: OrdStatus.PARTIALLY_FILLED,
    _S.FILLED: OrdStatus.FILLED,
    _S.CANCELED: OrdStatus.CANCELED,
    _S.EXPIRED: OrdStatus.EXPIRED,
    _S.REJECTED: OrdStatus.REJECTED,
}


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
