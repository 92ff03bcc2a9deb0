"""One turn of the engine: what a single input led to.

A turn records facts. Recording applies the fact to the book at once and adds the report that tells
it; nothing leaves the engine before the caller has journaled the turn's facts.
"""

from typing import NamedTuple, TypeVar

from msgspec.structs import replace

from fixgate.engine.book import OrderBook
from fixgate.engine.evolve import evolve
from fixgate.engine.foreign import foreign_report
from fixgate.engine.lifecycle import RequestEvent
from fixgate.engine.limits import Limits
from fixgate.engine.lists import list_status
from fixgate.engine.order import Order, Pending
from fixgate.engine.policy import Policy
from fixgate.engine.reporting import (
    denial_report,
    execution_report,
    order_report,
    refusal_report,
    rejection_report,
    report_aside,
)
from fixgate.model.enums import CxlRejReason, ExecType
from fixgate.model.facts import (
    CancelRequested,
    Fact,
    ForeignUpdate,
    OrderCanceled,
    OrderRefused,
    RequestDenied,
    RequestRejected,
)
from fixgate.model.reports import ExecutionReport, Report
from fixgate.model.venue import (
    CancelAtVenue,
    ModifyAtVenue,
    QueryAtVenue,
    RequestKind,
    VenueRequest,
)


class Outcome(NamedTuple):
    """Facts to journal, then requests to send, then reports to deliver, each in order.

    `alarms` are for the operator: what should not happen and was kept from doing harm.
    """

    facts: list[Fact]
    requests: list[VenueRequest]
    reports: list[Report]
    alarms: list[str]


F = TypeVar("F", bound=Fact)


class Turn:
    """Collects one outcome. Not reused."""

    def __init__(
        self,
        book: OrderBook,
        last_seq: int,
        now_ns: int,
        policy: Policy,
        halted: str = "",
        limits: Limits | None = None,
    ) -> None:
        self.book = book
        self.policy = policy
        self.halted = halted
        self.limits = limits
        self.now_ns = now_ns
        self.last_seq = last_seq
        self.outcome = Outcome([], [], [], [])

    def record(self, kind: type[F], order_id: int, /, **fields: object) -> F:
        """Make a fact of `kind`, apply it and add its report. Raises `IllegalTransition`."""
        fact = kind(seq=self.last_seq + 1, at_ns=self.now_ns, order_id=order_id, **fields)  # type: ignore[arg-type]
        self.repeat(fact)
        return fact

    def repeat(self, fact: Fact) -> None:
        """Apply a fact, new or from the journal, and add its report. Raises `IllegalTransition`."""
        answered = _answered(self.book.orders.get(fact.order_id), fact)
        exec_type = evolve(self.book, fact)
        self.last_seq += 1
        self.outcome.facts.append(fact)
        report = self._report(fact, exec_type, answered)
        if report is not None:
            self.outcome.reports.append(report)
        order = self.book.orders.get(fact.order_id)
        if order is not None:
            self._tell_aside(order, fact, report, answered)
        if order is not None and order.request.list_orders:
            status = list_status(self.book, order, fact)
            if status is not None:
                self.outcome.reports.append(status)

    def _report(self, fact: Fact, exec_type: ExecType | None, answered: Pending | None) -> Report | None:
        order = self.book.orders.get(fact.order_id)
        if order is not None and exec_type is not None:
            return execution_report(order, fact, exec_type)
        if isinstance(fact, OrderRefused):
            return refusal_report(fact)
        if isinstance(fact, RequestDenied):
            return denial_report(order, fact)
        if isinstance(fact, ForeignUpdate):
            return foreign_report(fact) if order is None else None
        if isinstance(fact, RequestRejected) and order is not None and answered is not None:
            if answered.cl_ord_id and not answered.by:
                return rejection_report(order, fact, answered)
            # A cancel that the client did not ask for failed: it was told and must hear that it is over.
            report = order_report(order, ExecType.ORDER_STATUS, exec_id=str(fact.seq), at_ns=fact.at_ns)
            return replace(report, fact=fact.seq, text=fact.text)
        return None

    def _tell_aside(self, order: Order, fact: Fact, report: Report | None, answered: Pending | None) -> None:
        """Tell a source that cancels another's order what becomes of its request."""
        pending = order.cancel if isinstance(fact, CancelRequested) else answered
        if pending is None or not pending.by:
            return
        if isinstance(fact, RequestRejected):
            self.outcome.reports.append(rejection_report(order, fact, pending))
        elif isinstance(report, ExecutionReport):
            self.outcome.reports.append(report_aside(order, pending, report))

    def cancel_at_venue(self, order: Order, pending: Pending) -> None:
        """Ask for the cancel that `pending` stands for."""
        pending.note(RequestEvent.SEND)
        order.requested_ns = max(order.requested_ns, self.now_ns)
        request = order.request
        self.outcome.requests.append(
            CancelAtVenue(
                connector=request.connector,
                account=request.account,
                order_id=order.order_id,
                request_id=pending.request_id,
                client_order_id=request.client_order_id,
                venue_order_id=order.venue_order_id,
                held=order.held,
                product_type=request.product_type,
                symbol=request.symbol,
            )
        )

    def modify_at_venue(self, order: Order, pending: Pending) -> None:
        """Ask for the replace that `pending` stands for."""
        pending.note(RequestEvent.SEND)
        order.requested_ns = max(order.requested_ns, self.now_ns)
        request = order.request
        self.outcome.requests.append(
            ModifyAtVenue(
                connector=request.connector,
                account=request.account,
                order_id=order.order_id,
                request_id=pending.request_id,
                client_order_id=request.client_order_id,
                venue_order_id=order.venue_order_id,
                product_type=request.product_type,
                symbol=request.symbol,
                side=request.side,
                quantity=pending.quantity,
                price=pending.price,
            )
        )

    def query(self, order: Order, *, settle: bool = False) -> None:
        """Ask what became of `order`."""
        request = order.request
        self.outcome.requests.append(
            QueryAtVenue(
                connector=request.connector,
                account=request.account,
                order_id=order.order_id,
                client_order_id=request.client_order_id,
                venue_order_id=order.venue_order_id,
                product_type=request.product_type,
                symbol=request.symbol,
                cum_quantity=order.cum,
                since_ns=order.requested_ns,
                settle=settle,
                side=request.side,
                quantity=order.quantity,
                price=order.price,
                born_ns=order.received_ns,
                held=order.held,
            )
        )

    def reject_request(
        self, order: Order, pending: Pending, reason: CxlRejReason, text: str, code: str = ""
    ) -> None:
        """Answer an open cancel or replace with a no."""
        self.record(
            RequestRejected,
            order.order_id,
            kind=pending.kind,
            request_id=pending.request_id,
            reason=reason,
            code=code,
            text=text,
        )


def _answered(order: Order | None, fact: Fact) -> Pending | None:
    """Return the open request that a fact is about to close, while it is still there to name."""
    if order is None:
        return None
    if isinstance(fact, OrderCanceled):
        return order.pending(RequestKind.CANCEL, fact.request_id)
    return order.pending(fact.kind, fact.request_id) if isinstance(fact, RequestRejected) else None
