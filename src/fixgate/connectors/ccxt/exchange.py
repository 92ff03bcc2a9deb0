"""A ccxt exchange object, made safe for orders.

ccxt's own rate limiter, retries and extra calls are off, numbers are text, and connections go through the
caller's session, which the caller closes. Importing this module does not import ccxt; making an exchange
does.
"""

import importlib
import logging
from collections.abc import Mapping
from typing import Any

import aiohttp

from fixgate.connectors.ccxt.translator import Credentials, Translator
from fixgate.model.execution import MarketType

_QUIET = logging.getLogger(f"{__name__}.ccxt")
"""In the place of ccxt's logger, whose debug lines hold keys and signatures."""
_QUIET.setLevel(logging.WARNING)

TIMEOUT_MS = 5000
"""The longest that a request waits for its answer."""

SPOT, PERP = "spot", "perp"

SANDBOXES: Mapping[str, frozenset[str]] = {
    "binance": frozenset({SPOT}),
    "bybit": frozenset({SPOT, PERP}),
    "gateio": frozenset({PERP}),
    "kraken": frozenset({PERP}),
    "hyperliquid": frozenset({PERP}),
    "okx": frozenset({SPOT, PERP}),
}
"""Which sides of an exchange have a test network. Source: `urls.test` of ccxt 4.5.90; Binance's futures
test network is not supported by it any more, Gate.io's has no spot stream."""

DEMOS: Mapping[str, frozenset[str]] = {"binance": frozenset({SPOT, PERP}), "bybit": frozenset({SPOT, PERP})}
"""Which have demo trading: the real market, play money."""


def refusal(exchange: str, title: str, market_type: MarketType, *, sandbox: bool, demo: bool) -> str:
    """Return why an exchange cannot be used as asked, in words for the operator; empty if it can."""
    if sandbox and demo:
        return "sandbox and demo exclude each other: a key belongs to one of the two"
    side = PERP if market_type.is_perp else SPOT
    has_sandbox, has_demo = (side in table.get(exchange, ()) for table in (SANDBOXES, DEMOS))
    if sandbox and not has_sandbox:
        return f"{title} has no sandbox for {side}" + ("; it has demo trading" if has_demo else "")
    if demo and not has_demo:
        return f"{title} has no demo trading for {side}" + ("; it has a sandbox" if has_sandbox else "")
    return ""


def new_exchange(
    translator: Translator,
    market_type: MarketType,
    credentials: Credentials,
    *,
    session: aiohttp.ClientSession,
    sandbox: bool = False,
    demo: bool = False,
    pro: bool = True,
    timeout_ms: int = TIMEOUT_MS,
) -> Any:
    """Return a ccxt exchange object of the translator's class: of `ccxt.pro`, or one without streams.

    Nothing is sent by it until it is used. Call `close()` on it, then close `session`. Raises `ValueError`
    where the venue has no sandbox or no demo trading.
    """
    if why := refusal(translator.exchange, translator.title, market_type, sandbox=sandbox, demo=demo):
        raise ValueError(why)
    name = translator.ccxt_class(market_type)
    package = "ccxt.pro" if pro else "ccxt.async_support"
    exchange = getattr(importlib.import_module(f"{package}.{name}"), name)(
        {
            "apiKey": credentials.api_key,
            "secret": credentials.api_secret,
            "password": credentials.password,
            "walletAddress": credentials.wallet_address,
            "privateKey": credentials.private_key,
            "enableRateLimit": False,
            "timeout": min(timeout_ms, TIMEOUT_MS),
            "session": session,
            "options": {**translator.options(), "maxRetriesOnFailure": 0},
        }
    )
    exchange.number = str
    exchange.logger = _QUIET
    exchange.timeout_on_exit = 0
    exchange.has["fetchCurrencies"] = False
    translator.prepare(exchange)
    if sandbox:
        exchange.set_sandbox_mode(True)
    if demo:
        exchange.enable_demo_trading(True)
    return exchange
