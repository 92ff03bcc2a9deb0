"""Hypothesis strategies of commands and reports that the FIX door can carry."""

import string
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st
from msgspec.structs import replace

from fixgate.model.commands import (
    CancelOrder,
    NewOrder,
    NewOrderList,
    OrderAttributes,
    PositionsRequest,
    ReplaceOrder,
    StatusRequest,
)
from fixgate.model.enums import (
    CxlRejReason,
    CxlRejResponseTo,
    ExecType,
    InstrumentType,
    OrderType,
    OrdRejReason,
    OrdStatus,
    PositionSide,
    SelfTradePreventionMode,
    Side,
    SideEffectType,
    TimeInForce,
)
from fixgate.model.reports import (
    CancelReject,
    ExecutionReport,
    ListedOrder,
    ListState,
    ListStatus,
    News,
    PositionReport,
)
from tests.fix.client_codec import SENT

_LAST_MS = 253_402_300_799_999
"""The last millisecond of the year 9999, which is as far as a FIX timestamp goes."""
SESSION, SOURCE = "FIX.4.4:FIXGATE->OMS", "OMS"
_PRINTABLE = string.ascii_letters + string.digits + string.punctuation
ids = st.text(_PRINTABLE, min_size=1, max_size=64)
maybe_ids = st.one_of(st.just(""), ids)
positives = st.decimals("0.00000001", "9999999999", places=8, allow_nan=False)
amounts = st.decimals("-9999999", "9999999999", places=8, allow_nan=False)
maybe_positives = st.none() | positives
times = st.datetimes().map(lambda when: f"{when:%Y%m%d-%H:%M:%S.%f}"[:-3].rjust(21, "0"))
sides = st.sampled_from(Side)
wire_types = st.sampled_from([each for each in OrderType if each is not OrderType.OCO])
wire_tifs = st.sampled_from([TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTD])
attributes = st.builds(
    OrderAttributes,
    post_only=st.none() | st.just(True),
    side_effect_type=st.none() | st.sampled_from(SideEffectType),
    self_trade_prevention=st.none() | st.sampled_from(SelfTradePreventionMode),
    position_side=st.none() | st.sampled_from(PositionSide),
    reduce_only=st.none() | st.booleans(),
)


def _made_ns(transact_time: str) -> int:
    """Return when a message of the client's codec was made, worked out with the standard library."""
    moments = [datetime.strptime(each, "%Y%m%d-%H:%M:%S.%f") for each in (transact_time, SENT)]
    return max(1, (min(moments) - datetime(1970, 1, 1)) // timedelta(microseconds=1) * 1000)


def _attributes_of(order_type: OrderType | None) -> st.SearchStrategy[OrderAttributes]:
    """Attributes that go with an order type: a stop that becomes a market order cannot be post-only."""
    if order_type is None or order_type.needs_price or not order_type.is_conditional:
        return attributes
    return attributes.map(lambda found: replace(found, post_only=None))


@st.composite
def new_orders(draw: st.DrawFn) -> NewOrder:
    order_type = draw(wire_types)
    security_type = draw(st.sampled_from(["FXSPOT", "FOR", "CASH", "FUT"]))
    transact_time = draw(times)
    made_ns = _made_ns(transact_time)
    time_in_force = draw(wire_tifs)
    quantity = draw(positives)
    trailing = order_type is OrderType.TRAILING_STOP
    return NewOrder(
        source=SOURCE,
        session=SESSION,
        cl_ord_id=draw(ids),
        connector=draw(ids),
        account=draw(ids),
        symbol=draw(ids),
        instrument_type=InstrumentType.FUTURE if security_type == "FUT" else InstrumentType.FX,
        currency=draw(maybe_ids),
        side=draw(sides),
        order_type=order_type,
        time_in_force=time_in_force,
        quantity=quantity,
        price=draw(positives) if order_type.needs_price else None,
        stop_price=draw(maybe_positives if trailing else positives)
        if trailing or order_type.needs_stop_price
        else None,
        trailing_delta=draw(positives) if trailing else None,
        attributes=draw(_attributes_of(order_type)),
        security_type=security_type,
        transact_time=transact_time,
        made_ns=made_ns,
        expire_ms=draw(st.integers(made_ns // 1_000_000 + 1, _LAST_MS))
        if time_in_force is TimeInForce.GTD
        else 0,
        display_quantity=draw(st.none() | st.just(quantity)) if order_type.needs_price else None,
    )


@st.composite
def order_lists(draw: st.DrawFn) -> NewOrderList:
    list_id, connector, account = draw(ids), draw(ids), draw(ids)
    cl_ord_ids = draw(st.lists(ids, min_size=2, max_size=2, unique=True))
    orders = tuple(
        replace(draw(new_orders()), cl_ord_id=each, connector=connector, account=account, list_id=list_id)
        for each in cl_ord_ids
    )
    return NewOrderList(
        source=SOURCE,
        session=SESSION,
        list_id=list_id,
        orders=orders,
        made_ns=min(order.made_ns for order in orders),
    )


positions_requests = st.builds(
    PositionsRequest,
    source=st.just(SOURCE),
    session=st.just(SESSION),
    request_id=ids,
    connector=ids,
    account=ids,
    symbol=maybe_ids,
)


@st.composite
def replaces(draw: st.DrawFn) -> ReplaceOrder:
    order_type = draw(st.none() | wire_types)
    transact_time = draw(times)
    priced = order_type is None or order_type.needs_price
    # FIX tells a take-profit limit order from a plain one by its price.
    price = positives if order_type is OrderType.TAKE_PROFIT_LIMIT else maybe_positives
    return ReplaceOrder(
        source=SOURCE,
        session=SESSION,
        cl_ord_id=draw(ids),
        orig_cl_ord_id=draw(ids),
        order_id=draw(maybe_ids),
        symbol=draw(ids),
        side=draw(st.none() | sides),
        order_type=order_type,
        time_in_force=draw(st.none() | wire_tifs),
        quantity=draw(maybe_positives),
        price=draw(price) if priced else None,
        attributes=draw(_attributes_of(order_type)),
        transact_time=transact_time,
        made_ns=_made_ns(transact_time),
    )


cancels = st.builds(
    CancelOrder,
    source=st.just(SOURCE),
    session=st.just(SESSION),
    cl_ord_id=ids,
    orig_cl_ord_id=ids,
    order_id=maybe_ids,
    symbol=ids,
    side=st.none() | sides,
    transact_time=times,
)
status_requests = st.builds(
    StatusRequest,
    source=st.just(SOURCE),
    session=st.just(SESSION),
    cl_ord_id=ids,
    order_id=maybe_ids,
    status_req_id=maybe_ids,
    symbol=ids,
    side=st.none() | sides,
)
commands = st.one_of(new_orders(), cancels, replaces(), status_requests, order_lists(), positions_requests)
texts = st.text(max_size=80)
_zero = st.just(Decimal(0))

execution_reports = st.builds(
    ExecutionReport,
    session=st.just(SESSION),
    order_id=ids,
    venue_order_id=maybe_ids,
    exec_id=ids,
    exec_type=st.sampled_from(ExecType),
    ord_status=st.sampled_from(OrdStatus),
    cl_ord_id=ids,
    orig_cl_ord_id=maybe_ids,
    symbol=ids,
    security_type=maybe_ids,
    account=maybe_ids,
    connector=maybe_ids,
    currency=maybe_ids,
    side=st.none() | sides,
    order_type=st.none() | wire_types,
    time_in_force=st.none() | st.sampled_from(TimeInForce),
    quantity=maybe_positives,
    price=maybe_positives,
    stop_price=maybe_positives,
    trailing_delta=maybe_positives,
    expire_ms=st.just(0) | st.integers(1, _LAST_MS),
    display_quantity=maybe_positives,
    list_id=maybe_ids,
    parent_order_id=maybe_ids,
    last_quantity=maybe_positives,
    last_price=maybe_positives,
    cum_quantity=_zero | positives,
    leaves_quantity=_zero | positives,
    average_price=_zero | positives,
    commission=st.none() | amounts,
    commission_currency=ids,
    trade_id=maybe_ids,
    maker=st.none() | st.booleans(),
    attributes=attributes,
    rej_reason=st.none() | st.sampled_from(OrdRejReason),
    venue_error_code=maybe_ids,
    text=texts,
    status_req_id=maybe_ids,
    at_ns=st.integers(1, 4_000_000_000_000_000_000),
)
cancel_rejects = st.builds(
    CancelReject,
    session=st.just(SESSION),
    order_id=maybe_ids,
    venue_order_id=maybe_ids,
    cl_ord_id=ids,
    orig_cl_ord_id=ids,
    ord_status=st.sampled_from(OrdStatus),
    response_to=st.sampled_from(CxlRejResponseTo),
    reason=st.sampled_from(CxlRejReason),
    account=maybe_ids,
    venue_error_code=maybe_ids,
    text=texts,
    at_ns=st.integers(1, 4_000_000_000_000_000_000),
)
listed_orders = st.builds(
    ListedOrder,
    cl_ord_id=ids,
    ord_status=st.sampled_from(OrdStatus),
    cum_quantity=_zero | positives,
    leaves_quantity=_zero | positives,
    canceled_quantity=_zero | positives,
    average_price=_zero | positives,
    rej_reason=st.none() | st.sampled_from(OrdRejReason),
    text=texts,
)
list_statuses = st.builds(
    ListStatus,
    session=st.just(SESSION),
    list_id=ids,
    state=st.sampled_from(ListState),
    orders=st.lists(listed_orders, min_size=1, max_size=3).map(tuple),
    text=texts,
    at_ns=st.integers(1, 4_000_000_000_000_000_000),
    resent=st.booleans(),
)
position_reports = st.builds(
    PositionReport,
    session=st.just(SESSION),
    request_id=ids,
    report_id=ids,
    total=st.integers(1, 500),
    connector=ids,
    account=ids,
    symbol=ids,
    position_side=st.sampled_from(["BOTH", "LONG", "SHORT"]),
    quantity=amounts,
    entry_price=maybe_positives,
    settle_price=maybe_positives,
    unrealized_pnl=st.none() | amounts,
    currency=maybe_ids,
    text=texts,
    at_ns=st.integers(1, 4_000_000_000_000_000_000),
)
news = st.builds(
    News,
    session=st.just(SESSION),
    headline=st.text(_PRINTABLE, min_size=1, max_size=80),
    lines=st.lists(texts, max_size=4).map(tuple),
    urgent=st.booleans(),
    at_ns=st.integers(1, 4_000_000_000_000_000_000),
    resent=st.booleans(),
)
reports = st.one_of(execution_reports, cancel_rejects, list_statuses, position_reports, news)
