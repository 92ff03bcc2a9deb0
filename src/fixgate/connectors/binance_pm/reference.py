"""Reference data: the instruments of the three products, from the public hosts' exchangeInfo.

Portfolio Margin has no exchangeInfo of its own. Filters follow each host's own rules: tick and step
are what decides, never the precision fields.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

import msgspec

from fixgate.model.enums import InstrumentType, ProductType
from fixgate.model.instrument import Instrument

PATH_OF = {
    ProductType.SPOT: "/api/v3/exchangeInfo",
    ProductType.FUTURE: "/fapi/v1/exchangeInfo",
    ProductType.DELIVERY: "/dapi/v1/exchangeInfo",
}

ZERO = Decimal(0)


class _Filter(msgspec.Struct, rename="camel"):
    filter_type: str
    tick_size: str = "0"
    min_price: str = "0"
    max_price: str = "0"
    step_size: str = "0"
    min_qty: str = "0"
    max_qty: str = "0"


class _Symbol(msgspec.Struct, rename="camel"):
    symbol: str
    base_asset: str
    quote_asset: str
    status: str = ""
    contract_status: str = ""
    contract_size: Decimal = Decimal(1)
    filters: list[_Filter] = []


class _ExchangeInfo(msgspec.Struct):
    symbols: list[_Symbol]


_decoder = msgspec.json.Decoder(_ExchangeInfo, strict=False)
_NO_FILTER = _Filter(filter_type="")


class ReferenceError(Exception):
    """A host's exchangeInfo could not be understood."""


def read_exchange_info(product: ProductType, body: bytes) -> list[Instrument]:
    """Return the instruments of one host's exchangeInfo. Raises `ReferenceError`."""
    try:
        listed = _decoder.decode(body).symbols
        return [_instrument(product, symbol) for symbol in listed]
    except (msgspec.DecodeError, ArithmeticError) as error:
        raise ReferenceError(f"{PATH_OF[product]} could not be read: {error}") from error


def _instrument(product: ProductType, symbol: _Symbol) -> Instrument:
    filters = {row.filter_type: row for row in symbol.filters}
    price = filters.get("PRICE_FILTER", _NO_FILTER)
    lot = filters.get("LOT_SIZE", _NO_FILTER)
    market_lot = filters.get("MARKET_LOT_SIZE", lot)
    return Instrument(
        symbol=symbol.symbol,
        instrument_type=InstrumentType.FX if product is ProductType.SPOT else InstrumentType.FUTURE,
        product_type=product,
        base=symbol.base_asset,
        currency=symbol.quote_asset,
        tick_size=Decimal(price.tick_size),
        min_price=Decimal(price.min_price),
        max_price=Decimal(price.max_price),
        lot_size=Decimal(lot.step_size),
        min_quantity=Decimal(lot.min_qty),
        max_quantity=Decimal(lot.max_qty),
        market_lot_size=Decimal(market_lot.step_size) or Decimal(lot.step_size),
        market_min_quantity=Decimal(market_lot.min_qty) or Decimal(lot.min_qty),
        market_max_quantity=Decimal(market_lot.max_qty),
        contract_size=symbol.contract_size,
        trading=(symbol.contract_status or symbol.status) == "TRADING",
    )


class Reference:
    """The instruments known now. Touched by the event loop only."""

    def __init__(self) -> None:
        self._found: dict[tuple[ProductType, str], Instrument] = {}

    def replace(self, product: ProductType, instruments: Iterable[Instrument]) -> None:
        """Take a host's latest list as the whole of its product."""
        kept = {key: value for key, value in self._found.items() if key[0] is not product}
        self._found = kept | {(product, instrument.symbol): instrument for instrument in instruments}

    def get(self, product: ProductType, symbol: str) -> Instrument | None:
        return self._found.get((product, symbol))

    def currency(self, symbol: str, instrument_type: InstrumentType) -> str:
        """Return the instrument currency of a listed symbol, empty when no host of that type lists it."""
        products = (
            (ProductType.SPOT,)
            if instrument_type is InstrumentType.FX
            else (ProductType.FUTURE, ProductType.DELIVERY)
        )
        for product in products:
            instrument = self.get(product, symbol)
            if instrument is not None:
                return instrument.currency
        return ""

    def counts(self) -> Mapping[ProductType, int]:
        """Return how many instruments each product has."""
        return {product: sum(1 for key in self._found if key[0] is product) for product in ProductType}
