"""What Kraken's error codes mean: spot's `EClass:Text[:detail]`, and Kraken Futures' words.

Source: Kraken REST API, "Errors" and "API Error Messages"; Kraken Futures API v3, "API Errors" and the
`sendStatus` and `cancelStatus` values; ccxt 4.5.90 `exceptions`. A word that begins with more than it says
here (`EGeneral:Invalid arguments:volume`) has the meaning of the longest row that it begins with.
"""

from collections.abc import Mapping
from types import MappingProxyType

from fixgate.connectors.ccxt.translator import Meaning, Verdict
from fixgate.model.enums import OrdRejReason
from fixgate.model.execution import ErrorCode

_E, _R = ErrorCode, OrdRejReason

_REFUSED = Meaning(Verdict.REFUSED)
_QUANTITY = Meaning(Verdict.REFUSED, _E.EXCHANGE_ERROR, _R.INCORRECT_QUANTITY)
_SYMBOL = Meaning(Verdict.REFUSED, _E.EXCHANGE_ERROR, _R.UNKNOWN_SYMBOL)
_CLOSED = Meaning(Verdict.REFUSED, _E.EXCHANGE_ERROR, _R.EXCHANGE_CLOSED)
_EXCEEDS = Meaning(Verdict.REFUSED, _E.EXCHANGE_ERROR, _R.EXCEEDS_LIMIT)
_KEY = Meaning(Verdict.REFUSED, _E.EXCHANGE_ERROR, _R.UNKNOWN_ACCOUNT)
_BALANCE = Meaning(Verdict.REFUSED, _E.INSUFFICIENT_BALANCE, _R.EXCEEDS_LIMIT)
_MARGIN = Meaning(Verdict.REFUSED, _E.INSUFFICIENT_MARGIN, _R.EXCEEDS_LIMIT)
_NOT_SENT_ON = Meaning(Verdict.REFUSED, _E.NETWORK_ERROR)
_UNKNOWN = Meaning(Verdict.UNKNOWN, _E.NETWORK_ERROR)
_NOT_FOUND = Meaning(Verdict.NOT_FOUND, _E.ORDER_NOT_FOUND, _R.UNKNOWN_ORDER)
_DUPLICATE = Meaning(Verdict.DUPLICATE, _E.CONFLICT, _R.DUPLICATE_ORDER)
_LIMITED = Meaning(Verdict.LIMITED, _E.NETWORK_ERROR)

SPOT_CODES: Mapping[str, Meaning] = MappingProxyType(
    {
        # the order
        "EOrder:Insufficient funds": _BALANCE,
        "EOrder:Insufficient margin": _MARGIN,
        "EOrder:Insufficient initial margin": _MARGIN,
        "EOrder:Margin allowance exceeded": _MARGIN,
        "EOrder:Margin level too low": _MARGIN,
        "EOrder:Margin position size exceeded": _MARGIN,
        "EOrder:Cannot open position": _REFUSED,
        "EOrder:Cannot open opposing position": _REFUSED,
        "EOrder:Order minimum not met": _QUANTITY,
        "EOrder:Cost minimum not met": _QUANTITY,
        "EOrder:Tick size check failed": _REFUSED,
        "EOrder:Invalid price": _REFUSED,
        "EOrder:Invalid order": _REFUSED,
        "EOrder:Post only order": _REFUSED,
        "EOrder:Reduce only": _REFUSED,
        "EOrder:Trading agreement required": _KEY,
        "EOrder:Orders limit exceeded": _EXCEEDS,
        "EOrder:Scheduled orders limit exceeded": _EXCEEDS,
        "EOrder:Positions limit exceeded": _EXCEEDS,
        "EOrder:Position size exceeded": _EXCEEDS,
        "EBM:limit exceeded": _EXCEEDS,
        "EOrder:Unknown position": _REFUSED,
        "EOrder:Unknown order": _NOT_FOUND,
        "EOrder:Duplicate order": _DUPLICATE,
        # the request
        "EGeneral:Invalid arguments": _REFUSED,
        "EGeneral:Invalid arguments:volume": _QUANTITY,
        "EGeneral:Invalid arguments:viqc": _QUANTITY,
        "EGeneral:Unknown method": _REFUSED,
        "EQuery:Unknown asset pair": _SYMBOL,
        "EQuery:Invalid asset pair": _SYMBOL,
        "EQuery:Unknown asset": _SYMBOL,
        # the key and the account
        "EAPI:Invalid key": _KEY,
        "EAPI:Invalid signature": _KEY,
        "EAPI:Feature disabled": _KEY,
        "EGeneral:Permission denied": _KEY,
        "EAccount:Invalid permissions": _KEY,
        "EAuth:Account temporary disabled": _KEY,
        "EAuth:Account unconfirmed": _KEY,
        "ESession:Invalid session": _KEY,
        "ETrade:User Locked": _KEY,
        "ETrade:Locked": _KEY,
        "EAPI:Invalid nonce": _NOT_SENT_ON,
        "EAPI:Bad request": _REFUSED,
        # limits
        "EAPI:Rate limit exceeded": _LIMITED,
        "EOrder:Rate limit exceeded": _LIMITED,
        "EOrder:Domain rate limit exceeded": _LIMITED,
        "EAuth:Rate limit exceeded": _LIMITED,
        "EAuth:Too many requests": _LIMITED,
        "EGeneral:Too many requests": _LIMITED,
        "EGeneral:Temporary lockout": _LIMITED,
        "EService:Throttled": _LIMITED,
        # the venue
        "EService:Market in cancel_only mode": _CLOSED,
        "EService:Market in post_only mode": _CLOSED,
        "EService:Market in limit_only mode": _CLOSED,
        "EService:Deadline elapsed": _NOT_SENT_ON,
        "EService:Unavailable": _UNKNOWN,
        "EService:Busy": _UNKNOWN,
        "EService:Timeout": _UNKNOWN,
        "EGeneral:Internal error": _UNKNOWN,
        "EDatabase:Internal error": _UNKNOWN,
    }
)

FUTURES_CODES: Mapping[str, Meaning] = MappingProxyType(
    {
        # sendStatus
        "invalidOrderType": _REFUSED,
        "invalidSide": _REFUSED,
        "invalidSize": _QUANTITY,
        "invalidPrice": _REFUSED,
        "insufficientAvailableFunds": _MARGIN,
        "INSUFFICIENT_MARGIN": _MARGIN,
        "insufficientFunds": _MARGIN,
        "wouldCauseLiquidation": _MARGIN,
        "selfFill": _REFUSED,
        "tooManySmallOrders": _EXCEEDS,
        "maxPositionViolation": _EXCEEDS,
        "outsidePriceCollar": _REFUSED,
        "postWouldExecute": _REFUSED,
        "iocWouldNotExecute": _REFUSED,
        "wouldNotReducePosition": _REFUSED,
        "marketSuspended": _CLOSED,
        "marketInactive": _CLOSED,
        "marketUnavailable": _CLOSED,
        "wouldProcessAfterSpecifiedTime": _NOT_SENT_ON,
        "clientOrderIdTooLong": _REFUSED,
        "clientOrderIdAlreadyExist": _DUPLICATE,
        # cancelStatus
        "notFound": _NOT_FOUND,
        "filled": _NOT_FOUND,
        "orderForEditNotFound": _NOT_FOUND,
        # error
        "contractNotFound": _SYMBOL,
        "invalidArgument": _REFUSED,
        "invalidAmount": _QUANTITY,
        "invalidUnit": _REFUSED,
        "invalidAccount": _KEY,
        "accountInactive": _KEY,
        "authenticationError": _KEY,
        "requiredArgumentMissing": _REFUSED,
        "Bad Request": _REFUSED,
        "Json Parse Error": _REFUSED,
        "nonceBelowThreshold": _NOT_SENT_ON,
        "nonceDuplicate": _NOT_SENT_ON,
        "apiLimitExceeded": _LIMITED,
        "Unavailable": _UNKNOWN,
        "unavailable": _UNKNOWN,
        "Server Error": _UNKNOWN,
        "unknownError": _UNKNOWN,
    }
)

CODES: Mapping[str, Meaning] = MappingProxyType(dict(SPOT_CODES) | dict(FUTURES_CODES))


def known_prefix(code: str) -> str:
    """Return the longest row of the tables that `code` begins with, in whole parts; `code` itself if none
    does."""
    if code in CODES:
        return code
    parts = code.split(":")
    for count in range(len(parts) - 1, 0, -1):
        shorter = ":".join(parts[:count])
        if shorter in CODES:
            return shorter
    return next((known for known in CODES if ":" in known and code.startswith(known)), code)
