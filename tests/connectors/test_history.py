"""Reading a list past its page size, whichever end of a full window the venue leaves out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixgate.connectors.binance_pm.history import History

never = bool


class Venue:
    """A list of rows (id ascends with time) that answers one page at a time. Every third trade is one
    between two orders of the account, with a row for each."""

    def __init__(self, times, newest_first):
        self.rows = [
            {"id": 1000 + 7 * n, "orderId": side, "time": time}
            for n, time in enumerate(sorted(times))
            for side in range(1 + (n % 3 == 0))
        ]
        self.newest_first = newest_first
        self.calls = 0

    async def fetch(self, choice):
        self.calls += 1
        asked = dict(choice)
        limit = int(asked["limit"])
        if "fromId" in asked:
            assert not asked.keys() & {"startTime", "endTime"}
            return [row for row in self.rows if row["id"] >= int(asked["fromId"])][:limit]
        found = [r for r in self.rows if int(asked["startTime"]) <= r["time"] <= int(asked["endTime"])]
        return found[-limit:] if self.newest_first else found[:limit]


@given(
    times=st.lists(st.one_of(st.integers(0, 10_000), st.integers(500, 503)), max_size=60),
    newest_first=st.booleans(),
    limit=st.integers(2, 8),
    start=st.integers(0, 600),
)
async def test_every_row_of_the_window_is_read_once_or_more(times, newest_first, limit, start):
    venue = Venue(times, newest_first)
    history = History(venue.fetch, limit, "id", "fromId")
    await history.between(start, 9_000, never)
    wanted = [(row["id"], row["orderId"]) for row in venue.rows if start <= row["time"] <= 9_000]
    assert set(wanted) <= history.rows.keys()


@given(times=st.lists(st.integers(0, 99), max_size=40), limit=st.integers(2, 8), first=st.integers(990, 1300))
async def test_every_row_from_an_id_on_is_read(times, limit, first):
    venue = Venue(times, False)
    history = History(venue.fetch, limit, "id", "fromId")
    await history.from_id(first, never)
    assert history.rows.keys() == {(row["id"], row["orderId"]) for row in venue.rows if row["id"] >= first}


@pytest.mark.parametrize("newest_first", [True, False])
async def test_reading_ends_with_enough_and_costs_about_two_questions_a_page(newest_first):
    venue = Venue(range(0, 100_000, 100), newest_first)
    history = History(venue.fetch, 100, "id", "fromId")
    await history.between(0, 100_000, lambda: len(history.rows) >= 300)
    assert len(history.rows) >= 300
    assert venue.calls <= 9


async def test_an_answer_that_is_no_list_is_an_error():
    async def fetch(choice):
        return {"code": 0}

    with pytest.raises(TypeError, match="not a list"):
        await History(fetch, 5, "id", "fromId").between(0, 1, never)
