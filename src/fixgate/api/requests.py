"""The parameters of every route, as tables.

Source: the "Request Body" and "Query Parameters" lists of the Execution API and the Perps DMA API.
`position_side` is our addition, for accounts in hedge mode.
"""

from decimal import Decimal

from fixgate.api.fields import FLAG, Field, choice, number, text, whole
from fixgate.model.capabilities import EXCHANGES
from fixgate.model.enums import OrderType, PositionSide, Side, TimeInForce
from fixgate.model.execution import MarginMode, MarketType

TIMES_IN_FORCE = (TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK, TimeInForce.POST_ONLY)

WORD = r"^[!-~]{1,64}$"
ORDER_ID = text(r"^[!-.0-~]{1,128}$", "an order id of 1 to 128 characters, without blanks and /")
_ACCOUNT = text(WORD, "an account id, such as binance-sandbox-001")
_SYMBOL = text(r"^[^\s]{1,64}$", "a unified symbol, such as BTC/USDT or BTC/USDT:USDT")
_CLIENT_ID = text(WORD, "1 to 64 printable ASCII characters without blanks")
_ASSET = text(r"^[A-Za-z0-9]{1,32}$", "an asset code, such as USDT")
_EXCHANGE = text(f"^({'|'.join(EXCHANGES)})$", f"one of {', '.join(EXCHANGES)}")
_AMOUNT = number("above zero", "0.001")
_PRICE = number("above zero", "43250.5")
_PERCENT = number("above 0 and at most 100 percent", "1.0", at_most=Decimal(100))
_LEVERAGE = number("above 0 and at most 1000", "10", at_most=Decimal(1000))
_ORDER_TYPE = choice(OrderType)
_PERPS = choice((MarketType.SWAP, MarketType.FUTURE))
_SINCE = whole(0, 9_999_999_999_999, "1706745600000")
_LIMIT = whole(1, 1000, "100")

ACCOUNT = Field(name="exchange_account_id", kind=_ACCOUNT, required=True, about="The exchange account's id.")
PM_ACCOUNT = Field(
    name="exchange_account_id",
    kind=_ACCOUNT,
    required=True,
    about="The exchange account's id (must be a Binance PM account).",
)
SYMBOL = Field(
    name="symbol", kind=_SYMBOL, required=True, about="Trading pair, such as BTC/USDT or BTC/USDT:USDT."
)
SYMBOL_FILTER = Field(name="symbol", kind=_SYMBOL, about="Only this trading pair. Default: all.")
SYMBOL_HINT = Field(name="symbol", kind=_SYMBOL, about="Trading pair; some exchanges require it.")
MARKET = Field(
    name="market_type",
    kind=choice(MarketType),
    default=MarketType.SPOT,
    about="Market type: spot, swap or future. Default: spot.",
)
PERP_MARKET = Field(
    name="market_type",
    kind=_PERPS,
    default=MarketType.SWAP,
    about="Market type: swap or future. Default: swap.",
)
SINCE = Field(name="since", kind=_SINCE, about="Start, in milliseconds since the epoch.")
LIMIT = Field(name="limit", kind=_LIMIT, about="How many records at most, 1 to 1000.")

_TERMS = (
    Field(
        name="time_in_force",
        kind=choice(TIMES_IN_FORCE),
        default=TimeInForce.GTC,
        about="GTC, IOC, FOK or POST_ONLY. POST_ONLY is the same as post_only. Default: GTC.",
    ),
    Field(
        name="reduce_only",
        kind=FLAG,
        default=False,
        about="Perps: only reduce an open position. Default: false.",
    ),
    Field(
        name="post_only",
        kind=FLAG,
        default=False,
        about="Maker only: refused if it would be filled at once. Default: false.",
    ),
)

_STOP_PRICE = Field(
    name="stop_price",
    kind=_PRICE,
    about="Trigger price. Required for stop_loss, stop_loss_limit, take_profit, take_profit_limit, oco.",
)
_TRAILING_DELTA = Field(
    name="trailing_delta",
    kind=_PERCENT,
    about="Trailing distance in percent. Required for trailing_stop.",
)

ORDER = (
    ACCOUNT,
    SYMBOL,
    Field(name="side", kind=choice(Side), required=True, about="buy or sell."),
    Field(name="order_type", kind=_ORDER_TYPE, required=True, about=f"One of {', '.join(OrderType)}."),
    Field(name="quantity", kind=_AMOUNT, required=True, about="Order quantity in base asset."),
    Field(
        name="price",
        kind=_PRICE,
        about="Limit price. Required for limit, stop_loss_limit, take_profit_limit and oco.",
    ),
    _STOP_PRICE,
    _TRAILING_DELTA,
    *_TERMS,
    Field(
        name="client_order_id",
        kind=_CLIENT_ID,
        about="Your id of the order. An order that is sent again with it is not placed twice.",
    ),
    MARKET,
    Field(
        name="position_side",
        kind=choice(PositionSide),
        about="Accounts in hedge mode: LONG or SHORT. Default: BOTH, the one-way mode.",
    ),
)
VALIDATE = (
    Field(name="exchange", kind=_EXCHANGE, required=True, about=f"One of {', '.join(EXCHANGES)}."),
    Field(name="order_type", kind=_ORDER_TYPE, required=True, about="The order type to check."),
    MARKET,
    *_TERMS,
    _STOP_PRICE,
    _TRAILING_DELTA,
)
CAPABILITIES = (Field(name="exchange", kind=_EXCHANGE, about="Exchange name. Default: all exchanges."),)
ORDER_QUERY = (ACCOUNT, SYMBOL_HINT, MARKET)
OPEN_ORDERS = (ACCOUNT, SYMBOL_FILTER, MARKET)
BALANCE = (ACCOUNT, MARKET)
DAILY_LIMIT = (ACCOUNT,)
LEVERAGE_QUERY = (ACCOUNT, SYMBOL, PERP_MARKET)
SET_LEVERAGE = (
    ACCOUNT,
    SYMBOL,
    Field(name="leverage", kind=_LEVERAGE, required=True, about="Leverage, such as 1, 5, 10 or 20."),
    PERP_MARKET,
)
SET_MARGIN_MODE = (
    ACCOUNT,
    SYMBOL,
    Field(name="margin_mode", kind=choice(MarginMode), required=True, about="cross or isolated."),
    PERP_MARKET,
)
POSITIONS = (ACCOUNT, SYMBOL_FILTER, PERP_MARKET)
HISTORY = (ACCOUNT, SYMBOL_FILTER, SINCE, LIMIT, PERP_MARKET)
PORTFOLIO = (PM_ACCOUNT,)
ASSET_COLLECTION = (
    PM_ACCOUNT,
    Field(name="asset", kind=_ASSET, required=True, about="Asset to transfer, such as USDT. Not BNB."),
)
ORDER_PATH = (
    Field(
        name="order_id",
        kind=ORDER_ID,
        required=True,
        about="The exchange's id of the order, or the gateway's (fg-...).",
    ),
)
