"""What a connector can tell and set beyond orders, for the Execution API.

A connector that offers it is a `MarketAccess` as well as a `Connector`; one that is not still trades over
both doors, by its own symbols. Every call names an account by its configured name and a symbol in unified
form. All coroutines raise `fixgate.model.execution.ExecutionError`; they read or set at the venue at once,
apart from the order path, and keep to the venue's limits.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol, runtime_checkable

from fixgate.model.execution import (
    AssetBalance,
    LedgerEntry,
    LeverageState,
    Listing,
    MarginMode,
    MarketType,
    OpenPosition,
    VenueOrder,
)
from fixgate.model.venue import SubmitOrder


@runtime_checkable
class MarketAccess(Protocol):
    """Event loop only."""

    exchange: str
    """The exchange's name in the API: binance, bybit, gateio, kraken, hyperliquid or okx."""

    portfolio_margin: bool
    """True for Binance Portfolio Margin, which is also a `PortfolioMargin`."""

    def listing(self, account: str, symbol: str, market_type: MarketType) -> Listing:
        """Return what a unified symbol is here. Raises `ExecutionError` INVALID_REQUEST for a symbol that is
        not listed or is of another market type, NOT_READY while the lists are not known."""

    def unified(self, request: SubmitOrder) -> str:
        """Return the unified symbol of an order that this connector planned; its own where it knows no
        better."""

    def last_price(self, account: str, symbol: str) -> Decimal | None:
        """Return the last price of a unified symbol as known now, not older than a minute; else `None`."""

    async def fresh_price(self, account: str, symbol: str) -> Decimal:
        """Return the last price of a unified symbol, asked for if need be; `last_price` knows it from then
        on."""

    async def order(
        self, account: str, order_id: str, symbol: str | None, market_type: MarketType
    ) -> VenueOrder:
        """Return an order by the venue's id. ORDER_NOT_FOUND if there is none."""

    async def cancel(self, account: str, order_id: str, symbol: str | None, market_type: MarketType) -> None:
        """Cancel an order that this gateway did not send, by the venue's id. ORDER_NOT_FOUND if there is
        none."""

    async def open_orders(
        self, account: str, symbol: str | None, market_type: MarketType
    ) -> Sequence[VenueOrder]:
        """Return every open order, conditional ones included."""

    async def balances(self, account: str, market_type: MarketType) -> Sequence[AssetBalance]:
        """Return the assets of which there is something."""

    async def positions(
        self, account: str, symbol: str | None, market_type: MarketType
    ) -> Sequence[OpenPosition]:
        """Return open positions."""

    async def leverage(self, account: str, symbol: str, market_type: MarketType) -> LeverageState:
        """Return a symbol's leverage and margin mode, and its position."""

    async def set_leverage(
        self, account: str, symbol: str, leverage: Decimal, market_type: MarketType
    ) -> Mapping[str, Any]:
        """Set a symbol's leverage; return the venue's own answer. Setting what is set already is a
        success."""

    async def set_margin_mode(
        self, account: str, symbol: str, mode: MarginMode, market_type: MarketType
    ) -> Mapping[str, Any]:
        """Set a symbol's margin mode; return the venue's own answer. Setting what is set already is a
        success."""

    async def funding_history(
        self,
        account: str,
        symbol: str | None,
        since_ms: int | None,
        limit: int | None,
        market_type: MarketType,
    ) -> Sequence[LedgerEntry]:
        """Return funding payments, oldest first."""

    async def realized_pnl(
        self,
        account: str,
        symbol: str | None,
        since_ms: int | None,
        limit: int | None,
        market_type: MarketType,
    ) -> Sequence[LedgerEntry]:
        """Return realized profits and losses, oldest first."""


@runtime_checkable
class PriceKeeper(Protocol):
    """A `MarketAccess` that can have every last price at hand, so that the first order in a symbol can be
    valued without a question."""

    def keep_prices(self, account: str) -> None:
        """Let `last_price` know every symbol of an account from now on. Once is enough. Never raises."""


@runtime_checkable
class PortfolioMargin(Protocol):
    """The four portfolio margin calls of a connector whose `portfolio_margin` is true. Values are the venue's
    own records, in its field names, numbers as text."""

    async def pm_balance(self, account: str) -> Sequence[Mapping[str, Any]]:
        """Return GET /papi/v1/balance: one record for each asset."""

    async def pm_um_account(self, account: str) -> Mapping[str, Any]:
        """Return GET /papi/v1/um/account."""

    async def pm_auto_collection(self, account: str) -> Mapping[str, Any]:
        """POST /papi/v1/auto-collection."""

    async def pm_asset_collection(self, account: str, asset: str) -> Mapping[str, Any]:
        """POST /papi/v1/asset-collection."""
