"""The account as a whole.

Written by `tools/papi_client.py` from `fixgate.papi.endpoints`.
"""

from fixgate.papi.client.calls import Calls
from fixgate.papi.endpoints import ENDPOINTS
from fixgate.papi.endpoints.words import FutureType, Number, TransferSide
from fixgate.papi.responses import (
    AccountInfo,
    AutoRepayFutures,
    Balance,
    Message,
    NegativeBalanceExchanges,
    NegativeBalanceInterest,
    Nothing,
    OrderRateLimit,
    Transfer,
)


class AccountCalls:
    """The account as a whole. Each method is a call of the venue.

    They raise what `Calls.call` raises. What changes anything is never sent a second time.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def test_connectivity(self) -> Nothing:
        """Find out whether the venue answers.

        PAPI GET /papi/v1/ping (NONE, not signed). Weight 1.
        """
        row = ENDPOINTS["GET", "/papi/v1/ping"]
        return await self._calls.call(row, Nothing)

    async def get_account_info(self, *, recvWindow: int | None = None) -> AccountInfo:
        """Margin ratio, equity and status of the whole account.

        PAPI GET /papi/v1/account (USER_DATA, signed). Weight 20.

        Amounts are in USD.
        """
        row = ENDPOINTS["GET", "/papi/v1/account"]
        return await self._calls.call(row, AccountInfo, recvWindow=recvWindow)

    async def get_balance(self, *, asset: str | None = None, recvWindow: int | None = None) -> list[Balance]:
        """Balances of one asset or of all.

        PAPI GET /papi/v1/balance (USER_DATA, signed). Weight 20.

        With asset the venue answers a single object, which comes as a list of one.

        asset: such as USDT.
        """
        row = ENDPOINTS["GET", "/papi/v1/balance"]
        return await self._calls.call(row, list[Balance], asset=asset, recvWindow=recvWindow)

    async def transfer_bnb(
        self, *, amount: Number, transferSide: TransferSide, recvWindow: int | None = None
    ) -> Transfer:
        """Move BNB between the margin wallet and the UM wallet, where it pays fees.

        PAPI POST /papi/v1/bnb-transfer (TRADE, signed). Weight 750.

        At most 10 calls in 10 minutes.

        amount: BNB.
        transferSide: TO_UM or FROM_UM.

        If the outcome is unknown: look at the balances with account.get_balance.
        """
        row = ENDPOINTS["POST", "/papi/v1/bnb-transfer"]
        return await self._calls.call(
            row, Transfer, amount=amount, transferSide=transferSide, recvWindow=recvWindow
        )

    async def update_auto_repay_futures_status(
        self, *, autoRepay: bool, recvWindow: int | None = None
    ) -> Message:
        """Switch the automatic repayment of negative futures balances on or off.

        PAPI POST /papi/v1/repay-futures-switch (TRADE, signed). Weight 750.

        At most 20 changes a day.

        autoRepay: True to repay negative futures balances automatically.

        If the outcome is unknown: ask account.get_auto_repay_futures_status.
        """
        row = ENDPOINTS["POST", "/papi/v1/repay-futures-switch"]
        return await self._calls.call(row, Message, autoRepay=autoRepay, recvWindow=recvWindow)

    async def get_auto_repay_futures_status(self, *, recvWindow: int | None = None) -> AutoRepayFutures:
        """Whether negative futures balances are repaid automatically.

        PAPI GET /papi/v1/repay-futures-switch (USER_DATA, signed). Weight 30.

        The venue's default is on.
        """
        row = ENDPOINTS["GET", "/papi/v1/repay-futures-switch"]
        return await self._calls.call(row, AutoRepayFutures, recvWindow=recvWindow)

    async def auto_collect_funds(self, *, recvWindow: int | None = None) -> Message:
        """Move everything but BNB from the futures wallets to the margin wallet.

        PAPI POST /papi/v1/auto-collection (TRADE, signed). Weight 750.

        At most 500 calls an hour.

        If the outcome is unknown: look at the balances with account.get_balance.
        """
        row = ENDPOINTS["POST", "/papi/v1/auto-collection"]
        return await self._calls.call(row, Message, recvWindow=recvWindow)

    async def transfer_asset_futures_margin(
        self,
        *,
        asset: str,
        amount: Number | None = None,
        futureType: FutureType | None = None,
        recvWindow: int | None = None,
    ) -> Message:
        """Move one asset from the futures wallets to the margin wallet.

        PAPI POST /papi/v1/asset-collection (TRADE, signed). Weight 30.

        BNB cannot be moved this way. amount and futureType are given together or not at all.

        asset: such as USDT.
        amount: in units of the asset; all of it when left out.
        futureType: the wallet it comes from; OPTION for SPAN accounts only.

        If the outcome is unknown: look at the balances with account.get_balance.
        """
        row = ENDPOINTS["POST", "/papi/v1/asset-collection"]
        return await self._calls.call(
            row, Message, asset=asset, amount=amount, futureType=futureType, recvWindow=recvWindow
        )

    async def get_negative_balance_interest_history(
        self,
        *,
        asset: str | None = None,
        startTime: int | None = None,
        endTime: int | None = None,
        size: int | None = None,
        recvWindow: int | None = None,
    ) -> list[NegativeBalanceInterest]:
        """Interest charged for negative futures balances.

        PAPI GET /papi/v1/portfolio/interest-history (USER_DATA, signed). Weight 50.

        At most 30 days a call.

        asset: such as USDT.
        startTime: from here, ms.
        endTime: up to here, ms.
        size: rows wanted.
        """
        row = ENDPOINTS["GET", "/papi/v1/portfolio/interest-history"]
        return await self._calls.call(
            row,
            list[NegativeBalanceInterest],
            asset=asset,
            startTime=startTime,
            endTime=endTime,
            size=size,
            recvWindow=recvWindow,
        )

    async def get_negative_balance_exchange_record(
        self, *, startTime: int, endTime: int, recvWindow: int | None = None
    ) -> NegativeBalanceExchanges:
        """Automatic exchanges that settled negative balances.

        PAPI GET /papi/v1/portfolio/negative-balance-exchange-record (USER_DATA, signed). Weight 100.

        At most three months a call.

        startTime: from here, ms.
        endTime: up to here, ms.
        """
        row = ENDPOINTS["GET", "/papi/v1/portfolio/negative-balance-exchange-record"]
        return await self._calls.call(
            row, NegativeBalanceExchanges, startTime=startTime, endTime=endTime, recvWindow=recvWindow
        )

    async def get_order_rate_limits(self, *, recvWindow: int | None = None) -> list[OrderRateLimit]:
        """How many orders the account may send.

        PAPI GET /papi/v1/rateLimit/order (USER_DATA, signed). Weight 1.

        The limits only, not how much of them is used.
        """
        row = ENDPOINTS["GET", "/papi/v1/rateLimit/order"]
        return await self._calls.call(row, list[OrderRateLimit], recvWindow=recvWindow)

    async def repay_futures_negative_balance(self, *, recvWindow: int | None = None) -> Message:
        """Repay negative futures balances now.

        PAPI POST /papi/v1/repay-futures-negative-balance (USER_DATA, signed). Weight 750.

        If the outcome is unknown: look at the balances with account.get_balance.
        """
        row = ENDPOINTS["POST", "/papi/v1/repay-futures-negative-balance"]
        return await self._calls.call(row, Message, recvWindow=recvWindow)
