"""The gateway as `make run` starts it: the shipped connector.conf, in a folder and on ports of its own."""

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest
import pytest_asyncio

from tests.fixclient import FixClient

from .trading import free_port

ROOT = Path(__file__).resolve().parents[2]


class Reply(NamedTuple):
    status: int
    body: Any


class Running:
    """`fixgate run` on the shipped connector.conf, in a folder of its own and on free ports."""

    def __init__(self, folder: Path) -> None:
        shutil.copy(ROOT / "connector.conf", folder)
        self.folder = folder
        self.port = free_port()
        self.fix_port = free_port()
        ports = {"FIX": self.fix_port, "HTTP": self.port, "SIMULATOR": free_port(), "VENUES": free_port()}
        self._environment = os.environ | {f"FIXGATE_{name}_PORT": str(port) for name, port in ports.items()}
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        command = ("-m", "fixgate", "run", "-c", "connector.conf")
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable, *command, cwd=self.folder, env=self._environment, start_new_session=True
        )
        async with asyncio.timeout(90), aiohttp.ClientSession() as session:
            while True:
                assert process.returncode is None, "the gateway ended while it started"
                try:
                    async with session.get(f"http://127.0.0.1:{self.port}/ready") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientConnectionError:
                    pass
                await asyncio.sleep(0.1)

    def client(self, **options: Any) -> FixClient:
        """Return a FIX client that is not logged on yet."""
        return FixClient("127.0.0.1", self.fix_port, **options)

    async def stop(self) -> int:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            return await self._process.wait()

    async def curl(self, method: str, path: str, query: dict[str, str], body: Any = None) -> Reply:
        """Call the API as the documents do, with curl."""
        words = ["curl", "-s", "-S", "--max-time", "20", "-w", "\n%{http_code}", "-X", method]
        words += ["-H", "Content-Type: application/json"] if body is not None else []
        words += ["-d", json.dumps(body, default=float)] if body is not None else []
        words += ["-G"] if query else []
        for name, value in query.items():
            words += ["--data-urlencode", f"{name}={value}"]
        process = await asyncio.create_subprocess_exec(
            *words, f"http://127.0.0.1:{self.port}{path}", stdout=asyncio.subprocess.PIPE
        )
        output, _ = await process.communicate()
        text, _, status = output.decode().rpartition("\n")
        return Reply(int(status), json.loads(text, parse_float=Decimal))

    async def placed(self, **order: Any) -> dict[str, Any]:
        """Place an order and return its data."""
        reply = await self.curl("POST", "/oems/execution/order", {}, order)
        assert reply.status == 200, reply.body
        data: dict[str, Any] = reply.body["data"]
        return data


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    running = Running(tmp_path_factory.mktemp("shipped"))
    await running.start()
    yield running
    assert await running.stop() == 0
