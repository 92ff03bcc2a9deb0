"""The venue's words, where a parameter takes one of a few. Source: PAPI endpoint pages."""

from decimal import Decimal
from typing import Literal

Number = Decimal | int
"""A quantity, price, rate or amount. A float is refused: it cannot hold most decimal numbers exactly."""

Side = Literal["BUY", "SELL"]
PositionSide = Literal["BOTH", "LONG", "SHORT"]
FuturesOrderType = Literal["LIMIT", "MARKET"]
AlgoType = Literal["CONDITIONAL"]
StopType = Literal["STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"]
MarginOrderType = Literal[
    "LIMIT",
    "MARKET",
    "STOP_LOSS",
    "STOP_LOSS_LIMIT",
    "TAKE_PROFIT",
    "TAKE_PROFIT_LIMIT",
    "LIMIT_MAKER",
]
UmTimeInForce = Literal["GTC", "IOC", "FOK", "GTX", "GTD"]
CmTimeInForce = Literal["GTC", "IOC", "FOK", "GTX"]
MarginTimeInForce = Literal["GTC", "IOC", "FOK"]
PriceMatch = Literal["OPPONENT", "OPPONENT_5", "QUEUE", "QUEUE_5", "QUEUE_10", "QUEUE_20"]
"""OPPONENT_10 and OPPONENT_20 are suspended by the venue, so they are not offered."""
WorkingType = Literal["MARK_PRICE", "CONTRACT_PRICE"]
ResponseType = Literal["ACK", "RESULT"]
MarginResponseType = Literal["ACK", "RESULT", "FULL"]
UmSelfTradePrevention = Literal["EXPIRE_TAKER", "EXPIRE_BOTH", "EXPIRE_MAKER"]
SelfTradePrevention = Literal["NONE", "EXPIRE_TAKER", "EXPIRE_BOTH", "EXPIRE_MAKER"]
SideEffect = Literal["NO_SIDE_EFFECT", "MARGIN_BUY", "AUTO_REPAY", "AUTO_BORROW_REPAY"]
OcoSideEffect = Literal["NO_SIDE_EFFECT", "MARGIN_BUY", "AUTO_REPAY"]
TransferSide = Literal["TO_UM", "FROM_UM"]
FutureType = Literal["UM", "CM", "OPTION"]
AutoCloseType = Literal["LIQUIDATION", "ADL"]
UmIncomeType = Literal[
    "TRANSFER",
    "WELCOME_BONUS",
    "REALIZED_PNL",
    "FUNDING_FEE",
    "COMMISSION",
    "INSURANCE_CLEAR",
    "REFERRAL_KICKBACK",
    "COMMISSION_REBATE",
    "API_REBATE",
    "CONTEST_REWARD",
    "CROSS_COLLATERAL_TRANSFER",
    "OPTIONS_PREMIUM_FEE",
    "OPTIONS_SETTLE_PROFIT",
    "INTERNAL_TRANSFER",
    "DELIVERED_SETTELMENT",
    "COIN_SWAP_DEPOSIT",
    "COIN_SWAP_WITHDRAW",
    "POSITION_LIMIT_INCREASE_FEE",
]
CmIncomeType = Literal[
    "TRANSFER",
    "WELCOME_BONUS",
    "FUNDING_FEE",
    "REALIZED_PNL",
    "COMMISSION",
    "INSURANCE_CLEAR",
    "DELIVERED_SETTELMENT",
]
