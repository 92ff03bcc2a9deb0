"""Cross margin: loans, trades and liquidations.

Written by `tools/papi_client.py` from `fixgate.papi.endpoints`.
"""

from fixgate.papi.client.calls import Calls
from fixgate.papi.endpoints import ENDPOINTS
from fixgate.papi.endpoints.words import Number
from fixgate.papi.responses import DebtRepaid, MarginForceOrderPage, MarginTrade, Transfer


class MarginTradeCalls:
    """Cross margin: loans, trades and liquidations. Each method is a call of the venue.

    They raise what `Calls.call` raises. What changes anything is never sent a second time.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def submit_margin_loan(
        self, *, asset: str, amount: Number, recvWindow: int | None = None
    ) -> Transfer:
        """Borrow an asset.

        PAPI POST /papi/v1/marginLoan (MARGIN, signed). Weight 100.

        asset: such as USDT.
        amount: in units of the asset.

        Errors: 51006 EXCEED_MAX_BORROWABLE, 51007 HAS_PENDING_TRANSACTION, 51014 ASSET_ADMIN_BAN_BORROW,
        51061 INSUFFICIENT_LOANABLE_ASSET.
        If the outcome is unknown: ask margin.get_margin_loan_records and account.get_balance; do not send it
        again before.
        """
        row = ENDPOINTS["POST", "/papi/v1/marginLoan"]
        return await self._calls.call(row, Transfer, asset=asset, amount=amount, recvWindow=recvWindow)

    async def submit_margin_repay(
        self, *, asset: str, amount: Number, recvWindow: int | None = None
    ) -> Transfer:
        """Repay a loan.

        PAPI POST /papi/v1/repayLoan (MARGIN, signed). Weight 100.

        asset: such as USDT.
        amount: in units of the asset.

        Errors: 51007 HAS_PENDING_TRANSACTION.
        If the outcome is unknown: ask margin.get_margin_repay_records and account.get_balance; do not send it
        again before.
        """
        row = ENDPOINTS["POST", "/papi/v1/repayLoan"]
        return await self._calls.call(row, Transfer, asset=asset, amount=amount, recvWindow=recvWindow)

    async def repay_margin_debt(
        self,
        *,
        asset: str,
        amount: Number | None = None,
        specifyRepayAssets: str | None = None,
        recvWindow: int | None = None,
    ) -> DebtRepaid:
        """Repay a debt with other assets.

        PAPI POST /papi/v1/margin/repay-debt (TRADE, signed). Weight 3000.

        At most 50,000 USD a call.

        asset: such as USDT.
        amount: in units of the asset.
        specifyRepayAssets: assets to repay with, divided by commas.

        If the outcome is unknown: ask margin.get_margin_repay_records and account.get_balance; do not send it
        again before.
        """
        row = ENDPOINTS["POST", "/papi/v1/margin/repay-debt"]
        return await self._calls.call(
            row,
            DebtRepaid,
            asset=asset,
            amount=amount,
            specifyRepayAssets=specifyRepayAssets,
            recvWindow=recvWindow,
        )

    async def get_margin_trades(
        self,
        *,
        symbol: str,
        orderId: int | None = None,
        startTime: int | None = None,
        endTime: int | None = None,
        fromId: int | None = None,
        limit: int | None = None,
        recvWindow: int | None = None,
    ) -> list[MarginTrade]:
        """Trades of a symbol, or of one order.

        PAPI GET /papi/v1/margin/myTrades (USER_DATA, signed). Weight 5.

        Less than 24 hours a call.

        symbol: such as BTCUSDT.
        orderId: the venue's number of the order; wins over a client order id.
        startTime: from here, ms.
        endTime: up to here, ms.
        fromId: from this id on.
        limit: rows wanted; 500 when left out; 1 to 1000.
        """
        row = ENDPOINTS["GET", "/papi/v1/margin/myTrades"]
        return await self._calls.call(
            row,
            list[MarginTrade],
            symbol=symbol,
            orderId=orderId,
            startTime=startTime,
            endTime=endTime,
            fromId=fromId,
            limit=limit,
            recvWindow=recvWindow,
        )

    async def get_margin_force_orders(
        self,
        *,
        startTime: int | None = None,
        endTime: int | None = None,
        current: int | None = None,
        size: int | None = None,
        recvWindow: int | None = None,
    ) -> MarginForceOrderPage:
        """Orders by which the venue liquidated margin positions.

        PAPI GET /papi/v1/margin/forceOrders (USER_DATA, signed). Weight 1.

        startTime: from here, ms.
        endTime: up to here, ms.
        current: number of the page, from 1.
        size: rows of a page; 10 when left out; 1 to 100.
        """
        row = ENDPOINTS["GET", "/papi/v1/margin/forceOrders"]
        return await self._calls.call(
            row,
            MarginForceOrderPage,
            startTime=startTime,
            endTime=endTime,
            current=current,
            size=size,
            recvWindow=recvWindow,
        )
