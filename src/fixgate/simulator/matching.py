"""The simulated exchange: orders in, refusals or events out. Pure: no socket, no clock, no thread.

Behaviour follows Binance Portfolio Margin's order rules; where the exchange's own legs differ
(a post-only order that would take is refused on UM, accepted and expired on CM), so do these.
"""

import copy
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import NamedTuple

import msgspec

from fixgate.simulator import margin_funds
from fixgate.simulator.accounts import Account
from fixgate.simulator.admission import (
    Admission,
    check_identity,
    check_open_order_count,
    check_position_side,
    closes_in_hedge_mode,
)
from fixgate.simulator.execution import (
    EXPIRED_FOK,
    EXPIRED_IOC,
    EXPIRED_MARKET,
    EXPIRED_POST_ONLY,
    EXPIRED_REDUCE_ONLY,
    Execution,
)
from fixgate.simulator.filters import check_filters, check_notional, check_price, check_quantity
from fixgate.simulator.instruments import DEFAULT_INSTRUMENTS, SimulatedInstrument
from fixgate.simulator.margin_funds import Funding
from fixgate.simulator.modification import Modification
from fixgate.simulator.orders import ZERO, Leg, ModifyRequest, Order, OrderRequest, Trade
from fixgate.simulator.refusal import VenueRefusal, no_such_order, unknown_order
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
        instrument = self.state.instrument(leg, symbol)
        if price <= 0:
            raise ValueError(f"reference price of {symbol} is {price}; it must be above 0")
        self.state.marks[instrument.leg, instrument.symbol] = price

    def place(self, account_name: str, request: OrderRequest, *, reduce_only_sent: bool = False) -> Placement:
        """Put a new order on the market, or raise the venue's refusal."""
        account = self.account(account_name)
        instrument = self.state.instrument(request.leg, request.symbol)
        if request.leg is not Leg.MARGIN:
            sent = reduce_only_sent or request.reduce_only
            check_position_side(account, request.position_side, reduce_only_sent=sent)
        order = self._candidate(account_name, request)
        if request.quote_quantity is not None:
            base = self._admission.base_for_quote(order, instrument.lot_size, request.quote_quantity)
            order.quantity = base
            request = msgspec.structs.replace(request, quantity=base)
        funding = self._admit(account, instrument, order, request)
        return self._accept(account, instrument, order, funding)

    def _candidate(self, account_name: str, request: OrderRequest) -> Order:
        now = self.state.clock()
        closes = closes_in_hedge_mode(request.side, request.position_side)
        return Order(
            leg=request.leg,
            symbol=request.symbol,
            order_id=0,
            client_order_id=request.client_order_id,
            account=account_name,
            side=request.side,
            type=request.type,
            time_in_force=request.time_in_force,
            quantity=request.quantity if request.quantity is not None else ZERO,
            price=request.price if request.price is not None else ZERO,
            position_side=request.position_side,
            reduce_only=request.reduce_only or closes,
            stp_mode=request.stp_mode,
            created_ms=now,
            updated_ms=now,
            quote_quantity=request.quote_quantity or ZERO,
            side_effect=request.side_effect,
            auto_repay_at_cancel=request.auto_repay_at_cancel,
            amendments=[],
        )

    def _admit(
        self, account: Account, instrument: SimulatedInstrument, order: Order, request: OrderRequest
    ) -> Funding | None:
        admission = self._admission
        mark = self.state.marks[order.leg, order.symbol]
        market_price = mark if order.leg is Leg.UM else admission.best_price(order) or mark
        check_filters(instrument, request, mark=mark, market_price=market_price)
        check_identity(account, order)
        check_open_order_count(account, instrument)
        if order.leg is Leg.MARGIN:
            admission.check_limit_maker(order)
            return admission.fund(account, instrument, order)
        admission.check_reduce_only(account, order)
        admission.check_margin(account, instrument, order)
        if order.type == "MARKET":
            admission.check_market_price(instrument, order)
        if order.leg is Leg.UM:
            if order.time_in_force == "GTX" and admission.would_take(order):
                raise VenueRefusal(
                    -5022,
                    "Due to the order could not be executed as maker, the Post Only order will be rejected. "
                    "The order will not be recorded in the order history",
                )
            if order.time_in_force == "FOK" and not admission.can_fill_or_kill(order):
                raise VenueRefusal(
                    -5021,
                    "Due to the order could not be filled immediately, the FOK order has been rejected. "
                    "The order will not be recorded in the order history",
                )
        return None

    def _accept(
        self, account: Account, instrument: SimulatedInstrument, order: Order, funding: Funding | None
    ) -> Placement:
        state = self.state
        order.order_id = state.next_id(f"order:{order.leg}")
        order.priority = state.next_id("priority")
        order.client_order_id = order.client_order_id or f"sim-{order.order_id}"
        account.remember(order)
        if funding is not None:
            margin_funds.lock(state, account, order, funding)
        self._execution.reserve(account, instrument, order)
        ack = copy.copy(order)
        self._execution.report(order, "NEW")
        seen = state.counters[f"trade:{order.leg}"]
        self._match(instrument, order)
        state.flush()
        return Placement(ack, order, _fills_since(account, order, seen))

    def _match(self, instrument: SimulatedInstrument, order: Order) -> None:
        execution, admission = self._execution, self._admission
        if order.time_in_force == "GTX" and admission.would_take(order):
            execution.end(order, "EXPIRED", reason=EXPIRED_POST_ONLY)
            return
        if order.time_in_force == "FOK" and not admission.can_fill_or_kill(order):
            margin = order.leg is Leg.MARGIN
            execution.end(order, "EXPIRED", reason="UNFILLED_FOK_ORDER_EXPIRED" if margin else EXPIRED_FOK)
            return
        limit = order.price or admission.market_limit(instrument, order.side)
        execution.cross(order, limit)
        if order.is_open:
            self._rest_or_expire(order)

    def _rest_or_expire(self, order: Order) -> None:
        blocked = order.reduce_only and not self._execution.executable(order)
        if order.type != "MARKET" and order.time_in_force in {"GTC", "GTX"}:
            if blocked:
                order.dormant = True
            else:
                self.state.books[order.leg, order.symbol].add(order)
            return
        if order.leg is Leg.MARGIN:
            market = order.type == "MARKET"
            reason = "INSUFFICIENT_LIQUIDITY" if market else "UNFILLED_IOC_QUANTITY_EXPIRED"
        elif blocked:
            reason = EXPIRED_REDUCE_ONLY
        else:
            reason = EXPIRED_MARKET if order.type == "MARKET" else EXPIRED_IOC
        self._execution.end(order, "EXPIRED", reason=reason)

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
                self._rest_or_expire(order)
        self.state.flush()
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
        self.state.flush()
        return order

    def _cancel(self, order: Order, cancel_id: str) -> None:
        self.state.books[order.leg, order.symbol].remove(order)
        if order.leg is Leg.MARGIN and not cancel_id:
            cancel_id = f"sim-cancel-{self.state.next_id('priority')}"
        order.cancel_id = cancel_id
        self._execution.end(order, "CANCELED", cancel_id=cancel_id)

    def cancel_all(self, account_name: str, leg: Leg, symbol: str) -> list[Order]:
        """Cancel every open order of one symbol and return them; MARGIN raises -2011 for none."""
        account = self.account(account_name)
        self.state.instrument(leg, symbol)
        orders = account.list_open(leg, symbol)
        if leg is Leg.MARGIN and not orders:
            raise unknown_order()
        for order in orders:
            self._cancel(order, "")
        self.state.flush()
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
        self.state.flush()
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
