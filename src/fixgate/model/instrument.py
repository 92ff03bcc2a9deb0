"""What is traded: a venue symbol, its product type and the rules the venue holds it to."""

from decimal import Decimal

import msgspec

from fixgate.model.enums import InstrumentType, ProductType


class Instrument(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One tradable instrument of one connector.

    `currency` is the instrument currency of the connector specification: the quote currency
    (USDT for BTCUSDT, USD for BTCUSD_PERP). Quantities are in base asset, except on DELIVERY,
    where they are contracts of `contract_size` quote currency each: ContractMultiplier(231). A step or
    bound of 0 means that the venue sets none. Prices count in ticks, quantities in lots, from the lower
    bound on futures and from zero on SPOT. `min_notional` and `max_notional` bound price times quantity,
    in quote currency; `max_open_orders` is how many orders of one account may be open at once.
    """

    symbol: str
    instrument_type: InstrumentType
    product_type: ProductType
    base: str
    currency: str
    tick_size: Decimal = Decimal(0)
    min_price: Decimal = Decimal(0)
    max_price: Decimal = Decimal(0)
    lot_size: Decimal = Decimal(0)
    min_quantity: Decimal = Decimal(0)
    max_quantity: Decimal = Decimal(0)
    market_lot_size: Decimal = Decimal(0)
    market_min_quantity: Decimal = Decimal(0)
    market_max_quantity: Decimal = Decimal(0)
    min_notional: Decimal = Decimal(0)
    max_notional: Decimal = Decimal(0)
    max_open_orders: int = 0
    contract_size: Decimal = Decimal(1)
    trading: bool = True
