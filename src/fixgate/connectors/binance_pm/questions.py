"""One account's questions to the venue: reading calls, a few at a time, as fast as the limits allow.

They have connections of their own, so that a queue of questions never holds up an order or a cancel, and
all of them wait while the venue throttles.
"""

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from fixgate.papi.answers import PapiError
from fixgate.papi.legs import Leg
from fixgate.papi.pacing import AccountPacing
from fixgate.papi.query import encode_query
from fixgate.papi.rest import PortfolioRest
from fixgate.papi.weights import cost_of

AT_ONCE = 4
"""Questions under way at the same time."""

UNREADABLE = (
    msgspec.DecodeError,
    ArithmeticError,
    AttributeError,
    KeyError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What reading an answer that is not what was asked for raises."""

decode = msgspec.json.Decoder().decode
Params = list[tuple[str, str]]


class Answered(NamedTuple):
    """A decoded answer, and the local time in seconds at which the question left."""

    asked: float
    body: Any


class Questions:
    """Touched by the event loop only. `now` is wall-clock time in seconds; `on_failure` hears of every answer
    that is a failure."""

    def __init__(
        self,
        rest: PortfolioRest,
        pacing: AccountPacing,
        now: Callable[[], float],
        on_failure: Callable[[PapiError], None] | None = None,
    ) -> None:
        self._rest = rest
        self._pacing = pacing
        self._now = now
        self._on_failure = on_failure
        self._places = asyncio.Semaphore(AT_ONCE)

    async def ask(self, path: str, params: Params, leg: Leg | None = None, *, urgent: bool) -> Answered:
        """Return what a GET answers. One that is not `urgent` is spaced out when the limits come near.

        Raises `PapiError`, and `msgspec.DecodeError` or `RecursionError` for a body that is not JSON.
        """
        cost = cost_of("GET", path, encode_query(params))
        if not urgent:
            await asyncio.sleep(self._pacing.spacing(cost))
        async with self._places:
            while (wait := self._pacing.question_wait(cost)) > 0:  # noqa: ASYNC110  time is what is waited for
                await asyncio.sleep(wait)
            asked = self._now()
            try:
                body = await self._rest.signed("GET", path, params, leg=leg)
            except PapiError as error:
                if self._on_failure is not None:
                    self._on_failure(error)
                raise
            return Answered(asked, decode(body))


class KeyCalls:
    """The listen key's calls, which wait while the venue throttles: going on would turn a pause into a ban.

    They wait for nothing else, since without them the stream goes down.
    """

    def __init__(self, rest: PortfolioRest, pacing: AccountPacing) -> None:
        self._rest = rest
        self._pacing = pacing

    async def keyed(self, method: str, path: str) -> bytes:
        """Return the body of a call that takes the key header and no signature. Raises `PapiError`."""
        while (wait := self._pacing.cancel_wait()) > 0:  # noqa: ASYNC110  time is what is waited for
            await asyncio.sleep(wait)
        return await self._rest.keyed(method, path)
