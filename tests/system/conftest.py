"""One exchange and one gateway for all tests of the specification's tables, with a connector per setting."""

from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import pytest_asyncio

from tests.fixclient import FixClient, Message

from .shipped import running
from .trading import Exchange, Gateway, connector_text, new

__all__ = ["running"]

CONNECTORS: dict[str, dict[str, Any]] = {
    "PM": {},
    "HEDGE": {},
    "MARGIN_BUY": {"sideEffectType": "MARGIN_BUY"},
    "AUTO_REPAY": {"sideEffectType": "AUTO_REPAY"},
    "AUTO_BORROW_REPAY": {"sideEffectType": "AUTO_BORROW_REPAY"},
    "MARGIN_BUY_REPAY_SELL": {"sideEffectType": "MARGIN_BUY_REPAY_SELL"},
    "MARGIN_SELL_REPAY_BUY": {"sideEffectType": "MARGIN_SELL_REPAY_BUY"},
    "REPAY_AT_CANCEL": {"sideEffectType": "MARGIN_BUY", "autoRepayAtCancel": "true"},
    "CANCEL_TAKING": {"selfMatchPreventionInstruction": "CANCEL_TAKING"},
    "CANCEL_BOTH": {"selfMatchPreventionInstruction": "CANCEL_BOTH"},
    "COMPOSITE": {"orderMapperType": "COMPOSITE", "clientOrderIdPrefix": "unused"},
    "PREFIX": {"clientOrderIdPrefix": "fund-7/"},
    "NO_WINDOW": {"recvWindow": "0"},
    "WINDOW": {"recvWindow": "2500"},
    "DELIVERY_LIST": {"futureInstrumentCurrencies": [], "deliveryInstrumentCurrencies": ["USD"]},
    "FUTURE_LIST": {"futureInstrumentCurrencies": ["USDT"], "deliveryInstrumentCurrencies": []},
    "FAST": {"requestTimeout": "300 ms", "recvWindow": "300", "staleWebsocketTimeout": "60 s"},
    "OTHER_LISTS": {"futureInstrumentCurrencies": ["USDC"], "deliveryInstrumentCurrencies": ["EUR"]},
}

METADATA = """symbol,type,PMProductType,BINANCEPMProductType
ETHUSDT,FUTURE,,Futures
BNBUSDT,FUTURE,,SPOT
"""


class Desk:
    """The client's side and the exchange's, for one test."""

    _numbers = count(1)

    def __init__(self, client: FixClient, exchange: Exchange, gateway: Gateway) -> None:
        self.client, self.exchange, self.gateway = client, exchange, gateway

    def next_id(self) -> str:
        return f"T{next(self._numbers)}"

    async def order(self, product: str, connector: str = "PM", **changes: Any) -> str:
        """Send an order and return its ClOrdID."""
        cl_ord_id = changes.pop("cl_ord_id", None) or self.next_id()
        await self.client.send("D", new(product, cl_ord_id, connector=connector, **changes))
        return cl_ord_id

    async def working(self, product: str, connector: str = "PM", **changes: Any) -> str:
        """Send an order and wait until the exchange has it."""
        cl_ord_id = await self.order(product, connector, **changes)
        await self.told(cl_ord_id, "0")
        return cl_ord_id

    async def told(self, cl_ord_id: str, exec_type: str) -> Message:
        """Return the next report of that ClOrdID and ExecType; a reject in between fails the test."""
        report = await self.client.receive(
            "8", where=lambda m: m.get(11) == cl_ord_id and m.get(150) in (exec_type, "8")
        )
        assert report[150] == exec_type, report.get(58, report)
        return report

    async def refused(self, cl_ord_id: str) -> Message:
        """Return the ExecutionReport that rejects an order."""
        return await self.told(cl_ord_id, "8")

    async def cancel_reject(self, cl_ord_id: str) -> Message:
        return await self.client.receive("9", where=lambda m: m.get(11) == cl_ord_id)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def venue() -> AsyncIterator[Exchange]:
    exchange = Exchange({name: name == "HEDGE" for name in CONNECTORS})
    await exchange.server.start()
    yield exchange
    await exchange.server.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def gateway(venue: Exchange, tmp_path_factory: Any) -> AsyncIterator[Gateway]:
    text = "".join(connector_text(name, venue, settings, name) for name, settings in CONNECTORS.items())
    gateway = Gateway(tmp_path_factory.mktemp("gateway"), text, metadata=METADATA)
    await gateway.start()
    yield gateway
    assert await gateway.stop() == 0


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def client(gateway: Gateway) -> AsyncIterator[FixClient]:
    client = gateway.client()
    await client.logon()
    yield client
    await client.logout()


@pytest_asyncio.fixture(loop_scope="session")
async def desk(client: FixClient, venue: Exchange, gateway: Gateway) -> Desk:
    venue.clear()
    return Desk(client, venue, gateway)
