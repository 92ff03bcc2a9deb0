"""Portfolio-wide equity and the initial-margin check of futures orders.

A deliberate simplification of the exchange's risk engine: equity is every wallet at its reference
price plus unrealised profit, without collateral haircuts; initial margin is notional / leverage.
"""

from decimal import Decimal

from fixgate.simulator.accounts import Account
from fixgate.simulator.instruments import SimulatedInstrument
from fixgate.simulator.orders import ZERO, Leg
from fixgate.simulator.refusal import VenueRefusal
from fixgate.simulator.venue_state import VenueState

LEVERAGE = 20
MAINTENANCE_RATE = Decimal("0.004")
MARGIN_LEVERAGE = 5
"""How many times its equity an account may owe on the margin leg, plus one."""


def value_asset(instrument: SimulatedInstrument) -> str:
    """Return the asset in which the instrument's notional is counted."""
    return instrument.base if instrument.leg is Leg.CM else instrument.quote


def equity(state: VenueState, account: Account) -> Decimal:
    """Return the account's equity in dollars."""
    total = ZERO
    for asset, entry in account.margin.items():
        total += entry.net * state.usd_price(asset)
    for (_, asset), balance in account.wallets.items():
        total += balance * state.usd_price(asset)
    for position in account.positions.values():
        key = (position.leg, position.symbol)
        instrument = state.instruments[key]
        profit = position.unrealized(instrument, state.marks[key])
        total += profit * state.usd_price(value_asset(instrument))
    return total


def position_notional(state: VenueState, account: Account) -> Decimal:
    """Return the absolute notional of all positions in dollars."""
    total = ZERO
    for position in account.positions.values():
        if position.quantity:
            key = (position.leg, position.symbol)
            instrument = state.instruments[key]
            notional = abs(position.notional(instrument, state.marks[key]))
            total += notional * state.usd_price(value_asset(instrument))
    return total


def open_order_notional(state: VenueState, account: Account) -> Decimal:
    """Return the notional of open futures orders in dollars."""
    total = ZERO
    for (leg, symbol, _), notional in account.reserved.items():
        if notional:
            total += notional * state.usd_price(value_asset(state.instruments[leg, symbol]))
    return total


def borrowed_value(state: VenueState, account: Account) -> Decimal:
    """Return what the account owes on the margin leg, in dollars."""
    return sum(
        ((e.borrowed + e.interest) * state.usd_price(asset) for asset, e in account.margin.items()), ZERO
    )


def available(state: VenueState, account: Account) -> Decimal:
    """Return the equity that is not tied up as initial margin, in dollars."""
    used = position_notional(state, account) + open_order_notional(state, account)
    borrowed = borrowed_value(state, account) / MARGIN_LEVERAGE
    return equity(state, account) - used / LEVERAGE - borrowed


def check_initial_margin(
    state: VenueState, account: Account, instrument: SimulatedInstrument, notional: Decimal
) -> None:
    """Raise -2019 when the account cannot open `notional` more (quote asset; base coin on CM)."""
    needed = notional * state.usd_price(value_asset(instrument)) / LEVERAGE
    if needed > available(state, account):
        raise VenueRefusal(-2019, "Margin is insufficient.")


def max_borrowable(state: VenueState, account: Account, asset: str) -> Decimal:
    """Return how much more of `asset` the account may borrow on the margin leg."""
    price = state.usd_price(asset)
    if not price:
        return ZERO
    room = available(state, account) * MARGIN_LEVERAGE
    return max(ZERO, room / price).quantize(Decimal("0.00000001"))
