"""Orders of the engine's book as the Execution API names and shows them. Event loop only."""

import time
from decimal import Decimal

from fixgate.api.ports import Placed
from fixgate.engine.engine import Engine
from fixgate.engine.ids import number_of
from fixgate.engine.order import Order
from fixgate.gateway.rest_accounts import Route, market_type_of
from fixgate.gateway.rest_answers import PREFIX, Shown, order_id_of, shown
from fixgate.gateway.rest_tickets import is_perp
from fixgate.model.commands import API_SESSION
from fixgate.model.enums import ProductType
from fixgate.model.execution import ErrorCode, ExecutionError, Listing, MarketType


class RestBook:
    """Finds orders by either id, and shows them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._sizes: dict[tuple[str, ProductType, str], Decimal] = {}

    def find(self, route: Route, order_id: str, symbol: str | None, market_type: MarketType) -> Order | None:
        """Return an order of the account, by the gateway's id or the venue's; `None` if it was not sent from
        here. Raises `ExecutionError` for an id of the gateway's that is not the account's, and for one of the
        venue's that names several orders."""
        book = self._engine.book
        if order_id.startswith(PREFIX):
            order = book.recall(number_of(order_id.removeprefix(PREFIX)))
            if order is None or (order.request.connector, order.request.account) != (
                route.connector,
                route.account,
            ):
                raise ExecutionError(
                    ErrorCode.ORDER_NOT_FOUND, f"account {route.account} has no order {order_id!r}"
                )
            return order
        found = [
            order
            for order in book.of_venue(route.connector, route.account, order_id)
            if is_perp(order.request.product_type) == market_type.is_perp
            and (symbol is None or symbol in (order.request.symbol, route.unified(order.request)))
        ]
        if len(found) > 1:
            symbols = " and ".join(sorted(route.unified(order.request) for order in found))
            raise ExecutionError(
                ErrorCode.INVALID_REQUEST, f"order_id {order_id!r} is there in {symbols}; name the symbol"
            )
        if found or symbol is None or route.access is None:
            return found[0] if found else None
        listing = route.listing(symbol, market_type)
        return book.kept_of_venue(
            route.connector, route.account, listing.product_type, listing.symbol, order_id
        )

    def legs(self, order: Order) -> tuple[Order, ...]:
        """Return the orders that go by this one's id: both of an OCO for its limit order."""
        numbers = order.request.list_orders
        if order.terms.session != API_SESSION or not numbers or numbers[0] != order.order_id:
            return (order,)
        found = [self._engine.book.recall(number) for number in numbers]
        return tuple(leg for leg in found if leg is not None)

    def shown(self, order: Order, route: Route) -> Shown:
        """Return an order as the API shows it."""
        size = Decimal(1)
        if order.request.product_type is ProductType.DELIVERY:
            size = self._contract_size(order, route)
        return shown(self.legs(order), size)

    def learn(self, route: Route, listing: Listing) -> None:
        """Remember what a contract is worth, which never changes: an order is told of though its symbol is
        not listed any more."""
        self._sizes[route.connector, listing.product_type, listing.symbol] = listing.contract_size

    def _contract_size(self, order: Order, route: Route) -> Decimal:
        request = order.request
        key = route.connector, request.product_type, request.symbol
        if key not in self._sizes:
            unified = route.unified(request)
            try:
                listing = route.listing(unified, market_type_of(unified, request.product_type))
            except ExecutionError as error:
                order_id = order_id_of(order)
                text = f"order {order_id} is known here, what its contracts are worth is not: {error.text}"
                raise ExecutionError(error.code, text, {"order_id": order_id}) from None
            self._sizes[key] = listing.contract_size
        return self._sizes[key]

    def answer(
        self,
        found: Shown,
        route: Route,
        began: float,
        *,
        repeated: bool = False,
        cancel_pending: bool = False,
    ) -> Placed:
        """Return what is answered about an order; `began` is when the call came in, by `perf_counter`."""
        fee = found.fee
        return Placed(
            order_id=found.order_id,
            client_order_id=found.first.terms.cl_ord_id,
            exchange=route.info.exchange,
            symbol=route.unified(found.first.request),
            order_type=found.order_type,
            side=found.first.terms.side,
            status=found.status,
            quantity=found.amount,
            quantity_filled=found.filled,
            average_price=found.average,
            fee=fee.cost if fee is not None else None,
            fee_currency=fee.currency if fee is not None else None,
            seconds=seconds_since(began),
            at_ms=found.at_ms,
            repeated=repeated,
            cancel_pending=cancel_pending,
        )


def seconds_since(began: float) -> Decimal:
    """Return how long ago `began` was, by `perf_counter`, in seconds."""
    return Decimal(f"{time.perf_counter() - began:.6f}")
