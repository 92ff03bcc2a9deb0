"""Hyperliquid's dialect: the info and exchange endpoints, and the `orderUpdates` and `userFills` channels.

Perps alone, settled in USDC; two of them stand on the matching engine's markets in USDT, and the account's
dollars are one sum. An account is told by its signature where its key gives a private key (`api_secret`);
the only account of a venue may go without.

Source: Hyperliquid API, "Info endpoint", "Exchange endpoint", "WebSocket"; signing: EIP-712 typed data.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec
from Crypto.Hash import keccak as _keccak
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from fixgate.simulator.venues.dialect import Answer, Request, Socket, VenueKey
from fixgate.simulator.venues.instruments import VenueMarket, market
from fixgate.simulator.venues.venue import Venue
from fixgate.simulator.venues.views import Happening, OrderView, Refusal, Status, Ticket, TradeView, Why

_BAND: Mapping[str, Any] = {"price_up": Decimal("1.8"), "price_down": Decimal("0.2")}
"""How far from the mark price an order may be."""


def _usdc(base: str, tick: str, lot: str) -> VenueMarket:
    listed = market(f"{base}/USDT:USDT", base, tick=tick, lot=lot, min_notional="10", **_BAND)
    return msgspec.structs.replace(listed, unified=f"{base}/USDC:USDC")


MARKETS = (
    market("BTC/USDC:USDC", "BTC", tick="1", lot="0.00001", min_notional="10", **_BAND),
    _usdc("ETH", "0.1", "0.0001"),
    _usdc("SOL", "0.01", "0.01"),
)
DOLLARS = frozenset({"USDC", "USDT"})
MAX_LEVERAGE = 40

ERRORS: Mapping[Why, str] = {
    Why.BALANCE: "Insufficient margin to place order.",
    Why.MARGIN: "Insufficient margin to place order.",
    Why.LEVERAGE: "Order would cause position to exceed margin tier limit at current leverage.",
    Why.UNKNOWN_ORDER: "Order was never placed, already canceled, or filled.",
    Why.DUPLICATE: "Order has a client order id that is in use.",
    Why.WOULD_TAKE: "Post only order would have immediately matched, bbo was 0@0.",
    Why.WOULD_TRIGGER: "Invalid TP/SL price.",
    Why.REDUCE_ONLY: "Reduce only order would increase position.",
    Why.PRICE: "Price must be divisible by tick size.",
    Why.QUANTITY: "Order has invalid size.",
    Why.NOTIONAL: "Order must have minimum value of $10.",
    Why.LIQUIDITY: "No liquidity available for market order.",
    Why.TOO_MANY: "Too many open orders.",
    Why.SYMBOL: "Invalid asset.",
}
_NOT_MATCHED = "Order could not immediately match against any resting orders."
_TIFS: Mapping[str, str] = {"Gtc": "GTC", "Ioc": "IOC", "Alo": "GTC"}
_STATUSES: Mapping[Status, str] = {
    Status.HELD: "open",
    Status.OPEN: "open",
    Status.FILLED: "filled",
    Status.CANCELED: "canceled",
    Status.EXPIRED: "iocCancelRejected",
    Status.REJECTED: "rejected",
}
_MAINNET, _TESTNET = "api.hyperliquid.xyz", "api.hyperliquid-testnet.xyz"
_FILLS = 2000
_NONCES = 100
"""How many nonces, the highest, are remembered of a signer: a new one is none of them, and not below all of
them."""


def build(keys: Sequence[VenueKey], clock: Callable[[], int]) -> "HyperliquidDialect":
    return HyperliquidDialect(keys, Venue("hyperliquid", MARKETS, clock, one_order=True))


class HyperliquidDialect:
    hosts = (_MAINNET, _TESTNET)

    def __init__(self, keys: Sequence[VenueKey], venue: Venue) -> None:
        self.venue = venue
        self.keys = tuple(keys)
        self._by_wallet = {key.wallet_address.lower(): key.account for key in keys}
        self._signers = {key.account: _public_key(key.api_secret) for key in keys if key.api_secret}
        self._nonces: dict[str, list[int]] = {}

    # REST

    def answer(self, request: Request) -> Answer:
        try:
            asked = json.loads(request.body)
            if request.path == "/info":
                return Answer(self._info(asked))
            if request.path == "/exchange":
                return self._exchange(asked, testnet=request.host == _TESTNET)
        except (KeyError, TypeError, ValueError, ArithmeticError):
            return Answer("Failed to deserialize the JSON body into the target type", 422)
        return Answer(None, 404)

    def _info(self, asked: Mapping[str, Any]) -> Any:
        kind = asked["type"]
        if kind == "metaAndAssetCtxs":
            universe = [_meta(each) for each in self.venue.markets]
            return [{"universe": universe}, [self._context(each) for each in self.venue.markets]]
        account = self._by_wallet.get(str(asked["user"]).lower(), "")
        if not account:
            return _NOTHING.get(kind, [])
        answers: Mapping[str, Callable[[str, Mapping[str, Any]], Any]] = {
            "userAbstraction": lambda *_: "default",
            "frontendOpenOrders": self._open_orders,
            "orderStatus": self._order_status,
            "historicalOrders": self._history,
            "userFills": self._fills,
            "userFillsByTime": self._fills,
            "clearinghouseState": self._state,
            "spotClearinghouseState": lambda *_: {"balances": []},
            "activeAssetData": self._active,
            "userFunding": self._funding,
        }
        return answers[kind](account, asked)

    def _exchange(self, asked: Mapping[str, Any], *, testnet: bool) -> Answer:
        action, nonce = asked["action"], int(asked["nonce"])
        account = self._signer(asked, testnet=testnet)
        if not account:
            return _error("User or API Wallet 0x0000000000000000000000000000000000000000 does not exist.")
        used = self._nonces.setdefault(account, [])
        if nonce in used or (len(used) == _NONCES and nonce < used[0]):
            return _error(f"Invalid nonce: duplicate nonce {nonce}")
        self._nonces[account] = sorted([*used, nonce])[-_NONCES:]
        kind = action["type"]
        if kind == "order":
            return _statuses("order", [self._place(account, each) for each in action["orders"]])
        if kind in ("cancel", "cancelByCloid"):
            return _statuses("cancel", [self._cancel(account, each) for each in action["cancels"]])
        if kind == "updateLeverage":
            of = self._asset(action["asset"])
            if not 1 <= action["leverage"] <= MAX_LEVERAGE:
                return _error("Invalid leverage value")
            self.venue.set_leverage(account, of, action["leverage"])
            self.venue.set_isolated(account, of, not action["isCross"])
            return Answer({"status": "ok", "response": {"type": "default"}})
        return _error(f"{kind} is not simulated")

    def _signer(self, asked: Mapping[str, Any], *, testnet: bool) -> str:
        """Return whose signature a request has."""
        if not self._signers:
            return self.keys[0].account if len(self.keys) == 1 else ""
        signature = utils.encode_dss_signature(
            int(asked["signature"]["r"], 16), int(asked["signature"]["s"], 16)
        )
        digest = signed_digest(
            asked["action"], int(asked["nonce"]), asked.get("vaultAddress"), testnet=testnet
        )
        for account, key in self._signers.items():
            try:
                key.verify(signature, digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))
            except InvalidSignature:
                continue
            return account
        return ""

    def _asset(self, index: int) -> VenueMarket:
        if not 0 <= index < len(self.venue.markets):
            raise Refusal(Why.SYMBOL, str(index))
        return self.venue.markets[index]

    def _place(self, account: str, order: Mapping[str, Any]) -> Any:
        trigger, limit = order["t"].get("trigger"), order["t"].get("limit") or {}
        try:
            view = self.venue.place(
                account,
                Ticket(
                    market=self._asset(order["a"]),
                    side="BUY" if order["b"] else "SELL",
                    kind="market" if trigger and trigger["isMarket"] else "limit",
                    quantity=Decimal(order["s"]),
                    price=Decimal(order["p"]),
                    time_in_force=_TIFS[limit.get("tif", "Gtc")],
                    post_only=limit.get("tif") == "Alo",
                    reduce_only=order["r"],
                    stop_price=Decimal(trigger["triggerPx"]) if trigger else None,
                    takes_profit=bool(trigger) and trigger["tpsl"] == "tp",
                    on_mark=bool(trigger),
                    client_id=order.get("c", ""),
                ),
            )
        except Refusal as refusal:
            return {"error": f"{ERRORS.get(refusal.why, refusal.text)} asset={order['a']}"}
        names = {"oid": view.order_id} | ({"cloid": view.client_id} if order.get("c") else {})
        if view.filled:
            return {"filled": {"totalSz": plain(view.filled), "avgPx": plain(view.average)} | names}
        if not view.status.is_open:
            return {"error": f"{_NOT_MATCHED} asset={order['a']}"}
        return {"resting": names}

    def _cancel(self, account: str, order: Mapping[str, Any]) -> Any:
        try:
            if "cloid" in order:
                self.venue.cancel(account, client_id=order["cloid"])
            else:
                self.venue.cancel(account, order_id=order["o"])
        except Refusal as refusal:
            return {"error": f"{ERRORS[refusal.why]} asset={order.get('a', order.get('asset'))}"}
        return "success"

    # answers to questions

    def _open_orders(self, account: str, _: Mapping[str, Any]) -> Any:
        return [_order(view) for view in self.venue.open_orders(account)]

    def _order_status(self, account: str, asked: Mapping[str, Any]) -> Any:
        oid = asked["oid"]
        if isinstance(oid, int):
            view = self.venue.find(account, order_id=oid)
        else:
            view = self.venue.find(account, client_id=oid)
        return (
            {"status": "unknownOid"}
            if view is None
            else {"status": "order", "order": _told(view, _order(view))}
        )

    def _history(self, account: str, _: Mapping[str, Any]) -> Any:
        return [_told(view, _order(view)) for view in reversed(self.venue.orders(account)[-_FILLS:])]

    def _fills(self, account: str, asked: Mapping[str, Any]) -> Any:
        start = int(asked.get("startTime", 0))
        trades = [trade for trade in self.venue.trades(account) if trade.time_ms >= start]
        if "startTime" in asked:
            return [_fill(trade) for trade in trades[:_FILLS]]
        return [_fill(trade) for trade in reversed(trades[-_FILLS:])]

    def _state(self, account: str, _: Mapping[str, Any]) -> Any:
        positions = self.venue.positions(account)
        cash = sum((row.total for row in self.venue.balances(account) if row.asset in DOLLARS), Decimal(0))
        value = cash + sum((row.unrealized for row in positions), Decimal(0))
        used = sum((row.notional / row.leverage for row in positions), Decimal(0))
        summary = {
            "accountValue": plain(value),
            "totalMarginUsed": plain(used),
            "totalNtlPos": plain(sum((row.notional for row in positions), Decimal(0))),
            "totalRawUsd": plain(cash),
        }
        rows = [
            {
                "type": "oneWay",
                "position": {
                    "coin": row.market.venue_id,
                    "szi": plain(row.quantity),
                    "entryPx": plain(row.entry_price),
                    "leverage": {"type": "isolated" if row.isolated else "cross", "value": row.leverage},
                    "liquidationPx": None,
                    "marginUsed": plain(row.notional / row.leverage),
                    "maxLeverage": MAX_LEVERAGE,
                    "positionValue": plain(row.notional),
                    "returnOnEquity": "0.0",
                    "unrealizedPnl": plain(row.unrealized),
                    "cumFunding": {"allTime": "0.0", "sinceChange": "0.0", "sinceOpen": "0.0"},
                },
            }
            for row in positions
        ]
        return {
            "assetPositions": rows,
            "marginSummary": summary,
            "crossMarginSummary": summary,
            "crossMaintenanceMarginUsed": plain(used / 2),
            "withdrawable": plain(value - used),
            "time": self.venue.clock(),
        }

    def _active(self, account: str, asked: Mapping[str, Any]) -> Any:
        of = self.venue.market(asked["coin"])
        isolated = self.venue.isolated(account, of)
        return {
            "user": asked["user"],
            "coin": of.venue_id,
            "leverage": {
                "type": "isolated" if isolated else "cross",
                "value": min(self.venue.leverage(account, of), MAX_LEVERAGE),
            },
            "markPx": plain(self.venue.mark(of)),
        }

    def _funding(self, account: str, asked: Mapping[str, Any]) -> Any:
        start = int(asked["startTime"])
        return [
            {
                "time": row.time_ms,
                "hash": "0x" + "0" * 64,
                "delta": {
                    "type": "funding",
                    "coin": row.market.venue_id if row.market is not None else "",
                    "usdc": plain(row.amount),
                    "szi": "0",
                    "fundingRate": "0",
                    "nSamples": None,
                },
            }
            for row in self.venue.income(account, "FUNDING_FEE")
            if row.time_ms >= start
        ][:500]

    def _context(self, of: VenueMarket) -> dict[str, Any]:
        bid, ask = self.venue.best(of)
        mark = plain(self.venue.mark(of))
        return {
            "dayNtlVlm": "1000000.0",
            "funding": "0.0000125",
            "impactPxs": [plain(bid), plain(ask)],
            "markPx": mark,
            "midPx": plain(self.venue.last(of)),
            "openInterest": "1000.0",
            "oraclePx": mark,
            "premium": "0.0",
            "prevDayPx": mark,
        }

    # WebSocket

    def opened(self, socket: Socket) -> None:
        socket.state["topics"] = []

    def received(self, socket: Socket, message: str) -> None:
        asked = json.loads(message)
        if asked.get("method") == "ping":
            socket.send({"channel": "pong"})
            return
        subscription = asked.get("subscription") or {}
        kind = subscription.get("type")
        account = self._by_wallet.get(str(subscription.get("user", "")).lower(), "")
        if asked.get("method") != "subscribe" or kind not in ("orderUpdates", "userFills") or not account:
            socket.send(
                {"channel": "error", "data": f"Error parsing JSON into valid websocket request: {message}"}
            )
        elif kind in socket.state["topics"]:
            socket.send({"channel": "error", "data": f"Already subscribed: {message}"})
        else:
            socket.account = account
            socket.state["topics"].append(kind)
            socket.send({"channel": "subscriptionResponse", "data": asked})
            if kind == "userFills":
                self._tell_fills(socket, self._fills(account, {}), snapshot=True)

    def happened(self, socket: Socket, happening: Happening) -> None:
        view, trade = happening.order, happening.trade
        if trade is not None and "userFills" in socket.state["topics"]:
            self._tell_fills(socket, [_fill(trade)])
        partly = trade is not None and view is not None and view.status.is_open
        if view is not None and not partly and "orderUpdates" in socket.state["topics"]:
            names = ("coin", "side", "limitPx", "sz", "oid", "timestamp", "origSz", "cloid")
            full = _order(view)
            socket.send(
                {"channel": "orderUpdates", "data": [_told(view, {name: full[name] for name in names})]}
            )

    def _tell_fills(self, socket: Socket, fills: list[Any], *, snapshot: bool = False) -> None:
        user = next(key.wallet_address for key in self.keys if key.account == socket.account)
        data = {"user": user, "fills": fills} | ({"isSnapshot": True} if snapshot else {})
        socket.send({"channel": "userFills", "data": data})


_NOTHING: Mapping[str, Any] = {
    "clearinghouseState": {"assetPositions": []},
    "orderStatus": {"status": "unknownOid"},
}
"""What is said of a user that nobody knows, where it is not an empty list."""


def plain(number: Decimal) -> str:
    return format(number, "f")


def keccak(data: bytes) -> bytes:
    return _keccak.new(digest_bits=256, data=data).digest()


_DOMAIN = keccak(
    keccak(b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
    + keccak(b"Exchange")
    + keccak(b"1")
    + (1337).to_bytes(32, "big")
    + bytes(32)
)
_AGENT = keccak(b"Agent(string source,bytes32 connectionId)")


def signed_digest(action: Any, nonce: int, vault: str | None, *, testnet: bool) -> bytes:
    """Return what the signature of an action signs."""
    body = msgspec.msgpack.encode(action) + nonce.to_bytes(8, "big")
    body += b"\x00" if vault is None else b"\x01" + bytes.fromhex(vault.removeprefix("0x"))
    source = keccak(b"b" if testnet else b"a")
    return keccak(b"\x19\x01" + _DOMAIN + keccak(_AGENT + source + keccak(body)))


def _public_key(private_key: str) -> ec.EllipticCurvePublicKey:
    return ec.derive_private_key(int(private_key, 16), ec.SECP256K1()).public_key()


def _error(text: str) -> Answer:
    return Answer({"status": "err", "response": text})


def _statuses(kind: str, statuses: list[Any]) -> Answer:
    return Answer({"status": "ok", "response": {"type": kind, "data": {"statuses": statuses}}})


def _meta(of: VenueMarket) -> dict[str, Any]:
    digits = -int(of.instrument.lot_size.normalize().as_tuple().exponent)
    return {"name": of.venue_id, "szDecimals": digits, "maxLeverage": MAX_LEVERAGE}


def _order(view: OrderView) -> dict[str, Any]:
    waits = view.held and not view.child_id
    kind = ("Take Profit " if view.takes_profit else "Stop ") + view.kind.capitalize()
    direction = "above" if view.is_buy != view.takes_profit else "below"
    return {
        "coin": view.market.venue_id,
        "side": "B" if view.is_buy else "A",
        "limitPx": plain(view.price if view.kind == "limit" else view.stop_price),
        "sz": plain(view.quantity - view.filled),
        "oid": view.order_id,
        "timestamp": view.created_ms,
        "triggerCondition": f"Price {direction} {plain(view.stop_price)}" if waits else "N/A",
        "isTrigger": waits,
        "triggerPx": plain(view.stop_price),
        "children": [],
        "isPositionTpsl": False,
        "reduceOnly": view.reduce_only,
        "orderType": kind if view.held else "Limit",
        "origSz": plain(view.quantity),
        "tif": "Alo" if view.post_only else view.time_in_force.capitalize(),
        "cloid": view.client_id or None,
    }


def _told(view: OrderView, order: Mapping[str, Any]) -> dict[str, Any]:
    status = _STATUSES[view.status]
    if view.status is Status.EXPIRED and view.filled:
        status = "canceled"
    if view.status is Status.OPEN and view.held and view.child_id:
        status = "triggered"
    return {"order": order, "status": status, "statusTimestamp": view.updated_ms}


def _fill(trade: TradeView) -> dict[str, Any]:
    return {
        "coin": trade.market.venue_id,
        "px": plain(trade.price),
        "sz": plain(trade.quantity),
        "side": "B" if trade.side == "BUY" else "A",
        "time": trade.time_ms,
        "startPosition": "0.0",
        "dir": "Open Long" if trade.side == "BUY" else "Open Short",
        "closedPnl": plain(trade.realized),
        "hash": "0x" + "0" * 64,
        "oid": trade.order_id,
        "crossed": not trade.maker,
        "fee": plain(trade.fee),
        "tid": trade.trade_id,
        "feeToken": "USDC",
        "cloid": trade.client_id or None,
    }
