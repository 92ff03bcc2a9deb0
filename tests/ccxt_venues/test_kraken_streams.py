"""What is heard on Kraken's and Kraken Futures' streams, message by message."""

from decimal import Decimal

import pytest

from fixgate.connectors.ccxt.hooks import hear
from fixgate.connectors.ccxt.venues.kraken import TRANSLATOR
from fixgate.model.execution import MarketType
from tests.ccxt_venues.payloads import kraken, krakenfutures
from tests.ccxt_venues.stand_in import StandIn, exchange_for


class Ears:
    """Stands in for a connection of ccxt's, and keeps what is told."""

    def __init__(self, exchange) -> None:
        self.exchange = exchange
        self.orders, self.trades, self.woken = [], [], []
        hear(exchange, lambda row: self.orders.append(dict(row)), lambda row: self.trades.append(dict(row)))

    def resolve(self, cache, name) -> None:
        self.woken.append(name)

    def take(self, message) -> None:
        self.exchange.handle_message(self, message)


@pytest.fixture
async def spot():
    async with StandIn(kraken.MARKETS) as server:
        yield Ears(await exchange_for(TRANSLATOR, MarketType.SPOT, server))


@pytest.fixture
async def futures():
    async with StandIn(krakenfutures.MARKETS) as server:
        yield Ears(await exchange_for(TRANSLATOR, MarketType.SWAP, server))


def executions(*elements, kind="update"):
    return {"channel": "executions", "type": kind, "data": list(elements), "sequence": 1}


NEW = {
    "order_id": "OA",
    "cl_ord_id": "fg7001",
    "symbol": "BTC/USD",
    "side": "buy",
    "order_type": "limit",
    "order_qty": 0.01,
    "cum_qty": 0,
    "limit_price": 90000.5,
    "time_in_force": "GTC",
    "exec_type": "new",
    "order_status": "new",
    "timestamp": "2026-01-01T00:00:00.123Z",
}
TRADE = {
    "order_id": "OA",
    "symbol": "BTC/USD",
    "side": "buy",
    "order_type": "limit",
    "exec_type": "trade",
    "exec_id": "T1",
    "trade_id": 1,
    "order_status": "partially_filled",
    "last_qty": 0.004,
    "last_price": 90000.1,
    "cum_qty": 0.004,
    "avg_price": 90000.1,
    "cost": 360.0004,
    "liquidity_ind": "m",
    "fees": [{"asset": "USD", "qty": 0.9}],
    "timestamp": "2026-01-01T00:00:01.000Z",
}
CANCELED = {
    "order_id": "OA",
    "exec_type": "canceled",
    "order_status": "canceled",
    "cum_qty": 0.004,
    "avg_price": 90000.1,
    "reason": "User requested",
    "timestamp": "2026-01-01T00:00:02.000Z",
}


# Spot


def test_a_trade_moves_its_order_and_no_half_of_a_mixed_batch_is_lost(spot):
    other = NEW | {"order_id": "OB", "cl_ord_id": "fg7002"}
    spot.take(executions(NEW))
    spot.take(executions(TRADE, other))
    assert [(row["id"], row["status"], row["filled"]) for row in spot.orders] == [
        ("OA", "open", "0"),
        ("OA", "open", "0.004"),
        ("OB", "open", "0"),
    ]
    (trade,) = spot.trades
    assert (trade["id"], trade["order"], trade["amount"], trade["price"]) == ("T1", "OA", "0.004", "90000.1")
    assert (trade["takerOrMaker"], trade["fee"]) == ("maker", {"cost": "0.9", "currency": "USD"})
    assert {"orders", "orders:BTC/USD", "myTrades", "myTrades:BTC/USD"} == set(spot.woken)


def test_what_a_later_word_leaves_out_was_said_before(spot):
    for element in (NEW, TRADE, CANCELED):
        spot.take(executions(element))
    last = spot.orders[-1]
    assert (last["symbol"], last["clientOrderId"], last["side"]) == ("BTC/USD", "fg7001", "buy")
    assert (last["status"], last["amount"], last["filled"]) == ("canceled", "0.01", "0.004")
    assert (last["price"], last["average"]) == ("90000.5", "90000.1")


def test_a_market_order_has_no_price_of_its_own(spot):
    market = {key: value for key, value in NEW.items() if key != "limit_price"} | {"order_type": "market"}
    done = market | {"order_status": "filled", "exec_type": "filled", "cum_qty": 0.01, "avg_price": 90000.1}
    spot.take(executions(done))
    assert (spot.orders[0]["status"], spot.orders[0]["price"]) == ("closed", None)
    assert spot.orders[0]["average"] == "90000.1"


def test_a_stop_tells_its_trigger_price(spot):
    stop = NEW | {"order_type": "stop-loss-limit", "triggers": {"price": 89000.5, "reference": "last"}}
    spot.take(executions(stop, kind="snapshot"))
    (order,) = spot.orders
    assert (order["stopLossPrice"], order["takeProfitPrice"], order["price"]) == ("89000.5", None, "90000.5")


def test_a_stop_whose_price_has_come_is_working(spot):
    stop = NEW | {"order_type": "stop-loss-limit", "triggers": {"price": 89000.5, "status": "untriggered"}}
    spot.take(executions(stop))
    spot.take(executions({"order_id": "OA", "exec_type": "status", "order_status": "triggered"}))
    assert [row["info"].get("isWorking") for row in spot.orders] == [None, True]
    assert [row["status"] for row in spot.orders] == ["open", "open"]


def test_a_symbol_in_the_venues_own_words_is_found(spot):
    spot.take(executions(NEW | {"symbol": "XBT/USD"}))
    assert spot.orders[0]["symbol"] == "BTC/USD"


def test_small_quantities_have_no_exponent(spot):
    spot.take(executions(NEW | {"order_qty": 0.00001, "cum_qty": 1e-08}))
    assert (spot.orders[0]["amount"], spot.orders[0]["filled"]) == ("0.00001", "0.00000001")


# Futures


def feed(**order):
    known = {
        "instrument": "PF_XBTUSD",
        "time": 1767225600123,
        "last_update_time": 1767225600123,
        "qty": 0.01,
        "filled": 0,
        "limit_price": 90000,
        "stop_price": 0,
        "type": "limit",
        "order_id": "0ddba11",
        "cli_ord_id": "fg7001",
        "direction": 0,
        "reduce_only": False,
    }
    return known | order


def change(reason, **order):
    return {"feed": "open_orders", "order": feed(**order), "is_cancel": False, "reason": reason}


def end(reason, order_id="0ddba11"):
    return {"feed": "open_orders", "order_id": order_id, "is_cancel": True, "reason": reason}


def told(row):
    return row["status"], Decimal(row["amount"]), Decimal(row["filled"]), row["clientOrderId"]


D = Decimal


def test_a_second_word_about_an_order_is_its_state_and_no_trade_to_reckon_with(futures):
    futures.take(change("new_placed_order_by_user"))
    futures.take(change("partial_fill", qty=0.006, filled=0.004))
    futures.take(end("full_fill"))
    assert [told(row) for row in futures.orders] == [
        ("open", D("0.01"), D(0), "fg7001"),
        ("open", D("0.01"), D("0.004"), "fg7001"),
        ("closed", D("0.01"), D("0.01"), "fg7001"),
    ]
    assert {row["symbol"] for row in futures.orders} == {"BTC/USD:USD"}
    assert {row["price"] for row in futures.orders} == {"90000"}


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("cancelled_by_user", "canceled"),
        ("contract_expired", "canceled"),
        ("liquidation", "canceled"),
        ("not_enough_margin", "rejected"),
        ("post_order_failed_because_it_would_filled", "rejected"),
        ("stop_order_triggered", "open"),
    ],
)
def test_the_reason_says_how_an_order_left_the_feed(futures, reason, status):
    futures.take(change("new_placed_order_by_user"))
    futures.take(end(reason))
    assert told(futures.orders[-1]) == (status, D("0.01"), D(0), "fg7001")
    assert futures.orders[-1]["info"]["reason"] == reason


def test_the_first_list_cancels_nothing_that_is_missing_in_it(futures):
    futures.take(change("new_placed_order_by_user"))
    other = feed(order_id="0ther", cli_ord_id="fg7002", type="take_profit", stop_price=95000, limit_price=0)
    futures.take({"feed": "open_orders_snapshot", "account": "me", "orders": [other]})
    assert [(row["id"], row["status"]) for row in futures.orders] == [("0ddba11", "open"), ("0ther", "open")]
    assert (futures.orders[1]["takeProfitPrice"], futures.orders[1]["stopLossPrice"]) == ("95000", None)
    assert (futures.orders[1]["price"], futures.orders[1]["type"]) == (None, "market")


def test_the_end_of_an_order_that_was_never_heard_of_is_left_to_the_comparison(futures):
    futures.take(end("cancelled_by_user", order_id="unheard-of"))
    assert futures.orders == []


@pytest.mark.parametrize(
    ("instrument", "symbol"), [("PF_XBTUSD", "BTC/USD:USD"), ("PI_XBTUSD", "BTC/USD:BTC")]
)
def test_a_fill_tells_what_was_paid_for_it(futures, instrument, symbol):
    fill = {
        "instrument": instrument,
        "time": 1767225600500,
        "price": 90000.5,
        "seq": 36,
        "buy": False,
        "qty": 5.0,
        "order_id": "0ddba11",
        "cli_ord_id": "fg7001",
        "fill_id": "f1",
        "fill_type": "takerAfterEdit",
        "fee_paid": -9.1e-07,
        "fee_currency": "BTC",
    }
    futures.take({"feed": "fills", "username": "me", "fills": [fill]})
    (trade,) = futures.trades
    assert (trade["symbol"], trade["order"], trade["clientOrderId"]) == (symbol, "0ddba11", "fg7001")
    assert (trade["side"], trade["takerOrMaker"], Decimal(trade["amount"])) == ("sell", "taker", D(5))
    assert trade["fee"] == {"cost": "-0.00000091", "currency": "BTC"}
