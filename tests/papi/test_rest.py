"""REST calls as the venue sees them: exact request lines, signatures, key header, limits."""

import ast
import asyncio
import gzip
import json
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl

import pytest

from fixgate import papi
from fixgate.papi import (
    LEGS,
    Leg,
    NotAnswered,
    Outcome,
    PapiError,
    PortfolioRest,
    PublicRest,
    Response,
    SendFailure,
    VenueClock,
    VenueError,
    signer_for,
)

from .peers import OK, Peer, Server, answering, free_port, serving, until

KEY, SECRET = "the-api-key", "the-api-secret"
SIGNER = signer_for(SECRET)


def answer(status: int, body: object, *headers: str) -> bytes:
    text = json.dumps(body).encode()
    lines = "".join(f"{line}\r\n" for line in headers)
    return f"HTTP/1.1 {status} X\r\n{lines}Content-Length: {len(text)}\r\n\r\n".encode() + text


def fixed_clock() -> VenueClock:
    return VenueClock(lambda: 1_700_000_000_050.0)


@asynccontextmanager
async def rest_for(
    server: Server, recv_window: int | None = 5000, path: str = ""
) -> AsyncIterator[PortfolioRest]:
    rest = PortfolioRest(server.origin + path, KEY, SIGNER, fixed_clock(), recv_window=recv_window)
    try:
        yield rest
    finally:
        await rest.aclose()


async def test_an_order_is_one_exact_request_and_its_signature_covers_the_sent_bytes() -> None:
    async with serving(answering(OK)) as server, rest_for(server) as rest:
        done: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        params = {"symbol": "币安USDT", "side": "BUY", "newClientOrderId": "a:b", "price": "0.10"}
        rest.send_signed("POST", LEGS[Leg.UM].order, params, done.set_result, 5.0)
        assert await done == Response(200, {"content-length": "2"}, b"{}")
        payload = (
            b"symbol=%E5%B8%81%E5%AE%89USDT&side=BUY&newClientOrderId=a%3Ab&price=0.10"
            b"&recvWindow=5000&timestamp=1700000000000"
        )
        assert server.requests == [
            b"POST /papi/v1/um/order?%b&signature=%b HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
            b"X-MBX-APIKEY: the-api-key\r\nContent-Length: 0\r\n\r\n"
            % (payload, SIGNER.sign(payload).encode(), server.port)
        ]


@pytest.mark.parametrize("recv_window", [0, None])
async def test_given_no_recv_window_then_the_parameter_is_left_out(recv_window: int | None) -> None:
    async with serving(answering(OK)) as server, rest_for(server, recv_window) as rest:
        assert await rest.signed("GET", "/papi/v1/account") == b"{}"
        assert server.requests[0].startswith(b"GET /papi/v1/account?timestamp=1700000000000&signature=")
        assert b"recvWindow" not in server.requests[0]


async def test_the_timestamp_is_minted_when_the_request_is_written_not_when_it_is_queued() -> None:
    now = 1_000_000.0
    gate = asyncio.Event()

    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            await gate.wait()
            await peer.send(OK)

    async with serving(script) as server:
        rest = PortfolioRest(server.origin, KEY, SIGNER, VenueClock(lambda: now))
        tasks = [asyncio.create_task(rest.signed("GET", f"/{n}")) for n in range(33)]
        await until(lambda: len(server.requests) == 32)
        now = 2_000_000.0
        gate.set()
        await asyncio.gather(*tasks)
        stamps = [
            dict(parse_qsl(r.split(b" ")[1].split(b"?")[1].decode()))["timestamp"] for r in server.requests
        ]
        assert stamps == ["999950"] * 32 + ["1999950"]
        await rest.aclose()


async def test_listen_key_calls_carry_the_key_and_no_signature() -> None:
    async with serving(answering(OK)) as server, rest_for(server) as rest:
        await rest.keyed("POST", "/papi/v1/listenKey")
        assert server.requests[0].startswith(b"POST /papi/v1/listenKey HTTP/1.1\r\n")
        assert b"X-MBX-APIKEY: the-api-key\r\n" in server.requests[0]
        assert b"signature" not in server.requests[0]


async def test_public_calls_carry_neither() -> None:
    async with serving(answering(OK)) as server, rest_for(server) as rest:
        await rest.public("GET", "/papi/v1/ping", {"a": "b c"})
        assert server.requests[0].startswith(b"GET /papi/v1/ping?a=b%20c HTTP/1.1\r\n")
        assert b"APIKEY" not in server.requests[0]


async def test_a_path_in_the_base_url_goes_in_front() -> None:
    async with serving(answering(OK)) as server, rest_for(server, path="/gateway/") as rest:
        await rest.public("GET", "/papi/v1/ping")
        await rest.signed("GET", "/papi/v1/account")
        assert [request.split(b"?")[0].split(b" ")[1] for request in server.requests] == [
            b"/gateway/papi/v1/ping",
            b"/gateway/papi/v1/account",
        ]


async def test_usage_headers_are_kept_whatever_their_case_and_interval() -> None:
    first = answer(200, {}, "X-MBX-USED-WEIGHT-1M: 12", "x-mbx-order-count-10S: 3", "X-Mbx-Used-Weight: 9")
    second = answer(
        400, {"code": -2019, "msg": "no"}, "x-mbx-used-weight-1m: 13", "X-MBX-ORDER-COUNT-1D: many"
    )
    async with serving(answering(first, second, OK)) as server, rest_for(server) as rest:
        seen: list[dict[str, int]] = []
        rest.on_limits = lambda limits: seen.append(dict(limits))
        await rest.signed("GET", "/a")
        done: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        rest.send_signed("POST", "/b", (), done.set_result, 5.0)
        await done
        await rest.signed("GET", "/c")
        assert rest.limits == {"USED-WEIGHT-1M": 13, "ORDER-COUNT-10S": 3}
        assert seen == [
            {"USED-WEIGHT-1M": 12, "ORDER-COUNT-10S": 3},
            {"USED-WEIGHT-1M": 13, "ORDER-COUNT-10S": 3},
        ]


async def test_given_a_limits_hook_that_fails_then_the_order_still_hears_its_outcome() -> None:
    def broken(limits: object) -> None:
        raise RuntimeError("hook")

    async with (
        serving(answering(answer(200, {}, "X-MBX-USED-WEIGHT-1M: 1"))) as server,
        rest_for(server) as rest,
    ):
        rest.on_limits = broken
        done: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        rest.send_signed("POST", "/papi/v1/um/order", (), done.set_result, 5.0)
        assert isinstance(await asyncio.wait_for(done, 5), Response)


async def test_given_a_refused_call_then_the_error_says_what_it_means() -> None:
    refusal = answer(429, {"code": -1003, "msg": "Too many requests."}, "Retry-After: 7")
    async with serving(answering(refusal)) as server, rest_for(server) as rest:
        with pytest.raises(VenueError, match=r"throttled -1003: Too many requests\.") as error:
            await rest.signed("GET", "/papi/v1/account")
        assert error.value.failure.outcome is Outcome.THROTTLED
        assert error.value.failure.retry_after == 7.0


@pytest.mark.parametrize("code", [-1021, -5028, -4188])
async def test_given_a_refused_timestamp_then_the_clock_is_doubted(code: int) -> None:
    async def server_time() -> int:
        return 1_700_000_000_000

    async with (
        serving(answering(answer(400, {"code": code, "msg": "timestamp"}))) as server,
        rest_for(server) as rest,
    ):
        await rest.clock.sync(server_time)
        assert rest.clock.synced
        done: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        rest.send_signed("POST", "/papi/v1/cm/order", (), done.set_result, 5.0)
        await done
        assert not rest.clock.synced


async def test_given_no_answer_then_callers_learn_whether_it_was_sent() -> None:
    rest = PortfolioRest(f"http://127.0.0.1:{await free_port()}", KEY, SIGNER, fixed_clock())
    with pytest.raises(NotAnswered) as error:
        await rest.signed("GET", "/papi/v1/account")
    assert not error.value.sent
    await rest.aclose()

    async def swallow(peer: Peer) -> None:
        await peer.request()

    async with serving(swallow) as server, rest_for(server) as rest:
        done: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        rest.send_signed("POST", "/papi/v1/um/order", (), done.set_result, 5.0)
        result = await done
        assert isinstance(result, SendFailure) and result.sent


async def test_no_secret_and_no_signature_shows_in_errors_or_repr() -> None:
    async def swallow(peer: Peer) -> None:
        await peer.request()

    async with serving(swallow) as server, rest_for(server) as rest:
        for call in (
            rest.signed("GET", "/papi/v1/account", {"symbol": "x"}),
            rest.keyed("PUT", "/papi/v1/listenKey"),
        ):
            with pytest.raises(PapiError) as error:
                await call
            shown = f"{error.value!r} {error.value} {rest!r}"
            for secret in (KEY, SECRET, "signature"):
                assert secret not in shown


@pytest.mark.parametrize("name", ["timestamp", "recvWindow", "signature"])
async def test_given_parameters_that_cannot_be_signed_then_nothing_is_sent(name: str) -> None:
    async with serving(answering(OK)) as server, rest_for(server) as rest:
        with pytest.raises(ValueError, match=name):
            rest.send_signed("POST", "/papi/v1/um/order", {name: "1"}, lambda _: None, 5.0)
        assert server.connections == 0


@pytest.mark.parametrize("recv_window", [-1, 60_001])
def test_given_a_recv_window_that_the_venue_refuses_then_so_do_we(recv_window: int) -> None:
    with pytest.raises(ValueError, match=f"recvWindow {recv_window} is outside"):
        PortfolioRest("http://h", KEY, SIGNER, fixed_clock(), recv_window=recv_window)


@pytest.mark.parametrize("url", ["papi.binance.com", "https://u:secret@h", "https://h?x=secret", "ws://h"])
def test_given_a_base_url_that_cannot_be_used_then_it_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(ValueError, match="base URL") as error:
        PortfolioRest(url, KEY, SIGNER, fixed_clock())
    assert "secret" not in str(error.value)


# public hosts


async def test_the_server_time_feeds_the_clock() -> None:
    async with serving(answering(answer(200, {"serverTime": 1_700_000_005_000}))) as server:
        futures = PublicRest(server.origin)
        clock = VenueClock(lambda: 1_700_000_000_000.0)
        await clock.sync(futures.server_time)
        assert clock.offset_ms == 5000
        assert server.requests[0].startswith(b"GET /fapi/v1/time HTTP/1.1\r\n")
        await futures.aclose()


@pytest.mark.parametrize("body", [{}, [], {"serverTime": "1"}, {"serverTime": 0}, None])
async def test_given_no_server_time_then_the_error_says_so(body: object) -> None:
    async with serving(answering(answer(200, body))) as server:
        futures = PublicRest(server.origin)
        with pytest.raises(PapiError, match="serverTime"):
            await futures.server_time()
        await futures.aclose()


@pytest.mark.parametrize("size", [10, 3_000_000])
async def test_compressed_answers_are_opened(size: int) -> None:
    text = json.dumps({"symbols": [str(n) for n in range(size // 10)]}).encode()
    packed = gzip.compress(text, 1)
    raw = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed
    async with serving(answering(raw)) as server:
        public = PublicRest(server.origin)
        assert await public.get("/fapi/v1/exchangeInfo") == text
        assert b"Accept-Encoding: gzip\r\n" in server.requests[0]
        await public.aclose()


@pytest.mark.parametrize("packed", [b"not gzip", gzip.compress(b"x" * 1000)[:-9]])
async def test_given_a_broken_compressed_answer_then_the_call_fails(packed: bytes) -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed
    async with serving(answering(raw)) as server:
        public = PublicRest(server.origin)
        with pytest.raises(PapiError, match=r"gzip|cut off"):
            await public.get("/")
        await public.aclose()


def test_each_leg_has_its_own_paths() -> None:
    for leg, prefix in ((Leg.UM, "/papi/v1/um/"), (Leg.CM, "/papi/v1/cm/"), (Leg.MARGIN, "/papi/v1/margin/")):
        paths = LEGS[leg]
        for path in (paths.order, paths.open_orders, paths.all_orders, paths.all_open_orders, paths.trades):
            assert path.startswith(prefix)
    assert [leg for leg in Leg if not LEGS[leg].modifiable] == [Leg.MARGIN]


def test_the_example_of_the_package_is_valid_python_and_uses_names_that_exist() -> None:
    _, _, example = (papi.__doc__ or "").partition("\n    clock")
    code = compile(textwrap.dedent("    clock" + example), "example", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    names = {name for name in code.co_names if name[0].isupper()}
    assert {"VenueClock", "PublicRest", "PortfolioRest", "UserStream", "ACCOUNT", "LEGS", "Leg"} <= names
    assert all(hasattr(papi, name) for name in names - {"UM", "UNKNOWN"})
