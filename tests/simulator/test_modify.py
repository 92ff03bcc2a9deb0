"""Modifying futures orders: PUT um|cm order."""

from decimal import Decimal

import pytest

from fixgate.simulator import Leg
from fixgate.simulator.modification import MAX_MODIFICATIONS
from tests.simulator.desk import OTHER, Desk, refused

FUTURES = pytest.mark.parametrize("leg", [Leg.UM, Leg.CM])
Q = {Leg.UM: "0.010", Leg.CM: "10"}
MORE = {Leg.UM: "0.020", Leg.CM: "20"}
PART = {Leg.UM: "0.004", Leg.CM: "4"}


@FUTURES
def test_given_a_resting_order_when_modified_then_an_amendment_with_its_modify_id(leg: Leg) -> None:
    desk = Desk(leg)
    order = desk.buy(Q[leg], "64000.0", newClientOrderId="mine")
    desk.modify(order, MORE[leg], "64100.0", modify_id=778899)
    event = desk.last_event(order)
    assert (event["x"], event["X"], event["M"], event["c"]) == ("AMENDMENT", "NEW", "778899", "mine")
    assert (order.quantity, order.price) == (Decimal(MORE[leg]), Decimal("64100.0"))
    assert (order.amendments[0].modify_id, order.amendments[0].price_before) == (778899, Decimal("64000.0"))


@FUTURES
def test_given_two_orders_at_one_price_when_the_first_is_modified_then_it_queues_behind(leg: Leg) -> None:
    desk = Desk(leg)
    first = desk.buy(Q[leg], "64000.0")
    second = desk.buy(Q[leg], "64000.0", account=OTHER)
    desk.modify(first, MORE[leg], "64000.0")
    desk.market("SELL", "64000.0", Q[leg])
    assert (first.executed, second.status) == (0, "FILLED")


@FUTURES
def test_given_a_partial_fill_when_the_total_is_raised_then_it_counts_what_is_executed(leg: Leg) -> None:
    desk = Desk(leg)
    order = desk.buy(Q[leg], "64000.0")
    desk.market("SELL", "64000.0", PART[leg])
    desk.modify(order, MORE[leg], "64000.0")
    assert (order.status, order.remaining) == ("PARTIALLY_FILLED", Decimal(MORE[leg]) - Decimal(PART[leg]))
    assert desk.last_event(order)["z"] == PART[leg]


@FUTURES
def test_given_a_partial_fill_when_the_total_is_not_above_it_then_the_order_is_cancelled(leg: Leg) -> None:
    desk = Desk(leg)
    order = desk.buy(Q[leg], "64000.0")
    desk.market("SELL", "64000.0", PART[leg])
    assert desk.modify(order, PART[leg], "64000.0").status == "CANCELED"
    assert desk.events(order)[-1] == ("CANCELED", "CANCELED")
    desk.market("SELL", "64000.0", PART[leg])
    assert order.executed == Decimal(PART[leg])


@FUTURES
def test_given_post_only_when_the_new_price_would_take_then_the_order_is_cancelled(leg: Leg) -> None:
    desk = Desk(leg)
    desk.market("SELL", "65000.0", "10")
    order = desk.buy(Q[leg], "64000.0", timeInForce="GTX")
    assert desk.modify(order, Q[leg], "65000.0").status == "CANCELED"
    assert order.executed == 0


@FUTURES
def test_given_a_new_price_that_crosses_when_modified_then_it_trades_as_taker(leg: Leg) -> None:
    desk = Desk(leg)
    desk.market("SELL", "65000.0", "10")
    order = desk.buy(Q[leg], "64000.0")
    desk.modify(order, Q[leg], "65000.0")
    assert desk.events(order) == [("NEW", "NEW"), ("AMENDMENT", "NEW"), ("TRADE", "FILLED")]
    assert desk.last_event(order)["m"] is False


@pytest.mark.parametrize(
    ("quantity", "price", "code"),
    [
        ("0.010", "64000.05", -4014),
        ("0.0105", "64000.00", -1111),
        ("0.010", "70000.00", -4016),
        ("0.001", "40000.00", -5029),
    ],
)
def test_given_a_broken_filter_when_modified_then_the_order_stays_as_it_is(
    quantity: str, price: str, code: int
) -> None:
    desk = Desk()
    order = desk.buy("0.010", "64000.00")
    with refused(code):
        desk.modify(order, quantity, price)
    assert (order.quantity, order.price, order.status) == (Decimal("0.010"), Decimal("64000.00"), "NEW")
    assert desk.events(order) == [("NEW", "NEW")]
    desk.market("SELL", "64000.00", "0.010")
    assert order.status == "FILLED"


@pytest.mark.parametrize(("leg", "code"), [(Leg.UM, -5027), (Leg.CM, -4197)])
def test_given_no_change_when_modified_then_the_legs_own_code(leg: Leg, code: int) -> None:
    desk = Desk(leg)
    order = desk.buy(Q[leg], "64000.0")
    with refused(code, "No need to modify"):
        desk.modify(order, Q[leg], "64000.0")


@pytest.mark.parametrize(("leg", "code"), [(Leg.UM, -5026), (Leg.CM, -4198)])
def test_given_ten_thousand_modifications_when_one_more_comes_then_it_is_refused(leg: Leg, code: int) -> None:
    desk = Desk(leg)
    order = desk.buy(Q[leg], "64000.0")
    order.modifications = MAX_MODIFICATIONS - 1
    desk.modify(order, MORE[leg], "64000.0")
    with refused(code):
        desk.modify(order, Q[leg], "64000.0")


@FUTURES
def test_given_a_terminal_order_when_modified_then_2013(leg: Leg) -> None:
    desk = Desk(leg)
    order = desk.cancel(desk.buy(Q[leg], "64000.0"))
    with refused(-2013):
        desk.modify(order, MORE[leg], "64000.0")


def test_given_the_wrong_side_when_modified_then_it_is_refused() -> None:
    desk = Desk()
    order = desk.buy("0.010", "64000.00")
    with refused(-1130, "side"):
        desk.modify(order, "0.020", "64000.00", side="SELL")


def test_given_too_little_margin_when_modified_then_2019_and_the_order_still_rests() -> None:
    desk = Desk(USDT="100")
    order = desk.buy("0.010", "64000.00")
    with refused(-2019):
        desk.modify(order, "1", "64000.00")
    desk.market("SELL", "64000.00", "0.010")
    assert order.status == "FILLED"


def test_given_a_stp_mode_when_modified_then_it_is_kept() -> None:
    desk = Desk()
    order = desk.buy("0.010", "64000.00", selfTradePreventionMode="EXPIRE_BOTH")
    assert desk.modify(order, "0.020", "64000.00").stp_mode == "EXPIRE_BOTH"


def test_given_most_margin_is_the_orders_own_when_modified_then_it_is_not_counted_twice() -> None:
    desk = Desk(USDT="50")
    order = desk.buy("0.015", "64000.00")
    assert desk.modify(order, "0.015", "63000.00").is_open
