"""Conditional orders, which the venue may know by two ids, and lists of which one order cancels the other."""

import pytest
from msgspec.structs import replace

from fixgate.model.commands import NewOrderList
from fixgate.model.enums import CxlRejReason, ExecType, OrderType, OrdRejReason, OrdStatus, ProductType
from fixgate.model.reports import ListState, ListStatus
from fixgate.model.venue import (
    CancelAtVenue,
    OutcomeUnknown,
    QueryAtVenue,
    RequestKind,
    RequestRefused,
    SubmitList,
    VenueExec,
    VenueStatus,
)

from .desk import SESSION, SOURCE, D, Desk, cancel, new_order

X, S = ExecType, OrdStatus
STOP = {"order_type": OrderType.STOP_LOSS, "price": None, "stop_price": D(90)}


def held(product: ProductType = ProductType.FUTURE):  # type: ignore[no-untyped-def]
    """A stop order that the venue holds back, under the id P1."""
    desk = Desk(product)
    desk.new(**STOP)
    order = desk.order()
    desk.hear(desk.update(order, VenueExec.NEW, VenueStatus.SUSPENDED, venue_order_id="P1"))
    desk.reports.clear()
    return desk, order


def child(desk, order, exec, status, **changes):  # type: ignore[no-untyped-def]
    return desk.hear(
        desk.update(order, exec, status, **({"venue_order_id": "C1", "parent_order_id": "P1"} | changes))
    )


def test_a_stop_is_suspended_then_triggered_and_filled_under_another_id():
    desk, order = held()
    child(desk, order, VenueExec.NEW, VenueStatus.NEW)
    fill = {"last_quantity": D(10), "last_price": D(89), "cum_quantity": D(10), "trade_id": "1"}
    child(desk, order, VenueExec.TRADE, VenueStatus.FILLED, parent_order_id="", **fill)
    assert [line[:2] for line in desk.told] == [(X.NEW, S.NEW), (X.TRADE, S.FILLED)]
    assert (order.parent_order_id, order.venue_order_id) == ("P1", "C1")
    assert desk.reports[-1].parent_order_id == "P1"


def test_a_child_that_comes_before_its_parent_is_known_is_matched_by_the_client_order_id():
    desk = Desk()
    desk.new(**STOP)
    order = desk.order()
    child(desk, order, VenueExec.NEW, VenueStatus.NEW)
    assert [what for what, _, _ in desk.told] == [X.PENDING_NEW, X.SUSPENDED, X.NEW]
    desk.hear(desk.update(order, VenueExec.NEW, VenueStatus.SUSPENDED, venue_order_id="P1"))
    assert len(desk.told) == 3, "the parent's own word comes late and says nothing"
    assert not desk.alarms


def test_a_child_that_names_no_parent_is_known_by_the_client_order_id():
    desk, order = held()
    child(desk, order, VenueExec.NEW, VenueStatus.NEW, parent_order_id="")
    assert (order.parent_order_id, order.venue_order_id) == ("P1", "C1") and not desk.alarms


def test_what_becomes_of_the_parent_after_its_trigger_does_not_end_the_child():
    desk, order = held()
    child(desk, order, VenueExec.NEW, VenueStatus.NEW)
    desk.hear(desk.update(order, VenueExec.EXPIRED, VenueStatus.EXPIRED, venue_order_id="P1"))
    assert not order.terminal


def test_a_stop_refused_at_its_trigger_is_rejected_and_answers_what_was_asked_of_it():
    desk, order = held()
    desk.take(cancel())
    desk.hear(
        desk.update(
            order,
            VenueExec.REJECTED,
            VenueStatus.REJECTED,
            venue_order_id="P1",
            text="margin is insufficient",
        )
    )
    assert desk.told[-2:] == [
        (X.REJECTED, S.REJECTED, "A1"),
        (f"reject {CxlRejReason.TOO_LATE}", S.REJECTED, "C1"),
    ]
    assert "margin" in desk.reports[-2].text


@pytest.mark.parametrize(
    ("product", "asked"),
    [(ProductType.FUTURE, True), (ProductType.DELIVERY, True), (ProductType.SPOT, False)],
)
def test_cancels_and_questions_go_to_the_service_that_holds_the_order(product, asked):
    desk, order = held(product)
    request = desk.take(cancel()).requests[0]
    assert isinstance(request, CancelAtVenue) and request.held is asked and request.venue_order_id == "P1"
    unknown = OutcomeUnknown(
        order_id=order.order_id, kind=RequestKind.CANCEL, request_id=request.request_id, text="?"
    )
    query = desk.hear(unknown).requests[0]
    assert isinstance(query, QueryAtVenue) and query.held is asked
    child(desk, order, VenueExec.NEW, VenueStatus.NEW)
    settled = child(desk, order, VenueExec.SNAPSHOT, VenueStatus.NEW, settled=True)
    assert [each.held for each in settled.requests] == [False]
    assert settled.requests[0].venue_order_id == "C1"


@pytest.mark.parametrize("terms", [STOP, {}])
def test_an_order_that_a_spot_venue_holds_apart_is_canceled_there(terms):
    """Even a limit order: one of an OCO that the venue holds whole."""
    desk = Desk(ProductType.SPOT)
    desk.new(**terms)
    order = desk.order()
    order.request = replace(order.request, apart=True)
    desk.hear(desk.update(order, VenueExec.NEW, VenueStatus.SUSPENDED, venue_order_id="P1"))
    request = desk.take(cancel()).requests[0]
    assert isinstance(request, CancelAtVenue) and request.held and request.venue_order_id == "P1"
    child(desk, order, VenueExec.NEW, VenueStatus.NEW)
    assert not order.held
    assert (order.parent_order_id, order.venue_order_id) == ("P1", "C1")


def test_both_ids_find_the_order_after_a_restart_and_from_the_archive():
    desk, order = held()
    child(desk, order, VenueExec.NEW, VenueStatus.NEW)
    desk.kept()
    again = desk.restarted()
    known = again.order()
    for venue_id in ("P1", "C1"):
        update = again.update(
            known, VenueExec.NEW, VenueStatus.NEW, venue_order_id=venue_id, client_order_id="?"
        )
        assert again.engine.book.of_update(update) is known


def oco(**changes: object) -> NewOrderList:
    limit = new_order("L1", price=D(110), list_id="LIST", **changes)
    stop = new_order("S1", list_id="LIST", **STOP, **changes)
    return NewOrderList(source=SOURCE, session=SESSION, list_id="LIST", orders=(limit, stop))


def lists(desk) -> list[tuple[ListState, list[str]]]:  # type: ignore[no-untyped-def]
    found = [report for report in desk.reports if isinstance(report, ListStatus)]
    return [(report.state, [each.ord_status for each in report.orders]) for report in found]


def taken():  # type: ignore[no-untyped-def]
    desk = Desk(ProductType.SPOT)
    outcome = desk.take(oco())
    return desk, outcome, desk.order("L1"), desk.order("S1")


def test_a_list_is_one_request_and_two_orders():
    desk, outcome, limit, stop = taken()
    (request,) = outcome.requests
    assert isinstance(request, SubmitList)
    assert [leg.order_id for leg in request.legs] == [limit.order_id, stop.order_id]
    assert lists(desk) == [(ListState.EXECUTING, [S.PENDING_NEW, S.PENDING_NEW])]


def test_when_one_order_of_a_list_fills_the_venue_cancels_the_other_and_the_list_is_done():
    desk, _, limit, stop = taken()
    desk.hear(desk.update(limit, VenueExec.NEW, VenueStatus.NEW))
    desk.hear(desk.update(stop, VenueExec.NEW, VenueStatus.SUSPENDED))
    desk.trade(limit, "10", "110")
    assert len(lists(desk)) == 1
    desk.canceled(stop)
    assert lists(desk)[-1] == (ListState.ALL_DONE, [S.FILLED, S.CANCELED])
    assert [each.canceled_quantity for each in desk.reports[-1].orders] == [D(0), D(10)]


def test_a_list_refused_by_the_venue_is_rejected_order_by_order_and_done():
    desk, _, limit, stop = taken()
    for order in (limit, stop):
        desk.hear(RequestRefused(order_id=order.order_id, kind=RequestKind.SUBMIT, code="-2010", text="no"))
    assert lists(desk)[-1] == (ListState.ALL_DONE, [S.REJECTED, S.REJECTED])


def test_a_list_of_which_one_order_cannot_be_is_refused_whole():
    desk = Desk(ProductType.SPOT)
    desk.new("L1")
    outcome = desk.take(oco())
    assert not outcome.requests
    assert [(each.cl_ord_id, each.rej_reason) for each in outcome.reports] == [
        ("L1", OrdRejReason.DUPLICATE_ORDER),
        ("S1", OrdRejReason.DUPLICATE_ORDER),
    ]


def test_a_list_sent_again_is_told_how_its_orders_are():
    desk, _, limit, _ = taken()
    desk.hear(desk.update(limit, VenueExec.NEW, VenueStatus.NEW))
    again = oco()
    repeated = NewOrderList(
        source=SOURCE, session=SESSION, list_id="LIST", orders=again.orders, repeated=True
    )
    outcome = desk.take(repeated)
    assert not outcome.requests and not outcome.facts
    assert [(each.cl_ord_id, each.ord_status) for each in outcome.reports] == [
        ("L1", S.NEW),
        ("S1", S.PENDING_NEW),
    ]


def test_a_list_that_was_not_sent_before_a_restart_is_refused():
    desk = Desk(ProductType.SPOT)
    outcome = desk.engine.take_late(1, oco(), 5, (2,))
    assert [each.rej_reason for each in outcome.reports] == [OrdRejReason.STALE_ORDER] * 2


def test_the_reports_of_a_list_are_the_same_when_its_facts_are_replayed():
    desk, _, limit, stop = taken()
    desk.trade(limit, "10", "110")
    desk.canceled(stop)
    again = Desk(ProductType.SPOT)
    assert again.engine.restore(desk.facts) == desk.reports
