"""What an OMS believes of its orders, from the reports it gets, and whether each report may follow the last.

The rules are those of FIX 4.4 Vol. 4 (ExecutionReport, OrderCancelReject, Appendix D), written from the
standard and not from the gateway: the filled quantity never falls, what is ordered is what is filled and
what is left, a final state stays, pending requests show before the state itself, an ExecID is used once.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from tests.simulation.fix_text import Fields, content

ZERO = Decimal(0)
FINAL = frozenset("248C")
_STATE_AFTER = {
    "A": ("", "A"),
    "0": ("A", "0"),
    "8": ("A", "8"),
    "4": ("A01", "4"),
    "C": ("A01", "C"),
    "5": ("01", ""),
    "D": ("01", ""),
    "6": ("A01", ""),
    "E": ("A01", ""),
    "F": ("012 4C".replace(" ", ""), ""),
}
"""ExecType(150) -> the states it may come in, and the state it leads to (empty: by the quantities)."""


class Illegal(Exception):
    """A report that an OMS could not make sense of."""


@dataclass
class Ask:
    """A cancel or replace that the OMS sent."""

    kind: str
    cl_ord_id: str
    orig: str
    quantity: Decimal | None = None
    price: Decimal | None = None
    pending: bool = False
    answered: bool = False


@dataclass
class OmsOrder:
    """One order as its OMS knows it. `state` is empty before the first report, then 0 1 2 4 8 A C."""

    cl_ord_id: str
    product: str
    symbol: str
    side: str
    order_type: str
    quantity: Decimal
    price: Decimal | None
    reduce_only: bool = False
    first: str = ""
    state: str = ""
    order_id: str = ""
    venue_order_id: str = ""
    cum: Decimal = ZERO
    value: Decimal = ZERO
    average: Decimal = ZERO
    fees: dict[str, Decimal] = field(default_factory=dict)
    asks: dict[str, Ask] = field(default_factory=dict)
    trades: set[str] = field(default_factory=set)
    gateway_cancels: bool = False
    untaken: bool = False
    """The gateway could not take it: as good as not sent, unless it is sent again."""

    @property
    def final(self) -> bool:
        return self.untaken if self.state == "" else self.state in FINAL

    @property
    def open_asks(self) -> list[Ask]:
        return [ask for ask in self.asks.values() if not ask.answered]

    @property
    def ord_status(self) -> str:
        """OrdStatus(39) by the precedence of Appendix D."""
        if self.state in ("4", "8", "C"):
            return self.state
        pending = {ask.kind for ask in self.open_asks if ask.pending}
        if "cancel" in pending or self.gateway_cancels:
            return "6"
        return "E" if "replace" in pending else self.state


class Ledger:
    """All orders of one OMS. `execution_report` and `cancel_reject` raise `Illegal`."""

    def __init__(self) -> None:
        self.orders: dict[str, OmsOrder] = {}
        self.by_id: dict[str, OmsOrder] = {}
        self.repeated: set[str] = set()
        """ClOrdIDs that were sent again, as a new order, on purpose."""
        self.told: dict[str, Fields] = {}
        self._rejects: dict[str, Fields] = {}
        self.reports = 0

    def add(self, order: OmsOrder) -> None:
        order.first = order.cl_ord_id
        self.orders[order.first] = self.by_id[order.first] = order

    def ask(self, order: OmsOrder, ask: Ask) -> None:
        order.asks[ask.cl_ord_id] = ask
        self.by_id[ask.cl_ord_id] = order

    def execution_report(self, report: Fields) -> None:
        """Take an ExecutionReport(8)."""
        self.reports += 1
        if report["150"] == "I":
            if report["17"] == "0" or self._is_new(report):
                self._status(report)
            return
        if not self._is_new(report):
            return
        order = self.by_id.get(report["11"])
        if order is None:
            raise Illegal(f"a report names ClOrdID {report['11']}, which was never sent")
        if report["150"] == "8" and self._is_refused_repeat(order, report):
            return
        self._follow(order, report)

    def _is_refused_repeat(self, order: OmsOrder, report: Fields) -> bool:
        """True for the reject of an order that was sent again: it says nothing about the first."""
        if report["11"] not in self.repeated:
            return order.state == "8" and report.get("103") == "6"
        return report.get("103") == "6" or order.state == "8"

    def _is_new(self, report: Fields) -> bool:
        exec_id, said = report["17"], content(report)
        known = self.told.setdefault(exec_id, said)
        if known is said:
            return True
        if "Y" not in (report.get("43"), report.get("97")):
            raise Illegal(f"ExecID {exec_id} was used twice without PossDupFlag or PossResend")
        if known != said:
            raise Illegal(f"ExecID {exec_id} was told again with another content: {_difference(known, said)}")
        return False

    def _follow(self, order: OmsOrder, report: Fields) -> None:
        kind = report["150"]
        before, after = _STATE_AFTER[kind]
        if kind == "8" and order.state == "":
            order.untaken = False
        elif order.state not in before or (order.state == "" and kind != "A"):
            raise Illegal(f"{order.first}: 150={kind} cannot follow state {order.state or 'none'!r}")
        order.untaken = False
        self._identify(order, report)
        self._fill(order, report)
        self._terms(order, report)
        self._requests(order, report)
        if after:
            order.state = after
        elif kind in "F5D" and order.state in "012":
            order.state = "2" if order.cum >= order.quantity else "1" if order.cum else "0"
        elif kind == "F" and order.cum >= order.quantity:
            order.state = "2"
        self._check(order, report)

    def _identify(self, order: OmsOrder, report: Fields) -> None:
        if order.order_id and report["37"] != order.order_id:
            raise Illegal(f"{order.first}: OrderID changed from {order.order_id} to {report['37']}")
        if report["37"] != "NONE":
            order.order_id = report["37"]
        order.venue_order_id = report.get("198") or order.venue_order_id
        if report["54"] != order.side or report["55"] != order.symbol:
            raise Illegal(f"{order.first}: side or symbol of another order")

    def _fill(self, order: OmsOrder, report: Fields) -> None:
        cum = Decimal(report["14"])
        if report["150"] != "F":
            if cum != order.cum:
                raise Illegal(f"{order.first}: 14 went from {order.cum} to {cum} without a trade")
            return
        quantity, price = Decimal(report["32"]), Decimal(report["31"])
        if cum != order.cum + quantity:
            raise Illegal(f"{order.first}: 14 is {cum} after {order.cum} and a trade of {quantity}")
        if report["527"] in order.trades:
            raise Illegal(f"{order.first}: trade {report['527']} was told twice")
        order.trades.add(report["527"])
        order.cum = cum
        order.value += quantity / price if order.product == "DELIVERY" else quantity * price
        if "12" in report:
            asset = report["479"]
            order.fees[asset] = order.fees.get(asset, ZERO) + Decimal(report["12"])

    def _terms(self, order: OmsOrder, report: Fields) -> None:
        quantity = Decimal(report["38"])
        price = Decimal(report["44"]) if "44" in report else None
        if report["150"] in "5D":
            order.quantity, order.price = quantity, price
        elif (quantity, price) != (order.quantity, order.price):
            raise Illegal(
                f"{order.first}: terms are {quantity} at {price} in 150={report['150']}, "
                f"they were {order.quantity} at {order.price}"
            )

    def _requests(self, order: OmsOrder, report: Fields) -> None:
        kind, cl_ord_id = report["150"], report["11"]
        ask = order.asks.get(cl_ord_id)
        wanted = {"6": "cancel", "4": "cancel", "E": "replace", "5": "replace"}.get(kind)
        if ask is None or ask.answered or ask.kind != wanted:
            if cl_ord_id != order.cl_ord_id:
                raise Illegal(f"{order.first}: 11 is {cl_ord_id}, the order's own is {order.cl_ord_id}")
            if kind == "6":
                order.gateway_cancels = True
            elif kind in "E5":
                raise Illegal(f"{order.first}: 150={kind} answers no request")
            return
        if report.get("41") != order.cl_ord_id:
            raise Illegal(f"{order.first}: 41 is {report.get('41')}, it should be {order.cl_ord_id}")
        if kind in "6E":
            ask.pending = True
            return
        ask.answered = True
        order.cl_ord_id = cl_ord_id
        if kind == "5" and ask.quantity is not None and order.quantity not in (ask.quantity, order.cum):
            raise Illegal(f"{order.first}: replaced to {order.quantity}, asked for {ask.quantity}")

    def _check(self, order: OmsOrder, report: Fields) -> None:
        """Check what must hold of every report, whatever it tells."""
        status, leaves = report["39"], Decimal(report["151"])
        if order.state in ("4", "8", "C"):
            order.gateway_cancels = False
        if status != order.ord_status:
            raise Illegal(
                f"{order.first}: 39 is {status} in 150={report['150']}, it should be {order.ord_status}"
            )
        if order.state in ("4", "8", "C"):
            if leaves != 0:
                raise Illegal(f"{order.first}: 151 is {leaves} in the final state {status}")
        elif order.quantity != order.cum + leaves:
            raise Illegal(f"{order.first}: 38={order.quantity} is not 14={order.cum} + 151={leaves}")
        self._check_average(order, Decimal(report["6"]))

    def _check_average(self, order: OmsOrder, average: Decimal) -> None:
        if not order.cum:
            right = ZERO
        elif order.product == "DELIVERY":
            right = order.cum / order.value
        else:
            right = order.value / order.cum
        if abs(average - right) > Decimal("1e-6"):
            raise Illegal(f"{order.first}: 6 is {average}, the trades make {right}")
        order.average = average

    def _status(self, report: Fields) -> None:
        """Take the answer to a status request: it must be what the reports before it said."""
        order = self.by_id.get(report.get("11", ""))
        if order is None or report["37"] == "NONE":
            return
        if order.gateway_cancels and report["39"] != "6" and report["17"] != "0":
            order.gateway_cancels = False
        if order.state == "":
            raise Illegal(f"{order.first}: its status is told before it was acknowledged in any way")
        told = report["39"], Decimal(report["14"]), Decimal(report["151"])
        left = ZERO if order.final else order.quantity - order.cum
        known = order.ord_status, order.cum, left
        if told != known:
            raise Illegal(f"{order.first}: status answer {told} differs from the reports' {known}")

    def cancel_reject(self, report: Fields) -> None:
        """Take an OrderCancelReject(9)."""
        self.reports += 1
        cl_ord_id = report["11"]
        order = self.by_id.get(cl_ord_id)
        ask = order.asks.get(cl_ord_id) if order is not None else None
        if order is None or ask is None:
            raise Illegal(f"a cancel reject names ClOrdID {cl_ord_id}, which asked for nothing")
        if ask.answered:
            self._is_repeated_reject(report)
            return
        self._rejects[cl_ord_id] = content(report)
        if ask.kind != ("cancel" if report["434"] == "1" else "replace"):
            raise Illegal(f"{cl_ord_id}: 434 is {report['434']} for a {ask.kind}")
        ask.answered = True
        if report["37"] == "NONE":
            return
        if report["39"] != order.ord_status:
            raise Illegal(f"{cl_ord_id}: 39 is {report['39']} in the reject, it should be {order.ord_status}")

    def not_taken(self, cl_ord_id: str) -> None:
        """Take a BusinessMessageReject(j) that says that the gateway could not take a message now."""
        order = self.by_id.get(cl_ord_id)
        if order is None:
            raise Illegal(f"{cl_ord_id} could not be taken, and was never sent")
        ask = order.asks.get(cl_ord_id)
        if ask is not None:
            ask.answered = True
        elif order.state == "":
            order.untaken = True

    def _is_repeated_reject(self, report: Fields) -> None:
        """A request that was rejected may be rejected again: it may have come twice. A yes stays a yes."""
        known = self._rejects.get(report["11"])
        if known is None:
            raise Illegal(f"{report['11']} was done before and is rejected now")
        if "Y" in (report.get("43"), report.get("97")) and known != content(report):
            raise Illegal(
                f"{report['11']} was rejected again in other words: {_difference(known, content(report))}"
            )


def _difference(one: Fields, other: Fields) -> str:
    tags = sorted(tag for tag in one.keys() | other.keys() if one.get(tag) != other.get(tag))
    return ", ".join(f"{tag}: {one.get(tag)} -> {other.get(tag)}" for tag in tags)
