"""Fixtures of the FIX door's tests."""

from collections.abc import Iterator

import pytest

from tests.fix.stand import Stand


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A door that is open for a whole module of tests."""
    made = Stand(tmp_path_factory.mktemp("store"))
    made.door.start()
    yield made
    made.door.stop()
