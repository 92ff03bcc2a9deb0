"""What the venue's answers say about conditional orders and order lists."""

import json
from decimal import Decimal

import pytest
from msgspec.structs import replace

from fixgate.connectors.binance_pm.answers import answer_event, answer_events, query_update
from fixgate.connectors.binance_pm.conditional_answers import held_open_update, held_query_update
from fixgate.model.enums import OrderType, ProductType, Side, TimeInForce
from fixgate.model.venue import (
    CancelAtVenue,
    OrderUpdate,
    OutcomeUnknown,
    QueryAtVenue,
    RequestRefused,
    SubmitList,
    SubmitOrder,
    VenueExec,
    VenueStatus,
)
from fixgate.papi.answers import Response, SendFailure

D = Decimal
FUTURE, DELIVERY, SPOT = ProductType.FUTURE, ProductType.DELIVERY, ProductType.SPOT


def stop(product=FUTURE, **changes):
    fields = {
        "connector": "PM",
        "account": "main",
        "order_id": 7,
        "client_order_id": "fg7",
        "product_type": product,
        "symbol": "BTCUSDT",
        "side": Side.SELL,
        "order_type": OrderType.STOP_LOSS,
        "time_in_force": TimeInForce.GTC,
        "quantity": D(1),
        "stop_price": D(60000),
    }
    return SubmitOrder(**(fields | changes))


def cancel(product=FUTURE, **changes):
    fields = {
        "connector": "PM",
        "account": "main",
        "order_id": 7,
        "request_id": 8,
        "client_order_id": "fg7",
        "venue_order_id": "55",
        "held": True,
        "product_type": product,
        "symbol": "BTCUSDT",
    }
    return CancelAtVenue(**(fields | changes))


def query(product=FUTURE, **changes):
    kept = ("connector", "account", "order_id", "client_order_id", "product_type", "symbol")
    fields = {name: getattr(stop(product), name) for name in kept}
    return QueryAtVenue(**(fields | {"held": True} | changes))


UM_ROW = {
    "algoId": 55,
    "clientAlgoId": "fg7",
    "symbol": "BTCUSDT",
    "side": "SELL",
    "quantity": "1.000",
    "price": "0",
    "algoStatus": "NEW",
    "createTime": 3,
    "updateTime": 4,
}
CM_ROW = {
    "newClientStrategyId": "fg7",
    "strategyId": 55,
    "strategyStatus": "NEW",
    "symbol": "BTCUSDT",
    "side": "SELL",
    "origQty": "1",
    "price": "0",
    "bookTime": 3,
    "updateTime": 4,
}
ROWS = {FUTURE: UM_ROW, DELIVERY: CM_ROW}
STATUS = {FUTURE: "algoStatus", DELIVERY: "strategyStatus"}
CLIENT = {FUTURE: "clientAlgoId", DELIVERY: "newClientStrategyId"}
HELD = pytest.mark.parametrize("product", [FUTURE, DELIVERY])


def yes(body):
    return Response(200, {}, json.dumps(body).encode())


def no(code, text="Unknown order sent."):
    return Response(400, {}, json.dumps({"code": code, "msg": text}).encode())


@HELD
def test_a_services_yes_is_an_order_that_waits(product):
    told = answer_event(stop(product), yes(ROWS[product]))
    assert isinstance(told, OrderUpdate)
    assert (told.order_id, told.exec, told.status) == (7, VenueExec.SNAPSHOT, VenueStatus.SUSPENDED)
    assert (told.venue_order_id, told.parent_order_id, told.at_ms) == ("55", "", 4)


@HELD
@pytest.mark.parametrize("word", ["CANCELED", "EXPIRED", "REJECTED", "TRIGGERING"])
def test_a_lookup_or_a_list_says_how_an_order_without_child_is(product, word):
    row = ROWS[product] | {STATUS[product]: word}
    expected = VenueStatus.SUSPENDED if word == "TRIGGERING" else VenueStatus(word)
    told = held_query_update(query(product), row, settled=True)
    assert (told.status, told.settled, told.order_id) == (expected, True, 7)
    listed = held_open_update("PM", "main", product, row)
    assert (listed.status, listed.order_id, listed.client_order_id) == (expected, 0, "fg7")
    assert held_open_update("PM", "main", product, row | {STATUS[product]: "TRIGGERED"}) is None


def test_a_cancel_that_is_complete_ends_the_order_and_anything_else_is_open():
    told = answer_event(cancel(), yes({"complete": True}))
    assert (told.status, told.venue_order_id, told.request_id) == (VenueStatus.CANCELED, "55", 8)
    for body in ({"complete": False}, {"complete": "true"}, {}, [], UM_ROW):
        assert isinstance(answer_event(cancel(), yes(body)), OutcomeUnknown)
    gone = answer_event(cancel(DELIVERY), yes(CM_ROW | {"strategyStatus": "CANCELED"}))
    assert (gone.status, gone.request_id) == (VenueStatus.CANCELED, 8)
    assert isinstance(answer_event(cancel(DELIVERY), yes(CM_ROW)), OutcomeUnknown)


@HELD
@pytest.mark.parametrize("code", [-2011, -2013, -4117])
def test_a_cancel_that_comes_with_or_after_the_trigger_says_that_the_order_is_gone(product, code):
    told = answer_event(cancel(product), no(code))
    assert isinstance(told, RequestRefused) and told.order_gone and told.request_id == 8
    if code == -4117:
        assert isinstance(answer_event(cancel(product, held=False), no(code)), OutcomeUnknown)


@HELD
@pytest.mark.parametrize("change", [{"of": "other"}, {"status": "NEVER_HEARD_OF"}])
def test_an_answer_about_something_else_leaves_it_open(product, change):
    row = dict(ROWS[product])
    row[CLIENT[product] if "of" in change else STATUS[product]] = next(iter(change.values()))
    assert isinstance(answer_event(stop(product), yes(row)), OutcomeUnknown)


@pytest.mark.parametrize("status", [{}, {"status": "NEW"}, {"status": "PENDING_NEW"}])
def test_a_margin_stop_is_taken_as_waiting(status):
    told = answer_event(stop(SPOT), yes({"orderId": 55, "clientOrderId": "fg7", "transactTime": 3} | status))
    assert (told.status, told.venue_order_id) == (VenueStatus.SUSPENDED, "55")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"isWorking": False}, VenueStatus.SUSPENDED),
        ({"isWorking": True}, VenueStatus.NEW),
        ({"isWorking": False, "status": "PENDING_NEW"}, VenueStatus.SUSPENDED),
        ({"isWorking": False, "type": "LIMIT_MAKER"}, VenueStatus.NEW),
        ({"isWorking": False, "status": "CANCELED"}, VenueStatus.CANCELED),
    ],
)
def test_a_margin_query_says_if_a_stop_works(fields, expected):
    row = {"clientOrderId": "fg7", "executedQty": "0", "orderId": 55, "side": "SELL", "symbol": "BTCUSDT"}
    row |= {"status": "NEW", "type": "STOP_LOSS"}
    assert query_update(query(SPOT), row | fields, settled=False).status is expected


LIST = SubmitList(
    connector="PM",
    account="main",
    list_client_id="list7",
    legs=(
        stop(SPOT, order_type=OrderType.LIMIT, price=D(70000), stop_price=None),
        replace(stop(SPOT), order_id=8, client_order_id="fg8"),
    ),
)


def reports(*names):
    rows = [{"orderId": 50 + number, "clientOrderId": name} for number, name in enumerate(names)]
    return {"orderListId": 3, "orders": rows, "orderReports": [row | {"transactTime": 3} for row in rows]}


@pytest.mark.parametrize("part", ["orders", "orderReports"])
def test_a_lists_answer_is_an_answer_for_each_order(part):
    body = {part: reports("fg8", "fg7")[part]}
    limit, trigger = answer_events(LIST, yes(body))
    assert (limit.order_id, limit.venue_order_id, limit.status) == (7, "51", VenueStatus.NEW)
    assert (trigger.order_id, trigger.venue_order_id, trigger.status) == (8, "50", VenueStatus.SUSPENDED)


def test_an_order_that_a_lists_answer_does_not_name_is_in_doubt():
    limit, trigger = answer_events(LIST, yes(reports("fg7")))
    assert isinstance(limit, OrderUpdate) and isinstance(trigger, OutcomeUnknown)
    assert trigger.order_id == 8
    assert [type(e) for e in answer_events(LIST, yes([]))] == [OutcomeUnknown, OutcomeUnknown]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (no(-2010, "The relationship of the prices for the orders is not correct."), RequestRefused),
        (no(-2010, "Duplicate order sent."), OutcomeUnknown),
        (SendFailure(sent=True, text="timed out"), OutcomeUnknown),
        (SendFailure(sent=False, text="connection refused"), RequestRefused),
        (Response(200, {}, b"<html>"), OutcomeUnknown),
    ],
)
def test_a_no_or_a_doubt_about_a_list_is_one_of_each_order(answer, kind):
    events = answer_events(LIST, answer)
    assert [type(event) for event in events] == [kind, kind]
    assert [event.order_id for event in events] == [7, 8]
