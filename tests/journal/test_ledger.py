"""What orders count on each day is kept with them: both or neither."""

from decimal import Decimal as D
from pathlib import Path

import apsw
import pytest

from fixgate.journal.journal import JournalError
from fixgate.journal.ledger import KEPT_DAYS
from fixgate.journal.sqlite import SqliteJournal
from fixgate.model.limits import DayUse, LedgerSnapshot

from .samples import snapshot


def day(number: int, used: str = "76.50", account: str = "main", orders: int = 3) -> DayUse:
    return DayUse(connector="PM", account=account, day=number, used_usd=D(used), orders=orders)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def test_a_new_journal_counts_nothing(path):
    with_none = SqliteJournal(path)
    assert with_none.ledger() == LedgerSnapshot()
    with_none.close()


def test_days_are_found_again_as_they_were_kept_last(path):
    journal = SqliteJournal(path)
    journal.keep([snapshot(1)], ledger=LedgerSnapshot(as_of=7, days=(day(20_000), day(20_000, account="b"))))
    journal.keep([snapshot(2)], ledger=LedgerSnapshot(as_of=9, days=(day(20_000, "1E-8", orders=4),)))
    journal.keep([snapshot(3)])
    journal.close()
    again = SqliteJournal(path)
    kept = again.ledger()
    assert kept.as_of == 9
    assert set(kept.days) == {day(20_000, "1E-8", orders=4), day(20_000, account="b")}
    again.close()


def test_days_of_long_ago_are_forgotten(path):
    journal = SqliteJournal(path)
    for number in (20_000, 20_001, 20_000 + KEPT_DAYS + 1):
        journal.keep([snapshot(1)], ledger=LedgerSnapshot(as_of=number, days=(day(number),)))
    assert [each.day for each in journal.ledger().days] == [20_001, 20_000 + KEPT_DAYS + 1]
    journal.close()


def test_orders_and_days_are_one_commit(path):
    journal = SqliteJournal(path)
    journal.keep([snapshot(1)], ledger=LedgerSnapshot(as_of=1, days=(day(20_000),)))
    db = apsw.Connection(str(path))
    db.execute("CREATE TRIGGER full BEFORE INSERT ON days BEGIN SELECT RAISE(ABORT, 'no room'); END")
    db.close()
    with pytest.raises(JournalError):
        journal.keep([snapshot(2)], ledger=LedgerSnapshot(as_of=2, days=(day(20_000, "90"),)))
    assert journal.order(2) is None
    assert journal.ledger() == LedgerSnapshot(as_of=1, days=(day(20_000),))
    journal.close()


def test_a_day_that_cannot_be_read_is_named(path):
    journal = SqliteJournal(path)
    journal.keep([snapshot(1)], ledger=LedgerSnapshot(as_of=1, days=(day(20_000),)))
    journal._db.execute("UPDATE days SET used_usd = 'much'")
    with pytest.raises(JournalError, match="cannot be read"):
        journal.ledger()
    journal.close()
