"""Answers about order lists of the margin account. Times are milliseconds since the epoch."""

from decimal import Decimal

import msgspec


class OrderInList(msgspec.Struct, frozen=True, kw_only=True):
    """One order of a list."""

    symbol: str
    orderId: int
    clientOrderId: str


class OrderListReport(msgspec.Struct, frozen=True, kw_only=True):
    """One order of a list with its terms."""

    symbol: str
    orderId: int
    clientOrderId: str
    orderListId: int | None = None
    transactTime: int | None = None
    price: Decimal | None = None
    origQty: Decimal | None = None
    executedQty: Decimal | None = None
    cummulativeQuoteQty: Decimal | None = None
    status: str | None = None
    timeInForce: str | None = None
    type: str | None = None
    side: str | None = None
    stopPrice: Decimal | None = None
    origClientOrderId: str | None = None
    icebergQty: Decimal | None = None


class OrderList(msgspec.Struct, frozen=True, kw_only=True):
    """One order list. PAPI `GET /papi/v1/margin/orderList`."""

    orderListId: int
    listOrderStatus: str
    symbol: str
    contingencyType: str | None = None
    listStatusType: str | None = None
    listClientOrderId: str | None = None
    transactionTime: int | None = None
    orders: list[OrderInList] = []


class OrderListPlaced(msgspec.Struct, frozen=True, kw_only=True):
    """An order list that was taken."""

    orderListId: int
    listOrderStatus: str
    symbol: str
    contingencyType: str | None = None
    listStatusType: str | None = None
    listClientOrderId: str | None = None
    transactionTime: int | None = None
    marginBuyBorrowAmount: Decimal | None = None
    marginBuyBorrowAsset: str | None = None
    orders: list[OrderInList] = []
    orderReports: list[OrderListReport] = []


class OrderListCancelled(msgspec.Struct, frozen=True, kw_only=True):
    """An order list that was cancelled."""

    orderListId: int
    listOrderStatus: str
    symbol: str
    contingencyType: str | None = None
    listStatusType: str | None = None
    listClientOrderId: str | None = None
    transactionTime: int | None = None
    orders: list[OrderInList] = []
    orderReports: list[OrderListReport] = []


class MarginOrderOrListCancelled(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a cancel of everything: an order, or an order list where `contingencyType` is there."""

    symbol: str
    origClientOrderId: str | None = None
    orderId: int | None = None
    orderListId: int | None = None
    clientOrderId: str | None = None
    price: Decimal | None = None
    origQty: Decimal | None = None
    executedQty: Decimal | None = None
    cummulativeQuoteQty: Decimal | None = None
    status: str | None = None
    timeInForce: str | None = None
    type: str | None = None
    side: str | None = None
    contingencyType: str | None = None
    listStatusType: str | None = None
    listOrderStatus: str | None = None
    listClientOrderId: str | None = None
    transactionTime: int | None = None
    orders: list[OrderInList] = []
    orderReports: list[OrderListReport] = []
