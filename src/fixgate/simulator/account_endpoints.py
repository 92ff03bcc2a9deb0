"""Account endpoints: balances, positions, modes. Source: PAPI balance, account, um|cm account."""

from typing import Any

from fixgate.simulator import futures_margin
from fixgate.simulator.accounts import Account
from fixgate.simulator.endpoints import Endpoint, Routes
from fixgate.simulator.events import eight
from fixgate.simulator.futures_account import FuturesAccount
from fixgate.simulator.gate import Call
from fixgate.simulator.matching import SimulatedExchange
from fixgate.simulator.orders import ZERO, Leg
from fixgate.simulator.parameter_fields import check_names, optional

_NONE: frozenset[str] = frozenset()


def account_routes(order_limit: int) -> Routes:
    """Return the account routes with their weights; `order_limit` is per minute."""

    def order_limits(exchange: SimulatedExchange, call: Call) -> Any:
        check_names(call.parameters, _NONE)
        return [{"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": order_limit}]

    routes: Routes = {
        ("GET", "/papi/v1/rateLimit/order"): Endpoint(order_limits),
        ("GET", "/papi/v1/balance"): Endpoint(balance, weight=20),
        ("GET", "/papi/v1/account"): Endpoint(summary, weight=20),
    }
    for leg in (Leg.UM, Leg.CM):
        routes |= FuturesAccount(leg).routes()
    return routes


def balance(exchange: SimulatedExchange, call: Call) -> Any:
    """GET balance: an array, or one object when `asset` is given."""
    check_names(call.parameters, frozenset({"asset"}))
    account = exchange.account(call.account)
    asset = optional(call.parameters, "asset")
    if asset is not None:
        return _balance_row(exchange, account, asset)
    names = dict.fromkeys(account.margin) | dict.fromkeys(name for _, name in account.wallets)
    return [_balance_row(exchange, account, name) for name in names]


def _balance_row(exchange: SimulatedExchange, account: Account, asset: str) -> dict[str, Any]:
    entry = account.asset(asset)
    um = account.wallets.get((Leg.UM, asset), ZERO)
    cm = account.wallets.get((Leg.CM, asset), ZERO)
    return {
        "asset": asset,
        "totalWalletBalance": eight(entry.net + um + cm),
        "crossMarginAsset": eight(entry.free + entry.locked),
        "crossMarginBorrowed": eight(entry.borrowed),
        "crossMarginFree": eight(entry.free),
        "crossMarginInterest": eight(entry.interest),
        "crossMarginLocked": eight(entry.locked),
        "umWalletBalance": eight(um),
        "umUnrealizedPNL": eight(FuturesAccount(Leg.UM).unrealized(exchange, account, asset)),
        "cmWalletBalance": eight(cm),
        "cmUnrealizedPNL": eight(FuturesAccount(Leg.CM).unrealized(exchange, account, asset)),
        "updateTime": exchange.state.clock(),
        "negativeBalance": eight(min(ZERO, um) + min(ZERO, cm)),
    }


def summary(exchange: SimulatedExchange, call: Call) -> Any:
    """GET account: the portfolio's risk snapshot in dollars."""
    check_names(call.parameters, _NONE)
    state, account = exchange.state, exchange.account(call.account)
    equity = futures_margin.equity(state, account)
    maintenance = futures_margin.maintenance_margin(state, account)
    available = eight(max(ZERO, futures_margin.available(state, account)))
    return {
        "uniMMR": eight(equity / maintenance) if maintenance else "99999999.00000000",
        "accountEquity": eight(equity),
        "actualEquity": eight(equity),
        "accountInitialMargin": eight(futures_margin.initial_margin(state, account)),
        "accountMaintMargin": eight(maintenance),
        "accountStatus": futures_margin.risk_level(state, account),
        "virtualMaxWithdrawAmount": available,
        "totalAvailableBalance": available,
        "totalMarginOpenLoss": "0.00000000",
        "updateTime": state.clock(),
    }
