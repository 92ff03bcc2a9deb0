"""What an order's type, times and conditions must be for Portfolio Margin to take it.

Conditional orders live in the algo service on FUTURE, in the conditional service on DELIVERY, and in the
order book's own engine on SPOT. Sources: PAPI POST /papi/v1/um/algo/order, /papi/v1/cm/conditional/order,
/papi/v1/margin/order, /papi/v1/margin/order/oco.
"""

from collections.abc import Sequence
from decimal import Decimal

from fixgate.connectors.binance_pm.filters import check_price, check_quantity
from fixgate.model.commands import NewOrder
from fixgate.model.enums import OrderType, OrdRejReason, ProductType, Side, TimeInForce
from fixgate.model.instrument import Instrument
from fixgate.model.refusal import Refused

LEAST_TRAIL, TRAIL_STEP = Decimal(10), Decimal(10)
MOST_TRAIL = {ProductType.FUTURE: Decimal(1000), ProductType.DELIVERY: Decimal(500)}
"""What a trailing stop's distance can be, in basis points: the venue takes 0.1 to 10 percent on FUTURE and to
5 percent on DELIVERY, in tenths."""

_LIMITS = (OrderType.LIMIT, OrderType.STOP_LOSS_LIMIT, OrderType.TAKE_PROFIT_LIMIT)


def check_order_type(order: NewOrder) -> None:
    """Refuse what no product takes: prices that are missing or have no meaning, times that do not fit."""
    kind = order.order_type
    if kind is OrderType.OCO:
        raise _unsupported("an OCO is sent as a NewOrderList(E) of two orders")
    if kind in _LIMITS and order.price is None:
        raise Refused(OrdRejReason.OTHER, f"a {kind} order needs Price(44)")
    if kind not in _LIMITS and order.price is not None:
        raise Refused(OrdRejReason.OTHER, f"a {kind} order takes no price, it was {order.price}")
    if kind.needs_stop_price and order.stop_price is None:
        raise Refused(OrdRejReason.OTHER, f"a {kind} order needs StopPx(99)")
    if not kind.is_conditional and order.stop_price is not None:
        raise Refused(OrdRejReason.OTHER, f"a {kind} order takes no stop price, it was {order.stop_price}")
    if kind is OrderType.TRAILING_STOP:
        if order.trailing_delta is None:
            raise Refused(OrdRejReason.OTHER, "a trailing stop needs PegOffsetValue(211) in basis points")
    elif order.trailing_delta is not None:
        raise Refused(OrdRejReason.OTHER, f"a {kind} order takes no trailing distance")
    if kind is OrderType.MARKET and order.time_in_force is TimeInForce.FOK:
        raise _unsupported("the venue cannot hold a market order to FOK; use IOC or GTC")
    if kind.is_conditional and kind not in _LIMITS and order.time_in_force is not TimeInForce.GTC:
        raise _unsupported(f"a {kind} order is GTC, it was {order.time_in_force}")
    if kind.is_conditional and order.is_post_only:
        raise _unsupported(f"a {kind} order cannot be post-only")


def check_conditions(order: NewOrder, instrument: Instrument) -> None:
    """Refuse what the instrument's product does not take. Raises `Refused`."""
    product = instrument.product_type
    if order.stop_price is not None:
        check_price(instrument, order.stop_price)
    if order.trailing_delta is not None:
        _check_trail(order.trailing_delta, product)
    _check_expiry(order, product)
    _check_iceberg(order, instrument)


def check_oco(orders: Sequence[NewOrder]) -> None:
    """Refuse two orders that cannot be one OCO: a limit order on one side of the market, a stop on the
    other, of the same instrument, side and quantity. Raises `Refused`."""
    if len(orders) != 2:
        raise _unsupported(f"a list is of two orders, this one has {len(orders)}")
    limit, stop = sorted(orders, key=lambda order: order.order_type.is_conditional)
    if limit.order_type is not OrderType.LIMIT or stop.order_type not in (
        OrderType.STOP_LOSS,
        OrderType.STOP_LOSS_LIMIT,
    ):
        raise _unsupported(
            "an OCO is of a limit order and a stop or stop limit order, these were "
            f"{limit.order_type} and {stop.order_type}"
        )
    if limit.time_in_force is not TimeInForce.GTC:
        raise _unsupported(f"the limit order of an OCO is GTC, it was {limit.time_in_force}")
    for what in ("symbol", "instrument_type", "side", "quantity", "connector", "account"):
        one, other = getattr(limit, what), getattr(stop, what)
        if one != other:
            raise Refused(OrdRejReason.OTHER, f"the orders of an OCO must have one {what}: {one} and {other}")
    price, trigger = limit.price, stop.stop_price
    if price is not None and trigger is not None:
        apart = price > trigger if limit.side is Side.SELL else price < trigger
        if not apart:
            where = "above" if limit.side is Side.SELL else "below"
            raise Refused(
                OrdRejReason.OTHER,
                f"the limit price of an OCO to {limit.side} must be {where} the stop price; "
                f"they were {price} and {trigger}",
            )


def _check_trail(trail: Decimal, product: ProductType) -> None:
    most = MOST_TRAIL.get(product)
    if most is None:
        raise _unsupported(f"trailing stops are for FUTURE and DELIVERY; on {product} the venue has none")
    if not LEAST_TRAIL <= trail <= most or trail % TRAIL_STEP:
        raise Refused(
            OrdRejReason.OTHER,
            f"a trailing distance of {trail} basis points is not one of {LEAST_TRAIL} to {most} "
            f"in steps of {TRAIL_STEP} ({product})",
        )


def _check_expiry(order: NewOrder, product: ProductType) -> None:
    gtd = order.time_in_force is TimeInForce.GTD
    if gtd and product is not ProductType.FUTURE:
        raise _unsupported(f"GTD is for FUTURE, this order is {product}")
    if gtd and not order.expire_ms:
        raise Refused(OrdRejReason.OTHER, "a GTD order needs ExpireTime(126)")
    if gtd and order.order_type is not OrderType.LIMIT:
        raise _unsupported(f"GTD is for limit orders, this one is {order.order_type}")
    if order.expire_ms and not gtd:
        raise Refused(OrdRejReason.OTHER, f"ExpireTime(126) is for GTD, this order is {order.time_in_force}")


def _check_iceberg(order: NewOrder, instrument: Instrument) -> None:
    shown = order.display_quantity
    if shown is None:
        return
    if instrument.product_type is not ProductType.SPOT:
        raise _unsupported(f"MaxFloor(111) is for SPOT, this order is {instrument.product_type}")
    if order.order_type is not OrderType.LIMIT or order.time_in_force is not TimeInForce.GTC:
        raise _unsupported("MaxFloor(111) is for GTC limit orders")
    if not 0 < shown <= order.quantity:
        raise Refused(
            OrdRejReason.OTHER, f"MaxFloor(111) was {shown}; it must be above 0 and at most {order.quantity}"
        )
    check_quantity(instrument, shown, order.order_type)


def _unsupported(text: str) -> Refused:
    return Refused(OrdRejReason.UNSUPPORTED, text)
