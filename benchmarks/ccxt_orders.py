"""The usual Python way to the same venue: ccxt's own asynchronous `create_order`.

Run as `python -m benchmarks.ccxt_orders PORT`; prints one sample. The market is given, so nothing is
downloaded; the rate limiter is off; the only other change is the address of the venue.
"""

import argparse
import asyncio
import itertools
import sys
import time
from typing import Any

import ccxt.async_support as ccxt
import uvloop

from benchmarks.processes import BenchmarkError
from benchmarks.samples import CONCURRENT, IN_FLIGHT, SEQUENTIAL, WARM_UP, Sample, sample

_MARKET: dict[str, Any] = {
    "id": "BTCUSDT",
    "symbol": "BTC/USDT:USDT",
    "base": "BTC",
    "quote": "USDT",
    "settle": "USDT",
    "baseId": "BTC",
    "quoteId": "USDT",
    "settleId": "USDT",
    "type": "swap",
    "spot": False,
    "margin": False,
    "swap": True,
    "future": False,
    "option": False,
    "contract": True,
    "active": True,
    "linear": True,
    "inverse": False,
    "contractSize": 1,
    "precision": {"price": "0.1", "amount": "0.001"},
    "limits": {"price": {}, "amount": {}, "cost": {}, "market": {}, "leverage": {}},
    "info": {"orderTypes": ["LIMIT", "MARKET"]},
}


def exchange(port: int) -> Any:
    """Return ccxt's Binance client in portfolio margin mode, pointed at the canned venue."""
    client = ccxt.binance(
        {
            "apiKey": "BENCH",
            "secret": "BENCH-SECRET",
            "enableRateLimit": False,
            "options": {"portfolioMargin": True, "defaultType": "swap"},
        }
    )
    client.urls["api"]["papi"] = f"http://127.0.0.1:{port}/papi/v1"
    client.set_markets([_MARKET])
    return client


async def place(client: Any, number: int) -> None:
    """Place one order and see that it was taken; raise `BenchmarkError` otherwise."""
    order = await client.create_order(
        "BTC/USDT:USDT", "limit", "buy", "0.010", "65000.10", {"newClientOrderId": f"{number:016d}"}
    )
    if order["status"] != "open":
        raise BenchmarkError(f"ccxt was answered {order}")


async def measure(port: int, scale: int = 1) -> Sample:
    """Measure ccxt. `scale` divides the number of orders, for a quick look."""
    client = exchange(port)
    numbers = itertools.count(1)
    try:
        for _ in range(WARM_UP // scale):
            await place(client, next(numbers))
        latencies = []
        for _ in range(SEQUENTIAL // scale):
            started = time.perf_counter_ns()
            await place(client, next(numbers))
            latencies.append(time.perf_counter_ns() - started)
        total = CONCURRENT // scale
        waiting = iter(range(total))

        async def lane() -> None:
            for _ in waiting:
                await place(client, next(numbers))

        started = time.perf_counter_ns()
        await asyncio.gather(*(lane() for _ in range(IN_FLIGHT)))
        elapsed = time.perf_counter_ns() - started
    finally:
        await client.close()
    return sample(latencies, total, elapsed)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--scale", type=int, default=1)
    given = parser.parse_args()
    try:
        uvloop.run(measure(given.port, given.scale)).print()
    except (BenchmarkError, OSError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
