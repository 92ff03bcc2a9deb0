"""The listen key behind a user data stream: kept alive, replaced when it dies, never deleted."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from fixgate.papi import PortfolioRest, UserStream, VenueClock, signer_for

from .exchange import DOWN, GONE, Broken, Exchange, exchange, ms, streaming
from .peers import until


async def test_the_key_is_kept_alive_at_its_interval() -> None:
    async with streaming(keepalive_interval=ms(20)) as (venue, seen, stream):
        started = asyncio.get_running_loop().time()
        await until(lambda: venue.calls.count("PUT") >= 5)
        assert asyncio.get_running_loop().time() - started >= 0.075
        assert venue.calls.count("POST") == 1
        assert 0 <= stream.listen_key_age() < 5
        assert seen.ups == [True]


async def test_given_the_venue_forgot_the_key_then_a_new_one_is_made_and_the_stream_reconnects() -> None:
    def forgetful(venue: Exchange) -> None:
        venue.put_refusals = [GONE]

    async with streaming(prepare=forgetful, keepalive_interval=ms(20)) as (venue, seen, stream):
        venue.renew_key()
        await until(lambda: seen.ups == [True, False, True])
        assert venue.paths[-1] == f"/pm/ws/{venue.key}"
        assert "-1125" in seen.states[1][1]
        assert stream.counts.keys_lost == 1
        assert seen.suspicions == []


async def test_given_the_key_expired_then_the_event_is_passed_on_and_the_stream_moves_to_a_new_key() -> None:
    async with streaming() as (venue, seen, _):
        old = venue.key
        venue.renew_key()
        await venue.push({"e": "listenKeyExpired", "E": 1, "listenKey": old})
        await until(lambda: seen.ups == [True, False, True])
        assert venue.paths == [f"/pm/ws/{old}", f"/pm/ws/{venue.key}"]
        assert seen.events[0]["e"] == "listenKeyExpired"


async def test_given_another_key_expired_then_nothing_happens() -> None:
    async with streaming() as (venue, seen, _):
        await venue.push({"e": "listenKeyExpired", "E": 1, "listenKey": "another"})
        await venue.push({"e": "x"})
        await until(lambda: len(seen.events) == 2)
        assert seen.ups == [True]


async def test_given_two_keepalives_fail_then_the_stream_is_suspect_until_one_succeeds() -> None:
    def failing(venue: Exchange) -> None:
        venue.put_refusals = [DOWN] * 4

    options: dict[str, Any] = {"keepalive_interval": ms(30), "keepalive_retry": ms(5)}
    async with streaming(prepare=failing, **options) as (venue, seen, stream):
        await until(lambda: seen.suspicions == [True])
        assert stream.suspect
        assert venue.calls.count("PUT") == 2
        await until(lambda: seen.suspicions == [True, False])
        assert not stream.suspect
        assert venue.calls.count("PUT") == 5
        assert seen.ups == [True]


async def test_given_one_failed_keepalive_then_nobody_is_alarmed() -> None:
    def failing(venue: Exchange) -> None:
        venue.put_refusals = [DOWN]

    options: dict[str, Any] = {"keepalive_interval": ms(20), "keepalive_retry": ms(5)}
    async with streaming(prepare=failing, **options) as (venue, seen, _):
        await until(lambda: venue.calls.count("PUT") >= 4)
        assert seen.suspicions == []


async def test_given_the_key_could_not_be_extended_for_an_hour_then_it_counts_as_lost() -> None:
    steady = 1000.0

    def failing(venue: Exchange) -> None:
        venue.put_refusals = [DOWN] * 3

    options: dict[str, Any] = {"keepalive_interval": ms(20), "keepalive_retry": ms(20), "now": lambda: steady}
    async with streaming(prepare=failing, **options) as (venue, seen, stream):
        steady += 3601
        assert stream.listen_key_age() == 3601
        await until(lambda: seen.ups == [True, False, True])
        assert "60 minutes" in seen.states[1][1]
        assert venue.calls.count("POST") == 2


async def test_given_rest_is_down_while_the_socket_drops_then_the_known_key_serves() -> None:
    async with streaming() as (venue, seen, _):
        venue.post_refusals = [DOWN]
        venue.drop()
        await until(lambda: seen.ups == [True, False, True])
        assert venue.calls == ["POST", "POST"]
        assert venue.paths == [f"/pm/ws/{venue.key}"] * 2


@pytest.mark.parametrize("body", [{}, {"listenKey": ""}, {"listenKey": 5}, {"listenKey": "../x?y"}, []])
async def test_given_an_answer_without_a_usable_key_then_it_is_asked_for_again(body: Any) -> None:
    def odd(venue: Exchange) -> None:
        venue.post_refusals = [(200, body)]

    async with streaming(prepare=odd) as (venue, seen, _):
        assert venue.calls == ["POST", "POST"]
        assert seen.ups == [False, True]


@pytest.mark.parametrize("interval", [timedelta(0), timedelta(minutes=60), timedelta(seconds=-1)])
def test_given_a_keepalive_interval_beyond_the_keys_life_then_it_is_refused(interval: timedelta) -> None:
    rest = PortfolioRest("http://127.0.0.1:1", "key", signer_for("s"), VenueClock(lambda: 0.0))
    with pytest.raises(ValueError, match="keepalive interval"):
        UserStream(rest, "ws://h", lambda _: None, lambda up, why: None, keepalive_interval=interval)


async def test_given_an_unforeseen_error_in_a_keepalive_then_it_counts_as_a_failed_one() -> None:
    async with exchange() as venue:
        rest = PortfolioRest(venue.rest_url, "key", signer_for("s"), VenueClock(lambda: 0.0))
        suspicions: list[bool] = []
        stream = UserStream(
            Broken(rest, 2, "PUT"),
            venue.ws_url,
            lambda _: None,
            lambda up, why: None,
            keepalive_interval=ms(5),
            keepalive_retry=ms(5),
            on_suspect=lambda suspect, why: suspicions.append(suspect),
        )
        await stream.start()
        await until(lambda: suspicions == [True, False])
        await stream.stop()
        await rest.aclose()
