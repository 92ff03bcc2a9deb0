"""The HTTP side of operations: `/health`, `/ready` and `/metrics`."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

Readiness = tuple[bool, Mapping[str, Any]]


class OperationsServer:
    """A small HTTP server on the event loop. `readiness` says whether orders can be taken, and the detail."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        health: Callable[[], Mapping[str, Any]],
        readiness: Callable[[], Readiness],
        metrics: Callable[[], bytes],
    ) -> None:
        self._host, self._port = host, port
        self._health, self._readiness, self._metrics = health, readiness, metrics
        app = web.Application()
        app.add_routes(
            [
                web.get("/health", self._get_health),
                web.get("/ready", self._get_ready),
                web.get("/metrics", self._get_metrics),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None)

    async def start(self) -> None:
        """Listen. Raises `OSError` when the address cannot be had."""
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _get_health(self, _: web.Request) -> web.Response:
        """200 while the process lives."""
        return _json(200, self._health())

    async def _get_ready(self, _: web.Request) -> web.Response:
        """200 while every account can take orders, 503 with the reasons otherwise."""
        ready, detail = self._readiness()
        return _json(200 if ready else 503, {"ready": ready, **detail})

    async def _get_metrics(self, _: web.Request) -> web.Response:
        return web.Response(
            body=self._metrics(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
        )


def _json(status: int, body: Mapping[str, Any]) -> web.Response:
    return web.Response(
        status=status, text=json.dumps(body, indent=2) + "\n", content_type="application/json"
    )
