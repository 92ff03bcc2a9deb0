"""Margin order and loan endpoints. Source: PAPI margin/order, openOrders, allOrders, myTrades."""

from decimal import Decimal
from typing import Any

from fixgate.simulator import margin_funds, replies
from fixgate.simulator.accounts import is_visible
from fixgate.simulator.endpoints import DAY_MS, Endpoint, Routes, limit, window
from fixgate.simulator.events import eight
from fixgate.simulator.futures_endpoints import check_engine_window, select_trades
from fixgate.simulator.futures_margin import max_borrowable
from fixgate.simulator.gate import Call
from fixgate.simulator.list_endpoints import cancelled_list
from fixgate.simulator.matching import SimulatedExchange
from fixgate.simulator.orders import Leg
from fixgate.simulator.parameter_fields import (
    check_names,
    client_order_id,
    decimal,
    integer,
    mandatory,
    order_identity,
)
from fixgate.simulator.parameters import parse_new_order
from fixgate.simulator.refusal import VenueRefusal, missing

_IDENTITY = frozenset({"symbol", "orderId", "origClientOrderId"})
_MARGIN = Leg.MARGIN


def margin_routes() -> Routes:
    """Return the margin leg's routes with their weights."""
    base = "/papi/v1/margin"
    return {
        ("POST", f"{base}/order"): Endpoint(place, order=1),
        ("DELETE", f"{base}/order"): Endpoint(cancel, weight=2),
        ("GET", f"{base}/order"): Endpoint(query, weight=10),
        ("GET", f"{base}/openOrders"): Endpoint(open_orders, weight=5),
        ("GET", f"{base}/allOrders"): Endpoint(all_orders, weight=100),
        ("DELETE", f"{base}/allOpenOrders"): Endpoint(cancel_all, weight=5),
        ("GET", f"{base}/myTrades"): Endpoint(trades, weight=5),
        ("GET", f"{base}/maxBorrowable"): Endpoint(borrowable, weight=5),
        ("POST", "/papi/v1/marginLoan"): Endpoint(borrow, weight=100),
        ("POST", "/papi/v1/repayLoan"): Endpoint(repay, weight=100),
    }


def place(exchange: SimulatedExchange, call: Call) -> Any:
    """POST margin/order."""
    request = parse_new_order(_MARGIN, call.parameters)
    check_engine_window(exchange, _MARGIN, call)
    placement = exchange.place(call.account, request)
    return replies.margin_new(placement.order, placement.fills, request.response_type)


def cancel(exchange: SimulatedExchange, call: Call) -> Any:
    """DELETE margin/order; `newClientOrderId` names the cancel request."""
    check_names(call.parameters, _IDENTITY | {"newClientOrderId"})
    symbol = mandatory(call.parameters, "symbol")
    order_id, client_id = order_identity(call.parameters)
    cancel_id = client_order_id(call.parameters, "newClientOrderId", _MARGIN)
    order = exchange.cancel(
        call.account,
        _MARGIN,
        symbol,
        order_id=order_id,
        client_order_id=client_id,
        cancel_id=cancel_id,
    )
    return replies.margin_cancel(order)


def cancel_all(exchange: SimulatedExchange, call: Call) -> Any:
    """DELETE margin/allOpenOrders: single orders first, then whole order lists."""
    check_names(call.parameters, frozenset({"symbol"}))
    symbol = mandatory(call.parameters, "symbol")
    cancelled = exchange.cancel_all(call.account, _MARGIN, symbol)
    lists = exchange.account(call.account).order_lists
    numbers = dict.fromkeys(order.order_list_id for order in cancelled if order.order_list_id >= 0)
    return [
        replies.margin_cancel(order) | {"orderListId": -1} for order in cancelled if order.order_list_id < 0
    ] + [cancelled_list(exchange, lists[number]) for number in numbers]


def query(exchange: SimulatedExchange, call: Call) -> Any:
    """GET margin/order."""
    check_names(call.parameters, _IDENTITY)
    symbol = mandatory(call.parameters, "symbol")
    exchange.state.instrument(_MARGIN, symbol)
    order_id, client_id = order_identity(call.parameters)
    account = exchange.account(call.account)
    return replies.margin_query(account.query(_MARGIN, symbol, order_id, client_id, exchange.state.clock()))


def open_orders(exchange: SimulatedExchange, call: Call) -> Any:
    """GET margin/openOrders of one symbol."""
    check_names(call.parameters, frozenset({"symbol"}))
    symbol = mandatory(call.parameters, "symbol")
    exchange.state.instrument(_MARGIN, symbol)
    return [replies.margin_query(o) for o in exchange.account(call.account).list_open(_MARGIN, symbol)]


def all_orders(exchange: SimulatedExchange, call: Call) -> Any:
    """GET margin/allOrders: from `orderId` on, or the newest of at most a day; oldest first."""
    check_names(call.parameters, frozenset({"symbol", "orderId", "startTime", "endTime", "limit"}))
    symbol = mandatory(call.parameters, "symbol")
    exchange.state.instrument(_MARGIN, symbol)
    rows = limit(call.parameters, 500, 500)
    now = exchange.state.clock()
    timed = "startTime" in call.parameters or "endTime" in call.parameters
    start, end = window(call.parameters, now, DAY_MS) if timed else (0, now)
    from_id = integer(call.parameters, "orderId")
    orders = exchange.account(call.account).orders.get((_MARGIN, symbol), {})
    found = [
        order
        for order in orders.values()
        if is_visible(order, now)
        and start <= order.created_ms <= end
        and (from_id is None or order.order_id >= from_id)
    ]
    page = found[:rows] if from_id is not None else found[-rows:]
    return [replies.margin_query(order) for order in page]


def trades(exchange: SimulatedExchange, call: Call) -> Any:
    """GET margin/myTrades, of one order when `orderId` is given."""
    names = {"symbol", "orderId", "startTime", "endTime", "fromId", "limit"}
    check_names(call.parameters, frozenset(names))
    symbol = mandatory(call.parameters, "symbol")
    exchange.state.instrument(_MARGIN, symbol)
    rows = limit(call.parameters, 500, 1000)
    now = exchange.state.clock()
    timed = "startTime" in call.parameters or "endTime" in call.parameters
    start, end = window(call.parameters, now, DAY_MS) if timed else (0, now)
    order_id = integer(call.parameters, "orderId")
    known = exchange.account(call.account).trades.get((_MARGIN, symbol), ())
    wanted = [trade for trade in known if order_id is None or trade.order_id == order_id]
    return [replies.margin_trade(trade) for trade in select_trades(call, wanted, start, end, rows)]


def borrowable(exchange: SimulatedExchange, call: Call) -> Any:
    """GET margin/maxBorrowable."""
    check_names(call.parameters, frozenset({"asset"}))
    asset = mandatory(call.parameters, "asset")
    amount = max_borrowable(exchange.state, exchange.account(call.account), asset)
    return {"amount": eight(amount), "borrowLimit": eight(amount)}


def _amount(call: Call) -> tuple[str, Decimal]:
    check_names(call.parameters, frozenset({"asset", "amount"}))
    asset = mandatory(call.parameters, "asset")
    mandatory(call.parameters, "amount")
    amount = decimal(call.parameters, "amount")
    if not amount:
        raise missing("amount")
    return asset, amount


def borrow(exchange: SimulatedExchange, call: Call) -> Any:
    """POST marginLoan; raises 51006 past what may be borrowed."""
    asset, amount = _amount(call)
    account = exchange.account(call.account)
    if amount > max_borrowable(exchange.state, account, asset):
        raise VenueRefusal(51006, "Exceeding the account's maximum borrowable limit.")
    transaction = margin_funds.borrow(exchange.state, account, asset, amount)
    exchange.state.flush()
    return {"tranId": transaction}


def repay(exchange: SimulatedExchange, call: Call) -> Any:
    """POST repayLoan; raises -2018 when nothing is owed or nothing is free to pay with."""
    asset, amount = _amount(call)
    transaction = margin_funds.repay(exchange.state, exchange.account(call.account), asset, amount)
    if transaction is None:
        raise VenueRefusal(-2018, "Balance is insufficient.")
    exchange.state.flush()
    return {"tranId": transaction}
