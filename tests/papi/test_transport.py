"""The order path's HTTP client against peers that behave and peers that do not."""

import asyncio
import socket
from collections.abc import Callable

import pytest

from fixgate.papi import HttpTransport, Response, SendFailure, header_block

from .peers import OK, Peer, answering, client, outcome, read_only, serving, until


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
async def test_a_request_is_on_the_wire_exactly_as_given(method: str) -> None:
    async with serving(answering(OK)) as server, client(server) as transport:
        headers = header_block({"X-MBX-APIKEY": "k", "User-Agent": "t"})
        response = await transport.request(method, "/papi/v1/um/order?a=%2B&signature=ab%3D", headers)
        length = "" if method == "GET" else "Content-Length: 0\r\n"
        assert server.requests == [
            f"{method} /papi/v1/um/order?a=%2B&signature=ab%3D HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
            f"X-MBX-APIKEY: k\r\nUser-Agent: t\r\n{length}\r\n".encode()
        ]
        assert response == Response(200, {"content-length": "2"}, b"{}")


async def test_a_form_body_is_sent_with_its_length() -> None:
    async with serving(answering(OK)) as server, client(server) as transport:
        await transport.request("POST", "/", header_block({"Content-Type": "a/b"}), body=b"a=1&b=2")
        assert server.requests[0].endswith(b"Content-Type: a/b\r\nContent-Length: 7\r\n\r\na=1&b=2")


@pytest.mark.parametrize(
    ("raw", "status", "body"),
    [
        (
            b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{"a\r\n4\r\n":1}\r\n0\r\n\r\n',
            200,
            b'{"a":1}',
        ),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200, b"{}"),
        (
            b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 400 Bad\r\nContent-Length: 1\r\n\r\nx",
            400,
            b"x",
        ),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", 503, b""),
    ],
    ids=["chunked", "continue", "early-hints", "no-content", "empty"],
)
async def test_each_framing_is_read_even_byte_by_byte_and_the_connection_reused(
    raw: bytes, status: int, body: bytes
) -> None:
    async def dribble(peer: Peer) -> None:
        await peer.request()
        for at in range(len(raw)):
            await peer.send(raw[at : at + 1])
            await asyncio.sleep(0)
        await peer.request()
        await peer.send(raw)
        await peer.request()

    async with serving(dribble) as server, client(server) as transport:
        for _ in range(2):
            response = await transport.request("GET", "/")
            assert (response.status, response.body) == (status, body)
            assert "link" not in response.headers
        assert server.connections == 1


async def test_header_names_are_lower_case_and_repeated_headers_joined() -> None:
    raw = b"HTTP/1.1 200 OK\r\nX-MBX-Used-Weight-1M: 7\r\nVia: a\r\nVIA: b\r\nContent-Length: 0\r\n\r\n"
    async with serving(answering(raw)) as server, client(server) as transport:
        response = await transport.request("GET", "/")
        assert response.headers == {"x-mbx-used-weight-1m": "7", "via": "a, b", "content-length": "0"}


async def test_given_connection_close_the_next_request_opens_a_new_connection() -> None:
    raw = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"
    async with serving(answering(raw)) as server, client(server) as transport:
        await transport.request("GET", "/")
        await transport.request("GET", "/")
        assert server.connections == 2


async def test_given_no_length_the_body_ends_with_the_connection() -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\n\r\n{}")

    async with serving(script) as server, client(server) as transport:
        response = await transport.request("GET", "/")
        assert response.body == b"{}"
        await transport.request("GET", "/")
        assert server.connections == 2


async def test_a_connection_is_reused_last_in_first_out() -> None:
    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d" % peer.number)

    async with serving(script) as server, client(server) as transport:
        await asyncio.gather(*(transport.request("GET", "/") for _ in range(4)))
        assert transport.free_connections == server.connections == 4
        first = await transport.request("GET", "/")
        assert [(await transport.request("GET", "/")).body for _ in range(3)] == [first.body] * 3


# the pool


async def test_requests_beyond_the_limit_wait_in_order() -> None:
    gate = asyncio.Event()

    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            await gate.wait()
            await peer.send(OK)

    async with serving(script) as server, client(server, max_connections=2) as transport:
        tasks = [asyncio.create_task(transport.request("GET", f"/{n}")) for n in range(10)]
        await until(lambda: len(server.requests) == 2)
        gate.set()
        await asyncio.gather(*tasks)
        assert server.connections == 2
        order = [int(request.split(b" ")[1][1:]) for request in server.requests]
        assert sorted(order) == list(range(10))
        assert all(abs(place - number) <= 1 for place, number in enumerate(order))


async def test_given_the_pool_is_busy_until_the_timeout_then_nothing_was_sent() -> None:
    async with serving(read_only) as server, client(server, max_connections=1) as transport:
        first = asyncio.create_task(outcome(transport, timeout=5.0))
        await until(lambda: server.connections == 1)
        result = await outcome(transport, timeout=0.05)
        assert result == SendFailure(False, "no connection was free within 0.05 s")
        assert not first.done()
        await transport.aclose()
        result = await first
        assert isinstance(result, SendFailure) and result.sent


async def test_given_a_lost_connection_the_waiting_request_gets_a_new_one() -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        if peer.number == 1:
            peer.reset()
            return
        await peer.send(OK)

    async with serving(script) as server, client(server, max_connections=1) as transport:
        first, second = await asyncio.gather(outcome(transport), outcome(transport))
        assert isinstance(first, SendFailure) and first.sent
        assert isinstance(second, Response)


async def test_a_target_is_made_at_the_moment_of_writing() -> None:
    gate = asyncio.Event()

    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            await gate.wait()
            await peer.send(OK)

    made: list[str] = []
    done: list[object] = []

    def target(name: str) -> Callable[[], bytes]:
        def make() -> bytes:
            made.append(name)
            return f"/{name}".encode()

        return make

    async with serving(script) as server, client(server, max_connections=1) as transport:
        transport.send("GET", target("a"), b"", done.append, 5.0)
        transport.send("GET", target("b"), b"", done.append, 5.0)
        await until(lambda: server.requests)
        assert made == ["a"]
        gate.set()
        await until(lambda: len(done) == 2)
        assert made == ["a", "b"]


async def test_given_a_target_that_cannot_be_made_then_nothing_was_sent_and_the_others_go_on() -> None:
    def broken() -> bytes:
        raise RuntimeError("secret")

    async with serving(answering(OK)) as server, client(server, max_connections=1) as transport:
        results: list[object] = []
        transport.send("GET", broken, b"", results.append, 5.0)
        transport.send("GET", "/2", b"", results.append, 5.0)
        transport.send("GET", broken, b"", results.append, 5.0)
        await until(lambda: len(results) == 3)
        transport.send("GET", broken, b"", results.append, 5.0)
        transport.send("GET", "/5", b"", results.append, 5.0)
        await until(lambda: len(results) == 5)
        failures = [result for result in results if isinstance(result, SendFailure)]
        assert failures == [SendFailure(False, "the request could not be built (RuntimeError)")] * 3
        assert len(server.requests) == 2


@pytest.mark.parametrize("bad", ["x", "/a b", "/a\r\nX: y", "/é", ""])
async def test_given_a_target_that_would_break_the_request_line_then_nothing_is_sent(bad: str) -> None:
    async with serving(answering(OK)) as server, client(server) as transport:
        result = await outcome(transport, target=bad)
        assert isinstance(result, SendFailure) and not result.sent
        assert server.requests == []


async def test_given_a_callback_that_fails_then_the_connection_lives_on() -> None:
    async with serving(answering(OK)) as server, client(server) as transport:
        called = asyncio.Event()

        def broken(_: object) -> None:
            called.set()
            raise RuntimeError("consumer")

        transport.send("GET", "/", b"", broken, 5.0)
        await called.wait()
        assert (await transport.request("GET", "/")).status == 200
        assert server.connections == 1


async def test_a_callback_can_send_the_next_request_on_the_same_connection() -> None:
    async with serving(answering(OK)) as server, client(server) as transport:
        done: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        transport.send(
            "GET", "/1", b"", lambda _: transport.send("GET", "/2", b"", done.set_result, 5.0), 5.0
        )
        assert isinstance(await done, Response)
        assert server.connections == 1


async def test_outcomes_are_never_told_during_send_and_told_once() -> None:
    async with serving(answering(OK)) as server:
        transport = HttpTransport(server.origin)
        await transport.request("GET", "/")
        told: list[object] = []
        transport.send("GET", "/", b"", told.append, 5.0)
        assert told == []
        await transport.aclose()
        transport.send("GET", "/", b"", told.append, 5.0)
        assert len(told) == 1
        await until(lambda: len(told) == 2)
        assert told == [
            SendFailure(True, "the transport was closed before the answer was complete"),
            SendFailure(False, "the transport is closed"),
        ]


async def test_nagle_is_off() -> None:
    async with serving(answering(OK)) as server, client(server) as transport:
        await transport.request("GET", "/")
        (connection,) = transport._free
        assert connection._transport is not None
        raw = connection._transport.get_extra_info("socket")
        assert raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize(
    "origin", ["papi.binance.com", "ftp://x", "https://", "https://x/papi", "https://u:p@x", "https://x?a=b"]
)
def test_given_something_that_is_no_origin_then_it_is_refused_without_quoting_it(origin: str) -> None:
    with pytest.raises(ValueError, match="is not an origin") as error:
        HttpTransport(origin)
    assert "u:p" not in str(error.value)


@pytest.mark.parametrize("headers", [{"A": "b\r\nC: d"}, {"A b": "c"}, {"A": "é"}, {"": "x"}])
def test_given_a_header_that_http_does_not_allow_then_it_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="header"):
        header_block(headers)


async def test_given_an_unknown_method_then_it_is_refused() -> None:
    with pytest.raises(ValueError, match="PATCH"):
        HttpTransport("http://127.0.0.1:1").send("PATCH", "/", b"", lambda _: None, 1.0)
