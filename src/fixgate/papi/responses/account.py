"""Answers about the account as a whole. Times are milliseconds since the epoch."""

from decimal import Decimal

import msgspec


class AccountInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Margin ratio, equity and status of the account; amounts in USD.

    `uniMMR` is the unified maintenance margin ratio. `actualEquity` counts collateral without a haircut.
    `accountStatus` is NORMAL, MARGIN_CALL, SUPPLY_MARGIN, REDUCE_ONLY, ACTIVE_LIQUIDATION, FORCE_LIQUIDATION
    or BANKRUPTED. PAPI `GET /papi/v1/account`.
    """

    uniMMR: Decimal
    accountEquity: Decimal
    accountMaintMargin: Decimal
    accountStatus: str
    actualEquity: Decimal | None = None
    accountInitialMargin: Decimal | None = None
    virtualMaxWithdrawAmount: Decimal | None = None
    totalAvailableBalance: Decimal | None = None
    totalMarginOpenLoss: Decimal | None = None
    updateTime: int | None = None


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """What the account has of one asset, in units of it.

    `totalWalletBalance` is the margin wallet, net of what is borrowed, plus the UM and CM wallets. PAPI
    `GET /papi/v1/balance`.
    """

    asset: str
    totalWalletBalance: Decimal
    crossMarginAsset: Decimal | None = None
    crossMarginBorrowed: Decimal | None = None
    crossMarginFree: Decimal | None = None
    crossMarginInterest: Decimal | None = None
    crossMarginLocked: Decimal | None = None
    umWalletBalance: Decimal | None = None
    umUnrealizedPNL: Decimal | None = None
    cmWalletBalance: Decimal | None = None
    cmUnrealizedPNL: Decimal | None = None
    updateTime: int | None = None
    negativeBalance: Decimal | None = None


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """The number of a transfer, a loan or a repayment."""

    tranId: str | int


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that says no more than that it was done."""

    msg: str | None = None


class AutoRepayFutures(msgspec.Struct, frozen=True, kw_only=True):
    """Whether negative futures balances are repaid automatically."""

    autoRepay: bool


class NegativeBalanceInterest(msgspec.Struct, frozen=True, kw_only=True):
    """Interest for a negative futures balance, in units of the asset.

    `interestAccuredTime` is the venue's spelling.
    """

    asset: str
    interest: Decimal
    interestAccuredTime: int
    interestRate: Decimal | None = None
    principal: Decimal | None = None


class NegativeBalance(msgspec.Struct, frozen=True, kw_only=True):
    """One asset of an automatic exchange."""

    asset: str
    negativeBalance: Decimal | None = None
    negativeMaxThreshold: Decimal | None = None


class NegativeBalanceExchange(msgspec.Struct, frozen=True, kw_only=True):
    """One automatic exchange."""

    startTime: int
    endTime: int
    details: list[NegativeBalance] = []


class NegativeBalanceExchanges(msgspec.Struct, frozen=True, kw_only=True):
    """Automatic exchanges of negative balances, and how many there are."""

    total: int
    rows: list[NegativeBalanceExchange] = []


class OrderRateLimit(msgspec.Struct, frozen=True, kw_only=True):
    """One limit of the account's orders, such as 1200 in 1 MINUTE."""

    rateLimitType: str
    interval: str
    intervalNum: int
    limit: int


class Nothing(msgspec.Struct, frozen=True):
    """An answer that says nothing."""
