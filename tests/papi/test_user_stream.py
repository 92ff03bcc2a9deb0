"""The user data stream against a real websocket server: it heals, says so, and loses nothing it can keep."""

import asyncio
import logging
import random
import time
from decimal import Decimal
from typing import Any

import pytest

from fixgate.papi import PortfolioRest, UserStream, VenueClock, signer_for

from .exchange import DOWN, GONE, Broken, Exchange, NoJitter, exchange, ms, streaming
from .peers import until


async def test_events_arrive_with_exact_numbers_and_unknown_ones_are_passed_on() -> None:
    async with streaming() as (venue, seen, stream):
        assert venue.paths == [f"/pm/ws/{venue.key}"]
        assert seen.states == [(True, "connected")]
        await venue.push('{"e":"somethingNew","a":1.10,"b":0.1e-7,"i":9007199254740993,"s":"1.0"}')
        await until(lambda: seen.events)
        assert seen.events == [
            {
                "e": "somethingNew",
                "a": Decimal("1.10"),
                "b": Decimal("1E-8"),
                "i": 9007199254740993,
                "s": "1.0",
            }
        ]
        assert str(seen.events[0]["a"]) == "1.10"
        assert stream.counts.events == 1


async def test_wrapped_events_are_unwrapped_and_control_replies_are_not_events() -> None:
    async with streaming() as (venue, seen, stream):
        await venue.push({"result": None, "id": 1})
        await venue.push({"error": {"code": 2, "msg": "Invalid request"}, "id": 2})
        await venue.push({"stream": venue.key, "data": {"e": "ACCOUNT_UPDATE", "E": 5}})
        await until(lambda: seen.events)
        assert seen.events == [{"e": "ACCOUNT_UPDATE", "E": 5}]
        assert stream.counts.control_errors == 1


@pytest.mark.parametrize(
    "bad", ["", "{", "[1]", "17", '{"stream":"x","data":[]}', "\ud83d".encode("utf-8", "replace").decode()]
)
async def test_given_a_malformed_frame_then_it_is_counted_and_the_stream_goes_on(bad: str) -> None:
    async with streaming() as (venue, seen, stream):
        await venue.push(bad)
        await venue.push({"e": "x"})
        await until(lambda: seen.events)
        assert stream.counts.malformed == 1
        assert seen.ups == [True]


async def test_given_a_handler_that_fails_then_the_stream_goes_on() -> None:
    heard: list[Any] = []

    def handler(event: dict[str, Any]) -> None:
        heard.append(event)
        if len(heard) == 1:
            raise RuntimeError("consumer")

    async with streaming(on_event=handler) as (venue, seen, stream):
        await venue.push({"e": "1"})
        await venue.push({"e": "2"})
        await until(lambda: len(heard) == 2)
        assert stream.counts.handler_errors == 1
        assert seen.ups == [True]


async def test_a_slow_handler_does_not_hold_up_the_answers_to_pings() -> None:
    handled = 0

    def slow(event: dict[str, Any]) -> None:
        nonlocal handled
        handled += 1
        time.sleep(0.003)

    async with streaming(on_event=slow) as (venue, _, _):
        for number in range(200):
            await venue.push({"e": "x", "n": number})
        await (await venue.sockets[0].ping(b"payload"))
        assert handled < 60
        await until(lambda: handled == 200)


# silence


async def test_given_silence_after_an_order_then_the_stream_reconnects() -> None:
    async with streaming(stale_timeout=ms(30)) as (venue, seen, stream):
        stream.order_sent()
        await until(lambda: seen.ups == [True, False, True])
        assert "after an order was sent" in seen.states[1][1]
        assert stream.counts.stale == 1
        assert venue.calls.count("POST") == 2


async def test_given_silence_without_an_order_then_the_stream_stays() -> None:
    async with streaming(stale_timeout=ms(10), keepalive_interval=ms(10)) as (venue, seen, stream):
        await until(lambda: venue.calls.count("PUT") >= 5)
        assert seen.ups == [True]
        assert stream.counts.stale == 0


async def test_given_any_message_after_an_order_then_the_stream_stays() -> None:
    async with streaming(stale_timeout=ms(60), keepalive_interval=ms(10)) as (venue, seen, stream):
        for count in range(1, 6):
            stream.order_sent()
            stream.order_sent()
            await venue.push({"e": "x"})
            await until(lambda count=count: len(seen.events) == count)  # type: ignore[misc]
        calls = len(venue.calls)
        await until(lambda: len(venue.calls) >= calls + 10)
        assert seen.ups == [True]


async def test_given_the_venue_refused_the_order_then_silence_is_fine() -> None:
    async with streaming(stale_timeout=ms(40), keepalive_interval=ms(10)) as (venue, seen, stream):
        stream.order_sent()
        stream.order_refused()
        await until(lambda: venue.calls.count("PUT") >= 8)
        assert seen.ups == [True]
        stream.order_sent()
        stream.order_sent()
        stream.order_refused()
        await until(lambda: seen.ups == [True, False, True])


# drops and rotation


async def test_given_dropped_sockets_then_the_stream_comes_back_each_time_and_says_so() -> None:
    async with streaming() as (venue, seen, stream):
        for count in (1, 2, 3):
            venue.drop()
            await until(lambda count=count: seen.ups == [True] + [False, True] * count)  # type: ignore[misc]
            await until(lambda: venue.sockets)
        await venue.push({"e": "x"})
        await until(lambda: seen.events)
        assert stream.counts.connects == 4


async def test_given_the_venue_is_down_at_first_then_the_state_is_told_once_and_attempts_go_on() -> None:
    def down(venue: Exchange) -> None:
        venue.post_refusals = [DOWN] * 3

    async with streaming(prepare=down) as (venue, seen, _):
        assert seen.ups == [False, True]
        assert "Service Unavailable" in seen.states[0][1]
        assert venue.calls.count("POST") == 4


async def test_given_the_venue_asks_for_a_pause_then_no_attempt_is_made_before() -> None:
    def throttling(venue: Exchange) -> None:
        venue.post_refusals = [(429, {"code": -1003, "msg": "Too many requests."})]

    started = asyncio.get_running_loop().time()
    async with streaming(prepare=throttling) as (_, seen, _):
        assert asyncio.get_running_loop().time() - started >= 0.29
        assert seen.ups == [False, True]


def test_waits_between_attempts_double_with_full_jitter_up_to_30_seconds() -> None:
    class Longest(random.Random):
        def random(self) -> float:
            return 1.0

    rest = PortfolioRest("http://127.0.0.1:1", "key", signer_for("s"), VenueClock(lambda: 0.0))
    longest = UserStream(rest, "ws://127.0.0.1:1", lambda _: None, lambda up, why: None, rng=Longest())
    waits = [longest._delay(attempt) for attempt in (0, 1, 2, 7, 8, 500)]
    assert waits == pytest.approx([0.2, 0.4, 0.8, 25.6, 30.0, 30.0])
    jittered = UserStream(
        rest, "ws://127.0.0.1:1", lambda _: None, lambda up, why: None, rng=random.Random(7)
    )
    spread = [jittered._delay(3) for _ in range(200)]
    assert min(spread) < 0.2 and 1.4 < max(spread) <= 1.6


async def test_rotation_neither_loses_nor_repeats_an_event_and_the_state_stays_up() -> None:
    async with streaming(rotate_after=ms(60), overlap=ms(25)) as (venue, seen, stream):
        sent = 0
        async with asyncio.timeout(20):
            while stream.counts.rotations < 5:
                await venue.push({"e": "ORDER_TRADE_UPDATE", "n": sent})
                sent += 1
                await asyncio.sleep(0.001)
        await until(lambda: len(seen.events) >= sent)
        assert [event["n"] for event in seen.events] == list(range(sent))
        assert stream.counts.duplicates > 0
        assert seen.ups == [True]
        assert set(venue.paths) == {f"/pm/ws/{venue.key}"}
        assert len(venue.paths) >= 6


async def test_given_the_new_socket_cannot_be_opened_then_the_old_one_serves_and_rotation_is_retried() -> (
    None
):
    async with streaming(rotate_after=ms(30), overlap=ms(10)) as (venue, seen, stream):
        venue.post_refusals = [GONE, DOWN, DOWN]
        venue.refuse_sockets = True
        await until(lambda: len(venue.paths) >= 4)
        assert stream.counts.rotations == 0
        await venue.push({"e": "still here"})
        await until(lambda: seen.events)
        venue.refuse_sockets = False
        await until(lambda: stream.counts.rotations >= 1)
        assert seen.ups == [True]


async def test_given_rotation_finds_another_key_then_the_consumer_is_told_that_events_may_be_missing() -> (
    None
):
    async with streaming(rotate_after=ms(30), overlap=ms(5)) as (venue, seen, stream):
        old = venue.key
        venue.renew_key()
        await until(lambda: seen.ups[:3] == [True, False, True])
        assert "another listen key" in seen.states[1][1]
        assert stream.counts.keys_lost == 1
        assert venue.paths[0] == f"/pm/ws/{old}" and venue.paths[-1] == f"/pm/ws/{venue.key}"


async def test_given_an_unforeseen_error_while_connecting_then_the_stream_still_comes_up() -> None:
    async with exchange() as venue:
        rest = PortfolioRest(venue.rest_url, "key", signer_for("s"), VenueClock(lambda: 0.0))
        ups: list[bool] = []
        stream = UserStream(
            Broken(rest, 2, "POST"),
            venue.ws_url,
            lambda _: None,
            lambda up, why: ups.append(up),
            rng=NoJitter(),
        )
        await stream.start()
        await until(lambda: ups == [False, True])
        assert stream.counts.unexpected == 2
        await stream.stop()
        await rest.aclose()


async def test_given_the_old_socket_drops_during_the_overlap_then_nobody_notices() -> None:
    async with streaming(rotate_after=ms(30), overlap=ms(60_000)) as (venue, seen, _):
        await until(lambda: len(venue.sockets) == 2)
        venue.sockets[0].transport.abort()
        await until(lambda: len(venue.sockets) == 1)
        await venue.push({"e": "x"})
        await until(lambda: seen.events)
        assert seen.ups == [True]


async def test_given_both_sockets_drop_during_the_overlap_then_the_stream_reconnects() -> None:
    async with streaming(rotate_after=ms(30), overlap=ms(60_000)) as (venue, seen, _):
        await until(lambda: len(venue.sockets) == 2)
        venue.drop()
        await until(lambda: seen.ups[:3] == [True, False, True])


# the end, and secrets


async def test_stop_closes_the_socket_leaves_the_key_and_ends_every_task() -> None:
    before = len(asyncio.all_tasks())
    async with streaming(rotate_after=ms(20), overlap=ms(5)) as (venue, seen, stream):
        await until(lambda: stream.counts.rotations)
        await stream.stop()
        assert seen.states[-1] == (False, "stopped")
        await until(lambda: not venue.sockets)
        assert "DELETE" not in venue.calls
    await until(lambda: len(asyncio.all_tasks()) <= before)


async def test_a_stream_starts_once() -> None:
    async with streaming() as (_, _, stream):
        with pytest.raises(RuntimeError, match="already started"):
            await stream.start()


async def test_the_listen_key_never_shows_in_logs_or_states(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def troubled(venue: Exchange) -> None:
        venue.post_refusals = [DOWN]
        venue.put_refusals = [DOWN, DOWN, GONE]

    options: dict[str, Any] = {
        "keepalive_interval": ms(10),
        "keepalive_retry": ms(5),
        "rotate_after": ms(40),
        "overlap": ms(5),
    }
    async with streaming(prepare=troubled, **options) as (venue, seen, stream):
        await until(lambda: len(seen.ups) >= 4)
        await venue.push("not json " + venue.key)
        await until(lambda: stream.counts.malformed)
        venue.refuse_sockets = True
        venue.drop()
        await until(lambda: not stream.up)
        shown = "\n".join(
            record.getMessage()
            for record in caplog.records
            if record.name.startswith(("fixgate", "websockets.client"))
        )
        assert "SeCr…" in shown
        assert "SeCrE" not in shown + str(seen.states)


@pytest.mark.parametrize("url", ["https://fstream.binance.com/pm", "wss://h/pm?x=1", "fstream.binance.com"])
def test_given_a_url_that_is_no_websocket_then_it_is_refused(url: str) -> None:
    rest = PortfolioRest("http://127.0.0.1:1", "key", signer_for("s"), VenueClock(lambda: 0.0))
    with pytest.raises(ValueError, match="websocket URL"):
        UserStream(rest, url, lambda _: None, lambda up, why: None)
