"""Parameters of the order endpoints: what each takes, and the refusal for what it does not.

Sources: PAPI POST/PUT um|cm|margin order parameter tables; error codes -1102..-1136, -4120,
-5037..-5040.
"""

from decimal import Decimal
from typing import NamedTuple

from fixgate.simulator.orders import STOP_TYPES, Leg, ModifyRequest, OrderRequest
from fixgate.simulator.parameter_fields import (
    Parameters,
    boolean,
    check_names,
    choice,
    client_order_id,
    decimal,
    integer,
    mandatory,
    optional,
    order_identity,
    position_side,
    side,
)
from fixgate.simulator.refusal import UNSUPPORTED_COMBINATION, VenueRefusal, missing, not_required, not_valid

_FUTURES = {
    "symbol", "side", "type", "positionSide", "timeInForce", "quantity", "reduceOnly", "price",
    "newClientOrderId", "newOrderRespType", "priceMatch",
}  # fmt: skip
NEW_ORDER_NAMES = {
    Leg.UM: frozenset(_FUTURES | {"selfTradePreventionMode", "goodTillDate"}),
    Leg.CM: frozenset(_FUTURES),
    Leg.MARGIN: frozenset(
        {
            "symbol", "side", "type", "quantity", "quoteOrderQty", "price", "stopPrice",
            "newClientOrderId", "newOrderRespType", "icebergQty", "sideEffectType", "timeInForce",
            "selfTradePreventionMode", "autoRepayAtCancel",
        }
    ),
}  # fmt: skip
MODIFY_NAMES = frozenset(
    {"symbol", "side", "quantity", "price", "orderId", "origClientOrderId", "priceMatch", "modifyId"}
)

CONDITIONAL_TYPES = frozenset(
    {"STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"}
)
PRICE_MATCHES = frozenset({"OPPONENT", "OPPONENT_5", "QUEUE", "QUEUE_5", "QUEUE_10", "QUEUE_20"})
"""OPPONENT_10 and OPPONENT_20 have been suspended since 2025-10-23."""
SIDE_EFFECTS = frozenset({"NO_SIDE_EFFECT", "MARGIN_BUY", "AUTO_REPAY", "AUTO_BORROW_REPAY"})

_TIMES_IN_FORCE = {
    Leg.UM: {"GTC", "IOC", "FOK", "GTX", "GTD"},
    Leg.CM: {"GTC", "IOC", "FOK", "GTX"},
    Leg.MARGIN: {"GTC", "IOC", "FOK"},
}
_TYPES = {
    Leg.UM: frozenset({"LIMIT", "MARKET"}),
    Leg.CM: frozenset({"LIMIT", "MARKET"}),
    Leg.MARGIN: frozenset({"LIMIT", "MARKET", "LIMIT_MAKER"}) | STOP_TYPES,
}
_STP_MODES = {"EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"}
_RESPONSES = {Leg.UM: {"ACK", "RESULT"}, Leg.CM: {"ACK", "RESULT"}, Leg.MARGIN: {"ACK", "RESULT", "FULL"}}
_TAKES_TIME_IN_FORCE = frozenset({"LIMIT", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"})


class _Amounts(NamedTuple):
    price: Decimal | None
    quantity: Decimal | None
    quote_quantity: Decimal | None
    stop_price: Decimal | None
    iceberg: Decimal | None


def parse_new_order(leg: Leg, parameters: Parameters) -> OrderRequest:
    """Return the order that the parameters of POST um|cm|margin order ask for, or raise."""
    check_names(parameters, NEW_ORDER_NAMES[leg])
    symbol, order_side = mandatory(parameters, "symbol"), side(parameters)
    order_type = _order_type(leg, parameters)
    time_in_force = order_time_in_force(leg, parameters, order_type)
    price_match = order_price_match(parameters, limit=order_type == "LIMIT")
    amounts = _amounts(parameters, order_type, price_match)
    if amounts.iceberg is not None and (time_in_force != "GTC" or not amounts.price):
        raise VenueRefusal(-1014, UNSUPPORTED_COMBINATION)
    full = leg is Leg.MARGIN and order_type in {"LIMIT", "MARKET"}
    response = optional(parameters, "newOrderRespType") or ("FULL" if full else "ACK")
    if response not in _RESPONSES[leg]:
        raise VenueRefusal(-1136, "Invalid newOrderRespType.")
    return OrderRequest(
        leg=leg,
        symbol=symbol,
        side=order_side,
        type=order_type,
        time_in_force=time_in_force,
        quantity=amounts.quantity,
        quote_quantity=amounts.quote_quantity,
        price=amounts.price,
        stop_price=amounts.stop_price,
        iceberg=amounts.iceberg,
        price_match=price_match,
        good_till=good_till_date(parameters, time_in_force),
        client_order_id=client_order_id(parameters, "newClientOrderId", leg),
        reduce_only=boolean(parameters, "reduceOnly"),
        position_side=position_side(parameters),
        stp_mode=stp_mode(parameters, none_allowed=leg is Leg.MARGIN),
        side_effect=side_effect(parameters, SIDE_EFFECTS),
        auto_repay_at_cancel=boolean(parameters, "autoRepayAtCancel"),
        response_type=response,
    )


def _order_type(leg: Leg, parameters: Parameters) -> str:
    value = mandatory(parameters, "type")
    if value in _TYPES[leg]:
        return value
    if leg is Leg.UM and value in CONDITIONAL_TYPES:
        raise VenueRefusal(
            -4120, "Order type not supported for this endpoint. Please use the Algo Order API endpoints."
        )
    raise VenueRefusal(-1116, "Invalid orderType.")


def order_time_in_force(leg: Leg, parameters: Parameters, order_type: str, default: str = "") -> str:
    """Return the time in force; raises -1106 where the type takes none, -1102 and -1115.

    `default` is what a missing one means; without it a limit order must carry one.
    """
    value = optional(parameters, "timeInForce")
    if order_type not in _TAKES_TIME_IN_FORCE and not default:
        if value is not None:
            raise not_required("timeInForce")
        return "GTC"
    if value is None:
        if not default:
            raise missing("timeInForce")
        return default
    if value not in _TIMES_IN_FORCE[leg]:
        raise VenueRefusal(-1115, "Invalid timeInForce.")
    return value


def order_price_match(parameters: Parameters, *, limit: bool) -> str:
    """Return `priceMatch`, NONE when not sent; raises -5037, -5038, or -1106 next to a price."""
    value = optional(parameters, "priceMatch")
    if value in {None, "NONE"}:
        return "NONE"
    if not limit:
        raise VenueRefusal(-5038, "Price match is not supported for this order type.")
    if value not in PRICE_MATCHES:
        raise VenueRefusal(-5037, "Invalid price match.")
    if "price" in parameters:
        raise not_required("price")
    return value


def good_till_date(parameters: Parameters, time_in_force: str) -> int:
    """Return `goodTillDate` in ms, 0 when not sent; it comes with GTD and with nothing else."""
    value = integer(parameters, "goodTillDate")
    if time_in_force == "GTD":
        if value is None:
            raise missing("goodTillDate")
        return value
    if value:
        raise not_required("goodTillDate")
    return 0


def _amounts(parameters: Parameters, order_type: str, price_match: str) -> _Amounts:
    """Return price and quantities as the order type needs them."""
    priced = order_type not in {"MARKET", "STOP_LOSS", "TAKE_PROFIT"}
    found = _Amounts(
        decimal(parameters, "price"),
        decimal(parameters, "quantity"),
        decimal(parameters, "quoteOrderQty"),
        decimal(parameters, "stopPrice"),
        decimal(parameters, "icebergQty"),
    )
    if not priced and found.price is not None:
        raise not_required("price")
    if priced and found.price is None and price_match == "NONE":
        raise missing("price")
    if order_type in STOP_TYPES and found.stop_price is None:
        raise missing("stopPrice")
    if order_type not in STOP_TYPES and found.stop_price is not None:
        raise not_required("stopPrice")
    if found.quote_quantity is not None and (order_type != "MARKET" or found.quantity is not None):
        raise not_required("quoteOrderQty")
    if found.quantity is None and found.quote_quantity is None:
        raise missing("quantity")
    return found


def stp_mode(parameters: Parameters, *, none_allowed: bool, margin: bool = True) -> str:
    """Return `selfTradePreventionMode`; raises -5039, or -1130 where the margin engine reads it."""
    value = optional(parameters, "selfTradePreventionMode") or "EXPIRE_MAKER"
    if value in _STP_MODES or (none_allowed and value == "NONE"):
        return value
    if none_allowed and margin:
        raise not_valid("selfTradePreventionMode")
    raise VenueRefusal(-5039, "Invalid self trade prevention mode.")


def side_effect(parameters: Parameters, allowed: frozenset[str]) -> str:
    """Return `sideEffectType`, NO_SIDE_EFFECT when not sent; raises -1130."""
    value = optional(parameters, "sideEffectType") or "NO_SIDE_EFFECT"
    if value not in allowed:
        raise not_valid("sideEffectType")
    return value


def response_type(parameters: Parameters, default: str) -> str:
    """Return `newOrderRespType` of a service that knows ACK and RESULT; raises -1136."""
    allowed = frozenset({"ACK", "RESULT"})
    refusal = VenueRefusal(-1136, "Invalid newOrderRespType.")
    return choice({"newOrderRespType": default} | dict(parameters), "newOrderRespType", allowed, refusal)


def parse_modify(leg: Leg, parameters: Parameters) -> ModifyRequest:
    """Return the modification that the parameters of PUT um|cm order ask for, or raise."""
    check_names(parameters, MODIFY_NAMES)
    symbol, order_side = mandatory(parameters, "symbol"), side(parameters)
    if "priceMatch" in parameters:
        raise VenueRefusal(-5038, "Price match is not supported.")
    mandatory(parameters, "quantity")
    mandatory(parameters, "price")
    quantity, price = decimal(parameters, "quantity"), decimal(parameters, "price")
    if quantity is None or price is None:
        raise missing("quantity" if quantity is None else "price")
    order_id, client_id = order_identity(parameters)
    return ModifyRequest(
        leg=leg,
        symbol=symbol,
        side=order_side,
        quantity=quantity,
        price=price,
        order_id=order_id,
        client_order_id=client_id,
        modify_id=integer(parameters, "modifyId"),
    )
