"""A start with 1,000,000 finished and 10,000 open orders: how long it takes, and how much memory.

Run as `python -m benchmarks.startup`; prints one JSON line. The journal is written through its own port
into a temporary directory, and read by a process of its own, as a start of the gateway is.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path

from benchmarks.processes import ROOT, module
from benchmarks.start_figures import Start
from fixgate.engine.engine import Engine
from fixgate.engine.ids import by_client, by_client_order_id, by_venue_order_id
from fixgate.journal.journal import Floor
from fixgate.journal.sqlite import SqliteJournal
from fixgate.model.commands import NewOrder
from fixgate.model.enums import InstrumentType, OrderType, ProductType, Side, TimeInForce
from fixgate.model.facts import Fact, OrderFilled
from fixgate.model.snapshot import OrderSnapshot
from fixgate.model.venue import SubmitOrder

FINISHED, OPEN, FACTS = 1_000_000, 10_000, 10_000
"""Orders in snapshots, and facts after the floor."""

LOOK_UPS, PIECES, PIECE = 2000, 20, 500
_BATCH = 10_000
_FIRST, _SINCE_NS = 1_795_000_000_000, 1_795_000_000_000_000_000


def restore(journal: SqliteJournal) -> Engine:
    """Rebuild the engine's state as the gateway does."""
    engine = Engine({}, journal)
    engine.restore(journal.facts(), snapshots=journal.open_orders())
    return engine


def write(path: Path, start: Start) -> None:
    """Write a journal as a long run leaves it: every hundredth order or so is open still."""
    began = time.perf_counter()
    journal = SqliteJournal(path)
    count = start.finished + start.open
    every = max(1, count // max(1, start.open))
    opened = range(0, every * start.open, every)
    for first in range(0, count, _BATCH):
        batch = range(first, min(first + _BATCH, count))
        journal.keep([_order(n, n in opened) for n in batch])
    seq = 4 * count
    journal.append([_filled(seq + n, _FIRST + opened[n % start.open]) for n in range(1, start.facts + 1)])
    journal.raise_floor(Floor(seq, _FIRST + count))
    journal.close()
    start.written_ms = _since(began)
    start.file_mb = path.stat().st_size / 1e6


def read(path: Path, start: Start) -> None:
    """Start on the journal at `path`, then look finished orders up and forget some."""
    before = _memory_mb()
    began = time.perf_counter()
    journal = SqliteJournal(path)
    start.open_ms = _since(began)
    began = time.perf_counter()
    engine = restore(journal)
    start.restore_ms = _since(began)
    start.memory_mb = _memory_mb() - before
    orders, facts = list(journal.open_orders()), list(journal.facts())
    if (len(engine.book.live), len(orders), len(facts)) != (start.open, start.open, start.facts):
        raise SystemExit(
            f"the engine knows {len(engine.book.live)} open orders, the journal {len(orders)} and "
            f"{len(facts)} facts; written were {start.open} and {start.facts}"
        )
    start.orders_ms = _timed(lambda: list(journal.open_orders()))
    start.facts_ms = _timed(lambda: list(journal.facts()))
    chosen = random.Random(1).choices(range(start.finished + start.open), k=LOOK_UPS)
    start.order_of_us = 1e3 * statistics.median(
        _timed(lambda n=n: journal.order_of(_client_id(n))) for n in chosen
    )
    start.order_us = 1e3 * statistics.median(_timed(lambda n=n: journal.order(_FIRST + n)) for n in chosen)
    start.forget_ms = statistics.median(
        _timed(lambda: journal.forget(2 * _SINCE_NS, PIECE)) for _ in range(PIECES)
    )
    journal.close()


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return _since(began)


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1e3


def _memory_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 1e6


def _order(n: int, is_open: bool) -> OrderSnapshot:
    """An order of 0.010 BTCUSDT, filled by one trade unless it is open."""
    order_id, quantity, price = _FIRST + n, Decimal("0.010"), Decimal("65000.10")
    cl_ord_id, client_order_id, venue_order_id = (
        f"A{n:08}",
        f"fg{order_id}",
        str(8_389_765_500_000_000_000 + n),
    )
    taken = _SINCE_NS + n * 1_000_000
    return OrderSnapshot(
        order_id=order_id,
        as_of=4 * n + 3,
        open=is_open,
        ended_ns=0 if is_open else taken + 500_000,
        ids=(
            _client_id(n),
            by_client_order_id("BINANCEPM", "main", client_order_id),
            by_venue_order_id("BINANCEPM", "main", ProductType.FUTURE, "BTCUSDT", venue_order_id),
        ),
        terms=NewOrder(
            source="OMS",
            session="FIX.4.4:FIXGATE->OMS",
            cl_ord_id=cl_ord_id,
            connector="BINANCEPM",
            symbol="BTCUSDT",
            instrument_type=InstrumentType.FUTURE,
            side=Side.BUY,
            order_type=OrderType.LIMIT,
            quantity=quantity,
            price=price,
            security_type="FUT",
            transact_time="20261121-09:00:00.000",
        ),
        request=SubmitOrder(
            connector="BINANCEPM",
            account="main",
            order_id=order_id,
            client_order_id=client_order_id,
            product_type=ProductType.FUTURE,
            symbol="BTCUSDT",
            side=Side.BUY,
            order_type=OrderType.LIMIT,
            time_in_force=TimeInForce.GTC,
            quantity=quantity,
            price=price,
        ),
        state="new" if is_open else "filled",
        quantity=quantity,
        price=price,
        cl_ord_id=cl_ord_id,
        cl_ord_ids=(cl_ord_id,),
        venue_order_id=venue_order_id,
        received_ns=taken,
        requested_ns=taken,
        cum=Decimal(0) if is_open else quantity,
        value=Decimal(0) if is_open else quantity * price,
        trades=() if is_open else (str(500_000_000 + n),),
    )


def _client_id(n: int) -> str:
    return by_client("OMS", f"A{n:08}")


def _filled(seq: int, order_id: int) -> Fact:
    return OrderFilled(
        seq=seq,
        at_ns=_SINCE_NS,
        order_id=order_id,
        trade_id=str(seq),
        last_quantity=Decimal("0.001"),
        last_price=Decimal("65000.10"),
    )


def measure(directory: Path | None, scale: int = 1) -> Start:
    """Write a journal below `directory` and start on it in a process of its own. `scale` divides its size."""
    start = Start(FINISHED // scale, OPEN // scale, FACTS // scale)
    with tempfile.TemporaryDirectory(prefix="fixgate-startup-", dir=directory) as place:
        path = Path(place) / "journal.db"
        write(path, start)
        done = subprocess.run(
            [*module("startup"), "--read", path, "--start", json.dumps(asdict(start))],
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
            check=True,
        )
        return Start.parse(done.stdout)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--directory", type=Path, help="where the journal of 1.6 GB is written and deleted")
    parser.add_argument("--scale", type=int, default=1, help="divide the numbers of orders and facts")
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--start", type=Start.parse, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.read is None:
        measured = measure(given.directory, given.scale)
    else:
        measured = given.start
        read(given.read, measured)
    measured.print()
