"""Every error code that Portfolio Margin is known to send, and what each says about the request.

One row per code: number, the venue's own name (its spelling kept), what became of the request, and
the leg if only one leg sends it. Futures and COIN-M number the same errors differently, and a number
may mean something else on another Binance API: read this table for PAPI only. Borrow and repay errors
(51xxx) are printed as positive numbers and may arrive with either sign. Sources: PAPI error codes, the
futures and COIN-M error codes, the spot engine's error codes.
"""

from enum import StrEnum

import msgspec

from fixgate.papi.legs import Leg


class Outcome(StrEnum):
    """What became of a request that was not plainly accepted."""

    REJECT = "reject"
    """A definite no."""
    NOT_EXECUTED_RETRYABLE = "not_executed_retryable"
    """A definite no that says nothing about the order itself: it may be sent again."""
    THROTTLED = "throttled"
    """A definite no: too many requests. Pace, then send again or give up."""
    CLOCK = "clock"
    """A definite no: timestamp or recvWindow. Sync the clock first."""
    INFRA_AUTH = "infra_auth"
    """A definite no that an operator has to solve: key, permission, address, path."""
    UNKNOWN = "unknown"
    """It may or may not have been executed. Never a reject: a query resolves it."""


class ErrorCode(msgspec.Struct, frozen=True):
    """One row of the table. `leg` is None where any leg may send the code."""

    code: int
    name: str
    outcome: Outcome
    leg: Leg | None = None


REJECT = Outcome.REJECT
RETRYABLE = Outcome.NOT_EXECUTED_RETRYABLE
THROTTLED = Outcome.THROTTLED
CLOCK = Outcome.CLOCK
INFRA_AUTH = Outcome.INFRA_AUTH
UNKNOWN = Outcome.UNKNOWN

ERROR_CODES: tuple[ErrorCode, ...] = (
    ErrorCode(-1000, "UNKNOWN", UNKNOWN),
    ErrorCode(-1001, "DISCONNECTED", RETRYABLE),
    ErrorCode(-1002, "UNAUTHORIZED", INFRA_AUTH),
    ErrorCode(-1003, "TOO_MANY_REQUESTS", THROTTLED),
    ErrorCode(-1004, "DUPLICATE_IP", INFRA_AUTH),
    ErrorCode(-1005, "NO_SUCH_IP", INFRA_AUTH),
    ErrorCode(-1006, "UNEXPECTED_RESP", UNKNOWN),
    ErrorCode(-1007, "TIMEOUT", UNKNOWN),
    ErrorCode(-1008, "REQUEST_THROTTLED", RETRYABLE),
    ErrorCode(-1010, "ERROR_MSG_RECEIVED", REJECT),
    ErrorCode(-1011, "NON_WHITE_LIST", INFRA_AUTH),
    ErrorCode(-1013, "INVALID_MESSAGE", REJECT),
    ErrorCode(-1014, "UNKNOWN_ORDER_COMPOSITION", REJECT),
    ErrorCode(-1015, "TOO_MANY_ORDERS", THROTTLED),
    ErrorCode(-1016, "SERVICE_SHUTTING_DOWN", REJECT),
    ErrorCode(-1020, "UNSUPPORTED_OPERATION", REJECT),
    ErrorCode(-1021, "INVALID_TIMESTAMP", CLOCK),
    ErrorCode(-1022, "INVALID_SIGNATURE", INFRA_AUTH),
    ErrorCode(-1023, "START_TIME_GREATER_THAN_END_TIME", REJECT),
    ErrorCode(-1099, "NOT_FOUND_AUTH", INFRA_AUTH),
    ErrorCode(-1100, "ILLEGAL_CHARS", REJECT),
    ErrorCode(-1101, "TOO_MANY_PARAMETERS", REJECT),
    ErrorCode(-1102, "MANDATORY_PARAM_EMPTY_OR_MALFORMED", REJECT),
    ErrorCode(-1103, "UNKNOWN_PARAM", REJECT),
    ErrorCode(-1104, "UNREAD_PARAMETERS", REJECT),
    ErrorCode(-1105, "PARAM_EMPTY", REJECT),
    ErrorCode(-1106, "PARAM_NOT_REQUIRED", REJECT),
    ErrorCode(-1108, "BAD_ASSET", REJECT),
    ErrorCode(-1109, "BAD_ACCOUNT", REJECT),
    ErrorCode(-1110, "BAD_INSTRUMENT_TYPE", REJECT),
    ErrorCode(-1111, "BAD_PRECISION", REJECT),
    ErrorCode(-1112, "NO_DEPTH", REJECT),
    ErrorCode(-1113, "WITHDRAW_NOT_NEGATIVE", REJECT),
    ErrorCode(-1114, "TIF_NOT_REQUIRED", REJECT),
    ErrorCode(-1115, "INVALID_TIF", REJECT),
    ErrorCode(-1116, "INVALID_ORDER_TYPE", REJECT),
    ErrorCode(-1117, "INVALID_SIDE", REJECT),
    ErrorCode(-1118, "EMPTY_NEW_CL_ORD_ID", REJECT),
    ErrorCode(-1119, "EMPTY_ORG_CL_ORD_ID", REJECT),
    ErrorCode(-1120, "BAD_INTERVAL", REJECT),
    ErrorCode(-1121, "BAD_SYMBOL", REJECT),
    ErrorCode(-1122, "INVALID_SYMBOL_STATUS", REJECT),
    ErrorCode(-1125, "INVALID_LISTEN_KEY", INFRA_AUTH),
    ErrorCode(-1126, "ASSET_NOT_SUPPORTED", REJECT),
    ErrorCode(-1127, "MORE_THAN_XX_HOURS", REJECT),
    ErrorCode(-1128, "OPTIONAL_PARAMS_BAD_COMBO", REJECT),
    ErrorCode(-1130, "INVALID_PARAMETER", REJECT),
    ErrorCode(-1131, "BAD_RECV_WINDOW", REJECT),
    ErrorCode(-1136, "INVALID_NEW_ORDER_RESP_TYPE", REJECT),
    ErrorCode(-2010, "NEW_ORDER_REJECTED", REJECT),
    ErrorCode(-2011, "CANCEL_REJECTED", REJECT),
    ErrorCode(-2012, "CANCEL_ALL_FAIL", UNKNOWN),
    ErrorCode(-2013, "NO_SUCH_ORDER", REJECT),
    ErrorCode(-2014, "BAD_API_KEY_FMT", INFRA_AUTH),
    ErrorCode(-2015, "REJECTED_MBX_KEY", INFRA_AUTH),
    ErrorCode(-2016, "NO_TRADING_WINDOW", REJECT),
    ErrorCode(-2017, "API_KEYS_LOCKED", INFRA_AUTH),
    ErrorCode(-2018, "BALANCE_NOT_SUFFICIENT", REJECT),
    ErrorCode(-2019, "MARGIN_NOT_SUFFICIEN", REJECT),
    ErrorCode(-2020, "UNABLE_TO_FILL", REJECT),
    ErrorCode(-2021, "ORDER_WOULD_IMMEDIATELY_TRIGGER", REJECT),
    ErrorCode(-2022, "REDUCE_ONLY_REJECT", REJECT),
    ErrorCode(-2023, "USER_IN_LIQUIDATION", REJECT),
    ErrorCode(-2024, "POSITION_NOT_SUFFICIENT", REJECT),
    ErrorCode(-2025, "MAX_OPEN_ORDER_EXCEEDED", REJECT),
    ErrorCode(-2026, "REDUCE_ONLY_ORDER_TYPE_NOT_SUPPORTED", REJECT),
    ErrorCode(-2027, "MAX_LEVERAGE_RATIO", REJECT),
    ErrorCode(-2028, "MIN_LEVERAGE_RATIO", REJECT),
    ErrorCode(-4000, "INVALID_ORDER_STATUS", REJECT),
    ErrorCode(-4001, "PRICE_LESS_THAN_ZERO", REJECT),
    ErrorCode(-4002, "PRICE_GREATER_THAN_MAX_PRICE", REJECT),
    ErrorCode(-4003, "QTY_LESS_THAN_ZERO", REJECT),
    ErrorCode(-4004, "QTY_LESS_THAN_MIN_QTY", REJECT),
    ErrorCode(-4005, "QTY_GREATER_THAN_MAX_QTY", REJECT),
    ErrorCode(-4006, "STOP_PRICE_LESS_THAN_ZERO", REJECT),
    ErrorCode(-4007, "STOP_PRICE_GREATER_THAN_MAX_PRICE", REJECT),
    ErrorCode(-4013, "PRICE_LESS_THAN_MIN_PRICE", REJECT),
    ErrorCode(-4014, "PRICE_NOT_INCREASED_BY_TICK_SIZE", REJECT),
    ErrorCode(-4015, "INVALID_CL_ORD_ID_LEN", REJECT),
    ErrorCode(-4016, "PRICE_HIGHTER_THAN_MULTIPLIER_UP", REJECT),
    ErrorCode(-4023, "QTY_NOT_INCREASED_BY_STEP_SIZE", REJECT),
    ErrorCode(-4024, "PRICE_LOWER_THAN_MULTIPLIER_DOWN", REJECT),
    ErrorCode(-4028, "INVALID_LEVERAGE", REJECT),
    ErrorCode(-4031, "INVALID_WORKING_TYPE", REJECT),
    ErrorCode(-4032, "EXCEED_MAX_CANCEL_ORDER_SIZE", REJECT),
    ErrorCode(-4045, "MAX_STOP_ORDER_EXCEEDED", REJECT),
    ErrorCode(-4050, "CROSS_BALANCE_INSUFFICIENT", REJECT),
    ErrorCode(-4055, "AMOUNT_MUST_BE_POSITIVE", REJECT),
    ErrorCode(-4059, "NO_NEED_TO_CHANGE_POSITION_SIDE", REJECT),
    ErrorCode(-4060, "INVALID_POSITION_SIDE", REJECT),
    ErrorCode(-4061, "POSITION_SIDE_NOT_MATCH", REJECT),
    ErrorCode(-4062, "REDUCE_ONLY_CONFLICT", REJECT),
    ErrorCode(-4067, "POSITION_SIDE_CHANGE_EXISTS_OPEN_ORDERS", REJECT),
    ErrorCode(-4068, "POSITION_SIDE_CHANGE_EXISTS_QUANTITY", REJECT),
    ErrorCode(-4084, "UPCOMING_METHOD", REJECT),
    ErrorCode(-4087, "REDUCE_ONLY_ORDER_PERMISSION", REJECT),
    ErrorCode(-4088, "NO_PLACE_ORDER_PERMISSION", REJECT),
    ErrorCode(-4104, "INVALID_CONTRACT_TYPE", REJECT),
    ErrorCode(-4109, "INACTIVE_ACCOUNT", REJECT),
    ErrorCode(-4112, "REDUCE_ONLY_MARGIN_CHECK_FAILED", REJECT, Leg.CM),
    ErrorCode(-4113, "MARKET_ORDER_REJECT", REJECT, Leg.CM),
    ErrorCode(-4116, "DUPLICATED_CLIENT_ORDER_ID", UNKNOWN),
    ErrorCode(-4117, "STOP_ORDER_TRIGGERING", UNKNOWN),
    ErrorCode(-4118, "REDUCE_ONLY_MARGIN_CHECK_FAILED", REJECT),
    ErrorCode(-4120, "STOP_ORDER_SWITCH_ALGO", REJECT),
    ErrorCode(-4131, "MARKET_ORDER_REJECT", REJECT),
    ErrorCode(-4135, "INVALID_ACTIVATION_PRICE", REJECT),
    ErrorCode(-4137, "QUANTITY_EXISTS_WITH_CLOSE_POSITION", REJECT),
    ErrorCode(-4138, "REDUCE_ONLY_MUST_BE_TRUE", REJECT),
    ErrorCode(-4139, "ORDER_TYPE_CANNOT_BE_MKT", REJECT),
    ErrorCode(-4140, "INVALID_OPENING_POSITION_STATUS", REJECT),
    ErrorCode(-4141, "SYMBOL_ALREADY_CLOSED", REJECT),
    ErrorCode(-4142, "STRATEGY_INVALID_TRIGGER_PRICE", REJECT),
    ErrorCode(-4144, "INVALID_PAIR", REJECT),
    ErrorCode(-4151, "PRICE_ABOVE_STOP_MULTIPLIER", REJECT, Leg.CM),
    ErrorCode(-4152, "PRICE_BELOW_STOP_MULTIPLIER", REJECT, Leg.CM),
    ErrorCode(-4164, "MIN_NOTIONAL", REJECT),
    ErrorCode(-4165, "INVALID_TIME_INTERVAL", REJECT),
    ErrorCode(-4178, "MIN_NOTIONAL", REJECT, Leg.CM),
    ErrorCode(-4183, "PRICE_HIGHTER_THAN_STOP_MULTIPLIER_UP", REJECT),
    ErrorCode(-4184, "PRICE_LOWER_THAN_STOP_MULTIPLIER_DOWN", REJECT),
    ErrorCode(-4188, "ME_INVALID_TIMESTAMP", CLOCK, Leg.CM),
    ErrorCode(-4192, "COOLING_OFF_PERIOD", REJECT),
    ErrorCode(-4196, "LIMIT_ORDER_ONLY", REJECT, Leg.CM),
    ErrorCode(-4197, "SAME_ORDER", REJECT, Leg.CM),
    ErrorCode(-4198, "EXCEED_MAX_MODIFY", REJECT, Leg.CM),
    ErrorCode(-4199, "MOVE_NOT_ALLOWED", REJECT, Leg.CM),
    ErrorCode(-4220, "CANNOT_CHANGE_DUAL_SIDE", REJECT),
    ErrorCode(-4400, "TRADING_QUANTITATIVE_RULE", REJECT),
    ErrorCode(-4401, "LARGE_POSITION_SYM_RULE", REJECT),
    ErrorCode(-4402, "COMPLIANCE_BLACK_SYMBOL", REJECT),
    ErrorCode(-4405, "UM_REDUCE_ONLY_ONLY", REJECT),
    ErrorCode(-4407, "ACCOUNT_REDUCE_ONLY", REJECT),
    ErrorCode(-4408, "REGULATORY_REDUCE_ONLY", REJECT),
    ErrorCode(-4415, "CM_REDUCE_ONLY_ONLY", REJECT),
    ErrorCode(-4517, "SYMBOL_REDUCE_ONLY", REJECT),
    ErrorCode(-4518, "SYMBOL_REDUCE_ONLY_BUY", REJECT),
    ErrorCode(-4519, "SYMBOL_REDUCE_ONLY_SELL", REJECT),
    ErrorCode(-4531, "DUAL_SIDE_SYNC", REJECT),
    ErrorCode(-5021, "FOK_ORDER_REJECT", REJECT),
    ErrorCode(-5022, "GTX_ORDER_REJECT", REJECT),
    ErrorCode(-5024, "MOVE_ORDER_NOT_ALLOWED", REJECT),
    ErrorCode(-5025, "LIMIT_ORDER_ONLY", REJECT),
    ErrorCode(-5026, "EXCEED_MAX_MODIFY", REJECT),
    ErrorCode(-5027, "SAME_ORDER", REJECT),
    ErrorCode(-5028, "ME_RECVWINDOW_REJECT", CLOCK),
    ErrorCode(-5029, "MODIFICATION_MIN_NOTIONAL", REJECT),
    ErrorCode(-5037, "INVALID_PRICE_MATCH", REJECT),
    ErrorCode(-5038, "UNSUPPORTED_PRICE_MATCH", REJECT),
    ErrorCode(-5039, "INVALID_STP_MODE", REJECT),
    ErrorCode(-5040, "FUTURE_GOOD_TILL_DATE", REJECT),
    ErrorCode(-5041, "TOO_MANY_REQUESTS_IN_QUEUE", THROTTLED),
    ErrorCode(-5043, "EXISTING_PENDING_MODIFICATION", REJECT),
    ErrorCode(51006, "EXCEED_MAX_BORROWABLE", REJECT, Leg.MARGIN),
    ErrorCode(51007, "HAS_PENDING_TRANSACTION", RETRYABLE, Leg.MARGIN),
    ErrorCode(51014, "ASSET_ADMIN_BAN_BORROW", REJECT, Leg.MARGIN),
    ErrorCode(51061, "INSUFFICIENT_LOANABLE_ASSET", REJECT, Leg.MARGIN),
    ErrorCode(51068, "LIQUIDATION_IN_PROGRESS", REJECT, Leg.MARGIN),
    ErrorCode(51078, "NET_ASSET_MUST_LTE_RATIO", REJECT, Leg.MARGIN),
    ErrorCode(51113, "EXCEED_PRICE_LIMIT", REJECT, Leg.MARGIN),
    ErrorCode(51122, "PM_FUNCTION_NOT_SUPPORTED", REJECT, Leg.MARGIN),
    ErrorCode(51998, "SYSTEM_BUSY", RETRYABLE, Leg.MARGIN),
    ErrorCode(51999, "UNKNOWN", UNKNOWN),
)

_BY_CODE: dict[int, ErrorCode] = {row.code: row for row in ERROR_CODES}


def error_code(code: int, leg: Leg | None = None) -> ErrorCode | None:
    """Return the row for `code` as `leg` sends it, None if that leg is not known to send it.

    A `leg` of None is "could be any".
    """
    row = _BY_CODE.get(code) or (_BY_CODE.get(-code) if abs(code) >= 51_000 else None)
    if row is None or (leg is not None and row.leg is not None and row.leg is not leg):
        return None
    return row
