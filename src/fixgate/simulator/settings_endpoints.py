"""What an account chose per symbol or as a whole: leverage, fees, and the tables that bound them.

Source: PAPI um|cm leverage, leverageBracket, um symbolConfig, accountConfig, feeBurn, apiTradingStatus.
"""

from decimal import Decimal
from typing import Any

import msgspec

from fixgate.model.decimals import plain
from fixgate.simulator import futures_margin
from fixgate.simulator.accounts import Account
from fixgate.simulator.endpoints import Endpoint, Routes, per_symbol
from fixgate.simulator.events import account_config_update
from fixgate.simulator.gate import Call
from fixgate.simulator.instruments import SimulatedInstrument
from fixgate.simulator.leverage import BRACKETS, MAX_LEVERAGE, limit_of, max_notional
from fixgate.simulator.matching import SimulatedExchange
from fixgate.simulator.orders import Leg
from fixgate.simulator.parameter_fields import boolean, check_names, integer, mandatory, optional
from fixgate.simulator.refusal import VenueRefusal

_NONE: frozenset[str] = frozenset()
_SYMBOL = frozenset({"symbol"})
_DONE = {"code": 200, "msg": "success"}


def settings_routes() -> Routes:
    """Return the routes with their weights."""
    routes: Routes = {
        ("GET", "/papi/v1/um/accountConfig"): Endpoint(account_config, weight=5),
        ("GET", "/papi/v1/um/symbolConfig"): Endpoint(symbol_config, weight=5),
        ("GET", "/papi/v1/um/feeBurn"): Endpoint(fee_burn, weight=30),
        ("POST", "/papi/v1/um/feeBurn"): Endpoint(set_fee_burn),
        ("POST", "/papi/v1/um/stock/contract"): Endpoint(sign_stock_contract, weight=5),
        ("GET", "/papi/v1/um/apiTradingStatus"): Endpoint(trading_status, weight=per_symbol(1, 10)),
    }
    for leg in (Leg.UM, Leg.CM):
        chosen = LegLeverage(leg)
        base = f"/papi/v1/{leg.value.lower()}"
        routes["POST", f"{base}/leverage"] = Endpoint(chosen.change)
        routes["GET", f"{base}/leverageBracket"] = Endpoint(chosen.brackets)
    return routes


def _listed(exchange: SimulatedExchange, call: Call, leg: Leg) -> list[SimulatedInstrument]:
    """Return the instrument of `symbol`, or all of the leg; raises -1121."""
    symbol = optional(call.parameters, "symbol")
    if symbol is not None:
        return [exchange.state.instrument(leg, symbol)]
    return [i for (its_leg, _), i in exchange.state.instruments.items() if its_leg is leg]


class LegLeverage:
    """Leverage of one futures leg."""

    def __init__(self, leg: Leg) -> None:
        self._leg = leg

    def change(self, exchange: SimulatedExchange, call: Call) -> Any:
        """POST leverage; raises -4028 for one that does not exist, -2027 and -2028 for what is held."""
        check_names(call.parameters, frozenset({"symbol", "leverage"}))
        symbol = mandatory(call.parameters, "symbol")
        instrument = exchange.state.instrument(self._leg, symbol)
        mandatory(call.parameters, "leverage")
        wanted = integer(call.parameters, "leverage") or 0
        if not 1 <= wanted <= MAX_LEVERAGE:
            raise VenueRefusal(-4028, f"Leverage {wanted} is not valid.")
        account = exchange.account(call.account)
        self._check_held(exchange, account, symbol, wanted)
        account.leverage[self._leg, symbol] = wanted
        event = account_config_update(self._leg, exchange.state.clock(), symbol, wanted)
        exchange.state.emit(account.name, event)
        most = plain(limit_of(instrument, wanted))
        name = "maxQty" if self._leg is Leg.CM else "maxNotionalValue"
        return {"leverage": wanted, name: most, "symbol": symbol}

    def _check_held(self, exchange: SimulatedExchange, account: Account, symbol: str, wanted: int) -> None:
        state = exchange.state
        held = [p for p in account.positions.values() if (p.leg, p.symbol) == (self._leg, symbol)]
        value = max((futures_margin.position_value(state, position) for position in held), default=None)
        if value is not None and value > max_notional(wanted):
            raise VenueRefusal(-2027, "Exceeded the maximum allowable position at current leverage.")
        key = (self._leg, symbol)
        before = account.leverage.get(key)
        account.leverage[key] = wanted
        left = futures_margin.available(state, account)
        del account.leverage[key]
        if before is not None:
            account.leverage[key] = before
        if left < 0 and wanted < account.leverage_of(*key):
            raise VenueRefusal(-2028, "Leverage is smaller than permitted: insufficient margin balance.")

    def brackets(self, exchange: SimulatedExchange, call: Call) -> Any:
        """GET leverageBracket, of one symbol or of all; CM counts contracts."""
        check_names(call.parameters, _SYMBOL)
        return [
            {"symbol": instrument.symbol, "brackets": self._rows(instrument)}
            for instrument in _listed(exchange, call, self._leg)
        ]

    def _rows(self, instrument: SimulatedInstrument) -> list[dict[str, Any]]:
        size = instrument.contract_size
        kind = "qty" if self._leg is Leg.CM else "notional"
        return [
            {
                "bracket": number,
                "initialLeverage": bracket.leverage,
                f"{kind}Cap": int(bracket.cap / size),
                f"{kind}Floor": int(bracket.floor / size),
                "maintMarginRatio": _number(bracket.rate),
                "cum": _number(bracket.cum / size),
            }
            for number, bracket in enumerate(BRACKETS, start=1)
        ]


def _number(value: Decimal) -> msgspec.Raw:
    """Return `value` as a JSON number with exactly its digits."""
    return msgspec.Raw(plain(value).encode())


def account_config(exchange: SimulatedExchange, call: Call) -> Any:
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


def symbol_config(exchange: SimulatedExchange, call: Call) -> Any:
    """GET um/symbolConfig, of one symbol or of all."""
    check_names(call.parameters, _SYMBOL)
    account = exchange.account(call.account)
    return [
        {
            "symbol": instrument.symbol,
            "marginType": "CROSSED",
            "isAutoAddMargin": "false",
            "leverage": account.leverage_of(Leg.UM, instrument.symbol),
            "maxNotionalValue": plain(max_notional(account.leverage_of(Leg.UM, instrument.symbol))),
        }
        for instrument in _listed(exchange, call, Leg.UM)
    ]


def fee_burn(exchange: SimulatedExchange, call: Call) -> Any:
    """GET um/feeBurn."""
    check_names(call.parameters, _NONE)
    return {"feeBurn": exchange.account(call.account).fee_burn}


def set_fee_burn(exchange: SimulatedExchange, call: Call) -> Any:
    """POST um/feeBurn: commissions in BNB, as long as the UM wallet has some."""
    check_names(call.parameters, frozenset({"feeBurn"}))
    mandatory(call.parameters, "feeBurn")
    exchange.account(call.account).fee_burn = boolean(call.parameters, "feeBurn")
    exchange.state.version += 1
    return _DONE


def sign_stock_contract(exchange: SimulatedExchange, call: Call) -> Any:
    """POST um/stock/contract: there are no such symbols here, so signing changes nothing."""
    check_names(call.parameters, _NONE)
    return _DONE


def trading_status(exchange: SimulatedExchange, call: Call) -> Any:
    """GET um/apiTradingStatus: no quantitative rule is watched here, so none has been broken."""
    check_names(call.parameters, _SYMBOL)
    _listed(exchange, call, Leg.UM)
    return {"indicators": {}, "updateTime": exchange.state.clock()}
