"""The OMS's own book: what it sent, what it was told, and what it objects to.

Everything is learned from FIX alone. Quantities are in the instrument's unit (base asset; contracts on
DELIVERY). A complaint is something that no gateway may do, whatever happened to it: a changed repeat, a
filled quantity that falls, the end of an order that is followed by more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from tests.fixclient import Field, Message, value_of

FINAL = frozenset("248C")
"""OrdStatus(39): filled, canceled, rejected, expired."""

_OF_THE_TRANSPORT = frozenset({8, 9, 10, 34, 43, 52, 97, 122})
"""Tags that tell of the way of a message; a repeat may differ in them and in nothing else."""

_STATUS_ANSWER = "I"


@dataclass
class Fill:
    """One trade, as reported."""

    quantity: Decimal
    price: Decimal
    commission: Decimal
    currency: str


@dataclass
class Request:
    """A cancel (F) or replace (G). `answered` by the end it asked for, by another, or by a reject."""

    msg_type: str
    fields: Sequence[Field]
    answered: bool = False
    rejects: list[dict[int, str]] = field(default_factory=list)
    """The content of every reject it got: a reject has no ExecID to tell a repeat by."""


@dataclass
class OmsOrder:
    """An order as the OMS sees it. `current` is the last ClOrdID that was accepted for it."""

    cl_ord_id: str
    session: str
    product: str
    symbol: str
    side: str
    fields: Sequence[Field]
    current: str
    answered: bool = False
    status: str = ""
    order_ids: set[str] = field(default_factory=set)
    venue_ids: set[str] = field(default_factory=set)
    quantity: Decimal = Decimal(0)
    price: Decimal | None = None
    cum: Decimal = Decimal(0)
    average: Decimal = Decimal(0)
    fills: dict[str, Fill] = field(default_factory=dict)
    requests: dict[str, Request] = field(default_factory=dict)
    asked: Message | None = None
    """The last answer to a status request."""

    @property
    def final(self) -> bool:
        """True once it was told that the order is over."""
        return self.status in FINAL

    @property
    def working(self) -> bool:
        """True while it was told that the order is on the market, or about to be."""
        return bool(self.status) and not self.final

    @property
    def refused(self) -> bool:
        """True when the gateway did not take the order."""
        return self.status == "8" and not self.order_ids

    @property
    def busy(self) -> bool:
        """True while a cancel or replace has no answer."""
        return any(not request.answered for request in self.requests.values())


@dataclass
class Tally:
    """What came in, over all sessions."""

    reports: int = 0
    repeated: int = 0
    """Reports under an ExecID that was told before: 43=Y or 97=Y, with identical content."""
    first_told_late: int = 0
    """Reports with 97=Y that had not been told before."""
    rejected: int = 0
    """Orders that never were: refused by the gateway, before the venue."""


class Oms:
    """All orders of all sessions, and what is wrong with what was told about them."""

    def __init__(self) -> None:
        self.orders: dict[str, OmsOrder] = {}
        self.complaints: list[str] = []
        self.tally = Tally()
        self._owner: dict[str, OmsOrder] = {}
        """By every ClOrdID ever sent, of orders and of requests."""
        self._told: dict[str, tuple[dict[int, str], str]] = {}
        """By ExecID: the content of the report, and the session it came on."""

    def sending(self, order: OmsOrder) -> None:
        """Note an order that is about to leave."""
        self.orders[order.cl_ord_id] = self._owner[order.cl_ord_id] = order

    def asking(self, order: OmsOrder, msg_type: str, fields: Sequence[Field]) -> None:
        """Note a cancel or replace that is about to leave."""
        cl_ord_id = value_of(fields, 11)
        order.requests[cl_ord_id] = Request(msg_type, fields)
        self._owner[cl_ord_id] = order

    def unanswered(self, session: str) -> list[tuple[str, Sequence[Field]]]:
        """Return what the session sent and has no answer to, in the order it was sent."""
        found: list[tuple[str, Sequence[Field]]] = []
        for order in self.orders.values():
            if order.session != session:
                continue
            if not order.answered:
                found.append(("D", order.fields))
            found += [(r.msg_type, r.fields) for r in order.requests.values() if not r.answered]
        return found

    def take(self, session: str, message: Message, seen: bool) -> None:
        """Take an application message; `seen` if its sequence number was handed on before."""
        if message[35] == "B":
            return  # news of links and margin says nothing about an order
        order = self._owner.get(message.get(11, ""))
        if order is None or order.session != session:
            self.complaints.append(f"{session}: nothing of this session's own: {message}")
        elif message[35] == "9":
            if not seen:  # it has no ExecID: one that comes a second time is known by its number alone
                self._rejected(order, message)
        elif message[35] == "8" and message[150] == _STATUS_ANSWER:
            self._asked_after(order, message)
        elif message[35] == "8":
            if self._is_new(session, message, seen):
                self._reported(order, message)
        else:
            self.complaints.append(f"{session}: an answer that nothing asked for: {message}")

    def _is_new(self, session: str, message: Message, seen: bool) -> bool:
        """True for an ExecID told for the first time; a repeat must be marked, and identical."""
        self.tally.reports += 1
        exec_id = message[17]
        content = _content(message)
        if exec_id not in self._told:
            self._told[exec_id] = content, session
            self.tally.first_told_late += message.get(97) == "Y"
            if seen:
                self._complain(message, "a resent message differs from the one of that number")
            return True
        self.tally.repeated += 1
        first, first_session = self._told[exec_id]
        if not is_marked(message):
            self._complain(message, f"ExecID {exec_id} came again without 43=Y or 97=Y")
        if (content, session) != (first, first_session):
            changed = {
                tag: (first.get(tag), content.get(tag))
                for tag in first.keys() | content.keys()
                if first.get(tag) != content.get(tag)
            }
            self._complain(message, f"ExecID {exec_id} came again with other content: {changed}")
        return False

    def _asked_after(self, order: OmsOrder, message: Message) -> None:
        """An answer to a status request, or to a repeat: it proves that the order was taken."""
        if message.get(37, "NONE") != "NONE":
            order.answered = True
            order.order_ids.add(message[37])
        order.asked = message

    def _rejected(self, order: OmsOrder, message: Message) -> None:
        self.tally.reports += 1
        request = order.requests.get(message[11])
        if request is None:
            self._complain(message, "a cancel reject for an order")
            return
        request.answered = True
        content = _content(message)
        if content in request.rejects and is_marked(message):
            self.tally.repeated += 1
            return
        request.rejects.append(content)
        if message.get(37, "NONE") != "NONE":
            self._stands_at(order, message)

    def _stands_at(self, order: OmsOrder, message: Message) -> None:
        """Take the order's state from a cancel reject: a fill that came while a cancel was pending said
        39=6, and the reject says 39=2 (FIX 4.4 Vol. 4, Appendix D, B.1.c)."""
        status, over = message[39], not order.quantity - order.cum
        if order.final and status != order.status:
            self._complain(message, f"39={status} after the order had ended with 39={order.status}")
        elif status == "2" and not over:
            self._complain(message, f"39=2, and {order.cum} of {order.quantity} was told as filled")
        else:
            order.status = status
        order.asked = None

    def _reported(self, order: OmsOrder, message: Message) -> None:
        kind, status = message[150], message[39]
        order.answered = True
        if kind == "8" and message.get(37, "NONE") == "NONE":
            self._refused(order, message)
            return
        if order.final:
            self._complain(message, f"150={kind} after the order had ended with 39={order.status}")
        order.asked = None
        order.order_ids.add(message[37])
        if message.get(198):
            order.venue_ids.add(message[198])
        if kind == "F":
            self._filled(order, message)
        cum, leaves = Decimal(message[14]), Decimal(message[151])
        if cum < order.cum:
            self._complain(message, f"14={cum} after {order.cum}")
        booked = sum((fill.quantity for fill in order.fills.values()), Decimal(0))
        if cum != booked:
            self._complain(message, f"14={cum}, and the fills told add up to {booked}")
        order.status, order.cum, order.average = status, cum, Decimal(message[6])
        order.quantity = Decimal(message[38])
        order.price = Decimal(message[44]) if 44 in message else None
        if leaves != (0 if order.final else order.quantity - cum):
            self._complain(message, f"151={leaves} with 38={order.quantity}, 14={cum}, 39={status}")
        self._answer(order, message)

    def _refused(self, order: OmsOrder, message: Message) -> None:
        """An order refused at the door; a repeat of one may be refused again."""
        if order.status not in {"", "8"}:
            self._complain(message, f"150=8 for an order that stood at 39={order.status}")
        self.tally.rejected += not order.status
        order.status = "8"

    def _filled(self, order: OmsOrder, message: Message) -> None:
        trade = message.get(527, "")
        if not trade or trade in order.fills:
            self._complain(message, f"trade {trade!r} was told before, or has no id")
            return
        order.fills[trade] = Fill(
            Decimal(message[32]), Decimal(message[31]), Decimal(message.get(12, 0)), message.get(479, "")
        )

    def _answer(self, order: OmsOrder, message: Message) -> None:
        """Note what a report answers: the request it names, if it says how that one ended."""
        request = order.requests.get(message[11])
        if request is None:
            return
        if message[150] in {"4", "5"} or order.final:
            request.answered = True
            order.current = message[11]

    def _complain(self, message: Message, text: str) -> None:
        self.complaints.append(f"order {message.get(11)}: {text}: {message}")


def _content(message: Message) -> dict[int, str]:
    return {tag: value for tag, value in message.items() if tag not in _OF_THE_TRANSPORT}


def is_marked(message: Message) -> bool:
    """True when a message says that it may have been told before."""
    return "Y" in (message.get(43), message.get(97))
