"""CM strategy orders: the older conditional service, with its own words and its own child marks."""

from typing import Any

import pytest

from fixgate.simulator import Leg
from tests.simulator.desk import Desk, refused

FIELDS = "s c si S st f q p sp os T ut R wt ps cp AP cr i V gtd"


def states(desk: Desk) -> list[str]:
    return [event["so"]["os"] for event in desk.named("CONDITIONAL_ORDER_TRADE_UPDATE")]


def last(desk: Desk) -> dict[str, Any]:
    return desk.named("CONDITIONAL_ORDER_TRADE_UPDATE")[-1]["so"]


def test_given_a_strategy_order_when_placed_then_its_event_has_the_documented_fields() -> None:
    desk = Desk(Leg.CM)
    desk.strategy("STOP_MARKET", "SELL", "60000.0", reduceOnly="true", newClientStrategyId="c1")
    event = desk.named("CONDITIONAL_ORDER_TRADE_UPDATE")[0]
    assert set(event) == {"e", "T", "E", "fs", "so"} and set(event["so"]) == set(FIELDS.split())
    body = event["so"]
    assert (body["os"], body["i"], body["sp"], body["p"], body["q"]) == ("NEW", 0, "60000.0", "0", "10")


def test_given_a_stop_when_triggered_then_its_child_names_it() -> None:
    desk = Desk(Leg.CM)
    desk.hold("10")
    desk.market("BUY", "63990.0", "100")
    stop = desk.strategy("STOP_MARKET", "SELL", "64000.0", reduceOnly="true", newClientStrategyId="c1")
    desk.mark("64000.0")
    assert states(desk) == ["NEW", "TRIGGERED", "FINISHED"]
    first = desk.named("ORDER_TRADE_UPDATE")[0]["o"]
    assert (first["st"], first["si"], first["c"]) == ("C_STOP_MARKET", stop.conditional_id, "c1")
    assert last(desk)["i"] == first["i"] == stop.order_id


def test_given_a_plain_order_then_it_names_no_strategy() -> None:
    desk = Desk(Leg.CM)
    desk.buy("10", "64000.0")
    assert not {"st", "si"} & set(desk.named("ORDER_TRADE_UPDATE")[0]["o"])


def test_given_what_the_engine_refuses_when_triggered_then_expired_without_a_child() -> None:
    desk = Desk(Leg.CM)
    stop = desk.strategy("STOP_MARKET", "SELL", "64000.0", reduceOnly="true")
    desk.mark("64000.0")
    assert states(desk) == ["NEW", "EXPIRED"] and stop.order_id == 0


def test_given_a_take_profit_limit_when_triggered_then_its_rest_is_the_engines() -> None:
    desk = Desk(Leg.CM)
    order = desk.strategy("TAKE_PROFIT", "SELL", "66000.0", price="66100.0", timeInForce="GTX")
    desk.mark("66000.0")
    child = desk.child(order)
    assert (child.type, child.time_in_force, child.status) == ("LIMIT", "GTX", "NEW")
    desk.cancel(child)
    assert states(desk) == ["NEW", "TRIGGERED", "FINISHED"]


def test_given_a_price_that_was_reached_then_4142() -> None:
    with refused(-4142):
        Desk(Leg.CM).strategy("STOP_MARKET", "SELL", "65000.0")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"strategyType": "LIMIT"}, -1130),
        ({"workingType": "INDEX"}, -4031),
        ({"selfTradePreventionMode": "EXPIRE_MAKER"}, -1104),
        ({"closePosition": "true"}, -1104),
        ({"timeInForce": "GTD"}, -1115),
    ],
)
def test_given_a_wrong_parameter_then_its_code(changes: dict[str, str], code: int) -> None:
    changes = dict(changes)
    with refused(code):
        Desk(Leg.CM).strategy(changes.pop("strategyType", "STOP_MARKET"), "SELL", "60000.0", **changes)


def test_given_limits_too_far_through_the_stop_then_cms_own_codes() -> None:
    desk = Desk(Leg.CM)
    with refused(-4151):
        desk.strategy("STOP", "BUY", "66000.0", price="70000.0")
    with refused(-4152):
        desk.strategy("STOP", "SELL", "64000.0", price="60000.0")


@pytest.mark.parametrize(("rate", "fits"), [("0.1", True), ("5", True), ("5.1", False)])
def test_given_a_callback_rate_then_its_bounds(rate: str, fits: bool) -> None:
    desk = Desk(Leg.CM)
    if fits:
        assert desk.strategy("TRAILING_STOP_MARKET", "SELL", callbackRate=rate).activated
    else:
        with refused(-1130, "callbackRate"):
            desk.strategy("TRAILING_STOP_MARKET", "SELL", callbackRate=rate)
