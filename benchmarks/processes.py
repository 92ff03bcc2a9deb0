"""Child processes of the benchmark. Whatever happens, none of them outlives it."""

import os
import selectors
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30.0
END_SECONDS = 10.0


class BenchmarkError(Exception):
    """A part could not be measured. The text says which and why."""


def free_port() -> int:
    """Return a TCP port on loopback that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def module(name: str, *arguments: object) -> list[str]:
    """Return the command that runs one of the benchmark's own modules."""
    return [sys.executable, "-m", f"benchmarks.{name}", *map(str, arguments)]


@contextmanager
def child(command: Sequence[str], log: Path, *, quiet: bool = False) -> Iterator["subprocess.Popen[str]"]:
    """Run `command` in a process group of its own; end the whole group on the way out.

    Its stderr goes to `log`. Its stdout can be read as text, or goes to `log` as well when `quiet`.
    """
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=errors if quiet else subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        _end(process)


def first_line(process: "subprocess.Popen[str]", log: Path, seconds: float = START_SECONDS) -> str:
    """Return the first line that a child prints; raise `BenchmarkError` when there is none in time."""
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        line = process.stdout.readline() if selector.select(seconds) else ""
    if not line:
        raise BenchmarkError(f"{_name(process)} said nothing{_because(process, log, seconds)}")
    return line


def wait_ready(process: "subprocess.Popen[str]", url: str, log: Path, seconds: float = START_SECONDS) -> None:
    """Wait until `url` answers 200; raise `BenchmarkError` when it does not in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise BenchmarkError(f"{_name(process)} is not ready at {url}{_because(process, log, seconds)}")


def _because(process: "subprocess.Popen[str]", log: Path, seconds: float) -> str:
    with suppress(subprocess.TimeoutExpired):
        process.wait(1)
    ended = f"it ended with status {process.returncode}"
    reason = f"waited {seconds:.0f} s" if process.returncode is None else ended
    tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-10:])
    return f" ({reason})" + (f":\n{tail}" if tail else "")


def _name(process: "subprocess.Popen[str]") -> str:
    command = [str(part) for part in process.args] if isinstance(process.args, list) else [str(process.args)]
    return " ".join(command[:4])


def _end(process: "subprocess.Popen[str]") -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(END_SECONDS)
            break
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.stdout is not None:
        process.stdout.close()
