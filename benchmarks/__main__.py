"""`python -m benchmarks`: measure the floor, the gateway and ccxt side by side, in turns; then a start.

Exit status 0 when every part was measured, 1 when one was not.
"""

import argparse
import os
import shlex
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from rich.console import Console

from benchmarks.gateway import gateway
from benchmarks.processes import ROOT, BenchmarkError, child, first_line, free_port, module
from benchmarks.report import save, show
from benchmarks.samples import Sample, floor_of, median
from benchmarks.start_figures import Start

MEASUREMENT_SECONDS = 60.0
STARTUP_SECONDS = 90.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark as the command line says."""
    given = _parse(arguments)
    console = Console(highlight=False)
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGALRM, _overdue)
    signal.alarm(given.seconds)
    try:
        with tempfile.TemporaryDirectory(prefix="fixgate-bench-") as directory:
            rounds, notes = measure(Path(directory), given, console)
            start = startup(Path(directory), given, notes)
    except (BenchmarkError, TimeoutError) as error:
        console.print(f"benchmark: {error}", style="bold red", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("benchmark: interrupted, nothing written")
        return 130
    finally:
        signal.alarm(0)
    figures = {name: median(several) for name, several in rounds.items() if several}
    if "echo" in figures and "post" in figures:
        figures["floor"] = floor_of(figures["echo"], figures["post"])
    show(figures, start, notes, console)
    save(given.json, figures, rounds, start)
    console.print(f"written to {given.json}", style="dim")
    return 1 if notes else 0


def measure(
    directory: Path, given: argparse.Namespace, console: Console
) -> tuple[dict[str, list[Sample]], dict[str, str]]:
    """Start the servers and measure every part once per round.

    Returns the samples of each part, and for each part that could not be measured the reason.
    """
    notes: dict[str, str] = {}
    parts: dict[str, list[str]] = {}
    with ExitStack() as stack:
        venue_log = directory / "venue.log"
        venue = stack.enter_context(child(module("canned_venue"), venue_log))
        venue_port, stream_port = map(int, first_line(venue, venue_log).split())
        try:
            echo_port = free_port()
            echo_log = directory / "echo.log"
            echo = stack.enter_context(
                child(module("echo_acceptor", directory / "echo", echo_port), echo_log)
            )
            console.print(f"FIX echo with {first_line(echo, echo_log).strip()}", style="dim")
            parts["echo"] = module("fix_orders", echo_port)
        except BenchmarkError as error:
            notes["echo"] = str(error)
        parts["post"] = module("http_orders", venue_port)
        try:
            fix_port = stack.enter_context(gateway(given.gateway, directory, venue_port, stream_port))
            parts["gateway"] = module("fix_orders", fix_port)
        except BenchmarkError as error:
            notes["gateway"] = str(error)
        try:
            cpu = max(os.sched_getaffinity(0))
            pinned = gateway(given.gateway, directory, venue_port, stream_port, cpu)
            parts["pinned"] = module("fix_orders", stack.enter_context(pinned))
        except BenchmarkError as error:
            notes["pinned"] = str(error)
        parts["ccxt"] = module("ccxt_orders", venue_port)
        return _in_turns(parts, directory, given, notes, console), notes


def startup(directory: Path, given: argparse.Namespace, notes: dict[str, str]) -> Start | None:
    """Measure a start on a large journal, when nothing else runs; `None`, and a note, if that failed."""
    log = directory / "startup.log"
    command = [*module("startup"), "--directory", str(directory), "--scale", str(given.scale)]
    try:
        with child(command, log) as process:
            return Start.parse(first_line(process, log, STARTUP_SECONDS))
    except BenchmarkError as error:
        notes["startup"] = str(error)
        return None


def _in_turns(
    parts: dict[str, list[str]],
    directory: Path,
    given: argparse.Namespace,
    notes: dict[str, str],
    console: Console,
) -> dict[str, list[Sample]]:
    """Measure part after part, round after round: a machine that slows down slows all of them."""
    rounds: dict[str, list[Sample]] = {name: [] for name in parts}
    log = directory / "measurement.log"
    for number in range(1, given.rounds + 1):
        for name, command in parts.items():
            if name in notes:
                continue
            run = [f"R{number}"] if "benchmarks.fix_orders" in command else []
            try:
                with child([*command, *run, "--scale", str(given.scale)], log) as process:
                    line = first_line(process, log, MEASUREMENT_SECONDS)
            except BenchmarkError as error:
                notes[name] = str(error)
                continue
            one = Sample.parse(line)
            rounds[name].append(one)
            figures = f"p50 {one.p50:,.0f} µs, p99 {one.p99:,.0f} µs, {one.per_second:,.0f} orders/s"
            console.print(f"round {number} of {given.rounds}: {name:8}{figures}", style="dim")
    return rounds


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="the median over them is reported")
    parser.add_argument("--scale", type=int, default=1, help="divide the number of orders, for a quick look")
    parser.add_argument("--seconds", type=int, default=170, help="give up after this long")
    parser.add_argument("--json", type=Path, default=ROOT / "var" / "bench.json", help="where to write")
    parser.add_argument(
        "--gateway",
        type=shlex.split,
        default=[str(Path(sys.executable).parent / "fixgate"), "run", "-c"],
        help="the command that runs a gateway; the path of its configuration is added",
    )
    return parser.parse_args(arguments)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _overdue(number: int, frame: FrameType | None) -> None:
    raise TimeoutError("the benchmark took too long and was given up; nothing is written")


if __name__ == "__main__":
    sys.exit(main())
