"""Leverage brackets: how much may be held at which leverage, and the maintenance margin of it.

One table for every symbol, in the shape of the exchange's; the values are for simulation. Source:
PAPI GET /papi/v1/um/leverageBracket and /papi/v1/cm/leverageBracket.
"""

from decimal import Decimal
from typing import NamedTuple

from fixgate.simulator.instruments import SimulatedInstrument
from fixgate.simulator.orders import ZERO, Leg

DEFAULT_LEVERAGE = 20


class Bracket(NamedTuple):
    """Positions worth `floor` to `cap` dollars may have up to `leverage`.

    The maintenance margin of a notional in the bracket is notional x `rate` - `cum`, which makes
    each slice of it count at the rate of its own bracket.
    """

    leverage: int
    floor: Decimal
    cap: Decimal
    rate: Decimal
    cum: Decimal


_ROWS = (
    (125, 300_000, "0.004"),
    (100, 800_000, "0.005"),
    (75, 3_000_000, "0.0065"),
    (50, 12_000_000, "0.01"),
    (25, 70_000_000, "0.02"),
    (20, 100_000_000, "0.025"),
    (10, 230_000_000, "0.05"),
    (5, 480_000_000, "0.1"),
    (4, 600_000_000, "0.125"),
    (3, 800_000_000, "0.15"),
    (2, 1_200_000_000, "0.25"),
    (1, 1_800_000_000, "0.5"),
)


def _build() -> tuple[Bracket, ...]:
    found: list[Bracket] = []
    floor, rate, cum = ZERO, ZERO, ZERO
    for leverage, cap, rate_text in _ROWS:
        cum += floor * (Decimal(rate_text) - rate)
        rate = Decimal(rate_text)
        found.append(Bracket(leverage, floor, Decimal(cap), rate, cum))
        floor = Decimal(cap)
    return tuple(found)


BRACKETS = _build()
MAX_LEVERAGE = BRACKETS[0].leverage


def maintenance(notional: Decimal) -> Decimal:
    """Return the maintenance margin of a position worth `notional` dollars (its absolute value)."""
    for bracket in BRACKETS:
        if notional <= bracket.cap:
            return notional * bracket.rate - bracket.cum
    last = BRACKETS[-1]
    return notional * last.rate - last.cum


def max_notional(leverage: int) -> Decimal:
    """Return how many dollars may be held at `leverage`."""
    return max(bracket.cap for bracket in BRACKETS if bracket.leverage >= leverage)


def max_contracts(instrument: SimulatedInstrument, leverage: int) -> Decimal:
    """Return how many CM contracts may be held at `leverage`."""
    return max_notional(leverage) // instrument.contract_size


def limit_of(instrument: SimulatedInstrument, leverage: int) -> Decimal:
    """Return the most that may be held at `leverage`: contracts on CM, dollars on UM."""
    return max_contracts(instrument, leverage) if instrument.leg is Leg.CM else max_notional(leverage)
