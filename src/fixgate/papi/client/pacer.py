"""When a call may leave, by what the venue has told of its limits.

The rules are those of `fixgate.papi.pacing`: a new order is refused rather than late, a cancel and the listen
key wait for nothing but a pause, anything else waits its turn.
"""

import asyncio

from fixgate.papi.client.failures import Throttled
from fixgate.papi.endpoints.endpoint import Effect, Endpoint, Security
from fixgate.papi.error_codes import Outcome
from fixgate.papi.errors import Failure
from fixgate.papi.pacing import AccountPacing
from fixgate.papi.rest import PortfolioRest
from fixgate.papi.weights import cost_of


class Pacer:
    """Touched by the event loop only."""

    def __init__(self, pacing: AccountPacing) -> None:
        self._pacing = pacing

    async def admit(self, endpoint: Endpoint, query: str) -> None:
        """Return when the call may leave; raises `Throttled` for an order that must not.

        Nothing else runs between this return and a call that is sent without another `await`.
        """
        if endpoint.effect is Effect.PLACE:
            why = self._pacing.refusal()
            if why:
                raise Throttled(Failure(outcome=Outcome.THROTTLED, message=why))
        elif endpoint.effect is Effect.CANCEL or endpoint.security is Security.USER_STREAM:
            await self.pause_over()
        else:
            await self._turn(endpoint, query)

    async def pause_over(self) -> None:
        """Return when the venue does not throttle this address any more."""
        while (wait := self._pacing.cancel_wait()) > 0:  # noqa: ASYNC110  time is what is waited for
            await asyncio.sleep(wait)

    async def _turn(self, endpoint: Endpoint, query: str) -> None:
        cost = cost_of(endpoint.method, endpoint.path, query)
        if (spacing := self._pacing.spacing(cost)) > 0:
            await asyncio.sleep(spacing)
        while (wait := self._pacing.question_wait(cost)) > 0:  # noqa: ASYNC110  time is what is waited for
            await asyncio.sleep(wait)


class KeyCalls:
    """The listen key's calls of a user data stream, which wait while the venue throttles."""

    def __init__(self, rest: PortfolioRest, pacer: Pacer | None) -> None:
        self._rest = rest
        self._pacer = pacer

    async def keyed(self, method: str, path: str) -> bytes:
        """Return the body of a call with the key header and no signature. Raises `PapiError`."""
        if self._pacer is not None:
            await self._pacer.pause_over()
        return await self._rest.keyed(method, path)
