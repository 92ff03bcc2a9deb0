"""What happened to the account's money: income, forced orders, loans, repayments, interest.

Source: PAPI um|cm income, um|cm|margin forceOrders, margin marginLoan, repayLoan, maxWithdraw,
marginInterestHistory, portfolio/*.
"""

from collections.abc import Callable
from typing import Any

from fixgate.simulator import futures_margin, replies
from fixgate.simulator.endpoints import DAY_MS, Endpoint, Handler, Routes, limit, per_symbol, window
from fixgate.simulator.events import eight
from fixgate.simulator.gate import Call
from fixgate.simulator.matching import SimulatedExchange
from fixgate.simulator.orders import ZERO, Leg
from fixgate.simulator.parameter_fields import Parameters, check_names, integer, mandatory, optional
from fixgate.simulator.records import Loan
from fixgate.simulator.refusal import missing, not_valid

_PAGED = frozenset({"startTime", "endTime", "current", "size"})
_UM_INCOME = frozenset(
    {
        "TRANSFER", "WELCOME_BONUS", "REALIZED_PNL", "FUNDING_FEE", "COMMISSION", "INSURANCE_CLEAR",
        "REFERRAL_KICKBACK", "COMMISSION_REBATE", "API_REBATE", "CONTEST_REWARD",
        "CROSS_COLLATERAL_TRANSFER", "OPTIONS_PREMIUM_FEE", "OPTIONS_SETTLE_PROFIT",
        "INTERNAL_TRANSFER", "DELIVERED_SETTELMENT", "COIN_SWAP_DEPOSIT", "COIN_SWAP_WITHDRAW",
        "POSITION_LIMIT_INCREASE_FEE",
    }
)  # fmt: skip
_CM_INCOME = frozenset(
    {
        "TRANSFER", "WELCOME_BONUS", "FUNDING_FEE", "REALIZED_PNL", "COMMISSION", "INSURANCE_CLEAR",
        "DELIVERED_SETTELMENT",
    }
)  # fmt: skip


def history_routes() -> Routes:
    """Return the routes with their weights."""
    base = "/papi/v1"
    routes: Routes = {
        ("GET", f"{base}/margin/forceOrders"): Endpoint(no_margin_liquidations),
        ("GET", f"{base}/margin/marginLoan"): Endpoint(_loans(repaid=False), weight=10),
        ("GET", f"{base}/margin/repayLoan"): Endpoint(_loans(repaid=True), weight=10),
        ("GET", f"{base}/margin/maxWithdraw"): Endpoint(max_withdraw, weight=5),
        ("GET", f"{base}/margin/marginInterestHistory"): Endpoint(no_margin_interest),
        ("GET", f"{base}/portfolio/interest-history"): Endpoint(no_portfolio_interest, weight=50),
        ("GET", f"{base}/portfolio/negative-balance-exchange-record"): Endpoint(no_exchanges, weight=100),
    }
    for leg in (Leg.UM, Leg.CM):
        own = f"{base}/{leg.value.lower()}"
        routes["GET", f"{own}/income"] = Endpoint(_income(leg), weight=30)
        routes["GET", f"{own}/forceOrders"] = Endpoint(_force_orders(leg), weight=per_symbol(20, 50))
    return routes


def _income(leg: Leg) -> Handler:
    """Return GET um|cm income: the newest rows of the window, oldest first."""
    kinds = _UM_INCOME if leg is Leg.UM else _CM_INCOME

    def income(exchange: SimulatedExchange, call: Call) -> Any:
        names = {"symbol", "incomeType", "startTime", "endTime", "limit"}
        check_names(call.parameters, frozenset(names))
        symbol, kind = optional(call.parameters, "symbol"), optional(call.parameters, "incomeType")
        if kind is not None and kind not in kinds:
            raise not_valid("incomeType")
        if symbol is not None:
            exchange.state.instrument(leg, symbol)
        rows = limit(call.parameters, 100, 1000)
        timed = "startTime" in call.parameters or "endTime" in call.parameters
        longest = 200 * DAY_MS if timed else 7 * DAY_MS
        start, end = window(call.parameters, exchange.state.clock(), longest)
        found = [
            each
            for each in exchange.account(call.account).records.income
            if each.leg is leg
            and symbol in {None, each.symbol}
            and kind in {None, each.kind}
            and start <= each.time_ms <= end
        ]
        return [replies.income(each) for each in found[-rows:]]

    return income


def _force_orders(leg: Leg) -> Handler:
    """Return GET um|cm forceOrders: liquidations and auto-deleveraging, oldest first."""

    def force_orders(exchange: SimulatedExchange, call: Call) -> Any:
        names = {"symbol", "autoCloseType", "startTime", "endTime", "limit"}
        check_names(call.parameters, frozenset(names))
        symbol, kind = optional(call.parameters, "symbol"), optional(call.parameters, "autoCloseType")
        if kind not in {None, "LIQUIDATION", "ADL"}:
            raise not_valid("autoCloseType")
        if symbol is not None:
            exchange.state.instrument(leg, symbol)
        rows = limit(call.parameters, 50, 100)
        timed = "startTime" in call.parameters or "endTime" in call.parameters
        longest = 90 * DAY_MS if timed else 7 * DAY_MS
        start, end = window(call.parameters, exchange.state.clock(), longest)
        found = [
            order
            for (its_leg, name), orders in exchange.account(call.account).orders.items()
            if its_leg is leg and symbol in {None, name}
            for order in orders.values()
            if order.force and kind in {None, order.force} and start <= order.created_ms <= end
        ]
        found.sort(key=lambda order: order.order_id)
        instruments = exchange.state.instruments
        return [replies.force_order(each, instruments[leg, each.symbol]) for each in found[-rows:]]

    return force_orders


def _page(parameters: Parameters) -> Callable[[list[Any]], list[Any]]:
    """Return what cuts one page out of rows: `current` counts from 1, `size` is 10 unless said."""
    current, size = integer(parameters, "current"), integer(parameters, "size")
    number, rows = 1 if current is None else current, 10 if size is None else size
    if number < 1:
        raise not_valid("current")
    if not 1 <= rows <= 100:
        raise not_valid("size")
    return lambda found: found[(number - 1) * rows : number * rows]


def _loans(*, repaid: bool) -> Handler:
    """Return GET margin/marginLoan or margin/repayLoan: newest first, `txId` or `startTime` required."""

    def loans(exchange: SimulatedExchange, call: Call) -> Any:
        check_names(call.parameters, _PAGED | {"asset", "txId", "archived"})
        asset, number = mandatory(call.parameters, "asset"), integer(call.parameters, "txId")
        if number is None and "startTime" not in call.parameters:
            raise missing("startTime")
        cut = _page(call.parameters)
        start, end = window(call.parameters, exchange.state.clock(), 30 * DAY_MS)

        def wanted(loan: Loan) -> bool:
            if loan.repaid != repaid or loan.asset != asset:
                return False
            return loan.transaction_id == number if number is not None else start <= loan.time_ms <= end

        known = exchange.account(call.account).records.loans
        found = [loan for loan in reversed(known) if wanted(loan)]
        return {"rows": [replies.loan(loan) for loan in cut(found)], "total": len(found)}

    return loans


def max_withdraw(exchange: SimulatedExchange, call: Call) -> Any:
    """GET margin/maxWithdraw: what is free and not needed as margin."""
    check_names(call.parameters, frozenset({"asset"}))
    asset, account = mandatory(call.parameters, "asset"), exchange.account(call.account)
    price = exchange.state.usd_price(asset)
    spare = max(ZERO, futures_margin.available(exchange.state, account))
    free = account.asset(asset).free if asset in account.margin else ZERO
    return {"amount": eight(min(free, spare / price) if price else free)}


def no_margin_liquidations(exchange: SimulatedExchange, call: Call) -> Any:
    """GET margin/forceOrders: the margin leg is never liquidated here."""
    check_names(call.parameters, _PAGED)
    _page(call.parameters)
    return {"rows": [], "total": 0}


def no_margin_interest(exchange: SimulatedExchange, call: Call) -> Any:
    """GET margin/marginInterestHistory: loans bear no interest here."""
    check_names(call.parameters, _PAGED | {"asset", "archived"})
    _page(call.parameters)
    return {"rows": [], "total": 0}


def no_portfolio_interest(exchange: SimulatedExchange, call: Call) -> Any:
    """GET portfolio/interest-history: negative futures balances bear no interest here."""
    check_names(call.parameters, frozenset({"asset", "startTime", "endTime", "size"}))
    return []


def no_exchanges(exchange: SimulatedExchange, call: Call) -> Any:
    """GET portfolio/negative-balance-exchange-record: nothing is exchanged by itself here."""
    check_names(call.parameters, frozenset({"startTime", "endTime"}))
    mandatory(call.parameters, "startTime")
    mandatory(call.parameters, "endTime")
    window(call.parameters, exchange.state.clock(), 92 * DAY_MS)
    return {"total": 0, "rows": []}
