"""The tables of the SQLite journal, and how a file of an earlier version is brought up to date.

A file's version is SQLite's `user_version`. Each step takes it from one version to the next, a new file
goes through all of them, and all steps that a file needs are one transaction.
"""

from pathlib import Path

import apsw

from fixgate.journal.journal import JournalError

_VERSION_1 = """
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
"""
"""`facts.inbox` names the message that a fact decided on, 0 if none did; `handled` those that led to no
fact. Neither is indexed: every page that a commit touches costs more on the order path than a scan of
what is after the floor ever does at a start."""

_VERSION_2 = """
CREATE TABLE orders (
    order_id INTEGER PRIMARY KEY,
    as_of    INTEGER NOT NULL,
    open     INTEGER NOT NULL,
    ended_ns INTEGER NOT NULL,
    body     TEXT NOT NULL
);
CREATE INDEX open_orders ON orders (order_id) WHERE open = 1;
CREATE INDEX finished_orders ON orders (ended_ns) WHERE open = 0;

CREATE TABLE ids (
    id       TEXT PRIMARY KEY,
    order_id INTEGER NOT NULL,
    at_ns    INTEGER
) WITHOUT ROWID;
CREATE INDEX spent_ids ON ids (at_ns) WHERE at_ns IS NOT NULL;

CREATE TABLE sessions (
    session              TEXT PRIMARY KEY,
    handed               INTEGER NOT NULL,
    confirmed            INTEGER NOT NULL,
    cancel_on_disconnect INTEGER,
    gone_ns              INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE reports (
    session TEXT NOT NULL,
    seq     INTEGER NOT NULL,
    part    INTEGER NOT NULL,
    body    TEXT NOT NULL,
    PRIMARY KEY (session, seq, part)
) WITHOUT ROWID;

CREATE TABLE waiting (sequence INTEGER PRIMARY KEY);

INSERT INTO sessions (session, handed, confirmed, gone_ns)
    SELECT session, reported, reported, 0
    FROM (SELECT coalesce((SELECT value FROM numbers WHERE name = 'reported'), 0) AS reported), (
        SELECT session FROM inbox
        UNION
        SELECT json_extract(body, '$.command.session') FROM facts
        WHERE json_valid(body) AND kind IN
            ('OrderReceived', 'OrderRefused', 'CancelRequested', 'ReplaceRequested', 'RequestDenied')
    )
    WHERE session IS NOT NULL;
DELETE FROM numbers WHERE name = 'reported';
"""
"""`ids.at_ns` is when an id was spent, NULL for one that an order has. `waiting` are inbox rows that
nobody had decided on when the floor was raised. `numbers` holds the floor and the last number of a clean
end; in version 1 it held one delivery mark for all sessions."""

_VERSION_3 = """
CREATE TABLE days (
    connector TEXT NOT NULL,
    account   TEXT NOT NULL,
    day       INTEGER NOT NULL,
    used_usd  TEXT NOT NULL,
    orders    INTEGER NOT NULL,
    PRIMARY KEY (connector, account, day)
) WITHOUT ROWID;
"""
"""What orders count towards limits, by UTC day from 1970-01-01; `numbers` holds the last fact in it."""

_STEPS = (_VERSION_1, _VERSION_2, _VERSION_3)
SCHEMA_VERSION = len(_STEPS)


def bring_up_to_date(db: apsw.Connection, path: Path) -> None:
    """Make the tables, or take those of an earlier version to this one. Raises `JournalError` for a file
    that is not a journal or is of a later version; such a file is left as it is."""
    version = int(db.pragma("user_version"))
    if version > SCHEMA_VERSION:
        raise JournalError(
            f"journal {path} has schema version {version}, and this fixgate knows versions up to "
            f"{SCHEMA_VERSION}: run the fixgate that wrote it, or a later one, or name another file"
        )
    if version == 0 and db.execute("SELECT 1 FROM sqlite_schema").fetchall():
        raise JournalError(
            f"journal {path} is an SQLite database of something else: it has tables and no schema version; "
            "name another file"
        )
    if version == SCHEMA_VERSION:
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        for step in _STEPS[version:]:
            db.execute(step)
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        db.execute("COMMIT")
    except apsw.Error:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
