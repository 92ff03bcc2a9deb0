"""The simulated Bybit: as much of its API v5 as a unified account's orders, positions and balances need.

REST is signed in its headers, the private stream by a login. A stop order and what comes of it are one order;
a trailing stop is set on a position, and listed as an order without a client order id. Margin mode is the
account's. Source: Bybit API v5; ccxt 4.5.90 for what a client reads.
"""

import hashlib
import hmac
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from fixgate.simulator.venues.dialect import Answer, Request, Socket, VenueKey
from fixgate.simulator.venues.instruments import VenueMarket, market
from fixgate.simulator.venues.venue import Venue
from fixgate.simulator.venues.views import (
    Happening,
    OrderView,
    PositionView,
    Refusal,
    Status,
    Ticket,
    TradeView,
    Why,
)

MARKETS = (
    market("BTC/USDT", "BTCUSDT", tick="0.1", lot="0.000001", min_notional="5"),
    market("ETH/USDT", "ETHUSDT", tick="0.01", lot="0.00001", min_notional="5"),
    market("SOL/USDT", "SOLUSDT", tick="0.01", lot="0.001", min_notional="5"),
    market("BTC/USDT:USDT", "BTCUSDT", tick="0.1", lot="0.001", min_notional="5"),
    market("ETH/USDT:USDT", "ETHUSDT", tick="0.01", lot="0.01", min_notional="5"),
    market("SOL/USDT:USDT", "SOLUSDT", tick="0.01", lot="0.1", min_notional="5"),
    market("BTC/USDC:USDC", "BTCPERP", tick="0.1", lot="0.001", min_notional="5"),
    market("BTC/USD:BTC", "BTCUSD", tick="0.5", lot="1"),
    market("ETH/USD:ETH", "ETHUSD", tick="0.05", lot="1"),
)

HOSTS = (
    "api.bybit.com",
    "api-testnet.bybit.com",
    "api-demo.bybit.com",
    "stream.bybit.com",
    "stream-testnet.bybit.com",
    "stream-demo.bybit.com",
)

_SIDES = {0: "BOTH", 1: "LONG", 2: "SHORT"}
_INDEXES = {name: number for number, name in _SIDES.items()}
_CODES: Mapping[Why, tuple[int, int]] = {
    Why.BALANCE: (170131, 110007),
    Why.MARGIN: (170131, 110007),
    Why.UNKNOWN_ORDER: (170213, 110001),
    Why.DUPLICATE: (170141, 110072),
    Why.WOULD_TAKE: (170218, 110003),
    Why.WOULD_TRIGGER: (170130, 110092),
    Why.REDUCE_ONLY: (170130, 110017),
    Why.PRICE: (170193, 110003),
    Why.QUANTITY: (170136, 10001),
    Why.NOTIONAL: (170140, 110094),
    Why.SYMBOL: (170121, 10001),
    Why.LEVERAGE: (10001, 110013),
    Why.TOO_MANY: (170810, 110020),
}
"""Why a request was refused -> the code on spot, and on perps; 10001 for all others."""

_NOT_CHANGED = 110043
_BAD_KEY, _BAD_SIGN, _TOO_OLD, _NO_ROUTE = 10003, 10004, 10002, 10017


class _No(Exception):
    """A request that is answered by a code of Bybit's own."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


class Bybit:
    """The dialect. Event loop only."""

    hosts = HOSTS

    def __init__(self, keys: Sequence[VenueKey], clock: Callable[[], int]) -> None:
        self.keys = keys
        self.venue = Venue("bybit", MARKETS, clock, one_order=True)
        self._clock = clock
        self._by_key = {key.api_key: key for key in keys}
        self._routes: Mapping[tuple[str, str], Callable[[str, Mapping[str, Any]], Any]] = {
            ("POST", "/v5/order/create"): self._create,
            ("POST", "/v5/order/cancel"): self._cancel,
            ("GET", "/v5/order/realtime"): self._realtime,
            ("GET", "/v5/order/history"): self._history,
            ("GET", "/v5/execution/list"): self._executions,
            ("GET", "/v5/position/list"): self._positions,
            ("GET", "/v5/position/closed-pnl"): self._closed_pnl,
            ("POST", "/v5/position/trading-stop"): self._trading_stop,
            ("POST", "/v5/position/set-leverage"): self._set_leverage,
            ("GET", "/v5/account/info"): self._account_info,
            ("POST", "/v5/account/set-margin-mode"): self._set_margin_mode,
            ("GET", "/v5/account/wallet-balance"): self._wallet,
        }
        self._public: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
            "/v5/market/time": self._time,
            "/v5/market/instruments-info": self._instruments,
            "/v5/market/tickers": self._tickers,
        }

    # REST

    def answer(self, request: Request) -> Answer:
        asked = request.json() if request.method == "POST" else request.parameters()
        spot = (asked or {}).get("category") == "spot"
        try:
            if request.method == "GET" and request.path in self._public:
                return self._ok(self._public[request.path](asked))
            route = self._routes.get((request.method, request.path))
            if route is None:
                raise _No(_NO_ROUTE, "request path not found or request method is invalid")
            return self._ok(route(self._signer(request), asked or {}))
        except _No as no:
            return self._say(no.code, no.text)
        except Refusal as refusal:
            codes = _CODES.get(refusal.why, (10001, 10001))
            return self._say(codes[0] if spot else codes[1], refusal.text)

    def _say(self, code: int, text: str, result: Any = None) -> Answer:
        envelope = {"retCode": code, "retMsg": text, "result": {} if result is None else result}
        return Answer(envelope | {"retExtInfo": {}, "time": self._clock()})

    def _ok(self, result: Any) -> Answer:
        return self._say(0, "OK", result)

    def _signer(self, request: Request) -> str:
        """Return the account whose key signed a request."""
        headers = request.headers
        key = self._by_key.get(headers.get("X-BAPI-API-KEY", ""))
        if key is None:
            raise _No(_BAD_KEY, "API key is invalid.")
        stamp, window = headers.get("X-BAPI-TIMESTAMP", ""), headers.get("X-BAPI-RECV-WINDOW", "5000")
        content = request.body if request.method == "POST" else request.query
        wanted = _hmac(key.api_secret, stamp + key.api_key + window + content)
        if not hmac.compare_digest(wanted, headers.get("X-BAPI-SIGN", "")):
            raise _No(_BAD_SIGN, "error sign! please check your signature generation algorithm.")
        if not stamp.isdigit() or not window.isdigit() or abs(self._clock() - int(stamp)) > int(window):
            raise _No(_TOO_OLD, "invalid request, please check your server timestamp or recv_window param")
        return key.account

    # public

    def _time(self, asked: Mapping[str, Any]) -> Any:
        return {"timeSecond": str(self._clock() // 1000), "timeNano": str(self._clock() * 1_000_000)}

    def _instruments(self, asked: Mapping[str, Any]) -> Any:
        rows = [] if asked.get("status") == "PreLaunch" else self._of(asked)
        return {
            "category": asked["category"],
            "list": [_instrument(each) for each in rows],
            "nextPageCursor": "",
        }

    def _tickers(self, asked: Mapping[str, Any]) -> Any:
        rows = []
        for each in self._of(asked):
            bid, ask = self.venue.best(each)
            prices = {"lastPrice": self.venue.last(each), "bid1Price": bid, "ask1Price": ask}
            if not each.is_spot:
                prices |= {"markPrice": self.venue.mark(each), "indexPrice": self.venue.mark(each)}
            rows.append({"symbol": each.venue_id} | {name: _text(price) for name, price in prices.items()})
        return {"category": asked["category"], "list": rows}

    def _of(self, asked: Mapping[str, Any]) -> list[VenueMarket]:
        """Return the markets that a request is about, at least one."""
        found = [
            each
            for each in MARKETS
            if _category(each) == asked.get("category")
            and asked.get("symbol", each.venue_id) == each.venue_id
            and asked.get("settleCoin", _settle(each)) == _settle(each)
        ]
        if asked.get("symbol") and not found:
            raise Refusal(Why.SYMBOL, f"symbol {asked['symbol']} is not listed")
        return found

    # orders

    def _create(self, account: str, asked: Mapping[str, Any]) -> Any:
        (place,) = self._of({"symbol": "?", **asked})
        buys, kind = asked["side"] == "Buy", asked["orderType"].lower()
        posts = asked.get("timeInForce") == "PostOnly"
        stop = _decimal(asked.get("triggerPrice"))
        rises = (
            stop is not None and stop > self.venue.last(place)
            if place.is_spot
            else asked.get("triggerDirection") == "1"
        )
        index = int(asked.get("positionIdx") or 0)
        by_quote = place.is_spot and kind == "market" and asked.get("marketUnit") == "quoteCoin"
        quantity = _decimal(asked["qty"])
        view = self.venue.place(
            account,
            Ticket(
                market=place,
                side="BUY" if buys else "SELL",
                kind=kind,
                quantity=None if by_quote else quantity,
                quote_quantity=quantity if by_quote else None,
                price=_decimal(asked.get("price")),
                time_in_force="GTC" if posts else asked.get("timeInForce", "GTC"),
                post_only=posts,
                reduce_only=asked.get("reduceOnly") is True and not index,
                position_side=_SIDES[index],
                client_id=asked.get("orderLinkId", ""),
                stop_price=stop,
                takes_profit=stop is not None and rises is not buys,
            ),
        )
        return {"orderId": _order_id(view), "orderLinkId": asked.get("orderLinkId", "")}

    def _cancel(self, account: str, asked: Mapping[str, Any]) -> Any:
        self._of(asked)
        held = None
        if asked.get("category") == "spot":
            held = asked.get("orderFilter") == "StopOrder"
        view = self._find(account, asked)
        if view is None or (held is not None and (view.status is Status.HELD) is not held):
            raise Refusal(Why.UNKNOWN_ORDER, "order not exists or too late to cancel")
        self.venue.cancel(account, order_id=view.order_id)
        return {"orderId": _order_id(view), "orderLinkId": view.client_id}

    def _find(self, account: str, asked: Mapping[str, Any]) -> OrderView | None:
        if asked.get("orderId"):
            number = _number_of(asked["orderId"])
            return None if number is None else self.venue.find(account, order_id=number)
        return self.venue.find(account, client_id=asked.get("orderLinkId") or "?")

    def _listed(self, account: str, asked: Mapping[str, Any]) -> list[OrderView]:
        """Return the orders that a list is about, the latest first."""
        if asked.get("orderId") or asked.get("orderLinkId"):
            view = self._find(account, asked)
            found = [] if view is None or view.market not in self._of(asked) else [view]
        else:
            found = [view for each in self._of(asked) for view in self.venue.orders(account, each)]
        wanted = asked.get("orderFilter")
        found = [view for view in found if wanted in (None, "StopOrder" if view.held else "Order")]
        return sorted(found, key=lambda view: view.created_ms, reverse=True)

    def _realtime(self, account: str, asked: Mapping[str, Any]) -> Any:
        named = asked.get("orderId") or asked.get("orderLinkId")
        views = [view for view in self._listed(account, asked) if named or view.status.is_open]
        return _page([_order(view) for view in views], asked)

    def _history(self, account: str, asked: Mapping[str, Any]) -> Any:
        views = [view for view in self._listed(account, asked) if not view.status.is_open]
        return _page([_order(view) for view in views], asked)

    def _executions(self, account: str, asked: Mapping[str, Any]) -> Any:
        markets = self._of(asked)
        if asked.get("execType") == "Funding":
            rows = [
                {
                    "symbol": each.market.venue_id,
                    "execType": "Funding",
                    "execId": str(uuid.UUID(int=each.income_id)),
                    "execFee": _text(-each.amount),
                    "execTime": str(each.time_ms),
                    "feeRate": "0.0001",
                    "orderType": "UNKNOWN",
                }
                for each in self.venue.income(account, "FUNDING_FEE")
                if each.market in markets and each.market is not None
            ]
        else:
            view = self._find(account, asked) if asked.get("orderId") or asked.get("orderLinkId") else None
            number = view.order_id if view is not None else None
            nothing = view is None and bool(asked.get("orderId") or asked.get("orderLinkId"))
            rows = [
                _execution(trade, self._clock())
                for each in markets
                for trade in ([] if nothing else self.venue.trades(account, each, order_id=number))
            ]
        return _page(_within(rows, asked, "execTime"), asked)

    # perps

    def _positions(self, account: str, asked: Mapping[str, Any]) -> Any:
        markets = [each for each in self._of(asked) if not each.is_spot]
        found = [view for each in markets for view in self.venue.positions(account, each)]
        rows = [self._position(account, view) for view in found]
        if asked.get("symbol"):
            held = {view.position_side for view in found}
            sides = ("LONG", "SHORT") if self.venue.hedge_mode(account) else ("BOTH",)
            rows += [self._no_position(account, markets[0], side) for side in sides if side not in held]
        return _page(rows, asked)

    def _position(self, account: str, view: PositionView) -> dict[str, Any]:
        distance = next(
            (
                view.mark_price * each.callback_rate / 100
                for each in self._trailing(account, view.market, view.position_side)
            ),
            Decimal(0),
        )
        return {
            "symbol": view.market.venue_id,
            "positionIdx": _INDEXES[view.position_side],
            "side": "Buy" if view.quantity > 0 else "Sell",
            "size": _text(abs(view.quantity)),
            "avgPrice": _text(view.entry_price),
            "markPrice": _text(view.mark_price),
            "positionValue": _text(view.notional),
            "positionIM": _text(view.notional / view.leverage),
            "positionMM": "",
            "leverage": str(view.leverage),
            "unrealisedPnl": _text(view.unrealized),
            "curRealisedPnl": _text(view.realized),
            "liqPrice": "",
            "tradeMode": 0,
            "tpslMode": "Full",
            "trailingStop": _text(distance),
            "positionStatus": "Normal",
            "createdTime": str(view.updated_ms),
            "updatedTime": str(view.updated_ms),
        }

    def _no_position(self, account: str, place: VenueMarket, side: str) -> dict[str, Any]:
        return {
            "symbol": place.venue_id,
            "positionIdx": _INDEXES[side],
            "side": "",
            "size": "0",
            "avgPrice": "0",
            "markPrice": _text(self.venue.mark(place)),
            "positionValue": "",
            "leverage": str(self.venue.leverage(account, place)),
            "unrealisedPnl": "",
            "trailingStop": "0",
            "tpslMode": "Full",
            "createdTime": str(self._clock()),
            "updatedTime": str(self._clock()),
        }

    def _trailing(self, account: str, place: VenueMarket, side: str) -> list[OrderView]:
        return [
            view
            for view in self.venue.open_orders(account, place)
            if view.callback_rate and view.position_side == side
        ]

    def _trading_stop(self, account: str, asked: Mapping[str, Any]) -> Any:
        (place,) = self._of(asked)
        side = _SIDES[int(asked.get("positionIdx") or 0)]
        held = [view for view in self.venue.positions(account, place) if view.position_side == side]
        if not held:
            raise _No(10001, "can not set tp/sl/ts for zero position")
        distance = _decimal(asked.get("trailingStop")) or Decimal(0)
        for each in self._trailing(account, place, side):
            self.venue.cancel(account, order_id=each.order_id)
        if distance:
            self.venue.place(
                account,
                Ticket(
                    market=place,
                    side="SELL" if held[0].quantity > 0 else "BUY",
                    kind="market",
                    quantity=abs(held[0].quantity),
                    reduce_only=side == "BOTH",
                    position_side=side,
                    callback_rate=distance / self.venue.last(place) * 100,
                    activation_price=_decimal(asked.get("activePrice")),
                ),
            )
        return {}

    def _set_leverage(self, account: str, asked: Mapping[str, Any]) -> Any:
        (place,) = self._of(asked)
        wanted = Decimal(asked["buyLeverage"])
        if wanted != wanted.to_integral_value():
            raise _No(10001, "the simulated leverage is a whole number")
        if wanted == self.venue.leverage(account, place):
            raise _No(_NOT_CHANGED, "Set leverage not modified")
        self.venue.set_leverage(account, place, int(wanted))
        return {}

    def _account_info(self, account: str, asked: Mapping[str, Any]) -> Any:
        isolated = any(self.venue.isolated(account, each) for each in MARKETS)
        return {
            "marginMode": "ISOLATED_MARGIN" if isolated else "REGULAR_MARGIN",
            "unifiedMarginStatus": 6,
            "updatedTime": str(self._clock()),
        }

    def _set_margin_mode(self, account: str, asked: Mapping[str, Any]) -> Any:
        for each in MARKETS:
            self.venue.set_isolated(account, each, asked["setMarginMode"] == "ISOLATED_MARGIN")
        return {"reasons": []}

    def _closed_pnl(self, account: str, asked: Mapping[str, Any]) -> Any:
        markets = self._of(asked)
        rows = [
            {
                "symbol": each.market.venue_id,
                "orderId": str(uuid.UUID(int=each.income_id)),
                "closedPnl": _text(each.amount),
                "createdTime": str(each.time_ms),
                "updatedTime": str(each.time_ms),
            }
            for each in self.venue.income(account, "REALIZED_PNL")
            if each.market in markets and each.market is not None
        ]
        return _page(_within(rows, asked, "updatedTime"), asked)

    def _wallet(self, account: str, asked: Mapping[str, Any]) -> Any:
        coins = [
            {
                "coin": each.asset,
                "walletBalance": _text(each.total),
                "equity": _text(each.total),
                "locked": _text(each.used),
            }
            for each in self.venue.balances(account)
        ]
        return {"list": [{"accountType": "UNIFIED", "coin": coins}]}

    # streams

    def opened(self, socket: Socket) -> None:
        socket.state["topics"] = set()

    def received(self, socket: Socket, message: str) -> None:
        asked = json.loads(message)
        kind, args = asked.get("op"), asked.get("args") or []
        said = {"op": kind, "conn_id": "fixgate", "req_id": asked.get("req_id", "")}
        if kind == "ping":
            socket.send(said | {"op": "pong", "args": [str(self._clock())]})
        elif kind == "auth":
            key = self._by_key.get(str(args[0])) if len(args) == 3 else None
            good = (
                key is not None
                and int(args[1]) >= self._clock()
                and hmac.compare_digest(_hmac(key.api_secret, f"GET/realtime{args[1]}"), str(args[2]))
            )
            if good and key is not None:
                socket.account = key.account
            socket.send(said | {"success": good, "ret_msg": "" if good else "Params Error"})
        elif kind == "subscribe":
            private = socket.path.endswith("/private")
            good = bool(socket.account) or not private
            if good:
                socket.state["topics"] |= set(args)
            socket.send(said | {"success": good, "ret_msg": "" if good else "Request not authorized"})
        else:
            socket.send(said | {"success": False, "ret_msg": f"error:invalid op {kind}"})

    def happened(self, socket: Socket, happening: Happening) -> None:
        if happening.order is None:
            return
        rows = {"order": _order(happening.order)}
        if happening.trade is not None:
            rows["execution"] = _execution(happening.trade, self._clock())
        for topic in ("execution", "order"):
            if topic in rows and topic in socket.state["topics"]:
                row = {"category": _category(happening.order.market), **rows[topic]}
                socket.send(
                    {"topic": topic, "id": uuid.uuid4().hex, "creationTime": self._clock(), "data": [row]}
                )


def build(keys: Sequence[VenueKey], clock: Callable[[], int]) -> Bybit:
    return Bybit(keys, clock)


# Words


def _hmac(secret: str, text: str) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def _text(number: Decimal) -> str:
    return format(number.normalize(), "f")


def _decimal(text: Any) -> Decimal | None:
    return None if text in (None, "") else Decimal(str(text))


def _category(place: VenueMarket) -> str:
    return "spot" if place.is_spot else "inverse" if place.inverse else "linear"


def _settle(place: VenueMarket) -> str:
    return place.instrument.quote if place.is_spot else place.instrument.margin_asset


def _order_id(view: OrderView | TradeView) -> str:
    """Return an order's id as the venue writes it: a number on spot, a UUID on perps."""
    return str(view.order_id) if view.market.is_spot else str(uuid.UUID(int=view.order_id))


def _number_of(order_id: str) -> int | None:
    if order_id.isdigit():
        return int(order_id)
    try:
        return uuid.UUID(order_id).int
    except ValueError:
        return None


def _page(rows: Sequence[Mapping[str, Any]], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return one page of a list; the cursor is how many rows came before the next."""
    start, size = int(asked.get("cursor") or 0), int(asked.get("limit") or 50)
    after = start + size
    return {
        "category": asked.get("category", ""),
        "list": list(rows[start:after]),
        "nextPageCursor": str(after) if after < len(rows) else "",
    }


def _within(rows: Sequence[dict[str, Any]], asked: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the rows of the time that is asked for, the latest first."""
    start, end = int(asked.get("startTime") or 0), int(asked.get("endTime") or 2**63)
    found = [row for row in rows if start <= int(row[name]) <= end]
    return sorted(found, key=lambda row: int(row[name]), reverse=True)


def _instrument(place: VenueMarket) -> dict[str, Any]:
    each = place.instrument
    row: dict[str, Any] = {
        "symbol": place.venue_id,
        "status": "Trading",
        "baseCoin": each.base,
        "quoteCoin": "USD" if place.inverse else each.quote,
        "priceFilter": {"tickSize": _text(each.tick_size)},
    }
    lot, most = _text(each.lot_size), _text(each.max_quantity)
    if place.is_spot:
        sizes = {"basePrecision": lot, "minOrderQty": lot, "maxOrderQty": most}
        return row | {"lotSizeFilter": sizes | {"minOrderAmt": _text(each.min_notional)}}
    kind = "Inverse" if place.inverse else "Linear"
    sizes = {"qtyStep": lot, "minOrderQty": lot, "maxOrderQty": most}
    return row | {
        "contractType": f"{kind}Perpetual",
        "settleCoin": _settle(place),
        "deliveryTime": "0",
        "launchTime": "1584230400000",
        "leverageFilter": {"minLeverage": "1", "maxLeverage": "125.00", "leverageStep": "0.01"},
        "lotSizeFilter": sizes | {"minNotionalValue": _text(each.min_notional)},
    }


def _status(view: OrderView) -> str:
    if view.status is Status.HELD:
        return "Untriggered"
    if view.status is Status.OPEN:
        return "PartiallyFilled" if view.filled else "New"
    if view.status is Status.FILLED:
        return "Filled"
    if view.status is Status.REJECTED:
        return "Rejected"
    if view.market.is_spot and view.filled:
        return "PartiallyFilledCanceled"
    return "Deactivated" if view.held and not view.child_id and not view.filled else "Cancelled"


def _order(view: OrderView) -> dict[str, Any]:
    trails = bool(view.callback_rate)
    rises = view.takes_profit is not view.is_buy
    return {
        "symbol": view.market.venue_id,
        "orderId": _order_id(view),
        "orderLinkId": "" if trails else view.client_id,
        "side": "Buy" if view.is_buy else "Sell",
        "orderType": view.kind.capitalize(),
        "orderStatus": _status(view),
        "timeInForce": "PostOnly"
        if view.post_only
        else "IOC"
        if view.kind == "market"
        else view.time_in_force,
        "price": _text(view.price),
        "qty": _text(view.quantity),
        "cumExecQty": _text(view.filled),
        "leavesQty": _text(view.remaining),
        "avgPrice": _text(view.average) if view.filled else "",
        "cumExecValue": _text(view.value),
        "cumExecFee": _text(view.fee),
        "cumFeeDetail": {view.fee_asset: _text(view.fee)} if view.fee_asset else {},
        "triggerPrice": _text(view.stop_price) if view.stop_price else "",
        "triggerDirection": 0 if not view.held else 1 if rises else 2,
        "triggerBy": "LastPrice" if view.held else "",
        "stopOrderType": "TrailingStop" if trails else "Stop" if view.held else "",
        "createType": "CreateByTrailingStop" if trails else "CreateByUser",
        "positionIdx": _INDEXES[view.position_side] if not view.market.is_spot else 0,
        "reduceOnly": view.reduce_only or trails,
        "closeOnTrigger": trails,
        "marketUnit": "baseCoin" if view.market.is_spot and view.kind == "market" else "",
        "rejectReason": view.reason or "EC_NoError",
        "cancelType": "CancelByUser" if view.status is Status.CANCELED else "UNKNOWN",
        "tpslMode": "UNKNOWN",
        "createdTime": str(view.created_ms),
        "updatedTime": str(view.updated_ms),
    }


def _execution(trade: TradeView, now_ms: int) -> dict[str, Any]:
    return {
        "symbol": trade.market.venue_id,
        "orderId": _order_id(trade),
        "orderLinkId": trade.client_id,
        "side": trade.side.capitalize(),
        "execId": f"{_category(trade.market)}-{trade.market.venue_id}-{trade.trade_id}",
        "execPrice": _text(trade.price),
        "execQty": _text(trade.quantity),
        "execValue": _text(trade.value),
        "execFee": _text(trade.fee),
        "feeCoin": trade.fee_asset,
        "execTime": str(trade.time_ms or now_ms),
        "execType": "Trade",
        "isMaker": trade.maker,
        "createType": "CreateByUser",
    }
