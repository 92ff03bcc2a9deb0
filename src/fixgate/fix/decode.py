"""FIX 4.4 text to commands. Pure: no clock, no I/O, nothing kept.

`decode` takes the SOH-delimited text of one application message and returns the command it spells, or
the problem with it and the reply that the problem deserves. It relies on no earlier validation: every
field it uses is checked here. Source: FIX 4.4 Vol. 4 (D, F, G, H); the connector's order attributes
18, 6101, 6102, 6200 and 6201.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from fixgate.fix import fields as read
from fixgate.fix.problem import BusinessRejectReason, Problem, ProblemKind, Refusal, SessionRejectReason
from fixgate.fix.wire import (
    DATA_TAGS,
    INSTRUMENT_TYPES,
    NAMES,
    ORDER_TYPES,
    POST_ONLY,
    SIDES,
    SOH,
    TIMES_IN_FORCE,
    label,
    split,
)
from fixgate.model.commands import (
    CancelOrder,
    Command,
    NewOrder,
    OrderAttributes,
    RefusedRequest,
    ReplaceOrder,
    StatusRequest,
)
from fixgate.model.enums import (
    CxlRejResponseTo,
    InstrumentType,
    OrderType,
    OrdRejReason,
    PositionSide,
    SelfTradePreventionMode,
    Side,
    SideEffectType,
    TimeInForce,
)

Fields = Mapping[str, str]

_NOT_SERVED = {
    "77": "PositionEffect",
    "110": "MinQty",
    "111": "MaxFloor",
    "126": "ExpireTime",
    "152": "CashOrderQty",
    "168": "EffectiveTime",
    "192": "OrderQty2",
    "210": "MaxShow",
    "211": "PegOffsetValue",
    "388": "DiscretionInst",
    "389": "DiscretionOffsetValue",
    "423": "PriceType",
    "427": "GTBookingInst",
    "432": "ExpireDate",
    "468": "RoundingDirection",
    "516": "OrderPercent",
    "640": "Price2",
    "847": "TargetStrategy",
    "848": "TargetStrategyParameters",
    "849": "ParticipationRate",
}
"""Standard fields that change how an order trades. Ignoring one would trade another order than was meant."""


@dataclass(frozen=True)
class SessionContext:
    """What a session adds to its messages: who it is, and its defaults (empty: none). One with `drop_copy`
    listens only."""

    session: str
    source: str
    default_connector: str = ""
    default_account: str = ""
    drop_copy: bool = False


def decode(raw: str, session: SessionContext) -> Command | Problem:
    """Return the command that an application message spells, or the problem with it. Never raises."""
    fields = split(raw)
    try:
        decoder = _DECODERS.get(fields.get("35", ""))
        if decoder is None:
            raise Refusal(
                ProblemKind.BUSINESS_REJECT,
                BusinessRejectReason.UNSUPPORTED_MESSAGE_TYPE,
                f"message type {fields.get('35', '')[:8]!r} is not served; send D, F, G or H",
            )
        if session.drop_copy:
            raise Refusal(
                ProblemKind.BUSINESS_REJECT,
                BusinessRejectReason.NOT_AUTHORIZED,
                "this is a drop copy session: it gets reports, and may not send D, F, G or H",
            )
        _check_shape(raw, fields)
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


def _check_shape(raw: str, fields: dict[str, str]) -> None:
    """Refuse text in which a field could be taken for another: data fields, repeats, empty values."""
    for tag in DATA_TAGS & fields.keys():
        raise read.session_reject(
            SessionRejectReason.OTHER, tag, f"data fields such as {label(tag)} are not taken"
        )
    if raw.count(SOH) != len(fields):
        for tag in NAMES.keys() & fields.keys():
            if raw.count(f"{SOH}{tag}=") > 1:
                raise read.session_reject(
                    SessionRejectReason.TAG_REPEATED, tag, f"{label(tag)} appears more than once"
                )
    if f"={SOH}" in raw:
        for tag in NAMES.keys() & fields.keys():
            if not fields[tag]:
                raise read.session_reject(SessionRejectReason.NO_VALUE, tag, f"{label(tag)} has no value")


def _new_order(fields: Fields, session: SessionContext) -> NewOrder:
    cl_ord_id = read.required(fields, "11")
    symbol = read.required(fields, "55")
    made_ns = read.made_ns(fields)
    quantity, price, stop_price = (read.number(fields, tag) for tag in ("38", "44", "99"))
    side = _side(fields)
    order_type = _order_type(fields)
    _refuse_not_served(fields)
    if quantity is None or quantity <= 0:
        raise read.refuse(
            "D",
            f"OrderQty(38) was {fields.get('38', 'missing')}; it must be above 0",
            OrdRejReason.INCORRECT_QUANTITY,
        )
    _check_price(fields, "44", price, order_type, order_type.needs_price)
    _check_price(fields, "99", stop_price, order_type, order_type.needs_stop_price)
    return NewOrder(
        source=session.source,
        session=session.session,
        cl_ord_id=cl_ord_id,
        connector=_connector(fields, session),
        account=read.text(fields, "1") or session.default_account,
        symbol=symbol,
        instrument_type=_instrument_type(fields),
        currency=read.text(fields, "15"),
        side=side,
        order_type=order_type,
        time_in_force=_time_in_force(fields) or TimeInForce.GTC,
        quantity=quantity,
        price=price,
        stop_price=stop_price,
        attributes=_attributes(fields),
        security_type=fields["167"],
        transact_time=fields["60"],
        made_ns=made_ns,
        repeated=_is_repeated(fields),
    )


def _is_repeated(fields: Fields) -> bool:
    """True when the client says that it may have sent the message before: PossDupFlag or PossResend."""
    return "Y" in (fields.get("43"), fields.get("97"))


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
        repeated=_is_repeated(fields),
    )


def _replace_order(fields: Fields, session: SessionContext) -> ReplaceOrder:
    cl_ord_id = read.required(fields, "11")
    orig_cl_ord_id = read.required(fields, "41")
    made_ns = read.made_ns(fields)
    for tag in ("38", "44", "99"):
        read.number(fields, tag)
    order_type = _order_type(fields) if "40" in fields else None
    _refuse_not_served(fields)
    price = read.positive(fields, "44")
    if price is not None and order_type is not None and not order_type.needs_price:
        raise _price_not_taken(fields, "44", order_type)
    if "99" in fields:
        raise read.refuse(
            "G", "StopPx(99) cannot be changed by a replace; cancel the order and send a new one"
        )
    return ReplaceOrder(
        source=session.source,
        session=session.session,
        cl_ord_id=cl_ord_id,
        orig_cl_ord_id=orig_cl_ord_id,
        order_id=read.text(fields, "37"),
        symbol=read.text(fields, "55"),
        side=_side(fields) if "54" in fields else None,
        order_type=order_type,
        time_in_force=_time_in_force(fields),
        quantity=read.positive(fields, "38"),
        price=price,
        attributes=_attributes(fields),
        transact_time=fields["60"],
        made_ns=made_ns,
        repeated=_is_repeated(fields),
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
    )


def _side(fields: Fields) -> Side:
    read.required(fields, "54")
    side = read.choice(fields, "54", SIDES, "use 1 (buy) or 2 (sell)")
    assert side is not None
    return side


def _order_type(fields: Fields) -> OrderType:
    read.required(fields, "40")
    order_type = read.choice(fields, "40", ORDER_TYPES, "use 1 (market) or 2 (limit)")
    assert order_type is not None
    return order_type


def _time_in_force(fields: Fields) -> TimeInForce | None:
    if fields.get("59") == "0":
        raise read.refuse(
            fields["35"],
            "TimeInForce(59) was 0 (day); crypto trades around the clock, use 1 (good till cancel)",
            OrdRejReason.UNSUPPORTED,
        )
    right = "use 1 (good till cancel), 3 (immediate or cancel) or 4 (fill or kill)"
    return read.choice(fields, "59", TIMES_IN_FORCE, right)


def _instrument_type(fields: Fields) -> InstrumentType:
    right = "use FXSPOT, FOR or CASH for spot, FUT for futures"
    found = read.choice(fields, "167", INSTRUMENT_TYPES, right, OrdRejReason.UNKNOWN_SYMBOL)
    if found is None:
        raise read.refuse("D", f"SecurityType(167) is missing; {right}", OrdRejReason.UNKNOWN_SYMBOL)
    return found


def _connector(fields: Fields, session: SessionContext) -> str:
    connector = read.text(fields, "100") or read.text(fields, "76") or session.default_connector
    if not connector:
        raise read.refuse(
            "D",
            "ExDestination(100) is missing and the session has no default; name the connector to trade on",
        )
    return connector


def _check_price(
    fields: Fields, tag: str, price: Decimal | None, order_type: OrderType, needed: bool
) -> None:
    if needed and price is None:
        raise read.refuse("D", f"{label(tag)} is missing; a {order_type} order needs it")
    if price is None:
        return
    if not needed:
        raise _price_not_taken(fields, tag, order_type)
    if price <= 0:
        raise read.refuse("D", f"{label(tag)} was {fields[tag]}; it must be above 0")


def _price_not_taken(fields: Fields, tag: str, order_type: OrderType) -> Refusal:
    return read.refuse(fields["35"], f"{label(tag)} was {fields[tag]}; a {order_type} order takes none")


def _attributes(fields: Fields) -> OrderAttributes:
    return OrderAttributes(
        post_only=_post_only(fields),
        side_effect_type=read.word(fields, "6101", SideEffectType),
        self_trade_prevention=read.word(fields, "6102", SelfTradePreventionMode),
        position_side=read.word(fields, "6200", PositionSide),
        reduce_only=read.boolean(fields, "6201"),
    )


def _post_only(fields: Fields) -> bool | None:
    instructions = fields.get("18")
    if instructions is None:
        return None
    for instruction in instructions.split(" "):
        if instruction != POST_ONLY:
            raise read.refuse(
                fields["35"],
                f"ExecInst(18) had {instruction[: read.MAX_ID]!r}; only 6 (post only) is taken",
                OrdRejReason.UNSUPPORTED,
            )
    return True


def _refuse_not_served(fields: Fields) -> None:
    for tag in _NOT_SERVED.keys() & fields.keys():
        raise read.refuse(
            fields["35"],
            f"{_NOT_SERVED[tag]}({tag}) was {fields[tag][: read.MAX_ID]}; it is not served, leave it out",
            OrdRejReason.UNSUPPORTED,
        )


_DECODERS: dict[str, Callable[[Fields, SessionContext], Command]] = {
    "D": _new_order,
    "F": _cancel_order,
    "G": _replace_order,
    "H": _status_request,
}
