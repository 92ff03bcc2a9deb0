"""UM algo (conditional) order endpoints. Source: PAPI um/algo/*."""

from typing import Any

from fixgate.model.decimals import plain
from fixgate.simulator.conditional_orders import Conditional
from fixgate.simulator.conditional_parameters import conditional_identity, parse_algo
from fixgate.simulator.endpoints import DAY_MS, Endpoint, Routes, limit, per_symbol, window
from fixgate.simulator.futures_endpoints import check_engine_window
from fixgate.simulator.gate import Call
from fixgate.simulator.matching import SimulatedExchange
from fixgate.simulator.orders import Leg
from fixgate.simulator.parameter_fields import check_names, integer, mandatory, optional
from fixgate.simulator.refusal import no_such_order, not_valid

_UM = Leg.UM
_IDENTITY = frozenset({"algoId", "clientAlgoId"})


def algo_routes() -> Routes:
    """Return the algo service's routes with their weights."""
    base = "/papi/v1/um/algo"
    return {
        ("POST", f"{base}/order"): Endpoint(place, order=1),
        ("DELETE", f"{base}/order"): Endpoint(cancel),
        ("DELETE", f"{base}/allOpenOrders"): Endpoint(cancel_all),
        ("GET", f"{base}/algoOrder"): Endpoint(query),
        ("GET", f"{base}/openAlgoOrders"): Endpoint(open_orders, weight=per_symbol(1, 40)),
        ("GET", f"{base}/allAlgoOrders"): Endpoint(all_orders, weight=5),
    }


def place(exchange: SimulatedExchange, call: Call) -> Any:
    """POST um/algo/order."""
    conditional = parse_algo(call.parameters)
    check_engine_window(exchange, _UM, call)
    sent = "reduceOnly" in call.parameters
    exchange.place_conditional(call.account, conditional, reduce_only_sent=sent)
    instrument = exchange.state.instruments[_UM, conditional.symbol]
    rate = plain(conditional.callback_rate) if conditional.callback_rate else "0"
    return row(exchange, conditional) | {
        "activatePrice": instrument.scaled_price(conditional.activation_price),
        "callbackRate": rate,
    }


def cancel(exchange: SimulatedExchange, call: Call) -> Any:
    """DELETE um/algo/order: the reply says only that it was done."""
    check_names(call.parameters, _IDENTITY)
    who = conditional_identity(call.parameters, "algoId", "clientAlgoId")
    exchange.conditionals.cancel(exchange.account(call.account).find_conditional(_UM, *who))
    return {"complete": True}


def cancel_all(exchange: SimulatedExchange, call: Call) -> Any:
    """DELETE um/algo/allOpenOrders of one symbol."""
    check_names(call.parameters, frozenset({"symbol"}))
    symbol = mandatory(call.parameters, "symbol")
    exchange.conditionals.cancel_all(exchange.account(call.account), _UM, symbol)
    return {"code": 200, "msg": "The operation of cancel all open order is done."}


def query(exchange: SimulatedExchange, call: Call) -> Any:
    """GET um/algo/algoOrder."""
    check_names(call.parameters, _IDENTITY)
    who = conditional_identity(call.parameters, "algoId", "clientAlgoId")
    conditional = exchange.account(call.account).find_conditional(_UM, *who)
    if conditional is None:
        raise no_such_order()
    return row(exchange, conditional) | _actual(conditional)


def open_orders(exchange: SimulatedExchange, call: Call) -> Any:
    """GET um/algo/openAlgoOrders: those that wait or are being triggered, oldest first."""
    check_names(call.parameters, frozenset({"algoType", "symbol", "algoId"}))
    if optional(call.parameters, "algoType") not in {None, "CONDITIONAL"}:
        raise not_valid("algoType")
    symbol, wanted = optional(call.parameters, "symbol"), integer(call.parameters, "algoId")
    if symbol is not None:
        exchange.state.instrument(_UM, symbol)
    return [
        row(exchange, conditional)
        for conditional in exchange.account(call.account).conditionals.values()
        if conditional.leg is _UM
        and conditional.status in {"NEW", "TRIGGERING"}
        and symbol in {None, conditional.symbol}
        and wanted in {None, conditional.conditional_id}
    ]


def all_orders(exchange: SimulatedExchange, call: Call) -> Any:
    """GET um/algo/allAlgoOrders: from `algoId` on, or the newest of the window; oldest first."""
    check_names(call.parameters, frozenset({"symbol", "algoId", "startTime", "endTime", "limit"}))
    symbol = mandatory(call.parameters, "symbol")
    exchange.state.instrument(_UM, symbol)
    rows = limit(call.parameters, 500, 1000)
    start, end = window(call.parameters, exchange.state.clock(), 7 * DAY_MS)
    first = integer(call.parameters, "algoId")
    found = [
        conditional
        for conditional in exchange.account(call.account).conditionals.values()
        if conditional.leg is _UM
        and conditional.symbol == symbol
        and (start <= conditional.created_ms <= end if first is None else conditional.conditional_id >= first)
    ]
    page = found[-rows:] if first is None else found[:rows]
    return [row(exchange, conditional) | _actual(conditional) for conditional in page]


def row(exchange: SimulatedExchange, conditional: Conditional) -> dict[str, Any]:
    """Return what every reply of the service says about an order."""
    instrument = exchange.state.instruments[_UM, conditional.symbol]
    return {
        "algoId": conditional.conditional_id,
        "clientAlgoId": conditional.client_id,
        "algoType": "CONDITIONAL",
        "orderType": conditional.type,
        "symbol": conditional.symbol,
        "side": conditional.side,
        "positionSide": conditional.position_side,
        "timeInForce": conditional.time_in_force,
        "quantity": instrument.scaled_quantity(conditional.quantity),
        "algoStatus": conditional.status,
        "triggerPrice": instrument.scaled_price(conditional.trigger_price),
        "price": instrument.scaled_price(conditional.price),
        "selfTradePreventionMode": conditional.stp_mode,
        "workingType": conditional.working_type,
        "priceMatch": conditional.price_match,
        "closePosition": conditional.close_position,
        "priceProtect": conditional.price_protect,
        "reduceOnly": conditional.reduce_only,
        "createTime": conditional.created_ms,
        "updateTime": conditional.updated_ms,
        "triggerTime": conditional.triggered_ms,
        "goodTillDate": conditional.good_till,
    }


def _actual(conditional: Conditional) -> dict[str, Any]:
    """Return which engine order came out of it, and at what price it traded."""
    return {
        "actualOrderId": str(conditional.order_id or ""),
        "actualPrice": f"{conditional.average_price:.5f}",
    }
