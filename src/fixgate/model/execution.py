"""What the Execution API speaks of: market types, what venues tell when asked, and errors by the API's codes.

Symbols are unified: `BTC/USDT` spot, `BTC/USDT:USDT` swap, `BTC/USD:BTC` inverse swap, `BTC/USDT:USDT-260327`
dated. Times are the venue's, in milliseconds since the epoch. `None` is what a venue did not say.
Source: the Execution API's and the Perps DMA API's documents.
"""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec

from fixgate.model.enums import InstrumentType, OrderType, ProductType, Side


class MarketType(StrEnum):
    SPOT = "spot"
    SWAP = "swap"
    FUTURE = "future"

    @property
    def is_perp(self) -> bool:
        """True for what the API's tables call Perp: swaps and dated futures."""
        return self is not MarketType.SPOT


class MarginMode(StrEnum):
    CROSS = "cross"
    ISOLATED = "isolated"


class OrderState(StrEnum):
    """An order's state in the API's words."""

    PENDING = "pending"
    """Sent, and not yet known to be taken or refused."""
    OPEN = "open"
    CLOSED = "closed"
    """Filled."""
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"


class ErrorCode(StrEnum):
    """The API's error codes, each with the HTTP status of `status`."""

    DAILY_LIMIT_EXCEEDED = "DAILY_LIMIT_EXCEEDED"
    DEV_MODE_LIMIT_EXCEEDED = "DEV_MODE_LIMIT_EXCEEDED"
    INSUFFICIENT_BALANCE = "INSUFFICIENT_BALANCE"
    INSUFFICIENT_MARGIN = "INSUFFICIENT_MARGIN"
    EXCHANGE_ERROR = "EXCHANGE_ERROR"
    NETWORK_ERROR = "NETWORK_ERROR"
    ORDER_NOT_FOUND = "ORDER_NOT_FOUND"
    # Beyond the documents' table, for what it leaves open.
    INVALID_REQUEST = "INVALID_REQUEST"
    """Refused by the gateway before a venue saw it: a wrong value, a symbol or combination that is not
    offered."""
    ACCOUNT_NOT_FOUND = "ACCOUNT_NOT_FOUND"
    CONFLICT = "CONFLICT"
    """A client order id or Idempotency-Key that was used for another order."""
    NOT_READY = "NOT_READY"
    """The account or the gateway takes no orders now; nothing was sent."""

    @property
    def status(self) -> int:
        """The HTTP status that goes with it."""
        return _STATUS.get(self, 400)


_STATUS = {
    ErrorCode.EXCHANGE_ERROR: 500,
    ErrorCode.NETWORK_ERROR: 500,
    ErrorCode.ORDER_NOT_FOUND: 404,
    ErrorCode.ACCOUNT_NOT_FOUND: 404,
    ErrorCode.CONFLICT: 409,
    ErrorCode.NOT_READY: 503,
}


class ExecutionError(Exception):
    """A definite no, or a question that no answer could be had to. Never an order whose outcome is unknown.

    `text` is for the trader; `data` goes into the answer beside `error`.
    """

    def __init__(self, code: ErrorCode, text: str, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.data = data or {}


class Listing(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A unified symbol as a connector trades it.

    `symbol` is what the connector's orders carry. `contract_size` is what one contract is worth: in `quote`
    where `inverse`, whose orders the engine counts in contracts (DELIVERY); all others it counts in base
    asset.
    """

    unified: str
    symbol: str
    market_type: MarketType
    instrument_type: InstrumentType
    product_type: ProductType
    base: str
    quote: str
    inverse: bool = False
    contract_size: Decimal = Decimal(1)


class Fee(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    cost: Decimal
    currency: str


class VenueOrder(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One order as its venue tells it. `amount`, `filled` and `remaining` in base asset, `cost` in quote."""

    order_id: str
    client_order_id: str = ""
    symbol: str
    status: OrderState
    order_type: OrderType | None
    side: Side
    price: Decimal | None = None
    stop_price: Decimal | None = None
    amount: Decimal
    filled: Decimal = Decimal(0)
    remaining: Decimal
    average: Decimal | None = None
    cost: Decimal = Decimal(0)
    fee: Fee | None = None
    at_ms: int = 0


class AssetBalance(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    asset: str
    free: Decimal
    used: Decimal
    total: Decimal


class OpenPosition(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One open position. `contracts` is above zero, of `contract_size` each; `side` is long or short.
    `percentage` is the unrealized profit in percent of the collateral; amounts are in the settling asset."""

    symbol: str
    side: str
    contracts: Decimal
    contract_size: Decimal = Decimal(1)
    entry_price: Decimal | None = None
    mark_price: Decimal | None = None
    notional: Decimal | None = None
    leverage: Decimal | None = None
    unrealized_pnl: Decimal | None = None
    percentage: Decimal | None = None
    margin_mode: MarginMode | None = None
    liquidation_price: Decimal | None = None
    collateral: Decimal | None = None
    at_ms: int = 0


class LeverageState(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Leverage and margin mode of a symbol; the last four are of its open position, if there is one.
    `position_size` is in base asset."""

    symbol: str
    leverage: Decimal | None
    margin_mode: MarginMode | None
    position_side: str | None = None
    position_size: Decimal = Decimal(0)
    notional: Decimal = Decimal(0)
    unrealized_pnl: Decimal = Decimal(0)


class LedgerEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A funding payment or a realized profit: `amount` of asset `code`, below zero when it was paid or lost.
    `info` is the venue's own record, numbers as text."""

    id: str
    symbol: str
    amount: Decimal
    code: str
    at_ms: int
    info: Mapping[str, Any]
