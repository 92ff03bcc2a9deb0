"""Finding out what became of an order: lists longer than a page, history, and trades that are gone."""

import asyncio
import json
import time
from decimal import Decimal

import pytest

from fixgate.connectors.binance_pm import sync
from fixgate.model.enums import OrderType, ProductType, TimeInForce
from fixgate.model.venue import AccountNotice, OrderNotFound, OrderUpdate, VenueExec, VenueStatus
from fixgate.simulator import EventFault, RequestFault

from .link import LEG, PATH, SYMBOL, linked

FAST = {"requestTimeout": "200 ms", "recvWindow": "200"}
SIZES = {
    f"{name}{kind}RequestSizeLimit": 3
    for name in ("spot", "future", "delivery")
    for kind in ("Trades", "Orders")
}
STEP = {ProductType.SPOT: "0.001", ProductType.FUTURE: "0.001", ProductType.DELIVERY: "1"}


def trades_of(link, order):
    return link.told(OrderUpdate, exec=VenueExec.TRADE, order_id=order.order_id)


@pytest.mark.parametrize("product", ProductType)
@pytest.mark.parametrize("sweeps", [True, False], ids=["one millisecond", "spread"])
async def test_trades_past_a_full_page_are_all_fetched_in_order(product, sweeps):
    """Ten trades with pages of three, and as many of another order of the symbol among them."""
    async with linked(binancePmSyncSettings=SIZES) as link:
        link.server.faults.events.append(EventFault("drop", times=1000))
        step = STEP[product]
        if sweeps:
            for tick in range(10):
                link.quote(product, "SELL", f"{59000 + tick}", step)
            order = await link.working(
                product,
                quantity=Decimal(step) * 10,
                order_type=OrderType.MARKET,
                price=None,
                time_in_force=TimeInForce.IOC,
            )
        else:
            order = await link.working(product, quantity=Decimal(step) * 10, price=Decimal("60000.0"))
            await link.working(product, quantity=Decimal(step) * 10, price=Decimal("60000.0"))
            for _ in range(20):
                link.quote(product, "SELL", "60000", step)
                await asyncio.sleep(0.002)
        link.query(order)
        state = await link.tells(OrderUpdate, exec=VenueExec.SNAPSHOT, status=VenueStatus.FILLED)
        trades = trades_of(link, order)
        assert sum(trade.last_quantity for trade in trades) == Decimal(step) * 10 == state.cum_quantity
        numbers = [int(trade.trade_id) for trade in trades]
        assert numbers == sorted(set(numbers)) and len(numbers) == 10
        assert link.events.index(state) > link.events.index(trades[-1])
        assert state.average_price > 0


@pytest.mark.parametrize("product", ProductType)
async def test_an_order_that_the_query_denies_is_found_in_the_history(product, monkeypatch):
    monkeypatch.setattr(sync, "ACKNOWLEDGED_SECONDS", 0.3)
    async with linked(**FAST) as link:
        order = await link.working(product)
        link.server.faults.requests.append(
            RequestFault("GET", PATH[product], times=10_000, status=400, code=-2013)
        )
        link.query(order)
        found = await link.tells(OrderUpdate, settled=True)
        assert (found.venue_order_id, found.status) == (order.venue_order_id, VenueStatus.NEW)
        assert not link.told(OrderNotFound)
        history = PATH[product].replace("/order", "/allOrders")
        assert [params["orderId"] for params in link.asked("GET", history)] == [order.venue_order_id]


@pytest.mark.parametrize("product", ProductType)
async def test_an_order_that_the_history_does_not_know_either_is_not_found(product, monkeypatch):
    monkeypatch.setattr(sync, "ACKNOWLEDGED_SECONDS", 0.3)
    async with linked(**FAST) as link:
        await link.working(product)
        order = await link.working(product)
        link.server.exchange.account("main").orders[LEG[product], SYMBOL[product]].pop(
            int(order.venue_order_id)
        )
        link.query(order)
        assert "no such order" in (await link.tells(OrderNotFound)).text
        history = PATH[product].replace("/order", "/allOrders")
        assert len(link.asked("GET", history)) == 1


async def test_an_order_that_the_venue_never_numbered_is_not_looked_for_in_the_history():
    async with linked(**FAST) as link:
        order = await link.working()
        link.query(order, venue_order_id="", client_order_id="never-sent", since_ns=time.time_ns())
        await link.tells(OrderNotFound)
        assert not link.asked("GET", "/papi/v1/um/allOrders")


async def test_an_order_with_trades_that_are_gone_ends_with_an_alarm_and_a_text(monkeypatch):
    async with linked() as link:
        (session,) = link.connector._sessions
        monkeypatch.setattr(session._sync, "_missing_seconds", 0.3)
        order = await link.working()
        link.server.faults.events.append(EventFault("drop", times=1000))
        link.quote(ProductType.FUTURE, "SELL", "59000", "0.004")
        kept = link.server.exchange.account("main").trades[LEG[ProductType.FUTURE], "BTCUSDT"]
        link.quote(ProductType.FUTURE, "SELL", "59000", "0.006")
        kept.popleft()
        link.query(order)
        end = await link.tells(OrderUpdate, exec=VenueExec.SNAPSHOT, status=VenueStatus.FILLED)
        assert end.settled and end.text.startswith(sync.TRADES_MISSING)
        assert (end.cum_quantity, end.average_price) == (Decimal("0.010"), Decimal(59000))
        (trade,) = trades_of(link, order)
        (notice,) = link.told(AccountNotice, kind=sync.TRADES_MISSING_NOTICE)
        assert trade.last_quantity == Decimal("0.006")
        assert json.loads(notice.body)["tradesQty"] == "0.006"
        assert [link.events.index(e) for e in (trade, notice, end)] == sorted(
            link.events.index(e) for e in (trade, notice, end)
        )
        asked = len(link.asked("GET", "/papi/v1/um/userTrades"))
        assert asked >= 2
        link.query(order)
        await link.tells(OrderUpdate, times=2, exec=VenueExec.SNAPSHOT, status=VenueStatus.FILLED)
        assert len(link.told(AccountNotice, kind=sync.TRADES_MISSING_NOTICE)) == 1
        assert len(link.asked("GET", "/papi/v1/um/userTrades")) == asked + 1


async def test_trades_that_the_venue_lists_late_are_waited_for():
    async with linked() as link:
        order = await link.working()
        link.server.faults.events.append(EventFault("drop", times=1000))
        link.quote(ProductType.FUTURE, "SELL", "59000", "0.010")
        kept = link.server.exchange.account("main").trades[LEG[ProductType.FUTURE], "BTCUSDT"]
        late = kept.pop()
        link.query(order)
        await link.until(lambda: len(link.asked("GET", "/papi/v1/um/userTrades")) >= 3)
        assert not link.told(OrderUpdate, exec=VenueExec.SNAPSHOT, status=VenueStatus.FILLED)
        kept.append(late)
        await link.tells(OrderUpdate, exec=VenueExec.SNAPSHOT, status=VenueStatus.FILLED)
        assert trades_of(link, order) and not link.told(AccountNotice, kind=sync.TRADES_MISSING_NOTICE)


async def test_a_newer_question_takes_over_from_one_that_goes_on():
    async with linked(**FAST) as link:
        order = await link.working()
        path = PATH[ProductType.FUTURE]
        link.server.faults.requests.append(RequestFault("GET", path, times=10_000, status=500))
        link.query(order, venue_order_id="")
        await link.until(lambda: link.asked("GET", path))
        link.query(order)
        await link.until(lambda: "orderId" in link.asked("GET", path)[-1])
        link.server.faults.clear()
        await link.tells(OrderUpdate, times=2, venue_order_id=order.venue_order_id, exec=VenueExec.SNAPSHOT)
