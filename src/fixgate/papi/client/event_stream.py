"""The user data stream as an asynchronous iterator of typed events."""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Self

from fixgate.papi.events import EventsMissed, StreamDown, StreamUp, UserDataEvent, read_event
from fixgate.papi.listen_key import KeyedCalls
from fixgate.papi.stream_frames import Event
from fixgate.papi.user_stream import UserStream

MAX_WAITING = 65_536
"""Events that wait for a slow consumer before newer ones are lost, which `EventsMissed` tells."""


class EventStream:
    """The events of one account: `async for event in client.user_data_stream()`.

    It connects when the first event is waited for, and again whenever it breaks: every `StreamUp` but the
    first means that events may be missing. It ends when `aclose` is called, as the client's own does, or at
    the end of `async with`. Touched by the event loop only; for one consumer.
    """

    def __init__(
        self,
        keys: KeyedCalls,
        websocket_url: str,
        keepalive_interval: timedelta,
        rotate_after: timedelta,
        on_closed: Callable[["EventStream"], None],
        max_waiting: int = MAX_WAITING,
    ) -> None:
        self._stream = UserStream(
            keys,
            websocket_url,
            self._event,
            self._state,
            keepalive_interval=keepalive_interval,
            rotate_after=rotate_after,
            on_suspect=self._suspect,
            on_gap=self._missed,
        )
        self._on_closed = on_closed
        self._max_waiting = max_waiting
        self._waiting: deque[UserDataEvent] = deque()
        self._news = asyncio.Event()
        self._started = False
        self._closed = False

    @property
    def up(self) -> bool:
        """True while the stream is open."""
        return self._stream.up

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> UserDataEvent:
        if not self._started and not self._closed:
            self._started = True
            await self._stream.start()
        while not self._waiting:
            if self._closed:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        return self._waiting.popleft()

    async def aclose(self) -> None:
        """Close the socket. What was heard before can still be read. The listen key stays: others use it."""
        if self._closed:
            return
        self._closed = True
        self._on_closed(self)
        if self._started:
            await self._stream.stop()
        self._news.set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def _event(self, frame: Event) -> None:
        if len(self._waiting) < self._max_waiting:
            self._add(read_event(frame))
        else:
            self._missed(f"{self._max_waiting} events wait to be read, newer ones are lost")

    def _state(self, up: bool, why: str) -> None:
        self._add(StreamUp(why) if up else StreamDown(why))

    def _suspect(self, suspect: bool, why: str) -> None:
        """The key may have died without a word: what it did not tell is known to nobody."""
        self._missed(f"the listen key is {'in doubt' if suspect else 'sound again'}: {why}")

    def _missed(self, why: str) -> None:
        if not self._waiting or not isinstance(self._waiting[-1], EventsMissed):
            self._add(EventsMissed(why))

    def _add(self, event: UserDataEvent) -> None:
        self._waiting.append(event)
        self._news.set()
