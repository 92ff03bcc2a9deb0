"""Unified symbols and the venue's: one rule for each product. Pure.

| unified | product | venue |
|---|---|---|
| `BTC/USDT` | SPOT | `BTCUSDT` |
| `BTC/USDT:USDT` | FUTURE | `BTCUSDT` |
| `BTC/USDT:USDT-260327` | FUTURE | `BTCUSDT_260327` |
| `BTC/USD:BTC` | DELIVERY | `BTCUSD_PERP` |
| `BTC/USD:BTC-260327` | DELIVERY | `BTCUSD_260327` |

Which product a derivative is follows from the asset that it settles in: the quote, or the base where it is
inverse. Whether a venue symbol exists is for the instrument lists to say.
"""

import re
from typing import NamedTuple

from fixgate.model.enums import InstrumentType, ProductType
from fixgate.model.execution import Listing, MarketType
from fixgate.model.instrument import Instrument

_UNIFIED = re.compile(
    r"(?P<base>[^\s/:-]+)/(?P<quote>[^\s/:-]+)(:(?P<settle>[^\s/:-]+)(-(?P<expiry>[0-9]{6}))?)?"
)
_DATED = re.compile(r".+_(?P<expiry>[0-9]{6})")


class Named(NamedTuple):
    """What a unified symbol stands for: where its instrument would be listed, and by which assets."""

    product: ProductType
    venue_symbol: str
    market_type: MarketType
    base: str
    quote: str


def named(unified: str) -> Named | None:
    """Return what `unified` stands for, `None` if it is no unified symbol of a kind that is traded here."""
    match = _UNIFIED.fullmatch(unified)
    if match is None:
        return None
    base, quote, settle, expiry = match["base"], match["quote"], match["settle"], match["expiry"]
    if settle is None:
        return Named(ProductType.SPOT, base + quote, MarketType.SPOT, base, quote)
    kind = MarketType.FUTURE if expiry else MarketType.SWAP
    if settle == quote:
        return Named(ProductType.FUTURE, base + quote + (f"_{expiry}" if expiry else ""), kind, base, quote)
    if settle == base:
        return Named(ProductType.DELIVERY, f"{base}{quote}_{expiry or 'PERP'}", kind, base, quote)
    return None


def unified_symbol(instrument: Instrument) -> str:
    """Return the unified symbol of a listed instrument; of one that is not (`unlisted`), the venue's own."""
    base, quote = instrument.base, instrument.currency
    if not base:
        return instrument.symbol
    if instrument.product_type is ProductType.SPOT:
        return f"{base}/{quote}"
    settle = base if instrument.product_type is ProductType.DELIVERY else quote
    dated = _DATED.fullmatch(instrument.symbol)
    return f"{base}/{quote}:{settle}" + (f"-{dated['expiry']}" if dated is not None else "")


def unlisted(product: ProductType, symbol: str) -> Instrument:
    """Return a stand-in for a symbol that no list holds any more: what is held of it must still be told."""
    kind = InstrumentType.FX if product is ProductType.SPOT else InstrumentType.FUTURE
    return Instrument(symbol=symbol, instrument_type=kind, product_type=product, base="", currency="")


def market_type_of(instrument: Instrument) -> MarketType:
    """Return an instrument's market type: a contract with a date is a FUTURE."""
    if instrument.product_type is ProductType.SPOT:
        return MarketType.SPOT
    return MarketType.FUTURE if _DATED.fullmatch(instrument.symbol) else MarketType.SWAP


def listing_of(instrument: Instrument) -> Listing:
    """Return an instrument as the Execution API lists it."""
    inverse = instrument.product_type is ProductType.DELIVERY
    return Listing(
        unified=unified_symbol(instrument),
        symbol=instrument.symbol,
        market_type=market_type_of(instrument),
        instrument_type=instrument.instrument_type,
        product_type=instrument.product_type,
        base=instrument.base,
        quote=instrument.currency,
        inverse=inverse,
        contract_size=instrument.contract_size,
    )
