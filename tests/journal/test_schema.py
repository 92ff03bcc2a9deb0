"""Files of earlier versions open with everything in them; later ones, and others', are left alone."""

import apsw
import msgspec
import pytest

from fixgate.journal.journal import Floor, JournalError, SessionMark
from fixgate.journal.schema import SCHEMA_VERSION
from fixgate.journal.sqlite import SqliteJournal
from tests.journal.samples import SESSION, acknowledged, received

VERSION_1 = """
CREATE TABLE inbox (
    sequence    INTEGER PRIMARY KEY,
    session     TEXT NOT NULL,
    received_ns INTEGER NOT NULL,
    raw         TEXT NOT NULL
);
CREATE TABLE facts (
    seq      INTEGER PRIMARY KEY,
    at_ns    INTEGER NOT NULL,
    order_id INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    inbox    INTEGER NOT NULL,
    body     TEXT NOT NULL
);
CREATE TABLE handled (sequence INTEGER PRIMARY KEY);
CREATE TABLE numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
PRAGMA user_version = 1;
"""
"""The tables as version 1 made them. Files of it exist: this text never changes."""

FACTS = [received(1, 101), acknowledged(2, 101), received(3, 104, "FIX.4.4:FIXGATE->DESK2")]


@pytest.fixture
def old(path):
    """A file that version 1 wrote: three messages, of which two were decided on and one led to no fact."""
    path.parent.mkdir(parents=True)
    db = apsw.Connection(str(path))
    db.execute("PRAGMA journal_mode = WAL")
    db.execute(VERSION_1)
    inbox = [(101, SESSION, 1, "D"), (102, "FIX.4.4:FIXGATE->ASKS", 2, "H"), (103, SESSION, 3, "F")]
    db.executemany("INSERT INTO inbox VALUES (?, ?, ?, ?)", inbox)
    db.executemany(
        "INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?)",
        [
            (f.seq, f.at_ns, f.order_id, type(f).__name__, handled, msgspec.json.encode(f).decode())
            for f, handled in zip(FACTS, (101, 0, 0), strict=True)
        ],
    )
    db.execute("INSERT INTO handled VALUES (102)")
    db.execute("INSERT INTO numbers VALUES ('reported', 2)")
    db.close()
    return path


def version_of(path):
    db = apsw.Connection(str(path))
    version = db.pragma("user_version")
    db.close()
    return version


def test_a_file_of_version_1_opens_with_everything_in_it(old):
    journal = SqliteJournal(old)
    assert list(journal.facts()) == FACTS
    assert [(row.sequence, row.raw) for row in journal.unhandled()] == [(103, "F")]
    assert journal.floor() == Floor(0, 0)
    assert list(journal.open_orders()) == [] and journal.kept_reports() == []
    assert journal.put(SESSION, "D", 4) > 104
    journal.close()
    assert version_of(old) == SCHEMA_VERSION == 3


def test_every_session_of_version_1_starts_where_its_one_mark_was(old):
    journal = SqliteJournal(old)
    told = SessionMark(handed=2, confirmed=2)
    expected = {SESSION: told, "FIX.4.4:FIXGATE->DESK2": told, "FIX.4.4:FIXGATE->ASKS": told}
    assert journal.sessions() == expected
    journal.mark({SESSION: SessionMark(handed=3)})
    journal.close()
    assert SqliteJournal(old).sessions() == expected | {SESSION: SessionMark(handed=3)}


def test_a_migration_that_fails_leaves_the_file_as_it_was(old):
    db = apsw.Connection(str(old))
    db.execute("CREATE TABLE waiting (something_else)")
    db.close()
    with pytest.raises(JournalError, match=rf"journal {old} cannot be opened: .*waiting already exists"):
        SqliteJournal(old)
    assert version_of(old) == 1
    db = apsw.Connection(str(old))
    db.execute("DROP TABLE waiting")
    db.close()
    assert list(SqliteJournal(old).facts()) == FACTS


def test_a_fact_of_version_1_that_cannot_be_read_is_named_and_keeps_no_other_from_migrating(old):
    db = apsw.Connection(str(old))
    db.execute("UPDATE facts SET body = 'not json' WHERE seq = 2")
    db.close()
    journal = SqliteJournal(old)
    assert len(journal.sessions()) == 3
    with pytest.raises(JournalError, match="fact 2 cannot be read"):
        list(journal.facts())


def test_a_file_of_a_later_version_is_refused_and_left_alone(path):
    SqliteJournal(path).close()
    db = apsw.Connection(str(path))
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(
        JournalError, match=rf"{path} has schema version 99, .* up to 3: run the fixgate that wrote it"
    ):
        SqliteJournal(path)
    assert version_of(path) == 99


def test_a_database_of_something_else_is_refused_and_left_alone(path):
    path.parent.mkdir(parents=True)
    db = apsw.Connection(str(path))
    db.execute("CREATE TABLE accounts (id); INSERT INTO accounts VALUES (1)")
    db.close()
    with pytest.raises(JournalError, match="is an SQLite database of something else"):
        SqliteJournal(path)
    db = apsw.Connection(str(path))
    assert db.execute("SELECT name FROM sqlite_schema").fetchall() == [("accounts",)]
    db.close()


def test_a_refused_file_is_not_held(path):
    SqliteJournal(path).close()
    db = apsw.Connection(str(path))
    db.execute("PRAGMA user_version = 99")
    with pytest.raises(JournalError, match="schema version"):
        SqliteJournal(path)
    db.execute("PRAGMA user_version = 3")
    db.close()
    SqliteJournal(path).close()
