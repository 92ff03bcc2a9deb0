"""From the answers of the services of conditional futures orders to events. Pure.

Sources: PAPI POST and DELETE um/algo/order and cm/conditional/order, their lookups and lists.
"""

from typing import Any

from msgspec.structs import replace

from fixgate.connectors.binance_pm.conditional_service import SERVICE_OF, held_order, held_update
from fixgate.model.enums import ProductType
from fixgate.model.venue import (
    CancelAtVenue,
    OrderUpdate,
    QueryAtVenue,
    SubmitOrder,
    VenueExec,
    VenueStatus,
)


def held_acceptance(request: SubmitOrder | CancelAtVenue, reply: dict[str, Any]) -> OrderUpdate:
    """Return what a service's yes to a new order or a cancel means.

    Raises `KeyError`, `TypeError`, `ValueError` or `ArithmeticError` for an answer that is not one, or is
    about another order.
    """
    service = SERVICE_OF[request.product_type]
    if isinstance(request, CancelAtVenue) and service.status not in reply:
        return _cancelled(request, reply)
    named = reply.get(service.client_id)
    if named not in (None, request.client_order_id):
        raise ValueError("the answer is about another order")
    row = {"symbol": request.symbol, **reply, service.client_id: request.client_order_id}
    held = held_order(request.product_type, row)
    update = held_update(request.connector, request.account, request.product_type, held, VenueExec.SNAPSHOT)
    number = request.request_id if isinstance(request, CancelAtVenue) else 0
    if isinstance(request, CancelAtVenue) and held.word not in ("CANCELED", "EXPIRED", "REJECTED"):
        raise ValueError(f"the order was {held.word} after its cancel")
    return replace(update, order_id=request.order_id, symbol=request.symbol, request_id=number)


def _cancelled(request: CancelAtVenue, reply: dict[str, Any]) -> OrderUpdate:
    """The USDⓈ-M service says that it is done, and nothing more."""
    if reply["complete"] is not True:
        raise ValueError(f"complete was {reply['complete']!r}, not true")
    return OrderUpdate(
        connector=request.connector,
        account=request.account,
        order_id=request.order_id,
        product_type=request.product_type,
        symbol=request.symbol,
        client_order_id=request.client_order_id,
        venue_order_id=request.venue_order_id,
        exec=VenueExec.SNAPSHOT,
        status=VenueStatus.CANCELED,
        request_id=request.request_id,
    )


def held_query_update(request: QueryAtVenue, row: dict[str, Any], *, settled: bool) -> OrderUpdate:
    """Return the state of an order that has no child, as a lookup answered it. Raises as `held_order`."""
    held = held_order(request.product_type, row)
    update = held_update(request.connector, request.account, request.product_type, held, VenueExec.SNAPSHOT)
    return replace(
        update,
        order_id=request.order_id,
        symbol=request.symbol,
        client_order_id=request.client_order_id,
        settled=settled,
    )


def held_open_update(connector: str, account: str, product: ProductType, row: Any) -> OrderUpdate | None:
    """Return a row of a service's list of open orders; `None` for one whose child is on the market, which is
    in the engine's list. Raises as `held_order`."""
    held = held_order(product, row)
    return None if held.has_left else held_update(connector, account, product, held, VenueExec.SNAPSHOT)


def as_order_row(product: ProductType, row: dict[str, Any]) -> dict[str, Any]:
    """Return what tells a service's order from another, by the names that an engine order's row has."""
    service = SERVICE_OF[product]
    return {
        "side": row.get("side"),
        "time": row.get(service.born),
        "price": row.get("price"),
        "origQty": row.get(service.quantity),
    }
