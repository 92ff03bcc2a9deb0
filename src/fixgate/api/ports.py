"""What the HTTP door needs of the gateway: a desk that takes orders and answers questions."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

import msgspec

from fixgate.model.enums import OrderType, PositionSide, Side, TimeInForce
from fixgate.model.execution import (
    AssetBalance,
    LedgerEntry,
    LeverageState,
    MarginMode,
    MarketType,
    OpenPosition,
    OrderState,
    VenueOrder,
)


class Ticket(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An order as a caller asks for it. `quantity` is in base asset, `trailing_delta` in percent.

    `source` is whose order it is: the token's name. With `client_order_id`, or else with `idempotency_key`, a
    ticket that is placed twice is one order. `body` is the request as it came in, for the inbox.
    """

    source: str
    exchange_account_id: str
    symbol: str
    side: Side
    order_type: OrderType
    quantity: Decimal
    price: Decimal | None = None
    stop_price: Decimal | None = None
    trailing_delta: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    reduce_only: bool = False
    post_only: bool = False
    position_side: PositionSide | None = None
    client_order_id: str = ""
    idempotency_key: str = ""
    market_type: MarketType = MarketType.SPOT


class Placed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What became of a ticket or a cancel within the time that its caller waits.

    `order_id` is the exchange's id of the order once it is known, until then the gateway's own with the
    prefix `fg-`; the desk takes either. `status` PENDING says that the outcome is not known yet: ask by
    `order_id`. A refusal is an `ExecutionError`, never a `Placed`. `repeated` is true where the ticket had
    been placed before.
    """

    order_id: str
    client_order_id: str
    exchange: str
    symbol: str
    order_type: OrderType
    side: Side
    status: OrderState
    quantity: Decimal
    quantity_filled: Decimal
    average_price: Decimal | None
    fee: Decimal | None
    fee_currency: str | None
    seconds: Decimal
    at_ms: int
    repeated: bool = False
    cancel_pending: bool = False


class DailyLimit(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One account's use of its daily limit. `limit_usd` and `remaining_usd` are `None` where there is no
    limit. `date` is the UTC day, `YYYY-MM-DD`."""

    date: str
    limit_usd: Decimal | None
    used_usd: Decimal
    remaining_usd: Decimal | None
    order_count: int


class AccountInfo(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A configured account: its id in the API, the exchange's name there, and whether it is portfolio
    margin."""

    exchange_account_id: str
    exchange: str
    portfolio_margin: bool = False


class ExecutionDesk(Protocol):
    """Takes tickets to the engine and questions to connectors. Event loop only.

    The door has checked that the caller may use the account. All methods raise
    `fixgate.model.execution.ExecutionError`, ACCOUNT_NOT_FOUND for an unknown account included.
    """

    def accounts(self) -> Sequence[AccountInfo]:
        """Return every configured account."""

    def account(self, exchange_account_id: str) -> AccountInfo:
        """Return one account."""

    async def place(self, ticket: Ticket) -> Placed:
        """Place an order, and wait for the venue's answer as long as the configuration says."""

    async def cancel(
        self, source: str, account: str, order_id: str, symbol: str | None, market_type: MarketType
    ) -> Placed:
        """Cancel an order by the exchange's id or the gateway's, and wait for the end of it likewise."""

    async def order(
        self, account: str, order_id: str, symbol: str | None, market_type: MarketType
    ) -> VenueOrder:
        """Return an order by the exchange's id or the gateway's, fresh from the exchange where it can be
        had."""

    async def open_orders(
        self, account: str, symbol: str | None, market_type: MarketType
    ) -> Sequence[VenueOrder]: ...

    async def balances(self, account: str, market_type: MarketType) -> Sequence[AssetBalance]: ...

    def daily_limit(self, account: str) -> DailyLimit: ...

    async def positions(
        self, account: str, symbol: str | None, market_type: MarketType
    ) -> Sequence[OpenPosition]: ...

    async def leverage(self, account: str, symbol: str, market_type: MarketType) -> LeverageState: ...

    async def set_leverage(
        self, account: str, symbol: str, leverage: Decimal, market_type: MarketType
    ) -> Mapping[str, Any]: ...

    async def set_margin_mode(
        self, account: str, symbol: str, mode: MarginMode, market_type: MarketType
    ) -> Mapping[str, Any]: ...

    async def funding_history(
        self,
        account: str,
        symbol: str | None,
        since_ms: int | None,
        limit: int | None,
        market_type: MarketType,
    ) -> Sequence[LedgerEntry]: ...

    async def realized_pnl(
        self,
        account: str,
        symbol: str | None,
        since_ms: int | None,
        limit: int | None,
        market_type: MarketType,
    ) -> Sequence[LedgerEntry]: ...

    async def pm_balance(self, account: str) -> Sequence[Mapping[str, Any]]: ...

    async def pm_um_account(self, account: str) -> Mapping[str, Any]: ...

    async def pm_auto_collection(self, account: str) -> Mapping[str, Any]: ...

    async def pm_asset_collection(self, account: str, asset: str) -> Mapping[str, Any]: ...
