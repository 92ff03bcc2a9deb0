"""The venue's filters, checked before an order leaves: cheaper than a reject, and clearer.

| filter | checked here | left to the venue |
|---|---|---|
| PRICE_FILTER | bounds and tick of every price | |
| LOT_SIZE, MARKET_LOT_SIZE | bounds and step of every quantity | |
| MIN_NOTIONAL, NOTIONAL | of orders with a price that may open a position | market orders: at a mark price |
| MAX_NUM_ORDERS | of new orders, when the number of open ones is given | |
| PERCENT_PRICE, PERCENT_PRICE_BY_SIDE | | both follow a price that moves |

A bound or a step of 0 is none. On futures a price counts in ticks from the filter's minimum and a quantity
in steps from its own, on SPOT both from zero. Source: "Filters" of the spot and derivatives documentation.
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import NamedTuple

from fixgate.model.decimals import plain
from fixgate.model.enums import OrderType, OrdRejReason, ProductType
from fixgate.model.instrument import Instrument
from fixgate.model.refusal import Refused

ZERO = Decimal(0)

_EXACT = Context(prec=96)
"""Enough digits that nothing here is ever rounded by accident."""


class Grid(NamedTuple):
    """The values that a filter allows: from `low` to `high`, in whole steps from `base`; 0 is no bound."""

    low: Decimal
    high: Decimal
    step: Decimal
    base: Decimal

    def fits(self, value: Decimal) -> bool:
        return not self.step or _EXACT.remainder(_EXACT.subtract(value, self.base), self.step) == 0

    def at_or_below(self, value: Decimal) -> Decimal | None:
        """Return the highest valid value up to `value`, `None` without one."""
        if self.high:
            value = min(value, self.high)
        found = self._round(value, ROUND_FLOOR)
        return found if found > 0 and found >= self.low else None

    def at_or_above(self, value: Decimal) -> Decimal | None:
        """Return the lowest valid value from `value` on, `None` without one."""
        found = self._round(max(value, self.low), ROUND_CEILING)
        if found <= 0:
            found += self.step
        return found if found > 0 and (not self.high or found <= self.high) else None

    def shown(self, value: Decimal) -> str:
        """Return `value` with at least the decimals of the step."""
        places = -int(self.step.as_tuple().exponent) if self.step else 0
        return plain(value) if _places(value) >= places else f"{value:.{places}f}"

    def _round(self, value: Decimal, rounding: str) -> Decimal:
        if not self.step:
            return value
        steps = _EXACT.divide(_EXACT.subtract(value, self.base), self.step).to_integral_value(rounding)
        return _EXACT.add(self.base, _EXACT.multiply(steps, self.step))


def check_price(instrument: Instrument, price: Decimal) -> None:
    """Raise `Refused` unless `price` passes PRICE_FILTER."""
    base = ZERO if instrument.product_type is ProductType.SPOT else instrument.min_price
    grid = Grid(instrument.min_price, instrument.max_price, instrument.tick_size, base)
    _check("price", price, grid, "tick size", f"{instrument.symbol} PRICE_FILTER", OrdRejReason.OTHER)


def check_quantity(instrument: Instrument, quantity: Decimal, order_type: OrderType) -> None:
    """Raise `Refused` unless `quantity` passes LOT_SIZE, or MARKET_LOT_SIZE on a market order."""
    name = "MARKET_LOT_SIZE" if order_type is OrderType.MARKET else "LOT_SIZE"
    _check(
        "quantity",
        quantity,
        lot_grid(instrument, order_type),
        "lot size",
        f"{instrument.symbol} {name}",
        OrdRejReason.INCORRECT_QUANTITY,
    )


def lot_grid(instrument: Instrument, order_type: OrderType) -> Grid:
    """Return the quantities that an order of a type can have."""
    if order_type is OrderType.MARKET:
        low, high = instrument.market_min_quantity, instrument.market_max_quantity
        step = instrument.market_lot_size
    else:
        low, high, step = instrument.min_quantity, instrument.max_quantity, instrument.lot_size
    return Grid(low, high, step, ZERO if instrument.product_type is ProductType.SPOT else low)


def check_notional(instrument: Instrument, price: Decimal | None, quantity: Decimal) -> None:
    """Raise `Refused` unless price times quantity passes MIN_NOTIONAL or NOTIONAL.

    Not for orders that only reduce, which are exempt. Without a price the venue values the order at a price
    that is not known here, and decides.
    """
    if price is None:
        return
    notional = _EXACT.multiply(price, quantity)
    name = "NOTIONAL" if instrument.product_type is ProductType.SPOT else "MIN_NOTIONAL"
    least, most = instrument.min_notional, instrument.max_notional
    grid = lot_grid(instrument, OrderType.LIMIT)
    if least and notional < least:
        limit, near = f"below the minimum {plain(least)}", grid.at_or_above(_EXACT.divide(least, price))
        extreme = "least"
    elif most and notional > most:
        limit, near = f"above the maximum {plain(most)}", grid.at_or_below(_EXACT.divide(most, price))
        extreme = "highest"
    else:
        return
    hint = f"; at price {plain(price)} the {extreme} quantity is {grid.shown(near)}" if near else ""
    raise Refused(
        OrdRejReason.OTHER,
        f"price times quantity {plain(notional)} is {limit} {instrument.currency} "
        f"({instrument.symbol} {name}){hint}",
    )


def check_open_orders(instrument: Instrument, open_orders: int) -> None:
    """Raise `Refused` when one more than `open_orders` of the account would break MAX_NUM_ORDERS."""
    most = instrument.max_open_orders
    if most and open_orders >= most:
        raise Refused(
            OrdRejReason.EXCEEDS_LIMIT,
            f"{open_orders} orders are open already, and at most {most} can be "
            f"({instrument.symbol} MAX_NUM_ORDERS); cancel one first",
        )


def _check(what: str, value: Decimal, grid: Grid, step_name: str, where: str, reason: OrdRejReason) -> None:
    """Raise `Refused`, with the nearest valid values, unless `value` is on the grid."""
    if value < grid.low or value <= 0:
        low = grid.at_or_above(ZERO)
        least = f"the minimum {plain(grid.low)}" if value < grid.low else "what can be ordered"
        raise Refused(reason, f"{what} {plain(value)} is below {least} ({where}){_nearest(grid, None, low)}")
    if grid.high and value > grid.high:
        high = grid.at_or_below(grid.high)
        raise Refused(
            reason,
            f"{what} {plain(value)} is above the maximum {plain(grid.high)} ({where})"
            f"{_nearest(grid, high, None)}",
        )
    if not grid.fits(value):
        near = _nearest(grid, grid.at_or_below(value), grid.at_or_above(value))
        raise Refused(
            reason,
            f"{what} {plain(value)} is not a multiple of {step_name} {plain(grid.step)} ({where}){near}",
        )


def _nearest(grid: Grid, below: Decimal | None, above: Decimal | None) -> str:
    near = [grid.shown(value) for value in (below, above) if value is not None]
    if not near:
        return ""
    return f"; nearest {'are' if len(near) > 1 else 'is'} {' and '.join(near)}"


def _places(value: Decimal) -> int:
    return max(0, -int(value.as_tuple().exponent))
