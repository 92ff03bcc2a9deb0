"""Requests whose outcome is unknown: never a reject, never a guess, never sent twice."""

from fixgate.engine.lifecycle import OrderState
from fixgate.model.enums import (
    CxlRejReason,
    ExecType,
    OrdStatus,
)
from fixgate.model.facts import ForeignUpdate
from fixgate.model.venue import (
    CancelAtVenue,
    ConnectorStatus,
    OrderNotFound,
    OutcomeUnknown,
    QueryAtVenue,
    RequestKind,
    VenueExec,
    VenueStatus,
)

from .desk import D, Desk, cancel, replace

X, S = ExecType, OrdStatus


def test_a_timeout_is_never_a_reject():
    desk = Desk()
    desk.new()
    order = desk.order()
    outcome = desk.hear(OutcomeUnknown(order_id=order.order_id, kind=RequestKind.SUBMIT, text="timed out"))
    assert not outcome.reports and isinstance(outcome.requests[0], QueryAtVenue)
    desk.hear(desk.update(order, VenueExec.SNAPSHOT, VenueStatus.NEW))
    assert desk.told[-1] == (X.NEW, S.NEW, "A1")


def test_an_order_in_doubt_that_never_was_is_rejected_in_the_end():
    desk = Desk()
    desk.new()
    order_id = desk.order().order_id
    desk.hear(OutcomeUnknown(order_id=order_id, kind=RequestKind.SUBMIT, text="timed out"))
    desk.hear(OrderNotFound(order_id=order_id, text="not found"))
    assert desk.told[-1] == (X.REJECTED, S.REJECTED, "A1")


def test_a_rejected_order_that_turns_up_after_all_raises_an_alarm_and_is_kept():
    desk = Desk()
    desk.new()
    order = desk.order()
    desk.hear(OrderNotFound(order_id=order.order_id, text="not found"))
    outcome = desk.trade(order, "4")
    assert isinstance(outcome.facts[0], ForeignUpdate) and "look at the account" in outcome.alarms[0]
    assert order.state is OrderState.REJECTED and not outcome.reports


def test_a_cancel_in_doubt_is_sent_again_only_when_it_cannot_land_any_more():
    desk = Desk()
    order = desk.acknowledged()
    number = desk.take(cancel()).requests[0].request_id
    query = desk.hear(
        OutcomeUnknown(order_id=order.order_id, kind=RequestKind.CANCEL, request_id=number, text="reset")
    ).requests[0]
    assert query.settle
    early = desk.hear(desk.update(order, VenueExec.SNAPSHOT, VenueStatus.NEW))
    assert not early.requests
    late = desk.hear(desk.update(order, VenueExec.SNAPSHOT, VenueStatus.NEW, settled=True))
    assert [type(request) for request in late.requests] == [CancelAtVenue]


def test_a_replace_in_doubt_is_read_off_the_order():
    for shown, told in ((D(12), X.REPLACED), (D(10), f"reject {CxlRejReason.BROKER}")):
        desk = Desk()
        order = desk.acknowledged()
        number = desk.take(replace(quantity=D(12))).requests[0].request_id
        desk.hear(
            OutcomeUnknown(order_id=order.order_id, kind=RequestKind.MODIFY, request_id=number, text="?")
        )
        desk.hear(
            desk.update(
                order, VenueExec.SNAPSHOT, VenueStatus.NEW, settled=True, quantity=shown, price=D(100)
            )
        )
        assert desk.told[-1][0] == told


def test_a_cancel_open_at_a_restart_is_in_doubt():
    desk = Desk()
    desk.acknowledged()
    desk.take(cancel())
    again = desk.restarted()
    query = again.hear(ConnectorStatus(connector="PM", account="main", up=True)).requests[0]
    assert query.settle
    order = again.order()
    resent = again.hear(again.update(order, VenueExec.SNAPSHOT, VenueStatus.NEW, settled=True))
    assert [type(request) for request in resent.requests] == [CancelAtVenue]
