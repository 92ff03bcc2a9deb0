"""How the engine answers commands and merges the venue's words (FIX 4.4 Vol. 4, Appendix D)."""

import pytest

from fixgate.engine.lifecycle import OrderState
from fixgate.model.commands import OrderAttributes
from fixgate.model.enums import (
    CxlRejReason,
    ExecType,
    OrdRejReason,
    OrdStatus,
    ProductType,
    TimeInForce,
)
from fixgate.model.facts import ForeignUpdate
from fixgate.model.venue import (
    CancelAtVenue,
    ModifyAtVenue,
    PositionUpdate,
    QueryAtVenue,
    RequestKind,
    RequestRefused,
    SubmitOrder,
    VenueExec,
    VenueStatus,
)

from .desk import D, Desk, cancel, new_order, replace, status

X, S = ExecType, OrdStatus


def test_an_order_is_sent_once_and_reported_pending():
    desk = Desk()
    outcome = desk.new()
    assert [type(request) for request in outcome.requests] == [SubmitOrder]
    assert desk.told == [(X.PENDING_NEW, S.PENDING_NEW, "A1")]


def test_an_order_filled_in_two_trades():
    desk = Desk()
    order = desk.acknowledged()
    desk.trade(order, "4", "100")
    desk.trade(order, "6", "101")
    assert desk.told == [(X.TRADE, S.PARTIALLY_FILLED, "A1"), (X.TRADE, S.FILLED, "A1")]
    last = desk.reports[-1]
    assert (last.cum_quantity, last.leaves_quantity, last.average_price) == (D(10), D(0), D("100.6"))


def test_average_price_of_inverse_contracts_is_harmonic():
    desk = Desk(ProductType.DELIVERY)
    order = desk.acknowledged()
    desk.trade(order, "5", "50000")
    desk.trade(order, "5", "60000")
    assert desk.reports[-1].average_price == round(D(10) / (D(5) / 50000 + D(5) / 60000), 10)


def test_a_fill_that_overtakes_the_acknowledgement_is_reported_after_new():
    desk = Desk()
    desk.new()
    desk.trade(desk.order(), "10")
    assert [what for what, _, _ in desk.told] == [X.PENDING_NEW, X.NEW, X.TRADE]


def test_a_late_acknowledgement_after_the_fill_changes_nothing():
    desk = Desk()
    order = desk.acknowledged()
    desk.trade(order, "10")
    before = len(desk.facts)
    desk.hear(desk.update(order, VenueExec.SNAPSHOT, VenueStatus.NEW, cum_quantity=D(0)))
    assert len(desk.facts) == before and order.state is OrderState.FILLED


def test_the_same_trade_twice_counts_once():
    desk = Desk()
    order = desk.acknowledged()
    desk.trade(order, "4", trade_id="77", cum_quantity=D(4))
    desk.trade(order, "4", trade_id="77", cum_quantity=D(4))
    assert order.cum == D(4) and len(desk.reports) == 1


def test_a_jump_in_the_filled_quantity_is_asked_about_before_anything_is_reported():
    desk = Desk()
    order = desk.acknowledged()
    outcome = desk.trade(order, "2", cum_quantity=D(7))
    assert [type(request) for request in outcome.requests] == [QueryAtVenue] and not outcome.reports


def test_a_cancel_that_hides_a_fill_waits_for_it():
    desk = Desk()
    order = desk.acknowledged()
    outcome = desk.canceled(order, cum_quantity=D(3))
    assert [type(request) for request in outcome.requests] == [QueryAtVenue] and not outcome.reports
    desk.trade(order, "3", cum_quantity=D(0))
    desk.hear(desk.update(order, VenueExec.SNAPSHOT, VenueStatus.CANCELED, cum_quantity=D(3)))
    assert desk.told == [(X.TRADE, S.PARTIALLY_FILLED, "A1"), (X.CANCELED, S.CANCELED, "A1")]


def test_a_trade_heard_of_after_the_end_still_counts():
    desk = Desk()
    order = desk.acknowledged()
    desk.canceled(order)
    desk.trade(order, "4")
    assert desk.told == [(X.CANCELED, S.CANCELED, "A1"), (X.TRADE, S.CANCELED, "A1")]
    assert desk.reports[-1].cum_quantity == D(4) and desk.reports[-1].leaves_quantity == D(0)


def test_cancel_of_a_working_order():
    desk = Desk()
    order = desk.acknowledged()
    outcome = desk.take(cancel())
    assert [type(request) for request in outcome.requests] == [CancelAtVenue]
    desk.canceled(order)
    assert desk.told == [(X.PENDING_CANCEL, S.PENDING_CANCEL, "C1"), (X.CANCELED, S.CANCELED, "C1")]
    assert desk.reports[-1].orig_cl_ord_id == "A1"


def test_cancel_of_a_partly_filled_order_that_fills_more_while_pending():
    desk = Desk()
    order = desk.acknowledged()
    desk.trade(order, "2")
    desk.take(cancel())
    desk.trade(order, "3")
    desk.canceled(order)
    assert desk.told == [
        (X.TRADE, S.PARTIALLY_FILLED, "A1"),
        (X.PENDING_CANCEL, S.PENDING_CANCEL, "C1"),
        (X.TRADE, S.PENDING_CANCEL, "A1"),
        (X.CANCELED, S.CANCELED, "C1"),
    ]


def test_cancel_of_an_order_that_fills_before_it():
    desk = Desk()
    order = desk.acknowledged()
    desk.take(cancel())
    desk.trade(order, "10")
    assert desk.told == [
        (X.PENDING_CANCEL, S.PENDING_CANCEL, "C1"),
        (X.TRADE, S.PENDING_CANCEL, "A1"),
        (f"reject {CxlRejReason.TOO_LATE}", S.FILLED, "C1"),
    ]


def test_fast_cancel_waits_for_the_acknowledgement_and_then_leaves():
    desk = Desk()
    desk.new()
    assert not desk.take(cancel()).requests
    order = desk.order()
    outcome = desk.hear(desk.update(order, VenueExec.SNAPSHOT, VenueStatus.NEW))
    assert [type(request) for request in outcome.requests] == [CancelAtVenue]
    assert [what for what, _, _ in desk.told] == [X.PENDING_NEW, X.PENDING_CANCEL, X.NEW]


def test_fast_cancel_of_an_order_the_venue_rejects_is_answered():
    desk = Desk()
    desk.new()
    desk.take(cancel())
    refusal = RequestRefused(
        order_id=desk.order().order_id, kind=RequestKind.SUBMIT, code="-2019", text="margin"
    )
    desk.hear(refusal)
    assert desk.told[-2:] == [
        (X.REJECTED, S.REJECTED, "A1"),
        (f"reject {CxlRejReason.TOO_LATE}", S.REJECTED, "C1"),
    ]
    assert desk.reports[-2].venue_error_code == "-2019" and desk.reports[-2].text == "margin"


def test_a_cancel_the_venue_calls_unknown_is_resolved_before_it_is_answered():
    desk = Desk()
    order = desk.acknowledged()
    number = desk.take(cancel()).requests[0].request_id
    refused = RequestRefused(
        order_id=order.order_id,
        kind=RequestKind.CANCEL,
        request_id=number,
        code="-2011",
        text="Unknown order sent.",
        order_gone=True,
    )
    outcome = desk.hear(refused)
    assert [type(request) for request in outcome.requests] == [QueryAtVenue] and not outcome.reports
    desk.trade(order, "10", cum_quantity=D(0))
    assert desk.told[-2:] == [
        (X.TRADE, S.PENDING_CANCEL, "A1"),
        (f"reject {CxlRejReason.TOO_LATE}", S.FILLED, "C1"),
    ]


def test_replace_of_quantity_and_price():
    desk = Desk()
    order = desk.acknowledged()
    outcome = desk.take(replace(quantity=D(12), price=D(101)))
    assert isinstance(outcome.requests[0], ModifyAtVenue)
    desk.replaced(order, "12", "101")
    assert desk.told == [(X.PENDING_REPLACE, S.PENDING_REPLACE, "R1"), (X.REPLACED, S.NEW, "R1")]
    assert (desk.reports[-1].quantity, desk.reports[-1].price) == (D(12), D(101))
    assert desk.reports[-1].orig_cl_ord_id == "A1" and order.cl_ord_id == "R1"


def test_fills_while_a_replace_is_pending_carry_the_old_terms():
    desk = Desk()
    order = desk.acknowledged()
    desk.take(replace(quantity=D(12)))
    desk.trade(order, "4")
    report = desk.reports[-1]
    assert (report.ord_status, report.cl_ord_id, report.quantity) == (S.PENDING_REPLACE, "A1", D(10))


def test_both_words_of_a_replace_are_reported_once_and_an_old_one_not_again():
    desk = Desk()
    order = desk.acknowledged()
    first = desk.take(replace("R1", quantity=D(12))).requests[0].request_id
    desk.replaced(order, "12", request_id=first, at_ms=5)
    desk.take(replace("R2", orig="R1", quantity=D(15)))
    desk.replaced(order, "12", request_id=first, at_ms=5)
    assert [what for what, _, _ in desk.told].count(X.REPLACED) == 1 and order.replace is not None


def test_a_replace_that_takes_the_order_off_the_market():
    desk = Desk()
    order = desk.acknowledged()
    desk.trade(order, "4")
    desk.take(replace(quantity=D(3)))
    desk.canceled(order)
    assert desk.told[-2:] == [
        (X.CANCELED, S.CANCELED, "A1"),
        (f"reject {CxlRejReason.TOO_LATE}", S.CANCELED, "R1"),
    ]


def test_a_refused_replace_leaves_the_order():
    desk = Desk()
    order = desk.acknowledged()
    number = desk.take(replace(quantity=D(12))).requests[0].request_id
    desk.hear(
        RequestRefused(
            order_id=order.order_id, kind=RequestKind.MODIFY, request_id=number, code="-4014", text="off tick"
        )
    )
    assert desk.told[-1] == (f"reject {CxlRejReason.BROKER}", S.NEW, "R1")
    assert order.quantity == D(10) and order.cl_ord_id == "A1"


def test_a_request_while_one_is_pending_is_refused():
    desk = Desk()
    desk.acknowledged()
    desk.take(cancel("C1"))
    desk.take(cancel("C2"))
    desk.take(replace("R1", quantity=D(12)))
    assert [what for what, _, _ in desk.told[1:]] == [f"reject {CxlRejReason.ALREADY_PENDING}"] * 2


def test_duplicate_client_order_ids_are_refused():
    desk = Desk()
    desk.acknowledged()
    desk.new("A1")
    desk.take(cancel("A1", orig="A1"))
    assert desk.reports[0].rej_reason is OrdRejReason.DUPLICATE_ORDER
    assert desk.reports[1].reason is CxlRejReason.DUPLICATE_CL_ORD_ID
    assert desk.order().state is OrderState.NEW


def test_a_command_sent_again_is_answered_with_the_orders_state_and_not_with_a_reject():
    desk = Desk()
    order = desk.acknowledged()
    outcome = desk.new("A1", repeated=True)
    assert not outcome.requests and not outcome.facts
    assert desk.told[-1] == (X.ORDER_STATUS, S.NEW, "A1")
    desk.take(cancel("C1"))
    outcome = desk.take(cancel("C1", repeated=True))
    assert not outcome.requests and desk.told[-1] == (X.ORDER_STATUS, S.PENDING_CANCEL, "A1")
    assert desk.new("A2", repeated=True).requests and order.cancel is not None


def test_cancel_of_an_unknown_or_finished_order():
    desk = Desk()
    order = desk.acknowledged()
    desk.take(cancel("C1", orig="nobody"))
    assert desk.reports[-1].reason is CxlRejReason.UNKNOWN_ORDER and desk.reports[-1].order_id == "NONE"
    desk.trade(order, "10")
    desk.take(cancel("C2"))
    assert desk.told[-1] == (f"reject {CxlRejReason.TOO_LATE}", S.FILLED, "C2")


def test_another_source_neither_sees_nor_touches_an_order():
    desk = Desk()
    desk.acknowledged()
    desk.take(cancel("C1", source="OTHER"))
    assert desk.reports[-1].reason is CxlRejReason.UNKNOWN_ORDER


def test_a_request_that_contradicts_the_order_is_refused():
    desk = Desk()
    desk.acknowledged()
    desk.take(cancel("C1", symbol="ETHUSDT"))
    assert "does not match" in desk.reports[-1].text
    desk.take(replace("R1", orig="A1", quantity=D(12)))
    desk.replaced(desk.order(), "12")
    desk.take(cancel("C3", orig="A1"))
    assert desk.reports[-1].reason is CxlRejReason.UNKNOWN_ORDER and "'R1'" in desk.reports[-1].text


def test_a_refused_order_reaches_no_venue():
    desk = Desk()
    outcome = desk.new(quantity=D(13))
    assert not outcome.requests and desk.reports[-1].rej_reason is OrdRejReason.INCORRECT_QUANTITY
    desk.new("A2", connector="NOWHERE")
    assert "PM" in desk.reports[-1].text and "NOWHERE" in desk.reports[-1].text


def test_what_is_left_of_an_ioc_is_canceled_and_a_gtc_expires():
    for time_in_force, told in ((TimeInForce.IOC, X.CANCELED), (TimeInForce.GTC, X.EXPIRED)):
        desk = Desk()
        order = desk.acknowledged(time_in_force=time_in_force)
        desk.hear(desk.update(order, VenueExec.EXPIRED, VenueStatus.EXPIRED, text="why"))
        assert desk.told[-1][0] is told and desk.reports[-1].text == "why"


def test_terms_changed_by_the_venue_are_restated_and_older_words_ignored():
    desk = Desk()
    order = desk.acknowledged()
    desk.hear(desk.update(order, VenueExec.NEW, VenueStatus.NEW, quantity=D(7), price=D(100), at_ms=10))
    assert desk.told[-1][0] is X.RESTATED and order.quantity == D(7)
    desk.hear(desk.update(order, VenueExec.NEW, VenueStatus.NEW, quantity=D(10), price=D(100), at_ms=9))
    assert order.quantity == D(7)


@pytest.mark.parametrize("position_first", [True, False])
def test_the_rest_of_a_reduce_only_order_is_canceled_when_the_position_is_closed(position_first):
    desk = Desk()
    order = desk.acknowledged(attributes=OrderAttributes(reduce_only=True))
    closed = PositionUpdate(
        connector="PM",
        account="main",
        product_type=ProductType.FUTURE,
        symbol="BTCUSDT",
        position_side="BOTH",
        quantity=D(0),
    )
    if position_first:
        assert not desk.hear(closed).requests
        outcome = desk.trade(order, "4")
    else:
        desk.trade(order, "4")
        outcome = desk.hear(closed)
    assert isinstance(outcome.requests[0], CancelAtVenue)
    desk.canceled(order)
    assert desk.reports[-1].cl_ord_id == "A1" and "reduce-only" in desk.reports[-1].text
    assert not desk.hear(closed).requests


def test_an_order_the_gateway_did_not_send_is_kept_whole():
    desk = Desk()
    order = desk.acknowledged()
    stranger = desk.update(
        order, VenueExec.NEW, VenueStatus.NEW, venue_order_id="V9", client_order_id="web_1"
    )
    outcome = desk.hear(stranger)
    assert isinstance(outcome.facts[0], ForeignUpdate) and outcome.facts[0].update == stranger


def test_status_of_a_known_and_an_unknown_order():
    desk = Desk()
    desk.acknowledged()
    desk.take(status())
    assert desk.told[-1] == (X.ORDER_STATUS, S.NEW, "A1") and desk.reports[-1].exec_id == "0"
    desk.take(status("nobody"))
    assert desk.told[-1] == (X.ORDER_STATUS, S.REJECTED, "nobody")


def test_a_restart_keeps_orders_ids_and_the_duplicate_guard():
    desk = Desk()
    order = desk.acknowledged()
    desk.trade(order, "4")
    again = desk.restarted()
    kept = again.order()
    assert (kept.cum, kept.state, kept.venue_order_id) == (
        D(4),
        OrderState.PARTIALLY_FILLED,
        order.venue_order_id,
    )
    again.new("A1")
    assert again.reports[-1].rej_reason is OrdRejReason.DUPLICATE_ORDER
    again.trade(kept, "6", trade_id="88")
    assert again.reports[-1].ord_status is S.FILLED
    assert again.facts[-1].seq > order.order_id or again.facts[-1].seq == len(again.facts)


def test_what_was_taken_in_before_a_restart_and_never_sent_is_not_sent_late():
    desk = Desk()
    outcome = desk.engine.take_late(1, new_order("late"), 5)
    assert not outcome.requests and outcome.reports[0].rej_reason is OrdRejReason.STALE_ORDER
    order = desk.acknowledged("A1")
    late = desk.engine.take_late(2, replace("R9", orig="A1", quantity=D(12)), 6)
    assert not late.requests and order.replace is None and late.reports[0].reason is CxlRejReason.OTHER
    assert isinstance(desk.engine.take_late(3, cancel("C9", orig="A1"), 7).requests[0], CancelAtVenue)


def test_a_waiting_replace_goes_on_when_the_cancel_before_it_was_refused():
    desk = Desk()
    desk.new()
    desk.take(replace(quantity=D(12)))
    desk.take(cancel("C1"))
    order = desk.order()
    number = desk.hear(desk.update(order, VenueExec.NEW, VenueStatus.NEW)).requests[0].request_id
    outcome = desk.hear(
        RequestRefused(order_id=order.order_id, kind=RequestKind.CANCEL, request_id=number, text="no")
    )
    assert isinstance(outcome.requests[0], ModifyAtVenue)


def test_a_repeat_of_a_live_order_found_in_the_inbox_is_told_its_state():
    desk = Desk()
    desk.acknowledged()
    late = desk.engine.take_late(9, new_order("A1", repeated=True), 5)
    assert not late.requests and late.reports[0].exec_type is X.ORDER_STATUS
    assert late.reports[0].ord_status is S.NEW
