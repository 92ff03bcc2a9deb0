"""Endpoints that move money inside the account. Source: PAPI bnb-transfer, *-collection, repay-*."""

from decimal import Decimal
from typing import Any

from fixgate.model.decimals import plain
from fixgate.simulator import transfers
from fixgate.simulator.endpoints import DAY_MS, Endpoint, Routes
from fixgate.simulator.gate import Call
from fixgate.simulator.matching import SimulatedExchange
from fixgate.simulator.orders import Leg
from fixgate.simulator.parameter_fields import boolean, check_names, choice, decimal, mandatory, optional
from fixgate.simulator.refusal import VenueRefusal, missing, not_valid

_NONE: frozenset[str] = frozenset()
_MINUTE_MS = 60_000
_SUCCESS = {"msg": "success"}


def transfer_routes() -> Routes:
    """Return the routes with their weights."""
    base = "/papi/v1"
    return {
        ("POST", f"{base}/bnb-transfer"): Endpoint(transfer_bnb, weight=750),
        ("POST", f"{base}/auto-collection"): Endpoint(collect_all, weight=750),
        ("POST", f"{base}/asset-collection"): Endpoint(collect, weight=30),
        ("GET", f"{base}/repay-futures-switch"): Endpoint(auto_repay, weight=30),
        ("POST", f"{base}/repay-futures-switch"): Endpoint(set_auto_repay, weight=750),
        ("POST", f"{base}/repay-futures-negative-balance"): Endpoint(repay_negative, weight=750),
        ("POST", f"{base}/margin/repay-debt"): Endpoint(repay_debt, weight=3000),
    }


def _amount(call: Call) -> Decimal:
    mandatory(call.parameters, "amount")
    amount = decimal(call.parameters, "amount")
    if not amount:
        raise VenueRefusal(-4055, "Amount must be positive.")
    return amount


def transfer_bnb(exchange: SimulatedExchange, call: Call) -> Any:
    """POST bnb-transfer: at most 10 calls in any ten minutes."""
    check_names(call.parameters, frozenset({"amount", "transferSide"}))
    sides = frozenset({"TO_UM", "FROM_UM"})
    side = choice(call.parameters, "transferSide", sides, not_valid("transferSide"))
    amount, account = _amount(call), exchange.account(call.account)
    transfers.check_calls(account, "bnb-transfer", exchange.state.clock(), 10, 10 * _MINUTE_MS)
    number = transfers.transfer_bnb(exchange.state, account, amount, to_um=side == "TO_UM")
    exchange.finish()
    return {"tranId": number}


def collect_all(exchange: SimulatedExchange, call: Call) -> Any:
    """POST auto-collection: at most 500 calls in any hour."""
    check_names(call.parameters, _NONE)
    account = exchange.account(call.account)
    transfers.check_calls(account, "auto-collection", exchange.state.clock(), 500, 60 * _MINUTE_MS)
    transfers.collect_all(exchange.state, account)
    exchange.finish()
    return _SUCCESS


def collect(exchange: SimulatedExchange, call: Call) -> Any:
    """POST asset-collection; `amount` and `futureType` come together or not at all."""
    check_names(call.parameters, frozenset({"asset", "amount", "futureType"}))
    asset = mandatory(call.parameters, "asset")
    kind = optional(call.parameters, "futureType")
    if (kind is None) != ("amount" not in call.parameters):
        raise missing("futureType" if kind is None else "amount")
    if kind not in {None, "UM", "CM", "OPTION"}:
        raise not_valid("futureType")
    if kind == "OPTION":
        raise VenueRefusal(51122, "This function is not supported for portfolio margin accounts.")
    amount = None if kind is None else _amount(call)
    leg = None if kind is None else Leg(kind)
    transfers.collect(exchange.state, exchange.account(call.account), asset, amount, leg)
    exchange.finish()
    return _SUCCESS


def auto_repay(exchange: SimulatedExchange, call: Call) -> Any:
    """GET repay-futures-switch."""
    check_names(call.parameters, _NONE)
    return {"autoRepay": exchange.account(call.account).auto_repay}


def set_auto_repay(exchange: SimulatedExchange, call: Call) -> Any:
    """POST repay-futures-switch: at most 20 changes in any day."""
    check_names(call.parameters, frozenset({"autoRepay"}))
    mandatory(call.parameters, "autoRepay")
    wanted, account = boolean(call.parameters, "autoRepay"), exchange.account(call.account)
    transfers.check_calls(account, "repay-futures-switch", exchange.state.clock(), 20, DAY_MS)
    account.auto_repay = wanted
    exchange.state.version += 1
    return _SUCCESS


def repay_negative(exchange: SimulatedExchange, call: Call) -> Any:
    """POST repay-futures-negative-balance."""
    check_names(call.parameters, _NONE)
    transfers.repay_negative_balances(exchange.state, exchange.account(call.account))
    exchange.finish()
    return _SUCCESS


def repay_debt(exchange: SimulatedExchange, call: Call) -> Any:
    """POST margin/repay-debt: with the assets named, or with whatever is free."""
    check_names(call.parameters, frozenset({"asset", "amount", "specifyRepayAssets"}))
    asset = mandatory(call.parameters, "asset")
    amount = _amount(call) if "amount" in call.parameters else None
    named = [name for name in (optional(call.parameters, "specifyRepayAssets") or "").split(",") if name]
    account = exchange.account(call.account)
    repaid, used = transfers.repay_debt(exchange.state, account, asset, amount, named)
    exchange.finish()
    return {
        "amount": plain(repaid),
        "asset": asset,
        "specifyRepayAssets": used,
        "updateTime": exchange.state.clock(),
        "success": True,
    }
