"""Run many seeds on every processor: `python -m tests.simulation.many --seeds 10000 --from 0`.

Ends with status 1 and the list of failing seeds, each with the command that replays it.
"""

import argparse
import multiprocessing
import os
import sys
from collections import Counter
from functools import partial
from typing import NamedTuple

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tests.simulation.virtual_time import real_perf_counter
from tests.simulation.world import World

REPLAY = "python -m tests.simulation"


class Result(NamedTuple):
    """What one seed came to. `findings` are (invariant, text)."""

    seed: int
    findings: tuple[tuple[str, str], ...]
    orders: int
    reports: int
    crashes: int


def run_seed(seed: int, without: frozenset[str] = frozenset()) -> Result:
    """Run one seed; whatever ends it too early is a finding as well."""
    world = World(seed, without=without)
    findings = world.findings
    try:
        world.run()
    except Exception as error:  # noqa: BLE001  the other seeds go on
        findings = [*world.findings, ("the run ends", f"{type(error).__name__}: {error}")]
    return Result(
        seed,
        tuple(findings),
        sum(len(client.ledger.orders) for client in world.clients),
        sum(client.ledger.reports for client in world.clients),
        world.crashes,
    )


def run_many(
    seeds: range, processes: int, console: Console, without: frozenset[str] = frozenset()
) -> list[Result]:
    """Run `seeds` and return the results of those that failed."""
    failed: list[Result] = []
    totals: Counter[str] = Counter()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    began = real_perf_counter()
    with (
        multiprocessing.get_context("spawn").Pool(processes, maxtasksperchild=50) as pool,
        Progress(*columns, console=console) as progress,
    ):
        task = progress.add_task("simulating", total=len(seeds))
        for result in pool.imap_unordered(partial(run_seed, without=without), seeds, chunksize=8):
            totals.update(orders=result.orders, reports=result.reports, crashes=result.crashes)
            if result.findings:
                failed.append(result)
                invariant, text = result.findings[0]
                progress.console.print(
                    f"seed {result.seed}: {invariant}: {text}", markup=False, soft_wrap=True
                )
            progress.update(task, advance=1, description=f"simulating, {len(failed)} failed")
    seconds = real_perf_counter() - began
    console.print(
        f"{len(seeds)} seeds in {seconds:.0f} s: {totals['orders']} orders, {totals['reports']} reports, "
        f"{totals['crashes']} crashes of the gateway, {len(failed)} seeds failed"
    )
    return sorted(failed)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.many", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many seeds to run")
    parser.add_argument("--from", dest="first", type=int, default=0, help="the first seed")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--without", action="append", default=[], help="a kind of fault to leave out")
    given = parser.parse_args()
    console = Console()
    seeds = range(given.first, given.first + given.seeds)
    failed = run_many(seeds, given.processes, console, frozenset(given.without))
    for result in failed:
        console.print(f"{REPLAY} {result.seed}", markup=False)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
