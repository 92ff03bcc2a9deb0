"""Conditional orders of the COIN-M side: the strategy service. Source: PAPI endpoint pages, "Trade"."""

from fixgate.papi.endpoints.futures_rows import FuturesCalls
from fixgate.papi.endpoints.parameters import (
    CLIENT_STRATEGY_ID,
    CONTRACT,
    CONTRACTS,
    END_TIME,
    NEW_CLIENT_STRATEGY_ID,
    POSITION_SIDE,
    PRICE,
    PRICE_PROTECT,
    REDUCE_ONLY,
    SIDE,
    START_TIME,
    STRATEGY_ID,
    WORKING_TYPE,
    limit,
    number,
    word,
)
from fixgate.papi.legs import DAY_MS, Leg

_calls = FuturesCalls(Leg.CM, "/papi/v1/cm/conditional/")
_NAMED = ("strategyId", "newClientStrategyId")
_IDENTIFIED = (CONTRACT.must(), STRATEGY_ID, CLIENT_STRATEGY_ID)

ROWS = (
    _calls.place(
        "POST",
        "order",
        "submit_new_cm_conditional_order",
        "ConditionalOrder",
        (
            CONTRACT.must(),
            SIDE.must(),
            word("strategyType", "what it becomes when it is triggered", "StopType").must(),
            POSITION_SIDE,
            word("timeInForce", "of the order that the trigger sends", "CmTimeInForce"),
            CONTRACTS,
            REDUCE_ONLY,
            PRICE,
            WORKING_TYPE,
            PRICE_PROTECT,
            NEW_CLIENT_STRATEGY_ID,
            number("stopPrice", "the price that triggers", "0"),
            number("activationPrice", "where a trailing stop begins to follow", "0"),
            number("callbackRate", "percent that a trailing stop follows behind", "0.1", "5"),
        ),
        "Place a stop, take-profit or trailing stop order",
        "STOP and TAKE_PROFIT need quantity, price and stopPrice, the _MARKET types stopPrice, "
        "TRAILING_STOP_MARKET callbackRate. It sends an order of its own when it is triggered, and that "
        "order is asked for and cancelled as any other (cm.get_cm_order).",
        (-2021, -4045, -4135, -4142),
        "ask conditional.get_cm_conditional_open_order by newClientStrategyId, then "
        "get_cm_conditional_order_history, and listen to the stream; do not send it again before",
    ),
    _calls.cancel(
        "order",
        "cancel_cm_conditional_order",
        "ConditionalOrder",
        _IDENTIFIED,
        "Cancel a conditional order that is not triggered yet",
        "",
        "ask conditional.get_cm_conditional_open_order; while it is open, cancelling again does no harm",
        _NAMED,
    ),
    _calls.cancel(
        "allOpenOrders",
        "cancel_all_cm_conditional_orders",
        "CodeAndMessage",
        (CONTRACT.must(),),
        "Cancel every conditional order of a contract that is not triggered yet",
        "Other orders stay.",
        "ask conditional.get_all_cm_conditional_open_orders",
    ),
    _calls.read(
        "openOrder",
        "get_cm_conditional_open_order",
        "ConditionalOrder",
        1,
        _IDENTIFIED,
        "One conditional order that is not triggered yet",
        "-2013 once it is triggered or cancelled.",
        errors=(-2013,),
        any_of=_NAMED,
    ),
    _calls.read(
        "openOrders",
        "get_all_cm_conditional_open_orders",
        "list[ConditionalOrder]",
        1,
        (CONTRACT,),
        "Conditional orders that are not triggered yet, of one contract or of all",
        without_symbol=40,
    ),
    _calls.read(
        "allOrders",
        "get_all_cm_conditional_orders",
        "list[ConditionalOrder]",
        1,
        (CONTRACT, STRATEGY_ID, START_TIME, END_TIME, limit(500, 1000)),
        "Conditional orders, triggered or not",
        "Less than 7 days a call. Those that ended without a fill more than 7 days ago are missing.",
        without_symbol=40,
        window_ms=7 * DAY_MS,
    ),
    _calls.read(
        "orderHistory",
        "get_cm_conditional_order_history",
        "ConditionalOrder",
        1,
        _IDENTIFIED,
        "One conditional order that is triggered, cancelled or expired",
        "orderId, status and type are those of the order that the trigger sent.",
        errors=(-2013,),
        any_of=_NAMED,
    ),
)
