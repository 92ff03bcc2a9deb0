"""One order against a venue that answers late, twice, out of order or not at all.

A small venue executes what the engine asks for and says so on a stream and in answers; a seeded random
walk decides what arrives when, what is lost, and when the gateway dies. Whatever happened: once every
answer and every query is in, the engine says what the venue says, and each request was answered once.
"""

from collections import Counter
from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest

from fixgate.engine.turn import Outcome
from fixgate.model.enums import ExecType, OrdStatus
from fixgate.model.reports import CancelReject, ExecutionReport
from fixgate.model.venue import (
    CancelAtVenue,
    ModifyAtVenue,
    OpenOrders,
    OpenOrdersAtVenue,
    OrderNotFound,
    OrderUpdate,
    OutcomeUnknown,
    QueryAtVenue,
    ReconcileDue,
    RequestKind,
    RequestRefused,
    SubmitOrder,
    VenueEvent,
    VenueExec,
    VenueStatus,
)

from .desk import D, Desk, cancel, replace

Request = SubmitOrder | CancelAtVenue | ModifyAtVenue
_KIND = {
    SubmitOrder: RequestKind.SUBMIT,
    CancelAtVenue: RequestKind.CANCEL,
    ModifyAtVenue: RequestKind.MODIFY,
}
_END = (OrdStatus.FILLED, OrdStatus.CANCELED, OrdStatus.EXPIRED, OrdStatus.REJECTED)


class Venue:
    """The venue's side of one order. `stream` is what it said and nobody has heard yet."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.desk: Desk
        self.placed = False
        self.status = VenueStatus.NEW
        self.quantity = self.price = self.cum = D(0)
        self.trades: list[OrderUpdate] = []
        self.stream: list[OrderUpdate] = []
        self.at_ms = 0

    @property
    def open(self) -> bool:
        return self.placed and self.status not in (VenueStatus.FILLED, VenueStatus.CANCELED)

    def word(self, exec: VenueExec, **changes: object) -> OrderUpdate:
        terms = {"quantity": self.quantity, "price": self.price, "cum_quantity": self.cum}
        order = self.desk.order()
        return self.desk.update(
            order, exec, self.status, **({"venue_order_id": "V1", "at_ms": self.at_ms} | terms | changes)
        )

    def execute(self, request: Request) -> VenueEvent:
        """Do what is asked, say so on the stream, and return the answer."""
        self.at_ms += 1
        number = getattr(request, "request_id", 0)
        exec = VenueExec.SNAPSHOT
        if isinstance(request, SubmitOrder):
            self.placed, self.quantity, self.price = True, request.quantity, request.price or D(0)
            self.stream.append(self.word(VenueExec.NEW))
        elif not self.open:
            return self._refusal(request, "-2011", gone=True)
        elif isinstance(request, ModifyAtVenue) and request.quantity > self.cum:
            if (request.quantity, request.price) == (self.quantity, self.price):
                return self._refusal(request, "-5027", gone=False)
            self.quantity, self.price = request.quantity, request.price
            exec = VenueExec.REPLACED
            self.stream.append(self.word(exec, request_id=number))
        else:
            self.status = VenueStatus.CANCELED
            self.stream.append(self.word(VenueExec.CANCELED))
        return self.word(exec, order_id=request.order_id, request_id=number)

    def _refusal(self, request: Request, code: str, *, gone: bool) -> RequestRefused:
        return RequestRefused(
            order_id=request.order_id,
            kind=_KIND[type(request)],
            request_id=getattr(request, "request_id", 0),
            code=code,
            text="no",
            order_gone=gone,
        )

    def trade(self) -> None:
        """Let somebody trade with the order, if it is open."""
        if not self.open:
            return
        self.at_ms += 1
        last = D(self.random.randint(1, int(self.quantity - self.cum)))
        self.cum += last
        done = self.cum == self.quantity
        self.status = VenueStatus.FILLED if done else VenueStatus.PARTIALLY_FILLED
        fill = {"last_quantity": last, "last_price": self.price, "trade_id": str(len(self.trades) + 1)}
        self.trades.append(self.word(VenueExec.TRADE, **fill))
        self.stream.append(self.trades[-1])


class Day:
    """A gateway, its client and the way between it and the venue. `doubt`, `loss` and `deaths` are
    probabilities; with `growing` the client also raises quantities."""

    def __init__(self, seed: int, *, doubt: float, loss: float, deaths: float, growing: bool) -> None:
        self.random = Random(seed)
        self.doubt, self.loss, self.deaths, self.growing = doubt, loss, deaths, growing
        self.venue = Venue(self.random)
        self.venue.desk = Desk()
        self.requests: list[Request] = []
        self.queries: list[QueryAtVenue] = []
        self.answers: list[VenueEvent] = []
        self.reports: list[ExecutionReport | CancelReject] = []
        self.asked: list[str] = []
        self.lists = 0
        self.keep(self.desk.new())

    @property
    def desk(self) -> Desk:
        return self.venue.desk

    def keep(self, outcome: Outcome) -> None:
        for request in outcome.requests:
            if isinstance(request, OpenOrdersAtVenue):
                self.lists += 1
            else:
                (self.queries if isinstance(request, QueryAtVenue) else self.requests).append(request)  # type: ignore[arg-type]
        self.reports += outcome.reports

    def hear(self, event: VenueEvent) -> None:
        self.keep(self.desk.hear(event))

    def step(self) -> None:
        """Let one thing happen, at random."""
        often = (self.send, self.answer, self.listen)
        seldom = (
            self.repeat,
            self.venue.trade,
            self.query,
            self.list_open,
            self.ask,
            self.lose,
            self.die,
            self.rest,
        )
        self.random.choice((*often, *often, self.listen, *seldom))()

    def send(self) -> None:
        """A request reaches the venue, or its outcome stays unknown."""
        if not self.requests:
            return
        request = self.requests.pop(self.random.randrange(len(self.requests)))
        if self.random.random() >= self.doubt:
            self.answers.append(self.venue.execute(request))
            return
        if self.random.random() < 0.5:
            self.venue.execute(request)
        number = getattr(request, "request_id", 0)
        self.answers.append(
            OutcomeUnknown(
                order_id=request.order_id, kind=_KIND[type(request)], request_id=number, text="timeout"
            )
        )

    def answer(self) -> None:
        if self.answers:
            self.hear(self.answers.pop(self.random.randrange(len(self.answers))))

    def listen(self) -> None:
        if self.venue.stream:
            self.hear(self.venue.stream.pop(0))

    def repeat(self) -> None:
        """The stream says something now that it will say again."""
        if self.venue.stream:
            self.hear(self.venue.stream[0])

    def list_open(self) -> None:
        """Take down which orders are open; the list is heard of at some later time."""
        if not self.lists:
            return
        self.lists -= 1
        orders = (self.venue.word(VenueExec.SNAPSHOT),) if self.venue.open else ()
        request = self.desk.order().request
        self.answers.append(
            OpenOrders(
                connector=request.connector,
                account=request.account,
                product_type=request.product_type,
                orders=orders,
                asked_ns=next(self.desk.clock),
            )
        )

    def query(self) -> None:
        """Answer a question as the connector does: missing trades first, and only once it is settled."""
        if not self.queries:
            return
        query = self.queries.pop(0)
        settled = not self.requests and not self.answers
        if not settled and (query.settle or not self.venue.placed):
            self.queries.append(query)
        elif not self.venue.placed:
            self.hear(
                OrderNotFound(
                    order_id=query.order_id, venue_order_id=query.venue_order_id, text="no such order"
                )
            )
        else:
            if self.venue.cum > query.cum_quantity:
                for trade in self.venue.trades:
                    row = {"trade_id": trade.trade_id, "cum_quantity": D(0), "quantity": None, "price": None}
                    fill = {"last_quantity": trade.last_quantity, "last_price": trade.last_price}
                    self.hear(self.venue.word(VenueExec.TRADE, order_id=query.order_id, **row, **fill))
            self.hear(self.venue.word(VenueExec.SNAPSHOT, order_id=query.order_id, settled=settled))

    def ask(self) -> None:
        """The client wants the order changed or canceled."""
        self.asked.append(f"Q{len(self.asked)}")
        order = self.desk.order()
        orig = order.replaces[-1].cl_ord_id if order.replaces else order.cl_ord_id
        if self.random.random() < 0.3:
            self.keep(self.desk.take(cancel(self.asked[-1], orig)))
            return
        terms: dict[str, Decimal] = {"price": D(self.random.randint(90, 110))}
        if self.growing:
            terms["quantity"] = D(self.random.randint(1, 20))
        self.keep(self.desk.take(replace(self.asked[-1], orig, **terms)))

    def lose(self) -> None:
        """An event goes missing unnoticed, or the stream breaks and comes back; nothing is replayed."""
        if self.random.random() < self.loss:
            if self.venue.stream and self.random.random() < 0.5:
                self.venue.stream.pop(0)
                return
            self.venue.stream.clear()
            self.link_up()

    def die(self) -> None:
        """The gateway is killed, requests in flight may arrive, and it starts from its journal."""
        if self.random.random() < self.deaths:
            for request in self.requests:
                if self.random.random() < 0.5:
                    self.venue.execute(request)
            for left in (self.requests, self.answers, self.queries, self.venue.stream):
                left.clear()
            self.lists = 0
            self.venue.desk = self.desk.restarted()
            self.link_up()

    def rest(self) -> None:
        """The gateway keeps its orders beside the facts, and lets go of those that have ended."""
        self.desk.kept()

    def link_up(self) -> None:
        self.hear(ReconcileDue(connector="PM", account="main"))

    def end(self) -> None:
        """Let everything arrive; where events go missing, the link has to come up once more to tell."""
        self._settle()
        if self.loss:
            self.link_up()
            self._settle()

    def _settle(self) -> None:
        while self.requests or self.answers or self.venue.stream or self.queries or self.lists:
            if self.lists:
                self.list_open()
            elif self.requests:
                self.answers.append(self.venue.execute(self.requests.pop(0)))
            elif self.answers:
                self.hear(self.answers.pop(0))
            elif self.venue.stream:
                self.listen()
            else:
                self.query()


def check(day: Day) -> None:
    """What must hold at the end of any day."""
    order, venue = day.desk.order(), day.venue
    assert not order.pendings
    assert not day.desk.alarms
    assert order.state == (venue.status.lower() if venue.placed else "rejected")
    assert order.cum == venue.cum
    if not order.terminal:
        assert (order.quantity, order.price) == (venue.quantity, venue.price)
    told = [report for report in day.reports if isinstance(report, ExecutionReport)]
    fills = [report.trade_id for report in told if report.exec_type is ExecType.TRADE]
    assert sorted(fills) == sorted(trade.trade_id for trade in venue.trades)
    assert all(before.cum_quantity <= after.cum_quantity for before, after in pairwise(told))
    ends = [number for number, report in enumerate(told) if report.ord_status in _END]
    assert all(report.exec_type is not ExecType.TRADE for report in told[(ends or [len(told)])[0] + 1 :])
    for report in told:
        assert report.cum_quantity + report.leaves_quantity <= (report.quantity or 0)
        assert not (report.ord_status in _END and report.leaves_quantity)
    answers = Counter(
        report.cl_ord_id
        for report in day.reports
        if isinstance(report, CancelReject) or report.exec_type is ExecType.REPLACED
    )
    ended = {report.cl_ord_id for report in told if report.exec_type is ExecType.CANCELED}
    assert all(answers[asked] == 1 or (not answers[asked] and asked in ended) for asked in day.asked)


@pytest.mark.parametrize(
    "trouble",
    [
        {"growing": True},
        {"doubt": 0.4, "growing": True},
        {"doubt": 0.4},
        {"loss": 0.5},
        {"deaths": 0.4},
        {"doubt": 0.4, "loss": 0.4, "deaths": 0.3},
    ],
    ids="-".join,
)
def test_given_any_order_of_words_when_all_have_arrived_then_engine_and_venue_agree(trouble):
    settings = {"doubt": 0.0, "loss": 0.0, "deaths": 0.0, "growing": False} | trouble
    for seed in range(600):
        day = Day(seed, **settings)
        for _ in range(day.random.randint(5, 45)):
            day.step()
        day.end()
        try:
            check(day)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error
