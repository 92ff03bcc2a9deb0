"""Orders that are kept beside the facts: a start reads them, and finished ones come back when asked for."""

import pytest

from fixgate.engine.lifecycle import OrderState
from fixgate.model.enums import CxlRejReason, ExecType, OrdRejReason, OrdStatus
from fixgate.model.reports import ExecutionReport

from .desk import D, Desk, cancel, replace, status

X, S = ExecType, OrdStatus


def finished(desk: Desk):  # type: ignore[no-untyped-def]
    order = desk.acknowledged()
    desk.take(cancel("C1"))
    desk.canceled(order)
    desk.take(cancel("C2", orig="nobody"))
    desk.new("BAD", quantity=D(13))
    desk.kept()
    desk.reports.clear()
    return order


def test_a_finished_order_leaves_the_memory_and_comes_back_when_asked_for():
    desk = Desk()
    order = finished(desk)
    assert not desk.engine.book.orders
    desk.take(status("C1"))
    assert desk.told == [(X.ORDER_STATUS, S.CANCELED, "C1")]
    assert list(desk.engine.book.orders) == [order.order_id]


def test_the_duplicate_guard_remembers_what_the_memory_does_not():
    desk = Desk()
    finished(desk)
    for cl_ord_id in ("A1", "C1", "C2", "BAD"):
        desk.new(cl_ord_id)
        assert desk.reports[-1].rej_reason is OrdRejReason.DUPLICATE_ORDER, cl_ord_id
    desk.take(cancel("C9", orig="A1"))
    assert desk.reports[-1].reason is CxlRejReason.TOO_LATE, "a refused duplicate does not hide the order"
    assert not desk.engine.book.changed[desk.order("C9").order_id].replaces


def test_a_repeat_of_what_was_refused_is_not_refused_anew():
    desk = Desk()
    finished(desk)
    before = len(desk.facts)
    desk.new("BAD", quantity=D(13), repeated=True)
    desk.take(cancel("C2", orig="nobody", repeated=True))
    desk.engine.take_late(9, cancel("C2", orig="nobody", repeated=True), 5)
    assert len(desk.facts) == before
    assert desk.told[:2] == [
        (X.ORDER_STATUS, S.REJECTED, "BAD"),
        (f"reject {CxlRejReason.UNKNOWN_ORDER}", S.REJECTED, "C2"),
    ]


def test_a_late_trade_of_an_order_that_left_the_memory_counts():
    desk = Desk()
    order = finished(desk)
    desk.trade(order, "4")
    assert desk.told == [(X.TRADE, S.CANCELED, "C1")] and desk.reports[-1].cum_quantity == D(4)
    desk.kept()
    assert desk.restarted().order("A1").cum == D(4)


@pytest.mark.parametrize("cut", range(12))
def test_a_start_from_snapshots_and_the_facts_since_is_a_start_from_all_facts(cut):
    """Kept after any input, with any part of the facts gone that a snapshot holds."""
    desk, kept_at = Desk(), 0

    def steps():  # type: ignore[no-untyped-def]
        order = desk.acknowledged("A1")
        yield
        desk.new("A2")
        yield
        desk.trade(order, "2")
        yield
        desk.take(replace("R1", "A1", quantity=D(12)))
        yield
        desk.take(replace("R2", "R1", price=D(99)))
        yield
        desk.replaced(order, "12")
        yield
        desk.take(cancel("C1", "R2"))
        yield
        desk.trade(order, "3")
        yield
        desk.canceled(order)
        yield
        desk.take(cancel("C2", "A2"))
        yield
        desk.take(cancel("C3", "nobody"))
        yield

    for number, _ in enumerate(steps()):
        if number == cut:
            desk.kept()
            kept_at = len(desk.facts)
    whole = Desk()
    whole.engine.restore(desk.facts)
    again = Desk(archive=desk.archive)
    again.engine.restore(
        desk.facts[kept_at:], snapshots=[each for each in desk.archive.orders.values() if each.open]
    )
    for cl_ord_id in ("A1", "A2"):
        one, other = whole.order(cl_ord_id), again.order(cl_ord_id)
        one.as_of = other.as_of = 0
        one.requested_ns = other.requested_ns = 0
        assert one == other
    for used in ("R1", "R2", "C1", "C2", "C3"):
        assert again.engine.book.is_used("OMS", used) == whole.engine.book.is_used("OMS", used)
    assert again.engine.last_seq == whole.engine.last_seq


def test_the_reports_of_replayed_facts_are_the_first_ones():
    desk = Desk()
    order = desk.acknowledged()
    desk.trade(order, "4")
    again = Desk(archive=desk.archive)
    told = again.engine.restore(desk.facts, wanted=lambda report: report.fact > 1)
    assert told[-1] == desk.reports[-1] and isinstance(told[-1], ExecutionReport)
    assert [report.fact for report in told] == [2, 3]
    assert again.order().state is OrderState.PARTIALLY_FILLED
