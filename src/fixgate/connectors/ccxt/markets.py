"""The markets of one exchange: read in another process, kept on disk, kept fresh.

A start uses the copy on disk while it is younger than the interval, so that orders need not wait for the
venue; an older one is used where the venue does not answer, and is named in the health text. Fresh markets
take the place of the old ones at once, in every exchange object that shares them.
"""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import msgspec

from fixgate.connectors.ccxt.market_loading import LoadRequest, MarketHeader, load_apart
from fixgate.connectors.ccxt.translator import Market
from fixgate.model.execution import MarketType

log = logging.getLogger(__name__)

FIRST_PAUSE, LAST_PAUSE = 1.0, 60.0
"""Bounds, in seconds, of the pauses between attempts that failed."""

LOAD_SECONDS = 120.0
"""How long a reading may take."""

UNKNOWN_SYMBOL_SECONDS = 60.0
"""How often, at most, an unknown symbol has the markets read again."""

UNREADABLE = (msgspec.DecodeError, AttributeError, InvalidOperation, KeyError, TypeError, ValueError)


class MarketSet(msgspec.Struct, gc=True):
    """One reading: ours by unified symbol, and what ccxt's exchange objects share of it."""

    header: MarketHeader
    ours: dict[str, Market] = {}
    theirs: dict[str, dict[str, Any]] = {}
    by_id: dict[str, list[dict[str, Any]]] = {}

    def add(self, rows: Iterable[dict[str, Any]]) -> None:
        """Take in some of ccxt's market structures."""
        for row in rows:
            market = read_market(row)
            self.ours[market.symbol] = market
            self.theirs[market.symbol] = row
            self.by_id.setdefault(market.venue_id, []).append(row)

    def install(self, exchange: Any) -> None:
        """Have an exchange object use these markets, as its own `load_markets` would have left them."""
        exchange.options.update(self.header.options)
        exchange.markets = self.theirs
        exchange.markets_by_id = self.by_id
        exchange.symbols = sorted(self.theirs)
        exchange.ids = sorted(self.by_id)
        exchange.currencies = dict(self.header.currencies)
        exchange.currencies_by_id = {each["id"]: each for each in self.header.currencies.values()}
        exchange.codes = sorted(self.header.currencies)


def read_market(row: Mapping[str, Any]) -> Market:
    """Return ccxt's market structure with exact numbers. Raises what `UNREADABLE` names."""
    precision, limits = row["precision"], row["limits"]
    amount, cost = limits.get("amount") or {}, limits.get("cost") or {}
    return Market(
        symbol=row["symbol"],
        venue_id=str(row["id"]),
        market_type=MarketType(row["type"]),
        base=row["base"],
        quote=row["quote"],
        settle=row.get("settle") or "",
        inverse=bool(row.get("inverse")),
        contract_size=_number(row.get("contractSize")) or Decimal(1),
        tick=_number(precision.get("price")),
        lot=_number(precision.get("amount")),
        min_amount=_number(amount.get("min")),
        max_amount=_number(amount.get("max")),
        min_cost=_number(cost.get("min")),
        active=row.get("active") is not False,
        info=row.get("info") or {},
    )


def _number(value: object) -> Decimal:
    """Return 0 for what the venue does not say."""
    return Decimal(0) if value is None else Decimal(str(value))


class Markets:
    """The markets of one ccxt class. Touched by the event loop only. `changed` is called after each reading;
    `now_ms` is wall-clock time in milliseconds."""

    def __init__(
        self,
        request: LoadRequest,
        folder: Path,
        interval: float,
        changed: Callable[[], None],
        now_ms: Callable[[], int],
        load: Callable[[LoadRequest], AsyncIterator[bytes]] = load_apart,
    ) -> None:
        self._request = request
        self._interval = interval
        self._changed = changed
        self._now_ms = now_ms
        self._load = load
        self._path = folder / _file_name(request)
        self._task: asyncio.Task[None] | None = None
        self._wanted = asyncio.Event()
        self._asked_ms = 0
        self.current: MarketSet | None = None
        self.note = "the markets are being read"

    def start(self) -> None:
        """Read them, from disk first, and keep them fresh."""
        self._task = asyncio.get_running_loop().create_task(self._keep())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def get(self, symbol: str) -> Market | None:
        """Return a market by its unified symbol; `None` if there is none, which has the list read again."""
        found = self.current.ours.get(symbol) if self.current is not None else None
        if found is None and self.current is not None:
            now = self._now_ms()
            if now - self._asked_ms >= UNKNOWN_SYMBOL_SECONDS * 1000:
                self._asked_ms = now
                self._wanted.set()
        return found

    async def _keep(self) -> None:
        wait = await self._from_copy()
        pause = FIRST_PAUSE
        while True:
            if wait > 0:
                await self._sleep(wait)
            try:
                async with asyncio.timeout(LOAD_SECONDS):
                    await self._read(self._load(self._request), keep=True)
                wait, pause, self.note = self._interval, FIRST_PAUSE, ""
            except (OSError, *UNREADABLE) as error:
                log.warning("markets of %s were not read: %s", self._request.exchange, error)
                if self.current is None:
                    await self._from_copy(any_age=True)
                age = "" if self.current is None else f"of {self._age_minutes()} minutes ago are used: "
                self.note = f"the markets {age}they could not be read ({error})"
                self._changed()
                wait, pause = pause, min(pause * 2, LAST_PAUSE)

    async def _sleep(self, seconds: float) -> None:
        """Wait, or until an unknown symbol asks for an earlier reading."""
        self._wanted.clear()
        try:
            await asyncio.wait_for(self._wanted.wait(), seconds)
        except TimeoutError:
            return

    def _age_minutes(self) -> int:
        assert self.current is not None
        return max(0, self._now_ms() - self.current.header.at_ms) // 60_000

    async def _from_copy(self, *, any_age: bool = False) -> float:
        """Use the copy on disk; return the seconds until the next reading is due."""
        try:
            lines = (await asyncio.to_thread(self._path.read_bytes)).splitlines(keepends=True)
            at_ms = msgspec.json.decode(lines[0], type=MarketHeader).at_ms
            left = self._interval - (self._now_ms() - at_ms) / 1000
            if not any_age and not 0 < left <= self._interval:
                return 0.0
            await self._read(_each(lines), keep=False)
        except FileNotFoundError:
            return 0.0
        except (OSError, IndexError, *UNREADABLE) as error:
            log.warning("the copy of the markets in %s cannot be used: %s", self._path, error)
            return 0.0
        self.note = ""
        return max(left, 0.0)

    async def _read(self, lines: AsyncIterator[bytes], *, keep: bool) -> None:
        """Build a set, line by line, and put it in place of the present one."""
        header = msgspec.json.decode(await anext(lines, b""), type=MarketHeader)
        reading, kept = (
            MarketSet(header=header, ours={}, theirs={}, by_id={}),
            [msgspec.json.encode(header) + b"\n"],
        )
        async for line in lines:
            reading.add(msgspec.json.decode(line))
            if keep:
                kept.append(line)
            await asyncio.sleep(0)
        if not reading.ours or len(reading.ours) < header.count:
            raise ValueError(f"{len(reading.ours)} of {header.count} markets came")
        self.current = reading
        if keep:
            await asyncio.to_thread(_write, self._path, b"".join(kept))
        self._changed()


async def _each(lines: list[bytes]) -> AsyncIterator[bytes]:
    for line in lines:
        yield line


def _write(path: Path, content: bytes) -> None:
    """Replace the copy in one step, so that a crash leaves the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.write_bytes(content)
    beside.replace(path)


def _file_name(request: LoadRequest) -> str:
    """Name the copy by what was asked and where: a test network's markets are not the real ones."""
    where = f"{request.sandbox}|{request.demo}|{request.simulator_url}"
    side = "perp" if request.market_type.is_perp else "spot"
    return f"{request.exchange}-{side}-{hashlib.sha256(where.encode()).hexdigest()[:8]}.jsonl"
