"""Calls about the account's COIN-M side. Source: PAPI endpoint pages, "Account"."""

from fixgate.papi.endpoints.endpoint import Effect, Endpoint, Parameter, Security
from fixgate.papi.endpoints.parameters import (
    CONTRACT,
    DUAL_SIDE_POSITION,
    END_TIME,
    MARGIN_ASSET,
    PAIR,
    START_TIME,
    integer,
    limit,
    word,
)
from fixgate.papi.legs import DAY_MS, Leg


def _read(
    path: str,
    name: str,
    answer: str,
    weight: int,
    params: tuple[Parameter, ...],
    about: str,
    notes: str = "",
    window_ms: int | None = None,
) -> Endpoint:
    return Endpoint(
        method="GET",
        path=f"/papi/v1/cm/{path}",
        name=name,
        answer=answer,
        security=Security.USER_DATA,
        effect=Effect.READ,
        weight=weight,
        leg=Leg.CM,
        params=params,
        about=about,
        notes=notes,
        window_ms=window_ms,
    )


ROWS = (
    Endpoint(
        method="POST",
        path="/papi/v1/cm/leverage",
        name="update_cm_leverage",
        answer="CmLeverage",
        security=Security.TRADE,
        effect=Effect.CHANGE,
        weight=1,
        leg=Leg.CM,
        params=(
            CONTRACT.must(),
            integer("leverage", "the contract's brackets may allow less", "1", "125").must(),
        ),
        about="Set the leverage of a contract",
        errors=(-4028,),
        find_out="look at the leverage in cm.get_cm_position",
    ),
    Endpoint(
        method="POST",
        path="/papi/v1/cm/positionSide/dual",
        name="update_cm_position_mode",
        answer="CodeAndMessage",
        security=Security.TRADE,
        effect=Effect.CHANGE,
        weight=1,
        leg=Leg.CM,
        params=(DUAL_SIDE_POSITION.must(),),
        about="Change the position mode of the COIN-M side",
        notes="It must equal the USD-M side's, so that the venue refuses anything but a repair; change the "
        "mode with um.update_um_position_mode.",
        errors=(-4220,),
        find_out="ask cm.get_cm_position_mode",
    ),
    _read(
        "leverageBracket",
        "get_cm_leverage_brackets",
        "list[CmLeverageBrackets]",
        1,
        (CONTRACT,),
        "Leverage by quantity",
        "qtyCap and qtyFloor are contracts.",
    ),
    _read("account", "get_cm_account", "CmAccount", 5, (), "Assets and positions of the COIN-M side"),
    _read(
        "positionSide/dual",
        "get_cm_position_mode",
        "PositionMode",
        30,
        (),
        "Whether the COIN-M side is in hedge mode or in one-way mode",
    ),
    _read(
        "income",
        "get_cm_income_history",
        "list[Income]",
        30,
        (
            CONTRACT,
            word("incomeType", "only this", "CmIncomeType"),
            START_TIME,
            END_TIME,
            limit(100, 1000),
        ),
        "Funding, realised profit, fees and transfers of the COIN-M side",
        "At most 200 days a call.",
        window_ms=200 * DAY_MS,
    ),
    _read(
        "commissionRate",
        "get_cm_commission_rate",
        "CommissionRate",
        20,
        (CONTRACT.must(),),
        "Maker and taker fee of a contract",
    ),
    _read(
        "positionRisk",
        "get_cm_position",
        "list[CmPosition]",
        1,
        (MARGIN_ASSET, PAIR),
        "Positions on the COIN-M side",
        "There is no filter by contract.",
    ),
)
