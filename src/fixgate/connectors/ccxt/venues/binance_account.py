"""Binance's account side: leverage, margin mode, positions, funding and realized profits.

USDⓈ-M and COIN-M are two services with a list each. Without a symbol, funding and realized profits are those
of USDⓈ-M; COIN-M's are told by symbol. ccxt's own `fetch_leverage` asks USDⓈ-M about COIN-M symbols, and its
positions lack the leverage without `useV2`.

Source: "Account" and "Trade" of the USDⓈ-M and COIN-M futures documentation.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from fixgate.connectors.ccxt.translator import Call, Market
from fixgate.connectors.ccxt.venues.unified import UnifiedVenue, unsupported, whole
from fixgate.model.execution import LeverageState, MarginMode, MarketType

MOST_INCOME = 1000
"""The longest list of income that one answer has."""

MARGIN_MODES = {
    "CROSSED": MarginMode.CROSS,
    "cross": MarginMode.CROSS,
    "ISOLATED": MarginMode.ISOLATED,
    "isolated": MarginMode.ISOLATED,
}
"""The words for it: of the symbol configuration, and of COIN-M's positions."""


class BinanceAccount(UnifiedVenue):
    """What `Binance` can tell and set beyond orders."""

    def leverage(self, market: Market) -> Call:
        if market.inverse:
            return Call("dapiPrivateGetPositionRisk", ({"pair": market.info["pair"]},))
        return Call("fapiPrivateGetSymbolConfig", ({"symbol": market.venue_id},))

    def read_leverage(self, market: Market, answer: Any) -> LeverageState:
        """Read the symbol's configuration; on COIN-M its positions, of which every symbol has one, open or
        not."""
        for row in answer:
            if row["symbol"] == market.venue_id:
                return LeverageState(
                    symbol=market.symbol,
                    leverage=Decimal(str(row["leverage"])),
                    margin_mode=MARGIN_MODES.get(row["marginType"]),
                )
        return LeverageState(symbol=market.symbol, leverage=None, margin_mode=None)

    def set_leverage(self, market: Market, leverage: Decimal) -> Call:
        number = whole(leverage)
        if number > 125:
            raise unsupported(f"leverage {number} is above 125, the highest that {self.title} has")
        return Call("set_leverage", (number, market.symbol))

    def positions(self, market_type: MarketType, symbol: str | None) -> Sequence[Call]:
        symbols = [symbol] if symbol else None
        return [
            Call("fetch_positions", (symbols, {"subType": "linear", "useV2": True})),
            Call("fetch_positions", (symbols, {"subType": "inverse"})),
        ]

    def funding(self, market: Market | None, since_ms: int | None, limit: int | None) -> Call:
        if market is not None and market.market_type is not MarketType.SWAP:
            raise unsupported(f"{market.symbol} is no perpetual: it has no funding")
        return self._income("FUNDING_FEE", market, since_ms, limit)

    def realized(self, market: Market | None, since_ms: int | None, limit: int | None) -> Call:
        return self._income("REALIZED_PNL", market, since_ms, limit)

    def _income(self, kind: str, market: Market | None, since_ms: int | None, limit: int | None) -> Call:
        """ccxt's funding history asks for any kind of income, and reads symbols; for dated futures it refuses
        a symbol as its own argument."""
        inverse = market is not None and market.inverse
        params = {"incomeType": kind, "subType": "inverse" if inverse else "linear"}
        if market is not None:
            params["symbol"] = market.venue_id
        most = None if limit is None else min(limit, MOST_INCOME)
        return Call("fetch_funding_history", (None, since_ms, most, params))
