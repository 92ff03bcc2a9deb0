"""Portfolio-wide equity and the initial-margin check of futures orders.

A deliberate simplification of the exchange's risk engine: equity is every wallet at its reference
price plus unrealised profit, without collateral haircuts; initial margin is notional / leverage;
maintenance margin comes from the brackets of futures positions alone.
"""

from decimal import Decimal

from fixgate.simulator import leverage
from fixgate.simulator.accounts import Account
from fixgate.simulator.instruments import SimulatedInstrument
from fixgate.simulator.orders import ZERO, Leg
from fixgate.simulator.positions import Position
from fixgate.simulator.refusal import VenueRefusal
from fixgate.simulator.venue_state import VenueState

MARGIN_LEVERAGE = 5
"""How many times its equity an account may owe on the margin leg, plus one."""
MARGIN_CALL, REDUCE_ONLY, LIQUIDATION = Decimal("1.5"), Decimal("1.2"), Decimal("1.05")
"""The uniMMR at and below which an account is called, may only reduce, is liquidated."""


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


def position_value(state: VenueState, position: Position) -> Decimal:
    """Return the absolute notional of one position in dollars."""
    key = (position.leg, position.symbol)
    instrument = state.instruments[key]
    return abs(position.notional(instrument, state.marks[key])) * state.usd_price(value_asset(instrument))


def order_value(state: VenueState, account: Account, leg: Leg, symbol: str) -> Decimal:
    """Return the notional of a symbol's open futures orders in dollars."""
    sides = (account.reserved.get((leg, symbol, side), ZERO) for side in ("BUY", "SELL"))
    return sum(sides, ZERO) * state.usd_price(value_asset(state.instruments[leg, symbol]))


def initial_margin(state: VenueState, account: Account) -> Decimal:
    """Return what positions and open orders tie up, in dollars."""
    total = ZERO
    for position in account.positions.values():
        if position.quantity:
            used = position_value(state, position)
            total += used / account.leverage_of(position.leg, position.symbol)
    for (leg, symbol, _), notional in account.reserved.items():
        if notional:
            price = state.usd_price(value_asset(state.instruments[leg, symbol]))
            total += notional * price / account.leverage_of(leg, symbol)
    return total


def maintenance_margin(state: VenueState, account: Account) -> Decimal:
    """Return the equity in dollars below which the account would be liquidated."""
    held = (p for p in account.positions.values() if p.quantity)
    brackets = (leverage.maintenance(position_value(state, position)) for position in held)
    return sum(brackets, account.extra_maintenance)


def uni_mmr(state: VenueState, account: Account) -> Decimal | None:
    """Return equity / maintenance margin, None for an account without maintenance margin."""
    needed = maintenance_margin(state, account)
    return equity(state, account) / needed if needed else None


def risk_level(state: VenueState, account: Account) -> str:
    """Return the account status that follows from the uniMMR."""
    ratio = uni_mmr(state, account)
    if ratio is None or ratio > MARGIN_CALL:
        return "NORMAL"
    if ratio > REDUCE_ONLY:
        return "MARGIN_CALL"
    return "REDUCE_ONLY" if ratio > LIQUIDATION else "FORCE_LIQUIDATION"


def borrowed_value(state: VenueState, account: Account) -> Decimal:
    """Return what the account owes on the margin leg, in dollars."""
    return sum(
        ((e.borrowed + e.interest) * state.usd_price(asset) for asset, e in account.margin.items()), ZERO
    )


def available(state: VenueState, account: Account) -> Decimal:
    """Return the equity that is not tied up as initial margin, in dollars."""
    borrowed = borrowed_value(state, account) / MARGIN_LEVERAGE
    return equity(state, account) - initial_margin(state, account) - borrowed


def check_initial_margin(
    state: VenueState, account: Account, instrument: SimulatedInstrument, notional: Decimal
) -> None:
    """Raise -2019 when the account cannot open `notional` more (quote asset; base coin on CM)."""
    chosen = account.leverage_of(instrument.leg, instrument.symbol)
    needed = notional * state.usd_price(value_asset(instrument)) / chosen
    if needed > available(state, account):
        raise VenueRefusal(-2019, "Margin is insufficient.")


def max_borrowable(state: VenueState, account: Account, asset: str) -> Decimal:
    """Return how much more of `asset` the account may borrow on the margin leg."""
    price = state.usd_price(asset)
    if not price:
        return ZERO
    room = available(state, account) * MARGIN_LEVERAGE
    return max(ZERO, room / price).quantize(Decimal("0.00000001"))
