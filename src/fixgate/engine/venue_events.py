"""What the engine does with a venue's word.

The venue speaks twice about each order, in the answer to a request and on its stream, in either order
and sometimes not at all. Both are merged forward only: a trade counts once by its id, the filled
quantity never falls, a terminal state stays. Where the words do not add up (more is filled than the
trades heard of) nothing is reported until a query has brought the missing trades.
"""

from fixgate.engine.lifecycle import OrderState
from fixgate.engine.order import Order
from fixgate.engine.turn import Turn
from fixgate.model.enums import CxlRejReason, OrdRejReason, TimeInForce
from fixgate.model.facts import (
    CancelRequested,
    ForeignUpdate,
    OrderAcknowledged,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderReplaced,
    OrderRestated,
    OutcomeInDoubt,
)
from fixgate.model.venue import (
    ConnectorStatus,
    OrderNotFound,
    OrderUpdate,
    OutcomeUnknown,
    PositionUpdate,
    RequestKind,
    RequestRefused,
    VenueExec,
    VenueStatus,
)

_TERMINAL = (VenueStatus.CANCELED, VenueStatus.EXPIRED, VenueStatus.FILLED)


def order_updated(turn: Turn, update: OrderUpdate) -> None:
    """Merge one update into its order."""
    order = turn.book.of_update(update)
    if order is None:
        turn.record(ForeignUpdate, 0, update=update)
        return
    if order.state is OrderState.REJECTED:
        turn.record(ForeignUpdate, order.order_id, update=update)
        turn.outcome.alarms.append(
            f"order {order.order_id} ({update.client_order_id}) was rejected, and the venue now says "
            f"{update.exec} {update.status} with {update.cum_quantity} filled: look at the account"
        )
        return
    if order.state is OrderState.PENDING_NEW:
        turn.record(OrderAcknowledged, order.order_id, venue_order_id=update.venue_order_id)
        _send_waiting(turn, order)
    if update.exec is VenueExec.TRADE:
        _traded(turn, order, update)
    elif order.terminal:
        return
    elif update.exec is VenueExec.REPLACED:
        _replaced(turn, order, update)
    if not order.terminal:
        _restated(turn, order, update)
        _ended(turn, order, update)
    if not order.terminal and update.settled:
        _settle(turn, order, update)
    if order.terminal:
        _close_requests(turn, order)


def _send_waiting(turn: Turn, order: Order) -> None:
    """Send the cancel or replace that waited for the acknowledgement; a cancel makes a replace moot."""
    if order.cancel is not None and not order.cancel.sent:
        turn.cancel_at_venue(order, order.cancel)
    elif order.replace is not None and not order.replace.sent:
        turn.modify_at_venue(order, order.replace)


def _traded(turn: Turn, order: Order, update: OrderUpdate) -> None:
    quantity, price = update.last_quantity, update.last_price
    if update.trade_id in order.trades or not quantity or price is None:
        return
    if update.cum_quantity > order.cum + quantity:
        turn.query(order)
        return
    _restated(turn, order, update)
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


def _replaced(turn: Turn, order: Order, update: OrderUpdate) -> None:
    """Confirm the replace in flight, unless this word is about an earlier one."""
    pending = order.replace
    if pending is None or (update.request_id and update.request_id != pending.request_id):
        return
    turn.record(
        OrderReplaced,
        order.order_id,
        request_id=pending.request_id,
        quantity=update.quantity if update.quantity is not None else pending.quantity,
        price=update.price if update.price is not None else pending.price,
        at_ms=update.at_ms,
    )


def _restated(turn: Turn, order: Order, update: OrderUpdate) -> None:
    """Follow a change of terms that nobody here asked for (a priceMatch, a reduce-only cut, the web site).

    Only an event later than the terms now held can change them, and none does while a replace is in
    flight: it may be the replace itself, or older than it.
    """
    if (
        update.exec is VenueExec.SNAPSHOT
        or order.terminal
        or order.replace is not None
        or update.quantity is None
        or update.at_ms <= order.terms_at_ms
        or (update.request_id and update.request_id <= order.confirmed_request)
    ):
        return
    new_price = update.price if order.price is not None and update.price else order.price
    if update.quantity == order.quantity and new_price == order.price:
        return
    turn.record(
        OrderRestated,
        order.order_id,
        quantity=update.quantity,
        price=new_price,
        text="the venue changed the order's terms",
        at_ms=update.at_ms,
    )


def _ended(turn: Turn, order: Order, update: OrderUpdate) -> None:
    """Take an order off the market once every trade that the venue counts has been heard of."""
    if update.status not in _TERMINAL or update.exec is VenueExec.TRADE:
        return
    if update.cum_quantity > order.cum:
        turn.query(order)
    elif update.status is VenueStatus.CANCELED or _is_killed(order, update):
        turn.record(
            OrderCanceled,
            order.order_id,
            request_id=order.cancel.request_id if order.cancel is not None else 0,
            text=update.text or (order.cancel.text if order.cancel is not None else "canceled by the venue"),
        )
    elif update.status is VenueStatus.EXPIRED:
        turn.record(OrderExpired, order.order_id, text=update.text or "expired at the venue")


def _is_killed(order: Order, update: OrderUpdate) -> bool:
    """FIX 4.4 Appendix D, I.1: what is left of an IOC or a killed FOK is Canceled, not Expired."""
    return update.status is VenueStatus.EXPIRED and order.terms.time_in_force in (
        TimeInForce.IOC,
        TimeInForce.FOK,
    )


def _settle(turn: Turn, order: Order, update: OrderUpdate) -> None:
    """Resolve requests in doubt: the venue shows the order open, and none of them can take effect now."""
    cancel, replace = order.cancel, order.replace
    if replace is not None and (replace.in_doubt or replace.refusal):
        if update.quantity == replace.quantity and update.price == replace.price:
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
            turn.reject_request(order, replace, CxlRejReason.BROKER, text, code)
    if cancel is not None and cancel.refusal:
        turn.reject_request(order, cancel, CxlRejReason.BROKER, cancel.refusal[1], cancel.refusal[0])
    elif cancel is not None and cancel.in_doubt:
        cancel.in_doubt = False
        turn.cancel_at_venue(order, cancel)


def _close_requests(turn: Turn, order: Order) -> None:
    """An order off the market answers whatever was still asked of it."""
    for pending in order.pendings:
        code, text = pending.refusal or ("", f"the order is {order.state}")
        turn.reject_request(order, pending, CxlRejReason.TOO_LATE, text, code)


def request_refused(turn: Turn, event: RequestRefused) -> None:
    """A definite no from the venue (or from the connector, before anything was sent)."""
    order = turn.book.orders.get(event.order_id)
    if order is None:
        return
    if event.kind is RequestKind.SUBMIT:
        if order.state is OrderState.PENDING_NEW:
            turn.record(OrderRejected, order.order_id, reason=event.reason, code=event.code, text=event.text)
            _close_requests(turn, order)
        return
    pending = order.pending(event.kind, event.request_id)
    if pending is None:
        return
    if event.order_gone:
        pending.refusal = (event.code, event.text)
        turn.query(order, settle=True)
    else:
        turn.reject_request(order, pending, CxlRejReason.BROKER, event.text, event.code)


def outcome_unknown(turn: Turn, event: OutcomeUnknown) -> None:
    """Neither yes nor no: keep the order pending and ask."""
    order = turn.book.orders.get(event.order_id)
    if order is None or order.terminal:
        return
    if event.kind is RequestKind.SUBMIT and order.state is not OrderState.PENDING_NEW:
        return
    if event.kind is not RequestKind.SUBMIT and order.pending(event.kind, event.request_id) is None:
        return
    turn.record(OutcomeInDoubt, order.order_id, kind=event.kind, request_id=event.request_id, text=event.text)
    turn.query(order, settle=event.kind is not RequestKind.SUBMIT)


def order_not_found(turn: Turn, event: OrderNotFound) -> None:
    """The venue does not know the order, and it is too late for it to appear."""
    order = turn.book.orders.get(event.order_id)
    if order is None or order.terminal:
        return
    if order.state is OrderState.PENDING_NEW:
        turn.record(OrderRejected, order.order_id, reason=OrdRejReason.UNKNOWN_ORDER, text=event.text)
    else:
        request_id = order.cancel.request_id if order.cancel is not None else 0
        turn.record(OrderCanceled, order.order_id, request_id=request_id, text=event.text)
    _close_requests(turn, order)


def connector_changed(turn: Turn, event: ConnectorStatus) -> None:
    """When a link comes up, ask after every order of its account: the stream has no replay."""
    if not event.up:
        return
    for order in list(turn.book.live.values()):
        request = order.request
        if (request.connector, request.account) == (event.connector, event.account):
            turn.query(order, settle=bool(order.pendings))


def position_changed(turn: Turn, event: PositionUpdate) -> None:
    """Cancel what is left of reduce-only orders whose position has been closed.

    The venue takes a reduce-only order that is larger than the position, fills it up to the position
    and leaves the rest on the book (connector specification, "ReduceOnly Orders").
    """
    for order in list(turn.book.live.values()):
        request = order.request
        if (
            (request.connector, request.account) == (event.connector, event.account)
            and (request.product_type, request.symbol) == (event.product_type, event.symbol)
            and request.attributes.reduce_only
            and order.cum
            and event.quantity == 0
            and order.cancel is None
        ):
            turn.record(
                CancelRequested,
                order.order_id,
                request_id=-turn.last_seq - 1,
                text="the position is closed; the rest of the reduce-only order is canceled",
            )
            if order.cancel is not None and order.cancel.sent:
                turn.cancel_at_venue(order, order.cancel)
