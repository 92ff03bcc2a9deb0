"""Conditional orders at a real venue: placed, triggered, filled and cancelled, and what becomes of them when
answers and events are lost."""

from decimal import Decimal

import pytest

from fixgate.connectors.binance_pm import sync
from fixgate.model.enums import OrderType, ProductType, Side, TimeInForce
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

from .link import KEY, LEG, PATH, QUANTITY, SECRET, linked

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
        price = TERMS[kind].get("price")
        if price is None:
            link.quote(product, "SELL", "66050", QUANTITY[product])
            trigger(link, product, kind)
        else:
            trigger(link, product, kind)
            alive = await child(link, order, exec=VenueExec.NEW, status=VenueStatus.NEW)
            assert alive.price == price
            link.quote(product, "SELL", str(price), QUANTITY[product])
        filled = await child(link, order, exec=VenueExec.TRADE, status=VenueStatus.FILLED)
        assert (filled.cum_quantity, filled.last_price) == (QUANTITY[product], price or D(66050))
        assert (filled.venue_order_id == order.venue_order_id) == (product is SPOT)


@pytest.mark.parametrize(("product", "kind"), KINDS)
async def test_an_order_that_waits_is_cancelled_where_it_is(product, kind):
    async with linked() as link:
        order = await link.waiting(product, **terms(kind))
        request = link.cancel(order)
        answer = await link.tells(OrderUpdate, request_id=request.request_id)
        assert (answer.status, answer.venue_order_id) == (VenueStatus.CANCELED, order.venue_order_id)
        event = await link.tells(OrderUpdate, exec=VenueExec.CANCELED)
        assert (event.venue_order_id, event.client_order_id) == (order.venue_order_id, order.client_order_id)
        trigger(link, product, kind)
        assert not link.server.exchange.account("main").list_open(LEG[product], None)


@PRODUCTS
async def test_an_order_that_was_triggered_is_cancelled_in_the_engine(product):
    async with linked() as link:
        order = await link.waiting(product, **terms(OrderType.STOP_LOSS_LIMIT))
        trigger(link, product)
        alive = await child(link, order, exec=VenueExec.NEW, status=VenueStatus.NEW)
        request = link.cancel(alive, order_id=order.order_id, client_order_id=order.client_order_id)
        answer = await link.tells(OrderUpdate, request_id=request.request_id)
        assert (answer.status, answer.venue_order_id) == (VenueStatus.CANCELED, alive.venue_order_id)
        await child(link, order, exec=VenueExec.CANCELED)


@HELD
async def test_a_cancel_that_comes_with_the_trigger_or_after_it_says_that_the_order_is_gone(product):
    async with linked() as link:
        order = await link.waiting(product, **terms(OrderType.STOP_LOSS_LIMIT))
        link.server.exchange.conditionals.trigger_delay_ms = 300
        trigger(link, product)
        first = link.cancel(order)
        assert (await link.tells(RequestRefused, request_id=first.request_id)).code == "-4117"
        await child(link, order, exec=VenueExec.NEW, status=VenueStatus.NEW)
        second = link.cancel(order)
        await link.tells(RequestRefused, request_id=second.request_id, code="-2011")
        assert len(link.told(RequestRefused, order_gone=True)) == 2


async def test_an_order_that_the_engine_refuses_at_its_trigger_is_rejected_with_the_venues_text():
    account = SimulatedAccount("main", KEY, SECRET, balances={"USDT": D(100)})
    async with linked({"accounts": (account,)}) as link:
        link.quote(FUTURE, "SELL", "66050", "10")
        order = await link.waiting(quantity=D(5))
        trigger(link, FUTURE)
        end = await link.tells(OrderUpdate, exec=VenueExec.REJECTED)
        assert (end.status, end.text) == (VenueStatus.REJECTED, "Margin is insufficient.")
        assert (end.venue_order_id, end.client_order_id) == (order.venue_order_id, order.client_order_id)
        link.query(order, held=True)
        state = await link.tells(OrderUpdate, exec=VenueExec.SNAPSHOT, status=VenueStatus.REJECTED)
        assert state.order_id == order.order_id


# answers that are lost


@PRODUCTS
@pytest.mark.parametrize("land", [True, False])
async def test_an_order_whose_answer_is_lost_is_found_where_it_is_or_nowhere(product, land):
    async with linked(**FAST) as link:
        link.server.faults.events.append(EventFault("drop", times=1000))
        path = SERVICE.get(product, PATH[product])
        link.server.faults.requests.append(RequestFault("POST", path, timeout=True, land=land))
        order = link.stop(product)
        await link.tells(OutcomeUnknown, order_id=order.order_id)
        link.query(order, held=product is not SPOT, side=order.side, since_ns=1)
        if land:
            state = await link.tells(OrderUpdate, order_id=order.order_id)
            assert (state.status, state.venue_order_id != "") == (VenueStatus.SUSPENDED, True)
        else:
            await link.tells(OrderNotFound, order_id=order.order_id)


@HELD
async def test_an_old_order_of_the_same_name_is_not_taken_for_the_one_that_was_sent(product):
    async with linked(**FAST) as link:
        order = await link.waiting(product)
        later = link.server.exchange.state.clock() + 600_000
        link.query(order, venue_order_id="", held=True, side=Side.BUY, born_ns=later * 1_000_000)
        assert "has another order" in (await link.tells(OrderNotFound)).text


# events that are lost


@PRODUCTS
async def test_a_trigger_and_a_fill_that_nobody_told_of_are_found_by_asking(product):
    async with linked() as link:
        order = await link.waiting(product)
        link.server.faults.events.append(EventFault("drop", times=1000))
        link.quote(product, "SELL", "66050", QUANTITY[product])
        trigger(link, product)
        link.query(order, held=product is not SPOT)
        state = await child(link, order, exec=VenueExec.SNAPSHOT, status=VenueStatus.FILLED)
        (trade,) = child_of(link, order, exec=VenueExec.TRADE)
        assert trade.last_quantity == state.cum_quantity == QUANTITY[product]
        assert trade.order_id == state.order_id == order.order_id
        assert trade.venue_order_id == state.venue_order_id
        assert link.events.index(trade) < link.events.index(state)


@HELD
async def test_a_child_is_found_by_its_name_when_its_service_denies_it(product):
    async with linked() as link:
        order = await link.waiting(product, **terms(OrderType.STOP_LOSS_LIMIT))
        link.server.faults.events.append(EventFault("drop", times=1000))
        trigger(link, product)
        link.server.faults.requests.append(
            RequestFault("GET", LOOKUP[product], times=10_000, status=400, code=-2013)
        )
        link.query(order, held=True)
        state = await child(link, order, exec=VenueExec.SNAPSHOT)
        assert (state.status, state.order_id) == (VenueStatus.NEW, order.order_id)


@HELD
@pytest.mark.parametrize("triggered", [True, False])
async def test_an_order_that_every_query_denies_is_found_in_the_histories(product, triggered, monkeypatch):
    monkeypatch.setattr(sync, "ACKNOWLEDGED_SECONDS", 0.3)
    async with linked(**FAST) as link:
        order = await link.waiting(product, **terms(OrderType.STOP_LOSS_LIMIT))
        link.server.faults.events.append(EventFault("drop", times=1000))
        if triggered:
            trigger(link, product)
        for path in (LOOKUP[product], PATH[product]):
            link.server.faults.requests.append(
                RequestFault("GET", path, times=10_000, status=400, code=-2013)
            )
        link.query(order, held=True)
        found = await link.tells(OrderUpdate, settled=True)
        assert found.status is (VenueStatus.NEW if triggered else VenueStatus.SUSPENDED)
        assert found.parent_order_id == (order.venue_order_id if triggered else "")
        assert not link.told(OrderNotFound)


@HELD
async def test_a_child_that_the_engine_lists_late_is_waited_for(product, monkeypatch):
    """Its parent's answer was lost, and every moment at which either could still take effect is over."""
    monkeypatch.setattr(sync, "ACKNOWLEDGED_SECONDS", 5.0)
    async with linked(**FAST) as link:
        link.server.faults.events.append(EventFault("drop", times=1000))
        link.server.faults.requests.append(RequestFault("POST", SERVICE[product], timeout=True, land=True))
        order = link.stop(product, **terms(OrderType.STOP_LOSS_LIMIT))
        await link.tells(OutcomeUnknown, order_id=order.order_id)
        trigger(link, product)
        late = RequestFault("GET", PATH[product], times=3, status=400, code=-2013)
        link.server.faults.requests.append(late)
        link.query(order, held=True, side=order.side, since_ns=1)
        told = await link.tells(OrderUpdate, order_id=order.order_id)
        assert (told.status, told.parent_order_id != "", told.settled) == (VenueStatus.NEW, True, False)
        found = await link.tells(OrderUpdate, order_id=order.order_id, settled=True)
        assert (found.venue_order_id, found.parent_order_id) == (told.venue_order_id, told.parent_order_id)
        assert not link.told(OrderNotFound)


@HELD
async def test_an_order_that_no_history_knows_is_not_found(product, monkeypatch):
    monkeypatch.setattr(sync, "ACKNOWLEDGED_SECONDS", 0.3)
    async with linked(**FAST) as link:
        order = await link.waiting(product)
        link.server.exchange.account("main").conditionals.clear()
        link.query(order, held=True)
        await link.tells(OrderNotFound, order_id=order.order_id, venue_order_id=order.venue_order_id)


@HELD
@pytest.mark.parametrize("kind", ["reorder", "drop", "duplicate"])
async def test_a_child_keeps_its_parent_however_the_events_come(product, kind):
    """The child's NEW and the parent's TRIGGERED in the other order, without the one, or twice."""
    async with linked() as link:
        order = await link.waiting(product, **terms(OrderType.STOP_LOSS_LIMIT))
        name = "ALGO_UPDATE" if product is FUTURE else "CONDITIONAL_ORDER_TRADE_UPDATE"
        event = "ORDER_TRADE_UPDATE" if kind == "reorder" else name
        execution = "NEW" if kind == "reorder" else "TRIGGERED"
        link.server.faults.events.append(EventFault(kind, event=event, execution=execution))
        trigger(link, product)
        link.quote(product, "SELL", "66100", QUANTITY[product])
        filled = await child(link, order, exec=VenueExec.TRADE)
        told = link.told(OrderUpdate, venue_order_id=filled.venue_order_id)
        assert {update.parent_order_id for update in told} == {order.venue_order_id}
        assert {update.client_order_id for update in told} == {order.client_order_id}


# lists of open orders


@PRODUCTS
async def test_open_orders_are_those_of_engine_and_service_together(product):
    async with linked() as link:
        working = await link.working(product)
        waits = await link.waiting(product)
        other = await link.waiting(product, **(terms(OrderType.STOP_LOSS_LIMIT) | {"stop_price": D(65500)}))
        link.trade(product, "65500")
        alive = await child(link, other, exec=VenueExec.NEW, status=VenueStatus.NEW)
        link.ask_open("BTCUSDT")
        listed = await link.tells(OpenOrders, product_type=product)
        found = {row.client_order_id: row for row in listed.orders}
        assert len(found) == len(listed.orders) == 3
        assert found[working.client_order_id].status is VenueStatus.NEW
        held = found[waits.client_order_id]
        assert (held.status, held.venue_order_id) == (VenueStatus.SUSPENDED, waits.venue_order_id)
        row = found[other.client_order_id]
        assert (row.status, row.venue_order_id) == (VenueStatus.NEW, alive.venue_order_id)
        assert row.parent_order_id == parent_of(other)
        assert len(link.told(OpenOrders, product_type=product)) == 1


@HELD
async def test_an_order_that_both_lists_hold_is_the_engines(product):
    """A service's list that lags still holds an order whose child is on the market."""
    async with linked() as link:
        order = await link.waiting(product, **terms(OrderType.STOP_LOSS_LIMIT))
        trigger(link, product)
        alive = await child(link, order, exec=VenueExec.NEW, status=VenueStatus.NEW)
        kept = link.server.exchange.account("main").conditionals
        kept[LEG[product], int(order.venue_order_id)].status = "NEW"
        link.ask_open()
        (row,) = (await link.tells(OpenOrders, product_type=product)).orders
        assert (row.status, row.venue_order_id) == (VenueStatus.NEW, alive.venue_order_id)


@HELD
async def test_a_products_lists_are_told_together_or_not_at_all(product):
    async with linked() as link:
        waits = await link.waiting(product)
        path = (
            "/papi/v1/um/algo/openAlgoOrders" if product is FUTURE else "/papi/v1/cm/conditional/openOrders"
        )
        link.server.faults.requests.append(RequestFault("GET", path, times=2, status=500))
        link.ask_open()
        listed = await link.tells(OpenOrders, product_type=product)
        assert [row.venue_order_id for row in listed.orders] == [waits.venue_order_id]
        assert len(link.asked("GET", path)) == 3
        assert listed.asked_ns > 0


# what goes with them


async def test_an_order_that_is_good_till_a_date_and_an_iceberg_are_taken():
    async with linked() as link:
        until = link.server.exchange.state.clock() + 900_000
        dated = await link.working(time_in_force=TimeInForce.GTD, expire_ms=until)
        assert dated.status is VenueStatus.NEW
        assert link.asked("POST", PATH[FUTURE])[0]["goodTillDate"] == str(until)
        iceberg = await link.working(SPOT, display_quantity=D("0.005"))
        assert iceberg.status is VenueStatus.NEW
        (order,) = link.server.exchange.account("main").list_open(LEG[SPOT], None)
        assert order.iceberg == D("0.005")


async def test_a_trailing_stop_on_margin_is_refused_before_it_is_sent():
    async with linked() as link:
        order = link.stop(SPOT, **terms(OrderType.TRAILING_STOP))
        told = await link.tells(RequestRefused, order_id=order.order_id)
        assert "trailing_stop order does not go to SPOT" in told.text
        assert not link.asked("POST", PATH[SPOT])


@HELD
async def test_an_order_that_would_trigger_at_once_is_refused(product):
    async with linked() as link:
        order = link.stop(product, stop_price=D(64000))
        told = await link.tells(RequestRefused, order_id=order.order_id)
        assert told.code == ("-2021" if product is FUTURE else "-4142")
