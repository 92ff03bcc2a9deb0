"""A running simulator with a quiet market, and a client that is already connected."""

from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

from fixgate.simulator import SimulatedAccount, SimulatorServer, SimulatorSettings
from tests.simulator.client import KEY, SECRET, Client

StartServer = Callable[..., Awaitable[SimulatorServer]]

BALANCES = {"USDT": Decimal(1_000_000), "BTC": Decimal(10)}


@pytest.fixture
async def start_server() -> AsyncIterator[StartServer]:
    """Start servers with given settings; every one is stopped at the end."""
    running: list[SimulatorServer] = []

    async def start(**changes: Any) -> SimulatorServer:
        values: dict[str, Any] = {
            "market_enabled": False,
            "admin": True,
            "accounts": (SimulatedAccount("main", KEY, SECRET, balances=BALANCES),),
            **changes,
        }
        server = SimulatorServer(SimulatorSettings(**values))
        running.append(server)
        await server.start()
        return server

    yield start
    for server in running:
        await server.stop()


@pytest.fixture
async def server(start_server: StartServer) -> SimulatorServer:
    return await start_server()


@pytest.fixture
async def client(server: SimulatorServer) -> AsyncIterator[Client]:
    async with Client(server) as connected:
        yield connected
