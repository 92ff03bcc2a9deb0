"""Futures positions: entry price, realised and unrealised profit, for linear and inverse contracts."""

from decimal import Decimal

import msgspec

from fixgate.simulator.instruments import SimulatedInstrument
from fixgate.simulator.orders import ZERO, Leg

_EIGHT = Decimal("0.00000001")


class Position(msgspec.Struct, kw_only=True):
    """A signed position (contracts on CM). `cost` is its exact value at entry: quote asset on UM,
    base coin on CM; always of the same sign as `quantity`."""

    leg: Leg
    symbol: str
    side: str = "BOTH"
    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    realized: Decimal = ZERO
    updated_ms: int = 0

    def entry_price(self, instrument: SimulatedInstrument) -> Decimal:
        """Return the average entry price, 0 when flat."""
        if not self.quantity:
            return ZERO
        if self.leg is Leg.CM:
            return (self.quantity * instrument.contract_size / self.cost).quantize(_EIGHT)
        return (self.cost / self.quantity).quantize(_EIGHT)

    def closable(self, side: str) -> Decimal:
        """Return how much an order of `side` (BUY or SELL) can reduce this position."""
        closes = self.quantity > 0 if side == "SELL" else self.quantity < 0
        return abs(self.quantity) if closes else ZERO

    def apply_fill(
        self, instrument: SimulatedInstrument, side: str, price: Decimal, quantity: Decimal
    ) -> Decimal:
        """Book a fill and return its realised profit (quote asset on UM, base coin on CM).

        A fill larger than an opposite position closes it and opens the rest the other way.
        """
        closing = min(quantity, self.closable(side))
        profit = self._close(instrument, closing, price) if closing else ZERO
        opening = quantity - closing
        if opening:
            sign = 1 if side == "BUY" else -1
            self.quantity += sign * opening
            self.cost += sign * _value(instrument, opening, price)
        self.realized += profit
        return profit

    def _close(self, instrument: SimulatedInstrument, quantity: Decimal, price: Decimal) -> Decimal:
        share = self.cost * quantity / abs(self.quantity)
        sign = 1 if self.quantity > 0 else -1
        proceeds = sign * _value(instrument, quantity, price)
        self.quantity -= sign * quantity
        self.cost = self.cost - share if self.quantity else ZERO
        profit = share - proceeds if self.leg is Leg.CM else proceeds - share
        return profit.quantize(_EIGHT)

    def unrealized(self, instrument: SimulatedInstrument, mark: Decimal) -> Decimal:
        """Return the profit of closing at `mark` (quote asset on UM, base coin on CM)."""
        if not self.quantity:
            return ZERO
        value = _value(instrument, self.quantity, mark)
        profit = self.cost - value if self.leg is Leg.CM else value - self.cost
        return profit.quantize(_EIGHT)

    def notional(self, instrument: SimulatedInstrument, mark: Decimal) -> Decimal:
        """Return the signed value at `mark` (quote asset on UM, base coin on CM)."""
        return _value(instrument, self.quantity, mark) if self.quantity else ZERO


def _value(instrument: SimulatedInstrument, quantity: Decimal, price: Decimal) -> Decimal:
    if instrument.leg is Leg.CM:
        return quantity * instrument.contract_size / price
    return quantity * price
