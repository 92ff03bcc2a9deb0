"""Kraken spot's `executions` channel, read whole.

ccxt takes a batch for trades or for orders by its first element, so that a trade never moves its order and
half of a mixed batch is lost; it drops `cl_ord_id` and the filled quantity, and it looks for an order's
earlier words under the symbol that the later ones leave out. Here every element is an order's state, and a
trade as well where it says so.

Source: Kraken WebSocket API v2, "Executions"; ccxt.pro 4.5.90 `kraken.handle_message`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from fixgate.connectors.ccxt.venues.krakenfutures_stream import text

ENDED = frozenset({"filled", "canceled", "expired"})
"""The order states after which nothing more is said."""

_STATES = {"filled": "closed", "canceled": "canceled", "expired": "expired"}
"""ccxt's words for them; every other state is open."""

TRADE = "trade"

TRIGGERED = "triggered"

TOUCHED = frozenset({"stopped", "touched"})
"""What `misc` says of a stop or take-profit order whose price has come."""

TOKEN_MARGIN_MS = 300_000
"""How long before its end a token is not used any more: it must still be good when the connection is
opened."""

KEPT = 10_000
"""Orders of which the earlier words are remembered. An order past that is told by its later words alone."""


def prepare(exchange: Any) -> None:
    """Have an exchange object of ccxt's class `kraken` read executions by `Executions`, and find a market
    by the name that orders and trades carry, whoever loaded the markets."""
    exchange.find_market_by_altname_or_id = lambda name: (
        _by_altname(exchange).get(name) or exchange.safe_market(name)
    )
    exchange.parse_order = _working(exchange.parse_order)
    if not hasattr(exchange, "handle_orders"):
        return  # without streams
    _prepare_token(exchange)
    reader = Executions(exchange)
    exchange.handle_orders = reader.take
    exchange.handle_my_trades = reader.take


def _working(parse: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Say of a stop whose price has come that it is working: its state is `open` before and after."""

    def parse_order(order: Mapping[str, Any], market: Any = None) -> dict[str, Any]:
        parsed = parse(order, market)
        if TOUCHED & set(str(order.get("misc") or "").split(",")):
            parsed["info"] = {**parsed["info"], "isWorking": True}
        return parsed

    return parse_order


def _prepare_token(exchange: Any) -> None:
    """Keep the streams' token in the exchange object. ccxt keeps it with a connection to version 1 of the API
    that it never opens, so that not every connection ever stands."""
    kept: dict[str, Any] = {}

    async def authenticate(params: Any = None) -> str:
        now = exchange.milliseconds()
        if not kept or now >= kept["until_ms"]:
            answer = await exchange.privatePostGetWebSocketsToken(params or {})
            lifetime = exchange.safe_integer(answer["result"], "expires", 0) * 1000
            kept.update(token=answer["result"]["token"], until_ms=now + lifetime - TOKEN_MARGIN_MS)
        return str(kept["token"])

    exchange.authenticate = authenticate


class Executions:
    """Reads the channel's messages into the exchange object's `orders` and `myTrades`. Event loop only."""

    def __init__(self, exchange: Any) -> None:
        self._exchange = exchange
        self._words: dict[str, dict[str, Any]] = {}

    def take(self, client: Any, message: Mapping[str, Any]) -> None:
        """Take one message of the channel, snapshot or update."""
        exchange = self._exchange
        orders, trades = _caches(exchange)
        told_orders: set[str] = set()
        told_trades: set[str] = set()
        for element in message.get("data") or ():
            order = self._order(element)
            orders.append(order)
            told_orders.add(order["symbol"])
            if element.get("exec_type") == TRADE:
                trade = self._trade(element)
                trades.append(trade)
                told_trades.add(trade["symbol"])
        for name, cache, symbols in (("orders", orders, told_orders), ("myTrades", trades, told_trades)):
            if symbols:
                client.resolve(cache, name)
            for symbol in symbols:
                client.resolve(cache, f"{name}:{symbol}")

    def _order(self, element: Mapping[str, Any]) -> dict[str, Any]:
        """Return an order as ccxt tells it, from all that has been said about it."""
        order_id = str(element["order_id"])
        words = {**self._words.pop(order_id, {}), **element}
        if words.get("order_status") not in ENDED:
            self._words[order_id] = words
            if len(self._words) > KEPT:
                del self._words[next(iter(self._words))]
        exchange = self._exchange
        triggers = words.get("triggers") or {}
        trigger = triggers.get("price") or words.get("stop_price") or None
        if words.get("order_status") == TRIGGERED or triggers.get("status") == TRIGGERED:
            words["isWorking"] = True
        kind = str(words.get("order_type") or "")
        at_ms = exchange.parse8601(words.get("timestamp"))
        parsed: dict[str, Any] = exchange.safe_order(
            {
                "id": order_id,
                "clientOrderId": words.get("cl_ord_id"),
                "info": words,
                "timestamp": at_ms,
                "datetime": words.get("timestamp"),
                "lastUpdateTimestamp": at_ms,
                "status": _STATES.get(str(words.get("order_status")), "open"),
                "symbol": self._symbol(words),
                "type": exchange.parse_order_type(kind),
                "timeInForce": words.get("time_in_force"),
                "postOnly": words.get("post_only"),
                "side": words.get("side"),
                "price": text(words.get("limit_price")) if kind.endswith("limit") else None,
                "triggerPrice": text(trigger),
                "stopLossPrice": text(trigger) if kind.startswith("stop-loss") else None,
                "takeProfitPrice": text(trigger) if kind.startswith("take-profit") else None,
                "amount": text(words.get("order_qty")),
                "filled": text(words.get("cum_qty")),
                "cost": text(words.get("cum_cost")),
                "average": text(words.get("avg_price") or None),
                "fee": None,
                "trades": None,
            }
        )
        if not kind.endswith("limit"):
            parsed["price"] = None  # ccxt puts the average there
        return parsed

    def _trade(self, element: Mapping[str, Any]) -> dict[str, Any]:
        exchange = self._exchange
        fee = next(iter(element.get("fees") or ()), None)
        at_ms = exchange.parse8601(element.get("timestamp"))
        parsed: dict[str, Any] = exchange.safe_trade(
            {
                "id": element.get("exec_id"),
                "order": element.get("order_id"),
                "clientOrderId": element.get("cl_ord_id"),
                "info": dict(element),
                "timestamp": at_ms,
                "datetime": element.get("timestamp"),
                "symbol": self._symbol(element),
                "type": element.get("order_type"),
                "side": element.get("side"),
                "takerOrMaker": {"t": "taker", "m": "maker"}.get(str(element.get("liquidity_ind"))),
                "price": text(element.get("last_price")),
                "amount": text(element.get("last_qty")),
                "cost": text(element.get("cost")),
                "fee": fee
                and {"cost": text(fee["qty"]), "currency": exchange.safe_currency_code(fee["asset"])},
            }
        )
        return parsed

    def _symbol(self, words: Mapping[str, Any]) -> str:
        """Return the unified symbol of the channel's own, which is the same but for a few assets' names."""
        own = str(words.get("symbol") or "")
        exchange = self._exchange
        if own in exchange.markets or not own:
            return own
        base, _, quote = own.partition("/")
        return f"{exchange.safe_currency_code(base)}/{exchange.safe_currency_code(quote)}"


def _caches(exchange: Any) -> tuple[Any, Any]:
    """Return the exchange object's caches of orders and trades, as ccxt makes them."""
    from ccxt.async_support.base.ws.cache import ArrayCacheBySymbolById  # noqa: PLC0415

    if exchange.orders is None:
        exchange.orders = ArrayCacheBySymbolById(exchange.safe_integer(exchange.options, "ordersLimit", 1000))
    if exchange.myTrades is None:
        exchange.myTrades = ArrayCacheBySymbolById(
            exchange.safe_integer(exchange.options, "tradesLimit", 1000)
        )
    return exchange.orders, exchange.myTrades


def _by_altname(exchange: Any) -> Any:
    """Return the markets by Kraken's `altname`, made once for each reading of them."""
    markets, index = exchange.__dict__.get("_markets_by_altname", (None, {}))
    if markets is not exchange.markets:
        index = {each["info"]["altname"]: each for each in exchange.markets.values()}
        exchange.__dict__["_markets_by_altname"] = (exchange.markets, index)
    return index
