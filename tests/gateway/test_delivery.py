"""What a session has been told, what it may have missed, and what copies others get."""

import asyncio
import time
from pathlib import Path

import pytest

from fixgate.fix.settings import SessionConfig
from fixgate.gateway import delivery
from fixgate.model.enums import ExecType
from tests.engine.desk import new_order, replace, status

from .stand import OMS, SESSION, Stand

X = ExecType
pytestmark = pytest.mark.asyncio
DROP = SessionConfig(target_comp_id="RISK", drop_copy=True)
OTHERS = SessionConfig(target_comp_id="AUDIT", drop_copy=True, drop_copy_of=("EMS",))


@pytest.fixture(autouse=True)
def prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    """An orderly end confirms what was told just before."""
    monkeypatch.setattr(delivery, "ORDERLY_SECONDS", 0.0)


async def two_reports(stand: Stand) -> None:
    await stand.send(new_order())
    stand.acknowledge()


async def test_what_was_told_before_a_crash_and_is_not_marked_is_told_again_as_possibly_resent(
    tmp_path: Path,
):
    stand = await Stand(tmp_path).start()
    await two_reports(stand)
    first = stand.door.told
    stand.crash()
    again = await Stand(tmp_path).start()
    assert again.told == [(X.PENDING_NEW, "A1", True), (X.NEW, "A1", True)]
    assert [report.exec_id for report in again.door.told] == [report.exec_id for report in first]
    again.stop()


async def test_what_is_marked_as_handed_over_is_not_told_again_but_after_a_reset(tmp_path: Path):
    stand = await Stand(tmp_path).start()
    await two_reports(stand)
    stand.stop()
    again = await Stand(tmp_path).start()
    await again.door.logon()
    assert again.told == []
    await again.door.logout()
    await again.door.logon(reset=True)
    assert again.told == [(X.PENDING_NEW, "A1", True), (X.NEW, "A1", True)]
    again.stop()


async def test_an_orderly_logout_confirms_what_was_told(tmp_path: Path):
    stand = await Stand(tmp_path).start()
    await stand.door.logon()
    await two_reports(stand)
    await stand.door.logout(orderly=True)
    stand.door.told.clear()
    stand.fill(4)
    await stand.door.logon(reset=True)
    assert stand.told == [(X.TRADE, "A1", False), (X.TRADE, "A1", True)]
    stand.stop()


async def test_a_client_that_speaks_four_heartbeats_later_has_had_its_reports(tmp_path: Path):
    stand = await Stand(tmp_path).start()
    await stand.door.logon()
    await two_reports(stand)
    stand.door.heard[SESSION] = time.monotonic() + 3.9
    stand.core._delivery.write_marks()
    assert stand.journal.sessions()[SESSION].confirmed == 0
    stand.door.heard[SESSION] = time.monotonic() + 4.1
    stand.core._delivery.write_marks()
    mark = stand.journal.sessions()[SESSION]
    assert mark.confirmed == mark.handed == stand.core.engine.last_seq
    stand.door.told.clear()
    await stand.door.logon(reset=True)
    assert stand.told == []
    stand.stop()


async def test_reports_wait_while_a_logon_resets_and_come_in_order_after_it(tmp_path: Path):
    stand = await Stand(tmp_path).start()
    await stand.send(new_order())
    stand.door.told.clear()
    stand.door.events.resetting(SESSION)
    stand.acknowledge()
    assert stand.told == []
    await stand.door.logon(reset=True)
    assert stand.told == [(X.PENDING_NEW, "A1", True), (X.NEW, "A1", False)]
    stand.stop()


async def test_an_end_that_is_heard_of_late_does_not_let_go_what_the_next_logon_holds(tmp_path: Path):
    stand = await Stand(tmp_path).start()
    await stand.door.logon()
    await two_reports(stand)
    stand.door.told.clear()
    stand.door.events.on_logout(SESSION, False)
    stand.door.events.resetting(SESSION)
    await asyncio.sleep(0)
    stand.fill(4)
    assert stand.told == []
    stand.door.logs_on(reset=True)
    await asyncio.sleep(0)
    assert stand.told == [(X.PENDING_NEW, "A1", True), (X.NEW, "A1", True), (X.TRADE, "A1", False)]
    stand.stop()


async def test_a_logon_that_is_heard_of_late_does_not_let_go_what_the_next_one_holds(tmp_path: Path):
    stand = await Stand(tmp_path).start()
    await two_reports(stand)
    stand.door.told.clear()
    stand.door.events.resetting(SESSION)
    stand.door.logs_on(reset=True)
    stand.door.events.on_logout(SESSION, False)
    stand.door.events.resetting(SESSION)
    await asyncio.sleep(0)
    stand.fill(4)
    assert stand.told == []
    stand.door.logs_on(reset=True)
    await asyncio.sleep(0)
    assert stand.told == [(X.PENDING_NEW, "A1", True), (X.NEW, "A1", True), (X.TRADE, "A1", False)]
    stand.stop()


async def test_a_reset_that_fails_lets_the_reports_go(tmp_path: Path):
    stand = await Stand(tmp_path).start()
    stand.door.events.resetting(SESSION)
    await stand.send(new_order())
    assert stand.told == []
    await stand.door.logout()
    assert stand.told == [(X.PENDING_NEW, "A1", False)]
    stand.stop()


async def test_what_the_door_does_not_take_waits_in_order(tmp_path: Path):
    stand = await Stand(tmp_path).start()
    await stand.send(new_order())
    stand.door.broken = True
    stand.acknowledge()
    stand.fill(4)
    stand.fill(2)
    assert [what for what, _, _ in stand.told] == [X.PENDING_NEW]
    stand.door.broken = False
    stand.core._dispatcher._mark()
    assert [what for what, _, _ in stand.told] == [X.PENDING_NEW, X.NEW, X.TRADE, X.TRADE]
    assert stand.door.told[-1].cum_quantity == 6
    stand.stop()


async def test_a_drop_copy_session_gets_copies_of_the_sources_it_names(tmp_path: Path):
    stand = await Stand(tmp_path, (OMS, SessionConfig(target_comp_id="EMS"), DROP, OTHERS)).start()
    await two_reports(stand)
    await stand.send(replace("R1", "nobody"))
    of_risk = [report for report in stand.door.told if report.session == DROP.session_id]
    assert len(of_risk) == 3 and all(report.copy and report.source == "OMS" for report in of_risk)
    assert not [report for report in stand.door.told if report.session == OTHERS.session_id]
    own = [report for report in stand.door.told if report.session == SESSION]
    assert [report.fact for report in own] == [report.fact for report in of_risk]
    assert not any(report.copy for report in own)
    stand.stop()


async def test_an_order_of_nobody_here_is_told_to_unrestricted_drop_copies_alone(tmp_path: Path):
    stand = await Stand(tmp_path, (OMS, SessionConfig(target_comp_id="EMS"), DROP, OTHERS)).start()
    await two_reports(stand)
    stand.door.told.clear()
    stand.fill(3, venue_order_id="V9", client_order_id="autoclose-1", trade_id="9")
    (report,) = stand.door.told
    assert report.session == DROP.session_id and report.copy and report.source == ""
    assert report.exec_type is X.TRADE and "unsolicited" in report.text
    stand.stop()


async def test_a_drop_copy_that_was_off_gets_its_copies_after_a_crash_and_a_reset(tmp_path: Path):
    stand = await Stand(tmp_path, (OMS, DROP)).start()
    await two_reports(stand)
    stand.crash()
    again = await Stand(tmp_path, (OMS, DROP)).start()
    again.door.told.clear()
    await again.door.logon(DROP.session_id, reset=True)
    assert [(report.session, report.copy, report.resent) for report in again.door.told] == [
        (DROP.session_id, True, True)
    ] * 2
    again.stop()


async def test_what_comes_while_the_gateway_logs_its_sessions_out_is_told_after_the_next_start(
    tmp_path: Path,
):
    stand = await Stand(tmp_path).start()
    await stand.door.logon()
    await two_reports(stand)
    stand.core.closing()
    stand.fill(4)
    await stand.door.logout(orderly=True)
    stand.stop()
    assert [what for what, _, _ in stand.told] == [X.PENDING_NEW, X.NEW]
    again = await Stand(tmp_path).start()
    assert again.told == [(X.TRADE, "A1", True)]
    again.door.told.clear()
    await again.door.logon(reset=True)
    assert again.told == [(X.TRADE, "A1", True)], "the others were confirmed by the orderly end"
    again.stop()


async def test_a_report_that_can_never_be_told_holds_up_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    stand = await Stand(tmp_path).start()
    stand.door.unsendable = "BAD"
    await stand.send(new_order("BAD"))
    await two_reports(stand)
    assert [name for _, name, _ in stand.told] == ["A1", "A1"] and "ALARM" in caplog.text
    stand.crash()
    again = await Stand(tmp_path).start()
    assert [name for _, name, _ in again.told] == ["BAD", "A1", "A1"], "told again where it can be"
    again.stop()


async def test_reports_that_were_kept_and_replayed_are_told_once_and_in_order(tmp_path: Path):
    stand = await Stand(tmp_path).start()
    stand.door.broken = True
    await stand.send(new_order("A1"))
    await stand.send(new_order("A2"))
    stand.acknowledge("A1")
    stand.core._delivery.keep([str(stand.order("A2").order_id)], stand.core.engine.last_seq)
    stand.crash()
    again = await Stand(tmp_path).start()
    facts = [report.fact for report in again.door.told]
    assert facts == sorted(set(facts)) and len(facts) == 3
    again.stop()


async def test_a_crash_in_the_middle_of_a_retelling_goes_on_where_it_was(tmp_path: Path):
    stand = await Stand(tmp_path).start()
    await two_reports(stand)
    stand.fill(4)
    stand.core._delivery.write_marks()
    stand.door.told.clear()
    stand.door.accepts = 1
    await stand.door.logon(reset=True)
    assert [what for what, _, _ in stand.told] == [X.PENDING_NEW]
    stand.crash()
    again = await Stand(tmp_path).start()
    assert again.told == [(X.PENDING_NEW, "A1", True), (X.NEW, "A1", True), (X.TRADE, "A1", True)]
    again.stop()


async def test_a_status_comes_behind_the_reports_that_led_to_it(tmp_path: Path):
    stand = await Stand(tmp_path).start()
    stand.door.events.resetting(SESSION)
    await two_reports(stand)
    await stand.send(status("A1"))
    assert stand.told == []
    await stand.door.logon(reset=True)
    assert [what for what, _, _ in stand.told] == [X.PENDING_NEW, X.NEW, X.ORDER_STATUS]
    await stand.door.logon(reset=True)
    assert [what for what, _, _ in stand.told[3:]] == [X.PENDING_NEW, X.NEW], "an answer is told once"
    stand.stop()


async def test_a_report_of_the_last_moment_before_an_orderly_end_is_not_taken_as_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(delivery, "ORDERLY_SECONDS", 60.0)
    stand = await Stand(tmp_path).start()
    await stand.door.logon()
    await two_reports(stand)
    await stand.door.logout(orderly=True)
    stand.door.told.clear()
    await stand.door.logon(reset=True)
    assert stand.told == [(X.PENDING_NEW, "A1", True), (X.NEW, "A1", True)]
    stand.stop()
