"""Merging the venue's words about one order.

The venue speaks twice about each order, in the answer to a request and on its stream, in either order
and sometimes not at all. Both are merged forward only: a trade counts once by its id, the filled
quantity never falls, a terminal state stays. Where the words do not add up (more is filled than the
trades heard of) nothing is reported until a query has brought the missing trades. The order's terms are
followed before its trades are counted: an order that has grown at the venue is not filled at its old size.
"""

from decimal import Decimal

from fixgate.engine.lifecycle import OrderState
from fixgate.engine.order import MISSING, Order
from fixgate.engine.policy import LateArrival
from fixgate.engine.requests import cancel_by_gateway, close_requests, refuse, send_waiting
from fixgate.engine.turn import Turn
from fixgate.model.enums import CxlRejReason, OrdRejReason, TimeInForce
from fixgate.model.facts import (
    ForeignUpdate,
    OrderAcknowledged,
    OrderAdopted,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderReplaced,
    OrderRestated,
    OrderSuspended,
    OrderTriggered,
)
from fixgate.model.venue import OrderUpdate, VenueExec, VenueStatus

_FILLED = (VenueStatus.PARTIALLY_FILLED, VenueStatus.FILLED)
_ENDED = (OrderState.CANCELED, OrderState.EXPIRED)
_TERMINAL = (VenueStatus.CANCELED, VenueStatus.EXPIRED, VenueStatus.FILLED, VenueStatus.REJECTED)


def order_updated(turn: Turn, update: OrderUpdate) -> None:
    """Merge one update into its order."""
    order = turn.book.of_update(update)
    if order is None:
        _foreign(turn, update)
        return
    if order.parent_order_id and order.parent_order_id == update.venue_order_id:
        return  # the conditional order has done its part: what it made is what counts
    if order.state is OrderState.REJECTED and not _adopted(turn, order, update):
        turn.record(ForeignUpdate, order.order_id, update=update)
        return
    if order.state in _ENDED and update.exec is not VenueExec.TRADE:
        _contradicted(turn, order, update)
    if order.state in (OrderState.PENDING_NEW, OrderState.SUSPENDED):
        _entered(turn, order, update)
    if update.exec is VenueExec.REPLACED and not order.terminal:
        _replaced(turn, order, update)
    if not order.terminal:
        _follow_terms(turn, order, update)
    if update.exec is VenueExec.TRADE:
        _traded(turn, order, update)
    elif not order.terminal:
        _book_missing(turn, order, update)
        _ended(turn, order, update)
    if not order.terminal and update.settled:
        _settle(turn, order, update)
    if order.terminal:
        close_requests(turn, order)
    else:
        send_waiting(turn, order)


def _foreign(turn: Turn, update: OrderUpdate) -> None:
    """Keep what is new about an order that this gateway did not send, and call an operator once."""
    foreign = turn.book.foreign
    if not foreign.is_news(update):
        return
    if foreign.is_first(update):
        turn.outcome.alarms.append(
            f"{update.connector} account {update.account} has an order that this gateway did not send: "
            f"{update.client_order_id} ({update.venue_order_id}) in {update.symbol}, {update.status}"
            + (f", {update.text}" if update.text else "")
        )
    turn.record(ForeignUpdate, 0, update=update)


def _adopted(turn: Turn, order: Order, update: OrderUpdate) -> bool:
    """Take back a rejection that the venue contradicts: the order is open there, or has traded."""
    if update.status in _TERMINAL and not update.cum_quantity:
        return False
    _adopt(turn, order, update)
    return True


def _contradicted(turn: Turn, order: Order, update: OrderUpdate) -> None:
    """An order ended here, and the venue says otherwise: ask, and believe the answer once it is settled."""
    if update.cum_quantity > order.cum:
        if update.trades_missing or update.settled:
            _book_missing(turn, order, update)
        else:
            turn.query(order, settle=True)
    elif update.settled and update.status not in _TERMINAL:
        _adopt(turn, order, update)


def _adopt(turn: Turn, order: Order, update: OrderUpdate) -> None:
    """Take an order back. By policy it is then cancelled: its client was told that it is gone. Either way
    the client hears of everything that happens to it."""
    text = f"the venue has the order after all, which had been {order.state}"
    turn.record(OrderAdopted, order.order_id, venue_order_id=update.venue_order_id, text=text)
    turn.outcome.alarms.append(f"order {order.order_id} ({update.client_order_id}): {text}")
    if turn.policy.late_arrival is LateArrival.CANCEL and update.status not in _TERMINAL:
        cancel_by_gateway(turn, order, "it turned up after its end had been told, and is canceled")


def _entered(turn: Turn, order: Order, update: OrderUpdate) -> None:
    """The venue knows the order: as working, or as a stop that it holds back, or refused at its trigger."""
    pending = order.state is OrderState.PENDING_NEW
    if pending and (update.status is VenueStatus.SUSPENDED or update.parent_order_id):
        venue_order_id = update.parent_order_id or update.venue_order_id
        turn.record(OrderSuspended, order.order_id, venue_order_id=venue_order_id)
    elif pending and update.status is not VenueStatus.REJECTED:
        turn.record(OrderAcknowledged, order.order_id, venue_order_id=update.venue_order_id)
    if update.status is VenueStatus.REJECTED:
        turn.record(OrderRejected, order.order_id, reason=OrdRejReason.BROKER, text=update.text)
    elif order.state is OrderState.SUSPENDED and (
        update.parent_order_id or update.status in (VenueStatus.NEW, *_FILLED)
    ):
        turn.record(OrderTriggered, order.order_id, venue_order_id=update.venue_order_id)


def _replaced(turn: Turn, order: Order, update: OrderUpdate) -> None:
    """Confirm the replace in flight by its number; a word without one is followed by its terms alone."""
    pending = order.replace
    if pending is None or update.request_id != pending.request_id:
        return
    turn.record(
        OrderReplaced,
        order.order_id,
        request_id=pending.request_id,
        quantity=update.quantity or pending.quantity,
        price=update.price or pending.price,
        at_ms=update.at_ms,
    )


def _follow_terms(turn: Turn, order: Order, update: OrderUpdate) -> None:
    """Follow terms that differ from those held: the replace in flight, or what nobody here asked for
    (a priceMatch, a reduce-only cut, the web site).

    Only a word later than the terms now held can change them. While a replace is in flight, terms other
    than its own may be older than it and count only where a trade would be too large without them.
    """
    quantity = update.quantity
    if (
        not quantity
        or update.at_ms <= order.terms_at_ms
        or (update.request_id and update.request_id <= order.confirmed_request)
        or (update.exec is VenueExec.SNAPSHOT and not update.settled)
    ):
        return
    price = update.price if order.price is not None and update.price else order.price
    if quantity == order.quantity and price == order.price:
        return
    pending = order.replace
    if pending is not None and pending.waiting:
        pending = None
    if pending is not None and (quantity, price) == (pending.quantity, pending.price):
        turn.record(
            OrderReplaced,
            order.order_id,
            request_id=pending.request_id,
            quantity=quantity,
            price=pending.price,
            at_ms=update.at_ms,
        )
    elif pending is None or _would_complete_too_soon(order, update):
        turn.record(
            OrderRestated,
            order.order_id,
            quantity=quantity,
            price=price,
            text="the venue changed the order's terms",
            at_ms=update.at_ms,
        )


def _would_complete_too_soon(order: Order, update: OrderUpdate) -> bool:
    filled = order.cum + (update.last_quantity or 0)
    return update.exec is VenueExec.TRADE and filled >= order.quantity < (update.quantity or 0)


def _traded(turn: Turn, order: Order, update: OrderUpdate) -> None:
    quantity, price = update.last_quantity, update.last_price
    if update.trade_id in order.trades:
        return
    if order.unexplained and quantity and update.cum_quantity <= order.cum:
        # It was booked without its trades before; what it says of price and fee is kept.
        quantity -= min(order.unexplained, quantity)
        turn.record(ForeignUpdate, order.order_id, update=update)
        if not quantity:
            return
    if not quantity or quantity < 0 or price is None or price <= 0:
        turn.record(ForeignUpdate, order.order_id, update=update)
        turn.outcome.alarms.append(
            f"order {order.order_id}: trade {update.trade_id} of {quantity} at {price} cannot be booked: "
            "look at the account"
        )
        return
    if update.cum_quantity > order.cum + quantity:
        turn.query(order)
        return
    if order.cum + quantity > order.quantity and not order.terminal:
        turn.record(
            OrderRestated,
            order.order_id,
            quantity=order.cum + quantity,
            price=order.price,
            text="the venue fills more than the order's last known quantity",
            at_ms=order.terms_at_ms,
        )
    turn.record(
        OrderFilled,
        order.order_id,
        trade_id=update.trade_id,
        last_quantity=quantity,
        last_price=price,
        commission=update.commission,
        commission_currency=update.commission_currency,
        maker=update.maker,
    )
    if order.state in _ENDED and update.status not in _TERMINAL:
        turn.query(order, settle=True)
    cancel_reduced(turn, order)


def _book_missing(turn: Turn, order: Order, update: OrderUpdate) -> None:
    """Book what is filled and what no trade tells of any more as one fill, at the price that makes the
    average right, or at the last one known. Its id says that it is no trade of the venue's. A settled answer
    comes after every trade that the venue lists: asking again would bring nothing."""
    missing = update.cum_quantity - order.cum
    if missing <= 0 or not (update.trades_missing or update.settled):
        return
    price = order.price_of_rest(update.cum_quantity, update.average_price) or update.price or order.price
    turn.outcome.alarms.append(
        f"order {order.order_id}: {missing} of {update.cum_quantity} filled is booked at {price} without its "
        "trades, which the venue does not list any more: look at the account"
    )
    if price:
        trade_id = f"{MISSING}{update.venue_order_id}-{update.cum_quantity}"
        turn.record(OrderFilled, order.order_id, trade_id=trade_id, last_quantity=missing, last_price=price)


def cancel_reduced(turn: Turn, order: Order) -> None:
    """Cancel what is left of a reduce-only order whose position has been closed.

    The venue takes a reduce-only order that is larger than the position, fills it up to the position
    and leaves the rest on the book (connector specification, "ReduceOnly Orders"). Fill and position
    are told by different events, in either order.
    """
    if (
        order.terminal
        or not order.cum
        or not order.only_reduces
        or order.cancel is not None
        or not turn.book.is_flat(order)
    ):
        return
    cancel_by_gateway(turn, order, "the position is closed; the rest of the reduce-only order is canceled")


def _ended(turn: Turn, order: Order, update: OrderUpdate) -> None:
    """Take an order off the market once every trade that the venue counts has been heard of."""
    if update.status not in _TERMINAL:
        return
    if update.cum_quantity > order.cum:
        if not (update.trades_missing or update.settled):
            turn.query(order)
    elif update.status is VenueStatus.CANCELED or _is_killed(order, update):
        turn.record(
            OrderCanceled,
            order.order_id,
            request_id=order.cancel.request_id if order.cancel is not None else 0,
            text=update.text or (order.cancel.text if order.cancel is not None else "canceled by the venue"),
        )
    elif update.status in (VenueStatus.EXPIRED, VenueStatus.REJECTED):
        turn.record(OrderExpired, order.order_id, text=update.text or "expired at the venue")
    elif Decimal(0) < order.cum == update.cum_quantity < order.quantity:
        turn.record(
            OrderRestated,
            order.order_id,
            quantity=order.cum,
            price=order.price,
            text="the venue cut the order to what is filled",
            at_ms=update.at_ms,
        )


def _is_killed(order: Order, update: OrderUpdate) -> bool:
    """FIX 4.4 Appendix D, I.1: what is left of an IOC or a killed FOK is Canceled, not Expired."""
    return update.status is VenueStatus.EXPIRED and order.terms.time_in_force in (
        TimeInForce.IOC,
        TimeInForce.FOK,
    )


def _settle(turn: Turn, order: Order, update: OrderUpdate) -> None:
    """Resolve requests in doubt: the venue shows the order open, and none of them can take effect now.

    A replace that did take effect has been confirmed by its terms already.
    """
    cancel, replace = order.cancel, order.replace
    if replace is not None and replace.unsettled:
        if (update.quantity, update.price) == (replace.quantity, replace.price):
            turn.record(
                OrderReplaced,
                order.order_id,
                request_id=replace.request_id,
                quantity=replace.quantity,
                price=replace.price,
                at_ms=update.at_ms,
            )
        else:
            code, text = replace.refusal or ("", "the venue shows that the replace did not take effect")
            refuse(turn, order, replace, CxlRejReason.BROKER, text, code)
            _follow_terms(turn, order, update)
    if cancel is not None and cancel.refusal:
        refuse(turn, order, cancel, CxlRejReason.BROKER, cancel.refusal[1], cancel.refusal[0])
    elif cancel is not None and cancel.in_doubt:
        turn.cancel_at_venue(order, cancel)
