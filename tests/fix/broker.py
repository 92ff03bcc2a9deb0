"""What stands behind the door in its tests: an inbox that can fail, and a broker that answers at once."""

import itertools
import threading
import time
from collections.abc import Callable
from decimal import Decimal

from fixgate.fix.acceptor import FixDoor
from fixgate.fix.ports import InboxUnavailable
from fixgate.model.commands import CancelOrder, Command, NewOrder, ReplaceOrder
from fixgate.model.enums import (
    CxlRejReason,
    CxlRejResponseTo,
    ExecType,
    OrderType,
    OrdRejReason,
    OrdStatus,
)
from fixgate.model.reports import CancelReject, ExecutionReport

MARKET = Decimal("65000.10")


def wait_until(condition: Callable[[], bool], timeout: float = 10) -> None:
    """Block until a condition holds that other threads bring about."""
    pause, deadline = threading.Event(), time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"still not so after {timeout} s"
        pause.wait(0.005)


class ListInbox:
    """An inbox in memory; `failure` makes `put` raise."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, int]] = []
        self.refused: list[int] = []
        self.failure: Exception | None = None

    def put(self, session: str, raw: str, received_ns: int) -> int:
        if self.failure is not None:
            raise self.failure
        self.rows.append((session, raw, received_ns))
        return len(self.rows)

    def answered(self, sequence: int) -> None:
        self.refused.append(sequence)

    def fail(self) -> None:
        self.failure = InboxUnavailable("disk full")


class Deliveries:
    """Collects commands with what the inbox held when each came; `failure` makes the next hand-over raise."""

    def __init__(self, inbox: ListInbox) -> None:
        self._inbox = inbox
        self._news = threading.Condition()
        self.seen: list[tuple[int, int, Command]] = []
        self.inbox_sizes: list[int] = []
        self.failure: Exception | None = None

    def __call__(self, sequence: int, received_ns: int, command: Command) -> None:
        failure, self.failure = self.failure, None
        if failure is not None:
            raise failure
        with self._news:
            self.seen.append((sequence, received_ns, command))
            self.inbox_sizes.append(len(self._inbox.rows))
            self._news.notify_all()

    def wait(self, wanted: Callable[[Command], bool], timeout: float = 10) -> tuple[int, int, Command]:
        """Return the first delivery whose command is wanted; blocks."""
        with self._news:
            found = self._news.wait_for(lambda: [each for each in self.seen if wanted(each[2])], timeout)
        assert found, f"not delivered in {timeout} s; had {self.seen}"
        return found[0]


def new_report(command: NewOrder, **changes: object) -> ExecutionReport:
    """Return the report that an order is accepted, with `changes`."""
    terms: dict[str, object] = {
        "session": command.session,
        "order_id": command.cl_ord_id,
        "exec_id": f"E-{command.cl_ord_id}-{next(_exec_ids)}",
        "exec_type": ExecType.NEW,
        "ord_status": OrdStatus.NEW,
        "cl_ord_id": command.cl_ord_id,
        "symbol": command.symbol,
        "security_type": command.security_type,
        "side": command.side,
        "order_type": command.order_type,
        "quantity": command.quantity,
        "price": command.price,
        "leaves_quantity": command.quantity,
        "at_ns": time.time_ns(),
    }
    return ExecutionReport(**(terms | changes))  # type: ignore[arg-type]


_exec_ids = itertools.count(1)


class Broker:
    """Fills market orders, rests limit orders, refuses what a venue would. Answers on the door's thread."""

    def __init__(self) -> None:
        self.door: FixDoor | None = None
        self.orders: dict[str, NewOrder] = {}
        self.fills = True

    def __call__(self, sequence: int, received_ns: int, command: Command) -> None:
        assert self.door is not None
        if isinstance(command, NewOrder):
            self._new(command)
        elif isinstance(command, CancelOrder):
            order = self.orders.pop(command.orig_cl_ord_id)
            self.door.publish(
                new_report(
                    order,
                    cl_ord_id=command.cl_ord_id,
                    orig_cl_ord_id=command.orig_cl_ord_id,
                    exec_type=ExecType.CANCELED,
                    ord_status=OrdStatus.CANCELED,
                    leaves_quantity=Decimal(0),
                )
            )
        elif isinstance(command, ReplaceOrder):
            self._replace(command)

    def _new(self, order: NewOrder) -> None:
        assert self.door is not None
        tick = Decimal("0.01") if order.security_type == "FXSPOT" else Decimal("0.10")
        if order.price is not None and order.price % tick:
            self.door.publish(
                new_report(
                    order,
                    exec_type=ExecType.REJECTED,
                    ord_status=OrdStatus.REJECTED,
                    leaves_quantity=Decimal(0),
                    rej_reason=OrdRejReason.OTHER,
                    text=f"price {order.price} is not a multiple of tick size {tick}",
                )
            )
            return
        self.orders[order.cl_ord_id] = order
        self.door.publish(new_report(order))
        if order.order_type is OrderType.MARKET and self.fills:
            self.door.publish(
                new_report(
                    order,
                    exec_type=ExecType.TRADE,
                    ord_status=OrdStatus.FILLED,
                    last_quantity=order.quantity,
                    last_price=MARKET,
                    cum_quantity=order.quantity,
                    leaves_quantity=Decimal(0),
                    average_price=MARKET,
                    commission=Decimal("0.01"),
                    commission_currency="USDT",
                )
            )

    def _replace(self, command: ReplaceOrder) -> None:
        assert self.door is not None
        order = self.orders[command.orig_cl_ord_id]
        if order.security_type == "FXSPOT":
            self.door.publish(
                CancelReject(
                    session=command.session,
                    order_id=order.cl_ord_id,
                    cl_ord_id=command.cl_ord_id,
                    orig_cl_ord_id=command.orig_cl_ord_id,
                    ord_status=OrdStatus.NEW,
                    response_to=CxlRejResponseTo.REPLACE,
                    reason=CxlRejReason.BROKER,
                    text="spot orders cannot be replaced; cancel and send a new one",
                    at_ns=time.time_ns(),
                )
            )
            return
        self.orders[command.cl_ord_id] = self.orders.pop(command.orig_cl_ord_id)
        self.door.publish(
            new_report(
                order,
                exec_type=ExecType.REPLACED,
                cl_ord_id=command.cl_ord_id,
                orig_cl_ord_id=command.orig_cl_ord_id,
                price=command.price,
            )
        )
