"""Runs of the simulation in the suite: seeds that are always the same, and fresh ones each time.

A failing seed prints the command that replays it. `make simulate SEEDS=10000` runs many.
"""

import hashlib
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.many import REPLAY, run_seed

FIXED = tuple(range(40))
FRESH = 40


def _is_clean(seed: int) -> None:
    result = run_seed(seed)
    if result.findings:
        lines = "\n".join(f"  {invariant}: {text}" for invariant, text in result.findings)
        pytest.fail(f"seed {seed} breaks\n{lines}\nreplay it with: {REPLAY} {seed}", pytrace=False)


@pytest.mark.parametrize("seed", FIXED)
def test_a_fixed_seed_breaks_no_invariant(seed: int) -> None:
    _is_clean(seed)


def test_fresh_seeds_break_no_invariant(capsys: pytest.CaptureFixture[str]) -> None:
    first = random.SystemRandom().randrange(1_000_000, 1_000_000_000)
    with capsys.disabled():
        sys.stdout.write(f"\nfresh seeds of the simulation: {first} to {first + FRESH - 1}\n")
    for seed in range(first, first + FRESH):
        _is_clean(seed)


_PRINT_LOGS = """
import sys
from tests.simulation.world import World
for seed in (3, 17, 29):
    world = World(seed)
    world.run()
    sys.stdout.write(f"{seed}\\n" + "\\n".join(world.events) + "\\n")
"""


def test_the_same_seed_gives_the_same_run_byte_for_byte() -> None:
    logs = [_log_of_a_process(hash_seed) for hash_seed in ("1", "4711")]
    assert len(logs[0]) > 10_000
    digests = {hashlib.sha256(log).hexdigest() for log in logs}
    assert len(digests) == 1, "two runs of the same seeds differ"


def _log_of_a_process(hash_seed: str) -> bytes:
    """Return the event logs of some seeds, run by a process of its own with its own hash seed."""
    ran = subprocess.run(
        [sys.executable, "-c", _PRINT_LOGS],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=True,
        timeout=120,
    )
    return ran.stdout
