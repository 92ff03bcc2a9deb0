"""The user data stream: one account's events, kept flowing.

Whatever breaks (socket, listen key, silence), the stream comes back by itself and says so: every
`on_state(True, …)` after an `on_state(False, …)` means that events may be missing, since the venue
replays nothing, and that the consumer must reconcile over REST. Source: PAPI user data streams.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from datetime import timedelta
from typing import ParamSpec

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from fixgate.papi.answers import PapiError
from fixgate.papi.errors import VenueError
from fixgate.papi.listen_key import KeyedCalls, ListenKey
from fixgate.papi.stream_frames import ControlReply, Event, MalformedFrame, Overlap, read_frame

log = logging.getLogger(__name__)
_socket_log = logging.getLogger(f"{__name__}.socket")
_socket_log.setLevel(logging.WARNING)  # below that the library writes the URL, so the listen key

FIRST_DELAY, LAST_DELAY = 0.2, 30.0
"""Bounds, in seconds, of the exponential backoff between connection attempts."""
STEADY_AFTER = 30.0
"""Seconds a connection must last for the backoff to start over."""
MAX_BACKLOG = 65_536
"""Frames that wait for a slow consumer before the venue is made to wait, too."""
_JITTER = 0.05
"""A rotation comes up to a twentieth of its age early."""
_TURN = 0.005
"""Seconds of events in a row before other work on the event loop gets its turn."""


_OPEN_ERRORS = (PapiError, OSError, TimeoutError, WebSocketException)

P = ParamSpec("P")


class StreamCounts(msgspec.Struct):
    """What happened since the start, for metrics."""

    events: int = 0
    malformed: int = 0
    duplicates: int = 0
    control_errors: int = 0
    handler_errors: int = 0
    connects: int = 0
    rotations: int = 0
    stale: int = 0
    keys_lost: int = 0
    unexpected: int = 0


class _Socket:
    """One websocket with the task that reads it. `key` is the listen key it was opened with."""

    def __init__(self, number: int, key: str, connection: ClientConnection) -> None:
        self.number = number
        self.key = key
        self.connection = connection
        self.reader: asyncio.Task[None] | None = None


class UserStream:
    """A user data stream with its listen key. Touched by the event loop only.

    `on_event` gets each event as a dict; events that this package does not know are passed on like
    any other. Around a rotation two sockets carry the stream: exact duplicates are dropped here, and
    the consumer still counts a fill once by its trade id. `on_state(up, why)` is called on changes
    only. `on_suspect(suspect, why)` tells of keepalives failing while the socket is still up. `on_gap(why)`
    tells that an event was lost though the stream is up: a frame that could not be read, or a failure of
    `on_event`. A slow `on_event` delays later events, not the answers to the venue's pings between them.

    `keepalive_interval`: between PUTs of the listen key. `stale_timeout`: how long after an order
    message the stream may stay silent. `rotate_after`: age at which a connection is replaced, below
    the venue's limit of 24 hours. `overlap`: how long both sockets of a rotation are read.
    """

    def __init__(
        self,
        rest: KeyedCalls,
        websocket_url: str,
        on_event: Callable[[Event], None],
        on_state: Callable[[bool, str], None],
        keepalive_interval: timedelta = timedelta(minutes=30),
        stale_timeout: timedelta = timedelta(seconds=5),
        rotate_after: timedelta = timedelta(hours=23),
        *,
        on_suspect: Callable[[bool, str], None] | None = None,
        on_gap: Callable[[str], None] | None = None,
        keepalive_retry: timedelta = timedelta(seconds=5),
        overlap: timedelta = timedelta(seconds=1),
        ping_interval: float | None = 20.0,
        open_timeout: float = 10.0,
        now: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
    ) -> None:
        if not websocket_url.startswith(("ws://", "wss://")) or "?" in websocket_url:
            raise ValueError("the websocket URL must look like wss://fstream.binance.com/pm")
        if stale_timeout <= timedelta(0) or rotate_after <= timedelta(0) or overlap < timedelta(0):
            raise ValueError("stale timeout and rotation age must be above zero, the overlap not below it")
        self._url = websocket_url.rstrip("/")
        self._on_event = on_event
        self._on_state = on_state
        self._on_suspect = on_suspect
        self._on_gap = on_gap
        self._stale_timeout = stale_timeout.total_seconds()
        self._rotate_after = rotate_after.total_seconds()
        self._overlap_time = overlap.total_seconds()
        self._ping_interval = ping_interval
        self._open_timeout = open_timeout
        self._now = now
        self._rng = rng or random.Random()
        self._key = ListenKey(
            rest, keepalive_interval, self._key_lost, self._suspected, now, self._rng, keepalive_retry
        )
        self.counts = StreamCounts()
        self._up: bool | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._closing: set[asyncio.Task[None]] = set()
        self._sockets: list[_Socket] = []
        self._opened = 0
        self._overlap: Overlap | None = None
        self._ended: asyncio.Future[str] | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._unheard_orders = 0

    @property
    def up(self) -> bool:
        """True while a socket is open: what happens at the venue will be heard of."""
        return bool(self._up)

    @property
    def suspect(self) -> bool:
        """True while keepalives keep failing: the venue may let the key expire without a word."""
        return self._key.suspect

    def listen_key_age(self) -> float:
        """Return seconds since the listen key was created or last extended; it dies at 3600."""
        return self._key.age()

    async def start(self) -> None:
        """Start connecting and return; `on_state` tells when the stream is up."""
        if self._tasks:
            raise RuntimeError("the stream was already started")
        self._tasks = [asyncio.create_task(self._run()), asyncio.create_task(self._key.keep_alive())]

    async def stop(self) -> None:
        """Close the sockets and forget the tasks. The listen key stays as it is: others may use it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*self._closing, return_exceptions=True)
        self._tasks = []
        if self._up:
            self._set_state(False, "stopped")

    def order_sent(self) -> None:
        """Note that an order message went out: the venue should have something to say soon.

        If no message at all arrives within the stale timeout, the stream reconnects. A quiet account
        is fine as long as no order is sent.
        """
        if self._ended is None:
            return
        self._unheard_orders += 1
        if self._watch is None:
            self._watch = asyncio.get_running_loop().call_later(self._stale_timeout, self._stale)

    def order_refused(self) -> None:
        """Note that the venue refused an order message: no event is due for it. Optional."""
        self._unheard_orders -= 1
        if self._unheard_orders <= 0:
            self._heard()

    def reconnect(self, why: str) -> None:
        """Begin anew on another socket: the consumer knows that this one does not tell everything."""
        if self._ended is not None:
            self.counts.stale += 1
            self._end(why)

    async def check_key(self) -> None:
        """Extend the listen key now; the stream begins anew if the venue does not know it any more."""
        await self._key.check()

    # one connection after the other

    async def _run(self) -> None:
        attempt = 0
        while True:
            at_least = 0.0
            try:
                socket = await self._open()
            except _OPEN_ERRORS as error:
                why = _reason(error)
                at_least = _wanted_pause(error)
                log.warning("user stream cannot connect: %s", why)
            else:
                opened_at = self._now()
                why = await self._live(socket)
                log.warning("user stream down: %s", why)
                if self._now() - opened_at >= STEADY_AFTER:
                    attempt = 0
            self._set_state(False, why)
            await asyncio.sleep(max(self._delay(attempt), at_least))
            attempt += 1

    async def _open(self) -> _Socket:
        """Open a socket on the account's key; whatever goes wrong is one of `_OPEN_ERRORS`."""
        try:
            return await self._open_socket()
        except _OPEN_ERRORS:
            raise
        except Exception as error:
            self.counts.unexpected += 1
            log.exception("user stream met an unexpected error")
            raise PapiError(f"unexpected {type(error).__name__} while connecting") from error

    async def _open_socket(self) -> _Socket:
        key = await self._key.obtain()
        connection = await connect(
            f"{self._url}/ws/{key}",
            compression=None,
            proxy=None,
            logger=_socket_log,
            open_timeout=self._open_timeout,
            ping_interval=self._ping_interval,
            ping_timeout=self._ping_interval,
            close_timeout=2.0,
            max_queue=MAX_BACKLOG,
        )
        self._opened += 1
        self.counts.connects += 1
        return _Socket(self._opened, key, connection)

    async def _live(self, socket: _Socket) -> str:
        """Keep the stream on `socket`, and on those that replace it; return why it ended."""
        self._ended = asyncio.get_running_loop().create_future()
        self._listen(socket)
        self._set_state(True, "connected")
        rotation = asyncio.create_task(self._rotate_for_ever())
        try:
            return await self._ended
        finally:
            self._ended = None
            rotation.cancel()
            self._heard()
            self._overlap = None
            for left in self._sockets:
                self._close(left)
            self._sockets.clear()
            await asyncio.gather(rotation, return_exceptions=True)

    def _listen(self, socket: _Socket) -> None:
        self._sockets.append(socket)
        socket.reader = asyncio.create_task(self._read(socket))

    def _close(self, socket: _Socket) -> None:
        """Close in the background: a dead peer must not hold up the next connection."""
        if socket.reader is not None:
            socket.reader.cancel()
        task = asyncio.create_task(socket.connection.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _rotate_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._rotate_after * (1 - _JITTER * self._rng.random()))
            attempt = 0
            while not await self._rotate():
                await asyncio.sleep(self._delay(attempt))
                attempt += 1

    async def _rotate(self) -> bool:
        """Move to a new socket without a gap; False if the new one did not live long enough.

        Payloads are remembered from before the new socket opens until a while after the old one is
        closed, since either may be the one that is behind.
        """
        self._overlap = Overlap()
        try:
            fresh = await self._open()
        except _OPEN_ERRORS as error:
            log.warning("user stream cannot be rotated yet: %s", _reason(error))
            self._overlap = None
            return False
        former = list(self._sockets)
        if any(socket.key != fresh.key for socket in former):
            self._close(fresh)
            self._key_lost("the venue gave another listen key: the former one died at an unknown time")
            return True
        self._listen(fresh)
        await asyncio.sleep(self._overlap_time)
        if fresh not in self._sockets:
            return False
        for socket in former:
            if socket in self._sockets:
                self._sockets.remove(socket)
                self._close(socket)
        self.counts.rotations += 1
        await asyncio.sleep(self._overlap_time)
        self._overlap = None
        return True

    def _delay(self, attempt: int) -> float:
        """Exponential backoff with full jitter."""
        return self._rng.random() * min(LAST_DELAY, FIRST_DELAY * 2.0 ** min(attempt, 20))

    # frames

    async def _read(self, socket: _Socket) -> None:
        turn_ends = 0.0
        why = "the reader failed"
        loop = asyncio.get_running_loop()
        try:
            while True:
                raw = await socket.connection.recv(decode=False)
                self._frame(socket, raw)
                if loop.time() > turn_ends:
                    await asyncio.sleep(0)
                    turn_ends = loop.time() + _TURN
        except ConnectionClosed as error:
            why = _reason(error)
        finally:
            self._lost(socket, why)

    def _frame(self, socket: _Socket, raw: bytes) -> None:
        self._heard()
        if self._overlap is not None and self._overlap.is_duplicate(socket.number, raw):
            self.counts.duplicates += 1
            return
        try:
            frame = read_frame(raw)
        except MalformedFrame as error:
            self.counts.malformed += 1
            log.warning("user stream: %s", error)
            self._gap(f"a frame could not be read: {error}")
            return
        if isinstance(frame, ControlReply):
            if frame.error:
                self.counts.control_errors += 1
                log.warning("user stream: the venue answered a control message with %s", frame.error)
            return
        self.counts.events += 1
        if not self._tell(self._on_event, frame):
            self._gap(f"a {frame.get('e')} event could not be worked through")
        if frame.get("e") == "listenKeyExpired" and self._key.is_current(
            frame.get("listenKey") or socket.key
        ):
            self._key.forget()
            self._key_lost("the listen key expired")

    def _lost(self, socket: _Socket, why: str) -> None:
        """A socket is gone; the stream ends only when no other one carries it."""
        if socket in self._sockets:
            self._sockets.remove(socket)
            self._close(socket)
            if not self._sockets:
                self._end(why)

    def _heard(self) -> None:
        self._unheard_orders = 0
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def _stale(self) -> None:
        self._watch = None
        self.counts.stale += 1
        self._end(f"no message within {self._stale_timeout:g} s after an order was sent")

    def _key_lost(self, why: str) -> None:
        self.counts.keys_lost += 1
        self._end(why)

    def _end(self, why: str) -> None:
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(why)

    # what the consumer hears

    def _set_state(self, up: bool, why: str) -> None:
        if up != self._up:
            self._up = up
            self._tell(self._on_state, up, why)

    def _suspected(self, suspect: bool, why: str) -> None:
        if self._on_suspect is not None:
            self._tell(self._on_suspect, suspect, why)

    def _gap(self, why: str) -> None:
        if self._on_gap is not None:
            self._tell(self._on_gap, why)

    def _tell(self, hook: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> bool:
        """Call foreign code; what it raises is logged and counted, and does not end the stream. True when
        it raised nothing."""
        try:
            hook(*args, **kwargs)
        except Exception:
            self.counts.handler_errors += 1
            log.exception("a consumer of the user stream failed")
            return False
        return True


def _reason(error: Exception) -> str:
    """Return what happened, without the URL: it holds the listen key."""
    if isinstance(error, PapiError | ConnectionClosed):
        return str(error)
    if isinstance(error, InvalidStatus):
        return f"the venue refused the websocket with HTTP {error.response.status_code}"
    if isinstance(error, WebSocketException):
        return f"the websocket could not be opened ({type(error).__name__})"
    return f"{type(error).__name__}: {str(error)[:120]}".rstrip(": ")


def _wanted_pause(error: Exception) -> float:
    """Seconds that the venue asked to stay away."""
    return (error.failure.retry_after or 0.0) if isinstance(error, VenueError) else 0.0
