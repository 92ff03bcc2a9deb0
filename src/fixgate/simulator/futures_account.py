"""The account views of one futures leg. Source: PAPI um|cm account, positionRisk, positionSide/dual."""

from decimal import Decimal
from typing import Any

from fixgate.model.decimals import plain
from fixgate.simulator import futures_margin, leverage
from fixgate.simulator.accounts import Account
from fixgate.simulator.endpoints import Endpoint, Routes
from fixgate.simulator.events import eight
from fixgate.simulator.execution import MAKER_RATE, TAKER_RATE
from fixgate.simulator.gate import Call
from fixgate.simulator.matching import SimulatedExchange
from fixgate.simulator.orders import ZERO, Leg
from fixgate.simulator.parameter_fields import boolean, check_names, mandatory, optional
from fixgate.simulator.positions import Position
from fixgate.simulator.refusal import VenueRefusal

_NONE: frozenset[str] = frozenset()


class FuturesAccount:
    """What one leg of an account looks like."""

    def __init__(self, leg: Leg) -> None:
        self._leg = leg

    def routes(self) -> Routes:
        """Return the leg's routes with their weights."""
        base = f"/papi/v1/{self._leg.value.lower()}"
        routes: Routes = {
            ("GET", f"{base}/account"): Endpoint(self.account, weight=5),
            ("GET", f"{base}/positionRisk"): Endpoint(
                self.position_risk, weight=1 if self._leg is Leg.CM else 5
            ),
            ("GET", f"{base}/positionSide/dual"): Endpoint(self.position_mode, weight=30),
            ("POST", f"{base}/positionSide/dual"): Endpoint(self.set_position_mode),
            ("GET", f"{base}/commissionRate"): Endpoint(self.commission_rate, weight=20),
            ("GET", f"{base}/adlQuantile"): Endpoint(self.adl_quantile, weight=5),
        }
        if self._leg is Leg.UM:
            routes["GET", "/papi/v2/um/account"] = Endpoint(self.short_account, weight=5)
        return routes

    def positions(self, account: Account) -> list[Position]:
        """Return every position the account has had on this leg."""
        return [position for position in account.positions.values() if position.leg is self._leg]

    def unrealized(self, exchange: SimulatedExchange, account: Account, asset: str) -> Decimal:
        """Return the unrealised profit that is counted in `asset`."""
        state = exchange.state
        profit = (
            position.unrealized(
                state.instruments[self._leg, position.symbol], state.marks[self._leg, position.symbol]
            )
            for position in self.positions(account)
            if state.instruments[self._leg, position.symbol].margin_asset == asset
        )
        return sum(profit, ZERO)

    def _in_margin_asset(self, exchange: SimulatedExchange, symbol: str, dollars: Decimal) -> Decimal:
        price = exchange.state.usd_price(exchange.state.instruments[self._leg, symbol].margin_asset)
        return dollars / price if price else ZERO

    def _margins(
        self, exchange: SimulatedExchange, account: Account, position: Position
    ) -> tuple[Decimal, Decimal]:
        """Return (initial margin, maintenance margin) of a position, in its margin asset."""
        value = futures_margin.position_value(exchange.state, position)
        initial = value / account.leverage_of(self._leg, position.symbol)
        symbol = position.symbol
        return (
            self._in_margin_asset(exchange, symbol, initial),
            self._in_margin_asset(exchange, symbol, leverage.maintenance(value)),
        )

    def _order_margin(self, exchange: SimulatedExchange, account: Account, symbol: str) -> Decimal:
        """Return the initial margin of a symbol's open orders, in its margin asset."""
        value = futures_margin.order_value(exchange.state, account, self._leg, symbol)
        return self._in_margin_asset(exchange, symbol, value / account.leverage_of(self._leg, symbol))

    def asset_rows(self, exchange: SimulatedExchange, account: Account) -> list[dict[str, Any]]:
        """Return the `assets` rows of the account endpoints; margins are in the asset itself."""
        instruments = exchange.state.instruments
        symbols = [s for (leg, s), _ in instruments.items() if leg is self._leg]
        traded = [i.margin_asset for (leg, _), i in instruments.items() if leg is self._leg]
        names = dict.fromkeys(asset for leg, asset in account.wallets if leg is self._leg)
        rows = []
        for asset in [*names, *(a for a in dict.fromkeys(traded) if a not in names)]:
            own = [s for s in symbols if instruments[self._leg, s].margin_asset == asset]
            held = [p for p in self.positions(account) if p.quantity and p.symbol in own]
            margins = [self._margins(exchange, account, position) for position in held]
            initial = sum((each[0] for each in margins), ZERO)
            orders = sum((self._order_margin(exchange, account, symbol) for symbol in own), ZERO)
            if asset not in names and not held and not orders:
                continue
            rows.append(
                {
                    "asset": asset,
                    "crossWalletBalance": eight(account.wallets.get((self._leg, asset), ZERO)),
                    "crossUnPnl": eight(self.unrealized(exchange, account, asset)),
                    "maintMargin": eight(sum((each[1] for each in margins), ZERO)),
                    "initialMargin": eight(initial + orders),
                    "positionInitialMargin": eight(initial),
                    "openOrderInitialMargin": eight(orders),
                    "updateTime": exchange.state.clock(),
                }
            )
        return rows

    def position_row(
        self, exchange: SimulatedExchange, account: Account, position: Position
    ) -> dict[str, Any]:
        """Return one row of `positions`."""
        key = (self._leg, position.symbol)
        instrument, mark = exchange.state.instruments[key], exchange.state.marks[key]
        initial, maintenance = self._margins(exchange, account, position)
        first = position.side in {"BOTH", "LONG"}
        orders = self._order_margin(exchange, account, position.symbol) if first else ZERO
        chosen = account.leverage_of(*key)
        row = {
            "symbol": position.symbol,
            "initialMargin": eight(initial + orders),
            "maintMargin": eight(maintenance),
            "unrealizedProfit": eight(position.unrealized(instrument, mark)),
            "positionInitialMargin": eight(initial),
            "openOrderInitialMargin": eight(orders),
            "leverage": str(chosen),
            "entryPrice": plain(position.entry_price(instrument)),
            "positionSide": position.side,
            "positionAmt": instrument.scaled_quantity(position.quantity),
            "updateTime": position.updated_ms,
        }
        most = plain(leverage.limit_of(instrument, chosen))
        if self._leg is Leg.CM:
            return row | {"maxQty": most}
        sides = [account.reserved.get((*key, side), ZERO) for side in ("BUY", "SELL")]
        bid, ask = sides if first else (ZERO, ZERO)
        return row | {"maxNotional": most, "bidNotional": eight(bid), "askNotional": eight(ask)}

    def account(self, exchange: SimulatedExchange, call: Call) -> Any:
        """GET um|cm account."""
        check_names(call.parameters, _NONE)
        account = exchange.account(call.account)
        rows = [self.position_row(exchange, account, position) for position in self.positions(account)]
        return {"assets": self.asset_rows(exchange, account), "positions": rows}

    def short_account(self, exchange: SimulatedExchange, call: Call) -> Any:
        """GET v2 um/account: symbols with a position or an open order only."""
        check_names(call.parameters, _NONE)
        account = exchange.account(call.account)
        kept = ("symbol", "initialMargin", "maintMargin", "unrealizedProfit", "positionSide", "positionAmt")
        rows = []
        for position in self.positions(account):
            if not position.quantity and not account.open_orders.get((self._leg, position.symbol)):
                continue
            row = self.position_row(exchange, account, position)
            key = (self._leg, position.symbol)
            notional = position.notional(exchange.state.instruments[key], exchange.state.marks[key])
            shown = {name: row[name] for name in kept}
            rows.append(shown | {"updateTime": position.updated_ms, "notional": eight(notional)})
        return {"assets": self.asset_rows(exchange, account), "positions": rows}

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
                rows.append(self._risk_row(exchange, account, position))
        return rows

    def _risk_row(self, exchange: SimulatedExchange, account: Account, position: Position) -> dict[str, Any]:
        key = (self._leg, position.symbol)
        instrument, mark = exchange.state.instruments[key], exchange.state.marks[key]
        chosen = account.leverage_of(*key)
        row = {
            "entryPrice": plain(position.entry_price(instrument)),
            "leverage": str(chosen),
            "markPrice": eight(mark),
            "positionAmt": instrument.scaled_quantity(position.quantity),
            "symbol": position.symbol,
            "unRealizedProfit": eight(position.unrealized(instrument, mark)),
            "liquidationPrice": "0",
            "positionSide": position.side,
            "updateTime": position.updated_ms,
        }
        notional = eight(position.notional(instrument, mark))
        most = plain(leverage.limit_of(instrument, chosen))
        if self._leg is Leg.CM:
            return row | {"maxQty": most, "notionalValue": notional}
        return row | {"maxNotionalValue": most, "notional": notional}

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
        _check_mode_can_change(account)
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

    def adl_quantile(self, exchange: SimulatedExchange, call: Call) -> Any:
        """GET um|cm adlQuantile of held positions: nobody stands before another here, so always 0."""
        check_names(call.parameters, frozenset({"symbol"}))
        symbol = optional(call.parameters, "symbol")
        if symbol is not None:
            exchange.state.instrument(self._leg, symbol)
        held: dict[str, dict[str, int]] = {}
        for position in self.positions(exchange.account(call.account)):
            if position.quantity and symbol in {None, position.symbol}:
                held.setdefault(position.symbol, {})[position.side] = 0
        return [{"symbol": name, "adlQuantile": quantile} for name, quantile in held.items()]


def _check_mode_can_change(account: Account) -> None:
    """Raise while an order, a conditional order or a position stands in the way: -4067, -4068, -4531."""
    for leg, code in ((Leg.UM, -4067), (Leg.CM, -4531)):
        if account.list_open(leg, None) or account.list_waiting(leg):
            raise VenueRefusal(code, "Position side cannot be changed if there exists open orders.")
    for leg, code in ((Leg.UM, -4068), (Leg.CM, -4531)):
        if any(p.leg is leg and p.quantity for p in account.positions.values()):
            raise VenueRefusal(code, "Position side cannot be changed if there exists position.")
