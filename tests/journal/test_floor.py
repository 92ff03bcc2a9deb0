"""The floor: a start reads what is after it, and nothing that still matters is ever below it."""

import threading

import pytest

from fixgate.journal.journal import Floor
from fixgate.journal.sqlite import SqliteJournal
from fixgate.model.snapshot import SpentId
from tests.journal.samples import acknowledged, snapshot


def sequences(journal):
    return [row.sequence for row in journal.unhandled()]


def reopened(journal, path):
    journal.close()
    return SqliteJournal(path)


def test_facts_and_messages_after_the_floor_are_read_and_those_below_are_not(path):
    journal = SqliteJournal(path)
    numbers = [journal.put("S", "raw", 1) for _ in range(4)]
    for seq, number in enumerate(numbers[:3], 1):
        journal.append([acknowledged(seq)], handled=number)
    journal.raise_floor(Floor(2, numbers[1]))
    for _ in range(2):
        assert journal.floor().seq == 2 and journal.floor().inbox >= numbers[1]
        assert [fact.seq for fact in journal.facts()] == [3] and sequences(journal) == numbers[3:]
        journal = reopened(journal, path)


def test_facts_are_read_whole_however_many_there_are(journal):
    journal.append([acknowledged(seq) for seq in range(1, 2001)])
    journal.raise_floor(Floor(3, 0))
    assert [fact.seq for fact in journal.facts()] == list(range(4, 2001))


def test_the_floor_never_goes_back_nor_above_the_last_fact(path):
    journal = SqliteJournal(path)
    journal.append([acknowledged(seq) for seq in range(1, 6)])
    journal.raise_floor(Floor(4, 0))
    journal.raise_floor(Floor(2, 0))
    assert journal.floor().seq == 4
    journal.raise_floor(Floor(100, 10**15))
    assert journal.floor().seq == 5
    journal.append([acknowledged(6)])
    number = journal.put("S", "raw", 1)
    journal = reopened(journal, path)
    assert [fact.seq for fact in journal.facts()] == [6] and sequences(journal) == [number]
    while journal.forget(10**9, 100):
        pass
    journal.raise_floor(Floor(3, 0))
    assert journal.floor().seq == 6 - 1


def test_a_message_above_the_floor_decided_on_by_a_fact_below_it_stays_decided_on(path):
    journal = SqliteJournal(path)
    first, second = (journal.put("S", "raw", 1) for _ in range(2))
    journal.append([acknowledged(1)], handled=second)
    journal.raise_floor(Floor(1, first - 1))
    assert sequences(journal) == [first]
    assert sequences(reopened(journal, path)) == [first]


def test_a_message_below_the_floor_that_nobody_decided_on_is_not_lost(path):
    journal = SqliteJournal(path)
    numbers = [journal.put("S", "raw", 1) for _ in range(3)]
    journal.append([acknowledged(1)], handled=numbers[1])
    journal.raise_floor(Floor(1, numbers[2]))
    journal = reopened(journal, path)
    assert sequences(journal) == [numbers[0], numbers[2]]
    while journal.forget(10**9, 100):
        pass
    assert sequences(journal) == [numbers[0], numbers[2]]
    journal.append([acknowledged(2)], handled=numbers[0])
    journal.append([], handled=numbers[2])
    assert sequences(journal) == []
    journal.raise_floor(Floor(2, numbers[2]))
    assert sequences(reopened(journal, path)) == []


def test_numbers_stay_above_those_of_forgotten_messages_though_the_clock_goes_back(path, monkeypatch):
    journal = SqliteJournal(path)
    number = journal.put("S", "raw", 1)
    journal.append([], handled=number)
    journal.raise_floor(Floor(0, number))
    assert journal.forget(10, 10) == 1
    journal._file.close()  # as a killed process leaves it
    monkeypatch.setattr("fixgate.journal.sqlite.clock_number", lambda: 0)
    assert SqliteJournal(path).number() > number


def test_a_floor_is_raised_past_a_message_that_is_being_put_without_losing_it(path):
    journal = SqliteJournal(path)
    put: list[int] = []
    door = threading.Thread(target=lambda: put.extend(journal.put("S", "raw", 1) for _ in range(500)))
    door.start()
    while door.is_alive():
        journal.raise_floor(Floor(0, journal.number()))
    door.join()
    assert sequences(journal) == put and sequences(reopened(journal, path)) == put


@pytest.mark.parametrize("at_most", [1, 2, 7, 1000])
def test_forgetting_takes_all_that_is_old_and_below_the_floor_a_piece_at_a_time(path, at_most):
    journal = SqliteJournal(path)
    numbers = [journal.put("S", "raw", at) for at in range(1, 21)]
    for at, number in enumerate(numbers, 1):
        facts = [acknowledged(at, order_id=at)] if at % 2 else []
        journal.append(facts, handled=number)
    journal.keep([snapshot(at, f"a{at}", f"b{at}", as_of=at, ended_ns=at) for at in range(1, 21, 2)])
    journal.keep([snapshot(100, "open", as_of=1)])
    journal.keep([], [SpentId(id=f"s{at}", at_ns=at) for at in range(1, 21)])
    journal.raise_floor(Floor(15, numbers[16]))
    deleted = []
    while count := journal.forget(before_ns=11, at_most=at_most):
        deleted.append(count)
    # facts 1 3 5 7 9, messages 1 to 10, orders 1 3 5 7 9 with two ids each, spent ids 1 to 10
    assert sum(deleted) == 5 + 10 + 5 * 3 + 10
    assert max(deleted) <= at_most + 3
    journal = reopened(journal, path)
    assert [fact.seq for fact in journal.facts()] == [17, 19] and sequences(journal) == []
    assert [journal.order_of(f"a{at}") for at in (1, 9, 11)] == [None, None, 11]
    assert journal.order(9) is None and journal.order(11) is not None
    assert [journal.order_of(f"s{at}") for at in (1, 10, 11)] == [None, None, 0]
    assert journal.order(100) is not None and journal.order_of("open") == 100


def test_what_is_after_the_floor_is_not_forgotten_however_old(journal):
    number = journal.put("S", "raw", 1)
    journal.append([acknowledged(1, order_id=5)])
    journal.keep([snapshot(5, as_of=0, ended_ns=1), snapshot(6, as_of=2, ended_ns=1)])
    assert journal.forget(10**9, 100) == 0
    assert sequences(journal) == [number] and [fact.seq for fact in journal.facts()] == [1]
    assert journal.order(5) is not None  # fact 1 speaks of it
    assert journal.order(6) is not None  # has a fact in it that is after the floor


def test_an_id_that_went_over_to_a_later_order_outlives_the_earlier_one(journal):
    journal.keep([snapshot(5, "a", "b", ended_ns=1), snapshot(6, "a")])
    assert journal.forget(10, 100) == 3
    assert journal.order(5) is None and journal.order_of("a") == 6 and journal.order_of("b") is None
