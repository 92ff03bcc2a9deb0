"""Lists of orders of which one cancels the others: taken or refused whole, and how each list stands.

At the venue a list is one request; here it is orders that know of one another. What becomes of each is told
by its own reports; the list's status says when it was taken and when all of it is done.
"""

from fixgate.engine.book import OrderBook
from fixgate.engine.lifecycle import OrderState
from fixgate.engine.order import ZERO, Order
from fixgate.model.facts import Fact, OrderReceived
from fixgate.model.reports import ListedOrder, ListState, ListStatus

_CUT_OFF = (OrderState.CANCELED, OrderState.EXPIRED)


def list_status(book: OrderBook, order: Order, fact: Fact) -> ListStatus | None:
    """Return the status of `order`'s list if `fact`, which has just been applied to it, changed it: with its
    last order it was taken, with the end of the last one it is done."""
    members = [book.recall(order_id) for order_id in order.request.list_orders]
    orders = [member for member in members if member is not None]
    if len(orders) < len(members):
        return None
    if isinstance(fact, OrderReceived):
        state, text = ListState.EXECUTING, ""
    elif order.ended_ns == fact.at_ns and all(each.terminal for each in orders):
        state, text = ListState.ALL_DONE, ""
    else:
        return None
    return ListStatus(
        session=order.terms.session,
        list_id=order.terms.list_id,
        state=state,
        orders=tuple(_listed(each) for each in orders),
        text=text,
        at_ns=fact.at_ns,
        fact=fact.seq,
        source=order.terms.source,
        order_id=str(order.order_id),
    )


def _listed(order: Order) -> ListedOrder:
    return ListedOrder(
        cl_ord_id=order.cl_ord_id,
        ord_status=order.ord_status,
        cum_quantity=order.cum,
        leaves_quantity=order.leaves,
        canceled_quantity=order.quantity - order.cum if order.state in _CUT_OFF else ZERO,
        average_price=order.average_price,
    )
