"""How sessions end, and clients that ask too much or read too little, over TCP with the real FIX engine."""

import asyncio
import socket
import struct
import time
from collections.abc import Callable

import pytest

from tests.fix.broker import new_report, wait_until
from tests.fix.stand import Stand, heard, name_of, publish, told
from tests.fixclient import FixClient, new_order


def reset_connection(client: FixClient) -> None:
    """Break the connection with a TCP RST."""
    assert client._writer is not None
    raw = client._writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client._writer.transport.abort()


def end_of_stream(client: FixClient) -> None:
    """Close the connection without a word."""
    assert client._writer is not None
    client._writer.close()


@pytest.mark.parametrize("lose", [reset_connection, end_of_stream])
async def test_given_a_connection_that_is_lost_then_the_session_did_not_end_in_good_order(
    stand: Stand, lose: Callable[[FixClient], None]
) -> None:
    async with stand.client() as client:
        await client.logon()
        await heard(stand, client, 2)
        assert stand.door.last_heard(name_of(client)) > 0
        lose(client)

        assert (await heard(stand, client, 3))[2:] == [("logout", False)]
        assert stand.door.last_heard(name_of(client)) == 0.0


async def test_given_a_logout_then_the_session_ended_in_good_order(stand: Stand) -> None:
    async with stand.client() as client:
        await client.logon()
        await client.logout()

        assert (await heard(stand, client, 3))[2:] == [("logout", True)]


async def test_given_a_logout_once_and_a_lost_connection_later_then_the_first_does_not_excuse_the_second(
    stand: Stand,
) -> None:
    async with stand.client() as client:
        await client.logon()
        await client.logout()
        await heard(stand, client, 3)
    async with stand.client(client.sender) as again:
        await again.logon()
        await again.drop()

        assert (await heard(stand, client, 6))[5:] == [("logout", False)]


async def test_given_a_client_that_falls_silent_while_another_is_busy_then_it_is_given_up_in_time(
    stand: Stand,
) -> None:
    silent = stand.client()
    silent.heartbeat = 1
    async with silent, stand.client() as busy:
        await busy.logon()
        await silent.logon()
        silent.heartbeat = 1000
        for task in silent._tasks:
            task.cancel()  # it neither reads nor speaks from now on
        began = time.monotonic()
        while len(told(stand, silent)) < 3 and time.monotonic() < began + 10:
            await busy.send("D", new_order())
            await busy.send("1", [(112, "busy")])
            await busy.receive("0")

        assert told(stand, silent)[2:] == [("logout", False)]
        assert time.monotonic() - began < 6


async def test_given_any_message_then_the_client_was_heard(stand: Stand) -> None:
    async with stand.client() as client:
        assert stand.door.last_heard(name_of(client)) == 0.0
        await client.logon()
        await heard(stand, client, 2)
        for send in ("0", "1", "D"):
            before = time.monotonic()
            fields = {"0": [], "1": [(112, "x")], "D": new_order()}[send]
            await client.send(send, fields)
            await asyncio.to_thread(
                wait_until, lambda at=before: stand.door.last_heard(name_of(client)) >= at
            )


async def test_given_a_message_with_poss_dup_that_was_never_seen_then_it_is_live(stand: Stand) -> None:
    async with stand.client() as client:
        await client.logon()
        order = new_order(cl_ord_id="DUP-UNSEEN")
        number = await client.send("D", order, poss_dup=True)
        found = await asyncio.to_thread(
            stand.deliveries.wait, lambda command: command.cl_ord_id == "DUP-UNSEEN"
        )
        assert getattr(found[2], "repeated")  # noqa: B009  # commands differ; this one has it
        await client.send("D", order, number=number, poss_dup=True)
        await client.send("1", [(112, "after")])
        await client.receive("0")

        assert [each[2].cl_ord_id for each in stand.deliveries.seen].count("DUP-UNSEEN") == 1


async def test_given_a_client_that_asks_for_the_same_again_and_again_then_it_is_logged_out_with_the_reason(
    stand: Stand,
) -> None:
    async with stand.client() as client:
        await client.logon()
        order = await stand.order(client)
        assert stand.door.publish(new_report(order))
        await client.report(order.cl_ord_id)
        for _ in range(31):
            await client.send("2", [(7, 1), (16, 0)])
        goodbye = await client.receive("5")
        await client.wait_closed()

        assert goodbye[58].startswith("31 ResendRequests came within 60 s, 30 are served")
        assert ("problem", "resend_storm") in stand.events
        assert (await heard(stand, client, 3))[2:] == [("logout", False)]

    async with stand.client(client.sender, next_in=client.next_in, next_out=client.next_out) as again:
        await again.logon(reset=False)
        await again.send("2", [(7, 1), (16, 0)])
        assert (await again.report(order.cl_ord_id))[43] == "Y"


async def test_given_a_long_recovery_fetched_in_pieces_then_it_is_no_storm(stand: Stand) -> None:
    async with stand.client() as client:
        await client.logon()
        order = await stand.order(client)
        publish(stand, order, 40)
        for begin in range(2, 42):
            await client.send("2", [(7, begin), (16, begin)])
        for _ in range(40):
            await client.receive("8", where=lambda message: message.get(43) == "Y")

        await stand.order(client)


async def test_given_a_client_that_stops_reading_then_neither_publishing_nor_other_sessions_wait(
    stand: Stand,
) -> None:
    async with stand.client() as stuck, stand.client() as other:
        await stuck.logon()
        order = await stand.order(stuck)
        assert stuck._writer is not None
        stuck._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stuck._writer.transport.pause_reading()  # type: ignore[attr-defined]
        await other.logon()

        publishing = asyncio.create_task(asyncio.to_thread(publish, stand, order, 10_000, "x" * 500))
        slowest = 0.0
        while not publishing.done():
            began = time.monotonic()
            await stand.order(other)
            slowest = max(slowest, time.monotonic() - began)
        await publishing
        await stand.order(other)
        assert 0 < slowest < 2

    await heard(stand, stuck, 3)
    async with stand.client(stuck.sender, next_in=10_002, next_out=stuck.next_out) as again:
        await again.logon(reset=False)
        await again.send("2", [(7, 9_999), (16, 10_001)])
        assert [(await again.receive("8"))[34] for _ in range(3)] == ["9999", "10000", "10001"]
