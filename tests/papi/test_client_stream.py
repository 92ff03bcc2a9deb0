"""The user data stream as typed events: in order, across reconnects, and honest about what was missed."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fixgate.papi import EventStream, PortfolioClient
from fixgate.papi.client.event_stream import EventStream as Iterator
from fixgate.papi.events import (
    EventsMissed,
    ExecutionReport,
    OrderTradeUpdate,
    StreamDown,
    StreamUp,
    UnknownEvent,
    UserDataEvent,
)

from .peers import until
from .venue import Venue, client_of, venue

SAMPLES: dict[str, Any] = json.loads((Path(__file__).parent / "events.json").read_text(encoding="utf-8"))


async def up(stream: EventStream, stand_in: Venue) -> None:
    """Wait until the stream says that it is open, and the venue has its socket."""
    assert isinstance(await next_event(stream), StreamUp)
    await until(lambda: stand_in.sockets)


async def next_event(stream: EventStream) -> UserDataEvent:
    async with asyncio.timeout(10):
        return await anext(stream)


async def test_events_come_typed_and_in_order_unknown_ones_too() -> None:
    async with venue() as stand_in, client_of(stand_in) as client, client.user_data_stream() as stream:
        await up(stream, stand_in)
        await stand_in.push(SAMPLES["um_order_new"], {"e": "newThing", "x": 1.5}, SAMPLES["margin_new"])
        order, unknown, report = [await next_event(stream) for _ in range(3)]
        assert isinstance(order, OrderTradeUpdate) and order.order.status == "NEW"
        assert isinstance(unknown, UnknownEvent) and unknown.type == "newThing" and not unknown.problem
        assert str(unknown.fields["x"]) == "1.5"
        assert isinstance(report, ExecutionReport) and report.symbol == "LTCUSDT"


async def test_given_a_lost_socket_then_it_comes_back_and_says_so() -> None:
    async with venue() as stand_in, client_of(stand_in) as client:
        stream = client.user_data_stream()
        await up(stream, stand_in)
        for socket in list(stand_in.sockets):
            socket.transport.abort()
        assert isinstance(await next_event(stream), StreamDown)
        await up(stream, stand_in)
        await stand_in.push(SAMPLES["um_order_new"])
        assert isinstance(await next_event(stream), OrderTradeUpdate)


async def test_given_an_expired_key_then_the_event_comes_and_the_stream_begins_anew() -> None:
    async with venue() as stand_in, client_of(stand_in) as client:
        stream = client.user_data_stream()
        await up(stream, stand_in)
        await stand_in.push(SAMPLES["listenKeyExpired"])
        kinds = [type(await next_event(stream)).__name__ for _ in range(3)]
        assert kinds == ["ListenKeyExpired", "StreamDown", "StreamUp"]


async def test_given_a_frame_that_cannot_be_read_then_it_is_told_that_something_was_missed() -> None:
    async with venue() as stand_in, client_of(stand_in) as client:
        stream = client.user_data_stream()
        await up(stream, stand_in)
        await stand_in.sockets[0].send("{not json")
        missed = await next_event(stream)
        assert isinstance(missed, EventsMissed) and "could not be read" in missed.why


async def test_given_failing_keepalives_then_it_is_told_that_events_may_be_missed() -> None:
    async with venue() as stand_in:
        options = {"keepalive_interval": timedelta(milliseconds=5)}
        async with client_of(stand_in, **options) as client:
            stand_in.replies["PUT /papi/v1/listenKey"] = [(500, "")]
            stream = client.user_data_stream()
            stream._stream._key._retry_after = 0.005
            await up(stream, stand_in)
            missed = await next_event(stream)
            assert isinstance(missed, EventsMissed) and "in doubt" in missed.why


async def test_given_a_client_that_closes_then_the_iteration_ends_and_the_key_is_not_deleted() -> None:
    async with venue() as stand_in:
        seen: list[UserDataEvent] = []
        reached = asyncio.Event()

        async def consume(client: PortfolioClient) -> None:
            async for event in client.user_data_stream():
                seen.append(event)
                reached.set()

        async with client_of(stand_in) as client:
            consumer = asyncio.create_task(consume(client))
            await asyncio.wait_for(reached.wait(), 10)
        await asyncio.wait_for(consumer, 10)
        assert isinstance(seen[0], StreamUp) and isinstance(seen[-1], StreamDown)
        await until(lambda: not stand_in.sockets)
        assert not stand_in.requests("DELETE /papi/v1/listenKey")


async def test_given_a_stream_that_never_began_then_it_can_be_closed_and_gives_nothing() -> None:
    async with venue() as stand_in, client_of(stand_in) as client:
        stream = client.user_data_stream()
        await stream.aclose()
        await stream.aclose()
        with pytest.raises(StopAsyncIteration):
            await anext(stream)
        assert not stand_in.requests("POST /papi/v1/listenKey")


async def test_given_a_consumer_that_does_not_keep_up_then_the_loss_is_told_once() -> None:
    async with venue() as stand_in, client_of(stand_in) as client:
        stream = Iterator(
            client._keys,
            stand_in.websocket_url,
            timedelta(minutes=30),
            timedelta(hours=23),
            lambda _: None,
            max_waiting=3,
        )
        async with stream:
            await up(stream, stand_in)
            await stand_in.push(*[SAMPLES["um_order_new"]] * 6)
            await until(lambda: stream._stream.counts.events == 6)
            kinds = [type(await next_event(stream)).__name__ for _ in range(4)]
            assert kinds == ["OrderTradeUpdate"] * 3 + ["EventsMissed"]
