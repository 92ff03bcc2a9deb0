"""Conditional futures orders as the venue keeps them: UM algo orders and CM strategy orders.

Both wait for a price beside the matching engine and put an order of their own into it. Sources:
PAPI um/algo/order and cm/conditional/order.
"""

from decimal import Decimal

import msgspec

from fixgate.simulator.orders import ZERO, Leg

MARK_PRICE, CONTRACT_PRICE = "MARK_PRICE", "CONTRACT_PRICE"
TRAILING = "TRAILING_STOP_MARKET"
LIMIT_TYPES = frozenset({"STOP", "TAKE_PROFIT"})
STOPS = frozenset({"STOP", "STOP_MARKET"})
CLOSING_TYPES = frozenset({"STOP_MARKET", "TAKE_PROFIT_MARKET"})
"""Types that may close a whole position."""

WAITING = "NEW"
ALIVE = frozenset({"NEW", "TRIGGERING", "TRIGGERED"})


class Conditional(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One conditional order. `conditional_id` is the algoId on UM and the strategyId on CM.

    `trigger_price` is 0 for a trailing stop, which has `callback_rate` (percent) and may have an
    `activation_price`; `extreme` is the best price since it was activated. `order_id` is the engine
    order that came out of it, 0 before. A trigger price is compared with the mark price or the last
    trade, as `working_type` says.
    """

    leg: Leg
    symbol: str
    conditional_id: int
    client_id: str
    account: str
    side: str
    type: str
    time_in_force: str
    quantity: Decimal
    price: Decimal
    trigger_price: Decimal
    working_type: str
    position_side: str = "BOTH"
    reduce_only: bool = False
    close_position: bool = False
    price_protect: bool = False
    stp_mode: str = "EXPIRE_MAKER"
    price_match: str = "NONE"
    good_till: int = 0
    activation_price: Decimal = ZERO
    callback_rate: Decimal = ZERO
    activated: bool = False
    extreme: Decimal = ZERO
    status: str = WAITING
    order_id: int = 0
    executed: Decimal = ZERO
    average_price: Decimal = ZERO
    refusal: str = ""
    created_ms: int = 0
    updated_ms: int = 0
    triggered_ms: int = 0

    @property
    def order_type(self) -> str:
        """Return the type of the order that comes out of it."""
        return "LIMIT" if self.type in LIMIT_TYPES else "MARKET"

    @property
    def is_waiting(self) -> bool:
        """True until it triggers or ends."""
        return self.status == WAITING


def has_passed(conditional: Conditional, price: Decimal) -> bool:
    """True when `price` triggers a stop or take-profit order.

    A stop waits for the price to move against a position, a take-profit for it to move in favour:
    BUY stops and SELL take-profits trigger from below, the others from above.
    """
    rises = (conditional.side == "BUY") == (conditional.type in STOPS)
    return price >= conditional.trigger_price if rises else price <= conditional.trigger_price


def trail(conditional: Conditional, price: Decimal) -> bool:
    """Follow `price` with an activated trailing stop; True when it has come back by the callback rate."""
    sells = conditional.side == "SELL"
    best = max if sells else min
    conditional.extreme = best(conditional.extreme, price) if conditional.extreme else price
    back = conditional.callback_rate / 100
    bound = conditional.extreme * (1 - back if sells else 1 + back)
    return price <= bound if sells else price >= bound


def activates(conditional: Conditional, price: Decimal) -> bool:
    """True when `price` has reached the activation price: from below for SELL, from above for BUY."""
    if not conditional.activation_price:
        return True
    above = price >= conditional.activation_price
    return above if conditional.side == "SELL" else price <= conditional.activation_price
