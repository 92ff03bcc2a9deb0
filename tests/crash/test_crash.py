"""A few kills of the real process, from a fixed seed; `make crash KILLS=200` makes many."""

import pytest

from tests.crash.campaign import Campaign

KILLS = 5
SEEDS = (1, 4)


@pytest.mark.parametrize("seed", SEEDS)
async def test_killed_under_load_the_gateway_loses_nothing_and_doubles_nothing(seed, tmp_path):
    campaign = Campaign(KILLS, seed, tmp_path, lambda *_: None)
    result = await campaign.run()
    assert not result.faults, "\n".join([*result.evidence, *map(str, result.faults)])
    assert result.kills == KILLS
    assert result.orders > 5 * KILLS, "there was hardly any load"
    assert result.repeated, "no report was told twice: nothing was recovered"
