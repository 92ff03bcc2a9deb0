"""Orders of the Execution API in a real gateway process: the same orders as FIX's, each of them once."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from fixgate.simulator.faults import EventFault, RequestFault
from fixgate.simulator.orders import Leg
from tests.fixclient import FixClient, cancel, status

from .alone import FAST
from .conftest import Desk
from .test_conditional import trade_at
from .trading import PATH, Exchange, Gateway, connector_text

pytestmark = pytest.mark.asyncio(loop_scope="session")

SESSIONS = """
  { targetCompId = "RISK", defaultConnector = "PM", mayCancel = ["api"] }
  { targetCompId = "COPY", dropCopy = true }
"""
ORDER = {
    "exchange_account_id": "PM",
    "symbol": "BTC/USDT:USDT",
    "market_type": "swap",
    "side": "buy",
    "order_type": "limit",
    "quantity": 0.01,
    "price": 59000,
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def venue() -> AsyncIterator[Exchange]:
    exchange = Exchange({"PM": False})
    await exchange.server.start()
    yield exchange
    await exchange.server.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def exchange(venue: Exchange) -> Exchange:
    venue.clear()
    return venue


@asynccontextmanager
async def running(venue: Exchange, folder: Path, wait: str = "5 s") -> AsyncIterator[Gateway]:
    """A gateway whose callers wait for `wait`."""
    gateway = Gateway(folder, connector_text("PM", venue, FAST, "PM"), SESSIONS)
    gateway.config.write_text(f"{gateway.config.read_text()}http.api.orderWait = {wait}\n")
    await gateway.start()
    yield gateway
    await gateway.stop(signal.SIGKILL)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gateway(venue: Exchange, tmp_path_factory: Any) -> AsyncIterator[Gateway]:
    async with running(venue, tmp_path_factory.mktemp("gateway")) as gateway:
        yield gateway


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hasty(venue: Exchange, tmp_path_factory: Any) -> AsyncIterator[Gateway]:
    """A gateway whose callers do not wait for long."""
    async with running(venue, tmp_path_factory.mktemp("hasty"), "150 ms") as gateway:
        yield gateway


@pytest_asyncio.fixture(loop_scope="session")
async def http(gateway: Gateway) -> AsyncIterator[aiohttp.ClientSession]:
    async with caller(gateway) as session:
        yield session


def caller(gateway: Gateway) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(f"http://127.0.0.1:{gateway.http_port}")


Answer = tuple[int, dict[str, Any]]


async def place(http: aiohttp.ClientSession, key: str = "", **changes: Any) -> Answer:
    body = {name: value for name, value in (ORDER | changes).items() if value is not None}
    headers = {"Idempotency-Key": key} if key else {}
    async with http.post("/oems/execution/order", json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def ask(http: aiohttp.ClientSession, order_id: str, method: str = "GET", **changes: str) -> Answer:
    query = {"exchange_account_id": "PM", "symbol": "BTC/USDT:USDT", "market_type": "swap"} | changes
    async with http.request(method, f"/oems/execution/order/{order_id}", params=query) as answer:
        return answer.status, await answer.json()


async def becomes(http: aiohttp.ClientSession, order_id: str, status: str) -> dict[str, Any]:
    """Ask until an order is in a state."""
    async with asyncio.timeout(20):
        while True:
            code, answer = await ask(http, order_id)
            if code == 200 and answer["data"]["status"] == status:
                return answer["data"]
            await asyncio.sleep(0.05)


async def logged_on(gateway: Gateway, sender: str) -> FixClient:
    client = gateway.client(sender=sender)
    await client.logon()
    return client


async def test_an_order_is_placed_told_and_canceled_and_a_drop_copy_sees_all_of_it(gateway, exchange, http):
    copy = await logged_on(gateway, "COPY")
    code, answer = await place(http, client_order_id="desk-7")
    assert (code, answer["isError"], answer["data"]["order_status"]) == (200, False, "open")
    order_id = answer["data"]["order_id"]
    report = await copy.receive("8", where=lambda m: m.get(150) == "0")
    assert (report[11], report[115], report[797], report[198]) == ("desk-7", "api", "Y", order_id)
    code, answer = await ask(http, order_id)
    assert (code, answer["data"]["status"], answer["data"]["amount"]) == (200, "open", 0.01)
    assert answer["data"]["client_order_id"] == "desk-7"
    code, answer = await ask(http, order_id, "DELETE")
    assert (code, answer["data"]["order_status"]) == (200, "canceled")
    await copy.receive("8", where=lambda m: m.get(150) == "4" and m.get(41) == "desk-7")
    assert (await ask(http, order_id))[1]["data"]["status"] == "canceled"
    await copy.drop()


@pytest.mark.parametrize(
    ("symbol", "market_type", "product"),
    [("BTC/USDT", "spot", "SPOT"), ("BTC/USDT:USDT", "swap", "FUTURE"), ("BTC/USD:BTC", "swap", "DELIVERY")],
)
async def test_a_market_order_trades_on_every_product(gateway, exchange, http, symbol, market_type, product):
    exchange.quote(product, "SELL", "60000", "10")
    code, answer = await place(
        http, symbol=symbol, market_type=market_type, order_type="market", price=None, quantity=0.01
    )
    data = answer["data"]
    assert (code, data["order_status"], data["avg_fill_price"]) == (200, "closed", 60000)
    assert data["quantity"] == 0.01 and data["fee_currency"]
    assert data["quantity_filled"] == 0.01
    assert len(exchange.sent("POST", product)) == 1


SPOT = {"symbol": "BTC/USDT", "market_type": "spot", "side": "sell"}
KINDS = {
    "stop_loss": {"side": "sell", "price": None, "stop_price": 55000},
    "take_profit_limit": {"side": "sell", "price": 64000, "stop_price": 65000},
    "trailing_stop": {"side": "sell", "price": None, "trailing_delta": 1.0},
    "stop_loss_limit": SPOT | {"price": 54000, "stop_price": 55000},
    "oco": SPOT | {"price": 65000, "stop_price": 55000},
    "limit": SPOT | {"price": 65000, "time_in_force": "POST_ONLY"},
}


@pytest.mark.parametrize("order_type", KINDS)
async def test_every_kind_of_resting_order_is_told_and_canceled_by_its_id(exchange, http, order_type):
    for product in ("SPOT", "FUTURE"):
        trade_at(exchange, product, "60000")
    terms = KINDS[order_type]
    where = {name: terms[name] for name in ("symbol", "market_type") if name in terms}
    code, answer = await place(http, order_type=order_type, **terms)
    assert (code, answer["data"].get("order_status")) == (200, "open"), answer["message"]
    order_id = answer["data"]["order_id"]
    assert order_id.isdigit() and answer["data"]["order_type"] == order_type
    code, told = await ask(http, order_id, **where)
    data = told["data"]
    assert (code, data["status"], data["type"], data["amount"]) == (200, "open", order_type, 0.01)
    assert data.get("price") == terms["price"] or order_type == "trailing_stop"
    code, answer = await ask(http, order_id, "DELETE", **where)
    assert (code, answer["data"]["order_status"]) == (200, "canceled")
    assert not any(exchange.exchange.state.accounts["PM"].open_orders.values())


async def test_two_calls_at_once_are_one_order_at_the_exchange(exchange, http):
    answers = await asyncio.gather(*(place(http, key="once") for _ in range(2)))
    assert [code for code, _ in answers] == [200, 200]
    assert len({answer["data"]["order_id"] for _, answer in answers}) == 1
    assert len(exchange.sent("POST", "FUTURE")) == 1
    code, answer = await place(http, key="once", quantity=0.02)
    assert (code, answer["data"]["error"]) == (409, "CONFLICT")
    assert len(exchange.sent("POST", "FUTURE")) == 1


@pytest.mark.parametrize("landed", [True, False])
async def test_an_exchange_that_does_not_answer_is_202_until_it_is_known(hasty, exchange, landed):
    name = f"late-{landed}"
    exchange.server.faults.requests.append(RequestFault("POST", PATH["FUTURE"], land=landed, timeout=True))
    if landed:
        exchange.server.faults.events.append(EventFault("drop", times=3))
    async with caller(hasty) as http:
        code, answer = await place(http, client_order_id=name)
        assert (code, answer["isError"], answer["data"]["order_status"]) == (202, False, "pending")
        order_id = answer["data"]["order_id"]
        assert order_id.startswith("fg-")
        if landed:
            assert (await becomes(http, order_id, "open"))["client_order_id"] == name
        else:
            await becomes(http, order_id, "rejected")
            code, answer = await place(http, client_order_id=name)
            assert (code, answer["data"]["error"]) == (500, "NETWORK_ERROR"), "it never got there"
    assert len(exchange.sent("POST", "FUTURE")) == 1


async def test_a_gateway_that_dies_before_it_answers_knows_each_order_afterwards(tmp_path, exchange):
    for landed in (True, False):
        fault = RequestFault("POST", PATH["FUTURE"], land=landed, timeout=True)
        exchange.server.faults.requests.append(fault)
    exchange.server.faults.events.append(EventFault("drop"))
    async with running(exchange, tmp_path) as gateway, caller(gateway) as http:
        calls = []
        for name in ("landed", "lost"):
            exchange.server.requests.clear()
            calls.append(asyncio.create_task(place(http, client_order_id=name)))
            await exchange.asked("POST", "FUTURE")
        await gateway.stop(signal.SIGKILL)
        for call in calls:
            with pytest.raises(aiohttp.ClientError):
                await call
        exchange.server.requests.clear()
        await gateway.start()
        code, answer = await place(http, client_order_id="landed")
        assert (code, answer["data"]["order_status"]) == (200, "open")
        account = exchange.exchange.state.accounts["PM"]
        assert len(account.open_orders[Leg.UM, "BTCUSDT"]) == 1
        code, told = await ask(http, answer["data"]["order_id"])
        assert (code, told["data"]["client_order_id"]) == (200, "landed")
        code, answer = await place(http, client_order_id="lost")
        assert (code, answer["data"]["error"]) == (500, "NETWORK_ERROR")
    assert not exchange.sent("POST", "FUTURE"), "nothing is sent twice, whatever became of it"


async def test_an_entitled_fix_session_cancels_an_order_of_the_api(gateway, exchange, http):
    risk = await logged_on(gateway, "RISK")
    desk = Desk(risk, exchange, gateway)
    copy = await logged_on(gateway, "COPY")
    data = (await place(http, client_order_id="mine"))[1]["data"]
    seen = await copied(copy, "mine")
    fields = [(tag, value) for tag, value in cancel("mine", cl_ord_id="R1") if tag != 37]
    await risk.send("H", [*status("NONE", extra=[(37, seen[37])])])
    told = await risk.receive("8", where=lambda m: m.get(150) == "I")
    assert (told[11], told[39], told[198]) == ("mine", "0", data["order_id"])
    await risk.send("F", [*fields, (37, seen[37])])
    assert (await desk.told("R1", "6"))[41] == "mine"
    end = await desk.told("R1", "4")
    assert (end[41], end[39]) == ("mine", "4")
    code, answer = await ask(http, data["order_id"])
    assert (code, answer["data"]["status"], answer["data"]["client_order_id"]) == (200, "canceled", "mine")
    await risk.drop()
    await copy.drop()


async def test_a_session_that_is_not_entitled_cannot(gateway, exchange, http):
    oms, copy = await logged_on(gateway, "OMS"), await logged_on(gateway, "COPY")
    await place(http, client_order_id="theirs")
    seen = await copied(copy, "theirs")
    fields = [(tag, value) for tag, value in cancel("theirs", cl_ord_id="R1") if tag != 37]
    await oms.send("F", [*fields, (37, seen[37])])
    assert (await Desk(oms, exchange, gateway).cancel_reject("R1"))[102] == "1"
    assert not exchange.sent("DELETE", "FUTURE")
    await oms.drop()
    await copy.drop()


async def copied(copy: FixClient, cl_ord_id: str) -> Any:
    """The report, on a drop copy, that an order is working."""
    return await copy.receive("8", where=lambda m: m.get(11) == cl_ord_id and m.get(150) == "0")


async def test_the_api_cancels_an_order_of_fix_which_is_unsolicited_there(gateway, exchange, http):
    oms = await logged_on(gateway, "OMS")
    desk = Desk(oms, exchange, gateway)
    cl_ord_id = await desk.order("FUTURE")
    new = await desk.told(cl_ord_id, "0")
    code, answer = await ask(http, new[198], "DELETE")
    assert (code, answer["data"]["order_status"]) == (200, "canceled")
    end = await desk.told(cl_ord_id, "4")
    assert 41 not in end and end[58] == "canceled by api"
    await oms.drop()


async def test_refusals_are_in_the_apis_words(exchange, http):
    code, answer = await place(http, symbol="BTC/USDT", market_type="spot", quantity=100)
    assert (code, answer["isError"], answer["data"]["error"]) == (400, True, "INSUFFICIENT_BALANCE")
    assert answer["message"].startswith("Binance refused the order: ")
    code, answer = await place(http, price=59000.05)
    assert (code, answer["data"]["error"]) == (400, "INVALID_REQUEST")
    assert "tick" in answer["message"]
    code, answer = await ask(http, "12345")
    assert (code, answer["data"]["error"]) == (404, "ORDER_NOT_FOUND")


async def test_two_accounts_of_one_name_are_refused(tmp_path, exchange):
    connectors = "".join(connector_text(name, exchange, FAST, "PM") for name in ("ONE", "TWO"))
    gateway = Gateway(tmp_path, connectors)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fixgate", "run", "--config", str(gateway.config)),
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        _, errors = await process.communicate()
    assert process.returncode == 2
    told = " ".join(errors.decode().split())
    assert "connectors.TWO.settings.apiKeys[0].account" in told and "an account of connector ONE" in told
