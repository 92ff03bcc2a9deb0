"""Kraken: spot is ccxt's class `kraken`, perps and dated futures are `krakenfutures`, with keys, hosts and
ids of their own. One translator, which goes by the market's type.

- Spot: a stop is `stopLossPrice` or `takeProfitPrice`; ccxt takes `triggerPrice` for nothing at all and
  sends a market order. Post-only is `postOnly` without a time in force. Client order ids have at most 18
  characters.
- Futures: a stop is `triggerPrice`, with `orderType` for a take-profit; `stopLossPrice` would make it
  reduce-only. Immediate-or-cancel is `ioc` in lower case (`IOC` would rest), fill-or-kill an `orderType`. A
  market order is the venue's own immediate-or-cancel, one percent through the book.

Source: Kraken REST API, AddOrder; Kraken Futures API v3, sendorder; ccxt 4.5.90 `kraken`, `krakenfutures`.
"""

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from fixgate.connectors.ccxt.translator import Call, Market, Meaning, Verdict
from fixgate.connectors.ccxt.venues import kraken_stream, krakenfutures
from fixgate.connectors.ccxt.venues.kraken_codes import CODES, known_prefix
from fixgate.connectors.ccxt.venues.unified import STOP_PRICES, UnifiedVenue, is_post_only, unsupported
from fixgate.model.enums import OrderType, OrdRejReason, TimeInForce
from fixgate.model.execution import ErrorCode, MarginMode, MarketType
from fixgate.model.refusal import Refused
from fixgate.model.venue import CancelAtVenue, QueryAtVenue, SubmitOrder

SPOT, FUTURES = "kraken", "krakenfutures"

MAX_CLIENT_ID = 18
"""Characters of a spot client order id that is no UUID. Futures take 100."""

CLOCK_MARGIN_MS = 60_000
"""How far the venue's clock may be behind ours: trades are asked for from before the order was made."""

FUTURES_TAKE_PROFITS = frozenset({OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT})

_FAILED = re.compile(r"failed due to (\w+)")
"""How ccxt tells a `sendStatus` or `cancelStatus` of Kraken Futures."""


class Kraken(UnifiedVenue):
    exchange = "kraken"
    title = "Kraken"
    codes = CODES

    def ccxt_class(self, market_type: MarketType) -> str:
        return FUTURES if market_type.is_perp else SPOT

    def prepare(self, exchange: Any) -> None:
        if exchange.id == FUTURES:
            krakenfutures.prepare(exchange)
        else:
            kraken_stream.prepare(exchange)

    def code_of(self, error: Exception) -> str:
        text = str(error)
        if found := _FAILED.search(text):
            return found.group(1)
        return known_prefix(_code_in(text))

    def meaning_of(self, error: Exception) -> Meaning | None:
        """A word of Kraken Futures' about an order that stands in no table is neither yes nor no."""
        known = super().meaning_of(error)
        if known is None and _FAILED.search(str(error)):
            return Meaning(Verdict.UNKNOWN, ErrorCode.EXCHANGE_ERROR)
        return known

    # Orders

    def client_order_id(self, number: int) -> str:
        name = f"fg{number}"
        if len(name) > MAX_CLIENT_ID:
            raise Refused(
                OrdRejReason.OTHER,
                f"client order id {name!r} has {len(name)} characters; Kraken takes {MAX_CLIENT_ID}",
            )
        return name

    def parameters(self, order: SubmitOrder, market: Market, last: Decimal | None) -> dict[str, Any]:
        params: dict[str, Any] = {"clientOrderId": order.client_order_id}
        if market.market_type.is_perp:
            return params | self._futures(order, market)
        if order.order_type in STOP_PRICES:
            params[STOP_PRICES[order.order_type]] = self.stop_price(order, market)
        elif is_post_only(order):
            params["postOnly"] = True
        elif order.order_type is OrderType.LIMIT:
            params["timeInForce"] = str(order.time_in_force)
        return params

    def _futures(self, order: SubmitOrder, market: Market) -> dict[str, Any]:
        params: dict[str, Any] = {}
        if order.order_type in STOP_PRICES:
            params["triggerPrice"] = self.stop_price(order, market)
            if order.order_type in FUTURES_TAKE_PROFITS:
                params["orderType"] = "take_profit"
        elif is_post_only(order):
            params["postOnly"] = True
        elif order.time_in_force is TimeInForce.IOC:
            params["timeInForce"] = "ioc"
        elif order.time_in_force is TimeInForce.FOK:
            params["orderType"] = "fok"
        if order.attributes.reduce_only:
            params["reduceOnly"] = True
        return params

    # Orders that are there

    def cancel(self, request: CancelAtVenue, market: Market) -> Call:
        if request.venue_order_id:
            return Call("cancel_order", (request.venue_order_id, market.symbol))
        if market.market_type.is_perp:
            return Call("cancel_by_client_order_id", (request.client_order_id, market.symbol))
        return Call("cancel_order", (None, market.symbol, {"clientOrderId": request.client_order_id}))

    def query(self, request: QueryAtVenue, market: Market) -> Sequence[Call]:
        if market.market_type.is_perp:
            return self._futures_query(request, market)
        if request.venue_order_id:
            return [Call("fetch_order", (request.venue_order_id, market.symbol, {"trades": "true"}))]
        named = {"clientOrderId": request.client_order_id}
        return [
            Call("fetch_open_orders", (market.symbol, None, None, dict(named))),
            Call("fetch_closed_orders", (market.symbol, None, None, dict(named))),
        ]

    def _futures_query(self, request: QueryAtVenue, market: Market) -> Sequence[Call]:
        """Order status knows open orders and what ended in the last five seconds; the history knows the rest,
        somewhat later."""
        wanted = {"clientOrderId": request.client_order_id, "since": _since(request)}
        named: dict[str, Any] = {"cliOrdIds": request.client_order_id}
        if request.venue_order_id:
            named = {"orderIds": [request.venue_order_id]}
            wanted["id"] = request.venue_order_id
        return [
            Call("fetch_orders", (market.symbol, None, None, named)),
            Call("fetch_open_orders", (market.symbol,)),
            Call("fetch_ended_orders", (market.symbol, wanted)),
        ]

    def trades(self, request: QueryAtVenue, market: Market) -> Call:
        """Neither side lists trades by order. Futures lists the last hundred."""
        since = None if market.market_type.is_perp else _since(request)
        return Call("fetch_my_trades", (market.symbol, since))

    def open_orders(self, market_type: MarketType, symbol: str | None) -> Sequence[Call]:
        return [Call("fetch_open_orders", (symbol,))]

    # Perps: the Perps DMA API has no row for Kraken.

    def leverage(self, market: Market) -> Call:
        raise unsupported("Kraken does not support leverage")

    def set_leverage(self, market: Market, leverage: Decimal) -> Call:
        raise unsupported("Kraken does not support leverage")

    def set_margin_mode(self, market: Market, mode: MarginMode, leverage: Decimal | None) -> Call:
        raise unsupported("Kraken does not support margin mode")

    def positions(self, market_type: MarketType, symbol: str | None) -> Sequence[Call]:
        raise unsupported("Kraken does not support positions")

    def funding(self, market: Market | None, since_ms: int | None, limit: int | None) -> Call:
        raise unsupported("Kraken does not support funding history")


def _since(request: QueryAtVenue) -> int | None:
    """Return the venue's time, in milliseconds, before which the order was surely not there."""
    return max(request.born_ns // 1_000_000 - CLOCK_MARGIN_MS, 0) or None


def _code_in(text: str) -> str:
    """Return the error code in the venue's answer, which ccxt puts behind the exchange's name."""
    try:
        answer = json.loads(text[text.index("{") :])
    except ValueError:
        return ""
    errors = answer.get("errors") or answer.get("error")
    first = errors[0] if isinstance(errors, list) and errors else errors
    if isinstance(first, dict):
        first = first.get("message")
    return first if isinstance(first, str) else ""


TRANSLATOR = Kraken()
