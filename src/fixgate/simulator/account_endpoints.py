"""Account endpoints: balances, positions, modes. Source: PAPI balance, account, um|cm account."""

from typing import Any

from fixgate.model.decimals import plain
from fixgate.simulator import futures_margin
from fixgate.simulator.accounts import Account
from fixgate.simulator.endpoints import Endpoint, Routes, per_symbol
from fixgate.simulator.events import eight
from fixgate.simulator.execution import MAKER_RATE, TAKER_RATE
from fixgate.simulator.gate import Call
from fixgate.simulator.matching import SimulatedExchange
from fixgate.simulator.orders import ZERO, Leg
from fixgate.simulator.parameters import boolean, check_names, mandatory, optional
from fixgate.simulator.positions import Position
from fixgate.simulator.refusal import VenueRefusal

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
        ("GET", "/papi/v1/um/accountConfig"): Endpoint(um_config, weight=5),
        ("GET", "/papi/v2/um/account"): Endpoint(um_account, weight=5),
        ("GET", "/papi/v1/um/algo/openAlgoOrders"): Endpoint(_no_orders, weight=per_symbol(1, 40)),
        ("GET", "/papi/v1/cm/conditional/openOrders"): Endpoint(_no_orders, weight=per_symbol(1, 40)),
    }
    for leg in (Leg.UM, Leg.CM):
        view = FuturesAccount(leg)
        base = f"/papi/v1/{leg.value.lower()}"
        risk_weight = 1 if leg is Leg.CM else 5
        routes |= {
            ("GET", f"{base}/account"): Endpoint(view.account, weight=5),
            ("GET", f"{base}/positionRisk"): Endpoint(view.position_risk, weight=risk_weight),
            ("GET", f"{base}/positionSide/dual"): Endpoint(view.position_mode, weight=30),
            ("POST", f"{base}/positionSide/dual"): Endpoint(view.set_position_mode),
            ("GET", f"{base}/commissionRate"): Endpoint(view.commission_rate, weight=20),
        }
    return routes


def _no_orders(exchange: SimulatedExchange, call: Call) -> Any:
    """Answer the lists of conditional orders, of which this venue takes none."""
    check_names(call.parameters, frozenset({"symbol"}))
    return []


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
    positions = futures_margin.position_notional(state, account)
    orders = futures_margin.open_order_notional(state, account)
    maintenance = positions * futures_margin.MAINTENANCE_RATE
    ratio = equity / maintenance if maintenance else None
    return {
        "uniMMR": "99999999.00000000" if ratio is None else eight(ratio),
        "accountEquity": eight(equity),
        "actualEquity": eight(equity),
        "accountInitialMargin": eight((positions + orders) / futures_margin.LEVERAGE),
        "accountMaintMargin": eight(maintenance),
        "accountStatus": "NORMAL",
        "virtualMaxWithdrawAmount": eight(max(ZERO, futures_margin.available(state, account))),
        "totalAvailableBalance": eight(max(ZERO, futures_margin.available(state, account))),
        "totalMarginOpenLoss": "0.00000000",
        "updateTime": state.clock(),
    }


def um_config(exchange: SimulatedExchange, call: Call) -> Any:
    """GET um/accountConfig."""
    check_names(call.parameters, _NONE)
    return {
        "feeTier": 0,
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": False,
        "dualSidePosition": exchange.account(call.account).hedge_mode,
        "updateTime": exchange.state.clock(),
        "multiAssetsMargin": True,
        "tradeGroupId": -1,
    }


def um_account(exchange: SimulatedExchange, call: Call) -> Any:
    """GET v2 um/account: symbols with a position or an open order only."""
    check_names(call.parameters, _NONE)
    account, view = exchange.account(call.account), FuturesAccount(Leg.UM)
    rows = []
    for position in view.positions(account):
        if not position.quantity and not account.open_orders.get((Leg.UM, position.symbol)):
            continue
        row = view.position_row(exchange, position)
        kept = ("symbol", "initialMargin", "maintMargin", "unrealizedProfit", "positionSide", "positionAmt")
        notional = position.notional(
            exchange.state.instruments[Leg.UM, position.symbol], exchange.state.marks[Leg.UM, position.symbol]
        )
        rows.append(
            {name: row[name] for name in kept}
            | {"updateTime": position.updated_ms, "notional": eight(notional)}
        )
    return {"assets": view.asset_rows(exchange, account), "positions": rows}


class FuturesAccount:
    """The account views of one futures leg."""

    def __init__(self, leg: Leg) -> None:
        self._leg = leg

    def positions(self, account: Account) -> list[Position]:
        """Return every position the account has had on this leg."""
        return [position for position in account.positions.values() if position.leg is self._leg]

    def unrealized(self, exchange: SimulatedExchange, account: Account, asset: str) -> Any:
        """Return the unrealised profit that is counted in `asset`."""
        total = ZERO
        for position in self.positions(account):
            instrument = exchange.state.instruments[self._leg, position.symbol]
            if instrument.margin_asset == asset:
                total += position.unrealized(instrument, exchange.state.marks[self._leg, position.symbol])
        return total

    def asset_rows(self, exchange: SimulatedExchange, account: Account) -> list[dict[str, Any]]:
        """Return the `assets` rows of the account endpoints."""
        return [
            {
                "asset": asset,
                "crossWalletBalance": eight(amount),
                "crossUnPnl": eight(self.unrealized(exchange, account, asset)),
                "maintMargin": "0",
                "initialMargin": "0",
                "positionInitialMargin": "0",
                "openOrderInitialMargin": "0",
                "updateTime": exchange.state.clock(),
            }
            for (leg, asset), amount in account.wallets.items()
            if leg is self._leg
        ]

    def position_row(self, exchange: SimulatedExchange, position: Position) -> dict[str, Any]:
        """Return one row of `positions`."""
        key = (self._leg, position.symbol)
        instrument, mark = exchange.state.instruments[key], exchange.state.marks[key]
        notional = abs(position.notional(instrument, mark))
        initial = eight(notional / futures_margin.LEVERAGE)
        row = {
            "symbol": position.symbol,
            "initialMargin": initial,
            "maintMargin": eight(notional * futures_margin.MAINTENANCE_RATE),
            "unrealizedProfit": eight(position.unrealized(instrument, mark)),
            "positionInitialMargin": initial,
            "openOrderInitialMargin": "0",
            "leverage": str(futures_margin.LEVERAGE),
            "entryPrice": plain(position.entry_price(instrument)),
            "positionSide": position.side,
            "positionAmt": instrument.scaled_quantity(position.quantity),
            "updateTime": position.updated_ms,
        }
        if self._leg is Leg.CM:
            return row | {"maxQty": plain(instrument.max_quantity)}
        return row | {"maxNotional": "50000000", "bidNotional": "0", "askNotional": "0"}

    def account(self, exchange: SimulatedExchange, call: Call) -> Any:
        """GET um|cm account."""
        check_names(call.parameters, _NONE)
        account = exchange.account(call.account)
        return {
            "assets": self.asset_rows(exchange, account),
            "positions": [self.position_row(exchange, position) for position in self.positions(account)],
        }

    def position_risk(self, exchange: SimulatedExchange, call: Call) -> Any:
        """GET um|cm positionRisk: BOTH rows in one-way mode, LONG and SHORT in hedge mode."""
        names = {"symbol"} if self._leg is Leg.UM else {"marginAsset", "pair"}
        check_names(call.parameters, frozenset(names))
        symbol, pair = optional(call.parameters, "symbol"), optional(call.parameters, "pair")
        margin_asset = optional(call.parameters, "marginAsset")
        account = exchange.account(call.account)
        if symbol is not None:
            exchange.state.instrument(self._leg, symbol)
            for side in ("LONG", "SHORT") if account.hedge_mode else ("BOTH",):
                account.position(self._leg, symbol, side)
        rows = []
        for position in self.positions(account):
            instrument = exchange.state.instruments[self._leg, position.symbol]
            if symbol not in {None, position.symbol} or pair not in {None, instrument.pair}:
                continue
            if margin_asset in {None, instrument.margin_asset}:
                rows.append(self._risk_row(exchange, position))
        return rows

    def _risk_row(self, exchange: SimulatedExchange, position: Position) -> dict[str, Any]:
        key = (self._leg, position.symbol)
        instrument, mark = exchange.state.instruments[key], exchange.state.marks[key]
        row = {
            "entryPrice": plain(position.entry_price(instrument)),
            "leverage": str(futures_margin.LEVERAGE),
            "markPrice": eight(mark),
            "positionAmt": instrument.scaled_quantity(position.quantity),
            "symbol": position.symbol,
            "unRealizedProfit": eight(position.unrealized(instrument, mark)),
            "liquidationPrice": "0",
            "positionSide": position.side,
            "updateTime": position.updated_ms,
        }
        notional = eight(position.notional(instrument, mark))
        if self._leg is Leg.CM:
            return row | {"maxQty": plain(instrument.max_quantity), "notionalValue": notional}
        return row | {"maxNotionalValue": "50000000", "notional": notional}

    def position_mode(self, exchange: SimulatedExchange, call: Call) -> Any:
        """GET um|cm positionSide/dual; both legs always share one mode."""
        check_names(call.parameters, _NONE)
        return {"dualSidePosition": exchange.account(call.account).hedge_mode}

    def set_position_mode(self, exchange: SimulatedExchange, call: Call) -> Any:
        """POST um|cm positionSide/dual; CM may only repeat what UM has, so it is always refused."""
        check_names(call.parameters, frozenset({"dualSidePosition"}))
        mandatory(call.parameters, "dualSidePosition")
        hedge_mode = boolean(call.parameters, "dualSidePosition")
        account = exchange.account(call.account)
        if self._leg is Leg.CM:
            raise VenueRefusal(
                -4220, "Cannot change position mode: it must be the same as in USDS-M futures."
            )
        if hedge_mode == account.hedge_mode:
            raise VenueRefusal(-4059, "No need to change position side.")
        for leg, code in ((Leg.UM, -4067), (Leg.CM, -4531)):
            if account.list_open(leg, None):
                raise VenueRefusal(code, "Position side cannot be changed if there exists open orders.")
        for leg, code in ((Leg.UM, -4068), (Leg.CM, -4531)):
            if any(p.leg is leg and p.quantity for p in account.positions.values()):
                raise VenueRefusal(code, "Position side cannot be changed if there exists position.")
        account.hedge_mode = hedge_mode
        account.positions = {k: p for k, p in account.positions.items() if p.quantity}
        exchange.state.version += 1
        return {"code": 200, "msg": "success"}

    def commission_rate(self, exchange: SimulatedExchange, call: Call) -> Any:
        """GET um|cm commissionRate."""
        check_names(call.parameters, frozenset({"symbol"}))
        instrument = exchange.state.instrument(self._leg, mandatory(call.parameters, "symbol"))
        return {
            "symbol": instrument.symbol,
            "makerCommissionRate": plain(MAKER_RATE[self._leg]),
            "takerCommissionRate": plain(TAKER_RATE[self._leg]),
        }
