"""The venue's words for the model's, and back: one table each."""

from decimal import Decimal

from fixgate.model.enums import OrdRejReason, ProductType, Side
from fixgate.model.venue import VenueExec, VenueStatus
from fixgate.papi.legs import Leg

LEG_OF = {ProductType.FUTURE: Leg.UM, ProductType.DELIVERY: Leg.CM, ProductType.SPOT: Leg.MARGIN}
PRODUCT_OF = {leg: product for product, leg in LEG_OF.items()}
PRODUCT_OF_FS = {"UM": ProductType.FUTURE, "CM": ProductType.DELIVERY}

SIDE = {Side.BUY: "BUY", Side.SELL: "SELL"}
SIDE_OF = {word: side for side, word in SIDE.items()}

EXEC_OF = {
    "NEW": VenueExec.NEW,
    "TRADE": VenueExec.TRADE,
    "CALCULATED": VenueExec.TRADE,
    "CANCELED": VenueExec.CANCELED,
    "EXPIRED": VenueExec.EXPIRED,
    "TRADE_PREVENTION": VenueExec.EXPIRED,
    "AMENDMENT": VenueExec.REPLACED,
}

STATUS_OF = {
    "NEW": VenueStatus.NEW,
    "PENDING_NEW": VenueStatus.NEW,
    "NEW_INSURANCE": VenueStatus.NEW,
    "NEW_ADL": VenueStatus.NEW,
    "PARTIALLY_FILLED": VenueStatus.PARTIALLY_FILLED,
    "FILLED": VenueStatus.FILLED,
    "CANCELED": VenueStatus.CANCELED,
    "REJECTED": VenueStatus.EXPIRED,
    "EXPIRED": VenueStatus.EXPIRED,
    "EXPIRED_IN_MATCH": VenueStatus.EXPIRED,
}
"""Of an order that the matching engine has taken: one that it calls REJECTED then has ended."""

MARGIN_STOPS = frozenset({"STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"})
"""Margin order types that wait for a price in the engine itself, under the order id that they keep."""

WAITING_WORDS = frozenset({"NEW", "PENDING_NEW"})
"""Statuses of a margin stop order that waits, if it does not work: in a list it may be PENDING_NEW."""

SELF_TRADE_TEXT = "expired by self-trade prevention"

EXPIRY_TEXT = {
    "1": SELF_TRADE_TEXT,
    "2": "the unfilled rest of an IOC order",
    "3": "the unfilled rest of an IOC order, stopped by self-trade prevention",
    "4": "knocked out: another reduce-only or market order took its position, or it would reverse it",
    "5": "canceled because the account is in liquidation",
    "6": "its good-till condition failed",
    "7": "the symbol was delisted",
    "8": "its initial order expired after the stop triggered",
    "9": "the unfilled rest of a market order",
    "10": "a FOK order that could not be filled at once",
    "11": "a post-only order that would have taken",
}
"""Expiry reasons of USDⓈ-M and COIN-M orders (`er`)."""

MARGIN_EXPIRY_TEXT = {"OCO_TRIGGER": "the other order of its list was executed"}
"""Expiry reasons of margin orders (`eR`) that need words; others are told as they are."""

REJECT_REASON_OF = {
    "-1121": OrdRejReason.UNKNOWN_SYMBOL,
    "-1122": OrdRejReason.EXCHANGE_CLOSED,
    "-4140": OrdRejReason.EXCHANGE_CLOSED,
    "-4141": OrdRejReason.EXCHANGE_CLOSED,
    "-2018": OrdRejReason.EXCEEDS_LIMIT,
    "-2019": OrdRejReason.EXCEEDS_LIMIT,
    "-2025": OrdRejReason.EXCEEDS_LIMIT,
    "-2027": OrdRejReason.EXCEEDS_LIMIT,
    "-4050": OrdRejReason.EXCEEDS_LIMIT,
    "51006": OrdRejReason.EXCEEDS_LIMIT,
    "-51006": OrdRejReason.EXCEEDS_LIMIT,
    "-4003": OrdRejReason.INCORRECT_QUANTITY,
    "-4004": OrdRejReason.INCORRECT_QUANTITY,
    "-4005": OrdRejReason.INCORRECT_QUANTITY,
    "-4023": OrdRejReason.INCORRECT_QUANTITY,
    "-1109": OrdRejReason.UNKNOWN_ACCOUNT,
    "-1116": OrdRejReason.UNSUPPORTED,
    "-4120": OrdRejReason.UNSUPPORTED,
}
"""Venue error code -> OrdRejReason(103); any other code is BROKER, with code and text beside it."""

INSUFFICIENT = frozenset({"-2018", "-2019", "-4050", "51006", "-51006"})
"""Venue error codes that say that the account has too little money for the order."""


def exact(value: object) -> Decimal:
    """Return the venue's number. Raises `ValueError` or `ArithmeticError` for what is none, NaN and
    infinity included: they would poison every later comparison."""
    number = Decimal(str(value))
    if not number.is_finite():
        raise ValueError(f"{value!r} is not a finite number")
    return number


def exact_or_none(value: object) -> Decimal | None:
    """The same, `None` where the venue left the number out."""
    return None if value in (None, "") else exact(value)
