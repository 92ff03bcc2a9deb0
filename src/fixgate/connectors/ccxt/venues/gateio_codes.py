"""What Gate's error labels mean. Source: API v4, "Label list", and the labels of its futures engine.

Gate answers an error with an HTTP status and `{"label": ..., "message" or "detail": ...}`.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from fixgate.connectors.ccxt.translator import Meaning, Verdict
from fixgate.model.enums import OrdRejReason
from fixgate.model.execution import ErrorCode

_V, _E, _R = Verdict, ErrorCode, OrdRejReason

_TABLE: Mapping[Meaning, tuple[str, ...]] = {
    # Perhaps done: the venue broke off in the middle of it.
    Meaning(_V.UNKNOWN, _E.NETWORK_ERROR): ("INTERNAL", "SERVER_ERROR", "TOO_BUSY", "TIMEOUT"),
    Meaning(_V.LIMITED, _E.NETWORK_ERROR): ("TOO_FAST", "TOO_MANY_REQUESTS"),
    Meaning(_V.REFUSED, _E.INSUFFICIENT_BALANCE, _R.EXCEEDS_LIMIT): (
        "BALANCE_NOT_ENOUGH",
        "QUANTITY_NOT_ENOUGH",
    ),
    Meaning(_V.REFUSED, _E.INSUFFICIENT_MARGIN, _R.EXCEEDS_LIMIT): (
        "INSUFFICIENT_AVAILABLE",
        "FUTURES_BALANCE_NOT_ENOUGH",
        "MARGIN_BALANCE_NOT_ENOUGH",
        "LIQUIDATE_IMMEDIATELY",
        "LACK_MARGIN",
    ),
    # There is no such order, or it is not open any more.
    Meaning(_V.NOT_FOUND, _E.ORDER_NOT_FOUND, _R.UNKNOWN_ORDER): (
        "ORDER_NOT_FOUND",
        "CLIENT_ID_NOT_FOUND",
        "AUTO_ORDER_NOT_FOUND",
        "ORDER_CLOSED",
        "ORDER_CANCELLED",
        "ORDER_FINISHED",
        "ORDER_NOT_OWNED",
    ),
    Meaning(_V.DONE): ("NO_CHANGE",),
    Meaning(_V.DUPLICATE, _E.CONFLICT, _R.DUPLICATE_ORDER): ("REPEATED_CREATION", "ORDER_TEXT_DUPLICATE"),
    Meaning(_V.REFUSED, reason=_R.EXCEEDS_LIMIT): (
        "RISK_LIMIT_EXCEEDED",
        "RISK_LIMIT_TOO_HIGH",
        "RISK_LIMIT_TOO_LOW",
        "RISK_LIMIT_TOO_lOW",  # as the venue's documents spell it
        "RISK_LIMIT_NOT_MULTIPLE",
        "TOO_MANY_ORDERS",
        "TOO_MANY_CURRENCY_PAIRS",
        "LEVERAGE_TOO_HIGH",
        "LEVERAGE_TOO_LOW",
        "LEVERAGE_EXCEEDED",
        "INCREASE_POSITION",
        "POSITION_HOLDING",
        "SIZE_TOO_LARGE",
        "AMOUNT_TOO_MUCH",
        "USER_LOAN_EXCEEDED",
        "AUTO_BORROW_TOO_MUCH",
    ),
    Meaning(_V.REFUSED, reason=_R.INCORRECT_QUANTITY): (
        "AMOUNT_TOO_LITTLE",
        "SIZE_TOO_SMALL",
        "INVALID_PRECISION",
        "REDUCE_EXCEEDED",
        "REDUCE_ONLY_FAIL",
        "POSITION_EMPTY",
    ),
    Meaning(_V.REFUSED, reason=_R.OTHER): (
        "POC_FILL_IMMEDIATELY",
        "ORDER_POC_IMMEDIATE",
        "FOK_NOT_FILL",
        "PRICE_TOO_DEVIATED",
        "PRICE_THRESHOLD_EXCEEDED",
        "PRICE_OVER_LIQUIDATION",
        "PRICE_OVER_BANKRUPT",
        "AUTO_TRIGGER_PRICE_LESS_LAST",
        "AUTO_TRIGGER_PRICE_GREATE_LAST",
        "CONTRACT_NO_COUNTER",
        "ORDER_FOK",
    ),
    Meaning(_V.REFUSED, reason=_R.UNKNOWN_SYMBOL): (
        "INVALID_CURRENCY",
        "INVALID_CURRENCY_PAIR",
        "CONTRACT_NOT_FOUND",
    ),
    Meaning(_V.REFUSED, reason=_R.EXCHANGE_CLOSED): (
        "CONTRACT_IN_DELISTING",
        "POSITION_IN_LIQUIDATION",
        "POSITION_IN_CLOSE",
        "TRADE_RESTRICTED",
    ),
    Meaning(_V.REFUSED, reason=_R.UNKNOWN_ACCOUNT): (
        "AUTHENTICATION_FAILED",
        "INVALID_CREDENTIALS",
        "INVALID_KEY",
        "INVALID_SIGNATURE",
        "IP_FORBIDDEN",
        "READ_ONLY",
        "FORBIDDEN",
        "MISSING_REQUIRED_HEADER",
        "REQUEST_EXPIRED",
        "ACCOUNT_LOCKED",
        "ACCOUNT_EXCEPTION",
        "SUB_ACCOUNT_NOT_FOUND",
        "SUB_ACCOUNT_LOCKED",
        "USER_NOT_FOUND",
        "CROSS_ACCOUNT_NOT_FOUND",
        "MIXED_ACCOUNT_TYPE",
        "MARGIN_NOT_SUPPORTED",
        "MARGIN_BALANCE_EXCEPTION",
    ),
    Meaning(_V.REFUSED): (
        "INVALID_PARAM_VALUE",
        "INVALID_PROTOCOL",
        "INVALID_ARGUMENT",
        "INVALID_REQUEST_BODY",
        "MISSING_REQUIRED_PARAM",
        "BAD_REQUEST",
        "INVALID_CONTENT_TYPE",
        "NOT_ACCEPTABLE",
        "METHOD_NOT_ALLOWED",
        "NOT_FOUND",
        "POSITION_CROSS_MARGIN",
        "INVALID_CLIENT_ORDER_ID",
    ),
}

CODES: Mapping[str, Meaning] = MappingProxyType(
    {label: meaning for meaning, labels in _TABLE.items() for label in labels}
)

_LABEL = re.compile(r'"label":\s*"(\w+)"')


def code_of(error: Exception) -> str:
    """Return the label in a ccxt exception's text, empty if there is none."""
    found = _LABEL.search(str(error))
    return found.group(1) if found else ""
