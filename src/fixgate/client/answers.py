"""What the API answers, as typed values. Field names are the documents'; `None` is what was not said."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from fixgate.model.enums import OrderType, Side, TimeInForce
from fixgate.model.execution import MarginMode, OrderState


class PlacedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order, or a cancel, as far as it came while the call waited. `quantity` is in base asset,
    `execution_time` in seconds."""

    order_id: str
    exchange: str
    market: str
    order_type: OrderType
    order_side: Side
    order_status: OrderState
    quantity: Decimal
    quantity_filled: Decimal
    avg_fill_price: Decimal | None
    order_fee: Decimal | None
    fee_currency: str | None
    execution_time: Decimal
    execution_date: str | None
    client_order_id: str = ""

    @property
    def is_pending(self) -> bool:
        """True while the outcome is not known: ask for the order by `order_id`."""
        return self.order_status is OrderState.PENDING


class Fee(msgspec.Struct, frozen=True, kw_only=True):
    cost: Decimal
    currency: str


class OrderStatus(msgspec.Struct, frozen=True, kw_only=True):
    """An order as its exchange tells it. `timestamp` in milliseconds since the epoch."""

    order_id: str
    symbol: str
    status: OrderState
    type: OrderType | None
    side: Side
    price: Decimal | None
    amount: Decimal
    filled: Decimal
    remaining: Decimal
    average: Decimal | None
    cost: Decimal
    fee: Fee | None
    timestamp: int | None
    datetime: str | None
    stop_price: Decimal | None = None
    client_order_id: str = ""


class OpenOrders(msgspec.Struct, frozen=True, kw_only=True):
    exchange: str
    exchange_account_id: str
    orders: list[OrderStatus]
    count: int


class SideCapabilities(msgspec.Struct, frozen=True, kw_only=True):
    order_types: list[OrderType]
    time_in_force: list[TimeInForce]
    features: list[str]


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What an exchange supports; `spot` is `None` where it trades perps only."""

    exchange: str
    supports_spot: bool
    supports_perp: bool
    spot: SideCapabilities | None
    perp: SideCapabilities | None
    notes: dict[str, str]


class AllCapabilities(msgspec.Struct, frozen=True, kw_only=True):
    exchanges: dict[str, Capabilities]


class Validation(msgspec.Struct, frozen=True, kw_only=True):
    """Whether an exchange would take an order; `error` says why not."""

    valid: bool
    error: str | None
    warnings: list[str]


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """Amounts by asset; an asset stands in each part of which there is something."""

    exchange: str
    exchange_account_id: str
    free: dict[str, Decimal]
    used: dict[str, Decimal]
    total: dict[str, Decimal]


class DailyLimit(msgspec.Struct, frozen=True, kw_only=True):
    """One account's use of its daily limit; the three `None`s are of an account without one."""

    date: str
    exchange_account_id: str
    limit_usd: Decimal | None
    used_usd: Decimal
    remaining_usd: Decimal | None
    pct_used: Decimal | None
    order_count: int


class LeverageSet(msgspec.Struct, frozen=True, kw_only=True):
    """`result` is the exchange's own answer."""

    exchange: str
    exchange_account_id: str
    symbol: str
    leverage: Decimal
    result: Mapping[str, Any]


class Leverage(msgspec.Struct, frozen=True, kw_only=True):
    exchange: str
    exchange_account_id: str
    symbol: str
    leverage: Decimal | None
    margin_mode: MarginMode | None
    position_side: str | None
    position_size: Decimal
    notional: Decimal
    unrealized_pnl: Decimal


class MarginModeSet(msgspec.Struct, frozen=True, kw_only=True):
    exchange: str
    exchange_account_id: str
    symbol: str
    margin_mode: MarginMode
    result: Mapping[str, Any]


class Position(msgspec.Struct, frozen=True, kw_only=True):
    symbol: str
    side: str
    contracts: Decimal
    contract_size: Decimal
    entry_price: Decimal | None
    mark_price: Decimal | None
    notional: Decimal | None
    leverage: Decimal | None
    unrealized_pnl: Decimal | None
    percentage: Decimal | None
    margin_mode: MarginMode | None
    liquidation_price: Decimal | None
    collateral: Decimal | None
    timestamp: int | None
    datetime: str | None
    exchange: str
    exchange_account_id: str


class Positions(msgspec.Struct, frozen=True, kw_only=True):
    positions: list[Position]
    count: int


class LedgerEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A funding payment or a realized profit; `info` is the exchange's own record."""

    id: str
    symbol: str
    amount: Decimal
    code: str
    timestamp: int | None
    datetime: str | None
    info: Mapping[str, Any]


class FundingHistory(msgspec.Struct, frozen=True, kw_only=True):
    exchange: str
    exchange_account_id: str
    symbol: str | None
    payments: list[LedgerEntry]
    count: int


class RealizedPnl(msgspec.Struct, frozen=True, kw_only=True):
    exchange: str
    exchange_account_id: str
    symbol: str | None
    entries: list[LedgerEntry]
    count: int


class CrossMargin(msgspec.Struct, frozen=True, kw_only=True):
    total: Decimal | None
    free: Decimal | None
    locked: Decimal | None
    borrowed: Decimal | None
    interest: Decimal | None


class FuturesWallet(msgspec.Struct, frozen=True, kw_only=True):
    wallet: Decimal | None
    unrealized_pnl: Decimal | None


class PortfolioAsset(msgspec.Struct, frozen=True, kw_only=True):
    cross_margin: CrossMargin
    um_futures: FuturesWallet
    cm_futures: FuturesWallet
    total_wallet_balance: Decimal | None
    negative_balance: Decimal | None


class PortfolioBalance(msgspec.Struct, frozen=True, kw_only=True):
    exchange: str
    exchange_account_id: str
    assets: dict[str, PortfolioAsset]


class PortfolioAccount(msgspec.Struct, frozen=True, kw_only=True):
    """The exchange's own records, numbers as text."""

    exchange: str
    exchange_account_id: str
    papi_balance: list[Mapping[str, Any]]
    papi_um_account: Mapping[str, Any]


class Collected(msgspec.Struct, frozen=True, kw_only=True):
    """`asset` is empty where all were collected."""

    success: bool
    exchange: str
    exchange_account_id: str
    response: Mapping[str, Any]
    asset: str = ""
