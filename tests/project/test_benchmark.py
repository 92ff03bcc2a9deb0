"""The benchmark measures what it says, says what it could not, and leaves nothing running."""

import asyncio
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from benchmarks.canned_venue import answer
from benchmarks.processes import child, first_line, module
from benchmarks.samples import Sample, floor_of, median, percentile, sample
from websockets.asyncio.client import connect

ROOT = Path(__file__).resolve().parents[2]
QUICK = ("--rounds", "1", "--scale", "50")


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    log = tmp_path_factory.mktemp("venue") / "log"
    with child(module("canned_venue"), log) as process:
        http, stream = first_line(process, log).split()
        yield int(http), int(stream)


def bench(path: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *QUICK, "--json", str(path), *arguments],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(path.parent)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def running(marker: str) -> list[str]:
    """Return the command lines of live processes that mention `marker`."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if marker in line:
            lines.append(line)
    return lines


def test_given_all_parts_when_measured_then_figures_and_ratios_are_written_and_nothing_stays_running(
    tmp_path: Path,
) -> None:
    stand_in = shlex.join([sys.executable, "-m", "tests.project.stand_in_gateway"])
    done = bench(tmp_path / "bench.json", "--gateway", stand_in)
    assert done.returncode == 0, done.stdout + done.stderr
    written = json.loads((tmp_path / "bench.json").read_text())
    figures = written["figures"]
    assert figures.keys() == {"echo", "post", "floor", "gateway", "pinned", "ccxt"}
    assert all(0 < one["p50"] <= one["p99"] and one["per_second"] > 0 for one in figures.values())
    assert figures["floor"]["p50"] == pytest.approx(figures["echo"]["p50"] + figures["post"]["p50"])
    assert written["ratios_at_p50"]["gateway/ccxt"] == pytest.approx(
        figures["gateway"]["p50"] / figures["ccxt"]["p50"]
    )
    assert "gateway/floor at p50" in done.stdout
    assert written["start"]["open"] == 200 and 0 < written["start"]["restore_ms"] < 60_000
    assert "start with 20,000 finished and 200 open orders" in " ".join(done.stdout.split())
    assert not running(str(tmp_path))


def test_given_no_gateway_when_measured_then_the_rest_is_shown_the_reason_is_said_and_the_status_is_not_zero(
    tmp_path: Path,
) -> None:
    done = bench(tmp_path / "bench.json", "--gateway", "/nowhere/fixgate run -c")
    assert done.returncode == 1
    assert "gateway: there is no /nowhere/fixgate; run `make setup`" in done.stdout
    assert json.loads((tmp_path / "bench.json").read_text())["figures"].keys() == {
        "echo",
        "post",
        "floor",
        "ccxt",
    }


def test_given_too_little_time_when_measured_then_it_gives_up_and_nothing_stays_running(
    tmp_path: Path,
) -> None:
    done = bench(tmp_path / "bench.json", "--seconds", "1", "--scale", "1")
    assert done.returncode == 1
    assert "took too long" in done.stdout
    assert not (tmp_path / "bench.json").exists()
    assert not running(str(tmp_path))


async def test_given_joined_and_cut_requests_when_the_canned_venue_reads_them_then_each_is_answered(
    venue: tuple[int, int],
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", venue[0])
    order = b"POST /papi/v1/um/order?newClientOrderId=%b&signature=0 HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b"
    requests = order % (b"one", 0, b"") + order % (b"two", 3, b"a=b") + order % (b"three", 0, b"")
    writer.write(requests[:-9])
    answers = [await read_answer(reader), await read_answer(reader)]
    writer.write(requests[-9:])
    answers.append(await read_answer(reader))
    writer.close()
    assert [one["clientOrderId"] for one in answers] == ["one", "two", "three"]
    assert len({one["orderId"] for one in answers}) == 3


async def test_given_a_listen_key_when_its_stream_is_opened_then_it_is_accepted_and_alive(
    venue: tuple[int, int],
) -> None:
    async with connect(f"ws://127.0.0.1:{venue[1]}/pm/ws/benchmark") as stream:
        assert json.loads(await asyncio.wait_for(stream.recv(), 10))["e"] == "openOrderLoss"


async def read_answer(reader: asyncio.StreamReader) -> dict[str, object]:
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    length = int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])
    body: dict[str, object] = json.loads(await reader.readexactly(length))
    return body


def test_given_an_unknown_path_when_asked_then_the_canned_venue_says_404() -> None:
    assert answer(b"GET /papi/v1/nothing HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 404 ")


@pytest.mark.parametrize(("percent", "expected"), [(50, 50), (99, 99), (100, 100), (1, 1), (0, 1)])
def test_given_a_hundred_latencies_when_ranked_then_the_nearest_rank_is_taken(
    percent: int, expected: int
) -> None:
    assert percentile(list(range(1, 101)), percent) == expected


def test_given_latencies_and_a_rate_when_sampled_then_units_are_microseconds_and_orders_per_second() -> None:
    assert sample([3000, 1000, 2000], 500, 250_000_000) == Sample(p50=2.0, p99=3.0, per_second=2000.0)


def test_given_rounds_when_reduced_then_one_bad_round_does_not_decide() -> None:
    assert median([Sample(1, 2, 30), Sample(2, 3, 20), Sample(900, 950, 1)]) == Sample(2, 3, 20)


def test_given_both_halves_when_the_floor_is_taken_then_times_add_up_and_the_slower_sets_the_rate() -> None:
    assert floor_of(Sample(100, 200, 9000), Sample(50, 80, 20000)) == Sample(150, 280, 9000)
