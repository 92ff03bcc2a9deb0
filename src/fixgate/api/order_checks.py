"""What is checked of an order before the desk sees it: the fields that its type takes, and its exchange."""

from collections.abc import Mapping
from typing import Any

from fixgate.api.answers import Refusal, Unsupported
from fixgate.api.ports import Ticket
from fixgate.model.capabilities import check
from fixgate.model.enums import OrderType, PositionSide, TimeInForce
from fixgate.model.exact_json import shortest
from fixgate.model.execution import ErrorCode

PRICES = ("price", "stop_price", "trailing_delta")

TAKES: Mapping[OrderType, tuple[str, ...]] = {
    OrderType.MARKET: (),
    OrderType.LIMIT: ("price",),
    OrderType.STOP_LOSS: ("stop_price",),
    OrderType.STOP_LOSS_LIMIT: ("price", "stop_price"),
    OrderType.TAKE_PROFIT: ("stop_price",),
    OrderType.TAKE_PROFIT_LIMIT: ("price", "stop_price"),
    OrderType.TRAILING_STOP: ("trailing_delta",),
    OrderType.OCO: ("price", "stop_price"),
}
"""Which of `PRICES` an order type must carry; it takes no other.

Source: the Execution API's request body. That oco needs both prices is ours: the document only says that it
is a limit and a stop loss.
"""


def ticket(source: str, idempotency_key: str, values: Mapping[str, Any]) -> Ticket:
    """Return the ticket of a read body. POST_ONLY and post_only are one: each sets the other."""
    post_only = values["post_only"] or values["time_in_force"] is TimeInForce.POST_ONLY
    times = values["time_in_force"]
    if post_only and times is TimeInForce.GTC:
        times = TimeInForce.POST_ONLY
    return Ticket(
        source=source,
        exchange_account_id=values["exchange_account_id"],
        symbol=values["symbol"],
        side=values["side"],
        order_type=values["order_type"],
        quantity=values["quantity"],
        price=values["price"],
        stop_price=values["stop_price"],
        trailing_delta=values["trailing_delta"],
        time_in_force=times,
        reduce_only=values["reduce_only"],
        post_only=post_only,
        position_side=values["position_side"],
        client_order_id=values["client_order_id"] or "",
        idempotency_key=idempotency_key,
        market_type=values["market_type"],
    )


def refuse_unsupported(exchange: str, order: Ticket) -> None:
    """Raise `Unsupported` for an order that the exchange does not take."""
    why = check(
        exchange,
        order.market_type,
        order.order_type,
        order.time_in_force,
        reduce_only=order.reduce_only,
        post_only=order.post_only,
        hedge=order.position_side in (PositionSide.LONG, PositionSide.SHORT),
    )
    if why:
        raise Unsupported(
            why,
            {"exchange": exchange, "order_type": order.order_type, "market_type": order.market_type},
        )


def refuse_wrong_prices(values: Mapping[str, Any]) -> None:
    """Raise `Refusal` 400 for a price that the order type needs and lacks, or has and does not take."""
    order_type = values["order_type"]
    why = missing(order_type, values) + unwanted(order_type, values)
    if why:
        raise Refusal(ErrorCode.INVALID_REQUEST, "; ".join(why), {"order_type": order_type})


def missing(order_type: OrderType, values: Mapping[str, Any]) -> list[str]:
    """Return what the order type needs and the request lacks."""
    return [
        f"{name} is required for {order_type} orders"
        for name in TAKES[order_type]
        if values.get(name) is None
    ]


def unwanted(order_type: OrderType, values: Mapping[str, Any]) -> list[str]:
    """Return what the request has and the order type does not take: ignoring it would be another order."""
    return [
        f"{name} is not taken by {order_type} orders; it was {shortest(values[name])}"
        for name in PRICES
        if values.get(name) is not None and name not in TAKES[order_type]
    ]
