"""Quantities and prices against a market's steps and bounds, exactly. Pure.

ccxt cuts quantities off and rounds prices without a word, so nothing leaves that does not fit already; what
does not fit is refused, with the nearest values that do. Quantities here are the engine's: base asset, on
inverse markets contracts.
"""

from decimal import Decimal, getcontext
from fractions import Fraction

from fixgate.connectors.ccxt.translator import Market
from fixgate.model.decimals import plain
from fixgate.model.enums import OrdRejReason
from fixgate.model.refusal import Refused


def amount_of(quantity: Decimal, market: Market) -> Decimal:
    """Return a quantity as ccxt counts it: base asset on spot and where a contract is worth 1, else
    contracts.

    Raises `Refused`, with the nearest quantities that fit, for one that is no whole number of lots or out
    of bounds.
    """
    lot, smallest, largest = (
        quantity_of(each, market) for each in (market.lot, market.min_amount, market.max_amount)
    )
    unit = unit_of(market)
    if quantity <= 0:
        raise _wrong(f"quantity {plain(quantity)} {unit} is not above zero ({market.symbol})")
    if smallest and quantity < smallest:
        raise _wrong(
            f"quantity {plain(quantity)} {unit} is below the smallest, {plain(smallest)} ({market.symbol})"
        )
    if largest and quantity > largest:
        raise _wrong(
            f"quantity {plain(quantity)} {unit} is above the largest, {plain(largest)} ({market.symbol})"
        )
    if lot and (fits := _neighbours(quantity, lot)):
        raise _wrong(
            f"quantity {plain(quantity)} {unit} is no whole number of lots of {plain(lot)} "
            f"({market.symbol}): "
            f"{_either(fits)} would fit"
        )
    amount = quantity if _counts_alike(market) else quantity / market.contract_size
    if quantity_of(amount, market) != quantity:
        raise _wrong(
            f"quantity {plain(quantity)} {unit} is no whole number of contracts of "
            f"{plain(market.contract_size)} "
            f"({market.symbol})"
        )
    return amount


def quantity_of(amount: Decimal, market: Market) -> Decimal:
    """Return what ccxt counts as the engine counts it: base asset, on inverse markets contracts."""
    return amount if _counts_alike(market) else bare(amount * market.contract_size)


def bare(number: Decimal) -> Decimal:
    """Return a number without zeros at its end, and without an exponent: 20 lots of 0.0001 are 0.002."""
    short = number.normalize()
    whole = 0 < int(short.as_tuple().exponent) <= short.adjusted() < getcontext().prec
    return short.quantize(Decimal(1)) if whole else short


def unit_of(market: Market) -> str:
    """Return what a quantity is counted in, for people."""
    return "contracts" if market.inverse else market.base


def check_price(price: Decimal, market: Market, name: str = "price") -> None:
    """Raise `Refused`, with the nearest prices that fit, for one that is no whole number of ticks."""
    if price <= 0:
        raise Refused(
            OrdRejReason.OTHER, f"{name} {plain(price)} {market.quote} is not above zero ({market.symbol})"
        )
    if market.tick and (fits := _neighbours(price, market.tick)):
        raise Refused(
            OrdRejReason.OTHER,
            f"{name} {plain(price)} is not a multiple of tick size {plain(market.tick)} ({market.symbol}): "
            f"{_either(fits)} would fit",
        )


def check_cost(quantity: Decimal, price: Decimal | None, market: Market) -> None:
    """Raise `Refused` for an order that is worth less than the market takes; without a price of its own and
    without a last one the venue alone decides."""
    value = quantity * market.contract_size if market.inverse else price and quantity * price
    if value and value < market.min_cost:
        raise _wrong(
            f"an order of {plain(quantity)} {unit_of(market)} is worth {plain(value.normalize())} "
            f"{market.quote}, "
            f"below the smallest, {plain(market.min_cost)} {market.quote} ({market.symbol})"
        )


def _counts_alike(market: Market) -> bool:
    """True where ccxt and the engine count the same."""
    return market.inverse or market.contract_size == 1


def _neighbours(number: Decimal, step: Decimal) -> tuple[Decimal, Decimal] | None:
    """Return the multiples of `step` around `number`, `None` if it is one."""
    steps = Fraction(number) / Fraction(step)
    if steps.denominator == 1:
        return None
    below = steps.numerator // steps.denominator
    return below * step, (below + 1) * step


def _either(fits: tuple[Decimal, Decimal]) -> str:
    low, high = fits
    return f"{plain(low)} or {plain(high)}" if low else plain(high)


def _wrong(text: str) -> Refused:
    return Refused(OrdRejReason.INCORRECT_QUANTITY, text)
