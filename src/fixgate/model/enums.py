"""The closed vocabularies of the unified order model.

Order types and times in force are those of the Execution API; the connector's own attributes
(side effect, self-trade prevention, position side) carry the connector specification's names.
"""

from enum import StrEnum


class Side(StrEnum):
    BUY = "buy"
    SELL = "sell"


class OrderType(StrEnum):
    MARKET = "market"
    LIMIT = "limit"
    STOP_LOSS = "stop_loss"
    STOP_LOSS_LIMIT = "stop_loss_limit"
    TAKE_PROFIT = "take_profit"
    TAKE_PROFIT_LIMIT = "take_profit_limit"
    TRAILING_STOP = "trailing_stop"
    OCO = "oco"

    @property
    def needs_price(self) -> bool:
        """True when the order carries a limit price."""
        return self in _PRICED

    @property
    def needs_stop_price(self) -> bool:
        """True when the order carries a trigger price."""
        return self in _TRIGGERED

    @property
    def is_conditional(self) -> bool:
        """True when the order waits for a price before it works."""
        return self in _TRIGGERED or self is OrderType.TRAILING_STOP


_PRICED = frozenset({OrderType.LIMIT, OrderType.STOP_LOSS_LIMIT, OrderType.TAKE_PROFIT_LIMIT, OrderType.OCO})
_TRIGGERED = frozenset(
    {
        OrderType.STOP_LOSS,
        OrderType.STOP_LOSS_LIMIT,
        OrderType.TAKE_PROFIT,
        OrderType.TAKE_PROFIT_LIMIT,
        OrderType.OCO,
    }
)


class TimeInForce(StrEnum):
    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"
    GTD = "GTD"
    POST_ONLY = "POST_ONLY"


class InstrumentType(StrEnum):
    """What FIX SecurityType(167) says: FXSPOT, FOR and CASH are FX, FUT is FUTURE."""

    FX = "FX"
    FUTURE = "FUTURE"


class ProductType(StrEnum):
    """The connector's product types: Spot/Margin, USDⓈ-M futures, COIN-M futures."""

    SPOT = "SPOT"
    FUTURE = "FUTURE"
    DELIVERY = "DELIVERY"


class SideEffectType(StrEnum):
    """Order attribute 6101. The last two are the connector's own, mapped by side."""

    NO_SIDE_EFFECT = "NO_SIDE_EFFECT"
    MARGIN_BUY = "MARGIN_BUY"
    AUTO_REPAY = "AUTO_REPAY"
    AUTO_BORROW_REPAY = "AUTO_BORROW_REPAY"
    MARGIN_BUY_REPAY_SELL = "MARGIN_BUY_REPAY_SELL"
    MARGIN_SELL_REPAY_BUY = "MARGIN_SELL_REPAY_BUY"


class SelfTradePreventionMode(StrEnum):
    """Order attribute 6102."""

    EXPIRE_MAKER = "EXPIRE_MAKER"
    EXPIRE_TAKER = "EXPIRE_TAKER"
    EXPIRE_BOTH = "EXPIRE_BOTH"


class PositionSide(StrEnum):
    """Order attribute 6200."""

    BOTH = "BOTH"
    LONG = "LONG"
    SHORT = "SHORT"


class OrdStatus(StrEnum):
    """FIX 4.4 OrdStatus(39), by its wire value."""

    NEW = "0"
    PARTIALLY_FILLED = "1"
    FILLED = "2"
    CANCELED = "4"
    PENDING_CANCEL = "6"
    REJECTED = "8"
    SUSPENDED = "9"
    PENDING_NEW = "A"
    EXPIRED = "C"
    PENDING_REPLACE = "E"


class ExecType(StrEnum):
    """FIX 4.4 ExecType(150), by its wire value."""

    NEW = "0"
    CANCELED = "4"
    REPLACED = "5"
    PENDING_CANCEL = "6"
    REJECTED = "8"
    SUSPENDED = "9"
    PENDING_NEW = "A"
    EXPIRED = "C"
    RESTATED = "D"
    PENDING_REPLACE = "E"
    TRADE = "F"
    ORDER_STATUS = "I"


class OrdRejReason(StrEnum):
    """FIX 4.4 OrdRejReason(103), by its wire value."""

    BROKER = "0"
    UNKNOWN_SYMBOL = "1"
    EXCHANGE_CLOSED = "2"
    EXCEEDS_LIMIT = "3"
    TOO_LATE = "4"
    UNKNOWN_ORDER = "5"
    DUPLICATE_ORDER = "6"
    STALE_ORDER = "8"
    UNSUPPORTED = "11"
    INCORRECT_QUANTITY = "13"
    UNKNOWN_ACCOUNT = "15"
    OTHER = "99"


class CxlRejReason(StrEnum):
    """FIX 4.4 CxlRejReason(102), by its wire value."""

    TOO_LATE = "0"
    UNKNOWN_ORDER = "1"
    BROKER = "2"
    ALREADY_PENDING = "3"
    DUPLICATE_CL_ORD_ID = "6"
    OTHER = "99"


class CxlRejResponseTo(StrEnum):
    """FIX 4.4 CxlRejResponseTo(434), by its wire value."""

    CANCEL = "1"
    REPLACE = "2"
