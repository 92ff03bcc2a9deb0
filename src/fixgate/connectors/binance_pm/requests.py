"""From a unified request to the venue's parameters. Pure.

Only what applies is sent: the venue refuses a parameter that it does not need (-1104, -1106).
"""

from fixgate.connectors.binance_pm.venue_words import SIDE
from fixgate.model.decimals import plain
from fixgate.model.enums import OrderType, ProductType, SideEffectType
from fixgate.model.venue import CancelAtVenue, ModifyAtVenue, QueryAtVenue, SubmitOrder

Params = list[tuple[str, str]]

_BORROWS = frozenset({SideEffectType.MARGIN_BUY, SideEffectType.AUTO_REPAY, SideEffectType.AUTO_BORROW_REPAY})


def submit_params(request: SubmitOrder, *, auto_repay_at_cancel: bool) -> Params:
    """PAPI POST /papi/v1/{um,cm,margin}/order. Post-only is GTX on futures, LIMIT_MAKER on margin."""
    spot = request.product_type is ProductType.SPOT
    attributes = request.attributes
    params = [("symbol", request.symbol), ("side", SIDE[request.side])]
    if request.order_type is OrderType.MARKET:
        params.append(("type", "MARKET"))
    elif spot and attributes.post_only:
        params.append(("type", "LIMIT_MAKER"))
    else:
        time_in_force = "GTX" if attributes.post_only else str(request.time_in_force)
        params += [("type", "LIMIT"), ("timeInForce", time_in_force)]
    params.append(("quantity", plain(request.quantity)))
    if request.price is not None:
        params.append(("price", plain(request.price)))
    params += [("newClientOrderId", request.client_order_id), ("newOrderRespType", "ACK")]
    if attributes.self_trade_prevention is not None:
        params.append(("selfTradePreventionMode", str(attributes.self_trade_prevention)))
    if attributes.position_side is not None:
        params.append(("positionSide", str(attributes.position_side)))
    if attributes.reduce_only:
        params.append(("reduceOnly", "true"))
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
