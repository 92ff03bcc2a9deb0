"""Answers about the COIN-M side. Quantities are contracts, times milliseconds since the epoch."""

from decimal import Decimal

import msgspec

from fixgate.papi.responses.futures import Amendment, FuturesAsset


class CmLeverage(msgspec.Struct, frozen=True, kw_only=True):
    """The leverage of a contract, and the most contracts that it allows."""

    leverage: int
    symbol: str
    maxQty: Decimal | None = None


class CmAccountPosition(msgspec.Struct, frozen=True, kw_only=True):
    """One position of `CmAccount`."""

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
    maxQty: Decimal | None = None
    updateTime: int | None = None


class CmAccount(msgspec.Struct, frozen=True, kw_only=True):
    """Assets and positions. PAPI `GET /papi/v1/cm/account`."""

    assets: list[FuturesAsset] = []
    positions: list[CmAccountPosition] = []


class CmPosition(msgspec.Struct, frozen=True, kw_only=True):
    """One position. `positionAmt` is negative for a short one."""

    symbol: str
    positionAmt: Decimal
    positionSide: str
    entryPrice: Decimal
    markPrice: Decimal | None = None
    unRealizedProfit: Decimal | None = None
    liquidationPrice: Decimal | None = None
    leverage: int | None = None
    updateTime: int | None = None
    maxQty: Decimal | None = None
    notionalValue: Decimal | None = None


class CmBracket(msgspec.Struct, frozen=True, kw_only=True):
    """One bracket: up to `qtyCap` contracts the leverage is at most `initialLeverage`."""

    bracket: int
    initialLeverage: int
    qtyCap: Decimal
    qtyFloor: Decimal
    maintMarginRatio: Decimal
    cum: Decimal | None = None


class CmLeverageBrackets(msgspec.Struct, frozen=True, kw_only=True):
    """The brackets of a contract."""

    symbol: str
    brackets: list[CmBracket] = []


class CmOrderAck(msgspec.Struct, frozen=True, kw_only=True):
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
    pair: str | None = None
    timeInForce: str | None = None
    type: str | None = None
    updateTime: int | None = None
    modifyId: int | None = None
    origType: str | None = None


class CmOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One order; `cumBase` is base coin. PAPI `GET /papi/v1/cm/order`."""

    symbol: str
    orderId: int
    clientOrderId: str
    status: str
    side: str
    origQty: Decimal
    executedQty: Decimal
    avgPrice: Decimal | None = None
    cumBase: Decimal | None = None
    origType: str | None = None
    price: Decimal | None = None
    reduceOnly: bool | None = None
    pair: str | None = None
    positionSide: str | None = None
    time: int | None = None
    timeInForce: str | None = None
    type: str | None = None
    updateTime: int | None = None


class CmAmendment(msgspec.Struct, frozen=True, kw_only=True):
    """One modification of an order."""

    amendmentId: int
    symbol: str
    orderId: int
    time: int
    amendment: Amendment
    pair: str | None = None
    clientOrderId: str | None = None


class CmTrade(msgspec.Struct, frozen=True, kw_only=True):
    """One trade; `baseQty` is base coin."""

    symbol: str
    id: int
    orderId: int
    side: str
    price: Decimal
    qty: Decimal
    time: int
    pair: str | None = None
    realizedPnl: Decimal | None = None
    marginAsset: str | None = None
    baseQty: Decimal | None = None
    commission: Decimal | None = None
    commissionAsset: str | None = None
    positionSide: str | None = None
    buyer: bool | None = None
    maker: bool | None = None
