"""Conditional orders of COIN-M futures.

Written by `tools/papi_client.py` from `fixgate.papi.endpoints`.
"""

from fixgate.papi.client.calls import Calls
from fixgate.papi.endpoints import ENDPOINTS
from fixgate.papi.endpoints.words import CmTimeInForce, Number, PositionSide, Side, StopType, WorkingType
from fixgate.papi.responses import CodeAndMessage, ConditionalOrder


class ConditionalCalls:
    """Conditional orders of COIN-M futures. Each method is a call of the venue.

    They raise what `Calls.call` raises. What changes anything is never sent a second time.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def submit_new_cm_conditional_order(
        self,
        *,
        symbol: str,
        side: Side,
        strategyType: StopType,
        positionSide: PositionSide | None = None,
        timeInForce: CmTimeInForce | None = None,
        quantity: Number | None = None,
        reduceOnly: bool | None = None,
        price: Number | None = None,
        workingType: WorkingType | None = None,
        priceProtect: bool | None = None,
        newClientStrategyId: str | None = None,
        stopPrice: Number | None = None,
        activationPrice: Number | None = None,
        callbackRate: Number | None = None,
        recvWindow: int | None = None,
    ) -> ConditionalOrder:
        """Place a stop, take-profit or trailing stop order.

        PAPI POST /papi/v1/cm/conditional/order (TRADE, signed). Weight 1; counts as 1 order.

        STOP and TAKE_PROFIT need quantity, price and stopPrice, the _MARKET types stopPrice,
        TRAILING_STOP_MARKET callbackRate. It sends an order of its own when it is triggered, and that order
        is asked for and cancelled as any other (cm.get_cm_order).

        symbol: such as BTCUSD_PERP.
        side: BUY or SELL.
        strategyType: what it becomes when it is triggered.
        positionSide: BOTH, the default, in one-way mode; LONG or SHORT, mandatory, in hedge mode.
        timeInForce: of the order that the trigger sends.
        quantity: contracts.
        reduceOnly: True to reduce a position only; one-way mode only.
        price: limit price.
        workingType: which price triggers; CONTRACT_PRICE is the default.
        priceProtect: True for the venue's price protection at the trigger.
        newClientStrategyId: client id; by it an order in doubt is found again.
        stopPrice: the price that triggers.
        activationPrice: where a trailing stop begins to follow.
        callbackRate: percent that a trailing stop follows behind; 0.1 to 5.

        Errors: -2021 ORDER_WOULD_IMMEDIATELY_TRIGGER, -4045 MAX_STOP_ORDER_EXCEEDED, -4135
        INVALID_ACTIVATION_PRICE, -4142 STRATEGY_INVALID_TRIGGER_PRICE.
        If the outcome is unknown: ask conditional.get_cm_conditional_open_order by newClientStrategyId, then
        get_cm_conditional_order_history, and listen to the stream; do not send it again before.
        """
        row = ENDPOINTS["POST", "/papi/v1/cm/conditional/order"]
        return await self._calls.call(
            row,
            ConditionalOrder,
            symbol=symbol,
            side=side,
            strategyType=strategyType,
            positionSide=positionSide,
            timeInForce=timeInForce,
            quantity=quantity,
            reduceOnly=reduceOnly,
            price=price,
            workingType=workingType,
            priceProtect=priceProtect,
            newClientStrategyId=newClientStrategyId,
            stopPrice=stopPrice,
            activationPrice=activationPrice,
            callbackRate=callbackRate,
            recvWindow=recvWindow,
        )

    async def cancel_cm_conditional_order(
        self,
        *,
        symbol: str,
        strategyId: int | None = None,
        newClientStrategyId: str | None = None,
        recvWindow: int | None = None,
    ) -> ConditionalOrder:
        """Cancel a conditional order that is not triggered yet.

        PAPI DELETE /papi/v1/cm/conditional/order (TRADE, signed). Weight 1.

        symbol: such as BTCUSD_PERP.
        strategyId: the venue's number of the conditional order.
        newClientStrategyId: client id of the conditional order.

        Errors: -2011 CANCEL_REJECTED.
        If the outcome is unknown: ask conditional.get_cm_conditional_open_order; while it is open, cancelling
        again does no harm.
        """
        row = ENDPOINTS["DELETE", "/papi/v1/cm/conditional/order"]
        return await self._calls.call(
            row,
            ConditionalOrder,
            symbol=symbol,
            strategyId=strategyId,
            newClientStrategyId=newClientStrategyId,
            recvWindow=recvWindow,
        )

    async def cancel_all_cm_conditional_orders(
        self, *, symbol: str, recvWindow: int | None = None
    ) -> CodeAndMessage:
        """Cancel every conditional order of a contract that is not triggered yet.

        PAPI DELETE /papi/v1/cm/conditional/allOpenOrders (TRADE, signed). Weight 1.

        Other orders stay.

        symbol: such as BTCUSD_PERP.

        If the outcome is unknown: ask conditional.get_all_cm_conditional_open_orders.
        """
        row = ENDPOINTS["DELETE", "/papi/v1/cm/conditional/allOpenOrders"]
        return await self._calls.call(row, CodeAndMessage, symbol=symbol, recvWindow=recvWindow)

    async def get_cm_conditional_open_order(
        self,
        *,
        symbol: str,
        strategyId: int | None = None,
        newClientStrategyId: str | None = None,
        recvWindow: int | None = None,
    ) -> ConditionalOrder:
        """One conditional order that is not triggered yet.

        PAPI GET /papi/v1/cm/conditional/openOrder (USER_DATA, signed). Weight 1.

        -2013 once it is triggered or cancelled.

        symbol: such as BTCUSD_PERP.
        strategyId: the venue's number of the conditional order.
        newClientStrategyId: client id of the conditional order.

        Errors: -2013 NO_SUCH_ORDER.
        """
        row = ENDPOINTS["GET", "/papi/v1/cm/conditional/openOrder"]
        return await self._calls.call(
            row,
            ConditionalOrder,
            symbol=symbol,
            strategyId=strategyId,
            newClientStrategyId=newClientStrategyId,
            recvWindow=recvWindow,
        )

    async def get_all_cm_conditional_open_orders(
        self, *, symbol: str | None = None, recvWindow: int | None = None
    ) -> list[ConditionalOrder]:
        """Conditional orders that are not triggered yet, of one contract or of all.

        PAPI GET /papi/v1/cm/conditional/openOrders (USER_DATA, signed). Weight 1, 40 without symbol.

        symbol: such as BTCUSD_PERP.
        """
        row = ENDPOINTS["GET", "/papi/v1/cm/conditional/openOrders"]
        return await self._calls.call(row, list[ConditionalOrder], symbol=symbol, recvWindow=recvWindow)

    async def get_all_cm_conditional_orders(
        self,
        *,
        symbol: str | None = None,
        strategyId: int | None = None,
        startTime: int | None = None,
        endTime: int | None = None,
        limit: int | None = None,
        recvWindow: int | None = None,
    ) -> list[ConditionalOrder]:
        """Conditional orders, triggered or not.

        PAPI GET /papi/v1/cm/conditional/allOrders (USER_DATA, signed). Weight 1, 40 without symbol.

        Less than 7 days a call. Those that ended without a fill more than 7 days ago are missing.

        symbol: such as BTCUSD_PERP.
        strategyId: the venue's number of the conditional order.
        startTime: from here, ms.
        endTime: up to here, ms.
        limit: rows wanted; 500 when left out; 1 to 1000.
        """
        row = ENDPOINTS["GET", "/papi/v1/cm/conditional/allOrders"]
        return await self._calls.call(
            row,
            list[ConditionalOrder],
            symbol=symbol,
            strategyId=strategyId,
            startTime=startTime,
            endTime=endTime,
            limit=limit,
            recvWindow=recvWindow,
        )

    async def get_cm_conditional_order_history(
        self,
        *,
        symbol: str,
        strategyId: int | None = None,
        newClientStrategyId: str | None = None,
        recvWindow: int | None = None,
    ) -> ConditionalOrder:
        """One conditional order that is triggered, cancelled or expired.

        PAPI GET /papi/v1/cm/conditional/orderHistory (USER_DATA, signed). Weight 1.

        orderId, status and type are those of the order that the trigger sent.

        symbol: such as BTCUSD_PERP.
        strategyId: the venue's number of the conditional order.
        newClientStrategyId: client id of the conditional order.

        Errors: -2013 NO_SUCH_ORDER.
        """
        row = ENDPOINTS["GET", "/papi/v1/cm/conditional/orderHistory"]
        return await self._calls.call(
            row,
            ConditionalOrder,
            symbol=symbol,
            strategyId=strategyId,
            newClientStrategyId=newClientStrategyId,
            recvWindow=recvWindow,
        )
