"""A gateway's own day: starting, stopping, dying, and what it makes of an exchange that misbehaves."""

import asyncio
import json
import signal
import sqlite3
import subprocess
import sys
from decimal import Decimal

import pytest

from fixgate.simulator.faults import RequestFault
from tests.fixclient import SOH, FixClient, cancel, status

from .alone import SESSION, desk, exchange, gateway  # noqa: F401  pytest finds fixtures by name
from .conftest import Desk
from .trading import PATH, Exchange, new

pytestmark = pytest.mark.asyncio(loop_scope="session")
"""One loop for all system tests: the shared exchange must go on answering while these run."""


# Stopping and starting


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_stop_logs_sessions_out_and_ends_cleanly(desk, number):
    await desk.working("FUTURE")
    stopping = asyncio.create_task(desk.gateway.stop(number))
    assert (await desk.client.receive("5"))[35] == "5"
    assert await stopping == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_orders_ids_and_sequence_numbers_outlive_the_process(desk, exchange, number):
    order = await desk.working("FUTURE")
    (first,) = exchange.sent("POST", "FUTURE")
    numbers = {"next_out": desk.client.next_out, "next_in": desk.client.next_in}
    await desk.client.drop()
    await desk.gateway.stop(number)
    exchange.quote("FUTURE", "SELL", "59000", "0.004")
    await desk.gateway.start()
    again = Desk(desk.gateway.client(**numbers), exchange, desk.gateway)
    await again.client.logon(reset=False)
    await again.client.send("2", [(7, numbers["next_in"]), (16, 0)])
    fill = await again.told(order, "F")
    assert Decimal(fill[14]) == Decimal("0.004") and fill[39] == "1"
    await again.client.send("H", status(order))
    assert (await again.told(order, "I"))[39] == "1"
    duplicate = await again.refused(await again.order("FUTURE", cl_ord_id=order))
    assert duplicate[103] == "6"
    await again.working("FUTURE")
    assert int(exchange.sent("POST", "FUTURE")[-1]["newClientOrderId"]) > int(first["newClientOrderId"])
    assert len(exchange.sent("POST", "FUTURE")) == 2
    request = again.next_id()
    await again.client.send("F", cancel(order, cl_ord_id=request))
    assert Decimal((await again.told(request, "4"))[14]) == Decimal("0.004")
    await again.client.drop()


async def restarted(desk: Desk, exchange: Exchange, *changes: str) -> Desk:
    """Kill the gateway, change its journal by SQL, start it again and log on with a resend of all."""
    numbers = {"next_out": desk.client.next_out, "next_in": desk.client.next_in}
    await desk.client.drop()
    await desk.gateway.stop(signal.SIGKILL)
    journal = sqlite3.connect(desk.gateway.config.parent / "var" / "journal.db")
    for change in changes:
        journal.execute(change)
    journal.commit()
    journal.close()
    await desk.gateway.start()
    again = Desk(desk.gateway.client(**numbers), exchange, desk.gateway)
    await again.client.logon(reset=False)
    await again.client.send("2", [(7, numbers["next_in"]), (16, 0)])
    return again


async def test_a_report_journaled_and_not_told_before_the_gateway_died_is_told_after(desk, exchange):
    order = await desk.working("FUTURE", price="60000.0")
    exchange.quote("FUTURE", "SELL", "60000", "1")
    fill = await desk.told(order, "F")
    again = await restarted(desk, exchange, "UPDATE sessions SET handed = 0")
    told = [await again.told(order, what) for what in "A0F"]
    assert [m.get(97) for m in told] == ["Y", "Y", "Y"] and told[-1][17] == fill[17]
    assert told[-1][39] == "2"
    await again.client.drop()


async def test_what_was_told_is_not_told_again(desk, exchange):
    order = await desk.working("FUTURE")
    await desk.gateway.stop(signal.SIGTERM)
    await desk.client.drop()
    await desk.gateway.start()
    again = await restarted(desk, exchange)
    await again.client.send("H", status(order))
    await again.told(order, "I")
    assert not [m for m in again.client.received if m.get(97) == "Y"]
    await again.client.drop()


async def test_an_order_taken_in_and_never_decided_on_is_refused_after_the_restart(desk, exchange):
    await desk.working("FUTURE")
    raw = SOH.join(f"{tag}={value}" for tag, value in [(35, "D"), *new("FUTURE", "late-1")]) + SOH
    insert = f"INSERT INTO inbox VALUES ((SELECT max(sequence) + 1 FROM inbox), '{SESSION}', 1, '{raw}')"
    again = await restarted(desk, exchange, insert)
    refused = await again.refused("late-1")
    assert refused[103] == "8" and "was not and will not be sent" in refused[58]
    assert len(exchange.sent("POST", "FUTURE")) == 1
    await again.client.drop()


async def test_ids_are_not_used_again_when_the_journal_lost_its_end(desk, exchange):
    await desk.working("FUTURE")
    again = await restarted(desk, exchange, "DELETE FROM inbox", "DELETE FROM facts")
    await again.working("FUTURE")
    first, second = (sent["newClientOrderId"] for sent in exchange.sent("POST", "FUTURE"))
    assert int(second) > int(first)
    await again.client.drop()


async def test_a_killed_gateway_finds_out_what_became_of_the_order_in_flight(desk, exchange):
    exchange.server.faults.requests.append(RequestFault("POST", PATH["FUTURE"], land=True, timeout=True))
    order = await desk.order("FUTURE", price="60000.0")
    await exchange.asked("POST", "FUTURE")
    await desk.gateway.stop(signal.SIGKILL)
    await desk.client.drop()
    exchange.quote("FUTURE", "SELL", "60000", "1")
    await desk.gateway.start()
    client = desk.gateway.client()
    await client.logon()
    again = Desk(client, exchange, desk.gateway)
    await eventually_status(again, order, "2")
    assert len(exchange.sent("POST", "FUTURE")) == 1
    await client.drop()


async def eventually_status(desk: Desk, order: str, ord_status: str) -> None:
    async with asyncio.timeout(15):
        while True:
            await desk.client.send("H", status(order))
            if (await desk.told(order, "I"))[39] == ord_status:
                return


async def test_a_second_gateway_on_the_same_journal_is_refused(desk):
    config = desk.gateway.config
    run = [sys.executable, "-m", "fixgate", "run", "--config", str(config)]
    second = await asyncio.create_subprocess_exec(*run, stderr=subprocess.PIPE)
    _, text = await asyncio.wait_for(second.communicate(), 30)
    assert second.returncode == 3 and b"held by another running gateway" in text
    assert b"Traceback" not in text


# An exchange out of reach


async def test_a_venue_out_of_reach_makes_orders_wait_for_nothing(desk, exchange):
    await exchange.server.stop()
    ready = json.loads(await desk.gateway.get("/ready"))
    async with asyncio.timeout(15):
        while ready["ready"]:
            ready = json.loads(await desk.gateway.get("/ready"))
            await asyncio.sleep(0.05)
    refused = await desk.refused(await desk.order("FUTURE"))
    assert "is not ready" in refused[58]


async def test_a_wrong_clock_is_followed(desk, exchange):
    exchange.server.faults.clock_skew_ms = 90_000
    first = await desk.refused(await desk.order("FUTURE"))
    assert first[6300] == "-1021"
    async with asyncio.timeout(15):
        while True:
            order = await desk.order("FUTURE")
            answer = await desk.client.receive(
                "8", where=lambda m, order=order: m.get(11) == order and m.get(150) in "08"
            )
            if answer[150] == "0":
                return
            await asyncio.sleep(0.1)


# Operations


async def test_metrics_tell_what_happened(desk):
    await desk.working("FUTURE")
    await desk.refused(await desk.order("FUTURE", price="59000.01"))
    text = await desk.gateway.get("/metrics")
    for line in (
        'fixgate_orders_total{connector="PM",product_type="FUTURE"} 1.0',
        'fixgate_reports_total{exec_type="new"} 1.0',
        'fixgate_rejects_total{by="gateway",reason="other",request="order"} 1.0',
        'fixgate_venue_requests_total{connector="PM",outcome="OrderUpdate",request="submit"} 1.0',
        'fixgate_stream_up{account="PM",connector="PM"} 1.0',
        'fixgate_venue_usage{account="PM",connector="PM",limit="ORDER-COUNT-1M"} 1.0',
        'fixgate_fix_session_up{session="FIX.4.4:FIXGATE->OMS"} 1.0',
    ):
        assert line in text, line
    assert 'fixgate_order_stage_seconds_count{stage="handoff"} 2.0' in text
    assert "fixgate_listen_key_age_seconds" in text
    assert "KEY-PM" not in text and "SECRET" not in text


async def test_the_listen_key_is_never_deleted(desk, exchange):
    await desk.working("FUTURE")
    await desk.gateway.stop()
    methods = {request.method for request in exchange.server.requests if "listenKey" in request.path}
    assert "DELETE" not in methods


async def test_garbage_on_the_fix_port_hurts_nobody(desk, gateway):
    _, writer = await asyncio.open_connection("127.0.0.1", gateway.fix_port)
    writer.write(b"GET / HTTP/1.1\r\n\r\n" + bytes(range(256)) * 40)
    await writer.drain()
    writer.close()
    stranger = FixClient("127.0.0.1", gateway.fix_port, sender="NOBODY")
    await stranger.connect()
    await stranger.send("A", [(98, 0), (108, 30)])
    await stranger.wait_closed()
    await stranger.drop()
    await desk.working("FUTURE")
