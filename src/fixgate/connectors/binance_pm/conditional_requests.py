"""Parameters for the services of conditional futures orders. Pure.

Both trigger at the last price of the contract, which is what they do when `workingType` is left out. A
trailing stop follows by `callbackRate` percent, where the model counts basis points. Sources: PAPI POST and
DELETE um/algo/order and cm/conditional/order, GET um/algo/algoOrder, cm/conditional/openOrder.
"""

from decimal import Decimal

from fixgate.connectors.binance_pm.conditional_service import SERVICE_OF
from fixgate.connectors.binance_pm.venue_words import SIDE
from fixgate.model.decimals import plain
from fixgate.model.enums import OrderType, ProductType, TimeInForce
from fixgate.model.venue import CancelAtVenue, QueryAtVenue, SubmitOrder

Params = list[tuple[str, str]]

HELD_TYPE = {
    OrderType.STOP_LOSS: "STOP_MARKET",
    OrderType.STOP_LOSS_LIMIT: "STOP",
    OrderType.TAKE_PROFIT: "TAKE_PROFIT_MARKET",
    OrderType.TAKE_PROFIT_LIMIT: "TAKE_PROFIT",
    OrderType.TRAILING_STOP: "TRAILING_STOP_MARKET",
}

_BASIS_POINTS_OF_PERCENT = Decimal(100)


def is_held_back(request: SubmitOrder) -> bool:
    """True for an order that goes to a service for conditional orders, and not to the matching engine."""
    return request.order_type in HELD_TYPE and request.product_type in SERVICE_OF


def held_submit_params(request: SubmitOrder) -> Params:
    """POST um/algo/order or cm/conditional/order."""
    service, um = SERVICE_OF[request.product_type], request.product_type is ProductType.FUTURE
    params = [("algoType", "CONDITIONAL")] if um else []
    params += [
        ("symbol", request.symbol),
        ("side", SIDE[request.side]),
        (service.kind, HELD_TYPE[request.order_type]),
    ]
    if request.order_type.needs_price:
        params += limit_terms(request)
    params.append(("quantity", plain(request.quantity)))
    if request.price is not None:
        params.append(("price", plain(request.price)))
    params += _trigger(request)
    params.append((service.client_id, request.client_order_id))
    if um:
        params.append(("newOrderRespType", "ACK"))
    return params + futures_attributes(request)


def _trigger(request: SubmitOrder) -> Params:
    service = SERVICE_OF[request.product_type]
    stop = [] if request.stop_price is None else [plain(request.stop_price)]
    if request.order_type is not OrderType.TRAILING_STOP:
        return [(service.stop_price, price) for price in stop]
    rate = (request.trailing_delta or Decimal(0)) / _BASIS_POINTS_OF_PERCENT
    return [(service.activation_price, price) for price in stop] + [("callbackRate", plain(rate))]


def limit_terms(request: SubmitOrder) -> Params:
    """How long an order with a price works on futures: GTX is their post-only."""
    time_in_force = "GTX" if request.attributes.post_only else str(request.time_in_force)
    until = request.time_in_force is TimeInForce.GTD
    return [("timeInForce", time_in_force)] + ([("goodTillDate", str(request.expire_ms))] if until else [])


def futures_attributes(request: SubmitOrder) -> Params:
    """The attributes of an order that apply on futures."""
    attributes, params = request.attributes, []
    if attributes.self_trade_prevention is not None:
        params.append(("selfTradePreventionMode", str(attributes.self_trade_prevention)))
    if attributes.position_side is not None:
        params.append(("positionSide", str(attributes.position_side)))
    if attributes.reduce_only:
        params.append(("reduceOnly", "true"))
    return params


def held_identity(request: CancelAtVenue | QueryAtVenue) -> Params:
    """How a service's order is named in a cancel or a lookup: by the service's id where it is known."""
    service = SERVICE_OF[request.product_type]
    symbol = [("symbol", request.symbol)] if service.needs_symbol else []
    if request.venue_order_id:
        return [*symbol, (service.id, request.venue_order_id)]
    return [*symbol, (service.client_id, request.client_order_id)]
