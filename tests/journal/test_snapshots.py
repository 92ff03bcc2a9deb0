"""Snapshots: a start finds open orders at once, and finished ones by any of their ids."""

import apsw
import pytest

from fixgate.journal.journal import JournalError
from fixgate.journal.sqlite import SqliteJournal
from fixgate.model.snapshot import PendingSnapshot, SpentId
from fixgate.model.venue import RequestKind
from tests.journal.samples import snapshot


def test_a_snapshot_reads_back_equal_by_number_and_by_every_id(path):
    pending = PendingSnapshot(kind=RequestKind.CANCEL, request_id=9, cl_ord_id="C1", state="sent")
    one = snapshot(7, "c:OMS:A7", "v:PM:123", as_of=4, cancel=pending, trades=("t1", "t2"))
    journal = SqliteJournal(path)
    journal.keep([one])
    journal.close()
    again = SqliteJournal(path)
    assert again.order(7) == one and list(again.open_orders()) == [one]
    assert again.order_of("c:OMS:A7") == again.order_of("v:PM:123") == 7


def test_what_was_never_kept_is_none(journal):
    journal.keep([snapshot(7, "a")])
    assert journal.order_of("A") is None and journal.order_of("") is None and journal.order(8) is None


def test_a_later_snapshot_takes_the_place_of_an_earlier_one(journal):
    journal.keep([snapshot(7, "a")])
    journal.keep([snapshot(7, "a", "b", as_of=9, ended_ns=50)])
    assert list(journal.open_orders()) == []
    assert journal.order(7).as_of == 9 and journal.order_of("a") == journal.order_of("b") == 7


def test_only_open_orders_are_listed_by_number_however_many_there_are(journal):
    journal.keep([snapshot(n, ended_ns=0 if n % 3 else 5) for n in range(2000, 0, -1)])
    assert [each.order_id for each in journal.open_orders()] == [n for n in range(1, 2001) if n % 3]


def test_spent_ids_are_found_with_their_order_and_without_one(journal):
    journal.keep([], [SpentId(id="x", at_ns=1), SpentId(id="y", order_id=7, at_ns=1)])
    assert journal.order_of("x") == 0 and journal.order_of("y") == 7
    journal.keep([], [SpentId(id="x", order_id=3, at_ns=2)])
    assert journal.order_of("x") == 3


def test_an_id_that_an_order_has_cannot_be_spent_away_from_it(journal):
    journal.keep([snapshot(7, "a")])
    journal.keep([], [SpentId(id="a", at_ns=5)])
    assert journal.order_of("a") == 7


def test_an_order_takes_over_an_id_that_was_spent(journal):
    journal.keep([], [SpentId(id="a", at_ns=5)])
    journal.keep([snapshot(7, "a")])
    assert journal.order_of("a") == 7


@pytest.mark.parametrize("kept", [(7, 9), (9, 7)])
def test_an_id_that_two_orders_had_is_the_later_ones(journal, kept):
    for number in kept:
        journal.keep([snapshot(number, "a")])
    assert journal.order_of("a") == 9


def test_orders_and_spent_ids_are_kept_together_or_not_at_all(journal):
    journal.keep([snapshot(7, "a")])
    with pytest.raises(JournalError, match="the state of 1 orders and 1 spent ids could not be journaled"):
        journal.keep([snapshot(8, "b")], [SpentId(id=None, at_ns=1)])
    assert journal.order(8) is None and journal.order_of("b") is None
    journal.keep([snapshot(8, "b")])
    assert journal.order_of("b") == 8


def test_a_snapshot_that_cannot_be_read_is_named(path):
    journal = SqliteJournal(path)
    journal.keep([snapshot(7)])
    journal.close()
    db = apsw.Connection(str(path))
    db.execute("UPDATE orders SET body = '{\"order_id\": 7}'")
    db.close()
    journal = SqliteJournal(path)
    named = rf"journal {path}: the snapshot of order 7 cannot be read"
    with pytest.raises(JournalError, match=named):
        list(journal.open_orders())
    with pytest.raises(JournalError, match=named):
        journal.order(7)
    db = apsw.Connection(str(path))
    db.execute("UPDATE orders SET body = 'x', open = 0")
    db.close()
    with pytest.raises(JournalError, match=named):
        journal.forget(10, 10)
