"""Order lists at a real venue: one request, and each of its orders told, filled and cancelled by itself."""

from decimal import Decimal

import pytest

from fixgate.model.enums import OrderType, ProductType, TimeInForce
from fixgate.model.venue import (
    ConnectorStatus,
    OpenOrders,
    OrderNotFound,
    OrderUpdate,
    OutcomeUnknown,
    RequestRefused,
    VenueExec,
    VenueStatus,
)
from fixgate.simulator import EventFault, RequestFault

from .link import QUANTITY, linked

D = Decimal
SPOT = ProductType.SPOT
LIST = "/papi/v1/margin/order/oco"
FAST = {"requestTimeout": "200 ms", "recvWindow": "200"}


async def placed(link, **changes):
    """Send a list and return the venue's yes to its limit order and to its stop, once both were told."""
    request = link.oco(**changes)
    for leg in request.legs:
        await link.tells(OrderUpdate, client_order_id=leg.client_order_id, exec=VenueExec.NEW)
    return [await link.tells(OrderUpdate, order_id=leg.order_id) for leg in request.legs]


async def test_each_order_of_a_list_is_told_as_if_it_had_been_sent_alone():
    async with linked() as link:
        limit, stop = await placed(link)
        assert (limit.status, stop.status) == (VenueStatus.NEW, VenueStatus.SUSPENDED)
        assert limit.venue_order_id != stop.venue_order_id
        for order in (limit, stop):
            (event,) = link.told(OrderUpdate, client_order_id=order.client_order_id, exec=VenueExec.NEW)
            assert (event.venue_order_id, event.status) == (order.venue_order_id, order.status)
        assert len(link.asked("POST", LIST)) == 1
        assert link.connector.health()[0].remaining["ORDER-COUNT-1M"] == 1200 - 2


async def test_when_the_limit_order_fills_the_stop_expires_with_the_reason():
    async with linked() as link:
        limit, stop = await placed(link)
        link.quote(SPOT, "BUY", "70000", QUANTITY[SPOT])
        filled = await link.tells(OrderUpdate, exec=VenueExec.TRADE)
        assert (filled.client_order_id, filled.status) == (limit.client_order_id, VenueStatus.FILLED)
        ended = await link.tells(OrderUpdate, client_order_id=stop.client_order_id, exec=VenueExec.EXPIRED)
        assert (ended.status, ended.text) == (
            VenueStatus.EXPIRED,
            "the other order of its list was executed",
        )


async def test_when_the_stop_triggers_it_works_and_the_limit_order_ends():
    async with linked() as link:
        limit, stop = await placed(
            link, stop={"order_type": OrderType.STOP_LOSS_LIMIT, "price": D(59900), "stop_price": D(60000)}
        )
        link.trade(SPOT, "60000")
        works = await link.tells(
            OrderUpdate, client_order_id=stop.client_order_id, exec=VenueExec.NEW, status=VenueStatus.NEW
        )
        assert works.venue_order_id == stop.venue_order_id
        await link.until(
            lambda: link.told(OrderUpdate, client_order_id=limit.client_order_id, status=VenueStatus.EXPIRED)
        )
        link.quote(SPOT, "BUY", "59900", QUANTITY[SPOT])
        await link.tells(OrderUpdate, client_order_id=stop.client_order_id, status=VenueStatus.FILLED)


@pytest.mark.parametrize("which", [0, 1])
async def test_the_cancel_of_one_order_is_the_end_of_both(which):
    async with linked() as link:
        orders = await placed(link)
        request = link.cancel(orders[which])
        answer = await link.tells(OrderUpdate, request_id=request.request_id)
        assert (answer.order_id, answer.status) == (orders[which].order_id, VenueStatus.CANCELED)
        for order in orders:
            await link.tells(OrderUpdate, client_order_id=order.client_order_id, exec=VenueExec.CANCELED)


async def test_a_list_that_the_venue_refuses_is_a_refusal_of_each_order():
    async with linked() as link:
        request = link.oco(limit={"price": D(64000)}, stop={"stop_price": D(63000)})
        for leg in request.legs:
            told = await link.tells(RequestRefused, order_id=leg.order_id)
            assert (told.code, told.text) == (
                "-2010",
                "The relationship of the prices for the orders is not correct.",
            )


async def test_a_list_that_cannot_be_is_refused_for_each_order_before_it_is_sent():
    async with linked() as link:
        request = link.oco(limit={"time_in_force": TimeInForce.IOC})
        for leg in request.legs:
            assert "takes TimeInForce GTC" in (await link.tells(RequestRefused, order_id=leg.order_id)).text
        assert not link.asked("POST", LIST)


async def test_while_the_venue_throttles_each_order_of_a_list_is_refused():
    async with linked() as link:
        link.server.faults.requests.append(RequestFault("POST", LIST, status=429, retry_after=5))
        for _ in range(2):
            for leg in link.oco().legs:
                await link.tells(RequestRefused, order_id=leg.order_id)
        assert len(link.asked("POST", LIST)) == 1
        assert len(link.told(RequestRefused)) == 4


@pytest.mark.parametrize("land", [True, False])
async def test_a_list_whose_answer_is_lost_is_found_order_by_order_or_not_at_all(land):
    async with linked(**FAST) as link:
        link.server.faults.events.append(EventFault("drop", times=1000))
        link.server.faults.requests.append(RequestFault("POST", LIST, timeout=True, land=land))
        request = link.oco()
        for leg in request.legs:
            await link.tells(OutcomeUnknown, order_id=leg.order_id)
        for leg in request.legs:
            link.query(leg, side=leg.side, since_ns=1)
        if not land:
            for leg in request.legs:
                await link.tells(OrderNotFound, order_id=leg.order_id)
            return
        limit, stop = [await link.tells(OrderUpdate, order_id=leg.order_id) for leg in request.legs]
        assert (limit.status, stop.status) == (VenueStatus.NEW, VenueStatus.SUSPENDED)
        link.ask_open("BTCUSDT")
        listed = await link.tells(OpenOrders, product_type=SPOT)
        assert {(row.venue_order_id, row.status) for row in listed.orders} == {
            (order.venue_order_id, order.status) for order in (limit, stop)
        }


async def test_a_list_of_which_one_order_is_never_told_of_begins_the_stream_anew():
    async with linked(staleWebsocketTimeout="1 s") as link:
        link.server.faults.events.append(EventFault("drop", event="executionReport", times=1))
        link.oco()
        down = await link.tells(ConnectorStatus, up=False)
        assert "took a submit request" in down.text
        await link.tells(ConnectorStatus, times=2, up=True)
