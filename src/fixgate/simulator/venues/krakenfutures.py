"""Kraken Futures' dialect: REST v3, the history API, and the `open_orders` and `fills` feeds.

Perps on dollars stand on the matching engine's markets in USDT, which is called USD here. Source: Kraken
Futures API v3 and WebSocket API. Signatures: Authent is HMAC-SHA512, with the decoded secret, of SHA-256 of
the query and the path behind `/derivatives`.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import msgspec

from fixgate.simulator.venues.dialect import Answer, Request, Socket, VenueKey
from fixgate.simulator.venues.instruments import VenueMarket, market
from fixgate.simulator.venues.kraken import iso, plain, signed
from fixgate.simulator.venues.venue import Venue
from fixgate.simulator.venues.views import Happening, OrderView, Refusal, Status, Ticket, TradeView, Why


def _dollars(base: str, venue_id: str, tick: str, lot: str) -> VenueMarket:
    listed = market(f"{base}/USDT:USDT", venue_id, tick=tick, lot=lot)
    return msgspec.structs.replace(listed, unified=f"{base}/USD:USD")


MARKETS = (
    _dollars("BTC", "PF_XBTUSD", "1", "0.0001"),
    _dollars("ETH", "PF_ETHUSD", "0.1", "0.001"),
    _dollars("SOL", "PF_SOLUSD", "0.01", "0.01"),
    market("BTC/USD:BTC", "PI_XBTUSD", tick="0.5", lot="1"),
    market("ETH/USD:ETH", "PI_ETHUSD", tick="0.05", lot="1"),
)

STATUSES: Mapping[Why, str] = {
    Why.BALANCE: "insufficientAvailableFunds",
    Why.MARGIN: "insufficientAvailableFunds",
    Why.LEVERAGE: "maxPositionViolation",
    Why.DUPLICATE: "clientOrderIdAlreadyExist",
    Why.WOULD_TAKE: "postWouldExecute",
    Why.WOULD_TRIGGER: "invalidPrice",
    Why.REDUCE_ONLY: "wouldNotReducePosition",
    Why.PRICE: "invalidPrice",
    Why.QUANTITY: "invalidSize",
    Why.NOTIONAL: "tooManySmallOrders",
    Why.TOO_MANY: "tooManySmallOrders",
    Why.LIQUIDITY: "iocWouldNotExecute",
    Why.UNKNOWN_ORDER: "notFound",
}
_OTHER = "invalidOrderType"

_TYPES: Mapping[str, str] = {
    "mkt": "market",
    "lmt": "limit",
    "post": "limit",
    "ioc": "limit",
    "fok": "limit",
}
_STOPS = frozenset({"stp", "take_profit"})
_REMEMBERED_MS = 5_000
"""How long order status still knows an order that has ended."""
_SNAPSHOT_FILLS = 100
_CHALLENGE = "226aee50-88fc-4618-a42a-34f7709570b2"


def build(keys: Sequence[VenueKey], clock: Callable[[], int]) -> "KrakenFuturesDialect":
    return KrakenFuturesDialect(keys, Venue("krakenfutures", MARKETS, clock, one_order=True))


class KrakenFuturesDialect:
    hosts = ("futures.kraken.com", "demo-futures.kraken.com")

    def __init__(self, keys: Sequence[VenueKey], venue: Venue) -> None:
        self.venue = venue
        self.keys = tuple(keys)
        self._by_key = {key.api_key: key for key in keys}

    # REST

    def answer(self, request: Request) -> Answer:
        asked = request.parameters() if request.method != "PUT" else request.parameters() | request.form()
        path = request.path.removeprefix("/derivatives")
        public = self._public(path)
        if public is not None:
            return self._success(public)
        key = self._by_key.get(request.headers.get("APIKey", ""))
        digest = hashlib.sha256((request.query + path).encode()).digest()
        if key is None or not signed(key.api_secret, digest, request.headers.get("Authent", "")):
            return self._failure("authenticationError")
        routes: Mapping[str, Callable[[str, Request], dict[str, Any]]] = {
            "POST /api/v3/sendorder": self._send,
            "POST /api/v3/cancelorder": self._cancel,
            "GET /api/v3/orders/status": self._status,
            "GET /api/v3/openorders": self._open_orders,
            "GET /api/v3/fills": self._fills,
            "GET /api/v3/accounts": self._accounts,
            "GET /api/v3/openpositions": self._positions,
            "GET /api/history/v2/orders": self._history,
            "GET /api/history/v2/triggers": self._triggers,
        }
        route = routes.get(f"{request.method} {path}")
        if route is None:
            return self._failure("notFound", 404)
        try:
            return self._success(route(key.account, request))
        except Refusal as refusal:
            return self._failure("contractNotFound" if refusal.why is Why.SYMBOL else refusal.text)
        except (KeyError, ArithmeticError) as missing:
            return self._failure(f"requiredArgumentMissing: {missing} of {sorted(asked)}")

    def _public(self, path: str) -> dict[str, Any] | None:
        if path == "/api/v3/instruments":
            return {"instruments": [_instrument(each) for each in self.venue.markets]}
        if path == "/api/v3/tickers":
            return {"tickers": [self._ticker(each) for each in self.venue.markets]}
        symbol = path.removeprefix("/api/v3/tickers/").upper()
        found = next((each for each in self.venue.markets if each.venue_id == symbol), None)
        return {"ticker": self._ticker(found)} if found is not None else None

    def _success(self, body: dict[str, Any]) -> Answer:
        return Answer({"result": "success", "serverTime": iso(self.venue.clock())} | body)

    def _failure(self, error: str, status: int = 200) -> Answer:
        return Answer({"result": "error", "error": error, "serverTime": iso(self.venue.clock())}, status)

    def _send(self, account: str, request: Request) -> dict[str, Any]:
        asked = request.parameters()
        kind = asked["orderType"]
        if kind not in _TYPES and kind not in _STOPS:
            return {"sendStatus": {"status": _OTHER, "orderEvents": []}}
        limit = asked.get("limitPrice")
        try:
            view = self.venue.place(
                account,
                Ticket(
                    market=self.venue.market(asked["symbol"].upper()),
                    side=asked["side"].upper(),
                    kind=_TYPES.get(kind, "limit" if limit else "market"),
                    quantity=Decimal(asked["size"]),
                    price=Decimal(limit) if limit else None,
                    stop_price=Decimal(asked["stopPrice"]) if kind in _STOPS else None,
                    takes_profit=kind == "take_profit",
                    on_mark=asked.get("triggerSignal") == "mark",
                    time_in_force={"ioc": "IOC", "fok": "FOK"}.get(kind, "GTC"),
                    post_only=kind == "post",
                    reduce_only=asked.get("reduceOnly") == "true",
                    client_id=asked.get("cliOrdId", ""),
                ),
            )
        except Refusal as refusal:
            if refusal.why is Why.SYMBOL:
                raise
            return {"sendStatus": {"status": STATUSES.get(refusal.why, _OTHER), "orderEvents": []}}
        return {"sendStatus": self._sent(account, view)}

    def _sent(self, account: str, view: OrderView) -> dict[str, Any]:
        if not view.status.is_open and not view.filled:
            return {"status": "iocWouldNotExecute", "orderEvents": [], "order_id": name_of(view.order_id)}
        trades = self.venue.trades(account, view.market, order_id=view.order_id)
        events: list[dict[str, Any]] = [_executed(view, trade) for trade in trades]
        if view.status.is_open and not trades:
            events.append({"type": "PLACE", "reducedQuantity": None, **_placed(view)})
        return {
            "order_id": name_of(view.order_id),
            "status": "placed",
            "receivedTime": iso(view.created_ms),
            "orderEvents": events,
        }

    def _cancel(self, account: str, request: Request) -> dict[str, Any]:
        asked = request.parameters()
        try:
            if client_id := asked.get("cliOrdId"):
                view = self.venue.find(account, client_id=client_id)
            else:
                view = self.venue.find(account, order_id=number_of(asked["order_id"]))
            if view is None or not view.status.is_open:
                filled = view is not None and view.status is Status.FILLED
                return {"cancelStatus": {"status": "filled" if filled else "notFound"}}
            view = self.venue.cancel(account, order_id=view.order_id)
        except Refusal:
            return {"cancelStatus": {"status": "notFound"}}
        events = [{"type": "CANCEL", "uid": name_of(view.order_id), **_placed(view)}]
        return {
            "cancelStatus": {"status": "cancelled", "order_id": name_of(view.order_id), "orderEvents": events}
        }

    def _status(self, account: str, request: Request) -> dict[str, Any]:
        asked = parse_qs(request.query)
        ids, client_ids = asked.get("orderIds", []), asked.get("cliOrdIds", [])
        since = self.venue.clock() - _REMEMBERED_MS
        return {
            "orders": [
                _known(view)
                for view in self.venue.orders(account)
                if (name_of(view.order_id) in ids or view.client_id in client_ids)
                and (view.status.is_open or view.updated_ms >= since)
            ]
        }

    def _open_orders(self, account: str, _: Request) -> dict[str, Any]:
        return {"openOrders": [_open(view) for view in self.venue.open_orders(account)]}

    def _fills(self, account: str, _: Request) -> dict[str, Any]:
        trades = self.venue.trades(account)[-_SNAPSHOT_FILLS:]
        return {"fills": [_fill(trade) for trade in reversed(trades)]}

    def _accounts(self, account: str, _: Request) -> dict[str, Any]:
        currencies = {
            _dollar(row.asset): {
                "quantity": plain(row.total),
                "value": plain(row.total),
                "collateral": plain(row.total),
                "available": plain(row.free),
            }
            for row in self.venue.balances(account)
        }
        flex = {"type": "multiCollateralMarginAccount", "currencies": currencies}
        return {"accounts": {"flex": flex, "cash": {"type": "cashAccount", "balances": {}}}}

    def _positions(self, account: str, _: Request) -> dict[str, Any]:
        return {
            "openPositions": [
                {
                    "side": "long" if row.quantity > 0 else "short",
                    "symbol": row.market.venue_id,
                    "price": plain(row.entry_price),
                    "fillTime": iso(row.updated_ms),
                    "size": plain(abs(row.quantity)),
                    "unrealizedFunding": "0",
                    "unrealizedPnl": plain(row.unrealized),
                }
                for row in self.venue.positions(account)
            ]
        }

    def _history(self, account: str, request: Request) -> dict[str, Any]:
        """Return the events of orders on the book, newest first."""
        views = [view for view in self.venue.orders(account) if not view.held or view.filled]
        return self._elements(views, request, "Order")

    def _triggers(self, account: str, request: Request) -> dict[str, Any]:
        views = [view for view in self.venue.orders(account) if view.held and not view.filled]
        return self._elements(views, request, "OrderTrigger")

    def _elements(self, views: Sequence[OrderView], request: Request, prefix: str) -> dict[str, Any]:
        asked = request.parameters()
        since, wanted = int(asked.get("since", 0)), asked.get("tradeable")
        listed = [view for view in views if wanted in (None, view.market.venue_id)]
        elements = [element for view in listed for element in _events(view, prefix)]
        kept = [each for each in elements if int(each["timestamp"]) >= since]
        return {"elements": sorted(kept, key=lambda each: int(each["timestamp"]), reverse=True)}

    def _ticker(self, of: VenueMarket) -> dict[str, Any]:
        bid, ask = self.venue.best(of)
        return {
            "tag": "perpetual",
            "pair": of.unified.partition(":")[0].replace("/", ":"),
            "symbol": of.venue_id,
            "markPrice": plain(self.venue.mark(of)),
            "indexPrice": plain(self.venue.mark(of)),
            "bid": plain(bid),
            "bidSize": "1",
            "ask": plain(ask),
            "askSize": "1",
            "last": plain(self.venue.last(of)),
            "lastTime": iso(self.venue.clock()),
            "lastSize": "1",
            "open24h": plain(self.venue.last(of)),
            "vol24h": "1000",
            "openInterest": "1000",
            "suspended": False,
        }

    # WebSocket

    def opened(self, socket: Socket) -> None:
        socket.state["topics"] = []
        socket.send({"event": "info", "version": 1})

    def received(self, socket: Socket, message: str) -> None:
        asked = json.loads(message)
        event, feed = asked.get("event"), asked.get("feed")
        key = self._by_key.get(asked.get("api_key", ""))
        if event == "challenge":
            told = (
                {"message": _CHALLENGE}
                if key is not None
                else {"event": "error", "message": "Invalid API key"}
            )
            socket.send({"event": "challenge"} | told)
        elif event == "subscribe" and feed in ("open_orders", "open_orders_verbose", "fills"):
            digest = hashlib.sha256(str(asked.get("original_challenge")).encode()).digest()
            if key is None or not signed(key.api_secret, digest, str(asked.get("signed_challenge"))):
                socket.send({"event": "alert", "message": "Failed to subscribe to authenticated feed"})
                return
            socket.account = key.account
            socket.state["topics"].append(feed)
            socket.send({"event": "subscribed", "feed": feed})
            self._snapshot(socket, feed)
        else:
            socket.send({"event": "alert", "message": "Bad request"})

    def _snapshot(self, socket: Socket, feed: str) -> None:
        body: dict[str, Any] = {"feed": f"{feed}_snapshot", "account": socket.account}
        if feed == "fills":
            trades = self.venue.trades(socket.account)[-_SNAPSHOT_FILLS:]
            body["fills"] = [_fed_fill(trade) for trade in trades]
        else:
            body["orders"] = [_fed(view) for view in self.venue.open_orders(socket.account)]
        self._tell(socket, body)

    def happened(self, socket: Socket, happening: Happening) -> None:
        if happening.trade is not None and "fills" in socket.state["topics"]:
            self._tell(socket, {"feed": "fills", "username": "", "fills": [_fed_fill(happening.trade)]})
        if happening.order is not None:
            for feed in ("open_orders", "open_orders_verbose"):
                if feed in socket.state["topics"]:
                    self._tell(socket, {"feed": feed} | _fed_change(happening.order))

    def _tell(self, socket: Socket, body: Mapping[str, Any]) -> None:
        socket.send(_JSON.encode(body).decode())


_JSON = msgspec.json.Encoder(decimal_format="number")


def name_of(number: int) -> str:
    """Return an id as Kraken Futures makes them: a UUID, with the number in its last part."""
    return f"00000000-0000-4000-8000-{number:012x}"


def number_of(name: str) -> int:
    try:
        return int(name.rpartition("-")[2], 16)
    except ValueError:
        raise Refusal(Why.UNKNOWN_ORDER, name) from None


def _dollar(asset: str) -> str:
    return {"USDT": "USD", "BTC": "XBT"}.get(asset, asset)


def _instrument(of: VenueMarket) -> dict[str, Any]:
    return {
        "symbol": of.venue_id,
        "type": "futures_inverse" if of.inverse else "flexible_futures",
        "tickSize": plain(of.instrument.tick_size),
        "contractSize": plain(of.contract_size),
        "contractValueTradePrecision": -int(of.instrument.lot_size.normalize().as_tuple().exponent),
        "tradeable": True,
        "openingDate": "2022-01-01T00:00:00.000Z",
        "marginLevels": [{"contracts": 0, "initialMargin": "0.02", "maintenanceMargin": "0.01"}],
        "tags": [],
    }


def _type(view: OrderView) -> str:
    if view.kind == "market":
        return "ioc"
    return "post" if view.post_only else {"IOC": "ioc", "FOK": "fok"}.get(view.time_in_force, "lmt")


def _stop_kind(view: OrderView) -> str:
    return "take_profit" if view.takes_profit else "stop"


def _terms(view: OrderView) -> dict[str, Any]:
    return {
        "symbol": view.market.venue_id,
        "side": view.side.lower(),
        "quantity": plain(view.quantity),
        "filled": plain(view.filled),
        "limitPrice": plain(view.price) if view.kind == "limit" else None,
        "reduceOnly": view.reduce_only,
        "timestamp": iso(view.created_ms),
        "lastUpdateTimestamp": iso(view.updated_ms),
    }


def _placed(view: OrderView) -> dict[str, Any]:
    """Return an order as `orderEvents` tell it: one that waits is an `orderTrigger`."""
    if view.held and not view.filled:
        waits = {"triggerPrice": plain(view.stop_price), "triggerSignal": "last_price"}
        names = {"uid": name_of(view.order_id), "clientId": view.client_id or None, "type": _type(view)}
        return {"orderTrigger": names | _terms(view) | waits}
    names = {"orderId": name_of(view.order_id), "cliOrdId": view.client_id or None, "type": _type(view)}
    return {"order": names | _terms(view)}


def _executed(view: OrderView, trade: TradeView) -> dict[str, Any]:
    prior = _terms(view) | {
        "filled": "0",
        "orderId": name_of(view.order_id),
        "cliOrdId": view.client_id or None,
    }
    return {
        "type": "EXECUTION",
        "executionId": name_of(trade.trade_id),
        "price": plain(trade.price),
        "amount": plain(trade.quantity),
        "orderPriorEdit": None,
        "orderPriorExecution": prior | {"type": _type(view)},
        "takerReducedQuantity": None,
    }


_KNOWN: Mapping[Status, str] = {
    Status.HELD: "TRIGGER_PLACED",
    Status.OPEN: "ENTERED_BOOK",
    Status.FILLED: "FULLY_EXECUTED",
    Status.CANCELED: "CANCELLED",
    Status.EXPIRED: "CANCELLED",
    Status.REJECTED: "REJECTED",
}


def _known(view: OrderView) -> dict[str, Any]:
    kind = "TRIGGER_ORDER" if view.status is Status.HELD else "ORDER"
    order = {"type": kind, "orderId": name_of(view.order_id), "cliOrdId": view.client_id or None} | _terms(
        view
    )
    if view.held:
        above = view.is_buy != view.takes_profit
        order["priceTriggerOptions"] = {
            "triggerSide": "TRIGGER_ABOVE" if above else "TRIGGER_BELOW",
            "triggerPrice": plain(view.stop_price),
            "triggerSignal": "LAST_PRICE",
        }
    return {"order": order, "status": _KNOWN[view.status], "updateReason": None, "error": None}


def _open(view: OrderView) -> dict[str, Any]:
    row = {
        "order_id": name_of(view.order_id),
        "symbol": view.market.venue_id,
        "side": view.side.lower(),
        "orderType": _stop_kind(view) if view.held else "lmt",
        "unfilledSize": plain(view.remaining),
        "filledSize": plain(view.filled),
        "receivedTime": iso(view.created_ms),
        "lastUpdateTime": iso(view.updated_ms),
        "status": "partiallyFilled" if view.filled else "untouched",
        "reduceOnly": view.reduce_only,
    }
    if view.client_id:
        row["cliOrdId"] = view.client_id
    if view.kind == "limit":
        row["limitPrice"] = plain(view.price)
    if view.held:
        row |= {"stopPrice": plain(view.stop_price), "triggerSignal": "last"}
    return row


def _fill(trade: TradeView) -> dict[str, Any]:
    return {
        "fillTime": iso(trade.time_ms),
        "order_id": name_of(trade.order_id),
        "fill_id": name_of(trade.trade_id),
        "cliOrdId": trade.client_id or None,
        "symbol": trade.market.venue_id,
        "side": trade.side.lower(),
        "size": plain(trade.quantity),
        "price": plain(trade.price),
        "fillType": "maker" if trade.maker else "taker",
    }


def _events(view: OrderView, prefix: str) -> list[dict[str, Any]]:
    """Return what the history tells of an order: that it was placed, and how it ended."""

    def event(at_ms: int, name: str, where: str, **changes: str) -> dict[str, Any]:
        order = {
            "uid": name_of(view.order_id),
            "tradeable": view.market.venue_id,
            "direction": view.side.capitalize(),
            "quantity": plain(view.quantity - view.filled),
            "filled": plain(view.filled),
            "timestamp": str(view.created_ms),
            "limitPrice": plain(view.price),
            "orderType": _type(view),
            "clientId": view.client_id,
            "reduceOnly": view.reduce_only,
            "lastUpdateTimestamp": str(view.updated_ms),
        }
        body = {where: order | changes, "reason": ""}
        return {"uid": f"{name}-{view.order_id}", "timestamp": str(at_ms), "event": {name: body}}

    events = [event(view.created_ms, f"{prefix}Placed", "order", quantity=plain(view.quantity), filled="0")]
    if view.status is Status.FILLED or (view.status is Status.OPEN and view.filled):
        events.append(event(view.updated_ms, "OrderUpdated", "newOrder"))
    elif view.status in (Status.CANCELED, Status.EXPIRED):
        events.append(event(view.updated_ms, f"{prefix}Cancelled", "order"))
    return events


def _fed(view: OrderView) -> dict[str, Any]:
    """Return an order as the feed tells it. Its numbers are JSON numbers; `qty` is what remains."""
    zero = Decimal(0)
    return {
        "instrument": view.market.venue_id,
        "time": view.created_ms,
        "last_update_time": view.updated_ms,
        "qty": view.remaining,
        "filled": view.filled,
        "limit_price": view.price if view.kind == "limit" else zero,
        "stop_price": view.stop_price if view.status is Status.HELD else zero,
        "type": _stop_kind(view) if view.status is Status.HELD else "limit",
        "order_id": name_of(view.order_id),
        "cli_ord_id": view.client_id,
        "direction": 0 if view.is_buy else 1,
        "reduce_only": view.reduce_only,
    }


def _fed_change(view: OrderView) -> dict[str, Any]:
    if view.status.is_open:
        reason = "partial_fill" if view.filled else "new_placed_order_by_user"
        return {"order": _fed(view), "is_cancel": False, "reason": reason}
    reason = "full_fill" if view.status is Status.FILLED else "cancelled_by_user"
    if view.status is Status.EXPIRED and not view.filled:
        reason = "ioc_order_failed_because_it_would_not_be_executed"
    names = {"order_id": name_of(view.order_id), "cli_ord_id": view.client_id}
    return names | {"is_cancel": True, "reason": reason}


def _fed_fill(trade: TradeView) -> dict[str, Any]:
    return {
        "instrument": trade.market.venue_id,
        "time": trade.time_ms,
        "price": trade.price,
        "seq": trade.trade_id,
        "buy": trade.side == "BUY",
        "qty": trade.quantity,
        "order_id": name_of(trade.order_id),
        "cli_ord_id": trade.client_id,
        "fill_id": name_of(trade.trade_id),
        "fill_type": "maker" if trade.maker else "taker",
        "fee_paid": trade.fee,
        "fee_currency": _dollar(trade.fee_asset),
    }
