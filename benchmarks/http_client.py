"""The order path's HTTP client beside aiohttp's client and httpx, against one canned server.

    python benchmarks/http_client.py [--json FILE] [--requests N] [--rounds N]

All clients run in this process, one after the other in each round, on uvloop, against one server in a
child process that answers every request with the same order reply. Each sends the same signed-order
request: POST, parameters in the query string, key header, empty body. Figures are medians over rounds:
microseconds per request one after the other, and requests per second with 50 in flight.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import httpx
import uvloop
import yarl

from fixgate.papi import Answer, HttpTransport, Response, header_block

IN_FLIGHT = 50
WARM_UP = 300
PATH = (
    "/papi/v1/um/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.010&price=50000.10"
    "&newClientOrderId=fg1a2b3c4d5e6f&recvWindow=5000&timestamp=1700000000000&signature=" + "0" * 64
)
HEADERS = {"X-MBX-APIKEY": "k" * 64}
BODY = json.dumps(
    {
        "clientOrderId": "fg1a2b3c4d5e6f",
        "cumQty": "0",
        "executedQty": "0",
        "orderId": 1917641,
        "origQty": "0.010",
        "price": "50000.10",
        "reduceOnly": False,
        "side": "BUY",
        "positionSide": "BOTH",
        "status": "NEW",
        "symbol": "BTCUSDT",
        "timeInForce": "GTC",
        "type": "LIMIT",
        "updateTime": 1700000000001,
    }
).encode()
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
    b"X-MBX-USED-WEIGHT-1M: 12\r\nX-MBX-ORDER-COUNT-1M: 3\r\nServer: canned\r\n\r\n%b" % (len(BODY), BODY)
)

Call = Callable[[], Awaitable[None]]


class CannedServer(asyncio.Protocol):
    """Answers each request head; the requests here have no body."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.rest = b""

    def data_received(self, data: bytes) -> None:
        *heads, self.rest = (self.rest + data).split(b"\r\n\r\n")
        self.transport.write(ANSWER * len(heads))  # type: ignore[attr-defined]


async def serve() -> None:
    """Print the port and answer until standard input closes."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(CannedServer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


async def one_after_the_other(call: Call, count: int) -> list[float]:
    """Return microseconds per request, sorted."""
    times = []
    for _ in range(count):
        start = time.perf_counter_ns()
        await call()
        times.append((time.perf_counter_ns() - start) / 1000)
    return sorted(times)


async def many_at_once(call: Call, count: int) -> float:
    """Return requests per second with `IN_FLIGHT` of them under way."""

    async def worker() -> None:
        for _ in range(count // IN_FLIGHT):
            await call()

    start = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))
    return count / (time.perf_counter() - start)


def check(status: int, body: bytes) -> None:
    if status != 200 or body != BODY:
        raise RuntimeError(f"the canned server answered {status} with {len(body)} bytes")


def our_call(transport: HttpTransport) -> Call:
    headers = header_block(HEADERS)

    async def call() -> None:
        response = await transport.request("POST", PATH, headers)
        check(response.status, response.body)

    return call


async def callbacks_at_once(transport: HttpTransport, count: int) -> float:
    """Return requests per second in callback style, as the order path uses it."""
    headers = header_block(HEADERS)
    finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    left_to_send, left_to_hear = count, count

    def send() -> None:
        nonlocal left_to_send
        if left_to_send:
            left_to_send -= 1
            transport.send("POST", PATH, headers, heard, 10.0)

    def heard(answer: Answer) -> None:
        nonlocal left_to_hear
        if not isinstance(answer, Response):
            raise RuntimeError(answer.text)
        check(answer.status, answer.body)
        left_to_hear -= 1
        if not left_to_hear:
            finished.set_result(None)
        send()

    start = time.perf_counter()
    for _ in range(IN_FLIGHT):
        send()
    await finished
    return count / (time.perf_counter() - start)


def aiohttp_call(session: aiohttp.ClientSession, origin: str) -> Call:
    async def call() -> None:
        url = yarl.URL(origin + PATH, encoded=True)
        async with session.post(url, headers=HEADERS) as response:
            check(response.status, await response.read())

    return call


def httpx_call(client: httpx.AsyncClient, origin: str) -> Call:
    async def call() -> None:
        response = await client.post(origin + PATH, headers=HEADERS)
        check(response.status_code, response.content)

    return call


async def measure(port: int, requests: int, rounds: int) -> dict[str, dict[str, float]]:
    """Return for each client its figures."""
    origin = f"http://127.0.0.1:{port}"
    transport = HttpTransport(origin, max_connections=IN_FLIGHT)
    connector = aiohttp.TCPConnector(limit=IN_FLIGHT)
    limits = httpx.Limits(max_connections=IN_FLIGHT, max_keepalive_connections=IN_FLIGHT)
    samples: dict[str, list[tuple[float, float, float]]] = {}
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        httpx.AsyncClient(limits=limits) as client,
    ):
        calls = {
            "fixgate, callback": our_call(transport),
            "fixgate, await": our_call(transport),
            "aiohttp": aiohttp_call(session, origin),
            "httpx": httpx_call(client, origin),
        }
        for call in calls.values():
            await many_at_once(call, WARM_UP)
            await one_after_the_other(call, WARM_UP)
        for _ in range(rounds):
            for name, call in calls.items():
                times = await one_after_the_other(call, requests)
                if name == "fixgate, callback":
                    rate = await callbacks_at_once(transport, requests * 2)
                else:
                    rate = await many_at_once(call, requests * 2)
                figures = (times[len(times) // 2], times[len(times) * 99 // 100], rate)
                samples.setdefault(name, []).append(figures)
    await transport.aclose()
    names = ("p50_us", "p99_us", "requests_per_s")
    return {
        client_name: {
            name: round(statistics.median(row[at] for row in rows), 1) for at, name in enumerate(names)
        }
        for client_name, rows in samples.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--requests", type=int, default=1000, help="sequential requests per client and round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        uvloop.run(serve())
        return
    server = subprocess.Popen(
        [sys.executable, __file__, "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdin is not None and server.stdout is not None
    try:
        port = int(server.stdout.readline())
        figures = uvloop.run(measure(port, arguments.requests, arguments.rounds))
    finally:
        server.stdin.close()
        server.wait(10)
    print(f"{'client':<20}{'p50 µs':>10}{'p99 µs':>10}{f'requests/s, {IN_FLIGHT} in flight':>30}")
    for name, row in figures.items():
        print(f"{name:<20}{row['p50_us']:>10.0f}{row['p99_us']:>10.0f}{row['requests_per_s']:>30.0f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
