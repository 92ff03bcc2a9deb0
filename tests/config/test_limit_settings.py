"""Limits in USD: what may be written, and that they name accounts that are there."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from fixgate.config.limit_settings import DOLLARS, LimitSettings, account_problems
from fixgate.connectors.ccxt.settings import CcxtSettings
from tests.config.conftest import CONNECTOR, Load

NAMED = CONNECTOR.replace('apiSecret = "SECRET"', 'apiSecret = "SECRET", account = "binance-pm-001"')


def test_without_the_section_nothing_is_limited(load_text: Load) -> None:
    limits = load_text("").settings.limits
    assert (limits.daily_usd, limits.dev_mode, limits.usd_currencies) == ({}, False, DOLLARS)
    assert limits.dev_mode_limit_usd == 50


def test_a_limit_is_an_exact_amount_for_an_account_by_its_name(load_text: Load) -> None:
    text = 'limits { dailyUsd { "binance-pm-001" = 100.10 }, devMode = true, devModeLimitUsd = 25.5 }'
    limits = load_text(text, connector=NAMED).settings.limits
    assert limits.daily_usd == {"binance-pm-001": Decimal("100.10")}
    assert (limits.dev_mode, limits.dev_mode_limit_usd) == (True, Decimal("25.5"))


def test_an_account_without_a_name_of_its_own_can_be_limited(load_text: Load) -> None:
    assert load_text("limits.dailyUsd { account1 = 5 }").settings.limits.daily_usd == {"account1": 5}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('limits.dailyUsd { "binance-pm-01" = 1 }', "did you mean 'binance-pm-001'?"),
        ('limits.dailyUsd { "zzz" = 1 }', "not an account of an enabled connector; there are binance-pm-001"),
        ('limits.dailyUsd { "binance-pm-001" = 0 }', "must be above 0"),
        ('limits.dailyUsd { "binance-pm-001" = -1 }', "must be above 0"),
        ('limits.dailyUsd { "binance-pm-001" = 1e3 }', "must be a decimal number in plain notation"),
        ("limits.dailyUsd = 100", "must be a block"),
        ("limits.devMode = yes", "must be true or false"),
        ("limits.devModeLimitUsd = 0", "must be above 0"),
        ("limits.usdCurrencies = []", "must have at least 1 element"),
        ("limits.usdCurrencies = [usdt]", "must be an upper-case currency code"),
        ("limits.daily = 5", "limits.daily"),
    ],
)
def test_a_wrong_limit_is_refused_with_what_would_be_right(
    text: str, expected: str, problems_of: Callable[..., list[str]]
) -> None:
    (problem,) = problems_of(text, connector=NAMED)
    assert expected in problem


def test_accounts_of_every_kind_of_connector_are_known() -> None:
    account = {"account": "bybit-001", "apiKey": "K", "apiSecret": "S"}
    bybit = CcxtSettings.model_validate({"exchange": "bybit", "accounts": [account]})

    limits = LimitSettings.model_validate({"dailyUsd": {"bybit-001": 1, "bybit-002": 1}})
    ((at, text),) = account_problems(limits, {"BYBIT": bybit})
    assert at == ("limits", "dailyUsd", "bybit-002") and "did you mean 'bybit-001'?" in text
    assert list(account_problems(limits, {"BYBIT": bybit, "OURS": object()})) == [], "left to the start"


TWO = NAMED.replace(
    "connectors {",
    """connectors {
  SECOND: ${template.connector.crypto.binancepm} {
    settings { apiKeys: [ { apiKey = "K", apiSecret = "S", account = "binance-pm-001" } ] }
  }
""",
)
SESSION = "fix.sessions = [ { defaultConnector = SECOND } ]\n"


def test_two_accounts_of_one_name_are_refused_where_the_second_stands(
    problems_of: Callable[..., list[str]],
) -> None:
    (problem,) = problems_of(SESSION, connector=TWO)
    assert "connectors.BINANCEPM.settings.apiKeys[0].account" in problem
    assert "an account of connector SECOND" in problem and "it was 'binance-pm-001'" in problem


def test_without_the_api_two_accounts_can_have_one_name(load_text: Load) -> None:
    assert len(load_text(f"{SESSION}http.api.enabled = false", connector=TWO).connectors) == 2
