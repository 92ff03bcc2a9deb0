"""Holding an account's streams: one task for each subscription, for as long as the account is up.

Up means that orders will be heard of: every subscription waits for news on a connection that stands, and
none was refused for a moment. ccxt does not say when the venue confirms a subscription, so what happens in
that moment is asked for once more a little later. A subscription that fails takes the account down, and is
tried again after growing pauses.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from fixgate.connectors.ccxt.calls import CallFailed, make
from fixgate.connectors.ccxt.translator import Call

log = logging.getLogger(__name__)

FIRST_PAUSE, LAST_PAUSE = 0.2, 30.0
"""Bounds, in seconds, of the pauses between attempts."""

SETTLE_SECONDS = 0.3
"""How long a subscription must stand before it counts."""

LOOK_SECONDS = 0.05
"""How often an account that is coming up is looked at."""


class Streams:
    """The streams of one exchange object. Touched by the event loop only. `told(up, text)` is called when
    they come up or go down; `hook` puts the caches in, before each attempt; `prepare` is what must be asked
    before."""

    def __init__(
        self,
        name: str,
        exchange: Any,
        calls: Sequence[Call],
        told: Callable[[bool, str], None],
        hook: Callable[[], None],
        prepare: Callable[[], Awaitable[None]],
        explain: Callable[[CallFailed], str],
        rng: random.Random,
    ) -> None:
        self._name = name
        self._exchange = exchange
        self._calls = calls
        self._told = told
        self._hook = hook
        self._prepare = prepare
        self._explain = explain
        self._rng = rng
        self._tasks: list[asyncio.Task[None]] = []
        self._since: dict[int, float] = {}
        self._why = "connecting"
        self._failures = 0
        self.up = False

    def start(self) -> None:
        """Begin to connect, and return."""
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._hold())]

    async def stop(self) -> None:
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.up = False

    async def reconnect(self, why: str) -> None:
        """Close every connection; they are opened anew."""
        log.warning("%s: the streams are opened anew: %s", self._name, why)
        self._why = why
        await self._close()

    async def _hold(self) -> None:
        pause = FIRST_PAUSE
        while True:
            began = asyncio.get_running_loop().time()
            why = await self._attempt()
            self._down(why)
            await self._close()
            if asyncio.get_running_loop().time() - began > LAST_PAUSE:
                pause = FIRST_PAUSE
            await asyncio.sleep(pause * (0.5 + 0.5 * self._rng.random()))
            pause = min(pause * 2, LAST_PAUSE)

    async def _attempt(self) -> str:
        """Hold every subscription until one fails; return why it did."""
        self._since.clear()
        loop = asyncio.get_running_loop()
        try:
            await self._prepare()
        except CallFailed as failed:
            return self._explain(failed)
        watching = [loop.create_task(self._watch(number, call)) for number, call in enumerate(self._calls)]
        looking = loop.create_task(self._look())
        try:
            done, _ = await asyncio.wait([*watching, looking], return_when=asyncio.FIRST_COMPLETED)
            while looking in done and not any(task.done() for task in watching):
                done, _ = await asyncio.wait(watching, return_when=asyncio.FIRST_COMPLETED)
            return next(task.result() for task in watching if task.done())
        finally:
            for task in (*watching, looking):
                task.cancel()
            await asyncio.gather(*watching, looking, return_exceptions=True)

    async def _watch(self, number: int, call: Call) -> str:
        """Hold one subscription; return why it ended. The news itself is taken by the hook."""
        loop = asyncio.get_running_loop()
        self._hook()
        self._since[number] = loop.time()
        while True:
            try:
                await make(self._exchange, call)
            except CallFailed as failed:
                return self._explain(failed)
            except asyncio.CancelledError:
                current = asyncio.current_task()
                if current is not None and current.cancelling():
                    raise
                return self._why or "the connection was closed"
            await asyncio.sleep(0)

    async def _look(self) -> None:
        """Wait until every subscription stands, and say so."""
        loop = asyncio.get_running_loop()
        connected_since = 0.0
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if not self._connected():
                connected_since = 0.0
                continue
            connected_since = connected_since or loop.time()
            latest = max(connected_since, *self._since.values())
            if len(self._since) == len(self._calls) and loop.time() - latest >= SETTLE_SECONDS:
                self._up()
                return

    def _connected(self) -> bool:
        """True when every connection that was begun stands. ccxt also keeps objects of connections that it
        never begins, as a place for its tokens."""
        begun = [
            each for each in (self._exchange.clients or {}).values() if each.connecting or each.isConnected
        ]
        return bool(begun) and all(each.isConnected and not each.closed() for each in begun)

    def _up(self) -> None:
        self.up, self._why = True, ""
        self._told(True, "the streams are up")

    def _down(self, why: str) -> None:
        was, self.up = self.up, False
        log.warning("%s: the streams are down: %s", self._name, why)
        self._told(False, why) if was else self._told(False, f"connecting: {why}")

    async def _close(self) -> None:
        """Close what is open, and forget what was agreed on with it."""
        await self._exchange.close_ws_clients()
        for option in self._exchange.options.values():
            if isinstance(option, dict) and "lastAuthenticatedTime" in option:
                option["lastAuthenticatedTime"] = 0
