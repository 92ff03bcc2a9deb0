"""What OKX's error codes say about a request.

An order request is answered by `code` "1", with the reason in `sCode`. A code that is in no list is a
refusal. Source: "Error Code" of OKX's API v5.
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
    # Timeouts and failures inside, which say nothing of what was done; 51410: a cancel is under way.
    _UNKNOWN: (50001, 50004, 50013, 50026, 51149, 51410),
    _LIMITED: (50011, 50040, 50061),
    # The clock, the key, the address, the permission, the account's mode.
    _OPERATOR: (
        50007, 50008, 50009, 50010, 50021, 50022, 50027, 50028, 50030, 50035, 50044, 50100, 50101,
        50102, 50103, 50104, 50105, 50106, 50107, 50108, 50109, 50110, 50111, 50112, 50113, 50114,
        50119, 50120, 51009, 51010, 51024,
    ),
    _SIZE: (51004, 51005, 51007, 51020, 51101, 51103, 51104, 51112, 51120, 51121, 51150, 51202, 51203),
    _PRICE: (
        51006, 51046, 51047, 51048, 51049, 51050, 51051, 51052, 51053, 51122, 51124, 51136, 51137,
        51138, 51250, 51270, 51272, 51273, 51277, 51278, 51279, 51280, 51300, 51301,
    ),
    _LIMIT: (51025, 51102, 51108, 51174, 51261),
    _SYMBOL: (51001, 51012, 51014, 51015, 51026),
    _CLOSED: (51021, 51022, 51027, 51028, 51029, 51030, 51290),
    # A parameter, a type or a combination that is not taken; 51023, 51169, 51170: nothing to reduce.
    _KIND: (
        50002, 50006, 50012, 50014, 50015, 50016, 50023, 50024, 50025, 51000, 51003, 51017, 51018,
        51019, 51023, 51054, 51109, 51115, 51134, 51139, 51147, 51148, 51156, 51162, 51169, 51170,
        51251, 51403, 59000, 59101, 59102,
    ),
    _BALANCE: (51008, 51119, 51127, 51131, 59200),
    _MARGIN: (51502, 59103, 59108),
    # 51402, 51405: filled, or nothing open; 51412, 51416: triggered: it does not wait any more.
    _GONE: (51400, 51402, 51405, 51412, 51416, 51603),
    _TWICE: (51011, 51016, 51065, 51068),
    # Canceled before.
    _DONE: (51401,),
}
# fmt: on

CODES: Mapping[str, Meaning] = {str(code): meaning for meaning, codes in _LISTS.items() for code in codes}

WORDS: Sequence[tuple[str, str, Meaning]] = (("51008", "margin", _MARGIN),)
"""On perps it is margin that is missing."""
