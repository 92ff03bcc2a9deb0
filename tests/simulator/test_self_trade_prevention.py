"""Self-trade prevention: each mode on each leg; the taker's mode decides."""

from decimal import Decimal

import pytest

from fixgate.simulator import Leg
from tests.simulator.desk import OTHER, Desk, refused

Q = {Leg.UM: "0.010", Leg.CM: "10", Leg.MARGIN: "0.01000"}
LEGS = pytest.mark.parametrize("leg", list(Leg))


def modes(leg: Leg, mode: str) -> dict[str, str]:
    """CM has no parameter for it: its orders always carry the venue's default, EXPIRE_MAKER."""
    return {} if leg is Leg.CM else {"selfTradePreventionMode": mode}


def check_prevented(desk: Desk, leg: Leg, order_event: dict[str, object]) -> None:
    assert order_event["X"] == "EXPIRED_IN_MATCH"
    if leg is Leg.MARGIN:
        assert order_event["x"] == "TRADE_PREVENTION"
        assert {"v", "A", "B", "U", "u", "Cs", "pl", "pL", "pY"} <= set(order_event)
    else:
        assert (order_event["x"], order_event["er"]) == ("EXPIRED", "1")


@LEGS
def test_given_expire_maker_then_the_resting_order_goes_and_the_taker_rests(leg: Leg) -> None:
    desk = Desk(leg)
    maker = desk.sell(Q[leg], "65000.0")
    taker = desk.buy(Q[leg], "65000.0", **modes(leg, "EXPIRE_MAKER"))
    assert (maker.status, taker.status) == ("EXPIRED_IN_MATCH", "NEW")
    check_prevented(desk, leg, desk.last_event(maker))


@pytest.mark.parametrize("leg", [Leg.UM, Leg.MARGIN])
def test_given_expire_taker_then_the_incoming_order_goes(leg: Leg) -> None:
    desk = Desk(leg)
    maker = desk.sell(Q[leg], "65000.0", **modes(leg, "EXPIRE_BOTH"))
    taker = desk.buy(Q[leg], "65000.0", **modes(leg, "EXPIRE_TAKER"))
    assert (maker.status, taker.status) == ("NEW", "EXPIRED_IN_MATCH")
    check_prevented(desk, leg, desk.last_event(taker))
    assert desk.events(maker) == [("NEW", "NEW")]


@pytest.mark.parametrize("leg", [Leg.UM, Leg.MARGIN])
def test_given_expire_both_then_both_go(leg: Leg) -> None:
    desk = Desk(leg)
    maker = desk.sell(Q[leg], "65000.0")
    taker = desk.buy(Q[leg], "65000.0", **modes(leg, "EXPIRE_BOTH"))
    assert (maker.status, taker.status) == ("EXPIRED_IN_MATCH", "EXPIRED_IN_MATCH")
    assert desk.account.list_open(leg, None) == []


@LEGS
def test_given_no_mode_then_the_default_is_expire_maker(leg: Leg) -> None:
    desk = Desk(leg)
    maker = desk.sell(Q[leg], "65000.0")
    assert desk.buy(Q[leg], "65000.0").stp_mode == "EXPIRE_MAKER"
    assert maker.status == "EXPIRED_IN_MATCH"


@LEGS
def test_given_an_order_of_another_account_when_matched_then_nothing_is_prevented(leg: Leg) -> None:
    desk = Desk(leg)
    desk.sell(Q[leg], "65000.0", account=OTHER)
    assert desk.buy(Q[leg], "65000.0").status == "FILLED"


@LEGS
def test_given_own_order_in_the_way_when_expired_then_the_taker_goes_on_behind_it(leg: Leg) -> None:
    desk = Desk(leg)
    desk.sell(Q[leg], "65000.0")
    desk.market("SELL", "65001.0", Q[leg])
    taker = desk.buy(Q[leg])
    assert (taker.status, taker.executed) == ("FILLED", Decimal(Q[leg]))


def test_given_an_um_ioc_when_it_is_the_one_expired_then_the_reason_is_3() -> None:
    desk = Desk()
    desk.sell("0.010", "65000.00")
    taker = desk.buy("0.010", "65000.00", timeInForce="IOC", selfTradePreventionMode="EXPIRE_TAKER")
    assert (desk.last_event(taker)["X"], desk.last_event(taker)["er"]) == ("EXPIRED_IN_MATCH", "3")


def test_given_margin_mode_none_then_the_account_trades_with_itself() -> None:
    desk = Desk(Leg.MARGIN)
    maker = desk.sell("0.01", "65000.00")
    taker = desk.buy("0.01", "65000.00", selfTradePreventionMode="NONE")
    assert (maker.status, taker.status) == ("FILLED", "FILLED")


def test_given_um_mode_none_then_5039_since_it_was_withdrawn() -> None:
    with refused(-5039):
        Desk().buy("0.01", "65000.00", selfTradePreventionMode="NONE")


def test_given_a_margin_order_prevented_then_its_money_is_free_again() -> None:
    desk = Desk(Leg.MARGIN, USDT="10000", BTC="1")
    desk.sell("0.01", "65000.00")
    desk.buy("0.01", "65000.00", selfTradePreventionMode="EXPIRE_BOTH")
    assert desk.account.asset("BTC").free == 1 and desk.account.asset("USDT").free == 10000
