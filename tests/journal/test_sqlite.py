"""The SQLite journal: durable, ordered, one holder, and clear about what is wrong."""

import os
import signal
import subprocess
import sys
import threading

import apsw
import pytest

from fixgate.journal.journal import JournalError
from fixgate.journal.sqlite import SqliteJournal
from fixgate.model.enums import OrdRejReason
from fixgate.model.facts import OrderAcknowledged, OrderRefused
from tests.engine.desk import Desk


def acknowledged(seq):
    return OrderAcknowledged(seq=seq, at_ns=seq, order_id=7, venue_order_id=f"V{seq}")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "var" / "journal.db"


@pytest.mark.parametrize("durability", ["process", "disk"])
def test_facts_and_inbox_survive_a_reopening(path, durability):
    journal = SqliteJournal(path, durability)
    first = journal.put("S", "raw 1", 11)
    second = journal.put("S", "raw 2", 12)
    journal.append([acknowledged(1), acknowledged(2)], handled=first)
    journal.close()
    again = SqliteJournal(path, durability)
    assert [fact.seq for fact in again.facts()] == [1, 2]
    assert again.unhandled() == [(second, "S", 12, "raw 2")]
    assert again.put("S", "raw 3", 13) > second


def test_every_fact_of_a_real_order_reads_back_equal(path):
    desk = Desk()
    order = desk.acknowledged()
    desk.trade(order, "4")
    desk.canceled(order)
    desk.new("A2", quantity=13)
    journal = SqliteJournal(path)
    journal.append(desk.facts)
    assert list(journal.facts()) == desk.facts
    assert (
        isinstance(desk.facts[-1], OrderRefused) and desk.facts[-1].reason is OrdRejReason.INCORRECT_QUANTITY
    )


def test_numbers_of_a_new_journal_are_above_those_of_a_lost_one(path):
    lost = SqliteJournal(path)
    last = lost.put("S", "raw", 1)
    lost.close()
    path.unlink()
    assert SqliteJournal(path).put("S", "raw", 2) > last


def test_a_batch_is_kept_whole_or_not_at_all(path):
    journal = SqliteJournal(path)
    number = journal.put("S", "raw", 1)
    journal.append([acknowledged(1)])
    with pytest.raises(JournalError, match="2 facts could not be journaled"):
        journal.append([acknowledged(2), acknowledged(1)], handled=number)
    assert [fact.seq for fact in journal.facts()] == [1] and len(journal.unhandled()) == 1
    journal.append([acknowledged(2)], handled=number)
    assert not journal.unhandled()


def test_a_second_gateway_on_the_same_journal_is_refused(path):
    journal = SqliteJournal(path)
    with pytest.raises(JournalError, match="held by another running gateway"):
        SqliteJournal(path)
    journal.close()
    SqliteJournal(path).close()


def test_a_damaged_or_newer_file_is_refused_by_name(path):
    path.parent.mkdir(parents=True)
    path.write_bytes(b"this is not a database, and long enough to be looked at" * 100)
    with pytest.raises(JournalError, match="cannot be opened"):
        SqliteJournal(path)
    path.unlink()
    SqliteJournal(path).close()
    db = apsw.Connection(str(path))
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(JournalError, match="schema version 99"):
        SqliteJournal(path)


def test_a_fact_that_cannot_be_read_is_named(path):
    journal = SqliteJournal(path)
    journal.append([acknowledged(1)])
    journal.close()
    db = apsw.Connection(str(path))
    db.execute("UPDATE facts SET body = '{}'")
    db.close()
    with pytest.raises(JournalError, match="fact 1 of the journal"):
        list(SqliteJournal(path).facts())


def test_two_threads_write_without_losing_a_row(path):
    journal = SqliteJournal(path)
    numbers: list[int] = []

    def receive():
        numbers.extend(journal.put("S", f"raw {n}", n) for n in range(300))

    door = threading.Thread(target=receive)
    door.start()
    for seq in range(1, 301):
        journal.append([acknowledged(seq)])
    door.join()
    assert numbers == sorted(set(numbers)) and len(numbers) == 300
    assert sum(1 for _ in journal.facts()) == 300


_WRITER = """
import sys, pathlib
from fixgate.journal.sqlite import SqliteJournal
from fixgate.model.facts import OrderAcknowledged
journal = SqliteJournal(pathlib.Path(sys.argv[1]))
seq = 0
while True:
    number = journal.put("S", "raw", 1)
    seq += 1
    journal.append([OrderAcknowledged(seq=seq, at_ns=1, order_id=number, venue_order_id="V")], handled=number)
    print(number, seq, flush=True)
"""


def test_kill_9_loses_nothing_that_was_acknowledged(path):
    for _ in range(3):
        path.unlink(missing_ok=True)
        writer = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(path)], stdout=subprocess.PIPE, text=True
        )
        lines = [writer.stdout.readline() for _ in range(200)]
        os.kill(writer.pid, signal.SIGKILL)
        lines += writer.stdout.readlines()
        writer.wait()
        number, seq = map(int, [line for line in lines if line.endswith("\n")][-1].split())
        journal = SqliteJournal(path)
        kept = list(journal.facts())
        assert [fact.seq for fact in kept] == list(range(1, len(kept) + 1))
        assert len(kept) >= seq and kept[seq - 1].order_id == number
        journal.close()
