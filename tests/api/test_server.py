"""The server's life in the gateway's loop, and the operations pages."""

import asyncio
import json
import signal
import socket
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from fixgate.api import server as server_module
from fixgate.api.app import Operations, build_app
from fixgate.api.openapi import document
from fixgate.api.routes import ROUTES
from fixgate.api.server import HttpServer
from tests.api.conftest import OPERATIONS, client_of, open_access
from tests.api.fake_desk import FakeDesk
from tests.api.wire import ROOT


def server_at(port: int, desk: FakeDesk | None = None, host: str = "127.0.0.1") -> HttpServer:
    return HttpServer(build_app(OPERATIONS, open_access(), desk), host, port)


async def test_given_port_0_then_the_port_that_was_bound_is_told_and_free_again_after_the_end() -> None:
    server = server_at(0)
    await server.start()
    port = server.port
    assert port > 0
    async with client_of(f"http://127.0.0.1:{port}") as client:
        assert (await client.get("/health")).json() == {"status": "ok"}
    await server.stop()
    again = server_at(port)
    await again.start()
    await again.stop()


async def test_given_a_port_that_is_taken_then_os_error_and_the_process_lives() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = server_at(taken.getsockname()[1])
        with pytest.raises(OSError) as caught:
            await server.start()
        assert caught.value.strerror == "Address already in use"
        await server.stop()


async def test_given_a_host_that_is_none_then_os_error() -> None:
    with pytest.raises(OSError):
        await server_at(0, host="no.such.host.invalid").start()


async def test_given_the_server_runs_then_signals_are_the_gateways() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    server = server_at(0)
    await server.start()
    assert {number: signal.getsignal(number) for number in before} == before
    await server.stop()


async def test_given_a_call_under_way_then_the_end_waits_for_its_answer(desk: FakeDesk) -> None:
    asked, told = asyncio.Event(), asyncio.Event()

    class SlowDesk(FakeDesk):
        async def balances(self, account: str, market_type: Any) -> Any:
            asked.set()
            await told.wait()
            return []

    server = server_at(0, SlowDesk())
    await server.start()
    async with client_of(f"http://127.0.0.1:{server.port}") as client:
        call = asyncio.create_task(client.get(f"{ROOT}/balance?exchange_account_id=okx-001"))
        await asked.wait()
        end = asyncio.create_task(server.stop())
        told.set()
        assert (await call).status_code == 200
        await end


async def test_given_the_api_is_off_then_the_operations_pages_alone_are_there() -> None:
    server = server_at(0, None)
    await server.start()
    async with client_of(f"http://127.0.0.1:{server.port}") as client:
        assert (await client.get("/metrics")).status_code == 200
        answer = await client.post(f"{ROOT}/order")
        assert (answer.status_code, answer.json()["data"]["error"]) == (404, "NOT_FOUND")
        assert (await client.get("/docs")).status_code == 404
    await server.stop()


@pytest.mark.parametrize(("ready", "status"), [(True, 200), (False, 503)])
async def test_given_readiness_then_the_page_is_as_it_was_with_its_status(
    serve: Callable[..., Any], ready: bool, status: int
) -> None:
    operations = Operations(
        health=lambda: {"status": "ok", "version": "1"},
        readiness=lambda: (ready, {"openOrders": 2}),
        metrics=lambda: b"up 1\n",
    )
    client = await serve(open_access(), operations)
    answer = await client.get("/ready")
    assert answer.status_code == status
    assert answer.text == json.dumps({"ready": ready, "openOrders": 2}, indent=2) + "\n"
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    metrics = await client.get("/metrics")
    assert (metrics.content, metrics.headers["content-type"]) == (
        b"up 1\n",
        "text/plain; version=0.0.4; charset=utf-8",
    )
    assert (await client.head("/health")).status_code == 200


async def test_given_the_document_then_it_has_all_18_routes_and_the_examples(
    http: httpx.AsyncClient,
) -> None:
    told = (await http.get("/openapi.json")).json()
    assert len(ROUTES) == 18
    listed = {(method.upper(), path) for path, methods in told["paths"].items() for method in methods}
    assert {(route.method, route.path) for route in ROUTES} < listed
    order = told["paths"][f"{ROOT}/order"]["post"]
    titles = order["requestBody"]["content"]["application/json"]["examples"]
    assert titles["Market Order"]["value"]["quantity"] == 0.001
    assert set(order["responses"]["400"]["content"]["application/json"]["examples"]) == {
        "Unsupported Feature",
        "Daily Limit Exceeded",
    }
    assert told == json.loads(json.dumps(document(), default=float))


async def test_given_the_docs_page_then_it_is_whole_without_scripts_or_other_hosts(
    http: httpx.AsyncClient,
) -> None:
    answer = await http.get("/docs")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    for route in ROUTES:
        assert f"<code>{route.path}</code>" in answer.text
    assert "<script" not in answer.text
    assert "//" not in answer.text.replace("https://", "//").split("<pre>")[0]
    assert "DAILY_LIMIT_EXCEEDED" in answer.text


async def arrived(server: HttpServer, *sent: bytes) -> bytes:
    """Return all that a connection is told, to its end, after it sent these bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    for each in sent:
        writer.write(each)
    try:
        async with asyncio.timeout(10):
            return await reader.read()
    except ConnectionResetError:
        return b"reset"
    finally:
        writer.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\n",
        b"POST /oems/execution/order HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: 900\r\n\r\n{",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nGET /health HTTP/1.1\r\nHo",
    ],
)
async def test_given_a_request_that_does_not_arrive_then_the_connection_ends(
    monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(server_module, "REQUEST_SECONDS", 0.2)
    server = server_at(0, FakeDesk())
    await server.start()
    told = await arrived(server, sent)
    assert told.count(b"HTTP/1.1 ") == sent.count(b"\r\n\r\nGET"), told
    await server.stop()


async def test_given_a_call_that_takes_longer_than_a_request_may_then_it_is_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server_module, "REQUEST_SECONDS", 0.05)

    class SlowDesk(FakeDesk):
        async def balances(self, account: str, market_type: Any) -> Any:
            await asyncio.sleep(0.2)
            return []

    server = server_at(0, SlowDesk())
    await server.start()
    async with client_of(f"http://127.0.0.1:{server.port}") as client:
        for _ in range(2):
            answer = await client.get(f"{ROOT}/balance?exchange_account_id=okx-001")
            assert answer.status_code == 200
    await server.stop()


async def test_given_headers_without_end_then_they_are_refused() -> None:
    server = server_at(0)
    await server.start()
    head = b"GET /health HTTP/1.1\r\nHost: localhost\r\n"
    for more in (b"X: " + b"a" * 300_000, b"X: a\r\n" * 50_000):
        told = await arrived(server, head, more)
        assert b" 400 " in told or told == b"reset"
    told = await arrived(server, head + b"X: " + b"a" * 30_000 + b"\r\nConnection: close\r\n\r\n")
    assert b" 200 " in told
    await server.stop()


async def test_given_too_many_connections_then_the_next_is_told_and_the_others_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server_module, "MOST_CONNECTIONS", 2)
    server = server_at(0)
    await server.start()
    async with client_of(f"http://127.0.0.1:{server.port}") as client:
        assert (await client.get("/health")).status_code == 200
        _, idle = await asyncio.open_connection("127.0.0.1", server.port)
        told = await arrived(server)
        assert b" 503 " in told and b'"error":"NOT_READY"' in told
        assert (await client.get("/health")).status_code == 200
        idle.close()
        await idle.wait_closed()
    async with client_of(f"http://127.0.0.1:{server.port}") as client:
        assert (await client.get("/health")).status_code == 200
    await server.stop()
