"""The venue's clock, as well as it can be known from here.

Every signed request carries the venue's time. It is refused when it is more than 1000 ms ahead of
the venue or more than recvWindow behind (-1021), so the estimate here errs into the past only.
Source: PAPI general info, "Timing security".
"""

import asyncio
from collections.abc import Awaitable, Callable

from fixgate.papi.answers import PapiError

MAX_BIAS_MS = 50.0
"""How far a timestamp may be set back so that it is not ahead; also the bias before the first sync."""

Sample = tuple[float, float]
"""Round trip and offset, both in milliseconds."""


class VenueClock:
    """Offset between a local clock and the venue's. Touched by the event loop only.

    `now_ms` is the local clock in milliseconds, such as `lambda: time.time_ns() / 1e6`; it must be
    wall-clock time if timestamps are wanted before the first sync.
    """

    def __init__(self, now_ms: Callable[[], float]) -> None:
        self._now_ms = now_ms
        self._offset_ms = 0.0
        self._bias_ms = MAX_BIAS_MS
        self._synced_at_ms: float | None = None
        self._distrusted = asyncio.Event()
        self._running: asyncio.Future[None] | None = None

    @property
    def offset_ms(self) -> float:
        """The venue's clock minus the local one, in milliseconds; 0 before the first sync."""
        return self._offset_ms

    @property
    def bias_ms(self) -> float:
        """How far timestamps are set back: half the best round trip, at most 50 ms."""
        return self._bias_ms

    @property
    def synced(self) -> bool:
        """True once a sync succeeded and nothing has cast doubt on it since."""
        return self._synced_at_ms is not None and not self._distrusted.is_set()

    def age_ms(self) -> float:
        """Return milliseconds since the last successful sync, `inf` if there was none."""
        return float("inf") if self._synced_at_ms is None else self._now_ms() - self._synced_at_ms

    def timestamp(self) -> int:
        """Return the venue's time now, in milliseconds since the epoch, rounded into the past.

        The true offset lies within half a round trip of the estimate. Setting the result back by that
        half keeps it from being ahead as long as the round trip is below 100 ms.
        """
        return int(self._now_ms() + self._offset_ms - self._bias_ms)

    def distrust(self) -> None:
        """Note that the venue refused a timestamp (-1021): `keep_synced` syncs again at once."""
        self._distrusted.set()

    async def sync(self, fetch_server_time: Callable[[], Awaitable[int]], samples: int = 5) -> None:
        """Measure the offset again: the sample with the shortest round trip out of `samples` counts.

        `fetch_server_time` returns the venue's time in milliseconds. Concurrent calls share one
        measurement. A failed sample is left out; if all fail, the last `PapiError` is raised and the
        former offset stays.
        """
        if self._running is None:
            self._running = asyncio.ensure_future(self._measure(fetch_server_time, samples))
            self._running.add_done_callback(self._measured)
        await asyncio.shield(self._running)

    async def keep_synced(
        self,
        fetch_server_time: Callable[[], Awaitable[int]],
        every: float = 300.0,
        min_gap: float = 1.0,
        on_failure: Callable[[PapiError], None] | None = None,
    ) -> None:
        """Sync for ever: every `every` seconds, and after `distrust`, at most once per `min_gap` seconds.

        A failed sync is told to `on_failure` and tried again after `min_gap`, doubling up to `every`.
        """
        retry = min_gap
        while True:
            try:
                await self.sync(fetch_server_time)
            except PapiError as error:
                if on_failure is not None:
                    on_failure(error)
                await asyncio.sleep(retry)
                retry = min(retry * 2, every)
                continue
            retry = min_gap
            await asyncio.sleep(min(min_gap, every))
            try:
                async with asyncio.timeout(max(every - min_gap, 0)):
                    await self._distrusted.wait()
            except TimeoutError:
                continue

    def _measured(self, measured: asyncio.Future[None]) -> None:
        self._running = None
        if not measured.cancelled():
            measured.exception()  # whoever waited has it; if nobody does any more, it is not news

    async def _measure(self, fetch_server_time: Callable[[], Awaitable[int]], samples: int) -> None:
        best: Sample | None = None
        failure: PapiError = PapiError("the venue's clock could not be read")
        for _ in range(samples):
            sent_ms = self._now_ms()
            try:
                server_ms = await fetch_server_time()
            except PapiError as error:
                failure = error
                continue
            received_ms = self._now_ms()
            round_trip = received_ms - sent_ms
            if round_trip >= 0 and (best is None or round_trip < best[0]):
                best = (round_trip, server_ms - (sent_ms + received_ms) / 2)
        if best is None:
            raise failure
        self._offset_ms = best[1]
        self._bias_ms = min(best[0] / 2, MAX_BIAS_MS)
        self._synced_at_ms = self._now_ms()
        self._distrusted.clear()
