"""Whether the venue takes an account's API key: a key can be deleted, locked or lose its address at any time.

A single refusal is not enough to think so, since while it bans an address the venue has been seen to refuse
sound keys as well. So each one is followed by a question that any key may ask. As long as that is refused,
too, the account takes no orders, and the question is repeated until the key works again.
"""

import asyncio
import logging
import random
from collections.abc import Callable

from fixgate.connectors.binance_pm.questions import UNREADABLE, Questions
from fixgate.papi.answers import PapiError
from fixgate.papi.errors import VenueError
from fixgate.papi.legs import ORDER_RATE_LIMIT

log = logging.getLogger(__name__)

KEY_REFUSED = frozenset({-1002, -1022, -2014, -2015, -2017})
"""What the venue answers to a key that it does not know or take, or to a signature that is not the key's."""

FIRST_PAUSE, LAST_PAUSE = 1.0, 30.0
"""Bounds, in seconds, of the exponential backoff between two questions."""

REMEDY = "check that the key exists, its permissions, its secret and the addresses that it is allowed from"


def is_key_refused(error: PapiError) -> bool:
    """True when the venue refused a call for the key's sake."""
    return isinstance(error, VenueError) and error.failure.code in KEY_REFUSED


def with_remedy(said: str) -> str:
    """Return what the venue said of a key, and what to look at."""
    return f"{said.rstrip('.')}; {REMEDY}"


class KeyWatch:
    """Touched by the event loop only. `on_change` is called when the key is refused, and when it works."""

    def __init__(
        self, where: str, questions: Questions, on_change: Callable[[], None], rng: random.Random
    ) -> None:
        self._where = where
        self._questions = questions
        self._on_change = on_change
        self._rng = rng
        self._task: asyncio.Task[None] | None = None
        self.refusal = ""
        """Why the key is not taken, "" as far as it is."""

    def suspect(self) -> None:
        """Note that a request was refused for the key's sake."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._check())
            self._task.add_done_callback(self._done)

    async def stop(self) -> None:
        """Ask no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._task = None
        if not task.cancelled() and task.exception() is not None:
            log.error("%s: the API key is not watched any more", self._where, exc_info=task.exception())

    async def _check(self) -> None:
        """Ask until the venue takes the key."""
        pause = FIRST_PAUSE
        while True:
            try:
                await self._questions.ask(ORDER_RATE_LIMIT, [], urgent=True)
            except (PapiError, *UNREADABLE) as error:
                if isinstance(error, PapiError) and is_key_refused(error):
                    self._set(f"the venue refuses the API key: {with_remedy(str(error))}")
            else:
                self._set("")
                return
            await asyncio.sleep(pause * (0.5 + 0.5 * self._rng.random()))
            pause = min(pause * 2, LAST_PAUSE)

    def _set(self, refusal: str) -> None:
        if refusal == self.refusal:
            return
        self.refusal = refusal
        log.log(
            logging.WARNING if refusal else logging.INFO,
            "%s: %s",
            self._where,
            refusal or "the venue takes the API key again",
        )
        self._on_change()
