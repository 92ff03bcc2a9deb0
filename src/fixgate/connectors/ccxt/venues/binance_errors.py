"""What Binance's error codes say about a request.

A code that is in no list, in an answer in the venue's own format, is a refusal. Where one code says many
things (-2010 and -2011 of the spot engine), its words decide. Source: "Error Codes" and "Error codes and
messages from the matching engine" of the spot documentation, "Error Codes" of the USDⓈ-M and COIN-M ones.
"""

from collections.abc import Mapping, Sequence

from fixgate.connectors.ccxt.translator import Meaning, Verdict
from fixgate.model.enums import OrdRejReason
from fixgate.model.execution import ErrorCode

_NO = Verdict.REFUSED
_SIZE = Meaning(_NO, ErrorCode.EXCHANGE_ERROR, OrdRejReason.INCORRECT_QUANTITY)
_PRICE = Meaning(_NO, ErrorCode.EXCHANGE_ERROR, OrdRejReason.OTHER)
_LIMIT = Meaning(_NO, ErrorCode.EXCHANGE_ERROR, OrdRejReason.EXCEEDS_LIMIT)
_SYMBOL = Meaning(_NO, ErrorCode.EXCHANGE_ERROR, OrdRejReason.UNKNOWN_SYMBOL)
_CLOSED = Meaning(_NO, ErrorCode.EXCHANGE_ERROR, OrdRejReason.EXCHANGE_CLOSED)
_KIND = Meaning(_NO, ErrorCode.EXCHANGE_ERROR, OrdRejReason.UNSUPPORTED)
_BALANCE = Meaning(_NO, ErrorCode.INSUFFICIENT_BALANCE, OrdRejReason.EXCEEDS_LIMIT)
_MARGIN = Meaning(_NO, ErrorCode.INSUFFICIENT_MARGIN, OrdRejReason.EXCEEDS_LIMIT)
_GONE = Meaning(Verdict.NOT_FOUND, ErrorCode.ORDER_NOT_FOUND, OrdRejReason.UNKNOWN_ORDER)
_TWICE = Meaning(Verdict.DUPLICATE, ErrorCode.EXCHANGE_ERROR, OrdRejReason.DUPLICATE_ORDER)
_OPERATOR = Meaning(_NO)
_UNKNOWN = Meaning(Verdict.UNKNOWN, ErrorCode.NETWORK_ERROR)
_LIMITED = Meaning(Verdict.LIMITED, ErrorCode.NETWORK_ERROR, OrdRejReason.EXCEEDS_LIMIT)
_DONE = Meaning(Verdict.DONE)

# fmt: off
_LISTS: Mapping[Meaning, Sequence[int]] = {
    # An answer about which nobody can say whether it was done.
    _UNKNOWN: (-1000, -1001, -1006, -1007, -2012, -3000, -3044, -5041),
    # Not done: too many requests, too many orders, an overloaded server.
    _LIMITED: (-1003, -1004, -1008, -1015, -1034),
    # The clock, the key, the address, the permission.
    _OPERATOR: (
        -1002, -1005, -1011, -1021, -1022, -1099, -1109, -1125, -1131, -2008, -2014, -2015, -2017,
        -4055, -4056, -4057, -4087, -4088, -4109, -4192, -4400, -4401, -4402, -4403, -4188, -5028,
    ),
    _SIZE: (-1013, -1111, -4003, -4004, -4005, -4023, -4164),
    _PRICE: (
        -4001, -4002, -4006, -4007, -4013, -4014, -4015, -4016, -4024, -4131, -4183, -4184, -4210,
        -4211,
    ),
    _LIMIT: (-2025, -2027, -4045, -4074, -4077, -4104, -4140),
    _SYMBOL: (-1121, -1122, -1126, -4144),
    _CLOSED: (-4141, -2016),
    # A parameter, a type or a combination that is not taken; -2021: it would trigger at once; -2022: nothing
    # to reduce; -5021, -5022: FOK and post-only that the book does not allow.
    _KIND: (
        -1014, -1020, -1023, -1100, -1101, -1102, -1103, -1104, -1105, -1106, -1108, -1112, -1114,
        -1115, -1116, -1117, -1118, -1119, -1120, -1127, -1128, -1130, -1134, -1135, -1136, -1145,
        -1151, -1165, -2020, -2021, -2022, -2023, -2026, -4060, -4061, -4062, -4067, -4068, -4084,
        -4112, -4118, -4120, -4135, -4136, -4137, -4138, -4139, -4142, -5021, -5022, -5024, -5025,
        -5026, -5027, -5037, -5038, -5039, -5040, -5047,
    ),
    _BALANCE: (-4026, -3041),
    _MARGIN: (-2018, -2019, -2024, -2028, -4050, -4051),
    _GONE: (-2011, -2013),
    _TWICE: (-4116,),
    # The order is being triggered: it cannot be canceled now, and what comes of it is not known.
    Meaning(Verdict.UNKNOWN): (-4117,),
    # Margin mode and position mode as asked.
    _DONE: (-4046, -4059),
}
# fmt: on

CODES: Mapping[str, Meaning] = {str(code): meaning for meaning, codes in _LISTS.items() for code in codes}

WORDS: Sequence[tuple[str, str, Meaning]] = (
    ("-2010", "insufficient balance", _BALANCE),
    ("-2010", "duplicate order sent", _TWICE),
    ("-2010", "market is closed", _CLOSED),
    ("-2010", "symbol is not permitted", _SYMBOL),
    ("-2010", "filter failure", _SIZE),
    ("-2010", "", _KIND),
    ("-2011", "cancel restrictions", _KIND),
    ("-1013", "price_filter", _PRICE),
    ("-1013", "percent_price", _PRICE),
    ("-1013", "max_num", _LIMIT),
    ("-1013", "max_position", _LIMIT),
    ("-2026", "archived", _GONE),
)
