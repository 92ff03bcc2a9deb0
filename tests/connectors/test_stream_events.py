"""User data stream events of all three families, and what cannot be read."""

import json
from decimal import Decimal

import pytest

from fixgate.connectors.binance_pm.stream_events import StreamTranslator
from fixgate.model.enums import ProductType, Side
from fixgate.model.venue import (
    AccountNotice,
    BalanceUpdate,
    OrderUpdate,
    PositionUpdate,
    VenueExec,
    VenueStatus,
)

D = Decimal

FUTURES = {
    "e": "ORDER_TRADE_UPDATE",
    "fs": "UM",
    "E": 1795000003503,
    "T": 1795000003500,
    "i": "",
    "o": {
        "s": "BTCUSDT",
        "c": "1795225276658",
        "S": "BUY",
        "o": "LIMIT",
        "f": "GTC",
        "q": "0.010",
        "p": "65000.10",
        "ap": "65000.00000",
        "sp": "0",
        "x": "TRADE",
        "X": "PARTIALLY_FILLED",
        "i": 812345678901,
        "l": "0.004",
        "z": "0.004",
        "L": "65000.00",
        "T": 1795000003500,
        "t": 5500123401,
        "b": "390",
        "a": "0",
        "m": True,
        "R": False,
        "ps": "BOTH",
        "rp": "0",
        "V": "EXPIRE_MAKER",
        "gtd": 0,
        "N": "USDT",
        "n": "0.05200000",
    },
}
MARGIN = {
    "e": "executionReport",
    "E": 1795000042002,
    "s": "ETHUSDT",
    "c": "cancel-77",
    "S": "SELL",
    "o": "LIMIT",
    "f": "GTC",
    "q": "1.00000000",
    "p": "3300.00000000",
    "P": "0",
    "F": "0",
    "g": -1,
    "C": "1795225276659",
    "x": "CANCELED",
    "X": "CANCELED",
    "r": "NONE",
    "i": 21345678901,
    "l": "0",
    "z": "0.40000000",
    "L": "0",
    "n": "0",
    "N": None,
    "T": 1795000042000,
    "t": -1,
    "I": 45,
    "w": False,
    "m": False,
    "O": 1795000040010,
    "Z": "1319.96000000",
    "Y": "0",
    "Q": "0",
    "V": "EXPIRE_MAKER",
}


def translate(event):
    """Give the event the way it would come: with fields that nobody knows yet."""
    strange = json.loads(json.dumps(event))
    strange["newField"] = {"a": [1]}
    if isinstance(strange.get("o"), dict):
        strange["o"]["newField"] = "x"
    found = StreamTranslator("PM", "main").translate(strange)
    assert found
    return found


def futures(**order):
    return FUTURES | {"o": FUTURES["o"] | order}


def test_a_futures_trade_is_told_exactly():
    (update,) = translate(FUTURES)
    assert isinstance(update, OrderUpdate)
    assert (update.product_type, update.symbol, update.side) == (ProductType.FUTURE, "BTCUSDT", Side.BUY)
    assert (update.client_order_id, update.venue_order_id) == ("1795225276658", "812345678901")
    assert (update.exec, update.status) == (VenueExec.TRADE, VenueStatus.PARTIALLY_FILLED)
    assert (update.last_quantity, update.last_price, update.trade_id) == (
        D("0.004"),
        D("65000.00"),
        "5500123401",
    )
    assert (update.commission, update.commission_currency, update.maker) == (D("0.052"), "USDT", True)
    assert (update.quantity, update.price, update.cum_quantity) == (D("0.010"), D("65000.10"), D("0.004"))


@pytest.mark.parametrize(
    ("fs", "symbol", "product"),
    [
        ("UM", "BTCUSDT", ProductType.FUTURE),
        ("CM", "BTCUSD_PERP", ProductType.DELIVERY),
        (None, "BTCUSD_PERP", ProductType.DELIVERY),
        (None, "BTCUSDT", ProductType.FUTURE),
    ],
)
def test_the_leg_is_named_or_told_by_the_symbol(fs, symbol, product):
    event = futures(s=symbol) | ({"fs": fs} if fs else {})
    if fs is None:
        del event["fs"]
    assert translate(event)[0].product_type is product


@pytest.mark.parametrize(
    ("execution", "status", "expected"),
    [
        ("NEW", "NEW", (VenueExec.NEW, VenueStatus.NEW)),
        ("AMENDMENT", "PARTIALLY_FILLED", (VenueExec.REPLACED, VenueStatus.PARTIALLY_FILLED)),
        ("CANCELED", "CANCELED", (VenueExec.CANCELED, VenueStatus.CANCELED)),
        ("EXPIRED", "EXPIRED", (VenueExec.EXPIRED, VenueStatus.EXPIRED)),
        ("EXPIRED", "EXPIRED_IN_MATCH", (VenueExec.EXPIRED, VenueStatus.EXPIRED)),
        ("CALCULATED", "FILLED", (VenueExec.TRADE, VenueStatus.FILLED)),
        ("SOMETHING_NEW", "NEW", (VenueExec.SNAPSHOT, VenueStatus.NEW)),
    ],
)
def test_execution_types_and_statuses(execution, status, expected):
    (update,) = translate(futures(x=execution, X=status, M="77"))
    assert (update.exec, update.status) == expected and update.request_id == 77
    if expected[0] is not VenueExec.TRADE:
        assert update.trade_id == "" and update.commission is None and update.last_quantity is None


@pytest.mark.parametrize(
    ("reason", "text"), [("2", "IOC"), ("9", "market order"), ("11", "post-only"), ("0", "")]
)
def test_an_expiry_says_why(reason, text):
    assert text in translate(futures(x="EXPIRED", X="EXPIRED", er=reason))[0].text


def test_a_margin_cancel_is_found_by_the_orders_own_id():
    (update,) = translate(MARGIN)
    assert (update.client_order_id, update.status) == ("1795225276659", VenueStatus.CANCELED)
    assert (update.product_type, update.cum_quantity) == (ProductType.SPOT, D("0.4"))
    assert update.average_price == D("3299.9")
    (open_order,) = translate(
        MARGIN | {"x": "NEW", "X": "NEW", "C": "", "c": "1795225276659", "z": "0", "Z": "0"}
    )
    assert open_order.client_order_id == "1795225276659"


def test_self_trade_prevention_on_margin_is_named():
    (update,) = translate(MARGIN | {"x": "TRADE_PREVENTION", "X": "EXPIRED_IN_MATCH"})
    assert (update.exec, update.status) == (VenueExec.EXPIRED, VenueStatus.EXPIRED)
    assert "self-trade" in update.text


def test_account_events_become_balances_and_positions():
    update = {
        "e": "ACCOUNT_UPDATE",
        "fs": "CM",
        "E": 2,
        "T": 1,
        "i": "",
        "a": {
            "m": "ORDER",
            "B": [{"a": "BTC", "wb": "1.5", "cw": "1.5", "bc": "0"}],
            "P": [{"s": "BTCUSD_PERP", "pa": "-3", "ep": "65000.1", "cr": "0", "up": "0", "ps": "BOTH"}],
        },
    }
    balance, position = translate(update)
    assert isinstance(balance, BalanceUpdate) and (balance.asset, balance.free) == ("BTC", D("1.5"))
    assert isinstance(position, PositionUpdate)
    assert (position.product_type, position.quantity) == (ProductType.DELIVERY, D(-3))
    margin = {"e": "outboundAccountPosition", "E": 1, "u": 1, "B": [{"a": "ETH", "f": "10.4", "l": "0.1"}]}
    assert [(b.asset, b.free, b.locked) for b in translate(margin)] == [("ETH", D("10.4"), D("0.1"))]


@pytest.mark.parametrize(
    "event",
    [
        {"e": "riskLevelChange", "E": 1, "u": "1.2", "s": "MARGIN_CALL"},
        {"e": "somethingElse", "E": 1},
        {"no": "type"},
        FUTURES | {"o": {"s": "BTCUSDT"}},
        futures(q="NaN-ish"),
        futures(X="NEVER_HEARD_OF"),
        MARGIN | {"z": None},
    ],
)
def test_what_is_not_understood_is_kept_whole(event):
    (notice,) = translate(event)
    assert isinstance(notice, AccountNotice)
    kept = json.loads(notice.body)
    assert all(kept[key] == value for key, value in event.items() if key != "o")
