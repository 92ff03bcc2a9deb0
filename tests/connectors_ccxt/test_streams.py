"""What is heard of orders on the streams, and what when they break: against a stand-in for Binance."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from fixgate.model.enums import ProductType
from fixgate.model.venue import (
    AccountNotice,
    ConnectorStatus,
    OpenOrders,
    OpenOrdersAtVenue,
    OrderNotFound,
    QueryAtVenue,
    ReconcileDue,
    SubmitOrder,
    VenueExec,
    VenueStatus,
)
from tests.connectors_ccxt.fake_binance import LINEAR, SPOT
from tests.connectors_ccxt.running import Running

pytestmark = pytest.mark.asyncio(loop_scope="module")


def a_query(order: SubmitOrder, **changes: Any) -> QueryAtVenue:
    return QueryAtVenue(
        **{
            "connector": order.connector,
            "account": order.account,
            "order_id": order.order_id,
            "client_order_id": order.client_order_id,
            "product_type": order.product_type,
            "symbol": order.symbol,
            "side": order.side,
        }
        | changes
    )


async def test_updates_that_nobody_waits_for_are_told_all_the_same(run: Running) -> None:
    """ccxt hands out the latest of them when the next one comes (facts of hazard nine)."""
    order = await run.accepted()
    for quantity in ("0.001", "0.002", "0.003", "0.004"):
        # All at once: the connector's loop gets no turn between them.
        await run.venue.fill(order.client_order_id, quantity, "90000")
    await run.news(order, status=VenueStatus.FILLED)
    assert [each.last_quantity for each in run.about(order, exec=VenueExec.TRADE)] == [
        Decimal("0.001"),
        Decimal("0.002"),
        Decimal("0.003"),
        Decimal("0.004"),
    ]
    states = [each.cum_quantity for each in run.about(order) if each.exec is not VenueExec.TRADE]
    assert [Decimal("0.001"), Decimal("0.003"), Decimal("0.006"), Decimal("0.01")] == states[-4:]


async def test_a_message_that_cannot_be_read_ends_nothing(run: Running) -> None:
    order = await run.accepted()
    before = len(run.told(ReconcileDue))
    await run.venue.say(SPOT, {"subscriptionId": 0, "event": {"e": "executionReport", "s": 5, "T": "never"}})
    await run.venue.fill(order.client_order_id, "0.01", "90000")
    await run.news(order, status=VenueStatus.FILLED)
    await run.until(lambda: len(run.told(ReconcileDue)) > before)


async def test_an_order_in_an_unknown_market_is_kept_and_the_orders_are_compared(run: Running) -> None:
    event = {"e": "executionReport", "s": "NEWUSDT", "c": "x", "S": "BUY", "o": "LIMIT", "q": "1", "p": "1"}
    event |= {"x": "NEW", "X": "NEW", "i": 5, "z": "0", "Z": "0", "l": "0", "L": "0", "n": "0", "t": -1}
    await run.venue.say(SPOT, {"subscriptionId": 0, "event": event | {"T": 1, "O": 1, "w": True, "m": False}})
    await run.until(lambda: any("NEWUSDT" in each.body for each in run.told(AccountNotice)))
    assert {each.kind for each in run.told(AccountNotice)} == {"streamUnreadable"}


async def test_futures_are_heard_of_on_their_own_stream(run: Running) -> None:
    order = await run.accepted(symbol="BTC/USDT:USDT", quantity=Decimal("0.010"))
    assert order.product_type is ProductType.FUTURE
    assert run.venue.order(order.client_order_id)["host"] == LINEAR
    await run.venue.fill(order.client_order_id, "0.010", "90000")
    end = await run.news(order, status=VenueStatus.FILLED)
    assert end.product_type is ProductType.FUTURE


async def test_a_dropped_stream_is_told_and_what_it_missed_is_found_by_asking(run: Running) -> None:
    order = await run.accepted()
    downs, ups = len(run.told(ConnectorStatus, up=False)), len(run.told(ConnectorStatus, up=True))
    dues = len(run.told(ReconcileDue))
    await run.venue.drop_streams()
    await run.until(lambda: len(run.told(ConnectorStatus, up=False)) > downs)
    assert not run.connector.health()[0].ready
    await run.venue.fill(order.client_order_id, "0.01", "90000")
    await run.until(lambda: len(run.told(ConnectorStatus, up=True)) > ups)
    await run.until(lambda: len(run.told(ReconcileDue)) > dues)

    run.connector.send(OpenOrdersAtVenue(connector="BINANCE", account="binance-001"))
    listed = await run.wait(OpenOrders, product_type=ProductType.SPOT)
    assert order.client_order_id not in [each.client_order_id for each in listed.orders]
    await run.wait(OpenOrders, product_type=ProductType.FUTURE)
    await run.wait(OpenOrders, product_type=ProductType.DELIVERY)

    run.connector.send(a_query(order))
    end = await run.news(order, status=VenueStatus.FILLED)
    trade = run.about(order, exec=VenueExec.TRADE)[0]
    assert run.events.index(trade) < run.events.index(end)
    assert trade.trade_id == str(run.venue.trades[-1]["id"])


async def test_an_open_order_is_listed_as_it_is(run: Running) -> None:
    order = await run.accepted()
    await run.venue.fill(order.client_order_id, "0.004", "90000")
    before = len(run.told(OpenOrders, product_type=ProductType.SPOT))
    run.connector.send(OpenOrdersAtVenue(connector="BINANCE", account="binance-001"))
    await run.until(lambda: len(run.told(OpenOrders, product_type=ProductType.SPOT)) > before)
    rows = run.told(OpenOrders, product_type=ProductType.SPOT)[-1].orders
    row = next(each for each in rows if each.client_order_id == order.client_order_id)
    assert (row.status, row.cum_quantity) == (VenueStatus.PARTIALLY_FILLED, Decimal("0.004"))


async def test_an_order_that_the_venue_denies_is_missing_only_when_it_cannot_appear_any_more(
    run: Running,
) -> None:
    order = run.plan()
    run.connector.send(a_query(order))
    missing = await run.wait(OrderNotFound, order_id=order.order_id)
    assert "the time in which it could appear is over" in missing.text
    assert not run.about(order)


async def test_a_question_that_is_not_answered_is_asked_again(run: Running) -> None:
    order = await run.accepted()
    run.venue.faults.extend([(503, {}), (400, {"code": -1000, "msg": "An unknown error occurred."})])
    seen = len(run.about(order))
    run.connector.send(a_query(order, venue_order_id=str(run.venue.order(order.client_order_id)["orderId"])))
    await run.until(lambda: len(run.about(order)) > seen)
    assert run.about(order)[-1].status is VenueStatus.NEW


async def test_an_accepted_order_that_the_stream_does_not_tell_of_has_it_opened_anew(run: Running) -> None:
    ups = len(run.told(ConnectorStatus, up=True))
    run.venue.quiet = True
    try:
        await run.accepted()
        await run.until(lambda: len(run.told(ConnectorStatus, up=True)) > ups, seconds=30)
    finally:
        run.venue.quiet = False
    assert any("did not tell of it" in each.text for each in run.told(ConnectorStatus, up=False))


async def test_balances_are_read_when_the_streams_come_up(run: Running) -> None:
    await run.until(lambda: bool(run.connector.account_state("binance-001").balances))
    state = run.connector.account_state("binance-001")
    usdt = next(each for each in state.balances if each.asset == "USDT")
    assert (usdt.total, usdt.free, usdt.locked) == (Decimal("1000.0"), Decimal("900.5"), Decimal("99.5"))


async def test_stopping_leaves_no_task_behind(run: Running) -> None:
    await run.connector.stop()
    names = [task.get_coro().__qualname__ for task in asyncio.all_tasks()]  # type: ignore[union-attr]
    ours = [name for name in names if name.startswith(("Streams", "Account", "OrderSync", "Markets"))]
    assert not ours
