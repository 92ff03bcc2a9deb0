"""COIN-M futures: the account's settings, positions and history.

Written by `tools/papi_client.py` from `fixgate.papi.endpoints`.
"""

from fixgate.papi.client.calls import Calls
from fixgate.papi.endpoints import ENDPOINTS
from fixgate.papi.endpoints.words import CmIncomeType
from fixgate.papi.responses import (
    CmAccount,
    CmLeverage,
    CmLeverageBrackets,
    CmPosition,
    CodeAndMessage,
    CommissionRate,
    Income,
    PositionMode,
)


class CmAccountCalls:
    """COIN-M futures: the account's settings, positions and history. Each method is a call of the venue.

    They raise what `Calls.call` raises. What changes anything is never sent a second time.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def update_cm_leverage(
        self, *, symbol: str, leverage: int, recvWindow: int | None = None
    ) -> CmLeverage:
        """Set the leverage of a contract.

        PAPI POST /papi/v1/cm/leverage (TRADE, signed). Weight 1.

        symbol: such as BTCUSD_PERP.
        leverage: the contract's brackets may allow less; 1 to 125.

        Errors: -4028 INVALID_LEVERAGE.
        If the outcome is unknown: look at the leverage in cm.get_cm_position.
        """
        row = ENDPOINTS["POST", "/papi/v1/cm/leverage"]
        return await self._calls.call(
            row, CmLeverage, symbol=symbol, leverage=leverage, recvWindow=recvWindow
        )

    async def update_cm_position_mode(
        self, *, dualSidePosition: bool, recvWindow: int | None = None
    ) -> CodeAndMessage:
        """Change the position mode of the COIN-M side.

        PAPI POST /papi/v1/cm/positionSide/dual (TRADE, signed). Weight 1.

        It must equal the USD-M side's, so that the venue refuses anything but a repair; change the mode with
        um.update_um_position_mode.

        dualSidePosition: True for hedge mode, False for one-way mode.

        Errors: -4220 CANNOT_CHANGE_DUAL_SIDE.
        If the outcome is unknown: ask cm.get_cm_position_mode.
        """
        row = ENDPOINTS["POST", "/papi/v1/cm/positionSide/dual"]
        return await self._calls.call(
            row, CodeAndMessage, dualSidePosition=dualSidePosition, recvWindow=recvWindow
        )

    async def get_cm_leverage_brackets(
        self, *, symbol: str | None = None, recvWindow: int | None = None
    ) -> list[CmLeverageBrackets]:
        """Leverage by quantity.

        PAPI GET /papi/v1/cm/leverageBracket (USER_DATA, signed). Weight 1.

        qtyCap and qtyFloor are contracts.

        symbol: such as BTCUSD_PERP.
        """
        row = ENDPOINTS["GET", "/papi/v1/cm/leverageBracket"]
        return await self._calls.call(row, list[CmLeverageBrackets], symbol=symbol, recvWindow=recvWindow)

    async def get_cm_account(self, *, recvWindow: int | None = None) -> CmAccount:
        """Assets and positions of the COIN-M side.

        PAPI GET /papi/v1/cm/account (USER_DATA, signed). Weight 5.
        """
        row = ENDPOINTS["GET", "/papi/v1/cm/account"]
        return await self._calls.call(row, CmAccount, recvWindow=recvWindow)

    async def get_cm_position_mode(self, *, recvWindow: int | None = None) -> PositionMode:
        """Whether the COIN-M side is in hedge mode or in one-way mode.

        PAPI GET /papi/v1/cm/positionSide/dual (USER_DATA, signed). Weight 30.
        """
        row = ENDPOINTS["GET", "/papi/v1/cm/positionSide/dual"]
        return await self._calls.call(row, PositionMode, recvWindow=recvWindow)

    async def get_cm_income_history(
        self,
        *,
        symbol: str | None = None,
        incomeType: CmIncomeType | None = None,
        startTime: int | None = None,
        endTime: int | None = None,
        limit: int | None = None,
        recvWindow: int | None = None,
    ) -> list[Income]:
        """Funding, realised profit, fees and transfers of the COIN-M side.

        PAPI GET /papi/v1/cm/income (USER_DATA, signed). Weight 30.

        At most 200 days a call.

        symbol: such as BTCUSD_PERP.
        incomeType: only this.
        startTime: from here, ms.
        endTime: up to here, ms.
        limit: rows wanted; 100 when left out; 1 to 1000.
        """
        row = ENDPOINTS["GET", "/papi/v1/cm/income"]
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

    async def get_cm_commission_rate(self, *, symbol: str, recvWindow: int | None = None) -> CommissionRate:
        """Maker and taker fee of a contract.

        PAPI GET /papi/v1/cm/commissionRate (USER_DATA, signed). Weight 20.

        symbol: such as BTCUSD_PERP.
        """
        row = ENDPOINTS["GET", "/papi/v1/cm/commissionRate"]
        return await self._calls.call(row, CommissionRate, symbol=symbol, recvWindow=recvWindow)

    async def get_cm_position(
        self, *, marginAsset: str | None = None, pair: str | None = None, recvWindow: int | None = None
    ) -> list[CmPosition]:
        """Positions on the COIN-M side.

        PAPI GET /papi/v1/cm/positionRisk (USER_DATA, signed). Weight 1.

        There is no filter by contract.

        marginAsset: such as BTC.
        pair: such as BTCUSD.
        """
        row = ENDPOINTS["GET", "/papi/v1/cm/positionRisk"]
        return await self._calls.call(
            row, list[CmPosition], marginAsset=marginAsset, pair=pair, recvWindow=recvWindow
        )
