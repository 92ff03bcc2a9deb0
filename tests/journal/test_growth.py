"""A gateway that runs for a year: neither the file nor its write-ahead log grows without bound."""

from fixgate.journal.journal import Floor
from fixgate.model.snapshot import SpentId
from tests.journal.samples import acknowledged, snapshot

DAY = 400


def live(journal, day):
    """One day of orders: each is taken, acknowledged, finished and kept; the day before is forgotten."""
    for n in range(day * DAY + 1, (day + 1) * DAY + 1):
        number = journal.put("S", "8=FIX.4.4" * 20, n)
        journal.append([acknowledged(2 * n, at_ns=n), acknowledged(2 * n + 1, at_ns=n)], handled=number)
        journal.append([], handled=(number := journal.put("S", "35=H", n)))
        if n % 100 == 0:
            done = range(n - 99, n + 1)
            journal.keep(
                [snapshot(k, f"c:{k}", f"v:{k}", as_of=2 * k + 1, ended_ns=k) for k in done],
                [SpentId(id=f"s:{k}", at_ns=k) for k in done],
            )
            journal.raise_floor(Floor(2 * n + 1, number))
    while journal.forget((day - 1) * DAY, 500):
        pass


def test_a_journal_that_forgets_as_much_as_it_takes_in_stops_growing(path, journal):
    sizes = []
    for day in range(10):
        live(journal, day)
        journal._file.read("PRAGMA wal_checkpoint")
        sizes.append(path.stat().st_size)
    assert journal._file.read("SELECT count(*) < 3 * ? FROM handled", (DAY,)) == [(True,)]
    assert sizes[2] > 2 * sizes[0] and sizes[-1] < 1.1 * sizes[2]


def test_the_write_ahead_log_stays_small_while_somebody_reads_on(path, journal):
    journal.keep([snapshot(n) for n in range(1, 2001)])
    journal.append([acknowledged(seq) for seq in range(1, 2001)])
    facts, orders = journal.facts(), journal.open_orders()
    assert next(facts).seq == 1 and next(orders).order_id == 1
    for _ in range(12):
        journal.put("S", "x" * 1_000_000, 1)
    wal = path.with_name("journal.db-wal")
    assert wal.stat().st_size < 8_000_000
    assert sum(1 for _ in facts) == 1999 and sum(1 for _ in orders) == 1999


def test_the_write_ahead_log_is_cut_back_after_a_burst(path, journal):
    journal.keep([snapshot(1, venue_order_id="x" * 80_000_000)])
    wal = path.with_name("journal.db-wal")
    assert wal.stat().st_size > 80_000_000
    for _ in range(3):
        journal.put("S", "x" * 5_000_000, 1)
    assert wal.stat().st_size <= 64 * 1024 * 1024
