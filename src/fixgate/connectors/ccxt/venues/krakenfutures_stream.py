"""Kraken Futures' `open_orders` and `fills` feeds, read whole.

ccxt takes the second word about an order for a trade and reckons with it; it forgets client order ids, and
looks for a canceled order among those that it has seen. Here each word is the order's state.

Source: Kraken Futures WebSocket API, "Open orders", "Fills"; ccxt.pro 4.5.90 `krakenfutures.handle_order`.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

FULL_FILL = "full_fill"
TRIGGERED = "stop_order_triggered"
"""The waiting order is off the feed; what it becomes is told of as an order, or by its fills alone."""

REJECTIONS = frozenset(
    {
        "not_enough_margin",
        "market_inactive",
        "would_execute_self",
        "would_not_reduce_position",
        "ioc_order_failed_because_it_would_not_be_executed",
        "post_order_failed_because_it_would_filled",
        "post_order_failed_because_it_would_be_filled",
    }
)
"""Why an order that never was on the book was refused."""

KEPT = 10_000


def text(number: Any) -> str | None:
    """Return an int, a float or text as plain decimal text, without an exponent."""
    return None if number is None else format(Decimal(str(number)), "f")


def prepare(exchange: Any) -> None:
    """Have an exchange object of ccxt's class `krakenfutures` read its feeds by `Feeds`."""
    if not hasattr(exchange, "handle_order_snapshot"):
        return  # without streams
    feeds = Feeds(exchange)
    exchange.handle_order = feeds.order
    exchange.handle_order_snapshot = feeds.snapshot
    exchange.handle_my_trades = feeds.fills


class Feeds:
    """Reads the feeds' messages into the exchange object's `orders` and `myTrades`. Event loop only."""

    def __init__(self, exchange: Any) -> None:
        self._exchange = exchange
        self._words: dict[str, dict[str, Any]] = {}

    def snapshot(self, client: Any, message: Mapping[str, Any]) -> None:
        """Take the open orders as they are. What is missing among them is left to the next comparison: the
        feed does not say whether it was filled or canceled."""
        for order in message.get("orders") or ():
            self._take(client, order, "open", "")

    def order(self, client: Any, message: Mapping[str, Any]) -> None:
        reason = str(message.get("reason") or "")
        words = message.get("order") or {name: message[name] for name in _NAMES if message.get(name)}
        status = "open"
        if message.get("is_cancel") and reason != TRIGGERED:
            status = "closed" if reason == FULL_FILL else "rejected" if reason in REJECTIONS else "canceled"
        self._take(client, words, status, reason)

    def fills(self, client: Any, message: Mapping[str, Any]) -> None:
        exchange = self._exchange
        if exchange.myTrades is None:
            exchange.myTrades = _cache(exchange, "tradesLimit")
        symbols = set()
        for fill in message.get("fills") or ():
            trade = self._trade(fill)
            symbols.add(trade["symbol"])
            exchange.myTrades.append(trade)
        _tell(client, exchange.myTrades, "myTrades", symbols)

    def _take(self, client: Any, words: Mapping[str, Any], status: str, reason: str) -> None:
        order_id = str(words["order_id"])
        known = {**self._words.pop(order_id, {}), **words}
        if status == "open":
            self._words[order_id] = known
            if len(self._words) > KEPT:
                del self._words[next(iter(self._words))]
        if "instrument" not in known:
            return  # the end of an order from before this connection: a comparison finds it
        exchange = self._exchange
        if exchange.orders is None:
            exchange.orders = _cache(exchange, "ordersLimit")
        order = self._order(known, status, reason)
        exchange.orders.append(order)
        _tell(client, exchange.orders, "orders", {order["symbol"]})

    def _order(self, words: Mapping[str, Any], status: str, reason: str) -> dict[str, Any]:
        filled, rest = Decimal(str(words.get("filled") or 0)), Decimal(str(words.get("qty") or 0))
        total = filled + rest
        if status == "closed":
            filled = total
        kind = str(words.get("type") or "")
        stop = text(words.get("stop_price") or None)
        takes_profit = kind.startswith("take_profit")
        exchange = self._exchange
        parsed: dict[str, Any] = exchange.safe_order(
            {
                "id": words["order_id"],
                "clientOrderId": words.get("cli_ord_id"),
                "info": dict(words) | {"reason": reason},
                "timestamp": words.get("time"),
                "lastUpdateTimestamp": words.get("last_update_time") or words.get("time"),
                "symbol": exchange.safe_symbol(words["instrument"]),
                "type": "limit" if words.get("limit_price") else "market",
                "side": "buy" if words.get("direction") in (0, "buy") else "sell",
                "price": text(words.get("limit_price") or None),
                "triggerPrice": stop,
                "stopLossPrice": None if takes_profit else stop,
                "takeProfitPrice": stop if takes_profit else None,
                "amount": text(total),
                "filled": text(filled),
                "status": status,
                "reduceOnly": words.get("reduce_only"),
                "fee": None,
                "trades": None,
            }
        )
        if not words.get("limit_price"):
            parsed["price"] = None  # ccxt puts the average there
        return parsed

    def _trade(self, fill: Mapping[str, Any]) -> dict[str, Any]:
        exchange, kind = self._exchange, str(fill.get("fill_type") or "")
        market = exchange.safe_market(fill["instrument"])
        paid = text(fill.get("fee_paid"))
        parsed: dict[str, Any] = exchange.safe_trade(
            {
                "id": fill["fill_id"],
                "order": fill["order_id"],
                "clientOrderId": fill.get("cli_ord_id"),
                "info": dict(fill),
                "timestamp": fill["time"],
                "datetime": exchange.iso8601(fill["time"]),
                "symbol": market["symbol"],
                "side": "buy" if fill["buy"] else "sell",
                "takerOrMaker": next((role for role in ("taker", "maker") if kind.startswith(role)), None),
                "price": text(fill["price"]),
                "amount": text(fill["qty"]),
                "fee": paid and {"cost": paid, "currency": exchange.safe_currency_code(fill["fee_currency"])},
            },
            market,
        )
        return parsed


_NAMES = ("order_id", "cli_ord_id")


def _cache(exchange: Any, limit: str) -> Any:
    from ccxt.async_support.base.ws.cache import ArrayCacheBySymbolById  # noqa: PLC0415

    return ArrayCacheBySymbolById(exchange.safe_integer(exchange.options, limit, 1000))


def _tell(client: Any, cache: Any, name: str, symbols: set[str]) -> None:
    if symbols:
        client.resolve(cache, name)
    for symbol in symbols:
        client.resolve(cache, f"{name}:{symbol}")
