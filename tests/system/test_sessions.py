"""Sessions over real FIX: cancel on disconnect, what a reset must not lose, drop copies."""

import signal
from collections.abc import AsyncIterator
from itertools import count, takewhile
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from fixgate.simulator.orders import Leg
from tests.fixclient import FixClient, Message

from .alone import FAST
from .conftest import Desk
from .trading import PRICE, Exchange, Gateway, connector_text

pytestmark = pytest.mark.asyncio(loop_scope="session")

SESSIONS = """
  { targetCompId = "QUICK", defaultConnector = "PM", cancelOnDisconnect = true,
    cancelOnDisconnectGrace = 200 ms }
  { targetCompId = "PATIENT", defaultConnector = "PM", cancelOnDisconnect = true,
    cancelOnDisconnectGrace = 1 h }
  { targetCompId = "RISK", dropCopy = true }
  { targetCompId = "NARROW", dropCopy = true, dropCopyOf = ["QUICK"] }
"""


@pytest_asyncio.fixture(loop_scope="session")
async def exchange() -> AsyncIterator[Exchange]:
    exchange = Exchange({"PM": False})
    await exchange.server.start()
    exchange.clear()
    yield exchange
    await exchange.server.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def gateway(exchange: Exchange, tmp_path: Path) -> AsyncIterator[Gateway]:
    gateway = Gateway(tmp_path, connector_text("PM", exchange, FAST, "PM"), SESSIONS)
    await gateway.start()
    yield gateway
    await gateway.stop(signal.SIGKILL)


async def logged_on(gateway: Gateway, sender: str, **options: Any) -> FixClient:
    client = gateway.client(sender=sender, **options.pop("client", {}))
    await client.logon(**options)
    return client


async def back(gateway: Gateway, old: FixClient) -> FixClient:
    """The same client on a new connection, with its sequence numbers; it asks for what it missed."""
    client = gateway.client(sender=old.sender, next_out=old.next_out, next_in=old.next_in)
    await client.logon(reset=False)
    await client.send("2", [(7, old.next_in), (16, 0)])
    return client


async def gone_from_the_book(exchange: Exchange) -> None:
    await exchange.asked("DELETE", "FUTURE")


async def test_a_session_that_asked_for_it_finds_its_orders_cancelled(gateway, exchange):
    client = await logged_on(gateway, "QUICK")
    order = await Desk(client, exchange, gateway).working("FUTURE")
    await client.drop()
    await gateway.holds(open_orders=0)
    again = await back(gateway, client)
    end = await Desk(again, exchange, gateway).told(order, "4")
    assert "disconnect" in end[58] and end[43] == "Y", "resent from the session's store"
    await again.drop()


async def test_a_logout_counts_as_well_and_a_reset_logon_still_hears_of_it(gateway, exchange):
    client = await logged_on(gateway, "QUICK")
    order = await Desk(client, exchange, gateway).working("FUTURE")
    await client.logout()
    await gateway.holds(open_orders=0)
    again = await logged_on(gateway, "QUICK", reset=True)
    end = await Desk(again, exchange, gateway).told(order, "4")
    assert end[97] == "Y" and "disconnect" in end[58]
    await again.drop()


async def test_a_client_that_falls_silent_is_cut_off_and_its_orders_cancelled(gateway, exchange):
    client = await logged_on(gateway, "QUICK", client={"heartbeat": 1})
    await Desk(client, exchange, gateway).working("FUTURE")
    client.fall_silent()
    await gone_from_the_book(exchange)
    await client.drop()


async def test_a_client_that_is_back_in_time_keeps_its_orders(gateway, exchange):
    client = await logged_on(gateway, "PATIENT")
    order = await Desk(client, exchange, gateway).working("FUTURE")
    await client.drop()
    again = await back(gateway, client)
    await Desk(again, exchange, gateway).working("FUTURE")
    assert not exchange.sent("DELETE", "FUTURE")
    assert len(exchange.exchange.state.accounts["PM"].open_orders[Leg.UM, "BTCUSDT"]) == 2, order
    await again.drop()


async def test_a_logon_can_ask_for_it_and_the_gateways_own_death_does_not_forget(gateway, exchange):
    client = await logged_on(gateway, "OMS", extra=[(10001, "Y")])
    await Desk(client, exchange, gateway).working("FUTURE")
    await gateway.stop(signal.SIGKILL)
    await gateway.start()
    await gone_from_the_book(exchange)
    await client.drop()


def in_sequence(client: FixClient, begin: int) -> list[Message]:
    """Return what a FIX engine hands on of what came: by MsgSeqNum(34), each once, up to the first gap.

    What is new can arrive before what is resent, and is told again after it.
    """
    came: dict[int, Message] = {}
    for message in client.received:
        number = int(message[34])
        for each in range(number, int(message[36]) if message[35] == "4" else number + 1):
            came.setdefault(each, message)
    return [came[number] for number in takewhile(came.__contains__, count(begin))]


def executions(messages: list[Message]) -> dict[str, tuple[str, str]]:
    """Return CumQty and OrdStatus of each trade by its ExecID, in the order of their first telling."""
    trades: dict[str, tuple[str, str]] = {}
    for message in messages:
        if message.get(150) == "F":
            trades.setdefault(message[17], (message[14], message[39]))
    return trades


@pytest.mark.parametrize("reset", [True, False])
async def test_a_client_that_was_off_over_a_crash_gets_every_report_in_order_and_repeats_marked(
    gateway, exchange, reset
):
    client = await logged_on(gateway, "OMS")
    desk = Desk(client, exchange, gateway)
    order = await desk.working("FUTURE")
    await client.drop()
    exchange.quote("FUTURE", "SELL", "59000", "0.004")
    await gateway.stop(signal.SIGKILL)
    exchange.quote("FUTURE", "SELL", "59000", "0.006")
    await gateway.start()
    again = await (logged_on(gateway, "OMS") if reset else back(gateway, client))
    begin = 1 if reset else client.next_in
    while not any(cum == "0.010" for cum, _ in executions(in_sequence(again, begin)).values()):
        await again.receive()
    taken = in_sequence(again, begin)
    assert [*executions(taken).values()] == [("0.004", "1"), ("0.010", "2")]
    assert {message[11] for message in taken if message.get(150) == "F"} == {order}
    known = {message[17] for message in client.received if message[35] == "8"}
    for message in taken:  # what was handed over right before the kill may come by resend and retelling
        if message[35] == "8":
            assert message[17] not in known or message.get(97) == "Y" or message.get(43) == "Y", message
            known.add(message[17])
    await again.drop()


def copies(client: FixClient) -> list[Message]:
    return [message for message in client.received if message[35] in "89"]


async def test_drop_copies_carry_whose_they_are_and_orders_of_nobody(gateway, exchange):
    risk, narrow = await logged_on(gateway, "RISK"), await logged_on(gateway, "NARROW")
    oms, quick = await logged_on(gateway, "OMS"), await logged_on(gateway, "QUICK")
    order = await Desk(oms, exchange, gateway).working("FUTURE")
    other = await Desk(quick, exchange, gateway).working("FUTURE")
    copied = await risk.receive("8", where=lambda m: m.get(11) == order and m.get(150) == "0")
    assert (copied[797], copied[115]) == ("Y", "OMS")
    assert (await narrow.receive("8", where=lambda m: m.get(150) == "0"))[11] == other
    assert {message[11] for message in copies(narrow)} == {other}
    await risk.send(
        "D", [(11, "X1"), (55, "BTCUSDT"), (54, 1), (60, "20260101-00:00:00"), (40, 2), (38, 1), (44, 1)]
    )
    refused = await risk.receive("j")
    assert refused[380] == "6", refused
    for client in (risk, narrow, oms, quick):
        await client.drop()


async def test_an_order_made_elsewhere_is_told_to_the_drop_copy_as_unsolicited(gateway, exchange):
    risk = await logged_on(gateway, "RISK")
    exchange.foreign_order("PM", "FUTURE", "SELL", PRICE + 1000, "0.002")
    told = await risk.receive("8")
    assert told[37] == "NONE" and told[797] == "Y" and "unsolicited" in told[58]
    await risk.drop()
