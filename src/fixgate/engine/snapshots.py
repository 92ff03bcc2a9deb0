"""From an order in memory to its snapshot in the journal, and back."""

from fixgate.engine.ids import by_client, by_client_order_id, by_venue_order_id
from fixgate.engine.lifecycle import OrderState, RequestState
from fixgate.engine.order import Order, Pending
from fixgate.model.snapshot import OrderSnapshot, PendingSnapshot


def snapshot_of(order: Order, as_of: int) -> OrderSnapshot:
    """Return `order` as it stands after fact `as_of`."""
    return OrderSnapshot(
        order_id=order.order_id,
        as_of=as_of,
        open=not order.terminal,
        ended_ns=order.ended_ns,
        ids=_ids(order),
        terms=order.terms,
        request=order.request,
        state=order.state,
        quantity=order.quantity,
        price=order.price,
        cl_ord_id=order.cl_ord_id,
        orig_cl_ord_id=order.orig_cl_ord_id,
        venue_order_id=order.venue_order_id,
        parent_order_id=order.parent_order_id,
        received_ns=order.received_ns,
        requested_ns=order.requested_ns,
        cum=order.cum,
        value=order.value,
        unexplained=order.unexplained,
        terms_at_ms=order.terms_at_ms,
        confirmed_request=order.confirmed_request,
        trades=tuple(sorted(order.trades)),
        cl_ord_ids=tuple(order.cl_ord_ids),
        cancel=_kept(order.cancel) if order.cancel is not None else None,
        replaces=tuple(_kept(pending) for pending in order.replaces),
        rejection=order.rejection,
        fees=dict(order.fees),
        unit_usd=order.unit_usd,
        filled_usd=order.filled_usd,
        reserved_usd=tuple(order.reserved_usd),
    )


def order_from(snapshot: OrderSnapshot) -> Order:
    """Return the order that `snapshot` was made of."""
    return Order(
        order_id=snapshot.order_id,
        terms=snapshot.terms,
        request=snapshot.request,
        quantity=snapshot.quantity,
        price=snapshot.price,
        cl_ord_id=snapshot.cl_ord_id,
        received_ns=snapshot.received_ns,
        requested_ns=snapshot.requested_ns,
        state=OrderState(snapshot.state),
        orig_cl_ord_id=snapshot.orig_cl_ord_id,
        venue_order_id=snapshot.venue_order_id,
        parent_order_id=snapshot.parent_order_id,
        cum=snapshot.cum,
        value=snapshot.value,
        unexplained=snapshot.unexplained,
        terms_at_ms=snapshot.terms_at_ms,
        confirmed_request=snapshot.confirmed_request,
        ended_ns=snapshot.ended_ns,
        as_of=snapshot.as_of,
        cl_ord_ids=list(snapshot.cl_ord_ids),
        trades=set(snapshot.trades),
        cancel=_pending(snapshot.cancel) if snapshot.cancel is not None else None,
        replaces=[_pending(each) for each in snapshot.replaces],
        rejection=snapshot.rejection,
        fees=dict(snapshot.fees),
        unit_usd=snapshot.unit_usd,
        filled_usd=snapshot.filled_usd,
        reserved_usd=list(snapshot.reserved_usd),
    )


def _ids(order: Order) -> tuple[str, ...]:
    request, source = order.request, order.terms.source
    account = (request.connector, request.account)
    found = [by_client(source, cl_ord_id) for cl_ord_id in order.cl_ord_ids]
    found.append(by_client_order_id(*account, request.client_order_id))
    for venue_id in (order.parent_order_id, order.venue_order_id):
        if venue_id:
            found.append(by_venue_order_id(*account, request.product_type, request.symbol, venue_id))
    return tuple(found)


def _kept(pending: Pending) -> PendingSnapshot:
    return PendingSnapshot(
        kind=pending.kind,
        request_id=pending.request_id,
        cl_ord_id=pending.cl_ord_id,
        orig_cl_ord_id=pending.orig_cl_ord_id,
        session=pending.session,
        text=pending.text,
        quantity=pending.quantity,
        price=pending.price,
        asked_ns=pending.asked_ns,
        state=pending.state,
        refusal=pending.refusal,
        by=pending.by,
        unit_usd=pending.unit_usd,
    )


def _pending(kept: PendingSnapshot) -> Pending:
    return Pending(
        kind=kept.kind,
        request_id=kept.request_id,
        cl_ord_id=kept.cl_ord_id,
        session=kept.session,
        orig_cl_ord_id=kept.orig_cl_ord_id,
        text=kept.text,
        quantity=kept.quantity,
        price=kept.price,
        asked_ns=kept.asked_ns,
        state=RequestState(kept.state),
        refusal=kept.refusal,
        by=kept.by,
        unit_usd=kept.unit_usd,
    )
