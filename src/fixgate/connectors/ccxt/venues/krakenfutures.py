"""What ccxt's class `krakenfutures` does wrong, or not at all, for orders.

- A `sendStatus` that it does not know passes for an order without an id; here everything but a yes is an
  error.
- Order status and cancel by the client order id send no id, or `None`.
- Its lists of closed and canceled orders take each placed order for one of them; here an order's events are
  folded into its last state.
- Its fills have a fee of its own reckoning, and no amount on inverse contracts.

Source: Kraken Futures API v3, "Send order", "Historical events"; ccxt 4.5.90 `krakenfutures`.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from fixgate.connectors.ccxt.venues import krakenfutures_stream

PLACED = frozenset({"placed", "filled", "partiallyFilled"})
CANCELED = frozenset({"cancelled"})
EDITED = frozenset({"edited"})

_GOOD: Mapping[str, frozenset[str]] = {"createOrder": PLACED, "cancelOrder": CANCELED, "editOrder": EDITED}
"""The words that mean yes, by ccxt's method. Any other is an error; what it means the codes say."""


def prepare(exchange: Any) -> None:
    """Mend an exchange object of ccxt's class `krakenfutures`."""
    exchange.verify_order_action_success = _checked(exchange.verify_order_action_success)
    exchange.parse_trade = _exact_trade(exchange.parse_trade)
    exchange.parse_order = _whole_order(exchange.parse_order)

    async def cancel_by_client_order_id(client_order_id: str, symbol: str) -> Any:
        answer = await exchange.privatePostCancelorder({"cliOrdId": client_order_id})
        status = answer.get("cancelStatus") or {}
        exchange.verify_order_action_success(status.get("status"), "cancelOrder")
        return exchange.parse_order(status, exchange.market(symbol))

    async def fetch_ended_orders(symbol: str, wanted: Mapping[str, Any]) -> list[Any]:
        asked = {"tradeable": exchange.market(symbol)["id"]}
        if wanted.get("since"):
            asked["since"] = wanted["since"]
        elements: list[Mapping[str, Any]] = []
        for ask in (exchange.historyGetOrders, exchange.historyGetTriggers):
            elements += (await ask(dict(asked))).get("elements") or ()
        return [
            _order_of(exchange, state)
            for state in fold(elements)
            if wanted.get("id") in (None, state.order["uid"])
            and (wanted.get("id") or state.order.get("clientId") == wanted["clientOrderId"])
        ]

    exchange.cancel_by_client_order_id = cancel_by_client_order_id
    exchange.fetch_ended_orders = fetch_ended_orders
    krakenfutures_stream.prepare(exchange)


def _checked(check: Callable[..., None]) -> Callable[..., None]:
    def verify(status: str | None, method: str, omit: object = ()) -> None:
        if status is None or status in _GOOD.get(method, PLACED):
            return
        check(status, method, [])
        from ccxt.base.errors import InvalidOrder  # noqa: PLC0415

        raise InvalidOrder(f"krakenfutures: {method} failed due to {status}")

    return verify


def _exact_trade(parse: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def parse_trade(trade: Mapping[str, Any], market: Any = None) -> dict[str, Any]:
        parsed = parse(trade, market)
        amount = next((trade[name] for name in ("size", "amount", "quantity") if name in trade), None)
        kind = str(trade.get("fillType") or "")
        return parsed | {
            "amount": None if amount is None else krakenfutures_stream.text(amount),
            "clientOrderId": trade.get("cliOrdId"),
            "takerOrMaker": next((role for role in ("taker", "maker") if kind.startswith(role)), None),
            "fee": None,
            "fees": [],
        }

    return parse_trade


def _whole_order(parse: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Add what ccxt leaves out: the limit price, which kind of stop it is, and that what an immediate order
    does not trade at once is gone."""

    def parse_order(order: Mapping[str, Any], market: Any = None) -> dict[str, Any]:
        parsed = parse(order, market)
        inner = order.get("order") or order
        limit = krakenfutures_stream.text(inner.get("limitPrice"))
        kind = _stop_kind(inner)
        if parsed["status"] == "open" and (
            kind or str(inner.get("orderType") or inner.get("type")) in _RESTING
        ):
            parsed["price"] = limit
            parsed["type"] = "market" if limit is None else "limit"
        if kind and parsed["triggerPrice"] is not None:
            parsed[kind] = parsed["triggerPrice"]
        executed = any(event.get("type") == "EXECUTION" for event in order.get("orderEvents") or ())
        if executed and parsed["timeInForce"] == "ioc" and parsed["status"] == "open":
            parsed["status"] = "canceled"
        return parsed

    return parse_order


_RESTING = frozenset({"lmt", "post", "ORDER"})
"""How an order that is open, and does not wait for a price, is called by the list of open orders and by order
status. A market order is never open."""


def _stop_kind(order: Mapping[str, Any]) -> str:
    """Return ccxt's name for the trigger price of an order that waits for it; empty for any other."""
    word = str(order.get("orderType") or "")
    if word in ("stop", "take_profit"):
        return "stopLossPrice" if word == "stop" else "takeProfitPrice"
    side = str((order.get("priceTriggerOptions") or {}).get("triggerSide") or "").lower()
    if not side:
        return ""
    rises = side == "trigger_above"
    return "stopLossPrice" if rises == (order.get("side") == "buy") else "takeProfitPrice"


class State(NamedTuple):
    """An order's state after its last event in the history."""

    at_ms: int
    status: str
    order: Mapping[str, Any]


_EVENTS: Mapping[str, tuple[str, str]] = {
    "OrderTriggerPlaced": ("order", "open"),
    "OrderTriggerUpdated": ("newOrder", "open"),
    "OrderTriggerActivated": ("order", "open"),
    "OrderTriggerCancelled": ("order", "canceled"),
    "OrderPlaced": ("order", "open"),
    "OrderUpdated": ("newOrder", "open"),
    "OrderEdited": ("newOrder", "open"),
    "OrderRejected": ("order", "rejected"),
    "OrderCancelled": ("order", "canceled"),
}
"""Event -> where its order is, and the state that it leaves. `quantity` is what has not traded yet: an
order with none left is closed."""


def fold(elements: list[Mapping[str, Any]]) -> list[State]:
    """Return the last state of each order that the history tells of. Of events at one time the ending one
    counts."""
    last: dict[str, State] = {}
    for element in elements:
        for name, body in element["event"].items():
            where, status = _EVENTS.get(name, ("", ""))
            order = body.get(where) if status else None
            if not order:
                continue
            if status == "open" and _number(order, "filled") and not _number(order, "quantity"):
                status = "closed"
            state = State(int(element["timestamp"]), status, order)
            known = last.get(order["uid"])
            if known is None or (known.at_ms, known.status != "open") < (state.at_ms, status != "open"):
                last[order["uid"]] = state
    return list(last.values())


def _order_of(exchange: Any, state: State) -> dict[str, Any]:
    order, total = state.order, _number(state.order, "quantity") + _number(state.order, "filled")
    symbol = exchange.safe_symbol(order.get("tradeable"))
    parsed: dict[str, Any] = exchange.safe_order(
        {
            "id": order["uid"],
            "clientOrderId": order.get("clientId") or None,
            "info": dict(order),
            "timestamp": int(order["timestamp"]),
            "lastUpdateTimestamp": state.at_ms,
            "symbol": symbol,
            "type": exchange.parse_order_type(str(order.get("orderType") or "").lower()),
            "side": str(order.get("direction") or "").lower(),
            "price": krakenfutures_stream.text(order.get("limitPrice") or None),
            "amount": format(total, "f"),
            "filled": krakenfutures_stream.text(order.get("filled", "0")),
            "status": state.status,
            "reduceOnly": order.get("reduceOnly"),
            "fee": None,
            "trades": None,
        }
    )
    return parsed


def _number(order: Mapping[str, Any], name: str) -> Decimal:
    return Decimal(str(order.get(name) or 0))
