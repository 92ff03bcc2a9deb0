"""What the gateway is told of Logons, over TCP with the real FIX engine."""

import asyncio
from pathlib import Path

import pytest

from fixgate.fix.acceptor import FixDoor
from fixgate.fix.ports import DoorEvents, Logon
from fixgate.fix.settings import AcceptorConfig, SessionConfig
from tests.fix.broker import Deliveries, ListInbox, new_report, wait_until
from tests.fix.stand import Stand, heard, name_of, publish, told
from tests.fixclient import FixClient, frame


def logon(reset: bool = True, cancel: int | None = None, heartbeat: int = 30) -> Logon:
    return Logon(reset=reset, cancel_on_disconnect=cancel, heartbeat_seconds=heartbeat)


async def test_given_a_logon_that_resets_then_resetting_comes_before_on_logon(stand: Stand) -> None:
    async with stand.client() as client:
        await client.logon(reset=True)

        assert await heard(stand, client, 2) == [("resetting",), ("logon", logon(reset=True))]


async def test_given_an_empty_store_then_the_logon_counts_as_a_reset_and_a_continued_session_does_not(
    stand: Stand,
) -> None:
    async with stand.client() as client:
        await client.logon(reset=False)
        await client.logout()
        await heard(stand, client, 3)
    async with stand.client(client.sender, next_in=client.next_in, next_out=client.next_out) as again:
        await again.logon(reset=False)

        assert await heard(stand, again, 4) == [
            ("resetting",),
            ("logon", logon(reset=True)),
            ("logout", True),
            ("logon", logon(reset=False)),
        ]


@pytest.mark.parametrize(("asked", "value"), [("Y", 1), ("N", 0), (None, None)])
async def test_given_a_logon_then_its_heartbeat_and_its_wish_to_cancel_are_told(
    stand: Stand, asked: str | None, value: int | None
) -> None:
    client = stand.client()
    client.heartbeat = 17
    async with client:
        await client.logon(extra=[(10001, asked)] if asked else [])

        assert (await heard(stand, client, 2))[-1] == ("logon", logon(cancel=value, heartbeat=17))
        assert stand.door.heartbeat(name_of(client)) == 17


async def test_given_reports_for_an_absent_client_when_it_resets_then_they_are_lost_and_the_hooks_say_so(
    stand: Stand,
) -> None:
    async with stand.client() as client:
        await client.logon()
        order = await stand.order(client)
        await client.drop()
        await heard(stand, client, 3)
        publish(stand, order, 3)

    async with stand.client(client.sender) as again:
        answer = await again.logon(reset=True)
        events = await heard(stand, again, 5)
        await again.send("2", [(7, 1), (16, 0)])
        await again.send("1", [(112, "after")])
        await again.receive("0")

    assert answer[34] == "1"
    assert events[3:] == [("resetting",), ("logon", logon(reset=True))]
    assert [(each[35], each.get(36)) for each in again.received] == [("A", None), ("4", "2"), ("0", None)]


async def test_given_reports_while_a_logon_resets_then_its_answer_is_still_the_first_message(
    stand: Stand,
) -> None:
    async with stand.client() as client:
        await client.logon()
        order = await stand.order(client)
        await client.drop()
        await heard(stand, client, 3)

    stop = asyncio.Event()

    async def publish_all_the_time() -> int:
        count = 0
        while not stop.is_set():
            assert await asyncio.to_thread(stand.door.publish, new_report(order))
            count += 1
        return count

    publishing = asyncio.create_task(publish_all_the_time())
    try:
        for _ in range(15):
            async with stand.client(client.sender) as again:
                answer = await again.logon(reset=True)
                report = await again.receive("8")
                assert (answer[34], again.received[0][35]) == ("1", "A")
                assert int(report[34]) == 2
                assert again.resend_requests == []
                events = len(told(stand, client))
                await again.logout()
                await heard(stand, client, events + 1)
    finally:
        stop.set()
        assert await publishing > 0


async def test_given_a_wrong_password_with_a_reset_then_the_next_logon_tells_of_the_loss(
    stand: Stand,
) -> None:
    async with stand.client("LOCKED") as client:
        await client.logon(password="open-sesame")
        order = await stand.order(client)
        await client.logout()
        before = len(await heard(stand, client, 3))
        assert stand.door.publish(new_report(order))
    async with stand.client("LOCKED") as stranger:
        await stranger.connect()
        await stranger.send("A", [(98, 0), (108, 30), (141, "Y"), (554, "guess")])
        await stranger.wait_closed()
        assert len(told(stand, client)) == before, "a refused Logon must not look like one that resets"

    async with stand.client("LOCKED") as again:
        again.next_out = 1
        await again.logon(reset=False, password="open-sesame")
        assert (await heard(stand, client, before + 2))[before:] == [
            ("resetting",),
            ("logon", logon(reset=True)),
        ]
        await again.logout()
        await heard(stand, client, before + 3)


async def test_given_a_logon_with_a_bad_time_that_resets_then_the_next_logon_tells_of_the_loss(
    stand: Stand,
) -> None:
    async with stand.client() as client:
        await client.logon()
        await client.logout()
        before = len(await heard(stand, client, 3))
    async with stand.client(client.sender) as late:
        await late.connect()
        header = [(35, "A"), (49, late.sender), (56, "FIXGATE"), (34, 1), (52, "20200101-00:00:00.000")]
        await late.send_raw(frame([*header, (98, 0), (108, 30), (141, "Y")]))
        await late.wait_closed()

    async with stand.client(client.sender) as again:
        await again.logon(reset=False)
        assert (await heard(stand, client, before + 2))[before:] == [
            ("resetting",),
            ("logon", logon(reset=True)),
        ]


async def logons(store: Path, number: int, *, reset: bool = False, wipe: bool = False) -> list[bool]:
    """Open a door on `store` for one Logon with MsgSeqNum `number`, and maybe let a Logon that is refused
    wipe the store after it; return the `reset` that the door told."""
    told: list[bool] = []
    inbox = ListInbox()
    door = FixDoor(
        AcceptorConfig(
            sessions=(SessionConfig(target_comp_id="OMS", password="p"),), store_path=store, port=0
        ),
        inbox,
        Deliveries(inbox),
        DoorEvents(on_logon=lambda _, logon: told.append(logon.reset)),
    )
    door.start()
    try:
        async with FixClient("127.0.0.1", door.port, "OMS", next_out=number) as client:
            await client.logon(reset=reset, password="p")
            await client.logout()
        await asyncio.to_thread(wait_until, lambda: not any(on for _, on in door.sessions()))
        if wipe:
            async with FixClient("127.0.0.1", door.port, "OMS") as stranger:
                await stranger.connect()
                await stranger.send("A", [(98, 0), (108, 30), (141, "Y")])
                await stranger.wait_closed()
    finally:
        await asyncio.to_thread(door.stop)
    return told


async def test_given_a_restart_then_a_loss_before_it_is_told_and_none_is_told_twice(tmp_path: Path) -> None:
    assert await logons(tmp_path, 1, reset=True) == [True]
    assert await logons(tmp_path, 100) == [False]
    assert await logons(tmp_path, 200, wipe=True) == [False]
    assert await logons(tmp_path, 300) == [True]
    assert await logons(tmp_path, 400) == [False]


async def test_given_a_session_that_is_on_when_another_connection_resets_it_then_nothing_is_told(
    stand: Stand,
) -> None:
    async with stand.client() as first, stand.client(first.sender) as second:
        await first.logon()
        await heard(stand, first, 2)
        await second.connect()
        await second.send("A", [(98, 0), (108, 30), (141, "Y")])
        await second.wait_closed()

        await stand.order(first)
        assert len(told(stand, first)) == 2


async def test_given_a_client_that_resets_while_it_is_on_then_on_logon_comes_again(stand: Stand) -> None:
    async with stand.client() as client:
        await client.logon()
        order = await stand.order(client)
        await client.logon(reset=True)

        assert await heard(stand, client, 4) == [("resetting",), ("logon", logon(reset=True))] * 2
        assert stand.door.publish(new_report(order))
        assert (await client.report(order.cl_ord_id))[34] == "2"


async def test_given_a_logon_whose_number_is_too_high_then_it_is_told_once_and_the_gap_is_asked_for(
    stand: Stand,
) -> None:
    async with stand.client() as client:
        await client.logon()
        await client.logout()
        await heard(stand, client, 3)
    async with stand.client(client.sender, next_in=client.next_in, next_out=client.next_out + 5) as again:
        await again.logon(reset=False)
        await again.receive("2")

        assert (await heard(stand, client, 4))[3:] == [("logon", logon(reset=False))]


async def test_given_a_logon_that_fails_after_it_was_accepted_then_reports_flow_into_the_store_again(
    stand: Stand,
) -> None:
    async with stand.client() as client:
        await client.logon()
        order = await stand.order(client)
        await client.logout()
        await heard(stand, client, 3)
    async with stand.client(client.sender) as wrong:
        await wrong.connect()
        await wrong.send("A", [(98, 0), (108, 30), (141, "Y"), (789, 99)])
        await wrong.wait_closed()
        assert (await heard(stand, client, 5))[3:] == [("resetting",), ("logout", False)]

    report = new_report(order)
    assert stand.door.publish(report)
    async with stand.client(client.sender, next_out=1) as again:
        await again.logon(reset=False)
        assert (await heard(stand, client, 7))[5:] == [("resetting",), ("logon", logon(reset=True))]
        await again.send("2", [(7, 1), (16, 0)])
        assert (await again.receive("8"))[17] == report.exec_id
