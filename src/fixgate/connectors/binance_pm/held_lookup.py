"""Asking about an order that a service for conditional orders holds, or held.

The service is asked first, and when it says that the order's child is on the market, the matching engine is
asked about the child. When the service denies the order, the engine is asked by the client order id, which
children have from their parents, before the denial is believed. Sources: PAPI GET um/algo/algoOrder,
um/algo/allAlgoOrders, cm/conditional/openOrder, orderHistory, allOrders, um|cm/order.
"""

from typing import Any, NamedTuple

from fixgate.connectors.binance_pm.conditional_requests import Params, held_identity
from fixgate.connectors.binance_pm.conditional_service import SERVICE_OF, HeldOrder, Row, held_order
from fixgate.connectors.binance_pm.questions import Questions
from fixgate.connectors.binance_pm.triggered_orders import TriggeredOrders
from fixgate.connectors.binance_pm.venue_words import LEG_OF
from fixgate.model.venue import QueryAtVenue
from fixgate.papi.errors import VenueError
from fixgate.papi.legs import LEGS

NO_SUCH_ORDER = -2013
_HISTORY_ROWS = 100


class Found(NamedTuple):
    """What an order was found to be: the `row` of the service that holds it or, with `in_engine`, of the
    matching engine. `parent_order_id` is the service's id of an order in the engine, "" where it is not known
    or there is none. `by_client_id` is True when only the client order id says that it is the order."""

    row: Row
    in_engine: bool = True
    parent_order_id: str = ""
    by_client_id: bool = False


class ChildNotListed(VenueError):
    """The engine denies the order that its service says it has put there: `row` is the service's. It may lag,
    so this denies nothing about the order that was asked about."""

    def __init__(self, denial: VenueError, row: Row) -> None:
        super().__init__(denial.failure)
        self.row = row


class HeldLookup:
    """One account's. Touched by the event loop only."""

    def __init__(self, questions: Questions, triggered: TriggeredOrders) -> None:
        self._questions = questions
        self._triggered = triggered

    async def find(self, query: QueryAtVenue) -> Found:
        """Return what became of an order. Raises `PapiError`, a `VenueError` with code -2013 when neither
        service nor engine has it (yet), `ChildNotListed`, and what reading raises."""
        self._triggered.held(query.product_type, query.venue_order_id, query.client_order_id)
        for path in SERVICE_OF[query.product_type].lookups:
            try:
                row = await self._ask(path, held_identity(query), query)
            except VenueError as error:
                if error.failure.code != NO_SUCH_ORDER:
                    raise
                continue
            held = self.heard(query, row)
            if not held.has_left:
                return Found(row, in_engine=False, by_client_id=not query.venue_order_id)
            try:
                return await self._child(query, held)
            except VenueError as error:
                if error.failure.code != NO_SUCH_ORDER:
                    raise
                raise ChildNotListed(error, row) from error
        return await self._by_client_id(query, query.venue_order_id)

    async def _child(self, query: QueryAtVenue, held: HeldOrder) -> Found:
        if not held.child_id:
            return await self._by_client_id(query, held.venue_order_id)
        row = await self._ask_engine(query, ("orderId", held.child_id))
        return Found(row, True, held.venue_order_id, by_client_id=not query.venue_order_id)

    async def _by_client_id(self, query: QueryAtVenue, parent_order_id: str) -> Found:
        row = await self._ask_engine(query, ("origClientOrderId", query.client_order_id))
        return Found(row, parent_order_id=parent_order_id, by_client_id=True)

    async def in_history(self, query: QueryAtVenue) -> Row | None:
        """Return a service's row of an order from its history; `None` when it is not there, or the service
        never gave it an id. Raises as `find`."""
        if not query.venue_order_id:
            return None
        service = SERVICE_OF[query.product_type]
        named = [("symbol", query.symbol), (service.id, query.venue_order_id)]
        rows = await self._ask(service.history, [*named, ("limit", str(_HISTORY_ROWS))], query)
        return next((row for row in rows if str(row[service.id]) == query.venue_order_id), None)

    def heard(self, query: QueryAtVenue, row: Row) -> HeldOrder:
        """Read a service's row and remember which order came out of it. Raises what `held_order` raises."""
        held = held_order(query.product_type, row)
        self._triggered.held(query.product_type, held.venue_order_id, query.client_order_id)
        self._triggered.triggered(query.product_type, held.venue_order_id, held.child_id)
        return held

    async def _ask_engine(self, query: QueryAtVenue, name: tuple[str, str]) -> Row:
        path = LEGS[LEG_OF[query.product_type]].order
        return await self._ask(path, [("symbol", query.symbol), name], query)  # type: ignore[no-any-return]

    async def _ask(self, path: str, params: Params, query: QueryAtVenue) -> Any:
        answered = await self._questions.ask(path, params, LEG_OF[query.product_type], urgent=True)
        return answered.body
