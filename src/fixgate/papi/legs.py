"""The three legs of a Portfolio Margin account and where their calls live.

Weights and windows stand beside the rows because they decide how a caller may page. Source: PAPI
endpoint pages, "Trade" and "Account".
"""

from enum import StrEnum

import msgspec


class Leg(StrEnum):
    """Binance's own names: USDⓈ-M futures, COIN-M futures, cross margin (spot engine)."""

    UM = "UM"
    CM = "CM"
    MARGIN = "MARGIN"


class LegPaths(msgspec.Struct, frozen=True, kw_only=True):
    """The calls of one leg.

    `order` takes POST (new), DELETE (cancel), GET (query) and, where `modifiable`, PUT (modify).
    `all_open_orders` takes DELETE for one symbol. `trades` and `all_orders` take at most
    `history_window_ms` between `startTime` and `endTime`, and at most `history_limit` rows.
    `open_orders_needs_symbol` is True where a call without a symbol is not possible.
    """

    order: str
    open_order: str | None
    open_orders: str
    all_orders: str
    all_open_orders: str
    trades: str
    modifiable: bool
    open_orders_needs_symbol: bool
    trades_window_ms: int
    trades_limit: int
    orders_limit: int


DAY_MS = 86_400_000

LEGS: dict[Leg, LegPaths] = {
    Leg.UM: LegPaths(
        order="/papi/v1/um/order",
        open_order="/papi/v1/um/openOrder",
        open_orders="/papi/v1/um/openOrders",
        all_orders="/papi/v1/um/allOrders",
        all_open_orders="/papi/v1/um/allOpenOrders",
        trades="/papi/v1/um/userTrades",
        modifiable=True,
        open_orders_needs_symbol=False,
        trades_window_ms=7 * DAY_MS,
        trades_limit=1000,
        orders_limit=1000,
    ),
    Leg.CM: LegPaths(
        order="/papi/v1/cm/order",
        open_order="/papi/v1/cm/openOrder",
        open_orders="/papi/v1/cm/openOrders",
        all_orders="/papi/v1/cm/allOrders",
        all_open_orders="/papi/v1/cm/allOpenOrders",
        trades="/papi/v1/cm/userTrades",
        modifiable=True,
        open_orders_needs_symbol=False,
        trades_window_ms=DAY_MS,
        trades_limit=1000,
        orders_limit=100,
    ),
    Leg.MARGIN: LegPaths(
        order="/papi/v1/margin/order",
        open_order=None,
        open_orders="/papi/v1/margin/openOrders",
        all_orders="/papi/v1/margin/allOrders",
        all_open_orders="/papi/v1/margin/allOpenOrders",
        trades="/papi/v1/margin/myTrades",
        modifiable=False,
        open_orders_needs_symbol=True,
        trades_window_ms=DAY_MS,
        trades_limit=1000,
        orders_limit=500,
    ),
}

ACCOUNT = "/papi/v1/account"
BALANCE = "/papi/v1/balance"
UM_POSITION_RISK = "/papi/v1/um/positionRisk"
CM_POSITION_RISK = "/papi/v1/cm/positionRisk"
UM_POSITION_MODE = "/papi/v1/um/positionSide/dual"
ORDER_RATE_LIMIT = "/papi/v1/rateLimit/order"
LISTEN_KEY = "/papi/v1/listenKey"
FUTURES_TIME = "/fapi/v1/time"
