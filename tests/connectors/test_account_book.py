"""What is known of an account: forward only, whatever comes in which order."""

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixgate.connectors.binance_pm.account_book import AccountBook, margin_alert
from fixgate.connectors.binance_pm.account_words import Debt, SymbolLeverage
from fixgate.model.account import MarginLevel, RiskLevel
from fixgate.model.enums import ProductType
from fixgate.model.venue import BalanceUpdate, PositionUpdate


def wallet(asset: str, free: str, at_ms: int, product=ProductType.SPOT, locked: str = "0") -> BalanceUpdate:
    return BalanceUpdate(
        connector="PM", account="main", product_type=product, asset=asset, free=D(free), locked=D(locked),
        at_ms=at_ms,
    )  # fmt: skip


def position(quantity: str, at_ms: int, symbol="BTCUSDT", **more) -> PositionUpdate:
    return PositionUpdate(
        connector="PM", account="main", product_type=ProductType.FUTURE, symbol=symbol, position_side="BOTH",
        quantity=D(quantity), entry_price=D(65000), at_ms=at_ms, **more,
    )  # fmt: skip


def level(risk: RiskLevel, at_ms: int = 1, status: str = "") -> MarginLevel:
    return MarginLevel(
        uni_mmr=D("1.2"), equity=D(30), actual_equity=D(31), maintenance_margin=D(25), risk_level=risk,
        status=status or risk, at_ms=at_ms,
    )  # fmt: skip


def book(*words) -> AccountBook:
    made = AccountBook("PM", "main")
    for word in words:
        made.take(word)
    return made


def state(made: AccountBook):
    return made.state(current=True, hedge_mode=False)


WORDS = st.one_of(
    st.builds(
        wallet,
        st.sampled_from(["USDT", "BTC"]),
        st.integers(0, 9).map(str),
        st.integers(1, 10**6),
        st.sampled_from(ProductType),
    ),
    st.builds(position, st.integers(-5, 5).map(str), st.integers(1, 10**6), st.sampled_from(["A", "B"])),
    st.builds(Debt, st.just("USDT"), st.integers(0, 9).map(D), st.just(D(0)), st.integers(1, 10**6)),
    st.builds(
        SymbolLeverage, st.just(ProductType.FUTURE), st.just("A"), st.just(D(3)), st.integers(1, 10**6)
    ),
)


@given(st.lists(WORDS, max_size=12, unique_by=lambda word: word.at_ms), st.randoms(use_true_random=False))
def test_words_in_any_order_lead_to_the_same_state(words, rng):
    shuffled = list(words)
    rng.shuffle(shuffled)
    assert state(book(*shuffled)) == state(book(*sorted(words, key=lambda word: word.at_ms)))


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(1, 50)), min_size=1))
def test_a_positions_time_never_goes_back(steps):
    made, latest = book(), 0
    for quantity, at_ms in steps:
        assert made.take(position(str(quantity), at_ms)) == (at_ms >= latest)
        latest = max(latest, at_ms)
        held = state(made)
        assert held.as_of_ms == latest and all(row.at_ms == latest for row in held.positions)


def test_a_state_holds_what_is_there_and_leaves_out_what_is_nothing():
    made = book(
        wallet("USDT", "90", 5, locked="2"),
        Debt("USDT", D(12), D(1), 7),
        wallet("USDT", "-3.5", 4, ProductType.FUTURE),
        wallet("BTC", "0", 4),
        wallet("ETH", "0", 4, ProductType.DELIVERY),
        Debt("BTC", D("0.1"), None, 6),
        position("0.5", 8, mark_price=D(65001), unrealized_pnl=D("0.5")),
        position("0", 9, "ETHUSDT"),
        SymbolLeverage(ProductType.FUTURE, "BTCUSDT", D(20), 3),
    )
    found = made.state(current=False, hedge_mode=True)
    rows = {
        (b.product_type, b.asset): (b.total, b.free, b.locked, b.owed, b.interest) for b in found.balances
    }
    assert rows == {
        (ProductType.SPOT, "USDT"): (92, 90, 2, 12, 1),
        (ProductType.SPOT, "BTC"): (0, 0, 0, D("0.1"), 0),
        (ProductType.FUTURE, "USDT"): (D("-3.5"), 0, 0, 0, 0),
    }
    (held,) = found.positions
    assert (held.symbol, held.quantity, held.leverage, held.mark_price) == ("BTCUSDT", D("0.5"), 20, 65001)
    assert (found.current, found.hedge_mode, found.as_of_ms, found.margin) == (False, True, 9, None)


def test_an_event_without_a_mark_price_keeps_the_last_one_and_drops_a_liquidation_price_that_is_over():
    made = book(position("1", 1, mark_price=D(65001), liquidation_price=D(50000)), position("2", 2))
    (held,) = state(made).positions
    assert (held.quantity, held.mark_price, held.liquidation_price) == (2, 65001, None)


def test_interest_is_never_more_than_what_is_owed():
    made = book(wallet("USDT", "1", 1), Debt("USDT", D(12), D(3), 1), Debt("USDT", D(2), None, 2))
    (row,) = state(made).balances
    assert (row.owed, row.interest) == (2, 2)


def test_an_older_list_disagrees_only_when_it_says_something_else():
    made = book(position("1", 100, unrealized_pnl=D(4)))
    assert made.disagrees(position("2", 99))
    assert not made.disagrees(position("1", 99, unrealized_pnl=D(5)))
    assert not made.disagrees(position("2", 100))
    assert not made.disagrees(position("2", 99, "ETHUSDT"))


def test_an_older_row_that_says_the_same_adds_what_the_stream_leaves_out():
    made = book(position("1", 100))
    assert made.take_listed(position("1", 99, mark_price=D(65001), liquidation_price=D(50000)))
    (held,) = state(made).positions
    assert (held.at_ms, held.mark_price, held.liquidation_price) == (100, 65001, 50000)
    assert not made.take_listed(position("2", 99))
    made = book(level(RiskLevel.MARGIN_CALL, at_ms=100))
    assert not made.take_listed(level(RiskLevel.NORMAL, at_ms=99))


def test_what_a_full_list_leaves_out_is_found():
    made = book(
        position("1", 1), position("0", 1, "ETHUSDT"), position("3", 1, "BNBUSDT"), wallet("BTC", "1", 1)
    )
    missing = made.unlisted_positions(ProductType.FUTURE, [position("1", 2)])
    assert [word.symbol for word in missing] == ["BNBUSDT"]
    assert made.unlisted_positions(ProductType.DELIVERY, []) == []
    assert [word.asset for word in made.unlisted_balances([])] == ["BTC"]


CALM, CALL = level(RiskLevel.NORMAL), level(RiskLevel.MARGIN_CALL)


@pytest.mark.parametrize(
    ("before", "now", "told", "expected"),
    [
        (None, CALM, False, None),
        (CALM, CALM, True, None),
        (None, CALL, False, "is at risk level MARGIN_CALL"),
        (CALM, CALL, True, "is at risk level MARGIN_CALL"),
        (CALL, CALL, True, "is at risk level MARGIN_CALL"),
        (CALL, CALL, False, None),
        (CALL, level(RiskLevel.FORCE_LIQUIDATION), False, "is at risk level FORCE_LIQUIDATION"),
        (CALL, level(RiskLevel.UNKNOWN, status="NEW_WORD"), True, "is at risk level NEW_WORD"),
        (CALL, CALM, False, "is out of danger again, after MARGIN_CALL"),
    ],
)
def test_an_alert_is_told_when_the_level_changes_and_at_every_alarming_event(before, now, told, expected):
    alert = margin_alert("PM", "main", before, now, told=told)
    if expected is None:
        assert alert is None
    else:
        assert alert is not None and alert.risk_level is now.risk_level
        assert alert.text == (
            f"account main {expected}: uniMMR 1.2, equity 30 USD, maintenance margin 25 USD"
        )
