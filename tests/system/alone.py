"""An exchange and a gateway for one test alone, with a client logged on."""

import signal
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from .conftest import Desk
from .trading import Exchange, Gateway, connector_text

SESSION = "FIX.4.4:FIXGATE->OMS"
FAST = {"requestTimeout": "300 ms", "recvWindow": "300"}


@pytest_asyncio.fixture(loop_scope="session")
async def exchange() -> AsyncIterator[Exchange]:
    exchange = Exchange({"PM": False})
    await exchange.server.start()
    exchange.clear()
    yield exchange
    await exchange.server.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def gateway(exchange: Exchange, tmp_path: Any) -> AsyncIterator[Gateway]:
    gateway = Gateway(tmp_path, connector_text("PM", exchange, FAST, "PM"))
    await gateway.start()
    yield gateway
    await gateway.stop(signal.SIGKILL)


@pytest_asyncio.fixture(loop_scope="session")
async def desk(gateway: Gateway, exchange: Exchange) -> AsyncIterator[Desk]:
    client = gateway.client()
    await client.logon()
    yield Desk(client, exchange, gateway)
    await client.drop()
