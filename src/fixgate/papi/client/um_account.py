"""USD-M futures: the account's settings, positions and history.

Written by `tools/papi_client.py` from `fixgate.papi.endpoints`.
"""

from fixgate.papi.client.calls import Calls
from fixgate.papi.endpoints import ENDPOINTS
from fixgate.papi.endpoints.words import UmIncomeType
from fixgate.papi.responses import (
    CodeAndMessage,
    CommissionRate,
    DownloadId,
    DownloadLink,
    Income,
    PositionMode,
    UmAccount,
    UmAccountConfig,
    UmLeverage,
    UmLeverageBrackets,
    UmPosition,
    UmSymbolConfig,
    UmTradingStatus,
)


class UmAccountCalls:
    """USD-M futures: the account's settings, positions and history. Each method is a call of the venue.

    They raise what `Calls.call` raises. What changes anything is never sent a second time.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def update_um_leverage(
        self, *, symbol: str, leverage: int, recvWindow: int | None = None
    ) -> UmLeverage:
        """Set the leverage of a symbol.

        PAPI POST /papi/v1/um/leverage (TRADE, signed). Weight 1.

        symbol: such as BTCUSDT.
        leverage: the symbol's brackets give the most.

        Errors: -4028 INVALID_LEVERAGE.
        If the outcome is unknown: ask um.get_um_symbol_config.
        """
        row = ENDPOINTS["POST", "/papi/v1/um/leverage"]
        return await self._calls.call(
            row, UmLeverage, symbol=symbol, leverage=leverage, recvWindow=recvWindow
        )

    async def update_um_position_mode(
        self, *, dualSidePosition: bool, recvWindow: int | None = None
    ) -> CodeAndMessage:
        """Change between one-way and hedge mode, on USD-M and COIN-M together.

        PAPI POST /papi/v1/um/positionSide/dual (TRADE, signed). Weight 1.

        dualSidePosition: True for hedge mode, False for one-way mode.

        Errors: -4059 NO_NEED_TO_CHANGE_POSITION_SIDE, -4067 POSITION_SIDE_CHANGE_EXISTS_OPEN_ORDERS, -4068
        POSITION_SIDE_CHANGE_EXISTS_QUANTITY, -4531 DUAL_SIDE_SYNC.
        If the outcome is unknown: ask um.get_um_position_mode.
        """
        row = ENDPOINTS["POST", "/papi/v1/um/positionSide/dual"]
        return await self._calls.call(
            row, CodeAndMessage, dualSidePosition=dualSidePosition, recvWindow=recvWindow
        )

    async def get_um_order_history_download_id(
        self, *, startTime: int, endTime: int, recvWindow: int | None = None
    ) -> DownloadId:
        """Order an export of the order history.

        PAPI GET /papi/v1/um/order/asyn (USER_DATA, signed). Weight 1500.

        At most one year a call; 10 a month.

        startTime: from here, ms.
        endTime: up to here, ms.
        """
        row = ENDPOINTS["GET", "/papi/v1/um/order/asyn"]
        return await self._calls.call(
            row, DownloadId, startTime=startTime, endTime=endTime, recvWindow=recvWindow
        )

    async def get_um_order_history_download_link(
        self, *, downloadId: str, recvWindow: int | None = None
    ) -> DownloadLink:
        """The link of an export of the order history, once it is ready.

        PAPI GET /papi/v1/um/order/asyn/id (USER_DATA, signed). Weight 10.

        The link is valid for 7 days.

        downloadId: as the call that ordered the export answered.
        """
        row = ENDPOINTS["GET", "/papi/v1/um/order/asyn/id"]
        return await self._calls.call(row, DownloadLink, downloadId=downloadId, recvWindow=recvWindow)

    async def get_um_trade_history_download_id(
        self, *, startTime: int, endTime: int, recvWindow: int | None = None
    ) -> DownloadId:
        """Order an export of the trade history.

        PAPI GET /papi/v1/um/trade/asyn (USER_DATA, signed). Weight 1500.

        At most one year a call; 5 a month.

        startTime: from here, ms.
        endTime: up to here, ms.
        """
        row = ENDPOINTS["GET", "/papi/v1/um/trade/asyn"]
        return await self._calls.call(
            row, DownloadId, startTime=startTime, endTime=endTime, recvWindow=recvWindow
        )

    async def get_um_trade_history_download_link(
        self, *, downloadId: str, recvWindow: int | None = None
    ) -> DownloadLink:
        """The link of an export of the trade history, once it is ready.

        PAPI GET /papi/v1/um/trade/asyn/id (USER_DATA, signed). Weight 10.

        The link is valid for 7 days.

        downloadId: as the call that ordered the export answered.
        """
        row = ENDPOINTS["GET", "/papi/v1/um/trade/asyn/id"]
        return await self._calls.call(row, DownloadLink, downloadId=downloadId, recvWindow=recvWindow)

    async def get_um_transaction_history_download_id(
        self, *, startTime: int, endTime: int, recvWindow: int | None = None
    ) -> DownloadId:
        """Order an export of the transaction history.

        PAPI GET /papi/v1/um/income/asyn (USER_DATA, signed). Weight 1500.

        At most one year a call; 5 a month, shared with the web site.

        startTime: from here, ms.
        endTime: up to here, ms.
        """
        row = ENDPOINTS["GET", "/papi/v1/um/income/asyn"]
        return await self._calls.call(
            row, DownloadId, startTime=startTime, endTime=endTime, recvWindow=recvWindow
        )

    async def get_um_transaction_history_download_link(
        self, *, downloadId: str, recvWindow: int | None = None
    ) -> DownloadLink:
        """The link of an export of the transaction history, once it is ready.

        PAPI GET /papi/v1/um/income/asyn/id (USER_DATA, signed). Weight 10.

        The link is valid for 7 days.

        downloadId: as the call that ordered the export answered.
        """
        row = ENDPOINTS["GET", "/papi/v1/um/income/asyn/id"]
        return await self._calls.call(row, DownloadLink, downloadId=downloadId, recvWindow=recvWindow)

    async def get_um_account(self, *, recvWindow: int | None = None) -> UmAccount:
        """Assets and positions of the USD-M side.

        PAPI GET /papi/v1/um/account (USER_DATA, signed). Weight 5.

        Positions hold every symbol, most of them empty.
        """
        row = ENDPOINTS["GET", "/papi/v1/um/account"]
        return await self._calls.call(row, UmAccount, recvWindow=recvWindow)

    async def get_um_account_v2(self, *, recvWindow: int | None = None) -> UmAccount:
        """Assets and positions of the USD-M side.

        PAPI GET /papi/v2/um/account (USER_DATA, signed). Weight 5.

        Positions hold the symbols with a position or an open order only.
        """
        row = ENDPOINTS["GET", "/papi/v2/um/account"]
        return await self._calls.call(row, UmAccount, recvWindow=recvWindow)

    async def get_um_position_mode(self, *, recvWindow: int | None = None) -> PositionMode:
        """Whether the account is in hedge mode or in one-way mode.

        PAPI GET /papi/v1/um/positionSide/dual (USER_DATA, signed). Weight 30.
        """
        row = ENDPOINTS["GET", "/papi/v1/um/positionSide/dual"]
        return await self._calls.call(row, PositionMode, recvWindow=recvWindow)

    async def get_um_income_history(
        self,
        *,
        symbol: str | None = None,
        incomeType: UmIncomeType | None = None,
        startTime: int | None = None,
        endTime: int | None = None,
        limit: int | None = None,
        recvWindow: int | None = None,
    ) -> list[Income]:
        """Funding, realised profit, fees and transfers of the USD-M side.

        PAPI GET /papi/v1/um/income (USER_DATA, signed). Weight 30.

        At most three months back; the last 7 days when no time is given.

        symbol: such as BTCUSDT.
        incomeType: only this.
        startTime: from here, ms.
        endTime: up to here, ms.
        limit: rows wanted; 100 when left out; 1 to 1000.
        """
        row = ENDPOINTS["GET", "/papi/v1/um/income"]
        return await self._calls.call(
            row,
            list[Income],
            symbol=symbol,
            incomeType=incomeType,
            startTime=startTime,
            endTime=endTime,
            limit=limit,
            recvWindow=recvWindow,
        )

    async def get_um_commission_rate(self, *, symbol: str, recvWindow: int | None = None) -> CommissionRate:
        """Maker and taker fee of a symbol.

        PAPI GET /papi/v1/um/commissionRate (USER_DATA, signed). Weight 20.

        symbol: such as BTCUSDT.
        """
        row = ENDPOINTS["GET", "/papi/v1/um/commissionRate"]
        return await self._calls.call(row, CommissionRate, symbol=symbol, recvWindow=recvWindow)

    async def get_um_trading_status(
        self, *, symbol: str | None = None, recvWindow: int | None = None
    ) -> UmTradingStatus:
        """The venue's quantitative rules, and which symbols they lock.

        PAPI GET /papi/v1/um/apiTradingStatus (USER_DATA, signed). Weight 1, 10 without symbol.

        A locked symbol takes reduce-only orders until plannedRecoverTime. Keys are symbols, and ACCOUNT.

        symbol: such as BTCUSDT.
        """
        row = ENDPOINTS["GET", "/papi/v1/um/apiTradingStatus"]
        return await self._calls.call(row, UmTradingStatus, symbol=symbol, recvWindow=recvWindow)

    async def get_um_position(
        self, *, symbol: str | None = None, recvWindow: int | None = None
    ) -> list[UmPosition]:
        """Positions on the USD-M side.

        PAPI GET /papi/v1/um/positionRisk (USER_DATA, signed). Weight 5.

        May lag behind the user data stream.

        symbol: such as BTCUSDT.
        """
        row = ENDPOINTS["GET", "/papi/v1/um/positionRisk"]
        return await self._calls.call(row, list[UmPosition], symbol=symbol, recvWindow=recvWindow)

    async def get_um_account_config(self, *, recvWindow: int | None = None) -> UmAccountConfig:
        """Fee tier, permissions, position mode and trade group of the USD-M side.

        PAPI GET /papi/v1/um/accountConfig (USER_DATA, signed). Weight 5.
        """
        row = ENDPOINTS["GET", "/papi/v1/um/accountConfig"]
        return await self._calls.call(row, UmAccountConfig, recvWindow=recvWindow)

    async def get_um_symbol_config(
        self, *, symbol: str | None = None, recvWindow: int | None = None
    ) -> list[UmSymbolConfig]:
        """Margin type, leverage and largest notional of symbols.

        PAPI GET /papi/v1/um/symbolConfig (USER_DATA, signed). Weight 5.

        symbol: such as BTCUSDT.
        """
        row = ENDPOINTS["GET", "/papi/v1/um/symbolConfig"]
        return await self._calls.call(row, list[UmSymbolConfig], symbol=symbol, recvWindow=recvWindow)

    async def get_um_leverage_brackets(
        self, *, symbol: str | None = None, recvWindow: int | None = None
    ) -> list[UmLeverageBrackets]:
        """Leverage by notional.

        PAPI GET /papi/v1/um/leverageBracket (USER_DATA, signed). Weight 1.

        notionalCoef is there for an account with a bracket of its own only.

        symbol: such as BTCUSDT.
        """
        row = ENDPOINTS["GET", "/papi/v1/um/leverageBracket"]
        return await self._calls.call(row, list[UmLeverageBrackets], symbol=symbol, recvWindow=recvWindow)
