"""From a client's order to the venue request, on what the exchange supports. Pure."""

from decimal import Decimal

from fixgate.connectors.ccxt.quantise import check_cost
from fixgate.connectors.ccxt.translator import Market
from fixgate.model.capabilities import check, title
from fixgate.model.commands import NewOrder, OrderAttributes
from fixgate.model.enums import OrderType, OrdRejReason, PositionSide, Side, TimeInForce
from fixgate.model.refusal import Refused
from fixgate.model.venue import SubmitOrder

_CLOSES = {PositionSide.LONG: Side.SELL, PositionSide.SHORT: Side.BUY}


def check_order(order: NewOrder, market: Market, exchange: str, order_type: OrderType) -> None:
    """Raise `Refused`, in the capability table's words, for what the exchange does not support.
    `order_type` is OCO for the orders of one."""
    attributes = order.attributes
    for value, name in (
        (attributes.side_effect_type, "SideEffectType(6101)"),
        (attributes.self_trade_prevention, "SelfTradePreventionMode(6102)"),
    ):
        if value is not None:
            raise Refused(
                OrdRejReason.UNSUPPORTED, f"{title(exchange)} orders do not take {name}; it was {value}"
            )
    text = check(
        exchange,
        market.market_type,
        order_type,
        order.time_in_force,
        reduce_only=bool(attributes.reduce_only),
        post_only=order.is_post_only,
        hedge=attributes.position_side in _CLOSES,
    )
    if text:
        raise Refused(OrdRejReason.UNSUPPORTED, text)
    if order.display_quantity is not None:
        raise Refused(OrdRejReason.UNSUPPORTED, f"{title(exchange)} does not support iceberg orders here")
    if order.currency and order.currency not in (market.quote, market.settle):
        raise Refused(
            OrdRejReason.OTHER, f"currency {order.currency} is not {market.symbol}'s, which is {market.quote}"
        )
    _check_prices(order, order_type)


def _check_prices(order: NewOrder, order_type: OrderType) -> None:
    """Refuse prices that are missing, and those that the order's type has no use for."""
    kind = order.order_type
    takes_stop = kind.needs_stop_price or kind is OrderType.TRAILING_STOP
    for value, name, needed, taken in (
        (order.price, "price", kind.needs_price, kind.needs_price),
        (order.stop_price, "stop price", kind.needs_stop_price, takes_stop),
        (
            order.trailing_delta,
            "trailing delta",
            kind is OrderType.TRAILING_STOP,
            kind is OrderType.TRAILING_STOP,
        ),
    ):
        if needed and (value is None or value <= 0):
            raise Refused(OrdRejReason.OTHER, f"a {kind} order needs a {name} above zero; it was {value}")
        if value is not None and not taken:
            raise Refused(OrdRejReason.OTHER, f"a {kind} order takes no {name}; it was {value}")


def resolved(
    order: NewOrder,
    market: Market,
    *,
    connector: str,
    account: str,
    order_id: int,
    client_order_id: str,
) -> SubmitOrder:
    """Return the venue request for an order that `check_order` lets through. However post-only was asked
    for, it is an attribute, and the time in force is GTC."""
    asked = order.attributes
    post_only = True if order.is_post_only else asked.post_only
    tif = TimeInForce.GTC if order.time_in_force is TimeInForce.POST_ONLY else order.time_in_force
    return SubmitOrder(
        connector=connector,
        account=account,
        order_id=order_id,
        client_order_id=client_order_id,
        product_type=market.product_type,
        symbol=market.symbol,
        side=order.side,
        order_type=order.order_type,
        time_in_force=tif,
        quantity=order.quantity,
        price=order.price,
        stop_price=order.stop_price,
        trailing_delta=order.trailing_delta,
        expire_ms=order.expire_ms,
        attributes=OrderAttributes(
            post_only=post_only,
            position_side=asked.position_side,
            reduce_only=asked.reduce_only,
        ),
    )


def worth(request: SubmitOrder, market: Market, last: Decimal | None) -> None:
    """Raise `Refused` for an order that is worth less than the market takes, by its own price or the last
    one. One that only reduces may be of any size."""
    attributes = request.attributes
    side = attributes.position_side
    reduces = bool(attributes.reduce_only) or (side in _CLOSES and request.side is _CLOSES[side])
    if not reduces and not request.order_type.is_conditional:
        check_cost(request.quantity, request.price or last, market)
