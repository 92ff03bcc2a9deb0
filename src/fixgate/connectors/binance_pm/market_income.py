"""Funding payments and realized profits, read past the page size. Source: PAPI GET um|cm income.

A window that holds more rows than a page is answered with its oldest rows or with its newest; the venue does
not document which. A page has no gaps, so the stretches beside it are asked about as well.
"""

from collections.abc import Callable, Iterator, Sequence

from fixgate.connectors.binance_pm.market_calls import MarketCalls, Row
from fixgate.connectors.binance_pm.market_records import ledger_entry
from fixgate.connectors.binance_pm.market_symbols import market_type_of, unified_symbol
from fixgate.model.enums import ProductType
from fixgate.model.execution import ErrorCode, ExecutionError, LedgerEntry, MarketType
from fixgate.model.instrument import Instrument
from fixgate.papi.legs import DAY_MS

FUNDING_FEE, REALIZED_PNL = "FUNDING_FEE", "REALIZED_PNL"

PATH_OF = {ProductType.FUTURE: "/papi/v1/um/income", ProductType.DELIVERY: "/papi/v1/cm/income"}

PAGE = 1000
"""Rows that a call answers at most."""
MOST_PAGES = 20
"""Calls that one question may cost."""
RECENT_MS = 7 * DAY_MS
"""How far back a question without a start reaches, as at the venue."""

WINDOW_MS = 200 * DAY_MS
"""The longest time that a call may ask about."""
REACH_MS = {ProductType.FUTURE: 90 * DAY_MS, ProductType.DELIVERY: 3 * WINDOW_MS}
"""How far back is read: UM keeps three months."""

InstrumentOf = Callable[[ProductType, str], Instrument]


class IncomeReader:
    """`venue_ms` is the venue's time."""

    def __init__(self, instrument_of: InstrumentOf, venue_ms: Callable[[], int]) -> None:
        self._instrument_of = instrument_of
        self._venue_ms = venue_ms

    async def read(
        self,
        calls: MarketCalls,
        kind: str,
        instrument: Instrument | None,
        market_type: MarketType,
        since_ms: int | None,
        limit: int | None,
    ) -> Sequence[LedgerEntry]:
        """Return the bookings of a kind, oldest first: of one instrument, or of all of a market type.

        From `since_ms` on the first `limit`, as far back as `REACH_MS`; without it the last `limit` of seven
        days.
        """
        if limit is not None and limit < 1:
            raise ExecutionError(ErrorCode.INVALID_REQUEST, f"limit {limit} is not above 0")
        end = self._venue_ms()
        start = end - RECENT_MS if since_ms is None else min(max(since_ms, 0), end)
        found: list[LedgerEntry] = []
        for product in PATH_OF if instrument is None else (instrument.product_type,):
            symbol = None if instrument is None else instrument.symbol
            begin = max(start, end - REACH_MS[product])
            for row in await self._rows(calls, product, kind, symbol, begin, end):
                each = self._instrument_of(product, str(row.get("symbol") or ""))
                if instrument is not None or not each.base or market_type_of(each) is market_type:
                    found.append(ledger_entry(unified_symbol(each), row))
        found.sort(key=lambda entry: (entry.at_ms, entry.id))
        if limit is None:
            return found
        return found[-limit:] if since_ms is None else found[:limit]

    async def _rows(
        self, calls: MarketCalls, product: ProductType, kind: str, symbol: str | None, start: int, end: int
    ) -> list[Row]:
        rows: dict[tuple[str, ...], Row] = {}
        spans, pages = list(_windows(start, end)), 0
        while spans:
            pages += 1
            if pages > MOST_PAGES:
                raise ExecutionError(
                    ErrorCode.INVALID_REQUEST,
                    f"there are more than {MOST_PAGES * PAGE} records in that time; give a later since",
                )
            start, end = spans.pop()
            page = await calls.rows(
                "GET",
                PATH_OF[product],
                symbol=symbol,
                incomeType=kind,
                startTime=start,
                endTime=end,
                limit=PAGE,
            )
            rows.update((_key(row), row) for row in page)
            if len(page) < PAGE:
                continue
            times = [min(max(int(row["time"]), start), end) for row in page]
            first, last = min(times), max(times)
            beside = [(last, end), (start, first)] if first < last else [(last + 1, end), (start, first - 1)]
            spans += [span for span in beside if span[0] <= span[1]]
        return list(rows.values())


def _windows(start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > WINDOW_MS:
        yield start, start + WINDOW_MS
        start += WINDOW_MS
    yield start, end


def _key(row: Row) -> tuple[str, ...]:
    return tuple(str(row.get(name)) for name in ("tranId", "tradeId", "symbol", "asset", "time", "income"))
