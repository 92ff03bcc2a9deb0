"""Margin stop orders: they have their order id from the start and wait beside the book.

Placed, one is reported NEW and not working; triggered, NEW once more and working. Source: PAPI POST
margin/order, executionReport field `w`.
"""

from fixgate.simulator import margin_funds
from fixgate.simulator.admission import Admission, stop_is_reached
from fixgate.simulator.execution import Execution
from fixgate.simulator.order_entry import OrderEntry
from fixgate.simulator.orders import ZERO, Leg, Order
from fixgate.simulator.refusal import VenueRefusal
from fixgate.simulator.venue_state import Tick, VenueState


class StopOrders:
    """The margin stop orders of all accounts that wait for the last price."""

    def __init__(
        self, state: VenueState, execution: Execution, admission: Admission, entry: OrderEntry
    ) -> None:
        self._state = state
        self._execution = execution
        self._admission = admission
        self._entry = entry

    def arm(self, order: Order) -> None:
        """Let a new (or loaded) stop order wait for its price."""
        self._state.stops.setdefault((order.leg, order.symbol), {})[order.order_id] = order

    def due(self, tick: Tick) -> list[Order]:
        """Return the orders that this price triggers, oldest first, and forget those that have ended."""
        if tick.leg is not Leg.MARGIN:
            return []
        waiting = self._state.stops.get((tick.leg, tick.symbol), {})
        for order_id in [order.order_id for order in waiting.values() if not order.is_open]:
            del waiting[order_id]
        return [order for order in waiting.values() if stop_is_reached(order, tick.price)]

    def trigger(self, order: Order) -> None:
        """Let a stop order work: it trades, rests, or expires like a new one."""
        state = self._state
        state.stops[order.leg, order.symbol].pop(order.order_id, None)
        if not self._fund(order):
            self._execution.end(order, "EXPIRED", reason="REJECTED", reject_reason="INSUFFICIENT_BALANCES")
            return
        order.working, order.dormant, order.status = True, False, "NEW"
        order.working_ms = order.updated_ms = state.clock()
        order.priority = state.next_id("priority")
        self._entry.report_new(order)
        self._entry.match(order)

    def _fund(self, order: Order) -> bool:
        """Lock what the order needs now; False when the account has not got it any more.

        What a market stop costs is known only here, and the stop of an order list has nothing locked:
        its limit order held the money for both.
        """
        state = self._state
        account = state.accounts[order.account]
        instrument = state.instruments[order.leg, order.symbol]
        if order.locked and not (order.is_market and order.is_buy):
            return True
        margin_funds.release(state, account, instrument, order)
        needed = order.price * order.quantity if order.price else self._admission.market_cost(order)
        amount = needed if order.is_buy else order.quantity
        asset = margin_funds.paid_asset(instrument, order.side)
        try:
            funding = margin_funds.plan_funding(state, account, asset, amount, order.side_effect)
        except VenueRefusal:
            return False
        borrowed, borrowed_asset = order.borrowed, order.borrowed_asset
        margin_funds.lock(state, account, order, funding)
        if borrowed:
            order.borrowed = borrowed + (funding.borrow or ZERO)
            order.borrowed_asset = borrowed_asset
        return True
