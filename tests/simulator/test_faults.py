"""Scripted faults, in-process and over the admin routes."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from fixgate.simulator import EventFault, Faults, Leg, RequestFault, SimulatorServer
from fixgate.simulator.faults import UNKNOWN_503, event_fault, request_fault
from tests.simulator.client import Client, Reply

ORDER = "/papi/v1/um/order"


def open_orders(server: SimulatorServer) -> int:
    return len(server.exchange.account("main").list_open(Leg.UM, None))


async def admin(client: Client, path: str, **body: Any) -> Reply:
    return await client.raw("POST", f"/sim/{path}", json.dumps(body))


@pytest.mark.parametrize("land", [True, False])
async def test_given_a_503_when_it_lands_or_not_then_the_reply_is_the_same(
    server: SimulatorServer, client: Client, land: bool
) -> None:
    server.faults.requests.append(RequestFault("POST", ORDER, status=503, land=land))
    reply = await client.order()
    assert (reply.status, reply.body) == (503, UNKNOWN_503)
    assert open_orders(server) == int(land)
    assert (await client.order()).status == 200


@pytest.mark.parametrize("land", [True, False])
async def test_given_a_timeout_then_the_client_gets_nothing_and_the_order_landed_or_not(
    server: SimulatorServer, client: Client, land: bool
) -> None:
    server.faults.requests.append(RequestFault("POST", ORDER, timeout=True, land=land))
    with pytest.raises(asyncio.TimeoutError):
        await client.order(wait=0.2)
    assert open_orders(server) == int(land)


@pytest.mark.parametrize("land", [True, False])
async def test_given_a_reset_then_the_connection_breaks_and_the_order_landed_or_not(
    server: SimulatorServer, client: Client, land: bool
) -> None:
    server.faults.requests.append(RequestFault("POST", ORDER, reset=True, land=land))
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.order()
    assert open_orders(server) == int(land)


async def test_given_a_429_then_it_carries_retry_after(server: SimulatorServer, client: Client) -> None:
    server.faults.requests.append(RequestFault(path="/papi", status=429, retry_after=3))
    reply = await client.order()
    assert (reply.status, reply.code, reply.headers["Retry-After"]) == (429, -1003, "3")


async def test_given_a_scripted_code_then_the_body_carries_it(
    server: SimulatorServer, client: Client
) -> None:
    fault = RequestFault("POST", ORDER, status=400, code=-1007, body="Timeout", land=True)
    server.faults.requests.append(fault)
    reply = await client.order()
    assert (reply.body, open_orders(server)) == ({"code": -1007, "msg": "Timeout"}, 1)


async def test_given_a_slow_engine_when_the_window_closes_meanwhile_then_5028(
    server: SimulatorServer, client: Client
) -> None:
    server.faults.requests.append(RequestFault("POST", ORDER, delay_ms=150))
    assert (await client.order(recvWindow=100)).code == -5028
    server.faults.requests.append(RequestFault("POST", "/papi/v1/cm/order", delay_ms=150))
    assert (await client.order("cm", recvWindow=100)).code == -4188
    assert open_orders(server) == 0


async def test_given_a_held_reply_then_the_fill_is_heard_before_the_ack(
    server: SimulatorServer, client: Client
) -> None:
    listener = await client.listen()
    server.faults.requests.append(RequestFault("POST", ORDER, hold_ms=200))
    pending = asyncio.ensure_future(client.order())
    assert (await listener.event())["o"]["x"] == "NEW"
    assert not pending.done()
    assert (await pending).body["status"] == "NEW"


async def test_given_clock_skew_then_signed_calls_fail_and_the_time_tells(
    server: SimulatorServer, client: Client
) -> None:
    before = (await client.raw("GET", "/fapi/v1/time")).body["serverTime"]
    server.faults.clock_skew_ms = 60_000
    assert (await client.raw("GET", "/fapi/v1/time")).body["serverTime"] - before >= 60_000
    assert (await client.order()).code == -1021


async def heard(client: Client, server: SimulatorServer, fault: EventFault) -> list[str]:
    """Return the client ids of the order events heard for the orders a, b and c, in order."""
    listener = await client.listen()
    server.faults.events.append(fault)
    for name in "abc":
        await client.order(newClientOrderId=name)
    found = []
    wanted = {"drop": 2, "duplicate": 4}.get(fault.kind, 3)
    while len(found) < wanted:
        found.append((await listener.event())["o"]["c"])
    return found


@pytest.mark.parametrize(
    ("kind", "order"), [("drop", "bc"), ("duplicate", "aabc"), ("reorder", "bac"), ("delay", "bca")]
)
async def test_given_an_event_fault_then_the_stream_shows_it(
    server: SimulatorServer, client: Client, kind: str, order: str
) -> None:
    fault = EventFault(kind, event="ORDER_TRADE_UPDATE", execution="NEW", delay_ms=200)
    assert await heard(client, server, fault) == list(order)


async def test_given_dropped_sockets_then_they_end_without_a_closing_handshake(
    server: SimulatorServer, client: Client
) -> None:
    listener = await client.listen()
    assert server.streams.subscribers("main") == 1
    server.streams.drop_sockets()
    message = await listener.socket.receive(timeout=5)
    assert message.type in {aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR, aiohttp.WSMsgType.CLOSE}
    assert listener.socket.close_code == 1006


async def test_given_the_admin_route_when_scripted_then_faults_apply_and_are_listed(
    server: SimulatorServer, client: Client
) -> None:
    listener = await client.listen()
    body = {
        "requests": [{"method": "POST", "path": ORDER, "status": 503, "land": True, "times": 2}],
        "clock_skew_ms": 5,
        "expire_listen_key": "main",
    }
    pending = (await admin(client, "faults", **body)).body
    assert (pending["requests"][0]["times"], pending["clock_skew_ms"]) == (2, 5)
    assert (await listener.event())["e"] == "listenKeyExpired"
    assert (await client.order()).status == 503
    assert (await client.raw("GET", "/sim/faults")).body["requests"][0]["times"] == 1
    assert (await admin(client, "faults", clear=True)).body["requests"] == []
    assert (await client.order()).status == 200


async def test_given_a_lost_listen_key_then_its_socket_stays_open_and_silent(
    server: SimulatorServer, client: Client
) -> None:
    listener = await client.listen()
    assert (await admin(client, "faults", lose_listen_key="main")).status == 200
    assert server.streams.subscribers("main") == 0 and server.streams.connections == 1
    await client.order()
    assert (await client.raw("PUT", "/papi/v1/listenKey")).code == -1125
    with pytest.raises(asyncio.TimeoutError):
        await listener.event(wait=0.2)


async def test_given_the_admin_routes_when_price_and_order_are_sent_then_the_market_moves(
    server: SimulatorServer, client: Client
) -> None:
    listener = await client.listen()
    await client.order()
    where = {"leg": "UM", "symbol": "BTCUSDT"}
    assert (await admin(client, "price", **where, price="61000")).status == 200
    assert server.exchange.reference_price(Leg.UM, "BTCUSDT") == 61000
    done = await admin(client, "order", **where, side="SELL", price="60000", quantity="0.02")
    assert done.body == {"executedQty": "0.01", "remainingQty": "0.01"}
    assert (await listener.until("TRADE"))["X"] == "FILLED"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", {"requests": [{"colour": 1}]}),
        ("faults", {"requests": [{"status": 503, "timeout": True}]}),
        ("faults", {"requests": [{"times": "two"}]}),
        ("faults", {"events": [{"kind": "eat"}]}),
        ("faults", {"what": 1}),
        ("order", {"leg": "UM", "symbol": "NOPE", "side": "BUY", "quantity": "1"}),
        ("order", {"leg": "UM", "symbol": "BTCUSDT", "side": "HOLD", "quantity": "1"}),
        ("price", {"leg": "UM", "symbol": "BTCUSDT", "price": "-1"}),
    ],
)
async def test_given_a_bad_admin_request_then_400_says_why(
    client: Client, path: str, body: dict[str, Any]
) -> None:
    reply = await admin(client, path, **body)
    assert (reply.status, bool(reply.body["error"])) == (400, True)


def test_given_probabilities_when_seeded_alike_then_the_same_requests_fail() -> None:
    def pattern(seed: int) -> list[bool]:
        faults = Faults(seed=seed)
        faults.requests.append(request_fault({"status": 503, "times": 1000, "probability": 0.5}))
        return [faults.take_request("GET", "/x") is not None for _ in range(64)]

    assert pattern(1) == pattern(1) != pattern(2)


@pytest.mark.parametrize(
    ("kind", "inside", "name"),
    [
        ("ALGO_UPDATE", "ao", "X"),
        ("CONDITIONAL_ORDER_TRADE_UPDATE", "so", "os"),
        ("ORDER_TRADE_UPDATE", "o", "x"),
    ],
)
def test_given_an_event_fault_for_one_state_then_it_is_found_where_each_event_says_it(
    kind: str, inside: str, name: str
) -> None:
    faults = Faults(events=[EventFault("drop", event=kind, execution="TRIGGERED")])
    other, wanted = ({"e": kind, inside: {name: state}} for state in ("NEW", "TRIGGERED"))
    assert faults.route("main", other) == [(0, other)]
    assert faults.route("main", wanted) == [] and not faults.events


def test_given_an_event_fault_for_one_type_then_others_pass() -> None:
    faults = Faults()
    faults.events.append(event_fault({"kind": "drop", "event": "executionReport"}))
    update = {"e": "ACCOUNT_UPDATE", "a": {}}
    assert faults.route("main", update) == [(0, update)]
    assert faults.route("main", {"e": "executionReport", "x": "NEW"}) == []
