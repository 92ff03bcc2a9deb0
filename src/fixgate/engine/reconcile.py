"""Comparing the book with the venue: after every gap in what could be heard, and every few minutes.

The stream has no replay, so after a gap nothing but asking helps. The venue's list of open orders answers
for most orders at once; an order that it contradicts, or that is missing in it, is asked about by itself,
since the list may lag behind.
"""

from fixgate.engine.lifecycle import OrderState
from fixgate.engine.merge import order_updated
from fixgate.engine.order import Order
from fixgate.engine.requests import retry_now
from fixgate.engine.turn import Turn
from fixgate.model.enums import ProductType
from fixgate.model.venue import OpenOrders, OpenOrdersAtVenue, OrderUpdate, ReconcileDue

LAG_NS = 60_000_000_000
"""How far a list of open orders may lag behind the venue's engine, at most."""
ANSWER_NS = 1_000_000_000
"""How long a request may be under way before a comparison asks after its order."""


def reconcile_due(turn: Turn, event: ReconcileDue) -> None:
    """Ask for the account's open orders, and after each order that a list cannot tell all about."""
    retry_now(turn, event.connector, event.account)
    symbols: set[str] = set()
    for order in turn.book.live_of(event.connector, event.account):
        if order.request.product_type is ProductType.SPOT:
            symbols.add(order.request.symbol)
        if _cannot_wait(turn, order):
            turn.query(order, settle=_has_requests(order))
    turn.outcome.requests.append(
        OpenOrdersAtVenue(connector=event.connector, account=event.account, symbols=tuple(sorted(symbols)))
    )


def _cannot_wait(turn: Turn, order: Order) -> bool:
    if order.order_id in turn.book.recovering:
        return order.unsettled
    under_way = order.state is OrderState.PENDING_NEW or _has_requests(order)
    return under_way and turn.now_ns - order.requested_ns >= ANSWER_NS


def _has_requests(order: Order) -> bool:
    return order.cancel is not None or bool(order.replaces)


def open_orders(turn: Turn, event: OpenOrders) -> None:
    """Merge the venue's list of open orders, and ask after every order that it does not bear out."""
    listed: set[int] = set()
    for update in event.orders:
        order = turn.book.of_update(update)
        order_updated(turn, update)
        if order is not None:
            listed.add(order.order_id)
            if _differs(order, update) if not order.terminal else _ended_long_ago(order, event):
                turn.query(order, settle=True)
    for order in turn.book.live_of(event.connector, event.account):
        request = order.request
        if (
            request.product_type is event.product_type
            and event.symbol in ("", request.symbol)
            and order.order_id not in listed
            and order.state is not OrderState.PENDING_NEW
            and order.received_ns < event.asked_ns
        ):
            turn.query(order, settle=_has_requests(order))


def _ended_long_ago(order: Order, event: OpenOrders) -> bool:
    """True of an order that ended here so long ago that the list cannot be lagging."""
    return event.asked_ns - order.ended_ns > LAG_NS


def _differs(order: Order, update: OrderUpdate) -> bool:
    if update.cum_quantity > order.cum:
        return True
    same_quantity = update.quantity in (None, order.quantity)
    same_price = order.price is None or update.price in (None, order.price)
    return not (same_quantity and same_price)
