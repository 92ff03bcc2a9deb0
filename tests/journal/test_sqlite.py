"""The SQLite journal: durable, ordered, one holder, and clear about what is wrong."""

import threading

import apsw
import pytest

from fixgate.journal.journal import JournalError
from fixgate.journal.sqlite import SqliteJournal
from fixgate.model.enums import OrdRejReason
from fixgate.model.facts import OrderRefused
from tests.engine.desk import Desk
from tests.journal.samples import acknowledged


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


def test_a_fact_that_cannot_be_read_is_named(path):
    journal = SqliteJournal(path)
    journal.append([acknowledged(1)])
    journal.close()
    db = apsw.Connection(str(path))
    db.execute("UPDATE facts SET body = '{}'")
    db.close()
    with pytest.raises(JournalError, match="fact 1 cannot be read"):
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


def test_numbers_of_messages_and_of_other_inputs_are_one_sequence_across_restarts(path):
    numbers = []
    for _ in range(3):
        journal = SqliteJournal(path)
        for _ in range(5):
            numbers += [journal.number(), journal.put("S", "raw", 1)]
        journal.close()
    assert numbers == sorted(set(numbers))


def test_two_threads_never_get_the_same_number(journal):
    numbers: list[int] = []

    def count():
        numbers.extend(journal.number() for _ in range(2000))

    other = threading.Thread(target=count)
    other.start()
    put = [journal.put("S", "raw", 1) for _ in range(200)]
    count()
    other.join()
    assert len(set(numbers + put)) == 4200 and put == sorted(put)


@pytest.mark.parametrize("durability", ["process", "disk"])
def test_a_group_is_kept_whole_as_its_block_ends(path, durability):
    journal = SqliteJournal(path, durability)
    numbers = [journal.put("S", "raw", 1) for _ in range(4)]
    with journal.group():
        journal.append([acknowledged(1), acknowledged(2)], handled=numbers[0])
        journal.append([acknowledged(3)], handled=numbers[1])
        journal.append([], handled=numbers[2])
        assert list(journal.facts()) == [] and len(journal.unhandled()) == 4
    assert [fact.seq for fact in journal.facts()] == [1, 2, 3]
    assert [row.sequence for row in journal.unhandled()] == numbers[3:]


def test_a_group_whose_block_raises_keeps_nothing_and_the_next_append_is_its_own(journal):
    with pytest.raises(ZeroDivisionError), journal.group():
        journal.append([acknowledged(1)])
        raise ZeroDivisionError
    journal.append([acknowledged(5)])
    with pytest.raises(JournalError, match="2 facts could not be journaled"), journal.group():
        journal.append([acknowledged(6)])
        journal.append([acknowledged(5)])
    journal.append([acknowledged(6)])
    assert [fact.seq for fact in journal.facts()] == [5, 6]


def test_a_group_within_a_group_is_refused(journal):
    with pytest.raises(RuntimeError, match="not nested"), journal.group(), journal.group():
        pass


def test_an_append_of_nothing_writes_nothing(journal):
    journal.append([])
    with journal.group():
        journal.append([])
    assert list(journal.facts()) == [] and journal.unhandled() == []


def test_the_file_and_its_companions_are_for_the_owner_alone(path, journal):
    journal.put("S", "raw", 1)
    for name in (path, path.with_name("journal.db-wal"), path.with_name("journal.db-shm")):
        assert name.stat().st_mode & 0o777 == 0o600


def test_a_closed_journal_says_so_and_closes_again(path):
    journal = SqliteJournal(path)
    journal.close()
    journal.close()
    with pytest.raises(JournalError, match=str(path)):
        journal.put("S", "raw", 1)
    with pytest.raises(JournalError, match=str(path)):
        journal.order_of("a")
