"""Events about orders. Source: PAPI user data streams, the pages of the events."""

from decimal import Decimal

import msgspec
from msgspec import field


class FuturesOrderState(msgspec.Struct, frozen=True, kw_only=True):
    """A USD-M or COIN-M order after what just happened to it.

    `executionType` is NEW, TRADE, AMENDMENT, CANCELED, EXPIRED or CALCULATED (a liquidation's fill).
    `lastQty` and `lastPrice` are the fill's, `executedQty` and `avgPrice` the order's so far. `tradeId`
    is 0 or -1 where there is no trade. `commission` is negative for a rebate and absent where there is
    none. `strategyType` and `strategyId` name the conditional order that sent this one. `expiryReason` is
    the venue's number. Quantities: base asset (UM) or contracts (CM).
    """

    symbol: str = field(name="s")
    clientOrderId: str = field(name="c")
    orderId: int = field(name="i")
    executionType: str = field(name="x")
    status: str = field(name="X")
    side: str | None = field(name="S", default=None)
    type: str | None = field(name="o", default=None)
    timeInForce: str | None = field(name="f", default=None)
    origQty: Decimal | None = field(name="q", default=None)
    price: Decimal | None = field(name="p", default=None)
    avgPrice: Decimal | None = field(name="ap", default=None)
    stopPrice: Decimal | None = field(name="sp", default=None)
    modifyId: int | None = field(name="M", default=None)
    lastQty: Decimal | None = field(name="l", default=None)
    executedQty: Decimal | None = field(name="z", default=None)
    lastPrice: Decimal | None = field(name="L", default=None)
    commissionAsset: str | None = field(name="N", default=None)
    commission: Decimal | None = field(name="n", default=None)
    time: int | None = field(name="T", default=None)
    tradeId: int | None = field(name="t", default=None)
    bidNotional: Decimal | None = field(name="b", default=None)
    askNotional: Decimal | None = field(name="a", default=None)
    maker: bool | None = field(name="m", default=None)
    reduceOnly: bool | None = field(name="R", default=None)
    positionSide: str | None = field(name="ps", default=None)
    realizedPnl: Decimal | None = field(name="rp", default=None)
    strategyType: str | None = field(name="st", default=None)
    strategyId: int | None = field(name="si", default=None)
    selfTradePreventionMode: str | None = field(name="V", default=None)
    goodTillDate: int | None = field(name="gtd", default=None)
    expiryReason: str | None = field(name="er", default=None)
    priceMatch: str | None = field(name="pm", default=None)
    marginAsset: str | None = field(name="ma", default=None)
    workingType: str | None = field(name="wt", default=None)
    origType: str | None = field(name="ot", default=None)


class OrderTradeUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """ORDER_TRADE_UPDATE: something happened to a USD-M or COIN-M order.

    `businessUnit` is UM or CM. The sums and the state in `order` are what counts; events of one type come
    in their order, those of different types need not.
    """

    order: FuturesOrderState = field(name="o")
    businessUnit: str | None = field(name="fs", default=None)
    eventTime: int | None = field(name="E", default=None)
    transactionTime: int | None = field(name="T", default=None)
    accountAlias: str | None = field(name="i", default=None)


class ExecutionReport(msgspec.Struct, frozen=True, kw_only=True):
    """executionReport: something happened to a margin order.

    On CANCELED `clientOrderId` is the cancel's own and `origClientOrderId` the order's. `executionType`
    is NEW, CANCELED, REJECTED, TRADE, EXPIRED or TRADE_PREVENTION. The average price is
    `cummulativeQuoteQty`, the venue's spelling, over `executedQty`. `tradeId` is -1 where there is no
    trade. `isWorking` is False for a stop order that waits for its trigger. The fields from
    `preventedMatchId` on are about self-trades.
    """

    symbol: str = field(name="s")
    clientOrderId: str = field(name="c")
    orderId: int = field(name="i")
    executionType: str = field(name="x")
    status: str = field(name="X")
    eventTime: int | None = field(name="E", default=None)
    origClientOrderId: str | None = field(name="C", default=None)
    side: str | None = field(name="S", default=None)
    type: str | None = field(name="o", default=None)
    timeInForce: str | None = field(name="f", default=None)
    origQty: Decimal | None = field(name="q", default=None)
    price: Decimal | None = field(name="p", default=None)
    stopPrice: Decimal | None = field(name="P", default=None)
    trailingDelta: int | None = field(name="d", default=None)
    icebergQty: Decimal | None = field(name="F", default=None)
    orderListId: int | None = field(name="g", default=None)
    rejectReason: str | None = field(name="r", default=None)
    lastQty: Decimal | None = field(name="l", default=None)
    executedQty: Decimal | None = field(name="z", default=None)
    lastPrice: Decimal | None = field(name="L", default=None)
    commission: Decimal | None = field(name="n", default=None)
    commissionAsset: str | None = field(name="N", default=None)
    transactionTime: int | None = field(name="T", default=None)
    tradeId: int | None = field(name="t", default=None)
    executionId: int | None = field(name="I", default=None)
    isWorking: bool | None = field(name="w", default=None)
    maker: bool | None = field(name="m", default=None)
    time: int | None = field(name="O", default=None)
    cummulativeQuoteQty: Decimal | None = field(name="Z", default=None)
    lastQuoteQty: Decimal | None = field(name="Y", default=None)
    quoteOrderQty: Decimal | None = field(name="Q", default=None)
    workingTime: int | None = field(name="W", default=None)
    trailingTime: int | None = field(name="D", default=None)
    strategyId: int | None = field(name="j", default=None)
    strategyType: int | None = field(name="J", default=None)
    selfTradePreventionMode: str | None = field(name="V", default=None)
    expiryReason: str | None = field(name="eR", default=None)
    preventedMatchId: int | None = field(name="v", default=None)
    preventedQuantity: Decimal | None = field(name="A", default=None)
    lastPreventedQuantity: Decimal | None = field(name="B", default=None)
    tradeGroupId: int | None = field(name="u", default=None)
    counterOrderId: int | None = field(name="U", default=None)
    counterSymbol: str | None = field(name="Cs", default=None)
    preventedExecutionQuantity: Decimal | None = field(name="pl", default=None)
    preventedExecutionPrice: Decimal | None = field(name="pL", default=None)
    preventedExecutionQuoteQty: Decimal | None = field(name="pY", default=None)


class ConditionalOrderState(msgspec.Struct, frozen=True, kw_only=True):
    """A COIN-M conditional order. `orderId` is that of the order it sent, 0 before the trigger.

    `strategyStatus` is NEW, CANCELED, EXPIRED, TRIGGERED or FINISHED. Quantities are contracts.
    """

    symbol: str = field(name="s")
    newClientStrategyId: str = field(name="c")
    strategyId: int = field(name="si")
    strategyStatus: str = field(name="os")
    side: str | None = field(name="S", default=None)
    strategyType: str | None = field(name="st", default=None)
    timeInForce: str | None = field(name="f", default=None)
    origQty: Decimal | None = field(name="q", default=None)
    price: Decimal | None = field(name="p", default=None)
    stopPrice: Decimal | None = field(name="sp", default=None)
    bookTime: int | None = field(name="T", default=None)
    updateTime: int | None = field(name="ut", default=None)
    reduceOnly: bool | None = field(name="R", default=None)
    workingType: str | None = field(name="wt", default=None)
    positionSide: str | None = field(name="ps", default=None)
    closePosition: bool | None = field(name="cp", default=None)
    activatePrice: Decimal | None = field(name="AP", default=None)
    priceRate: Decimal | None = field(name="cr", default=None)
    orderId: int | None = field(name="i", default=None)
    selfTradePreventionMode: str | None = field(name="V", default=None)
    goodTillDate: int | None = field(name="gtd", default=None)


class ConditionalOrderTradeUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """CONDITIONAL_ORDER_TRADE_UPDATE: something happened to a COIN-M conditional order."""

    order: ConditionalOrderState = field(name="so")
    businessUnit: str | None = field(name="fs", default=None)
    eventTime: int | None = field(name="E", default=None)
    transactionTime: int | None = field(name="T", default=None)


class AlgoOrderState(msgspec.Struct, frozen=True, kw_only=True):
    """A USD-M conditional order.

    `algoStatus` is NEW, CANCELED, EXPIRED, TRIGGERING, TRIGGERED, FINISHED or REJECTED; FINISHED says
    that the order it sent has ended, not that it was filled. `actualOrderId` is that order's number as
    text, empty before the trigger; `actualPrice` and `actualQty` are its average price and filled
    quantity. `failureReason` says why the engine refused it. NEW may come twice for a trailing stop
    (`activated`).
    """

    symbol: str = field(name="s")
    clientAlgoId: str = field(name="caid")
    algoId: int = field(name="aid")
    algoStatus: str = field(name="X")
    algoType: str | None = field(name="at", default=None)
    orderType: str | None = field(name="o", default=None)
    side: str | None = field(name="S", default=None)
    positionSide: str | None = field(name="ps", default=None)
    timeInForce: str | None = field(name="f", default=None)
    quantity: Decimal | None = field(name="q", default=None)
    actualOrderId: str | None = field(name="ai", default=None)
    actualPrice: Decimal | None = field(name="ap", default=None)
    actualQty: Decimal | None = field(name="aq", default=None)
    actualType: str | None = field(name="act", default=None)
    triggerPrice: Decimal | None = field(name="tp", default=None)
    price: Decimal | None = field(name="p", default=None)
    selfTradePreventionMode: str | None = field(name="V", default=None)
    workingType: str | None = field(name="wt", default=None)
    priceMatch: str | None = field(name="pm", default=None)
    closePosition: bool | None = field(name="cp", default=None)
    priceProtect: bool | None = field(name="pP", default=None)
    reduceOnly: bool | None = field(name="R", default=None)
    triggerTime: int | None = field(name="tt", default=None)
    goodTillDate: int | None = field(name="gtd", default=None)
    failureReason: str | None = field(name="rm", default=None)
    activated: bool | None = field(name="ia", default=None)


class AlgoUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """ALGO_UPDATE: something happened to a USD-M conditional order."""

    order: AlgoOrderState = field(name="ao")
    businessUnit: str | None = field(name="fs", default=None)
    eventTime: int | None = field(name="E", default=None)
    transactionTime: int | None = field(name="T", default=None)
