"""Answers about margin orders, order lists and loans. Times are milliseconds since the epoch.

`cummulativeQuoteQty` and `interestAccuredTime` are the venue's spelling.
"""

from decimal import Decimal

import msgspec


class MarginInterest(msgspec.Struct, frozen=True, kw_only=True):
    """Interest for a loan, in units of the asset."""

    asset: str
    interest: Decimal
    interestAccuredTime: int
    txId: int | None = None
    rawAsset: str | None = None
    principal: Decimal | None = None
    interestRate: Decimal | None = None
    type: str | None = None


class MarginInterestPage(msgspec.Struct, frozen=True, kw_only=True):
    """Interest, and how many rows there are."""

    total: int
    rows: list[MarginInterest] = []


class MaxBorrowable(msgspec.Struct, frozen=True, kw_only=True):
    """`amount` can be borrowed now; `borrowLimit` is the account's limit."""

    amount: Decimal
    borrowLimit: Decimal | None = None


class Loan(msgspec.Struct, frozen=True, kw_only=True):
    """One loan."""

    txId: int
    asset: str
    principal: Decimal
    timestamp: int | None = None
    status: str | None = None


class LoanPage(msgspec.Struct, frozen=True, kw_only=True):
    """Loans, and how many there are."""

    total: int
    rows: list[Loan] = []


class MaxWithdraw(msgspec.Struct, frozen=True, kw_only=True):
    """`amount` can be transferred out."""

    amount: Decimal


class Repayment(msgspec.Struct, frozen=True, kw_only=True):
    """One repayment; `amount` is `principal` and `interest`."""

    txId: int
    asset: str
    amount: Decimal
    interest: Decimal | None = None
    principal: Decimal | None = None
    status: str | None = None
    timestamp: int | None = None


class RepaymentPage(msgspec.Struct, frozen=True, kw_only=True):
    """Repayments, and how many there are."""

    total: int
    rows: list[Repayment] = []


class DebtRepaid(msgspec.Struct, frozen=True, kw_only=True):
    """A debt repaid with other assets."""

    success: bool
    amount: Decimal | None = None
    asset: str | None = None
    specifyRepayAssets: list[str] | None = None
    updateTime: int | None = None


class MarginFill(msgspec.Struct, frozen=True, kw_only=True):
    """One fill of an order that was answered in FULL."""

    price: Decimal
    qty: Decimal
    commission: Decimal | None = None
    commissionAsset: str | None = None


class MarginOrderPlaced(msgspec.Struct, frozen=True, kw_only=True):
    """An order that was taken. Prices and `fills` are there by newOrderRespType."""

    symbol: str
    orderId: int
    clientOrderId: str
    transactTime: int | None = None
    price: Decimal | None = None
    origQty: Decimal | None = None
    executedQty: Decimal | None = None
    cummulativeQuoteQty: Decimal | None = None
    status: str | None = None
    timeInForce: str | None = None
    type: str | None = None
    side: str | None = None
    marginBuyBorrowAmount: Decimal | None = None
    marginBuyBorrowAsset: str | None = None
    fills: list[MarginFill] = []


class MarginOrderCancelled(msgspec.Struct, frozen=True, kw_only=True):
    """`origClientOrderId` is the order's, `clientOrderId` the cancel's."""

    symbol: str
    orderId: int
    origClientOrderId: str | None = None
    clientOrderId: str | None = None
    price: Decimal | None = None
    origQty: Decimal | None = None
    executedQty: Decimal | None = None
    cummulativeQuoteQty: Decimal | None = None
    status: str | None = None
    timeInForce: str | None = None
    type: str | None = None
    side: str | None = None


class MarginOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One order. PAPI `GET /papi/v1/margin/order`."""

    symbol: str
    orderId: int
    clientOrderId: str
    status: str
    side: str
    origQty: Decimal
    executedQty: Decimal
    cummulativeQuoteQty: Decimal | None = None
    icebergQty: Decimal | None = None
    isWorking: bool | None = None
    price: Decimal | None = None
    stopPrice: Decimal | None = None
    time: int | None = None
    timeInForce: str | None = None
    type: str | None = None
    updateTime: int | None = None
    accountId: int | None = None
    selfTradePreventionMode: str | None = None
    preventedMatchId: int | None = None
    preventedQuantity: Decimal | None = None


class MarginTrade(msgspec.Struct, frozen=True, kw_only=True):
    """One trade."""

    symbol: str
    id: int
    orderId: int
    price: Decimal
    qty: Decimal
    time: int
    commission: Decimal | None = None
    commissionAsset: str | None = None
    isBestMatch: bool | None = None
    isBuyer: bool | None = None
    isMaker: bool | None = None


class MarginForceOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One liquidation order."""

    orderId: int
    symbol: str
    side: str
    qty: Decimal
    avgPrice: Decimal | None = None
    executedQty: Decimal | None = None
    price: Decimal | None = None
    timeInForce: str | None = None
    updatedTime: int | None = None


class MarginForceOrderPage(msgspec.Struct, frozen=True, kw_only=True):
    """Liquidation orders, and how many there are."""

    total: int
    rows: list[MarginForceOrder] = []
