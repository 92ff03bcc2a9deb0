"""Cross margin: orders and order lists.

Written by `tools/papi_client.py` from `fixgate.papi.endpoints`.
"""

from fixgate.papi.client.calls import Calls
from fixgate.papi.endpoints import ENDPOINTS
from fixgate.papi.endpoints.words import (
    MarginOrderType,
    MarginResponseType,
    MarginTimeInForce,
    Number,
    OcoSideEffect,
    ResponseType,
    SelfTradePrevention,
    Side,
    SideEffect,
)
from fixgate.papi.responses import (
    MarginOrder,
    MarginOrderCancelled,
    MarginOrderOrListCancelled,
    MarginOrderPlaced,
    OrderList,
    OrderListCancelled,
    OrderListPlaced,
)


class MarginOrderCalls:
    """Cross margin: orders and order lists. Each method is a call of the venue.

    They raise what `Calls.call` raises. What changes anything is never sent a second time.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def submit_new_margin_order(
        self,
        *,
        symbol: str,
        side: Side,
        type: MarginOrderType,
        quantity: Number | None = None,
        quoteOrderQty: Number | None = None,
        price: Number | None = None,
        stopPrice: Number | None = None,
        newClientOrderId: str | None = None,
        newOrderRespType: MarginResponseType | None = None,
        icebergQty: Number | None = None,
        sideEffectType: SideEffect | None = None,
        timeInForce: MarginTimeInForce | None = None,
        selfTradePreventionMode: SelfTradePrevention | None = None,
        autoRepayAtCancel: bool | None = None,
        recvWindow: int | None = None,
    ) -> MarginOrderPlaced:
        """Place an order.

        PAPI POST /papi/v1/margin/order (TRADE, signed). Weight 1; counts as 1 order.

        It cannot be modified: cancel it and place another.

        symbol: such as BTCUSDT.
        side: BUY or SELL.
        type: LIMIT_MAKER is post-only.
        quantity: base asset.
        quoteOrderQty: quote asset to spend or receive, with MARKET only.
        price: limit price.
        stopPrice: the price that triggers.
        newClientOrderId: client order id; by it an order in doubt is found again.
        newOrderRespType: FULL is the default of LIMIT and MARKET, else ACK.
        icebergQty: base asset; the part that is shown.
        sideEffectType: what is borrowed and repaid by itself.
        timeInForce: mandatory for LIMIT and the _LIMIT types.
        selfTradePreventionMode: what a self-trade ends.
        autoRepayAtCancel: True to repay what a MARGIN_BUY borrowed when it is cancelled.

        Errors: -1013 INVALID_MESSAGE, -2010 NEW_ORDER_REJECTED, 51006 EXCEED_MAX_BORROWABLE, 51113
        EXCEED_PRICE_LIMIT.
        If the outcome is unknown: ask margin.get_margin_order by the client order id until timestamp +
        recvWindow and 5 seconds are over, since before that -2013 proves nothing, and listen to the stream;
        do not send it again before: it may execute twice.
        """
        row = ENDPOINTS["POST", "/papi/v1/margin/order"]
        return await self._calls.call(
            row,
            MarginOrderPlaced,
            symbol=symbol,
            side=side,
            type=type,
            quantity=quantity,
            quoteOrderQty=quoteOrderQty,
            price=price,
            stopPrice=stopPrice,
            newClientOrderId=newClientOrderId,
            newOrderRespType=newOrderRespType,
            icebergQty=icebergQty,
            sideEffectType=sideEffectType,
            timeInForce=timeInForce,
            selfTradePreventionMode=selfTradePreventionMode,
            autoRepayAtCancel=autoRepayAtCancel,
            recvWindow=recvWindow,
        )

    async def submit_new_margin_oco(
        self,
        *,
        symbol: str,
        side: Side,
        quantity: Number,
        price: Number,
        stopPrice: Number,
        listClientOrderId: str | None = None,
        limitClientOrderId: str | None = None,
        limitIcebergQty: Number | None = None,
        stopClientOrderId: str | None = None,
        stopLimitPrice: Number | None = None,
        stopIcebergQty: Number | None = None,
        stopLimitTimeInForce: MarginTimeInForce | None = None,
        newOrderRespType: ResponseType | None = None,
        sideEffectType: OcoSideEffect | None = None,
        recvWindow: int | None = None,
    ) -> OrderListPlaced:
        """Place a limit order and a stop order of which one cancels the other.

        PAPI POST /papi/v1/margin/order/oco (TRADE, signed). Weight 1; counts as 2 orders.

        SELL: price above the last price, stopPrice below; BUY: the other way round. Counts as two orders.

        symbol: such as BTCUSDT.
        side: BUY or SELL.
        quantity: base asset.
        price: limit price.
        stopPrice: triggers the stop order.
        listClientOrderId: client id of the list; by it a list in doubt is found again.
        limitClientOrderId: client order id of the limit order.
        limitIcebergQty: base asset; the part of the limit order that is shown.
        stopClientOrderId: client order id of the stop order.
        stopLimitPrice: makes the stop order a stop-limit order.
        stopIcebergQty: base asset; the part of the stop order that is shown.
        stopLimitTimeInForce: mandatory with stopLimitPrice.
        newOrderRespType: ACK is the default.
        sideEffectType: what is borrowed and repaid by itself.

        Errors: -1013 INVALID_MESSAGE, -2010 NEW_ORDER_REJECTED, 51006 EXCEED_MAX_BORROWABLE, 51113
        EXCEED_PRICE_LIMIT.
        If the outcome is unknown: ask margin.get_margin_oco by listClientOrderId until timestamp + recvWindow
        and 5 seconds are over, and listen to the stream; do not send it again before: it may execute twice.
        """
        row = ENDPOINTS["POST", "/papi/v1/margin/order/oco"]
        return await self._calls.call(
            row,
            OrderListPlaced,
            symbol=symbol,
            side=side,
            quantity=quantity,
            price=price,
            stopPrice=stopPrice,
            listClientOrderId=listClientOrderId,
            limitClientOrderId=limitClientOrderId,
            limitIcebergQty=limitIcebergQty,
            stopClientOrderId=stopClientOrderId,
            stopLimitPrice=stopLimitPrice,
            stopIcebergQty=stopIcebergQty,
            stopLimitTimeInForce=stopLimitTimeInForce,
            newOrderRespType=newOrderRespType,
            sideEffectType=sideEffectType,
            recvWindow=recvWindow,
        )

    async def cancel_margin_order(
        self,
        *,
        symbol: str,
        orderId: int | None = None,
        origClientOrderId: str | None = None,
        newClientOrderId: str | None = None,
        recvWindow: int | None = None,
    ) -> MarginOrderCancelled:
        """Cancel an order.

        PAPI DELETE /papi/v1/margin/order (TRADE, signed). Weight 2.

        In the answer origClientOrderId is the order's, clientOrderId the cancel's.

        symbol: such as BTCUSDT.
        orderId: the venue's number of the order; wins over a client order id.
        origClientOrderId: the order's client order id.
        newClientOrderId: names the cancel itself: it comes back as its clientOrderId.

        Errors: -2011 CANCEL_REJECTED.
        If the outcome is unknown: ask margin.get_margin_order; while it is open, cancelling again does no
        harm.
        """
        row = ENDPOINTS["DELETE", "/papi/v1/margin/order"]
        return await self._calls.call(
            row,
            MarginOrderCancelled,
            symbol=symbol,
            orderId=orderId,
            origClientOrderId=origClientOrderId,
            newClientOrderId=newClientOrderId,
            recvWindow=recvWindow,
        )

    async def cancel_margin_oco(
        self,
        *,
        symbol: str,
        orderListId: int | None = None,
        listClientOrderId: str | None = None,
        newClientOrderId: str | None = None,
        recvWindow: int | None = None,
    ) -> OrderListCancelled:
        """Cancel an order list, both orders of it.

        PAPI DELETE /papi/v1/margin/orderList (TRADE, signed). Weight 2.

        symbol: such as BTCUSDT.
        orderListId: the venue's number of the order list.
        listClientOrderId: client id of the list.
        newClientOrderId: names the cancel itself: it comes back as its clientOrderId.

        Errors: -2011 CANCEL_REJECTED.
        If the outcome is unknown: ask margin.get_margin_oco; while it is open, cancelling again does no harm.
        """
        row = ENDPOINTS["DELETE", "/papi/v1/margin/orderList"]
        return await self._calls.call(
            row,
            OrderListCancelled,
            symbol=symbol,
            orderListId=orderListId,
            listClientOrderId=listClientOrderId,
            newClientOrderId=newClientOrderId,
            recvWindow=recvWindow,
        )

    async def cancel_all_margin_orders(
        self, *, symbol: str, recvWindow: int | None = None
    ) -> list[MarginOrderOrListCancelled]:
        """Cancel every open order and order list of a symbol.

        PAPI DELETE /papi/v1/margin/allOpenOrders (TRADE, signed). Weight 5.

        A row with contingencyType is an order list.

        symbol: such as BTCUSDT.

        If the outcome is unknown: ask margin.get_margin_open_orders.
        """
        row = ENDPOINTS["DELETE", "/papi/v1/margin/allOpenOrders"]
        return await self._calls.call(
            row, list[MarginOrderOrListCancelled], symbol=symbol, recvWindow=recvWindow
        )

    async def get_margin_order(
        self,
        *,
        symbol: str,
        orderId: int | None = None,
        origClientOrderId: str | None = None,
        recvWindow: int | None = None,
    ) -> MarginOrder:
        """One order.

        PAPI GET /papi/v1/margin/order (USER_DATA, signed). Weight 10.

        symbol: such as BTCUSDT.
        orderId: the venue's number of the order; wins over a client order id.
        origClientOrderId: the order's client order id.

        Errors: -2013 NO_SUCH_ORDER.
        """
        row = ENDPOINTS["GET", "/papi/v1/margin/order"]
        return await self._calls.call(
            row,
            MarginOrder,
            symbol=symbol,
            orderId=orderId,
            origClientOrderId=origClientOrderId,
            recvWindow=recvWindow,
        )

    async def get_margin_open_orders(
        self, *, symbol: str, recvWindow: int | None = None
    ) -> list[MarginOrder]:
        """Open orders.

        PAPI GET /papi/v1/margin/openOrders (USER_DATA, signed). Weight 5.

        symbol: such as BTCUSDT.
        """
        row = ENDPOINTS["GET", "/papi/v1/margin/openOrders"]
        return await self._calls.call(row, list[MarginOrder], symbol=symbol, recvWindow=recvWindow)

    async def get_all_margin_orders(
        self,
        *,
        symbol: str,
        orderId: int | None = None,
        startTime: int | None = None,
        endTime: int | None = None,
        limit: int | None = None,
        recvWindow: int | None = None,
    ) -> list[MarginOrder]:
        """Orders of a symbol, open or not.

        PAPI GET /papi/v1/margin/allOrders (USER_DATA, signed). Weight 100.

        orderId: from this order on. A negative cummulativeQuoteQty means that the venue does not have it.

        symbol: such as BTCUSDT.
        orderId: the venue's number of the order; wins over a client order id.
        startTime: from here, ms.
        endTime: up to here, ms.
        limit: rows wanted; 500 when left out; 1 to 500.
        """
        row = ENDPOINTS["GET", "/papi/v1/margin/allOrders"]
        return await self._calls.call(
            row,
            list[MarginOrder],
            symbol=symbol,
            orderId=orderId,
            startTime=startTime,
            endTime=endTime,
            limit=limit,
            recvWindow=recvWindow,
        )

    async def get_margin_oco(
        self,
        *,
        orderListId: int | None = None,
        origClientOrderId: str | None = None,
        recvWindow: int | None = None,
    ) -> OrderList:
        """One order list.

        PAPI GET /papi/v1/margin/orderList (USER_DATA, signed). Weight 5.

        orderListId: the venue's number of the order list.
        origClientOrderId: client id of the list.
        """
        row = ENDPOINTS["GET", "/papi/v1/margin/orderList"]
        return await self._calls.call(
            row,
            OrderList,
            orderListId=orderListId,
            origClientOrderId=origClientOrderId,
            recvWindow=recvWindow,
        )

    async def get_all_margin_oco(
        self,
        *,
        fromId: int | None = None,
        startTime: int | None = None,
        endTime: int | None = None,
        limit: int | None = None,
        recvWindow: int | None = None,
    ) -> list[OrderList]:
        """Order lists, open or not.

        PAPI GET /papi/v1/margin/allOrderList (USER_DATA, signed). Weight 100.

        fromId: from this id on.
        startTime: from here, ms.
        endTime: up to here, ms.
        limit: rows wanted; 500 when left out; 1 to 500.
        """
        row = ENDPOINTS["GET", "/papi/v1/margin/allOrderList"]
        return await self._calls.call(
            row,
            list[OrderList],
            fromId=fromId,
            startTime=startTime,
            endTime=endTime,
            limit=limit,
            recvWindow=recvWindow,
        )

    async def get_margin_open_oco(self, *, recvWindow: int | None = None) -> list[OrderList]:
        """Open order lists.

        PAPI GET /papi/v1/margin/openOrderList (USER_DATA, signed). Weight 5.
        """
        row = ENDPOINTS["GET", "/papi/v1/margin/openOrderList"]
        return await self._calls.call(row, list[OrderList], recvWindow=recvWindow)
