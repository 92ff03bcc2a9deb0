"""A bare signed HTTP and WebSocket client, so that what the server sees is exactly what is written here."""

import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlencode

import aiohttp
from yarl import URL

from fixgate.simulator import SimulatorServer

KEY, SECRET = "test-key", "test-secret"

Sign = Callable[[bytes], str]


def hmac_signer(secret: str = SECRET) -> Sign:
    return lambda payload: hmac.new(secret.encode(), payload, hashlib.sha256).hexdigest()


def base64_signer(sign: Callable[[bytes], bytes]) -> Sign:
    return lambda payload: quote(base64.b64encode(sign(payload)).decode(), safe="")


class Reply:
    """Status, headers and decoded body of an answer."""

    def __init__(self, status: int, headers: dict[str, str], body: Any) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def code(self) -> int:
        return int(self.body["code"])


class Client:
    """Calls one simulator as one API key."""

    def __init__(self, server: SimulatorServer, key: str | None = KEY, sign: Sign | None = None) -> None:
        self._server = server
        self._headers = {} if key is None else {"X-MBX-APIKEY": key}
        self._sign = sign or hmac_signer()

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(headers=self._headers)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def raw(self, method: str, target: str, body: str | None = None, wait: float = 10) -> Reply:
        """Send the request target as it is written."""
        headers = {} if body is None else {"Content-Type": "application/x-www-form-urlencoded"}
        timeout = aiohttp.ClientTimeout(total=wait)
        url = URL(self._server.url + target, encoded=True)
        async with self._session.request(method, url, data=body, headers=headers, timeout=timeout) as answer:
            json = "json" in answer.headers.get("Content-Type", "")
            content = await (answer.json() if json else answer.text())
            return Reply(answer.status, dict(answer.headers), content)

    async def call(self, method: str, path: str, *, wait: float = 10, **parameters: Any) -> Reply:
        """Send a signed request with everything in the query."""
        parameters.setdefault("timestamp", int(time.time() * 1000))
        query = urlencode(parameters)
        return await self.raw(method, f"{path}?{query}&signature={self._sign(query.encode())}", wait=wait)

    async def order(self, leg: str = "um", *, wait: float = 10, **changes: Any) -> Reply:
        """Place a far-away BUY LIMIT, changed as told."""
        symbol = {"um": "BTCUSDT", "cm": "BTCUSD_PERP", "margin": "BTCUSDT"}[leg]
        quantity = "10" if leg == "cm" else "0.01"
        parameters = {
            "symbol": symbol, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC",
            "quantity": quantity, "price": "60000.00" if leg != "cm" else "60000.0", **changes,
        }  # fmt: skip
        return await self.call("POST", f"/papi/v1/{leg}/order", wait=wait, **parameters)

    async def listen(self, *, wrapped: bool = False) -> "Listener":
        """Open the account's stream."""
        key = (await self.raw("POST", "/papi/v1/listenKey")).body["listenKey"]
        path = f"/stream?streams={key}" if wrapped else f"/ws/{key}"
        return Listener(await self._session.ws_connect(self._server.websocket_url + path), key)

    async def connect(self, path: str) -> "Listener":
        """Open any stream path."""
        return Listener(await self._session.ws_connect(self._server.websocket_url + path), "")


class Listener:
    """One user stream."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, key: str) -> None:
        self.socket, self.key = socket, key

    async def event(self, wait: float = 5) -> Any:
        """Return the next message."""
        return await self.socket.receive_json(timeout=wait)

    async def until(self, exec_type: str) -> Any:
        """Return the body of the next order event of `exec_type`."""
        while True:
            event = await self.event()
            body = event.get("o", event) if event["e"] == "ORDER_TRADE_UPDATE" else event
            if body.get("x") == exec_type:
                return body
