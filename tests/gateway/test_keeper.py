"""Orders are kept beside the facts, what is old is forgotten, and nothing that a client still has to hear."""

import time
from pathlib import Path

import pytest

from fixgate.gateway import core, delivery, keeper
from fixgate.model.enums import ExecType, OrdRejReason
from fixgate.model.venue import VenueExec, VenueStatus
from tests.engine.desk import D, new_order, status

from .stand import SESSION, Stand, until

X = ExecType
pytestmark = pytest.mark.asyncio


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds without pauses, on orders that leave the memory at once."""
    monkeypatch.setattr(keeper, "ROUND_SECONDS", 0.02)
    monkeypatch.setattr(keeper, "STEP_SECONDS", 0.0)
    monkeypatch.setattr(keeper, "MEMORY_SECONDS", 0.0)
    monkeypatch.setattr(delivery, "ORDERLY_SECONDS", 0.0)


async def rounds(stand: Stand) -> None:
    """Wait until everything so far is below the floor."""
    last = stand.core.engine.last_seq
    await until(lambda: stand.journal.floor().seq >= last)


async def day(stand: Stand) -> None:
    """One order filled, one open and part filled, one refused."""
    await stand.send(new_order("A1"))
    stand.acknowledge("A1")
    stand.fill(10, "A1")
    await stand.send(new_order("A2"))
    stand.acknowledge("A2")
    stand.fill(3, "A2")
    await stand.send(new_order("BAD", quantity=D(13)))


async def test_a_start_reads_open_orders_and_the_facts_since_and_knows_everything(tmp_path: Path):
    stand = await Stand(tmp_path).start()
    await day(stand)
    await rounds(stand)
    stand.crash()
    again = await Stand(tmp_path).start()
    assert list(again.journal.facts()) == []
    assert [order.cl_ord_id for order in again.core.engine.book.live.values()] == ["A2"]
    assert again.order("A2").cum == D(3) and again.order("A1").cum == D(10)
    for used in ("A1", "A2", "BAD"):
        await again.send(new_order(used))
        assert again.door.told[-1].rej_reason is OrdRejReason.DUPLICATE_ORDER
    again.fill(7, "A2")
    assert again.order("A2").terminal
    again.stop()


async def test_reports_that_nobody_confirmed_outlive_their_facts(tmp_path: Path):
    stand = await Stand(tmp_path).start()
    await day(stand)
    told = [report.exec_id for report in stand.door.told]
    await rounds(stand)
    stand.crash()
    again = await Stand(tmp_path).start()
    again.door.told.clear()
    await again.door.logon(reset=True)
    assert [report.exec_id for report in again.door.told] == told
    assert all(report.resent for report in again.door.told)
    again.stop()


async def test_reports_kept_before_they_were_handed_over_are_told_at_the_next_start(tmp_path: Path):
    stand = await Stand(tmp_path).start()
    stand.door.broken = True
    await day(stand)
    await rounds(stand)
    stand.crash()
    again = await Stand(tmp_path).start()
    assert [what for what, _, _ in again.told] == [
        X.PENDING_NEW,
        X.NEW,
        X.TRADE,
        X.PENDING_NEW,
        X.NEW,
        X.TRADE,
        X.REJECTED,
    ]
    again.stop()


async def test_an_order_that_changes_during_a_round_is_whole_after_a_crash_at_any_moment(tmp_path: Path):
    stand = await Stand(tmp_path).start()
    await stand.send(new_order("A1", quantity=D(1000)))
    stand.acknowledge("A1")
    for filled in range(1, 60):
        stand.fill(1, "A1")
        await until(lambda: True)
        if filled % 7 == 0:
            stand.crash()
            stand = await Stand(tmp_path).start()
            assert stand.order("A1").cum == D(filled)
    stand.stop()


async def test_finished_orders_leave_the_memory_and_answer_from_the_journal(tmp_path: Path):
    stand = await Stand(tmp_path).start()
    await day(stand)
    await rounds(stand)
    await until(lambda: "A1" not in {each.cl_ord_id for each in stand.core.engine.book.orders.values()})
    await stand.send(status("A1"))
    assert stand.door.told[-1].exec_type is X.ORDER_STATUS
    assert stand.door.told[-1].cum_quantity == D(10)
    stand.stop()


async def test_what_is_older_than_the_retention_is_forgotten_and_open_orders_never(tmp_path: Path):
    stand = await Stand(tmp_path, retention_seconds=0.05).start()
    await stand.door.logon()
    await day(stand)
    await stand.door.logout(orderly=True)
    await rounds(stand)
    await until(lambda: stand.journal.order_of("c:OMS:A1") is None)
    await until(lambda: stand.journal.order_of("c:OMS:BAD") is None)
    assert stand.journal.order_of("c:OMS:A2") == stand.order("A2").order_id
    stand.stop()
    again = await Stand(tmp_path).start()
    assert [order.cl_ord_id for order in again.core.engine.book.live.values()] == ["A2"]
    again.stop()


async def test_a_message_that_waits_for_its_decision_is_not_lost_below_the_floor(tmp_path: Path):
    stand = await Stand(tmp_path).start()
    await day(stand)
    waiting = stand.journal.put(SESSION, "a message nobody decided on", time.time_ns())
    await stand.send(new_order("A3"))
    await rounds(stand)
    stand.crash()
    reopened = Stand(tmp_path)
    assert [row.sequence for row in reopened.journal.unhandled()] == [waiting]
    reopened.crash()


async def test_a_canceled_order_kept_mid_life_ends_once(tmp_path: Path):
    stand = await Stand(tmp_path).start()
    await stand.send(new_order("A1"))
    stand.acknowledge("A1")
    await rounds(stand)
    stand.says(VenueExec.CANCELED, VenueStatus.CANCELED, "A1")
    stand.crash()
    again = await Stand(tmp_path).start()
    assert again.order("A1").terminal and not again.core.engine.book.live
    ends = [report for report in again.door.told if getattr(report, "exec_type", None) is X.CANCELED]
    assert len(ends) == 1
    again.stop()


async def test_numbers_go_on_above_those_used_before_whatever_the_clock_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    stand = await Stand(tmp_path).start()
    await day(stand)
    await rounds(stand)
    last = stand.core.engine.last_seq
    stand.stop()
    monkeypatch.setattr(core, "clock_number", lambda: 1)
    again = await Stand(tmp_path).start()
    assert again.core.engine.last_seq >= last
    await again.send(new_order("A9"))
    again.acknowledge("A9")
    again.crash()
    third = await Stand(tmp_path).start()
    assert not third.order("A9").terminal
    third.stop()
