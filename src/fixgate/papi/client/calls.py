"""How every method of the client calls the venue: checked, paced, sent once, its answer read."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from fixgate.papi.answers import NotAnswered, PapiError
from fixgate.papi.client.encoding import encode, encoded
from fixgate.papi.client.failures import ClockRefused, OutcomeUnknown, failure_for
from fixgate.papi.client.pacer import Pacer
from fixgate.papi.endpoints.endpoint import Effect, Endpoint, Security
from fixgate.papi.endpoints.parameters import RECV_WINDOW
from fixgate.papi.error_codes import Outcome
from fixgate.papi.errors import Failure, VenueError, failure_of
from fixgate.papi.query import encode_query
from fixgate.papi.responses.reading import UnreadableAnswer, read_answer
from fixgate.papi.rest import PortfolioRest

T = TypeVar("T")
Pairs = list[tuple[str, str]]


class Calls:
    """One account's calls. Touched by the event loop only.

    `resync` measures the venue's clock again. `timeout` is in seconds.
    """

    def __init__(
        self,
        rest: PortfolioRest,
        pacer: Pacer | None,
        resync: Callable[[], Awaitable[None]],
        timeout: float,
    ) -> None:
        self._rest = rest
        self._pacer = pacer
        self._resync = resync
        self._timeout = timeout
        self.open = False
        """False before the client is started and after it is closed."""

    async def call(self, endpoint: Endpoint, answer: type[T], /, **given: object) -> T:
        """Send a call and return its answer as `answer`.

        Raises what `failures` lists; `TypeError` and `ValueError` for arguments that the venue would refuse,
        before anything is sent; `UnreadableAnswer` for a read whose answer is not what it should be. A
        read that the venue's clock refused is sent once more, with the clock measured again; nothing else is
        ever sent twice. Whoever cancels the waiting does not unsend.
        """
        if not self.open:
            raise RuntimeError(
                "the client is not started: use it in `async with PortfolioClient(…) as client:`"
            )
        pairs = encoded(endpoint, given)
        window = given.get("recvWindow")
        recv_window = None if window is None else int(encode(RECV_WINDOW, window))
        try:
            body = await self._send(endpoint, pairs, recv_window)
        except ClockRefused as refused:
            if endpoint.effect is not Effect.READ:
                raise
            await self._measure_clock(refused)
            body = await self._send(endpoint, pairs, recv_window)
        return _answer(endpoint, answer, body)

    async def _measure_clock(self, refused: ClockRefused) -> None:
        try:
            await self._resync()
        except PapiError:
            raise refused from None

    async def _send(self, endpoint: Endpoint, pairs: Pairs, recv_window: int | None) -> bytes:
        if self._pacer is not None:
            await self._pacer.admit(endpoint, encode_query(pairs))
        method, path = endpoint.method, endpoint.path
        try:
            if endpoint.signed:
                return await self._rest.signed(
                    method, path, pairs, self._timeout, endpoint.leg, recv_window=recv_window
                )
            if endpoint.security is Security.USER_STREAM:
                return await self._rest.keyed(method, path, self._timeout)
            return await self._rest.public(method, path, pairs, self._timeout)
        except VenueError as error:
            raise failure_for(error.failure, endpoint) from None
        except NotAnswered as error:
            failure = failure_of(error.failure)
            assert failure is not None
            raise failure_for(failure, endpoint) from None


def _answer(endpoint: Endpoint, answer: type[T], body: bytes) -> T:
    try:
        return read_answer(body, answer)
    except UnreadableAnswer as error:
        if endpoint.effect is Effect.READ:
            raise
        failure = Failure(outcome=Outcome.UNKNOWN, message=f"accepted, but {error}")
        raise OutcomeUnknown(failure, endpoint.find_out) from None
