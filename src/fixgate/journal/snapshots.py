"""Orders as they stood after some fact, found by number or by any of their ids. Event loop only."""

from collections.abc import Iterator, Sequence

import msgspec

from fixgate.journal.file import JournalFile
from fixgate.journal.journal import JournalError
from fixgate.journal.ledger import ledger_rows
from fixgate.model.limits import LedgerSnapshot
from fixgate.model.snapshot import OrderSnapshot, SpentId

_BATCH = 500

_KEEP = "INSERT OR REPLACE INTO orders VALUES (?, ?, ?, ?, ?)"

_OWN = """
INSERT INTO ids VALUES (?, ?, NULL) ON CONFLICT (id) DO UPDATE SET order_id = excluded.order_id, at_ns = NULL
WHERE ids.at_ns IS NOT NULL OR ids.order_id < excluded.order_id
"""
"""An id that two orders had is the later one's, whichever of them is kept last. An id that is kept again
dirties no page."""

_SPEND = """
INSERT INTO ids VALUES (?, ?, ?) ON CONFLICT (id)
DO UPDATE SET order_id = excluded.order_id, at_ns = excluded.at_ns
WHERE ids.at_ns IS NOT NULL
"""
"""An id that an order has stays that order's."""


class Snapshots:
    """The tables `orders` and `ids` of a journal."""

    def __init__(self, file: JournalFile) -> None:
        self._file = file
        self._encode = msgspec.json.Encoder().encode
        self._decoder = msgspec.json.Decoder(OrderSnapshot)

    def keep(
        self, orders: Sequence[OrderSnapshot], spent: Sequence[SpentId], ledger: LedgerSnapshot | None
    ) -> None:
        """Keep orders, spent ids and days in one transaction; see `Journal.keep`."""
        self._file.write(
            f"the state of {len(orders)} orders and {len(spent)} spent ids",
            (
                _KEEP,
                [
                    (each.order_id, each.as_of, each.open, each.ended_ns, self._encode(each).decode())
                    for each in orders
                ],
            ),
            (_OWN, [(id, each.order_id) for each in orders for id in each.ids]),
            (_SPEND, [(each.id, each.order_id, each.at_ns) for each in spent]),
            *ledger_rows(ledger),
        )

    def open_orders(self) -> Iterator[OrderSnapshot]:
        """Yield open orders, by number. Raises `JournalError`, naming the one that cannot be read."""
        last = -1
        while rows := self._file.read(
            "SELECT order_id, body FROM orders WHERE open = 1 AND order_id > ? ORDER BY order_id LIMIT ?",
            (last, _BATCH),
        ):
            for order_id, body in rows:
                yield self._read(order_id, body)
            last = rows[-1][0]

    def order_of(self, id: str) -> int | None:
        """Return which order an id belongs to; see `Journal.order_of`."""
        rows = self._file.read("SELECT order_id FROM ids WHERE id = ?", (id,))
        return rows[0][0] if rows else None

    def order(self, order_id: int) -> OrderSnapshot | None:
        """Return an order's snapshot; see `Journal.order`."""
        rows = self._file.read("SELECT body FROM orders WHERE order_id = ?", (order_id,))
        return self._read(order_id, rows[0][0]) if rows else None

    def _read(self, order_id: int, body: str) -> OrderSnapshot:
        try:
            return self._decoder.decode(body)
        except msgspec.DecodeError as error:
            raise JournalError(
                f"journal {self._file.path}: the snapshot of order {order_id} cannot be read: {error}"
            ) from error
