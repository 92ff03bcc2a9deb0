"""Keeps the instrument lists fresh: one per product, each from its public host.

A list is read at the start, at every interval, and after an order named a symbol that it does not hold. Lists
are parsed on a worker thread. Where a host does not answer, what was read last serves on: from memory, or
after a start from the copy on disk. A product without a list takes no orders; the others do.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from fixgate.connectors.binance_pm.reference import PATH_OF, Reference, ReferenceError, read_exchange_info
from fixgate.connectors.binance_pm.reference_copy import Copy, CopyError, read_copy, write_copy
from fixgate.model.enums import ProductType
from fixgate.papi.answers import PapiError
from fixgate.papi.rest import PublicRest

log = logging.getLogger(__name__)

FIRST_PAUSE, LAST_PAUSE = 0.5, 60.0
"""Bounds, in seconds, of the exponential backoff between attempts at a list."""
UNKNOWN_SYMBOL_SECONDS = 60.0
"""How far apart readings are at least that unknown symbols lead to."""
_JITTER = 0.1
"""A reading comes up to a tenth of its interval early, so that the lists spread out."""


class _Listed:
    """What is known of one product's list. Times are milliseconds since the epoch, 0 for never."""

    def __init__(self, url: str, host: PublicRest) -> None:
        self.url = url
        self.host = host
        self.tried = False
        self.read_at_ms = 0
        self.is_copy = False
        self.error = ""
        self.asked_at = 0.0
        self.wanted = asyncio.Event()


class InstrumentLists:
    """Touched by the event loop only. `interval` is in seconds, `now` wall-clock time in seconds.

    `hosts` are URL and calls by product. `folder` holds the copies. `on_settled` is called once, when every
    list has been read or could not be.
    """

    def __init__(
        self,
        connector: str,
        hosts: Mapping[ProductType, tuple[str, PublicRest]],
        folder: Path,
        interval: float,
        on_settled: Callable[[], None],
        now: Callable[[], float],
        rng: random.Random,
    ) -> None:
        self.reference = Reference()
        self._connector = connector
        self._folder = folder
        self._interval = interval
        self._on_settled = on_settled
        self._now = now
        self._rng = rng
        self._lists = {product: _Listed(*host) for product, host in hosts.items()}
        self._tasks: list[asyncio.Task[None]] = []
        self._writing: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to read the lists, and return."""
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._keep(product)) for product in self._lists]
        for task in self._tasks:
            task.add_done_callback(_log_failure)

    async def stop(self) -> None:
        """Read no more; a copy that is being written is written to its end."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, *self._writing, return_exceptions=True)

    @property
    def settled(self) -> bool:
        """True once every list has been read or could not be."""
        return all(listed.tried for listed in self._lists.values())

    @property
    def usable(self) -> bool:
        """True when all is settled and orders of one product at least can be checked."""
        return self.settled and any(listed.read_at_ms for listed in self._lists.values())

    def missing(self, product: ProductType) -> str:
        """Return why orders of a product cannot be checked, "" if they can."""
        listed = self._lists[product]
        if listed.read_at_ms:
            return ""
        return f"the instruments of {product} are not known: {listed.error or 'not read yet'}"

    def unknown_symbol(self, product: ProductType) -> None:
        """Note that an order named a symbol that the list does not hold: it may be a new one."""
        self._lists[product].wanted.set()

    def notes(self) -> list[str]:
        """Return what an operator should know: lists that are missing, and those that are not fresh."""
        if not self.settled:
            return ["instrument lists not read yet"]
        return [note for product in self._lists if (note := self._note(product))]

    def _note(self, product: ProductType) -> str:
        listed = self._lists[product]
        if not listed.read_at_ms:
            return self.missing(product)
        if not listed.error:
            return ""
        read_at = datetime.fromtimestamp(listed.read_at_ms / 1000, UTC)
        kind = "a copy" if listed.is_copy else "a list"
        return (
            f"the instruments of {product} are {kind} of {read_at:%Y-%m-%d %H:%M:%S} UTC, "
            f"{_age(self._now() - listed.read_at_ms / 1000)} old; reading it again failed: {listed.error}"
        )

    async def _keep(self, product: ProductType) -> None:
        """Read one list, again and again."""
        listed, pause = self._lists[product], FIRST_PAUSE
        while True:
            fresh = await self._load(product)
            if not fresh and not listed.tried:
                await self._take_copy(product)
            if not listed.tried:
                self._settle(listed)
            if fresh is not None:
                await self._write_copy(product, fresh)
                wait = self._interval * (1 - _JITTER * self._rng.random())
                pause = FIRST_PAUSE
            else:
                wait = pause * (0.5 + 0.5 * self._rng.random())
                pause = min(pause * 2, LAST_PAUSE)
            await self._wait(listed, wait)

    def _settle(self, listed: _Listed) -> None:
        listed.tried = True
        if self.settled:
            self._on_settled()

    async def _wait(self, listed: _Listed, seconds: float) -> None:
        """Wait until the next reading is due; an unknown symbol brings it forward."""
        try:
            async with asyncio.timeout(seconds):
                await listed.wanted.wait()
                since = asyncio.get_running_loop().time() - listed.asked_at
                await asyncio.sleep(UNKNOWN_SYMBOL_SECONDS - since)
        except TimeoutError:
            return

    async def _load(self, product: ProductType) -> Copy | None:
        """Ask the host and take its list; `None` when that failed."""
        listed = self._lists[product]
        listed.asked_at = asyncio.get_running_loop().time()
        listed.wanted.clear()
        asked_ms = int(self._now() * 1000)
        try:
            body = await listed.host.get(PATH_OF[product])
            instruments = await asyncio.to_thread(read_exchange_info, product, body)
        except (PapiError, ReferenceError) as error:
            log.warning("%s: instruments of %s: %s", self._connector, product, error)
            listed.error = str(error)
            return None
        fresh = Copy(instruments, asked_ms)
        self._take(product, fresh)
        return fresh

    async def _write_copy(self, product: ProductType, fresh: Copy) -> None:
        url = self._lists[product].url
        writing = asyncio.create_task(asyncio.to_thread(write_copy, self._folder, product, url, fresh))
        self._writing.add(writing)
        writing.add_done_callback(self._writing.discard)
        try:
            await asyncio.shield(writing)
        except CopyError as error:
            log.warning("%s: the copy for the next start: %s", self._connector, error)

    async def _take_copy(self, product: ProductType) -> None:
        listed = self._lists[product]
        try:
            copy = await asyncio.to_thread(read_copy, self._folder, product, listed.url)
        except CopyError as error:
            log.warning("%s: %s", self._connector, error)
            return
        if copy is not None:
            self._take(product, copy, why=listed.error)
            log.warning("%s: %s", self._connector, self._note(product))

    def _take(self, product: ProductType, copy: Copy, why: str = "") -> None:
        """Use a list from now on; `why` says what a copy from the disk stands in for."""
        self.reference.replace(product, copy.instruments)
        listed = self._lists[product]
        listed.read_at_ms, listed.is_copy, listed.error = copy.read_at_ms, bool(why), why


def _log_failure(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("an instrument list is not kept fresh any more", exc_info=task.exception())


def _age(seconds: float) -> str:
    """Return a duration in the largest unit that tells it well."""
    for unit, size in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {unit}"
    return f"{max(0, int(seconds))} s"
