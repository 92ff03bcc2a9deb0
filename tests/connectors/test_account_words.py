"""What the venue says of an account's money, event by event and row by row."""

from decimal import Decimal as D

import pytest

from fixgate.connectors.binance_pm.account_words import (
    Debt,
    SymbolLeverage,
    account_words,
    balance_words,
    margin_level,
    position_words,
)
from fixgate.connectors.binance_pm.questions import UNREADABLE
from fixgate.model.account import RiskLevel
from fixgate.model.enums import ProductType
from fixgate.model.venue import BalanceUpdate, PositionUpdate

RISK = {
    "e": "riskLevelChange", "E": 1795000100000, "u": "1.24999999", "s": "MARGIN_CALL", "eq": "30234.16728000",
    "ae": "31000.00000000", "m": "24187.33382400",
}  # fmt: skip
LOAN = {
    "e": "liabilityChange", "E": 1795000060110, "a": "USDT", "t": "BORROW", "T": 1352286576452864727,
    "p": "250.00000000", "i": "0", "l": "1250.00000000",
}  # fmt: skip
CONFIG = {
    "e": "ACCOUNT_CONFIG_UPDATE", "fs": "CM", "E": 1795000030005, "T": 1795000030001,
    "ac": {"s": "BTCUSD_PERP", "l": 10},
}  # fmt: skip
EXTRA = {"newField": {"x": [1, None]}, "zz": "?"}
BALANCE = {
    "asset": "USDT", "totalWalletBalance": "122607.35", "crossMarginAsset": "92.27530794",
    "crossMarginBorrowed": "10.00", "crossMarginFree": "90.0", "crossMarginInterest": "0.72469206",
    "crossMarginLocked": "2.5", "umWalletBalance": "-3.5", "umUnrealizedPNL": "23.7", "cmWalletBalance": "7",
    "cmUnrealizedPNL": "0", "updateTime": 1617939110373, "negativeBalance": "-3.5",
}  # fmt: skip
POSITION = {
    "symbol": "BTCUSDT", "positionAmt": "-0.010", "entryPrice": "65000.06", "markPrice": "64990.10",
    "unRealizedProfit": "0.09960", "liquidationPrice": "0", "leverage": "20", "positionSide": "BOTH",
    "maxNotionalValue": "50000000", "notional": "-649.9", "updateTime": 1795000003900,
}  # fmt: skip
ACCOUNT = {
    "uniMMR": "5167.92171923", "accountEquity": "122607.35137903", "actualEquity": "73.47428058",
    "accountInitialMargin": "23.72469206", "accountMaintMargin": "23.72469206", "accountStatus": "NORMAL",
    "virtualMaxWithdrawAmount": "1627523.32459208", "totalAvailableBalance": "", "updateTime": 0,
}  # fmt: skip


def test_a_risk_event_is_a_margin_level_that_says_nothing_of_what_is_available():
    (level,) = account_words(RISK | EXTRA)
    assert (level.risk_level, level.status) == (RiskLevel.MARGIN_CALL, "MARGIN_CALL")
    assert (level.uni_mmr, level.equity, level.actual_equity) == (D("1.24999999"), D("30234.16728"), D(31000))
    assert (level.maintenance_margin, level.at_ms) == (D("24187.333824"), 1795000100000)
    assert level.initial_margin is None and level.available_balance is None
    assert account_words(RISK | {"e": "RISK_LEVEL_CHANGE"}) == [level]


@pytest.mark.parametrize("word", ["SOMETHING_NEW", ""])
def test_a_level_that_stands_in_no_table_is_alarming(word):
    (level,) = account_words(RISK | {"s": word})
    assert level.risk_level is RiskLevel.UNKNOWN and level.risk_level.is_alarming and level.status == word


def test_every_level_but_the_normal_one_is_alarming():
    assert [level for level in RiskLevel if not level.is_alarming] == [RiskLevel.NORMAL]


def test_a_liability_is_all_that_is_owed_at_the_events_time_and_not_at_the_transactions_number():
    assert account_words(LOAN | EXTRA) == [Debt("USDT", D(1250), None, 1795000060110)]


def test_a_configuration_event_is_a_symbols_leverage():
    expected = SymbolLeverage(ProductType.DELIVERY, "BTCUSD_PERP", D(10), 1795000030001)
    assert account_words(CONFIG | EXTRA) == [expected]
    assert account_words({"e": "ACCOUNT_CONFIG_UPDATE", "fs": "UM", "ai": {"j": True}}) == []


@pytest.mark.parametrize("kind", ["balanceUpdate", "openOrderLoss", "listenKeyExpired", "tomorrow's", None])
def test_other_events_say_nothing_here(kind):
    assert account_words({"e": kind, "E": 1}) == []


@pytest.mark.parametrize(
    "event",
    [
        RISK | {"u": "NaN"},
        RISK | {"eq": None},
        LOAN | {"l": ""},
        CONFIG | {"fs": "XX"},
        {"e": "riskLevelChange"},
    ],
)
def test_an_event_that_is_not_what_it_should_be_raises(event):
    with pytest.raises(UNREADABLE):
        account_words(event)


def test_a_balance_row_is_three_wallets_and_a_debt():
    spot, um, cm, debt = balance_words("PM", "main", BALANCE | EXTRA, 5)
    for wallet, product, free, locked in (
        (spot, ProductType.SPOT, "90.0", "2.5"),
        (um, ProductType.FUTURE, "-3.5", "0"),
        (cm, ProductType.DELIVERY, "7", "0"),
    ):
        assert isinstance(wallet, BalanceUpdate)
        assert (wallet.product_type, wallet.asset, wallet.at_ms) == (product, "USDT", 1617939110373)
        assert (wallet.free, wallet.locked) == (D(free), D(locked))
    assert debt == Debt("USDT", D("10.72469206"), D("0.72469206"), 1617939110373)


def test_a_position_row_is_a_position_and_its_symbols_leverage():
    position, leverage = position_words("PM", "main", ProductType.FUTURE, POSITION | EXTRA, 0)
    assert isinstance(position, PositionUpdate)
    assert (position.quantity, position.entry_price) == (D("-0.010"), D("65000.06"))
    assert (position.mark_price, position.unrealized_pnl) == (D("64990.10"), D("0.09960"))
    assert position.liquidation_price is None, "0 is the venue's way to say that there is none"
    assert leverage == SymbolLeverage(ProductType.FUTURE, "BTCUSDT", D(20), position.at_ms)


def test_a_row_speaks_at_least_for_the_time_given():
    (position, _) = position_words("PM", "main", ProductType.FUTURE, POSITION, 1795000009999)
    assert position.at_ms == 1795000009999
    level = margin_level(ACCOUNT, 17)
    assert (level.at_ms, level.available_balance, level.initial_margin) == (17, None, D("23.72469206"))
