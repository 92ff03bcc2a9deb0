"""A seeded synthetic market: quotes around a moving mid, and now and then someone who trades.

Resting orders near the mid fill within seconds, some partly first; orders far away rest. The same
seed and number of ticks give the same market.
"""

import random
from decimal import Decimal

from fixgate.simulator.instruments import SimulatedInstrument
from fixgate.simulator.matching import SimulatedExchange
from fixgate.simulator.orders import Leg, Order

LEVELS = 4
MAX_STEP = 4
"""Largest move of a base asset's price in one tick, in basis points of its starting price."""
MAX_DRIFT = 300
"""How far a price may wander from where it started, in basis points."""

_BASIS = Decimal("0.0001")
_LEVEL_USD = (2_000, 10_000, 50_000, 5_000_000)
"""Typical size quoted at each level, in dollars; the last keeps MARKET orders fillable."""
_LEVEL_DISTANCE = (Decimal("0.5"), Decimal("1.5"), Decimal(4), Decimal(12))
"""Distance of each level from the mid, in basis points."""


class SyntheticMarket:
    """Liquidity providers and takers for every instrument of an exchange."""

    def __init__(self, exchange: SimulatedExchange, seed: int) -> None:
        self._exchange = exchange
        self._random = random.Random(seed)
        self._start = dict(exchange.state.marks)
        self._walk: dict[str, int] = {}
        self._quotes: dict[tuple[Leg, str], list[Order]] = {}
        self.ticks = 0

    @property
    def symbols(self) -> list[tuple[Leg, str]]:
        """Return what the market quotes, in the fixed order of a tick."""
        return list(self._exchange.state.instruments)

    def tick(self) -> None:
        """Move every price and renew every quote."""
        self.move()
        for leg, symbol in self.symbols:
            self.quote(leg, symbol)

    def move(self) -> None:
        """Take one step of each base asset's random walk; all its symbols share it."""
        self.ticks += 1
        for base in sorted({i.base for i in self._exchange.state.instruments.values()}):
            step = self._random.randint(-MAX_STEP, MAX_STEP)
            place = self._walk.get(base, 0) + step
            self._walk[base] = max(-MAX_DRIFT, min(MAX_DRIFT, place))

    def mid(self, leg: Leg, symbol: str) -> Decimal:
        """Return the current mid of a symbol, a multiple of its tick."""
        instrument = self._exchange.state.instrument(leg, symbol)
        raw = self._start[leg, symbol] * (1 + self._walk.get(instrument.base, 0) * _BASIS)
        return _on_tick(instrument, raw)

    def quote(self, leg: Leg, symbol: str) -> None:
        """Replace the providers' quotes of one symbol and let a taker through now and then.

        A new quote that reaches a client's resting order trades with it, as at an exchange whose
        price has moved.
        """
        exchange = self._exchange
        for order in self._quotes.get((leg, symbol), ()):
            exchange.withdraw(order)
        instrument = exchange.state.instruments[leg, symbol]
        mid = self.mid(leg, symbol)
        quotes = self._quotes[leg, symbol] = []
        for distance, dollars in zip(_LEVEL_DISTANCE, _LEVEL_USD, strict=True):
            away = max(instrument.tick_size, mid * distance * _BASIS)
            for side, sign in (("BUY", -1), ("SELL", 1)):
                price = _on_tick(instrument, mid + sign * away)
                size = self._size(instrument, mid, dollars)
                quotes.append(exchange.external_order(leg, symbol, side, price, size))
        # After the quotes: what a new mark price triggers must find a market.
        exchange.set_reference_price(leg, symbol, mid)
        if self._random.random() < 0.3:
            side = self._random.choice(("BUY", "SELL"))
            size = self._size(instrument, mid, _LEVEL_USD[0])
            limit = mid * (Decimal("1.001") if side == "BUY" else Decimal("0.999"))
            exchange.external_order(leg, symbol, side, _on_tick(instrument, limit), size, resting=False)

    def _size(self, instrument: SimulatedInstrument, mid: Decimal, dollars: int) -> Decimal:
        """Return a random quantity worth between a quarter of `dollars` and all of it."""
        worth = Decimal(dollars * self._random.randint(25, 100)) / 100
        if instrument.leg is Leg.CM:
            quantity = worth / instrument.contract_size
        else:
            quantity = worth / (mid * (self._exchange.state.usd_price(instrument.quote) or 1))
        steps = max(1, int(quantity / instrument.lot_size))
        return steps * instrument.lot_size


def _on_tick(instrument: SimulatedInstrument, price: Decimal) -> Decimal:
    """Return `price` moved to the nearest price the instrument trades at."""
    origin = Decimal(0) if instrument.leg is Leg.MARGIN else instrument.min_price
    steps = ((price - origin) / instrument.tick_size).to_integral_value()
    return origin + steps * instrument.tick_size
