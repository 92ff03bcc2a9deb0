"""UM and CM order endpoints. Source: PAPI um|cm order, openOrder(s), allOrders, userTrades."""

from collections.abc import Iterable
from typing import Any

from fixgate.simulator import replies
from fixgate.simulator.accounts import is_visible
from fixgate.simulator.endpoints import DAY_MS, Endpoint, Routes, limit, per_symbol, window
from fixgate.simulator.gate import Call
from fixgate.simulator.matching import SimulatedExchange
from fixgate.simulator.orders import Leg, Order, Trade
from fixgate.simulator.parameter_fields import check_names, integer, mandatory, optional, order_identity
from fixgate.simulator.parameters import parse_modify, parse_new_order
from fixgate.simulator.refusal import VenueRefusal, missing, no_such_order, not_required

_IDENTITY = frozenset({"symbol", "orderId", "origClientOrderId"})
_ENGINE_TOO_LATE = {Leg.UM: -5028, Leg.CM: -4188}


def check_engine_window(exchange: SimulatedExchange, leg: Leg, call: Call) -> None:
    """Raise when the order reaches the matching engine after timestamp + recvWindow.

    -5028 on UM, -4188 on CM, -1021 on MARGIN.
    """
    if call.expires_ms and exchange.state.clock() > call.expires_ms:
        code = _ENGINE_TOO_LATE.get(leg, -1021)
        raise VenueRefusal(code, "Timestamp for this request is outside of the ME recvWindow.")


class FuturesEndpoints:
    """The order endpoints of one futures leg; both legs differ in field names and limits only."""

    def __init__(self, leg: Leg) -> None:
        self._leg = leg

    def routes(self) -> Routes:
        """Return the leg's routes with their weights."""
        base = f"/papi/v1/{self._leg.value.lower()}"
        coin = self._leg is Leg.CM
        heavy = (lambda parameters: 40 if parameters.get("pair") else 20) if coin else 5
        # The UM leg labels placing and modifying with an order weight only; CM places at IP weight 1.
        return {
            ("POST", f"{base}/order"): Endpoint(self.place, weight=1 if coin else 0, order=1),
            ("PUT", f"{base}/order"): Endpoint(self.modify, weight=0, order=1),
            ("DELETE", f"{base}/order"): Endpoint(self.cancel),
            ("GET", f"{base}/order"): Endpoint(self.query),
            ("GET", f"{base}/openOrder"): Endpoint(self.open_order),
            ("GET", f"{base}/openOrders"): Endpoint(self.open_orders, weight=per_symbol(1, 40)),
            ("GET", f"{base}/allOrders"): Endpoint(self.all_orders, weight=heavy),
            ("DELETE", f"{base}/allOpenOrders"): Endpoint(self.cancel_all),
            ("GET", f"{base}/userTrades"): Endpoint(self.trades, weight=heavy),
            ("GET", f"{base}/orderAmendment"): Endpoint(self.amendments, weight=0),
        }

    def place(self, exchange: SimulatedExchange, call: Call) -> Any:
        """POST order."""
        request = parse_new_order(self._leg, call.parameters)
        check_engine_window(exchange, self._leg, call)
        sent = "reduceOnly" in call.parameters
        placement = exchange.place(call.account, request, reduce_only_sent=sent)
        shown = placement.ack if request.response_type == "ACK" else placement.order
        return replies.futures_action(shown, exchange.state.instruments[self._leg, request.symbol])

    def modify(self, exchange: SimulatedExchange, call: Call) -> Any:
        """PUT order."""
        request = parse_modify(self._leg, call.parameters)
        check_engine_window(exchange, self._leg, call)
        order = exchange.modify(call.account, request)
        instrument = exchange.state.instruments[self._leg, request.symbol]
        return replies.futures_modify(order, instrument, request.modify_id)

    def cancel(self, exchange: SimulatedExchange, call: Call) -> Any:
        """DELETE order."""
        check_names(call.parameters, _IDENTITY)
        symbol = mandatory(call.parameters, "symbol")
        order_id, client_id = order_identity(call.parameters)
        order = exchange.cancel(call.account, self._leg, symbol, order_id=order_id, client_order_id=client_id)
        return replies.futures_action(order, exchange.state.instruments[self._leg, symbol])

    def cancel_all(self, exchange: SimulatedExchange, call: Call) -> Any:
        """DELETE allOpenOrders."""
        check_names(call.parameters, frozenset({"symbol"}))
        exchange.cancel_all(call.account, self._leg, mandatory(call.parameters, "symbol"))
        return {"code": 200, "msg": "The operation of cancel all open order is done."}

    def _one(self, exchange: SimulatedExchange, call: Call) -> Order:
        check_names(call.parameters, _IDENTITY)
        symbol = mandatory(call.parameters, "symbol")
        exchange.state.instrument(self._leg, symbol)
        order_id, client_id = order_identity(call.parameters)
        account = exchange.account(call.account)
        return account.query(self._leg, symbol, order_id, client_id, exchange.state.clock())

    def _row(self, exchange: SimulatedExchange, order: Order) -> Any:
        return replies.futures_query(order, exchange.state.instruments[self._leg, order.symbol])

    def query(self, exchange: SimulatedExchange, call: Call) -> Any:
        """GET order."""
        return self._row(exchange, self._one(exchange, call))

    def open_order(self, exchange: SimulatedExchange, call: Call) -> Any:
        """GET openOrder: -2013 for anything not open. CM answers with an array of one."""
        order = self._one(exchange, call)
        if not order.is_open:
            raise no_such_order()
        row = self._row(exchange, order)
        return [row] if self._leg is Leg.CM else row

    def open_orders(self, exchange: SimulatedExchange, call: Call) -> Any:
        """GET openOrders of one symbol (CM: or pair), or of the whole leg."""
        check_names(call.parameters, frozenset({"symbol", "pair"}))
        symbol, pair = optional(call.parameters, "symbol"), optional(call.parameters, "pair")
        if symbol is not None:
            exchange.state.instrument(self._leg, symbol)
        orders = exchange.account(call.account).list_open(self._leg, symbol)
        if pair is not None:
            orders = [o for o in orders if self._pair(exchange, o.symbol) == pair]
        return [self._row(exchange, order) for order in orders]

    def _pair(self, exchange: SimulatedExchange, symbol: str) -> str:
        return exchange.state.instruments[self._leg, symbol].pair

    def _symbols(self, exchange: SimulatedExchange, call: Call) -> list[str]:
        """Return the symbols a history query is about: `symbol`, or on CM all of `pair`."""
        symbol, pair = optional(call.parameters, "symbol"), optional(call.parameters, "pair")
        if symbol is not None:
            if pair is not None:
                raise not_required("pair")
            exchange.state.instrument(self._leg, symbol)
            return [symbol]
        if pair is None or self._leg is Leg.UM:
            raise missing("symbol")
        return [
            s for (leg, s), i in exchange.state.instruments.items() if leg is self._leg and i.pair == pair
        ]

    def all_orders(self, exchange: SimulatedExchange, call: Call) -> Any:
        """GET allOrders: from `orderId` on, or the newest of the window; oldest first."""
        names = {"symbol", "pair", "orderId", "startTime", "endTime", "limit"}
        check_names(call.parameters, frozenset(names))
        rows = limit(call.parameters, *((50, 100) if self._leg is Leg.CM else (500, 1000)))
        now = exchange.state.clock()
        start, end = window(call.parameters, now, 7 * DAY_MS)
        from_id = integer(call.parameters, "orderId")
        account = exchange.account(call.account)
        found = [
            order
            for symbol in self._symbols(exchange, call)
            for order in account.orders.get((self._leg, symbol), {}).values()
            if is_visible(order, now)
            and (order.order_id >= from_id if from_id is not None else start <= order.created_ms <= end)
        ]
        found.sort(key=lambda order: order.order_id)
        page = found[:rows] if from_id is not None else found[-rows:]
        return [self._row(exchange, order) for order in page]

    def trades(self, exchange: SimulatedExchange, call: Call) -> Any:
        """GET userTrades: from `fromId` on, or the newest of the window; oldest first."""
        names = {"symbol", "pair", "startTime", "endTime", "fromId", "limit"}
        check_names(call.parameters, frozenset(names))
        coin = self._leg is Leg.CM
        rows = limit(call.parameters, 50 if coin else 500, 1000)
        start, end = window(call.parameters, exchange.state.clock(), DAY_MS if coin else 7 * DAY_MS)
        account = exchange.account(call.account)
        trades = [
            trade
            for symbol in self._symbols(exchange, call)
            for trade in account.trades.get((self._leg, symbol), ())
        ]
        page = select_trades(call, trades, start, end, rows)
        return [
            replies.futures_trade(trade, exchange.state.instruments[self._leg, trade.symbol])
            for trade in page
        ]

    def amendments(self, exchange: SimulatedExchange, call: Call) -> Any:
        """GET orderAmendment of one order, or of every order of the symbol; newest first."""
        names = {"symbol", "orderId", "origClientOrderId", "startTime", "endTime", "limit"}
        check_names(call.parameters, frozenset(names))
        symbol = mandatory(call.parameters, "symbol")
        instrument = exchange.state.instrument(self._leg, symbol)
        rows = limit(call.parameters, *((50, 100) if self._leg is Leg.CM else (500, 1000)))
        timed = "startTime" in call.parameters or "endTime" in call.parameters
        now = exchange.state.clock()
        start, end = window(call.parameters, now, 90 * DAY_MS) if timed else (0, now)
        found = [
            row
            for order in self._named(exchange, call, symbol)
            for row in replies.amendments(order, instrument)
            if start <= row["time"] <= end
        ]
        found.sort(key=lambda row: int(row["amendmentId"]), reverse=True)
        return found[:rows]

    def _named(self, exchange: SimulatedExchange, call: Call, symbol: str) -> list[Order]:
        """Return the order that the call names, or all of the symbol when it names none; raises -2013."""
        account = exchange.account(call.account)
        if "orderId" not in call.parameters and "origClientOrderId" not in call.parameters:
            return list(account.orders.get((self._leg, symbol), {}).values())
        order = account.find(self._leg, symbol, *order_identity(call.parameters))
        if order is None:
            raise no_such_order()
        return [order]


def select_trades(call: Call, trades: Iterable[Trade], start: int, end: int, rows: int) -> list[Trade]:
    """Return one page of `trades`; raises -1128 when `fromId` comes with times."""
    from_id = integer(call.parameters, "fromId")
    ordered = sorted(trades, key=lambda trade: trade.trade_id)
    if from_id is None:
        return [trade for trade in ordered if start <= trade.time_ms <= end][-rows:]
    if "startTime" in call.parameters or "endTime" in call.parameters:
        raise VenueRefusal(-1128, "Combination of optional parameters invalid.")
    return [trade for trade in ordered if trade.trade_id >= from_id][:rows]
