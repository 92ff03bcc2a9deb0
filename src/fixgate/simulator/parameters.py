"""Request parameters: what each order endpoint takes, and the refusal for what it does not.

Sources: PAPI POST/PUT um|cm|margin order parameter tables; error codes -1100..-1136, -4015, -4060,
-4120, -5037..-5039.
"""

import re
from collections.abc import Mapping
from decimal import Decimal

from fixgate.simulator.orders import Leg, ModifyRequest, OrderRequest
from fixgate.simulator.refusal import VenueRefusal, missing, not_required, not_valid

Parameters = Mapping[str, str]

COMMON = frozenset({"timestamp", "recvWindow", "signature"})

_DECIMAL = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?")
_DECIMAL_RANGE = "^([0-9]{1,20})(\\.[0-9]{1,20})?$"
_CLIENT_ID = {
    Leg.UM: re.compile(r"[.A-Z:/a-z0-9_-]{1,32}"),
    Leg.CM: re.compile(r"[.A-Z:/a-z0-9_-]{1,32}"),
    Leg.MARGIN: re.compile(r"[.A-Z:/a-z0-9_-]{1,36}"),
}
_CLIENT_ID_LENGTH = {Leg.UM: 32, Leg.CM: 32, Leg.MARGIN: 36}

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

_TIMES_IN_FORCE = {
    Leg.UM: {"GTC", "IOC", "FOK", "GTX"},
    Leg.CM: {"GTC", "IOC", "FOK", "GTX"},
    Leg.MARGIN: {"GTC", "IOC", "FOK"},
}
_STP_MODES = {"EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"}
_SIDE_EFFECTS = {"NO_SIDE_EFFECT", "MARGIN_BUY", "AUTO_REPAY", "AUTO_BORROW_REPAY"}
_RESPONSES = {Leg.UM: {"ACK", "RESULT"}, Leg.CM: {"ACK", "RESULT"}, Leg.MARGIN: {"ACK", "RESULT", "FULL"}}
_CONDITIONAL_TYPES = {"STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"}
_STOP_TYPES = {"STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"}


def check_names(parameters: Parameters, allowed: frozenset[str]) -> None:
    """Raise -1104 when a parameter is not one the endpoint reads, -1105 when one is empty."""
    unread = [name for name in parameters if name not in allowed and name not in COMMON]
    if unread:
        sent = len(parameters)
        raise VenueRefusal(
            -1104,
            f"Not all sent parameters were read; read '{sent - len(unread)}' parameter(s) "
            f"but was sent '{sent}'.",
        )


def mandatory(parameters: Parameters, name: str) -> str:
    """Return a parameter that must be there; raises -1102."""
    value = parameters.get(name, "")
    if not value:
        raise missing(name)
    return value


def optional(parameters: Parameters, name: str) -> str | None:
    """Return a parameter, None when it was not sent; raises -1105 when it was sent empty."""
    value = parameters.get(name)
    if value == "":
        raise VenueRefusal(-1105, f"Parameter '{name}' was empty.")
    return value


def decimal(parameters: Parameters, name: str) -> Decimal | None:
    """Return a decimal parameter; raises -1100 for an exponent, a sign or anything but digits."""
    text = optional(parameters, name)
    if text is None:
        return None
    if not _DECIMAL.fullmatch(text):
        raise VenueRefusal(
            -1100, f"Illegal characters found in parameter '{name}'; legal range is '{_DECIMAL_RANGE}'."
        )
    return Decimal(text)


def integer(parameters: Parameters, name: str) -> int | None:
    """Return a whole-number parameter; raises -1100 when it is not one of up to 19 digits."""
    text = optional(parameters, name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        raise VenueRefusal(
            -1100, f"Illegal characters found in parameter '{name}'; legal range is '^[0-9]{{1,20}}$'."
        )
    return int(text)


def boolean(parameters: Parameters, name: str) -> bool:
    """Return a true/false parameter, false when not sent; raises -1130."""
    text = optional(parameters, name)
    if text not in {None, "true", "false"}:
        raise not_valid(name)
    return text == "true"


def client_order_id(parameters: Parameters, name: str, leg: Leg) -> str:
    """Return a client id, empty when not sent; raises -4015 (too long) or -1100 (characters)."""
    text = optional(parameters, name) or ""
    if not text or _CLIENT_ID[leg].fullmatch(text):
        return text
    if leg is not Leg.MARGIN and len(text) > _CLIENT_ID_LENGTH[leg]:
        raise VenueRefusal(-4015, "Client order id length should be less than 33 chars.")
    legal = f"^[.A-Z:/a-z0-9_-]{{1,{_CLIENT_ID_LENGTH[leg]}}}$"
    raise VenueRefusal(-1100, f"Illegal characters found in parameter '{name}'; legal range is '{legal}'.")


def order_identity(parameters: Parameters) -> tuple[int | None, str]:
    """Return (orderId, origClientOrderId), of which orderId wins; raises -1102 when neither was sent."""
    order_id = integer(parameters, "orderId")
    client_id = optional(parameters, "origClientOrderId") or ""
    if order_id is None and not client_id:
        raise VenueRefusal(
            -1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"
        )
    return order_id, client_id


def parse_new_order(leg: Leg, parameters: Parameters) -> OrderRequest:
    """Return the order that the parameters of POST um|cm|margin order ask for, or raise."""
    check_names(parameters, NEW_ORDER_NAMES[leg])
    symbol = mandatory(parameters, "symbol")
    side = _choice(parameters, "side", {"BUY", "SELL"}, VenueRefusal(-1117, "Invalid side."))
    order_type = _order_type(leg, parameters)
    time_in_force = _time_in_force(leg, parameters, order_type)
    price, quantity, quote_quantity = _amounts(leg, parameters, order_type)
    full = leg is Leg.MARGIN and order_type in {"LIMIT", "MARKET"}
    response = optional(parameters, "newOrderRespType") or ("FULL" if full else "ACK")
    if response not in _RESPONSES[leg]:
        raise VenueRefusal(-1136, "Invalid newOrderRespType.")
    return OrderRequest(
        leg=leg,
        symbol=symbol,
        side=side,
        type=order_type,
        time_in_force=time_in_force,
        quantity=quantity,
        quote_quantity=quote_quantity,
        price=price,
        client_order_id=client_order_id(parameters, "newClientOrderId", leg),
        reduce_only=boolean(parameters, "reduceOnly"),
        position_side=_position_side(parameters),
        stp_mode=_stp_mode(leg, parameters),
        side_effect=_side_effect(parameters),
        auto_repay_at_cancel=boolean(parameters, "autoRepayAtCancel"),
        response_type=response,
    )


def _choice(parameters: Parameters, name: str, allowed: set[str], refusal: VenueRefusal) -> str:
    value = mandatory(parameters, name)
    if value not in allowed:
        raise refusal
    return value


def _order_type(leg: Leg, parameters: Parameters) -> str:
    value = mandatory(parameters, "type")
    if value in {"LIMIT", "MARKET"} or (leg is Leg.MARGIN and value == "LIMIT_MAKER"):
        return value
    if leg is Leg.UM and value in _CONDITIONAL_TYPES:
        raise VenueRefusal(
            -4120, "Order type not supported for this endpoint. Please use the Algo Order API endpoints."
        )
    if leg is Leg.MARGIN and value in _STOP_TYPES:
        raise VenueRefusal(-2010, "Stop loss orders are not supported for this symbol.")
    raise VenueRefusal(-1116, "Invalid orderType.")


def _time_in_force(leg: Leg, parameters: Parameters, order_type: str) -> str:
    value = optional(parameters, "timeInForce")
    if order_type in {"MARKET", "LIMIT_MAKER"}:
        if value is not None:
            raise not_required("timeInForce")
        return "GTC"
    if value is None:
        raise missing("timeInForce")
    if value not in _TIMES_IN_FORCE[leg]:
        raise VenueRefusal(-1115, "Invalid timeInForce.")
    return value


def _amounts(
    leg: Leg, parameters: Parameters, order_type: str
) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    """Return (price, quantity, quote quantity) as the order type needs them."""
    if optional(parameters, "priceMatch") not in {None, "NONE"}:
        raise VenueRefusal(-5038, "Price match is not supported.")
    for name in ("stopPrice", "goodTillDate"):
        if name in parameters:
            raise not_required(name)
    if "icebergQty" in parameters:
        raise VenueRefusal(-2010, "Iceberg orders are not supported for this symbol.")
    price = decimal(parameters, "price")
    quantity = decimal(parameters, "quantity")
    quote_quantity = decimal(parameters, "quoteOrderQty")
    if order_type == "MARKET":
        if price is not None:
            raise not_required("price")
        if quantity is not None and quote_quantity is not None:
            raise not_required("quoteOrderQty")
    elif price is None:
        raise missing("price")
    elif quote_quantity is not None:
        raise not_required("quoteOrderQty")
    if quantity is None and quote_quantity is None:
        raise missing("quantity")
    return price, quantity, quote_quantity


def _position_side(parameters: Parameters) -> str:
    value = optional(parameters, "positionSide") or "BOTH"
    if value not in {"BOTH", "LONG", "SHORT"}:
        raise VenueRefusal(-4060, "Invalid position side.")
    return value


def _stp_mode(leg: Leg, parameters: Parameters) -> str:
    value = optional(parameters, "selfTradePreventionMode") or "EXPIRE_MAKER"
    if value in _STP_MODES or (leg is Leg.MARGIN and value == "NONE"):
        return value
    if leg is Leg.MARGIN:
        raise not_valid("selfTradePreventionMode")
    raise VenueRefusal(-5039, "Invalid self trade prevention mode.")


def _side_effect(parameters: Parameters) -> str:
    value = optional(parameters, "sideEffectType") or "NO_SIDE_EFFECT"
    if value not in _SIDE_EFFECTS:
        raise not_valid("sideEffectType")
    return value


def parse_modify(leg: Leg, parameters: Parameters) -> ModifyRequest:
    """Return the modification that the parameters of PUT um|cm order ask for, or raise."""
    check_names(parameters, MODIFY_NAMES)
    symbol = mandatory(parameters, "symbol")
    side = _choice(parameters, "side", {"BUY", "SELL"}, VenueRefusal(-1117, "Invalid side."))
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
        side=side,
        quantity=quantity,
        price=price,
        order_id=order_id,
        client_order_id=client_id,
        modify_id=integer(parameters, "modifyId"),
    )
