"""Uvicorn inside the gateway's event loop, with a lifecycle of its own: no signal handlers, no exit."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from http import HTTPStatus

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from fixgate.api.answers import DoorCode, Refusal
from fixgate.model.execution import ErrorCode

GRACE_SECONDS = 3
"""How long calls under way may take when the server is to stop."""


REQUEST_SECONDS = 20.0
"""How long a request may take to arrive, from the connection or its first byte to its last."""

MOST_CONNECTIONS = 512
MOST_HEAD_BYTES = 64 * 1024


class HttpServer:
    """Serves one application. Event loop only."""

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._server = _Server(
            uvicorn.Config(
                app,
                http=_Protocol,
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="error",  # a warning for each bad request is a way to fill the disk
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        self._task: asyncio.Task[None] | None = None
        self._socket: socket.socket | None = None

    @property
    def port(self) -> int:
        """The port that is listened on, or is to be."""
        return self._socket.getsockname()[1] if self._socket is not None else self._port

    async def start(self) -> None:
        """Listen. Raises `OSError` when the address cannot be had."""
        self._socket = await asyncio.get_running_loop().run_in_executor(None, _listen, self._host, self._port)
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]), name="http")
        listening = asyncio.create_task(self._server.listening.wait())
        await asyncio.wait({self._task, listening}, return_when=asyncio.FIRST_COMPLETED)
        if not self._server.listening.is_set():
            listening.cancel()
            await self._task

    async def stop(self) -> None:
        """Take no more calls, wait for those under way, and close."""
        self._server.leave()
        if self._task is not None:
            await self._task
            self._task = None
        if self._socket is not None:
            self._socket.close()


class _Server(uvicorn.Server):
    """Leaves signals to the gateway, says when it listens, and wakes up once a second, not ten times."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()
        self._leaving = asyncio.Event()

    def leave(self) -> None:
        """Begin to end."""
        self.should_exit = True
        self._leaving.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    async def main_loop(self) -> None:
        """Keep the Date header right until it is time to leave."""
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), 1.0)


class _Protocol(HttpToolsProtocol):
    """Answers what is not HTTP in the envelope, too, and lets nobody hold connections or memory for nothing:
    the process has orders to attend to."""

    _arriving: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            self._refuse(ErrorCode.NOT_READY, f"{MOST_CONNECTIONS} connections are open already")
        else:
            self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        self._arrived()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
                text = f"the request's headers must be at most {MOST_HEAD_BYTES} bytes"
                self._refuse(DoorCode.BAD_REQUEST, text)

    def on_message_begin(self) -> None:
        self._in_head, self._head_bytes = True, 0
        self._expect()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._arrived()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        self._refuse(DoorCode.BAD_REQUEST, f"the request is not HTTP/1.1: {msg}")

    def _expect(self) -> None:
        """Wait for a whole request, and not for ever."""
        self._arrived()
        self._arriving = self.loop.call_later(REQUEST_SECONDS, self.transport.close)

    def _arrived(self) -> None:
        if self._arriving is not None:
            self._arriving.cancel()
            self._arriving = None

    def _refuse(self, code: DoorCode | ErrorCode, text: str) -> None:
        """Answer in the envelope, and close."""
        answer = Refusal(code, text).answer
        body = answer.body()
        head = (
            f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()


def _listen(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises `OSError`, for a name that does not resolve as well."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, _, _, _, address = found[0]
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(1024)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener
