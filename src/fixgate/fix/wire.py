"""FIX tag=value text and the tables between FIX's wire values and the model's words.

Source: FIX 4.4 Vols. 1, 4 and 6.
"""

from fixgate.model.enums import InstrumentType, OrderType, Side, TimeInForce

SOH = "\x01"

Pairs = list[tuple[str, str]]
"""Fields in the order in which they are written: tag and value."""

SIDES = {"1": Side.BUY, "2": Side.SELL}

ORDER_TYPES = {
    "1": OrderType.MARKET,
    "2": OrderType.LIMIT,
    "3": OrderType.STOP_LOSS,
    "4": OrderType.STOP_LOSS_LIMIT,
    "J": OrderType.TAKE_PROFIT,
    "P": OrderType.TRAILING_STOP,
}
"""OrdType(40). J with a price is a take-profit limit order. P is a trailing stop, with ExecInst(18) a. The
connector refuses what its venue cannot do."""

TIMES_IN_FORCE = {
    "1": TimeInForce.GTC,
    "3": TimeInForce.IOC,
    "4": TimeInForce.FOK,
    "6": TimeInForce.GTD,
}

INSTRUMENT_TYPES = {
    "FXSPOT": InstrumentType.FX,
    "FOR": InstrumentType.FX,
    "CASH": InstrumentType.FX,
    "FUT": InstrumentType.FUTURE,
}
"""SecurityType(167)."""

POST_ONLY = "6"
"""ExecInst(18) 6: participate, don't initiate."""

TRAILING_PEG = "a"
"""ExecInst(18) a: trailing stop peg."""

BASIS_POINTS = "1"
"""PegOffsetType(836)."""

FIX44_MSG_TYPES = frozenset(
    [*"0123456789ABCDEFGHJKLMNPQRSTVWXYZabcdefghijklmnopqrstuvwxyz"]
    + [f"A{letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    + [f"B{letter}" for letter in "ABCDEFGH"]
)
"""MsgTypes that FIX 4.4 defines: one of these that is not served is unsupported, any other invalid."""

NAMES = {
    "1": "Account",
    "11": "ClOrdID",
    "15": "Currency",
    "18": "ExecInst",
    "34": "MsgSeqNum",
    "35": "MsgType",
    "37": "OrderID",
    "38": "OrderQty",
    "40": "OrdType",
    "41": "OrigClOrdID",
    "43": "PossDupFlag",
    "44": "Price",
    "52": "SendingTime",
    "54": "Side",
    "55": "Symbol",
    "59": "TimeInForce",
    "60": "TransactTime",
    "66": "ListID",
    "67": "ListSeqNo",
    "68": "TotNoOrders",
    "69": "ListExecInst",
    "73": "NoOrders",
    "76": "ExecBroker",
    "97": "PossResend",
    "99": "StopPx",
    "100": "ExDestination",
    "111": "MaxFloor",
    "122": "OrigSendingTime",
    "126": "ExpireTime",
    "167": "SecurityType",
    "211": "PegOffsetValue",
    "263": "SubscriptionRequestType",
    "394": "BidType",
    "433": "ListExecInstType",
    "710": "PosReqID",
    "724": "PosReqType",
    "765": "AllowableOneSidednessPct",
    "766": "AllowableOneSidednessValue",
    "767": "AllowableOneSidednessCurr",
    "790": "OrdStatusReqID",
    "835": "PegMoveType",
    "836": "PegOffsetType",
    "893": "LastFragment",
    "1385": "ContingencyType",
    "6101": "SideEffectType",
    "6102": "SelfTradePreventionMode",
    "6200": "PositionSide",
    "6201": "ReduceOnly",
}
"""Names of the tags that the door interprets."""

DATA_TAGS = frozenset(
    ["89", "91", "96", "213", "349", "351", "353", "355", "361", "363", "365", "619", "622"]
)
"""Fields of type data: their value may hold a delimiter, so text after one cannot be trusted as fields."""


def label(tag: str) -> str:
    """Return how error texts name a field: `Price(44)`."""
    return f"{NAMES.get(tag, 'tag')}({tag})"


def split(raw: str) -> dict[str, str]:
    """Return the fields of a message by tag; of a tag that repeats, the first value.

    Repeating groups follow the fields they belong to, so the first value is the message's own.
    """
    fields: dict[str, str] = {}
    for item in reversed(raw.split(SOH)):
        tag, _, value = item.partition("=")
        fields[tag] = value
    fields.pop("", None)
    return fields


def join(fields: Pairs) -> str:
    """Return fields as FIX text; values that are empty are left out, values are made safe to send."""
    text = "".join([f"{tag}={value}{SOH}" for tag, value in fields if value])
    if (
        len(text) <= SHORT
        and text.isascii()
        and text.replace(SOH, "").isprintable()
        and (text.count(SOH) == sum([1 for _, value in fields if value]))
    ):
        return text
    return "".join([f"{tag}={printable(value)}{SOH}" for tag, value in fields if value])


SHORT = 512
"""A message of this length has no value that is too long; most are and are looked at once as a whole."""


def printable(text: str, limit: int = 512) -> str:
    """Return `text` as one line of printable ASCII of at most `limit` characters."""
    if len(text) > limit:
        text = text[: limit - 3] + "..."
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if char.isascii() and char.isprintable() else "?" for char in text)
