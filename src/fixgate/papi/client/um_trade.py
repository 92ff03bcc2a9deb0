"""USD-M futures: trades, modifications, liquidations and fees.

Written by `tools/papi_client.py` from `fixgate.papi.endpoints`.
"""

from fixgate.papi.client.calls import Calls
from fixgate.papi.endpoints import ENDPOINTS
from fixgate.papi.endpoints.words import AutoCloseType
from fixgate.papi.responses import AdlQuantiles, CodeAndMessage, FeeBurn, UmAmendment, UmOrder, UmTrade


class UmTradeCalls:
    """USD-M futures: trades, modifications, liquidations and fees. Each method is a call of the venue.

    They raise what `Calls.call` raises. What changes anything is never sent a second time.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def get_um_order_modification_history(
        self,
        *,
        symbol: str,
        orderId: int | None = None,
        origClientOrderId: str | None = None,
        startTime: int | None = None,
        endTime: int | None = None,
        limit: int | None = None,
        recvWindow: int | None = None,
    ) -> list[UmAmendment]:
        """The modifications of an order.

        PAPI GET /papi/v1/um/orderAmendment (TRADE, signed). Weight 1; counts as 1 order.

        symbol: such as BTCUSDT.
        orderId: the venue's number of the order; wins over a client order id.
        origClientOrderId: the order's client order id.
        startTime: from here, ms.
        endTime: up to here, ms.
        limit: rows wanted; 500 when left out; 1 to 1000.
        """
        row = ENDPOINTS["GET", "/papi/v1/um/orderAmendment"]
        return await self._calls.call(
            row,
            list[UmAmendment],
            symbol=symbol,
            orderId=orderId,
            origClientOrderId=origClientOrderId,
            startTime=startTime,
            endTime=endTime,
            limit=limit,
            recvWindow=recvWindow,
        )

    async def get_um_trades(
        self,
        *,
        symbol: str,
        startTime: int | None = None,
        endTime: int | None = None,
        fromId: int | None = None,
        limit: int | None = None,
        recvWindow: int | None = None,
    ) -> list[UmTrade]:
        """Trades of a symbol.

        PAPI GET /papi/v1/um/userTrades (USER_DATA, signed). Weight 5.

        At most 7 days a call. Rows name the order by its orderId only. fromId is not given with times.

        symbol: such as BTCUSDT.
        startTime: from here, ms.
        endTime: up to here, ms.
        fromId: from this id on.
        limit: rows wanted; 500 when left out; 1 to 1000.
        """
        row = ENDPOINTS["GET", "/papi/v1/um/userTrades"]
        return await self._calls.call(
            row,
            list[UmTrade],
            symbol=symbol,
            startTime=startTime,
            endTime=endTime,
            fromId=fromId,
            limit=limit,
            recvWindow=recvWindow,
        )

    async def get_um_force_orders(
        self,
        *,
        symbol: str | None = None,
        autoCloseType: AutoCloseType | None = None,
        startTime: int | None = None,
        endTime: int | None = None,
        limit: int | None = None,
        recvWindow: int | None = None,
    ) -> list[UmOrder]:
        """Orders by which the venue liquidated or deleveraged positions.

        PAPI GET /papi/v1/um/forceOrders (USER_DATA, signed). Weight 20, 50 without symbol.

        90 days back; the last 7 when no time is given.

        symbol: such as BTCUSDT.
        autoCloseType: only these.
        startTime: from here, ms.
        endTime: up to here, ms.
        limit: rows wanted; 50 when left out; 1 to 100.
        """
        row = ENDPOINTS["GET", "/papi/v1/um/forceOrders"]
        return await self._calls.call(
            row,
            list[UmOrder],
            symbol=symbol,
            autoCloseType=autoCloseType,
            startTime=startTime,
            endTime=endTime,
            limit=limit,
            recvWindow=recvWindow,
        )

    async def get_um_adl_quantile(
        self, *, symbol: str | None = None, recvWindow: int | None = None
    ) -> list[AdlQuantiles]:
        """How near positions are to automatic deleveraging, from 0 to 4.

        PAPI GET /papi/v1/um/adlQuantile (USER_DATA, signed). Weight 5.

        symbol: such as BTCUSDT.
        """
        row = ENDPOINTS["GET", "/papi/v1/um/adlQuantile"]
        return await self._calls.call(row, list[AdlQuantiles], symbol=symbol, recvWindow=recvWindow)

    async def sign_um_tradfi_contract(self, *, recvWindow: int | None = None) -> CodeAndMessage:
        """Accept the agreement for perpetuals on shares, metals and currencies, once for the account.

        PAPI POST /papi/v1/um/stock/contract (USER_DATA, signed). Weight 5.

        If the outcome is unknown: call it again.
        """
        row = ENDPOINTS["POST", "/papi/v1/um/stock/contract"]
        return await self._calls.call(row, CodeAndMessage, recvWindow=recvWindow)

    async def get_um_fee_burn_status(self, *, recvWindow: int | None = None) -> FeeBurn:
        """Whether USD-M fees are paid in BNB.

        PAPI GET /papi/v1/um/feeBurn (USER_DATA, signed). Weight 30.
        """
        row = ENDPOINTS["GET", "/papi/v1/um/feeBurn"]
        return await self._calls.call(row, FeeBurn, recvWindow=recvWindow)

    async def toggle_um_fee_burn(self, *, feeBurn: bool, recvWindow: int | None = None) -> CodeAndMessage:
        """Switch the payment of USD-M fees in BNB on or off.

        PAPI POST /papi/v1/um/feeBurn (TRADE, signed). Weight 1.

        The BNB must be in the UM wallet (account.transfer_bnb).

        feeBurn: True to pay fees in BNB.

        If the outcome is unknown: ask um.get_um_fee_burn_status.
        """
        row = ENDPOINTS["POST", "/papi/v1/um/feeBurn"]
        return await self._calls.call(row, CodeAndMessage, feeBurn=feeBurn, recvWindow=recvWindow)
