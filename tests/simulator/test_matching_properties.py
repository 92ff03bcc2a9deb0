"""Invariants of the book under random order flow."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.simulator import Leg, Order, VenueRefusal
from tests.simulator.desk import MAIN, OTHER, UNITS, Desk

prices = st.integers(64_990, 65_010).map(lambda p: f"{p}.0")
sizes = st.integers(10, 60)
orders = st.tuples(
    st.just("order"),
    st.sampled_from([MAIN, OTHER, ""]),
    st.sampled_from(["BUY", "SELL"]),
    st.sampled_from(["GTC", "GTC", "IOC", "FOK", "POST", "MARKET"]),
    prices,
    sizes,
)
cancels = st.tuples(st.just("cancel"), st.integers(0, 30))
modifies = st.tuples(st.just("modify"), st.integers(0, 30), prices, sizes)
flows = st.lists(st.one_of(orders, orders, orders, cancels, modifies), max_size=40)


class Flow:
    """Plays a random flow and checks the invariants after every step."""

    def __init__(self, leg: Leg) -> None:
        self.desk = Desk(leg)
        self.unit = UNITS[leg] * (100 if leg is Leg.MARGIN else 1)
        self.placed: list[Order] = []
        self.anonymous: list[Order] = []
        self.cum: dict[int, Decimal] = defaultdict(Decimal)

    def play(self, step: tuple[Any, ...]) -> None:
        try:
            if step[0] == "order":
                self._order(*step[1:])
            elif self.placed:
                order = self.placed[step[1] % len(self.placed)]
                if step[0] == "cancel":
                    if order.account == MAIN:
                        self.desk.cancel(order)
                elif self.desk.leg is not Leg.MARGIN and order.account == MAIN:
                    self.desk.modify(order, str(step[3] * self.unit), step[2])
        except VenueRefusal:
            pass

    def _order(self, account: str, side: str, kind: str, price: str, size: int) -> None:
        quantity = str(size * self.unit)
        if not account:
            self.anonymous.append(self.desk.market(side, price, quantity))
            return
        more = {"timeInForce": kind}
        if kind in {"POST", "MARKET"}:
            more = {}
        if kind == "POST":
            more = {"type": "LIMIT_MAKER"} if self.desk.leg is Leg.MARGIN else {"timeInForce": "GTX"}
        order_price = None if kind == "MARKET" else price
        self.placed.append(self.desk.send(side, quantity, order_price, account=account, **more).order)

    def check(self) -> None:
        book = self.desk.exchange.state.books[self.desk.leg, self.desk.symbol]
        bid, ask = book.bids.best(), book.asks.best()
        assert bid is None or ask is None or bid.price < ask.price, "the book is crossed"
        for side in (book.bids, book.asks):
            queue = [(o.price, o.priority if o.account else -o.order_id) for o in side]
            direction = -1 if side is book.bids else 1
            assert queue == sorted(queue, key=lambda entry: (direction * entry[0], entry[1]))
            assert all(o.remaining > 0 and o.is_open for o in side)
        for order in self.placed:
            assert 0 <= order.executed <= order.quantity
            assert order.executed >= self.cum[order.order_id], "executed quantity fell"
            self.cum[order.order_id] = order.executed
            assert (order.status == "FILLED") == (order.remaining == 0)

    def totals(self) -> None:
        desk = self.desk
        bought = sold = Decimal(0)
        for order in self.placed:
            account = desk.exchange.account(order.account)
            trades = [
                t for t in account.trades.get((desk.leg, desk.symbol), ()) if t.order_id == order.order_id
            ]
            assert sum((t.quantity for t in trades), Decimal(0)) == order.executed
        for order in self.placed + self.anonymous:
            bought += order.executed if order.side == "BUY" else 0
            sold += order.executed if order.side == "SELL" else 0
        assert bought == sold, "quantity was made or lost"
        for name in (MAIN, OTHER):
            account = desk.exchange.account(name)
            open_ids = {o.order_id for o in self.placed if o.is_open and o.account == name}
            assert {o.order_id for o in account.list_open(desk.leg, None)} == open_ids
            self._money(name)

    def _money(self, name: str) -> None:
        desk = self.desk
        account = desk.exchange.account(name)
        mine = [o for o in self.placed if o.account == name and o.is_open]
        if desk.leg is Leg.MARGIN:
            locked = sum((o.price * o.remaining for o in mine if o.is_buy), Decimal(0))
            assert account.asset("USDT").locked == locked
            assert account.asset("BTC").locked == sum((o.remaining for o in mine if not o.is_buy), Decimal(0))
        else:
            assert sum(account.reserved.values()) == sum((o.reserved for o in mine), Decimal(0))


@pytest.mark.parametrize("leg", list(Leg))
@settings(max_examples=60, deadline=None)
@given(flow=flows)
def test_given_any_flow_then_books_orders_trades_and_money_agree(
    leg: Leg, flow: list[tuple[Any, ...]]
) -> None:
    player = Flow(leg)
    for step in flow:
        player.play(step)
        player.check()
    player.totals()


def test_given_equal_prices_when_one_trades_then_the_earlier_order_is_first() -> None:
    desk = Desk()
    first = desk.buy("0.010", "64000.00")
    second = desk.buy("0.010", "64000.00", account=OTHER)
    better = desk.buy("0.010", "64000.10", account=OTHER)
    desk.market("SELL", "64000.00", "0.015")
    assert [o.executed for o in (better, first, second)] == [Decimal("0.010"), Decimal("0.005"), 0]
