"""From a ticket of the Execution API to the command that the engine takes. Pure.

A ticket counts in base asset and percent, the engine in base asset or contracts and in basis points.
"""

import hashlib
from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal, localcontext

from msgspec.structs import replace

from fixgate.api.ports import Ticket
from fixgate.engine.order import Order
from fixgate.model.commands import API_SESSION, NewOrder, NewOrderList, OrderAttributes
from fixgate.model.decimals import WIDE, plain
from fixgate.model.enums import InstrumentType, OrderType, ProductType
from fixgate.model.execution import ErrorCode, ExecutionError, Listing

MAX_CLIENT_ID = 64
BASIS_POINTS = Decimal(100)
"""In one percent."""

BASE_PLACES = 8
"""A caller's base quantity means a whole number of contracts when it is right to so many decimals."""

_SECURITY_TYPE = {InstrumentType.FX: "FXSPOT", InstrumentType.FUTURE: "FUT"}
_STOP_LEG = "-stop"


def client_order_id(ticket: Ticket) -> str:
    """Return the ClOrdID that a ticket is known by, the same each time it is placed: its own, or one made of
    its Idempotency-Key. Empty where it has neither. Raises `ExecutionError`."""
    own = ticket.client_order_id
    if own:
        if len(own) > MAX_CLIENT_ID or not own.isascii() or not own.isprintable():
            raise _invalid(
                f"client_order_id was {own[:MAX_CLIENT_ID]!r}; use up to {MAX_CLIENT_ID} printable ASCII "
                "characters"
            )
        return own
    if not ticket.idempotency_key:
        return ""
    digest = hashlib.sha256(f"{ticket.source}\n{ticket.idempotency_key}".encode()).hexdigest()
    return f"key-{digest[:28]}"


def needs_last_price(ticket: Ticket, listing: Listing) -> bool:
    """True for an order in contracts whose size in them depends on a price that it does not carry."""
    return listing.inverse and ticket.price is None and ticket.stop_price is None


def command_of(
    ticket: Ticket, listing: Listing, connector: str, cl_ord_id: str, last: Decimal | None = None
) -> NewOrder | NewOrderList:
    """Return the order, or the list of two for an OCO: the limit order first, then the stop order. `last` is
    the last price, where `needs_last_price`. Raises `ExecutionError`."""
    quantity, base_quantity = _quantity(ticket, listing, last)
    order = NewOrder(
        source=ticket.source,
        session=API_SESSION,
        cl_ord_id=cl_ord_id,
        connector=connector,
        account=ticket.exchange_account_id,
        symbol=listing.symbol,
        instrument_type=listing.instrument_type,
        currency=listing.quote,
        side=ticket.side,
        order_type=ticket.order_type,
        time_in_force=ticket.time_in_force,
        quantity=quantity,
        base_quantity=base_quantity,
        price=ticket.price,
        stop_price=ticket.stop_price,
        trailing_delta=_basis_points(ticket.trailing_delta),
        attributes=_attributes(ticket),
        security_type=_SECURITY_TYPE[listing.instrument_type],
    )
    return _list(order) if ticket.order_type is OrderType.OCO else order


def _list(order: NewOrder) -> NewOrderList:
    if order.price is None or order.stop_price is None:
        missing = "price" if order.price is None else "stop_price"
        raise _invalid(f"an oco order needs price, of its limit order, and stop_price; {missing} is missing")
    name = order.cl_ord_id
    if len(name) > MAX_CLIENT_ID - len(_STOP_LEG):
        raise _invalid(
            f"client_order_id of an oco order can have {MAX_CLIENT_ID - len(_STOP_LEG)} characters; it has "
            f"{len(name)}"
        )
    limit = replace(order, order_type=OrderType.LIMIT, stop_price=None, list_id=name)
    stop = replace(
        order, order_type=OrderType.STOP_LOSS, price=None, list_id=name, cl_ord_id=name + _STOP_LEG
    )
    return NewOrderList(source=order.source, session=API_SESSION, list_id=name, orders=(limit, stop))


def _attributes(ticket: Ticket) -> OrderAttributes:
    return OrderAttributes(
        post_only=True if ticket.post_only else None,
        reduce_only=True if ticket.reduce_only else None,
        position_side=ticket.position_side,
    )


def _basis_points(percent: Decimal | None) -> Decimal | None:
    return None if percent is None else percent * BASIS_POINTS


def _quantity(ticket: Ticket, listing: Listing, last: Decimal | None) -> tuple[Decimal, Decimal | None]:
    """Return the quantity as the engine counts it, and the base quantity where that is another.

    A contract is worth a fixed amount of quote currency, so its size in base asset depends on the price: the
    limit price, else the trigger. An order that carries neither takes the whole contracts that its quantity
    is worth at the last price, and none more.
    """
    if not listing.inverse:
        return ticket.quantity, None
    price = ticket.price or ticket.stop_price
    at = price or last
    if at is None:
        raise ValueError("an order in contracts without a price needs the last one")
    with localcontext(WIDE):
        exact = ticket.quantity * at / listing.contract_size
        whole = exact.quantize(Decimal(1), ROUND_HALF_EVEN if price is not None else ROUND_DOWN)
        if not whole or (price is not None and not _is_worth(ticket.quantity, whole, at, listing)):
            raise _does_not_fit(ticket, listing, exact, at)
    return whole, ticket.quantity


def _is_worth(quantity: Decimal, contracts: Decimal, price: Decimal, listing: Listing) -> bool:
    return round(quantity, BASE_PLACES) == base_of(contracts, price, listing)


def base_of(contracts: Decimal, price: Decimal, listing: Listing) -> Decimal:
    """Return what contracts of an inverse listing are in base asset at a price."""
    with localcontext(WIDE):
        return round(contracts * listing.contract_size / price, BASE_PLACES)


def _does_not_fit(ticket: Ticket, listing: Listing, exact: Decimal, at: Decimal) -> ExecutionError:
    below = exact.quantize(Decimal(1), ROUND_DOWN)
    fits = " or ".join(
        f"{plain(base_of(count, at, listing).normalize())} ({count})" for count in (below, below + 1) if count
    )
    return _invalid(
        f"quantity {plain(ticket.quantity)} {listing.base} at {plain(at)} is {plain(round(exact, 4))} "
        f"contracts of {plain(listing.contract_size)} {listing.quote} each, and only whole contracts trade; "
        f"the nearest that fits is {fits}"
    )


def differs(ticket: Ticket, legs: Sequence[Order]) -> str:
    """Return in what a ticket differs from the order (of an OCO: its two orders) that has its ClOrdID; empty
    if it is the same order. The symbol is compared elsewhere: it takes a listing."""
    first = legs[0].terms
    order_type, stop_price = first.order_type, first.stop_price
    if len(legs) == 2:
        order_type, stop_price = OrderType.OCO, legs[1].terms.stop_price
    pairs = (
        ("exchange_account_id", ticket.exchange_account_id, first.account),
        ("side", ticket.side, first.side),
        ("order_type", ticket.order_type, order_type),
        ("quantity", ticket.quantity, first.base_quantity or first.quantity),
        ("price", ticket.price, first.price),
        ("stop_price", ticket.stop_price, stop_price),
        ("trailing_delta", _basis_points(ticket.trailing_delta), first.trailing_delta),
        ("time_in_force", ticket.time_in_force, first.time_in_force),
        ("reduce_only", ticket.reduce_only, bool(first.attributes.reduce_only)),
        ("post_only", ticket.post_only, bool(first.attributes.post_only)),
        ("position_side", ticket.position_side, first.attributes.position_side),
    )
    return ", ".join(name for name, asked, held in pairs if asked != held)


def is_perp(product: ProductType) -> bool:
    """True for what the API calls swap or future."""
    return product is not ProductType.SPOT


def _invalid(text: str) -> ExecutionError:
    return ExecutionError(ErrorCode.INVALID_REQUEST, text)
