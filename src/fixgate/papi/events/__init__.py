"""The user data stream's events as frozen values.

Fields have REST's names for what the stream says with one letter, numbers are `Decimal`, times milliseconds
since the epoch. What the venue adds is passed over, and what it leaves out is None.
"""

from fixgate.papi.events.account_events import (
    AccountChange,
    AccountConfigUpdate,
    AccountUpdate,
    BalanceChange,
    BalanceUpdate,
    LeverageChange,
    LiabilityChange,
    MarginBalance,
    OpenOrderLoss,
    OpenOrderLossOfAsset,
    OutboundAccountPosition,
    PositionChange,
    RiskLevelChange,
)
from fixgate.papi.events.order_events import (
    AlgoOrderState,
    AlgoUpdate,
    ConditionalOrderState,
    ConditionalOrderTradeUpdate,
    ExecutionReport,
    FuturesOrderState,
    OrderTradeUpdate,
)
from fixgate.papi.events.reading import EVENT_TYPES, read_event
from fixgate.papi.events.stream_events import (
    EventsMissed,
    ListenKeyExpired,
    StreamDown,
    StreamUp,
    UnknownEvent,
    UserDataEvent,
)

__all__ = [
    "EVENT_TYPES",
    "AccountChange",
    "AccountConfigUpdate",
    "AccountUpdate",
    "AlgoOrderState",
    "AlgoUpdate",
    "BalanceChange",
    "BalanceUpdate",
    "ConditionalOrderState",
    "ConditionalOrderTradeUpdate",
    "EventsMissed",
    "ExecutionReport",
    "FuturesOrderState",
    "LeverageChange",
    "LiabilityChange",
    "ListenKeyExpired",
    "MarginBalance",
    "OpenOrderLoss",
    "OpenOrderLossOfAsset",
    "OrderTradeUpdate",
    "OutboundAccountPosition",
    "PositionChange",
    "RiskLevelChange",
    "StreamDown",
    "StreamUp",
    "UnknownEvent",
    "UserDataEvent",
    "read_event",
]
