"""Comparing the book with the venue's list of open orders."""

from fixgate.engine.foreign import NO_ORDER_ID
from fixgate.engine.lifecycle import OrderState
from fixgate.model.enums import ExecType, ProductType
from fixgate.model.facts import ForeignUpdate
from fixgate.model.venue import (
    OpenOrders,
    OpenOrdersAtVenue,
    OrderUpdate,
    QueryAtVenue,
    ReconcileDue,
    VenueExec,
    VenueStatus,
)

from .desk import D, Desk

DUE = ReconcileDue(connector="PM", account="main", why="test")
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
    outcome = listed(desk, stale)
    assert order.state is OrderState.CANCELED and not outcome.facts and not outcome.requests


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
