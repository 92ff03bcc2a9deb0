"""Replay one seed and print what happened: `python -m tests.simulation SEED`."""

import argparse
import sys

from tests.simulation.virtual_time import real_perf_counter
from tests.simulation.world import World


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("seed", type=int)
    parser.add_argument("--without", action="append", default=[], help="a kind of fault to leave out")
    given = parser.parse_args()
    began = real_perf_counter()
    world = World(given.seed, echo=say, without=frozenset(given.without))
    world.run()
    say(
        f"{len(world.events)} events, {world.crashes} crashes of the gateway, {world.loop.steps} callbacks, "
        f"{world.loop.time():.1f} virtual seconds in {real_perf_counter() - began:.2f} s"
    )
    for invariant, text in world.findings:
        say(f"VIOLATION of {invariant!r}: {text}")
    return 1 if world.findings else 0


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
