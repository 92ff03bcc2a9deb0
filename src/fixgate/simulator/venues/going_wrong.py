"""What goes wrong with a request to a simulated venue, when a test asks for it: `simulator.faults` over HTTP.

A request is lost before it is executed or after, answered late, or answered with something else.
"""

import asyncio
from collections.abc import Callable

from aiohttp import web

from fixgate.simulator.faults import RequestFault

HOLD_SECONDS = 60.0
"""How long a request that is never answered is held before its connection is cut."""

OPENING = "WEBSOCKET"
"""The method by which faults name the opening of a WebSocket."""


async def go_wrong(
    request: web.Request,
    fault: RequestFault,
    execute: Callable[[], web.Response],
    stopping: asyncio.Event,
) -> web.StreamResponse:
    """Let one fault happen. `execute` has the venue do what was asked; `stopping` lets held requests go."""
    await _wait(fault.delay_ms / 1000, stopping)
    response = execute() if fault.land or not fault.replaces_reply else web.Response()
    await _wait(HOLD_SECONDS if fault.timeout else fault.hold_ms / 1000, stopping)
    if fault.timeout or fault.reset:
        if request.transport is not None:
            request.transport.abort()
        return response
    if not fault.status:
        return response
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    kind = "application/json" if fault.body.startswith(("{", "[")) else "text/html"
    return web.Response(status=fault.status, text=fault.body, content_type=kind, headers=headers)


async def _wait(seconds: float, stopping: asyncio.Event) -> None:
    if seconds > 0:
        try:
            async with asyncio.timeout(seconds):
                await stopping.wait()
        except TimeoutError:
            return
