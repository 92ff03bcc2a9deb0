"""One account's order requests on their way to the venue, each answered exactly once.

An order list is one request with one answer of the venue; here each of its orders is answered exactly once.

A new order or modify that would use the last of the venue's limits, or that comes while the venue
throttles, is refused before it is sent: the market moves, and the client should know now. A cancel is never
refused for that reason and never dropped. While the venue throttles it waits, however long, and leaves
first when that is over; one that the venue itself throttled goes back to the queue, since it was not
executed and a second cancel does no harm. So a cancel that waits has no answer yet, which is the truth.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial

from fixgate.connectors.binance_pm.answers import AnswerEvent, answer_events
from fixgate.connectors.binance_pm.requests import call_of
from fixgate.connectors.connector import Probe
from fixgate.connectors.unheard import Awaited, Unheard
from fixgate.model.refusal import Refused
from fixgate.model.venue import (
    CancelAtVenue,
    OrderRequest,
    OrderUpdate,
    OutcomeUnknown,
    RequestKind,
    RequestRefused,
    SubmitList,
    VenueEvent,
    kind_of,
    refused,
)
from fixgate.papi.answers import Answer, Response
from fixgate.papi.pacing import AccountPacing
from fixgate.papi.rest import PortfolioRest
from fixgate.papi.user_stream import UserStream

AGAIN_SECONDS = 1.0
"""How long a cancel that the venue throttled waits at least."""

_THROTTLED = (418, 429)

LineRequest = OrderRequest | SubmitList
"""What is sent on the line."""


class OrderLine:
    """Touched by the event loop only. `now` is wall-clock time in seconds. `spare` carries cancels while
    orders that the venue does not answer hold every connection of `rest`."""

    def __init__(
        self,
        connector: str,
        rest: PortfolioRest,
        spare: PortfolioRest,
        pacing: AccountPacing,
        stream: UserStream,
        unheard: Unheard,
        tell: Callable[[VenueEvent], None],
        probe: Probe,
        now: Callable[[], float],
        *,
        timeout: float,
        auto_repay_at_cancel: bool,
    ) -> None:
        self._connector = connector
        self._rest = rest
        self._spare = spare
        self._pacing = pacing
        self._stream = stream
        self._unheard = unheard
        self._tell = tell
        self._probe = probe
        self._now = now
        self._timeout = timeout
        self._auto_repay_at_cancel = auto_repay_at_cancel
        self._held: deque[CancelAtVenue] = deque()
        self._release_timer: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def held(self) -> int:
        """Cancels that wait for the venue to take requests again."""
        return len(self._held)

    def send(self, request: LineRequest) -> None:
        """Send a request, or refuse or hold it; its one answer, of a list one an order, reaches `tell`."""
        if isinstance(request, CancelAtVenue):
            if self._held or self._pacing.cancel_wait() > 0:
                self._hold(request, 0.0)
                return
        elif why := self._pacing.refusal():
            self._refuse(request, why)
            return
        self._leave(request)

    def close(self) -> None:
        """Refuse the cancels that still wait: they were not sent."""
        self._closed = True
        if self._release_timer is not None:
            self._release_timer.cancel()
        while self._held:
            self._refuse_unsent(self._held.popleft())

    def _refuse(self, request: LineRequest, why: str) -> None:
        for order in _orders_of(request):
            self._tell(refused(order, why))

    def _leave(self, request: LineRequest) -> None:
        try:
            method, path, params = call_of(request, auto_repay_at_cancel=self._auto_repay_at_cancel)
        except (Refused, ValueError) as error:
            self._refuse(request, f"the request cannot be sent: {error}")
            return
        kind = _kind_of(request)
        awaited = [self._unheard.leaving(order) for order in _orders_of(request)]
        answered = partial(self._answered, request, awaited, kind, self._now())
        rest = self._spare if isinstance(request, CancelAtVenue) and self._rest.saturated else self._rest
        try:
            rest.send_signed(method, path, params, answered, self._timeout)
        except (TypeError, ValueError) as error:
            for each in awaited:
                self._unheard.not_accepted(each)
            self._refuse(request, f"the request cannot be sent: {error}")
            return
        self._stream.order_sent()
        self._probe.request_sent(self._connector, kind)

    def _answered(
        self, request: LineRequest, awaited: list[Awaited], kind: str, started: float, answer: Answer
    ) -> None:
        events = answer_events(request, answer)
        for each, event in zip(awaited, events, strict=True):
            if isinstance(event, OrderUpdate):
                self._unheard.accepted(each)
            else:
                self._unheard.not_accepted(each)
        if all(isinstance(event, RequestRefused) for event in events):
            self._stream.order_refused()
            if isinstance(request, CancelAtVenue) and _throttled(answer):
                self._hold(request, AGAIN_SECONDS)
                return
        self._probe.request_answered(self._connector, kind, _outcome(events), self._now() - started)
        for event in events:
            self._tell(event)

    def _hold(self, request: CancelAtVenue, at_least: float) -> None:
        if self._closed:
            self._refuse_unsent(request)
            return
        self._held.append(request)
        if self._release_timer is None:
            wait = max(at_least, self._pacing.cancel_wait())
            self._release_timer = asyncio.get_running_loop().call_later(wait, self._release)

    def _release(self) -> None:
        self._release_timer = None
        wait = self._pacing.cancel_wait()
        if wait > 0:
            self._release_timer = asyncio.get_running_loop().call_later(wait, self._release)
            return
        held, self._held = self._held, deque()
        for request in held:
            self._leave(request)

    def _refuse_unsent(self, request: CancelAtVenue) -> None:
        self._tell(
            refused(request, "the gateway stops while the venue takes no requests; the cancel was not sent")
        )


def _orders_of(request: LineRequest) -> tuple[OrderRequest, ...]:
    """The requests that are to be answered: those of a list's orders, or the request itself."""
    return request.legs if isinstance(request, SubmitList) else (request,)


def _kind_of(request: LineRequest) -> str:
    return str(RequestKind.SUBMIT if isinstance(request, SubmitList) else kind_of(request))


def _outcome(events: list[AnswerEvent]) -> str:
    """Name what a request came to; of a list the doubt, if there is any."""
    names = {type(event).__name__ for event in events}
    return names.pop() if len(names) == 1 else OutcomeUnknown.__name__


def _throttled(answer: Answer) -> bool:
    return isinstance(answer, Response) and answer.status in _THROTTLED
