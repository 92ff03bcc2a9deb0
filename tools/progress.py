"""Run the commands of a set-up one by one: their output to a log, one progress line to the screen."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TextIO

TAIL_LINES = 25
TERMINAL_INTERVAL = 1.0
PLAIN_INTERVAL = 30.0
"""Seconds between lines where nothing can be overwritten, such as in a CI log."""


class Progress:
    """Shows how long the command at work has been running.

    On a terminal the line moves every second; elsewhere a line is printed every half minute.
    """

    def __init__(self, log: Path, screen: TextIO | None = None) -> None:
        self._log = log
        self._screen = screen or sys.stdout
        self._moving = self._screen.isatty()
        self.interval = TERMINAL_INTERVAL if self._moving else PLAIN_INTERVAL

    def step(self, title: str, command: Sequence[str]) -> str | None:
        """Run `command`; return `None` when it succeeded, otherwise the last lines of its output."""
        started = time.monotonic()
        self._show(title, 0.0, first=True)
        with self._log.open("ab") as log:
            start = log.tell()
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                self._wait(process, title, started)
            except BaseException:
                _end(process)
                raise
        elapsed = _elapsed(time.monotonic() - started)
        if process.returncode == 0:
            self._write(f"{title}: done in {elapsed}", end="\n")
            return None
        self._write(f"{title}: FAILED after {elapsed}", end="\n")
        return self._tail(start) or f"nothing; {command[0]} ended with status {process.returncode}"

    def _wait(self, process: "subprocess.Popen[bytes]", title: str, started: float) -> None:
        while True:
            try:
                process.wait(self.interval)
                return
            except subprocess.TimeoutExpired:
                self._show(title, time.monotonic() - started)

    def _show(self, title: str, seconds: float, *, first: bool = False) -> None:
        text = f"{title} ..." if first else f"{title} ... {_elapsed(seconds)}"
        self._write(text, end="" if self._moving else "\n")

    def _write(self, text: str, *, end: str) -> None:
        self._screen.write(f"\r\x1b[K{text}{end}" if self._moving else f"{text}{end}")
        self._screen.flush()

    def _tail(self, start: int) -> str:
        with self._log.open("rb") as log:
            log.seek(start)
            return "\n".join(log.read().decode("utf-8", "replace").splitlines()[-TAIL_LINES:])


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a command and the compilers it started: they are one process group of their own."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _elapsed(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
