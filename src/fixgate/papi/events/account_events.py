"""Events about balances, positions and risk. Source: PAPI user data streams, the pages of the events."""

from decimal import Decimal

import msgspec
from msgspec import field


class BalanceChange(msgspec.Struct, frozen=True, kw_only=True):
    """One asset of a futures wallet. The balances are absolute; neither is available margin.

    `balanceChange` leaves realised profit and commission out.
    """

    asset: str = field(name="a")
    walletBalance: Decimal = field(name="wb")
    crossWalletBalance: Decimal | None = field(name="cw", default=None)
    balanceChange: Decimal | None = field(name="bc", default=None)


class PositionChange(msgspec.Struct, frozen=True, kw_only=True):
    """One position as it is now, absolute. `positionAmt` is negative for a short one, 0 for a closed one."""

    symbol: str = field(name="s")
    positionAmt: Decimal = field(name="pa")
    entryPrice: Decimal | None = field(name="ep", default=None)
    accumulatedRealized: Decimal | None = field(name="cr", default=None)
    unrealizedProfit: Decimal | None = field(name="up", default=None)
    positionSide: str | None = field(name="ps", default=None)
    breakEvenPrice: Decimal | None = field(name="bep", default=None)


class AccountChange(msgspec.Struct, frozen=True, kw_only=True):
    """What changed and why; what is missing did not change. `symbol` comes with FUNDING_FEE only."""

    reason: str = field(name="m")
    symbol: str | None = field(name="S", default=None)
    balances: list[BalanceChange] = field(name="B", default_factory=list)
    positions: list[PositionChange] = field(name="P", default_factory=list)


class AccountUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """ACCOUNT_UPDATE: balances or positions of the USD-M or COIN-M side changed."""

    account: AccountChange = field(name="a")
    businessUnit: str | None = field(name="fs", default=None)
    eventTime: int | None = field(name="E", default=None)
    transactionTime: int | None = field(name="T", default=None)
    accountAlias: str | None = field(name="i", default=None)


class LeverageChange(msgspec.Struct, frozen=True, kw_only=True):
    """The leverage of a symbol as it is now."""

    symbol: str = field(name="s")
    leverage: int = field(name="l")


class AccountConfigUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """ACCOUNT_CONFIG_UPDATE: the leverage of a symbol changed."""

    config: LeverageChange = field(name="ac")
    businessUnit: str | None = field(name="fs", default=None)
    eventTime: int | None = field(name="E", default=None)
    transactionTime: int | None = field(name="T", default=None)


class MarginBalance(msgspec.Struct, frozen=True, kw_only=True):
    """One asset of the margin wallet, absolute, in units of it."""

    asset: str = field(name="a")
    free: Decimal = field(name="f")
    locked: Decimal = field(name="l")


class OutboundAccountPosition(msgspec.Struct, frozen=True, kw_only=True):
    """outboundAccountPosition: assets of the margin wallet changed; others are left out."""

    balances: list[MarginBalance] = field(name="B")
    eventTime: int | None = field(name="E", default=None)
    lastUpdateTime: int | None = field(name="u", default=None)
    updateId: int | None = field(name="U", default=None)


class BalanceUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """balanceUpdate: a transfer or deposit of the margin wallet. `balanceDelta` is signed."""

    asset: str = field(name="a")
    balanceDelta: Decimal = field(name="d")
    eventTime: int | None = field(name="E", default=None)
    updateId: int | None = field(name="U", default=None)
    clearTime: int | None = field(name="T", default=None)


class LiabilityChange(msgspec.Struct, frozen=True, kw_only=True):
    """liabilityChange: something was borrowed or repaid; amounts in units of the asset.

    `transactionId` is a number of the venue's, no time. `totalLiability` is what is owed now.
    """

    asset: str = field(name="a")
    type: str = field(name="t")
    principal: Decimal | None = field(name="p", default=None)
    interest: Decimal | None = field(name="i", default=None)
    totalLiability: Decimal | None = field(name="l", default=None)
    transactionId: int | None = field(name="T", default=None)
    eventTime: int | None = field(name="E", default=None)


class OpenOrderLossOfAsset(msgspec.Struct, frozen=True, kw_only=True):
    """What open orders cost the account in one asset, in units of it."""

    asset: str = field(name="a")
    amount: Decimal = field(name="o")


class OpenOrderLoss(msgspec.Struct, frozen=True, kw_only=True):
    """openOrderLoss: what open margin orders take off the account's equity changed."""

    losses: list[OpenOrderLossOfAsset] = field(name="O")
    eventTime: int | None = field(name="E", default=None)


class RiskLevelChange(msgspec.Struct, frozen=True, kw_only=True):
    """riskLevelChange: the account crossed a risk level; amounts in USD.

    `level` is MARGIN_CALL, REDUCE_ONLY or FORCE_LIQUIDATION. `actualEquity` counts collateral without a
    haircut.
    """

    uniMMR: Decimal = field(name="u")
    level: str = field(name="s")
    accountEquity: Decimal | None = field(name="eq", default=None)
    actualEquity: Decimal | None = field(name="ae", default=None)
    accountMaintMargin: Decimal | None = field(name="m", default=None)
    eventTime: int | None = field(name="E", default=None)
