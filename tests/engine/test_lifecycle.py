"""The transition table, every (state, event) pair, and invariants under any interleaving."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.engine.lifecycle import (
    LIFECYCLE,
    REQUESTS,
    TERMINAL,
    IllegalTransition,
    OrderEvent,
    OrderState,
    RequestEvent,
    RequestState,
    ord_status,
    request_step,
    step,
)
from fixgate.model.enums import ExecType, OrdStatus
from fixgate.model.facts import Fact
from fixgate.model.reports import ExecutionReport
from fixgate.model.venue import OrderNotFound, OutcomeUnknown, RequestKind, VenueExec, VenueStatus

from .desk import D, Desk, cancel, replace


@pytest.mark.parametrize("state", OrderState)
@pytest.mark.parametrize("event", OrderEvent)
def test_every_pair_has_a_row_or_is_illegal(state, event):
    if (state, event) in LIFECYCLE:
        assert step(state, event) == LIFECYCLE[state, event]
    else:
        with pytest.raises(IllegalTransition, match=f"{state}.*{event}"):
            step(state, event)


def test_only_a_trade_is_heard_after_the_end_and_it_never_reopens_the_order():
    for (state, event), row in LIFECYCLE.items():
        if state in TERMINAL and event not in (OrderEvent.ADOPT, OrderEvent.ADOPT_FILLED):
            assert row.exec_type is ExecType.TRADE and row.state in TERMINAL, (state, event)


def test_nothing_leads_back_to_pending_new_and_only_adoption_leaves_rejected():
    for (state, event), row in LIFECYCLE.items():
        assert row.state is not OrderState.PENDING_NEW or state is OrderState.PENDING_NEW
        assert state is not OrderState.REJECTED or event is OrderEvent.ADOPT


@pytest.mark.parametrize("state", RequestState)
@pytest.mark.parametrize("event", RequestEvent)
def test_every_pair_of_a_request_has_a_row_or_is_illegal(state, event):
    if (state, event) in REQUESTS:
        assert request_step(state, event) == REQUESTS[state, event]
    else:
        with pytest.raises(IllegalTransition, match=f"{state}.*{event}"):
            request_step(state, event)


def test_every_open_request_can_be_confirmed_and_refused_and_only_a_waiting_or_doubtful_one_leaves():
    for state in RequestState:
        assert REQUESTS[state, RequestEvent.CONFIRM] is REQUESTS[state, RequestEvent.REFUSE] is None
    senders = {state for state, event in REQUESTS if event is RequestEvent.SEND}
    assert senders == {RequestState.WAITING, RequestState.IN_DOUBT}


def test_pending_cancel_outranks_pending_replace_outranks_the_state():
    assert ord_status(OrderState.PARTIALLY_FILLED, True, True) is OrdStatus.PENDING_CANCEL
    assert ord_status(OrderState.FILLED, True, False) is OrdStatus.PENDING_CANCEL
    assert ord_status(OrderState.NEW, False, True) is OrdStatus.PENDING_REPLACE
    assert ord_status(OrderState.CANCELED, True, True) is OrdStatus.CANCELED


words = st.sampled_from(
    [
        "ack",
        "trade",
        "repeat",
        "jump",
        "cancel",
        "canceled",
        "replace",
        "replaced",
        "unknown",
        "missing",
        "expired",
        "snapshot",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(words, st.integers(1, 5)), max_size=25))
def test_whatever_is_said_in_whatever_order_the_books_balance(script):
    """38 = 14 + 151 while live, 151 = 0 at the end, 14 never falls, ExecIDs are unique, and a replay of
    the facts gives the same orders."""
    desk = Desk()
    desk.new()
    order = desk.order()
    for number, (word, size) in enumerate(script):
        _say(desk, order, word, D(size), number)
    reports = [r for r in desk.reports if isinstance(r, ExecutionReport)]
    assert len({r.exec_id for r in reports}) == len(reports)
    cum = D(0)
    for report in reports:
        assert report.cum_quantity >= cum
        cum = report.cum_quantity
        if report.ord_status in (OrdStatus.CANCELED, OrdStatus.REJECTED, OrdStatus.EXPIRED, OrdStatus.FILLED):
            assert report.leaves_quantity == 0
        elif report.leaves_quantity:
            assert report.quantity == report.cum_quantity + report.leaves_quantity
    decoder = msgspec.json.Decoder(Fact)
    kept = [decoder.decode(msgspec.json.encode(fact)) for fact in desk.facts]
    assert kept == desk.facts
    again = desk.restarted().order()
    assert (again.state, again.cum, again.quantity, again.price, again.trades) == (
        order.state,
        order.cum,
        order.quantity,
        order.price,
        order.trades,
    )
    assert not (order.terminal and order.pendings)
    assert all("which had been" in alarm or "did not send" in alarm for alarm in desk.alarms)


def _say(desk, order, word, size, number):
    match word:
        case "ack":
            desk.hear(desk.update(order, VenueExec.NEW, VenueStatus.NEW))
        case "trade" if order.cum + size <= order.quantity:
            desk.trade(order, str(size))
        case "repeat" if order.trades:
            desk.trade(order, str(size), trade_id=min(order.trades), cum_quantity=order.cum)
        case "jump":
            desk.trade(order, str(size), cum_quantity=order.cum + size + 1)
        case "cancel":
            desk.take(cancel(f"C{number}", orig=order.cl_ord_id))
        case "canceled":
            desk.canceled(order)
        case "replace":
            desk.take(replace(f"R{number}", orig=order.cl_ord_id, quantity=size + 5))
        case "replaced" if order.replace is not None:
            desk.replaced(order, str(order.replace.quantity))
        case "unknown" if order.cancel is not None:
            desk.hear(
                OutcomeUnknown(
                    order_id=order.order_id,
                    kind=RequestKind.CANCEL,
                    request_id=order.cancel.request_id,
                    text="timed out",
                )
            )
        case "missing":
            desk.hear(OrderNotFound(order_id=order.order_id, text="not found"))
        case "expired":
            desk.hear(desk.update(order, VenueExec.EXPIRED, VenueStatus.EXPIRED))
        case "snapshot":
            desk.hear(desk.update(order, VenueExec.SNAPSHOT, VenueStatus.NEW, settled=True))
