"""An order list on its way to the venue, and what its one answer says of each order. Pure.

The venue takes one kind: on margin, a limit order that only makes and a stop-loss order, of which one cancels
the other. It takes neither a self-trade prevention mode nor repayment at cancel, and names the list, the
limit order and the stop order by a client id each. Source: PAPI POST margin/order/oco.
"""

from typing import Any, NamedTuple

from fixgate.connectors.binance_pm.venue_words import SIDE
from fixgate.model.decimals import plain
from fixgate.model.enums import OrderType, OrdRejReason, ProductType, Side, SideEffectType, TimeInForce
from fixgate.model.refusal import Refused
from fixgate.model.venue import SubmitList, SubmitOrder

LIST_PATH = "/papi/v1/margin/order/oco"
STOP_TYPES = (OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT)
SIDE_EFFECTS = (
    None,
    SideEffectType.NO_SIDE_EFFECT,
    SideEffectType.MARGIN_BUY,
    SideEffectType.AUTO_REPAY,
)

Params = list[tuple[str, str]]


class Legs(NamedTuple):
    """The two orders of a list."""

    limit: SubmitOrder
    stop: SubmitOrder


def legs_of(request: SubmitList) -> Legs:
    """Return the list's orders by what they are. Raises `Refused` for a list that the venue has no call for,
    or whose prices can never be right: its limit price must lie on the good side of the last price and its
    stop price on the bad one."""
    legs = _sorted(request.legs)
    for what in ("account", "symbol", "side", "quantity"):
        ours, theirs = getattr(legs.limit, what), getattr(legs.stop, what)
        if ours != theirs:
            raise _unsupported(
                f"the orders of a list must have the same {what}, they have {ours} and {theirs}"
            )
    for leg in legs:
        _check_leg(leg)
    if legs.limit.attributes.side_effect_type is not legs.stop.attributes.side_effect_type:
        raise _unsupported("the orders of a list must have the same SideEffectType(6101)")
    _check_prices(legs)
    return legs


def _sorted(orders: tuple[SubmitOrder, ...]) -> Legs:
    limits = [order for order in orders if order.order_type is OrderType.LIMIT]
    stops = [order for order in orders if order.order_type in STOP_TYPES]
    if len(orders) != 2 or len(limits) != 1 or len(stops) != 1:
        kinds = ", ".join(order.order_type for order in orders) or "none"
        raise _unsupported(
            "a list takes two orders, one limit and one stop_loss or stop_loss_limit; it had " + kinds
        )
    return Legs(limits[0], stops[0])


def _check_leg(leg: SubmitOrder) -> None:
    if leg.product_type is not ProductType.SPOT:
        raise _unsupported(f"the venue takes order lists on SPOT, this order is {leg.product_type}")
    if leg.attributes.side_effect_type not in SIDE_EFFECTS:
        names = ", ".join(effect for effect in SIDE_EFFECTS if effect is not None)
        raise _unsupported(
            f"SideEffectType(6101) of an order list can be {names}; it was {leg.attributes.side_effect_type}"
        )
    if leg.order_type is OrderType.LIMIT and leg.time_in_force is not TimeInForce.GTC:
        raise _unsupported(
            f"the limit order of a list takes TimeInForce GTC (1), this one has {leg.time_in_force}"
        )
    if leg.display_quantity is not None and leg.time_in_force is not TimeInForce.GTC:
        raise _unsupported(f"an iceberg takes TimeInForce GTC (1), this order has {leg.time_in_force}")
    if leg.order_type is OrderType.STOP_LOSS and leg.display_quantity is not None:
        raise _unsupported("an iceberg needs a price, and a stop_loss order has none")


def _check_prices(legs: Legs) -> None:
    price, stop = legs.limit.price, legs.stop.stop_price
    if price is None or stop is None:
        missing = "Price(44) of the limit order" if price is None else "StopPx(99) of the stop order"
        raise Refused(OrdRejReason.OTHER, f"an order list needs {missing}")
    sells = legs.limit.side is Side.SELL
    if price <= stop if sells else price >= stop:
        side, relation = ("sell", "above") if sells else ("buy", "below")
        raise Refused(
            OrdRejReason.OTHER,
            f"the limit price of a {side} list must be {relation} its stop price; "
            f"they were {plain(price)} and {plain(stop)}",
        )


def list_params(request: SubmitList) -> Params:
    """Return the parameters of POST margin/order/oco. Raises `Refused` as `legs_of`."""
    limit, stop = legs_of(request)
    assert limit.price is not None and stop.stop_price is not None
    params = [
        ("symbol", limit.symbol),
        ("side", SIDE[limit.side]),
        ("quantity", plain(limit.quantity)),
        ("price", plain(limit.price)),
        ("stopPrice", plain(stop.stop_price)),
        ("listClientOrderId", request.list_client_id),
        ("limitClientOrderId", limit.client_order_id),
        ("stopClientOrderId", stop.client_order_id),
    ]
    if stop.price is not None:
        params += [("stopLimitPrice", plain(stop.price)), ("stopLimitTimeInForce", str(stop.time_in_force))]
    if limit.display_quantity is not None:
        params.append(("limitIcebergQty", plain(limit.display_quantity)))
    if stop.display_quantity is not None:
        params.append(("stopIcebergQty", plain(stop.display_quantity)))
    params.append(("newOrderRespType", "ACK"))
    if limit.attributes.side_effect_type is not None:
        params.append(("sideEffectType", str(limit.attributes.side_effect_type)))
    return params


def report_of(leg: SubmitOrder, reply: dict[str, Any]) -> dict[str, Any]:
    """Return what the answer to a list says of one of its orders. Raises `KeyError`, `TypeError` or
    `ValueError` when it says nothing."""
    for report in [*reply.get("orderReports", ()), *reply.get("orders", ())]:
        if report["clientOrderId"] == leg.client_order_id:
            return dict(report)
    raise ValueError("the answer does not name the order")


def _unsupported(text: str) -> Refused:
    return Refused(OrdRejReason.UNSUPPORTED, text)
