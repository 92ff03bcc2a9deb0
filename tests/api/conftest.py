"""The door on a real port, over the desk in memory."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from fixgate.api.access import Access, RateLimit
from fixgate.api.app import Operations, build_app
from fixgate.api.server import HttpServer
from fixgate.api.tokens import Tokens
from tests.api.fake_desk import FakeDesk

OPERATIONS = Operations(
    health=lambda: {"status": "ok"},
    readiness=lambda: (True, {"openOrders": 0}),
    metrics=lambda: b"fixgate_orders_total 1.0\n",
)


class DeskOfTheTest:
    """Stands before the desk of the test that runs."""

    desk = FakeDesk()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.desk, name)


def open_access() -> Access:
    """Return the access of a gateway without tokens."""
    return Access(Tokens((), None), RateLimit(100, 200))


def client_of(url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, timeout=10, trust_env=False, verify=False)


@pytest.fixture(scope="session")
def open_door() -> Iterator[tuple[str, DeskOfTheTest]]:
    """A door without tokens, for all tests: its address, and where the test puts its desk."""
    desk = DeskOfTheTest()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def start() -> HttpServer:
        server = HttpServer(build_app(OPERATIONS, open_access(), desk), "127.0.0.1", 0)
        await server.start()
        return server

    server = asyncio.run_coroutine_threadsafe(start(), loop).result(20)
    yield f"http://127.0.0.1:{server.port}", desk
    asyncio.run_coroutine_threadsafe(server.stop(), loop).result(20)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def desk(open_door: tuple[str, DeskOfTheTest]) -> FakeDesk:
    """A new desk, behind the open door."""
    open_door[1].desk = FakeDesk()
    return open_door[1].desk


@pytest.fixture
async def http(open_door: tuple[str, DeskOfTheTest], desk: FakeDesk) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the open door."""
    async with client_of(open_door[0]) as client:
        yield client


@pytest.fixture
async def serve(desk: FakeDesk) -> AsyncIterator[Callable[..., Any]]:
    """Start a server of the test's own, and return a client of it."""
    async with AsyncExitStack() as stack:

        async def start(access: Access, operations: Operations = OPERATIONS) -> httpx.AsyncClient:
            server = HttpServer(build_app(operations, access, desk), "127.0.0.1", 0)
            await server.start()
            stack.push_async_callback(server.stop)
            return await stack.enter_async_context(client_of(f"http://127.0.0.1:{server.port}"))

        yield start
