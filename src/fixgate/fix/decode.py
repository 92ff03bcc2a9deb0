"""FIX 4.4 text to commands. Pure: no clock, no I/O, nothing kept.

`decode` takes the SOH-delimited text of one application message and returns the command it spells, or
the problem with it and the reply that the problem deserves. It relies on no earlier validation: every
field it uses is checked here, or where orders (`new_order`, `order_terms`) and lists of them (`order_list`)
are read. Source: FIX 4.4 Vol. 4 (D, E, F, G, H) and Vol. 5 (RequestForPositions).
"""

from collections.abc import Callable, Mapping

from fixgate.fix import fields as read
from fixgate.fix import order_terms as terms
from fixgate.fix.new_order import new_order
from fixgate.fix.order_list import new_order_list
from fixgate.fix.problem import BusinessRejectReason, Problem, ProblemKind, Refusal
from fixgate.fix.session_context import SessionContext
from fixgate.fix.shape import check_shape
from fixgate.fix.wire import SIDES, label, split
from fixgate.model.commands import (
    CancelOrder,
    Command,
    PositionsRequest,
    RefusedRequest,
    ReplaceOrder,
    StatusRequest,
)
from fixgate.model.enums import CxlRejResponseTo

Fields = Mapping[str, str]

SERVED = "D, E, F, G, H or AN"
"""The application messages that a client may send."""

_LIST = "E"


def decode(raw: str, session: SessionContext) -> Command | Problem:
    """Return the command that an application message spells, or the problem with it. Never raises."""
    fields = split(raw)
    try:
        decoder = _DECODERS.get(fields.get("35", ""))
        if decoder is None and fields.get("35") != _LIST:
            raise Refusal(
                ProblemKind.BUSINESS_REJECT,
                BusinessRejectReason.UNSUPPORTED_MESSAGE_TYPE,
                f"message type {fields.get('35', '')[:8]!r} is not served; send {SERVED}",
            )
        if session.drop_copy:
            raise Refusal(
                ProblemKind.BUSINESS_REJECT,
                BusinessRejectReason.NOT_AUTHORIZED,
                f"this is a drop copy session: it gets reports, and may not send {SERVED}",
            )
        if decoder is None:
            return new_order_list(raw, session)
        check_shape(raw, fields)
        return decoder(fields, session)
    except Refusal as refusal:
        return _refused_request(fields, session, refusal) or refusal.problem(fields)


def _refused_request(fields: Fields, session: SessionContext, refusal: Refusal) -> RefusedRequest | None:
    """Return a cancel or replace that says what it wants and cannot be had, with the reason.

    Only the engine can answer it: an OrderCancelReject states the order's status, which is never guessed.
    `None` for everything else, and when the ids themselves cannot be read.
    """
    if refusal.reason is not BusinessRejectReason.OTHER or fields["35"] not in {"F", "G"}:
        return None
    try:
        return RefusedRequest(
            source=session.source,
            session=session.session,
            cl_ord_id=read.required(fields, "11"),
            orig_cl_ord_id=read.required(fields, "41"),
            order_id=read.text(fields, "37"),
            response_to=CxlRejResponseTo.CANCEL if fields["35"] == "F" else CxlRejResponseTo.REPLACE,
            text=refusal.text,
        )
    except Refusal:
        return None


def _cancel_order(fields: Fields, session: SessionContext) -> CancelOrder:
    return CancelOrder(
        source=session.source,
        session=session.session,
        cl_ord_id=read.required(fields, "11"),
        orig_cl_ord_id=read.required(fields, "41"),
        order_id=read.text(fields, "37"),
        symbol=read.text(fields, "55"),
        # A cancel is never refused for a side that is not traded: OrigClOrdID names the order.
        side=SIDES.get(fields.get("54", "")),
        transact_time=read.timestamp(fields, "60"),
        repeated=read.repeated(fields),
        may_cancel=session.may_cancel,
    )


def _replace_order(fields: Fields, session: SessionContext) -> ReplaceOrder:
    cl_ord_id = read.required(fields, "11")
    orig_cl_ord_id = read.required(fields, "41")
    made_ns = read.made_ns(fields)
    for tag in ("38", "44", "99"):
        read.number(fields, tag)
    order_type = terms.order_type(fields) if "40" in fields else None
    terms.refuse_what_cannot_change(fields)
    price = read.positive(fields, "44")
    if price is not None and order_type is not None and not order_type.needs_price:
        raise terms.not_taken(fields, "44", order_type)
    return ReplaceOrder(
        source=session.source,
        session=session.session,
        cl_ord_id=cl_ord_id,
        orig_cl_ord_id=orig_cl_ord_id,
        order_id=read.text(fields, "37"),
        symbol=read.text(fields, "55"),
        side=terms.side(fields) if "54" in fields else None,
        order_type=order_type,
        time_in_force=terms.time_in_force(fields),
        quantity=read.positive(fields, "38"),
        price=price,
        attributes=terms.attributes(fields, order_type),
        transact_time=fields["60"],
        made_ns=made_ns,
        repeated=read.repeated(fields),
    )


def _status_request(fields: Fields, session: SessionContext) -> StatusRequest:
    cl_ord_id = read.text(fields, "11")
    order_id = read.text(fields, "37")
    if not cl_ord_id and not order_id:
        raise Refusal(
            ProblemKind.BUSINESS_REJECT,
            BusinessRejectReason.FIELD_MISSING,
            "ClOrdID(11) and OrderID(37) are both missing; one of them must name the order",
        )
    return StatusRequest(
        source=session.source,
        session=session.session,
        cl_ord_id=cl_ord_id,
        order_id=order_id,
        status_req_id=read.text(fields, "790"),
        symbol=read.text(fields, "55"),
        side=SIDES.get(fields.get("54", "")),
        may_cancel=session.may_cancel,
    )


def _positions_request(fields: Fields, session: SessionContext) -> PositionsRequest:
    """FIX 4.4 also asks for a clearing date, an account type and parties; nothing depends on them here."""
    request_id = read.required(fields, "710")
    for tag, right in (("724", "positions"), ("263", "a snapshot")):
        if (read.required(fields, tag) if tag == "724" else fields.get(tag, "0")) != "0":
            raise read.refuse(
                fields["35"], f"{label(tag)} was {fields[tag][: read.MAX_ID]}; only 0 ({right}) is served"
            )
    return PositionsRequest(
        source=session.source,
        session=session.session,
        request_id=request_id,
        connector=terms.connector(fields, session),
        account=read.text(fields, "1") or session.default_account,
        symbol=read.text(fields, "55"),
    )


_DECODERS: dict[str, Callable[[Fields, SessionContext], Command]] = {
    "D": new_order,
    "F": _cancel_order,
    "G": _replace_order,
    "H": _status_request,
    "AN": _positions_request,
}
