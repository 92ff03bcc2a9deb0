"""One account's order requests on their way to the venue, each answered exactly once.

Nothing is sent twice, but a cancel that the venue did not execute because it limits requests: it waits,
however long, and leaves first when that is over. New orders are refused then, before they are sent.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from decimal import Decimal
from typing import Any

from fixgate.connectors.ccxt.answers import (
    cancel_taken,
    canceled,
    question_after,
    submitted,
    taken,
    unreadable,
)
from fixgate.connectors.ccxt.calls import CallFailed, make
from fixgate.connectors.ccxt.known import KnownOrders
from fixgate.connectors.ccxt.outcomes import Failure, judge, request_failed
from fixgate.connectors.ccxt.pacing import Pacing
from fixgate.connectors.ccxt.reading import UNREADABLE, Reader
from fixgate.connectors.ccxt.sync import OrderSync
from fixgate.connectors.ccxt.translator import Call, Market, Translator, Verdict
from fixgate.connectors.ccxt.updates import Updates
from fixgate.connectors.connector import Probe
from fixgate.connectors.unheard import Unheard
from fixgate.model.execution import ExecutionError
from fixgate.model.refusal import Refused
from fixgate.model.venue import (
    CancelAtVenue,
    ModifyAtVenue,
    OrderRequest,
    OrderUpdate,
    OutcomeUnknown,
    RequestKind,
    SubmitList,
    SubmitOrder,
    VenueEvent,
    refused,
)

log = logging.getLogger(__name__)

END_SECONDS = 5.0
"""For how long an order is asked about whose cancel was accepted and that is still open."""

PRICE_SECONDS = 3.0
"""How long an order waits for the price that it is made with: later it would not be what the client sent, and
the time in which its outcome is found out runs from when it came."""

DeskRequest = OrderRequest | SubmitList


class OrderDesk:
    """Touched by the event loop only. `exchange_of` finds the exchange object of a market, if there is one,
    `price` the last price of one; `now` is wall-clock time in seconds."""

    def __init__(
        self,
        connector: str,
        translator: Translator,
        reader: Reader,
        exchange_of: Callable[[Market], Any],
        price: Callable[[Market], Awaitable[Decimal]],
        pacing: Pacing,
        known: KnownOrders,
        updates: Updates,
        sync: OrderSync,
        unheard: Unheard,
        tell: Callable[[VenueEvent], None],
        failed: Callable[[Failure], None],
        probe: Probe,
        now: Callable[[], float],
    ) -> None:
        self._connector = connector
        self._translator = translator
        self._reader = reader
        self._exchange_of = exchange_of
        self._price = price
        self._pacing = pacing
        self._known = known
        self._updates = updates
        self._sync = sync
        self._unheard = unheard
        self._tell = tell
        self._failed = failed
        self._probe = probe
        self._now = now
        self._held: deque[CancelAtVenue] = deque()
        self._release_timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def held(self) -> int:
        """Cancels that wait for the venue to take requests again."""
        return len(self._held)

    def send(self, request: DeskRequest) -> None:
        """Send a request, or refuse or hold it; its one answer, of a list one an order, reaches `tell`."""
        if self._closed:
            self._refuse(request, "the gateway stops; nothing was sent")
        elif isinstance(request, ModifyAtVenue):
            self._refuse(request, "replacing is not offered here: cancel the order and send a new one")
        elif isinstance(request, CancelAtVenue):
            if self._held or self._pacing.paused_for() > 0:
                self._hold(request)
            else:
                self._cancel(request)
        elif why := self._pacing.refusal():
            self._refuse(request, why)
        else:
            self._submit(request)

    async def close(self) -> None:
        """Refuse the cancels that still wait, and give up waiting for answers: the next start asks."""
        self._closed = True
        if self._release_timer is not None:
            self._release_timer.cancel()
        while self._held:
            self._refuse(
                self._held.popleft(), "the gateway stops while the venue takes no requests; nothing was sent"
            )
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _submit(self, request: SubmitOrder | SubmitList) -> None:
        orders = _orders_of(request)
        first = orders[0]
        market = self._reader.market(first.symbol)
        if market is None or self._exchange_of(market) is None:
            self._refuse(request, f"{first.symbol} is not traded here any more; nothing was sent")
            return
        for order in orders:
            self._known.learn(order.symbol, "", order.client_order_id)
        if any(self._translator.needs_last(order) for order in orders):
            self._spawn(self._priced(request, market))
            return
        try:
            call = self._call(request, market, None)
        except Refused as error:
            self._refuse(request, error.text)
            return
        self._spawn(self._send_new(request, market, call))

    async def _priced(self, request: SubmitOrder | SubmitList, market: Market) -> None:
        try:
            async with asyncio.timeout(PRICE_SECONDS):
                last = await self._price(market)
            call = self._call(request, market, last)
        except Refused as error:
            self._refuse(request, error.text)
        except ExecutionError as error:
            self._refuse(
                request, f"the last price of {market.symbol} is needed and not to be had: {error.text}"
            )
        except TimeoutError:
            self._refuse(
                request,
                f"the last price of {market.symbol} is needed and did not come within {PRICE_SECONDS:g} s; "
                "nothing was sent",
            )
        else:
            if why := self._pacing.refusal():
                self._refuse(request, why)
            else:
                await self._send_new(request, market, call)

    def _call(self, request: SubmitOrder | SubmitList, market: Market, last: Decimal | None) -> Call:
        if isinstance(request, SubmitList):
            return self._translator.submit_list(request, market, last)
        return self._translator.submit(request, market, last)

    async def _send_new(self, request: SubmitOrder | SubmitList, market: Market, call: Call) -> None:
        kind, started = str(RequestKind.SUBMIT), self._now()
        awaited = [
            self._unheard.leaving(order)
            for order in _orders_of(request)
            if not order.order_type.is_conditional
        ]
        number = self._updates.request_left()
        self._pacing.leaving()
        self._probe.request_sent(self._connector, kind)
        events: list[tuple[VenueEvent, OrderUpdate | None]]
        try:
            answer = await make(self._exchange_of(market), call)
        except CallFailed as failed:
            failure = self._failure(failed)
            events = [(request_failed(order, failure), None) for order in _orders_of(request)]
        except asyncio.CancelledError:
            self._updates.request_answered(number)
            raise
        else:
            self._pacing.answered()
            events = self._read(request, answer)
        accepted = any(isinstance(event, OrderUpdate) for event, _ in events)
        for each in awaited:
            (self._unheard.accepted if accepted else self._unheard.not_accepted)(each)
        self._note(kind, [event for event, _ in events], started)
        for event, state in events:
            if isinstance(event, OrderUpdate):
                self._known.learn(event.symbol, event.venue_order_id, event.client_order_id)
            self._tell(event)
            if state is not None:
                self._updates.state(state)
        self._updates.request_answered(number)

    def _read(
        self, request: SubmitOrder | SubmitList, answer: Any
    ) -> list[tuple[VenueEvent, OrderUpdate | None]]:
        if isinstance(request, SubmitOrder):
            try:
                return [submitted(self._reader, request, answer)]
            except UNREADABLE as error:
                return [(unreadable(request, error), None)]
        try:
            ids = self._translator.list_ids(request, answer)
            return [(taken(leg, each), None) for leg, each in zip(request.legs, ids, strict=True)]
        except (Refused, *UNREADABLE) as error:
            return [(unreadable(leg, error), None) for leg in request.legs]

    def _cancel(self, request: CancelAtVenue) -> None:
        market = self._reader.market(request.symbol)
        if market is None or self._exchange_of(market) is None:
            self._refuse(request, f"{request.symbol} is not traded here any more; nothing was sent")
            return
        try:
            call = self._translator.cancel(request, market)
        except Refused as error:
            self._refuse(request, error.text)
            return
        self._known.learn(request.symbol, request.venue_order_id, request.client_order_id)
        self._spawn(self._send_cancel(request, market, call))

    async def _send_cancel(self, request: CancelAtVenue, market: Market, call: Call) -> None:
        kind, started = str(RequestKind.CANCEL), self._now()
        self._pacing.leaving()
        self._probe.request_sent(self._connector, kind)
        try:
            answer = await make(self._exchange_of(market), call)
        except CallFailed as failed:
            failure = self._failure(failed)
            if failure.verdict is Verdict.LIMITED and not self._closed:
                self._hold(request)
                return
            event: VenueEvent = request_failed(request, failure)
            self._note(kind, [event], started)
            self._tell(event)
            return
        self._pacing.answered()
        try:
            state = canceled(self._reader, request, answer)
        except UNREADABLE as error:
            log.warning("the answer to the cancel of order %s says nothing: %r", request.order_id, error)
            state = None
        event = cancel_taken(request)
        self._note(kind, [event], started)
        if state is not None:
            self._updates.state(state)
            return
        self._tell(event)
        self._sync.ask(question_after(request, int(self._now() * 1e9)), end_within=END_SECONDS)

    def _failure(self, failed: CallFailed) -> Failure:
        failure = judge(self._translator, failed)
        if failure.verdict is Verdict.LIMITED:
            self._pacing.limited(failure.retry_after)
        self._failed(failure)
        return failure

    def _note(self, kind: str, events: list[VenueEvent], started: float) -> None:
        names = {type(event).__name__ for event in events}
        outcome = names.pop() if len(names) == 1 else OutcomeUnknown.__name__
        self._probe.request_answered(self._connector, kind, outcome, self._now() - started)

    def _refuse(self, request: DeskRequest, why: str) -> None:
        for order in request.legs if isinstance(request, SubmitList) else (request,):
            self._tell(refused(order, why))

    def _hold(self, request: CancelAtVenue) -> None:
        self._held.append(request)
        if self._release_timer is None:
            wait = self._pacing.paused_for()
            self._release_timer = asyncio.get_running_loop().call_later(wait, self._release)

    def _release(self) -> None:
        self._release_timer = None
        if (wait := self._pacing.paused_for()) > 0:
            self._release_timer = asyncio.get_running_loop().call_later(wait, self._release)
            return
        held, self._held = self._held, deque()
        for request in held:
            self._cancel(request)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("an order request failed in the gateway", exc_info=task.exception())


def _orders_of(request: SubmitOrder | SubmitList) -> tuple[SubmitOrder, ...]:
    return request.legs if isinstance(request, SubmitList) else (request,)
