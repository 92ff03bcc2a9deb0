"""The simulated Binance: as much of its spot, USDⓈ-M and COIN-M API as orders, positions and balances need.

Every private request is signed. A futures order that waits for a price is in the algo service, with an id
of its own; what its trigger makes has another, and the same client id. A spot stop order is one order. News
come on the spot WebSocket API after `userDataStream.subscribe.signature`, and on a listen key's stream for
each kind of futures. All wallets of an account are one pool here, and one position mode goes for both kinds
of futures. Source: Binance's spot, USDⓈ-M and COIN-M documentation; ccxt 4.5.90 for what a client reads.
"""

import hashlib
import hmac
import json
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
    market("BTC/USDT", "BTCUSDT", tick="0.01", lot="0.00001", min_notional="5"),
    market("ETH/USDT", "ETHUSDT", tick="0.01", lot="0.0001", min_notional="5"),
    market("SOL/USDT", "SOLUSDT", tick="0.01", lot="0.001", min_notional="5"),
    market("ETH/BTC", "ETHBTC", tick="0.00001", lot="0.0001", min_notional="0.0001"),
    market("BTC/USDT:USDT", "BTCUSDT", tick="0.10", lot="0.001", min_notional="50"),
    market("ETH/USDT:USDT", "ETHUSDT", tick="0.01", lot="0.001", min_notional="20"),
    market("SOL/USDT:USDT", "SOLUSDT", tick="0.01", lot="0.01", min_notional="5"),
    market("BTC/USDC:USDC", "BTCUSDC", tick="0.1", lot="0.001", min_notional="50"),
    market("BTC/USD:BTC", "BTCUSD_PERP", tick="0.1", lot="1", contract_size="100"),
    market("ETH/USD:ETH", "ETHUSD_PERP", tick="0.01", lot="1", contract_size="10"),
)

SPOT, UM, CM = "spot", "um", "cm"

REST: Mapping[str, str] = {
    "api.binance.com": SPOT,
    "testnet.binance.vision": SPOT,
    "demo-api.binance.com": SPOT,
    "fapi.binance.com": UM,
    "demo-fapi.binance.com": UM,
    "dapi.binance.com": CM,
    "demo-dapi.binance.com": CM,
}
STREAMS: Mapping[str, str] = {
    "ws-api.binance.com:443": SPOT,
    "ws-api.testnet.binance.vision": SPOT,
    "demo-ws-api.binance.com": SPOT,
    "fstream.binance.com": UM,
    "fstream.binancefuture.com": UM,
    "dstream.binance.com": CM,
    "dstream.binancefuture.com": CM,
}

_CODES: Mapping[Why, tuple[tuple[int, str], tuple[int, str]]] = {
    Why.BALANCE: (
        (-2010, "Account has insufficient balance for requested action."),
        (-2019, "Margin is insufficient."),
    ),
    Why.MARGIN: (
        (-2010, "Account has insufficient balance for requested action."),
        (-2019, "Margin is insufficient."),
    ),
    Why.UNKNOWN_ORDER: ((-2011, "Unknown order sent."), (-2011, "Unknown order sent.")),
    Why.DUPLICATE: ((-2010, "Duplicate order sent."), (-4116, "ClientOrderId is duplicated.")),
    Why.WOULD_TAKE: (
        (-2010, "Order would immediately match and take."),
        (-5022, "Due to the order could not be executed as maker, the Post Only order will be rejected."),
    ),
    Why.WOULD_TRIGGER: (
        (-2010, "Stop price would trigger immediately."),
        (-2021, "Order would immediately trigger."),
    ),
    Why.REDUCE_ONLY: ((-1106, ""), (-2022, "ReduceOnly Order is rejected.")),
    Why.PRICE: ((-1013, "Filter failure: PRICE_FILTER"), (-4014, "Price not increased by tick size.")),
    Why.QUANTITY: (
        (-1013, "Filter failure: LOT_SIZE"),
        (-1111, "Precision is over the maximum defined for this asset."),
    ),
    Why.NOTIONAL: ((-1013, "Filter failure: NOTIONAL"), (-4164, "")),
    Why.SYMBOL: ((-1121, "Invalid symbol."), (-1121, "Invalid symbol.")),
    Why.POSITION_SIDE: (
        (-1106, ""),
        (-4061, "Order's position side does not match user's setting."),
    ),
    Why.LEVERAGE: ((-1102, ""), (-4028, "")),
    Why.TOO_MANY: ((-1013, "Filter failure: MAX_NUM_ORDERS"), (-2025, "Reach max open order limit.")),
}
"""Why a request was refused -> code and words on spot, and on futures; empty words are the simulator's
own."""

_OTHER = -1102
_DOLLARS = frozenset({"USDT", "USDC"})
"""What the USDⓈ-M wallet tells of the pool; COIN-M's tells the rest."""

_PLAIN_TYPES = {"MARKET": "market", "LIMIT": "limit", "LIMIT_MAKER": "limit"}
_WAITING: Mapping[str, tuple[str, bool]] = {
    "STOP_LOSS": ("market", False),
    "STOP_LOSS_LIMIT": ("limit", False),
    "STOP_MARKET": ("market", False),
    "STOP": ("limit", False),
    "TAKE_PROFIT_MARKET": ("market", True),
    "TAKE_PROFIT_LIMIT": ("limit", True),
    "TRAILING_STOP_MARKET": ("market", False),
}
"""Order type -> what its trigger puts on the book, and whether it takes a profit. TAKE_PROFIT is a market
order on spot and a limit order on futures."""

_ALGO_STATUS = {Status.OPEN: "TRIGGERED", Status.FILLED: "FINISHED"}


class _No(Exception):
    """A request that is answered by a code of Binance's own."""

    def __init__(self, code: int, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.code, self.text, self.status = code, text, status


Asked = Mapping[str, str]


class Binance:
    """The dialect. Event loop only."""

    hosts = (*REST, *STREAMS)

    def __init__(self, keys: Sequence[VenueKey], clock: Callable[[], int]) -> None:
        self.keys = keys
        self.venue = Venue("binance", MARKETS, clock, one_order=False)
        self._clock = clock
        self._by_key = {key.api_key: key for key in keys}
        self._listen_keys = {
            _listen_key(key.account, kind): (key.account, kind) for key in keys for kind in (UM, CM)
        }
        self._public: Mapping[str, Callable[[str, Asked], Any]] = {
            "ping": lambda kind, asked: {},
            "time": lambda kind, asked: {"serverTime": self._clock()},
            "exchangeInfo": self._exchange_info,
            "ticker/24hr": self._tickers,
            "ticker/price": self._tickers,
            "ticker/bookTicker": self._tickers,
            "premiumIndex": self._premium_index,
        }
        both: dict[tuple[str, str], Callable[[str, str, Asked], Any]] = {
            ("POST", "order"): self._place,
            ("DELETE", "order"): self._cancel,
            ("GET", "order"): self._order,
            ("GET", "openOrders"): self._open_orders,
            ("GET", "allOrders"): self._all_orders,
        }
        self._spot = both | {
            ("GET", "myTrades"): self._trades,
            ("GET", "account"): self._spot_account,
            ("POST", "orderList/oco"): self._place_oco,
        }
        self._futures = both | {
            ("GET", "userTrades"): self._trades,
            ("POST", "algoOrder"): self._place_algo,
            ("DELETE", "algoOrder"): self._cancel_algo,
            ("GET", "algoOrder"): self._algo,
            ("GET", "openAlgoOrders"): self._open_algos,
            ("GET", "account"): self._futures_account,
            ("GET", "positionRisk"): self._position_risk,
            ("GET", "symbolConfig"): self._symbol_config,
            ("GET", "leverageBracket"): lambda account, kind, asked: [],
            ("POST", "leverage"): self._set_leverage,
            ("POST", "marginType"): self._set_margin_type,
            ("GET", "income"): self._income,
            ("GET", "positionSide/dual"): self._position_mode,
        }

    # REST

    def answer(self, request: Request) -> Answer:
        kind = REST.get(request.host, "")
        path = request.path.split("/", 3)[-1]
        asked = request.parameters() | request.form()
        try:
            if request.method == "GET" and path in self._public:
                return Answer(self._public[path](kind, asked))
            if path == "listenKey" and kind != SPOT:
                return Answer(self._made_listen_key(request, kind))
            routes = self._spot if kind == SPOT else self._futures
            route = routes.get((request.method, path))
            if route is None or not kind:
                raise _No(-5000, f"Path {request.path}, Method {request.method} is invalid", 404)
            account = self._signer(request.headers, request.query + request.body, asked)
            return Answer(route(account, kind, asked))
        except _No as no:
            return Answer({"code": no.code, "msg": no.text}, no.status)
        except KeyError as missing:
            text = f"Mandatory parameter {missing} was not sent, was empty/null, or malformed."
            return Answer({"code": -1102, "msg": text}, 400)
        except Refusal as refusal:
            code, text = _CODES.get(refusal.why, ((_OTHER, ""), (_OTHER, "")))[kind != SPOT]
            return Answer({"code": code, "msg": text or refusal.text}, 400)

    def _key(self, api_key: str) -> VenueKey:
        key = self._by_key.get(api_key)
        if key is None:
            raise _No(-2015, "Invalid API-key, IP, or permissions for action.", 401)
        return key

    def _signer(self, headers: Mapping[str, str], signed: str, asked: Asked) -> str:
        """Return the account whose key signed a request."""
        key = self._key(headers.get("X-MBX-APIKEY", ""))
        content, _, signature = signed.rpartition("&signature=")
        self._check(key, content, signature, asked)
        return key.account

    def _check(self, key: VenueKey, content: str, signature: str, asked: Asked) -> None:
        wanted = hmac.new(key.api_secret.encode(), content.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(wanted, signature):
            raise _No(-1022, "Signature for this request is not valid.")
        stamp, window = asked.get("timestamp", ""), asked.get("recvWindow", "5000")
        if not stamp.isdigit() or not window.isdigit() or abs(self._clock() - int(stamp)) > int(window):
            raise _No(-1021, "Timestamp for this request is outside of the recvWindow.")

    def _made_listen_key(self, request: Request, kind: str) -> Any:
        """Return the listen key of an account: always the same, so that a stream outlives the simulator."""
        return {"listenKey": _listen_key(self._key(request.headers.get("X-MBX-APIKEY", "")).account, kind)}

    # public

    def _exchange_info(self, kind: str, asked: Asked) -> Any:
        return {
            "timezone": "UTC",
            "serverTime": self._clock(),
            "rateLimits": [],
            "exchangeFilters": [],
            "symbols": [_symbol(each) for each in MARKETS if _kind(each) == kind],
        }

    def _tickers(self, kind: str, asked: Asked) -> Any:
        rows = [self._ticker(each) for each in self._of(kind, asked)]
        return rows[0] if asked.get("symbol") and kind != CM else rows

    def _ticker(self, of: VenueMarket) -> Any:
        last, (bid, ask) = _text(self.venue.last(of)), self.venue.best(of)
        return {
            "symbol": of.venue_id,
            "price": last,
            "lastPrice": last,
            "openPrice": last,
            "highPrice": last,
            "lowPrice": last,
            "bidPrice": _text(bid),
            "askPrice": _text(ask),
            "bidQty": "1",
            "askQty": "1",
            "volume": "0",
            "openTime": self._clock() - 86_400_000,
            "closeTime": self._clock(),
        }

    def _premium_index(self, kind: str, asked: Asked) -> Any:
        rows = [
            {"symbol": each.venue_id, "markPrice": _text(self.venue.mark(each)), "time": self._clock()}
            for each in self._of(kind, asked)
        ]
        return rows[0] if asked.get("symbol") and kind != CM else rows

    def _of(self, kind: str, asked: Asked) -> list[VenueMarket]:
        """Return the markets that a request is about, at least one."""
        symbol = asked.get("symbol")
        found = [
            each
            for each in MARKETS
            if _kind(each) == kind
            and symbol in (None, each.venue_id)
            and asked.get("pair", _pair(each)) == _pair(each)
        ]
        if not found:
            raise Refusal(Why.SYMBOL, f"symbol {symbol!r} is not listed")
        return found

    def _one(self, kind: str, asked: Asked) -> VenueMarket:
        return self._of(kind, {"symbol": asked["symbol"]})[0]

    # orders

    def _place(self, account: str, kind: str, asked: Asked) -> Any:
        name = asked["type"]
        if kind != SPOT and name not in ("MARKET", "LIMIT"):
            raise _No(
                -4120,
                "Order type not supported for this endpoint. Please use the Algo Order API instead.",
            )
        placed = self.venue.place(account, self._ticket(kind, asked, asked.get("newClientOrderId", "")))
        return self._told(placed)

    def _ticket(self, kind: str, asked: Asked, client_id: str) -> Ticket:
        name, of = asked["type"], self._one(kind, asked)
        stop = _decimal(asked.get("stopPrice") or asked.get("triggerPrice"))
        trails = name == "TRAILING_STOP_MARKET"
        if name == "TAKE_PROFIT":
            what, takes_profit = ("market" if kind == SPOT else "limit"), True
        elif name in _PLAIN_TYPES:
            what, takes_profit = _PLAIN_TYPES[name], False
        elif name in _WAITING:
            what, takes_profit = _WAITING[name]
        else:
            raise _No(-1116, "Invalid orderType.")
        if name not in _PLAIN_TYPES and stop is None and not trails:
            raise KeyError("triggerPrice")
        tif = asked.get("timeInForce", "GTC")
        return Ticket(
            market=of,
            side=asked["side"],
            kind=what,
            quantity=_decimal(asked.get("quantity")),
            quote_quantity=_decimal(asked.get("quoteOrderQty")),
            price=_decimal(asked.get("price")) if what == "limit" else None,
            time_in_force="GTC" if tif == "GTX" else tif,
            post_only=tif == "GTX" or name == "LIMIT_MAKER",
            reduce_only=asked.get("reduceOnly") == "true",
            position_side=asked.get("positionSide", "BOTH"),
            client_id=client_id,
            stop_price=None if trails or name in _PLAIN_TYPES else stop,
            takes_profit=takes_profit,
            callback_rate=Decimal(asked["callbackRate"]) if trails else None,
            activation_price=_decimal(asked.get("activatePrice") or asked.get("activationPrice")),
            on_mark=asked.get("workingType") == "MARK_PRICE",
        )

    def _place_oco(self, account: str, kind: str, asked: Asked) -> Any:
        sells = asked["side"] == "SELL"
        maker, guard = ("above", "below") if sells else ("below", "above")
        if asked[f"{maker}Type"] != "LIMIT_MAKER" or asked[f"{guard}Type"] not in (
            "STOP_LOSS",
            "STOP_LOSS_LIMIT",
        ):
            raise _No(
                -1106, f"the order {maker} must be a LIMIT_MAKER, the order {guard} a STOP_LOSS(_LIMIT)"
            )
        common = {"symbol": asked["symbol"], "side": asked["side"], "quantity": asked["quantity"]}
        limit, stop = (
            self._ticket(
                kind,
                common
                | {
                    key.removeprefix(which)[0].lower() + key.removeprefix(which)[1:]: value
                    for key, value in asked.items()
                    if key.startswith(which)
                },
                asked[f"{which}ClientOrderId"],
            )
            for which in (maker, guard)
        )
        placed = self.venue.place_oco(account, limit, stop, asked.get("listClientOrderId", ""))
        return {
            "orderListId": placed[0].list_id,
            "contingencyType": "OCO",
            "listStatusType": "EXEC_STARTED",
            "listOrderStatus": "EXECUTING",
            "listClientOrderId": asked.get("listClientOrderId", ""),
            "transactionTime": self._clock(),
            "symbol": asked["symbol"],
            "orders": [
                {"symbol": asked["symbol"], "orderId": each.order_id, "clientOrderId": each.client_id}
                for each in reversed(placed)
            ],
            "orderReports": [self._told(each) for each in reversed(placed)],
        }

    def _find(self, account: str, kind: str, asked: Asked, code: int, text: str) -> OrderView:
        of, number = self._one(kind, asked), asked.get("orderId")
        view = self.venue.find(
            account,
            market=of,
            order_id=_number(number),
            client_id=asked.get("origClientOrderId") or "?",
            held=None if kind == SPOT else False,
        )
        if view is None:
            raise _No(code, text)
        return view

    def _cancel(self, account: str, kind: str, asked: Asked) -> Any:
        view = self._find(account, kind, asked, -2011, "Unknown order sent.")
        done = self.venue.cancel(account, market=view.market, order_id=view.order_id, held=view.held)
        return self._told(done) | {"origClientOrderId": view.client_id}

    def _order(self, account: str, kind: str, asked: Asked) -> Any:
        return self._told(self._find(account, kind, asked, -2013, "Order does not exist."))

    def _views(
        self, account: str, kind: str, asked: Asked, *, held: bool, only_open: bool
    ) -> list[OrderView]:
        listed = self.venue.open_orders if only_open else self.venue.orders
        return [
            view
            for each in self._of(kind, asked)
            for view in listed(account, each)
            if kind == SPOT or view.held is held
        ]

    def _open_orders(self, account: str, kind: str, asked: Asked) -> Any:
        return [self._told(view) for view in self._views(account, kind, asked, held=False, only_open=True)]

    def _all_orders(self, account: str, kind: str, asked: Asked) -> Any:
        return [self._told(view) for view in self._views(account, kind, asked, held=False, only_open=False)]

    def _told(self, view: OrderView) -> dict[str, Any]:
        """Return an order as an answer tells it."""
        row: dict[str, Any] = {
            "symbol": view.market.venue_id,
            "orderId": view.order_id,
            "clientOrderId": view.client_id,
            "price": _text(view.price),
            "origQty": _text(view.quantity),
            "executedQty": _text(view.filled),
            "status": _status(view),
            "timeInForce": "GTX" if view.post_only and not view.market.is_spot else view.time_in_force,
            "type": _type(view),
            "side": view.side,
            "stopPrice": _text(view.stop_price),
            "time": view.created_ms,
            "updateTime": view.updated_ms,
        }
        if view.market.is_spot:
            return row | {
                "orderListId": view.list_id or -1,
                "cummulativeQuoteQty": _text(view.value),
                "transactTime": view.updated_ms,
                "isWorking": view.status is not Status.HELD,
                "selfTradePreventionMode": "NONE",
            }
        return row | {
            "avgPrice": _text(view.average),
            "cumBase" if view.market.inverse else "cumQuote": _text(view.value),
            "positionSide": view.position_side,
            "reduceOnly": view.reduce_only,
            "origType": _type(view),
        }

    # the algo service

    def _place_algo(self, account: str, kind: str, asked: Asked) -> Any:
        if asked.get("algoType") != "CONDITIONAL" or asked["type"] in _PLAIN_TYPES:
            raise _No(-1116, "Invalid orderType.")
        return _algo_told(self.venue.place(account, self._ticket(kind, asked, asked.get("clientAlgoId", ""))))

    def _find_algo(self, account: str, asked: Asked, kind: str, code: int, text: str) -> OrderView:
        number = asked.get("algoId")
        for each in self._of(kind, {}):
            view = self.venue.find(
                account,
                market=each,
                order_id=_number(number),
                client_id=asked.get("clientAlgoId") or "?",
                held=True,
            )
            if view is not None:
                return view
        raise _No(code, text)

    def _cancel_algo(self, account: str, kind: str, asked: Asked) -> Any:
        view = self._find_algo(account, asked, kind, -2011, "Unknown order sent.")
        if view.status is not Status.HELD:
            raise _No(-2011, "Unknown order sent.")
        self.venue.cancel(account, market=view.market, order_id=view.order_id, held=True)
        return {"algoId": view.order_id, "clientAlgoId": view.client_id, "code": "200", "msg": "success"}

    def _algo(self, account: str, kind: str, asked: Asked) -> Any:
        return _algo_told(self._find_algo(account, asked, kind, -2013, "Order does not exist."))

    def _open_algos(self, account: str, kind: str, asked: Asked) -> Any:
        views = self._views(account, kind, asked, held=True, only_open=True)
        return [_algo_told(view) for view in views if view.status is Status.HELD]

    # trades, money, positions

    def _trades(self, account: str, kind: str, asked: Asked) -> Any:
        number = asked.get("orderId")
        trades = self.venue.trades(account, self._one(kind, asked), order_id=_number(number))
        since = int(asked.get("startTime", 0))
        rows = [_trade_told(trade) for trade in trades if trade.time_ms >= since]
        limit = int(asked.get("limit", 500))
        return rows[:limit] if since else rows[-limit:]

    def _spot_account(self, account: str, kind: str, asked: Asked) -> Any:
        rows = [
            {"asset": each.asset, "free": _text(each.free), "locked": _text(each.used)}
            for each in self.venue.balances(account)
        ]
        return {"accountType": "SPOT", "canTrade": True, "updateTime": self._clock(), "balances": rows}

    def _futures_account(self, account: str, kind: str, asked: Asked) -> Any:
        rows = [
            {
                "asset": each.asset,
                "walletBalance": _text(each.total),
                "marginBalance": _text(each.total),
                "availableBalance": _text(each.free),
                "initialMargin": _text(each.used),
                "updateTime": self._clock(),
            }
            for each in self.venue.balances(account)
            if (each.asset in _DOLLARS) is (kind == UM)
        ]
        return {"assets": rows, "positions": self._position_risk(account, kind, asked)}

    def _position_risk(self, account: str, kind: str, asked: Asked) -> Any:
        """Return every symbol's position, open or not."""
        rows = []
        for each in self._of(kind, asked):
            there: Sequence[PositionView | None] = self.venue.positions(account, each) or (None,)
            rows += [self._position(account, each, position) for position in there]
        return rows

    def _position(self, account: str, of: VenueMarket, position: PositionView | None) -> Any:
        isolated = self.venue.isolated(account, of)
        signed = position.quantity if position else Decimal(0)
        notional = (position.notional if position else Decimal(0)).copy_sign(signed or Decimal(1))
        return {
            "symbol": of.venue_id,
            "positionAmt": _text(signed),
            "entryPrice": _text(position.entry_price if position else Decimal(0)),
            "markPrice": _text(self.venue.mark(of)),
            "unRealizedProfit": _text(position.unrealized if position else Decimal(0)),
            "liquidationPrice": "0",
            "leverage": str(self.venue.leverage(account, of)),
            "marginType": "isolated" if isolated else "cross",
            "isolatedMargin": "0",
            "isolatedWallet": "0",
            "positionSide": position.position_side if position else "BOTH",
            "notionalValue" if of.inverse else "notional": _text(notional),
            "updateTime": position.updated_ms if position else 0,
        }

    def _symbol_config(self, account: str, kind: str, asked: Asked) -> Any:
        return [
            {
                "symbol": each.venue_id,
                "marginType": "ISOLATED" if self.venue.isolated(account, each) else "CROSSED",
                "isAutoAddMargin": False,
                "leverage": self.venue.leverage(account, each),
                "maxNotionalValue": "1000000000",
            }
            for each in self._of(kind, asked)
        ]

    def _set_leverage(self, account: str, kind: str, asked: Asked) -> Any:
        of = self._one(kind, asked)
        self.venue.set_leverage(account, of, int(asked["leverage"]))
        return {"symbol": of.venue_id, "leverage": int(asked["leverage"]), "maxNotionalValue": "1000000000"}

    def _set_margin_type(self, account: str, kind: str, asked: Asked) -> Any:
        of, isolated = self._one(kind, asked), asked["marginType"] == "ISOLATED"
        if self.venue.isolated(account, of) == isolated:
            raise _No(-4046, "No need to change margin type.")
        self.venue.set_isolated(account, of, isolated)
        return {"code": 200, "msg": "success"}

    def _position_mode(self, account: str, kind: str, asked: Asked) -> Any:
        return {"dualSidePosition": self.venue.hedge_mode(account)}

    def _income(self, account: str, kind: str, asked: Asked) -> Any:
        since, limit = int(asked.get("startTime", 0)), int(asked.get("limit", 100))
        rows = [
            {
                "symbol": of.venue_id,
                "incomeType": row.kind,
                "income": _text(row.amount),
                "asset": row.asset,
                "info": "",
                "time": row.time_ms,
                "tranId": row.income_id,
                "tradeId": "",
            }
            for of in self._of(kind, asked)
            for row in self.venue.income(account, asked.get("incomeType", "REALIZED_PNL"), of)
            if row.time_ms >= since
        ]
        rows.sort(key=lambda row: (row["time"], row["tranId"]))
        return rows[:limit] if since else rows[-limit:]

    # streams

    def opened(self, socket: Socket) -> None:
        kind = STREAMS.get(socket.host, "")
        if kind in ("", SPOT):
            return
        key = socket.query.get("listenKey") or socket.path.rsplit("/", 1)[-1]
        account, of = self._listen_keys.get(key, ("", ""))
        if account and of == kind:
            socket.account = account
            socket.state |= {"kind": kind, "topics": ["userData"]}

    def received(self, socket: Socket, message: str) -> None:
        asked = json.loads(message)
        number, method = asked.get("id"), asked.get("method")
        if method != "userDataStream.subscribe.signature" or STREAMS.get(socket.host) != SPOT:
            socket.send(
                {"id": number, "status": 400, "error": {"code": -1100, "msg": f"unknown method {method}"}}
            )
            return
        params = {name: str(value) for name, value in asked["params"].items()}
        signature = params.pop("signature", "")
        try:
            key = self._key(params.get("apiKey", ""))
            self._check(key, "&".join(f"{name}={params[name]}" for name in sorted(params)), signature, params)
        except _No as no:
            socket.send({"id": number, "status": no.status, "error": {"code": no.code, "msg": no.text}})
            return
        socket.account = key.account
        socket.state |= {"kind": SPOT, "topics": ["userData"]}
        socket.send({"id": number, "status": 200, "result": {"subscriptionId": 0}})

    def happened(self, socket: Socket, happening: Happening) -> None:
        view, kind = happening.order, socket.state.get("kind")
        if view is None or _kind(view.market) != kind:
            return
        if kind == SPOT:
            socket.send({"subscriptionId": 0, "event": self._execution_report(view, happening.trade)})
        elif view.held:
            socket.send({"e": "ALGO_UPDATE", "E": self._clock(), "T": self._clock(), "o": _algo_update(view)})
        else:
            body = self._order_update(view, happening.trade)
            socket.send({"e": "ORDER_TRADE_UPDATE", "E": self._clock(), "T": self._clock(), "o": body})

    def _execution_report(self, view: OrderView, trade: TradeView | None) -> Any:
        canceled = view.status is Status.CANCELED
        return self._update(view, trade) | {
            "e": "executionReport",
            "E": self._clock(),
            "c": f"cancel-{view.order_id}" if canceled else view.client_id,
            "C": view.client_id if canceled else "",
            "P": _text(view.stop_price),
            "g": view.list_id or -1,
            "r": "NONE",
            "w": view.status is Status.OPEN,
            "O": view.created_ms,
            "Z": _text(view.value),
        }

    def _order_update(self, view: OrderView, trade: TradeView | None) -> Any:
        return self._update(view, trade) | {
            "c": view.client_id,
            "ap": _text(view.average),
            "sp": _text(view.stop_price),
            "R": view.reduce_only,
            "wt": "CONTRACT_PRICE",
            "ot": _type(view),
            "ps": view.position_side,
            "cp": False,
            "rp": _text(trade.realized if trade else Decimal(0)),
        }

    def _update(self, view: OrderView, trade: TradeView | None) -> dict[str, Any]:
        """Return what both kinds of order news have."""
        status = _status(view)
        return {
            "s": view.market.venue_id,
            "S": view.side,
            "o": _type(view),
            "f": "GTX" if view.post_only and not view.market.is_spot else view.time_in_force,
            "q": _text(view.quantity),
            "p": _text(view.price),
            "x": "TRADE" if trade else "NEW" if view.status.is_open else status,
            "X": status,
            "i": view.order_id,
            "l": _text(trade.quantity if trade else Decimal(0)),
            "z": _text(view.filled),
            "L": _text(trade.price if trade else Decimal(0)),
            "n": _text(trade.fee if trade else Decimal(0)),
            "N": trade.fee_asset if trade else None,
            "T": trade.time_ms if trade else view.updated_ms,
            "t": trade.trade_id if trade else -1,
            "m": trade.maker if trade else False,
        }


def build(keys: Sequence[VenueKey], clock: Callable[[], int]) -> Binance:
    """Return the dialect over a venue of its own."""
    return Binance(keys, clock)


def _listen_key(account: str, kind: str) -> str:
    return hashlib.sha256(f"{account} {kind}".encode()).hexdigest()


def _kind(of: VenueMarket) -> str:
    return SPOT if of.is_spot else CM if of.inverse else UM


def _pair(of: VenueMarket) -> str:
    return of.venue_id.partition("_")[0]


def _decimal(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None


def _text(number: Decimal) -> str:
    return format(number, "f")


def _status(view: OrderView) -> str:
    if view.status is Status.OPEN and view.filled:
        return "PARTIALLY_FILLED"
    return "NEW" if view.status.is_open else view.status.name


def _type(view: OrderView) -> str:
    limit = view.kind == "limit"
    if not view.market.is_spot or not view.held:
        return "LIMIT_MAKER" if view.post_only and view.market.is_spot else "LIMIT" if limit else "MARKET"
    return ("TAKE_PROFIT" if view.takes_profit else "STOP_LOSS") + ("_LIMIT" if limit else "")


def _algo_type(view: OrderView) -> str:
    if view.callback_rate:
        return "TRAILING_STOP_MARKET"
    return ("TAKE_PROFIT" if view.takes_profit else "STOP") + ("" if view.kind == "limit" else "_MARKET")


def _algo_status(view: OrderView) -> str:
    """An algo order whose trigger made an order is done, whatever becomes of that order."""
    if view.child_id:
        return _ALGO_STATUS.get(view.status, "FINISHED")
    return "NEW" if view.status is Status.HELD else view.status.name


def _algo_told(view: OrderView) -> Any:
    return {
        "algoId": view.order_id,
        "clientAlgoId": view.client_id,
        "algoType": "CONDITIONAL",
        "orderType": _algo_type(view),
        "symbol": view.market.venue_id,
        "side": view.side,
        "positionSide": view.position_side,
        "timeInForce": "GTX" if view.post_only else view.time_in_force,
        "quantity": _text(view.quantity),
        "algoStatus": _algo_status(view),
        "actualOrderId": str(view.child_id or ""),
        "triggerPrice": _text(view.stop_price),
        "price": _text(view.price),
        "reduceOnly": view.reduce_only,
        "closePosition": False,
        "callbackRate": _text(view.callback_rate),
        "activatePrice": _text(view.activation_price),
        "createTime": view.created_ms,
        "updateTime": view.updated_ms,
        "triggerTime": view.updated_ms if view.child_id else 0,
        "goodTillDate": 0,
    }


def _algo_update(view: OrderView) -> Any:
    return {
        "caid": view.client_id,
        "aid": view.order_id,
        "at": "CONDITIONAL",
        "o": _algo_type(view),
        "s": view.market.venue_id,
        "S": view.side,
        "ps": view.position_side,
        "f": "GTX" if view.post_only else view.time_in_force,
        "q": _text(view.quantity),
        "X": _algo_status(view),
        "ai": str(view.child_id or ""),
        "ap": _text(view.average),
        "aq": _text(view.filled),
        "act": "0",
        "tp": _text(view.stop_price),
        "p": _text(view.price),
        "wt": "CONTRACT_PRICE",
        "cp": False,
        "R": view.reduce_only,
        "tt": view.updated_ms if view.child_id else 0,
        "gtd": 0,
        "rm": view.reason,
    }


def _trade_told(trade: TradeView) -> Any:
    row = {
        "symbol": trade.market.venue_id,
        "id": trade.trade_id,
        "orderId": trade.order_id,
        "price": _text(trade.price),
        "qty": _text(trade.quantity),
        "commission": _text(trade.fee),
        "commissionAsset": trade.fee_asset,
        "time": trade.time_ms,
    }
    if trade.market.is_spot:
        return row | {
            "quoteQty": _text(trade.value),
            "isBuyer": trade.side == "BUY",
            "isMaker": trade.maker,
            "isBestMatch": True,
        }
    return row | {
        "side": trade.side,
        "positionSide": trade.position_side,
        "realizedPnl": _text(trade.realized),
        "baseQty" if trade.market.inverse else "quoteQty": _text(trade.value),
        "buyer": trade.side == "BUY",
        "maker": trade.maker,
    }


def _symbol(of: VenueMarket) -> Any:
    instrument, step, tick = of.instrument, of.instrument.lot_size, of.instrument.tick_size
    row: dict[str, Any] = {
        "symbol": of.venue_id,
        "status": "TRADING",
        "baseAsset": instrument.base,
        "quoteAsset": of.unified.split("/")[1].split(":")[0],
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "filters": [
            {
                "filterType": "PRICE_FILTER",
                "minPrice": _text(tick),
                "maxPrice": _text(instrument.max_price),
                "tickSize": _text(tick),
            },
            {
                "filterType": "LOT_SIZE",
                "minQty": _text(step),
                "maxQty": _text(instrument.max_quantity),
                "stepSize": _text(step),
            },
        ],
    }
    if of.is_spot:
        least = {"filterType": "NOTIONAL", "minNotional": _text(instrument.min_notional)}
        row["filters"].append(least)
        return row | {
            "orderTypes": [
                "LIMIT",
                "LIMIT_MAKER",
                "MARKET",
                *("STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT"),
                "TAKE_PROFIT_LIMIT",
            ],
            "icebergAllowed": True,
            "ocoAllowed": True,
            "isSpotTradingAllowed": True,
            "isMarginTradingAllowed": False,
            "permissions": [],
        }
    if not of.inverse:
        least = {"filterType": "MIN_NOTIONAL", "notional": _text(instrument.min_notional)}
        row["filters"].append(least)
    else:
        row |= {"contractSize": int(of.contract_size), "contractStatus": row.pop("status")}
    return row | {
        "pair": _pair(of),
        "contractType": "PERPETUAL",
        "deliveryDate": 4133404800000,
        "marginAsset": of.unified.split(":")[1],
        "pricePrecision": 2,
        "quantityPrecision": 3,
        "orderTypes": [
            "LIMIT",
            "MARKET",
            "STOP",
            "STOP_MARKET",
            "TAKE_PROFIT",
            "TAKE_PROFIT_MARKET",
            "TRAILING_STOP_MARKET",
        ],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
    }


def _number(order_id: str | None) -> int | None:
    """Return an order id as a number; what is none is no order's."""
    if not order_id:
        return None
    return int(order_id) if order_id.isdigit() else -1
