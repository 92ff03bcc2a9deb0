"""Deleting what is old, a bounded piece at a time. Event loop only.

Each table is walked from its old end and a piece ends at the first row that is too new, so a call never
looks at more rows than it may delete. The file does not shrink: SQLite fills the freed pages first, and so
the file stops growing once as much is forgotten as is taken in.
"""

from itertools import takewhile

import msgspec

from fixgate.journal.file import JournalFile, Row
from fixgate.journal.journal import Floor, JournalError

ROWS_PER_ORDER = 5
"""An order and its ids, about: how many orders fit into a piece."""

_FACTS = "SELECT seq, at_ns FROM facts WHERE seq <= ? ORDER BY seq LIMIT ?"
_INBOX = """
SELECT sequence, received_ns FROM inbox WHERE sequence <= ? AND sequence NOT IN (SELECT sequence FROM waiting)
ORDER BY sequence LIMIT ?
"""
_ORDERS = """
SELECT order_id, body FROM orders WHERE open = 0 AND ended_ns < ? AND as_of <= ?
AND order_id NOT IN (SELECT order_id FROM facts WHERE seq > ?) ORDER BY ended_ns LIMIT ?
"""
"""A finished order that a fact after the floor speaks of is needed when that fact is read again."""
_SPENT = "SELECT id FROM ids WHERE at_ns < ? ORDER BY at_ns LIMIT ?"

_DELETE_FACTS = "DELETE FROM facts WHERE seq <= ?"
_DELETE_INBOX = "DELETE FROM inbox WHERE sequence <= ? AND sequence NOT IN (SELECT sequence FROM waiting)"
_DELETE_HANDLED = "DELETE FROM handled WHERE sequence <= ? AND sequence NOT IN (SELECT sequence FROM waiting)"
_DELETE_ORDER = "DELETE FROM orders WHERE order_id = ?"
_DELETE_ID = "DELETE FROM ids WHERE id = ? AND order_id = ? AND at_ns IS NULL"
_DELETE_SPENT = "DELETE FROM ids WHERE id = ?"


class _Ids(msgspec.Struct):
    ids: tuple[str, ...] = ()


_decode_ids = msgspec.json.Decoder(_Ids).decode


def forget(file: JournalFile, floor: Floor, before_ns: int, at_most: int) -> int:
    """Delete about `at_most` rows in one transaction and return how many; see `Journal.forget`."""
    facts = _old(file.read(_FACTS, (floor.seq, at_most)), before_ns)
    left = at_most - len(facts)
    inbox = _old(file.read(_INBOX, (floor.inbox, left)), before_ns)
    left -= len(inbox)
    orders: list[Row] = []
    if left:
        piece = max(1, left // ROWS_PER_ORDER)
        orders = file.read(_ORDERS, (before_ns, floor.seq, floor.seq, piece))
    ids = [(id, order_id) for order_id, body in orders for id in _ids_of(file, order_id, body)]
    left = max(0, left - len(orders) - len(ids))
    spent = file.read(_SPENT, (before_ns, left))
    steps: list[tuple[str, list[Row]]] = [
        (_DELETE_FACTS, facts[-1:]),
        (_DELETE_INBOX, inbox[-1:]),
        (_DELETE_HANDLED, inbox[-1:]),
        (_DELETE_ID, ids),
        (_DELETE_ORDER, [(order_id,) for order_id, _ in orders]),
        (_DELETE_SPENT, spent),
    ]
    deleted = len(facts) + len(inbox) + len(orders) + len(ids) + len(spent)
    if deleted:
        file.write("the deletion of old rows", *steps)
    return deleted


def _old(rows: list[Row], before_ns: int) -> list[Row]:
    """Return the keys of the rows before the first one that is not old enough."""
    return [(key,) for key, at_ns in takewhile(lambda row: row[1] < before_ns, rows)]


def _ids_of(file: JournalFile, order_id: int, body: str) -> tuple[str, ...]:
    try:
        return _decode_ids(body).ids
    except msgspec.DecodeError as error:
        raise JournalError(
            f"journal {file.path}: the snapshot of order {order_id} cannot be read: {error}"
        ) from error
