"""CM conditional (strategy) order endpoints. Source: PAPI cm/conditional/*."""

from typing import Any

from fixgate.model.decimals import plain
from fixgate.simulator.conditional_orders import Conditional
from fixgate.simulator.conditional_parameters import conditional_identity, parse_strategy
from fixgate.simulator.endpoints import DAY_MS, Endpoint, Routes, limit, per_symbol, window
from fixgate.simulator.futures_endpoints import check_engine_window
from fixgate.simulator.gate import Call
from fixgate.simulator.matching import SimulatedExchange
from fixgate.simulator.orders import Leg
from fixgate.simulator.parameter_fields import check_names, integer, mandatory, optional
from fixgate.simulator.refusal import no_such_order

_CM = Leg.CM
_IDENTITY = frozenset({"symbol", "strategyId", "newClientStrategyId"})
_UNFILLED_MS = 7 * DAY_MS


def strategy_routes() -> Routes:
    """Return the strategy service's routes with their weights."""
    base = "/papi/v1/cm/conditional"
    return {
        ("POST", f"{base}/order"): Endpoint(place, order=1),
        ("DELETE", f"{base}/order"): Endpoint(cancel),
        ("DELETE", f"{base}/allOpenOrders"): Endpoint(cancel_all),
        ("GET", f"{base}/openOrder"): Endpoint(open_order),
        ("GET", f"{base}/openOrders"): Endpoint(open_orders, weight=per_symbol(1, 40)),
        ("GET", f"{base}/orderHistory"): Endpoint(history),
        ("GET", f"{base}/allOrders"): Endpoint(all_orders, weight=per_symbol(1, 40)),
    }


def place(exchange: SimulatedExchange, call: Call) -> Any:
    """POST cm/conditional/order."""
    conditional = parse_strategy(call.parameters)
    check_engine_window(exchange, _CM, call)
    sent = "reduceOnly" in call.parameters
    exchange.place_conditional(call.account, conditional, reduce_only_sent=sent)
    pair = exchange.state.instruments[_CM, conditional.symbol].pair
    return _row(exchange, conditional) | _working(conditional) | {"pair": pair}


def _find(exchange: SimulatedExchange, call: Call) -> Conditional | None:
    check_names(call.parameters, _IDENTITY)
    symbol = mandatory(call.parameters, "symbol")
    exchange.state.instrument(_CM, symbol)
    who = conditional_identity(call.parameters, "strategyId", "newClientStrategyId")
    found = exchange.account(call.account).find_conditional(_CM, *who)
    return found if found is not None and found.symbol == symbol else None


def cancel(exchange: SimulatedExchange, call: Call) -> Any:
    """DELETE cm/conditional/order."""
    conditional = _find(exchange, call)
    exchange.conditionals.cancel(conditional)
    if conditional is None:
        raise no_such_order()
    return _row(exchange, conditional) | _working(conditional)


def cancel_all(exchange: SimulatedExchange, call: Call) -> Any:
    """DELETE cm/conditional/allOpenOrders of one symbol; the code is a text here."""
    check_names(call.parameters, frozenset({"symbol"}))
    symbol = mandatory(call.parameters, "symbol")
    exchange.conditionals.cancel_all(exchange.account(call.account), _CM, symbol)
    return {"code": "200", "msg": "The operation of cancel all conditional open order is done."}


def open_order(exchange: SimulatedExchange, call: Call) -> Any:
    """GET cm/conditional/openOrder; -2013 once it was triggered or cancelled."""
    conditional = _find(exchange, call)
    if conditional is None or not _is_open(conditional):
        raise no_such_order()
    return _row(exchange, conditional)


def open_orders(exchange: SimulatedExchange, call: Call) -> Any:
    """GET cm/conditional/openOrders, oldest first."""
    check_names(call.parameters, frozenset({"symbol"}))
    symbol = optional(call.parameters, "symbol")
    if symbol is not None:
        exchange.state.instrument(_CM, symbol)
    known = exchange.account(call.account).conditionals.values()
    found = [c for c in known if c.leg is _CM and _is_open(c) and symbol in {None, c.symbol}]
    return [_row(exchange, conditional) for conditional in found]


def _is_open(conditional: Conditional) -> bool:
    """True until the order was triggered for good: the service shows one under way as NEW."""
    return conditional.status in {"NEW", "TRIGGERING"}


def history(exchange: SimulatedExchange, call: Call) -> Any:
    """GET cm/conditional/orderHistory of one order that waits no more; -2013 while it does."""
    conditional = _find(exchange, call)
    if conditional is None or _is_open(conditional):
        raise no_such_order()
    described = _row(exchange, conditional) | _working(conditional) | {"priceMatch": "NONE"}
    return described | _spawned(exchange, conditional)


def all_orders(exchange: SimulatedExchange, call: Call) -> Any:
    """GET cm/conditional/allOrders: from `strategyId` on, or the newest of the window; oldest first."""
    check_names(call.parameters, frozenset({"symbol", "strategyId", "startTime", "endTime", "limit"}))
    symbol = optional(call.parameters, "symbol")
    if symbol is not None:
        exchange.state.instrument(_CM, symbol)
    rows = limit(call.parameters, 500, 1000)
    now = exchange.state.clock()
    start, end = window(call.parameters, now, 7 * DAY_MS)
    first = integer(call.parameters, "strategyId")
    found = [
        conditional
        for conditional in exchange.account(call.account).conditionals.values()
        if conditional.leg is _CM
        and symbol in {None, conditional.symbol}
        and not (
            conditional.status in {"CANCELED", "EXPIRED"} and now - conditional.updated_ms > _UNFILLED_MS
        )
        and (start <= conditional.created_ms <= end if first is None else conditional.conditional_id >= first)
    ]
    page = found[-rows:] if first is None else found[:rows]
    return [_row(exchange, c) | _spawned(exchange, c) for c in page]


def _row(exchange: SimulatedExchange, conditional: Conditional) -> dict[str, Any]:
    instrument = exchange.state.instruments[_CM, conditional.symbol]
    return {
        "newClientStrategyId": conditional.client_id,
        "strategyId": conditional.conditional_id,
        "strategyStatus": "NEW" if conditional.status == "TRIGGERING" else conditional.status,
        "strategyType": conditional.type,
        "origQty": instrument.scaled_quantity(conditional.quantity),
        "price": instrument.scaled_price(conditional.price),
        "reduceOnly": conditional.reduce_only,
        "side": conditional.side,
        "positionSide": conditional.position_side,
        "stopPrice": instrument.scaled_price(conditional.trigger_price),
        "symbol": conditional.symbol,
        "timeInForce": conditional.time_in_force,
        "activatePrice": instrument.scaled_price(conditional.activation_price),
        "priceRate": plain(conditional.callback_rate) if conditional.callback_rate else "0",
        "bookTime": conditional.created_ms,
        "updateTime": conditional.updated_ms,
    }


def _working(conditional: Conditional) -> dict[str, Any]:
    return {"workingType": conditional.working_type, "priceProtect": conditional.price_protect}


def _spawned(exchange: SimulatedExchange, conditional: Conditional) -> dict[str, Any]:
    """Return the engine order that came out of it; without one there is only the trigger time."""
    known = exchange.state.accounts[conditional.account].orders.get((_CM, conditional.symbol), {})
    order = known.get(conditional.order_id)
    shown: dict[str, Any] = {"triggerTime": conditional.triggered_ms}
    if order is not None:
        shown |= {"orderId": order.order_id, "status": order.status, "type": order.type}
    return shown
