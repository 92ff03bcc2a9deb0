"""The service beside the matching engine that keeps conditional futures orders and triggers them.

Nothing but form and filters is checked when an order is placed: margin, position and the book only
when it triggers, so that its engine order may then be refused. Sources: PAPI um/algo/order,
cm/conditional/order, ALGO_UPDATE and CONDITIONAL_ORDER_TRADE_UPDATE.
"""

from collections.abc import Callable
from decimal import Decimal

from fixgate.simulator.accounts import MAX_CONDITIONALS_KEPT, Account
from fixgate.simulator.admission import GTD_AHEAD_MS, LAST_GOOD_TILL_MS, check_position_side
from fixgate.simulator.conditional_events import conditional_event
from fixgate.simulator.conditional_orders import (
    ALIVE,
    CONTRACT_PRICE,
    MARK_PRICE,
    TRAILING,
    Conditional,
    activates,
    has_passed,
    trail,
)
from fixgate.simulator.events import average_price
from fixgate.simulator.filters import (
    check_notional,
    check_quantity,
    check_stop_band,
    check_tick,
    check_trigger_price,
)
from fixgate.simulator.instruments import SimulatedInstrument
from fixgate.simulator.order_entry import OrderEntry
from fixgate.simulator.orders import ZERO, Leg, Order, OrderRequest
from fixgate.simulator.refusal import VenueRefusal, unknown_order
from fixgate.simulator.venue_state import Tick, VenueState

MAX_WAITING = 200
"""Conditional orders that may wait at a time, per account and service."""
TRIGGER_PROTECT = Decimal("0.05")
"""How far mark price and last price may be apart for a protected order to trigger."""

_ID_COUNTER = {Leg.UM: "algo", Leg.CM: "strategy"}
_CHILD_PREFIX = "sim-conditional-"


class ConditionalService:
    """The conditional orders of all accounts on both futures legs.

    `trigger_delay_ms` is how long an order stays TRIGGERING before its engine order is sent; a cancel
    in between is refused with -4117.
    """

    def __init__(self, state: VenueState, entry: OrderEntry) -> None:
        self._state = state
        self._entry = entry
        self.trigger_delay_ms = 0

    def place(self, account: Account, conditional: Conditional, *, reduce_only_sent: bool) -> Conditional:
        """Take a conditional order in, or raise the venue's refusal."""
        instrument = self._state.instrument(conditional.leg, conditional.symbol)
        sent = reduce_only_sent or conditional.reduce_only
        check_position_side(account, conditional.position_side, reduce_only_sent=sent)
        self._check_filters(instrument, conditional)
        self._check_identity(account, conditional)
        if len(account.list_waiting(conditional.leg)) >= MAX_WAITING:
            raise VenueRefusal(-4045, "Reach max stop order limit.")
        self._check_not_reached(conditional)
        self._accept(account, conditional)
        return conditional

    def _check_filters(self, instrument: SimulatedInstrument, conditional: Conditional) -> None:
        if conditional.type != TRAILING:
            check_trigger_price(instrument, conditional.trigger_price)
        elif conditional.activation_price:
            if conditional.activation_price > instrument.max_price:
                raise VenueRefusal(-4135, "Invalid activation price.")
            check_tick(instrument, conditional.activation_price)
        if conditional.price:
            if conditional.price > instrument.max_price:
                raise VenueRefusal(-4002, "Price greater than max price.")
            check_tick(instrument, conditional.price)
            check_stop_band(instrument, conditional.side, conditional.price, conditional.trigger_price)
        if not conditional.close_position:
            market = conditional.order_type == "MARKET"
            check_quantity(instrument, conditional.quantity, market=market)
            if not conditional.reduce_only:
                mark = self._state.marks[instrument.leg, instrument.symbol]
                value = conditional.price or conditional.trigger_price or mark
                check_notional(instrument, value, conditional.quantity)
        if conditional.good_till or conditional.time_in_force == "GTD":
            now = self._state.clock()
            if not now + GTD_AHEAD_MS < conditional.good_till < LAST_GOOD_TILL_MS:
                raise VenueRefusal(
                    -5040, "The goodTillDate must be greater than the current time plus 600 seconds."
                )

    def _check_identity(self, account: Account, conditional: Conditional) -> None:
        if not conditional.client_id:
            return
        known = account.find_conditional(conditional.leg, None, conditional.client_id)
        if known is not None and known.status in ALIVE:
            raise VenueRefusal(-4116, "ClientOrderId is duplicated.")

    def _check_not_reached(self, conditional: Conditional) -> None:
        """Raise when the order would trigger at once: -2021, in the strategy service -4142."""
        price = self._state.working_price(conditional.leg, conditional.symbol, conditional.working_type)
        if conditional.type == TRAILING:
            reached = bool(conditional.activation_price) and activates(conditional, price)
        else:
            reached = has_passed(conditional, price)
        if not reached:
            return
        if conditional.leg is Leg.CM:
            raise VenueRefusal(-4142, "REJECT: take profit or stop order will be triggered immediately.")
        raise VenueRefusal(-2021, "Order would immediately trigger.")

    def _accept(self, account: Account, conditional: Conditional) -> None:
        state = self._state
        now = state.clock()
        conditional.conditional_id = state.next_id(_ID_COUNTER[conditional.leg])
        conditional.client_id = conditional.client_id or f"{_CHILD_PREFIX}{conditional.conditional_id}"
        conditional.account = account.name
        conditional.created_ms = conditional.updated_ms = now
        if conditional.type == TRAILING and not conditional.activation_price:
            conditional.activated = True
            conditional.extreme = state.working_price(
                conditional.leg, conditional.symbol, conditional.working_type
            )
        self._remember(account, conditional)
        self.arm(conditional)
        self._report(conditional)

    def _remember(self, account: Account, conditional: Conditional) -> None:
        known = account.conditionals
        known[conditional.leg, conditional.conditional_id] = conditional
        if len(known) > MAX_CONDITIONALS_KEPT:
            oldest = next((key for key, c in known.items() if c.status not in ALIVE), None)
            if oldest is not None:
                del known[oldest]

    def arm(self, conditional: Conditional) -> None:
        """Let a new (or loaded) order wait for its price, its expiry, or the end of its triggering."""
        state = self._state
        if conditional.is_waiting:
            key = (conditional.leg, conditional.symbol)
            state.armed.setdefault(key, {})[conditional.conditional_id] = conditional
            if conditional.good_till:
                state.deadlines.add(conditional.good_till, self._expiry(conditional))
        elif conditional.status == "TRIGGERING":
            state.deadlines.add(state.clock(), self._firing(conditional))

    def _disarm(self, conditional: Conditional) -> None:
        armed = self._state.armed.get((conditional.leg, conditional.symbol), {})
        armed.pop(conditional.conditional_id, None)

    def _move(self, conditional: Conditional, status: str) -> None:
        conditional.status = status
        conditional.updated_ms = self._state.clock()
        self._report(conditional)

    def _report(self, conditional: Conditional) -> None:
        state = self._state
        instrument = state.instruments[conditional.leg, conditional.symbol]
        event = conditional_event(conditional, instrument, state.clock())
        if event is not None:
            state.emit(conditional.account, event)

    def cancel(self, conditional: Conditional | None) -> None:
        """Cancel an order that waits; raises -2011 when there is none, -4117 while it is being triggered."""
        if conditional is not None and conditional.status == "TRIGGERING":
            raise VenueRefusal(-4117, "Stop order is triggering. Please try again later.")
        if conditional is None or not conditional.is_waiting:
            raise unknown_order()
        self._disarm(conditional)
        self._move(conditional, "CANCELED")

    def cancel_all(self, account: Account, leg: Leg, symbol: str) -> None:
        """Cancel every order of a symbol that waits; engine orders and those under way are left alone."""
        self._state.instrument(leg, symbol)
        for conditional in account.list_waiting(leg, symbol):
            self.cancel(conditional)

    def _expiry(self, conditional: Conditional) -> Callable[[], None]:
        def expire() -> None:
            if conditional.is_waiting:
                self._disarm(conditional)
                self._move(conditional, "EXPIRED")

        return expire

    def see(self, tick: Tick) -> None:
        """Trigger, activate or trail what waits for this price, oldest first."""
        for conditional in list(self._state.armed.get((tick.leg, tick.symbol), {}).values()):
            if conditional.working_type != tick.source or not conditional.is_waiting:
                continue
            if self._reaches(conditional, tick.price) and not self._is_protected(conditional):
                self._trigger(conditional)

    def _reaches(self, conditional: Conditional, price: Decimal) -> bool:
        if conditional.type != TRAILING:
            return has_passed(conditional, price)
        if not conditional.activated:
            if not activates(conditional, price):
                return False
            conditional.activated, conditional.extreme = True, price
            self._move(conditional, "NEW")
            return False
        return trail(conditional, price)

    def _is_protected(self, conditional: Conditional) -> bool:
        """True while `priceProtect` keeps an order back: mark and last price are too far apart."""
        if not conditional.price_protect:
            return False
        mark = self._state.working_price(conditional.leg, conditional.symbol, MARK_PRICE)
        last = self._state.working_price(conditional.leg, conditional.symbol, CONTRACT_PRICE)
        return abs(last - mark) > mark * TRIGGER_PROTECT

    def _trigger(self, conditional: Conditional) -> None:
        self._disarm(conditional)
        conditional.triggered_ms = self._state.clock()
        self._move(conditional, "TRIGGERING")
        if self.trigger_delay_ms:
            due = conditional.triggered_ms + self.trigger_delay_ms
            self._state.deadlines.add(due, self._firing(conditional))
        else:
            self._fire(conditional)

    def _firing(self, conditional: Conditional) -> Callable[[], None]:
        return lambda: self._fire(conditional)

    def _fire(self, conditional: Conditional) -> None:
        """Send the engine order; a refusal of it ends the conditional order."""
        account = self._state.accounts[conditional.account]
        try:
            entrant = self._entry.admit(account, self._request(account, conditional))
        except VenueRefusal as refusal:
            conditional.refusal = refusal.message
            self._move(conditional, "REJECTED" if conditional.leg is Leg.UM else "EXPIRED")
            return
        order = self._entry.register(entrant)
        conditional.order_id = order.order_id
        self._entry.report_new(order)
        self._move(conditional, "TRIGGERED")
        self._entry.match(order)

    def _request(self, account: Account, conditional: Conditional) -> OrderRequest:
        quantity = conditional.quantity
        if conditional.close_position:
            quantity = account.closable(
                conditional.leg, conditional.symbol, conditional.side, conditional.position_side
            )
            if not quantity:
                raise VenueRefusal(-2022, "ReduceOnly Order is rejected.")
        closes = conditional.close_position and conditional.position_side == "BOTH"
        return OrderRequest(
            leg=conditional.leg,
            symbol=conditional.symbol,
            side=conditional.side,
            type=conditional.order_type,
            time_in_force=conditional.time_in_force if conditional.order_type == "LIMIT" else "GTC",
            quantity=quantity,
            price=conditional.price or None,
            client_order_id=conditional.client_id,
            reduce_only=conditional.reduce_only or closes,
            position_side=conditional.position_side,
            stp_mode=conditional.stp_mode,
            price_match=conditional.price_match,
            good_till=conditional.good_till if conditional.order_type == "LIMIT" else 0,
            origin_id=conditional.conditional_id,
            origin_type=conditional.type,
        )

    def follow(self, order: Order) -> None:
        """Take over what became of the engine order; its end is the end of the conditional order."""
        account = self._state.accounts[order.account]
        conditional = account.conditionals.get((order.leg, order.origin_id))
        if conditional is None or conditional.status != "TRIGGERED":
            return
        conditional.executed = order.executed
        instrument = self._state.instruments[order.leg, order.symbol]
        conditional.average_price = average_price(order, instrument) if order.executed else ZERO
        if not order.is_open:
            self._move(conditional, "FINISHED")
