"""An exchange's user data stream on loopback: listen key calls over HTTP, events over websocket."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from fixgate.papi import Event, PortfolioRest, UserStream, VenueClock, signer_for

from .peers import Peer, serving, until

GONE = (400, {"code": -1125, "msg": "This listenKey does not exist."})
DOWN = (503, {"code": 0, "msg": "Service Unavailable."})


class NoJitter(random.Random):
    """No jitter and no wait between attempts."""

    def random(self) -> float:
        return 0.0


class Exchange:
    def __init__(self) -> None:
        self.key_number = 1
        self.calls: list[str] = []
        self.post_refusals: list[tuple[int, dict[str, Any]]] = []
        self.put_refusals: list[tuple[int, dict[str, Any]]] = []
        self.sockets: list[ServerConnection] = []
        self.paths: list[str] = []
        self.refuse_sockets = False
        self.rest_url = ""
        self.ws_url = ""

    @property
    def key(self) -> str:
        return f"SeCrEtKey{self.key_number}" + "x" * 40

    def renew_key(self) -> None:
        """Let the current key die: the next POST makes another."""
        self.key_number += 1

    async def answer_rest(self, peer: Peer) -> None:
        while True:
            method = (await peer.request()).split(b" ")[0].decode()
            self.calls.append(method)
            refusals = {"POST": self.post_refusals, "PUT": self.put_refusals}.get(method, [])
            status, body = (
                refusals.pop(0) if refusals else (200, {"listenKey": self.key} if method == "POST" else {})
            )
            text = json.dumps(body).encode()
            extra = b"Retry-After: 0.3\r\n" if status == 429 else b""
            await peer.send(
                b"HTTP/1.1 %d X\r\n%bContent-Length: %d\r\n\r\n%b" % (status, extra, len(text), text)
            )

    async def serve_socket(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        self.paths.append(socket.request.path)
        if self.refuse_sockets:
            socket.transport.abort()
            return
        self.sockets.append(socket)
        try:
            await socket.wait_closed()
        finally:
            self.sockets.remove(socket)

    async def push(self, event: object) -> None:
        """Send an event to every socket, as the venue does."""
        text = event if isinstance(event, str) else json.dumps(event)
        for socket in list(self.sockets):
            try:
                await socket.send(text)
            except ConnectionClosed:
                continue

    def drop(self) -> None:
        """Cut every socket without a goodbye."""
        for socket in list(self.sockets):
            socket.transport.abort()


class Broken:
    """Calls that fail in a way nobody foresaw, `failures` times."""

    def __init__(self, rest: PortfolioRest, failures: int, method: str) -> None:
        self.rest = rest
        self.failures = failures
        self.method = method

    async def keyed(self, method: str, path: str) -> bytes:
        if method == self.method and self.failures:
            self.failures -= 1
            raise RuntimeError("unforeseen")
        return await self.rest.keyed(method, path)


class Consumer:
    """What a connector would see."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.states: list[tuple[bool, str]] = []
        self.suspicions: list[bool] = []

    def on_state(self, up: bool, why: str) -> None:
        self.states.append((up, why))

    def on_suspect(self, suspect: bool, why: str) -> None:
        self.suspicions.append(suspect)

    @property
    def ups(self) -> list[bool]:
        return [up for up, _ in self.states]


Streaming = tuple[Exchange, Consumer, UserStream]


@asynccontextmanager
async def exchange() -> AsyncIterator[Exchange]:
    """Run an exchange, and hold every test to the one thing a client must never do."""
    venue = Exchange()
    async with (
        serving(venue.answer_rest) as http,
        serve(venue.serve_socket, "127.0.0.1", 0, close_timeout=0.2) as ws,
    ):
        venue.rest_url = http.origin
        venue.ws_url = f"ws://127.0.0.1:{next(iter(ws.sockets)).getsockname()[1]}/pm"
        yield venue
    assert "DELETE" not in venue.calls


@asynccontextmanager
async def streaming(
    wait_until_up: bool = True,
    prepare: Callable[[Exchange], None] = lambda venue: None,
    on_event: Callable[[Event], None] | None = None,
    **options: Any,
) -> AsyncIterator[Streaming]:
    """Run a stream against an exchange. `options` are the stream's; defaults leave it in peace."""
    settings: dict[str, Any] = {
        "keepalive_interval": timedelta(minutes=30),
        "stale_timeout": timedelta(seconds=30),
        "rotate_after": timedelta(hours=23),
        "rng": NoJitter(),
    } | options
    async with exchange() as venue:
        prepare(venue)
        rest = PortfolioRest(venue.rest_url, "key", signer_for("secret"), VenueClock(lambda: 0.0))
        seen = Consumer()
        stream = UserStream(
            rest,
            venue.ws_url,
            on_event=on_event or seen.events.append,
            on_state=seen.on_state,
            on_suspect=seen.on_suspect,
            **settings,
        )
        await stream.start()
        try:
            if wait_until_up:
                await until(lambda: stream.up and venue.sockets)
            yield venue, seen, stream
        finally:
            await stream.stop()
            await rest.aclose()
            await until(lambda: len(asyncio.all_tasks()) < 50)


def ms(count: float) -> timedelta:
    return timedelta(milliseconds=count)
