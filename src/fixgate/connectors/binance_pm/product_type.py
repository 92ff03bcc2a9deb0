"""Which of the three products an instrument is: the connector specification's table, row by row.

A valid value in the security metadata wins. Otherwise the instrument type decides FX (SPOT), and the
two currency lists decide between FUTURE (USDⓈ-M) and DELIVERY (COIN-M).
"""

import logging
from collections.abc import Collection

from fixgate.model.enums import InstrumentType, OrdRejReason, ProductType
from fixgate.model.refusal import Refused

log = logging.getLogger(__name__)


def resolve_product_type(
    *,
    symbol: str,
    instrument_type: InstrumentType,
    currency: str,
    future_currencies: Collection[str],
    delivery_currencies: Collection[str],
    metadata_value: str = "",
) -> ProductType:
    """Return the product type of an instrument whose instrument currency is `currency`.

    An empty list is "not defined". Raises `Refused` for the table's last row: an instrument whose
    currency is in neither of two defined lists is not supported.
    """
    given = _given(symbol, metadata_value)
    if given is not None:
        return given
    if instrument_type is InstrumentType.FX:
        return ProductType.SPOT
    if not future_currencies:
        return ProductType.DELIVERY if currency in delivery_currencies else ProductType.FUTURE
    if not delivery_currencies:
        return ProductType.FUTURE if currency in future_currencies else ProductType.DELIVERY
    if currency in future_currencies:
        return ProductType.FUTURE
    if currency in delivery_currencies:
        return ProductType.DELIVERY
    raise Refused(
        OrdRejReason.UNKNOWN_SYMBOL,
        f"unsupported instrument: {symbol} has currency {currency!r}, which is neither in "
        f"futureInstrumentCurrencies ({', '.join(future_currencies)}) nor in "
        f"deliveryInstrumentCurrencies ({', '.join(delivery_currencies)})",
    )


def _given(symbol: str, value: str) -> ProductType | None:
    if not value:
        return None
    try:
        return ProductType(value)
    except ValueError:
        log.warning(
            "security metadata of %s: product type %r is ignored; it can be SPOT, FUTURE or DELIVERY",
            symbol,
            value,
        )
        return None
