"""Reduce-only orders: the connector specification's table row by row, and their corners."""

from decimal import Decimal

import pytest

from fixgate.simulator import Leg
from tests.simulator.desk import Desk, refused

ROWS = [
    # position, order, side, reduceOnly, resulting position; None: the venue rejects the order
    (1000, 1000, "BUY", False, 2000),
    (1000, 1000, "SELL", False, 0),
    (1000, 3000, "BUY", False, 4000),
    (1000, 3000, "SELL", False, -2000),
    (1000, 1000, "BUY", True, None),
    (1000, 1000, "SELL", True, 0),
    (1000, 3000, "BUY", True, None),
    (1000, 3000, "SELL", True, 0),
]
"""The table's rows. What the last one leaves open is for the client to cancel."""


@pytest.mark.parametrize("kind", ["LIMIT", "MARKET"])
@pytest.mark.parametrize("mirrored", [False, True], ids=["long", "short"])
@pytest.mark.parametrize(("held", "quantity", "side", "reduce_only", "result"), ROWS)
def test_given_a_position_when_an_order_executes_then_the_table_holds(
    held: int, quantity: int, side: str, reduce_only: bool, result: int | None, mirrored: bool, kind: str
) -> None:
    desk = Desk(Leg.CM)
    desk.hold(str(held), "SELL" if mirrored else "BUY", "65000.0")
    if mirrored:
        side = "SELL" if side == "BUY" else "BUY"
    desk.market("SELL" if side == "BUY" else "BUY", "65000.0", "9999")
    price = "65000.0" if kind == "LIMIT" else None
    more = {"reduceOnly": "true"} if reduce_only else {}
    sign = -1 if mirrored else 1
    if result is None:
        with refused(-2022, "ReduceOnly Order is rejected."):
            desk.send(side, str(quantity), price, **more)
        assert desk.position() == sign * held
        return
    desk.send(side, str(quantity), price, **more)
    assert desk.position() == sign * result


def test_given_a_remainder_when_the_position_is_closed_then_it_stays_open_until_cancelled() -> None:
    desk = Desk(Leg.CM)
    desk.hold("1000", price="65000.0")
    desk.market("BUY", "65000.0", "9999")
    order = desk.sell("3000", "65000.0", reduceOnly="true")
    assert (order.status, order.executed, order.remaining) == ("PARTIALLY_FILLED", 1000, 2000)
    assert desk.last_event(order)["q"] == "3000"
    assert desk.cancel(order).status == "CANCELED"
    assert desk.last_event(order)["z"] == "1000"


@pytest.mark.parametrize("more", [{}, {"timeInForce": "IOC", "price": "65000.0", "type": "LIMIT"}])
def test_given_a_market_or_ioc_remainder_when_the_position_is_closed_then_it_expires(
    more: dict[str, str],
) -> None:
    desk = Desk(Leg.CM)
    desk.hold("1000", price="65000.0")
    desk.market("BUY", "65000.0", "9999")
    order = desk.sell("3000", reduceOnly="true", **more)
    assert (order.status, order.executed, desk.last_event(order)["er"]) == ("EXPIRED", 1000, "4")


def test_given_no_position_when_reduce_only_comes_then_2022() -> None:
    with refused(-2022):
        Desk().sell("0.01", "66000.00", reduceOnly="true")


def test_given_a_resting_reduce_only_when_more_than_the_position_hits_it_then_it_never_reverses() -> None:
    desk = Desk()
    desk.hold("0.010")
    order = desk.sell("0.030", "66000.00", reduceOnly="true")
    taker = desk.market("BUY", "66000.00", "0.030")
    assert (order.executed, taker.executed, desk.position()) == (Decimal("0.010"), Decimal("0.010"), 0)
    assert order.is_open


def test_given_a_reduce_only_order_when_its_position_went_away_then_others_behind_it_trade() -> None:
    desk = Desk()
    desk.hold("0.010")
    stranded = desk.sell("0.010", "66000.00", reduceOnly="true")
    behind = desk.sell("0.010", "66000.00", account="other")
    desk.market("BUY", "65000.00", "0.010")
    desk.sell("0.010")
    desk.market("BUY", "66000.00", "0.010")
    assert (stranded.executed, behind.executed) == (0, Decimal("0.010"))


def test_given_small_notional_when_reduce_only_then_the_minimum_does_not_apply() -> None:
    desk = Desk()
    desk.hold("0.001", price="65000.00")
    desk.exchange.set_reference_price(Leg.UM, "BTCUSDT", Decimal(40000))
    with refused(-4164):
        desk.sell("0.001", "40000.00")
    assert desk.sell("0.001", "40000.00", reduceOnly="true").is_open


@pytest.mark.parametrize(("side", "position_side"), [("SELL", "LONG"), ("BUY", "SHORT")])
def test_given_hedge_mode_when_closing_more_than_is_held_then_the_position_stops_at_zero(
    side: str, position_side: str
) -> None:
    desk = Desk(hedge_mode=True)
    opening = "BUY" if position_side == "LONG" else "SELL"
    with refused(-2022):
        desk.send(side, "0.010", positionSide=position_side)
    desk.hold("0.010", opening, positionSide=position_side)
    desk.market(opening, "65000.00", "1")
    order = desk.send(side, "0.030", positionSide=position_side).order
    assert (order.status, desk.position(position_side)) == ("EXPIRED", 0)


def test_given_hedge_mode_when_both_sides_are_held_then_they_do_not_net() -> None:
    desk = Desk(hedge_mode=True)
    desk.hold("0.010", "BUY", positionSide="LONG")
    desk.hold("0.004", "SELL", positionSide="SHORT")
    assert (desk.position("LONG"), desk.position("SHORT")) == (Decimal("0.010"), Decimal("-0.004"))
