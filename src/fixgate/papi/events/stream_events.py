"""Events about the stream itself, and those that nobody foresaw."""

from typing import Any

import msgspec
from msgspec import field

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


class ListenKeyExpired(msgspec.Struct, frozen=True, kw_only=True):
    """listenKeyExpired: the venue forgot the listen key. The stream begins anew by itself."""

    eventTime: int | None = field(name="E", default=None)


class UnknownEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event of a type that is not known here, or one that cannot be read as its type.

    `fields` is the event as it came, numbers exact. `problem` says what could not be read, "" for a type that
    is not known.
    """

    type: str
    fields: dict[str, Any]
    problem: str = ""


class StreamUp(msgspec.Struct, frozen=True):
    """The stream is open. Nothing of before is repeated: compare orders and balances with REST."""

    why: str


class StreamDown(msgspec.Struct, frozen=True):
    """The stream is not open, and is being opened again; what happens now is not told."""

    why: str


class EventsMissed(msgspec.Struct, frozen=True):
    """The stream is open, and events were lost all the same: compare orders and balances with REST."""

    why: str


UserDataEvent = (
    OrderTradeUpdate
    | ExecutionReport
    | AlgoUpdate
    | ConditionalOrderTradeUpdate
    | AccountUpdate
    | AccountConfigUpdate
    | OutboundAccountPosition
    | BalanceUpdate
    | LiabilityChange
    | OpenOrderLoss
    | RiskLevelChange
    | ListenKeyExpired
    | UnknownEvent
    | StreamUp
    | StreamDown
    | EventsMissed
)
"""What `PortfolioClient.user_data_stream` gives."""
