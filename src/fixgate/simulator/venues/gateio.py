"""The simulated Gate.io: as much of its API v4 as the orders, price orders, positions and balances of a
classic account need, on spot and on perps that settle in USDT.

REST is signed in its headers, and so is each subscription. Sizes of perps are signed contracts, in text. What
waits for a price is a price order with an id of its own; the order that its trigger makes has another. Spot
and perps draw on one pool of collateral here. Source: Gate API v4; ccxt 4.5.90 for what a client reads.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from msgspec.structs import replace

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
    market("BTC/USDT", "BTC_USDT", tick="0.1", lot="0.000001", min_notional="3"),
    market("ETH/USDT", "ETH_USDT", tick="0.01", lot="0.0001", min_notional="3"),
    market("SOL/USDT", "SOL_USDT", tick="0.01", lot="0.001", min_notional="3"),
    market("BTC/USDT:USDT", "BTC_USDT", tick="0.1", lot="0.0001", contract_size="0.0001"),
    market("ETH/USDT:USDT", "ETH_USDT", tick="0.01", lot="0.01", contract_size="0.01"),
    market("SOL/USDT:USDT", "SOL_USDT", tick="0.01", lot="1", contract_size="1"),
)

_FIRED = 10**12
"""What is added to a spot price order's id to make that of the order that it fired."""

_LABELS: Mapping[Why, tuple[str, str]] = {
    Why.BALANCE: ("BALANCE_NOT_ENOUGH", "INSUFFICIENT_AVAILABLE"),
    Why.MARGIN: ("BALANCE_NOT_ENOUGH", "INSUFFICIENT_AVAILABLE"),
    Why.UNKNOWN_ORDER: ("ORDER_NOT_FOUND", "ORDER_NOT_FOUND"),
    Why.DUPLICATE: ("REPEATED_CREATION", "REPEATED_CREATION"),
    Why.WOULD_TAKE: ("POC_FILL_IMMEDIATELY", "ORDER_POC_IMMEDIATE"),
    Why.WOULD_TRIGGER: ("AUTO_TRIGGER_PRICE_LESS_LAST", "AUTO_TRIGGER_PRICE_LESS_LAST"),
    Why.REDUCE_ONLY: ("INVALID_PARAM_VALUE", "REDUCE_EXCEEDED"),
    Why.PRICE: ("PRICE_THRESHOLD_EXCEEDED", "PRICE_TOO_DEVIATED"),
    Why.QUANTITY: ("AMOUNT_TOO_LITTLE", "SIZE_TOO_SMALL"),
    Why.NOTIONAL: ("AMOUNT_TOO_LITTLE", "SIZE_TOO_SMALL"),
    Why.SYMBOL: ("INVALID_CURRENCY_PAIR", "CONTRACT_NOT_FOUND"),
    Why.LEVERAGE: ("LEVERAGE_TOO_HIGH", "LEVERAGE_TOO_HIGH"),
    Why.LIQUIDITY: ("CONTRACT_NO_COUNTER", "CONTRACT_NO_COUNTER"),
    Why.TOO_MANY: ("TOO_MANY_ORDERS", "TOO_MANY_ORDERS"),
}
"""Why a request was refused -> the label on spot, and on perps; INVALID_PARAM_VALUE for all others."""

_WINDOW_S = 60

Row = dict[str, Any]
Asked = Mapping[str, Any]


class _No(Exception):
    """A request that is answered by a label of Gate's own."""

    def __init__(self, label: str, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.label, self.text, self.status = label, text, status


class Gateio:
    """The dialect. Event loop only. A route is a method and a path, with `*` for the part that is an id."""

    hosts = (
        "api.gateio.ws",
        "fx-ws.gateio.ws",
        "api-testnet.gateapi.io",
        "ws-testnet.gate.com",
        "fx-ws-testnet.gateio.ws",
    )

    def __init__(self, keys: Sequence[VenueKey], clock: Callable[[], int]) -> None:
        self.keys = keys
        self.venue = Venue("gateio", MARKETS, clock, one_order=False)
        self._clock = clock
        self._by_key = {key.api_key: key for key in keys}
        self._public: Mapping[str, Callable[[Asked], Any]] = {
            "spot/time": lambda asked: {"server_time": self._clock()},
            "spot/currency_pairs": lambda asked: [_pair(each) for each in MARKETS if each.is_spot],
            "margin/currency_pairs": lambda asked: [],
            "futures/usdt/contracts": lambda asked: [
                _contract(each, self.venue.mark(each)) for each in MARKETS if not each.is_spot
            ],
            "spot/tickers": lambda asked: self._tickers(asked, spot=True),
            "futures/usdt/tickers": lambda asked: self._tickers(asked, spot=False),
        }
        perps = "futures/usdt"
        self._routes: Mapping[tuple[str, str], Callable[[str, Asked, str], Any]] = {
            ("GET", "account/detail"): self._detail,
            ("POST", "spot/orders"): self._place_spot,
            ("GET", "spot/orders"): self._spot_orders,
            ("GET", "spot/orders/*"): self._spot_order,
            ("DELETE", "spot/orders/*"): self._cancel_spot,
            ("GET", "spot/open_orders"): self._open_spot,
            ("POST", "spot/price_orders"): self._place_spot_price,
            ("GET", "spot/price_orders"): self._spot_price_orders,
            ("GET", "spot/price_orders/*"): self._spot_price_order,
            ("DELETE", "spot/price_orders/*"): self._cancel_spot_price,
            ("GET", "spot/my_trades"): self._spot_trades,
            ("GET", "spot/accounts"): self._spot_accounts,
            ("POST", f"{perps}/orders"): self._place_perp,
            ("GET", f"{perps}/orders"): self._perp_orders,
            ("GET", f"{perps}/orders_timerange"): self._perp_orders,
            ("GET", f"{perps}/orders/*"): self._perp_order,
            ("DELETE", f"{perps}/orders/*"): self._cancel_perp,
            ("POST", f"{perps}/price_orders"): self._place_perp_price,
            ("GET", f"{perps}/price_orders"): self._perp_price_orders,
            ("GET", f"{perps}/price_orders/*"): self._perp_price_order,
            ("DELETE", f"{perps}/price_orders/*"): self._cancel_perp_price,
            ("GET", f"{perps}/my_trades"): self._perp_trades,
            ("GET", f"{perps}/my_trades_timerange"): self._perp_trades,
            ("GET", f"{perps}/positions"): self._positions,
            ("GET", f"{perps}/positions/*"): self._position,
            ("POST", f"{perps}/positions/*/leverage"): self._set_leverage,
            ("GET", f"{perps}/accounts"): self._perp_accounts,
            ("GET", f"{perps}/account_book"): self._account_book,
        }

    # REST

    def answer(self, request: Request) -> Answer:
        path = request.path.removeprefix("/api/v4/")
        try:
            if request.method == "GET" and path in self._public:
                return Answer(self._public[path](request.parameters()))
            route, name = self._route(request.method, path)
            asked = request.parameters() | (request.json() or {})
            return Answer(route(self._signer(request), asked, name))
        except _No as no:
            return Answer({"label": no.label, "message": no.text}, no.status)
        except Refusal as refusal:
            labels = _LABELS.get(refusal.why, ("INVALID_PARAM_VALUE", "INVALID_PARAM_VALUE"))
            label = labels[0] if path.startswith("spot/") else labels[1]
            status = 404 if refusal.why is Why.UNKNOWN_ORDER else 400
            return Answer({"label": label, "message": refusal.text}, status)

    def _route(self, method: str, path: str) -> tuple[Callable[[str, Asked, str], Any], str]:
        parts = path.split("/")
        for place in (None, len(parts) - 1, len(parts) - 2):
            pattern = [("*" if number == place else part) for number, part in enumerate(parts)]
            route = self._routes.get((method, "/".join(pattern)))
            if route is not None:
                return route, "" if place is None else parts[place]
        raise _No("NOT_FOUND", f"{method} /{path} is not simulated", 404)

    def _signer(self, request: Request) -> str:
        """Return the account whose key signed a request."""
        headers = request.headers
        key = self._by_key.get(headers.get("KEY", ""))
        if key is None:
            raise _No("INVALID_KEY", "Invalid key provided", 401)
        stamp = headers.get("Timestamp", "")
        body = hashlib.sha512(request.body.encode()).hexdigest()
        signed = "\n".join((request.method, request.path, unquote(request.query), body, stamp))
        if not hmac.compare_digest(_hmac(key.api_secret, signed), headers.get("SIGN", "")):
            raise _No("INVALID_SIGNATURE", "Signature mismatch", 401)
        if not stamp.isdigit() or abs(self._clock() // 1000 - int(stamp)) > _WINDOW_S:
            raise _No("REQUEST_EXPIRED", "gap between request Timestamp and server time exceeds 60", 403)
        return key.account

    def _tickers(self, asked: Asked, *, spot: bool) -> list[Row]:
        rows = []
        wanted = asked.get("currency_pair" if spot else "contract")
        for each in MARKETS:
            if each.is_spot is spot and wanted in (None, each.venue_id):
                bid, ask = self.venue.best(each)
                row = {"last": self.venue.last(each), "lowest_ask": ask, "highest_bid": bid}
                if not spot:
                    row |= {"mark_price": self.venue.mark(each), "index_price": self.venue.mark(each)}
                name = {"currency_pair" if spot else "contract": each.venue_id}
                rows.append(name | {field: _text(price) for field, price in row.items()})
        return rows

    def _detail(self, account: str, asked: Asked, name: str) -> Row:
        return {"user_id": _user(self.keys, account), "ip_whitelist": [], "key": {"mode": 1}, "tier": 0}

    # orders

    def _place_spot(self, account: str, asked: Asked, name: str) -> Row:
        place = _market(asked["currency_pair"], spot=True)
        kind, side, amount = asked.get("type", "limit"), asked["side"], _decimal(asked["amount"])
        by_cost = kind == "market" and side == "buy"
        view = self.venue.place(
            account,
            Ticket(
                market=place,
                side=side.upper(),
                kind=kind,
                quantity=None if by_cost else amount,
                quote_quantity=amount if by_cost else None,
                price=_decimal(asked.get("price")),
                client_id=asked.get("text", ""),
                **_times(asked.get("time_in_force", "gtc")),
            ),
        )
        return _spot_order(view)

    def _place_spot_price(self, account: str, asked: Asked, name: str) -> Row:
        place, put, trigger = _market(asked["market"], spot=True), asked["put"], asked["trigger"]
        buys = put["side"] == "buy"
        view = self.venue.place(
            account,
            Ticket(
                market=place,
                side=put["side"].upper(),
                kind=put.get("type", "limit"),
                quantity=_decimal(put["amount"]),
                price=_decimal(put.get("price")),
                client_id=put.get("text", ""),
                stop_price=_decimal(trigger["price"]),
                takes_profit=(trigger["rule"] == ">=") is not buys,
                **_times(put.get("time_in_force", "gtc")),
            ),
        )
        return {"id": view.order_id}

    def _place_perp(self, account: str, asked: Asked, name: str) -> Row:
        return _perp_order(self.venue.place(account, self._perp_ticket(asked)))

    def _place_perp_price(self, account: str, asked: Asked, name: str) -> Row:
        initial, trigger = asked["initial"], asked["trigger"]
        ticket = self._perp_ticket(
            initial,
            stop_price=_decimal(trigger["price"]),
            on_mark=str(trigger.get("price_type")) == "1",
        )
        rises = str(trigger["rule"]) == "1"
        ticket = replace(ticket, takes_profit=rises is not (ticket.side == "BUY"))
        view = self.venue.place(account, ticket)
        return {"id": view.order_id}

    def _perp_ticket(self, asked: Asked, **more: Any) -> Ticket:
        place = _market(asked["contract"], spot=False)
        size, price = Decimal(str(asked["size"])), _decimal(asked.get("price")) or Decimal(0)
        return Ticket(
            market=place,
            side="BUY" if size > 0 else "SELL",
            kind="limit" if price else "market",
            quantity=place.quantity(abs(size)),
            price=price or None,
            reduce_only=asked.get("reduce_only") is True,
            client_id=asked.get("text", ""),
            **_times(asked.get("tif", "gtc")),
            **more,
        )

    def _of(self, account: str, name: str, *, spot: bool, waits: bool) -> OrderView:
        """Return the order, or the price order, that an id or a text names."""
        found: OrderView | None = None
        if name.isdigit():
            number = int(name)
            fired = spot and number > _FIRED
            found = self.venue.find(account, order_id=number - _FIRED if fired else number)
            if spot and found is not None and found.held and not waits and not fired:
                found = None
            if not spot:
                found = self.venue.find(account, order_id=number, held=waits)
        elif not waits:
            found = self.venue.find(account, client_id=name, held=None if spot else False)
            if spot and found is not None and found.held and not _was_triggered(found):
                found = None
        if found is None or found.market.is_spot is not spot or (waits and not found.held):
            raise Refusal(Why.UNKNOWN_ORDER, f"order {name} is not found")
        return found

    def _views(self, account: str, *, spot: bool, waits: bool, symbol: str | None) -> list[OrderView]:
        """Return the orders on the book, or the price orders, the latest first."""
        views = [view for view in self.venue.orders(account) if view.market.is_spot is spot]
        if waits:
            views = [view for view in views if view.held]
        else:
            views = [view for view in views if not view.held or (spot and _was_triggered(view))]
        return [view for view in reversed(views) if symbol in (None, view.market.venue_id)]

    def _listed(self, account: str, asked: Asked, *, spot: bool, waits: bool) -> list[OrderView]:
        symbol = asked.get("market") or asked.get("currency_pair") or asked.get("contract")
        views = self._views(account, spot=spot, waits=waits, symbol=symbol)
        state, since = asked.get("status"), int(asked.get("from") or 0) * 1000
        if state:
            is_open = _waits_on if waits else _is_open
            views = [view for view in views if is_open(view) is (state == "open")]
        return _paged([view for view in views if view.updated_ms >= since], asked)

    def _spot_orders(self, account: str, asked: Asked, name: str) -> list[Row]:
        return [_spot_order(view) for view in self._listed(account, asked, spot=True, waits=False)]

    def _open_spot(self, account: str, asked: Asked, name: str) -> list[Row]:
        rows: dict[str, list[Row]] = {}
        for view in self._listed(account, {"status": "open"}, spot=True, waits=False):
            rows.setdefault(view.market.venue_id, []).append(_spot_order(view))
        pairs = [
            {"currency_pair": pair, "total": len(orders), "orders": orders} for pair, orders in rows.items()
        ]
        return _paged(pairs, asked)

    def _spot_price_orders(self, account: str, asked: Asked, name: str) -> list[Row]:
        return [_spot_price_order(view) for view in self._listed(account, asked, spot=True, waits=True)]

    def _perp_orders(self, account: str, asked: Asked, name: str) -> list[Row]:
        return [_perp_order(view) for view in self._listed(account, asked, spot=False, waits=False)]

    def _perp_price_orders(self, account: str, asked: Asked, name: str) -> list[Row]:
        return [_perp_price_order(view) for view in self._listed(account, asked, spot=False, waits=True)]

    def _spot_order(self, account: str, asked: Asked, name: str) -> Row:
        return _spot_order(self._of(account, name, spot=True, waits=False))

    def _spot_price_order(self, account: str, asked: Asked, name: str) -> Row:
        return _spot_price_order(self._of(account, name, spot=True, waits=True))

    def _perp_order(self, account: str, asked: Asked, name: str) -> Row:
        return _perp_order(self._of(account, name, spot=False, waits=False))

    def _perp_price_order(self, account: str, asked: Asked, name: str) -> Row:
        return _perp_price_order(self._of(account, name, spot=False, waits=True))

    def _cancel_of(self, account: str, name: str, *, spot: bool, waits: bool) -> OrderView:
        view = self._of(account, name, spot=spot, waits=waits)
        if waits is not _waits_on(view):
            raise Refusal(Why.UNKNOWN_ORDER, f"order {name} is not open")
        return self.venue.cancel(account, order_id=view.order_id, held=None if spot else waits)

    def _cancel_spot(self, account: str, asked: Asked, name: str) -> Row:
        return _spot_order(self._cancel_of(account, name, spot=True, waits=False))

    def _cancel_spot_price(self, account: str, asked: Asked, name: str) -> Row:
        return _spot_price_order(self._cancel_of(account, name, spot=True, waits=True))

    def _cancel_perp(self, account: str, asked: Asked, name: str) -> Row:
        return _perp_order(self._cancel_of(account, name, spot=False, waits=False))

    def _cancel_perp_price(self, account: str, asked: Asked, name: str) -> Row:
        return _perp_price_order(self._cancel_of(account, name, spot=False, waits=True))

    def _trades(self, account: str, asked: Asked, *, spot: bool) -> list[TradeView]:
        symbol, order = asked.get("currency_pair") or asked.get("contract"), asked.get("order_id")
        number = order or asked.get("order")
        wanted = None if number is None else int(number) - (_FIRED if int(number) > _FIRED else 0)
        since = int(asked.get("from") or 0) * 1000
        found = [
            trade
            for trade in self.venue.trades(account, order_id=wanted)
            if trade.market.is_spot is spot
            and symbol in (None, trade.market.venue_id)
            and trade.time_ms >= since
        ]
        return _paged(found[::-1], asked)

    def _spot_trades(self, account: str, asked: Asked, name: str) -> list[Row]:
        return [self._spot_trade(account, each) for each in self._trades(account, asked, spot=True)]

    def _spot_trade(self, account: str, trade: TradeView) -> Row:
        view = self.venue.find(account, order_id=trade.order_id)
        fired = view is not None and view.held
        return {
            "id": str(trade.trade_id),
            "create_time": str(trade.time_ms // 1000),
            "create_time_ms": f"{trade.time_ms}.000",
            "currency_pair": trade.market.venue_id,
            "side": trade.side.lower(),
            "role": "maker" if trade.maker else "taker",
            "amount": _text(trade.quantity),
            "price": _text(trade.price),
            "order_id": str(trade.order_id + (_FIRED if fired else 0)),
            "fee": _text(trade.fee),
            "fee_currency": trade.fee_asset,
            "text": trade.client_id,
        }

    def _perp_trades(self, account: str, asked: Asked, name: str) -> list[Row]:
        return [_perp_trade(each) for each in self._trades(account, asked, spot=False)]

    # positions and balances

    def _positions(self, account: str, asked: Asked, name: str) -> list[Row]:
        if asked.get("holding") == "true":
            return [self._record(account, view.market, view) for view in self.venue.positions(account)]
        return [self._position(account, asked, each.venue_id) for each in MARKETS if not each.is_spot]

    def _position(self, account: str, asked: Asked, name: str) -> Row:
        place = _market(name, spot=False)
        held = self.venue.positions(account, place)
        return self._record(account, place, held[0] if held else None)

    def _record(self, account: str, place: VenueMarket, view: PositionView | None) -> Row:
        leverage, isolated = self.venue.leverage(account, place), self.venue.isolated(account, place)
        zero = Decimal(0)
        quantity = view.quantity if view is not None else zero
        notional = view.notional if view is not None else zero
        return {
            "user": _user(self.keys, account),
            "contract": place.venue_id,
            "size": _text(place.contracts(quantity)),
            "leverage": str(leverage) if isolated else "0",
            "cross_leverage_limit": "0" if isolated else str(leverage),
            "leverage_max": "125",
            "mode": "single",
            "value": _text(notional),
            "margin": _text(notional / leverage),
            "initial_margin": _text(notional / leverage),
            "maintenance_margin": "0",
            "entry_price": _text(view.entry_price if view is not None else zero),
            "mark_price": _text(self.venue.mark(place)),
            "liq_price": "0",
            "unrealised_pnl": _text(view.unrealized if view is not None else zero),
            "realised_pnl": _text(view.realized if view is not None else zero),
            "open_time": view.updated_ms // 1000 if view is not None else 0,
            "update_time": view.updated_ms // 1000 if view is not None else 0,
        }

    def _set_leverage(self, account: str, asked: Asked, name: str) -> Row:
        place, leverage = _market(name, spot=False), Decimal(asked["leverage"])
        limit = Decimal(asked.get("cross_leverage_limit") or 0)
        wanted = leverage or limit
        if wanted != wanted.to_integral_value():
            raise _No("INVALID_PARAM_VALUE", "the simulated leverage is a whole number")
        if wanted:
            self.venue.set_leverage(account, place, int(wanted))
        self.venue.set_isolated(account, place, bool(leverage))
        return self._position(account, asked, name)

    def _spot_accounts(self, account: str, asked: Asked, name: str) -> list[Row]:
        return [
            {"currency": each.asset, "available": _text(each.free), "locked": _text(each.used)}
            for each in self.venue.balances(account)
        ]

    def _perp_accounts(self, account: str, asked: Asked, name: str) -> Row:
        found = next((each for each in self.venue.balances(account) if each.asset == "USDT"), None)
        zero = Decimal(0)
        return {
            "currency": "USDT",
            "total": _text(found.total if found is not None else zero),
            "available": _text(found.free if found is not None else zero),
            "unrealised_pnl": _text(sum((each.unrealized for each in self.venue.positions(account)), zero)),
            "in_dual_mode": False,
        }

    def _account_book(self, account: str, asked: Asked, name: str) -> list[Row]:
        kinds = {"pnl": "REALIZED_PNL", "fund": "FUNDING_FEE", "fee": "COMMISSION"}
        since = int(asked.get("from") or 0) * 1000
        rows = [
            {
                "id": str(each.income_id),
                "time": each.time_ms // 1000,
                "change": _text(each.amount),
                "type": asked["type"],
                "contract": each.market.venue_id,
                "text": f"{each.market.venue_id}:{each.income_id}",
            }
            for each in self.venue.income(account, kinds.get(asked.get("type", ""), "?"))
            if each.market is not None
            and asked.get("contract") in (None, each.market.venue_id)
            and each.time_ms >= since
        ]
        return _paged(rows[::-1], asked)

    # streams

    def opened(self, socket: Socket) -> None:
        socket.state["topics"] = set()

    def received(self, socket: Socket, message: str) -> None:
        asked = json.loads(message)
        channel, event, when = str(asked.get("channel")), asked.get("event"), asked.get("time")
        said = {"time": self._clock() // 1000, "id": asked.get("id"), "channel": channel, "event": event}
        if channel.endswith(".ping"):
            socket.send(said | {"channel": channel.replace(".ping", ".pong"), "event": "", "result": None})
            return
        if event != "subscribe":
            socket.send(said | {"error": {"code": 1, "message": f"unknown event {event}"}})
            return
        auth = asked.get("auth") or {}
        key = self._by_key.get(auth.get("KEY", ""))
        wanted = _hmac(key.api_secret, f"channel={channel}&event={event}&time={when}") if key else ""
        if key is None or not hmac.compare_digest(wanted, auth.get("SIGN", "")):
            text = '{"label":"INVALID_KEY","message":"Invalid key provided"}'
            socket.send(said | {"error": {"code": 4, "message": text}, "result": None})
            return
        socket.account = key.account
        socket.state["topics"].add(channel)
        socket.send(said | {"error": None, "result": {"status": "success"}})

    def happened(self, socket: Socket, happening: Happening) -> None:
        view, account = happening.order, happening.account
        if view is None or (not view.market.is_spot and not socket.path.endswith("/usdt")):
            return
        trade = happening.trade
        if view.market.is_spot:
            if trade is not None:
                self._tell(socket, "spot.usertrades", [self._spot_trade(account, trade)])
            if view.held and not trade:
                self._tell(socket, "spot.priceorders", _streamed_price_order(view))
            if not view.held or _was_triggered(view):
                ended = "update" if _is_open(view) and view.filled else "put"
                event = ended if _is_open(view) else "finish"
                self._tell(socket, "spot.orders", [_spot_order(view) | {"event": event}])
            return
        if trade is not None:
            self._tell(socket, "futures.usertrades", [_perp_trade(trade)])
        if view.held:
            self._tell(socket, "futures.autoorders", [_perp_price_order(view)])
        else:
            self._tell(socket, "futures.orders", [_perp_order(view)])

    def _tell(self, socket: Socket, channel: str, result: Any) -> None:
        if channel in socket.state["topics"]:
            now = self._clock()
            body = {"time": now // 1000, "time_ms": now, "channel": channel, "event": "update"}
            socket.send(body | {"result": result})


def build(keys: Sequence[VenueKey], clock: Callable[[], int]) -> Gateio:
    return Gateio(keys, clock)


# Words


def _hmac(secret: str, text: str) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha512).hexdigest()


def _text(number: Decimal) -> str:
    return format(number.normalize(), "f")


def _decimal(text: Any) -> Decimal | None:
    return None if text in (None, "") else Decimal(str(text))


def _user(keys: Sequence[VenueKey], account: str) -> int:
    return 100_001 + [key.account for key in keys].index(account)


def _market(venue_id: str, *, spot: bool) -> VenueMarket:
    found = next((each for each in MARKETS if each.venue_id == venue_id and each.is_spot is spot), None)
    if found is None:
        raise Refusal(Why.SYMBOL, f"{venue_id} is not listed")
    return found


def _times(tif: str) -> dict[str, Any]:
    return {"time_in_force": "GTC" if tif == "poc" else tif.upper(), "post_only": tif == "poc"}


def _paged(rows: list[Any], asked: Asked) -> list[Any]:
    size, page = int(asked.get("limit") or 100), int(asked.get("page") or 1)
    start = int(asked.get("offset") or (page - 1) * size)
    return rows[start : start + size]


def _is_open(view: OrderView) -> bool:
    return view.status is Status.OPEN


def _waits_on(view: OrderView) -> bool:
    return view.status is Status.HELD


def _was_triggered(view: OrderView) -> bool:
    """True of a price order that put an order on the book. One that was canceled without a fill counts as
    canceled before."""
    if view.market.is_spot:
        return view.status in (Status.OPEN, Status.FILLED, Status.EXPIRED) or bool(view.filled)
    return bool(view.child_id)


def _pair(place: VenueMarket) -> Row:
    each = place.instrument
    return {
        "id": place.venue_id,
        "base": each.base,
        "quote": each.quote,
        "fee": "0.2",
        "min_base_amount": _text(each.min_quantity),
        "min_quote_amount": _text(each.min_notional),
        "amount_precision": -int(each.lot_size.normalize().as_tuple().exponent),
        "precision": -int(each.tick_size.normalize().as_tuple().exponent),
        "trade_status": "tradable",
        "sell_start": 0,
        "buy_start": 0,
        "type": "normal",
        "up_rate": "0.1",
        "down_rate": "0.1",
    }


def _contract(place: VenueMarket, mark: Decimal) -> Row:
    each = place.instrument
    return {
        "name": place.venue_id,
        "type": "direct",
        "status": "trading",
        "quanto_multiplier": _text(place.contract_size),
        "leverage_min": "1",
        "leverage_max": "125",
        "mark_price": _text(mark),
        "order_price_round": _text(each.tick_size),
        "order_price_deviate": "0.2",
        "order_size_min": int(place.contracts(each.min_quantity)),
        "order_size_max": int(place.contracts(each.max_quantity)),
        "enable_decimal": False,
        "funding_interval": 28800,
        "create_time": 1546300800,
        "in_delisting": False,
    }


def _ending(view: OrderView) -> str:
    """Return why an order ended, `open` for one that has not."""
    if view.status.is_open:
        return "open"
    if view.status is Status.FILLED:
        return "filled"
    return "cancelled" if view.status is Status.CANCELED else "ioc"


def _spot_order(view: OrderView) -> Row:
    states = {"open": "open", "filled": "closed"}
    return {
        "id": str(view.order_id + (_FIRED if view.held else 0)),
        "text": view.client_id,
        "create_time": str(view.created_ms // 1000),
        "update_time": str(view.updated_ms // 1000),
        "create_time_ms": view.created_ms,
        "update_time_ms": view.updated_ms,
        "status": states.get(_ending(view), "cancelled"),
        "finish_as": _ending(view),
        "currency_pair": view.market.venue_id,
        "type": view.kind,
        "account": "spot",
        "side": view.side.lower(),
        "amount": _text(view.quantity),
        "price": _text(view.price),
        "time_in_force": _tif(view),
        "left": _text(view.quantity - view.filled),
        "filled_amount": _text(view.filled),
        "filled_total": _text(view.value),
        "avg_deal_price": _text(view.average) if view.filled else "",
        "fee": _text(view.fee),
        "fee_currency": view.fee_asset or view.market.instrument.quote,
    }


def _tif(view: OrderView) -> str:
    return "poc" if view.post_only else "ioc" if view.kind == "market" else view.time_in_force.lower()


def _spot_price_order(view: OrderView) -> Row:
    fired = _was_triggered(view)
    ended = {Status.CANCELED: "cancelled", Status.REJECTED: "failed"}
    return {
        "id": view.order_id,
        "market": view.market.venue_id,
        "ctime": view.created_ms // 1000,
        "ftime": 0 if _waits_on(view) else view.updated_ms // 1000,
        "status": "open" if _waits_on(view) else "finish" if fired else ended.get(view.status, "expired"),
        "fired_order_id": view.order_id + _FIRED if fired else 0,
        "reason": view.reason,
        "trigger": {"price": _text(view.stop_price), "rule": _rule(view), "expiration": 2592000},
        "put": {
            "type": view.kind,
            "side": view.side.lower(),
            "price": _text(view.price),
            "amount": _text(view.quantity),
            "account": "normal",
            "time_in_force": _tif(view),
            "text": view.client_id,
        },
    }


def _rule(view: OrderView) -> str:
    return ">=" if view.takes_profit is not view.is_buy else "<="


def _streamed_price_order(view: OrderView) -> Row:
    """Return a spot price order as the stream has it: flat, without client order id and status."""
    row = _spot_price_order(view)
    return {
        "id": str(row["id"]),
        "market": row["market"],
        "fired_order_id": row["fired_order_id"],
        "reason": row["reason"],
        "err_msg": row["reason"] if row["status"] == "failed" else "",
        "trigger_price": row["trigger"]["price"],
        "trigger_rule": row["trigger"]["rule"],
        "price": row["put"]["price"],
        "amount": row["put"]["amount"],
        "order_type": row["put"]["type"],
        "side": row["put"]["side"],
        "ctime": str(view.created_ms),
        "ftime": "-62135596800000" if row["status"] == "open" else str(view.updated_ms),
    }


def _signed(view: OrderView, quantity: Decimal) -> str:
    return _text(view.market.contracts(quantity if view.is_buy else -quantity))


def _perp_order(view: OrderView) -> Row:
    row = {
        "id": view.order_id,
        "contract": view.market.venue_id,
        "create_time": view.created_ms // 1000,
        "create_time_ms": view.created_ms,
        "update_time_ms": view.updated_ms,
        "size": _signed(view, view.quantity),
        "left": _signed(view, view.quantity - view.filled),
        "price": "0" if view.kind == "market" else _text(view.price),
        "fill_price": _text(view.average),
        "tif": _tif(view),
        "text": view.client_id,
        "is_reduce_only": view.reduce_only,
        "is_close": False,
        "is_liq": False,
        "status": "open" if _is_open(view) else "finished",
    }
    return row if _is_open(view) else row | {"finish_as": _ending(view)}


def _perp_price_order(view: OrderView) -> Row:
    fired = _was_triggered(view)
    ends = {Status.CANCELED: "cancelled", Status.REJECTED: "failed"}
    finish_as = "" if _waits_on(view) else "succeeded" if fired else ends.get(view.status, "expired")
    return {
        "id": view.order_id,
        "create_time": view.created_ms // 1000,
        "finish_time": 0 if _waits_on(view) else view.updated_ms // 1000,
        "trade_id": view.child_id,
        "status": "open" if _waits_on(view) else "finished",
        "finish_as": finish_as,
        "reason": view.reason,
        "initial": {
            "contract": view.market.venue_id,
            "size": _signed(view, view.quantity),
            "price": "0" if view.kind == "market" else _text(view.price),
            "tif": _tif(view),
            "text": view.client_id,
            "is_reduce_only": view.reduce_only,
        },
        "trigger": {
            "strategy_type": 0,
            "price_type": 0,
            "price": _text(view.stop_price),
            "rule": 1 if _rule(view) == ">=" else 2,
            "expiration": 0,
        },
    }


def _perp_trade(trade: TradeView) -> Row:
    size = trade.market.contracts(trade.quantity if trade.side == "BUY" else -trade.quantity)
    return {
        "id": str(trade.trade_id),
        "create_time": trade.time_ms // 1000,
        "create_time_ms": trade.time_ms,
        "contract": trade.market.venue_id,
        "order_id": str(trade.order_id),
        "size": _text(size),
        "price": _text(trade.price),
        "role": "maker" if trade.maker else "taker",
        "text": trade.client_id,
        "fee": _text(trade.fee),
    }
