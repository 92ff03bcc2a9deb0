from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.connectors_ccxt.fake_binance import FakeBinance
from tests.connectors_ccxt.running import Running, running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def run(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """A connector that is ready, one for all tests of a file: each has orders of its own."""
    async with (
        FakeBinance() as venue,
        running(venue, tmp_path_factory.mktemp("markets")) as connector,
    ):
        yield connector
