"""Kraken spot's dialect: REST under `/0`, and the `executions` channel of WebSocket v2.

Source: Kraken REST API and WebSocket API v2. Signatures: API-Sign is HMAC-SHA512, with the decoded secret,
of the path and SHA-256 of nonce and body.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from fixgate.simulator.venues.dialect import Answer, Request, Socket, VenueKey
from fixgate.simulator.venues.instruments import VenueMarket, market
from fixgate.simulator.venues.venue import Venue
from fixgate.simulator.venues.views import Happening, OrderView, Refusal, Status, Ticket, TradeView, Why

MARKETS = (
    market("BTC/USDT", "XBTUSDT", tick="0.1", lot="0.00001", min_notional="0.5"),
    market("ETH/USDT", "ETHUSDT", tick="0.01", lot="0.001", min_notional="0.5"),
    market("SOL/USDT", "SOLUSDT", tick="0.01", lot="0.001", min_notional="0.5"),
    market("ETH/BTC", "XETHXXBT", tick="0.00001", lot="0.001", min_notional="0.00002"),
)

ASSETS = {"BTC": "XXBT", "ETH": "XETH", "USD": "ZUSD"}
"""Kraken's names of assets that are not their own."""

_OWN_NAMES = {"BTC": "XBT"}
"""How pairs' short names call them."""

CODES: Mapping[Why, str] = {
    Why.BALANCE: "EOrder:Insufficient funds",
    Why.MARGIN: "EOrder:Insufficient margin",
    Why.UNKNOWN_ORDER: "EOrder:Unknown order",
    Why.DUPLICATE: "EOrder:Duplicate order",
    Why.WOULD_TAKE: "EOrder:Post only order",
    Why.WOULD_TRIGGER: "EOrder:Invalid price",
    Why.PRICE: "EOrder:Tick size check failed",
    Why.QUANTITY: "EOrder:Order minimum not met",
    Why.NOTIONAL: "EOrder:Cost minimum not met",
    Why.SYMBOL: "EQuery:Unknown asset pair",
    Why.TOO_MANY: "EOrder:Orders limit exceeded",
}
_OTHER = "EGeneral:Invalid arguments"
_BAD_KEY, _BAD_SIGNATURE, _BAD_NONCE = "EAPI:Invalid key", "EAPI:Invalid signature", "EAPI:Invalid nonce"

_KINDS: Mapping[str, tuple[str, bool | None]] = {
    "market": ("market", None),
    "limit": ("limit", None),
    "stop-loss": ("market", False),
    "stop-loss-limit": ("limit", False),
    "take-profit": ("market", True),
    "take-profit-limit": ("limit", True),
}
"""`ordertype` -> what is put on the book, and whether a stop takes profit."""

_STATUSES: Mapping[Status, str] = {
    Status.HELD: "open",
    Status.OPEN: "open",
    Status.FILLED: "closed",
    Status.CANCELED: "canceled",
    Status.EXPIRED: "expired",
    Status.REJECTED: "canceled",
}
_NONCE_WINDOW = 10_000
"""By how much, in milliseconds, a nonce may be below the highest: a setting of the key, for requests that
overtake one another."""
_TOKEN = "token-of-"
_JSON = msgspec.json.Encoder(decimal_format="number")
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def build(keys: Sequence[VenueKey], clock: Callable[[], int]) -> "KrakenDialect":
    return KrakenDialect(keys, Venue("kraken", MARKETS, clock, one_order=True))


class KrakenDialect:
    hosts = ("api.kraken.com", "ws-auth.kraken.com", "ws.kraken.com")

    def __init__(self, keys: Sequence[VenueKey], venue: Venue) -> None:
        self.venue = venue
        self.keys = tuple(keys)
        self._by_key = {key.api_key: key for key in keys}
        self._nonces: dict[str, tuple[int, set[int]]] = {}

    # REST

    def answer(self, request: Request) -> Answer:
        _, _, visibility, name = (request.path + "///").split("/")[:4]
        try:
            if visibility == "public":
                return _result(self._public(name, request.parameters()))
            account, form = self._authenticate(request)
            return _result(self._private(name, account, form))
        except Refusal as refusal:
            return Answer({"error": [CODES.get(refusal.why, f"{_OTHER}:{refusal.text}")]})
        except _Denied as denied:
            return Answer({"error": [str(denied)]})

    def _public(self, name: str, asked: Mapping[str, str]) -> Any:
        if name == "AssetPairs":
            return {each.venue_id: _pair(each) for each in self.venue.markets}
        if name == "Ticker":
            named = [each for each in asked.get("pair", "").split(",") if each]
            markets = [self.venue.market(each) for each in named] or self.venue.markets
            return {each.venue_id: self._ticker(each) for each in markets}
        if name == "Time":
            return {"unixtime": self.venue.clock() // 1000}
        if name == "SystemStatus":
            return {"status": "online", "timestamp": iso(self.venue.clock())}
        raise _Denied("EGeneral:Unknown method")

    def _private(self, name: str, account: str, form: Mapping[str, str]) -> Any:
        routes: Mapping[str, Callable[[str, Mapping[str, str]], Any]] = {
            "AddOrder": self._add,
            "CancelOrder": self._cancel,
            "OpenOrders": self._open_orders,
            "ClosedOrders": self._closed_orders,
            "QueryOrders": self._query_orders,
            "TradesHistory": self._trades,
            "BalanceEx": self._balances,
            "GetWebSocketsToken": lambda account, _: {"token": _TOKEN + account, "expires": 900},
        }
        if name not in routes:
            raise _Denied("EGeneral:Unknown method")
        return routes[name](account, form)

    def _authenticate(self, request: Request) -> tuple[str, dict[str, str]]:
        """Return whose request it is, and its fields."""
        key = self._by_key.get(request.headers.get("API-Key", ""))
        if key is None:
            raise _Denied(_BAD_KEY)
        form = request.form() if not request.body.startswith("{") else request.json()
        nonce = str(form.get("nonce", ""))
        digest = hashlib.sha256((nonce + request.body).encode()).digest()
        if not signed(key.api_secret, request.path.encode() + digest, request.headers.get("API-Sign", "")):
            raise _Denied(_BAD_SIGNATURE)
        if not nonce.isdigit() or not self._fresh(key.api_key, int(nonce)):
            raise _Denied(_BAD_NONCE)
        return key.account, form

    def _fresh(self, api_key: str, nonce: int) -> bool:
        """True for a nonce that was not used, and is not below the key's nonce window."""
        highest, used = self._nonces.get(api_key, (0, set()))
        if nonce in used or nonce < highest - _NONCE_WINDOW:
            return False
        highest = max(highest, nonce)
        recent = {each for each in used if each >= highest - _NONCE_WINDOW}
        self._nonces[api_key] = (highest, recent | {nonce})
        return True

    def _add(self, account: str, form: Mapping[str, str]) -> Any:
        if form.get("ordertype") not in _KINDS:
            raise _Denied(f"{_OTHER}:ordertype")
        kind, takes_profit = _KINDS[form["ordertype"]]
        waits = takes_profit is not None
        of = self.venue.market(form.get("pair", ""))
        view = self.venue.place(
            account,
            Ticket(
                market=of,
                side=form["type"].upper(),
                kind=kind,
                quantity=_number(form, "volume"),
                price=_number(form, "price2" if waits else "price") if kind == "limit" else None,
                stop_price=_number(form, "price") if waits else None,
                takes_profit=bool(takes_profit),
                time_in_force=form.get("timeinforce", "GTC"),
                post_only="post" in form.get("oflags", "").split(","),
                client_id=form.get("cl_ord_id", ""),
            ),
        )
        return {"descr": {"order": _description(view)}, "txid": [name_of("O", view.order_id)]}

    def _cancel(self, account: str, form: Mapping[str, str]) -> Any:
        if client_id := form.get("cl_ord_id"):
            self.venue.cancel(account, client_id=client_id)
        else:
            self.venue.cancel(account, order_id=number_of(form.get("txid", "")))
        return {"count": 1}

    def _open_orders(self, account: str, form: Mapping[str, str]) -> Any:
        return {"open": _records(self.venue.open_orders(account), form)}

    def _closed_orders(self, account: str, form: Mapping[str, str]) -> Any:
        ended = [view for view in self.venue.orders(account) if not view.status.is_open]
        records = _records(list(reversed(ended))[:50], form)
        return {"closed": records, "count": len(records)}

    def _query_orders(self, account: str, form: Mapping[str, str]) -> Any:
        found = {}
        for name in form.get("txid", "").split(","):
            view = self.venue.find(account, order_id=number_of(name))
            if view is None:
                raise Refusal(Why.UNKNOWN_ORDER, name)
            trades = self.venue.trades(account, view.market, order_id=view.order_id)
            found[name] = _record(view) | {"trades": [name_of("T", trade.trade_id) for trade in trades]}
        return found

    def _trades(self, account: str, form: Mapping[str, str]) -> Any:
        start = int(form.get("start") or 0) * 1000
        trades = [trade for trade in self.venue.trades(account) if trade.time_ms > start]
        records = {name_of("T", trade.trade_id): _trade(trade) for trade in reversed(trades[-50:])}
        return {"trades": records, "count": len(trades)}

    def _balances(self, account: str, _: Mapping[str, str]) -> Any:
        return {
            ASSETS.get(row.asset, row.asset): {"balance": plain(row.total), "hold_trade": plain(row.used)}
            for row in self.venue.balances(account)
        }

    def _ticker(self, of: VenueMarket) -> dict[str, Any]:
        bid, ask = self.venue.best(of)
        last = plain(self.venue.last(of))
        return {
            "a": [plain(ask), "1", "1.000"],
            "b": [plain(bid), "1", "1.000"],
            "c": [last, "0.01"],
            "v": ["1000", "1000"],
            "p": [last, last],
            "t": [100, 100],
            "l": [last, last],
            "h": [last, last],
            "o": last,
        }

    # WebSocket

    def opened(self, socket: Socket) -> None:
        socket.send(
            {"channel": "status", "type": "update", "data": [{"system": "online", "version": "2.0.0"}]}
        )

    def received(self, socket: Socket, message: str) -> None:
        asked = json.loads(message)
        method, number = asked.get("method"), asked.get("req_id")
        if method == "ping":
            socket.send({"method": "pong", "req_id": number})
        elif method == "subscribe":
            self._subscribe(socket, asked.get("params") or {}, number)
        else:
            socket.send({"method": method, "success": False, "error": "Unsupported method", "req_id": number})

    def _subscribe(self, socket: Socket, params: Mapping[str, Any], number: object) -> None:
        account = str(params.get("token", "")).removeprefix(_TOKEN)
        known = account in {key.account for key in self.keys}
        if params.get("channel") != "executions" or not known:
            error = "ESession:Invalid session" if not known else "Channel not supported"
            socket.send({"method": "subscribe", "success": False, "error": error, "req_id": number})
            return
        socket.account = account
        socket.state["topics"] = ["executions"]
        socket.send(
            {"method": "subscribe", "result": {"channel": "executions"}, "success": True, "req_id": number}
        )
        orders = self.venue.open_orders(account) if params.get("snap_orders") else []
        self._tell(socket, "snapshot", [_execution(view, None) for view in orders])

    def happened(self, socket: Socket, happening: Happening) -> None:
        if happening.order is not None:
            self._tell(socket, "update", [_execution(happening.order, happening.trade)])

    def _tell(self, socket: Socket, kind: str, elements: list[dict[str, Any]]) -> None:
        sequence = socket.state["sequence"] = socket.state.get("sequence", 0) + 1
        body = {"channel": "executions", "type": kind, "data": elements, "sequence": sequence}
        socket.send(_JSON.encode(body).decode())


class _Denied(Exception):
    """A refusal with its code, for what no venue's matching engine hears of."""


def signed(secret: str, message: bytes, signature: str) -> bool:
    """True when `signature` is HMAC-SHA512 of `message` with the decoded secret, in Base64."""
    try:
        key = base64.b64decode(secret)
    except binascii.Error:
        return False
    made = base64.b64encode(hmac.new(key, message, hashlib.sha512).digest()).decode()
    return hmac.compare_digest(made, signature)


def name_of(letter: str, number: int) -> str:
    """Return Kraken's kind of id, such as `O00000-0001A-ZZ4K2Q`."""
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    digits = digits.rjust(16, "0")
    return f"{letter}{digits[:5]}-{digits[5:10]}-{digits[10:]}"


def number_of(name: str) -> int:
    """Return the number that `name_of` made an id of. Refuses what is none."""
    try:
        return int(name[1:].replace("-", ""), 36)
    except ValueError:
        raise Refusal(Why.UNKNOWN_ORDER, name) from None


def plain(number: Decimal) -> str:
    return format(number, "f")


def iso(at_ms: int) -> str:
    """Return a time as Kraken writes it, such as `2026-01-01T00:00:00.000Z`."""
    text = datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _result(result: Any) -> Answer:
    return Answer({"error": [], "result": result})


def _number(form: Mapping[str, str], name: str) -> Decimal:
    try:
        return Decimal(form[name])
    except (KeyError, ArithmeticError):
        raise _Denied(f"{_OTHER}:{name}") from None


def _pair(of: VenueMarket) -> dict[str, Any]:
    instrument = of.instrument
    base, quote = of.unified.split("/")
    decimals = -int(instrument.tick_size.normalize().as_tuple().exponent)
    return {
        "altname": _altname(of),
        "wsname": f"{_OWN_NAMES.get(base, base)}/{_OWN_NAMES.get(quote, quote)}",
        "aclass_base": "currency",
        "base": ASSETS.get(base, base),
        "aclass_quote": "currency",
        "quote": ASSETS.get(quote, quote),
        "lot": "unit",
        "cost_decimals": 8,
        "pair_decimals": decimals,
        "lot_decimals": -int(instrument.lot_size.normalize().as_tuple().exponent),
        "lot_multiplier": 1,
        "leverage_buy": [],
        "leverage_sell": [],
        "fees": [[0, "0.1"]],
        "fees_maker": [[0, "0.1"]],
        "fee_volume_currency": "ZUSD",
        "ordermin": plain(instrument.min_quantity),
        "costmin": plain(instrument.min_notional),
        "tick_size": plain(instrument.tick_size),
        "status": "online",
    }


def _altname(of: VenueMarket) -> str:
    return "".join(_OWN_NAMES.get(asset, asset) for asset in of.unified.split("/"))


def _kind(view: OrderView) -> str:
    if not view.held:
        return view.kind
    return ("take-profit" if view.takes_profit else "stop-loss") + ("-limit" if view.kind == "limit" else "")


def _description(view: OrderView) -> str:
    terms = _kind(view).removesuffix("-limit").replace("-", " ") if view.held else view.kind
    if view.held:
        terms += f" {plain(view.stop_price)}"
        terms += f" -> limit {plain(view.price)}" if view.kind == "limit" else ""
    elif view.kind == "limit":
        terms += f" {plain(view.price)}"
    return f"{view.side.lower()} {plain(view.quantity)} {_altname(view.market)} @ {terms}"


def _records(views: Sequence[OrderView], form: Mapping[str, str]) -> dict[str, Any]:
    wanted = form.get("cl_ord_id")
    return {name_of("O", view.order_id): _record(view) for view in views if wanted in (None, view.client_id)}


def _record(view: OrderView) -> dict[str, Any]:
    priced = view.price if view.kind == "limit" else Decimal(0)
    ended = {} if view.status.is_open else {"closetm": view.updated_ms / 1000, "reason": view.reason or None}
    return ended | {
        "refid": None,
        "userref": None,
        "cl_ord_id": view.client_id or None,
        "status": _STATUSES[view.status],
        "opentm": view.created_ms / 1000,
        "starttm": 0,
        "expiretm": 0,
        "descr": {
            "pair": _altname(view.market),
            "type": view.side.lower(),
            "ordertype": _kind(view),
            "price": plain(view.stop_price if view.held else priced),
            "price2": plain(priced if view.held else Decimal(0)),
            "leverage": "none",
            "order": _description(view),
            "close": "",
        },
        "vol": plain(view.quantity),
        "vol_exec": plain(view.filled),
        "cost": plain(view.value),
        "fee": plain(_in_quote(view.fee, view.fee_asset, view.average, view.market)),
        "price": plain(view.average),
        "stopprice": plain(view.stop_price),
        "limitprice": plain(priced if view.held else Decimal(0)),
        "misc": "",
        "oflags": "fciq,post" if view.post_only else "fciq",
    }


def _in_quote(fee: Decimal, asset: str, price: Decimal, of: VenueMarket) -> Decimal:
    """Return a fee in quote currency, in which the REST API tells all fees."""
    return fee * price if asset == of.unified.partition("/")[0] else fee


def _trade(trade: TradeView) -> dict[str, Any]:
    return {
        "ordertxid": name_of("O", trade.order_id),
        "postxid": name_of("P", trade.trade_id),
        "pair": trade.market.venue_id,
        "time": trade.time_ms / 1000,
        "type": trade.side.lower(),
        "ordertype": "limit" if trade.maker else "market",
        "price": plain(trade.price),
        "cost": plain(trade.value),
        "fee": plain(_in_quote(trade.fee, trade.fee_asset, trade.price, trade.market)),
        "vol": plain(trade.quantity),
        "margin": "0.00000",
        "misc": "",
        "trade_id": trade.trade_id,
        "maker": trade.maker,
    }


_EXEC_TYPES: Mapping[Status, str] = {
    Status.HELD: "new",
    Status.OPEN: "new",
    Status.FILLED: "filled",
    Status.CANCELED: "canceled",
    Status.EXPIRED: "expired",
    Status.REJECTED: "canceled",
}


def _execution(view: OrderView, trade: TradeView | None) -> dict[str, Any]:
    """Return an element of the executions channel. Its numbers are JSON numbers."""
    status = _EXEC_TYPES[view.status]
    if view.filled and view.status is Status.OPEN:
        status = "partially_filled"
    element = {
        "order_id": name_of("O", view.order_id),
        "cl_ord_id": view.client_id,
        "symbol": view.market.unified,
        "side": view.side.lower(),
        "order_type": _kind(view),
        "order_qty": view.quantity,
        "cum_qty": view.filled,
        "cum_cost": view.value,
        "avg_price": view.average,
        "time_in_force": view.time_in_force,
        "post_only": view.post_only,
        "exec_type": _EXEC_TYPES[view.status],
        "order_status": status,
        "timestamp": iso(view.updated_ms),
    }
    if view.kind == "limit":
        element["limit_price"] = view.price
    if view.held:
        element["triggers"] = {"price": view.stop_price, "price_type": "static", "reference": "last"}
    if trade is not None:
        element |= {
            "exec_type": "trade",
            "exec_id": name_of("T", trade.trade_id),
            "trade_id": trade.trade_id,
            "last_qty": trade.quantity,
            "last_price": trade.price,
            "cost": trade.value,
            "liquidity_ind": "m" if trade.maker else "t",
            "fees": [{"asset": trade.fee_asset, "qty": trade.fee}],
        }
    return element
