"""The instruments of the simulated venue and the filters each is held to.

Filter values look like the exchange's (BTCUSDT futures: tick 0.10, step 0.001, minimum notional 50)
but are a snapshot for simulation, not reference data to trade on.
"""

from decimal import Decimal

import msgspec

from fixgate.simulator.orders import Leg

PERPETUAL_DELIVERY_MS = 4_133_404_800_000
DELIVERY_261225_MS = 1_798_185_600_000
ONBOARD_MS = 1_569_398_400_000


class SimulatedInstrument(msgspec.Struct, frozen=True, kw_only=True):
    """One symbol of one leg. A bound of 0 is not enforced.

    `contract_size` is USD per contract on CM and 1 elsewhere. `price_up`/`price_down` are the
    PERCENT_PRICE multipliers around the reference price (the bid/ask multipliers on MARGIN).
    """

    leg: Leg
    symbol: str
    pair: str
    base: str
    quote: str
    margin_asset: str
    tick_size: Decimal
    min_price: Decimal
    max_price: Decimal
    lot_size: Decimal
    min_quantity: Decimal
    max_quantity: Decimal
    market_max_quantity: Decimal
    min_notional: Decimal
    price_up: Decimal
    price_down: Decimal
    reference_price: Decimal
    contract_type: str = "PERPETUAL"
    delivery_ms: int = PERPETUAL_DELIVERY_MS
    contract_size: Decimal = Decimal(1)
    max_open_orders: int = 200

    def scaled_price(self, price: Decimal) -> str:
        """Return `price` as the venue prints it: the tick's scale, 8 decimals on MARGIN, `0` for none."""
        if self.leg is Leg.MARGIN:
            return f"{price:.8f}"
        return f"{price.quantize(self.tick_size):f}" if price else "0"

    def scaled_quantity(self, quantity: Decimal) -> str:
        """Return `quantity` as the venue prints it: the step's scale, 8 decimals on MARGIN."""
        if self.leg is Leg.MARGIN:
            return f"{quantity:.8f}"
        return f"{quantity.quantize(self.lot_size):f}" if quantity else "0"

    def amount(self, price: Decimal, quantity: Decimal) -> Decimal:
        """Return the value of `quantity` at `price`: quote asset, or base coin on CM."""
        if self.leg is Leg.CM:
            return quantity * self.contract_size / price
        return price * quantity


def _um(symbol: str, base: str, quote: str, price: str, filters: str, **extra: object) -> SimulatedInstrument:
    tick, low, high, step, most, market_most, notional, band = map(Decimal, filters.split())
    fields: dict[str, object] = {
        "leg": Leg.UM,
        "symbol": symbol,
        "pair": base + quote,
        "base": base,
        "quote": quote,
        "margin_asset": quote,
        "tick_size": tick,
        "min_price": low,
        "max_price": high,
        "lot_size": step,
        "min_quantity": step,
        "max_quantity": most,
        "market_max_quantity": market_most,
        "min_notional": notional,
        "price_up": 1 + band,
        "price_down": 1 - band,
        "reference_price": Decimal(price),
        **extra,
    }
    return msgspec.convert(fields, SimulatedInstrument)


def _cm(symbol: str, base: str, price: str, filters: str, **extra: object) -> SimulatedInstrument:
    tick, low, high, most, market_most, size = map(Decimal, filters.split())
    fields: dict[str, object] = {
        "leg": Leg.CM,
        "symbol": symbol,
        "pair": base + "USD",
        "base": base,
        "quote": "USD",
        "margin_asset": base,
        "tick_size": tick,
        "min_price": low,
        "max_price": high,
        "lot_size": Decimal(1),
        "min_quantity": Decimal(1),
        "max_quantity": most,
        "market_max_quantity": market_most,
        "min_notional": Decimal(0),
        "price_up": Decimal("1.05"),
        "price_down": Decimal("0.95"),
        "reference_price": Decimal(price),
        "contract_size": size,
        **extra,
    }
    return msgspec.convert(fields, SimulatedInstrument)


def _margin(symbol: str, base: str, quote: str, price: str, filters: str) -> SimulatedInstrument:
    tick, high, step, most, market_most, notional = map(Decimal, filters.split())
    return SimulatedInstrument(
        leg=Leg.MARGIN,
        symbol=symbol,
        pair=symbol,
        base=base,
        quote=quote,
        margin_asset=quote,
        tick_size=tick,
        min_price=tick,
        max_price=high,
        lot_size=step,
        min_quantity=step,
        max_quantity=most,
        market_max_quantity=market_most,
        min_notional=notional,
        price_up=Decimal(5),
        price_down=Decimal("0.2"),
        reference_price=Decimal(price),
        contract_type="",
    )


_QUARTER = {"contract_type": "CURRENT_QUARTER", "delivery_ms": DELIVERY_261225_MS}

DEFAULT_INSTRUMENTS: tuple[SimulatedInstrument, ...] = (
    _um("BTCUSDT", "BTC", "USDT", "65000.00", "0.10 261.10 809484 0.001 1000 120 50 0.05"),
    _um("ETHUSDT", "ETH", "USDT", "3300.00", "0.01 18.67 153694 0.001 10000 2000 20 0.05"),
    _um("BNBUSDT", "BNB", "USDT", "600.00", "0.010 6.600 100000 0.01 10000 2000 5 0.15"),
    _um("SOLUSDT", "SOL", "USDT", "150.00", "0.0100 0.4200 6857 0.01 1000000 8000 5 0.15"),
    _um("ETHBTC", "ETH", "BTC", "0.05077", "0.00001 0.00100 100 0.001 4000 500 0.001 0.05"),
    _um("BTCUSDC", "BTC", "USDC", "65000.00", "0.1 556.8 4529764 0.001 1000 100 50 0.05"),
    _um(
        "BTCUSDT_261225",
        "BTC",
        "USDT",
        "65420.00",
        "0.1 576.3 1000000 0.001 500 50 50 0.05",
        **_QUARTER,
    ),
    _cm("BTCUSD_PERP", "BTC", "65000.0", "0.1 1000 4520958 1000000 60000 100"),
    _cm("ETHUSD_PERP", "ETH", "3300.00", "0.01 97.00 306177 1000000 60000 10"),
    _cm("BTCUSD_261225", "BTC", "65420.0", "0.1 1000 4520958 1000000 60000 100", **_QUARTER),
    _margin("BTCUSDT", "BTC", "USDT", "65000.00", "0.01 1000000 0.00001 9000 120 5"),
    _margin("ETHUSDT", "ETH", "USDT", "3300.00", "0.01 1000000 0.0001 9000 2500 5"),
    _margin("BNBUSDT", "BNB", "USDT", "600.00", "0.01 100000 0.001 900000 6000 5"),
    _margin("SOLUSDT", "SOL", "USDT", "150.00", "0.01 10000 0.001 90000 30000 5"),
    _margin("BTCUSDC", "BTC", "USDC", "65000.00", "0.01 1000000 0.00001 9000 100 5"),
    _margin("ETHBTC", "ETH", "BTC", "0.05077", "0.00001 922327 0.0001 100000 1500 0.0001"),
)
"""Every instrument the venue lists. `BTCUSDT` is on two legs, as at the exchange."""
