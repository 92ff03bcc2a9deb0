"""Reading a history list past its page size: the venue's trades and orders by time.

A window of time that holds more rows than a page is answered with its oldest rows or with its newest;
the venue does not document which. What is certain is that the page has no gaps. So the two stretches
beside it are asked about as well, down to one millisecond, within which only ids can tell rows apart.
Sources: PAPI GET um|cm/userTrades, margin/myTrades, um|cm|margin/allOrders.
"""

from collections.abc import Awaitable, Callable
from typing import Any

Row = dict[str, Any]
Fetch = Callable[[list[tuple[str, str]]], Awaitable[list[Row]]]
"""Asks for one page; the parameters are those that choose the rows, `limit` included."""


_ROWS_OF_AN_ID = 2
"""A page must hold both sides of one trade, or reading on by id could not tell them apart."""


class History:
    """One list, read into `rows` by id and order id: the two sides of a trade between two orders of one
    account have the trade's id both. `id_field` names the id of a row, `from_param` the parameter that asks
    for rows from an id on; `limit` is the page size. Raises what `fetch` raises, and `KeyError`, `TypeError`
    or `ValueError` for rows that are no rows."""

    def __init__(self, fetch: Fetch, limit: int, id_field: str, from_param: str) -> None:
        self.rows: dict[tuple[int, int], Row] = {}
        self._fetch = fetch
        self._limit = max(limit, _ROWS_OF_AN_ID)
        self._id_field = id_field
        self._from_param = from_param

    async def between(self, start: int, end: int, enough: Callable[[], bool]) -> None:
        """Read every row of `start` to `end` (epoch ms, both included), or until there is `enough`."""
        spans = [(start, end)]
        while spans and not enough():
            start, end = spans.pop()
            page = await self._page([("startTime", str(start)), ("endTime", str(end))])
            if len(page) < self._limit:
                continue
            times = [min(max(int(row["time"]), start), end) for row in page]
            first, last = min(times), max(times)
            if first < last:
                spans += [(last, end), (start, first)]
                continue
            await self._moment(first, min(int(row[self._id_field]) for row in page))
            spans += [span for span in ((last + 1, end), (start, first - 1)) if span[0] <= span[1]]

    async def from_id(self, first: int, enough: Callable[[], bool]) -> None:
        """Read rows by id, from `first` on, until there are no more or there is `enough`."""
        page = await self._from(first)
        while len(page) >= self._limit and not enough():
            page = await self._from(self._next(page))

    async def _moment(self, at: int, first: int) -> None:
        """Read every row of one millisecond that holds more than a page: by id, from before `first`, the
        lowest id known, in steps that grow until a row of an earlier time turns up."""
        step = self._limit
        while True:
            begin = max(0, first - step)
            page = await self._from(begin)
            if begin == 0 or not page or int(page[0]["time"]) < at:
                break
            step *= 8
        while len(page) >= self._limit and int(page[-1]["time"]) <= at:
            page = await self._from(self._next(page))

    def _next(self, page: list[Row]) -> int:
        """Return the id to read on from: the last one again, whose second row may be on the next page."""
        last = max(int(row[self._id_field]) for row in page)
        return last if any(int(row[self._id_field]) != last for row in page) else last + 1

    async def _from(self, first: int) -> list[Row]:
        return await self._page([(self._from_param, str(first))])

    async def _page(self, choice: list[tuple[str, str]]) -> list[Row]:
        page = await self._fetch([*choice, ("limit", str(self._limit))])
        if not isinstance(page, list):
            raise TypeError(f"a page was a {type(page).__name__}, not a list")
        page.sort(key=lambda row: int(row[self._id_field]))
        self.rows.update(((int(row[self._id_field]), int(row["orderId"])), row) for row in page)
        return page
