"""What the gateway makes of an exchange that misbehaves: never a guess, never an order sent twice.

The connector FAST waits 300 ms for an answer and gives requests 300 ms to take effect, so outcomes in
doubt are settled a little over two seconds after the request.
"""

from decimal import Decimal

import pytest

from fixgate.simulator.faults import EventFault, RequestFault
from tests.fixclient import cancel, replace, status

from .trading import PATH

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("product", PATH)
@pytest.mark.parametrize("landed", [True, False])
@pytest.mark.parametrize(
    "fault",
    [
        {"timeout": True},
        {"reset": True},
        {
            "status": 503,
            "body": '{"code":-1000,"msg":"Unknown error, please check your request or try again later."}',
        },
        {"status": 408, "body": "{}"},
        {"status": 200, "body": "<html>"},
    ],
    ids=["timeout", "reset", "503", "408", "garbage"],
)
async def test_an_order_in_doubt_is_resolved_and_never_sent_twice(desk, product, landed, fault):
    desk.exchange.server.faults.requests.append(RequestFault("POST", PATH[product], land=landed, **fault))
    if landed:
        desk.exchange.server.faults.events.append(EventFault("drop", times=3))
    order = await desk.order(product, "FAST")
    if landed:
        await desk.told(order, "0")
    else:
        refused = await desk.refused(order)
        assert "no such order" in refused[58]
    assert len(desk.exchange.sent("POST", product)) == 1


@pytest.mark.parametrize("landed", [True, False])
async def test_a_cancel_in_doubt_is_resolved(desk, landed):
    order = await desk.working("FUTURE", "FAST")
    desk.exchange.server.faults.requests.append(
        RequestFault("DELETE", PATH["FUTURE"], land=landed, reset=True)
    )
    desk.exchange.server.faults.events.append(EventFault("drop"))
    request = desk.next_id()
    await desk.client.send("F", cancel(order, cl_ord_id=request))
    assert (await desk.told(request, "4"))[39] == "4"


@pytest.mark.parametrize("landed", [True, False])
async def test_a_replace_in_doubt_is_resolved(desk, landed):
    order = await desk.working("FUTURE", "FAST")
    desk.exchange.server.faults.requests.append(RequestFault("PUT", PATH["FUTURE"], land=landed, reset=True))
    desk.exchange.server.faults.events.append(EventFault("drop"))
    request = desk.next_id()
    await desk.client.send("G", replace(order, cl_ord_id=request, price="58000.0"))
    if landed:
        assert Decimal((await desk.told(request, "5"))[44]) == 58000
    else:
        assert "did not take effect" in (await desk.cancel_reject(request))[58]


@pytest.mark.parametrize("product", PATH)
async def test_a_lost_fill_is_fetched_before_the_end_is_reported(desk, product):
    order = await desk.working(product, "FAST")
    part = {"SPOT": "0.004", "FUTURE": "0.004", "DELIVERY": "2"}[product]
    desk.exchange.server.faults.events.append(EventFault("drop", execution="TRADE"))
    desk.exchange.quote(product, "SELL", "59000", part)
    request = desk.next_id()
    symbol = "BTCUSD_PERP" if product == "DELIVERY" else "BTCUSDT"
    await desk.client.send("F", cancel(order, cl_ord_id=request, symbol=symbol))
    fill = await desk.told(order, "F")
    assert Decimal(fill[32]) == Decimal(part) and Decimal(fill[12]) > 0
    assert Decimal((await desk.told(request, "4"))[14]) == Decimal(part)


async def test_a_stream_that_was_down_misses_nothing(desk):
    order = await desk.working("FUTURE", "FAST")
    desk.exchange.server.faults.events.append(EventFault("drop", times=2))
    desk.exchange.quote("FUTURE", "SELL", "59000", "1")
    desk.exchange.server.streams.drop_sockets("FAST")
    assert (await desk.told(order, "F"))[39] == "2"


async def test_duplicate_and_reordered_events_are_reported_once(desk):
    desk.exchange.server.faults.events += [EventFault("duplicate", times=20)]
    desk.exchange.quote("FUTURE", "SELL", "60000", "0.004")
    desk.exchange.quote("FUTURE", "SELL", "60000", "0.006")
    order = await desk.order("FUTURE", "FAST", price="60000.0")
    await desk.told(order, "0")
    last = [await desk.told(order, "F") for _ in range(2)][-1]
    assert Decimal(last[14]) == Decimal("0.010") and last[39] == "2"
    await desk.client.send("H", status(order))
    await desk.told(order, "I")
    trades = [m[527] for m in desk.client.received if m.get(11) == order and m.get(150) == "F"]
    assert len(trades) == len(set(trades)) == 2
