"""Order requests on their way: one answer each, whatever the venue does, and cancels that get through."""

import asyncio
import random
import time
from datetime import timedelta
from decimal import Decimal

import pytest

from fixgate.model.commands import NewOrder
from fixgate.model.enums import InstrumentType, OrderType, ProductType, Side, TimeInForce
from fixgate.model.refusal import Refused
from fixgate.model.venue import (
    ConnectorStatus,
    OpenOrders,
    OrderUpdate,
    OutcomeUnknown,
    RequestKind,
    RequestRefused,
    VenueExec,
    VenueStatus,
)
from fixgate.simulator import EventFault, RequestFault

from .link import PATH, linked

UM = PATH[ProductType.FUTURE]
MINUTE_START = 1_795_000_020.0


async def test_given_a_429_then_orders_are_refused_at_once_and_the_cancel_waits_and_gets_through():
    async with linked() as link:
        order = await link.working()
        link.server.faults.requests.append(RequestFault("POST", UM, status=429, retry_after=1))
        throttled = await link.tells(RequestRefused, order_id=link.submit().order_id)
        assert throttled.code == "-1003"
        asked = len(link.server.requests)
        refused = await link.tells(RequestRefused, order_id=link.submit().order_id)
        assert "throttles this address until" in refused.text and refused.kind is RequestKind.SUBMIT
        link.modify(order, "58000.0")
        assert "throttles" in (await link.tells(RequestRefused, kind=RequestKind.MODIFY)).text
        request = link.cancel(order)
        link.ask_open()
        health = link.connector.health()[0]
        assert health.cancels_waiting == 1 and 0 < health.paused <= 1
        assert len(link.server.requests) == asked
        await link.tells(OrderUpdate, order_id=order.order_id, status=VenueStatus.CANCELED)
        assert link.server.requests[asked].method == "DELETE"
        assert not link.told(RequestRefused, request_id=request.request_id)
        assert len(link.asked("DELETE", UM)) == 1
        await link.tells(OpenOrders)
        assert link.connector.health()[0].cancels_waiting == 0


async def test_given_a_429_then_the_listen_key_is_not_asked_for_until_it_is_over():
    async with linked() as link:
        path = "/papi/v1/listenKey"
        link.server.faults.requests.append(RequestFault("POST", UM, status=429, retry_after=1))
        await link.tells(RequestRefused, order_id=link.submit().order_id)
        asked, began = len(link.asked("POST", path)), time.monotonic()
        link.server.streams.drop_sockets("main")
        await link.tells(ConnectorStatus, up=False)
        await link.tells(ConnectorStatus, times=2, up=True)
        assert len(link.asked("POST", path)) == asked + 1 and time.monotonic() - began > 0.7


async def test_a_cancel_that_the_venue_throttles_is_sent_again_until_it_is_taken():
    async with linked() as link:
        order = await link.working()
        link.server.faults.requests.append(RequestFault("DELETE", UM, times=2, status=429, retry_after=1))
        link.cancel(order)
        await link.tells(
            OrderUpdate, order_id=order.order_id, exec=VenueExec.SNAPSHOT, status=VenueStatus.CANCELED
        )
        assert len(link.asked("DELETE", UM)) == 3
        assert len(link.answers(order.order_id)) == 2


async def test_cancels_that_wait_when_the_gateway_stops_are_refused_and_not_forgotten():
    async with linked() as link:
        order = await link.working()
        link.server.faults.requests.append(RequestFault("POST", UM, status=418, retry_after=3600))
        assert (await link.tells(RequestRefused, order_id=link.submit().order_id)).code == "-1003"
        request = link.cancel(order)
        await link.connector.stop()
        (refused,) = link.told(RequestRefused, request_id=request.request_id)
        assert "was not sent" in refused.text
        assert not link.asked("DELETE", UM)


async def test_given_the_limit_is_near_then_orders_are_refused_before_they_are_sent_and_cancels_go():
    began = time.monotonic()
    async with linked({"order_limit": 10}, now=lambda: MINUTE_START + time.monotonic() - began) as link:
        orders = [await link.working() for _ in range(8)]
        refused = await link.tells(RequestRefused, order_id=link.submit().order_id)
        assert "limit of 10 orders per minute is nearly used up: 8 used" in refused.text
        assert len(link.asked("POST", UM)) == 8
        link.cancel(orders[0])
        await link.tells(OrderUpdate, order_id=orders[0].order_id, status=VenueStatus.CANCELED)
        health = link.connector.health()[0]
        assert health.remaining["ORDER-COUNT-1M"] == 2 and health.limits["ORDER-COUNT-1M"] == 8
        command = NewOrder(
            connector="PM",
            session="S",
            source="S",
            cl_ord_id="A",
            symbol="BTCUSDT",
            instrument_type=InstrumentType.FUTURE,
            side=Side.BUY,
            order_type=OrderType.LIMIT,
            time_in_force=TimeInForce.GTC,
            quantity=Decimal("0.01"),
            price=Decimal("59000.0"),
        )
        await link.until(lambda: link.connector.health()[0].ready)
        with pytest.raises(Refused, match="orders per minute is nearly used up"):
            link.connector.plan_new(command, 99)


FAULTS = (
    {"timeout": True},
    {"reset": True},
    {"status": 408, "body": "{}"},
    {"status": 500, "body": "<html>"},
    {"status": 502},
    {"status": 503},
    {"status": 503, "body": "Service Unavailable."},
    {"status": 503, "code": -1008, "body": "Request throttled by system-level protection."},
    {"status": 400, "code": -1007, "body": "Timeout waiting for response from backend server."},
    {"status": 429, "code": -1015, "retry_after": 0},
    {"status": 429, "retry_after": 0},
    {"status": 200, "body": "<html>"},
    {"status": 200, "body": "[" * 5000},
    {"status": 200, "body": '{"orderId":1,"status":"CANCELED","executedQty":"NaN"}'},
    {"hold_ms": 400},
)


@pytest.mark.parametrize("seed", range(6))
async def test_every_order_request_has_exactly_one_answer(seed):
    """Orders of every kind, lists, replaces and cancels on every leg against a venue that fails half of them
    at random. Each order of a list has one answer of its own."""
    chance = random.Random(seed)
    async with linked(requestTimeout="300 ms") as link:
        known = [await link.working(product) for product in ProductType for _ in range(2)]
        known += [await link.waiting(product) for product in ProductType]
        link.events.clear()
        link.server.faults.events.append(EventFault("drop", times=100_000))
        for number in range(30):
            fault = chance.choice(FAULTS) | {"land": chance.random() < 0.5}
            link.server.faults.requests.append(RequestFault(times=2 * number, probability=0.04, **fault))
        sent = []
        for number in range(60):
            sent += _anything(link, chance, known, number)
            await asyncio.sleep(chance.choice((0, 0, 0.01)))
        answers = OrderUpdate | RequestRefused | OutcomeUnknown
        await link.until(
            lambda: sum(isinstance(e, answers) and e.order_id > 0 for e in link.events) >= len(sent)
        )
        await link.connector.stop()
        told = [e for e in link.events if isinstance(e, answers) and e.order_id > 0]
        for order_id in {request.order_id for _, request in sent}:
            requests = [r for _, r in sent if r.order_id == order_id]
            assert len([e for e in told if e.order_id == order_id]) == len(requests)
        for kind, request in sent:
            number = 0 if kind is RequestKind.SUBMIT else request.request_id
            of_kind = [
                e
                for e in told
                if e.order_id == request.order_id
                and e.request_id == number
                and getattr(e, "kind", kind) is kind
            ]
            assert len(of_kind) == 1, (kind, request, of_kind)


def _anything(link, chance, known, number):
    """Send one request of any kind and return those that each want an answer: of a list each order's."""
    kind, order = chance.choice(("submit", "stop", "list", "cancel", "modify")), chance.choice(known)
    if kind == "cancel":
        return [(RequestKind.CANCEL, link.cancel(order))]
    works = order.status is not VenueStatus.SUSPENDED
    if kind == "modify" and works and order.product_type is not ProductType.SPOT:
        return [(RequestKind.MODIFY, link.modify(order, str(58000 + number)))]
    if kind == "list":
        return [(RequestKind.SUBMIT, leg) for leg in link.oco().legs]
    submit = link.stop if kind == "stop" else link.submit
    return [(RequestKind.SUBMIT, submit(chance.choice(list(ProductType))))]


# the stream that does not tell


SILENT = {"beyond_bounds": {"stale_websocket_timeout": timedelta(seconds=0.4)}}


CHANGES = [
    (product, kind)
    for product in ProductType
    for kind in RequestKind
    if (product, kind) != (ProductType.SPOT, RequestKind.MODIFY)
]


@pytest.mark.parametrize(("product", "kind"), CHANGES)
async def test_given_one_legs_events_are_lost_while_others_come_then_the_stream_begins_anew(product, kind):
    async with linked(**SILENT) as link:
        order = await link.working(product)
        await link.tells(OrderUpdate, exec=VenueExec.NEW, client_order_id=order.client_order_id)
        name = "executionReport" if product is ProductType.SPOT else "ORDER_TRADE_UPDATE"
        link.server.faults.events.append(EventFault("drop", event=name))
        if kind is RequestKind.CANCEL:
            link.cancel(order)
        elif kind is RequestKind.MODIFY:
            link.modify(order, "58000.0")
        else:
            link.submit(product)
        others = asyncio.create_task(_chatter(link))
        try:
            down = await link.tells(ConnectorStatus, up=False)
            assert f"took a {kind} request" in down.text and "did not tell" in down.text
            await link.tells(ConnectorStatus, times=2, up=True)
        finally:
            others.cancel()


@pytest.mark.parametrize("kind", [RequestKind.SUBMIT, RequestKind.CANCEL])
@pytest.mark.parametrize("product", [ProductType.FUTURE, ProductType.DELIVERY])
async def test_given_a_services_events_are_lost_while_others_come_then_the_stream_begins_anew(product, kind):
    async with linked(**SILENT) as link:
        order = await link.waiting(product)
        future = product is ProductType.FUTURE
        name = "ALGO_UPDATE" if future else "CONDITIONAL_ORDER_TRADE_UPDATE"
        link.server.faults.events.append(EventFault("drop", event=name))
        if kind is RequestKind.CANCEL:
            link.cancel(order)
        else:
            link.stop(product)
        others = asyncio.create_task(_chatter(link))
        try:
            down = await link.tells(ConnectorStatus, up=False)
            assert f"took a {kind} request" in down.text
        finally:
            others.cancel()


async def _chatter(link):
    """Let another event come every few milliseconds."""
    while True:
        await asyncio.sleep(0.02)
        link.server.streams.publish("main", {"e": "balanceUpdate", "E": 1, "a": "USDT", "d": "1", "T": 1})


async def test_given_an_expired_key_that_says_nothing_when_an_order_is_taken_then_the_stream_begins_anew():
    async with linked(**SILENT) as link:
        link.server.streams.delete("main")
        link.submit()
        await link.tells(ConnectorStatus, up=False)
        await link.tells(ConnectorStatus, times=2, up=True)


async def test_given_every_request_is_told_of_then_the_stream_stays():
    async with linked(**SILENT) as link:
        for product in ProductType:
            order = await link.working(product)
            if product is not ProductType.SPOT:
                link.modify(order, "58000.0")
                await link.tells(OrderUpdate, order_id=order.order_id, exec=VenueExec.REPLACED)
            link.cancel(order)
            await link.tells(OrderUpdate, order_id=order.order_id, status=VenueStatus.CANCELED)
        link.cancel(order)
        await link.tells(RequestRefused, order_gone=True)
        began = time.monotonic()
        others = asyncio.create_task(_chatter(link))
        await link.until(lambda: time.monotonic() > began + 0.8)
        others.cancel()
        assert not link.told(ConnectorStatus, up=False)
