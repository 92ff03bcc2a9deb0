"""OCO order lists of the margin leg: a limit maker and a stop order, of which at most one trades.

The money is locked once, with the limit order. Sources: PAPI POST margin/order/oco, DELETE
margin/orderList; listStatus and executionReport of the spot user data stream.
"""

from decimal import Decimal
from typing import NamedTuple

from fixgate.simulator.accounts import MAX_CONDITIONALS_KEPT, Account
from fixgate.simulator.events import list_status
from fixgate.simulator.execution import Execution
from fixgate.simulator.margin_funds import plan_funding
from fixgate.simulator.order_entry import Entrant, OrderEntry
from fixgate.simulator.order_lists import ALL_DONE, OrderList
from fixgate.simulator.orders import Leg, Order, OrderRequest
from fixgate.simulator.refusal import BAD_LIST_PRICES, DUPLICATE_ORDER, VenueRefusal, unknown_order
from fixgate.simulator.stop_orders import StopOrders
from fixgate.simulator.venue_state import VenueState

EXPIRED_BY_LIST = "OCO_TRIGGER"


class ListRequest(NamedTuple):
    """An OCO list after its parameters were checked for form."""

    client_id: str
    limit: OrderRequest
    stop: OrderRequest
    response_type: str


class OrderLists:
    """The order lists of all accounts.

    `waiting_status` is what the stop order of a list is called until it is triggered: PENDING_NEW, or
    NEW as a stop order outside a list.
    """

    def __init__(self, state: VenueState, execution: Execution, entry: OrderEntry, stops: StopOrders) -> None:
        self._state = state
        self._execution = execution
        self._entry = entry
        self._stops = stops
        self.waiting_status = "PENDING_NEW"

    def place(self, account: Account, request: ListRequest) -> OrderList:
        """Take both orders in, or raise the refusal of the one that is wrong."""
        state = self._state
        instrument = state.instrument(Leg.MARGIN, request.limit.symbol)
        last = state.lasts[Leg.MARGIN, instrument.symbol]
        self._check_prices(request, last)
        self._check_identity(account, request)
        stop = self._entry.admit(account, request.stop)
        limit = self._entry.admit(account, request.limit)
        limit, stop = self._share_funding(limit, stop)
        number = state.next_id("order list")
        stop.order.order_list_id = limit.order.order_list_id = number
        stop.order.status = self.waiting_status
        self._entry.register(stop)
        self._entry.register(limit)
        order_list = OrderList(
            order_list_id=number,
            client_id=request.client_id or f"sim-list-{number}",
            account=account.name,
            symbol=instrument.symbol,
            stop_order_id=stop.order.order_id,
            limit_order_id=limit.order.order_id,
            stop_client_id=stop.order.client_order_id,
            limit_client_id=limit.order.client_order_id,
            updated_ms=state.clock(),
        )
        self._remember(account, order_list)
        self._stops.arm(stop.order)
        for entrant in (stop, limit):
            self._entry.report_new(entrant.order)
        self._report(order_list)
        self._entry.match(limit.order)
        return order_list

    def _check_prices(self, request: ListRequest, last: Decimal) -> None:
        """Raise -2010 unless the last price lies between limit and stop, on the right sides."""
        limit, stop = request.limit.price, request.stop.stop_price
        assert limit is not None and stop is not None
        fits = stop < last < limit if request.limit.side == "SELL" else limit < last < stop
        if not fits:
            raise VenueRefusal(-2010, BAD_LIST_PRICES)

    def _check_identity(self, account: Account, request: ListRequest) -> None:
        stop_id, limit_id = request.stop.client_order_id, request.limit.client_order_id
        taken = {each.client_id for each in account.order_lists.values() if each.is_open}
        if (stop_id and stop_id == limit_id) or (request.client_id and request.client_id in taken):
            raise VenueRefusal(-2010, DUPLICATE_ORDER)

    def _share_funding(self, limit: Entrant, stop: Entrant) -> tuple[Entrant, Entrant]:
        """Return both with the dearer one's money on the limit order; raises when it is not there."""
        assert limit.funding is not None and stop.funding is not None
        amount = max(limit.funding.amount, stop.funding.amount)
        asset, account = limit.funding.asset, limit.account
        funding = plan_funding(self._state, account, asset, amount, limit.order.side_effect)
        return limit._replace(funding=funding), stop._replace(funding=None)

    def _remember(self, account: Account, order_list: OrderList) -> None:
        known = account.order_lists
        known[order_list.order_list_id] = order_list
        if len(known) > MAX_CONDITIONALS_KEPT:
            oldest = next((key for key, each in known.items() if not each.is_open), None)
            if oldest is not None:
                del known[oldest]

    def legs(self, order_list: OrderList) -> tuple[Order, Order]:
        """Return (stop order, limit order) of a list that is open or has just ended."""
        orders = self._state.accounts[order_list.account].orders[Leg.MARGIN, order_list.symbol]
        return orders[order_list.stop_order_id], orders[order_list.limit_order_id]

    def _report(self, order_list: OrderList) -> None:
        now = self._state.clock()
        self._state.emit(order_list.account, list_status(order_list, now))

    def sibling(self, order: Order) -> Order | None:
        """Return the other order of the list, None outside lists."""
        order_list = self._state.accounts[order.account].order_lists.get(order.order_list_id)
        if order_list is None:
            return None
        stop, limit = self.legs(order_list)
        return limit if order is stop else stop

    def give_way(self, order: Order) -> None:
        """End the other order of the list, since `order` fills, works or has ended.

        Not one that has begun to fill or was triggered: it is for its sake that `order` has ended.
        """
        other = self.sibling(order)
        if other is None or not other.is_open or other.executed or (other.stop_price and other.working):
            return
        self._state.books[other.leg, other.symbol].remove(other)
        if order.status == "CANCELED":
            other.cancel_id = order.cancel_id
            self._execution.end(other, "CANCELED", cancel_id=order.cancel_id)
        else:
            self._execution.end(other, "EXPIRED", reason=EXPIRED_BY_LIST)

    def follow(self, order: Order) -> None:
        """Keep the list in step with an order of it that has filled or ended."""
        order_list = self._state.accounts[order.account].order_lists.get(order.order_list_id)
        if order_list is None or not order_list.is_open:
            return
        if order.executed or not order.is_open:
            self.give_way(order)
        if not any(leg.is_open for leg in self.legs(order_list)):
            order_list.status, order_list.updated_ms = ALL_DONE, self._state.clock()
            self._report(order_list)

    def find(self, account: Account, list_id: int | None, client_id: str) -> OrderList | None:
        """Return the list named by its id (which wins) or else by its client id, open one first."""
        if list_id is not None:
            return account.order_lists.get(list_id)
        named = [each for each in account.order_lists.values() if each.client_id == client_id]
        found = [each for each in named if each.is_open] or named
        return found[-1] if found else None

    def open_one(self, account: Account, list_id: int | None, client_id: str, symbol: str) -> OrderList:
        """Return an open list of `symbol`; raises -2011 when there is none of that name."""
        order_list = self.find(account, list_id, client_id)
        if order_list is None or not order_list.is_open or order_list.symbol != symbol:
            raise unknown_order()
        return order_list
