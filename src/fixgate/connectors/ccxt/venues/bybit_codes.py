"""What Bybit's error codes mean. Source: the v5 API's error code page; facts of ccxt 4.5.90 where it differs.

Bybit answers with HTTP 200 and `retCode`. 0 is never here. 110xxx are contracts (and a unified account as a
whole), 170xxx are spot, five digits are the gateway in front of both.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from fixgate.connectors.ccxt.translator import Meaning, Verdict
from fixgate.model.enums import OrdRejReason
from fixgate.model.execution import ErrorCode

_V, _E, _R = Verdict, ErrorCode, OrdRejReason

_NO_BALANCE = Meaning(_V.REFUSED, _E.INSUFFICIENT_BALANCE, _R.EXCEEDS_LIMIT)
_NO_MARGIN = Meaning(_V.REFUSED, _E.INSUFFICIENT_MARGIN, _R.EXCEEDS_LIMIT)
_OVER_LIMIT = Meaning(_V.REFUSED, reason=_R.EXCEEDS_LIMIT)
_BAD_QUANTITY = Meaning(_V.REFUSED, reason=_R.INCORRECT_QUANTITY)
_BAD_PRICE = Meaning(_V.REFUSED, reason=_R.OTHER)
_BAD_ACCOUNT = Meaning(_V.REFUSED, reason=_R.UNKNOWN_ACCOUNT)
_BAD_SYMBOL = Meaning(_V.REFUSED, reason=_R.UNKNOWN_SYMBOL)
_CLOSED = Meaning(_V.REFUSED, reason=_R.EXCHANGE_CLOSED)
_REFUSED = Meaning(_V.REFUSED)
_UNKNOWN = Meaning(_V.UNKNOWN, _E.NETWORK_ERROR)
_NOT_FOUND = Meaning(_V.NOT_FOUND, _E.ORDER_NOT_FOUND, _R.UNKNOWN_ORDER)
_DONE = Meaning(_V.DONE)
_DUPLICATE = Meaning(_V.DUPLICATE, _E.CONFLICT, _R.DUPLICATE_ORDER)
_LIMITED = Meaning(_V.LIMITED, _E.NETWORK_ERROR)

UNSEEN = "unseen"
"""Our own code: a trailing stop was asked for, and the venue lists no order for it."""

_TABLE: Mapping[Meaning, tuple[str, ...]] = {
    # Perhaps done: the venue's gateway lost sight of the request.
    _UNKNOWN: (
        "10000",
        "10016",
        "10019",
        "5004",
        "170001",
        "170007",
        "170032",
        "170035",
        "170146",
        "170147",
        UNSEEN,
    ),
    # Not done: asked too often, by user (10006), by address (10018), or of one kind (170005).
    _LIMITED: ("10006", "10018", "10429", "170005", "170222"),
    _NO_MARGIN: (
        "110004",
        "110006",
        "110007",
        "110012",
        "110014",
        "110044",
        "110045",
        "110051",
        "110052",
        "110053",
        "110047",
        "110080",
        "3200300",
    ),
    _NO_BALANCE: ("131001", "131212", "170033", "170034", "170131"),
    # There is no such order, or it is not open any more: filled, canceled, or never there.
    _NOT_FOUND: ("110001", "110008", "110010", "110019", "170139", "170142", "170143", "170190", "170213"),
    # As asked already: leverage, margin mode, margin, position mode.
    _DONE: ("110025", "110026", "110027", "110043", "34026", "34036", "30084"),
    # An earlier request with the same orderLinkId arrived. 10014 says the same of the request as a whole.
    _DUPLICATE: ("110030", "110072", "12141", "170141", "10014"),
    _OVER_LIMIT: (
        "110009",
        "110011",
        "110013",
        "110016",
        "110020",
        "110021",
        "110022",
        "110040",
        "110039",
        "110048",
        "130006",
        "170010",
        "170011",
        "170019",
        "170209",
        "170810",
    ),
    _BAD_QUANTITY: (
        "110017",
        "110023",
        "110042",
        "110094",
        "12137",
        "170124",
        "170135",
        "170136",
        "170137",
        "170140",
        "170148",
        "170197",
        "170198",
        "3100116",
        "35015",
    ),
    _BAD_PRICE: (
        "110003",
        "110092",
        "110093",
        "170132",
        "170133",
        "170134",
        "170192",
        "170193",
        "170194",
        "30074",
        "30075",
    ),
    _BAD_SYMBOL: ("10029", "110070", "170121", "170157", "170210"),
    _CLOSED: ("110063", "110066", "170031", "170151", "170159"),
    _BAD_ACCOUNT: (
        "10003",
        "10004",
        "10005",
        "10007",
        "10008",
        "10009",
        "10010",
        "10020",
        "10024",
        "10027",
        "10028",
        "33004",
        "100028",
        "110018",
        "110067",
        "110068",
        "110069",
        "170201",
    ),
    # A request that was wrong, too old (10002), or against a rule of the account.
    _REFUSED: (
        "10001",
        "10002",
        "10017",
        "110005",
        "110024",
        "110028",
        "110029",
        "110032",
        "110036",
        "110038",
        "110073",
        "170115",
        "170116",
        "170117",
        "170130",
        "170144",
        "170145",
        "170149",
        "170150",
        "170191",
        "170202",
        "170203",
    ),
}

CODES: Mapping[str, Meaning] = MappingProxyType(
    {code: meaning for meaning, codes in _TABLE.items() for code in codes}
)

_CODE = re.compile(r'"ret_?[cC]ode":\s*"?(-?[\w-]+)')


def code_of(error: Exception) -> str:
    """Return the `retCode` in a ccxt exception's text, empty if there is none."""
    found = _CODE.search(str(error))
    return found.group(1) if found else ""
