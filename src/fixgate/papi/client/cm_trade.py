"""COIN-M futures: trades, modifications and liquidations.

Written by `tools/papi_client.py` from `fixgate.papi.endpoints`.
"""

from fixgate.papi.client.calls import Calls
from fixgate.papi.endpoints import ENDPOINTS
from fixgate.papi.endpoints.words import AutoCloseType
from fixgate.papi.responses import AdlQuantiles, CmAmendment, CmOrder, CmTrade


class CmTradeCalls:
    """COIN-M futures: trades, modifications and liquidations. Each method is a call of the venue.

    They raise what `Calls.call` raises. What changes anything is never sent a second time.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def get_cm_order_modification_history(
        self,
        *,
        symbol: str,
        orderId: int | None = None,
        origClientOrderId: str | None = None,
        startTime: int | None = None,
        endTime: int | None = None,
        limit: int | None = None,
        recvWindow: int | None = None,
    ) -> list[CmAmendment]:
        """The modifications of an order.

        PAPI GET /papi/v1/cm/orderAmendment (TRADE, signed). Weight 1; counts as 1 order.

        symbol: such as BTCUSD_PERP.
        orderId: the venue's number of the order; wins over a client order id.
        origClientOrderId: the order's client order id.
        startTime: from here, ms.
        endTime: up to here, ms.
        limit: rows wanted; 50 when left out; 1 to 100.
        """
        row = ENDPOINTS["GET", "/papi/v1/cm/orderAmendment"]
        return await self._calls.call(
            row,
            list[CmAmendment],
            symbol=symbol,
            orderId=orderId,
            origClientOrderId=origClientOrderId,
            startTime=startTime,
            endTime=endTime,
            limit=limit,
            recvWindow=recvWindow,
        )

    async def get_cm_trades(
        self,
        *,
        symbol: str | None = None,
        pair: str | None = None,
        startTime: int | None = None,
        endTime: int | None = None,
        fromId: int | None = None,
        limit: int | None = None,
        recvWindow: int | None = None,
    ) -> list[CmTrade]:
        """Trades of a contract or of a pair.

        PAPI GET /papi/v1/cm/userTrades (USER_DATA, signed). Weight 20, 40 with pair.

        symbol or pair, not both. At most 24 hours a call, the last 24 when no time is given. fromId is not
        given with times or pair.

        symbol: such as BTCUSD_PERP.
        pair: such as BTCUSD.
        startTime: from here, ms.
        endTime: up to here, ms.
        fromId: from this id on.
        limit: rows wanted; 50 when left out; 1 to 1000.
        """
        row = ENDPOINTS["GET", "/papi/v1/cm/userTrades"]
        return await self._calls.call(
            row,
            list[CmTrade],
            symbol=symbol,
            pair=pair,
            startTime=startTime,
            endTime=endTime,
            fromId=fromId,
            limit=limit,
            recvWindow=recvWindow,
        )

    async def get_cm_force_orders(
        self,
        *,
        symbol: str | None = None,
        autoCloseType: AutoCloseType | None = None,
        startTime: int | None = None,
        endTime: int | None = None,
        limit: int | None = None,
        recvWindow: int | None = None,
    ) -> list[CmOrder]:
        """Orders by which the venue liquidated or deleveraged positions.

        PAPI GET /papi/v1/cm/forceOrders (USER_DATA, signed). Weight 20, 50 without symbol.

        90 days back; the last 7 when no time is given.

        symbol: such as BTCUSD_PERP.
        autoCloseType: only these.
        startTime: from here, ms.
        endTime: up to here, ms.
        limit: rows wanted; 50 when left out; 1 to 100.
        """
        row = ENDPOINTS["GET", "/papi/v1/cm/forceOrders"]
        return await self._calls.call(
            row,
            list[CmOrder],
            symbol=symbol,
            autoCloseType=autoCloseType,
            startTime=startTime,
            endTime=endTime,
            limit=limit,
            recvWindow=recvWindow,
        )

    async def get_cm_adl_quantile(
        self, *, symbol: str | None = None, recvWindow: int | None = None
    ) -> list[AdlQuantiles]:
        """How near positions are to automatic deleveraging, from 0 to 4.

        PAPI GET /papi/v1/cm/adlQuantile (USER_DATA, signed). Weight 5.

        HEDGE is a mark only, no quantile.

        symbol: such as BTCUSD_PERP.
        """
        row = ENDPOINTS["GET", "/papi/v1/cm/adlQuantile"]
        return await self._calls.call(row, list[AdlQuantiles], symbol=symbol, recvWindow=recvWindow)
