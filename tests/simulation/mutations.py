"""Seeded mutations: one thing broken in the gateway at a time, each of which some invariant must notice.

A mutation is applied by replacing a function or a value for the length of a run; the sources stay as they
are.
"""

import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from fixgate.connectors.binance_pm import answers, order_line, stream_events, sync
from fixgate.engine import engine, evolve, merge, order, requests, turn, venue_events
from fixgate.engine.engine import Engine
from fixgate.engine.lifecycle import LIFECYCLE, OrderEvent, OrderState
from fixgate.fix import application
from fixgate.gateway import core
from fixgate.gateway.delivery import Delivery
from fixgate.gateway.dispatcher import Dispatcher
from fixgate.journal.sqlite import SqliteJournal
from fixgate.model.enums import OrdRejReason
from fixgate.model.venue import (
    OpenOrders,
    OrderUpdate,
    OutcomeUnknown,
    ReconcileDue,
    RequestKind,
    RequestRefused,
    SubmitOrder,
)
from tests.simulation.sim_door import SimDoor

Patch = tuple[Any, str, Any]
"""Where, which name, and what stands there instead."""


@dataclass(frozen=True)
class Mutation:
    """`make` returns the patches, fresh for each run. `seeds` are known to notice it and are tried first."""

    name: str
    make: Callable[[], list[Patch]]
    seeds: tuple[int, ...] = ()

    @contextlib.contextmanager
    def applied(self) -> Iterator[None]:
        """Break the gateway while the context lasts."""
        undo: list[Patch] = []
        try:
            for owner, name, value in self.make():
                if isinstance(owner, dict):
                    undo.append((owner, name, owner[name]))
                    owner[name] = value
                else:
                    undo.append((owner, name, vars(owner)[name]))
                    setattr(owner, name, value)
            yield
        finally:
            for owner, name, value in reversed(undo):
                if isinstance(owner, dict):
                    owner[name] = value
                else:
                    setattr(owner, name, value)


def _count_trades_twice() -> list[Patch]:
    real = merge._traded

    def traded(turn_: Any, order_: Any, update: OrderUpdate) -> None:
        order_.trades.discard(update.trade_id)
        real(turn_, order_, update)

    return [(merge, "_traded", traded)]


def _lose_an_append() -> list[Patch]:
    real, count = SqliteJournal.append, itertools.count(1)

    def append(self: Any, facts: Any, handled: int = 0) -> None:
        if next(count) % 5:
            real(self, facts, handled)

    return [(SqliteJournal, "append", append)]


def _lose_an_inbox_row() -> list[Patch]:
    real, count = SqliteJournal.put, itertools.count(1)

    def put(self: Any, session: str, raw: str, received_ns: int) -> int:
        return real(self, session, raw, received_ns) if next(count) % 4 else self.number()

    return [(SqliteJournal, "put", put)]


def _take_doubt_for_no() -> list[Patch]:
    real = answers.answer_event

    def answer_event(request: Any, answer: Any) -> Any:
        event = real(request, answer)
        if not isinstance(event, OutcomeUnknown):
            return event
        return RequestRefused(
            order_id=event.order_id, kind=event.kind, request_id=event.request_id, text=event.text
        )

    return [(order_line, "answer_event", answer_event)]


def _drop_a_report() -> list[Patch]:
    real, count = Delivery.publish, itertools.count(1)

    def publish(self: Any, report: Any) -> None:
        if next(count) % 9:
            real(self, report)

    return [(Delivery, "publish", publish)]


def _number_exec_ids_from_memory() -> list[Patch]:
    real, begin = turn.execution_report, Engine.__init__
    counter = [itertools.count(1)]

    def execution_report(*args: Any, **kwargs: Any) -> Any:
        return replace(real(*args, **kwargs), exec_id=str(next(counter[0])))

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        counter[0] = itertools.count(1)
        begin(self, *args, **kwargs)

    return [(turn, "execution_report", execution_report), (Engine, "__init__", __init__)]


def _forget_repeats() -> list[Patch]:
    def unguarded(real: Any) -> Any:
        def decode(raw: str, session: Any) -> Any:
            command = real(raw, session)
            return replace(command, repeated=False) if getattr(command, "repeated", False) else command

        return decode

    return [(application, "decode", unguarded(application.decode)), (core, "decode", unguarded(core.decode))]


def _reopen_canceled_orders() -> list[Patch]:
    table = dict(LIFECYCLE)
    fill = table[OrderState.NEW, OrderEvent.FILL]
    return [
        (order, "TERMINAL", order.TERMINAL - {OrderState.CANCELED}),
        (LIFECYCLE, (OrderState.CANCELED, OrderEvent.FILL), fill),  # type: ignore[list-item]
    ]


def _send_before_journaling() -> list[Patch]:
    real = Dispatcher._keep

    def keep(self: Any, batch: list[Any]) -> bool:
        for decided in batch:
            for request in decided.outcome.requests:
                self._send(request)
            decided.outcome.requests.clear()
        return real(self, batch)

    return [(Dispatcher, "_keep", keep)]


def _send_unknown_orders_again() -> list[Patch]:
    real = venue_events.outcome_unknown

    def outcome_unknown(turn_: Any, event: OutcomeUnknown) -> None:
        real(turn_, event)
        found = turn_.book.recall(event.order_id)
        if found is not None and event.kind is RequestKind.SUBMIT:
            turn_.outcome.requests.append(found.request)

    return [(engine._HANDLERS, OutcomeUnknown, outcome_unknown)]  # type: ignore[list-item]


def _never_reconcile() -> list[Patch]:
    def nothing(*_: Any) -> None:
        return

    return [(engine._HANDLERS, ReconcileDue, nothing), (engine._HANDLERS, OpenOrders, nothing)]  # type: ignore[list-item]


def _tell_nothing_after_a_restart() -> list[Patch]:
    return [(Delivery, "restore", lambda self, replayed: None)]


def _lose_fees() -> list[Patch]:
    real = answers.trade_update

    def trade_update(*args: Any, **kwargs: Any) -> Any:
        return replace(real(*args, **kwargs), commission=None)

    return [(sync, "trade_update", trade_update)]


def _leave_leaves_open() -> list[Patch]:
    def leaves(self: Any) -> Decimal:
        remaining: Decimal = self.quantity - self.cum
        return remaining

    return [(order.Order, "leaves", property(leaves))]


def _ignore_the_last_fill() -> list[Patch]:
    real = stream_events.StreamTranslator._futures_order
    count = itertools.count(1)

    def futures_order(self: Any, event: Any) -> Any:
        update = real(self, event)
        if update.trade_id and not next(count) % 6:
            return replace(update, last_quantity=update.last_quantity * 2)
        return update

    return [(stream_events.StreamTranslator, "_futures_order", futures_order)]


def _reject_what_is_not_found_yet() -> list[Patch]:
    real = engine._HANDLERS[OutcomeUnknown]

    def outcome_unknown(turn_: Any, event: OutcomeUnknown) -> None:
        found = turn_.book.recall(event.order_id)
        if found is not None and found.state is OrderState.PENDING_NEW and event.kind is RequestKind.SUBMIT:
            turn_.record(
                venue_events.OrderRejected,
                found.order_id,
                reason=OrdRejReason.BROKER,
                text="nobody answered",
            )
            requests.close_requests(turn_, found)
            return
        real(turn_, event)

    return [(engine._HANDLERS, OutcomeUnknown, outcome_unknown)]  # type: ignore[list-item]


def _forget_cancels() -> list[Patch]:
    real = evolve.evolve

    def evolve_(book: Any, fact: Any) -> Any:
        result = real(book, fact)
        found = book.orders.get(fact.order_id)
        if type(fact).__name__ == "OrderFilled" and found is not None:
            found.cancel = None
        return result

    return [(turn, "evolve", evolve_)]


def _send_twice() -> list[Patch]:
    real, count = Dispatcher._send, itertools.count(1)

    def send(self: Any, request: Any) -> None:
        real(self, request)
        if isinstance(request, SubmitOrder) and not next(count) % 4:
            real(self, request)

    return [(Dispatcher, "_send", send)]


def _end_without_the_missing_trades() -> list[Patch]:
    real = merge._ended

    def ended(turn_: Any, order_: Any, update: OrderUpdate) -> None:
        real(turn_, order_, replace(update, cum_quantity=min(update.cum_quantity, order_.cum)))

    def traded(turn_: Any, order_: Any, update: OrderUpdate) -> None:
        if not next(count) % 5:
            return
        real_traded(turn_, order_, update)

    real_traded, count = merge._traded, itertools.count(1)
    return [(merge, "_ended", ended), (merge, "_traded", traded)]


def _tell_live_and_replayed_apart() -> list[Patch]:
    real = turn.Turn.record

    def record(self: Any, kind: Any, order_id: int, /, **fields: Any) -> Any:
        before = len(self.outcome.reports)
        fact = real(self, kind, order_id, **fields)
        for index in range(before, len(self.outcome.reports)):
            told = self.outcome.reports[index]
            self.outcome.reports[index] = replace(told, at_ns=told.at_ns + 1_000_000)
        return fact

    return [(turn.Turn, "record", record)]


def _fail_now_and_then() -> list[Patch]:
    real, count = engine._HANDLERS[OrderUpdate], itertools.count(1)

    def order_updated(turn_: Any, update: OrderUpdate) -> None:
        if not next(count) % 20:
            raise RuntimeError("a defect")
        real(turn_, update)

    return [(engine._HANDLERS, OrderUpdate, order_updated)]  # type: ignore[list-item]


def _use_a_number_twice() -> list[Patch]:
    real, count = SimDoor._send, itertools.count(1)

    def send(self: Any, session: str, text: str) -> bool:
        sent = real(self, session, text)
        if not next(count) % 15:
            self._stores[session].next_out -= 1
        return sent

    return [(SimDoor, "_send", send)]


MUTATIONS = (
    Mutation("a trade is counted again when it is told again", _count_trades_twice),
    Mutation("facts are not always written", _lose_an_append),
    Mutation("messages are not always kept", _lose_an_inbox_row),
    Mutation("a timeout is taken for a reject", _take_doubt_for_no),
    Mutation("an unknown order is rejected before it is looked for", _reject_what_is_not_found_yet),
    Mutation("a report is dropped", _drop_a_report),
    Mutation("ExecIDs are numbered in memory", _number_exec_ids_from_memory),
    Mutation("a possible repeat is taken for new", _forget_repeats),
    Mutation("a canceled order can be opened again", _reopen_canceled_orders),
    Mutation("requests leave before the journal has them", _send_before_journaling),
    Mutation("an unknown order is sent again", _send_unknown_orders_again),
    Mutation("a new order is sent twice", _send_twice),
    Mutation("nothing is reconciled", _never_reconcile),
    Mutation("what was not told before a crash is not told after it", _tell_nothing_after_a_restart),
    Mutation("fees of trades that were fetched are lost", _lose_fees),
    Mutation("what is left of an ended order is not 0", _leave_leaves_open),
    Mutation("a fill is told at the wrong size", _ignore_the_last_fill),
    Mutation("a fill makes a pending cancel forgotten", _forget_cancels),
    Mutation("an order may end without all its trades", _end_without_the_missing_trades),
    Mutation("a replayed report is not the one that was told", _tell_live_and_replayed_apart),
    Mutation("an input now and then cannot be worked through", _fail_now_and_then),
    Mutation("a FIX number is used twice", _use_a_number_twice),
)
