"""One keep-alive HTTP/1.1 connection: one exchange at a time, each answered exactly once.

States: open and free -> `start` writes a request -> the answer is complete (free again, or closed) or
the exchange fails (always closed). Closing after every failure is what keeps a late answer from being
taken for the answer to a later request. Source: RFC 9112, sections 6, 9.3 and 9.6.
"""

import asyncio
import socket
from collections.abc import Callable
from typing import Protocol, cast

import httptools

from fixgate.papi.answers import Answer, Response, SendFailure

MAX_HEADER_BYTES = 65_536
MAX_BODY_BYTES = 67_108_864
"""Bounds on an answer; exchange information, the largest, is a few tens of megabytes."""


class Owner(Protocol):
    """The pool behind a connection."""

    def connection_free(self, connection: "Connection") -> None: ...

    def connection_closed(self, connection: "Connection") -> None: ...


class Connection(asyncio.Protocol):
    """Protocol of one TCP or TLS connection. Touched by the event loop only.

    `free_since` is the loop time at which it last became free.
    """

    def __init__(self, owner: Owner, loop: asyncio.AbstractEventLoop) -> None:
        self.free_since = 0.0
        self._owner = owner
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._on_answer: Callable[[Answer], None] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._reset()

    def _reset(self) -> None:
        self._status = 0
        self._headers: dict[str, str] = {}
        self._header_bytes = 0
        self._body: list[bytes] = []
        self._body_bytes = 0
        self._until_eof = False
        self._complete = False
        self._surplus = False
        self._keep_alive = False

    @property
    def usable(self) -> bool:
        """True when a request can be written now."""
        return self._transport is not None and self._on_answer is None and not self._transport.is_closing()

    def start(self, request: bytes, on_answer: Callable[[Answer], None]) -> None:
        """Write `request`; `on_answer` hears the outcome once. From here on a failure is `sent`."""
        if self._transport is None or not self.usable:
            raise RuntimeError("start needs a connection that is open and free")
        self._on_answer = on_answer
        self._transport.write(request)

    def abandon(self, text: str) -> None:
        """Give up the exchange in progress, if any, and close at once."""
        self._fail(text)

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 15)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)

    def data_received(self, data: bytes) -> None:
        if self._on_answer is None:
            self._fail("the peer sent data that answers no request")
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if not self._complete:
                cause = error.__context__ or error
                self._fail(f"the answer is not valid HTTP: {type(cause).__name__}: {str(cause)[:80]}")
                return
            self._surplus = True
        if self._complete:
            self._finish(reusable=self._keep_alive and not self._surplus)

    def eof_received(self) -> bool:
        if self._on_answer is not None and self._until_eof:
            self._finish(reusable=False)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        reason = f"{type(exc).__name__}: {exc}" if exc is not None else "closed by the peer"
        self._fail(f"the connection was lost before the answer was complete ({reason})")
        self._owner.connection_closed(self)

    # httptools callbacks

    def on_message_begin(self) -> None:
        if self._complete:
            self._surplus = True

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._surplus:
            return
        self._header_bytes += len(name) + len(value)
        if self._header_bytes > MAX_HEADER_BYTES:
            raise ValueError(f"headers exceed {MAX_HEADER_BYTES} bytes")
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        if self._surplus:
            return
        self._status = self._parser.get_status_code()
        self._until_eof = (
            self._status >= 200
            and self._status not in (204, 304)
            and "content-length" not in self._headers
            and "chunked" not in self._headers.get("transfer-encoding", "").lower()
        )

    def on_body(self, body: bytes) -> None:
        if self._surplus:
            return
        self._body_bytes += len(body)
        if self._body_bytes > MAX_BODY_BYTES:
            raise ValueError(f"body exceeds {MAX_BODY_BYTES} bytes")
        self._body.append(body)

    def on_message_complete(self) -> None:
        if self._surplus:
            return
        if self._status < 200:
            self._reset()
            return
        self._complete = True
        self._keep_alive = self._parser.should_keep_alive()

    # the end of an exchange

    def _finish(self, reusable: bool) -> None:
        answer = Response(self._status, self._headers, b"".join(self._body))
        on_answer, self._on_answer = self._on_answer, None
        self._reset()
        if reusable and self.usable:
            self.free_since = self._loop.time()
            self._owner.connection_free(self)
        elif self._transport is not None:
            self._transport.abort()
        if on_answer is not None:
            on_answer(answer)

    def _fail(self, text: str) -> None:
        on_answer, self._on_answer = self._on_answer, None
        if self._transport is not None:
            self._transport.abort()
        if on_answer is not None:
            on_answer(SendFailure(True, text))
