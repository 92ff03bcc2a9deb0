"""Hypothesis strategies of commands and reports that the FIX door can carry."""

import string
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from fixgate.model.commands import CancelOrder, NewOrder, OrderAttributes, ReplaceOrder, StatusRequest
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
from fixgate.model.reports import CancelReject, ExecutionReport
from tests.fix.client_codec import SENT

SESSION, SOURCE = "FIX.4.4:FIXGATE->OMS", "OMS"
_PRINTABLE = string.ascii_letters + string.digits + string.punctuation
ids = st.text(_PRINTABLE, min_size=1, max_size=64)
maybe_ids = st.one_of(st.just(""), ids)
positives = st.decimals("0.00000001", "9999999999", places=8, allow_nan=False)
amounts = st.decimals("-9999999", "9999999999", places=8, allow_nan=False)
maybe_positives = st.none() | positives
times = st.datetimes().map(lambda when: f"{when:%Y%m%d-%H:%M:%S.%f}"[:-3].rjust(21, "0"))
sides = st.sampled_from(Side)
wire_types = st.sampled_from(
    [OrderType.MARKET, OrderType.LIMIT, OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT]
)
wire_tifs = st.sampled_from([TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK])
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


@st.composite
def new_orders(draw: st.DrawFn) -> NewOrder:
    order_type = draw(wire_types)
    security_type = draw(st.sampled_from(["FXSPOT", "FOR", "CASH", "FUT"]))
    transact_time = draw(times)
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
        time_in_force=draw(wire_tifs),
        quantity=draw(positives),
        price=draw(positives) if order_type.needs_price else None,
        stop_price=draw(positives) if order_type.needs_stop_price else None,
        attributes=draw(attributes),
        security_type=security_type,
        transact_time=transact_time,
        made_ns=_made_ns(transact_time),
    )


@st.composite
def replaces(draw: st.DrawFn) -> ReplaceOrder:
    order_type = draw(st.none() | wire_types)
    transact_time = draw(times)
    priced = order_type is None or order_type.needs_price
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
        price=draw(maybe_positives) if priced else None,
        attributes=draw(attributes),
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
commands = st.one_of(new_orders(), cancels, replaces(), status_requests)
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
