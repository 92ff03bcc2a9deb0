"""What one operation sets off: ends of parents and siblings, triggers, and what those set off in turn."""

from fixgate.simulator.conditional_service import ConditionalService
from fixgate.simulator.list_service import OrderLists
from fixgate.simulator.stop_orders import StopOrders
from fixgate.simulator.venue_state import VenueState


class Consequences:
    """Follows up every changed order, then every price that was seen, until nothing is left.

    Orders come first: the limit order of a list that has filled ends its stop order before the price
    of that fill is looked at.
    """

    def __init__(
        self, state: VenueState, conditionals: ConditionalService, stops: StopOrders, lists: OrderLists
    ) -> None:
        self._state = state
        self._conditionals = conditionals
        self._stops = stops
        self._lists = lists

    def run(self) -> None:
        """Work everything off. Each round ends orders or uses prices up, so this comes to an end."""
        state = self._state
        while state.changed or state.ticks:
            self._follow_orders()
            if state.ticks:
                tick = state.ticks.popleft()
                self._conditionals.see(tick)
                self._follow_orders()
                for order in self._stops.due(tick):
                    if order.is_open and not order.working:
                        self._lists.give_way(order)
                        self._stops.trigger(order)
                        self._follow_orders()

    def _follow_orders(self) -> None:
        while self._state.changed:
            order = self._state.changed.popleft()
            if order.origin_id:
                self._conditionals.follow(order)
            if order.order_list_id >= 0:
                self._lists.follow(order)
