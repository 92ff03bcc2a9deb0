"""Answers about algo orders. Quantities are base asset, times milliseconds since the epoch."""

from decimal import Decimal

import msgspec


class AlgoOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One conditional order of the USD-M side.

    `algoStatus` is NEW, CANCELED, EXPIRED, TRIGGERING, TRIGGERED, FINISHED or REJECTED; FINISHED says that
    the order of the trigger has ended, not that it was filled. `actualOrderId` is that order's number as
    text, empty or absent before the trigger.
    """

    algoId: int
    clientAlgoId: str
    algoStatus: str
    symbol: str
    algoType: str | None = None
    orderType: str | None = None
    side: str | None = None
    positionSide: str | None = None
    timeInForce: str | None = None
    quantity: Decimal | None = None
    triggerPrice: Decimal | None = None
    price: Decimal | None = None
    selfTradePreventionMode: str | None = None
    workingType: str | None = None
    priceMatch: str | None = None
    closePosition: bool | None = None
    priceProtect: bool | None = None
    reduceOnly: bool | None = None
    activatePrice: Decimal | None = None
    callbackRate: Decimal | None = None
    createTime: int | None = None
    updateTime: int | None = None
    triggerTime: int | None = None
    goodTillDate: int | None = None
    actualOrderId: str | None = None
    actualPrice: Decimal | None = None


class AlgoOrderCancelled(msgspec.Struct, frozen=True, kw_only=True):
    """`complete` is True for a cancel that was taken; how it ended comes on the stream."""

    complete: bool
