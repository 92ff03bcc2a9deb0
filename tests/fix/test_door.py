"""Messages through the FIX door over TCP: a real acceptor, a raw-socket client."""

import asyncio
from pathlib import Path

import pytest

from fixgate.fix.acceptor import FixDoor
from fixgate.fix.ports import DoorEvents, Unsendable
from fixgate.fix.settings import AcceptorConfig, SessionConfig
from fixgate.model.commands import CancelOrder, RefusedRequest
from fixgate.model.enums import ExecType
from tests.fix.broker import Deliveries, ListInbox, new_report, wait_until
from tests.fix.stand import Stand
from tests.fixclient import FixClient, cancel, frame, new_order, replace, status, utc_now, value_of


async def test_given_a_logged_on_client_when_it_orders_then_the_inbox_has_it_before_the_engine(
    stand: Stand,
) -> None:
    async with stand.client() as client:
        await client.logon()
        order = await stand.order(client)

        sequence, received_ns, _ = next(each for each in stand.deliveries.seen if each[2] is order)
        session, raw, put_ns = stand.inbox.rows[sequence - 1]
        assert (
            stand.deliveries.inbox_sizes[stand.deliveries.seen.index((sequence, received_ns, order))]
            >= sequence
        )
        assert (session, put_ns) == (order.session, received_ns)
        assert f"\x0111={order.cl_ord_id}\x01" in raw
        assert order.source == f"desk-{client.sender}"
        assert ("received", order.session, "D") in stand.events


async def test_given_an_order_when_a_report_is_published_then_the_client_gets_it(stand: Stand) -> None:
    async with stand.client() as client:
        await client.logon()
        order = await stand.order(client)

        assert stand.door.publish(new_report(order))

        report = await client.report(order.cl_ord_id)
        assert (report[150], report[39], report[38], report[44]) == ("0", "0", "0.010", "50000.00")
        assert ("sent", order.session, "8") in stand.events


async def test_given_cancel_and_status_then_they_are_delivered_as_commands(stand: Stand) -> None:
    async with stand.client() as client:
        await client.logon()
        request = cancel("A-1")
        await client.send("F", request)
        await client.send("H", status("A-1-S"))

        found = await asyncio.to_thread(
            stand.deliveries.wait, lambda command: command.cl_ord_id == value_of(request, 11)
        )
        assert isinstance(found[2], CancelOrder)
        await asyncio.to_thread(stand.deliveries.wait, lambda command: command.cl_ord_id == "A-1-S")


async def test_given_an_order_that_cannot_be_traded_then_an_execution_report_rejects_it(
    stand: Stand,
) -> None:
    async with stand.client() as client:
        await client.logon()
        order = new_order(security_type="OPT")
        await client.send("D", order)

        report = await client.report(value_of(order, 11))
        assert (report[150], report[39], report[103], report[37]) == ("8", "8", "1", "NONE")
        assert "use FXSPOT, FOR or CASH" in report[58]
        assert any(f"\x0111={value_of(order, 11)}\x01" in row[1] for row in stand.inbox.rows)


async def test_given_a_replace_that_cannot_be_done_then_the_engine_is_told_and_the_door_says_nothing(
    stand: Stand,
) -> None:
    async with stand.client() as client:
        await client.logon()
        request = replace("ORIG-1", price="5", extra=[(99, "3")])
        await client.send("G", request)

        found = await asyncio.to_thread(
            stand.deliveries.wait, lambda command: command.cl_ord_id == value_of(request, 11)
        )
        assert isinstance(found[2], RefusedRequest)
        assert found[2].orig_cl_ord_id == "ORIG-1"
        await client.send("1", [(112, "next")])
        await client.receive("0")
        assert [each[35] for each in client.received] == ["A", "0"]


@pytest.mark.parametrize(
    ("fields", "ref_tag", "reason"),
    [
        (new_order(price="abc"), "44", "6"),
        (new_order(price="5e4"), "44", "6"),
        (new_order(side="Z"), "54", "5"),
        (new_order(extra=[(99999, "x")]), "99999", "0"),
        ([each for each in new_order() if each[0] != 11], "11", "1"),
    ],
    ids=["not a number", "exponent", "unknown side", "unknown tag", "no ClOrdID"],
)
async def test_given_a_message_that_fix_forbids_then_a_session_reject_names_the_tag(
    stand: Stand, fields: list[tuple[int, object]], ref_tag: str, reason: str
) -> None:
    async with stand.client() as client:
        await client.logon()
        number = await client.send("D", fields)

        reject = await client.receive("3")
        assert (reject[45], reject[371], reject[373]) == (str(number), ref_tag, reason)
        await stand.order(client)


async def test_given_a_message_type_that_is_not_served_then_a_business_reject_says_so(stand: Stand) -> None:
    async with stand.client() as client:
        await client.logon()
        number = await client.send("q", [(11, "Q1"), (530, "7"), (60, utc_now())])

        reject = await client.receive("j")
        assert (reject[45], reject[372], reject[380]) == (str(number), "q", "3")
        await stand.order(client)


async def test_given_a_message_type_that_nobody_defines_then_a_session_reject_says_so(stand: Stand) -> None:
    async with stand.client() as client:
        await client.logon()
        await client.send("ZZ", [(11, "Q1")])

        assert (await client.receive("3"))[373] == "11"


async def test_given_an_inbox_that_cannot_be_written_then_nothing_is_taken_and_the_client_hears_it(
    stand: Stand,
) -> None:
    async with stand.client() as client:
        await client.logon()
        order = new_order()
        stand.inbox.fail()
        try:
            await client.send("D", order)
            reject = await client.receive("j")
        finally:
            stand.inbox.failure = None

        assert (reject[380], reject[379]) == ("4", value_of(order, 11))
        assert all(command.cl_ord_id != value_of(order, 11) for _, _, command in stand.deliveries.seen)
        await stand.order(client)


@pytest.mark.parametrize("where", ["inbox", "deliver"])
async def test_given_a_bug_behind_the_door_then_the_door_stays_open(stand: Stand, where: str) -> None:
    async with stand.client() as client:
        await client.logon()
        bug = ZeroDivisionError("a bug")
        if where == "inbox":
            stand.inbox.failure = bug
        else:
            stand.deliveries.failure = bug
        before = len(stand.events)
        await client.send("D", new_order())
        expected = ("problem", "inbox_unavailable" if where == "inbox" else "not_delivered")
        await asyncio.to_thread(wait_until, lambda: expected in stand.events[before:])
        stand.inbox.failure = None

        await stand.order(client)


async def test_given_a_listener_that_raises_then_orders_still_pass(tmp_path: Path) -> None:
    def broken(*_: str) -> None:
        raise RuntimeError("no metrics today")

    inbox = ListInbox()
    deliveries = Deliveries(inbox)
    door = FixDoor(
        AcceptorConfig(
            sessions=(SessionConfig(target_comp_id="BROKEN", default_connector="PM"),),
            store_path=tmp_path,
            port=0,
        ),
        inbox,
        deliveries,
        DoorEvents(broken, broken, broken, broken, broken, broken),
    )
    door.start()
    try:
        async with FixClient("127.0.0.1", door.port, "BROKEN") as client:
            await client.logon()
            await client.send("D", new_order())
            await asyncio.to_thread(deliveries.wait, lambda _: True)
            await client.logout()
    finally:
        await asyncio.to_thread(door.stop)


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\x00\xff" * 64,
        b"8=FIX.4.4\x019=5\x0135=D\x0110=000\x01",
        b"8=FIX.4.4\x019=-7\x0135=A\x0110=000\x01",
    ],
    ids=["http", "binary", "bad checksum", "negative length"],
)
async def test_given_garbage_bytes_then_other_sessions_go_on(stand: Stand, garbage: bytes) -> None:
    async with stand.client() as client, stand.client() as vandal:
        await client.logon()
        await vandal.connect()
        await vandal.send_raw(garbage)
        await stand.order(client)


async def test_given_garbage_inside_a_session_then_the_session_goes_on(stand: Stand) -> None:
    async with stand.client() as client:
        await client.logon()
        await client.send_raw(b"garbage \xfe\x0135=D\x01")
        await client.send_raw(frame([(35, "D"), (11, "x")]).replace(b"\x0110=", b"\x0110=9"))
        await stand.order(client)


async def test_given_foreign_bytes_in_a_text_then_the_inbox_gets_text_that_can_be_stored(
    stand: Stand,
) -> None:
    async with stand.client() as client:
        await client.logon()
        order = new_order()
        header = [(35, "D"), (49, client.sender), (56, "FIXGATE"), (34, client.next_out), (52, utc_now())]
        raw = frame([*header, *order, (58, "caf@")]).replace(b"caf@", b"caf\xe9")
        body = raw[raw.index(b"35=") : raw.index(b"10=")]
        total = sum(raw[: raw.index(b"10=")]) % 256
        client.next_out += 1
        await client.send_raw(raw[: raw.index(b"35=")] + body + b"10=%03d\x01" % total)

        cl_ord_id = value_of(order, 11)
        await asyncio.to_thread(stand.deliveries.wait, lambda command: command.cl_ord_id == cl_ord_id)
        assert any(cl_ord_id in raw and raw.encode() for _, raw, _ in stand.inbox.rows)


async def test_given_pending_reports_are_off_then_only_the_outcome_is_sent(stand: Stand) -> None:
    async with stand.client("QUIET") as client:
        await client.logon()
        order = await stand.order(client)

        for exec_type in (
            ExecType.PENDING_NEW,
            ExecType.PENDING_CANCEL,
            ExecType.PENDING_REPLACE,
            ExecType.NEW,
        ):
            assert stand.door.publish(new_report(order, exec_type=exec_type))

        assert (await client.report(order.cl_ord_id))[150] == ExecType.NEW


async def test_given_a_report_for_a_session_that_is_not_configured_then_it_is_unsendable(
    stand: Stand,
) -> None:
    async with stand.client() as client:
        await client.logon()
        order = await stand.order(client)

        with pytest.raises(Unsendable, match="NOBODY"):
            stand.door.publish(new_report(order, session="FIX.4.4:FIXGATE->NOBODY"))
