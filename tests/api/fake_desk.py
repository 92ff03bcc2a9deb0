"""A desk in memory that keeps the port's promises: market orders fill at once, all others rest, a ticket that
is placed twice is one order, and what a test scripts goes before all of that."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import count
from typing import Any

import msgspec

from fixgate.api.ports import AccountInfo, DailyLimit, Placed, Ticket
from fixgate.model.enums import OrderType, Side
from fixgate.model.execution import (
    AssetBalance,
    ErrorCode,
    ExecutionError,
    Fee,
    LedgerEntry,
    LeverageState,
    MarginMode,
    MarketType,
    OpenPosition,
    OrderState,
    VenueOrder,
)

D = Decimal
AT_MS = 1_736_937_000_000
"""2025-01-15T10:30:00Z."""
LAST = D("43250.50")
FEE_RATE = D("0.001")
SETTLED = (OrderState.CLOSED, OrderState.CANCELED, OrderState.EXPIRED)

ACCOUNTS = (
    AccountInfo(exchange_account_id="binance-sandbox-001", exchange="binance"),
    AccountInfo(exchange_account_id="binance-perp-001", exchange="binance"),
    AccountInfo(exchange_account_id="bybit-001", exchange="bybit"),
    AccountInfo(exchange_account_id="gateio-001", exchange="gateio"),
    AccountInfo(exchange_account_id="kraken-001", exchange="kraken"),
    AccountInfo(exchange_account_id="hyperliquid-001", exchange="hyperliquid"),
    AccountInfo(exchange_account_id="okx-001", exchange="okx"),
    AccountInfo(exchange_account_id="binance-pm-001", exchange="binance", portfolio_margin=True),
)

PM_RECORD = {
    "asset": "USDT",
    "totalWalletBalance": "12500.00",
    "crossMarginAsset": "10000.00",
    "crossMarginBorrowed": "0.0",
    "crossMarginFree": "8500.00",
    "crossMarginInterest": "0.0",
    "crossMarginLocked": "1500.00",
    "umWalletBalance": "2500.00",
    "umUnrealizedPNL": "125.50",
    "cmWalletBalance": "0",
    "cmUnrealizedPNL": "0",
    "updateTime": 1617939110373,
    "negativeBalance": "0",
}


class FakeDesk:
    """An `ExecutionDesk`. `tickets` and `calls` are what it was asked; `answers` are raised, or told, by the
    name of the method instead of its own word."""

    def __init__(self) -> None:
        self.tickets: list[Ticket] = []
        self.calls: list[tuple[Any, ...]] = []
        self.answers: dict[str, Any] = {}
        self._numbers = count(12345678)
        self._orders: dict[str, tuple[Ticket, Placed]] = {}
        self._by_key: dict[tuple[str, str, str], str] = {}

    def accounts(self) -> Sequence[AccountInfo]:
        return ACCOUNTS

    def account(self, exchange_account_id: str) -> AccountInfo:
        for row in ACCOUNTS:
            if row.exchange_account_id == exchange_account_id:
                return row
        raise ExecutionError(ErrorCode.ACCOUNT_NOT_FOUND, "there is no such account")

    async def place(self, ticket: Ticket) -> Placed:
        self.tickets.append(ticket)
        self._scripted("place")
        key = (ticket.source, ticket.exchange_account_id, ticket.client_order_id or ticket.idempotency_key)
        if key[2] and (known := self._by_key.get(key)):
            first, placed = self._orders[known]
            if not _is_same_order(first, ticket):
                raise ExecutionError(ErrorCode.CONFLICT, f"{key[2]!r} was used for another order")
            return msgspec.structs.replace(placed, repeated=True)
        placed = self.answers.get("placed") or self._new(ticket)
        self._orders[placed.order_id] = (ticket, placed)
        if key[2]:
            self._by_key[key] = placed.order_id
        return placed

    async def cancel(
        self, source: str, account: str, order_id: str, symbol: str | None, market_type: MarketType
    ) -> Placed:
        self.calls.append(("cancel", source, account, order_id, symbol, market_type))
        self._scripted("cancel")
        ticket, placed = self._find(account, order_id)
        if placed.status not in SETTLED:
            placed = msgspec.structs.replace(placed, status=OrderState.CANCELED)
            self._orders[order_id] = (ticket, placed)
        return self.answers.get("canceled") or placed

    async def order(
        self, account: str, order_id: str, symbol: str | None, market_type: MarketType
    ) -> VenueOrder:
        self.calls.append(("order", account, order_id, symbol, market_type))
        self._scripted("order")
        return _told(*self._find(account, order_id))

    async def open_orders(
        self, account: str, symbol: str | None, market_type: MarketType
    ) -> Sequence[VenueOrder]:
        self.calls.append(("open_orders", account, symbol, market_type))
        return [
            _told(ticket, placed)
            for ticket, placed in self._orders.values()
            if ticket.exchange_account_id == account
            and placed.status is OrderState.OPEN
            and symbol in (None, ticket.symbol)
            and ticket.market_type is market_type
        ]

    async def balances(self, account: str, market_type: MarketType) -> Sequence[AssetBalance]:
        self._scripted("balances")
        return [
            AssetBalance(asset="BTC", free=D("0.00033967"), used=D("0.0001"), total=D("0.00043967")),
            AssetBalance(asset="USDT", free=D("0.30120829"), used=D(0), total=D("0.30120829")),
        ]

    def daily_limit(self, account: str) -> DailyLimit:
        limit: DailyLimit = self.answers.get("daily_limit") or DailyLimit(
            date="2025-01-15",
            limit_usd=D("100.00"),
            used_usd=D("76.50"),
            remaining_usd=D("23.50"),
            order_count=3,
        )
        return limit

    async def positions(
        self, account: str, symbol: str | None, market_type: MarketType
    ) -> Sequence[OpenPosition]:
        self.calls.append(("positions", account, symbol, market_type))
        return [
            OpenPosition(
                symbol="BTC/USDT:USDT",
                side="long",
                contracts=D("0.05"),
                entry_price=D("98000.00"),
                mark_price=D("98505.00"),
                notional=D("4925.25"),
                leverage=D(10),
                unrealized_pnl=D("25.25"),
                percentage=D("0.51"),
                margin_mode=MarginMode.CROSS,
                liquidation_price=D("88200.00"),
                collateral=D("492.52"),
                at_ms=AT_MS,
            )
        ]

    async def leverage(self, account: str, symbol: str, market_type: MarketType) -> LeverageState:
        return LeverageState(
            symbol=symbol,
            leverage=D(10),
            margin_mode=MarginMode.CROSS,
            position_side="long",
            position_size=D("0.05"),
            notional=D("4925.25"),
            unrealized_pnl=D("125.50"),
        )

    async def set_leverage(
        self, account: str, symbol: str, leverage: Decimal, market_type: MarketType
    ) -> Mapping[str, Any]:
        self.calls.append(("set_leverage", account, symbol, leverage, market_type))
        self._scripted("set_leverage")
        return {"leverage": int(leverage), "symbol": "BTCUSDT"}

    async def set_margin_mode(
        self, account: str, symbol: str, mode: MarginMode, market_type: MarketType
    ) -> Mapping[str, Any]:
        self.calls.append(("set_margin_mode", account, symbol, mode, market_type))
        return {}

    async def funding_history(
        self,
        account: str,
        symbol: str | None,
        since_ms: int | None,
        limit: int | None,
        market_type: MarketType,
    ) -> Sequence[LedgerEntry]:
        self.calls.append(("funding_history", account, symbol, since_ms, limit, market_type))
        return [_entry("123456789", D("-0.15"))]

    async def realized_pnl(
        self,
        account: str,
        symbol: str | None,
        since_ms: int | None,
        limit: int | None,
        market_type: MarketType,
    ) -> Sequence[LedgerEntry]:
        self.calls.append(("realized_pnl", account, symbol, since_ms, limit, market_type))
        return [_entry("987654321", D("125.50"))]

    async def pm_balance(self, account: str) -> Sequence[Mapping[str, Any]]:
        return [PM_RECORD]

    async def pm_um_account(self, account: str) -> Mapping[str, Any]:
        return {"totalInitialMargin": "1000.00", "availableBalance": "11500.00"}

    async def pm_auto_collection(self, account: str) -> Mapping[str, Any]:
        self.calls.append(("pm_auto_collection", account))
        return {}

    async def pm_asset_collection(self, account: str, asset: str) -> Mapping[str, Any]:
        self.calls.append(("pm_asset_collection", account, asset))
        return {}

    def _scripted(self, name: str) -> None:
        if isinstance(error := self.answers.get(name), Exception):
            raise error

    def _new(self, ticket: Ticket) -> Placed:
        filled = ticket.order_type is OrderType.MARKET
        return Placed(
            order_id=str(next(self._numbers)),
            client_order_id=ticket.client_order_id,
            exchange=self.account(ticket.exchange_account_id).exchange,
            symbol=ticket.symbol,
            order_type=ticket.order_type,
            side=ticket.side,
            status=OrderState.CLOSED if filled else OrderState.OPEN,
            quantity=ticket.quantity,
            quantity_filled=ticket.quantity if filled else D(0),
            average_price=LAST if filled else None,
            fee=ticket.quantity * LAST * FEE_RATE if filled else None,
            fee_currency="USDT" if filled else None,
            seconds=D("0.342"),
            at_ms=AT_MS,
        )

    def _find(self, account: str, order_id: str) -> tuple[Ticket, Placed]:
        found = self._orders.get(order_id)
        if found is None or found[0].exchange_account_id != account:
            raise ExecutionError(ErrorCode.ORDER_NOT_FOUND, f"order {order_id!r} is not known on {account}")
        return found


def pending(order_id: str = "fg-1736937000001") -> Placed:
    """Return what a desk tells of an order whose outcome it does not know yet."""
    return Placed(
        order_id=order_id,
        client_order_id="",
        exchange="binance",
        symbol="BTC/USDT",
        order_type=OrderType.LIMIT,
        side=Side.BUY,
        status=OrderState.PENDING,
        quantity=D("0.001"),
        quantity_filled=D(0),
        average_price=None,
        fee=None,
        fee_currency=None,
        seconds=D("5"),
        at_ms=AT_MS,
    )


def _is_same_order(first: Ticket, second: Ticket) -> bool:
    return msgspec.structs.replace(second, idempotency_key=first.idempotency_key) == first


def _told(ticket: Ticket, placed: Placed) -> VenueOrder:
    filled = placed.quantity_filled
    return VenueOrder(
        order_id=placed.order_id,
        client_order_id=placed.client_order_id,
        symbol=ticket.symbol,
        status=placed.status,
        order_type=ticket.order_type,
        side=ticket.side,
        price=ticket.price,
        stop_price=ticket.stop_price,
        amount=ticket.quantity,
        filled=filled,
        remaining=ticket.quantity - filled,
        average=placed.average_price,
        cost=filled * (placed.average_price or 0),
        fee=Fee(cost=placed.fee, currency="USDT") if placed.fee is not None else None,
        at_ms=placed.at_ms,
    )


def _entry(entry_id: str, amount: Decimal) -> LedgerEntry:
    return LedgerEntry(
        id=entry_id,
        symbol="BTC/USDT:USDT",
        amount=amount,
        code="USDT",
        at_ms=AT_MS,
        info={"tranId": entry_id},
    )
