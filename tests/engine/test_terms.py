"""An order's terms as the venue holds them, and trades that do not fit them."""

import pytest

from fixgate.engine.lifecycle import OrderState
from fixgate.model.enums import ExecType, OrdStatus, ProductType, Side
from fixgate.model.facts import ForeignUpdate
from fixgate.model.venue import OutcomeUnknown, RequestKind, VenueExec, VenueStatus

from .desk import D, Desk, replace

X, S = ExecType, OrdStatus


def test_an_order_that_grew_unheard_of_is_not_filled_at_its_old_size():
    """A replace landed, and both its answer and its event were lost: the next trade tells."""
    desk = Desk()
    order = desk.acknowledged()
    desk.take(replace(quantity=D(20)))
    desk.trade(order, "10", quantity=D(20), price=D(100))
    assert desk.told[-2:] == [(X.REPLACED, S.NEW, "R1"), (X.TRADE, S.PARTIALLY_FILLED, "R1")]
    assert desk.reports[-1].leaves_quantity == D(10)


def test_an_order_that_grew_by_other_hands_is_restated_before_its_trade():
    desk = Desk()
    order = desk.acknowledged()
    desk.take(replace(quantity=D(12)))
    desk.trade(order, "10", quantity=D(20), price=D(100))
    assert [what for what, _, _ in desk.told[-2:]] == [X.RESTATED, X.TRADE]
    assert desk.reports[-1].leaves_quantity == D(10)


def test_a_trade_older_than_the_replace_does_not_bring_the_old_terms_back():
    desk = Desk()
    order = desk.acknowledged()
    desk.take(replace(quantity=D(12), price=D(101)))
    desk.replaced(order, "12", "101", at_ms=500)
    desk.trade(order, "4", quantity=D(10), price=D(100), at_ms=499)
    assert (order.quantity, order.price, order.cum) == (D(12), D(101), D(4))


def test_an_amendment_without_a_number_confirms_only_the_terms_that_were_asked_for():
    desk = Desk()
    order = desk.acknowledged()
    desk.take(replace(quantity=D(12), price=D(101)))
    desk.replaced(order, "15", "101", request_id=0)
    assert order.replace is not None and order.quantity == D(10)
    desk.replaced(order, "12", "101", request_id=0)
    assert order.replace is None and desk.told[-1][0] is X.REPLACED


def test_an_order_cut_to_what_is_filled_while_nobody_listened_ends():
    desk = Desk()
    order = desk.acknowledged()
    desk.trade(order, "4")
    desk.hear(desk.update(order, VenueExec.SNAPSHOT, VenueStatus.FILLED, settled=True))
    assert desk.told[-1] == (X.RESTATED, S.FILLED, "A1") and order.quantity == D(4)


@pytest.mark.parametrize("product", ProductType)
@pytest.mark.parametrize(("quantity", "price"), [("4", "0"), ("4", "-1"), ("0", "100")])
def test_a_trade_that_cannot_be_is_kept_and_raises_an_alarm(product, quantity, price):
    desk = Desk(product)
    order = desk.acknowledged()
    outcome = desk.trade(order, quantity, price, cum_quantity=D(quantity))
    assert isinstance(outcome.facts[0], ForeignUpdate) and "cannot be booked" in outcome.alarms[0]
    assert order.cum == 0 and order.state is OrderState.NEW


def test_a_stranger_with_our_client_id_and_the_other_side_is_not_ours():
    desk = Desk()
    desk.new()
    stranger = desk.update(desk.order(), VenueExec.NEW, VenueStatus.NEW, side=Side.SELL)
    assert isinstance(desk.hear(stranger).facts[0], ForeignUpdate)
    assert desk.order().state is OrderState.PENDING_NEW


def test_a_fill_of_all_that_an_order_grew_to_while_a_replace_was_open_is_not_more_than_the_order():
    desk = Desk()
    order = desk.acknowledged()
    desk.take(replace(price=D(99)))
    desk.trade(order, "17", cum_quantity=D(17), quantity=D(17), price=D(100))
    (fill,) = [report for report in desk.reports if getattr(report, "exec_type", None) is X.TRADE]
    assert (fill.quantity, fill.cum_quantity, fill.leaves_quantity) == (D(17), D(17), D(0))
    assert order.state is OrderState.FILLED and order.replace is None


def test_a_fill_beyond_the_order_of_a_venue_that_says_no_terms_is_restated_first():
    desk = Desk()
    order = desk.acknowledged()
    desk.trade(order, "12", cum_quantity=D(12))
    assert [what for what, _, _ in desk.told] == [ExecType.RESTATED, ExecType.TRADE]
    assert desk.reports[-1].quantity == order.cum == D(12)


def test_terms_that_others_set_while_a_replace_was_in_doubt_are_followed_once_it_is_refused():
    desk = Desk()
    order = desk.acknowledged()
    number = desk.take(replace(price=D(99))).requests[0].request_id
    desk.hear(OutcomeUnknown(order_id=order.order_id, kind=RequestKind.MODIFY, request_id=number, text="?"))
    desk.hear(
        desk.update(order, VenueExec.SNAPSHOT, VenueStatus.NEW, settled=True, quantity=D(10), price=D(97))
    )
    assert [what for what, _, _ in desk.told] == [X.PENDING_REPLACE, "reject 2", X.RESTATED]
    assert order.price == D(97) and desk.reports[-1].price == D(97)
