"""Markets: read in a process of their own, kept on disk, kept fresh, exact."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from pathlib import Path

import msgspec

from fixgate.connectors.ccxt.market_loading import LoadRequest, load_apart
from fixgate.connectors.ccxt.markets import Markets
from fixgate.model.execution import MarketType
from tests.connectors_ccxt.fake_binance import FakeBinance
from tests.connectors_ccxt.running import load_here


class Clock:
    def __init__(self) -> None:
        self.ms = int(time.time() * 1000)

    def __call__(self) -> int:
        return self.ms


class Counted:
    """Loads as `load_here` does, counts, and fails when it is told to."""

    def __init__(self, *, fails: bool = False) -> None:
        self.times = 0
        self.fails = fails

    async def __call__(self, request: LoadRequest) -> AsyncIterator[bytes]:
        self.times += 1
        if self.fails:
            raise OSError("the venue does not answer")
        async for line in load_here(request):
            yield line


async def until(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + 10
    while not true():
        assert time.monotonic() < ends
        await asyncio.sleep(0.01)


def request_of(url: str) -> LoadRequest:
    return LoadRequest(exchange="binance", market_type=MarketType.SPOT, simulator_url=url)


async def read(folder: Path, url: str, load: Counted, clock: Clock | None = None) -> Markets:
    """Return markets after their first reading."""
    news: list[None] = []
    markets = Markets(request_of(url), folder, 3600, lambda: news.append(None), clock or Clock(), load)
    markets.start()
    await until(lambda: bool(news))
    return markets


async def test_a_process_of_its_own_reads_them_and_numbers_stay_exact(tmp_path: Path) -> None:
    async with FakeBinance() as venue:
        lines = [line async for line in load_apart(request_of(venue.url))]
        load = Counted()
        markets = await read(tmp_path, venue.url, load)
        await markets.stop()
    assert len(lines) > 1
    spot = markets.get("BTC/USDT")
    assert spot is not None
    assert (spot.tick, spot.lot, spot.min_cost) == (Decimal("0.01"), Decimal("0.00001"), Decimal(5))
    inverse = markets.get("BTC/USD:BTC")
    assert inverse is not None and inverse.inverse and inverse.contract_size == 100
    dated = markets.get("BTC/USDT:USDT-260925")
    assert dated is not None and dated.market_type is MarketType.FUTURE


async def test_a_venue_that_does_not_answer_is_told_of(tmp_path: Path) -> None:
    try:
        async for _ in load_apart(request_of("http://127.0.0.1:9")):
            raise AssertionError("there is nothing to read")
    except OSError as error:
        assert "ExchangeNotAvailable" in str(error)
    else:
        raise AssertionError("no failure was told")


async def test_a_young_copy_spares_the_venue_and_an_old_one_does_not(tmp_path: Path) -> None:
    async with FakeBinance() as venue:
        first = await read(tmp_path, venue.url, Counted())
        await first.stop()
        again = Counted()
        second = await read(tmp_path, venue.url, again)
        await second.stop()
        assert again.times == 0 and second.get("BTC/USDT") == first.get("BTC/USDT")

        late, clock = Counted(), Clock()
        clock.ms += 3_601_000
        third = await read(tmp_path, venue.url, late, clock)
        await third.stop()
        assert late.times == 1


async def test_an_old_copy_is_used_where_the_venue_does_not_answer_and_the_note_says_so(
    tmp_path: Path,
) -> None:
    async with FakeBinance() as venue:
        first = await read(tmp_path, venue.url, Counted())
        await first.stop()
        clock = Clock()
        clock.ms += 7_200_000
        second = await read(tmp_path, venue.url, Counted(fails=True), clock)
        await until(lambda: "could not be read" in second.note)
        await second.stop()
    assert second.get("BTC/USDT") == first.get("BTC/USDT")
    assert "of 120 minutes ago" in second.note and "does not answer" in second.note


def cut_short(folder: Path) -> None:
    copy = next(folder.glob("*.jsonl"))
    copy.write_bytes(copy.read_bytes()[:-400])


async def test_a_copy_that_is_broken_or_of_elsewhere_is_not_used(tmp_path: Path) -> None:
    async with FakeBinance() as venue:
        first = await read(tmp_path, venue.url, Counted())
        await first.stop()
        await asyncio.to_thread(cut_short, tmp_path)
        again = Counted()
        second = await read(tmp_path, venue.url, again)
        await second.stop()
        assert again.times == 1 and second.get("BTC/USDT") is not None
        elsewhere = Counted()
        third = await read(tmp_path, venue.url + "0", elsewhere)
        await third.stop()
        assert elsewhere.times == 1


async def test_an_unknown_symbol_has_them_read_again_once_a_minute(tmp_path: Path) -> None:
    async with FakeBinance() as venue:
        load, clock = Counted(), Clock()
        markets = await read(tmp_path, venue.url, load, clock)
        assert markets.get("NEW/USDT") is None
        await until(lambda: load.times == 2)
        for _ in range(5):
            assert markets.get("NEW/USDT") is None
        clock.ms += 59_000
        assert markets.get("NEW/USDT") is None
        await asyncio.sleep(0)
        assert load.times == 2
        clock.ms += 2_000
        assert markets.get("NEW/USDT") is None
        await until(lambda: load.times == 3)
        await markets.stop()


async def test_thousands_of_markets_are_taken_in_without_holding_up_the_loop(tmp_path: Path) -> None:
    async with FakeBinance() as venue:
        lines = [line async for line in load_here(request_of(venue.url))]
    header, rows = msgspec.json.decode(lines[0]), msgspec.json.decode(lines[1])
    many = [{**rows[0], "symbol": f"C{number}/USDT", "id": f"C{number}USDT"} for number in range(4000)]
    header["count"] = len(many)

    async def load(request: LoadRequest) -> AsyncIterator[bytes]:
        yield msgspec.json.encode(header)
        for start in range(0, len(many), 20):
            yield msgspec.json.encode(many[start : start + 20])

    pauses: list[float] = []

    async def heartbeat() -> None:
        last = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            pauses.append(now - last)
            last = now

    news: list[None] = []
    markets = Markets(request_of(""), tmp_path, 3600, lambda: news.append(None), Clock(), load)
    beat = asyncio.get_running_loop().create_task(heartbeat())
    markets.start()
    await until(lambda: bool(news))
    beat.cancel()
    await markets.stop()
    assert markets.current is not None and len(markets.current.ours) == 4000
    assert sorted(pauses)[-5] < 0.010
