"""Answers about the USD-M side. Quantities are base asset, times milliseconds since the epoch."""

from decimal import Decimal

import msgspec

from fixgate.papi.responses.futures import Amendment, FuturesAsset


class UmLeverage(msgspec.Struct, frozen=True, kw_only=True):
    """The leverage of a symbol, and the largest notional that it allows."""

    leverage: int
    symbol: str
    maxNotionalValue: Decimal | None = None


class DownloadId(msgspec.Struct, frozen=True, kw_only=True):
    """The number of an export that was ordered."""

    downloadId: str
    avgCostTimestampOfLast30d: int | None = None


class DownloadLink(msgspec.Struct, frozen=True, kw_only=True):
    """How far an export is, and its link once it is ready."""

    downloadId: str
    status: str
    url: str | None = None
    s3Link: str | None = None
    notified: bool | None = None
    expirationTimestamp: int | None = None
    isExpired: str | None = None


class UmAccountPosition(msgspec.Struct, frozen=True, kw_only=True):
    """One position of `UmAccount`.

    `notional` is there in the second version of the call only; that one leaves leverage, prices and the
    margins by kind out.
    """

    symbol: str
    positionAmt: Decimal
    positionSide: str
    initialMargin: Decimal | None = None
    maintMargin: Decimal | None = None
    unrealizedProfit: Decimal | None = None
    positionInitialMargin: Decimal | None = None
    openOrderInitialMargin: Decimal | None = None
    leverage: int | None = None
    entryPrice: Decimal | None = None
    maxNotional: Decimal | None = None
    bidNotional: Decimal | None = None
    askNotional: Decimal | None = None
    updateTime: int | None = None
    notional: Decimal | None = None


class UmAccount(msgspec.Struct, frozen=True, kw_only=True):
    """Assets and positions. PAPI `GET /papi/v1/um/account`, `GET /papi/v2/um/account`."""

    assets: list[FuturesAsset] = []
    positions: list[UmAccountPosition] = []


class UmAccountConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Permissions and modes. `tradeGroupId` is -1 without a trade group."""

    canTrade: bool
    dualSidePosition: bool
    feeTier: int | None = None
    canDeposit: bool | None = None
    canWithdraw: bool | None = None
    updateTime: int | None = None
    multiAssetsMargin: bool | None = None
    tradeGroupId: int | None = None


class UmSymbolConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of a symbol. `isAutoAddMargin` is text, as the venue sends it."""

    symbol: str
    leverage: int
    marginType: str | None = None
    isAutoAddMargin: str | None = None
    maxNotionalValue: Decimal | None = None


class UmPosition(msgspec.Struct, frozen=True, kw_only=True):
    """One position. `positionAmt` is negative for a short one."""

    symbol: str
    positionAmt: Decimal
    positionSide: str
    entryPrice: Decimal
    leverage: int | None = None
    markPrice: Decimal | None = None
    maxNotionalValue: Decimal | None = None
    notional: Decimal | None = None
    unRealizedProfit: Decimal | None = None
    liquidationPrice: Decimal | None = None
    updateTime: int | None = None


class TradingIndicator(msgspec.Struct, frozen=True, kw_only=True):
    """One of the venue's quantitative rules. `isLocked`: reduce-only until `plannedRecoverTime`."""

    indicator: str
    isLocked: bool
    value: Decimal | None = None
    triggerValue: Decimal | None = None
    plannedRecoverTime: int | None = None


class UmTradingStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The quantitative rules by symbol, and for ACCOUNT."""

    indicators: dict[str, list[TradingIndicator]] = {}
    updateTime: int | None = None


class UmBracket(msgspec.Struct, frozen=True, kw_only=True):
    """One bracket: up to `notionalCap` the leverage is at most `initialLeverage`."""

    bracket: int
    initialLeverage: int
    notionalCap: Decimal
    notionalFloor: Decimal
    maintMarginRatio: Decimal
    cum: Decimal | None = None


class UmLeverageBrackets(msgspec.Struct, frozen=True, kw_only=True):
    """The brackets of a symbol. `notionalCoef` is there for brackets of the account's own only."""

    symbol: str
    notionalCoef: Decimal | None = None
    brackets: list[UmBracket] = []


class UmOrderAck(msgspec.Struct, frozen=True, kw_only=True):
    """What the venue says when it took, modified or cancelled an order. No average price: ask for it."""

    symbol: str
    orderId: int
    clientOrderId: str
    status: str
    cumQty: Decimal | None = None
    executedQty: Decimal | None = None
    origQty: Decimal | None = None
    price: Decimal | None = None
    reduceOnly: bool | None = None
    side: str | None = None
    positionSide: str | None = None
    timeInForce: str | None = None
    type: str | None = None
    selfTradePreventionMode: str | None = None
    goodTillDate: int | None = None
    updateTime: int | None = None
    priceMatch: str | None = None
    modifyId: int | None = None
    origType: str | None = None


class UmOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One order. PAPI `GET /papi/v1/um/order`."""

    symbol: str
    orderId: int
    clientOrderId: str
    status: str
    side: str
    origQty: Decimal
    executedQty: Decimal
    avgPrice: Decimal | None = None
    cumQuote: Decimal | None = None
    origType: str | None = None
    price: Decimal | None = None
    reduceOnly: bool | None = None
    positionSide: str | None = None
    time: int | None = None
    timeInForce: str | None = None
    type: str | None = None
    updateTime: int | None = None
    selfTradePreventionMode: str | None = None
    goodTillDate: int | None = None
    priceMatch: str | None = None


class UmAmendment(msgspec.Struct, frozen=True, kw_only=True):
    """One modification of an order."""

    amendmentId: int
    symbol: str
    orderId: int
    time: int
    amendment: Amendment
    pair: str | None = None
    clientOrderId: str | None = None
    priceMatch: str | None = None


class UmTrade(msgspec.Struct, frozen=True, kw_only=True):
    """One trade. It names its order by `orderId` only."""

    symbol: str
    id: int
    orderId: int
    side: str
    price: Decimal
    qty: Decimal
    time: int
    realizedPnl: Decimal | None = None
    quoteQty: Decimal | None = None
    commission: Decimal | None = None
    commissionAsset: str | None = None
    buyer: bool | None = None
    maker: bool | None = None
    positionSide: str | None = None


class FeeBurn(msgspec.Struct, frozen=True, kw_only=True):
    """`feeBurn` is True when fees are paid in BNB."""

    feeBurn: bool
