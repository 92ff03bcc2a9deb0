"""The engine's face: inputs in, outcomes out.

Touched by the event loop only. Every method returns an `Outcome`; the caller journals its facts, then
sends its requests, then delivers its reports.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from fixgate.engine import commands, merge, venue_events
from fixgate.engine.lifecycle import IllegalTransition
from fixgate.engine.order import OrderBook
from fixgate.engine.ports import Planner
from fixgate.engine.turn import Outcome, Turn
from fixgate.model.commands import CancelOrder, Command, NewOrder, ReplaceOrder, StatusRequest
from fixgate.model.facts import Fact
from fixgate.model.reports import Report
from fixgate.model.venue import (
    AccountNotice,
    ConnectorStatus,
    OrderNotFound,
    OrderUpdate,
    OutcomeUnknown,
    PositionUpdate,
    RequestRefused,
    VenueEvent,
)


class Engine:
    """Orders of every door and connector. `planners` are the connectors by key."""

    def __init__(self, planners: Mapping[str, Planner]) -> None:
        self.book = OrderBook()
        self._planners = planners
        self._last_seq = 0

    @property
    def last_seq(self) -> int:
        """The number of the last fact."""
        return self._last_seq

    def restore(self, facts: Iterable[Fact], *, floor: int = 0, reported: int = 0) -> list[Report]:
        """Rebuild the state from the journal. Facts are numbered on from `floor` at least.

        Returns the reports of the facts after number `reported`: those that may not have been delivered.

        A request that was open when the gateway stopped may or may not have left: its outcome is in
        doubt until the venue has been asked.
        """
        missed: list[Report] = []
        for fact in facts:
            turn = Turn(self.book, fact.seq - 1, fact.at_ns)
            turn.repeat(fact)
            self._last_seq = fact.seq
            if fact.seq > reported:
                missed += turn.outcome.reports
        self._last_seq = max(self._last_seq, floor)
        for order in self.book.live.values():
            for pending in order.pendings:
                pending.sent = pending.in_doubt = True
        return missed

    def take(self, number: int, command: Command, now_ns: int) -> Outcome:
        """Handle a client's command; `number` is its inbox number, unique for ever."""
        turn = self._turn(now_ns)
        match command:
            case NewOrder():
                return self._done(turn, lambda: commands.new_order(turn, self._planners, command, number))
            case CancelOrder():
                return self._done(turn, lambda: commands.cancel_order(turn, command, number))
            case ReplaceOrder():
                return self._done(turn, lambda: commands.replace_order(turn, self._planners, command, number))
            case StatusRequest():
                return self._done(turn, lambda: commands.order_status(turn, command))

    def take_late(self, number: int, command: Command, now_ns: int) -> Outcome:
        """Handle a command that was taken in before a restart and never decided on.

        New orders and replaces are refused: the market has moved on and the client has not been told
        yes. Cancels are still worth doing.
        """
        turn = self._turn(now_ns)
        match command:
            case NewOrder():
                return self._done(turn, lambda: commands.refuse_stale(turn, command, number))
            case ReplaceOrder():
                return self._done(turn, lambda: commands.refuse_stale_replace(turn, command))
            case _:
                return self.take(number, command, now_ns)

    def hear(self, event: VenueEvent, now_ns: int) -> Outcome:
        """Handle a venue's word. Balances have no outcome."""
        turn = self._turn(now_ns)
        handle = _HANDLERS.get(type(event))
        return self._done(turn, lambda: handle(turn, event)) if handle is not None else turn.outcome

    def _turn(self, now_ns: int) -> Turn:
        return Turn(self.book, self._last_seq, now_ns)

    def _done(self, turn: Turn, decide: Callable[[], None]) -> Outcome:
        """Run `decide`. A step that the lifecycle does not allow ends the turn with an alarm: what was
        recorded before it stands, and the order is as its facts say."""
        try:
            decide()
        except IllegalTransition as error:
            turn.outcome.alarms.append(str(error))
        self._last_seq = turn.last_seq
        return turn.outcome


_HANDLERS: Mapping[type, Callable[[Turn, Any], None]] = {
    AccountNotice: venue_events.noticed,
    OrderUpdate: merge.order_updated,
    RequestRefused: venue_events.request_refused,
    OutcomeUnknown: venue_events.outcome_unknown,
    OrderNotFound: venue_events.order_not_found,
    ConnectorStatus: venue_events.connector_changed,
    PositionUpdate: venue_events.position_changed,
}
