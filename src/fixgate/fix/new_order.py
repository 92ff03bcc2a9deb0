"""NewOrderSingle(D), and each order of a NewOrderList(E), to `NewOrder`. Pure."""

from collections.abc import Mapping

from fixgate.fix import fields as read
from fixgate.fix import order_terms as terms
from fixgate.fix.session_context import SessionContext
from fixgate.model.commands import NewOrder
from fixgate.model.enums import OrdRejReason, TimeInForce


def new_order(fields: Mapping[str, str], session: SessionContext, list_id: str = "") -> NewOrder:
    """Return the order that `fields` spell; `list_id` is the ListID(66) of the list that it came in."""
    cl_ord_id = read.required(fields, "11")
    symbol = read.required(fields, "55")
    made_ns = read.made_ns(fields)
    quantity = read.number(fields, "38")
    price = read.number(fields, "44")
    stop_price = read.number(fields, "99")
    side = terms.side(fields)
    order_type = terms.order_type(fields)
    if quantity is None or quantity <= 0:
        raise read.refuse(
            "D",
            f"OrderQty(38) was {fields.get('38', 'missing')}; it must be above 0",
            OrdRejReason.INCORRECT_QUANTITY,
        )
    time_in_force = terms.time_in_force(fields)
    trailing_delta, expire_ms, display_quantity = terms.refinements(
        fields, order_type, time_in_force, quantity, made_ns
    )
    terms.check_prices(fields, price, stop_price, order_type)
    return NewOrder(
        source=session.source,
        session=session.session,
        cl_ord_id=cl_ord_id,
        connector=terms.connector(fields, session),
        account=read.text(fields, "1") or session.default_account,
        symbol=symbol,
        instrument_type=terms.instrument_type(fields),
        currency=read.text(fields, "15"),
        side=side,
        order_type=order_type,
        time_in_force=time_in_force or TimeInForce.GTC,
        quantity=quantity,
        price=price,
        stop_price=stop_price,
        trailing_delta=trailing_delta,
        attributes=terms.attributes(fields, order_type),
        security_type=fields["167"],
        transact_time=fields["60"],
        made_ns=made_ns,
        repeated=read.repeated(fields),
        expire_ms=expire_ms,
        display_quantity=display_quantity,
        list_id=list_id,
    )
