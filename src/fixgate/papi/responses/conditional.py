"""Answers about conditional orders. Quantities are contracts, times milliseconds since the epoch."""

from decimal import Decimal

import msgspec


class ConditionalOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One conditional order of the COIN-M side.

    `strategyStatus` is NEW, CANCELED, EXPIRED, TRIGGERED or FINISHED. `orderId`, `status` and `type` are
    those of the order that the trigger sent.
    """

    strategyId: int
    newClientStrategyId: str
    strategyStatus: str
    symbol: str
    strategyType: str | None = None
    origQty: Decimal | None = None
    price: Decimal | None = None
    reduceOnly: bool | None = None
    side: str | None = None
    positionSide: str | None = None
    stopPrice: Decimal | None = None
    pair: str | None = None
    timeInForce: str | None = None
    activatePrice: Decimal | None = None
    priceRate: Decimal | None = None
    bookTime: int | None = None
    updateTime: int | None = None
    workingType: str | None = None
    priceProtect: bool | None = None
    orderId: int | None = None
    status: str | None = None
    triggerTime: int | None = None
    type: str | None = None
    priceMatch: str | None = None
