"""How an order gets into the matching engine: the checks, the acknowledgement, the first match.

Where the exchange's legs differ (a post-only order that would take is refused on UM, accepted and
expired on CM), so does this.
"""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from fixgate.simulator import margin_funds
from fixgate.simulator.accounts import Account
from fixgate.simulator.admission import (
    Admission,
    check_good_till_date,
    check_identity,
    check_open_order_count,
    check_position_side,
    check_risk_level,
    closes_in_hedge_mode,
)
from fixgate.simulator.execution import (
    EXPIRED_FOK,
    EXPIRED_IOC,
    EXPIRED_MARKET,
    EXPIRED_POST_ONLY,
    EXPIRED_REDUCE_ONLY,
    Execution,
)
from fixgate.simulator.filters import check_filters
from fixgate.simulator.instruments import SimulatedInstrument
from fixgate.simulator.margin_funds import Funding
from fixgate.simulator.orders import ZERO, Leg, Order, OrderRequest
from fixgate.simulator.refusal import VenueRefusal
from fixgate.simulator.venue_state import VenueState

_RESTING = frozenset({"GTC", "GTX", "GTD"})


class Entrant(NamedTuple):
    """An order that passed every check and is not in the engine yet."""

    account: Account
    instrument: SimulatedInstrument
    order: Order
    funding: Funding | None


class OrderEntry:
    """The way into the engine, of clients' orders and of what triggered orders send."""

    def __init__(self, state: VenueState, execution: Execution, admission: Admission) -> None:
        self._state = state
        self._execution = execution
        self._admission = admission

    def admit(self, account: Account, request: OrderRequest, *, reduce_only_sent: bool = False) -> Entrant:
        """Check a new order; raises the venue's refusal and changes nothing."""
        instrument = self._state.instrument(request.leg, request.symbol)
        if request.leg is not Leg.MARGIN:
            sent = reduce_only_sent or request.reduce_only
            check_position_side(account, request.position_side, reduce_only_sent=sent)
        if request.price_match != "NONE":
            matched = self._admission.matched_price(request)
            request = msgspec.structs.replace(request, price=matched)
        check_good_till_date(request, self._state.clock())
        order = self._candidate(account, request)
        if request.quote_quantity is not None:
            base = self._admission.base_for_quote(order, instrument.lot_size, request.quote_quantity)
            order.quantity = base
            request = msgspec.structs.replace(request, quantity=base)
        check_risk_level(self._state, account, order)
        return Entrant(account, instrument, order, self._fund(account, instrument, order, request))

    def _candidate(self, account: Account, request: OrderRequest) -> Order:
        now = self._state.clock()
        closes = closes_in_hedge_mode(request.side, request.position_side)
        return Order(
            leg=request.leg,
            symbol=request.symbol,
            order_id=0,
            client_order_id=request.client_order_id,
            account=account.name,
            side=request.side,
            type=request.type,
            time_in_force=request.time_in_force,
            quantity=request.quantity if request.quantity is not None else ZERO,
            price=request.price if request.price is not None else ZERO,
            position_side=request.position_side,
            reduce_only=request.reduce_only or closes,
            stp_mode=request.stp_mode,
            created_ms=now,
            updated_ms=now,
            quote_quantity=request.quote_quantity or ZERO,
            side_effect=request.side_effect,
            auto_repay_at_cancel=request.auto_repay_at_cancel,
            amendments=[],
            price_match=request.price_match,
            good_till=request.good_till // 1000 * 1000,
            stop_price=request.stop_price or ZERO,
            working=request.stop_price is None,
            dormant=request.stop_price is not None,
            iceberg=request.iceberg or ZERO,
            slice_left=request.iceberg or ZERO,
            order_list_id=request.order_list_id,
            origin_id=request.origin_id,
            origin_type=request.origin_type,
        )

    def _fund(
        self, account: Account, instrument: SimulatedInstrument, order: Order, request: OrderRequest
    ) -> Funding | None:
        admission = self._admission
        mark = self._state.marks[order.leg, order.symbol]
        market_price = mark if order.leg is Leg.UM else admission.best_price(order) or mark
        check_filters(instrument, request, mark=mark, market_price=market_price)
        check_identity(account, order)
        check_open_order_count(account, instrument, order)
        if order.leg is Leg.MARGIN:
            admission.check_stop_price(order)
            admission.check_limit_maker(order)
            return admission.fund(account, instrument, order)
        admission.check_reduce_only(account, order)
        admission.check_margin(account, instrument, order)
        if order.type == "MARKET":
            admission.check_market_price(instrument, order)
        if order.leg is Leg.UM:
            self._check_um_time_in_force(order)
        return None

    def _check_um_time_in_force(self, order: Order) -> None:
        if order.time_in_force == "GTX" and self._admission.would_take(order):
            raise VenueRefusal(
                -5022,
                "Due to the order could not be executed as maker, the Post Only order will be rejected. "
                "The order will not be recorded in the order history",
            )
        if order.time_in_force == "FOK" and not self._admission.can_fill_or_kill(order):
            raise VenueRefusal(
                -5021,
                "Due to the order could not be filled immediately, the FOK order has been rejected. "
                "The order will not be recorded in the order history",
            )

    def register(self, entrant: Entrant) -> Order:
        """Give an admitted order its ids and its money. It is not reported or matched yet."""
        account, instrument, order, funding = entrant
        state = self._state
        order.order_id = state.next_id(f"order:{order.leg}")
        order.priority = state.next_id("priority")
        order.client_order_id = order.client_order_id or f"sim-{order.order_id}"
        account.remember(order)
        if funding is not None:
            margin_funds.lock(state, account, order, funding)
        self._execution.reserve(account, instrument, order)
        if order.good_till:
            state.deadlines.add(order.good_till, self.expiry(order))
        return order

    def expiry(self, order: Order) -> Callable[[], None]:
        """Return what ends a GTD order at its time, should it still be open."""

        def expire() -> None:
            if order.is_open:
                self._state.books[order.leg, order.symbol].remove(order)
                self._execution.end(order, "EXPIRED")

        return expire

    def report_new(self, order: Order) -> None:
        """Tell the account's stream that the engine has the order."""
        self._execution.report(order, "NEW")

    def match(self, order: Order) -> None:
        """Let an order that is new, or starts to work, trade; then it rests or expires."""
        instrument = self._state.instruments[order.leg, order.symbol]
        execution, admission = self._execution, self._admission
        if order.time_in_force == "GTX" and admission.would_take(order):
            execution.end(order, "EXPIRED", reason=EXPIRED_POST_ONLY)
            return
        if order.time_in_force == "FOK" and not admission.can_fill_or_kill(order):
            margin = order.leg is Leg.MARGIN
            execution.end(order, "EXPIRED", reason="UNFILLED_FOK_ORDER_EXPIRED" if margin else EXPIRED_FOK)
            return
        limit = order.price or admission.market_limit(instrument, order.side)
        execution.cross(order, limit)
        if order.is_open:
            self.rest_or_expire(order)

    def rest_or_expire(self, order: Order) -> None:
        """Put what is left of an order that has traded into the book, or end it."""
        blocked = order.reduce_only and not self._execution.executable(order)
        if not order.is_market and order.time_in_force in _RESTING:
            if blocked:
                order.dormant = True
            else:
                self._state.books[order.leg, order.symbol].add(order)
            return
        if order.leg is Leg.MARGIN:
            reason = "INSUFFICIENT_LIQUIDITY" if order.is_market else "UNFILLED_IOC_QUANTITY_EXPIRED"
        elif blocked:
            reason = EXPIRED_REDUCE_ONLY
        else:
            reason = EXPIRED_MARKET if order.type == "MARKET" else EXPIRED_IOC
        self._execution.end(order, "EXPIRED", reason=reason)
