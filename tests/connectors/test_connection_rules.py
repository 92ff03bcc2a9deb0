"""The venue's rules of connection: the time window of requests, the end of a socket's day, and the one listen
key that all processes of an account share."""

import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from fixgate.connectors.binance_pm.connector import BinancePmConnector
from fixgate.connectors.connector import Probe
from fixgate.model.enums import ProductType
from fixgate.model.venue import (
    ConnectorStatus,
    OrderUpdate,
    OutcomeUnknown,
    ReconcileDue,
    RequestRefused,
    VenueExec,
    VenueStatus,
)
from fixgate.papi import user_stream
from fixgate.simulator import RequestFault

from .link import PATH, Link, linked

UM = PATH[ProductType.FUTURE]


# recvWindow


@pytest.mark.parametrize(("window", "sent"), [("1234", "1234"), ("0", None), ("60000", "60000")])
async def test_the_window_of_the_settings_goes_with_every_signed_request(window, sent):
    async with linked(recvWindow=window) as link:
        await link.working()
        await link.until(lambda: link.connector.account_state("main").current)
        signed = [dict(r.params) for r in link.server.requests if "timestamp" in dict(r.params)]
        assert len(signed) > 4 and {params.get("recvWindow") for params in signed} == {sent}


async def test_a_timestamp_is_of_the_moment_of_sending_and_never_ahead_of_the_venue():
    async with linked() as link:
        before = time.time_ns() // 1_000_000
        await link.working()
        stamp = int(link.asked("POST", UM)[0]["timestamp"])
        assert before - 1000 <= stamp <= time.time_ns() // 1_000_000


@pytest.mark.parametrize("skew", [20_000, -20_000])
async def test_a_clock_that_jumped_costs_one_definite_refusal_and_is_then_followed(skew):
    async with linked() as link:
        link.server.faults.clock_skew_ms = skew
        order = link.submit()
        refused = await link.tells(RequestRefused, order_id=order.order_id)
        assert refused.code == "-1021"
        await link.until(lambda: abs(link.connector._clock.offset_ms - skew) < 1000)
        assert (await link.working()).status == "NEW"


async def test_an_order_that_reaches_the_venue_after_its_window_is_not_executed():
    async with linked(recvWindow="200") as link:
        link.server.faults.requests.append(RequestFault("POST", UM, delay_ms=400))
        order = link.submit()
        refused = await link.tells(RequestRefused, order_id=order.order_id)
        assert refused.code in ("-1021", "-5028")
        assert not link.told(OutcomeUnknown) and not link.server.exchange.account("main").list_open(
            "UM", None
        )


# a connection lives for 24 hours


async def test_when_the_venue_ends_a_connection_the_stream_comes_back_and_everything_is_compared():
    async with linked({"socket_lifetime": 1.0}) as link:
        down = await link.tells(ConnectorStatus, up=False)
        assert down.text
        await link.tells(ConnectorStatus, times=2, up=True)
        await link.tells(ReconcileDue, times=2)
        await link.until(lambda: link.connector.account_state("main").current)
        await link.working()


async def test_a_connection_is_replaced_before_its_time_is_over_and_no_event_is_missed_or_told_twice(
    monkeypatch,
):
    monkeypatch.setattr(user_stream, "STEADY_AFTER", 0.1)
    rotate = {"websocket_rotate_interval": timedelta(seconds=0.4)}
    room = {"order_limit": 1_000_000, "weight_limit": 1_000_000}
    async with linked(room, beyond_bounds=rotate, requestWeightLimit=1_000_000) as link:
        (session,) = link.connector._sessions
        orders = []
        while session._stream.counts.rotations < 2:
            orders.append(await link.working())
            request = link.cancel(orders[-1])
            await link.tells(OrderUpdate, order_id=request.order_id, status=VenueStatus.CANCELED)
        for order in orders:
            news = [
                e
                for e in link.told(OrderUpdate, exec=VenueExec.NEW)
                if e.venue_order_id == order.venue_order_id
            ]
            assert len(news) == 1, order
        assert not link.told(ConnectorStatus, up=False) and len(link.told(ReconcileDue)) == 1


# the listen key is the account's


@asynccontextmanager
async def second_process(link: Link, folder: Path) -> AsyncIterator[Link]:
    """Run another connector on the same account, as another process would."""
    settings = link.connector._settings.model_copy(update={"reference_path": folder})
    connector = BinancePmConnector("PM", settings, {}, Probe(), rng=random.Random(2))
    other = Link(link.server, connector)
    try:
        await connector.start(other.hear)
        await other.until(lambda: other.ready)
        yield other
    finally:
        await connector.stop()


async def test_two_processes_on_one_account_hear_the_same_and_the_end_of_one_is_not_the_others(tmp_path):
    async with linked() as link:
        async with second_process(link, tmp_path) as other:
            order = await link.working()
            heard = await other.tells(OrderUpdate, venue_order_id=order.venue_order_id)
            assert heard.order_id == 0 and heard.client_order_id == order.client_order_id
            assert link.server.streams.subscribers("main") == 2
        await link.until(lambda: link.server.streams.subscribers("main") == 1)
        link.quote(ProductType.FUTURE, "SELL", "59000", "0.010")
        await link.tells(OrderUpdate, venue_order_id=order.venue_order_id, exec=VenueExec.TRADE)
        assert not link.told(ConnectorStatus, up=False)
        assert not link.asked("DELETE", "/papi/v1/listenKey")


async def test_a_key_that_another_program_deleted_is_found_by_the_next_check_and_replaced(tmp_path):
    async with linked() as link, second_process(link, tmp_path) as other:
        link.server.streams.delete("main")
        (session,) = link.connector._sessions
        await session._stream.check_key()
        assert "-1125" in (await link.tells(ConnectorStatus, up=False)).text
        await link.tells(ConnectorStatus, times=2, up=True)
        (session,) = other.connector._sessions
        session._stream.reconnect("it is time to look")
        await other.tells(ConnectorStatus, times=2, up=True)
        assert link.server.streams.subscribers("main") == 2
        order = await link.working()
        await other.tells(OrderUpdate, venue_order_id=order.venue_order_id)
