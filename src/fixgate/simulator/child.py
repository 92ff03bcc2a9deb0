"""The simulated exchange as a child process of the gateway.

The child reads the same configuration file. It has a process group of its own, so that Ctrl-C in a
terminal reaches the gateway alone, which stops it last; and it ends by itself when its standard input
closes, which is what the death of the gateway looks like.
"""

import asyncio
import contextlib
import logging
import sys
from pathlib import Path

log = logging.getLogger(__name__)

READY_WORD = "READY"
"""The child's first line on standard output starts with it."""

_START_SECONDS, _STOP_SECONDS = 20.0, 10.0


class SimulatorFailed(Exception):
    """The simulated exchange did not start; the text is its own last words."""


class SimulatorChild:
    """Starts and stops `fixgate simulate` for the configuration at `config_path`."""

    def __init__(self, config_path: Path) -> None:
        self._config_path = config_path
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the child and wait until it listens. Raises `SimulatorFailed`."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "fixgate",
            "simulate",
            "--config",
            str(self._config_path),
            "--as-child",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        stdout = self._process.stdout
        assert stdout is not None
        try:
            async with asyncio.timeout(_START_SECONDS):
                line = (await stdout.readline()).decode().strip()
        except TimeoutError:
            raise SimulatorFailed(
                f"the simulated exchange did not start within {_START_SECONDS:g} s"
            ) from None
        if not line.startswith(READY_WORD):
            await self._process.wait()
            raise SimulatorFailed(line or "the simulated exchange ended at once; its message is above")
        log.info("simulated exchange: %s", line.removeprefix(READY_WORD).strip())
        self._reader = asyncio.create_task(self._watch(stdout))

    async def stop(self) -> None:
        """Ask the child to save and end; kill it if it does not."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        if self._reader is not None:
            self._reader.cancel()
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            log.error("the simulated exchange did not end within %g s and is killed", _STOP_SECONDS)
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _watch(self, stdout: asyncio.StreamReader) -> None:
        """Keep the child's output flowing, and say so when it ends on its own."""
        while line := await stdout.readline():
            log.info("simulated exchange: %s", line.decode().rstrip())
        log.error("the simulated exchange ended; the connector keeps trying to reach it")
