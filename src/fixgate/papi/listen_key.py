"""The listen key of a user data stream: created, kept alive, never deleted.

The venue gives one key per account and hands the same one to every process that asks. Deleting it
would silence all of them, so a stream never does. A key lives 60 minutes from its last POST or PUT.
Source: PAPI `POST /papi/v1/listenKey`, `PUT /papi/v1/listenKey`.
"""

import asyncio
import json
import logging
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from fixgate.papi.answers import PapiError
from fixgate.papi.errors import VenueError
from fixgate.papi.legs import LISTEN_KEY

log = logging.getLogger(__name__)

VALIDITY = timedelta(minutes=60)
INVALID_LISTEN_KEY = -1125
_JITTER = 0.1
"""A keepalive comes up to a tenth of its interval early, so that processes on one key spread out."""
_SUSPECT_AFTER = 2


class KeyedCalls(Protocol):
    """The one call that a listen key needs: unsigned, with the key header (`PortfolioRest.keyed`)."""

    async def keyed(self, method: str, path: str) -> bytes: ...


class ListenKey:
    """One account's listen key. Touched by the event loop only.

    `on_lost` is called when the venue does not know the key any more (-1125), or must have forgotten
    it. `on_suspect` is called with True at the second failed keepalive in a row and with False at the
    first success after it. `now` returns seconds of a steady clock.
    """

    def __init__(
        self,
        rest: KeyedCalls,
        keepalive_interval: timedelta,
        on_lost: Callable[[str], None],
        on_suspect: Callable[[bool, str], None],
        now: Callable[[], float],
        rng: random.Random,
        retry_after: timedelta = timedelta(seconds=5),
    ) -> None:
        if not timedelta(0) < keepalive_interval < VALIDITY:
            raise ValueError(f"keepalive interval {keepalive_interval} is not within 0 and {VALIDITY}")
        self._rest = rest
        self._interval = keepalive_interval.total_seconds()
        self._retry_after = retry_after.total_seconds()
        self._on_lost = on_lost
        self._on_suspect = on_suspect
        self._now = now
        self._rng = rng
        self._key: str | None = None
        self._extended_at = now()
        self.failures = 0
        """Failed keepalives in a row."""

    @property
    def suspect(self) -> bool:
        """True while two or more keepalives in a row have failed."""
        return self.failures >= _SUSPECT_AFTER

    def age(self) -> float:
        """Return seconds since the key was created or last extended; before that, since construction."""
        return self._now() - self._extended_at

    def is_current(self, key: str) -> bool:
        """True when `key` is the one in use."""
        return key == self._key

    def forget(self) -> None:
        """Note that the venue does not know the key any more."""
        self._key = None

    async def obtain(self) -> str:
        """Return a key to connect with: POST creates one, or returns the account's key and extends it.

        If the call fails while a key in use must still be valid, that key is returned: an outage of
        the REST API alone does not cost the stream. Otherwise raises `VenueError` or `NotAnswered`.
        """
        try:
            body = await self._rest.keyed("POST", LISTEN_KEY)
            key = _listen_key(body)
        except PapiError as error:
            if self._key is None or self.age() >= VALIDITY.total_seconds() or _is_gone(error):
                raise
            log.warning("listen key could not be renewed, the known one serves: %s", error)
            return self._key
        if key != self._key:
            log.info("listen key %s… in use", key[:4])
        self._key = key
        self._extended()
        return key

    async def keep_alive(self) -> None:
        """Extend the key for ever: every interval, after a failure every few seconds."""
        while True:
            wait = self._retry_after if self.failures else self._interval * (1 - _JITTER * self._rng.random())
            await asyncio.sleep(wait)
            await self.check()

    async def check(self) -> None:
        """Extend the key now. An expired key leaves its socket open and silent, so this is the only way to
        learn of it on a quiet account: -1125 says so."""
        if self._key is not None:
            await self._extend(self._key)

    async def _extend(self, key: str) -> None:
        try:
            await self._rest.keyed("PUT", LISTEN_KEY)
        except PapiError as error:
            if self.is_current(key):
                self._failed(error)
        except Exception as error:
            log.exception("listen key keepalive met an unexpected error")
            self._failed(PapiError(f"unexpected {type(error).__name__}"))
        else:
            self._extended()

    def _extended(self) -> None:
        self._extended_at = self._now()
        was_suspect, self.failures = self.suspect, 0
        if was_suspect:
            self._on_suspect(False, "listen key extended")

    def _failed(self, error: PapiError) -> None:
        if _is_gone(error):
            self.failures = 0
            self.forget()
            self._on_lost("the venue does not know the listen key (-1125)")
            return
        self.failures += 1
        log.warning("listen key keepalive failed %d times: %s", self.failures, error)
        if self.failures == _SUSPECT_AFTER:
            self._on_suspect(True, f"listen key not extended: {error}")
        if self.age() >= VALIDITY.total_seconds():
            self.forget()
            self._on_lost("the listen key was not extended for 60 minutes")


def _is_gone(error: PapiError) -> bool:
    return isinstance(error, VenueError) and error.failure.code == INVALID_LISTEN_KEY


def _listen_key(body: bytes) -> str:
    try:
        parsed = json.loads(body)
    except ValueError:
        parsed = None
    key = parsed.get("listenKey") if isinstance(parsed, dict) else None
    if not isinstance(key, str) or not key.isascii() or not key.isalnum():
        raise PapiError(f"the answer of POST {LISTEN_KEY} holds no listen key ({len(body)} bytes)")
    return key
