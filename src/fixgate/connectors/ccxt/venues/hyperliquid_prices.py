"""Hyperliquid's price rule: at most five significant figures and at most six decimals less the size's; whole
numbers always. ccxt has a tick for it, of the mark price at the time when the markets were loaded.

Source: Hyperliquid API, "Tick and lot size" (perpetuals).
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

EXACT = Context(prec=96)
"""Enough digits that no price is ever rounded by accident."""

FIGURES = 5
MAX_DECIMALS = 6


def size_decimals(lot: Decimal) -> int:
    """Return `szDecimals` of a market whose smallest size is `lot`."""
    return max(0, -int(lot.normalize().as_tuple().exponent))


def step_at(price: Decimal, size_digits: int) -> Decimal:
    """Return the distance between prices that are allowed around `price`."""
    decimals = min(MAX_DECIMALS - size_digits, FIGURES - 1 - price.adjusted())
    return Decimal(1).scaleb(-max(decimals, 0))


def below(price: Decimal, size_digits: int) -> Decimal:
    """Return the highest allowed price that is not above `price`, which is above 0; 0 if there is none."""
    return price.quantize(step_at(price, size_digits), ROUND_FLOOR, EXACT)


def above(price: Decimal, size_digits: int) -> Decimal:
    """Return the lowest allowed price that is not below `price`."""
    return price.quantize(step_at(price, size_digits), ROUND_CEILING, EXACT)


def is_allowed(price: Decimal, size_digits: int) -> bool:
    """True when the venue takes a price as it is."""
    return price > 0 and EXACT.remainder(price, step_at(price, size_digits)) == 0
