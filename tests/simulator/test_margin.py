"""The margin leg: balances, side effects, LIMIT_MAKER and its own way of saying no."""

from decimal import Decimal

import pytest

from fixgate.simulator import Leg
from fixgate.simulator.accounts import MarginAsset
from fixgate.simulator.parameters import parse_new_order
from fixgate.simulator.replies import margin_cancel, margin_new
from tests.simulator.desk import MAIN, Desk, refused


def desk_with(usdt: str, btc: str = "0") -> Desk:
    return Desk(Leg.MARGIN, USDT=usdt, BTC=btc)


def wallet(desk: Desk, asset: str) -> MarginAsset:
    return desk.account.asset(asset)


def test_given_a_limit_buy_when_it_rests_then_its_cost_is_locked_until_cancelled() -> None:
    desk = desk_with("1000")
    order = desk.buy("0.01", "64000.00")
    assert (wallet(desk, "USDT").free, wallet(desk, "USDT").locked) == (360, 640)
    assert desk.named("outboundAccountPosition")[-1]["B"] == [
        {"a": "USDT", "f": "360.00000000", "l": "640.00000000"}
    ]
    desk.cancel(order)
    assert (wallet(desk, "USDT").free, wallet(desk, "USDT").locked) == (1000, 0)


def test_given_a_better_price_when_a_limit_buy_fills_then_the_difference_comes_back() -> None:
    desk = desk_with("1000")
    desk.market("SELL", "64000.00", "0.01")
    desk.buy("0.01", "65000.00")
    assert (wallet(desk, "USDT").free, wallet(desk, "USDT").locked) == (360, 0)
    assert wallet(desk, "BTC").free == Decimal("0.00999")


def test_given_a_sell_when_it_fills_then_the_commission_is_in_what_is_received() -> None:
    desk = desk_with("0", "1")
    desk.market("BUY", "64000.00", "0.01")
    placement = desk.send("SELL", "0.01", "64000.00")
    assert placement.fills[0].commission_asset == "USDT"
    assert wallet(desk, "USDT").free == Decimal("639.36")
    assert wallet(desk, "BTC").free == Decimal("0.99")


@pytest.mark.parametrize("side_effect", ["NO_SIDE_EFFECT", "AUTO_REPAY"])
def test_given_too_little_when_nothing_may_be_borrowed_then_2010(side_effect: str) -> None:
    desk = desk_with("100")
    with refused(-2010, "insufficient balance"):
        desk.buy("0.01", "64000.00", sideEffectType=side_effect)
    assert (wallet(desk, "USDT").free, desk.log) == (100, [])


@pytest.mark.parametrize("side_effect", ["MARGIN_BUY", "AUTO_BORROW_REPAY"])
def test_given_too_little_when_borrowing_then_the_shortfall_is_lent_and_told(side_effect: str) -> None:
    desk = desk_with("500")
    placement = desk.send("BUY", "0.01", "64000.00", sideEffectType=side_effect)
    reply = margin_new(placement.order, placement.fills, "FULL")
    assert (reply["marginBuyBorrowAmount"], reply["marginBuyBorrowAsset"]) == ("140.00000000", "USDT")
    assert wallet(desk, "USDT").borrowed == 140
    change = desk.named("liabilityChange")[0]
    assert (change["t"], change["p"], change["l"]) == ("BORROW", "140.00000000", "140.00000000")


def test_given_more_than_the_account_may_owe_when_borrowing_then_51006() -> None:
    desk = desk_with("10")
    with refused(51006):
        desk.buy("1", "64000.00", sideEffectType="MARGIN_BUY")


def test_given_a_debt_when_an_auto_repay_order_fills_then_interest_then_principal_are_paid() -> None:
    desk = desk_with("0", "1")
    wallet(desk, "USDT").borrowed, wallet(desk, "USDT").interest = Decimal(500), Decimal(10)
    desk.market("BUY", "64000.00", "0.005")
    desk.sell("0.005", "64000.00", sideEffectType="AUTO_REPAY")
    change = desk.named("liabilityChange")[0]
    assert (change["t"], change["i"], change["p"]) == ("REPAY", "10.00000000", "309.68000000")
    assert (wallet(desk, "USDT").interest, wallet(desk, "USDT").borrowed) == (0, Decimal("190.32"))
    assert wallet(desk, "USDT").free == 0


@pytest.mark.parametrize(("repay", "owed"), [("true", 0), ("false", 140)])
def test_given_a_loan_when_its_order_is_cancelled_then_it_is_repaid_only_if_asked(
    repay: str, owed: int
) -> None:
    desk = desk_with("500")
    order = desk.buy("0.01", "64000.00", sideEffectType="MARGIN_BUY", autoRepayAtCancel=repay)
    desk.cancel(order)
    assert wallet(desk, "USDT").borrowed == owed
    assert wallet(desk, "USDT").net == 500


def test_given_limit_maker_when_it_would_take_then_2010_and_no_trace() -> None:
    desk = desk_with("10000")
    desk.market("SELL", "65000.00", "1")
    with refused(-2010, "Order would immediately match and take."):
        desk.buy("0.01", "65000.00", type="LIMIT_MAKER")
    assert desk.log == []
    assert desk.buy("0.01", "64999.99", type="LIMIT_MAKER").status == "NEW"


def test_given_an_open_client_id_when_sent_again_then_2010_duplicate() -> None:
    desk = desk_with("10000")
    desk.buy("0.01", "64000.00", newClientOrderId="same")
    with refused(-2010, "Duplicate order sent."):
        desk.buy("0.01", "64000.00", newClientOrderId="same")


def test_given_a_cancel_id_when_cancelled_then_it_stands_for_the_order_in_reply_and_event() -> None:
    desk = desk_with("10000")
    order = desk.buy("0.01", "64000.00", newClientOrderId="mine")
    desk.cancel(order, cancel_id="cancel-77")
    event = desk.last_event(order)
    assert (event["c"], event["C"]) == ("cancel-77", "mine")
    reply = margin_cancel(order)
    assert (reply["clientOrderId"], reply["origClientOrderId"]) == ("cancel-77", "mine")


@pytest.mark.parametrize(
    ("tif", "reason"),
    [("IOC", "UNFILLED_IOC_QUANTITY_EXPIRED"), ("FOK", "UNFILLED_FOK_ORDER_EXPIRED")],
)
def test_given_too_little_depth_when_ioc_or_fok_comes_then_it_expires_with_its_reason(
    tif: str, reason: str
) -> None:
    desk = desk_with("10000")
    desk.market("SELL", "65000.00", "0.004")
    order = desk.buy("0.01", "65000.00", timeInForce=tif)
    assert (order.status, desk.last_event(order)["eR"]) == ("EXPIRED", reason)
    assert order.executed == (Decimal("0.004") if tif == "IOC" else 0)
    assert wallet(desk, "USDT").locked == 0


def test_given_a_quote_amount_when_a_market_buy_comes_then_it_spends_no_more() -> None:
    desk = desk_with("1000")
    desk.market("SELL", "65000.00", "1")
    parameters = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quoteOrderQty": "650"}
    order = desk.exchange.place(MAIN, parse_new_order(Leg.MARGIN, parameters)).order
    assert (order.executed, order.cum_quote) == (Decimal("0.01"), 650)
    assert desk.last_event(order)["Q"] == "650.00000000"


@pytest.mark.parametrize(
    ("quantity", "price", "code", "text"),
    [
        ("0.01", "64000.001", -1013, "PRICE_FILTER"),
        ("0.000001", "64000.00", -1013, "LOT_SIZE"),
        ("0.00001", "64000.00", -1013, "NOTIONAL"),
        ("0.01", "400000.00", -1013, "PERCENT_PRICE_BY_SIDE"),
        ("0.01", "80000.00", 51113, "15%"),
    ],
)
def test_given_a_broken_filter_then_the_margin_engines_words(
    quantity: str, price: str, code: int, text: str
) -> None:
    with refused(code, text):
        desk_with("100000").buy(quantity, price)


def test_given_no_open_orders_when_cancel_all_then_2011() -> None:
    with refused(-2011):
        desk_with("1").exchange.cancel_all(MAIN, Leg.MARGIN, "BTCUSDT")


def test_given_own_orders_in_the_book_when_fok_comes_then_they_do_not_count_as_depth() -> None:
    desk = Desk(Leg.MARGIN)
    mine = desk.sell("0.01", "65000.00")
    assert desk.buy("0.01", "65000.00", timeInForce="FOK").status == "EXPIRED"
    assert mine.status == "NEW"


def test_given_own_orders_in_the_way_when_a_market_buy_comes_then_what_it_really_costs_is_locked() -> None:
    desk = desk_with("1000", "1")
    desk.sell("0.01", "60000.00")
    desk.market("SELL", "64000.00", "0.01")
    assert desk.buy("0.01").status == "FILLED"
    assert (wallet(desk, "USDT").free, wallet(desk, "USDT").locked) == (360, 0)
