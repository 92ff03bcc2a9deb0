"""Prices that the venue finds, and orders that end by themselves."""

from decimal import Decimal

import pytest

from fixgate.simulator import Leg
from fixgate.simulator.admission import GTD_AHEAD_MS
from tests.simulator.desk import Desk, refused


def deep_desk(leg: Leg = Leg.UM) -> Desk:
    desk = Desk(leg)
    size = "1" if leg is Leg.CM else "0.001"
    for n in range(1, 8):
        desk.market("SELL", str(65000 + n), size)
        desk.market("BUY", str(65000 - n), size)
    desk.log.clear()
    return desk


def matched(desk: Desk, side: str, match: str, **more: str) -> Decimal:
    quantity = "1" if desk.leg is Leg.CM else "0.010"
    parameters = {"type": "LIMIT", "timeInForce": "GTC", "priceMatch": match} | more
    return desk.send(side, quantity, **parameters).order.price


@pytest.mark.parametrize("leg", [Leg.UM, Leg.CM])
@pytest.mark.parametrize(
    ("side", "match", "price"),
    [
        ("BUY", "OPPONENT", 65001),
        ("BUY", "OPPONENT_5", 65005),
        ("BUY", "QUEUE", 64999),
        ("SELL", "QUEUE_5", 65005),
        ("SELL", "OPPONENT", 64999),
        ("SELL", "QUEUE_20", 65007),
    ],
)
def test_given_a_price_match_then_the_order_has_that_levels_price(
    leg: Leg, side: str, match: str, price: int
) -> None:
    desk = deep_desk(leg)
    assert matched(desk, side, match) == price
    body = desk.named("ORDER_TRADE_UPDATE")[0]["o"]
    assert (Decimal(body["p"]), body["pm"]) == (price, match)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"priceMatch": "OPPONENT_10"}, -5037),
        ({"priceMatch": "BEST"}, -5037),
        ({"price": "64000.0"}, -1106),
        ({"type": "MARKET"}, -5038),
    ],
)
def test_given_a_wrong_price_match_then_its_code(more: dict[str, str], code: int) -> None:
    parameters = {"type": "LIMIT", "timeInForce": "GTC", "priceMatch": "QUEUE"} | more
    if parameters["type"] == "MARKET":
        del parameters["timeInForce"]
    with refused(code):
        deep_desk().send("BUY", "0.010", **parameters)


def test_given_an_empty_side_then_1112() -> None:
    with refused(-1112):
        matched(Desk(), "BUY", "OPPONENT")


def gtd(desk: Desk, good_till: int, **more: str) -> str:
    return desk.buy("0.010", "64000.0", timeInForce="GTD", goodTillDate=str(good_till), **more).status


def test_given_a_gtd_order_when_its_second_comes_then_it_expires_with_what_it_filled() -> None:
    desk = Desk()
    until = desk.clock.now + GTD_AHEAD_MS + 1_999
    order = desk.buy("0.010", "64000.0", timeInForce="GTD", goodTillDate=str(until))
    assert order.good_till == until // 1000 * 1000
    desk.market("SELL", "64000.0", "0.004")
    desk.clock.now = order.good_till - 1
    desk.exchange.advance()
    assert order.status == "PARTIALLY_FILLED"
    desk.clock.now += 1
    desk.exchange.advance()
    body = desk.last_event(order)
    assert (body["x"], body["X"], body["z"], body["gtd"]) == (
        "EXPIRED", "EXPIRED", "0.004", order.good_till,
    )  # fmt: skip
    desk.market("SELL", "64000.0", "0.006")
    assert order.executed == Decimal("0.004")


@pytest.mark.parametrize("ahead", [0, GTD_AHEAD_MS, 253_402_300_799_000])
def test_given_a_date_too_near_or_too_far_then_5040(ahead: int) -> None:
    desk = Desk()
    with refused(-5040):
        gtd(desk, desk.clock.now + ahead)


def test_given_gtd_without_a_date_or_a_date_without_gtd_then_its_code() -> None:
    desk = Desk()
    with refused(-1102, "goodTillDate"):
        desk.buy("0.010", "64000.0", timeInForce="GTD")
    with refused(-1106, "goodTillDate"):
        desk.buy("0.010", "64000.0", goodTillDate=str(desk.clock.now + 700_000))
    with refused(-1115):
        Desk(Leg.CM).buy("1", "64000.0", timeInForce="GTD")


def test_given_two_gtd_orders_when_both_are_due_then_the_earlier_goes_first() -> None:
    desk = Desk()
    later = desk.buy("0.010", "64000.0", timeInForce="GTD", goodTillDate=str(desk.clock.now + 800_000))
    sooner = desk.buy("0.010", "64000.0", timeInForce="GTD", goodTillDate=str(desk.clock.now + 700_000))
    desk.clock.now += 900_000
    desk.log.clear()
    desk.exchange.advance()
    ended = [event["o"]["i"] for event in desk.named("ORDER_TRADE_UPDATE")]
    assert ended == [sooner.order_id, later.order_id]
    desk.exchange.advance()
    assert len(desk.named("ORDER_TRADE_UPDATE")) == 2


def test_given_a_gtd_order_that_has_filled_when_its_time_comes_then_nothing_happens() -> None:
    desk = Desk()
    until = desk.clock.now + 700_000
    order = desk.buy("0.010", "64000.0", timeInForce="GTD", goodTillDate=str(until))
    desk.market("SELL", "64000.0", "0.010")
    desk.log.clear()
    desk.clock.now = until
    desk.exchange.advance()
    assert order.status == "FILLED" and not desk.log


def test_given_a_gtd_stop_when_triggered_shortly_before_its_time_then_its_child_lives_until_then() -> None:
    desk = Desk()
    until = desk.clock.now + 700_000
    stop = desk.algo("STOP", "BUY", "66000.00", price="66100.00", timeInForce="GTD", goodTillDate=str(until))
    desk.clock.now = until - 1000
    desk.mark("66000.0")
    child = desk.child(stop)
    assert (child.status, child.good_till) == ("NEW", until)
    desk.clock.now = until
    desk.exchange.advance()
    assert (child.status, stop.status) == ("EXPIRED", "FINISHED")
