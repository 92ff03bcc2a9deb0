"""Facts, snapshots and reports to keep, as short as they come."""

from decimal import Decimal

from fixgate.model.commands import NewOrder
from fixgate.model.enums import (
    ExecType,
    InstrumentType,
    OrderType,
    OrdStatus,
    ProductType,
    Side,
    TimeInForce,
)
from fixgate.model.facts import OrderAcknowledged, OrderReceived
from fixgate.model.reports import ExecutionReport
from fixgate.model.snapshot import OrderSnapshot
from fixgate.model.venue import SubmitOrder

SESSION = "FIX.4.4:FIXGATE->OMS"


def acknowledged(seq, order_id=7, at_ns=None):
    return OrderAcknowledged(seq=seq, at_ns=at_ns or seq, order_id=order_id, venue_order_id=f"V{seq}")


def new_order(cl_ord_id="A1", session=SESSION):
    return NewOrder(
        source="OMS",
        session=session,
        cl_ord_id=cl_ord_id,
        connector="PM",
        symbol="BTCUSDT",
        instrument_type=InstrumentType.FUTURE,
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        quantity=Decimal("0.010"),
        price=Decimal("65000.10"),
    )


def submit(order_id):
    return SubmitOrder(
        connector="PM",
        account="main",
        order_id=order_id,
        client_order_id=f"fg{order_id}",
        product_type=ProductType.FUTURE,
        symbol="BTCUSDT",
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        quantity=Decimal("0.010"),
        price=Decimal("65000.10"),
    )


def received(seq, order_id, session=SESSION):
    command = new_order(f"A{order_id}", session)
    return OrderReceived(seq=seq, at_ns=seq, order_id=order_id, command=command, request=submit(order_id))


def snapshot(order_id, *ids, as_of=0, ended_ns=0, **changes):
    """An order that is open, unless it `ended_ns`."""
    fields = {
        "order_id": order_id,
        "as_of": as_of,
        "open": not ended_ns,
        "ended_ns": ended_ns,
        "ids": ids,
        "terms": new_order(f"A{order_id}"),
        "request": submit(order_id),
        "state": "new" if not ended_ns else "filled",
        "quantity": Decimal("0.010"),
        "price": Decimal("65000.10"),
        "cl_ord_id": f"A{order_id}",
    }
    return OrderSnapshot(**(fields | changes))


def report(seq, session=SESSION):
    return ExecutionReport(
        session=session,
        order_id="7",
        exec_id=str(seq),
        exec_type=ExecType.NEW,
        ord_status=OrdStatus.NEW,
        cl_ord_id="A7",
        symbol="BTCUSDT",
        cum_quantity=Decimal("0.001"),
    )
