"""A venue that answers at once with prepared bodies, as quick as Python can: the fixed part of all figures.

Run as `python -m benchmarks.canned_venue`; prints its HTTP port and its WebSocket port on one line.
Source of the bodies' shapes: PAPI POST /papi/v1/um/order, FAPI GET /fapi/v1/exchangeInfo and their siblings.
"""

import asyncio
import itertools
import json
import signal
import time
from collections.abc import Callable

import uvloop
from websockets.asyncio.server import ServerConnection, serve

_ORDER_IDS = itertools.count(812_345_678_901)
_CLIENT_ID = b"newClientOrderId="


def _exchange_info(symbol: str, quote: str, **more: object) -> bytes:
    """Return a one-symbol exchangeInfo; `more` is what only this market's form has."""
    lot = {"minQty": "0.001", "maxQty": "1000", "stepSize": "0.001"}
    filters = [
        {"filterType": "PRICE_FILTER", "minPrice": "0.10", "maxPrice": "4529764.00", "tickSize": "0.10"},
        {"filterType": "LOT_SIZE", **lot},
        {"filterType": "MARKET_LOT_SIZE", **lot},
        {"filterType": "MIN_NOTIONAL", "notional": "50", "minNotional": "5"},
    ]
    row = {
        "symbol": symbol,
        "pair": symbol.removesuffix("_PERP"),
        "status": "TRADING",
        "baseAsset": "BTC",
        "quoteAsset": quote,
        "filters": filters,
        **more,
    }
    return json.dumps({"timezone": "UTC", "rateLimits": [], "symbols": [row]}).encode()


_BODIES = {
    b"POST /papi/v1/listenKey": b'{"listenKey":"benchmark"}',
    b"PUT /papi/v1/listenKey": b"{}",
    b"GET /papi/v1/ping": b"{}",
    b"GET /fapi/v1/exchangeInfo": _exchange_info(
        "BTCUSDT", "USDT", marginAsset="USDT", contractType="PERPETUAL"
    ),
    b"GET /dapi/v1/exchangeInfo": _exchange_info(
        "BTCUSD_PERP",
        "USD",
        marginAsset="BTC",
        contractType="PERPETUAL",
        contractStatus="TRADING",
        contractSize=100,
    ),
    b"GET /api/v3/exchangeInfo": _exchange_info(
        "BTCUSDT", "USDT", isMarginTradingAllowed=True, isSpotTradingAllowed=True
    ),
    b"GET /papi/v1/um/positionSide/dual": b'{"dualSidePosition":false}',
    b"GET /papi/v1/cm/positionSide/dual": b'{"dualSidePosition":false}',
    b"GET /papi/v1/account": b'{"uniMMR":"999","accountEquity":"1000000","accountStatus":"NORMAL"}',
    b"GET /papi/v1/um/account": b'{"assets":[],"positions":[]}',
    b"GET /papi/v1/cm/account": b'{"assets":[],"positions":[]}',
    b"GET /papi/v1/rateLimit/order": b'[{"rateLimitType":"ORDERS","interval":"MINUTE","intervalNum":1,'
    b'"limit":1000000}]',
}
_LISTS = (b"balance", b"positionRisk", b"openOrders", b"allOrders", b"userTrades", b"myTrades")
"""Last parts of the paths that answer with an empty list."""


def answer(request: bytes) -> bytes:
    """Return the whole HTTP answer to one request, given from its request line to its last byte."""
    method_path, _, _ = request.partition(b" HTTP/1.1\r\n")[0].partition(b"?")
    if method_path == b"POST /papi/v1/um/order":
        return _ok(_acknowledgement(request))
    body = _BODIES.get(method_path)
    if body is not None:
        return _ok(body)
    if method_path.endswith(b"/time"):
        return _ok(b'{"serverTime":%d}' % (time.time_ns() // 1_000_000))
    if method_path.startswith(b"GET ") and method_path.rpartition(b"/")[2] in _LISTS:
        return _ok(b"[]")
    return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def _acknowledgement(request: bytes) -> bytes:
    start = request.find(_CLIENT_ID) + len(_CLIENT_ID)
    end = start
    while end < len(request) and request[end] not in b"& \r":
        end += 1
    return (
        b'{"clientOrderId":"%b","cumQty":"0","executedQty":"0","orderId":%d,"origQty":"0.010","price":"65000.10",'
        b'"reduceOnly":false,"side":"BUY","positionSide":"BOTH","status":"NEW","symbol":"BTCUSDT",'
        b'"timeInForce":"GTC","type":"LIMIT","selfTradePreventionMode":"EXPIRE_MAKER","goodTillDate":0,'
        b'"updateTime":%d,"priceMatch":"NONE"}'
    ) % (request[start:end], next(_ORDER_IDS), time.time_ns() // 1_000_000)


def _ok(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
        len(body),
        body,
    )


class CannedHttp(asyncio.Protocol):
    """One keep-alive connection. Takes whole requests off its buffer, however they were cut or joined."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._write: Callable[[bytes], None] = transport.write  # type: ignore[attr-defined]
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (head := self._buffer.find(b"\r\n\r\n")) >= 0:
            end = head + 4 + _content_length(self._buffer[:head])
            if len(self._buffer) < end:
                return
            self._write(answer(self._buffer[:end]))
            self._buffer = self._buffer[end:]


def _content_length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


async def _stream(connection: ServerConnection) -> None:
    """Say something now and then: a stream that is silent after an order is taken for dead."""
    while True:
        await connection.send(f'{{"e":"openOrderLoss","E":{time.time_ns() // 1_000_000},"O":[]}}')
        await asyncio.sleep(1)


async def main() -> None:
    """Serve until SIGTERM."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    http = await loop.create_server(CannedHttp, "127.0.0.1", 0)
    async with http, serve(_stream, "127.0.0.1", 0) as websocket:
        ports = (next(iter(server.sockets)).getsockname()[1] for server in (http, websocket))
        print(*ports, flush=True)
        await ended.wait()


if __name__ == "__main__":
    uvloop.run(main())
