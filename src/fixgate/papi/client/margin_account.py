"""Cross margin: limits, and the history of loans.

Written by `tools/papi_client.py` from `fixgate.papi.endpoints`.
"""

from fixgate.papi.client.calls import Calls
from fixgate.papi.endpoints import ENDPOINTS
from fixgate.papi.responses import LoanPage, MarginInterestPage, MaxBorrowable, MaxWithdraw, RepaymentPage


class MarginAccountCalls:
    """Cross margin: limits, and the history of loans. Each method is a call of the venue.

    They raise what `Calls.call` raises. What changes anything is never sent a second time.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def get_margin_interest_history(
        self,
        *,
        asset: str | None = None,
        startTime: int | None = None,
        endTime: int | None = None,
        current: int | None = None,
        size: int | None = None,
        archived: bool | None = None,
        recvWindow: int | None = None,
    ) -> MarginInterestPage:
        """Interest charged for loans, newest first.

        PAPI GET /papi/v1/margin/marginInterestHistory (USER_DATA, signed). Weight 1.

        At most 30 days a call, the last 7 when no time is given.

        asset: such as USDT.
        startTime: from here, ms.
        endTime: up to here, ms.
        current: number of the page, from 1.
        size: rows of a page; 10 when left out; 1 to 100.
        archived: True for archived records.
        """
        row = ENDPOINTS["GET", "/papi/v1/margin/marginInterestHistory"]
        return await self._calls.call(
            row,
            MarginInterestPage,
            asset=asset,
            startTime=startTime,
            endTime=endTime,
            current=current,
            size=size,
            archived=archived,
            recvWindow=recvWindow,
        )

    async def get_margin_max_borrowable(self, *, asset: str, recvWindow: int | None = None) -> MaxBorrowable:
        """How much of an asset can be borrowed.

        PAPI GET /papi/v1/margin/maxBorrowable (USER_DATA, signed). Weight 5.

        asset: such as USDT.
        """
        row = ENDPOINTS["GET", "/papi/v1/margin/maxBorrowable"]
        return await self._calls.call(row, MaxBorrowable, asset=asset, recvWindow=recvWindow)

    async def get_margin_loan_records(
        self,
        *,
        asset: str,
        txId: int | None = None,
        startTime: int | None = None,
        endTime: int | None = None,
        current: int | None = None,
        size: int | None = None,
        archived: bool | None = None,
        recvWindow: int | None = None,
    ) -> LoanPage:
        """Loans taken, newest first.

        PAPI GET /papi/v1/margin/marginLoan (USER_DATA, signed). Weight 10.

        txId or startTime is mandatory. At most 30 days a call.

        asset: such as USDT.
        txId: the tranId of the loan or repayment.
        startTime: from here, ms.
        endTime: up to here, ms.
        current: number of the page, from 1.
        size: rows of a page; 10 when left out; 1 to 100.
        archived: True for archived records.
        """
        row = ENDPOINTS["GET", "/papi/v1/margin/marginLoan"]
        return await self._calls.call(
            row,
            LoanPage,
            asset=asset,
            txId=txId,
            startTime=startTime,
            endTime=endTime,
            current=current,
            size=size,
            archived=archived,
            recvWindow=recvWindow,
        )

    async def get_margin_max_withdraw(self, *, asset: str, recvWindow: int | None = None) -> MaxWithdraw:
        """How much of an asset can be transferred out.

        PAPI GET /papi/v1/margin/maxWithdraw (USER_DATA, signed). Weight 5.

        asset: such as USDT.
        """
        row = ENDPOINTS["GET", "/papi/v1/margin/maxWithdraw"]
        return await self._calls.call(row, MaxWithdraw, asset=asset, recvWindow=recvWindow)

    async def get_margin_repay_records(
        self,
        *,
        asset: str,
        txId: int | None = None,
        startTime: int | None = None,
        endTime: int | None = None,
        current: int | None = None,
        size: int | None = None,
        archived: bool | None = None,
        recvWindow: int | None = None,
    ) -> RepaymentPage:
        """Repayments of loans.

        PAPI GET /papi/v1/margin/repayLoan (USER_DATA, signed). Weight 10.

        txId or startTime is mandatory. At most 30 days a call.

        asset: such as USDT.
        txId: the tranId of the loan or repayment.
        startTime: from here, ms.
        endTime: up to here, ms.
        current: number of the page, from 1.
        size: rows of a page; 10 when left out; 1 to 100.
        archived: True for archived records.
        """
        row = ENDPOINTS["GET", "/papi/v1/margin/repayLoan"]
        return await self._calls.call(
            row,
            RepaymentPage,
            asset=asset,
            txId=txId,
            startTime=startTime,
            endTime=endTime,
            current=current,
            size=size,
            archived=archived,
            recvWindow=recvWindow,
        )
