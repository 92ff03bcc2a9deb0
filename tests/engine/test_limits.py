"""Limits in USD: what orders count, on which day, and that nothing goes above a limit."""

from decimal import Decimal as D
from itertools import count

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fixgate.engine.ledger import DAY_NS, Ledger, day_of
from fixgate.engine.limits import LimitRules
from fixgate.engine.order import ZERO
from fixgate.engine.snapshots import snapshot_of
from fixgate.model.commands import NewOrderList, OrderAttributes
from fixgate.model.enums import OrderType, OrdRejReason, Side
from fixgate.model.execution import ErrorCode
from fixgate.model.facts import Fact, OrderReceived, OrderRefused, ReplaceRequested, RequestDenied
from fixgate.model.limits import LedgerSnapshot, LimitCheck
from fixgate.model.refusal import Refused
from fixgate.model.snapshot import OrderSnapshot
from fixgate.model.venue import OrderNotFound, RequestKind, RequestRefused, VenueExec, VenueStatus

from .desk import Desk, new_order, replace

X, S = VenueExec, VenueStatus
NOON = 20_000 * DAY_NS + DAY_NS // 2
DATE, NEXT_DATE = "2024-10-04", "2024-10-05"


class Clock:
    """Goes on by a nanosecond at each look, and by days when told."""

    def __init__(self) -> None:
        self.now = NOON

    def __next__(self) -> int:
        self.now += 1
        return self.now

    def next_day(self) -> None:
        self.now += DAY_NS


class ByPrice:
    """A unit is worth its price in USD; without a price it is worth what `last` is."""

    def __init__(self, last: D | None = D(100)) -> None:
        self.last = last

    def unit_usd(self, request) -> D:
        price = request.price or self.last
        if price is None:
            raise Refused(OrdRejReason.BROKER, f"no price of {request.symbol} is known")
        return price


def limited(daily: str | None = "1000", order: str | None = None, last: str | None = "100") -> Desk:
    rules = LimitRules({} if daily is None else {"main": D(daily)}, None if order is None else D(order))
    desk = Desk(rules=rules, valuer=ByPrice(None if last is None else D(last)))
    desk.clock = Clock()
    return desk


def used(desk: Desk) -> D:
    return desk.engine.limits.status("PM", "main", desk.clock.now).used_usd


def refused(desk: Desk) -> OrderRefused:
    fact = desk.facts[-1]
    assert isinstance(fact, OrderRefused)
    return fact


# a day


def test_an_order_is_reserved_before_it_is_sent_and_refused_where_it_does_not_fit():
    desk = limited("100")
    outcome = desk.new(quantity=D("0.765"), price=D(100))
    assert isinstance(outcome.facts[0], OrderReceived) and len(outcome.requests) == 1
    outcome = desk.new("A2", quantity=D(1), price=D(100))
    assert outcome.requests == []
    (report,) = outcome.reports
    assert report.text == "Order would exceed daily limit. Remaining: $23.50"
    assert report.rej_reason is OrdRejReason.EXCEEDS_LIMIT
    assert report.error is ErrorCode.DAILY_LIMIT_EXCEEDED
    assert report.limit_check == LimitCheck(order_value_usd=D(100), remaining_usd=D("23.5"))
    assert refused(desk).limit_check == report.limit_check
    status = desk.engine.limits.status("PM", "main", desk.clock.now)
    assert status == (DATE, D(100), D("76.5"), D("23.5"), 1)
    desk.new("A3", quantity=D("0.235"), price=D(100))
    assert used(desk) == 100


@pytest.mark.parametrize("rules", [{"daily": "100"}, {"daily": None, "order": "50"}, {"daily": "1E38"}])
def test_an_order_worth_more_than_28_digits_is_refused_and_nothing_breaks(rules):
    desk = limited(**rules)
    outcome = desk.new(quantity=D("1E38"), price=D("1E38"))
    (report,) = outcome.reports
    assert report.rej_reason is OrdRejReason.EXCEEDS_LIMIT and report.limit_check.order_value_usd == D("1E76")
    assert outcome.requests == []


def test_a_refusal_of_a_limit_outlives_the_journal_and_facts_of_old_are_read():
    desk = limited("100")
    desk.new(quantity=D(2), price=D(100))
    coded = msgspec.json.encode(desk.facts[-1])
    assert msgspec.json.decode(coded, type=Fact) == desk.facts[-1]
    old = msgspec.json.decode(coded)
    del old["error"], old["limit_check"]
    assert msgspec.convert(old, Fact, strict=False).error is None


@pytest.mark.parametrize("end", ["rejected", "canceled", "expired", "never arrived"])
def test_an_order_that_ends_gives_back_what_did_not_fill(end):
    desk = limited()
    desk.new(quantity=D(10), price=D(50))
    order = desk.order()
    filled = 0
    if end == "rejected":
        desk.hear(RequestRefused(order_id=order.order_id, kind=RequestKind.SUBMIT, text="no"))
    elif end == "never arrived":
        desk.hear(OrderNotFound(order_id=order.order_id, text="no such order"))
    else:
        desk.hear(desk.update(order, X.NEW, S.NEW))
        desk.trade(order, "3", "49")
        assert used(desk) == 500, "a fill counts at what was reserved for it"
        filled = 3
        kind = X.CANCELED if end == "canceled" else X.EXPIRED
        desk.hear(desk.update(order, kind, S(kind.value)))
    assert order.terminal
    assert used(desk) == filled * 50
    assert desk.engine.limits.status("PM", "main", desk.clock.now).order_count == 1


def test_a_new_day_begins_with_the_whole_limit_and_fills_of_yesterdays_orders_take_none_of_it():
    desk = limited("100")
    order = desk.acknowledged(quantity=D(1), price=D(100))
    desk.clock.next_day()
    assert desk.engine.limits.status("PM", "main", desk.clock.now) == (NEXT_DATE, D(100), 0, D(100), 0)
    desk.trade(order, "1")
    assert used(desk) == 0
    desk.new("A2", quantity=D(1), price=D(100))
    assert used(desk) == 100
    yesterday = desk.engine.limits.status("PM", "main", NOON)
    assert (yesterday.date, yesterday.used_usd) == (DATE, 100)


def test_an_order_of_yesterday_gives_back_to_yesterday():
    desk = limited("100")
    order = desk.acknowledged(quantity=D(1), price=D(100))
    desk.clock.next_day()
    desk.new("A2", quantity=D("0.4"), price=D(100))
    desk.canceled(order)
    assert used(desk) == 40
    assert desk.engine.limits.status("PM", "main", NOON).used_usd == 0


# what counts


def test_orders_that_reduce_a_position_count_as_any_other():
    desk = limited("100")
    desk.new(quantity=D(2), price=D(100), side=Side.SELL, attributes=OrderAttributes(reduce_only=True))
    assert refused(desk).error is ErrorCode.DAILY_LIMIT_EXCEEDED


def test_an_order_that_cannot_be_valued_is_refused():
    desk = limited(last=None)
    desk.new(price=None, order_type=OrderType.MARKET)
    assert (refused(desk).text, refused(desk).error) == ("no price of BTCUSDT is known", None)


def test_accounts_without_a_limit_are_not_valued_but_their_orders_are_counted():
    desk = Desk(rules=LimitRules({"other": D(1)}), valuer=ByPrice(None))
    desk.clock = Clock()
    desk.new(price=None, order_type=OrderType.MARKET)
    assert desk.facts[0].unit_usd is None
    assert desk.engine.limits.status("PM", "main", desk.clock.now) == (DATE, None, 0, None, 1)


def test_without_limits_nothing_is_asked_what_it_is_worth():
    desk = Desk()
    desk.clock = Clock()
    desk.new(price=None, order_type=OrderType.MARKET)
    assert desk.engine._binding is None and isinstance(desk.facts[0], OrderReceived)


def test_developer_mode_refuses_the_single_order_that_is_worth_too_much():
    desk = limited(daily=None, order="50")
    desk.new(quantity=D("0.5"), price=D(100))
    desk.new("A2", quantity=D("0.5"), price=D(100))
    desk.new("A3", quantity=D("0.50001"), price=D(100))
    fact = refused(desk)
    assert fact.text == "Order value $50.01 exceeds the DEV_MODE safety limit of $50.00"
    assert fact.error is ErrorCode.DEV_MODE_LIMIT_EXCEEDED
    assert fact.limit_check == LimitCheck(order_value_usd=D("50.001"), remaining_usd=D(50))
    assert used(desk) == 100


# replaces


def test_a_replace_that_adds_reserves_the_difference_and_is_refused_where_it_does_not_fit():
    desk = limited("100")
    order = desk.acknowledged(quantity=D(1), price=D(60))
    desk.take(replace("A2", "A1", price=D(101)))
    denied = desk.facts[-1]
    assert isinstance(denied, RequestDenied)
    assert denied.text == "Order would exceed daily limit. Remaining: $40.00"
    desk.take(replace("A3", "A1", price=D(90)))
    assert isinstance(desk.facts[-1], ReplaceRequested) and used(desk) == 90
    desk.replaced(order, str(order.quantity), "90")
    assert used(desk) == 90
    desk.canceled(order)
    assert used(desk) == 0


def test_a_replace_that_is_refused_by_the_venue_gives_its_difference_back():
    desk = limited("100")
    order = desk.acknowledged(quantity=D(1), price=D(60))
    desk.take(replace("A2", "A1", price=D(90)))
    number = order.replace.request_id
    desk.hear(RequestRefused(order_id=order.order_id, kind=RequestKind.MODIFY, request_id=number, text="no"))
    assert used(desk) == 60


def test_a_replace_that_makes_an_order_cheaper_gives_back_when_the_venue_has_done_it():
    desk = limited("100")
    order = desk.acknowledged(quantity=D(1), price=D(60))
    desk.take(replace("A2", "A1", price=D(40)))
    assert used(desk) == 60
    desk.replaced(order, str(order.quantity), "40")
    assert used(desk) == 40


def test_a_replace_counts_what_filled_at_the_old_price_and_the_rest_at_the_new():
    desk = limited()
    order = desk.acknowledged(quantity=D(4), price=D(50))
    desk.trade(order, "1", "50")
    desk.take(replace("A2", "A1", price=D(80)))
    desk.replaced(order, str(order.quantity), "80")
    assert used(desk) == 50 + 3 * 80
    desk.canceled(order)
    assert used(desk) == 50


def test_a_replace_of_yesterdays_order_takes_the_difference_of_today():
    desk = limited("100")
    order = desk.acknowledged(quantity=D(1), price=D(60))
    desk.clock.next_day()
    desk.take(replace("A2", "A1", price=D(90)))
    assert used(desk) == 30
    desk.replaced(order, str(order.quantity), "90")
    desk.trade(order, "1")
    assert used(desk) == 30
    assert desk.engine.limits.status("PM", "main", NOON).used_usd == 60


def test_an_order_from_before_the_limit_counts_from_its_next_replace_on():
    before = Desk()
    before.acknowledged(quantity=D(1), price=D(60))
    desk = limited("100")
    desk.engine.restore(before.facts)
    desk.numbers = before.numbers
    assert used(desk) == 0
    order = desk.order()
    desk.take(replace("A2", "A1", price=D(90)))
    assert used(desk) == 90
    desk.replaced(order, str(order.quantity), "90")
    desk.canceled(order)
    assert used(desk) == 0


def test_in_developer_mode_a_change_that_adds_nothing_is_always_allowed():
    before = Desk()
    before.acknowledged(quantity=D(10), price=D(60))
    desk = limited(daily=None, order="50")
    desk.engine.restore(before.facts)
    desk.numbers = before.numbers
    desk.take(replace("A2", "A1", price=D(61)))
    assert isinstance(desk.facts[-1], RequestDenied), "it was never counted, so all of it is new"


# lists


def oco(desk: Desk, high: str = "110", stop: str = "90", quantity: str = "2"):
    common = {"quantity": D(quantity), "side": Side.SELL, "list_id": "L1"}
    orders = (
        new_order("A1", price=D(high), **common),
        new_order("A2", price=D(stop), order_type=OrderType.STOP_LOSS_LIMIT, stop_price=D(stop), **common),
    )
    desk.take(NewOrderList(source="OMS", session=orders[0].session, list_id="L1", orders=orders))
    return desk.order("A1"), desk.order("A2")


def test_a_list_counts_as_the_dearer_of_its_orders_whichever_fills():
    desk = limited()
    limit, stop = oco(desk)
    assert used(desk) == 220
    for order in (limit, stop):
        desk.hear(desk.update(order, X.NEW, S.NEW))
    desk.trade(stop, "0.5", "90")
    assert used(desk) == 220 + 45, "what filled of one, and what the other may still become"
    desk.canceled(limit)
    assert used(desk) == 180
    desk.canceled(stop)
    assert used(desk) == 45
    assert desk.engine.limits.status("PM", "main", desk.clock.now).order_count == 2


def test_a_list_that_does_not_fit_is_refused_as_a_whole():
    desk = limited("219.99")
    oco(desk)
    assert [fact.error for fact in desk.facts] == [ErrorCode.DAILY_LIMIT_EXCEEDED] * 2
    assert desk.facts[0].limit_check.order_value_usd == 220 and used(desk) == 0


# what the venue says though it was not asked


def test_a_trade_told_of_after_the_end_counts_and_leaves_no_room_below_nothing():
    desk = limited("100")
    order = desk.acknowledged(quantity=D(1), price=D(100))
    desk.canceled(order)
    desk.new("A2", quantity=D(1), price=D(100))
    desk.trade(order, "0.5")
    status = desk.engine.limits.status("PM", "main", desk.clock.now)
    assert (status.used_usd, status.remaining_usd) == (150, 0)


# the journal


def test_days_that_are_not_kept_any_more_take_nothing_back():
    desk = limited("100")
    order = desk.acknowledged(quantity=D(1), price=D(100))
    desk.engine.book.ledger._days.clear()
    desk.canceled(order)
    assert used(desk) == 0


class Ways(RuleBasedStateMachine):
    """Orders, fills, ends, replaces, midnights and restarts in any order, and a model of what each counts."""

    LIMIT = D(500)

    def __init__(self) -> None:
        super().__init__()
        self.desk = limited(str(self.LIMIT))
        self.names = count(1)
        self.expected: dict[str, dict[int, D]] = {}
        self.filled: dict[str, D] = {}
        self.kept = LedgerSnapshot()
        self.floor = 0

    # helpers

    @property
    def day(self) -> int:
        return day_of(self.desk.clock.now)

    def pick(self, data):
        orders = sorted(self.desk.engine.book.live.values(), key=lambda order: order.order_id)
        return orders[data.draw(st.integers(0, len(orders) - 1))] if orders else None

    def look(self) -> None:
        """Work out anew what each order counts, from its terms and fills as they stand: more of it counts
        today, less of it comes off the latest day."""
        for name, days in self.expected.items():
            order = self.desk.order(name)
            total = self.filled[name] if order.terminal else self.filled[name] + self.rest(order)
            difference = total - sum(days.values())
            if difference > 0:
                days[self.day] = days.get(self.day, ZERO) + difference
            for day in sorted(days, reverse=True):
                back = min(days[day], max(-difference, ZERO))
                days[day] -= back
                difference += back

    def rest(self, order) -> D:
        """What the rest of an open order counts, by its own terms and those asked for."""
        terms = [(order.price, order.quantity), *((p.price, p.quantity) for p in order.replaces)]
        return max(price * max(quantity - order.cum, ZERO) for price, quantity in terms)

    # steps

    @rule(quantity=st.integers(1, 12), price=st.integers(1, 60))
    def new(self, quantity, price):
        before = used(self.desk)
        name = f"N{next(self.names)}"
        self.desk.new(name, quantity=D(quantity), price=D(price))
        fits = before + quantity * price <= self.LIMIT and not self.desk.engine.unsettled("PM", "main")
        assert isinstance(self.desk.facts[-1], OrderReceived) == fits
        if fits:
            self.expected[name], self.filled[name] = {}, ZERO
        self.look()

    @rule(data=st.data())
    def acknowledge(self, data):
        order = self.pick(data)
        if order is not None and not order.venue_order_id:
            self.desk.hear(self.desk.update(order, X.NEW, S.NEW))
            self.look()

    @rule(data=st.data(), quantity=st.integers(1, 5))
    def fill(self, data, quantity):
        order = self.pick(data)
        if order is None:
            return
        quantity = min(D(quantity), order.leaves)
        if quantity <= 0:
            return
        self.filled[order.terms.cl_ord_id] += quantity * order.price
        self.desk.trade(order, str(quantity), "7")
        self.look()

    @rule(data=st.data(), kind=st.sampled_from([X.CANCELED, X.EXPIRED]))
    def end(self, data, kind):
        order = self.pick(data)
        if order is not None and order.venue_order_id:
            self.desk.hear(self.desk.update(order, kind, S(kind.value)))
            self.look()

    @rule(data=st.data())
    def reject(self, data):
        order = self.pick(data)
        if order is not None and not order.venue_order_id:
            self.desk.hear(RequestRefused(order_id=order.order_id, kind=RequestKind.SUBMIT, text="no"))
            self.look()

    @rule(data=st.data(), quantity=st.integers(1, 12), price=st.integers(1, 60))
    def replace(self, data, quantity, price):
        order = self.pick(data)
        if order is None or order.cum >= quantity:
            return
        before = used(self.desk)
        adds = price * (quantity - order.cum) - self.rest(order)
        name, latest = f"R{next(self.names)}", self.latest(order)
        self.desk.take(replace(name, latest, quantity=D(quantity), price=D(price)))
        taken = isinstance(self.desk.facts[-1], ReplaceRequested)
        if len(order.replaces) - taken < 8:
            assert taken == (adds <= 0 or before + adds <= self.LIMIT)
        self.look()

    def latest(self, order) -> str:
        return order.replaces[-1].cl_ord_id if order.replaces else order.cl_ord_id

    @rule(data=st.data(), yes=st.booleans())
    def answer_replace(self, data, yes):
        order = self.pick(data)
        if order is None or order.replace is None or order.replace.waiting:
            return
        pending = order.replace
        if yes and pending.quantity > order.cum:
            self.desk.replaced(order, str(pending.quantity), str(pending.price))
        else:
            self.desk.hear(
                RequestRefused(
                    order_id=order.order_id,
                    kind=RequestKind.MODIFY,
                    request_id=pending.request_id,
                    text="no",
                )
            )
        self.look()

    @rule()
    def midnight(self):
        self.desk.clock.next_day()

    # the journal

    @rule(data=st.data())
    def keep(self, data):
        """What the keeper does: some orders and the days, in one commit."""
        book, as_of = self.desk.engine.book, self.desk.engine.last_seq
        changed = sorted(book.changed)
        some = data.draw(st.sets(st.sampled_from(changed))) if changed else set()
        if not some:
            return
        for order_id in some:
            order = book.changed.pop(order_id)
            order.as_of = as_of
            coded = msgspec.json.encode(snapshot_of(order, as_of))
            self.desk.archive.keep(msgspec.json.decode(coded, type=OrderSnapshot))
        days = book.ledger.snapshot(as_of)
        if days is not None:
            known = {(d.connector, d.account, d.day): d for d in (*self.kept.days, *days.days)}
            self.kept = LedgerSnapshot(as_of=days.as_of, days=tuple(known.values()))
        if not book.changed:
            self.floor = as_of

    @rule()
    def restart(self):
        old = self.desk
        desk = Desk(rules=old.rules, valuer=old.valuer, archive=old.archive)
        desk.engine.restore(
            [fact for fact in old.facts if fact.seq > self.floor],
            snapshots=[each for each in old.archive.orders.values() if each.open],
            ledger=self.kept,
            floor=old.engine.last_seq,
        )
        desk.facts, desk.numbers, desk.clock = old.facts, old.numbers, old.clock
        desk.trades, desk.venue_clock = old.trades, old.venue_clock
        for day in range(day_of(NOON), self.day + 1):
            for what in (Ledger.used, Ledger.sent):
                assert what(desk.engine.book.ledger, "PM", "main", day) == what(
                    old.engine.book.ledger, "PM", "main", day
                )
        self.desk = desk

    @precondition(lambda self: self.floor == 0)
    @rule()
    def replay_of_everything(self):
        fresh = Desk(rules=self.desk.rules, valuer=self.desk.valuer)
        fresh.engine.restore(self.desk.facts)
        for day in range(day_of(NOON), self.day + 1):
            kept = self.desk.engine.book.ledger.used("PM", "main", day)
            assert fresh.engine.book.ledger.used("PM", "main", day) == kept

    # what always holds

    @invariant()
    def every_day_counts_what_its_orders_count(self):
        for day in range(day_of(NOON), self.day + 1):
            expected = sum((days.get(day, ZERO) for days in self.expected.values()), ZERO)
            assert self.desk.engine.book.ledger.used("PM", "main", day) == expected

    @invariant()
    def no_day_goes_above_the_limit(self):
        for day in range(day_of(NOON), self.day + 1):
            assert 0 <= self.desk.engine.book.ledger.used("PM", "main", day) <= self.LIMIT

    @invariant()
    def nothing_alarms(self):
        assert self.desk.alarms == []


Ways.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
test_no_way_leads_above_the_limit = Ways.TestCase
