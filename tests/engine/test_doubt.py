"""Requests whose outcome is unknown: never a reject, never a guess, never sent twice."""

import pytest

from fixgate.engine.lifecycle import OrderState
from fixgate.engine.order import Order
from fixgate.engine.policy import LateArrival, Policy
from fixgate.engine.turn import Outcome
from fixgate.model.enums import (
    CxlRejReason,
    ExecType,
    OrdStatus,
    ProductType,
)
from fixgate.model.facts import ForeignUpdate
from fixgate.model.venue import (
    CancelAtVenue,
    OrderNotFound,
    OutcomeUnknown,
    QueryAtVenue,
    ReconcileDue,
    RequestKind,
    RequestRefused,
    SubmitOrder,
    VenueExec,
    VenueStatus,
)

from .desk import D, Desk, cancel, replace

X, S = ExecType, OrdStatus
DUE = ReconcileDue(connector="PM", account="main")


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


def late_arrival(policy: LateArrival) -> tuple[Desk, Order, Outcome]:
    desk = Desk(policy=Policy(late_arrival=policy))
    desk.new()
    order = desk.order()
    desk.hear(OrderNotFound(order_id=order.order_id, text="not found"))
    return desk, order, desk.trade(order, "4")


def test_a_rejected_order_that_turns_up_is_taken_back_and_cancelled():
    desk, order, outcome = late_arrival(LateArrival.CANCEL)
    assert [type(request) for request in outcome.requests] == [CancelAtVenue]
    assert "had been rejected" in outcome.alarms[0]
    assert [(what, status) for what, status, _ in desk.told[1:]] == [
        (X.REJECTED, S.REJECTED),
        (X.RESTATED, S.NEW),
        (X.PENDING_CANCEL, S.PENDING_CANCEL),
        (X.TRADE, S.PENDING_CANCEL),
    ]
    desk.canceled(order)
    assert desk.told[-1] == (X.CANCELED, S.CANCELED, "A1") and desk.reports[-1].cum_quantity == D(4)


def test_a_rejected_order_that_turns_up_is_adopted_where_the_policy_says_so():
    desk, order, outcome = late_arrival(LateArrival.ADOPT)
    assert not outcome.requests and outcome.alarms
    assert desk.told[-1] == (X.TRADE, S.PARTIALLY_FILLED, "A1") and not order.terminal
    desk.trade(order, "6")
    assert order.state is OrderState.FILLED


def test_the_end_of_an_order_that_was_rejected_is_no_late_arrival():
    desk = Desk()
    desk.new()
    order = desk.order()
    desk.hear(
        RequestRefused(order_id=order.order_id, kind=RequestKind.SUBMIT, code="-5022", text="would take")
    )
    outcome = desk.hear(desk.update(order, VenueExec.EXPIRED, VenueStatus.EXPIRED))
    assert isinstance(outcome.facts[0], ForeignUpdate) and not outcome.reports and not outcome.alarms


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
    query = again.hear(DUE).requests[0]
    assert query.settle
    order = again.order()
    resent = again.hear(again.update(order, VenueExec.SNAPSHOT, VenueStatus.NEW, settled=True))
    assert [type(request) for request in resent.requests] == [CancelAtVenue]


def test_no_new_order_is_taken_before_what_a_restart_left_open_is_known():
    desk = Desk()
    desk.new("A1")
    again = desk.restarted()
    refused = again.new("A2")
    assert not refused.requests and "finding out" in refused.reports[0].text
    assert again.new("B1", connector="PM").reports[0].ord_status is S.REJECTED
    order = again.order("A1")
    again.hear(again.update(order, VenueExec.SNAPSHOT, VenueStatus.NEW))
    assert again.engine.unsettled("PM", "main") == 0
    assert isinstance(again.new("A3").requests[0], SubmitOrder)


def test_an_order_that_works_quietly_does_not_hold_up_new_ones_after_a_restart():
    desk = Desk()
    desk.acknowledged("A1")
    assert isinstance(desk.restarted().new("A2").requests[0], SubmitOrder)


@pytest.mark.parametrize("product", [ProductType.FUTURE, ProductType.DELIVERY])
def test_fills_whose_trades_are_lost_are_booked_as_one_at_the_price_that_the_average_tells(product):
    desk = Desk(product)
    order = desk.acknowledged()
    desk.trade(order, "4", "100")
    whole = Desk(product)
    whole_order = whole.acknowledged()
    whole.trade(whole_order, "4", "100")
    whole.trade(whole_order, "6", "110")
    outcome = desk.hear(
        desk.update(
            order,
            VenueExec.SNAPSHOT,
            VenueStatus.FILLED,
            cum_quantity=D(10),
            average_price=whole_order.average_price,
            trades_missing=True,
        )
    )
    report = outcome.reports[0]
    assert (report.ord_status, report.last_quantity, report.cum_quantity) == (S.FILLED, D(6), D(10))
    assert abs(report.last_price - 110) < D("0.000001") and "without its trades" in outcome.alarms[0]
    assert not outcome.requests


def test_missing_trades_of_a_canceled_order_do_not_make_it_ask_for_ever():
    desk = Desk()
    order = desk.acknowledged()
    outcome = desk.hear(
        desk.update(order, VenueExec.SNAPSHOT, VenueStatus.CANCELED, cum_quantity=D(3), trades_missing=True)
    )
    assert [what for what, _, _ in desk.told] == [X.TRADE, X.CANCELED] and not outcome.requests
    assert order.cum == D(3) and outcome.alarms


def test_no_such_client_order_id_says_nothing_of_an_order_whose_venue_id_is_known_by_now():
    desk = Desk()
    order = desk.acknowledged()
    outcome = desk.hear(OrderNotFound(order_id=order.order_id, text="another order has that client id"))
    assert order.state is OrderState.NEW and isinstance(outcome.requests[0], QueryAtVenue)
    desk.hear(
        OrderNotFound(order_id=order.order_id, venue_order_id=order.venue_order_id, text="no such order")
    )
    assert order.state is OrderState.CANCELED


def test_a_trade_that_turns_up_after_it_was_booked_as_missing_counts_once():
    desk = Desk()
    order = desk.acknowledged()
    desk.hear(
        desk.update(
            order,
            VenueExec.SNAPSHOT,
            VenueStatus.FILLED,
            cum_quantity=D(10),
            average_price=D(100),
            trades_missing=True,
        )
    )
    outcome = desk.trade(order, "10", cum_quantity=D(10))
    assert order.cum == D(10) and isinstance(outcome.facts[0], ForeignUpdate) and not outcome.reports


def test_trades_listed_late_explain_what_was_booked_without_them_and_the_rest_counts():
    desk = Desk()
    order = desk.acknowledged()
    desk.trade(order, "2")
    desk.hear(
        desk.update(
            order, VenueExec.SNAPSHOT, VenueStatus.PARTIALLY_FILLED, cum_quantity=D(5), trades_missing=True
        )
    )
    desk.kept()
    again = desk.restarted()
    order = again.order()
    for trade_id in ("T2", "T3", "T2"):
        again.trade(order, "3", trade_id=trade_id, cum_quantity=D(0))
    assert order.cum == D(8)


def test_a_late_trade_that_explains_more_than_was_booked_counts_for_the_rest():
    desk = Desk()
    order = desk.acknowledged()
    desk.trade(order, "2")
    missing = {"cum_quantity": D(5), "trades_missing": True}
    desk.hear(desk.update(order, VenueExec.SNAPSHOT, VenueStatus.PARTIALLY_FILLED, **missing))
    desk.trade(order, "2", trade_id="T3", cum_quantity=D(0))
    desk.trade(order, "3", trade_id="T2", cum_quantity=D(0))
    assert order.cum == D(7) and desk.reports[-1].last_quantity == D(2)
    end = desk.update(order, VenueExec.SNAPSHOT, VenueStatus.CANCELED, cum_quantity=D(7), settled=True)
    assert not desk.hear(end).requests and order.state is OrderState.CANCELED


def test_a_settled_answer_that_its_trades_do_not_bear_out_is_not_asked_for_again():
    desk = Desk()
    order = desk.acknowledged()
    end = desk.update(order, VenueExec.SNAPSHOT, VenueStatus.CANCELED, cum_quantity=D(4), settled=True)
    outcome = desk.hear(end)
    assert not outcome.requests and outcome.alarms and order.cum == D(4)
    assert order.state is OrderState.CANCELED
