"""Cancel on disconnect: who asked for it and is off for longer than the grace has its orders cancelled."""

import asyncio
from pathlib import Path

import pytest

from fixgate.engine import requests
from fixgate.engine.policy import LateArrival, Policy
from fixgate.fix.settings import SessionConfig
from fixgate.gateway import core, disconnects, dispatcher
from fixgate.journal.sqlite import SqliteJournal
from fixgate.model.enums import ExecType
from fixgate.model.venue import CancelAtVenue, RequestKind, RequestRefused, VenueExec, VenueStatus
from tests.engine.desk import new_order

from .stand import SESSION, Stand, until
from .test_halt import FullDisk

X = ExecType
pytestmark = pytest.mark.asyncio
QUICK = SessionConfig(target_comp_id="OMS", cancel_on_disconnect=True, cancel_grace_seconds=0.05)
PATIENT = SessionConfig(target_comp_id="OMS", cancel_on_disconnect=True, cancel_grace_seconds=3600)
ASKED = SessionConfig(target_comp_id="OMS", cancel_grace_seconds=0.05)


async def working(folder: Path, config: SessionConfig, cancel: int | None = None) -> Stand:
    stand = await Stand(folder, (config,)).start()
    await stand.door.logon(cancel=cancel)
    await stand.send(new_order("A1"))
    stand.acknowledge("A1")
    return stand


def cancels(stand: Stand) -> int:
    return sum(isinstance(request, CancelAtVenue) for request in stand.connector.sent)


@pytest.mark.parametrize("orderly", [True, False])
async def test_orders_are_cancelled_when_the_session_is_not_back_in_time(tmp_path: Path, orderly: bool):
    stand = await working(tmp_path, QUICK)
    await stand.door.logout(orderly=orderly)
    await until(lambda: cancels(stand) == 1)
    stand.says(VenueExec.CANCELED, VenueStatus.CANCELED, "A1")
    assert [what for what, _, _ in stand.told[-2:]] == [X.PENDING_CANCEL, X.CANCELED]
    assert "disconnect" in stand.door.told[-1].text
    stand.stop()


async def test_an_order_that_the_venue_has_not_acknowledged_is_cancelled_as_soon_as_it_has(tmp_path: Path):
    stand = await working(tmp_path, QUICK)
    await stand.send(new_order("A2"))
    await stand.door.logout()
    await until(lambda: cancels(stand) == 1)
    stand.acknowledge("A2")
    assert cancels(stand) == 2
    stand.stop()


async def test_a_session_that_is_back_in_time_keeps_its_orders(tmp_path: Path):
    stand = await working(tmp_path, PATIENT)
    await stand.door.logout()
    assert SESSION in stand.core._disconnects._windows
    assert stand.journal.sessions()[SESSION].gone_ns > 0
    await stand.door.logon()
    assert not stand.core._disconnects._windows and not cancels(stand)
    assert stand.journal.sessions()[SESSION].gone_ns == 0
    stand.stop()


async def test_a_logon_may_ask_for_it(tmp_path: Path):
    stand = await working(tmp_path, ASKED, cancel=1)
    await stand.door.logout()
    await until(lambda: cancels(stand) == 1)
    stand.stop()


@pytest.mark.parametrize(("config", "asked"), [(ASKED, None), (ASKED, 0), (QUICK, 0)])
async def test_nobody_asked_or_the_logon_declined(tmp_path: Path, config: SessionConfig, asked: int | None):
    stand = await working(tmp_path, config, cancel=asked)
    await stand.door.logout()
    assert not stand.core._disconnects._windows
    stand.stop()


@pytest.mark.parametrize("was_on", [True, False])
async def test_after_the_gateways_own_death_the_window_opens_again_at_its_start(tmp_path: Path, was_on: bool):
    stand = await working(tmp_path, ASKED, cancel=1)
    if not was_on:
        await stand.door.logout()
    stand.crash()
    again = await Stand(tmp_path, (ASKED,)).start()
    await until(lambda: cancels(again) == 1)
    again.stop()


async def test_after_its_death_a_session_that_is_back_in_time_keeps_its_orders(tmp_path: Path):
    stand = await working(tmp_path, PATIENT)
    stand.crash()
    again = await Stand(tmp_path, (PATIENT,)).start()
    assert SESSION in again.core._disconnects._windows
    await again.door.logon()
    assert not again.core._disconnects._windows and not cancels(again)
    again.stop()


async def test_the_gateways_own_stop_cancels_nothing_at_once(tmp_path: Path):
    stand = await working(tmp_path, QUICK)
    stand.core.closing()
    await stand.door.logout(orderly=True)
    assert not stand.core._disconnects._windows
    stand.stop()
    again = await Stand(tmp_path, (PATIENT,)).start()
    assert SESSION in again.core._disconnects._windows
    again.stop()


async def test_another_sources_orders_are_left_alone(tmp_path: Path):
    other = SessionConfig(target_comp_id="EMS", cancel_on_disconnect=True, cancel_grace_seconds=0)
    stand = await Stand(tmp_path, (QUICK, other)).start()
    await stand.send(new_order("A1"))
    stand.acknowledge("A1")
    await stand.door.logon(other.session_id)
    await stand.door.logout(other.session_id)
    numbers = stand.core.engine.last_seq
    await until(lambda: other.session_id in stand.core._disconnects._windows)
    await asyncio.sleep(0)
    assert not cancels(stand) and stand.core.engine.last_seq == numbers
    stand.stop()


async def test_orders_are_cancelled_also_while_the_journal_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(dispatcher, "RETRY_SECONDS", 0.02)
    disk = FullDisk(SqliteJournal(tmp_path / "journal.db"))
    stand = await Stand(tmp_path, (QUICK,), journal=disk).start()
    await stand.door.logon()
    await stand.send(new_order("A1"))
    stand.acknowledge("A1")
    disk.full = True
    await stand.door.logout()
    await until(lambda: cancels(stand) == 1)
    disk.full = False
    await until(lambda: stand.core._dispatcher.sound)
    stand.stop()


async def test_a_cancel_that_could_not_leave_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(core, "RETRY_SECONDS", 0.02)
    monkeypatch.setattr(requests, "FIRST_RETRY_NS", 1)
    stand = await working(tmp_path, QUICK)
    await stand.door.logout()
    await until(lambda: cancels(stand) == 1)
    request = stand.connector.sent[-1]
    assert isinstance(request, CancelAtVenue)
    stand.connector.sink(
        RequestRefused(
            order_id=request.order_id,
            kind=RequestKind.CANCEL,
            request_id=request.request_id,
            text="no connection",
        )
    )
    await until(lambda: cancels(stand) == 2)
    stand.stop()


async def test_an_order_that_turns_up_while_its_session_is_off_is_cancelled_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(disconnects, "AGAIN_SECONDS", 0.02)
    policy = Policy(late_arrival=LateArrival.ADOPT)
    stand = await Stand(tmp_path, (QUICK,), policy=policy).start()
    await stand.door.logon()
    await stand.send(new_order("A1"))
    order = stand.order("A1")
    stand.connector.sink(RequestRefused(order_id=order.order_id, kind=RequestKind.SUBMIT, text="no"))
    await stand.door.logout()
    stand.acknowledge("A1")
    await until(lambda: cancels(stand) == 1)
    stand.stop()
