"""When open orders are compared with the venue's, and what the venue's side of it says."""

import time
from datetime import timedelta
from decimal import Decimal

import pytest

from fixgate.connectors.binance_pm.reconcile import UNREADABLE_ROW
from fixgate.model.enums import ProductType, Side
from fixgate.model.venue import (
    AccountNotice,
    ConnectorStatus,
    OpenOrders,
    PositionUpdate,
    ReconcileDue,
    VenueExec,
    VenueStatus,
)
from fixgate.simulator import Leg, RequestFault

from .link import SYMBOL, linked

UM, CM, MARGIN = (f"/papi/v1/{leg}/openOrders" for leg in ("um", "cm", "margin"))


async def test_it_is_due_when_the_stream_comes_up_after_the_status_says_so():
    async with linked() as link:
        due = await link.tells(ReconcileDue)
        assert "came up" in due.why
        up = link.told(ConnectorStatus, up=True)[0]
        assert link.events.index(up) < link.events.index(due)


async def test_it_is_due_after_a_lost_socket_and_positions_are_read_again():
    async with linked() as link:
        link.quote(ProductType.FUTURE, "SELL", "59000", "1")
        await link.working()
        await link.tells(PositionUpdate, quantity=Decimal("0.010"))
        read = len(link.asked("GET", "/papi/v1/um/positionRisk"))
        link.server.streams.drop_sockets("main")
        await link.tells(ReconcileDue, times=2)
        await link.until(lambda: len(link.asked("GET", "/papi/v1/um/positionRisk")) > read)


async def test_it_is_due_when_the_venue_ends_the_listen_key():
    async with linked() as link:
        link.server.streams.expire("main")
        await link.tells(ReconcileDue, times=2)


async def test_it_is_due_when_a_frame_cannot_be_read(monkeypatch):
    async with linked() as link:
        monkeypatch.setattr("fixgate.simulator.streams._json", lambda value: "{torn")
        link.submit()
        assert "could not be read" in (await link.tells(ReconcileDue, times=2)).why


async def test_every_open_order_of_each_product_is_told_as_the_query_tells_it():
    async with linked() as link:
        orders = [await link.working(product) for product in ProductType]
        before = time.time_ns()
        link.ask_open("BTCUSDT", "ETHUSDT")
        for order in orders:
            symbol = "BTCUSDT" if order.product_type is ProductType.SPOT else ""
            listed = await link.tells(OpenOrders, product_type=order.product_type, symbol=symbol)
            assert before - 1000 <= listed.asked_ns <= time.time_ns()
            (row,) = listed.orders
            assert (row.client_order_id, row.venue_order_id, row.symbol) == (
                order.client_order_id,
                order.venue_order_id,
                SYMBOL[order.product_type],
            )
            assert (row.order_id, row.exec, row.status, row.settled) == (
                *(0, VenueExec.SNAPSHOT, VenueStatus.NEW),
                False,
            )
            assert (row.side, row.price, row.cum_quantity) == (Side.BUY, Decimal("59000.0"), 0)
        assert (await link.tells(OpenOrders, symbol="ETHUSDT")).orders == ()
        assert len(link.told(OpenOrders)) == 4


@pytest.mark.parametrize(
    "fault",
    [{"status": 500}, {"status": 429, "retry_after": 1}, {"reset": True}, {"status": 200, "body": "{}"}],
    ids=["500", "429", "reset", "no list"],
)
async def test_a_list_that_fails_is_asked_for_until_it_comes_and_the_others_only_once(fault):
    async with linked() as link:
        order = await link.working(ProductType.DELIVERY)
        link.server.faults.requests.append(RequestFault("GET", CM, times=2, **fault))
        link.ask_open()
        listed = await link.tells(OpenOrders, product_type=ProductType.DELIVERY)
        assert [row.venue_order_id for row in listed.orders] == [order.venue_order_id]
        assert len(link.asked("GET", CM)) == 3
        assert len(link.asked("GET", UM)) == len(link.told(OpenOrders, product_type=ProductType.FUTURE)) == 1


async def test_a_newer_request_takes_the_place_of_one_that_is_under_way():
    async with linked() as link:
        link.server.faults.requests.append(RequestFault("GET", UM, times=1, hold_ms=300))
        link.ask_open("BTCUSDT")
        await link.until(lambda: link.asked("GET", UM))
        link.ask_open("ETHUSDT")
        await link.tells(OpenOrders, symbol="ETHUSDT")
        began = time.monotonic()
        await link.until(lambda: time.monotonic() > began + 0.6)
        assert not link.told(OpenOrders, symbol="BTCUSDT")
        assert len(link.told(OpenOrders, product_type=ProductType.FUTURE)) == 1


async def test_a_row_that_cannot_be_read_is_left_out_and_is_an_alarm_once():
    async with linked() as link:
        good, bad = await link.working(), await link.working()
        listed_as = link.server.exchange.account("main").list_open(Leg.UM, "BTCUSDT")
        next(o for o in listed_as if str(o.order_id) == bad.venue_order_id).status = "NEVER_HEARD_OF"
        for times in (1, 2):
            link.ask_open()
            listed = await link.tells(OpenOrders, times=times, product_type=ProductType.FUTURE)
            assert [row.venue_order_id for row in listed.orders] == [good.venue_order_id]
        (notice,) = link.told(AccountNotice, kind=UNREADABLE_ROW)
        assert "NEVER_HEARD_OF" in notice.body


async def test_it_is_due_from_time_to_time_and_a_listen_key_that_died_silently_is_found_then():
    async with linked(beyond_bounds={"reconcile_interval": timedelta(seconds=0.3)}) as link:
        link.server.streams.delete("main")
        assert "older than 0.3 s" in (await link.tells(ReconcileDue, times=2)).why
        down = await link.tells(ConnectorStatus, up=False)
        assert "-1125" in down.text
        await link.tells(ConnectorStatus, times=2, up=True)


async def test_it_is_due_when_two_keepalives_in_a_row_have_failed():
    async with linked() as link:
        (session,) = link.connector._sessions
        link.server.faults.requests.append(RequestFault("PUT", "/papi/v1/listenKey", times=2, status=500))
        await session._stream.check_key()
        await session._stream.check_key()
        assert "suspect" in (await link.tells(ReconcileDue, times=2)).why
        assert link.ready


async def test_nothing_is_asked_while_the_stream_is_down():
    async with linked(wait_until_ready=False) as link:
        link.ask_open("BTCUSDT")
        await link.tells(ReconcileDue)
        assert not link.told(OpenOrders)
        assert not link.asked("GET", UM)
