"""What events say about conditional orders and order lists, and whose child an order is."""

import json
from decimal import Decimal

import pytest

from fixgate.connectors.binance_pm import triggered_orders
from fixgate.connectors.binance_pm.stream_events import StreamTranslator
from fixgate.model.enums import ProductType, Side
from fixgate.model.venue import AccountNotice, VenueExec, VenueStatus

D = Decimal
FUTURE, DELIVERY = ProductType.FUTURE, ProductType.DELIVERY

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


def test_a_strategy_id_of_a_usd_margined_child_is_not_taken_for_its_algo_id():
    (alone,) = Stream(child(st="C_STOP_MARKET", si=12893)).said
    assert alone.parent_order_id == ""
    (_, known) = Stream(algo(), child(st="C_STOP_MARKET", si=12893)).said
    assert known.parent_order_id == AID


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
        ({"x": "REJECTED", "X": "REJECTED", "W": 5}, (VenueExec.SNAPSHOT, VenueStatus.EXPIRED)),
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
