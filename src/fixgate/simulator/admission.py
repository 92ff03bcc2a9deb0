"""What a new order must pass before the matching engine takes it. Nothing here changes anything."""

from collections.abc import Iterator
from decimal import ROUND_DOWN, Decimal

from fixgate.simulator.accounts import Account
from fixgate.simulator.book import reaches
from fixgate.simulator.execution import Execution, prevents
from fixgate.simulator.futures_margin import check_initial_margin
from fixgate.simulator.instruments import SimulatedInstrument
from fixgate.simulator.margin_funds import Funding, paid_asset, plan_funding
from fixgate.simulator.orders import ZERO, Leg, Order
from fixgate.simulator.refusal import (
    DUPLICATE_ORDER,
    WOULD_TAKE,
    VenueRefusal,
    not_required,
)
from fixgate.simulator.venue_state import VenueState


def check_position_side(account: Account, position_side: str, *, reduce_only_sent: bool) -> None:
    """Raise -4061 when the side does not fit the account's mode, -1106 for reduceOnly in hedge mode."""
    if account.hedge_mode and reduce_only_sent:
        raise not_required("reduceOnly")
    if account.hedge_mode == (position_side == "BOTH"):
        raise VenueRefusal(-4061, "Order's position side does not match user's setting.")


def closes_in_hedge_mode(side: str, position_side: str) -> bool:
    """True for SELL of LONG and BUY of SHORT, which only ever reduce."""
    return (side, position_side) in {("SELL", "LONG"), ("BUY", "SHORT")}


def check_identity(account: Account, order: Order) -> None:
    """Raise when an open order of the leg has the same client id: -4116, -2010 on MARGIN."""
    if (order.leg, order.client_order_id) not in account.open_client_ids:
        return
    if order.leg is Leg.MARGIN:
        raise VenueRefusal(-2010, DUPLICATE_ORDER)
    raise VenueRefusal(-4116, "ClientOrderId is duplicated.")


def check_open_order_count(account: Account, instrument: SimulatedInstrument) -> None:
    """Raise when the symbol already has as many open orders as MAX_NUM_ORDERS allows."""
    count = len(account.open_orders.get((instrument.leg, instrument.symbol), ()))
    if count < instrument.max_open_orders:
        return
    if instrument.leg is Leg.MARGIN:
        raise VenueRefusal(-1013, "Filter failure: MAX_NUM_ORDERS")
    raise VenueRefusal(-2025, "Reach max open order limit.")


class Admission:
    """The checks that need the book, the positions or the money."""

    def __init__(self, state: VenueState, execution: Execution) -> None:
        self._state = state
        self._execution = execution

    def best_price(self, order: Order) -> Decimal | None:
        """Return the price at which `order` would trade first."""
        best = self._state.books[order.leg, order.symbol].other_side(order.side).best()
        return None if best is None else best.price

    def market_limit(self, instrument: SimulatedInstrument, side: str) -> Decimal | None:
        """Return how far a MARKET order may walk the book: the PERCENT_PRICE bound, none on MARGIN."""
        if instrument.leg is Leg.MARGIN:
            return None
        mark = self._state.marks[instrument.leg, instrument.symbol]
        return mark * (instrument.price_up if side == "BUY" else instrument.price_down)

    def check_market_price(self, instrument: SimulatedInstrument, order: Order) -> None:
        """Raise -4131 (CM -4113) when the best counter price is outside PERCENT_PRICE."""
        limit, best = self.market_limit(instrument, order.side), self.best_price(order)
        if limit is None or best is None or reaches(order.side, limit, best):
            return
        code = -4113 if order.leg is Leg.CM else -4131
        raise VenueRefusal(
            code, "The counterparty's best price does not meet the PERCENT_PRICE filter limit."
        )

    def check_reduce_only(self, account: Account, order: Order) -> None:
        """Raise -2022 when a reduce-only order has no position to reduce."""
        if not order.reduce_only:
            return
        if not account.closable(order.leg, order.symbol, order.side, order.position_side):
            raise VenueRefusal(-2022, "ReduceOnly Order is rejected.")

    def check_margin(self, account: Account, instrument: SimulatedInstrument, order: Order) -> None:
        """Raise -2019 when the part of a futures order that opens a position is not covered."""
        if order.reduce_only:
            return
        closable = account.closable(order.leg, order.symbol, order.side, order.position_side)
        opening = order.remaining - closable
        if opening <= 0:
            return
        mark = self._state.marks[order.leg, order.symbol]
        price = order.price or self.best_price(order) or mark
        notional = instrument.amount(price, opening)
        check_initial_margin(self._state, account, instrument, notional - order.reserved)

    def fillable(self, order: Order, limit: Decimal | None) -> Decimal:
        """Return how much `order` would execute at once, self-trades left out."""
        found = ZERO
        for maker in self._reachable(order, limit):
            found += self._execution.executable(maker)
            if found >= order.remaining:
                break
        return found

    def _reachable(self, order: Order, limit: Decimal | None) -> Iterator[Order]:
        for maker in self._state.books[order.leg, order.symbol].other_side(order.side):
            if limit is not None and not reaches(order.side, limit, maker.price):
                return
            if not prevents(order, maker):
                yield maker

    def can_fill_or_kill(self, order: Order) -> bool:
        """True when a FOK order executes whole (a reduce-only one: up to its position)."""
        wanted = self._execution.executable(order)
        return self.fillable(order, order.price) >= wanted

    def would_take(self, order: Order) -> bool:
        """True when `order` at its price would trade at once."""
        return self._state.books[order.leg, order.symbol].crosses(order.side, order.price)

    def check_limit_maker(self, order: Order) -> None:
        """Raise -2010 for a LIMIT_MAKER that would take."""
        if order.type == "LIMIT_MAKER" and self.would_take(order):
            raise VenueRefusal(-2010, WOULD_TAKE)

    def market_cost(self, order: Order) -> Decimal:
        """Return the quote amount that a MARKET BUY would spend."""
        cost, left = ZERO, order.remaining
        for maker in self._reachable(order, None):
            quantity = min(left, maker.remaining)
            cost += quantity * maker.price
            left -= quantity
            if not left:
                break
        return cost

    def base_for_quote(self, order: Order, lot_size: Decimal, amount: Decimal) -> Decimal:
        """Return the base quantity that `amount` of quote asset buys or that sells for it."""
        quantity = ZERO
        for maker in self._reachable(order, None):
            taken = min(maker.remaining, amount / maker.price)
            quantity += taken
            amount -= taken * maker.price
            if taken < maker.remaining:
                break
        return (quantity / lot_size).to_integral_value(rounding=ROUND_DOWN) * lot_size

    def fund(self, account: Account, instrument: SimulatedInstrument, order: Order) -> Funding:
        """Return how a margin order is paid for; raises -2010 or 51006 when it cannot be."""
        if order.price:
            amount = order.price * order.quantity if order.is_buy else order.quantity
        else:
            amount = self.market_cost(order) if order.is_buy else order.quantity
        asset = paid_asset(instrument, order.side)
        return plan_funding(self._state, account, asset, amount, order.side_effect)
