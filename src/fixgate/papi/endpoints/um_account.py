"""Calls about the account's USD-M side. Source: PAPI endpoint pages, "Account"."""

from fixgate.papi.endpoints.endpoint import Effect, Endpoint, Parameter, Security
from fixgate.papi.endpoints.parameters import (
    DOWNLOAD_ID,
    DUAL_SIDE_POSITION,
    END_TIME,
    START_TIME,
    SYMBOL,
    integer,
    limit,
    word,
)
from fixgate.papi.legs import DAY_MS, Leg

_YEAR_MS = 366 * DAY_MS


def _read(
    path: str,
    name: str,
    answer: str,
    weight: int,
    params: tuple[Parameter, ...],
    about: str,
    notes: str = "",
    without_symbol: int | None = None,
    window_ms: int | None = None,
) -> Endpoint:
    return Endpoint(
        method="GET",
        path=f"/papi/{path}",
        name=name,
        answer=answer,
        security=Security.USER_DATA,
        effect=Effect.READ,
        weight=weight,
        leg=Leg.UM,
        params=params,
        about=about,
        notes=notes,
        without_symbol=without_symbol,
        window_ms=window_ms,
    )


def _export(path: str, what: str, per_month: str) -> tuple[Endpoint, Endpoint]:
    """The two calls of an export: order it, then ask for its link."""
    order = _read(
        f"v1/um/{path}/asyn",
        f"get_um_{what}_history_download_id",
        "DownloadId",
        1500,
        (START_TIME.must(), END_TIME.must()),
        f"Order an export of the {what} history",
        f"At most one year a call; {per_month}.",
        window_ms=_YEAR_MS,
    )
    link = _read(
        f"v1/um/{path}/asyn/id",
        f"get_um_{what}_history_download_link",
        "DownloadLink",
        10,
        (DOWNLOAD_ID.must(),),
        f"The link of an export of the {what} history, once it is ready",
        "The link is valid for 7 days.",
    )
    return order, link


ROWS = (
    Endpoint(
        method="POST",
        path="/papi/v1/um/leverage",
        name="update_um_leverage",
        answer="UmLeverage",
        security=Security.TRADE,
        effect=Effect.CHANGE,
        weight=1,
        leg=Leg.UM,
        params=(SYMBOL.must(), integer("leverage", "the symbol's brackets give the most", "1").must()),
        about="Set the leverage of a symbol",
        errors=(-4028,),
        find_out="ask um.get_um_symbol_config",
    ),
    Endpoint(
        method="POST",
        path="/papi/v1/um/positionSide/dual",
        name="update_um_position_mode",
        answer="CodeAndMessage",
        security=Security.TRADE,
        effect=Effect.CHANGE,
        weight=1,
        leg=Leg.UM,
        params=(DUAL_SIDE_POSITION.must(),),
        about="Change between one-way and hedge mode, on USD-M and COIN-M together",
        errors=(-4059, -4067, -4068, -4531),
        find_out="ask um.get_um_position_mode",
    ),
    *_export("order", "order", "10 a month"),
    *_export("trade", "trade", "5 a month"),
    *_export("income", "transaction", "5 a month, shared with the web site"),
    _read(
        "v1/um/account",
        "get_um_account",
        "UmAccount",
        5,
        (),
        "Assets and positions of the USD-M side",
        "Positions hold every symbol, most of them empty.",
    ),
    _read(
        "v2/um/account",
        "get_um_account_v2",
        "UmAccount",
        5,
        (),
        "Assets and positions of the USD-M side",
        "Positions hold the symbols with a position or an open order only.",
    ),
    _read(
        "v1/um/positionSide/dual",
        "get_um_position_mode",
        "PositionMode",
        30,
        (),
        "Whether the account is in hedge mode or in one-way mode",
    ),
    _read(
        "v1/um/income",
        "get_um_income_history",
        "list[Income]",
        30,
        (
            SYMBOL,
            word("incomeType", "only this", "UmIncomeType"),
            START_TIME,
            END_TIME,
            limit(100, 1000),
        ),
        "Funding, realised profit, fees and transfers of the USD-M side",
        "At most three months back; the last 7 days when no time is given.",
    ),
    _read(
        "v1/um/commissionRate",
        "get_um_commission_rate",
        "CommissionRate",
        20,
        (SYMBOL.must(),),
        "Maker and taker fee of a symbol",
    ),
    _read(
        "v1/um/apiTradingStatus",
        "get_um_trading_status",
        "UmTradingStatus",
        1,
        (SYMBOL,),
        "The venue's quantitative rules, and which symbols they lock",
        "A locked symbol takes reduce-only orders until plannedRecoverTime. Keys are symbols, and ACCOUNT.",
        without_symbol=10,
    ),
    _read(
        "v1/um/positionRisk",
        "get_um_position",
        "list[UmPosition]",
        5,
        (SYMBOL,),
        "Positions on the USD-M side",
        "May lag behind the user data stream.",
    ),
    _read(
        "v1/um/accountConfig",
        "get_um_account_config",
        "UmAccountConfig",
        5,
        (),
        "Fee tier, permissions, position mode and trade group of the USD-M side",
    ),
    _read(
        "v1/um/symbolConfig",
        "get_um_symbol_config",
        "list[UmSymbolConfig]",
        5,
        (SYMBOL,),
        "Margin type, leverage and largest notional of symbols",
    ),
    _read(
        "v1/um/leverageBracket",
        "get_um_leverage_brackets",
        "list[UmLeverageBrackets]",
        1,
        (SYMBOL,),
        "Leverage by notional",
        "notionalCoef is there for an account with a bracket of its own only.",
    ),
)
