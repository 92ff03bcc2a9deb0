"""The exchange's filters, each with the code it is refused by on its leg.

Sources: derivatives and spot API documentation, "Filters"; error codes -4001..-4164 (UM, CM) and
-1013 "Filter failure: ..." (margin engine).
"""

from decimal import Decimal

from fixgate.model.decimals import plain
from fixgate.simulator.instruments import SimulatedInstrument
from fixgate.simulator.orders import Leg, OrderRequest
from fixgate.simulator.refusal import VenueRefusal

_MARGIN_BAND = Decimal("0.15")
"""Margin limit prices may be at most this far through the index (51113)."""
MAX_ICEBERG_PARTS = 100


def check_filters(
    instrument: SimulatedInstrument,
    request: OrderRequest,
    *,
    mark: Decimal,
    market_price: Decimal,
) -> None:
    """Raise the venue's refusal when `request` breaks a filter of `instrument`.

    `mark` is the reference price; `market_price` values a MARKET order. Quantity given as quote
    amount is checked once it has been turned into base.
    """
    if request.price is not None:
        check_price(instrument, request.side, request.price, mark)
    if request.stop_price is not None:
        _check_margin_tick(instrument, request.stop_price)
    if request.quantity is not None:
        check_quantity(instrument, request.quantity, market=request.price is None)
        if not request.reduce_only:
            check_notional(instrument, request.price or request.stop_price or market_price, request.quantity)
        if request.iceberg is not None:
            _check_iceberg(instrument, request.iceberg, request.quantity)


def check_price(instrument: SimulatedInstrument, side: str, price: Decimal, mark: Decimal) -> None:
    """Raise when `price` breaks PRICE_FILTER or PERCENT_PRICE(_BY_SIDE)."""
    if instrument.leg is Leg.MARGIN:
        _check_margin_price(instrument, side, price, mark)
    else:
        _check_futures_price(instrument, side, price, mark)


def check_trigger_price(instrument: SimulatedInstrument, price: Decimal) -> None:
    """Raise when the trigger price of a conditional futures order breaks PRICE_FILTER."""
    if price <= 0:
        raise VenueRefusal(-4006, "Stop price less than zero.")
    if price > instrument.max_price:
        raise VenueRefusal(-4007, "Stop price greater than max price.")
    check_tick(instrument, price)


def check_tick(instrument: SimulatedInstrument, price: Decimal) -> None:
    """Raise -1111 or -4014 when a futures price is not on a tick."""
    _check_precision(price, instrument.tick_size)
    if (price - instrument.min_price) % instrument.tick_size:
        raise VenueRefusal(-4014, "Price not increased by tick size.")


def check_stop_band(instrument: SimulatedInstrument, side: str, price: Decimal, trigger: Decimal) -> None:
    """Raise when the limit of a conditional order is too far through its trigger: -4183, -4184.

    CM numbers them -4151 and -4152.
    """
    coin = instrument.leg is Leg.CM
    if side == "BUY" and price > trigger * instrument.price_up:
        cap = plain((trigger * instrument.price_up).quantize(instrument.tick_size))
        raise VenueRefusal(-4151 if coin else -4183, f"Limit price can't be higher than {cap}.")
    if side == "SELL" and price < trigger * instrument.price_down:
        floor = plain((trigger * instrument.price_down).quantize(instrument.tick_size))
        raise VenueRefusal(-4152 if coin else -4184, f"Limit price can't be lower than {floor}.")


def _check_futures_price(instrument: SimulatedInstrument, side: str, price: Decimal, mark: Decimal) -> None:
    if price <= 0:
        raise VenueRefusal(-4001, "Price less than 0.")
    if price > instrument.max_price:
        raise VenueRefusal(-4002, "Price greater than max price.")
    if price < instrument.min_price:
        raise VenueRefusal(-4013, "Price less than min price.")
    check_tick(instrument, price)
    if side == "BUY" and price > mark * instrument.price_up:
        cap = plain((mark * instrument.price_up).quantize(instrument.tick_size))
        raise VenueRefusal(-4016, f"Limit price can't be higher than {cap}.")
    if side == "SELL" and price < mark * instrument.price_down:
        floor = plain((mark * instrument.price_down).quantize(instrument.tick_size))
        raise VenueRefusal(-4024, f"Limit price can't be lower than {floor}.")


def _check_margin_tick(instrument: SimulatedInstrument, price: Decimal) -> None:
    if not instrument.min_price <= price <= instrument.max_price or price % instrument.tick_size:
        raise VenueRefusal(-1013, "Filter failure: PRICE_FILTER")


def _check_iceberg(instrument: SimulatedInstrument, shown: Decimal, quantity: Decimal) -> None:
    if shown > quantity:
        raise VenueRefusal(-1013, "IcebergQty exceeds QTY.")
    if shown < instrument.min_quantity or shown % instrument.lot_size:
        raise VenueRefusal(-1013, "Filter failure: LOT_SIZE")
    if quantity > shown * MAX_ICEBERG_PARTS:
        raise VenueRefusal(-1013, "Filter failure: ICEBERG_PARTS")


def _check_margin_price(instrument: SimulatedInstrument, side: str, price: Decimal, mark: Decimal) -> None:
    _check_margin_tick(instrument, price)
    if not mark * instrument.price_down <= price <= mark * instrument.price_up:
        raise VenueRefusal(-1013, "Filter failure: PERCENT_PRICE_BY_SIDE")
    through = price > mark * (1 + _MARGIN_BAND) if side == "BUY" else price < mark * (1 - _MARGIN_BAND)
    if through:
        raise VenueRefusal(51113, "The price exceeds the limit of 15% from the index price.")


def check_quantity(instrument: SimulatedInstrument, quantity: Decimal, *, market: bool) -> None:
    """Raise when `quantity` breaks LOT_SIZE, or MARKET_LOT_SIZE for a MARKET order."""
    most = instrument.market_max_quantity if market else instrument.max_quantity
    if instrument.leg is Leg.MARGIN:
        name = "MARKET_LOT_SIZE" if market and quantity > most else "LOT_SIZE"
        if not instrument.min_quantity <= quantity <= most or quantity % instrument.lot_size:
            raise VenueRefusal(-1013, f"Filter failure: {name}")
        return
    if quantity <= 0:
        raise VenueRefusal(-4003, "Quantity less than or equal to zero.")
    if quantity > most:
        raise VenueRefusal(-4005, "Quantity greater than max quantity.")
    _check_precision(quantity, instrument.lot_size)
    if quantity < instrument.min_quantity:
        raise VenueRefusal(-4004, "Quantity less than min quantity.")
    if (quantity - instrument.min_quantity) % instrument.lot_size:
        raise VenueRefusal(-4023, "Quantity not increased by step size.")


def _check_precision(number: Decimal, step: Decimal) -> None:
    """Raise -1111 when `number` has more decimals than the exchange prints for it."""
    exponent = step.as_tuple().exponent
    if isinstance(exponent, int) and number % Decimal((0, (1,), exponent)):
        raise VenueRefusal(-1111, "Precision is over the maximum defined for this asset.")


def check_notional(
    instrument: SimulatedInstrument, price: Decimal, quantity: Decimal, *, modifying: bool = False
) -> None:
    """Raise when the order is worth less than the minimum. CM sets none; -5029 when modifying."""
    if not instrument.min_notional or price * quantity >= instrument.min_notional:
        return
    if instrument.leg is Leg.MARGIN:
        raise VenueRefusal(-1013, "Filter failure: NOTIONAL")
    least = plain(instrument.min_notional)
    raise VenueRefusal(
        -5029 if modifying else -4164,
        f"Order's notional must be no smaller than {least} (unless you choose reduce only).",
    )
