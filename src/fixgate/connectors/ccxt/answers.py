"""From a venue's yes to an order request to the engine's event. Pure.

Several venues answer with an id alone: the order was taken, and what becomes of it is told by the stream.
An answer that cannot be read leaves open what was done, and is unknown.
"""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from fixgate.connectors.ccxt.reading import TERMINAL, Reader, Row, client_id, text
from fixgate.model.venue import (
    CancelAtVenue,
    OrderUpdate,
    OutcomeUnknown,
    QueryAtVenue,
    SubmitOrder,
    VenueExec,
    VenueStatus,
    kind_of,
    request_number,
)


def taken(order: SubmitOrder, venue_order_id: str) -> OrderUpdate:
    """Return the event for a new order that the venue took: working, or waiting for its price."""
    waits = order.apart or order.order_type.is_conditional
    return OrderUpdate(
        connector=order.connector,
        account=order.account,
        order_id=order.order_id,
        product_type=order.product_type,
        symbol=order.symbol,
        client_order_id=order.client_order_id,
        venue_order_id=venue_order_id,
        exec=VenueExec.SNAPSHOT,
        status=VenueStatus.SUSPENDED if waits else VenueStatus.NEW,
        side=order.side,
    )


def submitted(reader: Reader, order: SubmitOrder, answer: Any) -> tuple[OrderUpdate, OrderUpdate | None]:
    """Return the event for the answer to a new order, and what the answer says besides of its fate, if it
    does.

    Raises what `reading.UNREADABLE` names for an answer that is no order, or not this one.
    """
    if not isinstance(answer, Mapping):
        raise TypeError(f"the answer was a {type(answer).__name__}")
    venue_order_id = text(answer.get("id"))
    if not venue_order_id:
        raise ValueError("the answer names no order")
    named = client_id(answer)
    if (
        named not in ("", order.client_order_id)
        and text(answer.get("clientOrderId")) != order.client_order_id
    ):
        raise ValueError("the answer is about another order")
    first = taken(order, venue_order_id)
    if answer.get("status") is None:
        return first, None
    state = _of(reader, answer, order)
    if state.status in TERMINAL and not state.cum_quantity and state.status is not VenueStatus.FILLED:
        return state, None
    return first, state if state.cum_quantity or state.status in TERMINAL else None


def canceled(reader: Reader, request: CancelAtVenue, answer: Any) -> OrderUpdate | None:
    """Return the order's end, where the answer to its cancel tells it whole; `None` where it only says yes.

    Raises what `reading.UNREADABLE` names.
    """
    if isinstance(answer, list) and len(answer) == 1:
        answer = answer[0]
    if not isinstance(answer, Mapping) or answer.get("status") is None or answer.get("filled") is None:
        return None
    state = _of(reader, answer, request)
    return replace(state, request_id=request.request_id) if state.status in TERMINAL else None


def cancel_taken(request: CancelAtVenue) -> OrderUpdate:
    """Return the event for a cancel that the venue took without saying more: the order is as it was."""
    return OrderUpdate(
        connector=request.connector,
        account=request.account,
        order_id=request.order_id,
        product_type=request.product_type,
        symbol=request.symbol,
        client_order_id=request.client_order_id,
        venue_order_id=request.venue_order_id,
        exec=VenueExec.SNAPSHOT,
        status=VenueStatus.SUSPENDED if request.held else VenueStatus.NEW,
        request_id=request.request_id,
    )


def unreadable(request: SubmitOrder | CancelAtVenue, error: Exception) -> OutcomeUnknown:
    """Return the event for an answer that cannot be read."""
    return OutcomeUnknown(
        order_id=request.order_id,
        kind=kind_of(request),
        request_id=request_number(request),
        text=f"the venue's answer could not be read ({type(error).__name__})",
    )


def question_after(request: CancelAtVenue, now_ns: int) -> QueryAtVenue:
    """Return the question what became of an order whose cancel was taken."""
    return QueryAtVenue(
        connector=request.connector,
        account=request.account,
        order_id=request.order_id,
        client_order_id=request.client_order_id,
        venue_order_id=request.venue_order_id,
        product_type=request.product_type,
        symbol=request.symbol,
        since_ns=now_ns,
        held=request.held,
    )


def _of(reader: Reader, answer: Row, request: SubmitOrder | CancelAtVenue | QueryAtVenue) -> OrderUpdate:
    update = reader.order(answer, request.symbol)
    return replace(
        update,
        order_id=request.order_id,
        client_order_id=request.client_order_id,
        venue_order_id=update.venue_order_id or getattr(request, "venue_order_id", ""),
    )
