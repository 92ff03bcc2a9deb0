"""What a venue's dialect is: how its REST requests and private streams are put into the venue's words and
back.

One file for each venue fills it in. A dialect keeps nothing but its sockets' subscriptions: what is traded is
in its `Venue`. It checks the API key, and the signature where the venue signs.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol
from urllib.parse import parse_qsl

from aiohttp import web

from fixgate.simulator.venues.venue import Venue
from fixgate.simulator.venues.views import Happening


@dataclass(frozen=True, slots=True)
class VenueKey:
    """One account of a simulated venue and its key; what each part of the key is depends on the venue. It
    works nowhere else. `balances` is what the account starts with, asset to amount."""

    account: str
    api_key: str = ""
    api_secret: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    wallet_address: str = ""
    hedge_mode: bool = False
    balances: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """One REST request. `path` is without the host; `query` and `body` are the raw text, as it was signed."""

    method: str
    host: str
    path: str
    query: str
    body: str
    headers: Mapping[str, str]

    def parameters(self) -> dict[str, str]:
        """Return the query's parameters."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    def form(self) -> dict[str, str]:
        """Return a form body's parameters."""
        return dict(parse_qsl(self.body, keep_blank_values=True))

    def json(self) -> Any:
        """Return a JSON body, `None` for an empty one. Numbers come as text would: use `str` on them."""
        return json.loads(self.body, parse_float=str, parse_int=str) if self.body else None


@dataclass(frozen=True, slots=True)
class Answer:
    """A JSON answer. Floats have no place in `body`: venues write numbers as text, or as exact JSON
    numbers."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> web.Response:
        return web.Response(
            status=self.status,
            text=json.dumps(self.body),
            content_type="application/json",
            headers=dict(self.headers),
        )


class Socket:
    """One WebSocket of a client. `account` is set once it has logged in, and news of that account are offered
    to the dialect from then on; `state` is the dialect's own, such as what was subscribed to."""

    def __init__(self, socket: web.WebSocketResponse, host: str, path: str, query: Mapping[str, str]) -> None:
        self._socket = socket
        self._outbox: asyncio.Queue[str] = asyncio.Queue()
        self.host = host
        self.path = path
        self.query = query
        self.account = ""
        self.state: dict[str, Any] = {}

    def send(self, message: Any) -> None:
        """Send a message, in the order of the calls: text as it is, anything else as JSON."""
        self._outbox.put_nowait(message if isinstance(message, str) else json.dumps(message))

    async def write(self) -> None:
        """Write what is sent, until the socket is gone. The server runs this."""
        while not self._socket.closed:
            await self._socket.send_str(await self._outbox.get())

    async def close(self) -> None:
        """Close it from the venue's side."""
        await self._socket.close()


class Dialect(Protocol):
    """One venue's words. `hosts` are the hosts that ccxt calls it by, REST and WebSocket, testnets included.

    A dialect's file has `build(keys, clock)`, which returns it: `keys` are its accounts (the server opens
    them, once what was saved is loaded), `clock` returns milliseconds since the epoch.
    """

    hosts: tuple[str, ...]
    venue: Venue
    keys: Sequence[VenueKey]

    def answer(self, request: Request) -> Answer:
        """Answer a REST request; an unknown route in the venue's own way."""

    def opened(self, socket: Socket) -> None:
        """Greet a new WebSocket, if the venue does."""

    def received(self, socket: Socket, message: str) -> None:
        """Take a message of a WebSocket's client: ping, login, subscription."""

    def happened(self, socket: Socket, happening: Happening) -> None:
        """Tell a socket of its account's news, if it subscribed to such."""
