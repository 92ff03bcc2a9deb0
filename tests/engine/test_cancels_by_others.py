"""A cancel that another source than the order's own asks for: who is told what, and what a restart keeps."""

import msgspec
import pytest

from fixgate.engine.engine import Engine
from fixgate.engine.snapshots import snapshot_of
from fixgate.journal.sqlite import SqliteJournal
from fixgate.model.commands import ANY_SOURCE, CancelOrder, StatusRequest
from fixgate.model.enums import CxlRejReason, ExecType
from fixgate.model.facts import CancelRequested, Fact, OrderRejected
from fixgate.model.reports import CancelReject
from fixgate.model.snapshot import OrderSnapshot

from .desk import Desk, Planner, cancel, new_order

X = ExecType
OTHER = "FIX.4.4:FIXGATE->RISK"


def by_other(order_id: int, cl_ord_id: str = "C1", orig: str = "A1", may=("OMS",)) -> CancelOrder:
    return CancelOrder(
        source="RISK",
        session=OTHER,
        cl_ord_id=cl_ord_id,
        orig_cl_ord_id=orig,
        order_id=str(order_id),
        may_cancel=may,
    )


def working(desk: Desk, cl_ord_id: str = "A1", **changes):
    """An order of the OMS that the venue has."""
    return desk.acknowledged(cl_ord_id, **changes)


@pytest.mark.parametrize("how", ["none", "restart", "snapshot"])
def test_given_a_cancel_by_another_when_it_takes_effect_then_both_are_told_under_their_own_ids(how: str):
    desk = Desk()
    order_id = working(desk).order_id
    desk.take(by_other(order_id))
    if how == "snapshot":
        desk.kept()
    if how != "none":
        desk = desk.restarted()
    desk.reports.clear()
    desk.canceled(desk.engine.book.recall(order_id))
    owner, asker = desk.reports
    assert (owner.exec_type, owner.cl_ord_id, owner.orig_cl_ord_id) == (X.CANCELED, "A1", "")
    assert owner.text == "canceled by RISK" and not owner.aside
    assert (asker.session, asker.cl_ord_id, asker.orig_cl_ord_id) == (OTHER, "C1", "A1")
    assert asker.aside and asker.exec_id == owner.exec_id
    order = desk.engine.book.recall(order_id)
    assert order.cl_ord_id == "A1" and order.cl_ord_ids == ["A1"]


def test_given_a_cancel_by_another_when_the_order_fills_then_it_is_rejected_to_who_asked():
    desk = Desk()
    order = working(desk)
    desk.take(by_other(order.order_id))
    desk.reports.clear()
    desk.trade(order, "10")
    rejects = [report for report in desk.reports if isinstance(report, CancelReject)]
    assert [(each.session, each.reason) for each in rejects] == [(OTHER, CxlRejReason.TOO_LATE)]
    assert [report.exec_type for report in desk.reports if report.session != OTHER] == [
        X.TRADE,
        X.ORDER_STATUS,
    ]


def test_given_an_order_of_ones_own_with_the_same_id_when_the_order_id_names_anothers_then_that_is_meant():
    desk = Desk()
    order = working(desk)
    desk.take(new_order("A1", source="RISK", session=OTHER))
    desk.take(by_other(order.order_id))
    assert desk.engine.book.recall(order.order_id).cancel is not None
    own = desk.engine.book.of_client("RISK", "A1")
    assert own.order_id != order.order_id and own.cancel is None


def test_given_another_id_than_the_orders_when_it_is_to_be_canceled_then_nothing_is():
    desk = Desk()
    order = working(desk)
    working(desk, "B1", source="OMS")
    desk.take(by_other(order.order_id, orig="B1"))
    assert isinstance(desk.reports[-1], CancelReject)
    assert desk.reports[-1].reason is CxlRejReason.UNKNOWN_ORDER
    assert all(each.cancel is None for each in desk.engine.book.live.values())


@pytest.mark.parametrize("order_id", ["9" * 19, "9" * 64, str(2**63)])
@pytest.mark.parametrize("may_cancel", [(), ("*",)])
def test_given_an_order_id_longer_than_any_number_of_the_journals_then_it_names_nothing(
    order_id, may_cancel, tmp_path
):
    journal = SqliteJournal(tmp_path / "journal.db")
    engine = Engine({"PM": Planner()}, journal)
    command = cancel("C1", "nothing", order_id=order_id, may_cancel=may_cancel)
    (report,) = engine.take(1, command, 1).reports
    assert isinstance(report, CancelReject) and report.reason is CxlRejReason.UNKNOWN_ORDER
    journal.close()


def test_given_no_entitlement_then_an_order_id_of_another_source_names_nothing():
    desk = Desk()
    order = working(desk)
    desk.take(by_other(order.order_id, may=()))
    assert desk.reports[-1].reason is CxlRejReason.UNKNOWN_ORDER and order.cancel is None
    ask = StatusRequest(source="RISK", session=OTHER, order_id=str(order.order_id))
    desk.take(ask)
    assert desk.reports[-1].cl_ord_id != "A1"
    desk.take(msgspec.structs.replace(ask, may_cancel=(ANY_SOURCE,)))
    assert (desk.reports[-1].cl_ord_id, desk.reports[-1].session) == ("A1", OTHER)


def test_given_a_repeat_of_such_a_cancel_then_it_is_answered_with_the_orders_state():
    desk = Desk()
    order = working(desk)
    desk.take(by_other(order.order_id))
    desk.take(msgspec.structs.replace(by_other(order.order_id), repeated=True))
    assert (desk.reports[-1].exec_type, desk.reports[-1].session) == (X.ORDER_STATUS, OTHER)


def test_given_a_journal_of_before_then_its_facts_and_snapshots_are_read():
    desk = Desk()
    order = working(desk)
    body = msgspec.json.decode(msgspec.json.encode(snapshot_of(order, 1)))
    assert "rejection" not in body and "fees" not in body
    assert msgspec.json.decode(msgspec.json.encode(body), type=OrderSnapshot).fees == {}
    command = CancelOrder(source="OMS", session="S", cl_ord_id="C", orig_cl_ord_id="A1")
    for fact in (
        CancelRequested(seq=1, at_ns=1, order_id=1, request_id=2, command=command),
        OrderRejected(seq=1, at_ns=1, order_id=1, reason="0", text="no"),  # type: ignore[arg-type]
    ):
        text = msgspec.json.encode(fact)
        assert b"may_cancel" not in text and b"error" not in text
        assert msgspec.json.decode(text, type=Fact) is not None
