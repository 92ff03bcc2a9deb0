"""Invariants of what waits for a price, under random order flow: stops, lists, icebergs, conditionals."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.simulator import Leg, VenueRefusal
from fixgate.simulator.admission import stop_is_reached
from fixgate.simulator.conditional_orders import ALIVE, TRAILING, has_passed
from fixgate.simulator.state_file import encode_state
from tests.simulator.desk import MAIN, UNITS, Desk

SIDES = st.sampled_from(["BUY", "SELL"])
PRICES = st.integers(64_985, 65_015).map(lambda p: f"{p}.0")
SIZES = st.integers(10, 60)
MARGIN_KINDS = st.sampled_from(
    ["LIMIT", "ICEBERG", "MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT", "OCO"]
)
FUTURES_KINDS = st.sampled_from(
    ["LIMIT", "MARKET", "REDUCE", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", TRAILING]
)


def flows(kinds: Any) -> Any:
    order = st.tuples(st.just("order"), kinds, SIDES, PRICES, PRICES, SIZES)
    stranger = st.tuples(st.just("stranger"), SIDES, PRICES, SIZES)
    cancel = st.tuples(st.just("cancel"), st.integers(0, 20))
    mark = st.tuples(st.just("mark"), PRICES)
    return st.lists(st.one_of(order, order, stranger, stranger, cancel, mark), max_size=40)


class Flow:
    """Plays random steps of one leg. The account is poor enough for some triggers to fail."""

    def __init__(self, leg: Leg) -> None:
        money = {"USDT": "12000", "BTC": "0.2"} if leg is Leg.MARGIN else {"USDT": "300", "BTC": "0.003"}
        self.desk = Desk(leg, **money)
        self.unit = UNITS[leg] * {Leg.MARGIN: 100, Leg.UM: 2, Leg.CM: 2}[leg]

    def play(self, step: tuple[Any, ...]) -> None:
        desk = self.desk
        try:
            if step[0] == "order":
                self._order(*step[1:])
            elif step[0] == "stranger":
                desk.market(step[1], step[2], str(step[3] * self.unit))
            elif step[0] == "mark":
                desk.mark(step[1])
            else:
                self._cancel(step[1])
        except VenueRefusal:
            pass

    def _order(self, kind: str, side: str, price: str, trigger: str, size: int) -> None:
        desk, quantity = self.desk, str(size * self.unit)
        if kind == "MARKET":
            desk.send(side, quantity)
        elif kind in {"LIMIT", "ICEBERG", "REDUCE"}:
            shown = {"icebergQty": str(10 * self.unit)} if kind == "ICEBERG" else {}
            reduce = {"reduceOnly": "true"} if kind == "REDUCE" else {}
            desk.send(side, quantity, price, **shown, **reduce)
        elif kind == "OCO":
            stop_limit = {"stopLimitPrice": trigger, "stopLimitTimeInForce": "GTC"} if size % 2 else {}
            desk.oco(side, quantity, price, trigger, **stop_limit)
        elif desk.leg is Leg.MARGIN:
            limit = {"price": price, "timeInForce": "GTC"} if kind.endswith("LIMIT") else {}
            desk.send(side, quantity, type=kind, stopPrice=trigger, **limit)
        else:
            place = desk.algo if desk.leg is Leg.UM else desk.strategy
            more = {"price": price} if kind in {"STOP", "TAKE_PROFIT"} else {}
            if kind == TRAILING:
                trigger, more = "", {"callbackRate": "0.1"}
            working = "CONTRACT_PRICE" if size % 2 else "MARK_PRICE"
            place(kind, side, trigger, quantity, workingType=working, **more)

    def _cancel(self, number: int) -> None:
        desk = self.desk
        found: list[Any] = [*desk.account.list_open(desk.leg, None), *desk.account.list_waiting(desk.leg)]
        if not found:
            return
        chosen = found[number % len(found)]
        if hasattr(chosen, "trigger_price"):
            desk.exchange.conditionals.cancel(chosen)
        else:
            desk.cancel(chosen)

    def check(self) -> None:
        state, account = self.desk.exchange.state, self.desk.account
        assert not state.changed and not state.ticks
        for order in account.list_open(self.desk.leg, None):
            resting = order in list(state.books[order.leg, order.symbol].own_side(order.side))
            assert resting != order.dormant
        self._check_margin() if self.desk.leg is Leg.MARGIN else self._check_conditionals()

    def _check_margin(self) -> None:
        desk, account = self.desk, self.desk.account
        last = desk.exchange.state.lasts[Leg.MARGIN, desk.symbol]
        open_orders = account.list_open(Leg.MARGIN, None)
        for asset, side in (("USDT", "BUY"), ("BTC", "SELL")):
            locked = sum((o.locked for o in open_orders if o.side == side), Decimal(0))
            entry = account.asset(asset)
            assert entry.locked == locked and entry.free >= 0
        for order in open_orders:
            assert order.working or not stop_is_reached(order, last)
        for order_list in account.order_lists.values():
            stop, limit = desk.exchange.order_lists.legs(order_list)
            assert order_list.is_open == (stop.is_open or limit.is_open)
            assert not (stop.executed and limit.executed)
            assert not (stop.working and limit.is_open)

    def _check_conditionals(self) -> None:
        desk, account = self.desk, self.desk.account
        for conditional in account.conditionals.values():
            key = (conditional.leg, conditional.symbol, conditional.working_type)
            price = desk.exchange.state.working_price(*key)
            if conditional.is_waiting and conditional.type != TRAILING:
                assert not has_passed(conditional, price)
            if conditional.order_id:
                child = desk.child(conditional)
                assert child.is_open == (conditional.status == "TRIGGERED")
                assert child.executed == conditional.executed
            else:
                assert conditional.status not in {"TRIGGERED", "FINISHED"}
            armed = desk.exchange.state.armed.get((conditional.leg, conditional.symbol), {})
            assert (conditional.conditional_id in armed) == conditional.is_waiting
            assert conditional.status in ALIVE | {"CANCELED", "REJECTED", "EXPIRED", "FINISHED"}


def run(leg: Leg, steps: list[tuple[Any, ...]]) -> Flow:
    flow = Flow(leg)
    for step in steps:
        flow.play(step)
        flow.check()
    return flow


@settings(max_examples=60, deadline=None)
@given(flows(MARGIN_KINDS))
def test_given_random_margin_flow_then_money_stops_and_lists_stay_in_step(
    steps: list[tuple[Any, ...]],
) -> None:
    run(Leg.MARGIN, steps)


@pytest.mark.parametrize("leg", [Leg.UM, Leg.CM])
@settings(max_examples=60, deadline=None)
@given(flows(FUTURES_KINDS))
def test_given_random_futures_flow_then_parents_and_children_stay_in_step(
    leg: Leg, steps: list[tuple[Any, ...]]
) -> None:
    run(leg, steps)


@settings(max_examples=20, deadline=None)
@given(flows(FUTURES_KINDS))
def test_given_the_same_steps_then_the_same_events_and_the_same_state(steps: list[tuple[Any, ...]]) -> None:
    first, second = run(Leg.UM, steps), run(Leg.UM, steps)
    assert first.desk.log == second.desk.log
    assert encode_state(first.desk.exchange) == encode_state(second.desk.exchange)
    assert first.desk.account.name == MAIN
