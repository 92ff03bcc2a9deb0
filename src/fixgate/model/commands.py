"""What doors ask of the engine. Values only: a command can be journaled and sent between nodes.

Every command names the `source` that gave it (the OMS's CompID, an API token's name) and the
`session` that its reports go back to. `connector` and `account` are as the client wrote them;
empty means the session's default.
"""

from decimal import Decimal

import msgspec

from fixgate.model.enums import (
    CxlRejResponseTo,
    InstrumentType,
    OrderType,
    PositionSide,
    SelfTradePreventionMode,
    Side,
    SideEffectType,
    TimeInForce,
)

API_SESSION = "API"
"""The session of commands that come in over the HTTP door: nothing is told to it, state is asked for."""

ANY_SOURCE = "*"
"""In `may_cancel`: the orders of every source."""


class OrderAttributes(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The connector's order attributes: 18 (post-only), 6101, 6102, 6200, 6201.

    `None` is "not given", which is not the same as false: it is never echoed nor sent.
    """

    post_only: bool | None = None
    side_effect_type: SideEffectType | None = None
    self_trade_prevention: SelfTradePreventionMode | None = None
    position_side: PositionSide | None = None
    reduce_only: bool | None = None


class NewOrder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """Put an order on the market. FIX NewOrderSingle(D).

    `repeated` is set when the client says that it may have sent this before (PossDupFlag(43) or
    PossResend(97)): if the gateway has it already, the answer is its state, not a reject. `made_ns` is when
    the client made it (nanoseconds since the epoch, by the client's clock), 0 if it did not say.
    `trailing_delta` is how far a trailing stop follows the price, in basis points; its `stop_price`, if
    given, is where it begins to follow. `expire_ms` is when a GTD order ends (milliseconds since the epoch).
    `display_quantity` is what an iceberg shows. `list_id` names the list that it came in, if any.
    `base_quantity` is what the client asked for, in base asset, where `quantity` counts contracts.
    """

    source: str
    session: str
    cl_ord_id: str
    connector: str
    account: str = ""
    symbol: str
    instrument_type: InstrumentType
    currency: str = ""
    side: Side
    order_type: OrderType
    time_in_force: TimeInForce = TimeInForce.GTC
    quantity: Decimal
    price: Decimal | None = None
    stop_price: Decimal | None = None
    trailing_delta: Decimal | None = None
    attributes: OrderAttributes = OrderAttributes()
    security_type: str = ""
    transact_time: str = ""
    made_ns: int = 0
    repeated: bool = False
    expire_ms: int = 0
    display_quantity: Decimal | None = None
    list_id: str = ""
    base_quantity: Decimal | None = None

    @property
    def is_post_only(self) -> bool:
        """True however the client asked for it: TimeInForce POST_ONLY or the post-only attribute."""
        return self.time_in_force is TimeInForce.POST_ONLY or bool(self.attributes.post_only)


class CancelOrder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """Take an order off the market. FIX OrderCancelRequest(F).

    `may_cancel` are the sources whose orders it may name, by `order_id`, beside its own source's.
    """

    source: str
    session: str
    cl_ord_id: str
    orig_cl_ord_id: str
    order_id: str = ""
    symbol: str = ""
    side: Side | None = None
    transact_time: str = ""
    repeated: bool = False
    may_cancel: tuple[str, ...] = ()


class ReplaceOrder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """Change an order's quantity or price. FIX OrderCancelReplaceRequest(G).

    `quantity` is the new total, filled part included. `None` leaves a value as it is.
    """

    source: str
    session: str
    cl_ord_id: str
    orig_cl_ord_id: str
    order_id: str = ""
    symbol: str = ""
    side: Side | None = None
    order_type: OrderType | None = None
    time_in_force: TimeInForce | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    attributes: OrderAttributes = OrderAttributes()
    transact_time: str = ""
    made_ns: int = 0
    repeated: bool = False


class StatusRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """Tell an order's state. FIX OrderStatusRequest(H). `may_cancel` as a `CancelOrder`'s."""

    source: str
    session: str
    cl_ord_id: str = ""
    order_id: str = ""
    status_req_id: str = ""
    symbol: str = ""
    side: Side | None = None
    may_cancel: tuple[str, ...] = ()


class RefusedRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """A cancel or replace that the door understood and found impossible; `text` says why.

    Nothing is done about it: it is answered with an OrderCancelReject that states the order's status, or
    that the order is unknown.
    """

    source: str
    session: str
    cl_ord_id: str
    orig_cl_ord_id: str
    order_id: str = ""
    response_to: CxlRejResponseTo
    text: str


class NewOrderList(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """Put two orders on the market of which one cancels the other. FIX NewOrderList(E), ContingencyType 1.

    Each order names this list as its `list_id`; all are of one session, connector and account.
    """

    source: str
    session: str
    list_id: str
    orders: tuple[NewOrder, ...]
    made_ns: int = 0
    repeated: bool = False


class PositionsRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """Tell an account's positions. FIX RequestForPositions(AN). `symbol` narrows it."""

    source: str
    session: str
    request_id: str
    connector: str
    account: str = ""
    symbol: str = ""


class CancelOrdersOf(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """Take every order of a source off the market; `text` says why. Made by the gateway itself."""

    source: str
    text: str


Command = (
    NewOrder | NewOrderList | CancelOrder | ReplaceOrder | StatusRequest | RefusedRequest | PositionsRequest
)
"""What a client can ask for."""
