"""UM algo orders: what waits beside the engine, what sets it off, and what comes out of it."""

from decimal import Decimal
from typing import Any

import pytest

from fixgate.simulator import Leg
from fixgate.simulator.conditional_parameters import parse_algo
from fixgate.simulator.conditional_service import MAX_WAITING
from tests.simulator.desk import MAIN, Desk, refused

FIELDS = "caid aid at o s S ps f q X ai ap aq act tp p V wt pm cp pP R tt gtd rm ia"


def states(desk: Desk) -> list[str]:
    return [event["ao"]["X"] for event in desk.named("ALGO_UPDATE")]


def last(desk: Desk) -> dict[str, Any]:
    return desk.named("ALGO_UPDATE")[-1]["ao"]


def order_of_events(desk: Desk) -> list[str]:
    names = []
    for _, event in desk.log:
        body = event.get("ao") or event.get("o") or {}
        names.append(body.get("X", event["e"]) if "ao" in event else body.get("x", event["e"]))
    return names


def test_given_an_algo_order_when_placed_then_its_event_has_the_documented_fields() -> None:
    desk = Desk()
    desk.algo("STOP_MARKET", "SELL", "60000.00", reduceOnly="true", clientAlgoId="a1")
    event = desk.named("ALGO_UPDATE")[0]
    assert set(event) == {"e", "T", "E", "fs", "ao"} and set(event["ao"]) == set(FIELDS.split())
    body = event["ao"]
    assert (body["X"], body["ai"], body["act"], body["tt"]) == ("NEW", "", "0", 0)
    assert (body["tp"], body["p"], body["q"], body["aq"]) == ("60000.00", "0", "0.010", "0.00000")
    assert not desk.named("ORDER_TRADE_UPDATE") and not desk.account.list_open(Leg.UM, None)


@pytest.mark.parametrize(
    ("kind", "side", "trigger", "before", "after"),
    [
        ("STOP_MARKET", "SELL", "64000.00", "64000.1", "64000.0"),
        ("STOP_MARKET", "BUY", "66000.00", "65999.9", "66000.0"),
        ("TAKE_PROFIT_MARKET", "SELL", "66000.00", "65999.9", "66000.1"),
        ("TAKE_PROFIT_MARKET", "BUY", "64000.00", "64000.1", "63999.9"),
    ],
)
@pytest.mark.parametrize("working_type", ["MARK_PRICE", "CONTRACT_PRICE"])
def test_given_a_trigger_price_when_reached_then_it_triggers_and_not_before(
    kind: str, side: str, trigger: str, before: str, after: str, working_type: str
) -> None:
    desk = Desk()
    move, other = (desk.mark, desk.trade) if working_type == "MARK_PRICE" else (desk.trade, desk.mark)
    waiting = desk.algo(kind, side, trigger, workingType=working_type)
    other(after)
    move(before)
    assert waiting.status == "NEW"
    move(after)
    assert waiting.status == "FINISHED" and desk.child(waiting).type == "MARKET"


def test_given_a_stop_when_triggered_then_parent_and_child_tell_their_story_in_order() -> None:
    desk = Desk()
    desk.hold("0.010")
    desk.market("BUY", "63990.0", "1")
    stop = desk.algo("STOP_MARKET", "SELL", "64000.00", reduceOnly="true", clientAlgoId="s1")
    desk.log.clear()
    desk.mark("64000.0")
    assert order_of_events(desk) == [
        "TRIGGERING", "NEW", "TRIGGERED", "TRADE", "FINISHED", "ACCOUNT_UPDATE",
    ]  # fmt: skip
    child = desk.child(stop)
    assert (child.client_order_id, child.reduce_only, child.status) == ("s1", True, "FILLED")
    ended = last(desk)
    assert (ended["ai"], ended["act"]) == (str(child.order_id), "MARKET")
    assert (ended["ap"], ended["aq"], ended["tt"]) == ("63990.00000", "0.01000", desk.clock.now)
    assert desk.position() == 0


def test_given_a_stop_limit_when_triggered_then_its_child_rests_and_is_the_engines_to_cancel() -> None:
    desk = Desk()
    stop = desk.algo("STOP", "BUY", "66000.00", price="66100.00")
    desk.mark("66000.0")
    child = desk.child(stop)
    assert (stop.status, child.status, child.price) == ("TRIGGERED", "NEW", Decimal("66100.00"))
    with refused(-2011):
        desk.exchange.conditionals.cancel(stop)
    desk.cancel(child)
    assert (last(desk)["X"], last(desk)["aq"]) == ("FINISHED", "0.00000")


def test_given_an_algo_order_when_cancelled_as_an_engine_order_then_2011_and_the_other_way_too() -> None:
    desk = Desk()
    stop = desk.algo("STOP_MARKET", "SELL", "60000.00", clientAlgoId="parent")
    with refused(-2011):
        desk.exchange.cancel(MAIN, Leg.UM, "BTCUSDT", client_order_id="parent")
    desk.exchange.conditionals.cancel(stop)
    assert states(desk) == ["NEW", "CANCELED"]
    with refused(-2011):
        desk.exchange.conditionals.cancel(stop)
    desk.mark("59000.0")
    assert stop.status == "CANCELED"


def test_given_no_margin_when_placed_then_taken_and_rejected_at_the_trigger() -> None:
    desk = Desk(USDT="100")
    desk.market("SELL", "66000.0", "10")
    stop = desk.algo("STOP_MARKET", "BUY", "66000.00", quantity="5")
    desk.mark("66000.0")
    assert states(desk) == ["NEW", "TRIGGERING", "REJECTED"]
    assert (last(desk)["rm"], last(desk)["ai"]) == ("Margin is insufficient.", "")
    assert stop.order_id == 0 and not desk.named("ORDER_TRADE_UPDATE")


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"type": "STOP_MARKET", "reduceOnly": "true"}, "ReduceOnly Order is rejected."),
        ({"type": "STOP", "price": "66100.00", "timeInForce": "FOK"}, "FOK order has been rejected"),
    ],
)
def test_given_what_the_engine_refuses_when_triggered_then_rejected_with_its_words(
    more: dict[str, str], text: str
) -> None:
    desk = Desk()
    desk.algo(more.pop("type"), "BUY", "66000.00", **more)
    desk.mark("66000.0")
    assert last(desk)["X"] == "REJECTED" and text in last(desk)["rm"]


def test_given_a_delay_when_triggering_then_a_cancel_is_4117_until_the_child_is_out() -> None:
    desk = Desk()
    desk.exchange.conditionals.trigger_delay_ms = 30
    stop = desk.algo("STOP", "BUY", "66000.00", price="66100.00")
    desk.mark("66000.0")
    assert stop.status == "TRIGGERING"
    with refused(-4117):
        desk.exchange.conditionals.cancel(stop)
    desk.clock.now += 29
    desk.exchange.advance()
    assert stop.status == "TRIGGERING"
    desk.clock.now += 1
    desk.exchange.advance()
    assert stop.status == "TRIGGERED" and desk.child(stop).is_open


def test_given_no_working_type_then_it_is_the_contract_price() -> None:
    parameters = {
        "algoType": "CONDITIONAL", "symbol": "BTCUSDT", "side": "SELL", "type": "STOP_MARKET",
        "quantity": "1", "triggerPrice": "60000.00",
    }  # fmt: skip
    assert parse_algo(parameters).working_type == "CONTRACT_PRICE"


@pytest.mark.parametrize(("side", "trigger"), [("SELL", "65000.00"), ("BUY", "65000.00")])
def test_given_a_price_that_was_reached_then_2021(side: str, trigger: str) -> None:
    with refused(-2021):
        Desk().algo("STOP_MARKET", side, trigger)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"type": "LIMIT"}, -1130),
        ({"algoType": "TWAP"}, -1130),
        ({"workingType": "INDEX"}, -4031),
        ({"triggerPrice": "0"}, -4006),
        ({"triggerPrice": "900000"}, -4007),
        ({"triggerPrice": "60000.05"}, -4014),
        ({"triggerPrice": "60000.001"}, -1111),
        ({"price": "60000.0"}, -1106),
        ({"closePosition": "true"}, -4137),
        ({"timeInForce": "GTE_GTC"}, -1115),
        ({"quantity": "0.0001"}, -1111),
        ({"selfTradePreventionMode": "SOME"}, -5039),
        ({"clientAlgoId": "x" * 37}, -4015),
        ({"positionSide": "LONG"}, -4061),
        ({"callbackRate": "1"}, -1106),
        ({"newOrderRespType": "FULL"}, -1136),
        ({"colour": "red"}, -1104),
    ],
)
def test_given_a_wrong_parameter_then_its_code(changes: dict[str, str], code: int) -> None:
    changes = dict(changes)
    trigger, quantity = changes.pop("triggerPrice", "60000.00"), changes.pop("quantity", "0.010")
    with refused(code):
        Desk().algo(changes.pop("type", "STOP_MARKET"), "SELL", trigger, quantity, **changes)


def test_given_what_a_type_needs_when_missing_then_1102_names_it() -> None:
    desk = Desk()
    for kind, trigger, quantity, name in (
        ("STOP_MARKET", "", "1", "triggerPrice"),
        ("STOP", "60000.00", "1", "price"),
        ("STOP_MARKET", "60000.00", "", "quantity"),
        ("TRAILING_STOP_MARKET", "", "1", "callbackRate"),
    ):
        with refused(-1102, name):
            desk.algo(kind, "SELL", trigger, quantity)


def test_given_close_position_then_it_closes_whatever_is_held_at_the_trigger() -> None:
    desk = Desk()
    desk.hold("0.030")
    desk.market("BUY", "63990.0", "1")
    stop = desk.algo("STOP_MARKET", "SELL", "64000.00", "", closePosition="true")
    desk.market("SELL", "65000.00", "0.010")
    desk.buy("0.010", "65000.0")
    desk.mark("64000.0")
    assert desk.child(stop).executed == Decimal("0.040") and desk.position() == 0
    assert last(desk)["cp"] is True
    with refused(-4138):
        desk.algo("STOP_MARKET", "SELL", "60000.00", "", closePosition="true", reduceOnly="true")


def test_given_close_position_without_a_position_when_triggered_then_rejected() -> None:
    desk = Desk()
    desk.algo("STOP_MARKET", "SELL", "64000.00", "", closePosition="true")
    desk.mark("64000.0")
    assert (last(desk)["X"], last(desk)["rm"]) == ("REJECTED", "ReduceOnly Order is rejected.")


def test_given_a_trailing_stop_then_it_is_activated_follows_and_comes_back() -> None:
    desk = Desk()
    trailing = desk.algo(
        "TRAILING_STOP_MARKET", "SELL", activatePrice="66000.00", callbackRate="1", workingType="MARK_PRICE"
    )
    desk.mark("65900.0")
    desk.mark("65000.0")
    assert not trailing.activated
    desk.mark("66000.0")
    assert states(desk) == ["NEW", "NEW"] and last(desk)["ia"] is True
    desk.mark("68000.0")
    desk.mark("67320.1")
    assert trailing.status == "NEW"
    desk.mark("67320.0")
    assert trailing.status == "FINISHED"


def test_given_a_trailing_stop_without_activation_price_then_it_trails_at_once() -> None:
    desk = Desk()
    trailing = desk.algo("TRAILING_STOP_MARKET", "BUY", callbackRate="0.5", workingType="CONTRACT_PRICE")
    assert last(desk)["ia"] is True
    desk.trade("64000.0")
    desk.trade("64319.9")
    assert trailing.status == "NEW"
    desk.trade("64320.0")
    assert trailing.status == "FINISHED"


@pytest.mark.parametrize(("rate", "fits"), [("0.1", True), ("20", True), ("0.09", False), ("20.1", False)])
def test_given_a_callback_rate_then_its_bounds(rate: str, fits: bool) -> None:
    desk = Desk()
    if fits:
        desk.algo("TRAILING_STOP_MARKET", "SELL", callbackRate=rate)
    else:
        with refused(-1130, "callbackRate"):
            desk.algo("TRAILING_STOP_MARKET", "SELL", callbackRate=rate)


def test_given_an_activation_price_on_the_wrong_side_then_2021() -> None:
    with refused(-2021):
        Desk().algo("TRAILING_STOP_MARKET", "SELL", activatePrice="64000.00", callbackRate="1")


def test_given_price_protect_when_mark_and_last_are_far_apart_then_it_waits() -> None:
    desk = Desk()
    stop = desk.algo("STOP_MARKET", "SELL", "60000.00", priceProtect="true", workingType="CONTRACT_PRICE")
    desk.trade("60000.0")
    assert stop.status == "NEW"
    desk.mark("62000.0")
    desk.trade("59999.9")
    assert stop.status == "FINISHED"


def test_given_200_waiting_orders_then_the_next_is_4045() -> None:
    desk = Desk()
    for _ in range(MAX_WAITING):
        desk.algo("STOP_MARKET", "SELL", "60000.00")
    with refused(-4045):
        desk.algo("STOP_MARKET", "SELL", "60000.00")
    desk.exchange.conditionals.cancel_all(desk.account, Leg.UM, "BTCUSDT")
    desk.algo("STOP_MARKET", "SELL", "60000.00")


def test_given_a_client_id_that_waits_then_4116_and_afterwards_it_is_free() -> None:
    desk = Desk()
    first = desk.algo("STOP_MARKET", "SELL", "60000.00", clientAlgoId="same")
    with refused(-4116):
        desk.algo("STOP_MARKET", "SELL", "60000.00", clientAlgoId="same")
    desk.exchange.conditionals.cancel(first)
    again = desk.algo("STOP_MARKET", "SELL", "60000.00", clientAlgoId="same")
    assert desk.account.find_conditional(Leg.UM, None, "same") is again


def test_given_gtd_when_its_time_comes_then_expired() -> None:
    desk = Desk()
    until = desk.clock.now + 700_000
    stop = desk.algo("STOP", "BUY", "66000.00", price="66100.00", timeInForce="GTD", goodTillDate=str(until))
    with refused(-5040):
        desk.algo("STOP", "BUY", "66000.00", price="66100.00", timeInForce="GTD", goodTillDate="5000")
    desk.clock.now = until
    desk.exchange.advance()
    assert stop.status == "EXPIRED" and states(desk) == ["NEW", "EXPIRED"]


def test_given_one_tick_when_a_childs_trade_triggers_another_then_both_are_done() -> None:
    desk = Desk()
    desk.market("BUY", "63000.0", "0.010")
    desk.market("BUY", "62000.0", "1")
    first = desk.algo("STOP_MARKET", "SELL", "64000.00", workingType="MARK_PRICE")
    second = desk.algo("STOP_MARKET", "SELL", "63500.00", workingType="CONTRACT_PRICE")
    desk.mark("64000.0")
    assert (first.status, second.status) == ("FINISHED", "FINISHED")
    assert second.average_price == 62000
