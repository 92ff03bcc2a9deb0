"""The simulated exchange: orders in, refusals or events out. Pure: no socket, no clock, no thread.

Behaviour follows Binance Portfolio Margin's order rules; where the exchange's own legs differ
(a post-only order that would take is refused on UM, accepted and expired on CM), so do these.
"""

import copy
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import NamedTuple

from fixgate.simulator.accounts import Account
from fixgate.simulator.admission import Admission
from fixgate.simulator.conditional_orders import MARK_PRICE, Conditional
from fixgate.simulator.conditional_service import ConditionalService
from fixgate.simulator.consequences import Consequences
from fixgate.simulator.execution import Execution
from fixgate.simulator.filters import check_notional, check_price, check_quantity
from fixgate.simulator.instruments import DEFAULT_INSTRUMENTS, SimulatedInstrument
from fixgate.simulator.liquidation import Liquidations
from fixgate.simulator.list_service import ListRequest, OrderLists
from fixgate.simulator.modification import Modification
from fixgate.simulator.order_entry import OrderEntry
from fixgate.simulator.order_lists import OrderList
from fixgate.simulator.orders import ZERO, Leg, ModifyRequest, Order, OrderRequest, Trade
from fixgate.simulator.refusal import VenueRefusal, no_such_order, unknown_order
from fixgate.simulator.stop_orders import StopOrders
from fixgate.simulator.venue_state import Listener, VenueState


class Placement(NamedTuple):
    """An accepted order: as it was when accepted (`ack`), as it is now, and its own fills."""

    ack: Order
    order: Order
    fills: list[Trade]


class SimulatedExchange:
    """One venue with three legs, its accounts and an anonymous market.

    `clock` returns milliseconds since the epoch. Every refusal is a `VenueRefusal` and changes
    nothing; every change is an event to the listeners given to `subscribe`.
    """

    def __init__(
        self, clock: Callable[[], int], instruments: Iterable[SimulatedInstrument] = DEFAULT_INSTRUMENTS
    ) -> None:
        self.state = VenueState(clock, instruments)
        self._execution = Execution(self.state)
        self._admission = Admission(self.state, self._execution)
        self._modification = Modification(self.state, self._execution, self._admission)
        self._entry = OrderEntry(self.state, self._execution, self._admission)
        self.conditionals = ConditionalService(self.state, self._entry)
        self.stops = StopOrders(self.state, self._execution, self._admission, self._entry)
        self.order_lists = OrderLists(self.state, self._execution, self._entry, self.stops)
        self.liquidations = Liquidations(self.state, self._execution)
        self._consequences = Consequences(self.state, self.conditionals, self.stops, self.order_lists)

    def subscribe(self, listener: Listener) -> None:
        """Call `listener(account name, event)` for every event from now on."""
        self.state.listeners.append(listener)

    def open_account(
        self, name: str, balances: dict[str, Decimal] | None = None, *, hedge_mode: bool = False
    ) -> Account:
        """Create an account whose margin wallet holds `balances` (asset to amount)."""
        account = Account(name, hedge_mode=hedge_mode)
        for asset, amount in (balances or {}).items():
            account.asset(asset).free = amount
        self.state.accounts[name] = account
        return account

    def account(self, name: str) -> Account:
        """Return an account; raises -1109 for a name the venue does not know."""
        account = self.state.accounts.get(name)
        if account is None:
            raise VenueRefusal(-1109, "Invalid account.")
        return account

    def reference_price(self, leg: Leg, symbol: str) -> Decimal:
        """Return the mark (index) price of a symbol."""
        instrument = self.state.instrument(leg, symbol)
        return self.state.marks[instrument.leg, instrument.symbol]

    def set_reference_price(self, leg: Leg, symbol: str, price: Decimal) -> None:
        """Move the mark price that filters, margin and unrealised profit use."""
        self.state.instrument(leg, symbol)
        if price <= 0:
            raise ValueError(f"reference price of {symbol} is {price}; it must be above 0")
        self.state.see_price(leg, symbol, MARK_PRICE, price)
        self.finish()

    def place(self, account_name: str, request: OrderRequest, *, reduce_only_sent: bool = False) -> Placement:
        """Put a new order on the market, or raise the venue's refusal."""
        account = self.account(account_name)
        entrant = self._entry.admit(account, request, reduce_only_sent=reduce_only_sent)
        order = self._entry.register(entrant)
        ack = copy.copy(order)
        seen = self.state.counters[f"trade:{order.leg}"]
        self._entry.report_new(order)
        if order.working:
            self._entry.match(order)
        else:
            self.stops.arm(order)
        self.finish()
        return Placement(ack, order, _fills_since(account, order, seen))

    def place_conditional(
        self, account_name: str, conditional: Conditional, *, reduce_only_sent: bool = False
    ) -> Conditional:
        """Take a conditional futures order in, or raise the venue's refusal."""
        account = self.account(account_name)
        self.conditionals.place(account, conditional, reduce_only_sent=reduce_only_sent)
        self.finish()
        return conditional

    def finish(self) -> None:
        """End an operation: follow up what it set off, then report changed balances and positions."""
        self._consequences.run()
        self.state.flush()

    def advance(self) -> None:
        """Do what has become due by now: GTD expiries, and triggers that were under way."""
        if self.state.deadlines.run(self.state.clock()):
            self.finish()

    def modify(self, account_name: str, request: ModifyRequest) -> Order:
        """Change price and total quantity of a resting futures LIMIT order, or raise the refusal.

        The order may come back CANCELED: by a total of no more than what is executed, or because a
        post-only order would take at its new price. Source: PAPI PUT /papi/v1/um/order.
        """
        account = self.account(account_name)
        instrument = self.state.instrument(request.leg, request.symbol)
        order = account.find(request.leg, request.symbol, request.order_id, request.client_order_id)
        if order is None or not order.is_open:
            raise no_such_order()
        mark = self.state.marks[request.leg, request.symbol]
        self._modification.check_form(order, request)
        check_price(instrument, request.side, request.price, mark)
        check_quantity(instrument, request.quantity, market=False)
        if not order.reduce_only:
            check_notional(instrument, request.price, request.quantity, modifying=True)
        if self._modification.apply(account, instrument, order, request):
            self._execution.cross(order, order.price)
            if order.is_open:
                self._entry.rest_or_expire(order)
        self.finish()
        return order

    def cancel(
        self,
        account_name: str,
        leg: Leg,
        symbol: str,
        *,
        order_id: int | None = None,
        client_order_id: str = "",
        cancel_id: str = "",
    ) -> Order:
        """Cancel one open order, by `order_id` or client id; raises -2011 when it is not open."""
        account = self.account(account_name)
        self.state.instrument(leg, symbol)
        order = account.find(leg, symbol, order_id, client_order_id)
        if order is None or not order.is_open:
            raise unknown_order()
        self._cancel(order, cancel_id)
        self.finish()
        return order

    def _cancel(self, order: Order, cancel_id: str) -> None:
        self.state.books[order.leg, order.symbol].remove(order)
        if order.leg is Leg.MARGIN and not cancel_id:
            cancel_id = f"sim-cancel-{self.state.next_id('priority')}"
        order.cancel_id = cancel_id
        self._execution.end(order, "CANCELED", cancel_id=cancel_id)

    def rearm(self, account: Account) -> None:
        """Let what an account loaded from a file was waiting for happen: prices, expiries, triggers."""
        for order in account.list_open(Leg.MARGIN, None):
            if not order.working:
                self.stops.arm(order)
        for order in account.list_open(Leg.UM, None):
            if order.good_till:
                self.state.deadlines.add(order.good_till, self._entry.expiry(order))
        for conditional in account.conditionals.values():
            self.conditionals.arm(conditional)

    def place_list(self, account_name: str, request: ListRequest) -> OrderList:
        """Take an OCO list in, or raise the venue's refusal."""
        order_list = self.order_lists.place(self.account(account_name), request)
        self.finish()
        return order_list

    def cancel_list(
        self, account_name: str, symbol: str, list_id: int | None, client_id: str, cancel_id: str = ""
    ) -> OrderList:
        """Cancel both orders of an open list; raises -2011 when it is not open."""
        self.state.instrument(Leg.MARGIN, symbol)
        order_list = self.order_lists.open_one(self.account(account_name), list_id, client_id, symbol)
        stop, limit = self.order_lists.legs(order_list)
        self._cancel(stop if stop.is_open else limit, cancel_id)
        self.finish()
        return order_list

    def liquidate(
        self, account: Account, leg: Leg, symbol: str, side: str, price: Decimal | None = None
    ) -> Order:
        """Close a position by force; raises `ValueError` when there is none."""
        order = self.liquidations.liquidate(account, leg, symbol, side, price)
        self.finish()
        return order

    def deleverage(
        self,
        account: Account,
        leg: Leg,
        symbol: str,
        side: str,
        quantity: Decimal | None = None,
        price: Decimal | None = None,
    ) -> Order:
        """Close a position, or a part, for another's liquidation; raises `ValueError` when there is none."""
        order = self.liquidations.deleverage(account, leg, symbol, side, quantity, price)
        self.finish()
        return order

    def cancel_all(self, account_name: str, leg: Leg, symbol: str) -> list[Order]:
        """Cancel every open order of one symbol and return them; MARGIN raises -2011 for none."""
        account = self.account(account_name)
        self.state.instrument(leg, symbol)
        orders = account.list_open(leg, symbol)
        if leg is Leg.MARGIN and not orders:
            raise unknown_order()
        for order in orders:
            if order.is_open:
                self._cancel(order, "")
                self._consequences.run()
        self.finish()
        return orders

    def external_order(
        self,
        leg: Leg,
        symbol: str,
        side: str,
        price: Decimal | None,
        quantity: Decimal,
        *,
        resting: bool = True,
    ) -> Order:
        """Let an anonymous counterparty trade: LIMIT at `price`, MARKET when it is None.

        What does not execute rests in the book, unless it is a MARKET order or `resting` is false.
        The returned order can be handed to `withdraw`.
        """
        self.state.instrument(leg, symbol)
        order = Order(
            leg=leg,
            symbol=symbol,
            order_id=-self.state.next_id("priority"),
            client_order_id="",
            account="",
            side=side,
            type="MARKET" if price is None else "LIMIT",
            time_in_force="GTC",
            quantity=quantity,
            price=price or ZERO,
        )
        self._execution.cross(order, price)
        if order.remaining and price is not None and resting:
            self.state.books[leg, symbol].add(order)
        self.finish()
        return order

    def withdraw(self, order: Order) -> None:
        """Take what is left of an anonymous order off the book."""
        self.state.books[order.leg, order.symbol].remove(order)


def _fills_since(account: Account, order: Order, trade_id: int) -> list[Trade]:
    """Return the order's own fills from `trade_id` on, oldest first."""
    if not order.executed:
        return []
    found: list[Trade] = []
    for trade in reversed(account.trades[order.leg, order.symbol]):
        if trade.trade_id < trade_id:
            break
        if trade.order_id == order.order_id:
            found.append(trade)
    return found[::-1]
