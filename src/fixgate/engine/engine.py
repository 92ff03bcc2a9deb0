"""The engine's face: inputs in, outcomes out.

Touched by the event loop only. Every method returns an `Outcome`; the caller journals its facts, then
sends its requests, then delivers its reports.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from fixgate.engine import commands, merge, reconcile, requests, venue_events
from fixgate.engine.book import OrderBook
from fixgate.engine.lifecycle import IllegalTransition, OrderState, RequestEvent
from fixgate.engine.limits import LimitRules, Limits, NoPrices, Valuer
from fixgate.engine.order import Order
from fixgate.engine.policy import Policy
from fixgate.engine.ports import Archive, Planner
from fixgate.engine.turn import Outcome, Turn
from fixgate.model.commands import (
    CancelOrder,
    CancelOrdersOf,
    NewOrder,
    NewOrderList,
    RefusedRequest,
    ReplaceOrder,
    StatusRequest,
)
from fixgate.model.facts import Fact
from fixgate.model.limits import LedgerSnapshot
from fixgate.model.reports import Report
from fixgate.model.snapshot import OrderSnapshot
from fixgate.model.venue import (
    AccountNotice,
    OpenOrders,
    OrderNotFound,
    OrderUpdate,
    OutcomeUnknown,
    PositionUpdate,
    ReconcileDue,
    RequestRefused,
    VenueEvent,
)

EngineCommand = (
    NewOrder | NewOrderList | CancelOrder | ReplaceOrder | StatusRequest | RefusedRequest | CancelOrdersOf
)
"""What the engine decides on; what only asks about accounts is answered elsewhere."""


class Engine:
    """Orders of every door and connector. `planners` are the connectors by key; `archive` holds the orders
    that are not in memory; `rules` are limits in USD, for which `valuer` knows what orders are worth."""

    def __init__(
        self,
        planners: Mapping[str, Planner],
        archive: Archive | None = None,
        policy: Policy | None = None,
        rules: LimitRules | None = None,
        valuer: Valuer | None = None,
    ) -> None:
        self.book = OrderBook(archive)
        rules = rules or LimitRules()
        self.limits = Limits(rules, valuer or NoPrices(), self.book.ledger)
        self._binding = self.limits if rules.bind else None
        self._planners = planners
        self._policy = policy or Policy()
        self._last_seq = 0
        self._halted = ""

    @property
    def last_seq(self) -> int:
        """The number of the last fact."""
        return self._last_seq

    def restore(
        self,
        facts: Iterable[Fact],
        *,
        snapshots: Iterable[OrderSnapshot] = (),
        ledger: LedgerSnapshot | None = None,
        floor: int = 0,
        wanted: Callable[[Report], bool] = lambda report: True,
    ) -> list[Report]:
        """Rebuild the state from the journal: open orders and `ledger` as they were kept, then the facts
        since.

        Facts are numbered on from `floor` at least. Returns the `wanted` ones of the reports of those facts.

        A request that was open when the gateway stopped may or may not have left: its outcome is in
        doubt until the venue has been asked, and the account takes no new order before.
        """
        if ledger is not None:
            self.book.ledger.restore(ledger)
        for snapshot in snapshots:
            self._last_seq = max(self._last_seq, snapshot.as_of)
            self.book.restore(snapshot)
        told: list[Report] = []
        for fact in facts:
            order = self.book.recall(fact.order_id)
            if order is None or order.as_of < fact.seq:
                turn = Turn(self.book, fact.seq - 1, fact.at_ns, self._policy)
                turn.repeat(fact)
                told += filter(wanted, turn.outcome.reports)
            self._last_seq = max(self._last_seq, fact.seq)
        self._last_seq = max(self._last_seq, floor)
        for order in self.book.live.values():
            _doubt(order)
            if order.unsettled:
                self.book.recovering[order.order_id] = order
        return told

    def unsettled(self, connector: str, account: str) -> int:
        """Return how many of an account's orders were under way at a restart and are still unsettled."""
        return self.book.unsettled_of(connector, account)

    def take(self, number: int, command: EngineCommand, now_ns: int, more: tuple[int, ...] = ()) -> Outcome:
        """Handle a command; `number` is its inbox number, unique for ever, and `more` are as many further
        numbers as a list has further orders."""
        turn = self._turn(now_ns)
        match command:
            case NewOrder():
                return self._done(turn, lambda: commands.new_order(turn, self._planners, command, number))
            case NewOrderList():
                numbers = (number, *more)
                return self._done(
                    turn, lambda: commands.new_order_list(turn, self._planners, command, numbers)
                )
            case CancelOrder():
                return self._done(turn, lambda: commands.cancel_order(turn, command, number))
            case ReplaceOrder():
                return self._done(turn, lambda: commands.replace_order(turn, self._planners, command, number))
            case StatusRequest():
                return self._done(turn, lambda: commands.order_status(turn, command))
            case RefusedRequest():
                return self._done(turn, lambda: commands.refused_request(turn, command))
            case CancelOrdersOf():
                return self._done(turn, lambda: commands.cancel_orders_of(turn, command))

    def halt(self, text: str) -> None:
        """Refuse new orders and replaces from now on, with `text`; cancels are taken as ever."""
        self._halted = text

    def resume(self) -> None:
        """Take new orders and replaces again."""
        self._halted = ""

    def take_late(
        self, number: int, command: EngineCommand, now_ns: int, more: tuple[int, ...] = ()
    ) -> Outcome:
        """Handle a command that was taken in before a restart and never decided on.

        New orders and replaces are refused: the market has moved on and the client has not been told
        yes. Cancels are still worth doing.
        """
        turn = self._turn(now_ns)
        match command:
            case NewOrder() | ReplaceOrder():
                return self._done(turn, lambda: commands.refuse_stale(turn, command, number))
            case NewOrderList():
                numbers = (number, *more)
                return self._done(turn, lambda: commands.refuse_stale_list(turn, command, numbers))
            case _:
                return self.take(number, command, now_ns)

    def retry(self, now_ns: int) -> Outcome:
        """Send again what the gateway itself asked for and was refused, if it is due."""
        turn = self._turn(now_ns)
        return self._done(turn, lambda: requests.retry(turn))

    @property
    def has_retries(self) -> bool:
        """True while `retry` has something to do, now or later."""
        return bool(self.book.retrying)

    def hear(self, event: VenueEvent, now_ns: int) -> Outcome:
        """Handle a venue's word. Balances have no outcome."""
        turn = self._turn(now_ns)
        handle = _HANDLERS.get(type(event))
        return self._done(turn, lambda: handle(turn, event)) if handle is not None else turn.outcome

    def _turn(self, now_ns: int) -> Turn:
        return Turn(self.book, self._last_seq, now_ns, self._policy, self._halted, self._binding)

    def _done(self, turn: Turn, decide: Callable[[], None]) -> Outcome:
        """Run `decide`. A step that the lifecycle does not allow ends the turn with an alarm: what was
        recorded before it stands, and the order is as its facts say."""
        try:
            decide()
        except IllegalTransition as error:
            turn.outcome.alarms.append(str(error))
        self._last_seq = turn.last_seq
        return turn.outcome


def _doubt(order: Order) -> None:
    """Put in doubt what may have left before a restart: a request waits for the order's acknowledgement,
    and a replace for the one before it."""
    if order.state is OrderState.PENDING_NEW:
        for pending in order.replaces:
            pending.stale = True
        return
    for sent in (order.cancel, order.replace):
        if sent is not None:
            sent.note(RequestEvent.DOUBT)
    for pending in order.replaces[1:]:
        pending.stale = True


_HANDLERS: Mapping[type, Callable[[Turn, Any], None]] = {
    AccountNotice: venue_events.noticed,
    OrderUpdate: merge.order_updated,
    RequestRefused: venue_events.request_refused,
    OutcomeUnknown: venue_events.outcome_unknown,
    OrderNotFound: venue_events.order_not_found,
    ReconcileDue: reconcile.reconcile_due,
    OpenOrders: reconcile.open_orders,
    PositionUpdate: venue_events.position_changed,
}
