"""From the engine's orders and refusals to the answers of the Execution API. Pure.

An OCO is two orders here and one order there: it goes by the id of its limit order.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from fixgate.engine import lifecycle
from fixgate.engine.order import ZERO, Order
from fixgate.model.decimals import rounded
from fixgate.model.enums import OrderType, OrdRejReason, ProductType, TimeInForce
from fixgate.model.execution import ErrorCode, ExecutionError, Fee, OrderState, VenueOrder
from fixgate.model.reports import ExecutionReport

PREFIX = "fg-"
"""Begins the gateway's own id of an order in the API."""

BASE_PLACES = 12

_STATE: Mapping[lifecycle.OrderState, OrderState] = {
    lifecycle.OrderState.PENDING_NEW: OrderState.PENDING,
    lifecycle.OrderState.SUSPENDED: OrderState.OPEN,
    lifecycle.OrderState.NEW: OrderState.OPEN,
    lifecycle.OrderState.PARTIALLY_FILLED: OrderState.OPEN,
    lifecycle.OrderState.FILLED: OrderState.CLOSED,
    lifecycle.OrderState.CANCELED: OrderState.CANCELED,
    lifecycle.OrderState.EXPIRED: OrderState.EXPIRED,
    lifecycle.OrderState.REJECTED: OrderState.REJECTED,
}

_AT_ONCE = (TimeInForce.IOC, TimeInForce.FOK)

_AT_THE_DOOR = {
    OrdRejReason.BROKER: ErrorCode.NOT_READY,
    OrdRejReason.STALE_ORDER: ErrorCode.NOT_READY,
    OrdRejReason.DUPLICATE_ORDER: ErrorCode.CONFLICT,
    OrdRejReason.UNKNOWN_ACCOUNT: ErrorCode.ACCOUNT_NOT_FOUND,
}
"""Why the gateway refused an order, in the API's words; every other reason is INVALID_REQUEST."""


class Shown(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An order, or the two of an OCO, as the API shows it: `amount` and `filled` in base asset, `cost` in
    quote currency. `legs` are the engine's orders."""

    legs: tuple[Order, ...]
    order_id: str
    status: OrderState
    order_type: OrderType
    amount: Decimal
    filled: Decimal
    cost: Decimal
    average: Decimal | None
    fee: Fee | None
    at_ms: int

    @property
    def first(self) -> Order:
        return self.legs[0]

    @property
    def stop_price(self) -> Decimal | None:
        return self.legs[-1].terms.stop_price


def order_id_of(order: Order) -> str:
    """Return an order's id in the API: the venue's once it is known, until then the gateway's own."""
    return order.venue_order_id or f"{PREFIX}{order.order_id}"


def is_settled(order: Order) -> bool:
    """True once there is no more to wait for: the venue has the order, and if it trades at once or never, all
    of it has traded."""
    if order.terminal or order.state is lifecycle.OrderState.PENDING_NEW:
        return order.terminal
    terms = order.terms
    return terms.order_type is not OrderType.MARKET and terms.time_in_force not in _AT_ONCE


def shown(legs: Sequence[Order], contract_size: Decimal) -> Shown:
    """Return what the API shows of an order. `contract_size` counts for an inverse one only."""
    first = legs[0]
    filled, cost = ZERO, ZERO
    for order in legs:
        base, quote = _traded(order, contract_size)
        filled, cost = filled + base, cost + quote
    return Shown(
        legs=tuple(legs),
        order_id=order_id_of(first),
        status=_status(legs),
        order_type=first.terms.order_type if len(legs) == 1 else OrderType.OCO,
        amount=_amount(first, contract_size, filled),
        filled=filled,
        cost=cost,
        average=_average(legs, filled, cost),
        fee=_fee(legs),
        at_ms=max(order.ended_ns or order.received_ns for order in legs) // 1_000_000,
    )


def _status(legs: Sequence[Order]) -> OrderState:
    """Of two orders: one that traded decides, then one that is not known yet, then one that still stands."""
    states = [_STATE[order.state] for order in legs]
    for state in (OrderState.CLOSED, OrderState.PENDING, OrderState.OPEN):
        if state in states:
            return state
    return states[0]


def _traded(order: Order, contract_size: Decimal) -> tuple[Decimal, Decimal]:
    """Return what has traded in base asset and in quote currency: of contracts, `value` is over prices."""
    if order.request.product_type is ProductType.DELIVERY:
        return rounded(order.value * contract_size, BASE_PLACES), order.cum * contract_size
    return order.cum, rounded(order.value, BASE_PLACES)


def _amount(order: Order, contract_size: Decimal, filled: Decimal) -> Decimal:
    """Return the order's size in base asset. One in contracts that came by FIX has the size that its price
    gives it, or the price that it traded at."""
    if order.request.product_type is not ProductType.DELIVERY:
        return order.quantity
    asked = order.terms.base_quantity
    if asked is not None and order.quantity == order.request.quantity:
        return asked
    price = order.price or order.terms.stop_price or order.average_price
    return rounded(order.quantity * contract_size / price, BASE_PLACES) if price else filled


def _average(legs: Sequence[Order], filled: Decimal, cost: Decimal) -> Decimal | None:
    traded = [order for order in legs if order.cum]
    if not traded:
        return None
    return traded[0].average_price if len(traded) == 1 else rounded(cost / filled, BASE_PLACES)


def _fee(legs: Sequence[Order]) -> Fee | None:
    """Return the commission told of all fills, `None` if there was none or it is no one amount: a venue may
    take part of it in another currency."""
    fees = [(currency, cost) for order in legs for currency, cost in order.fees.items()]
    if len({currency for currency, _ in fees}) != 1:
        return None
    return Fee(cost=sum((cost for _, cost in fees), ZERO), currency=fees[0][0])


def venue_order(found: Shown, symbol: str) -> VenueOrder:
    """Return what the engine's book knows of an order, as if its venue had told it."""
    first = found.first
    ended = found.status in (OrderState.CLOSED, OrderState.REJECTED)
    return VenueOrder(
        order_id=found.order_id,
        client_order_id=first.terms.cl_ord_id,
        symbol=symbol,
        status=found.status,
        order_type=found.order_type,
        side=first.terms.side,
        price=first.price,
        stop_price=found.stop_price,
        amount=found.amount,
        filled=found.filled,
        remaining=ZERO if ended else max(found.amount - found.filled, ZERO),
        average=found.average,
        cost=found.cost,
        fee=found.fee,
        at_ms=first.received_ns // 1_000_000,
    )


# refusals


def rejection_error(order: Order, exchange: str) -> ExecutionError:
    """Return how a rejected order is answered: in the connector's word for it; without one and without a code
    of the venue's, it did not get there."""
    why = order.rejection
    if why is None:
        return ExecutionError(ErrorCode.EXCHANGE_ERROR, "the order was rejected", {"exchange": exchange})
    error = why.error or (ErrorCode.EXCHANGE_ERROR if why.code else ErrorCode.NETWORK_ERROR)
    data: dict[str, Any] = {"exchange": exchange}
    if why.code:
        data["exchange_code"] = why.code
    text = f"{exchange} refused the order: {why.code} {why.text}" if why.code else why.text
    return ExecutionError(error, text, data)


def refusal_error(report: ExecutionReport, *, repeated: bool = False) -> ExecutionError:
    """Return how an order is answered that was refused at the door, now or, `repeated`, some time ago."""
    error = report.error or _AT_THE_DOOR.get(
        report.rej_reason or OrdRejReason.OTHER, ErrorCode.INVALID_REQUEST
    )
    if repeated and error is ErrorCode.NOT_READY:
        return ExecutionError(
            ErrorCode.CONFLICT,
            f"an order with client_order_id {report.cl_ord_id!r} was refused before and is not on the "
            f"market: {report.text}; send it under a new client_order_id or Idempotency-Key",
        )
    check = report.limit_check
    data = {} if check is None else {"limit_check": msgspec.structs.asdict(check)}
    return ExecutionError(error, report.text, data)
