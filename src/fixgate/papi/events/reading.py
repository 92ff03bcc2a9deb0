"""From a decoded frame of the user data stream to a typed event. Nothing is dropped here."""

from typing import Any

import msgspec

from fixgate.papi.events.account_events import (
    AccountConfigUpdate,
    AccountUpdate,
    BalanceUpdate,
    LiabilityChange,
    OpenOrderLoss,
    OutboundAccountPosition,
    RiskLevelChange,
)
from fixgate.papi.events.order_events import (
    AlgoUpdate,
    ConditionalOrderTradeUpdate,
    ExecutionReport,
    OrderTradeUpdate,
)
from fixgate.papi.events.stream_events import ListenKeyExpired, UnknownEvent, UserDataEvent
from fixgate.papi.responses.reading import read_value
from fixgate.papi.stream_frames import Event

EVENT_TYPES: dict[str, type[Any]] = {
    "ORDER_TRADE_UPDATE": OrderTradeUpdate,
    "executionReport": ExecutionReport,
    "ALGO_UPDATE": AlgoUpdate,
    "CONDITIONAL_ORDER_TRADE_UPDATE": ConditionalOrderTradeUpdate,
    "ACCOUNT_UPDATE": AccountUpdate,
    "ACCOUNT_CONFIG_UPDATE": AccountConfigUpdate,
    "outboundAccountPosition": OutboundAccountPosition,
    "balanceUpdate": BalanceUpdate,
    "liabilityChange": LiabilityChange,
    "openOrderLoss": OpenOrderLoss,
    "riskLevelChange": RiskLevelChange,
    "RISK_LEVEL_CHANGE": RiskLevelChange,
    "listenKeyExpired": ListenKeyExpired,
}
"""The struct of each event type. The venue writes the risk event in two ways."""


def read_event(frame: Event) -> UserDataEvent:
    """Return `frame` as its type's event; never raises.

    A type that is not in `EVENT_TYPES`, or an event without what its type needs, comes as an `UnknownEvent`.
    """
    name = frame.get("e")
    wanted = EVENT_TYPES.get(name) if isinstance(name, str) else None
    if wanted is None:
        return UnknownEvent(type=name if isinstance(name, str) else "", fields=frame)
    try:
        event: UserDataEvent = read_value(frame, wanted)
    except (msgspec.ValidationError, ArithmeticError, RecursionError) as error:
        return UnknownEvent(type=frame["e"], fields=frame, problem=str(error))
    return event
