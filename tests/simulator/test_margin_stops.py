"""Margin stop orders, icebergs, and OCO lists."""

from decimal import Decimal
from typing import Any

import pytest

from fixgate.simulator import Leg, Order
from fixgate.simulator.admission import MAX_MARGIN_STOPS
from fixgate.simulator.parameters import parse_new_order
from tests.simulator.desk import MAIN, Desk, refused

STOP_LIMIT = {"type": "STOP_LOSS_LIMIT", "timeInForce": "GTC"}


def stop_limit(desk: Desk, side: str, stop: str, price: str, **more: str) -> Order:
    return desk.send(side, "0.01", price, stopPrice=stop, **(STOP_LIMIT | more)).order


def stop_market(desk: Desk, side: str, stop: str, kind: str = "STOP_LOSS", **more: str) -> Order:
    return desk.send(side, "0.01", type=kind, stopPrice=stop, **more).order


def reports(desk: Desk, order: Order) -> list[tuple[str, str, bool]]:
    return [(e["x"], e["X"], e["w"]) for e in desk.named("executionReport") if e["i"] == order.order_id]


def wallet(desk: Desk, asset: str) -> tuple[Decimal, Decimal]:
    entry = desk.account.asset(asset)
    return entry.free, entry.locked


def test_given_a_stop_limit_when_its_price_comes_then_it_works_and_rests() -> None:
    desk = Desk(Leg.MARGIN)
    order = stop_limit(desk, "BUY", "66000.00", "66100.00")
    first = desk.named("executionReport")[0]
    assert (first["w"], "W" in first, first["P"], first["o"]) == (
        False, False, "66000.00000000", "STOP_LOSS_LIMIT",
    )  # fmt: skip
    desk.trade("65999.99")
    assert not order.working and wallet(desk, "USDT")[1] == 661
    desk.clock.now += 5
    desk.trade("66000.00")
    assert reports(desk, order) == [("NEW", "NEW", False), ("NEW", "NEW", True)]
    assert desk.last_event(order)["W"] == desk.clock.now
    desk.market("SELL", "66100.00", "0.01")
    assert order.status == "FILLED" and order.type == "STOP_LOSS_LIMIT"


@pytest.mark.parametrize(
    ("kind", "side", "stop", "reached"),
    [
        ("STOP_LOSS", "SELL", "64000.00", "64000.00"),
        ("STOP_LOSS", "BUY", "66000.00", "66000.00"),
        ("TAKE_PROFIT", "SELL", "66000.00", "66000.00"),
        ("TAKE_PROFIT", "BUY", "64000.00", "64000.00"),
    ],
)
def test_given_a_market_stop_when_its_price_comes_then_it_takes(
    kind: str, side: str, stop: str, reached: str
) -> None:
    desk = Desk(Leg.MARGIN)
    order = stop_market(desk, side, stop, kind)
    desk.mark("65500.00")
    assert not order.working
    desk.market("SELL", "67000.00", "1")
    desk.market("BUY", "63000.00", "1")
    desk.trade(reached)
    assert order.status == "FILLED"
    assert wallet(desk, "USDT")[1] == wallet(desk, "BTC")[1] == 0


def test_given_an_empty_book_when_a_market_stop_works_then_it_expires() -> None:
    desk = Desk(Leg.MARGIN)
    order = stop_market(desk, "SELL", "64000.00")
    desk.trade("64000.00")
    assert order.status == "EXPIRED" and desk.last_event(order)["eR"] == "INSUFFICIENT_LIQUIDITY"


def test_given_a_market_stop_that_got_too_dear_when_triggered_then_rejected_by_the_engine() -> None:
    desk = Desk(Leg.MARGIN, USDT="660")
    order = stop_market(desk, "BUY", "66000.00")
    desk.market("SELL", "66500.00", "1")
    desk.trade("66000.00")
    event = desk.last_event(order)
    assert (event["X"], event["r"], event["w"]) == ("EXPIRED", "INSUFFICIENT_BALANCES", False)
    assert wallet(desk, "USDT") == (660, 0)


@pytest.mark.parametrize(("side", "stop"), [("SELL", "65000.00"), ("BUY", "64999.00")])
def test_given_a_stop_that_was_passed_then_refused(side: str, stop: str) -> None:
    with refused(-2010, "trigger immediately"):
        stop_market(Desk(Leg.MARGIN), side, stop)


def test_given_a_waiting_stop_when_cancelled_then_its_money_is_free_and_it_never_works() -> None:
    desk = Desk(Leg.MARGIN)
    order = stop_limit(desk, "SELL", "64000.00", "63900.00")
    assert wallet(desk, "BTC")[1] == Decimal("0.01")
    desk.cancel(order)
    desk.trade("64000.00")
    assert order.status == "CANCELED" and wallet(desk, "BTC")[1] == 0
    assert reports(desk, order)[-1] == ("CANCELED", "CANCELED", False)


@pytest.mark.parametrize(
    ("parameters", "code", "text"),
    [
        ({"type": "STOP_LOSS"}, -1102, "stopPrice"),
        ({"type": "LIMIT", "price": "64000", "timeInForce": "GTC", "stopPrice": "1"}, -1106, "stopPrice"),
        ({"type": "STOP_LOSS", "stopPrice": "60000", "price": "1"}, -1106, "price"),
        ({"type": "STOP_LOSS", "stopPrice": "60000", "timeInForce": "GTC"}, -1106, "timeInForce"),
        ({"type": "TAKE_PROFIT_LIMIT", "stopPrice": "70000", "price": "70000"}, -1102, "timeInForce"),
        ({"type": "STOP_LOSS", "stopPrice": "60000.001"}, -1013, "PRICE_FILTER"),
    ],
)
def test_given_wrong_stop_parameters_then_their_codes(
    parameters: dict[str, str], code: int, text: str
) -> None:
    with refused(code, text):
        desk = Desk(Leg.MARGIN)
        common = {"symbol": "BTCUSDT", "side": "SELL", "quantity": "0.01"}
        desk.exchange.place(MAIN, parse_new_order(Leg.MARGIN, common | parameters))


def test_given_five_waiting_stops_then_the_next_breaks_the_filter() -> None:
    desk = Desk(Leg.MARGIN)
    for _ in range(MAX_MARGIN_STOPS):
        stop_market(desk, "SELL", "60000.00")
    with refused(-1013, "MAX_NUM_ALGO_ORDERS"):
        stop_market(desk, "SELL", "60000.00")


def test_given_an_iceberg_then_only_its_slice_stands_before_others() -> None:
    desk = Desk(Leg.MARGIN)
    iceberg = desk.buy("0.03", "64000.00", icebergQty="0.01")
    other = desk.buy("0.01", "64000.00", account="other")
    desk.market("SELL", "64000.00", "0.02")
    assert (iceberg.executed, other.executed) == (Decimal("0.01"), Decimal("0.01"))
    assert desk.last_event(iceberg)["F"] == "0.01000000"
    desk.market("SELL", "64000.00", "0.02")
    assert iceberg.status == "FILLED"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"icebergQty": "0.02"}, -1013),
        ({"icebergQty": "0.00001"}, -1013),
        ({"icebergQty": "0.005", "timeInForce": "IOC"}, -1014),
    ],
)
def test_given_a_wrong_iceberg_then_refused(more: dict[str, str], code: int) -> None:
    with refused(code):
        Desk(Leg.MARGIN).buy("0.01", "64000.00", **more)


def lists(desk: Desk) -> list[tuple[str, str]]:
    return [(event["l"], event["L"]) for event in desk.named("listStatus")]


def sell_list(desk: Desk, **more: str) -> tuple[Order, Order]:
    more = {"stopLimitPrice": "63900.00", "stopLimitTimeInForce": "GTC"} | more
    order_list = desk.oco("SELL", "0.01", "66000.00", "64000.00", listClientOrderId="l1", **more)
    return desk.exchange.order_lists.legs(order_list)


def test_given_an_oco_when_placed_then_both_orders_and_the_list_are_reported() -> None:
    desk = Desk(Leg.MARGIN)
    stop, limit = sell_list(desk)
    assert reports(desk, stop) == [("NEW", "PENDING_NEW", False)]
    assert reports(desk, limit) == [("NEW", "NEW", True)]
    event: dict[str, Any] = desk.named("listStatus")[0]
    assert set(event) == {"e", "E", "s", "g", "c", "l", "L", "r", "C", "T", "O"}
    assert (event["g"], event["C"]) == (stop.order_list_id, "l1")
    assert [each["i"] for each in event["O"]] == [stop.order_id, limit.order_id]
    assert (stop.type, limit.type) == ("STOP_LOSS_LIMIT", "LIMIT_MAKER")
    assert wallet(desk, "BTC")[1] == Decimal("0.01")


def test_given_the_other_word_for_waiting_then_the_stop_is_new() -> None:
    desk = Desk(Leg.MARGIN)
    desk.exchange.order_lists.waiting_status = "NEW"
    assert reports(desk, sell_list(desk)[0]) == [("NEW", "NEW", False)]


def test_given_a_part_fill_of_the_limit_then_the_stop_expires_and_the_list_ends_with_the_limit() -> None:
    desk = Desk(Leg.MARGIN)
    stop, limit = sell_list(desk)
    desk.market("BUY", "66000.00", "0.004")
    assert (stop.status, limit.status) == ("EXPIRED", "PARTIALLY_FILLED")
    assert desk.last_event(stop)["eR"] == "OCO_TRIGGER"
    assert lists(desk) == [("EXEC_STARTED", "EXECUTING")]
    desk.market("BUY", "66000.00", "0.006")
    assert limit.status == "FILLED" and lists(desk)[1:] == [("ALL_DONE", "ALL_DONE")]
    assert wallet(desk, "BTC")[1] == 0


def test_given_the_stop_price_then_the_limit_expires_and_the_stop_works() -> None:
    desk = Desk(Leg.MARGIN)
    stop, limit = sell_list(desk)
    desk.trade("64000.00")
    assert (limit.status, stop.status, stop.working) == ("EXPIRED", "NEW", True)
    assert desk.last_event(limit)["eR"] == "OCO_TRIGGER" and len(lists(desk)) == 1
    assert wallet(desk, "BTC")[1] == Decimal("0.01")
    desk.market("BUY", "63900.00", "0.01")
    assert stop.status == "FILLED" and lists(desk)[-1] == ("ALL_DONE", "ALL_DONE")


@pytest.mark.parametrize("which", [0, 1])
def test_given_one_order_cancelled_then_the_whole_list_is(which: int) -> None:
    desk = Desk(Leg.MARGIN)
    legs = sell_list(desk)
    desk.cancel(legs[which])
    assert [leg.status for leg in legs] == ["CANCELED", "CANCELED"]
    assert lists(desk)[-1] == ("ALL_DONE", "ALL_DONE") and wallet(desk, "BTC")[1] == 0
    with refused(-2011):
        desk.exchange.cancel_list(MAIN, "BTCUSDT", None, "l1")


def test_given_a_buy_list_when_triggered_then_the_dearer_stop_is_paid_from_one_lock() -> None:
    desk = Desk(Leg.MARGIN, USDT="661")
    order_list = desk.oco(
        "BUY", "0.01", "64000.00", "66000.00", stopLimitPrice="66100.00", stopLimitTimeInForce="GTC"
    )
    stop, limit = desk.exchange.order_lists.legs(order_list)
    assert wallet(desk, "USDT") == (0, 661)
    desk.trade("66000.00")
    assert (limit.status, wallet(desk, "USDT")) == ("EXPIRED", (0, 661))
    desk.market("SELL", "66100.00", "0.01")
    assert stop.status == "FILLED" and wallet(desk, "USDT") == (0, 0)


@pytest.mark.parametrize(
    ("side", "price", "stop"),
    [("SELL", "64000.00", "66000.00"), ("BUY", "66000.00", "67000.00"), ("SELL", "66000.00", "65000.00")],
)
def test_given_prices_on_the_wrong_sides_then_refused(side: str, price: str, stop: str) -> None:
    with refused(-2010, "relationship of the prices"):
        Desk(Leg.MARGIN).oco(side, "0.01", price, stop)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"stopLimitPrice": "63900.00"}, -1102),
        ({"stopLimitTimeInForce": "GTC"}, -1102),
        ({"sideEffectType": "AUTO_BORROW_REPAY"}, -1130),
        ({"stopClientOrderId": "x", "limitClientOrderId": "x"}, -2010),
        ({"newOrderRespType": "FULL"}, -1136),
    ],
)
def test_given_wrong_list_parameters_then_their_codes(more: dict[str, str], code: int) -> None:
    with refused(code):
        Desk(Leg.MARGIN).oco("SELL", "0.01", "66000.00", "64000.00", **more)


def test_given_a_list_that_cannot_be_paid_then_nothing_is_taken_in() -> None:
    desk = Desk(Leg.MARGIN, USDT="1")
    with refused(-2010, "insufficient balance"):
        desk.oco("SELL", "0.01", "66000.00", "64000.00")
    assert not desk.log and not desk.account.orders and not desk.account.order_lists
