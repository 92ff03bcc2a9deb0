"""Comparing the book with the venue's list of open orders."""

import pytest

from fixgate.engine.foreign import NO_ORDER_ID
from fixgate.engine.lifecycle import OrderState
from fixgate.model.commands import OrderAttributes
from fixgate.model.enums import ExecType, OrdStatus, ProductType
from fixgate.model.facts import ForeignUpdate
from fixgate.model.venue import (
    OpenOrders,
    OpenOrdersAtVenue,
    OrderUpdate,
    PositionUpdate,
    QueryAtVenue,
    ReconcileDue,
    VenueExec,
    VenueStatus,
)

from .desk import D, Desk

DUE = ReconcileDue(connector="PM", account="main", why="test")
SECOND = 1_000_000_000
LATE = 10**18


def listed(desk, *updates, asked_ns=LATE, symbol=""):  # type: ignore[no-untyped-def]
    """The venue's list of open orders."""
    return desk.hear(
        OpenOrders(
            connector="PM",
            account="main",
            product_type=desk.planner.product,
            symbol=symbol,
            orders=updates,
            asked_ns=asked_ns,
        )
    )


def shown(desk, order, status=VenueStatus.NEW, **changes) -> OrderUpdate:  # type: ignore[no-untyped-def]
    terms = {"quantity": order.quantity, "price": order.price}
    return desk.update(order, VenueExec.SNAPSHOT, status, **(terms | changes))


def asked(outcome) -> list[tuple[int, bool]]:  # type: ignore[no-untyped-def]
    return [(each.order_id, each.settle) for each in outcome.requests if isinstance(each, QueryAtVenue)]


def test_a_comparison_asks_for_the_list_and_not_for_every_order():
    desk = Desk(ProductType.SPOT)
    desk.acknowledged("A1", symbol="ETHUSDT")
    desk.acknowledged("A2", symbol="BTCUSDT")
    assert desk.hear(DUE).requests == [
        OpenOrdersAtVenue(connector="PM", account="main", symbols=("BTCUSDT", "ETHUSDT"))
    ]


def test_another_account_is_left_alone():
    desk = Desk(ProductType.SPOT)
    desk.acknowledged()
    other = desk.hear(ReconcileDue(connector="PM", account="other"))
    assert other.requests == [OpenOrdersAtVenue(connector="PM", account="other", symbols=())]


def test_an_order_that_the_list_bears_out_is_not_asked_about():
    desk = Desk()
    order = desk.acknowledged()
    outcome = listed(desk, shown(desk, order))
    assert not outcome.requests and not outcome.facts


def test_an_open_order_missing_in_the_list_is_asked_about_and_not_taken_as_gone():
    desk = Desk()
    order = desk.acknowledged()
    outcome = listed(desk)
    assert asked(outcome) == [(order.order_id, False)] and order.state is OrderState.NEW


def test_an_order_younger_than_the_list_is_not_missing():
    desk = Desk()
    order = desk.acknowledged()
    assert not listed(desk, asked_ns=order.received_ns).requests


def test_a_list_of_one_symbol_says_nothing_of_the_others():
    desk = Desk(ProductType.SPOT)
    eth = desk.acknowledged("A1", symbol="ETHUSDT")
    desk.acknowledged("A2", symbol="BTCUSDT")
    assert asked(listed(desk, symbol="ETHUSDT")) == [(eth.order_id, False)]


def test_fills_and_terms_that_nobody_told_of_are_asked_about():
    desk = Desk()
    filled, changed = desk.acknowledged("A1"), desk.acknowledged("A2")
    outcome = listed(
        desk,
        shown(desk, filled, VenueStatus.PARTIALLY_FILLED, cum_quantity=D(3)),
        shown(desk, changed, price=D(99)),
    )
    assert asked(outcome) == [(filled.order_id, True), (changed.order_id, True)]


def test_an_order_in_flight_is_acknowledged_by_the_list():
    desk = Desk()
    desk.new()
    order = desk.order()
    outcome = listed(desk, shown(desk, order))
    assert outcome.reports[0].exec_type is ExecType.NEW and order.state is OrderState.NEW


def test_a_stale_list_does_not_bring_back_an_order_that_has_ended():
    desk = Desk()
    order = desk.acknowledged()
    stale = shown(desk, order)
    desk.canceled(order)
    outcome = listed(desk, stale, asked_ns=order.ended_ns + 30 * SECOND)
    assert order.state is OrderState.CANCELED and not outcome.facts and not outcome.requests


@pytest.mark.parametrize("filled", ["0", "4"])
def test_an_order_that_is_listed_open_long_after_its_end_is_asked_about_and_taken_back(filled):
    desk = Desk()
    order = desk.acknowledged()
    if D(filled):
        desk.trade(order, filled)
    desk.canceled(order)
    desk.reports.clear()
    status = VenueStatus.PARTIALLY_FILLED if D(filled) else VenueStatus.NEW
    assert asked(listed(desk, shown(desk, order, status))) == [(order.order_id, True)]
    desk.hear(shown(desk, order, status, settled=True))
    restated = OrdStatus.PARTIALLY_FILLED if D(filled) else OrdStatus.NEW
    assert [line[:2] for line in desk.told] == [
        (ExecType.RESTATED, restated),
        (ExecType.PENDING_CANCEL, OrdStatus.PENDING_CANCEL),
    ]
    assert "which had been canceled" in desk.alarms[0]
    desk.canceled(order)
    assert order.state is OrderState.CANCELED and desk.told[-1][0] is ExecType.CANCELED


def test_fills_of_an_ended_order_that_nobody_told_of_are_asked_about_and_told():
    desk = Desk()
    order = desk.acknowledged()
    desk.canceled(order)
    outcome = desk.hear(desk.update(order, VenueExec.SNAPSHOT, VenueStatus.CANCELED, cum_quantity=D(4)))
    assert asked(outcome) == [(order.order_id, True)]
    desk.trade(order, "4", cum_quantity=D(0))
    assert order.cum == D(4) and desk.told[-1][:2] == (ExecType.TRADE, OrdStatus.CANCELED)


def test_a_trade_of_a_rest_that_lives_at_the_venue_makes_the_gateway_ask():
    desk = Desk()
    order = desk.acknowledged()
    desk.canceled(order)
    assert asked(desk.trade(order, "4")) == [(order.order_id, True)]


def test_older_news_of_a_position_cancels_no_reduce_only_order():
    desk = Desk()
    order = desk.acknowledged(attributes=OrderAttributes(reduce_only=True))
    desk.trade(order, "3")
    position = {"connector": "PM", "account": "main", "product_type": ProductType.FUTURE, "symbol": "BTCUSDT"}
    desk.hear(PositionUpdate(**position, position_side="BOTH", quantity=D(-7), at_ms=200))
    assert not desk.hear(PositionUpdate(**position, position_side="BOTH", quantity=D(0), at_ms=100)).requests
    assert desk.hear(PositionUpdate(**position, position_side="BOTH", quantity=D(0), at_ms=300)).requests


def test_a_foreign_order_in_the_list_is_told_of_once_as_unsolicited():
    desk = Desk()
    ours = desk.acknowledged()
    foreign = shown(desk, ours, venue_order_id="V9", client_order_id="web_1")
    outcome = listed(desk, shown(desk, ours), foreign)
    report = outcome.reports[0]
    assert (report.session, report.source, report.order_id) == ("", "", NO_ORDER_ID)
    assert report.cl_ord_id == "web_1" and "unsolicited" in report.text and "web_1" in outcome.alarms[0]
    again = listed(desk, shown(desk, ours), foreign)
    assert not again.facts and not again.alarms
    restarted = desk.restarted()
    assert not listed(restarted, foreign).facts


def test_each_trade_of_a_foreign_order_is_told_once_on_both_channels():
    desk = Desk()
    ours = desk.acknowledged()
    trade = desk.update(
        ours,
        VenueExec.TRADE,
        VenueStatus.FILLED,
        venue_order_id="V9",
        client_order_id="autoclose-1",
        quantity=D(2),
        cum_quantity=D(2),
        last_quantity=D(2),
        last_price=D(90),
        trade_id="5",
        text="liquidation",
    )
    outcome = desk.hear(trade)
    assert isinstance(outcome.facts[0], ForeignUpdate) and outcome.reports[0].exec_type is ExecType.TRADE
    assert "liquidation" in outcome.alarms[0] and "liquidation" in outcome.reports[0].text
    assert not desk.hear(trade).facts
