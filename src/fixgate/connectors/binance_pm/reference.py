"""Reference data: the instruments of the three products, from the public hosts' exchangeInfo.

Portfolio Margin has no exchangeInfo of its own. Filters follow each host's own rules: tick and step
are what decides, never the precision fields.
"""

import logging
from collections.abc import Iterable, Mapping
from decimal import Decimal

import msgspec

from fixgate.model.decimals import parse_decimal, plain
from fixgate.model.enums import InstrumentType, ProductType
from fixgate.model.instrument import Instrument

log = logging.getLogger(__name__)

PATH_OF = {
    ProductType.SPOT: "/api/v3/exchangeInfo",
    ProductType.FUTURE: "/fapi/v1/exchangeInfo",
    ProductType.DELIVERY: "/dapi/v1/exchangeInfo",
}

PRODUCTS_OF = {
    InstrumentType.FX: (ProductType.SPOT,),
    InstrumentType.FUTURE: (ProductType.FUTURE, ProductType.DELIVERY),
}
"""The products that an instrument of a type can be, as far as the lists go."""

ZERO = Decimal(0)


class _Filter(msgspec.Struct, rename="camel"):
    filter_type: str
    tick_size: str = "0"
    min_price: str = "0"
    max_price: str = "0"
    step_size: str = "0"
    min_qty: str = "0"
    max_qty: str = "0"
    notional: str = "0"
    min_notional: str = "0"
    max_notional: str = "0"
    limit: int = 0
    max_num_orders: int = 0


class _Symbol(msgspec.Struct, rename="camel"):
    symbol: str
    base_asset: str
    quote_asset: str
    status: str = ""
    contract_status: str = ""
    contract_size: Decimal = Decimal(1)
    filters: list[_Filter] = []


class _ExchangeInfo(msgspec.Struct):
    symbols: list[msgspec.Raw]


_list_decoder = msgspec.json.Decoder(_ExchangeInfo)
_symbol_decoder = msgspec.json.Decoder(_Symbol)
_NO_FILTER = _Filter(filter_type="")


class ReferenceError(Exception):
    """A host's exchangeInfo could not be understood."""


def read_exchange_info(product: ProductType, body: bytes) -> list[Instrument]:
    """Return the instruments of one host's exchangeInfo.

    A symbol that cannot be read is left out, with a warning. Raises `ReferenceError` for an answer that is
    no list of symbols, or in which none can be read.
    """
    try:
        listed = _list_decoder.decode(body).symbols
    except (msgspec.DecodeError, RecursionError) as error:
        raise ReferenceError(f"{PATH_OF[product]} could not be read: {error}") from error
    found, unread = [], []
    for raw in listed:
        try:
            found.append(_instrument(product, _symbol_decoder.decode(raw)))
        except (msgspec.DecodeError, ValueError) as error:
            unread.append(f"{bytes(raw)[:60].decode(errors='replace')}: {error}")
    if not found:
        first = unread[0] if unread else "it lists none"
        raise ReferenceError(f"{PATH_OF[product]} holds no symbol that can be read: {first}")
    if unread:
        log.warning("%s: %d symbols left out; the first is %s", PATH_OF[product], len(unread), unread[0])
    return found


def _instrument(product: ProductType, symbol: _Symbol) -> Instrument:
    spot = product is ProductType.SPOT
    filters = {row.filter_type: row for row in symbol.filters}
    price = filters.get("PRICE_FILTER", _NO_FILTER)
    count = filters.get("MAX_NUM_ORDERS", _NO_FILTER)
    lot, market_lot = filters.get("LOT_SIZE", _NO_FILTER), filters.get("MARKET_LOT_SIZE", _NO_FILTER)
    low, high, step = (_number(text, spot) for text in (lot.min_qty, lot.max_qty, lot.step_size))
    market = (market_lot.min_qty, market_lot.max_qty, market_lot.step_size)
    market_low, market_high, market_step = (_number(text, spot) for text in market)
    least, most = _notional(filters, spot)
    return Instrument(
        symbol=symbol.symbol,
        instrument_type=InstrumentType.FX if spot else InstrumentType.FUTURE,
        product_type=product,
        base=symbol.base_asset,
        currency=symbol.quote_asset,
        tick_size=_number(price.tick_size, spot),
        min_price=_number(price.min_price, spot),
        max_price=_number(price.max_price, spot),
        lot_size=step,
        min_quantity=low,
        max_quantity=high,
        market_lot_size=market_step or step,
        market_min_quantity=max(market_low, low) if spot else market_low or low,
        market_max_quantity=_lower(market_high, high) if spot else market_high or high,
        min_notional=least,
        max_notional=most,
        max_open_orders=count.max_num_orders if spot else count.limit,
        contract_size=_number(plain(symbol.contract_size), spot) or Decimal(1),
        trading=(symbol.contract_status or symbol.status) == "TRADING",
    )


def _notional(filters: Mapping[str, _Filter], spot: bool) -> tuple[Decimal, Decimal]:
    """Return the least and the highest price times quantity. SPOT has NOTIONAL, or MIN_NOTIONAL of old."""
    old = filters.get("MIN_NOTIONAL", _NO_FILTER)
    if not spot:
        return _number(old.notional, spot), ZERO
    row = filters.get("NOTIONAL", old)
    return _number(row.min_notional, spot), _number(row.max_notional, spot)


def _number(text: str, padded: bool) -> Decimal:
    """Return a filter's number, 0 or above; `padded` ones, as SPOT's, lose the zeros that carry nothing.

    Raises `ValueError`.
    """
    if padded and "." in text:
        text = text.rstrip("0").rstrip(".")
    number = parse_decimal(text)
    if number < 0:
        raise ValueError(f"{text} is below zero")
    return number


def _lower(one: Decimal, other: Decimal) -> Decimal:
    """Return the stricter of two upper bounds, of which 0 is none."""
    return min(bound for bound in (one, other) if bound) if one or other else ZERO


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
        for product in PRODUCTS_OF[instrument_type]:
            instrument = self.get(product, symbol)
            if instrument is not None:
                return instrument.currency
        return ""

    def of(self, product: ProductType) -> list[Instrument]:
        """Return the instruments of one product."""
        return [instrument for key, instrument in self._found.items() if key[0] is product]
