"""Loading a venue's markets in a process of its own: `python -m fixgate.connectors.ccxt.market_loading`.

ccxt builds thousands of dictionaries at once and holds the interpreter for a tenth of a second and more,
which no order should wait for. The process reads a `LoadRequest` as JSON from standard input and writes
lines of JSON to standard output: a header, then markets, a few in each line, so that the reader is never
busy for long. It ends with status 1 and says why on standard error where the venue does not answer. Markets
need no key, and the process is given none.
"""

import asyncio
import importlib
import importlib.util
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any
from weakref import WeakKeyDictionary

import aiohttp
import msgspec

from fixgate.connectors.ccxt.exchange import new_exchange
from fixgate.connectors.ccxt.redirect import RedirectingSession
from fixgate.connectors.ccxt.translator import Credentials
from fixgate.connectors.ccxt.translators import translator_of
from fixgate.model.execution import MarketType

CHUNK = 20
"""Markets in a line: about a tenth of a millisecond to read."""

ATTEMPTS = 2
"""How often the process asks before it gives up."""

TYPES = frozenset(str(each) for each in MarketType)
"""What ccxt calls the markets that orders are for. Options and spot margin's own are left out."""


class LoadRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Which markets: those of the ccxt class that serves `market_type` on `exchange`."""

    exchange: str
    market_type: MarketType
    sandbox: bool = False
    demo: bool = False
    simulator_url: str = ""
    timeout_ms: int = 5000


class MarketHeader(msgspec.Struct, frozen=True, kw_only=True):
    """What comes before the markets. `options` are those that ccxt's loading added to the exchange object."""

    at_ms: int
    count: int
    currencies: Mapping[str, Any]
    options: Mapping[str, Any]


async def load_lines(request: LoadRequest) -> list[bytes]:
    """Ask the venue, by ccxt's own loader, and return the header's and the markets' lines."""
    translator = translator_of(request.exchange)
    make = RedirectingSession(request.simulator_url) if request.simulator_url else aiohttp.ClientSession()
    async with make as session:
        exchange = new_exchange(
            translator,
            request.market_type,
            Credentials(),
            session=session,
            sandbox=request.sandbox,
            demo=request.demo,
            pro=False,
            timeout_ms=request.timeout_ms,
        )
        try:
            before = dict(exchange.options)
            await exchange.load_markets()
            return list(_lines(exchange, before))
        finally:
            await exchange.close()


def _lines(exchange: Any, before: Mapping[str, Any]) -> Iterator[bytes]:
    markets = [_slim(each) for each in exchange.markets.values() if each["type"] in TYPES]
    added = {key: each for key, each in exchange.options.items() if before.get(key) != each}
    header = MarketHeader(
        at_ms=exchange.milliseconds(),
        count=len(markets),
        currencies={code: each | {"info": {}} for code, each in exchange.currencies.items()},
        options=_plain(added),
    )
    yield msgspec.json.encode(header)
    for start in range(0, len(markets), CHUNK):
        yield msgspec.json.encode(markets[start : start + CHUNK])


def _slim(market: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out of the venue's own record what is neither a value nor a list of values."""
    info = market.get("info")
    kept = {key: each for key, each in info.items() if _is_flat(each)} if isinstance(info, dict) else {}
    return {**market, "info": kept}


def _is_flat(value: Any) -> bool:
    if isinstance(value, list):
        return not any(isinstance(each, dict | list) for each in value)
    return not isinstance(value, dict)


def _plain(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that JSON can carry."""
    kept: dict[str, Any] = {}
    for key, each in options.items():
        try:
            kept[key] = msgspec.json.decode(msgspec.json.encode(each))
        except (TypeError, ValueError):
            continue
    return kept


AT_ONCE = 2
"""Loading processes at the same time: each takes a processor for a second or two, and a hundred megabytes."""

_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


async def load_apart(request: LoadRequest) -> AsyncIterator[bytes]:
    """Yield the lines that a process of its own writes, when it is its turn. Raises `OSError` where it fails,
    with its words."""
    async with _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE)):
        async for line in _lines_of(request):
            yield line


async def _lines_of(request: LoadRequest) -> AsyncIterator[bytes]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        __name__,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=64 * 1024 * 1024,
    )
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    try:
        process.stdin.write(msgspec.json.encode(request))
        process.stdin.close()
        while line := await process.stdout.readline():
            yield line
        said = (await process.stderr.read()).decode(errors="replace").strip()
        if await process.wait():
            raise OSError(said.rpartition("\n")[2][:300] or f"the loader ended with {process.returncode}")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def spare_imports() -> None:
    """Have ccxt import what one exchange needs and not all of its hundred, which takes this process longer
    than all the rest: its packages are entered without running what they would import."""
    place = importlib.util.find_spec("ccxt")
    if place is None or not place.submodule_search_locations or "ccxt" in sys.modules:
        return
    root = Path(place.submodule_search_locations[0])
    for name in ("ccxt", "ccxt.async_support"):
        package = ModuleType(name)
        package.__path__ = [str(root.joinpath(*name.split(".")[1:]))]
        sys.modules[name] = package
    for name in ("ccxt.base.errors", "ccxt.base.exchange"):
        names = vars(importlib.import_module(name))
        vars(sys.modules["ccxt"]).update({each: names[each] for each in names if each[0] != "_"})


def _import_all() -> None:
    """Undo `spare_imports`: ccxt needs more than it lets in."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "ccxt"]:
        del sys.modules[name]


def main() -> int:
    """Answer one request."""
    try:
        spare_imports()
    except ImportError:
        _import_all()
    request = msgspec.json.decode(sys.stdin.buffer.read(), type=LoadRequest)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            lines = asyncio.run(load_lines(request))
            break
        except Exception as error:  # noqa: BLE001 - whatever ccxt raises is told, and the reader decides
            if isinstance(error, ImportError):
                _import_all()
            if attempt == ATTEMPTS:
                sys.stderr.write(f"{type(error).__name__}: {error}\n")
                return 1
    for line in lines:
        sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
