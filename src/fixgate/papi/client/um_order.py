"""USD-M futures: orders.

Written by `tools/papi_client.py` from `fixgate.papi.endpoints`.
"""

from fixgate.papi.client.calls import Calls
from fixgate.papi.endpoints import ENDPOINTS
from fixgate.papi.endpoints.words import (
    FuturesOrderType,
    Number,
    PositionSide,
    PriceMatch,
    ResponseType,
    Side,
    UmSelfTradePrevention,
    UmTimeInForce,
)
from fixgate.papi.responses import CodeAndMessage, UmOrder, UmOrderAck


class UmOrderCalls:
    """USD-M futures: orders. Each method is a call of the venue.

    They raise what `Calls.call` raises. What changes anything is never sent a second time.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def submit_new_um_order(
        self,
        *,
        symbol: str,
        side: Side,
        type: FuturesOrderType,
        positionSide: PositionSide | None = None,
        timeInForce: UmTimeInForce | None = None,
        quantity: Number | None = None,
        reduceOnly: bool | None = None,
        price: Number | None = None,
        newClientOrderId: str | None = None,
        newOrderRespType: ResponseType | None = None,
        priceMatch: PriceMatch | None = None,
        selfTradePreventionMode: UmSelfTradePrevention | None = None,
        goodTillDate: int | None = None,
        recvWindow: int | None = None,
    ) -> UmOrderAck:
        """Place an order.

        PAPI POST /papi/v1/um/order (TRADE, signed). Weight 1; counts as 1 order.

        LIMIT needs timeInForce, quantity and price or priceMatch, MARKET quantity alone; what does not apply
        must be left out. The answer has no average price: that is in the stream and in get_um_order. An FOK
        or GTX order that is refused at once is not on the stream and cannot be asked for.

        symbol: such as BTCUSDT.
        side: BUY or SELL.
        type: LIMIT or MARKET.
        positionSide: BOTH, the default, in one-way mode; LONG or SHORT, mandatory, in hedge mode.
        timeInForce: mandatory for LIMIT, not for MARKET; GTX is post-only.
        quantity: base asset.
        reduceOnly: True to reduce a position only; one-way mode only.
        price: limit price.
        newClientOrderId: client order id; by it an order in doubt is found again.
        newOrderRespType: ACK is the default.
        priceMatch: let the venue take the price from the book; not with price.
        selfTradePreventionMode: what a self-trade ends.
        goodTillDate: ms, whole seconds count, at least 600 s ahead; with GTD only.

        Errors: -2019 MARGIN_NOT_SUFFICIEN, -2022 REDUCE_ONLY_REJECT, -4061 POSITION_SIDE_NOT_MATCH, -4116
        DUPLICATED_CLIENT_ORDER_ID, -4164 MIN_NOTIONAL, -5021 FOK_ORDER_REJECT, -5022 GTX_ORDER_REJECT.
        If the outcome is unknown: ask um.get_um_order by the client order id until timestamp + recvWindow and
        5 seconds are over, since before that -2013 proves nothing, and listen to the stream; do not send it
        again before: it may execute twice.
        """
        row = ENDPOINTS["POST", "/papi/v1/um/order"]
        return await self._calls.call(
            row,
            UmOrderAck,
            symbol=symbol,
            side=side,
            type=type,
            positionSide=positionSide,
            timeInForce=timeInForce,
            quantity=quantity,
            reduceOnly=reduceOnly,
            price=price,
            newClientOrderId=newClientOrderId,
            newOrderRespType=newOrderRespType,
            priceMatch=priceMatch,
            selfTradePreventionMode=selfTradePreventionMode,
            goodTillDate=goodTillDate,
            recvWindow=recvWindow,
        )

    async def modify_um_order(
        self,
        *,
        symbol: str,
        side: Side,
        quantity: Number,
        price: Number,
        orderId: int | None = None,
        origClientOrderId: str | None = None,
        priceMatch: PriceMatch | None = None,
        modifyId: int | None = None,
        recvWindow: int | None = None,
    ) -> UmOrderAck:
        """Change quantity and price of a LIMIT order.

        PAPI PUT /papi/v1/um/order (TRADE, signed). Weight 1; counts as 1 order.

        quantity is the new total, filled part included. The order loses its place in the queue. It is
        cancelled when quantity is not more than what is filled, and when a GTX order would cross. At most
        10,000 times an order, one at a time.

        symbol: such as BTCUSDT.
        side: BUY or SELL.
        quantity: base asset.
        price: limit price.
        orderId: the venue's number of the order; wins over a client order id.
        origClientOrderId: the order's client order id.
        priceMatch: let the venue take the price from the book; not with price.
        modifyId: comes back in the answer and as M in the stream's AMENDMENT.

        Errors: -2013 NO_SUCH_ORDER, -5025 LIMIT_ORDER_ONLY, -5026 EXCEED_MAX_MODIFY, -5027 SAME_ORDER, -5043
        EXISTING_PENDING_MODIFICATION.
        If the outcome is unknown: ask um.get_um_order for the order's terms, or
        um.get_um_order_modification_history for the modifyId.
        """
        row = ENDPOINTS["PUT", "/papi/v1/um/order"]
        return await self._calls.call(
            row,
            UmOrderAck,
            symbol=symbol,
            side=side,
            quantity=quantity,
            price=price,
            orderId=orderId,
            origClientOrderId=origClientOrderId,
            priceMatch=priceMatch,
            modifyId=modifyId,
            recvWindow=recvWindow,
        )

    async def cancel_um_order(
        self,
        *,
        symbol: str,
        orderId: int | None = None,
        origClientOrderId: str | None = None,
        recvWindow: int | None = None,
    ) -> UmOrderAck:
        """Cancel an order.

        PAPI DELETE /papi/v1/um/order (TRADE, signed). Weight 1.

        symbol: such as BTCUSDT.
        orderId: the venue's number of the order; wins over a client order id.
        origClientOrderId: the order's client order id.

        Errors: -2011 CANCEL_REJECTED.
        If the outcome is unknown: ask um.get_um_order; while it is open, cancelling again does no harm.
        """
        row = ENDPOINTS["DELETE", "/papi/v1/um/order"]
        return await self._calls.call(
            row,
            UmOrderAck,
            symbol=symbol,
            orderId=orderId,
            origClientOrderId=origClientOrderId,
            recvWindow=recvWindow,
        )

    async def cancel_all_um_orders(self, *, symbol: str, recvWindow: int | None = None) -> CodeAndMessage:
        """Cancel every open order of a symbol.

        PAPI DELETE /papi/v1/um/allOpenOrders (TRADE, signed). Weight 1.

        Algo orders stay. What became of each order comes on the stream only.

        symbol: such as BTCUSDT.

        If the outcome is unknown: ask um.get_all_um_open_orders.
        """
        row = ENDPOINTS["DELETE", "/papi/v1/um/allOpenOrders"]
        return await self._calls.call(row, CodeAndMessage, symbol=symbol, recvWindow=recvWindow)

    async def get_um_order(
        self,
        *,
        symbol: str,
        orderId: int | None = None,
        origClientOrderId: str | None = None,
        recvWindow: int | None = None,
    ) -> UmOrder:
        """One order, with its average price.

        PAPI GET /papi/v1/um/order (USER_DATA, signed). Weight 1.

        -2013 also for orders that ended without a fill more than 3 days ago, and shortly after placing.

        symbol: such as BTCUSDT.
        orderId: the venue's number of the order; wins over a client order id.
        origClientOrderId: the order's client order id.

        Errors: -2013 NO_SUCH_ORDER.
        """
        row = ENDPOINTS["GET", "/papi/v1/um/order"]
        return await self._calls.call(
            row,
            UmOrder,
            symbol=symbol,
            orderId=orderId,
            origClientOrderId=origClientOrderId,
            recvWindow=recvWindow,
        )

    async def get_um_open_order(
        self,
        *,
        symbol: str,
        orderId: int | None = None,
        origClientOrderId: str | None = None,
        recvWindow: int | None = None,
    ) -> UmOrder:
        """One open order.

        PAPI GET /papi/v1/um/openOrder (USER_DATA, signed). Weight 1.

        -2013 says no more than that it is not open.

        symbol: such as BTCUSDT.
        orderId: the venue's number of the order; wins over a client order id.
        origClientOrderId: the order's client order id.

        Errors: -2013 NO_SUCH_ORDER.
        """
        row = ENDPOINTS["GET", "/papi/v1/um/openOrder"]
        return await self._calls.call(
            row,
            UmOrder,
            symbol=symbol,
            orderId=orderId,
            origClientOrderId=origClientOrderId,
            recvWindow=recvWindow,
        )

    async def get_all_um_open_orders(
        self, *, symbol: str | None = None, recvWindow: int | None = None
    ) -> list[UmOrder]:
        """Open orders of one symbol or of all.

        PAPI GET /papi/v1/um/openOrders (USER_DATA, signed). Weight 1, 40 without symbol.

        symbol: such as BTCUSDT.
        """
        row = ENDPOINTS["GET", "/papi/v1/um/openOrders"]
        return await self._calls.call(row, list[UmOrder], symbol=symbol, recvWindow=recvWindow)

    async def get_all_um_orders(
        self,
        *,
        symbol: str,
        orderId: int | None = None,
        startTime: int | None = None,
        endTime: int | None = None,
        limit: int | None = None,
        recvWindow: int | None = None,
    ) -> list[UmOrder]:
        """Orders of a symbol, open or not.

        PAPI GET /papi/v1/um/allOrders (USER_DATA, signed). Weight 5.

        orderId: from this order on. Less than 7 days a call, the last 7 when no time is given.

        symbol: such as BTCUSDT.
        orderId: the venue's number of the order; wins over a client order id.
        startTime: from here, ms.
        endTime: up to here, ms.
        limit: rows wanted; 500 when left out; 1 to 1000.
        """
        row = ENDPOINTS["GET", "/papi/v1/um/allOrders"]
        return await self._calls.call(
            row,
            list[UmOrder],
            symbol=symbol,
            orderId=orderId,
            startTime=startTime,
            endTime=endTime,
            limit=limit,
            recvWindow=recvWindow,
        )
