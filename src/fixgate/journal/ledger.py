"""What orders count on each day, kept beside them. Event loop only."""

from decimal import Decimal, InvalidOperation

from fixgate.journal.file import JournalFile, Row
from fixgate.journal.journal import JournalError
from fixgate.model.limits import DayUse, LedgerSnapshot

KEPT_DAYS = 40
"""How many days are kept before the latest: nothing is asked of them any more."""

_KEEP = "INSERT OR REPLACE INTO days VALUES (?, ?, ?, ?, ?)"
_FORGET = "DELETE FROM days WHERE day < ?"
_AS_OF = "INSERT OR REPLACE INTO numbers VALUES ('ledger', ?)"


def ledger_rows(ledger: LedgerSnapshot | None) -> list[tuple[str, list[Row]]]:
    """Return the statements, with their rows, that keep the days of `ledger`."""
    if ledger is None:
        return []
    latest = max(each.day for each in ledger.days)
    rows: list[Row] = [
        (each.connector, each.account, each.day, str(each.used_usd), each.orders) for each in ledger.days
    ]
    return [(_KEEP, rows), (_FORGET, [(latest - KEPT_DAYS,)]), (_AS_OF, [(ledger.as_of,)])]


def read_ledger(file: JournalFile) -> LedgerSnapshot:
    """Return every day that is kept. Raises `JournalError`."""
    as_of = file.read("SELECT value FROM numbers WHERE name = 'ledger'")
    try:
        days = tuple(
            DayUse(connector=connector, account=account, day=day, used_usd=Decimal(used), orders=orders)
            for connector, account, day, used, orders in file.read("SELECT * FROM days")
        )
    except (InvalidOperation, TypeError) as error:
        raise JournalError(
            f"journal {file.path}: the use of a daily limit cannot be read: {error}"
        ) from error
    return LedgerSnapshot(as_of=as_of[0][0] if as_of else 0, days=days)
