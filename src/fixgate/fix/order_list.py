"""NewOrderList(E) to `NewOrderList`: two orders of which one cancels the other. Pure.

FIX 4.4 has the message and no way to say what its orders have to do with each other; ContingencyType(1385)
says it, as in FIX 5.0. Source: FIX 4.4 Vol. 4 (NewOrderList), FIX 5.0 Vol. 6 (ContingencyType).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from fixgate.fix import fields as read
from fixgate.fix.groups import GroupShape, split_group
from fixgate.fix.new_order import new_order
from fixgate.fix.problem import ListRefusal, ProblemKind, Refusal
from fixgate.fix.session_context import SessionContext
from fixgate.fix.shape import check_shape
from fixgate.fix.wire import label, printable, split
from fixgate.model.commands import NewOrder, NewOrderList
from fixgate.model.enums import OrdRejReason

_BIDDING = ("390", "391", "394", "414", "415", "433", "480", "481", "513", "765", "766", "767")
_LIST = ("66", "68", "69", "352", "353", "893", "1385")
_TRAILER = ("10", "89", "93")
ORDERS = GroupShape(count="73", first="11", own=frozenset(_BIDDING + _LIST + _TRAILER))
"""NoOrders(73), and what else there is in the message and its trailer."""

_OF_THE_MESSAGE = ("34", "43", "52", "66", "97", "122")
"""Header fields that count for each order: when it was sent, whether again, and ListID(66)."""

_ONLY = {
    "394": ("3", "no bidding process"),
    "1385": ("1", "one cancels the other"),
    "68": ("2", "two orders"),
}
"""Fields of a list that are needed, with the one value that is served."""

_NOTHING_ELSE = {"433": ("1", "immediate"), "893": ("Y", "the whole list is in one message")}
"""Fields of a list that may be left out, with the one value that is served."""

_NOT_SERVED = frozenset(["69", "765", "766", "767"])
"""Fields that change how a list trades."""


def new_order_list(raw: str, session: SessionContext) -> NewOrderList:
    """Return the list that a message spells, its orders by ListSeqNo(67). Refuses all of it or nothing."""
    own_text, texts = split_group(raw, ORDERS)
    own = split(own_text)
    check_shape(own_text, own)
    entries = [_entry(position, text, own) for position, text in enumerate(texts, 1)]
    try:
        list_id = read.required(own, "66")
        _check_list(own)
        entries = _in_sequence(entries)
        orders = tuple(_order(entry, session, list_id) for entry in entries)
        _check_orders(orders)
    except Refusal as refusal:
        if refusal.kind is ProblemKind.SESSION_REJECT:
            raise
        raise ListRefusal(refusal, own, tuple(entries)) from None
    return NewOrderList(
        source=session.source,
        session=session.session,
        list_id=list_id,
        orders=orders,
        made_ns=min(order.made_ns for order in orders),
        repeated=read.repeated(own),
    )


def _entry(position: int, text: str, own: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of one order, with what the message says for all of them. An order without a
    TransactTime(60), which FIX does not require here, was made when the message was sent."""
    fields = split(text)
    with _naming(f"order {position} of the list"):
        check_shape(text, fields)
    if "52" in own:
        fields.setdefault("60", own["52"])
    return fields | {tag: own[tag] for tag in _OF_THE_MESSAGE if tag in own} | {"35": "E"}


def _order(entry: Mapping[str, str], session: SessionContext, list_id: str) -> NewOrder:
    with _naming(f"order {entry['67']} of the list ({printable(entry['11'], read.MAX_ID)})"):
        return new_order(entry, session, list_id)


@contextmanager
def _naming(which: str) -> Iterator[None]:
    """Let a refusal begin with which order of the list it is about."""
    try:
        yield
    except Refusal as refusal:
        raise Refusal(refusal.kind, refusal.reason, f"{which}: {refusal.text}", refusal.ref_tag) from None


def _check_list(own: Mapping[str, str]) -> None:
    for tag, (served, meaning) in _ONLY.items():
        if own.get(tag) != served:
            raise _refuse(f"{label(tag)} was {_was(own, tag)}; only {served} ({meaning}) is served")
    for tag, (served, meaning) in _NOTHING_ELSE.items():
        if own.get(tag, served) != served:
            raise _refuse(f"{label(tag)} was {_was(own, tag)}; only {served} ({meaning}) is served")
    for tag in _NOT_SERVED & own.keys():
        raise _refuse(f"{label(tag)} was {_was(own, tag)}; it is not served, leave it out")


def _in_sequence(entries: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Return the two orders by ListSeqNo(67)."""
    if len(entries) != 2:
        raise _refuse(f"NoOrders(73) was {len(entries)}; a list has two orders")
    found = sorted(entries, key=lambda entry: read.required(entry, "67"))
    for number, entry in enumerate(found, 1):
        if entry["67"] != str(number):
            raise _refuse(f"ListSeqNo(67) was {_was(entry, '67')}; number the orders of a list 1 and 2")
    return found


def _check_orders(orders: Sequence[NewOrder]) -> None:
    first, second = orders
    if first.cl_ord_id == second.cl_ord_id:
        raise _refuse(f"ClOrdID(11) was {first.cl_ord_id} on both orders; each order needs its own")
    if (first.connector, first.account) != (second.connector, second.account):
        raise _refuse(
            f"the orders go to {first.connector} {first.account} and {second.connector} {second.account}; "
            "a list goes to one account of one connector"
        )


def _was(fields: Mapping[str, str], tag: str) -> str:
    return fields.get(tag, "missing")[: read.MAX_ID]


def _refuse(text: str) -> Refusal:
    return read.refuse("E", text, OrdRejReason.UNSUPPORTED)
