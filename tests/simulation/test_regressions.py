"""Seeds that found a defect, by what broke. `past_defects` can bring each defect back."""

import pytest

from tests.simulation.many import REPLAY, run_seed
from tests.simulation.past_defects import PAST_DEFECTS

FOUND = [(defect.name, seed) for defect in PAST_DEFECTS for seed in defect.seeds]


@pytest.mark.parametrize(("what_broke", "seed"), FOUND)
def test_a_seed_that_found_a_defect_stays_clean(what_broke: str, seed: int) -> None:
    findings = run_seed(seed).findings
    assert not findings, f"{what_broke}? {findings[0]}; replay it with: {REPLAY} {seed}"
