"""COIN-M futures: orders.

Written by `tools/papi_client.py` from `fixgate.papi.endpoints`.
"""

from fixgate.papi.client.calls import Calls
from fixgate.papi.endpoints import ENDPOINTS
from fixgate.papi.endpoints.words import (
    CmTimeInForce,
    FuturesOrderType,
    Number,
    PositionSide,
    PriceMatch,
    ResponseType,
    Side,
)
from fixgate.papi.responses import CmOrder, CmOrderAck, CodeAndMessage


class CmOrderCalls:
    """COIN-M futures: orders. Each method is a call of the venue.

    They raise what `Calls.call` raises. What changes anything is never sent a second time.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def submit_new_cm_order(
        self,
        *,
        symbol: str,
        side: Side,
        type: FuturesOrderType,
        positionSide: PositionSide | None = None,
        timeInForce: CmTimeInForce | None = None,
        quantity: Number | None = None,
        reduceOnly: bool | None = None,
        price: Number | None = None,
        priceMatch: PriceMatch | None = None,
        newClientOrderId: str | None = None,
        newOrderRespType: ResponseType | None = None,
        recvWindow: int | None = None,
    ) -> CmOrderAck:
        """Place an order.

        PAPI POST /papi/v1/cm/order (TRADE, signed). Weight 1; counts as 1 order.

        LIMIT needs timeInForce, quantity and price or priceMatch, MARKET quantity alone; what does not apply
        must be left out. The answer has no average price: that is in the stream and in get_cm_order.

        symbol: such as BTCUSD_PERP.
        side: BUY or SELL.
        type: LIMIT or MARKET.
        positionSide: BOTH, the default, in one-way mode; LONG or SHORT, mandatory, in hedge mode.
        timeInForce: mandatory for LIMIT, not for MARKET; GTX is post-only.
        quantity: contracts.
        reduceOnly: True to reduce a position only; one-way mode only.
        price: limit price.
        priceMatch: let the venue take the price from the book; not with price.
        newClientOrderId: client order id; by it an order in doubt is found again.
        newOrderRespType: ACK is the default.

        Errors: -2019 MARGIN_NOT_SUFFICIEN, -2022 REDUCE_ONLY_REJECT, -4061 POSITION_SIDE_NOT_MATCH, -4112
        REDUCE_ONLY_MARGIN_CHECK_FAILED, -4116 DUPLICATED_CLIENT_ORDER_ID, -4178 MIN_NOTIONAL.
        If the outcome is unknown: ask cm.get_cm_order by the client order id until timestamp + recvWindow and
        5 seconds are over, since before that -2013 proves nothing, and listen to the stream; do not send it
        again before: it may execute twice.
        """
        row = ENDPOINTS["POST", "/papi/v1/cm/order"]
        return await self._calls.call(
            row,
            CmOrderAck,
            symbol=symbol,
            side=side,
            type=type,
            positionSide=positionSide,
            timeInForce=timeInForce,
            quantity=quantity,
            reduceOnly=reduceOnly,
            price=price,
            priceMatch=priceMatch,
            newClientOrderId=newClientOrderId,
            newOrderRespType=newOrderRespType,
            recvWindow=recvWindow,
        )

    async def modify_cm_order(
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
    ) -> CmOrderAck:
        """Change quantity and price of a LIMIT order.

        PAPI PUT /papi/v1/cm/order (TRADE, signed). Weight 1; counts as 1 order.

        quantity is the new total, filled part included. The order loses its place in the queue. It is
        cancelled when quantity is not more than what is filled, and when a GTX order would cross.

        symbol: such as BTCUSD_PERP.
        side: BUY or SELL.
        quantity: contracts.
        price: limit price.
        orderId: the venue's number of the order; wins over a client order id.
        origClientOrderId: the order's client order id.
        priceMatch: let the venue take the price from the book; not with price.
        modifyId: comes back in the answer and as M in the stream's AMENDMENT.

        Errors: -2013 NO_SUCH_ORDER, -4196 LIMIT_ORDER_ONLY, -4197 SAME_ORDER, -4198 EXCEED_MAX_MODIFY, -5043
        EXISTING_PENDING_MODIFICATION.
        If the outcome is unknown: ask cm.get_cm_order for the order's terms, or
        cm.get_cm_order_modification_history for the modifyId.
        """
        row = ENDPOINTS["PUT", "/papi/v1/cm/order"]
        return await self._calls.call(
            row,
            CmOrderAck,
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

    async def cancel_cm_order(
        self,
        *,
        symbol: str,
        orderId: int | None = None,
        origClientOrderId: str | None = None,
        recvWindow: int | None = None,
    ) -> CmOrderAck:
        """Cancel an order.

        PAPI DELETE /papi/v1/cm/order (TRADE, signed). Weight 1.

        symbol: such as BTCUSD_PERP.
        orderId: the venue's number of the order; wins over a client order id.
        origClientOrderId: the order's client order id.

        Errors: -2011 CANCEL_REJECTED.
        If the outcome is unknown: ask cm.get_cm_order; while it is open, cancelling again does no harm.
        """
        row = ENDPOINTS["DELETE", "/papi/v1/cm/order"]
        return await self._calls.call(
            row,
            CmOrderAck,
            symbol=symbol,
            orderId=orderId,
            origClientOrderId=origClientOrderId,
            recvWindow=recvWindow,
        )

    async def cancel_all_cm_orders(self, *, symbol: str, recvWindow: int | None = None) -> CodeAndMessage:
        """Cancel every open order of a contract.

        PAPI DELETE /papi/v1/cm/allOpenOrders (TRADE, signed). Weight 1.

        Conditional orders stay. What became of each order comes on the stream only.

        symbol: such as BTCUSD_PERP.

        If the outcome is unknown: ask cm.get_all_cm_open_orders.
        """
        row = ENDPOINTS["DELETE", "/papi/v1/cm/allOpenOrders"]
        return await self._calls.call(row, CodeAndMessage, symbol=symbol, recvWindow=recvWindow)

    async def get_cm_order(
        self,
        *,
        symbol: str,
        orderId: int | None = None,
        origClientOrderId: str | None = None,
        recvWindow: int | None = None,
    ) -> CmOrder:
        """One order, with its average price.

        PAPI GET /papi/v1/cm/order (USER_DATA, signed). Weight 1.

        -2013 also for orders that ended without a fill more than 3 days ago, and shortly after placing.

        symbol: such as BTCUSD_PERP.
        orderId: the venue's number of the order; wins over a client order id.
        origClientOrderId: the order's client order id.

        Errors: -2013 NO_SUCH_ORDER.
        """
        row = ENDPOINTS["GET", "/papi/v1/cm/order"]
        return await self._calls.call(
            row,
            CmOrder,
            symbol=symbol,
            orderId=orderId,
            origClientOrderId=origClientOrderId,
            recvWindow=recvWindow,
        )

    async def get_cm_open_order(
        self,
        *,
        symbol: str,
        orderId: int | None = None,
        origClientOrderId: str | None = None,
        recvWindow: int | None = None,
    ) -> CmOrder:
        """One open order.

        PAPI GET /papi/v1/cm/openOrder (USER_DATA, signed). Weight 1.

        -2013 says no more than that it is not open. The venue may answer a list of one.

        symbol: such as BTCUSD_PERP.
        orderId: the venue's number of the order; wins over a client order id.
        origClientOrderId: the order's client order id.

        Errors: -2013 NO_SUCH_ORDER.
        """
        row = ENDPOINTS["GET", "/papi/v1/cm/openOrder"]
        return await self._calls.call(
            row,
            CmOrder,
            symbol=symbol,
            orderId=orderId,
            origClientOrderId=origClientOrderId,
            recvWindow=recvWindow,
        )

    async def get_all_cm_open_orders(
        self, *, symbol: str | None = None, pair: str | None = None, recvWindow: int | None = None
    ) -> list[CmOrder]:
        """Open orders of one contract, of one pair or of all.

        PAPI GET /papi/v1/cm/openOrders (USER_DATA, signed). Weight 1, 40 without symbol.

        symbol: such as BTCUSD_PERP.
        pair: such as BTCUSD.
        """
        row = ENDPOINTS["GET", "/papi/v1/cm/openOrders"]
        return await self._calls.call(row, list[CmOrder], symbol=symbol, pair=pair, recvWindow=recvWindow)

    async def get_all_cm_orders(
        self,
        *,
        symbol: str | None = None,
        pair: str | None = None,
        orderId: int | None = None,
        startTime: int | None = None,
        endTime: int | None = None,
        limit: int | None = None,
        recvWindow: int | None = None,
    ) -> list[CmOrder]:
        """Orders of a contract or pair, open or not.

        PAPI GET /papi/v1/cm/allOrders (USER_DATA, signed). Weight 20, 40 with pair.

        orderId: from this order on. Orders that ended without a fill more than 3 days ago are missing.

        symbol: such as BTCUSD_PERP.
        pair: such as BTCUSD.
        orderId: the venue's number of the order; wins over a client order id.
        startTime: from here, ms.
        endTime: up to here, ms.
        limit: rows wanted; 50 when left out; 1 to 100.
        """
        row = ENDPOINTS["GET", "/papi/v1/cm/allOrders"]
        return await self._calls.call(
            row,
            list[CmOrder],
            symbol=symbol,
            pair=pair,
            orderId=orderId,
            startTime=startTime,
            endTime=endTime,
            limit=limit,
            recvWindow=recvWindow,
        )
