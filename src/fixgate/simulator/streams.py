"""The user data stream: listen keys and the sockets that listen.

One key per account, shared by every consumer. A key that has expired or was deleted leaves its
sockets open and silent, as the exchange does. Source: Portfolio Margin user data streams.
"""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

from fixgate.simulator.events import Event, listen_key_expired
from fixgate.simulator.faults import Faults
from fixgate.simulator.refusal import VenueRefusal

MAX_INBOUND_PER_SECOND = 10
MAX_BACKLOG = 50_000
"""Events queued for one socket before it is taken for dead and closed."""
_PING_SECONDS = 180.0


@dataclass
class _Key:
    account: str
    expires_ms: int


@dataclass(eq=False)
class _Socket:
    """One connection. `wrapped` sockets get {"stream", "data"} objects."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    wrapped: bool
    keys: set[str] = field(default_factory=set)
    outbox: asyncio.Queue[str] = field(default_factory=lambda: asyncio.Queue(MAX_BACKLOG))


class UserStreams:
    """Listen keys by account, and delivery of events to their sockets. One event loop's.

    `clock` returns milliseconds; `lifetime_ms` is how long a key lives without being extended.
    """

    def __init__(self, clock: Callable[[], int], lifetime_ms: int, seed: int, faults: Faults) -> None:
        self._clock = clock
        self._lifetime_ms = lifetime_ms
        self._seed = seed
        self._faults = faults
        self._keys: dict[str, _Key] = {}
        self._current: dict[str, str] = {}
        self._created = 0
        self._sockets: set[_Socket] = set()

    @property
    def connections(self) -> int:
        """Return how many sockets are open."""
        return len(self._sockets)

    def subscribers(self, account: str) -> int:
        """Return how many sockets listen to the account's current key."""
        key = self._current.get(account)
        return sum(1 for socket in self._sockets if key in socket.keys) if key else 0

    def create(self, account: str) -> str:
        """Return the account's key, new if it has none, and let it live its full time again."""
        self.expire_due()
        key = self._current.get(account)
        if key is None:
            self._created += 1
            text = f"{self._seed}:{account}:{self._created}:{self._clock()}"
            key = self._current[account] = hashlib.sha256(text.encode()).hexdigest()
            self._keys[key] = _Key(account, 0)
        self._keys[key].expires_ms = self._clock() + self._lifetime_ms
        return key

    def extend(self, account: str) -> None:
        """Let the account's key live its full time again; raises -1125 when it has none."""
        self.expire_due()
        key = self._current.get(account)
        if key is None:
            raise VenueRefusal(-1125, "This listenKey does not exist.")
        self._keys[key].expires_ms = self._clock() + self._lifetime_ms

    def delete(self, account: str) -> None:
        """Invalidate the account's key for every consumer. Their sockets fall silent."""
        key = self._current.pop(account, None)
        if key is not None:
            del self._keys[key]

    def expire(self, account: str) -> None:
        """End the account's key now: `listenKeyExpired`, then silence."""
        key = self._current.get(account)
        if key is None:
            return
        self._send(key, listen_key_expired(self._clock()))
        self.delete(account)

    def expire_due(self) -> None:
        """End every key whose time is over."""
        now = self._clock()
        for account in [k.account for k in self._keys.values() if k.expires_ms <= now]:
            self.expire(account)

    def publish(self, account: str, event: Event) -> None:
        """Send `event` to every socket of the account's key, faults applied."""
        for delay_ms, routed in self._faults.route(account, event):
            if delay_ms:
                asyncio.get_running_loop().call_later(delay_ms / 1000, self._deliver, account, routed)
            else:
                self._deliver(account, routed)

    def _deliver(self, account: str, event: Event) -> None:
        key = self._current.get(account)
        if key is not None:
            self._send(key, event)

    def _send(self, key: str, event: Event) -> None:
        raw = wrapped = ""
        for socket in list(self._sockets):
            if key not in socket.keys:
                continue
            if socket.wrapped:
                wrapped = wrapped or _json({"stream": key, "data": event})
                self._queue(socket, wrapped)
            else:
                raw = raw or _json(event)
                self._queue(socket, raw)

    def _queue(self, socket: _Socket, text: str) -> None:
        try:
            socket.outbox.put_nowait(text)
        except asyncio.QueueFull:
            self._drop(socket)

    def _drop(self, socket: _Socket) -> None:
        self._sockets.discard(socket)
        if socket.transport is not None:
            socket.transport.abort()

    def drop_sockets(self, account: str | None = None) -> None:
        """Cut connections without a closing handshake: all, or those of one account's key."""
        key = self._current.get(account) if account is not None else None
        for socket in list(self._sockets):
            if account is None or key in socket.keys:
                self._drop(socket)

    async def serve(
        self, request: web.Request, *, wrapped: bool, keys: set[str], lifetime: float
    ) -> web.WebSocketResponse:
        """Run one socket until the client leaves, `lifetime` seconds pass, or it is dropped.

        Any key is accepted: an unknown one just stays silent.
        """
        response = web.WebSocketResponse(heartbeat=_PING_SECONDS)
        await response.prepare(request)
        socket = _Socket(response, request.transport, wrapped, keys)
        self._sockets.add(socket)
        writer = asyncio.create_task(self._write(socket))
        try:
            async with asyncio.timeout(lifetime):
                await self._read(socket)
        except TimeoutError:
            await response.close(code=1001, message=b"24 hours")
        finally:
            self._sockets.discard(socket)
            writer.cancel()
        return response

    async def _write(self, socket: _Socket) -> None:
        while True:
            text = await socket.outbox.get()
            try:
                await socket.socket.send_str(text)
            except ConnectionError:
                self._sockets.discard(socket)
                return

    async def _read(self, socket: _Socket) -> None:
        second, received = 0, 0
        async for message in socket.socket:
            now = self._clock() // 1000
            second, received = (now, received + 1) if now == second else (now, 1)
            if received > MAX_INBOUND_PER_SECOND:
                await socket.socket.close(code=1008, message=b"Too many requests")
                return
            if message.type is WSMsgType.TEXT:
                self._queue(socket, _json(self._control(socket, message.data)))

    def _control(self, socket: _Socket, text: str) -> dict[str, Any]:
        """Answer SUBSCRIBE, UNSUBSCRIBE and LIST_SUBSCRIPTIONS."""
        try:
            message = msgspec.json.decode(text, type=_Control)
        except msgspec.DecodeError as problem:
            return {"error": {"code": 3, "msg": f"Invalid JSON: {problem}"}}
        if message.method == "SUBSCRIBE":
            socket.keys.update(message.params)
        elif message.method == "UNSUBSCRIBE":
            socket.keys.difference_update(message.params)
        elif message.method == "LIST_SUBSCRIPTIONS":
            return {"result": sorted(socket.keys), "id": message.id}
        else:
            return {"error": {"code": 2, "msg": f"Invalid request: unknown method {message.method}"}}
        return {"result": None, "id": message.id}

    async def close(self) -> None:
        """Close every socket."""
        for socket in list(self._sockets):
            await socket.socket.close(code=1001, message=b"venue is stopping")


class _Control(msgspec.Struct):
    method: str
    params: list[str] = []
    id: int | str | None = None


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
