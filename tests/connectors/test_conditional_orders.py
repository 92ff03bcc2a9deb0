"""Conditional orders at a real venue: placed, triggered, filled and cancelled, and what becomes of them when
answers and events are lost."""

from decimal import Decimal

import pytest

from fixgate.connectors.binance_pm import sync
from fixgate.model.enums import OrderType, ProductType, TimeInForce
from fixgate.model.venue import (
    OpenOrders,
    OrderNotFound,
    OrderUpdate,
    OutcomeUnknown,
    RequestRefused,
    VenueExec,
    VenueStatus,
)
from fixgate.simulator import EventFault, RequestFault, SimulatedAccount

from .link import KEY, PATH, QUANTITY, SECRET, linked

D = Decimal
FUTURE, DELIVERY, SPOT = ProductType.FUTURE, ProductType.DELIVERY, ProductType.SPOT
SERVICE = {FUTURE: "/papi/v1/um/algo/order", DELIVERY: "/papi/v1/cm/conditional/order"}
LOOKUP = {FUTURE: "/papi/v1/um/algo/algoOrder", DELIVERY: "/papi/v1/cm/conditional/o"}
FAST = {"requestTimeout": "200 ms", "recvWindow": "200"}
HELD = pytest.mark.parametrize("product", SERVICE)
PRODUCTS = pytest.mark.parametrize("product", ProductType)

TERMS = {
    OrderType.STOP_LOSS: {"stop_price": D(66000)},
    OrderType.STOP_LOSS_LIMIT: {"stop_price": D(66000), "price": D(66100)},
    OrderType.TAKE_PROFIT: {"stop_price": D(64000)},
    OrderType.TAKE_PROFIT_LIMIT: {"stop_price": D(64000), "price": D(64100)},
    OrderType.TRAILING_STOP: {"stop_price": None, "trailing_delta": D(100)},
}
KINDS = [
    (product, kind)
    for product in ProductType
    for kind in TERMS
    if (product, kind) != (SPOT, OrderType.TRAILING_STOP)
]


def terms(kind):
    return {"order_type": kind, "price": None} | TERMS[kind]


def trigger(link, product, kind=OrderType.STOP_LOSS):
    """Let the last price reach what an order to buy of this kind waits for."""
    fall = kind in (OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT)
    link.trade(product, "64000" if fall else "66000")


def parent_of(order):
    """The service's id of an order that waits; a margin order has no parent."""
    return "" if order.product_type is SPOT else order.venue_order_id


def child_of(link, order, **fields):
    """What was told of the order in the engine that came out of one that waited."""
    return link.told(
        OrderUpdate, client_order_id=order.client_order_id, parent_order_id=parent_of(order), **fields
    )


async def child(link, order, **fields):
    await link.until(lambda: child_of(link, order, **fields))
    return child_of(link, order, **fields)[0]


@pytest.mark.parametrize(("product", "kind"), KINDS)
async def test_an_order_waits_triggers_and_trades(product, kind):
    async with linked() as link:
        order = await link.waiting(product, **terms(kind))
        assert (order.exec, order.status) == (VenueExec.SNAPSHOT, VenueStatus.SUSPENDED)
        (event,) = link.told(OrderUpdate, exec=VenueExec.NEW)
        assert (event.status, event.venue_order_id) == (VenueStatus.SUSPENDED, order.venue_order_id)
        trigger(link, product, kind)
        price = TERMS[kind].get("price")
        if price is not None:
            alive = await child(link, order, status=VenueStatus.NEW)
            assert alive.price == price
            link.quote(product, "SELL", str(price), QUANTITY[product])
        else:
            assert kind in (OrderType.STOP_LOSS, OrderType.TAKE_PROFIT, OrderType.TRAILING_STOP)
        end = await link.tells(OrderUpdate, client_order_id=order.client_order_id) if price is None else None
        assert end is None or end.client_order_id == order.client_order_id
        if price is not None:
            filled = await child(link, order, exec=VenueExec.TRADE, status=VenueStatus.FILLED)
            assert (filled.cum_quantity, filled.trade_id != "") == (QUANTITY[product], True)
            assert (filled.venue_order_id == order.venue_order_id) == (product is SPOT)
