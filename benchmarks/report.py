"""The figures as a table for people and as JSON for machines."""

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.samples import Sample
from benchmarks.start_figures import Start

TITLES = {
    "echo": "a  FIX echo: bare QuickFIX acceptor",
    "post": "a  HTTP POST: bare keep-alive socket",
    "floor": "a  floor: both halves, nothing in between",
    "gateway": "b  gateway: NewOrderSingle to New",
    "pinned": "b  gateway on one core (process.cpu)",
    "ccxt": "c  ccxt: await create_order()",
}
RATIOS = {
    "gateway/floor": ("gateway", "floor"),
    "gateway/ccxt": ("gateway", "ccxt"),
    "gateway on one core/floor": ("pinned", "floor"),
    "gateway on one core/ccxt": ("pinned", "ccxt"),
}


def ratios(figures: Mapping[str, Sample]) -> dict[str, float]:
    """Return the ratios of p50 latencies of which both parts were measured; below 1 the first is quicker."""
    return {
        name: figures[one].p50 / figures[other].p50
        for name, (one, other) in RATIOS.items()
        if one in figures and other in figures
    }


def show(
    figures: Mapping[str, Sample], start: Start | None, notes: Mapping[str, str], console: Console
) -> None:
    """Print the table, the ratios, what a start takes, and why a part is missing."""
    table = Table(title="One limit order, wire to wire on loopback")
    table.add_column("what", no_wrap=True)
    for heading in ("p50 µs", "p99 µs", "orders/s"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, title in TITLES.items():
        if name in figures:
            one = figures[name]
            table.add_row(title, f"{one.p50:,.0f}", f"{one.p99:,.0f}", f"{one.per_second:,.0f}")
        else:
            table.add_row(title, "-", "-", "-", style="dim")
    console.print(table)
    for name, ratio in ratios(figures).items():
        console.print(f"{name} at p50: {ratio:.2f}")
    if start is not None:
        console.print(start_line(start))
    for name, note in notes.items():
        console.print(f"{name}: {note}", style="bold red", markup=False)


def start_line(start: Start) -> str:
    """Return what a start takes, in words."""
    return (
        f"start with {start.finished:,} finished and {start.open:,} open orders "
        f"and {start.facts:,} facts since: "
        f"{start.total_ms:,.0f} ms, {start.memory_mb:,.0f} MB (journal of {start.file_mb:,.0f} MB)"
    )


def save(
    path: Path, figures: Mapping[str, Sample], rounds: Mapping[str, list[Sample]], start: Start | None
) -> None:
    """Write medians, ratios, every round, the start and the machine to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "python": platform.python_version(),
            "system": platform.platform(),
            "processors": os.cpu_count(),
        },
        "units": {"p50": "microseconds", "p99": "microseconds", "per_second": "orders per second"},
        "figures": {name: asdict(one) for name, one in figures.items()},
        "ratios_at_p50": ratios(figures),
        "start": asdict(start) if start is not None else None,
        "rounds": {name: [asdict(one) for one in several] for name, several in rounds.items()},
    }
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
