"""Orders of the Execution API: placed, waited for, canceled and told of.

An order is kept in the inbox, decided on by the engine and sent before `place` waits for the venue, so two
calls with one client order id are one order, and a caller that hangs up cancels nothing.
"""

import re
import time
from collections.abc import Awaitable, Callable, Collection
from functools import partial

from fixgate.api.ports import Placed, Ticket
from fixgate.engine.engine import Engine
from fixgate.engine.order import ZERO, Order
from fixgate.gateway.api_inbox import ApiInbox
from fixgate.gateway.api_reports import ApiReports
from fixgate.gateway.rest_accounts import RestAccounts, Route
from fixgate.gateway.rest_answers import PREFIX, is_settled, order_id_of, refusal_error, rejection_error
from fixgate.gateway.rest_book import RestBook, seconds_since
from fixgate.gateway.rest_tickets import client_order_id, command_of, differs, is_perp, needs_last_price
from fixgate.gateway.rest_waiting import done, priced, told
from fixgate.journal.journal import JournalError
from fixgate.model.commands import ANY_SOURCE, API_SESSION, CancelOrder, NewOrder, NewOrderList
from fixgate.model.enums import OrderType, OrdRejReason
from fixgate.model.execution import ErrorCode, ExecutionError, MarketType, OrderState
from fixgate.model.refusal import Refused
from fixgate.model.reports import ExecutionReport

Valued = Callable[[str, str, str, MarketType], Awaitable[None]]
"""Makes sure that the prices are known by which orders of a connector, account, unified symbol and market
type are held to limits."""

_SOURCE = re.compile(r"[^\s:\x00-\x1f\x7f]+")


class RestOrders:
    """The trading half of the desk. Event loop only; all methods raise `ExecutionError`.

    `sessions` are the sources of FIX sessions, which no caller may pass for; `wait` is how many seconds a
    call waits for the venue.
    """

    def __init__(
        self,
        engine: Engine,
        accounts: RestAccounts,
        inbox: ApiInbox,
        reports: ApiReports,
        sessions: Collection[str],
        wait: float,
    ) -> None:
        self._engine = engine
        self._book = RestBook(engine)
        self._accounts = accounts
        self._inbox = inbox
        self._reports = reports
        self._sessions = sessions
        self._wait = wait
        self._closed = "the gateway is starting"
        self.valued: Valued | None = None
        """Set where orders are held to limits."""

    def open(self) -> None:
        """Take orders from now on."""
        self._closed = ""

    def close(self) -> None:
        """Take no more orders; calls that wait are answered with what is known."""
        self._closed = "the gateway is stopping"
        self._reports.close()

    # placing

    async def place(self, ticket: Ticket) -> Placed:
        """Place an order, and wait for the venue's answer; see `ExecutionDesk`."""
        began = time.perf_counter()
        route = self._accounts.route(ticket.exchange_account_id)
        self._check_source(ticket.source)
        name = client_order_id(ticket)
        order = self._known(ticket, name, route)
        if order is not None:
            return await self._placed(order, route, began, repeated=True)
        self._refuse_while_closed()
        listing = route.listing(ticket.symbol, ticket.market_type)
        self._book.learn(route, listing)
        last = None
        if needs_last_price(ticket, listing):
            prices = route.market("prices")
            last = await priced(prices.fresh_price(route.account, listing.unified))
        if self.valued is not None:
            await priced(self.valued(route.connector, route.account, listing.unified, listing.market_type))
        order = self._known(ticket, name, route)  # placed by another call while this one asked for prices
        if order is not None:
            return await self._placed(order, route, began, repeated=True)
        self._refuse_while_closed()
        command = command_of(ticket, listing, route.connector, name or self._inbox.mint(), last)
        self._refuse_while_not_ready(command, route)
        try:
            number = self._inbox.take(command)
        except JournalError as error:
            raise ExecutionError(
                ErrorCode.NOT_READY, f"the order cannot be kept and was not sent: {error}"
            ) from error
        first = command.orders[0] if isinstance(command, NewOrderList) else command
        return await self._decided(ticket, route, first, number, began)

    def _refuse_while_closed(self) -> None:
        if self._closed:
            raise ExecutionError(ErrorCode.NOT_READY, f"{self._closed}; nothing was sent")

    def _refuse_while_not_ready(self, command: NewOrder | NewOrderList, route: Route) -> None:
        """Refuse what the account cannot take now, before the order's id is spent: so it can be placed again
        under the same one."""
        if count := self._engine.unsettled(route.connector, route.account):
            raise ExecutionError(
                ErrorCode.NOT_READY,
                f"account {route.account} is finding out what became of {count} orders that were under way "
                "when the gateway stopped; nothing was sent, try again in some seconds",
            )
        try:
            if isinstance(command, NewOrderList):
                route.planner.plan_list(command.orders, range(len(command.orders)))
            else:
                route.planner.plan_new(command, 0)
        except Refused as refusal:
            if refusal.reason is OrdRejReason.BROKER:
                raise ExecutionError(ErrorCode.NOT_READY, refusal.text) from None

    def _check_source(self, source: str) -> None:
        if source in self._sessions or not _SOURCE.fullmatch(source):
            raise ExecutionError(
                ErrorCode.INVALID_REQUEST,
                f"the token's name {source[:64]!r} cannot be the source of orders: it is a FIX session's, or "
                "holds ':', a blank or a control character",
            )

    def _known(self, ticket: Ticket, name: str, route: Route) -> Order | None:
        """Return the order that the ticket was placed as before, `None` if it is new. Raises `ExecutionError`
        where its ClOrdID was used for something else, or for an order that was refused."""
        book = self._engine.book
        if not name or not book.is_used(ticket.source, name):
            return None
        order = book.of_client(ticket.source, name)
        if order is None or order.terms.cl_ord_id != name:
            refusal = self._reports.refusal(ticket.source, name)
            if refusal is not None:
                raise refusal_error(refusal, repeated=True)
            raise ExecutionError(
                ErrorCode.CONFLICT,
                f"client_order_id {name!r} was used before, for an order that was refused or for another "
                "request; use a new client_order_id or Idempotency-Key",
            )
        other = differs(ticket, self._book.legs(order)) or self._other_symbol(ticket, order, route)
        if other:
            raise ExecutionError(
                ErrorCode.CONFLICT,
                f"client_order_id {name!r} is that of order {order_id_of(order)}, which differs in {other}; "
                "use a new client_order_id or Idempotency-Key for another order",
                {"order_id": order_id_of(order)},
            )
        return order

    def _other_symbol(self, ticket: Ticket, order: Order, route: Route) -> str:
        """Return `symbol` if the ticket names another than the order's, empty if it is the same."""
        request = order.request
        if ticket.symbol == route.unified(request):
            return "" if ticket.market_type.is_perp == is_perp(request.product_type) else "market_type"
        try:
            listing = route.listing(ticket.symbol, ticket.market_type)
        except ExecutionError as error:
            text = f"order {order_id_of(order)} has this client_order_id; it cannot be compared: {error.text}"
            raise ExecutionError(error.code, text, {"order_id": order_id_of(order)}) from None
        same = (listing.symbol, listing.product_type) == (request.symbol, request.product_type)
        return "" if same else "symbol"

    async def _decided(
        self, ticket: Ticket, route: Route, command: NewOrder, number: int, began: float
    ) -> Placed:
        """Answer for an order that was taken in just now."""
        book = self._engine.book

        def refusal() -> ExecutionReport | None:
            return self._reports.refusal(command.source, command.cl_ord_id)

        await self._reports.until(
            lambda: book.recall(number) is not None or refusal() is not None, self._wait, str(number), "NONE"
        )
        order = book.recall(number)
        if order is not None:
            return await self._placed(order, route, began)
        refused = refusal()
        if refused is not None:
            raise refusal_error(refused)
        return Placed(
            order_id=f"{PREFIX}{number}",
            client_order_id=command.cl_ord_id,
            exchange=route.info.exchange,
            symbol=ticket.symbol,
            order_type=ticket.order_type,
            side=ticket.side,
            status=OrderState.PENDING,
            quantity=ticket.quantity,
            quantity_filled=ZERO,
            average_price=None,
            fee=None,
            fee_currency=None,
            seconds=seconds_since(began),
            at_ms=time.time_ns() // 1_000_000,
        )

    async def _placed(self, order: Order, route: Route, began: float, *, repeated: bool = False) -> Placed:
        """Wait until the venue has answered, and return what became of the order. Raises `ExecutionError` for
        a rejected one."""
        legs = self._book.legs(order)
        keys = [str(leg.order_id) for leg in legs]
        await self._reports.until(lambda: all(map(is_settled, legs)), self._left(began), *keys)
        found = self._book.shown(order, route)
        if found.status is OrderState.REJECTED:
            raise rejection_error(order, route.title)
        return self._book.answer(found, route, began, repeated=repeated)

    # canceling

    async def cancel(
        self, source: str, account: str, order_id: str, symbol: str | None, market_type: MarketType
    ) -> Placed:
        """Cancel an order, and wait for its end; see `ExecutionDesk`. An order that has ended is answered as
        it is; what was sent over FIX, or by another token, can be canceled as well."""
        began = time.perf_counter()
        route = self._accounts.route(account)
        self._check_source(source)
        self._refuse_while_closed()
        order = self._book.find(route, order_id, symbol, market_type)
        if order is None:
            return await self._cancel_foreign(route, order_id, symbol, market_type, began)
        legs = self._book.legs(order)
        asked = ""
        leg = next((leg for leg in legs if not leg.terminal), None)
        if leg is not None:
            free = partial(_takes_a_cancel, leg)
            # One of somebody else's that is under way may be enough; if it is refused, this one is sent.
            await self._reports.until(lambda: leg.terminal or free(), self._left(began), str(leg.order_id))
            if free() and not self._closed:
                asked = self._ask_to_cancel(leg, source)

        def over() -> bool:
            return all(each.terminal for each in legs)

        def answered() -> bool:
            return over() or self._reports.cancel_reject(asked) is not None

        await self._reports.until(answered, self._left(began), asked, *(str(each.order_id) for each in legs))
        reject = self._reports.cancel_reject(asked)
        if reject is not None and not over():
            error = ErrorCode.EXCHANGE_ERROR if reject.venue_error_code else ErrorCode.NETWORK_ERROR
            why = f"{reject.venue_error_code} {reject.text}".strip()
            text = f"order {order_id} was not canceled: {why}"
            raise ExecutionError(error, text, {"exchange": route.info.exchange})
        return self._book.answer(self._book.shown(order, route), route, began, cancel_pending=not over())

    def _ask_to_cancel(self, order: Order, source: str) -> str:
        """Send a cancel of an order, and return its ClOrdID."""
        name = self._inbox.mint()
        self._inbox.take(
            CancelOrder(
                source=source,
                session=API_SESSION,
                cl_ord_id=name,
                orig_cl_ord_id="",
                order_id=str(order.order_id),
                may_cancel=(ANY_SOURCE,),
            )
        )
        return name

    async def _cancel_foreign(
        self, route: Route, order_id: str, symbol: str | None, market_type: MarketType, began: float
    ) -> Placed:
        """Cancel an order that this gateway did not send."""
        access = route.market("orders that were not sent from here")
        before = await told(access.order(route.account, order_id, symbol, market_type))
        if before.status in (OrderState.OPEN, OrderState.PENDING):
            await done(access.cancel(route.account, order_id, before.symbol, market_type))
        try:
            after = await told(access.order(route.account, order_id, before.symbol, market_type))
        except ExecutionError:
            after = before
        return Placed(
            order_id=after.order_id,
            client_order_id=after.client_order_id,
            exchange=route.info.exchange,
            symbol=after.symbol,
            order_type=after.order_type or (OrderType.MARKET if after.price is None else OrderType.LIMIT),
            side=after.side,
            status=after.status,
            quantity=after.amount,
            quantity_filled=after.filled,
            average_price=after.average,
            fee=after.fee.cost if after.fee is not None else None,
            fee_currency=after.fee.currency if after.fee is not None else None,
            seconds=seconds_since(began),
            at_ms=after.at_ms,
            cancel_pending=after.status in (OrderState.OPEN, OrderState.PENDING),
        )

    def _left(self, began: float) -> float:
        return max(self._wait - (time.perf_counter() - began), 0.0)


def _takes_a_cancel(order: Order) -> bool:
    """True while no cancel of the order is under way, but one of the gateway's own that has to wait."""
    return not order.terminal and (order.cancel is None or (order.cancel.own and order.cancel.waiting))
