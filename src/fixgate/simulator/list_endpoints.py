"""Order list (OCO) endpoints of the margin leg. Source: PAPI margin/order/oco, margin/orderList."""

from typing import Any

from fixgate.simulator import replies
from fixgate.simulator.endpoints import DAY_MS, Endpoint, Routes, limit, window
from fixgate.simulator.futures_endpoints import check_engine_window
from fixgate.simulator.gate import Call
from fixgate.simulator.list_service import ListRequest
from fixgate.simulator.matching import SimulatedExchange
from fixgate.simulator.order_lists import OrderList
from fixgate.simulator.orders import Leg, OrderRequest
from fixgate.simulator.parameter_fields import (
    Parameters,
    check_names,
    client_order_id,
    decimal,
    integer,
    mandatory,
    optional,
    side,
)
from fixgate.simulator.parameters import response_type, side_effect
from fixgate.simulator.refusal import UNSUPPORTED_COMBINATION, VenueRefusal, missing, no_such_order

_MARGIN = Leg.MARGIN
_NAMES = frozenset(
    {
        "symbol", "side", "quantity", "price", "stopPrice", "listClientOrderId", "limitClientOrderId",
        "limitIcebergQty", "stopClientOrderId", "stopLimitPrice", "stopIcebergQty",
        "stopLimitTimeInForce", "newOrderRespType", "sideEffectType",
    }
)  # fmt: skip
_SIDE_EFFECTS = frozenset({"NO_SIDE_EFFECT", "MARGIN_BUY", "AUTO_REPAY"})


def list_routes() -> Routes:
    """Return the order list routes with their weights; a list counts as two orders."""
    base = "/papi/v1/margin"
    return {
        ("POST", f"{base}/order/oco"): Endpoint(place, weight=0, order=2),
        ("DELETE", f"{base}/orderList"): Endpoint(cancel, weight=2),
        ("GET", f"{base}/orderList"): Endpoint(query, weight=5),
        ("GET", f"{base}/openOrderList"): Endpoint(open_lists, weight=5),
        ("GET", f"{base}/allOrderList"): Endpoint(all_lists, weight=100),
    }


def parse_list(parameters: Parameters) -> ListRequest:
    """Return the OCO list that the parameters of POST margin/order/oco ask for, or raise."""
    check_names(parameters, _NAMES)
    for name in ("symbol", "side", "quantity", "price", "stopPrice"):
        mandatory(parameters, name)
    stop_limit, quantity = decimal(parameters, "stopLimitPrice"), decimal(parameters, "quantity")
    stop_iceberg = decimal(parameters, "stopIcebergQty")
    time_in_force = optional(parameters, "stopLimitTimeInForce")
    if (stop_limit is None) != (time_in_force is None):
        raise missing("stopLimitPrice" if stop_limit is None else "stopLimitTimeInForce")
    if time_in_force not in {None, "GTC", "IOC", "FOK"}:
        raise VenueRefusal(-1115, "Invalid timeInForce.")
    if stop_iceberg is not None and time_in_force != "GTC":
        raise VenueRefusal(-1014, UNSUPPORTED_COMBINATION)
    symbol, order_side = mandatory(parameters, "symbol"), side(parameters)
    effect = side_effect(parameters, _SIDE_EFFECTS)
    limit_order = OrderRequest(
        leg=_MARGIN,
        symbol=symbol,
        side=order_side,
        type="LIMIT_MAKER",
        quantity=quantity,
        price=decimal(parameters, "price"),
        client_order_id=client_order_id(parameters, "limitClientOrderId", _MARGIN),
        iceberg=decimal(parameters, "limitIcebergQty"),
        side_effect=effect,
    )
    stop_order = OrderRequest(
        leg=_MARGIN,
        symbol=symbol,
        side=order_side,
        type="STOP_LOSS" if stop_limit is None else "STOP_LOSS_LIMIT",
        time_in_force=time_in_force or "GTC",
        quantity=quantity,
        price=stop_limit,
        stop_price=decimal(parameters, "stopPrice"),
        client_order_id=client_order_id(parameters, "stopClientOrderId", _MARGIN),
        iceberg=stop_iceberg,
        side_effect=effect,
    )
    name = client_order_id(parameters, "listClientOrderId", _MARGIN)
    return ListRequest(name, limit_order, stop_order, response_type(parameters, "RESULT"))


def place(exchange: SimulatedExchange, call: Call) -> Any:
    """POST margin/order/oco."""
    request = parse_list(call.parameters)
    check_engine_window(exchange, _MARGIN, call)
    order_list = exchange.place_list(call.account, request)
    legs = exchange.order_lists.legs(order_list)
    reply = replies.order_list(order_list)
    borrowed = next((leg for leg in legs if leg.borrowed), None)
    if borrowed is not None:
        reply |= replies.margin_borrowed(borrowed)
    full = request.response_type == "RESULT"
    return reply | {"orderReports": [replies.list_new(leg, full=full) for leg in legs]}


def _identity(parameters: Parameters, client_name: str) -> tuple[int | None, str]:
    list_id = integer(parameters, "orderListId")
    client_id = optional(parameters, client_name) or ""
    if list_id is None and not client_id:
        raise VenueRefusal(
            -1102, f"Param '{client_name}' or 'orderListId' must be sent, but both were empty/null!"
        )
    return list_id, client_id


def cancel(exchange: SimulatedExchange, call: Call) -> Any:
    """DELETE margin/orderList; `newClientOrderId` names the cancel request."""
    names = {"symbol", "orderListId", "listClientOrderId", "newClientOrderId"}
    check_names(call.parameters, frozenset(names))
    symbol = mandatory(call.parameters, "symbol")
    list_id, client_id = _identity(call.parameters, "listClientOrderId")
    cancel_id = client_order_id(call.parameters, "newClientOrderId", _MARGIN)
    order_list = exchange.cancel_list(call.account, symbol, list_id, client_id, cancel_id)
    return cancelled_list(exchange, order_list)


def cancelled_list(exchange: SimulatedExchange, order_list: OrderList) -> dict[str, Any]:
    """Return a cancelled list as DELETE orderList and DELETE allOpenOrders show it."""
    reports = [replies.list_cancel(leg) for leg in exchange.order_lists.legs(order_list)]
    return replies.order_list(order_list) | {"orderReports": reports}


def query(exchange: SimulatedExchange, call: Call) -> Any:
    """GET margin/orderList; `origClientOrderId` is the list's own client id."""
    check_names(call.parameters, frozenset({"orderListId", "origClientOrderId"}))
    list_id, client_id = _identity(call.parameters, "origClientOrderId")
    order_list = exchange.order_lists.find(exchange.account(call.account), list_id, client_id)
    if order_list is None:
        raise no_such_order()
    return replies.order_list(order_list)


def open_lists(exchange: SimulatedExchange, call: Call) -> Any:
    """GET margin/openOrderList, oldest first."""
    check_names(call.parameters, frozenset())
    known = exchange.account(call.account).order_lists.values()
    return [replies.order_list(order_list) for order_list in known if order_list.is_open]


def all_lists(exchange: SimulatedExchange, call: Call) -> Any:
    """GET margin/allOrderList: from `fromId` on, or the newest of at most a day; oldest first."""
    check_names(call.parameters, frozenset({"fromId", "startTime", "endTime", "limit"}))
    rows = limit(call.parameters, 500, 500)
    now = exchange.state.clock()
    timed = "startTime" in call.parameters or "endTime" in call.parameters
    first = integer(call.parameters, "fromId")
    if timed and first is not None:
        raise VenueRefusal(-1128, "Combination of optional parameters invalid.")
    start, end = window(call.parameters, now, DAY_MS) if timed else (0, now)
    found = [
        each
        for each in exchange.account(call.account).order_lists.values()
        if (start <= each.updated_ms <= end if first is None else each.order_list_id >= first)
    ]
    page = found[-rows:] if first is None else found[:rows]
    return [replies.order_list(order_list) for order_list in page]
