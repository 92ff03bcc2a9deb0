"""Answers that the USD-M and the COIN-M side share. Times are milliseconds since the epoch."""

from decimal import Decimal

import msgspec


class CodeAndMessage(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that says no more than that it was done; `code` is 200."""

    code: int
    msg: str | None = None


class PositionMode(msgspec.Struct, frozen=True, kw_only=True):
    """`dualSidePosition` is True in hedge mode, False in one-way mode."""

    dualSidePosition: bool


class CommissionRate(msgspec.Struct, frozen=True, kw_only=True):
    """Fees as a fraction: 0.0002 is 0.02 %."""

    symbol: str
    makerCommissionRate: Decimal
    takerCommissionRate: Decimal


class Income(msgspec.Struct, frozen=True, kw_only=True):
    """One booking. `tranId` is unique for one account and incomeType only."""

    incomeType: str
    income: Decimal
    asset: str
    time: int
    symbol: str | None = None
    info: str | None = None
    tranId: str | int | None = None
    tradeId: str | int | None = None


class FuturesAsset(msgspec.Struct, frozen=True, kw_only=True):
    """One asset of a futures wallet, in units of it."""

    asset: str
    crossWalletBalance: Decimal
    crossUnPnl: Decimal | None = None
    maintMargin: Decimal | None = None
    initialMargin: Decimal | None = None
    positionInitialMargin: Decimal | None = None
    openOrderInitialMargin: Decimal | None = None
    updateTime: int | None = None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A value before and after a modification."""

    before: Decimal
    after: Decimal


class Amendment(msgspec.Struct, frozen=True, kw_only=True):
    """What a modification changed. `count` is how often the order was modified."""

    price: Change | None = None
    origQty: Change | None = None
    count: int | None = None
    modifyId: int | None = None


class AdlQuantile(msgspec.Struct, frozen=True, kw_only=True):
    """0 to 4 by position side; HEDGE is a mark only."""

    LONG: int | None = None
    SHORT: int | None = None
    HEDGE: int | None = None
    BOTH: int | None = None


class AdlQuantiles(msgspec.Struct, frozen=True, kw_only=True):
    """How near the positions of a symbol are to automatic deleveraging."""

    symbol: str
    adlQuantile: AdlQuantile
