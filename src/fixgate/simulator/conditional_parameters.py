"""Parameters of conditional futures orders. Sources: PAPI POST um/algo/order, cm/conditional/order."""

from decimal import Decimal
from typing import NamedTuple

from fixgate.simulator.conditional_orders import (
    CLOSING_TYPES,
    CONTRACT_PRICE,
    LIMIT_TYPES,
    MARK_PRICE,
    TRAILING,
    Conditional,
)
from fixgate.simulator.orders import ZERO, Leg
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
    position_side,
    side,
)
from fixgate.simulator.parameters import (
    CONDITIONAL_TYPES,
    good_till_date,
    order_price_match,
    order_time_in_force,
    response_type,
    stp_mode,
)
from fixgate.simulator.refusal import VenueRefusal, missing, not_required, not_valid

LONGEST_CLIENT_ID = 36

_SHARED = {
    "symbol", "side", "positionSide", "timeInForce", "quantity", "reduceOnly", "price", "workingType",
    "priceProtect", "callbackRate",
}  # fmt: skip
_ALGO_NAMES = frozenset(
    _SHARED
    | {
        "algoType", "type", "triggerPrice", "priceMatch", "closePosition", "activatePrice",
        "clientAlgoId", "newOrderRespType", "selfTradePreventionMode", "goodTillDate",
    }
)  # fmt: skip
_STRATEGY_NAMES = frozenset(_SHARED | {"strategyType", "newClientStrategyId", "stopPrice", "activationPrice"})
_CALLBACK_RATES = {Leg.UM: (Decimal("0.1"), Decimal(20)), Leg.CM: (Decimal("0.1"), Decimal(5))}


class _Names(NamedTuple):
    """What one service calls the same thing."""

    kind: str
    trigger: str
    activation: str
    client_id: str


_NAMES = {
    Leg.UM: _Names("type", "triggerPrice", "activatePrice", "clientAlgoId"),
    Leg.CM: _Names("strategyType", "stopPrice", "activationPrice", "newClientStrategyId"),
}


def parse_algo(parameters: Parameters) -> Conditional:
    """Return the UM algo order that the parameters ask for, or raise. It has no ids and no account yet."""
    check_names(parameters, _ALGO_NAMES)
    choice(parameters, "algoType", frozenset({"CONDITIONAL"}), not_valid("algoType"))
    response_type(parameters, "ACK")
    conditional = _parse(Leg.UM, parameters)
    conditional.stp_mode = stp_mode(parameters, none_allowed=True, margin=False)
    conditional.good_till = good_till_date(parameters, conditional.time_in_force) // 1000 * 1000
    _read_close_position(conditional, parameters)
    return conditional


def parse_strategy(parameters: Parameters) -> Conditional:
    """Return the CM strategy order that the parameters ask for, or raise. It has no ids yet."""
    check_names(parameters, _STRATEGY_NAMES)
    conditional = _parse(Leg.CM, parameters)
    if not conditional.quantity:
        raise missing("quantity")
    return conditional


def _parse(leg: Leg, parameters: Parameters) -> Conditional:
    names = _NAMES[leg]
    kind = choice(parameters, names.kind, CONDITIONAL_TYPES, not_valid(names.kind))
    limit = kind in LIMIT_TYPES
    price_match = order_price_match(parameters, limit=limit)
    conditional = Conditional(
        leg=leg,
        symbol=mandatory(parameters, "symbol"),
        conditional_id=0,
        client_id=client_order_id(parameters, names.client_id, leg, LONGEST_CLIENT_ID),
        account="",
        side=side(parameters),
        type=kind,
        time_in_force=order_time_in_force(leg, parameters, kind, "GTC"),
        quantity=decimal(parameters, "quantity") or ZERO,
        price=_wanted(parameters, "price", needed=limit and price_match == "NONE", allowed=limit),
        trigger_price=_wanted(parameters, names.trigger, needed=kind != TRAILING, allowed=kind != TRAILING),
        working_type=_working_type(parameters),
        position_side=position_side(parameters),
        reduce_only=boolean(parameters, "reduceOnly"),
        price_protect=boolean(parameters, "priceProtect"),
        price_match=price_match,
        activation_price=_wanted(parameters, names.activation, needed=False, allowed=kind == TRAILING),
        callback_rate=_wanted(parameters, "callbackRate", needed=kind == TRAILING, allowed=kind == TRAILING),
    )
    if kind == TRAILING:
        least, most = _CALLBACK_RATES[leg]
        if not least <= conditional.callback_rate <= most:
            raise not_valid("callbackRate")
    return conditional


def _wanted(parameters: Parameters, name: str, *, needed: bool, allowed: bool) -> Decimal:
    """Return a number that the type needs, may have, or must not have; 0 when not sent."""
    value = decimal(parameters, name)
    if value is None:
        if needed:
            raise missing(name)
        return ZERO
    if not allowed:
        raise not_required(name)
    return value


def _working_type(parameters: Parameters) -> str:
    value = optional(parameters, "workingType") or CONTRACT_PRICE
    if value not in {MARK_PRICE, CONTRACT_PRICE}:
        raise VenueRefusal(-4031, "Invalid working type.")
    return value


def _read_close_position(conditional: Conditional, parameters: Parameters) -> None:
    """Note `closePosition`: it takes the quantity's place and goes without reduceOnly."""
    conditional.close_position = boolean(parameters, "closePosition")
    if not conditional.close_position:
        if not conditional.quantity:
            raise missing("quantity")
        return
    if conditional.type not in CLOSING_TYPES:
        raise not_valid("closePosition")
    if conditional.quantity:
        raise VenueRefusal(-4137, "Quantity must be zero with closePosition equals true.")
    if "reduceOnly" in parameters:
        raise VenueRefusal(-4138, "Reduce only must be true with closePosition equals true.")


def conditional_identity(parameters: Parameters, id_name: str, client_name: str) -> tuple[int | None, str]:
    """Return (id, client id), of which the id wins; raises -1102 when neither was sent."""
    number = integer(parameters, id_name)
    client_id = optional(parameters, client_name) or ""
    if number is None and not client_id:
        raise VenueRefusal(
            -1102, f"Param '{client_name}' or '{id_name}' must be sent, but both were empty/null!"
        )
    return number, client_id
