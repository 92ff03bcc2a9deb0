"""What the simulated venues list: unified symbols over the matching engine's instruments.

Every venue lists a part of the same markets. Ticks, lots and contract sizes look like the venue's own; they
are for simulation, not reference data to trade on.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

import msgspec

from fixgate.simulator.instruments import DEFAULT_INSTRUMENTS, SimulatedInstrument
from fixgate.simulator.orders import Leg

SYMBOLS: Mapping[str, tuple[Leg, str]] = {
    "BTC/USDT": (Leg.MARGIN, "BTCUSDT"),
    "ETH/USDT": (Leg.MARGIN, "ETHUSDT"),
    "SOL/USDT": (Leg.MARGIN, "SOLUSDT"),
    "ETH/BTC": (Leg.MARGIN, "ETHBTC"),
    "BTC/USDT:USDT": (Leg.UM, "BTCUSDT"),
    "ETH/USDT:USDT": (Leg.UM, "ETHUSDT"),
    "SOL/USDT:USDT": (Leg.UM, "SOLUSDT"),
    "BTC/USDC:USDC": (Leg.UM, "BTCUSDC"),
    "BTC/USD:BTC": (Leg.CM, "BTCUSD_PERP"),
    "ETH/USD:ETH": (Leg.CM, "ETHUSD_PERP"),
}
"""Unified symbol -> leg and symbol of the matching engine."""

_DOLLARS: Mapping[str, Decimal] = {
    "BTC": Decimal(98_000),
    "ETH": Decimal(3_400),
    "SOL": Decimal(180),
    "BNB": Decimal(650),
}
"""What the markets start at. The Execution API's documents trade bitcoin at this price."""


def _priced(instrument: SimulatedInstrument) -> SimulatedInstrument:
    """Return an instrument whose market starts at the price of `_DOLLARS`."""
    price = _DOLLARS[instrument.base]
    if instrument.quote in _DOLLARS:
        price = (price / _DOLLARS[instrument.quote]).quantize(instrument.tick_size)
    return msgspec.structs.replace(instrument, reference_price=price)


_BY_KEY = {(each.leg, each.symbol): _priced(each) for each in DEFAULT_INSTRUMENTS}


class VenueMarket(msgspec.Struct, frozen=True, kw_only=True):
    """One market of one venue.

    `venue_id` is the venue's own symbol. `contract_size` is how much base asset one contract is (quote
    currency where `inverse`); 1 where the venue counts base asset. `instrument` counts base asset (contracts
    on inverse).
    """

    unified: str
    venue_id: str
    instrument: SimulatedInstrument
    contract_size: Decimal = Decimal(1)

    @property
    def leg(self) -> Leg:
        return self.instrument.leg

    @property
    def inverse(self) -> bool:
        return self.instrument.leg is Leg.CM

    @property
    def is_spot(self) -> bool:
        return self.instrument.leg is Leg.MARGIN

    def contracts(self, quantity: Decimal) -> Decimal:
        """Return a quantity of the engine's in the venue's contracts."""
        return quantity if self.inverse or self.is_spot else quantity / self.contract_size

    def quantity(self, contracts: Decimal) -> Decimal:
        """Return the engine's quantity of so many contracts."""
        return contracts if self.inverse or self.is_spot else contracts * self.contract_size


def market(
    unified: str,
    venue_id: str,
    *,
    tick: str,
    lot: str,
    contract_size: str = "1",
    min_notional: str = "0",
    **changes: object,
) -> VenueMarket:
    """Return a market on the instrument that stands behind `unified`.

    `tick` is the price step; `lot` the smallest quantity and step of it, in base asset (contracts on
    inverse). Raises `KeyError` for a symbol that is not in `SYMBOLS`. `changes` go to the instrument.
    """
    step = Decimal(lot)
    base = _BY_KEY[SYMBOLS[unified]]
    size = Decimal(contract_size)
    instrument = msgspec.structs.replace(
        base,
        tick_size=Decimal(tick),
        min_price=Decimal(tick),
        lot_size=step,
        min_quantity=step,
        min_notional=Decimal(min_notional),
        contract_size=size if base.leg is Leg.CM else Decimal(1),
        **changes,
    )
    return VenueMarket(unified=unified, venue_id=venue_id, instrument=instrument, contract_size=size)


def instruments_of(markets: Iterable[VenueMarket]) -> list[SimulatedInstrument]:
    """Return the instruments of a matching engine that runs `markets`: theirs, and the dollar prices of their
    assets, which margin is reckoned in."""
    found = {(each.leg, each.instrument.symbol): each.instrument for each in markets}
    for each in list(found.values()):
        key = (Leg.MARGIN, each.base + "USDT")
        if key in _BY_KEY:
            found.setdefault(key, _BY_KEY[key])
    return list(found.values())
