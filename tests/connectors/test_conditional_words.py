"""What events and answers say about conditional orders and order lists, and whose child an order is."""

import json
from decimal import Decimal

import pytest
from msgspec.structs import replace

from fixgate.connectors.binance_pm import triggered_orders
from fixgate.connectors.binance_pm.answers import answer_event, answer_events, query_update
from fixgate.connectors.binance_pm.conditional_answers import held_open_update, held_query_update
from fixgate.connectors.binance_pm.stream_events import StreamTranslator
from fixgate.model.enums import OrderType, ProductType, Side, TimeInForce
from fixgate.model.venue import (
    AccountNotice,
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

ALGO = {
    "caid": "fg7",
    "aid": 2148801,
    "at": "CONDITIONAL",
    "o": "STOP",
    "s": "BTCUSDT",
    "S": "BUY",
    "ps": "BOTH",
    "f": "GTC",
    "q": "0.020",
    "X": "NEW",
    "ai": "",
    "ap": "0.00000",
    "aq": "0.00000",
    "act": "0",
    "tp": "66000.00",
    "p": "66100.00",
    "V": "EXPIRE_MAKER",
    "wt": "CONTRACT_PRICE",
    "pm": "NONE",
    "cp": False,
    "pP": False,
    "R": False,
    "tt": 0,
    "gtd": 0,
    "rm": "",
    "ia": False,
}
STRATEGY = {
    "s": "BTCUSD_PERP",
    "c": "fg7",
    "si": 176057100,
    "S": "SELL",
    "st": "STOP_MARKET",
    "f": "GTC",
    "q": "5",
    "p": "0",
    "sp": "60000.0",
    "os": "NEW",
    "T": 1795000070000,
    "ut": 1795000070001,
    "R": True,
    "wt": "CONTRACT_PRICE",
    "ps": "BOTH",
    "cp": False,
    "AP": "0",
    "cr": "0",
    "i": 0,
    "V": "NONE",
    "gtd": 0,
}
CHILD = {
    "s": "BTCUSDT",
    "c": "fg7",
    "S": "BUY",
    "o": "LIMIT",
    "f": "GTC",
    "q": "0.020",
    "p": "66100.00",
    "ap": "0",
    "sp": "0",
    "x": "NEW",
    "X": "NEW",
    "i": 812345680100,
    "l": "0",
    "z": "0",
    "L": "0",
    "T": 1795000090000,
    "t": 0,
    "b": "0",
    "a": "0",
    "m": False,
    "R": False,
    "ps": "BOTH",
    "rp": "0",
    "V": "EXPIRE_MAKER",
    "gtd": 0,
}
MARGIN_STOP = {
    "e": "executionReport",
    "E": 1795000042002,
    "s": "BTCUSDT",
    "c": "fg7",
    "S": "SELL",
    "o": "STOP_LOSS_LIMIT",
    "f": "GTC",
    "q": "1.00000000",
    "p": "59000.00000000",
    "P": "60000.00000000",
    "F": "0",
    "g": -1,
    "C": "",
    "x": "NEW",
    "X": "NEW",
    "r": "NONE",
    "i": 21345678901,
    "l": "0",
    "z": "0",
    "L": "0",
    "n": "0",
    "N": None,
    "T": 1795000042000,
    "t": -1,
    "I": 45,
    "w": False,
    "m": False,
    "O": 1795000042000,
    "Z": "0",
    "Y": "0",
    "Q": "0",
    "V": "EXPIRE_MAKER",
}
AID, CHILD_ID = "2148801", "812345680100"


def algo(**order):
    return {"e": "ALGO_UPDATE", "T": 5, "E": 6, "fs": "UM", "ao": ALGO | order}


def strategy(**order):
    event = {"e": "CONDITIONAL_ORDER_TRADE_UPDATE", "T": 5, "E": 6, "fs": "CM"}
    return event | {"so": STRATEGY | order}


def child(fs="UM", **order):
    return {"e": "ORDER_TRADE_UPDATE", "fs": fs, "E": 8, "T": 7, "i": "", "o": CHILD | order}


class Stream:
    """A translator, and everything that it said of one story."""

    def __init__(self, *events):
        self.translator = StreamTranslator("PM", "main")
        self.said = [said for event in events for said in self.tell(event)]

    def tell(self, event):
        return self.translator.translate(json.loads(json.dumps(event)) | {"newField": [1]})


def test_a_conditional_order_that_waits_is_suspended_under_the_services_id():
    (um,) = Stream(algo()).said
    assert (um.exec, um.status, um.product_type) == (VenueExec.NEW, VenueStatus.SUSPENDED, FUTURE)
    assert (um.client_order_id, um.venue_order_id, um.parent_order_id) == ("fg7", AID, "")
    assert (um.side, um.quantity, um.price, um.at_ms) == (Side.BUY, D("0.02"), D(66100), 5)
    (cm,) = Stream(strategy()).said
    assert (cm.exec, cm.status, cm.product_type) == (VenueExec.NEW, VenueStatus.SUSPENDED, DELIVERY)
    assert (cm.venue_order_id, cm.side, cm.price, cm.at_ms) == (
        *("176057100", Side.SELL, None),
        1795000070001,
    )


@pytest.mark.parametrize("word", ["CANCELED", "EXPIRED", "REJECTED"])
def test_an_order_that_ends_before_its_price_came_says_so_under_the_services_id(word):
    (um,) = Stream(algo(X=word, rm="Margin is insufficient.")).said
    (cm,) = Stream(strategy(os=word)).said
    for update, venue_order_id in ((um, AID), (cm, "176057100")):
        assert (update.exec, update.status) == (VenueExec(word), VenueStatus(word))
        assert (update.venue_order_id, update.parent_order_id) == (venue_order_id, "")
    assert um.text == "Margin is insufficient."


def test_triggering_says_nothing_and_triggered_puts_the_child_on_the_market():
    assert Stream(algo(X="TRIGGERING"), algo(X="TRIGGERED"), strategy(os="TRIGGERED")).said == []
    (update,) = Stream(algo(X="TRIGGERED", ai=CHILD_ID)).said
    assert (update.exec, update.status, update.cum_quantity) == (VenueExec.NEW, VenueStatus.NEW, 0)
    assert (update.venue_order_id, update.parent_order_id, update.client_order_id) == (CHILD_ID, AID, "fg7")


@pytest.mark.parametrize(
    ("filled", "expected"),
    [
        ("0.00000", None),
        ("0.01000", (VenueStatus.PARTIALLY_FILLED, D("0.01"))),
        ("0.02000", (VenueStatus.FILLED, D("0.02"))),
    ],
)
def test_finished_says_what_was_filled_and_never_how_the_order_ended(filled, expected):
    said = Stream(algo(X="FINISHED", ai=CHILD_ID, aq=filled, ap="66050.5")).said
    assert [(u.status, u.cum_quantity) for u in said] == ([expected] if expected else [])
    for update in said:
        assert (update.exec, update.parent_order_id, update.venue_order_id) == (
            *(VenueExec.SNAPSHOT, AID),
            CHILD_ID,
        )
    assert Stream(strategy(os="FINISHED", i=99)).said == []


@pytest.mark.parametrize("word", ["CANCELED", "EXPIRED", "FINISHED"])
def test_the_end_of_a_parent_with_a_child_is_not_the_childs(word):
    assert Stream(algo(X=word, ai=CHILD_ID), strategy(os=word, i=99)).said == []


@pytest.mark.parametrize(
    ("before", "name"),
    [
        ([algo()], "fg7"),
        ([algo(), algo(X="TRIGGERED", ai=CHILD_ID)], "fg7"),
        ([algo(), algo(X="TRIGGERED", ai=CHILD_ID)], "other"),
        ([algo(X="TRIGGERED", ai=CHILD_ID)], "other"),
    ],
)
def test_a_child_is_told_with_its_parent_whatever_was_heard_before(before, name):
    said = Stream(*before, child(c=name), child(c=name, x="CANCELED", X="CANCELED")).said[-2:]
    assert [(u.exec, u.venue_order_id) for u in said] == [
        (VenueExec.NEW, CHILD_ID),
        (VenueExec.CANCELED, CHILD_ID),
    ]
    assert {(u.client_order_id, u.parent_order_id) for u in said} == {("fg7", AID)}


def test_a_child_that_is_heard_of_first_is_told_all_the_same():
    (first,) = Stream(child()).said
    assert (first.client_order_id, first.venue_order_id, first.parent_order_id) == ("fg7", CHILD_ID, "")
    stream = Stream(child(c="other"), algo(X="TRIGGERED", ai=CHILD_ID), child(c="other", x="CANCELED"))
    assert stream.said[1].venue_order_id == stream.said[2].venue_order_id == CHILD_ID
    assert (stream.said[2].client_order_id, stream.said[2].parent_order_id) == ("fg7", AID)


def test_a_coin_margined_child_names_its_parent_itself():
    named = {"s": "BTCUSD_PERP", "st": "C_STOP_MARKET", "si": 176057100, "c": "strange"}
    (alone,) = Stream(child("CM", **named)).said
    assert (alone.parent_order_id, alone.client_order_id) == ("176057100", "strange")
    (_, known) = Stream(strategy(), child("CM", **named)).said
    assert (known.parent_order_id, known.client_order_id) == ("176057100", "fg7")


def test_orders_of_other_products_and_names_have_no_parent():
    stream = Stream(algo(), child(c="fg8"), child("CM", s="BTCUSD_PERP"))
    assert [update.parent_order_id for update in stream.said] == ["", "", ""]


def test_only_the_latest_are_remembered(monkeypatch):
    monkeypatch.setattr(triggered_orders, "REMEMBERED", 1)
    stream = Stream(algo(), algo(caid="fg8", aid=9))
    assert stream.tell(child())[0].parent_order_id == ""
    assert stream.tell(child(c="fg8", i=5))[0].parent_order_id == "9"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, (VenueExec.NEW, VenueStatus.SUSPENDED)),
        ({"X": "PENDING_NEW", "g": 3}, (VenueExec.NEW, VenueStatus.SUSPENDED)),
        ({"w": True}, (VenueExec.NEW, VenueStatus.NEW)),
        ({"o": "LIMIT_MAKER", "g": 3}, (VenueExec.NEW, VenueStatus.NEW)),
        ({"x": "CANCELED", "X": "CANCELED"}, (VenueExec.CANCELED, VenueStatus.CANCELED)),
        ({"x": "REJECTED", "X": "REJECTED"}, (VenueExec.REJECTED, VenueStatus.REJECTED)),
    ],
)
def test_a_margin_stop_waits_until_it_is_on_the_book(fields, expected):
    (update,) = Stream(MARGIN_STOP | fields).said
    assert (update.exec, update.status) == expected
    assert (update.venue_order_id, update.parent_order_id) == ("21345678901", "")


def test_a_margin_order_that_the_engine_refuses_at_its_trigger_says_why():
    ended = {"x": "EXPIRED", "X": "EXPIRED"}
    (poor,) = Stream(MARGIN_STOP | ended | {"eR": "REJECTED", "r": "INSUFFICIENT_BALANCES"}).said
    assert (poor.status, poor.text) == (VenueStatus.EXPIRED, "REJECTED: INSUFFICIENT_BALANCES")
    (gone,) = Stream(MARGIN_STOP | ended | {"eR": "OCO_TRIGGER"}).said
    assert gone.text == "the other order of its list was executed"


def test_a_lists_own_event_says_nothing_that_its_orders_do_not_unless_it_was_refused():
    event = {"e": "listStatus", "E": 1, "s": "BTCUSDT", "g": 3, "c": "OCO", "l": "EXEC_STARTED", "r": "NONE"}
    assert Stream(event | {"L": "EXECUTING"}, event | {"l": "ALL_DONE", "L": "ALL_DONE"}).said == []
    (notice,) = Stream(event | {"L": "REJECT"}).said
    assert isinstance(notice, AccountNotice) and notice.kind == "listStatus"


@pytest.mark.parametrize(
    "event",
    [
        algo(X="NEVER_HEARD_OF"),
        strategy(os="NEVER_HEARD_OF"),
        algo(q="NaN"),
        {"e": "ALGO_UPDATE", "E": 1},
        {"e": "CONDITIONAL_ORDER_TRADE_UPDATE", "so": {}},
    ],
)
def test_an_event_that_is_not_understood_is_kept_whole(event):
    (notice,) = Stream(event).said
    assert isinstance(notice, AccountNotice) and notice.kind == event["e"]


# answers


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
