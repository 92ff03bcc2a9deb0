"""A daily limit in USD over both doors, and over the death of the gateway."""

import json
import signal
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from tests.fixclient import FixClient, cancel, replace

from .conftest import Desk
from .trading import SYMBOL, Exchange, Gateway, connector_text

pytestmark = pytest.mark.asyncio(loop_scope="session")

ACCOUNTS = ("REFUSED", "KILLED", "VALUED", "REPLACED", "API")
"""One for each test, each with a limit of 1500 USD."""


class Day(Desk):
    """The desk of one test, on the account of its own."""

    def __init__(self, client: FixClient, exchange: Exchange, gateway: Gateway, account: str) -> None:
        super().__init__(client, exchange, gateway)
        self.account = account

    async def order(self, product: str, connector: str = "", **changes: Any) -> str:
        return await super().order(product, connector or self.account, **changes)

    async def working(self, product: str, connector: str = "", **changes: Any) -> str:
        return await super().working(product, connector or self.account, **changes)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def venue() -> AsyncIterator[Exchange]:
    exchange = Exchange(dict.fromkeys((*ACCOUNTS, "DEV"), False))
    await exchange.server.start()
    yield exchange
    await exchange.server.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gateway(venue: Exchange, tmp_path_factory: Any) -> AsyncIterator[Gateway]:
    connectors = "".join(connector_text(name, venue, {}, name) for name in ACCOUNTS)
    gateway = Gateway(tmp_path_factory.mktemp("gateway"), connectors)
    daily = ", ".join(f"{name} = 1500" for name in ACCOUNTS)
    gateway.config.write_text(gateway.config.read_text() + f"limits {{ dailyUsd {{ {daily} }} }}\n")
    await gateway.start()
    yield gateway
    await gateway.stop(signal.SIGKILL)


@pytest_asyncio.fixture(loop_scope="session")
async def desk(request: Any, venue: Exchange, gateway: Gateway) -> AsyncIterator[Day]:
    venue.clear()
    client = gateway.client()
    await client.logon()
    desk = Day(client, venue, gateway, request.param)
    yield desk
    await desk.client.drop()


def on(account: str) -> Any:
    """Run a test on the account of its own."""
    return pytest.mark.parametrize("desk", [account], indirect=True)


async def use(desk: Day) -> dict[str, Any]:
    answer = json.loads(
        await desk.gateway.get(f"/oems/execution/daily-limit?exchange_account_id={desk.account}")
    )
    assert answer["isError"] is False, answer
    data: dict[str, Any] = answer["data"]
    return {name: data[name] for name in ("limit_usd", "used_usd", "remaining_usd", "order_count")}


@on("REFUSED")
async def test_an_order_that_does_not_fit_is_refused_and_never_sent(desk):
    await desk.working("FUTURE")
    await desk.working("FUTURE")
    reject = await desk.refused(await desk.order("FUTURE"))
    assert (reject[39], reject[103]) == ("8", "3")
    assert reject[58] == "Order would exceed daily limit. Remaining: $320.00"
    assert len(desk.exchange.sent("POST", "FUTURE")) == 2
    assert await use(desk) == {"limit_usd": 1500, "used_usd": 1180, "remaining_usd": 320, "order_count": 2}


@on("KILLED")
async def test_what_was_used_is_the_same_after_a_kill_and_a_cancel_gives_it_back(desk):
    first = await desk.working("FUTURE")
    await desk.working("FUTURE")
    before = await use(desk)
    await desk.gateway.stop(signal.SIGKILL)
    await desk.client.drop()
    await desk.gateway.start()
    desk.client = desk.gateway.client()
    await desk.client.logon()
    assert await use(desk) == before
    reject = await desk.refused(await desk.order("FUTURE"))
    assert reject[58] == "Order would exceed daily limit. Remaining: $320.00"
    await desk.client.send("F", cancel(first, SYMBOL["FUTURE"]))
    await desk.client.receive("8", where=lambda m: m.get(150) == "4" and m.get(41) == first)
    assert (await use(desk))["remaining_usd"] == 910
    await desk.working("FUTURE")


@on("VALUED")
async def test_market_orders_contracts_and_sells_are_valued_by_the_last_price(desk):
    desk.exchange.quote("FUTURE", "SELL", "60000", "0.010")
    await desk.told(await desk.order("FUTURE", price=None, time_in_force=None), "F")
    assert (await use(desk))["used_usd"] == 650
    await desk.working("DELIVERY")
    assert (await use(desk))["used_usd"] == 1150
    reject = await desk.refused(await desk.order("SPOT", side="2", price="58000.00"))
    assert reject[58] == "Order would exceed daily limit. Remaining: $350.00"


@on("REPLACED")
async def test_a_replace_that_does_not_fit_leaves_the_order_as_it_is(desk):
    order = await desk.working("FUTURE")
    request = desk.next_id()
    await desk.client.send("G", replace(order, cl_ord_id=request, symbol=SYMBOL["FUTURE"], quantity="0.026"))
    reject = await desk.cancel_reject(request)
    assert reject[58] == "Order would exceed daily limit. Remaining: $910.00"
    assert (await use(desk))["used_usd"] == 590


@on("API")
async def test_the_api_answers_an_order_that_does_not_fit_with_what_is_left(desk):
    await desk.working("FUTURE")
    body = {
        "exchange_account_id": desk.account,
        "symbol": "BTC/USDT:USDT",
        "side": "buy",
        "order_type": "market",
        "quantity": 0.02,
        "market_type": "swap",
    }
    url = f"http://127.0.0.1:{desk.gateway.http_port}/oems/execution/order"
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as answer:
        refused = await answer.json()
    assert answer.status == 400
    assert refused["message"] == "Order would exceed daily limit. Remaining: $910.00"
    assert refused["data"] == {
        "error": "DAILY_LIMIT_EXCEEDED",
        "limit_check": {"allowed": False, "order_value_usd": 1300, "remaining_usd": 910},
    }
    assert len(desk.exchange.sent("POST", "FUTURE")) == 1


async def test_developer_mode_refuses_the_single_large_order(venue, tmp_path):
    venue.clear()
    gateway = Gateway(tmp_path, connector_text("DEV", venue, {}, "DEV"))
    gateway.config.write_text(gateway.config.read_text() + "limits { devMode = true }\n")
    await gateway.start()
    client = gateway.client()
    await client.logon()
    desk = Day(client, venue, gateway, "DEV")
    reject = await desk.refused(await desk.order("FUTURE"))
    assert reject[103] == "3"
    assert reject[58] == "Order value $590.00 exceeds the DEV_MODE safety limit of $50.00"
    assert venue.sent("POST", "FUTURE") == []
    await client.drop()
    await gateway.stop(signal.SIGKILL)
