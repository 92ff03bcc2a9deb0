"""What each durability of the journal costs: a message, a commit of facts, and facts in groups.

Run as `python -m benchmarks.journal_durability [--directory DIR]`; prints a table. `put` is what a message
waits for on the FIX engine's thread, `append` what an order waits for on the event loop. "both at once" is
`put` and `append` from two threads that never rest.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.samples import percentile
from fixgate.journal.sqlite import SqliteJournal
from fixgate.model.facts import Fact, OrderAcknowledged

COUNT = 3000
GROUP = 16
_RAW = "8=FIX.4.4\x019=200\x0135=D\x0149=OMS\x0156=FIXGATE\x01" * 5


class Facts:
    """Facts with rising numbers."""

    def __init__(self) -> None:
        self._seq = 0

    def next(self) -> list[Fact]:
        """Return one."""
        self._seq += 1
        return [OrderAcknowledged(seq=self._seq, at_ns=1, order_id=1, venue_order_id="8389765500000000000")]


def measure(path: Path, durability: str, count: int) -> dict[str, list[int]]:
    """Return the nanoseconds that each kind of write took, in rising order; of a group, each fact's share."""
    journal, facts = SqliteJournal(path, durability), Facts()

    def put() -> None:
        journal.put("FIX.4.4:FIXGATE->OMS", _RAW, 1)

    def append() -> None:
        journal.append(facts.next())

    def group() -> None:
        with journal.group():
            for _ in range(GROUP):
                append()

    figures = {"put": _times(put, count), "append": _times(append, count)}
    figures[f"append in groups of {GROUP}"] = [each // GROUP for each in _times(group, count // GROUP)]
    door = threading.Thread(target=lambda: figures.update({"put, both at once": _times(put, count)}))
    door.start()
    figures["append, both at once"] = _times(append, count)
    door.join()
    journal.close()
    return figures


def _times(call: Callable[[], None], count: int) -> list[int]:
    times = []
    for _ in range(count):
        began = time.perf_counter_ns()
        call()
        times.append(time.perf_counter_ns() - began)
    return sorted(times)


def main() -> None:
    """Measure both durabilities and print them side by side."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--directory", type=Path, help="on the file system to be measured")
    parser.add_argument("--count", type=int, default=COUNT)
    given = parser.parse_args()
    table = Table("µs", "process p50", "p99", "disk p50", "p99", title="The journal's writes")
    with tempfile.TemporaryDirectory(prefix="fixgate-journal-", dir=given.directory) as place:
        of = {name: measure(Path(place) / f"{name}.db", name, given.count) for name in ("process", "disk")}
    for kind in sorted(of["process"]):
        values = [f"{percentile(of[name][kind], p) / 1e3:.1f}" for name in of for p in (50, 99)]
        table.add_row(kind, *values)
    Console().print(table)


if __name__ == "__main__":
    main()
