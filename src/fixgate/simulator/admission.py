"""What a new order must pass before the matching engine takes it. Nothing here changes anything."""

from collections.abc import Iterator
from decimal import ROUND_DOWN, Decimal

from fixgate.simulator import futures_margin, leverage
from fixgate.simulator.accounts import Account
from fixgate.simulator.book import reaches
from fixgate.simulator.execution import Execution, prevents
from fixgate.simulator.futures_margin import check_initial_margin
from fixgate.simulator.instruments import SimulatedInstrument
from fixgate.simulator.margin_funds import Funding, paid_asset, plan_funding
from fixgate.simulator.orders import STOP_TYPES, ZERO, Leg, Order, OrderRequest
from fixgate.simulator.refusal import (
    DUPLICATE_ORDER,
    WOULD_TAKE,
    WOULD_TRIGGER,
    VenueRefusal,
    not_required,
)
from fixgate.simulator.venue_state import VenueState

MAX_MARGIN_STOPS = 5
"""MAX_NUM_ALGO_ORDERS: margin stop orders that may wait at a time, per symbol."""
MAX_ICEBERGS = 10
GTD_AHEAD_MS = 600_000
LAST_GOOD_TILL_MS = 253_402_300_799_000


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


def check_open_order_count(account: Account, instrument: SimulatedInstrument, order: Order) -> None:
    """Raise when the symbol already has as many open orders as MAX_NUM_ORDERS allows.

    On MARGIN also MAX_NUM_ALGO_ORDERS and MAX_NUM_ICEBERG_ORDERS.
    """
    open_orders = account.open_orders.get((instrument.leg, instrument.symbol), {})
    margin = instrument.leg is Leg.MARGIN
    if len(open_orders) >= instrument.max_open_orders:
        if margin:
            raise VenueRefusal(-1013, "Filter failure: MAX_NUM_ORDERS")
        raise VenueRefusal(-2025, "Reach max open order limit.")
    waiting = sum(not each.working for each in open_orders.values()) if order.type in STOP_TYPES else 0
    if margin and waiting >= MAX_MARGIN_STOPS:
        raise VenueRefusal(-1013, "Filter failure: MAX_NUM_ALGO_ORDERS")
    if margin and order.iceberg and sum(bool(o.iceberg) for o in open_orders.values()) >= MAX_ICEBERGS:
        raise VenueRefusal(-1013, "Filter failure: MAX_NUM_ICEBERG_ORDERS")


def check_good_till_date(request: OrderRequest, now: int) -> None:
    """Raise -5040 unless a GTD order lasts more than ten minutes, and not for ever."""
    if request.time_in_force != "GTD" or request.origin_id:
        return
    if not now + GTD_AHEAD_MS < request.good_till < LAST_GOOD_TILL_MS:
        raise VenueRefusal(-5040, "The goodTillDate must be greater than the current time plus 600 seconds.")


def check_risk_level(state: VenueState, account: Account, order: Order) -> None:
    """Raise when the account's uniMMR lets it do no more than reduce: -2023 or 51068, -4087."""
    level = futures_margin.risk_level(state, account)
    if level in {"NORMAL", "MARGIN_CALL"}:
        return
    if level == "FORCE_LIQUIDATION":
        if order.leg is Leg.MARGIN:
            raise VenueRefusal(51068, "Margin account is in the process of liquidation.")
        raise VenueRefusal(-2023, "User in liquidation mode now.")
    if order.leg is not Leg.MARGIN and not order.reduce_only:
        raise VenueRefusal(-4087, "User can only place reduce only order.")


class Admission:
    """The checks that need the book, the positions or the money."""

    def __init__(self, state: VenueState, execution: Execution) -> None:
        self._state = state
        self._execution = execution

    def best_price(self, order: Order) -> Decimal | None:
        """Return the price at which `order` would trade first."""
        best = self._state.books[order.leg, order.symbol].other_side(order.side).best()
        return None if best is None else best.price

    def matched_price(self, request: OrderRequest) -> Decimal:
        """Return the price that `priceMatch` means now; raises -1112 when that side is empty.

        OPPONENT is the best price of the other side and QUEUE of the own; `_5` and more count price
        levels, and a side with fewer gives its last.
        """
        kind, _, depth = request.price_match.partition("_")
        book = self._state.books[request.leg, request.symbol]
        side = book.other_side(request.side) if kind == "OPPONENT" else book.own_side(request.side)
        price = side.level(int(depth or 1))
        if price is None:
            raise VenueRefusal(-1112, "No orders on book for symbol. Please check the symbol and try again.")
        return price

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
        self._check_bracket(account, instrument, order, notional)
        check_initial_margin(self._state, account, instrument, notional - order.reserved)

    def _check_bracket(
        self, account: Account, instrument: SimulatedInstrument, order: Order, notional: Decimal
    ) -> None:
        """Raise -2027 when the position would be larger than its leverage allows."""
        position = account.positions.get((order.leg, order.symbol, order.position_side))
        price = self._state.usd_price(futures_margin.value_asset(instrument))
        held = futures_margin.position_value(self._state, position) if position is not None else ZERO
        most = leverage.max_notional(account.leverage_of(order.leg, order.symbol))
        if held + notional * price > most:
            raise VenueRefusal(-2027, "Exceeded the maximum allowable position at current leverage.")

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

    def check_stop_price(self, order: Order) -> None:
        """Raise -2010 for a margin stop order whose price has been reached already."""
        if not order.working and stop_is_reached(order, self._state.lasts[order.leg, order.symbol]):
            raise VenueRefusal(-2010, WOULD_TRIGGER)

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
        basis = order.price or (ZERO if order.working else order.stop_price)
        if basis:
            amount = basis * order.quantity if order.is_buy else order.quantity
        else:
            amount = self.market_cost(order) if order.is_buy else order.quantity
        asset = paid_asset(instrument, order.side)
        return plan_funding(self._state, account, asset, amount, order.side_effect)


def stop_is_reached(order: Order, last: Decimal) -> bool:
    """True when the last price triggers a margin stop order.

    BUY stop losses and SELL take profits wait for a higher price, the others for a lower one.
    """
    rises = order.is_buy == order.type.startswith("STOP_LOSS")
    return last >= order.stop_price if rises else last <= order.stop_price
