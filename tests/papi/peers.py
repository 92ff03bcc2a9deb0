"""Peers for the tests of this room: a scripted HTTP server that misbehaves on request, and waiting."""

import asyncio
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from socket import SO_LINGER, SOL_SOCKET
from ssl import SSLContext

from fixgate.papi import HttpTransport, NotAnswered, Response, SendFailure

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Peer:
    """One accepted connection as its script sees it. `number` counts connections from 1."""

    def __init__(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.number = number
        self.reader = reader
        self.writer = writer

    async def request(self) -> bytes:
        """Return the next request: head and body, exactly as they came."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        return head + (await self.reader.readexactly(length) if length else b"")

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """Close with a TCP reset."""
        self.writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Script = Callable[[Peer], Awaitable[None]]


class Server:
    def __init__(self) -> None:
        self.port = 0
        self.connections = 0
        self.open = 0
        self.requests: list[bytes] = []

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def serving(script: Script, tls: SSLContext | None = None) -> AsyncIterator[Server]:
    """Run `script` for each connection; the connection is closed when the script returns."""
    server = Server()
    tasks: set[asyncio.Task[None]] = set()

    async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        server.connections += 1
        server.open += 1
        peer = Peer(server.connections, reader, writer)
        received = peer.request

        async def recorded() -> bytes:
            request = await received()
            server.requests.append(request)
            return request

        peer.request = recorded  # type: ignore[method-assign]
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                await script(peer)
        finally:
            server.open -= 1
            writer.close()
            tasks.discard(task)

    listener = await asyncio.start_server(accepted, "127.0.0.1", 0, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def answering(*answers: bytes) -> Script:
    """A script that gives the answers in turn, the last one again and again."""

    async def script(peer: Peer) -> None:
        turn = 0
        while True:
            await peer.request()
            await peer.send(answers[min(turn, len(answers) - 1)])
            turn += 1

    return script


async def until(condition: Callable[[], object], within: float = 10.0) -> None:
    """Wait for `condition`; fail when it does not come true in time."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110  the conditions are plain expressions
            await asyncio.sleep(0.002)


async def free_port() -> int:
    """A port on which nobody listens."""
    listener = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0)
    port: int = listener.sockets[0].getsockname()[1]
    listener.close()
    await listener.wait_closed()
    return port


@asynccontextmanager
async def client(server: Server, **options: object) -> AsyncIterator[HttpTransport]:
    transport = HttpTransport(server.origin, **options)  # type: ignore[arg-type]
    try:
        yield transport
    finally:
        await transport.aclose()


async def outcome(
    transport: HttpTransport, method: str = "POST", target: str = "/", timeout: float = 5.0
) -> Response | SendFailure:
    try:
        return await transport.request(method, target, timeout=timeout)
    except NotAnswered as error:
        return error.failure


def never() -> asyncio.Future[None]:
    return asyncio.get_running_loop().create_future()


async def read_only(peer: Peer) -> None:
    """A script that takes everything and says nothing."""
    while await peer.reader.read(100):
        pass
