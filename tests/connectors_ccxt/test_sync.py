"""How doubt about an order is resolved, with a venue that answers from a script."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import ccxt

from fixgate.connectors.ccxt.outcomes import judge
from fixgate.connectors.ccxt.sync import MARGIN_SECONDS, OrderSync, QuestionFailed
from fixgate.connectors.ccxt.translator import Call, Market
from fixgate.model.enums import ProductType, Side
from fixgate.model.venue import (
    AccountNotice,
    OrderNotFound,
    OrderUpdate,
    QueryAtVenue,
    VenueEvent,
    VenueExec,
    VenueStatus,
)
from tests.connectors_ccxt.rows import READER, NoVenue, failed, order_row, trade_row

VENUE = NoVenue()
BORN_S = 1_800_000_000


def missing() -> QuestionFailed:
    body = '{"code":3,"msg":"No such order."}'
    return QuestionFailed(judge(VENUE, failed(ccxt.OrderNotFound(f"venue {body}"), status=400, body=body)))


def silent() -> QuestionFailed:
    return QuestionFailed(judge(VENUE, failed(ccxt.RequestTimeout("x"), sent=False)))


class Asked:
    """An `OrderSync` whose venue answers by the name of the call; a list of answers is used up, its last one
    stays."""

    def __init__(self, now: float = BORN_S + 1, missing_seconds: float = 60.0, **answers: Any) -> None:
        self.now = now
        self.answers = answers
        self.calls: list[Call] = []
        self.events: list[VenueEvent] = []
        self.sync = OrderSync(
            VENUE, READER, self._ask, self.events.append, lambda: self.now, 5.0, missing_seconds
        )

    async def _ask(self, market: Market, call: Call) -> Any:
        self.calls.append(call)
        answer = self.answers.get(call.method, missing)
        if isinstance(answer, list) and answer and not isinstance(answer[0], dict):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if callable(answer):
            answer = answer()
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while True:
                if true():
                    return
                await asyncio.sleep(0.01)

    async def settled(self) -> list[VenueEvent]:
        await self.until(lambda: not self.sync._tasks)
        return self.events

    def updates(self, execution: VenueExec) -> list[OrderUpdate]:
        return [each for each in self.events if isinstance(each, OrderUpdate) and each.exec is execution]


def a_query(**changes: Any) -> QueryAtVenue:
    return QueryAtVenue(
        **{
            "connector": "VENUE",
            "account": "venue-001",
            "order_id": 1,
            "client_order_id": "fg1",
            "product_type": ProductType.SPOT,
            "symbol": "BTC/USDT",
            "side": Side.BUY,
            "born_ns": BORN_S * 10**9,
            "since_ns": BORN_S * 10**9,
        }
        | changes
    )


async def test_trades_beyond_what_is_known_are_told_before_the_state() -> None:
    asked = Asked(
        open=order_row(status="closed", filled="0.010"),
        trades=[trade_row(id="t2", amount="0.006", timestamp=2), trade_row(id="t1", timestamp=1)],
    )
    asked.sync.ask(a_query())
    events = await asked.settled()
    assert [each.trade_id for each in asked.updates(VenueExec.TRADE)] == ["t1", "t2"]
    state = events[-1]
    assert isinstance(state, OrderUpdate) and state.status is VenueStatus.FILLED
    assert all(isinstance(each, OrderUpdate) and each.order_id == 1 for each in events)


async def test_a_trade_of_another_order_is_not_this_ones() -> None:
    asked = Asked(
        missing_seconds=0.0,
        now=BORN_S + 100,
        open=order_row(status="closed", filled="0.010"),
        trades=[trade_row(order="v2", amount="0.010"), trade_row(amount="0.004")],
    )
    asked.sync.ask(a_query())
    events = await asked.settled()
    assert [each.trade_id for each in asked.updates(VenueExec.TRADE)] == ["t1"]
    assert any(isinstance(each, AccountNotice) and each.kind == "tradesMissing" for each in events)
    state = events[-1]
    assert isinstance(state, OrderUpdate) and state.trades_missing and "0.004 only" in state.text


async def test_no_such_order_counts_only_when_it_cannot_appear_any_more() -> None:
    asked = Asked()
    asked.sync.ask(a_query())
    await asked.until(lambda: len(asked.calls) >= 4)
    assert not asked.events
    asked.now = BORN_S + 5 + MARGIN_SECONDS + 0.1
    events = await asked.settled()
    assert isinstance(events[0], OrderNotFound) and events[0].order_id == 1


async def test_an_order_that_the_venue_had_is_looked_for_longer() -> None:
    asked = Asked(now=BORN_S + 100)
    asked.sync.ask(a_query(venue_order_id="v1"))
    await asked.until(lambda: len(asked.calls) >= 4)
    assert not asked.events
    asked.now += 31
    events = await asked.settled()
    assert isinstance(events[0], OrderNotFound) and events[0].venue_order_id == "v1"


async def test_a_venue_that_does_not_answer_is_asked_until_it_does() -> None:
    asked = Asked(now=BORN_S + 1000, open=[silent, silent, order_row()])
    asked.sync.ask(a_query())
    events = await asked.settled()
    assert len(asked.calls) == 3
    assert isinstance(events[0], OrderUpdate) and events[0].status is VenueStatus.NEW


async def test_a_settled_answer_waits_for_the_last_request_to_run_out() -> None:
    asked = Asked(open=order_row())
    asked.sync.ask(a_query(settle=True))
    await asyncio.sleep(0.05)
    assert not asked.calls
    await asked.sync.stop()
    late = Asked(now=BORN_S + 100, open=order_row())
    late.sync.ask(a_query(settle=True))
    events = await late.settled()
    assert isinstance(events[0], OrderUpdate) and events[0].settled


async def test_anothers_order_under_the_same_client_id_is_not_ours() -> None:
    for changes in ({"side": "sell"}, {"timestamp": (BORN_S - 3600) * 1000}):
        asked = Asked(open=order_row(**changes))
        asked.sync.ask(a_query())
        events = await asked.settled()
        assert isinstance(events[0], OrderNotFound) and "another order" in events[0].text


async def test_a_list_is_searched_for_the_order() -> None:
    asked = Asked(open=[[order_row(id="v7", clientOrderId="fg7"), order_row()]])
    asked.sync.ask(a_query())
    events = await asked.settled()
    assert isinstance(events[0], OrderUpdate) and events[0].venue_order_id == "v1"


async def test_an_order_in_a_list_that_names_nobody_is_not_ours() -> None:
    """Kraken's open orders, made on its web site, have no client order id."""
    asked = Asked(now=BORN_S + 100, open=[[order_row(id="v9", clientOrderId=None)]])
    asked.sync.ask(a_query())
    events = await asked.settled()
    assert isinstance(events[0], OrderNotFound)


async def test_trades_are_asked_for_since_the_order_was_made_also_where_the_question_does_not_say() -> None:
    asked = Asked(open=order_row(status="canceled", filled="0.004"), trades=[[trade_row(amount="0.004")]])
    asked.sync.ask(a_query(venue_order_id="v1", born_ns=0))
    await asked.settled()
    since = [call.args for call in asked.calls if call.method == "trades"]
    assert since == [("v1", BORN_S * 10**9)]


async def test_a_triggered_order_is_followed_to_what_it_became() -> None:
    fired = order_row(id="a1", status="closed", info={"algo": 1, "child": 77}, symbol="BTC/USDT:USDT")
    child = order_row(
        id="77", status="closed", amount="1", filled="1", symbol="BTC/USDT:USDT", clientOrderId="other"
    )
    asked = Asked(
        now=BORN_S + 100,
        held=fired,
        open=child,
        trades=[trade_row(order="77", amount="1", symbol="BTC/USDT:USDT")],
    )
    asked.sync.ask(
        a_query(product_type=ProductType.FUTURE, symbol="BTC/USDT:USDT", venue_order_id="a1", held=True)
    )
    events = await asked.settled()
    first, last = events[0], events[-1]
    assert isinstance(first, OrderUpdate) and isinstance(last, OrderUpdate)
    assert (first.venue_order_id, first.parent_order_id, first.status) == ("77", "a1", VenueStatus.NEW)
    assert (last.venue_order_id, last.status, last.cum_quantity) == (
        "77",
        VenueStatus.FILLED,
        Decimal("0.01"),
    )
    assert last.client_order_id == "fg1"


async def test_an_accepted_cancel_is_followed_until_the_order_has_ended() -> None:
    asked = Asked(now=BORN_S + 100, open=[order_row, order_row, lambda: order_row(status="canceled")])
    asked.sync.ask(a_query(venue_order_id="v1"), end_within=5.0)
    events = await asked.settled()
    assert len(asked.calls) == 3 and len(events) == 1
    assert isinstance(events[0], OrderUpdate) and events[0].status is VenueStatus.CANCELED


async def test_trades_are_read_page_by_page() -> None:
    pages = [
        [trade_row(id="t1", amount="0.004", timestamp=BORN_S * 1000 + 5)],
        [
            trade_row(id="t1", amount="0.004", timestamp=BORN_S * 1000 + 5),
            trade_row(id="t2", amount="0.006", timestamp=BORN_S * 1000 + 9),
        ],
    ]
    asked = Asked(
        open=order_row(status="closed", filled="0.010"), trades=[lambda: pages[0], lambda: pages[1]]
    )
    asked.sync.ask(a_query())
    await asked.settled()
    assert [each.trade_id for each in asked.updates(VenueExec.TRADE)] == ["t1", "t2"]


async def test_stopping_gives_up_what_is_open() -> None:
    asked = Asked(open=silent)
    asked.sync.ask(a_query())
    await asked.until(lambda: bool(asked.calls))
    await asked.sync.stop()
    asked.sync.ask(a_query())
    assert not asked.sync._tasks and not asked.events
