"""A journal that cannot be written stops new orders, loudly, and lets cancels through."""

from pathlib import Path
from typing import Any

import pytest

from fixgate.fix.ports import InboxUnavailable
from fixgate.gateway import dispatcher
from fixgate.journal.journal import JournalError
from fixgate.journal.sqlite import SqliteJournal
from fixgate.model.enums import ExecType, OrdStatus
from fixgate.model.venue import CancelAtVenue, ModifyAtVenue, SubmitOrder
from tests.engine.desk import D, cancel, new_order, replace

from .stand import SESSION, Stand, until

X, S = ExecType, OrdStatus
pytestmark = pytest.mark.asyncio
CANCEL = "8=FIX.4.4\x019=100\x0135=F\x0149=OMS\x01"
ORDER = "8=FIX.4.4\x019=100\x0135=D\x0149=OMS\x01"


class FullDisk:
    """A journal whose writes fail while `full`."""

    def __init__(self, real: SqliteJournal) -> None:
        self._real, self.full = real, False

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._real, name)
        if not self.full or name in ("number", "order", "order_of", "floor", "sessions", "close"):
            return method

        def fail(*_: Any, **__: Any) -> Any:
            raise JournalError("journal journal.db: a write failed: database or disk is full")

        return fail


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FullDisk:
    monkeypatch.setattr(dispatcher, "RETRY_SECONDS", 0.02)
    return FullDisk(SqliteJournal(tmp_path / "journal.db"))


async def test_an_order_whose_intent_cannot_be_kept_is_not_sent_and_rejected(tmp_path: Path, disk: FullDisk):
    stand = await Stand(tmp_path, journal=disk).start()
    number = stand.door.inbox.put(SESSION, ORDER, 1)
    disk.full = True
    stand.door.deliver(number, 1, new_order())
    await until(lambda: len(stand.door.told) == 2)
    assert not any(isinstance(request, SubmitOrder) for request in stand.connector.sent)
    assert [report.exec_type for report in stand.door.told] == [X.PENDING_NEW, X.REJECTED]
    assert "journal cannot be written" in stand.door.told[-1].text
    assert stand.metrics.text().find(b"fixgate_alarms_total 1.0") > 0
    disk.full = False
    stand.stop()


async def test_while_it_lasts_new_orders_and_replaces_are_refused_and_cancels_go_through(
    tmp_path: Path, disk: FullDisk
):
    stand = await Stand(tmp_path, journal=disk).start()
    await stand.send(new_order("A1"))
    stand.acknowledge("A1")
    disk.full = True
    stand.fill(2, "A1")
    with pytest.raises(InboxUnavailable, match="disk is full"):
        stand.door.inbox.put(SESSION, ORDER, 1)
    stand.door.deliver(9_000_000_000_000_001, 1, new_order("A2"))
    stand.door.deliver(9_000_000_000_000_002, 1, replace("R1", "A1", quantity=D(20)))
    stand.door.deliver(9_000_000_000_000_003, 1, new_order("A1", repeated=True))
    number = stand.door.inbox.put(SESSION, CANCEL, 1)
    stand.door.deliver(number, 1, cancel("C1", "A1"))
    await until(lambda: stand.told[-1][1] == "C1")
    assert [(what, name) for what, name, _ in stand.told[2:]] == [
        (X.TRADE, "A1"),
        (X.REJECTED, "A2"),
        ("reject", "R1"),
        (X.ORDER_STATUS, "A1"),
        (X.PENDING_CANCEL, "C1"),
    ]
    sent = [type(request) for request in stand.connector.sent]
    assert CancelAtVenue in sent and ModifyAtVenue not in sent and sent.count(SubmitOrder) == 1
    disk.full = False
    stand.stop()


async def test_when_there_is_space_again_everything_is_written_and_orders_are_taken(
    tmp_path: Path, disk: FullDisk
):
    stand = await Stand(tmp_path, journal=disk).start()
    await stand.send(new_order("A1"))
    stand.acknowledge("A1")
    disk.full = True
    stand.fill(2, "A1")
    stand.fill(3, "A1")
    disk.full = False
    await until(lambda: stand.core._dispatcher.sound)
    await stand.send(new_order("A2"))
    assert isinstance(stand.connector.sent[-1], SubmitOrder)
    told = [(report.exec_type, report.exec_id) for report in stand.door.told]
    stand.crash()
    again = await Stand(tmp_path).start()
    assert [(report.exec_type, report.exec_id) for report in again.door.told] == told
    assert again.order("A1").cum == D(5)
    again.stop()


async def test_a_cancel_taken_in_without_a_journal_gets_a_number_of_its_own(tmp_path: Path, disk: FullDisk):
    stand = await Stand(tmp_path, journal=disk).start()
    first = stand.door.inbox.put(SESSION, CANCEL, 1)
    disk.full = True
    second, third = (stand.door.inbox.put(SESSION, CANCEL, 1) for _ in range(2))
    disk.full = False
    assert first < second < third < stand.door.inbox.put(SESSION, CANCEL, 1)
    await until(lambda: stand.core._dispatcher.sound)
    stand.stop()
