"""How far a request got when no complete answer came: not sent for certain, or possibly executed."""

import asyncio
from collections.abc import Callable

import pytest

from fixgate.papi import HttpTransport, SendFailure

from .peers import OK, Peer, answering, client, free_port, never, outcome, read_only, serving, until


async def test_given_nobody_listens_then_nothing_was_sent() -> None:
    transport = HttpTransport(f"http://127.0.0.1:{await free_port()}")
    result = await outcome(transport)
    assert isinstance(result, SendFailure) and not result.sent
    assert "no connection to 127.0.0.1" in result.text
    await transport.aclose()


async def test_given_an_unknown_host_then_nothing_was_sent() -> None:
    transport = HttpTransport("http://no-such-host.invalid")
    result = await outcome(transport)
    assert isinstance(result, SendFailure) and not result.sent
    await transport.aclose()


async def test_given_a_host_name_that_cannot_be_encoded_then_nothing_was_sent() -> None:
    transport = HttpTransport(f"http://{'a' * 70}.invalid")
    result = await outcome(transport)
    assert isinstance(result, SendFailure) and not result.sent
    await transport.aclose()


async def test_given_tls_does_not_come_about_then_nothing_was_sent() -> None:
    async with serving(answering(OK)) as server:
        transport = HttpTransport(f"https://127.0.0.1:{server.port}", connect_timeout=0.5)
        result = await outcome(transport)
        assert isinstance(result, SendFailure) and not result.sent
        assert server.requests == []
        await transport.aclose()


async def _eof_at_once(peer: Peer) -> None:
    await peer.request()


async def _reset_at_once(peer: Peer) -> None:
    await peer.request()
    peer.reset()


async def _eof_halfway(peer: Peer) -> None:
    await peer.request()
    await peer.send(b'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{"orderId":')


async def _reset_halfway(peer: Peer) -> None:
    await _eof_halfway(peer)
    peer.reset()


async def _reset_after_some_request_bytes(peer: Peer) -> None:
    await peer.reader.readexactly(4)
    peer.reset()


async def _reset_in_a_body_without_length(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"HTTP/1.1 200 OK\r\n\r\n{")
    await asyncio.sleep(0.02)
    peer.reset()


async def _half_a_chunk(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{}")


async def _garbage(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"\x16\x03\x01 not http at all\r\n\r\n")
    await never()


async def _two_lengths(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}")
    await never()


async def _endless_headers(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        await peer.send(b"X: " + b"y" * 4000 + b"\r\n")


async def _switching(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nzzz")
    await never()


@pytest.mark.parametrize(
    "script",
    [
        _eof_at_once,
        _reset_at_once,
        _eof_halfway,
        _reset_halfway,
        _reset_after_some_request_bytes,
        _reset_in_a_body_without_length,
        _half_a_chunk,
        _garbage,
        _two_lengths,
        _endless_headers,
        _switching,
    ],
    ids=lambda script: script.__name__.strip("_"),
)
async def test_given_no_complete_answer_then_it_counts_as_sent_and_is_not_repeated(
    script: Callable[[Peer], object],
) -> None:
    async with serving(script) as server, client(server) as transport:  # type: ignore[arg-type]
        result = await outcome(transport)
        assert isinstance(result, SendFailure)
        assert result.sent
        assert server.connections == 1
        await until(lambda: transport.open_connections == 0)


async def test_given_no_answer_in_time_then_it_counts_as_sent_and_the_connection_is_closed() -> None:
    async with serving(read_only) as server, client(server) as transport:
        result = await outcome(transport, timeout=0.05)
        assert result == SendFailure(True, "no complete answer within 0.05 s")
        await until(lambda: server.open == 0)
        assert transport.open_connections == 0


async def test_a_late_answer_never_answers_a_later_request() -> None:
    asked, answer = asyncio.Event(), asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.request()
        if peer.number == 1:
            asked.set()
            await answer.wait()
            await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate")
            return
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond")

    async with serving(script) as server, client(server, max_connections=1) as transport:
        first = asyncio.create_task(outcome(transport, timeout=0.1))
        await asked.wait()
        second = asyncio.create_task(transport.request("GET", "/2", timeout=5))
        assert isinstance(await first, SendFailure)
        answer.set()
        assert (await second).body == b"second"


async def test_given_two_answers_to_one_request_the_first_counts_and_the_connection_is_closed() -> None:
    two = OK + b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nextra"
    async with serving(answering(two)) as server, client(server) as transport:
        assert (await transport.request("GET", "/")).body == b"{}"
        assert (await transport.request("GET", "/")).body == b"{}"
        assert server.connections == 2


async def test_given_garbage_right_after_an_answer_the_answer_counts_and_the_connection_is_closed() -> None:
    async with serving(answering(OK + b"\x00\x01")) as server, client(server) as transport:
        assert (await transport.request("GET", "/")).status == 200
        assert (await transport.request("GET", "/")).status == 200
        assert server.connections == 2


async def test_given_an_unasked_answer_on_a_free_connection_then_it_is_thrown_away() -> None:
    go = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        if peer.number == 1:
            await go.wait()
            await peer.send(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
            await read_only(peer)

    async with serving(script) as server, client(server) as transport:
        await transport.request("GET", "/")
        go.set()
        await until(lambda: transport.open_connections == 0)
        assert (await transport.request("GET", "/")).status == 200


async def test_given_the_peer_closes_a_free_connection_the_next_request_uses_a_new_one() -> None:
    async def once(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)

    async with serving(once) as server, client(server) as transport:
        for expected in (1, 2, 3):
            assert (await transport.request("POST", "/")).status == 200
            assert server.connections == expected
            await until(lambda: transport.open_connections == 0)
        assert transport.free_connections == 0


async def test_given_a_connection_was_free_for_too_long_then_it_is_not_used_again() -> None:
    async with serving(answering(OK)) as server, client(server, max_idle=0.0) as transport:
        await transport.request("GET", "/")
        await transport.request("GET", "/")
        assert server.connections == 2
        await until(lambda: transport.open_connections == 1)


async def test_given_the_peer_closes_as_soon_as_it_accepts_then_requests_fail_one_by_one() -> None:
    async def slam(peer: Peer) -> None:
        peer.reset()

    async with serving(slam) as server, client(server) as transport:
        results = await asyncio.gather(*(outcome(transport) for _ in range(5)))
        assert all(isinstance(result, SendFailure) for result in results)
        assert server.connections <= 5
        assert server.requests == []
