"""Conditional orders of USD-M futures.

Written by `tools/papi_client.py` from `fixgate.papi.endpoints`.
"""

from fixgate.papi.client.calls import Calls
from fixgate.papi.endpoints import ENDPOINTS
from fixgate.papi.endpoints.words import (
    AlgoType,
    Number,
    PositionSide,
    PriceMatch,
    ResponseType,
    SelfTradePrevention,
    Side,
    StopType,
    UmTimeInForce,
    WorkingType,
)
from fixgate.papi.responses import AlgoOrder, AlgoOrderCancelled, CodeAndMessage


class AlgoCalls:
    """Conditional orders of USD-M futures. Each method is a call of the venue.

    They raise what `Calls.call` raises. What changes anything is never sent a second time.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def submit_new_um_algo_order(
        self,
        *,
        algoType: AlgoType,
        symbol: str,
        side: Side,
        type: StopType,
        positionSide: PositionSide | None = None,
        timeInForce: UmTimeInForce | None = None,
        quantity: Number | None = None,
        price: Number | None = None,
        triggerPrice: Number | None = None,
        workingType: WorkingType | None = None,
        priceMatch: PriceMatch | None = None,
        closePosition: bool | None = None,
        priceProtect: bool | None = None,
        reduceOnly: bool | None = None,
        activatePrice: Number | None = None,
        callbackRate: Number | None = None,
        clientAlgoId: str | None = None,
        newOrderRespType: ResponseType | None = None,
        selfTradePreventionMode: SelfTradePrevention | None = None,
        goodTillDate: int | None = None,
        recvWindow: int | None = None,
    ) -> AlgoOrder:
        """Place a stop, take-profit or trailing stop order.

        PAPI POST /papi/v1/um/algo/order (TRADE, signed). Weight 1; counts as 1 order.

        It sends an order of its own when it is triggered, and that order is asked for and cancelled as any
        other (um.get_um_order). Margin is not checked before the trigger. quantity may be left out with
        closePosition=True only.

        algoType: CONDITIONAL is the only one.
        symbol: such as BTCUSDT.
        side: BUY or SELL.
        type: what it becomes when it is triggered.
        positionSide: BOTH, the default, in one-way mode; LONG or SHORT, mandatory, in hedge mode.
        timeInForce: of the order that the trigger sends.
        quantity: base asset.
        price: limit price.
        triggerPrice: the price that triggers.
        workingType: which price triggers; CONTRACT_PRICE is the default.
        priceMatch: let the venue take the price from the book; not with price.
        closePosition: True to close the whole position; without quantity.
        priceProtect: True for the venue's price protection at the trigger.
        reduceOnly: True to reduce a position only; one-way mode only.
        activatePrice: where a trailing stop begins to follow.
        callbackRate: percent that a trailing stop follows behind; 0.1 to 20.
        clientAlgoId: client id; by it an order in doubt is found again.
        newOrderRespType: ACK is the default.
        selfTradePreventionMode: what a self-trade ends.
        goodTillDate: ms, whole seconds count, at least 600 s ahead; with GTD only.

        Errors: -1130 INVALID_PARAMETER, -2021 ORDER_WOULD_IMMEDIATELY_TRIGGER, -4045 MAX_STOP_ORDER_EXCEEDED,
        -4135 INVALID_ACTIVATION_PRICE, -4137 QUANTITY_EXISTS_WITH_CLOSE_POSITION, -4138
        REDUCE_ONLY_MUST_BE_TRUE, -4142 STRATEGY_INVALID_TRIGGER_PRICE.
        If the outcome is unknown: ask algo.get_um_algo_order by clientAlgoId, and listen to the stream; do
        not send it again before.
        """
        row = ENDPOINTS["POST", "/papi/v1/um/algo/order"]
        return await self._calls.call(
            row,
            AlgoOrder,
            algoType=algoType,
            symbol=symbol,
            side=side,
            type=type,
            positionSide=positionSide,
            timeInForce=timeInForce,
            quantity=quantity,
            price=price,
            triggerPrice=triggerPrice,
            workingType=workingType,
            priceMatch=priceMatch,
            closePosition=closePosition,
            priceProtect=priceProtect,
            reduceOnly=reduceOnly,
            activatePrice=activatePrice,
            callbackRate=callbackRate,
            clientAlgoId=clientAlgoId,
            newOrderRespType=newOrderRespType,
            selfTradePreventionMode=selfTradePreventionMode,
            goodTillDate=goodTillDate,
            recvWindow=recvWindow,
        )

    async def cancel_um_algo_order(
        self, *, algoId: int | None = None, clientAlgoId: str | None = None, recvWindow: int | None = None
    ) -> AlgoOrderCancelled:
        """Cancel an algo order that is not triggered yet.

        PAPI DELETE /papi/v1/um/algo/order (TRADE, signed). Weight 1.

        How it ended comes on the stream.

        algoId: the venue's number of the algo order.
        clientAlgoId: client id of the algo order.

        Errors: -2011 CANCEL_REJECTED.
        If the outcome is unknown: ask algo.get_um_algo_order; while it is open, cancelling again does no
        harm.
        """
        row = ENDPOINTS["DELETE", "/papi/v1/um/algo/order"]
        return await self._calls.call(
            row, AlgoOrderCancelled, algoId=algoId, clientAlgoId=clientAlgoId, recvWindow=recvWindow
        )

    async def cancel_all_um_algo_open_orders(
        self, *, symbol: str, recvWindow: int | None = None
    ) -> CodeAndMessage:
        """Cancel every algo order of a symbol that is not triggered yet.

        PAPI DELETE /papi/v1/um/algo/allOpenOrders (TRADE, signed). Weight 1.

        Other orders stay.

        symbol: such as BTCUSDT.

        If the outcome is unknown: ask algo.get_um_algo_open_orders.
        """
        row = ENDPOINTS["DELETE", "/papi/v1/um/algo/allOpenOrders"]
        return await self._calls.call(row, CodeAndMessage, symbol=symbol, recvWindow=recvWindow)

    async def get_um_algo_open_orders(
        self,
        *,
        algoType: str | None = None,
        symbol: str | None = None,
        algoId: int | None = None,
        recvWindow: int | None = None,
    ) -> list[AlgoOrder]:
        """Algo orders that are open, of one symbol or of all.

        PAPI GET /papi/v1/um/algo/openAlgoOrders (USER_DATA, signed). Weight 1, 40 without symbol.

        algoType: CONDITIONAL.
        symbol: such as BTCUSDT.
        algoId: the venue's number of the algo order.
        """
        row = ENDPOINTS["GET", "/papi/v1/um/algo/openAlgoOrders"]
        return await self._calls.call(
            row, list[AlgoOrder], algoType=algoType, symbol=symbol, algoId=algoId, recvWindow=recvWindow
        )

    async def get_um_algo_order(
        self, *, algoId: int | None = None, clientAlgoId: str | None = None, recvWindow: int | None = None
    ) -> AlgoOrder:
        """One algo order.

        PAPI GET /papi/v1/um/algo/algoOrder (USER_DATA, signed). Weight 1.

        actualOrderId and actualPrice are those of the order that the trigger sent.

        algoId: the venue's number of the algo order.
        clientAlgoId: client id of the algo order.

        Errors: -2013 NO_SUCH_ORDER.
        """
        row = ENDPOINTS["GET", "/papi/v1/um/algo/algoOrder"]
        return await self._calls.call(
            row, AlgoOrder, algoId=algoId, clientAlgoId=clientAlgoId, recvWindow=recvWindow
        )

    async def get_all_um_algo_orders(
        self,
        *,
        symbol: str,
        algoId: int | None = None,
        startTime: int | None = None,
        endTime: int | None = None,
        limit: int | None = None,
        recvWindow: int | None = None,
    ) -> list[AlgoOrder]:
        """Algo orders of a symbol, open or not.

        PAPI GET /papi/v1/um/algo/allAlgoOrders (USER_DATA, signed). Weight 5.

        algoId: from this order on. Less than 7 days a call.

        symbol: such as BTCUSDT.
        algoId: the venue's number of the algo order.
        startTime: from here, ms.
        endTime: up to here, ms.
        limit: rows wanted; 500 when left out; 1 to 1000.
        """
        row = ENDPOINTS["GET", "/papi/v1/um/algo/allAlgoOrders"]
        return await self._calls.call(
            row,
            list[AlgoOrder],
            symbol=symbol,
            algoId=algoId,
            startTime=startTime,
            endTime=endTime,
            limit=limit,
            recvWindow=recvWindow,
        )
