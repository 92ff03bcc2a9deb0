"""Delivery: how far each session was told, and the reports it still has to hear."""

import apsw
import pytest

from fixgate.journal.journal import JournalError, SessionMark
from fixgate.journal.sqlite import SqliteJournal
from tests.journal.samples import report


def test_marks_survive_a_reopening_and_the_last_one_counts(path):
    journal = SqliteJournal(path)
    assert journal.sessions() == {}
    journal.mark({"S": SessionMark(handed=5)})
    journal.mark({"S": SessionMark(handed=9, confirmed=7, cancel_on_disconnect=0, gone_ns=123)})
    journal.mark({"T": SessionMark(handed=2)})
    journal.close()
    assert SqliteJournal(path).sessions() == {
        "S": SessionMark(handed=9, confirmed=7, cancel_on_disconnect=0, gone_ns=123),
        "T": SessionMark(handed=2, cancel_on_disconnect=None),
    }


def test_kept_reports_come_back_oldest_first_until_their_own_session_confirms_them(path):
    journal = SqliteJournal(path)
    kept = [(5, report(5, "S")), (3, report(3, "T")), (4, report(4, "S"))]
    journal.keep_reports(kept)
    journal.close()
    again = SqliteJournal(path)
    assert again.kept_reports() == sorted(kept)
    again.mark({"S": SessionMark(confirmed=4)})
    assert again.kept_reports() == [(3, report(3, "T")), (5, report(5, "S"))]


def test_a_report_kept_twice_is_told_once_and_two_of_one_fact_are_both_told(journal):
    two = [(5, report(5)), (5, report(6))]
    journal.keep_reports(two)
    journal.keep_reports(two)
    assert journal.kept_reports() == two


def test_confirmed_reports_do_not_pile_up_in_the_file(path):
    journal = SqliteJournal(path)
    for seq in range(1, 51):
        journal.keep_reports([(seq, report(seq, "S"))])
        journal.mark({"S": SessionMark(handed=seq, confirmed=seq - 1)})
    journal.keep_reports([(100, report(100, "T"))])
    journal.close()
    db = apsw.Connection(str(path))
    assert db.execute("SELECT session, seq FROM reports").fetchall() == [("S", 50), ("T", 100)]
    db.close()


def test_a_kept_report_that_cannot_be_read_is_named(path):
    journal = SqliteJournal(path)
    journal.keep_reports([(5, report(5, "S"))])
    journal.close()
    db = apsw.Connection(str(path))
    db.execute("UPDATE reports SET body = '{}'")
    db.close()
    with pytest.raises(JournalError, match="the kept report of fact 5 to S cannot be read"):
        SqliteJournal(path).kept_reports()
