"""Kill the gateway many times: `python -m tests.crash --kills 200 --seed 7`. Ends with 1 on any fault."""

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.crash.campaign import Campaign, Result
from tests.crash.session import Recovery

_NAMES = {each.name.lower().replace("_", "-"): each for each in Recovery}


def main() -> int:
    """Run a campaign and print what it came to."""
    asked = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    asked.add_argument("--kills", type=int, default=200)
    asked.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    asked.add_argument("--folder", type=Path, help="where journal and evidence go; a temporary one if absent")
    asked.add_argument("--recovery", choices=sorted(_NAMES), nargs="*", default=[], help="default: all")
    given = asked.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="fixgate-crash-"))
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        asked.error(f"{folder} is not empty; a campaign begins without a journal, name a new folder")
    console = Console(highlight=False)

    def progress(result: Result, aim: str) -> None:
        text = f"kill {result.kills:4d} of {given.kills}: {aim:45.45s}"
        if console.is_terminal:
            console.print(text, end="\r")
        elif result.kills % 20 == 0:
            console.print(text)

    console.print(f"seed {given.seed}, evidence in {folder}")
    recoveries = [_NAMES[name] for name in given.recovery]
    campaign = Campaign(given.kills, given.seed, folder, progress, recoveries)
    result = asyncio.run(campaign.run())
    console.print()
    for line in result.evidence:
        console.print(line, markup=False, soft_wrap=True)
    for fault in result.faults:
        console.print(str(fault), markup=False, soft_wrap=True)
    console.print(summary(result))
    recovery = f" --recovery {' '.join(given.recovery)}" if given.recovery else ""
    repeat = f"repeat: python -m tests.crash --kills {given.kills} --seed {given.seed}{recovery}"
    console.print(repeat, soft_wrap=True)
    if not result.faults and given.folder is None:
        shutil.rmtree(folder)
    return 1 if result.faults else 0


def summary(result: Result) -> Table:
    """Return the figures of a campaign."""
    table = Table(title=f"Crash campaign, seed {result.seed}", show_header=False)
    rows = {
        "kills (SIGKILL)": f"{result.kills}, {result.missed_aims} of them not where they were aimed",
        "orders taken": f"{result.orders - result.refused}, {result.open_orders} of them open at the end",
        "orders refused by the gateway": str(result.refused),
        "cancels and replaces": str(result.requests),
        "reports": f"{result.reports}, {result.repeated} of them repeats",
        "first told after a restart, 97=Y": str(result.told_late),
        "messages resent by the clients": str(result.resent),
        "alarms in the gateway's log": str(result.alarms),
        "seconds": f"{result.seconds:.0f}",
        "lost": str(result.count("lost")),
        "doubled": str(result.count("doubled")),
        "wrong": str(result.count("wrong")),
    }
    for name, value in rows.items():
        table.add_row(name, value)
    for aim, times in result.by_aim.most_common():
        table.add_row(f"  {aim}", str(times))
    return table


if __name__ == "__main__":
    sys.exit(main())
