"""A lean HTTP client for the order path: keep-alive pool, callbacks, no task per request.

An order's request has to be told apart by one thing that general clients do not report: whether any
byte of it can have reached the venue. Here that is part of every failure, and nothing is ever sent a
second time. `benchmarks/http_client.py` measures it beside aiohttp's client and httpx.
"""

import asyncio
import logging
import re
import ssl
from collections import deque
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from fixgate.papi.answers import Answer, NotAnswered, Response, SendFailure
from fixgate.papi.connection import Connection

log = logging.getLogger(__name__)

Target = str | bytes | Callable[[], bytes]
"""A request target (`/path?query`), or what makes it at the moment it is written."""

_METHODS = frozenset({"GET", "POST", "PUT", "DELETE"})
_header_name = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+").fullmatch
_header_value = re.compile(r"[\x20-\x7e\t]*").fullmatch
_target = re.compile(rb"/[\x21-\x7e]*").fullmatch


def header_block(headers: Mapping[str, str]) -> bytes:
    """Return `headers` as request header lines.

    Raises `ValueError`, naming the header but not its value, for one that HTTP does not allow.
    """
    for name, value in headers.items():
        if not _header_name(name) or not _header_value(value):
            raise ValueError(f"header {name!r} holds a character that HTTP does not allow in a header")
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode("ascii")


class Exchange:
    """One request on its way; `done` is called once. Kept by the pool until it is written."""

    __slots__ = ("body", "connection", "headers", "method", "on_done", "target", "timer")

    def __init__(
        self, method: str, target: Target, headers: bytes, body: bytes, on_done: Callable[[Answer], None]
    ) -> None:
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.on_done: Callable[[Answer], None] | None = on_done
        self.connection: Connection | None = None
        self.timer: asyncio.TimerHandle | None = None

    def done(self, answer: Answer) -> None:
        """Hand over the outcome; a failing callback is logged, so that it cannot break a connection."""
        on_done, self.on_done = self.on_done, None
        if self.timer is not None:
            self.timer.cancel()
        if on_done is None:
            return
        try:
            on_done(answer)
        except Exception:
            log.exception("the callback of a venue request failed")


class HttpTransport:
    """Connections to one origin, such as `https://papi.binance.com`. Touched by the event loop only.

    Free connections are reused last-in first-out, and closed instead when they were free for longer
    than `max_idle` seconds, because a request written into a connection that the peer is just closing
    ends UNKNOWN. Requests beyond `max_connections` wait in order. `connect_timeout` (seconds) covers
    DNS, TCP and TLS. Raises `ValueError` for an origin with a path, a query or credentials.
    """

    def __init__(
        self,
        origin: str,
        *,
        max_connections: int = 32,
        connect_timeout: float = 5.0,
        max_idle: float = 30.0,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        url = urlsplit(origin)
        if (
            url.scheme not in ("http", "https")
            or not url.hostname
            or url.path not in ("", "/")
            or "@" in url.netloc
            or url.query
            or url.fragment
        ):
            raise ValueError(
                f"{url.scheme}://{url.hostname} is not an origin; use https://host or https://host:port"
            )
        self._host = url.hostname
        self._port = url.port or (443 if url.scheme == "https" else 80)
        self._ssl = (ssl_context or _default_tls()) if url.scheme == "https" else None
        self._fixed_headers = header_block({"Host": url.netloc})
        self._max_connections = max_connections
        self._connect_timeout = connect_timeout
        self._max_idle = max_idle
        self._free: list[Connection] = []
        self._open: set[Connection] = set()
        self._opening: set[asyncio.Task[None]] = set()
        self._waiting: deque[Exchange] = deque()
        self._closed = False
        self._emptied = asyncio.Event()

    @property
    def open_connections(self) -> int:
        """Connections that are up, free or not."""
        return len(self._open)

    @property
    def free_connections(self) -> int:
        """Connections that wait for a request."""
        return len(self._free)

    @property
    def saturated(self) -> bool:
        """True while every connection that may be open is taken."""
        return not self._free and len(self._open) + len(self._opening) >= self._max_connections

    def send(
        self,
        method: str,
        target: Target,
        headers: bytes,
        on_done: Callable[[Answer], None],
        timeout: float,
        body: bytes = b"",
    ) -> None:
        """Send a request; `on_done` hears its outcome once, within `timeout` seconds, never during this call.

        `headers` come from `header_block`. A callable `target` is called when a connection is at hand,
        so that a timestamp in it does not age in the queue. Whoever stops waiting does not unsend.
        """
        if method not in _METHODS:
            raise ValueError(f"method {method!r} is not one of {', '.join(sorted(_METHODS))}")
        loop = asyncio.get_running_loop()
        exchange = Exchange(method, target, headers, body, on_done)
        if self._closed:
            loop.call_soon(exchange.done, SendFailure(False, "the transport is closed"))
            return
        exchange.timer = loop.call_later(timeout, self._timed_out, exchange, timeout)
        connection = self._take_free(loop.time())
        if connection is not None:
            if not self._write(connection, exchange):
                self._free.append(connection)
            return
        self._waiting.append(exchange)
        self._grow()

    async def request(
        self, method: str, target: Target, headers: bytes = b"", timeout: float = 10.0, body: bytes = b""
    ) -> Response:
        """Send a request and return its answer, whatever its status; raises `NotAnswered`."""
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def on_done(answer: Answer) -> None:
            if not answered.done():
                answered.set_result(answer)

        self.send(method, target, headers, on_done, timeout, body)
        answer = await answered
        if isinstance(answer, SendFailure):
            raise NotAnswered(answer)
        return answer

    async def aclose(self) -> None:
        """Fail what waits (not sent) and what is under way (sent), and close every connection."""
        self._closed = True
        while self._waiting:
            self._waiting.popleft().done(
                SendFailure(False, "the transport was closed before the request was sent")
            )
        opening = list(self._opening)
        for task in opening:
            task.cancel()
        await asyncio.gather(*opening, return_exceptions=True)
        self._free.clear()
        for connection in list(self._open):
            connection.abandon("the transport was closed before the answer was complete")
        if self._open:
            await self._emptied.wait()

    # the pool

    def connection_free(self, connection: Connection) -> None:
        """A connection can take the next request. Called by connections."""
        while self._waiting:
            if self._write(connection, self._waiting.popleft()):
                return
        self._free.append(connection)

    def connection_closed(self, connection: Connection) -> None:
        """A connection is gone. Called by connections."""
        self._open.discard(connection)
        if connection in self._free:
            self._free.remove(connection)
        if self._closed and not self._open:
            self._emptied.set()
        self._grow()

    def _take_free(self, now: float) -> Connection | None:
        while self._free:
            connection = self._free.pop()
            if connection.usable and now - connection.free_since < self._max_idle:
                return connection
            connection.abandon("idle for too long")
        return None

    def _grow(self) -> None:
        """Open a connection for each waiting request that has none coming, as far as there is room."""
        room = self._max_connections - len(self._open) - len(self._opening)
        for _ in range(min(room, len(self._waiting) - len(self._opening))):
            task = asyncio.get_running_loop().create_task(self._connect())
            self._opening.add(task)
            task.add_done_callback(self._connect_ended)

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        connection = Connection(self, loop)
        try:
            async with asyncio.timeout(self._connect_timeout):
                await loop.create_connection(lambda: connection, self._host, self._port, ssl=self._ssl)
        except BaseException:
            connection.abandon("never opened")
            raise
        if not connection.usable:
            raise ConnectionResetError("closed by the peer as soon as it was open")
        self._open.add(connection)
        connection.free_since = loop.time()
        self.connection_free(connection)

    def _connect_ended(self, task: asyncio.Task[None]) -> None:
        """Let a failed attempt fail the oldest waiting request: nothing is retried without end."""
        self._opening.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and self._waiting:
            cause = f"{type(error).__name__}: {str(error)[:120]}".rstrip(": ")
            text = f"no connection to {self._host}:{self._port} ({cause})"
            self._waiting.popleft().done(SendFailure(False, text))
        self._grow()

    def _write(self, connection: Connection, exchange: Exchange) -> bool:
        """Return True when the connection is taken, False when the request failed before it was sent."""
        try:
            request = self._request_bytes(exchange)
        except Exception as error:
            log.exception("a venue request could not be built")
            failure = SendFailure(False, f"the request could not be built ({type(error).__name__})")
            asyncio.get_running_loop().call_soon(exchange.done, failure)
            return False
        exchange.connection = connection
        connection.start(request, exchange.done)
        return True

    def _request_bytes(self, exchange: Exchange) -> bytes:
        target = exchange.target() if callable(exchange.target) else exchange.target
        line = target.encode("ascii") if isinstance(target, str) else target
        if not _target(line):
            raise ValueError("a request target is '/' and printable ASCII; percent-encode the rest")
        length = (
            b""
            if exchange.method == "GET" and not exchange.body
            else b"Content-Length: %d\r\n" % len(exchange.body)
        )
        return b"%b %b HTTP/1.1\r\n%b%b%b\r\n%b" % (
            exchange.method.encode("ascii"),
            line,
            self._fixed_headers,
            exchange.headers,
            length,
            exchange.body,
        )

    def _timed_out(self, exchange: Exchange, timeout: float) -> None:
        if exchange.connection is not None:
            exchange.connection.abandon(f"no complete answer within {timeout:g} s")
            return
        if exchange in self._waiting:
            self._waiting.remove(exchange)
        exchange.done(SendFailure(False, f"no connection was free within {timeout:g} s"))


def _default_tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context
