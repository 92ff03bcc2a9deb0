"""A local server that stands in for Binance: spot, USDⓈ-M and COIN-M, orders and their streams.

It knows as much as the tests of the connector need: orders that rest until a test fills, cancels or expires
them, their trades, and faults for the next requests. What it says is in Binance's own format.
"""

import asyncio
import itertools
import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Self
from urllib.parse import parse_qsl

from aiohttp import WSMsgType, web

from tests.ccxt_venues.payloads.binance import MARKETS

SPOT, LINEAR, INVERSE = "api.binance.com", "fapi.binance.com", "dapi.binance.com"

Fault = tuple[int, Any] | str
"""The next answer: a status and a body, or `drop` (the connection breaks, the request is not executed),
`lose` (it is executed and the connection breaks), `hang` (no answer comes)."""


class FakeBinance:
    """`async with FakeBinance() as venue`."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.faults: deque[Fault] = deque()
        self.answers: dict[str, Any] = dict(MARKETS)
        self.orders: dict[str, dict[str, Any]] = {}
        self.trades: list[dict[str, Any]] = []
        self.sockets: dict[str, list[web.WebSocketResponse]] = {SPOT: [], LINEAR: [], INVERSE: []}
        self.quiet = False
        self.url = ""
        self._ids = itertools.count(1001)
        self._trade_ids = itertools.count(9001)
        self._released = asyncio.Event()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._released.set()
        await self._runner.cleanup()

    def sent(self, method: str, path: str) -> list[dict[str, str]]:
        """Return the parameters of the requests to a path."""
        return [params for how, where, params in self.requests if (how, where) == (method, path)]

    async def drop_streams(self) -> None:
        """Close every WebSocket from the venue's side."""
        for sockets in self.sockets.values():
            for socket in list(sockets):
                await socket.close(code=1012)

    # what happens to orders

    def order(self, client_order_id: str) -> dict[str, Any]:
        return next(each for each in self.orders.values() if each["clientOrderId"] == client_order_id)

    async def fill(self, client_order_id: str, quantity: str, price: str, **hide: bool) -> None:
        """Trade; `trade=False` keeps the trade off the stream, `state=False` the whole event."""
        order = self.order(client_order_id)
        filled = f"{float(order['executedQty']) + float(quantity):.8f}"
        done = float(filled) >= float(order["origQty"])
        order |= {"executedQty": filled, "status": "FILLED" if done else "PARTIALLY_FILLED"}
        order["cummulativeQuoteQty"] = f"{float(filled) * float(price):.8f}"
        trade = {
            "id": next(self._trade_ids),
            "orderId": order["orderId"],
            "symbol": order["symbol"],
            "price": price,
            "qty": quantity,
            "commission": "0.00001",
            "commissionAsset": "BNB",
            "time": _now(),
            "isBuyer": order["side"] == "BUY",
            "isMaker": True,
            "host": order["host"],
        }
        self.trades.append(trade)
        if hide.get("state", True):
            await self.push(order, "TRADE", trade if hide.get("trade", True) else None)

    async def end(self, client_order_id: str, status: str = "CANCELED", *, told: bool = True) -> None:
        order = self.order(client_order_id)
        order["status"] = status
        if told:
            await self.push(order, status)

    async def push(self, order: dict[str, Any], execution: str, trade: dict[str, Any] | None = None) -> None:
        """Send an order's event to the stream."""
        body = {
            "s": order["symbol"],
            "c": order["clientOrderId"],
            "S": order["side"],
            "o": order["type"],
            "f": order["timeInForce"],
            "q": order["origQty"],
            "p": order["price"],
            "P": order.get("stopPrice", "0"),
            "C": "",
            "x": execution if trade or execution != "TRADE" else "NEW",
            "X": order["status"],
            "i": order["orderId"],
            "z": order["executedQty"],
            "Z": order["cummulativeQuoteQty"],
            "l": trade["qty"] if trade else "0",
            "L": trade["price"] if trade else "0",
            "n": trade["commission"] if trade else "0",
            "N": trade["commissionAsset"] if trade else None,
            "T": _now(),
            "t": trade["id"] if trade else -1,
            "w": True,
            "m": bool(trade),
            "O": order["time"],
        }
        if order["host"] == SPOT:
            await self.say(
                SPOT, {"subscriptionId": 0, "event": {"e": "executionReport", "E": _now(), **body}}
            )
        else:
            body |= {"ap": "0", "sp": "0", "ot": order["type"], "ps": "BOTH", "R": False, "rp": "0"}
            await self.say(order["host"], {"e": "ORDER_TRADE_UPDATE", "E": _now(), "T": _now(), "o": body})

    async def say(self, host: str, message: dict[str, Any]) -> None:
        for socket in list(self.sockets[host]):
            await socket.send_str(json.dumps(message))

    # requests

    async def _take(self, request: web.Request) -> web.StreamResponse:
        _, host, path = request.path.split("/", 2)
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._stream(request, host)
        body = await request.text()
        params = dict(request.query) | dict(parse_qsl(body, keep_blank_values=True))
        self.requests.append((request.method, f"{host}/{path}", params))
        route = f"{request.method} {host}/{path}"
        if route in self.answers:
            answer = self.answers[route]
            if callable(answer):
                answer = answer(params)
            if isinstance(answer, tuple):
                return web.json_response(answer[1], status=answer[0], headers=dict(*answer[2:]))
            return web.json_response(answer)
        if path.endswith("listenKey"):
            return web.json_response({"listenKey": f"key-{host}"})
        handler = self._handlers().get((request.method, path.rpartition("/")[2]))
        if handler is None:
            return web.json_response({"code": -1100, "msg": f"unexpected {route}"}, status=400)
        fault = self.faults.popleft() if self.faults and path.endswith("/order") else None
        if isinstance(fault, tuple):
            return web.json_response(fault[1], status=fault[0], headers={"Retry-After": "0.3"})
        if fault == "drop":
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        status, answer = await handler(host, params)
        if fault == "lose":
            assert request.transport is not None
            request.transport.close()
        if fault == "hang":
            await self._released.wait()
        return web.json_response(answer, status=status)

    def _handlers(self) -> dict[tuple[str, str], Callable[..., Any]]:
        return {
            ("POST", "order"): self._new,
            ("DELETE", "order"): self._cancel,
            ("GET", "order"): self._query,
            ("GET", "algoOrder"): self._no_order,
            ("GET", "openOrders"): self._open,
            ("GET", "openAlgoOrders"): self._none,
            ("GET", "myTrades"): self._my_trades,
            ("GET", "userTrades"): self._my_trades,
            ("GET", "account"): self._account,
            ("GET", "balance"): self._none,
            ("GET", "leverageBracket"): self._none,
            ("GET", "positionRisk"): self._none,
            ("GET", "24hr"): self._ticker,
        }

    async def _new(self, host: str, params: dict[str, str]) -> tuple[int, Any]:
        order_id = next(self._ids)
        order = {
            "host": host,
            "symbol": params["symbol"],
            "orderId": order_id,
            "clientOrderId": params["newClientOrderId"],
            "transactTime": _now(),
            "time": _now(),
            "updateTime": _now(),
            "price": params.get("price", "0"),
            "origQty": params["quantity"],
            "executedQty": "0",
            "cummulativeQuoteQty": "0",
            "status": "NEW",
            "timeInForce": params.get("timeInForce", "GTC"),
            "type": params["type"],
            "side": params["side"],
            "isWorking": True,
        }
        self.orders[f"{host}:{order_id}"] = order
        if not self.quiet:
            await self.push(order, "NEW")
        return 200, order

    async def _cancel(self, host: str, params: dict[str, str]) -> tuple[int, Any]:
        order = self._find(host, params)
        if order is None or order["status"] not in ("NEW", "PARTIALLY_FILLED"):
            return 400, {"code": -2011, "msg": "Unknown order sent."}
        order["status"] = "CANCELED"
        if not self.quiet:
            await self.push(order, "CANCELED")
        return 200, order

    async def _query(self, host: str, params: dict[str, str]) -> tuple[int, Any]:
        order = self._find(host, params)
        return (200, order) if order else (400, {"code": -2013, "msg": "Order does not exist."})

    def _find(self, host: str, params: dict[str, str]) -> dict[str, Any] | None:
        if "orderId" in params:
            return self.orders.get(f"{host}:{params['orderId']}")
        wanted = params.get("origClientOrderId")
        found = [e for e in self.orders.values() if e["host"] == host and e["clientOrderId"] == wanted]
        return found[0] if found else None

    async def _open(self, host: str, params: dict[str, str]) -> tuple[int, Any]:
        return 200, [
            each
            for each in self.orders.values()
            if each["host"] == host and each["status"] in ("NEW", "PARTIALLY_FILLED")
        ]

    async def _my_trades(self, host: str, params: dict[str, str]) -> tuple[int, Any]:
        return 200, list(self._matching(host, params))

    def _matching(self, host: str, params: dict[str, str]) -> Iterator[dict[str, Any]]:
        for trade in self.trades:
            wanted = params.get("orderId", str(trade["orderId"]))
            if trade["host"] == host and wanted == str(trade["orderId"]):
                yield trade

    async def _account(self, host: str, params: dict[str, str]) -> tuple[int, Any]:
        return 200, {"balances": [{"asset": "USDT", "free": "900.5", "locked": "99.5"}], "assets": []}

    async def _none(self, host: str, params: dict[str, str]) -> tuple[int, Any]:
        return 200, []

    async def _no_order(self, host: str, params: dict[str, str]) -> tuple[int, Any]:
        return 400, {"code": -2013, "msg": "Order does not exist."}

    async def _ticker(self, host: str, params: dict[str, str]) -> tuple[int, Any]:
        return 200, {"symbol": params["symbol"], "lastPrice": "90000.10", "closeTime": _now()}

    async def _stream(self, request: web.Request, host: str) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        name = {"fstream.binance.com": LINEAR, "dstream.binance.com": INVERSE}.get(host, SPOT)
        if name != SPOT:
            self.sockets[name].append(socket)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    asked = json.loads(message.data)
                    await socket.send_json(
                        {"id": asked["id"], "status": 200, "result": {"subscriptionId": 0}}
                    )
                    self.sockets[SPOT].append(socket)
        finally:
            if socket in self.sockets[name]:
                self.sockets[name].remove(socket)
        return socket


def _now() -> int:
    return int(time.time() * 1000)
