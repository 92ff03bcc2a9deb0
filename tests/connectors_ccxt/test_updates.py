"""From the streams' rows to events, in an order that the engine can use."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from fixgate.connectors.ccxt import updates as updates_module
from fixgate.connectors.ccxt.hooks import Telling, guard, hear
from fixgate.connectors.ccxt.known import KnownOrders
from fixgate.connectors.ccxt.updates import Updates
from fixgate.model.venue import AccountNotice, OrderUpdate, VenueEvent, VenueExec, VenueStatus
from tests.connectors_ccxt.rows import READER, order_row, trade_row

NOW_MS = 1_800_000_000_000


class Told:
    def __init__(self) -> None:
        self.events: list[VenueEvent] = []
        self.missed: list[str] = []
        self.heard: list[OrderUpdate] = []
        self.known = KnownOrders()
        self.updates = Updates(
            READER,
            self.known,
            self.events.append,
            self.missed.append,
            self.heard.append,
            lambda: NOW_MS,
        )

    def states(self) -> list[tuple[str, str]]:
        return [(each.exec, each.status) for each in self.events if isinstance(each, OrderUpdate)]


@pytest.fixture
def told() -> Told:
    return Told()


def test_an_update_without_our_id_waits_for_the_answer_that_names_its_order(told: Told) -> None:
    told.known.learn("BTC/USDT", "", "fg1")
    number = told.updates.request_left()
    told.updates.trade(trade_row())
    told.updates.order(order_row(clientOrderId=None))
    assert not told.events
    told.known.learn("BTC/USDT", "v1", "fg1")
    told.updates.request_answered(number)
    assert [each.client_order_id for each in told.events if isinstance(each, OrderUpdate)] == ["fg1", "fg1"]
    assert told.states()[0] == (VenueExec.TRADE, VenueStatus.PARTIALLY_FILLED)


def test_what_is_anothers_waits_for_the_requests_of_its_time_and_no_later_ones(told: Told) -> None:
    first, second = told.updates.request_left(), told.updates.request_left()
    told.updates.order(order_row(id="v9", clientOrderId=None))
    third = told.updates.request_left()
    told.updates.request_answered(second)
    assert not told.events
    told.updates.request_answered(first)
    assert len(told.events) == 1
    told.updates.request_answered(third)
    assert len(told.events) == 1


@pytest.mark.parametrize("status", ["canceled", "expired"])
def test_an_end_that_does_not_say_what_was_filled_is_asked_about(told: Told, status: str) -> None:
    told.updates.order(order_row(status=status, filled=None))
    assert not told.events and told.missed and told.heard
    told.updates.order(order_row(status=status, filled="0"))
    assert len(told.states()) == 1


def test_a_trade_is_told_once(told: Told) -> None:
    for _ in range(3):
        told.updates.trade(trade_row())
    told.updates.trade(trade_row(id="t2"))
    assert len(told.events) == 2


async def test_an_end_waits_a_moment_for_its_trades(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updates_module, "TRADES_SECONDS", 0.02)
    told.updates.order(order_row(status="closed", filled="0.010"))
    assert not told.events
    told.updates.trade(trade_row(amount="0.010"))
    async with asyncio.timeout(5):
        while True:
            if len(told.events) == 2:
                break
            await asyncio.sleep(0.005)
    assert told.states() == [
        (VenueExec.TRADE, VenueStatus.PARTIALLY_FILLED),
        (VenueExec.SNAPSHOT, VenueStatus.FILLED),
    ]


def test_an_end_whose_trades_are_known_is_told_at_once(told: Told) -> None:
    told.updates.trade(trade_row(amount="0.010"))
    told.updates.order(order_row(status="closed", filled="0.010"))
    told.updates.order(order_row(id="v2", status="canceled"))
    assert told.states()[1:] == [
        (VenueExec.SNAPSHOT, VenueStatus.FILLED),
        (VenueExec.SNAPSHOT, VenueStatus.CANCELED),
    ]


async def test_nothing_is_told_after_the_stop(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updates_module, "TRADES_SECONDS", 0.01)
    told.updates.order(order_row(status="closed", filled="0.010"))
    told.updates.stop()
    await asyncio.sleep(0.03)
    assert not told.events


def test_history_that_comes_with_a_subscription_is_left_out_but_for_our_orders(told: Told) -> None:
    old = NOW_MS - 3_600_000
    told.updates.trade(trade_row(timestamp=old))
    assert not told.events
    told.known.learn("BTC/USDT", "v1", "fg1")
    told.updates.trade(trade_row(timestamp=old))
    told.updates.trade(trade_row(id="t3", order="v3", timestamp=NOW_MS - 1000))
    assert len(told.events) == 2


@pytest.mark.parametrize("changes", [{"symbol": "NEW/USDT"}, {"amount": "many"}])
def test_what_cannot_be_read_is_kept_and_asked_after(told: Told, changes: dict[str, Any]) -> None:
    told.updates.order(order_row(info={"raw": 1}, **changes))
    told.updates.trade(trade_row(**changes))
    notices = [each for each in told.events if isinstance(each, AccountNotice)]
    assert len(notices) == 2 and '"raw":1' in notices[0].body
    assert len(told.missed) == 2


def test_the_caches_tell_what_is_put_in_and_keep_nothing(told: Told) -> None:
    class Exchange:
        orders = triggerOrders = myTrades = None

    exchange: Any = Exchange()
    hear(exchange, told.updates.order, told.updates.trade)
    first = exchange.orders
    exchange.myTrades.append(trade_row())
    exchange.orders.append(order_row())
    exchange.triggerOrders.append(order_row(id="v2", triggerPrice="80000"))
    hear(exchange, told.updates.order, told.updates.trade)
    assert exchange.orders is first and isinstance(first, Telling)
    assert len(exchange.orders) == 0 and first.getLimit(None, 5) == 5 and first.hashmap == {}
    assert [each[1] for each in told.states()] == ["PARTIALLY_FILLED", "NEW", "SUSPENDED"]


def test_a_handler_that_raises_does_not_end_the_reading() -> None:
    seen: list[Any] = []
    errors: list[Exception] = []

    class Exchange:
        def handle_message(self, client: Any, message: Any) -> None:
            seen.append(message)
            if message == "bad":
                raise KeyError("symbol")

    exchange: Any = Exchange()
    guard(exchange, errors.append)
    for message in ("bad", "good"):
        exchange.handle_message(None, message)
    assert seen == ["bad", "good"] and len(errors) == 1


def test_ids_are_known_for_a_symbol_only(told: Told) -> None:
    told.known.learn("ETH/USDT", "v1", "fg9")
    update = READER.order(order_row(clientOrderId=None))
    assert not told.known.knows(update) and told.known.traded(update) == Decimal(0)
