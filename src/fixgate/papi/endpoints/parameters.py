"""The parameters that calls share, by their official names. Source: PAPI endpoint pages.

Times are milliseconds since the epoch. A client order id is unique among the open orders of its leg only.
"""

from typing import get_args

from fixgate.papi.endpoints import words
from fixgate.papi.endpoints.endpoint import Form, Parameter

ORDER_ID_PATTERN = "[.A-Z:/a-z0-9_-]{1,32}"
STRATEGY_ID_PATTERN = "[.A-Z:/a-z0-9_-]{1,36}"
MAX_GOOD_TILL_DATE = "253402300798999"
MAX_RECV_WINDOW = "60000"


def text(name: str, about: str, pattern: str | None = None) -> Parameter:
    """A parameter that takes text."""
    return Parameter(name=name, form=Form.TEXT, about=about, type_name="str", pattern=pattern)


def number(name: str, about: str, minimum: str | None = None, maximum: str | None = None) -> Parameter:
    """A parameter that takes a decimal number."""
    return Parameter(
        name=name, form=Form.NUMBER, about=about, type_name="Number", minimum=minimum, maximum=maximum
    )


def integer(name: str, about: str, minimum: str | None = None, maximum: str | None = None) -> Parameter:
    """A parameter that takes a whole number."""
    return Parameter(
        name=name, form=Form.INTEGER, about=about, type_name="int", minimum=minimum, maximum=maximum
    )


def switch(name: str, about: str) -> Parameter:
    """A parameter that takes True or False."""
    return Parameter(name=name, form=Form.SWITCH, about=about, type_name="bool")


def word(name: str, about: str, type_name: str) -> Parameter:
    """A parameter that takes one of the words of a type in `fixgate.papi.endpoints.words`."""
    choices = get_args(getattr(words, type_name))
    return Parameter(name=name, form=Form.WORD, about=about, type_name=type_name, words=choices)


def limit(default: int, maximum: int) -> Parameter:
    """How many rows are wanted at most."""
    return Parameter(
        name="limit",
        form=Form.INTEGER,
        about="rows wanted",
        type_name="int",
        minimum="1",
        maximum=str(maximum),
        default=default,
    )


RECV_WINDOW = integer(
    "recvWindow", "ms that the request stays valid, in place of the client's own", "1", MAX_RECV_WINDOW
)

SYMBOL = text("symbol", "such as BTCUSDT")
CONTRACT = text("symbol", "such as BTCUSD_PERP")
PAIR = text("pair", "such as BTCUSD")
ASSET = text("asset", "such as USDT")
MARGIN_ASSET = text("marginAsset", "such as BTC")
START_TIME = integer("startTime", "from here, ms", "0")
END_TIME = integer("endTime", "up to here, ms", "0")
FROM_ID = integer("fromId", "from this id on", "0")
CURRENT = integer("current", "number of the page, from 1", "1")
PAGE_SIZE = Parameter(
    name="size",
    form=Form.INTEGER,
    about="rows of a page",
    type_name="int",
    minimum="1",
    maximum="100",
    default=10,
)
ARCHIVED = switch("archived", "True for archived records")
TX_ID = integer("txId", "the tranId of the loan or repayment")
DOWNLOAD_ID = text("downloadId", "as the call that ordered the export answered")

ORDER_ID = integer("orderId", "the venue's number of the order; wins over a client order id")
ORIG_CLIENT_ORDER_ID = text("origClientOrderId", "the order's client order id")
NEW_CLIENT_ORDER_ID = text(
    "newClientOrderId", "client order id; by it an order in doubt is found again", ORDER_ID_PATTERN
)
SIDE = word("side", "BUY or SELL", "Side")
POSITION_SIDE = word(
    "positionSide",
    "BOTH, the default, in one-way mode; LONG or SHORT, mandatory, in hedge mode",
    "PositionSide",
)
BASE_QUANTITY = number("quantity", "base asset", "0")
CONTRACTS = number("quantity", "contracts", "0")
PRICE = number("price", "limit price", "0")
REDUCE_ONLY = switch("reduceOnly", "True to reduce a position only; one-way mode only")
PRICE_MATCH = word("priceMatch", "let the venue take the price from the book; not with price", "PriceMatch")
RESPONSE_TYPE = word("newOrderRespType", "ACK is the default", "ResponseType")
GOOD_TILL_DATE = integer(
    "goodTillDate", "ms, whole seconds count, at least 600 s ahead; with GTD only", "0", MAX_GOOD_TILL_DATE
)
MODIFY_ID = integer("modifyId", "comes back in the answer and as M in the stream's AMENDMENT")
DUAL_SIDE_POSITION = switch("dualSidePosition", "True for hedge mode, False for one-way mode")
WORKING_TYPE = word("workingType", "which price triggers; CONTRACT_PRICE is the default", "WorkingType")
PRICE_PROTECT = switch("priceProtect", "True for the venue's price protection at the trigger")
STRATEGY_ID = integer("strategyId", "the venue's number of the conditional order")
CLIENT_STRATEGY_ID = text("newClientStrategyId", "client id of the conditional order")
NEW_CLIENT_STRATEGY_ID = text(
    "newClientStrategyId", "client id; by it an order in doubt is found again", STRATEGY_ID_PATTERN
)
ALGO_ID = integer("algoId", "the venue's number of the algo order")
CLIENT_ALGO_ID = text("clientAlgoId", "client id of the algo order")
NEW_CLIENT_ALGO_ID = text(
    "clientAlgoId", "client id; by it an order in doubt is found again", STRATEGY_ID_PATTERN
)
ORDER_LIST_ID = integer("orderListId", "the venue's number of the order list")
AUTO_CLOSE_TYPE = word("autoCloseType", "only these", "AutoCloseType")
