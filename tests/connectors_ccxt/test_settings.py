"""Settings of the ccxt connectors: what each exchange needs, in clear words."""

import subprocess
import sys
from typing import Any

import pytest
from pydantic import ValidationError

from fixgate.connectors.ccxt.settings import CcxtSettings
from fixgate.connectors.connector import factories
from fixgate.model.execution import MarketType

KEY = {"account": "a", "apiKey": "k", "apiSecret": "s"}
ADDRESS = "0x" + "1" * 40


def settings(exchange: str, *accounts: dict[str, Any], **more: Any) -> CcxtSettings:
    return CcxtSettings.model_validate({"exchange": exchange, "accounts": list(accounts), **more})


@pytest.mark.parametrize("exchange", ["binance", "bybit", "gateio"])
def test_an_api_key_is_enough(exchange: str) -> None:
    assert settings(exchange, KEY).accounts[0].credentials().api_secret == "s"


def test_the_others_say_what_they_need() -> None:
    assert settings("okx", KEY | {"password": "p"})
    assert settings("hyperliquid", {"account": "a", "walletAddress": ADDRESS, "privateKey": "0x2"})
    both = settings("kraken", KEY | {"futuresApiKey": "fk", "futuresApiSecret": "fs"}).accounts[0]
    assert both.credentials().api_key == "k" and both.credentials(futures=True).api_key == "fk"


WRONG: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("binance", {"account": "a", "apiKey": "k"}, {}, "account 'a' of Binance needs apiSecret"),
    ("okx", KEY, {}, "account 'a' of OKX needs password"),
    ("hyperliquid", KEY, {}, "needs walletAddress, privateKey"),
    ("binance", KEY | {"password": "p"}, {}, "has no use for password; it takes apiKey, apiSecret"),
    ("kraken", {"account": "a"}, {}, "needs apiKey, apiSecret for spot, futuresApiKey"),
    ("kraken", KEY | {"futuresApiKey": "k"}, {}, "needs futuresApiSecret"),
    ("kraken", KEY, {"sandbox": True}, "has keys of Kraken's spot side only, which has no sandbox"),
    ("deribit", KEY, {}, "exchange must be one of binance, bybit"),
    ("binance", KEY, {"sandbox": True, "demo": True}, "sandbox and demo exclude each other"),
    ("okx", KEY | {"password": "p"}, {"demo": True}, "OKX has no demo trading for spot; it has a sandbox"),
    ("binance", KEY, {"requestTimeout": "6 s"}, "must be at most 5 seconds"),
    ("binance", KEY, {"simulatorUrl": "localhost"}, "must be https://host"),
]


@pytest.mark.parametrize(("exchange", "account", "more", "words"), WRONG, ids=lambda value: str(value)[:30])
def test_what_is_wrong_is_said(
    exchange: str, account: dict[str, Any], more: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValidationError) as error:
        settings(exchange, account, **more)
    assert words in str(error.value)
    assert "'s'" not in str(error.value)


def test_two_accounts_have_two_names() -> None:
    with pytest.raises(ValidationError, match="a name of its own"):
        settings("binance", KEY, KEY)


@pytest.mark.parametrize(
    ("exchange", "flag", "sides"),
    [
        ("binance", "sandbox", (MarketType.SPOT,)),
        ("binance", "demo", (MarketType.SPOT, MarketType.SWAP)),
        ("gateio", "sandbox", (MarketType.SWAP,)),
        ("bybit", "sandbox", (MarketType.SPOT, MarketType.SWAP)),
    ],
)
def test_a_test_network_has_the_sides_that_it_has(
    exchange: str, flag: str, sides: tuple[MarketType, ...]
) -> None:
    assert settings(exchange, KEY, **{flag: True}).sides() == sides


def test_the_connector_is_found_and_ccxt_is_not_imported_for_it() -> None:
    script = (
        "import sys; from fixgate.connectors.ccxt import FACTORY; "
        "assert FACTORY.settings_type.__name__ == 'CcxtSettings'; "
        "assert not any(name == 'ccxt' or name.startswith('ccxt.') for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    assert factories()["ccxt"].settings_type is CcxtSettings
