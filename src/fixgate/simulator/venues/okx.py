"""The simulated OKX: as much of its API v5 as orders, positions and balances of one account need.

REST is signed in its headers, a WebSocket by a login with the passphrase. An order that waits for a price
is in the service for conditional orders, with an id of its own, on spot too; what its trigger makes has
another, and no client id but the conditional order's. An OCO is one conditional order, though the matching
engine has its limit order on the book from the start: it is told of once it trades. A post-only order that
would take is refused here, where OKX takes and cancels it. The margin mode is a label: the one of the
latest order. Source: OKX API v5; ccxt 4.5.90 for what a client reads.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
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
    market("BTC/USDT", "BTC-USDT", tick="0.1", lot="0.00001"),
    market("ETH/USDT", "ETH-USDT", tick="0.01", lot="0.0001"),
    market("SOL/USDT", "SOL-USDT", tick="0.01", lot="0.001"),
    market("BTC/USDT:USDT", "BTC-USDT-SWAP", tick="0.1", lot="0.0001", contract_size="0.01"),
    market("ETH/USDT:USDT", "ETH-USDT-SWAP", tick="0.01", lot="0.001", contract_size="0.1"),
    market("SOL/USDT:USDT", "SOL-USDT-SWAP", tick="0.01", lot="0.01", contract_size="1"),
    market("BTC/USD:BTC", "BTC-USD-SWAP", tick="0.1", lot="1", contract_size="100"),
    market("ETH/USD:ETH", "ETH-USD-SWAP", tick="0.01", lot="1", contract_size="10"),
)

HOSTS = ("www.okx.com", "ws.okx.com:443", "wspap.okx.com:443")

_BOOK, _LIST, _ALGO = 10**17, 8 * 10**17, 9 * 10**17
"""Where the ids of orders, of OCOs and of conditional orders begin."""

_CODES: Mapping[Why, tuple[str, str]] = {
    Why.BALANCE: ("51008", "Order failed. Insufficient balance in account"),
    Why.MARGIN: ("51008", "Order failed. Insufficient margin in account"),
    Why.UNKNOWN_ORDER: (
        "51400",
        "Cancellation failed as the order has been filled, canceled or does not exist.",
    ),
    Why.DUPLICATE: ("51016", "Duplicated client order ID"),
    Why.WOULD_TRIGGER: ("51278", "SL trigger price cannot be on this side of the last price"),
    Why.REDUCE_ONLY: ("51169", "Order failed because you do not have any positions to reduce or close."),
    Why.PRICE: ("51006", "Order price is not within the price limit"),
    Why.QUANTITY: ("51121", "Order quantity must be a multiple of the lot size."),
    Why.NOTIONAL: ("51020", "Your order should meet or exceed the minimum order amount."),
    Why.SYMBOL: ("51001", "Instrument ID does not exist"),
    Why.POSITION_SIDE: ("51000", "Parameter posSide error"),
    Why.LEVERAGE: ("59102", "Leverage exceeds the maximum leverage."),
    Why.TOO_MANY: ("51025", "Order count exceeds the limit"),
}

_STATES = {
    Status.HELD: "live",
    Status.OPEN: "live",
    Status.FILLED: "filled",
    Status.CANCELED: "canceled",
    Status.EXPIRED: "canceled",
    Status.REJECTED: "canceled",
}
_ORDER_TYPES = {
    "market": "market",
    "limit": "GTC",
    "ioc": "IOC",
    "fok": "FOK",
    "post_only": "GTC",
    "optimal_limit_ioc": "market",
}
_POSITION_SIDES = {"long": "LONG", "short": "SHORT"}
_LONGEST_AGE_MS = 30_000

Asked = Mapping[str, Any]


class _No(Exception):
    """A request that is answered by a code of OKX's own."""

    def __init__(self, code: str, text: str, status: int = 200) -> None:
        super().__init__(text)
        self.code, self.text, self.status = code, text, status


class Okx:
    """The dialect. Event loop only."""

    hosts = HOSTS

    def __init__(self, keys: Sequence[VenueKey], clock: Callable[[], int]) -> None:
        self.keys = keys
        self.venue = Venue("okx", MARKETS, clock, one_order=False)
        self._clock = clock
        self._by_key = {key.api_key: key for key in keys}
        self._public: Mapping[str, Callable[[Asked], list[Any]]] = {
            "public/time": lambda asked: [{"ts": str(self._clock())}],
            "public/instruments": self._instruments,
            "market/ticker": self._tickers,
            "market/tickers": self._tickers,
        }
        self._orders: Mapping[str, Callable[[str, Asked], Any]] = {
            "trade/order": self._place,
            "trade/order-algo": self._place_algo,
            "trade/cancel-order": self._cancel,
            "trade/cancel-algos": self._cancel_algo,
        }
        self._routes: Mapping[tuple[str, str], Callable[[str, Asked], list[Any]]] = {
            ("GET", "trade/order"): self._order,
            ("GET", "trade/order-algo"): self._algo,
            ("GET", "trade/orders-pending"): self._pending,
            ("GET", "trade/orders-algo-pending"): self._algos_pending,
            ("GET", "trade/orders-history"): self._history,
            ("GET", "trade/orders-algo-history"): self._algo_history,
            ("GET", "trade/fills-history"): self._fills,
            ("GET", "trade/fills"): self._fills,
            ("GET", "account/balance"): self._balance,
            ("GET", "account/config"): self._config,
            ("GET", "account/positions"): self._positions,
            ("GET", "account/positions-history"): self._closed_positions,
            ("GET", "account/leverage-info"): self._leverage,
            ("POST", "account/set-leverage"): self._set_leverage,
            ("GET", "account/bills-archive"): self._bills,
        }

    # REST

    def answer(self, request: Request) -> Answer:
        path = request.path.removeprefix("/api/v5/")
        try:
            if request.method == "GET" and path in self._public:
                return _ok(self._public[path](request.parameters()))
            account = self._signer(request)
            asked = request.parameters() if request.method == "GET" else request.json()
            if request.method == "POST" and path in self._orders:
                return self._acted(self._orders[path], account, asked)
            route = self._routes.get((request.method, path))
            if route is None:
                raise _No("50404", "Request path not found", 404)
            return _ok(route(account, asked))
        except _No as no:
            return Answer({"code": no.code, "msg": no.text, "data": []}, no.status)
        except KeyError as missing:
            return Answer({"code": "50014", "msg": f"Parameter {missing} cannot be empty", "data": []}, 400)
        except Refusal as refusal:
            code, text = _CODES.get(refusal.why, ("51000", refusal.text))
            return Answer({"code": code, "msg": text, "data": []})

    def _acted(self, act: Callable[[str, Asked], Any], account: str, asked: Any) -> Answer:
        """Answer an order request, whose reason for a refusal stands within."""
        one = asked[0] if isinstance(asked, list) else asked
        names = {name: one.get(name, "") for name in ("clOrdId", "algoClOrdId", "tag", "ordId", "algoId")}
        try:
            return _ok([names | act(account, one) | {"sCode": "0", "sMsg": ""}])
        except Refusal as refusal:
            code, text = _CODES.get(refusal.why, ("51000", refusal.text))
        except _No as no:
            code, text = no.code, no.text
        row = names | {"sCode": code, "sMsg": text}
        return Answer({"code": "1", "msg": "All operations failed", "data": [row]})

    def _signer(self, request: Request) -> str:
        """Return the account whose key signed a request."""
        headers = request.headers
        key = self._by_key.get(headers.get("OK-ACCESS-KEY", ""))
        if key is None:
            raise _No("50111", "Invalid OK-ACCESS-KEY", 401)
        stamp = headers.get("OK-ACCESS-TIMESTAMP", "")
        path = request.path + (f"?{request.query}" if request.query else "")
        self._check(key, stamp + request.method + path + request.body, headers.get("OK-ACCESS-SIGN", ""))
        if headers.get("OK-ACCESS-PASSPHRASE", "") != key.password:
            raise _No("50105", "Request header OK-ACCESS-PASSPHRASE incorrect.", 401)
        try:
            made = datetime.fromisoformat(stamp).timestamp() * 1000
        except ValueError:
            raise _No("50112", "Invalid OK-ACCESS-TIMESTAMP", 401) from None
        if abs(self._clock() - made) > _LONGEST_AGE_MS:
            raise _No("50102", "Timestamp request expired", 401)
        return key.account

    def _check(self, key: VenueKey, signed: str, signature: str) -> None:
        wanted = base64.b64encode(hmac.new(key.api_secret.encode(), signed.encode(), hashlib.sha256).digest())
        if not hmac.compare_digest(wanted.decode(), signature):
            raise _No("50113", "Invalid Sign", 401)

    # public

    def _instruments(self, asked: Asked) -> list[Any]:
        return [_instrument(each) for each in self._of(asked)]

    def _tickers(self, asked: Asked) -> list[Any]:
        rows = []
        for each in self._of(asked):
            last, (bid, ask) = _text(self.venue.last(each)), self.venue.best(each)
            prices = {
                "last": last,
                "bidPx": _text(bid),
                "askPx": _text(ask),
                "open24h": last,
                "high24h": last,
            }
            names = {"instType": _kind(each), "instId": each.venue_id, "ts": str(self._clock())}
            rows.append(names | prices | {"low24h": last, "vol24h": "0", "volCcy24h": "0"})
        return rows

    def _of(self, asked: Asked) -> list[VenueMarket]:
        """Return the markets that a request is about; one that is named must be there."""
        names = str(asked["instId"]).split(",") if asked.get("instId") else None
        kind = asked.get("instType") or None
        found = [
            each
            for each in MARKETS
            if (names is None or each.venue_id in names) and kind in (None, "ANY", _kind(each))
        ]
        if names is not None and not found:
            raise Refusal(Why.SYMBOL, f"instrument {asked['instId']} is not listed")
        return found

    def _one(self, asked: Asked) -> VenueMarket:
        return self._of({"instId": asked["instId"]})[0]

    # orders

    def _place(self, account: str, asked: Asked) -> Any:
        of, kind = self._one(asked), asked["ordType"]
        if kind not in _ORDER_TYPES:
            raise _No("51000", "Parameter ordType error")
        self._note_mode(account, of, asked)
        is_market = _ORDER_TYPES[kind] == "market"
        size = Decimal(asked["sz"])
        by_quote = is_market and asked.get("tgtCcy") == "quote_ccy"
        placed = self.venue.place(
            account,
            Ticket(
                market=of,
                side=asked["side"].upper(),
                kind="market" if is_market else "limit",
                quantity=None if by_quote else of.quantity(size),
                quote_quantity=size if by_quote else None,
                price=None if is_market else Decimal(asked["px"]),
                time_in_force="GTC" if is_market else _ORDER_TYPES[kind],
                post_only=kind == "post_only",
                reduce_only=_flag(asked, "reduceOnly"),
                position_side=_POSITION_SIDES.get(asked.get("posSide", "net"), "BOTH"),
                client_id=asked.get("clOrdId", ""),
            ),
        )
        return {"ordId": _order_id(placed)}

    def _note_mode(self, account: str, of: VenueMarket, asked: Asked) -> None:
        if not of.is_spot:
            self.venue.set_isolated(account, of, asked.get("tdMode") == "isolated")
        elif asked.get("tdMode") != "cash":
            raise _No("51000", "Parameter tdMode error: this account has no margin trading")

    def _place_algo(self, account: str, asked: Asked) -> Any:
        of, kind = self._one(asked), asked["ordType"]
        self._note_mode(account, of, asked)
        names = asked.get("algoClOrdId", "")
        if names and self._find_algo(account, {"algoClOrdId": names}):
            raise _No("51065", "algoClOrdId already exists.")
        if kind == "oco":
            limit = self._waiting(asked, of, "tp", f"{names}tp")
            stop = self._waiting(asked, of, "sl", f"{names}sl")
            placed = self.venue.place_oco(account, limit, stop, names)
            return {"algoId": _algo_id(placed[0])}
        if kind == "conditional":
            which = "sl" if asked.get("slTriggerPx") else "tp"
            return {"algoId": _algo_id(self.venue.place(account, self._waiting(asked, of, which, names)))}
        if kind == "move_order_stop":
            ticket = Ticket(
                **self._common(asked, of, names),
                kind="market",
                callback_rate=Decimal(asked["callbackRatio"]) * 100,
                activation_price=_decimal(asked.get("activePx")),
            )
            return {"algoId": _algo_id(self.venue.place(account, ticket))}
        raise _No("51000", "Parameter ordType error")

    def _common(self, asked: Asked, of: VenueMarket, client_id: str) -> dict[str, Any]:
        return {
            "market": of,
            "side": asked["side"].upper(),
            "quantity": of.quantity(Decimal(asked["sz"])),
            "reduce_only": _flag(asked, "reduceOnly"),
            "position_side": _POSITION_SIDES.get(asked.get("posSide", "net"), "BOTH"),
            "client_id": client_id,
        }

    def _waiting(self, asked: Asked, of: VenueMarket, which: str, client_id: str) -> Ticket:
        """Return one side of a conditional order: `tp` or `sl`. The limit order of an OCO has no trigger
        here."""
        price = asked[f"{which}OrdPx"]
        resting = asked["ordType"] == "oco" and which == "tp"
        return Ticket(
            **self._common(asked, of, client_id),
            kind="market" if price == "-1" else "limit",
            price=None if price == "-1" else Decimal(price),
            stop_price=None if resting else Decimal(asked[f"{which}TriggerPx"]),
            takes_profit=which == "tp",
            on_mark=asked.get(f"{which}TriggerPxType") == "mark",
        )

    def _find(self, account: str, asked: Asked) -> OrderView | None:
        """Return an order of the book by either id."""
        of, number = self._one(asked), asked.get("ordId") or ""
        view = self.venue.find(
            account,
            market=of,
            order_id=(int(number) - _BOOK) // 10 if number.isdigit() else -1 if number else None,
            client_id=asked.get("clOrdId") or "?",
        )
        return (
            view if view is not None and _is_in_book(view) and (number or not _came_of_algo(view)) else None
        )

    def _cancel(self, account: str, asked: Asked) -> Any:
        view = self._find(account, asked)
        if view is None:
            raise Refusal(Why.UNKNOWN_ORDER, "the order does not exist")
        self.venue.cancel(account, market=view.market, order_id=view.order_id, held=view.held)
        return {"ordId": _order_id(view), "clOrdId": view.client_id}

    def _order(self, account: str, asked: Asked) -> list[Any]:
        view = self._find(account, asked)
        if view is None:
            raise _No("51603", "Order does not exist")
        return [self._record(view)]

    def _pending(self, account: str, asked: Asked) -> list[Any]:
        return [
            self._record(view)
            for each in self._of(asked)
            for view in self.venue.open_orders(account, each)
            if _is_in_book(view)
        ]

    def _history(self, account: str, asked: Asked) -> list[Any]:
        state = asked.get("state")
        rows = [
            self._record(view)
            for each in self._of(asked)
            for view in self.venue.orders(account, each)
            if _is_in_book(view) and not view.status.is_open
        ]
        return [row for row in rows if state in (None, row["state"])]

    def _record(self, view: OrderView, trade: TradeView | None = None) -> dict[str, Any]:
        """Return an order of the book."""
        of, algo = view.market, _came_of_algo(view)
        kind = (
            view.kind
            if view.kind == "market"
            else {"IOC": "ioc", "FOK": "fok"}.get(view.time_in_force, "limit")
        )
        partly = view.status is Status.OPEN and view.filled
        row = {
            "instType": _kind(of),
            "instId": of.venue_id,
            "ordId": _order_id(view),
            "clOrdId": "" if algo else view.client_id,
            "algoId": _algo_id(view) if algo else "",
            "algoClOrdId": _algo_client_id(view) if algo else "",
            "ordType": "post_only" if view.post_only and not view.list_id else kind,
            "side": view.side.lower(),
            "posSide": view.position_side.lower() if view.position_side != "BOTH" else "net",
            "tdMode": self._mode(view.account, of),
            "px": _text(view.price) if view.kind == "limit" else "",
            "sz": _text(of.contracts(view.quantity)),
            "accFillSz": _text(of.contracts(view.filled)),
            "avgPx": _text(view.average) if view.filled else "",
            "state": "partially_filled" if partly else _STATES[view.status],
            "fee": _text(-view.fee),
            "feeCcy": view.fee_asset,
            "reduceOnly": "true" if view.reduce_only else "false",
            "tag": "",
            "tradeId": "",
            "cTime": str(view.created_ms),
            "uTime": str(view.updated_ms),
        }
        if trade is not None:
            row |= {
                "tradeId": str(trade.trade_id),
                "fillPx": _text(trade.price),
                "fillSz": _text(of.contracts(trade.quantity)),
                "fillFee": _text(-trade.fee),
                "fillFeeCcy": trade.fee_asset,
                "fillTime": str(trade.time_ms),
                "execType": "M" if trade.maker else "T",
            }
        return row

    def _mode(self, account: str, of: VenueMarket) -> str:
        return "cash" if of.is_spot else "isolated" if self.venue.isolated(account, of) else "cross"

    # conditional orders

    def _find_algo(self, account: str, asked: Asked) -> list[OrderView]:
        """Return a conditional order by either id: one, the two of an OCO, or none."""
        number, names = int(asked.get("algoId") or 0), asked.get("algoClOrdId") or "?"
        for of in MARKETS:
            if number >= _ALGO:
                view = self.venue.find(account, market=of, order_id=(number - _ALGO) // 10, held=True)
                if view is not None and number == int(_algo_id(view)):
                    return [view]
            elif number:
                found = [
                    each
                    for each in self.venue.orders(account, of)
                    if each.list_id and number == int(_algo_id(each))
                ]
                if found:
                    return found
            else:
                legs = [self.venue.find(account, market=of, client_id=names + leg) for leg in ("tp", "sl")]
                if found := [leg for leg in legs if leg is not None and leg.list_id]:
                    return found
                view = self.venue.find(account, market=of, client_id=names, held=True)
                if view is not None:
                    return [view]
        return []

    def _cancel_algo(self, account: str, asked: Asked) -> Any:
        found = self._find_algo(account, asked)
        if not found or self._algo_record(found)["state"] != "live":
            raise Refusal(Why.UNKNOWN_ORDER, "the order does not exist")
        first = found[0]
        self.venue.cancel(account, market=first.market, order_id=first.order_id, held=first.held)
        return {"algoId": _algo_id(first)}

    def _algo(self, account: str, asked: Asked) -> list[Any]:
        found = self._find_algo(account, asked)
        if not found:
            raise _No("51603", "Order does not exist")
        return [self._algo_record(found)]

    def _algo_records(self, account: str, asked: Asked) -> list[dict[str, Any]]:
        groups: dict[str, list[OrderView]] = {}
        for of in self._of(asked):
            for view in self.venue.orders(account, of):
                if view.held or view.list_id:
                    groups.setdefault(_algo_id(view), []).append(view)
        rows = [self._algo_record(group) for group in groups.values()]
        return [row for row in rows if asked.get("ordType") in (None, row["ordType"])]

    def _algos_pending(self, account: str, asked: Asked) -> list[Any]:
        return [row for row in self._algo_records(account, asked) if row["state"] == "live"]

    def _algo_history(self, account: str, asked: Asked) -> list[Any]:
        return [row for row in self._algo_records(account, asked) if row["state"] == asked["state"]]

    def _algo_record(self, views: Sequence[OrderView]) -> dict[str, Any]:
        """Return a conditional order; of an OCO both orders are given."""
        view, of = views[0], views[0].market
        by_side = {
            "tp" if each.takes_profit or (each.list_id and not each.held) else "sl": each for each in views
        }
        acted = next((side for side, each in by_side.items() if _made_order(each)), "")
        state = "effective" if acted else _waiting_state(views)
        row = {
            "instType": _kind(of),
            "instId": of.venue_id,
            "ordType": "oco" if view.list_id else "move_order_stop" if view.callback_rate else "conditional",
            "algoId": _algo_id(view),
            "algoClOrdId": _algo_client_id(view),
            "clOrdId": "",
            "ordId": _made_order(by_side[acted]) if acted else "",
            "ordIdList": [_made_order(by_side[acted])] if acted else [],
            "actualSide": acted,
            "state": state,
            "side": view.side.lower(),
            "posSide": view.position_side.lower() if view.position_side != "BOTH" else "net",
            "tdMode": self._mode(view.account, of),
            "sz": _text(of.contracts(view.quantity)),
            "callbackRatio": _text(view.callback_rate / 100) if view.callback_rate else "",
            "activePx": _text(view.activation_price) if view.activation_price else "",
            "reduceOnly": "true" if view.reduce_only else "false",
            "failCode": "51000" if state == "order_failed" else "0",
            "cTime": str(view.created_ms),
            "uTime": str(max(each.updated_ms for each in views)),
        }
        for side in ("tp", "sl"):
            each = by_side.get(side)
            waits = each is not None and not each.callback_rate
            price = _text(each.price) if each is not None and each.kind == "limit" else "-1"
            trigger = _text(each.stop_price or each.price) if each is not None else ""
            row |= {f"{side}TriggerPx": trigger if waits else "", f"{side}OrdPx": price if waits else ""}
        return row

    # trades, money, positions

    def _fills(self, account: str, asked: Asked) -> list[Any]:
        begin, number = int(asked.get("begin") or 0), asked.get("ordId")
        rows = []
        for of in self._of(asked):
            for trade in self.venue.trades(account, of):
                if trade.time_ms >= begin and number in (None, "", _id(_BOOK, trade.order_id, of)):
                    rows.append(_fill(trade))
        return sorted(rows, key=lambda row: int(row["ts"]), reverse=True)[:100]

    def _balance(self, account: str, asked: Asked) -> list[Any]:
        rows = [
            {
                "ccy": each.asset,
                "eq": _text(each.total),
                "availBal": _text(each.free),
                "frozenBal": _text(each.used),
            }
            for each in self.venue.balances(account)
        ]
        return [{"uTime": str(self._clock()), "details": rows}]

    def _config(self, account: str, asked: Asked) -> list[Any]:
        mode = "long_short_mode" if self.venue.hedge_mode(account) else "net_mode"
        return [{"uid": account, "acctLv": "2", "posMode": mode}]

    def _positions(self, account: str, asked: Asked) -> list[Any]:
        return [
            self._position(account, position)
            for of in self._of(asked)
            if not of.is_spot
            for position in self.venue.positions(account, of)
        ]

    def _position(self, account: str, position: PositionView) -> Any:
        of, one_way = position.market, position.position_side == "BOTH"
        size = of.contracts(position.quantity)
        return {
            "instType": "SWAP",
            "instId": of.venue_id,
            "posId": str(_BOOK + MARKETS.index(of)),
            "posSide": "net" if one_way else position.position_side.lower(),
            "pos": _text(size if one_way else abs(size)),
            "avgPx": _text(position.entry_price),
            "markPx": _text(position.mark_price),
            "upl": _text(position.unrealized),
            "lever": str(position.leverage),
            "mgnMode": self._mode(account, of),
            "imr": _text(position.notional / position.leverage),
            "margin": "",
            "mmr": "0",
            "liqPx": "",
            "notionalUsd": _text(position.notional * (position.mark_price if of.inverse else 1)),
            "ccy": _settle(of),
            "cTime": str(position.updated_ms),
            "uTime": str(position.updated_ms),
        }

    def _closed_positions(self, account: str, asked: Asked) -> list[Any]:
        rows = []
        for of in self._of(asked):
            for each in self.venue.income(account, "REALIZED_PNL", of):
                rows.append(
                    {
                        "instType": "SWAP",
                        "instId": of.venue_id,
                        "posId": str(_BOOK + MARKETS.index(of)),
                        "pnl": _text(each.amount),
                        "realizedPnl": _text(each.amount),
                        "ccy": each.asset,
                        "lever": str(self.venue.leverage(account, of)),
                        "mgnMode": self._mode(account, of),
                        "posSide": "net",
                        "type": "1",
                        "cTime": str(each.time_ms),
                        "uTime": str(each.time_ms),
                    }
                )
        rows.sort(key=lambda row: int(row["uTime"]), reverse=True)
        return rows[: int(asked.get("limit") or 100)]

    def _leverage(self, account: str, asked: Asked) -> list[Any]:
        of = self._one(asked)
        lever = str(self.venue.leverage(account, of))
        return [{"instId": of.venue_id, "mgnMode": asked["mgnMode"], "posSide": "net", "lever": lever}]

    def _set_leverage(self, account: str, asked: Asked) -> list[Any]:
        self.venue.set_leverage(account, self._one(asked), int(asked["lever"]))
        return self._leverage(account, asked)

    def _bills(self, account: str, asked: Asked) -> list[Any]:
        if asked.get("type") != "8":
            return []
        rows = [
            {
                "billId": str(each.income_id),
                "type": "8",
                "subType": "173" if each.amount < 0 else "174",
                "instType": "SWAP",
                "instId": of.venue_id,
                "ccy": each.asset,
                "balChg": _text(each.amount),
                "pnl": _text(each.amount),
                "ts": str(each.time_ms),
            }
            for of in self._of(asked)
            for each in self.venue.income(account, "FUNDING_FEE", of)
            if each.time_ms >= int(asked.get("begin") or 0) and asked.get("ccy") in (None, each.asset)
        ]
        rows.sort(key=lambda row: int(row["ts"]), reverse=True)
        return rows[: int(asked.get("limit") or 100)]

    # streams

    def opened(self, socket: Socket) -> None:
        """Say nothing before the login."""

    def received(self, socket: Socket, message: str) -> None:
        if message == "ping":
            socket.send("pong")
            return
        asked = json.loads(message)
        if asked.get("op") == "login":
            self._login(socket, asked["args"][0])
        elif asked.get("op") == "subscribe":
            for arg in asked["args"]:
                self._subscribe(socket, arg)

    def _login(self, socket: Socket, asked: Asked) -> None:
        key = self._by_key.get(asked.get("apiKey", ""))
        stamp = str(asked.get("timestamp", ""))
        try:
            if key is None:
                raise _No("60005", "Invalid apiKey")
            self._check(key, f"{stamp}GET/users/self/verify", str(asked.get("sign", "")))
            if asked.get("passphrase") != key.password:
                raise _No("60024", "Wrong passphrase")
        except _No as no:
            code = "60007" if no.code == "50113" else no.code
            socket.send({"event": "error", "code": code, "msg": no.text, "connId": ""})
            return
        socket.account = key.account
        socket.send({"event": "login", "code": "0", "msg": "", "connId": ""})

    def _subscribe(self, socket: Socket, arg: Mapping[str, str]) -> None:
        if arg["channel"] in ("orders", "orders-algo") and not socket.account:
            socket.send({"event": "error", "code": "60011", "msg": "Please log in", "connId": ""})
            return
        socket.state.setdefault("topics", []).append(arg["channel"])
        socket.state.setdefault("args", {})[arg["channel"]] = arg
        socket.send({"event": "subscribe", "arg": arg, "connId": ""})

    def happened(self, socket: Socket, happening: Happening) -> None:
        view = happening.order
        if view is None:
            return
        topics = socket.state.get("topics", ())
        if "orders-algo" in topics and (view.held or view.list_id) and happening.trade is None:
            found = self._find_algo(view.account, {"algoId": _algo_id(view)})
            self._push(socket, "orders-algo", self._algo_record(found))
        if "orders" in topics and _is_in_book(view):
            self._push(socket, "orders", self._record(view, happening.trade))

    def _push(self, socket: Socket, channel: str, record: Any) -> None:
        socket.send({"arg": socket.state["args"][channel] | {"uid": socket.account}, "data": [record]})


def build(keys: Sequence[VenueKey], clock: Callable[[], int]) -> Okx:
    """Return the dialect over a venue of its own."""
    return Okx(keys, clock)


def _ok(data: list[Any]) -> Answer:
    return Answer({"code": "0", "msg": "", "data": data})


def _text(number: Decimal) -> str:
    return format(number.normalize(), "f") if number else "0"


def _decimal(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None


def _flag(asked: Asked, name: str) -> bool:
    return asked.get(name) in (True, "true")


def _kind(of: VenueMarket) -> str:
    return "SPOT" if of.is_spot else "SWAP"


def _settle(of: VenueMarket) -> str:
    return of.unified.partition(":")[2]


def _id(start: int, number: int, of: VenueMarket) -> str:
    """Return an id that no order of another kind of market has."""
    return str(start + number * 10 + (1 if of.is_spot else 3 if of.inverse else 2))


def _order_id(view: OrderView) -> str:
    return _id(_BOOK, view.order_id, view.market)


def _algo_id(view: OrderView) -> str:
    """Return the id of the conditional order that a view is, or came of."""
    if view.list_id:
        return _id(_LIST, view.list_id, view.market)
    return _id(_ALGO, view.parent_id or view.order_id, view.market)


def _algo_client_id(view: OrderView) -> str:
    return view.client_id[:-2] if view.list_id else view.client_id


def _came_of_algo(view: OrderView) -> bool:
    return bool(view.list_id or view.parent_id or view.held)


def _is_in_book(view: OrderView) -> bool:
    """True of what is, or was, on the book for everybody to see: not while it waits for a price."""
    if view.list_id or (view.held and view.market.is_spot):
        return bool(_made_order(view))
    return not view.held


def _made_order(view: OrderView) -> str:
    """Return the id of the order that a trigger made of a conditional order, empty if none did."""
    if not view.market.is_spot:
        return _id(_BOOK, view.child_id, view.market) if view.child_id else ""
    if view.list_id and not view.held:
        return _order_id(view) if view.filled else ""
    triggered = view.status in (Status.OPEN, Status.FILLED) or bool(view.filled)
    return _order_id(view) if triggered else ""


def _waiting_state(views: Sequence[OrderView]) -> str:
    if any(view.status is Status.REJECTED for view in views):
        return "order_failed"
    return "live" if any(view.status.is_open for view in views) else "canceled"


def _fill(trade: TradeView) -> Any:
    of = trade.market
    return {
        "instType": _kind(of),
        "instId": of.venue_id,
        "tradeId": str(trade.trade_id),
        "ordId": _id(_BOOK, trade.order_id, of),
        "clOrdId": trade.client_id,
        "billId": str(trade.trade_id),
        "fillPx": _text(trade.price),
        "fillSz": _text(of.contracts(trade.quantity)),
        "side": trade.side.lower(),
        "posSide": "net",
        "execType": "M" if trade.maker else "T",
        "feeCcy": trade.fee_asset,
        "fee": _text(-trade.fee),
        "ts": str(trade.time_ms),
    }


def _instrument(of: VenueMarket) -> Any:
    base, instrument = of.instrument.base, of.instrument
    quote = of.unified.split("/")[1].partition(":")[0]
    lot = _text(of.contracts(instrument.lot_size))
    row = {
        "instType": _kind(of),
        "instId": of.venue_id,
        "tickSz": _text(instrument.tick_size),
        "lotSz": lot,
        "minSz": lot,
        "maxLmtSz": _text(of.contracts(instrument.max_quantity)),
        "maxMktSz": _text(of.contracts(instrument.market_max_quantity)),
        "state": "live",
        "expTime": "",
        "listTime": "1548133413000",
        "lever": "1" if of.is_spot else "125",
    }
    if of.is_spot:
        return row | {
            "baseCcy": base,
            "quoteCcy": quote,
            "settleCcy": "",
            "uly": "",
            "ctVal": "",
            "ctType": "",
        }
    return row | {
        "baseCcy": "",
        "quoteCcy": "",
        "settleCcy": _settle(of),
        "uly": f"{base}-{quote}",
        "instFamily": f"{base}-{quote}",
        "ctVal": _text(of.contract_size),
        "ctMult": "1",
        "ctValCcy": quote if of.inverse else base,
        "ctType": "inverse" if of.inverse else "linear",
    }
