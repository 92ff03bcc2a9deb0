"""What Hyperliquid's error texts mean. It has no codes: a row is the beginning of a text, without the asset
and the numbers that follow.

Source: Hyperliquid API, "Error responses"; ccxt 4.5.90 `exceptions`.
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
_NOT_FOUND = Meaning(Verdict.NOT_FOUND, _E.ORDER_NOT_FOUND, _R.UNKNOWN_ORDER)
_LIMITED = Meaning(Verdict.LIMITED, _E.NETWORK_ERROR)

UNKNOWN_OID = "unknownOid"
"""What a question about an order is answered with when there is none, in `status` and not as an error."""

CODES: Mapping[str, Meaning] = MappingProxyType(
    {
        # the order
        "Price must be divisible by tick size": _REFUSED,
        "Order has invalid price": _REFUSED,
        "Order has invalid size": _QUANTITY,
        "Order has zero size": _QUANTITY,
        "Order must have minimum value of": _QUANTITY,
        "Insufficient margin to place order": _MARGIN,
        "Insufficient spot balance": _BALANCE,
        "Insufficient balance": _BALANCE,
        "Reduce only order would increase position": _REFUSED,
        "Post only order would have immediately matched": _REFUSED,
        "Order could not immediately match against any resting orders": _REFUSED,
        "No liquidity available for market order": _REFUSED,
        "Invalid TP/SL price": _REFUSED,
        "Order price cannot be more than 80% away from the reference price": _REFUSED,
        "Order price too far from oracle": _REFUSED,
        "Price too far from oracle": _REFUSED,
        "Order would increase open interest": _EXCEEDS,
        "Order would flip position while open interest is capped": _EXCEEDS,
        "Order would cause position to exceed margin tier limit": _EXCEEDS,
        "Order would exceed": _EXCEEDS,
        "Too many open orders": _EXCEEDS,
        "Order was never placed, already canceled, or filled": _NOT_FOUND,
        UNKNOWN_OID: _NOT_FOUND,
        # the market
        "Trading is halted": _CLOSED,
        "Only post-only orders allowed immediately after a network upgrade": _CLOSED,
        "Asset is delisted": _SYMBOL,
        "Invalid asset": _SYMBOL,
        # the wallet
        "User or API Wallet": _KEY,
        "Must deposit before performing actions": _KEY,
        "Vault not registered": _KEY,
        "Multi-sig required": _KEY,
        "L1 error": _KEY,
        # leverage
        "Invalid leverage value": _REFUSED,
        "Cannot switch leverage type with open position": _REFUSED,
        "Cannot decrease leverage with open position": _MARGIN,
        # the request
        "Invalid nonce": _NOT_SENT_ON,
        "Failed to deserialize the JSON body": _REFUSED,
        "Too many cumulative requests sent": _LIMITED,
        "Too many requests": _LIMITED,
    }
)


def known_beginning(text: str) -> str:
    """Return the longest row of the table that `text` begins with; `text` itself if none does."""
    found = [row for row in CODES if text.startswith(row)]
    return max(found, key=len) if found else text
