"""Sessions of the FIX door over TCP: who gets in, sequence numbers, opening and closing."""

import asyncio
from pathlib import Path

import pytest

from fixgate.fix.acceptor import DoorError, FixDoor
from fixgate.fix.settings import AcceptorConfig, SessionConfig
from tests.fix.broker import Deliveries, ListInbox, new_report, wait_until
from tests.fix.stand import Stand
from tests.fixclient import FixClient, new_order


@pytest.mark.parametrize("given", [None, "open-sesamE", ""], ids=["missing", "wrong", "empty"])
async def test_given_a_password_when_the_logon_lacks_it_then_the_logon_is_refused(
    stand: Stand, given: str | None
) -> None:
    async with stand.client("LOCKED") as client:
        with pytest.raises((ConnectionError, TimeoutError)):
            await client.logon(password=given or None, timeout=5)
        await client.wait_closed()
        assert [each[58] for each in client.received if each[35] == "5"] == [
            "Rejected Logon Attempt: Password(554) is wrong or missing"
        ]


async def test_given_a_password_when_the_logon_has_it_then_the_session_is_on(stand: Stand) -> None:
    async with stand.client("LOCKED") as client:
        await client.logon(password="open-sesame")
        await asyncio.to_thread(wait_until, lambda: dict(stand.door.sessions())["FIX.4.4:FIXGATE->LOCKED"])
        await client.logout()


@pytest.mark.parametrize("heartbeat", [0, 61, 100000])
async def test_given_a_heartbeat_out_of_bounds_then_the_logon_is_refused(
    stand: Stand, heartbeat: int
) -> None:
    client = stand.client()
    client.heartbeat = heartbeat or 30
    async with client:
        await client.connect()
        await client.send("A", [(98, 0), (108, heartbeat), (141, "Y")])
        logout = await client.receive("5")
        assert f"HeartBtInt(108) was {heartbeat}; use 1 to 60 seconds" in logout[58]


async def test_given_an_unknown_comp_id_then_the_connection_is_closed_without_an_answer(stand: Stand) -> None:
    async with stand.client("STRANGER") as client:
        with pytest.raises((ConnectionError, TimeoutError)):
            await client.logon(timeout=5)
        assert client.received == []


async def test_given_a_session_that_is_on_when_a_second_client_takes_its_name_then_only_the_second_is_closed(
    stand: Stand,
) -> None:
    async with stand.client() as first, stand.client(first.sender) as second:
        await first.logon()
        with pytest.raises((ConnectionError, TimeoutError)):
            await second.logon(timeout=5)
        await stand.order(first)


async def test_given_a_message_in_another_name_then_it_is_rejected_and_not_taken(stand: Stand) -> None:
    async with stand.client() as client:
        await client.logon()
        rows = len(stand.inbox.rows)
        client.sender = "SOMEBODY"
        await client.send("D", new_order())

        assert (await client.receive("3"))[373] == "9"
        assert len(stand.inbox.rows) == rows


async def test_given_reports_published_while_the_client_is_away_then_a_resend_brings_them_in_order(
    stand: Stand,
) -> None:
    async with stand.client() as client:
        await client.logon()
        order = await stand.order(client)
        next_in = client.next_in
        await client.drop()
        await asyncio.to_thread(wait_until, lambda: not dict(stand.door.sessions())[order.session])
        sent = [new_report(order) for _ in range(3)]
        assert all(stand.door.publish(report) for report in sent)

    async with stand.client(client.sender, next_in=next_in, next_out=client.next_out) as again:
        logon = await again.logon(reset=False)
        assert int(logon[34]) == next_in + 3
        await again.send("2", [(7, next_in), (16, 0)])

        received = [await again.receive("8") for _ in sent]
        assert [each[17] for each in received] == [report.exec_id for report in sent]
        assert {each[43] for each in received} == {"Y"}


async def test_given_a_logon_with_reset_then_both_sides_start_at_1(stand: Stand) -> None:
    async with stand.client() as client:
        await client.logon()
        await stand.order(client)
        await client.logout()

    async with stand.client(client.sender) as again:
        logon = await again.logon(reset=True)
        assert (logon[34], logon[141]) == ("1", "Y")
        await stand.order(again)


async def test_given_a_test_request_then_a_heartbeat_answers_it(stand: Stand) -> None:
    async with stand.client() as client:
        await client.logon()
        await client.send("1", [(112, "are you there")])

        assert (await client.receive("0"))[112] == "are you there"


def one_session(store: Path, name: str) -> FixDoor:
    inbox = ListInbox()
    config = AcceptorConfig(
        sessions=(SessionConfig(target_comp_id=name, default_connector="PM"),), store_path=store, port=0
    )
    return FixDoor(config, inbox, Deliveries(inbox))


async def test_given_a_door_that_is_opened_again_on_its_store_then_sequence_numbers_go_on(
    tmp_path: Path,
) -> None:
    numbers: list[int] = []
    next_out, next_in = 1, 1
    for _ in range(3):
        door = one_session(tmp_path, "KEEPS")
        door.start()
        async with FixClient("127.0.0.1", door.port, "KEEPS", next_out=next_out, next_in=next_in) as client:
            numbers.append(int((await client.logon(reset=False))[34]))
            await client.logout()
            next_out, next_in = client.next_out, client.next_in
            assert client.resend_requests == []
        await asyncio.to_thread(door.stop)

    assert numbers == [1, 3, 5]


async def test_given_a_session_that_is_on_when_the_door_closes_then_it_is_logged_out_first(
    tmp_path: Path,
) -> None:
    door = one_session(tmp_path, "LEAVES")
    door.start()
    async with FixClient("127.0.0.1", door.port, "LEAVES") as client:
        await client.logon()
        stopping = asyncio.create_task(asyncio.to_thread(door.stop))
        logout = await client.receive("5")
        await client.send("5")
        await stopping

        assert logout[58] == "the gateway is stopping"
        assert door.sessions() == [("FIX.4.4:FIXGATE->LEAVES", False)]
        with pytest.raises(OSError):
            await FixClient("127.0.0.1", door.port, "LEAVES").connect()


async def test_given_a_door_that_is_closed_then_publish_returns_false_and_stop_does_nothing(
    tmp_path: Path, stand: Stand
) -> None:
    door = one_session(tmp_path, "NEVER")
    async with stand.client() as client:
        await client.logon()
        order = await stand.order(client)

    assert door.publish(new_report(order, session="FIX.4.4:FIXGATE->NEVER")) is False
    door.stop()


def test_given_a_port_that_is_taken_then_the_error_names_it(tmp_path: Path, stand: Stand) -> None:
    config = AcceptorConfig(
        sessions=(SessionConfig(target_comp_id="LATE"),), store_path=tmp_path, port=stand.door.port
    )
    inbox = ListInbox()

    with pytest.raises(DoorError, match=f"port {stand.door.port}: Address already in use"):
        FixDoor(config, inbox, Deliveries(inbox)).start()
