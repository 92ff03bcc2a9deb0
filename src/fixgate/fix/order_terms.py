"""What the fields of an order say, whether it comes alone (D), in a list (E) or as a replace (G). Pure.

Source: FIX 4.4 Vols. 4 and 6; the connector's order attributes 18, 6101, 6102, 6200 and 6201.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from fixgate.fix import fields as read
from fixgate.fix.problem import Refusal
from fixgate.fix.session_context import SessionContext
from fixgate.fix.wire import (
    BASIS_POINTS,
    INSTRUMENT_TYPES,
    ORDER_TYPES,
    POST_ONLY,
    SIDES,
    TIMES_IN_FORCE,
    TRAILING_PEG,
    label,
)
from fixgate.model.commands import OrderAttributes
from fixgate.model.enums import (
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
    "152": "CashOrderQty",
    "168": "EffectiveTime",
    "192": "OrderQty2",
    "210": "MaxShow",
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

_PEG_NOT_SERVED = {"837": "PegLimitType", "838": "PegRoundDirection", "840": "PegScope"}
"""What else FIX can say of a peg."""

_REFINING = frozenset(["111", "126", "211"])
"""MaxFloor, ExpireTime and PegOffsetValue: each goes with some orders and is refused on all others."""

_UNUSUAL = _REFINING | _NOT_SERVED.keys()
_FIXED = _REFINING | {"99"}
"""What a replace cannot change."""

_ORDER_TYPE_RIGHT = (
    "use 1 (market), 2 (limit), 3 (stop), 4 (stop limit), J (take profit) "
    "or P with ExecInst(18) a (trailing stop)"
)


class Refinements(NamedTuple):
    """Terms that few orders have: basis points, milliseconds since the epoch, and the unit of OrderQty."""

    trailing_delta: Decimal | None = None
    expire_ms: int = 0
    display_quantity: Decimal | None = None


_PLAIN = Refinements()


def side(fields: Fields) -> Side:
    """Return Side(54)."""
    found = SIDES.get(fields.get("54", ""))
    if found is None:
        read.required(fields, "54")
        raise _unknown(fields, "54", "use 1 (buy) or 2 (sell)")
    return found


def order_type(fields: Fields) -> OrderType:
    """Return OrdType(40). FIX 4.4 has one take-profit type: with a Price(44) it is a limit order."""
    found = ORDER_TYPES.get(fields.get("40", ""))
    if found is None:
        read.required(fields, "40")
        raise _unknown(fields, "40", _ORDER_TYPE_RIGHT)
    if found is OrderType.TAKE_PROFIT and "44" in fields:
        return OrderType.TAKE_PROFIT_LIMIT
    return found


def _unknown(fields: Fields, tag: str, right: str) -> Refusal:
    was = fields[tag][: read.MAX_ID]
    return read.refuse(fields["35"], f"{label(tag)} was {was}; {right}", OrdRejReason.UNSUPPORTED)


def time_in_force(fields: Fields) -> TimeInForce | None:
    """Return TimeInForce(59), `None` if not given."""
    if fields.get("59") == "0":
        raise read.refuse(
            fields["35"],
            "TimeInForce(59) was 0 (day); crypto trades around the clock, use 1 (good till cancel)",
            OrdRejReason.UNSUPPORTED,
        )
    right = "use 1 (good till cancel), 3 (immediate or cancel), 4 (fill or kill) or 6 (good till date)"
    return read.choice(fields, "59", TIMES_IN_FORCE, right)


def instrument_type(fields: Fields) -> InstrumentType:
    """Return what SecurityType(167) says."""
    right = "use FXSPOT, FOR or CASH for spot, FUT for futures"
    found = read.choice(fields, "167", INSTRUMENT_TYPES, right, OrdRejReason.UNKNOWN_SYMBOL)
    if found is None:
        raise read.refuse(fields["35"], f"SecurityType(167) is missing; {right}", OrdRejReason.UNKNOWN_SYMBOL)
    return found


def connector(fields: Fields, session: SessionContext) -> str:
    """Return where to: ExDestination(100), else ExecBroker(76), else the session's default."""
    found = read.text(fields, "100") or read.text(fields, "76") or session.default_connector
    if not found:
        raise read.refuse(
            fields["35"],
            "ExDestination(100) is missing and the session has no default; name the connector to trade on",
        )
    return found


def check_prices(fields: Fields, price: Decimal | None, stop_price: Decimal | None, kind: OrderType) -> None:
    """Refuse an order that lacks a price of its type, or has one that it cannot have. The StopPx(99) of a
    trailing stop may be there or not: it is where the order begins to follow the price."""
    _check_price(fields, "44", price, kind, kind.needs_price)
    if stop_price is not None or kind is not OrderType.TRAILING_STOP:
        needed = kind.needs_stop_price or kind is OrderType.TRAILING_STOP
        _check_price(fields, "99", stop_price, kind, needed)


def _check_price(fields: Fields, tag: str, price: Decimal | None, kind: OrderType, needed: bool) -> None:
    if needed and price is None:
        raise read.refuse(fields["35"], f"{label(tag)} is missing; a {kind} order needs it")
    if price is None:
        return
    if not needed:
        raise not_taken(fields, tag, kind)
    if price <= 0:
        raise read.refuse(fields["35"], f"{label(tag)} was {fields[tag]}; it must be above 0")


def not_taken(fields: Fields, tag: str, kind: OrderType) -> Refusal:
    """Return the refusal of a field that orders of this type do not have."""
    return read.refuse(
        fields["35"], f"{label(tag)} was {fields[tag][: read.MAX_ID]}; a {kind} order takes none"
    )


def refinements(
    fields: Fields, kind: OrderType, in_force: TimeInForce | None, quantity: Decimal, made_ns: int
) -> Refinements:
    """Return the terms that few orders have; refuse what is not served, or does not go with the order."""
    if (
        kind is not OrderType.TRAILING_STOP
        and in_force is not TimeInForce.GTD
        and _UNUSUAL.isdisjoint(fields)
    ):
        return _PLAIN
    _refuse_not_served(fields, _NOT_SERVED)
    return Refinements(
        _trailing_delta(fields, kind),
        _expire_ms(fields, in_force, made_ns),
        _display_quantity(fields, kind, quantity),
    )


def refuse_what_cannot_change(fields: Fields) -> None:
    """Refuse a replace with terms that no replace can change, and with those that no order has."""
    if not _UNUSUAL.isdisjoint(fields):
        _refuse_not_served(fields, _NOT_SERVED)
    for tag in _FIXED & fields.keys():
        raise read.refuse(
            fields["35"],
            f"{label(tag)} cannot be changed by a replace; leave it out, or cancel and send a new order",
            OrdRejReason.UNSUPPORTED,
        )


def _trailing_delta(fields: Fields, kind: OrderType) -> Decimal | None:
    if kind is not OrderType.TRAILING_STOP:
        if "211" in fields:
            raise not_taken(fields, "211", kind)
        return None
    _refuse_not_served(fields, _PEG_NOT_SERVED)
    if fields.get("835", "0") != "0":
        raise read.refuse(
            fields["35"],
            f"PegMoveType(835) was {fields['835'][: read.MAX_ID]}; a trailing stop moves, use 0 (floating)",
            OrdRejReason.UNSUPPORTED,
        )
    if fields.get("836") != BASIS_POINTS:
        was = fields.get("836", "missing")[: read.MAX_ID]
        raise read.refuse(
            fields["35"], f"PegOffsetType(836) was {was}; use 1 (basis points)", OrdRejReason.UNSUPPORTED
        )
    offset = read.positive(fields, "211")
    if offset is None:
        raise read.refuse(
            fields["35"], "PegOffsetValue(211) is missing; a trailing_stop order needs it, in basis points"
        )
    return offset


def _expire_ms(fields: Fields, in_force: TimeInForce | None, made_ns: int) -> int:
    if in_force is not TimeInForce.GTD:
        if "126" in fields:
            raise read.refuse(
                fields["35"],
                f"ExpireTime(126) was {fields['126'][: read.MAX_ID]}; it goes with TimeInForce(59) 6",
                OrdRejReason.UNSUPPORTED,
            )
        return 0
    if "126" not in fields:
        raise read.refuse(
            fields["35"], "ExpireTime(126) is missing; TimeInForce(59) 6 (good till date) needs it"
        )
    expire_ns = read.instant(fields["126"], "126")
    if expire_ns <= made_ns:
        raise read.refuse(
            fields["35"],
            f"ExpireTime(126) was {fields['126']}; it must be later than the order itself",
            OrdRejReason.STALE_ORDER,
        )
    return expire_ns // 1_000_000


def _display_quantity(fields: Fields, kind: OrderType, quantity: Decimal) -> Decimal | None:
    shown = read.positive(fields, "111", OrdRejReason.INCORRECT_QUANTITY)
    if shown is None:
        return None
    if not kind.needs_price:
        raise not_taken(fields, "111", kind)
    if shown > quantity:
        raise read.refuse(
            fields["35"],
            f"MaxFloor(111) was {fields['111']}; it must be at most OrderQty(38), {fields['38']}",
            OrdRejReason.INCORRECT_QUANTITY,
        )
    return shown


def attributes(fields: Fields, kind: OrderType | None) -> OrderAttributes:
    """Return the order attributes that were given; `kind` is the order's type if it is known."""
    return OrderAttributes(
        post_only=_post_only(fields, kind),
        side_effect_type=read.word(fields, "6101", SideEffectType),
        self_trade_prevention=read.word(fields, "6102", SelfTradePreventionMode),
        position_side=read.word(fields, "6200", PositionSide),
        reduce_only=read.boolean(fields, "6201"),
    )


def _post_only(fields: Fields, kind: OrderType | None) -> bool | None:
    """Return whether ExecInst(18) says so. `a` makes a pegged order a trailing stop, and says no more."""
    given = fields.get("18")
    trailing = kind is OrderType.TRAILING_STOP
    if given is None and not trailing:
        return None
    instructions = given.split(" ") if given is not None else []
    for instruction in instructions:
        if instruction not in (POST_ONLY, TRAILING_PEG):
            raise _instruction_refused(
                fields,
                f"ExecInst(18) had {instruction[: read.MAX_ID]!r}; only 6 (post only) is taken, "
                "and a (trailing stop) with OrdType(40) P",
            )
    if trailing and TRAILING_PEG not in instructions:
        raise _instruction_refused(
            fields,
            "OrdType(40) was P (pegged) without ExecInst(18) a; only trailing stops are served of these",
        )
    if TRAILING_PEG in instructions and not trailing:
        raise _instruction_refused(fields, "ExecInst(18) had 'a' (trailing stop); it goes with OrdType(40) P")
    if POST_ONLY not in instructions:
        return None
    if kind is not None and kind.is_conditional and not kind.needs_price:
        raise _instruction_refused(
            fields,
            f"ExecInst(18) had '6' (post only); a {kind} order takes what it finds once it is triggered",
        )
    return True


def _instruction_refused(fields: Fields, text: str) -> Refusal:
    return read.refuse(fields["35"], text, OrdRejReason.UNSUPPORTED)


def _refuse_not_served(fields: Fields, names: Mapping[str, str]) -> None:
    for tag in names.keys() & fields.keys():
        raise read.refuse(
            fields["35"],
            f"{names[tag]}({tag}) was {fields[tag][: read.MAX_ID]}; it is not served, leave it out",
            OrdRejReason.UNSUPPORTED,
        )
