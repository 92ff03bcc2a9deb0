"""From a unified request to the venue's call and its parameters. Pure.

Only what applies is sent: the venue refuses a parameter that it does not need (-1104, -1106).
"""

from typing import NamedTuple

from fixgate.connectors.binance_pm.conditional_requests import (
    Params,
    futures_attributes,
    held_identity,
    held_submit_params,
    is_held_back,
    limit_terms,
)
from fixgate.connectors.binance_pm.conditional_service import SERVICE_OF
from fixgate.connectors.binance_pm.list_requests import LIST_PATH, list_params
from fixgate.connectors.binance_pm.venue_words import LEG_OF, SIDE
from fixgate.model.decimals import plain
from fixgate.model.enums import OrderType, ProductType, SideEffectType
from fixgate.model.venue import (
    CancelAtVenue,
    ModifyAtVenue,
    OrderRequest,
    QueryAtVenue,
    SubmitList,
    SubmitOrder,
)
from fixgate.papi.legs import LEGS

_BORROWS = frozenset({SideEffectType.MARGIN_BUY, SideEffectType.AUTO_REPAY, SideEffectType.AUTO_BORROW_REPAY})

MARGIN_STOP_TYPE = {
    OrderType.STOP_LOSS: "STOP_LOSS",
    OrderType.STOP_LOSS_LIMIT: "STOP_LOSS_LIMIT",
    OrderType.TAKE_PROFIT: "TAKE_PROFIT",
    OrderType.TAKE_PROFIT_LIMIT: "TAKE_PROFIT_LIMIT",
}


class Call(NamedTuple):
    """One signed call."""

    method: str
    path: str
    params: Params


def call_of(request: OrderRequest | SubmitList, *, auto_repay_at_cancel: bool) -> Call:
    """Return the call that carries a request out. Raises `Refused` for a list that the venue has no call
    for."""
    if isinstance(request, SubmitList):
        return Call("POST", LIST_PATH, list_params(request))
    path = LEGS[LEG_OF[request.product_type]].order
    match request:
        case SubmitOrder() if is_held_back(request):
            return Call("POST", SERVICE_OF[request.product_type].order, held_submit_params(request))
        case SubmitOrder():
            return Call("POST", path, submit_params(request, auto_repay_at_cancel=auto_repay_at_cancel))
        case CancelAtVenue() if at_service(request):
            return Call("DELETE", SERVICE_OF[request.product_type].order, held_identity(request))
        case CancelAtVenue():
            return Call("DELETE", path, cancel_params(request))
        case ModifyAtVenue():
            return Call("PUT", path, modify_params(request))


def at_service(request: CancelAtVenue | QueryAtVenue) -> bool:
    """True when a service for conditional orders is to be asked; a margin stop order is in none."""
    return request.held and request.product_type in SERVICE_OF


def submit_params(request: SubmitOrder, *, auto_repay_at_cancel: bool) -> Params:
    """PAPI POST /papi/v1/{um,cm,margin}/order."""
    params = [("symbol", request.symbol), ("side", SIDE[request.side])]
    if request.product_type is ProductType.SPOT:
        return params + _margin_terms(request) + _margin_attributes(request, auto_repay_at_cancel)
    if request.order_type is OrderType.MARKET:
        params.append(("type", "MARKET"))
    elif request.order_type is OrderType.LIMIT:
        params += [("type", "LIMIT"), *limit_terms(request)]
    else:
        raise ValueError(f"a {request.order_type} order does not go to {request.product_type} orders")
    return params + _amounts(request) + futures_attributes(request)


def _margin_terms(request: SubmitOrder) -> Params:
    """Post-only is a type of its own; a stop order waits in the engine itself."""
    if request.order_type is OrderType.MARKET:
        terms = [("type", "MARKET")]
    elif request.order_type is OrderType.LIMIT:
        limit = [("type", "LIMIT"), ("timeInForce", str(request.time_in_force))]
        terms = [("type", "LIMIT_MAKER")] if request.attributes.post_only else limit
    elif request.order_type in MARGIN_STOP_TYPE:
        terms = [("type", MARGIN_STOP_TYPE[request.order_type])]
        if request.order_type.needs_price:
            terms.append(("timeInForce", str(request.time_in_force)))
    else:
        raise ValueError(f"a {request.order_type} order does not go to {request.product_type} orders")
    terms += _amounts(request)
    if request.stop_price is not None:
        terms.append(("stopPrice", plain(request.stop_price)))
    if request.display_quantity is not None:
        terms.append(("icebergQty", plain(request.display_quantity)))
    return terms


def _amounts(request: SubmitOrder) -> Params:
    params = [("quantity", plain(request.quantity))]
    if request.price is not None:
        params.append(("price", plain(request.price)))
    return [*params, ("newClientOrderId", request.client_order_id), ("newOrderRespType", "ACK")]


def _margin_attributes(request: SubmitOrder, auto_repay_at_cancel: bool) -> Params:
    attributes, params = request.attributes, []
    if attributes.self_trade_prevention is not None:
        params.append(("selfTradePreventionMode", str(attributes.self_trade_prevention)))
    if attributes.side_effect_type is not None:
        params.append(("sideEffectType", str(attributes.side_effect_type)))
        if attributes.side_effect_type in _BORROWS:
            params.append(("autoRepayAtCancel", "true" if auto_repay_at_cancel else "false"))
    return params


def cancel_params(request: CancelAtVenue) -> Params:
    """PAPI DELETE /papi/v1/{um,cm,margin}/order."""
    return [("symbol", request.symbol), *_identity(request.venue_order_id, request.client_order_id)]


def query_params(request: QueryAtVenue) -> Params:
    """PAPI GET /papi/v1/{um,cm,margin}/order."""
    return [("symbol", request.symbol), *_identity(request.venue_order_id, request.client_order_id)]


def modify_params(request: ModifyAtVenue) -> Params:
    """PAPI PUT /papi/v1/{um,cm}/order: quantity is the new total, and all four terms are mandatory."""
    return [
        ("symbol", request.symbol),
        ("side", SIDE[request.side]),
        ("quantity", plain(request.quantity)),
        ("price", plain(request.price)),
        *_identity(request.venue_order_id, request.client_order_id),
        ("modifyId", str(request.request_id)),
    ]


def _identity(venue_order_id: str, client_order_id: str) -> Params:
    if venue_order_id:
        return [("orderId", venue_order_id)]
    return [("origClientOrderId", client_order_id)]
