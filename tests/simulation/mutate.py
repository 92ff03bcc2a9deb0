"""Show that each mutation and each defect of the past is noticed: `python -m tests.simulation.mutate`.

Each is run on one seed after the other; it counts as noticed where an invariant fails that holds on that
seed without it.
"""

import argparse
import multiprocessing
import os
import sys
from collections import Counter
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from tests.simulation.many import run_seed
from tests.simulation.mutations import MUTATIONS
from tests.simulation.past_defects import PAST_DEFECTS

ALL = (*MUTATIONS, *PAST_DEFECTS)

CATCHES = 8
"""Seeds on which each mutation is to be noticed, to see by which invariants."""


class Catch(NamedTuple):
    """How many seeds it took to notice a mutation first, 0 when none did; which invariants noticed it on
    how many seeds; and what the first of them said."""

    mutation: str
    seeds: int
    noticed_by: Counter[str]
    text: str


def catch(number: int, most: int) -> Catch:
    """Run mutation `number` on `most` seeds at most, until it has been noticed on `CATCHES` of them."""
    mutation = ALL[number]
    noticed_by: Counter[str] = Counter()
    first, said = 0, ""
    for tried, seed in enumerate([*mutation.seeds, *range(most)], start=1):
        with mutation.applied():
            result = run_seed(seed)
        if not result.findings or run_seed(seed).findings:
            continue
        noticed_by[result.findings[0][0]] += 1
        if not first:
            first, said = tried, result.findings[0][1]
        if noticed_by.total() == (1 if mutation.seeds else CATCHES):
            break
    return Catch(mutation.name, first, noticed_by, said)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.mutate", description=__doc__)
    parser.add_argument("--most", type=int, default=300, help="seeds to try per mutation")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    work = [(number, given.most) for number in range(len(ALL))]
    with multiprocessing.get_context("spawn").Pool(given.processes) as pool:
        caught = pool.starmap(catch, work, chunksize=1)
    table = Table("mutation", "seeds to the first notice", "noticed by", "first as")
    for each in caught:
        names = ", ".join(f"{name} ({count})" for name, count in each.noticed_by.most_common())
        table.add_row(each.mutation, str(each.seeds or "-"), names or "NOTHING", each.text[:70])
    Console(width=200).print(table)
    return 0 if all(each.seeds for each in caught) else 1


if __name__ == "__main__":
    sys.exit(main())
