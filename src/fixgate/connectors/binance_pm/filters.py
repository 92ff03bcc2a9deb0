"""Tick, lot and bounds, checked before an order leaves: cheaper than a reject, and clearer.

Price bands, notional and margin depend on the market and are left to the venue. On futures a price
counts in ticks from the filter's minimum, on spot from zero.
"""

from decimal import Decimal

from fixgate.model.decimals import is_multiple, plain
from fixgate.model.enums import OrderType, OrdRejReason, ProductType
from fixgate.model.instrument import Instrument
from fixgate.model.refusal import Refused

ZERO = Decimal(0)


def check_price(instrument: Instrument, price: Decimal) -> None:
    """Raise `Refused` unless `price` passes PRICE_FILTER."""
    _bounds("price", price, instrument.min_price, instrument.max_price, instrument, OrdRejReason.OTHER)
    base = ZERO if instrument.product_type is ProductType.SPOT else instrument.min_price
    if not is_multiple(price - base, instrument.tick_size):
        near = _nearest(price, base, instrument.tick_size)
        raise Refused(
            OrdRejReason.OTHER,
            f"price {plain(price)} is not a multiple of tick size {_short(instrument.tick_size)} "
            f"({instrument.symbol} {instrument.product_type}); the nearest is {_short(near)}",
        )


def check_quantity(instrument: Instrument, quantity: Decimal, order_type: OrderType) -> None:
    """Raise `Refused` unless `quantity` passes LOT_SIZE, or MARKET_LOT_SIZE on a market order."""
    market = order_type is OrderType.MARKET
    low = instrument.market_min_quantity if market else instrument.min_quantity
    high = instrument.market_max_quantity if market else instrument.max_quantity
    step = instrument.market_lot_size if market else instrument.lot_size
    _bounds("quantity", quantity, low, high, instrument, OrdRejReason.INCORRECT_QUANTITY)
    base = ZERO if instrument.product_type is ProductType.SPOT else low
    if not is_multiple(quantity - base, step):
        near = _nearest(quantity, base, step)
        raise Refused(
            OrdRejReason.INCORRECT_QUANTITY,
            f"quantity {plain(quantity)} is not a multiple of lot size {_short(step)} "
            f"({instrument.symbol} {instrument.product_type}); the nearest is {_short(near)}",
        )


def _bounds(
    what: str, value: Decimal, low: Decimal, high: Decimal, instrument: Instrument, reason: OrdRejReason
) -> None:
    if value < low or value <= 0:
        raise Refused(
            reason,
            f"{what} {plain(value)} is below the minimum {_short(low)} "
            f"({instrument.symbol} {instrument.product_type})",
        )
    if high and value > high:
        raise Refused(
            reason,
            f"{what} {plain(value)} is above the maximum {_short(high)} "
            f"({instrument.symbol} {instrument.product_type})",
        )


def _nearest(value: Decimal, base: Decimal, step: Decimal) -> Decimal:
    """Return the valid value closest to `value`, and never the base's zero."""
    steps = ((value - base) / step).to_integral_value()
    near = base + steps * step
    return near if near > 0 else base + step


def _short(value: Decimal) -> str:
    """Plain notation without trailing zeros beyond the point."""
    text = plain(value)
    return text.rstrip("0").rstrip(".") if "." in text else text
