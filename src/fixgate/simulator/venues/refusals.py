"""What the matching engine's refusals mean, whatever words a venue has for it."""

from collections.abc import Mapping

from fixgate.simulator.refusal import (
    DUPLICATE_ORDER,
    INSUFFICIENT_BALANCE,
    WOULD_TAKE,
    WOULD_TRIGGER,
    VenueRefusal,
)
from fixgate.simulator.venues.views import Refusal, Why

_BY_TEXT: Mapping[str, Why] = {
    INSUFFICIENT_BALANCE: Why.BALANCE,
    DUPLICATE_ORDER: Why.DUPLICATE,
    WOULD_TAKE: Why.WOULD_TAKE,
    WOULD_TRIGGER: Why.WOULD_TRIGGER,
    "Filter failure: PRICE_FILTER": Why.PRICE,
    "Filter failure: PERCENT_PRICE_BY_SIDE": Why.PRICE,
    "Filter failure: LOT_SIZE": Why.QUANTITY,
    "Filter failure: MARKET_LOT_SIZE": Why.QUANTITY,
    "Filter failure: NOTIONAL": Why.NOTIONAL,
    "Filter failure: MAX_NUM_ORDERS": Why.TOO_MANY,
    "Filter failure: MAX_NUM_ALGO_ORDERS": Why.TOO_MANY,
}
_BY_CODE: Mapping[int, Why] = {
    -1112: Why.LIQUIDITY,
    -1121: Why.SYMBOL,
    -2011: Why.UNKNOWN_ORDER,
    -2013: Why.UNKNOWN_ORDER,
    -2018: Why.BALANCE,
    -2019: Why.MARGIN,
    -2021: Why.WOULD_TRIGGER,
    -2022: Why.REDUCE_ONLY,
    -2025: Why.TOO_MANY,
    -2027: Why.LEVERAGE,
    -2028: Why.LEVERAGE,
    -4001: Why.PRICE,
    -4002: Why.PRICE,
    -4003: Why.QUANTITY,
    -4004: Why.QUANTITY,
    -4005: Why.QUANTITY,
    -4006: Why.PRICE,
    -4007: Why.PRICE,
    -4013: Why.PRICE,
    -4014: Why.PRICE,
    -4016: Why.PRICE,
    -4023: Why.QUANTITY,
    -4024: Why.PRICE,
    -4028: Why.LEVERAGE,
    -4045: Why.TOO_MANY,
    -4061: Why.POSITION_SIDE,
    -4116: Why.DUPLICATE,
    -4135: Why.PRICE,
    -4142: Why.WOULD_TRIGGER,
    -4151: Why.PRICE,
    -4152: Why.PRICE,
    -4164: Why.NOTIONAL,
    -4183: Why.PRICE,
    -4184: Why.PRICE,
    -5022: Why.WOULD_TAKE,
    51020: Why.TOO_MANY,
    51097: Why.BALANCE,
}


def reason_of(refusal: VenueRefusal) -> Refusal:
    """Return the refusal without its code."""
    why = _BY_TEXT.get(refusal.message) or _BY_CODE.get(refusal.code, Why.OTHER)
    return Refusal(why, refusal.message)
