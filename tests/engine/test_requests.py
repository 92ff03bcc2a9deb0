"""Requests that wait, that come too late, and the gateway's own, which take no no for an answer."""

from itertools import count

from fixgate.engine.policy import LateArrival, Policy
from fixgate.model.commands import CancelOrdersOf
from fixgate.model.enums import CxlRejReason, ExecType, OrdStatus
from fixgate.model.venue import (
    CancelAtVenue,
    ModifyAtVenue,
    ReconcileDue,
    RequestKind,
    RequestRefused,
    VenueExec,
    VenueStatus,
)

from .desk import SOURCE, D, Desk, cancel, replace

X, S = ExecType, OrdStatus
SECOND = 1_000_000_000
GONE = CancelOrdersOf(source=SOURCE, text="the session is off")


def refused(desk, order, kind=RequestKind.CANCEL):  # type: ignore[no-untyped-def]
    pending = order.cancel if kind is RequestKind.CANCEL else order.replace
    return desk.hear(
        RequestRefused(
            order_id=order.order_id, kind=kind, request_id=pending.request_id, text="no connection"
        )
    )


def retried(desk, seconds):  # type: ignore[no-untyped-def]
    return [type(each) for each in desk.engine.retry(seconds * SECOND).requests]


def test_the_gateways_own_cancel_is_tried_again_after_growing_pauses():
    desk = Desk()
    order = desk.acknowledged()
    desk.take(GONE)
    first = refused(desk, order)
    assert "tried again" in first.alarms[0] and not first.facts and order.cancel is not None
    assert retried(desk, 1.5) == []
    assert retried(desk, 2.5) == [CancelAtVenue]
    desk.clock = count(10 * SECOND)
    assert not refused(desk, order).alarms
    assert retried(desk, 11) == [] and retried(desk, 13) == [CancelAtVenue]
    desk.canceled(order)
    assert retried(desk, 100) == [] and not desk.engine.has_retries
    assert [what for what, _, _ in desk.told] == [X.PENDING_CANCEL, X.CANCELED]


def test_a_late_arrival_whose_cancel_is_refused_is_not_left_open():
    desk = Desk(policy=Policy(late_arrival=LateArrival.CANCEL))
    desk.new()
    order = desk.order()
    desk.hear(RequestRefused(order_id=order.order_id, kind=RequestKind.SUBMIT, text="no"))
    desk.hear(desk.update(order, VenueExec.NEW, VenueStatus.NEW))
    refused(desk, order)
    assert retried(desk, 10) == [CancelAtVenue]


def test_the_gateway_cancels_when_the_clients_own_cancel_is_refused_after_the_session_was_lost():
    desk = Desk()
    order = desk.acknowledged()
    desk.take(cancel("C1"))
    assert not desk.take(GONE).requests
    outcome = refused(desk, order)
    assert [type(each) for each in outcome.requests] == [CancelAtVenue]
    assert [what for what, _, _ in desk.told] == [
        X.PENDING_CANCEL,
        f"reject {CxlRejReason.BROKER}",
        X.PENDING_CANCEL,
    ]


def test_a_replace_that_waited_too_long_for_its_turn_does_not_leave():
    desk = Desk(policy=Policy(max_age_ns=5 * SECOND))
    desk.new()
    desk.take(replace("R1", price=D(101)))
    desk.clock = count(600 * SECOND)
    outcome = desk.hear(desk.update(desk.order(), VenueExec.NEW, VenueStatus.NEW))
    assert not any(isinstance(each, ModifyAtVenue) for each in outcome.requests)
    assert desk.told[-1] == (f"reject {CxlRejReason.OTHER}", S.NEW, "R1")
    assert "waited 599" in desk.reports[-1].text


def test_a_replace_that_waited_behind_another_over_a_restart_is_refused_when_its_turn_comes():
    desk = Desk()
    desk.acknowledged()
    desk.take(replace("R1", "A1", price=D(101)))
    desk.take(replace("R2", "R1", price=D(102)))
    desk.take(replace("R3", "A1", price=D(103)))
    again = desk.restarted()
    order = again.order()
    terms = {"quantity": D(10), "price": D(101)}
    outcome = again.hear(again.update(order, VenueExec.SNAPSHOT, VenueStatus.NEW, settled=True, **terms))
    assert not outcome.requests
    assert again.told[-3:] == [
        (X.REPLACED, S.PENDING_REPLACE, "R1"),
        (f"reject {CxlRejReason.OTHER}", S.PENDING_REPLACE, "R2"),
        (f"reject {CxlRejReason.OTHER}", S.NEW, "R3"),
    ]
    assert "restarted" in again.reports[-1].text and not order.replaces


def test_the_clients_own_cancel_goes_before_one_of_the_gateways_that_waits_to_be_tried_again():
    desk = Desk()
    order = desk.acknowledged()
    desk.take(GONE)
    refused(desk, order)
    outcome = desk.take(cancel("C1"))
    assert [type(each) for each in outcome.requests] == [CancelAtVenue]
    assert desk.told[-2:] == [(X.ORDER_STATUS, S.NEW, "A1"), (X.PENDING_CANCEL, S.PENDING_CANCEL, "C1")]
    again = refused(desk, order)
    assert desk.told[-2:] == [
        (f"reject {CxlRejReason.BROKER}", S.NEW, "C1"),
        (X.PENDING_CANCEL, S.PENDING_CANCEL, "A1"),
    ]
    assert [type(each) for each in again.requests] == [CancelAtVenue]


def test_a_mended_link_sends_the_gateways_refused_cancels_at_once():
    desk = Desk()
    order = desk.acknowledged()
    desk.take(GONE)
    for _ in range(6):
        refused(desk, order)
        order.cancel.retry_ns = 0
        desk.engine.retry(next(desk.clock))
    refused(desk, order)
    due = desk.hear(ReconcileDue(connector="PM", account="main"))
    assert isinstance(due.requests[0], CancelAtVenue)
