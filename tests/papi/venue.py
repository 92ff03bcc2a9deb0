"""A venue on loopback for the client: it answers what it is told to and keeps every request's bytes."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import ServerConnection, serve

from fixgate.papi import PortfolioClient

from .peers import Peer, Server, never, serving

KEY, SECRET = "the-api-key", "the-api-secret"
NOW = 1_700_000_000_123
"""The venue's time, in milliseconds; the client's own clock is an hour and some seconds behind."""

ACCOUNT = {
    "uniMMR": "5.1",
    "accountEquity": "100.10",
    "accountMaintMargin": "2",
    "accountStatus": "NORMAL",
    "updateTime": 1,
}
LIMITS = [{"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": 1200}]

Reply = tuple[int, Any] | tuple[int, Any, dict[str, str]] | None
"""Status, body and headers; None cuts the connection."""
SILENCE: Reply = (0, "")
"""The request is taken and nothing is said."""


class Venue:
    """`replies` holds what each `METHOD /path` answers, in turn; the last one again and again."""

    def __init__(self) -> None:
        self.server = Server()
        self.replies: dict[str, list[Reply]] = {
            "GET /fapi/v1/time": [(200, {"serverTime": NOW})],
            "GET /papi/v1/account": [(200, ACCOUNT)],
            "GET /papi/v1/rateLimit/order": [(200, LIMITS)],
            "POST /papi/v1/listenKey": [(200, {"listenKey": "k" * 40})],
            "PUT /papi/v1/listenKey": [(200, {})],
        }
        self.sockets: list[ServerConnection] = []
        self.websocket_url = ""

    def requests(self, call: str) -> list[bytes]:
        """Return the requests of one `METHOD /path`, as they came."""
        wanted = call.encode()
        return [
            request for request in self.server.requests if request.split(b" HTTP")[0].split(b"?")[0] == wanted
        ]

    async def answer(self, peer: Peer) -> None:
        while True:
            request = await peer.request()
            replies = self.replies.get(
                request.split(b" HTTP")[0].split(b"?")[0].decode(), [(404, "no such path")]
            )
            reply = replies.pop(0) if len(replies) > 1 else replies[0]
            if reply is None:
                return
            if reply is SILENCE:
                await never()
            body = reply[1] if isinstance(reply[1], bytes) else json.dumps(reply[1]).encode()
            headers = "".join(
                f"{name}: {value}\r\n" for name, value in (reply[2] if len(reply) > 2 else {}).items()
            )
            await peer.send(
                f"HTTP/1.1 {reply[0]} X\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body
            )

    async def serve_socket(self, socket: ServerConnection) -> None:
        self.sockets.append(socket)
        try:
            await socket.wait_closed()
        finally:
            self.sockets.remove(socket)

    async def push(self, *events: object) -> None:
        """Send events to every socket."""
        for event in events:
            await asyncio.gather(*(socket.send(json.dumps(event)) for socket in self.sockets))


@asynccontextmanager
async def venue() -> AsyncIterator[Venue]:
    """Run a venue."""
    stand_in = Venue()
    async with (
        serving(stand_in.answer) as server,
        serve(stand_in.serve_socket, "127.0.0.1", 0, close_timeout=0.2) as sockets,
    ):
        stand_in.server = server
        stand_in.websocket_url = f"ws://127.0.0.1:{next(iter(sockets.sockets)).getsockname()[1]}/pm"
        yield stand_in


def client_of(stand_in: Venue, secret: str = SECRET, **options: Any) -> PortfolioClient:
    """Return a client of that venue, not started yet."""
    return PortfolioClient(
        KEY,
        secret,
        **{
            "base_url": stand_in.server.origin,
            "time_url": stand_in.server.origin,
            "websocket_url": stand_in.websocket_url,
            "now_ms": lambda: NOW - 3_607_500.0,
        }
        | options,
    )
