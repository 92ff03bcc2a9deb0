"""New and cancelled futures orders: times in force, post-only, identity, filters, margin."""

from decimal import Decimal

import pytest

from fixgate.simulator import Leg
from fixgate.simulator.accounts import is_visible
from tests.simulator.desk import MAIN, OTHER, Desk, refused

FUTURES = pytest.mark.parametrize("leg", [Leg.UM, Leg.CM])
Q = {Leg.UM: "0.010", Leg.CM: "10"}


@FUTURES
def test_given_an_empty_book_when_a_gtc_limit_comes_then_it_rests_and_is_new(leg: Leg) -> None:
    desk = Desk(leg)
    order = desk.buy(Q[leg], "64000.0")
    assert (order.status, desk.events(order)) == ("NEW", [("NEW", "NEW")])
    assert desk.account.list_open(leg, None) == [order]


@FUTURES
def test_given_a_taker_when_it_fills_then_ack_says_new_and_events_tell_the_fills(leg: Leg) -> None:
    desk = Desk(leg)
    desk.market("SELL", "65000.0", Q[leg])
    placement = desk.send("BUY", Q[leg], "65000.0")
    assert (placement.ack.status, placement.ack.executed) == ("NEW", 0)
    assert placement.order.status == "FILLED"
    assert desk.events(placement.order) == [("NEW", "NEW"), ("TRADE", "FILLED")]
    assert desk.named("ACCOUNT_UPDATE")[-1]["a"]["P"][0]["pa"] == Q[leg]


def test_given_depth_when_a_market_order_sweeps_it_then_best_prices_trade_first() -> None:
    desk = Desk()
    desk.market("SELL", "65010.00", "0.004")
    desk.market("SELL", "65000.00", "0.006")
    fills = desk.send("BUY", "0.010").fills
    assert [(f.price, f.quantity) for f in fills] == [
        (Decimal("65000.00"), Decimal("0.006")),
        (Decimal("65010.00"), Decimal("0.004")),
    ]
    assert fills[0].commission == Decimal("0.19500000") and fills[0].commission_asset == "USDT"


@FUTURES
def test_given_too_little_depth_when_a_market_order_comes_then_the_remainder_expires(leg: Leg) -> None:
    desk = Desk(leg)
    part = "0.004" if leg is Leg.UM else "4"
    desk.market("SELL", "65000.0", part)
    order = desk.buy(Q[leg])
    assert desk.events(order) == [("NEW", "NEW"), ("TRADE", "PARTIALLY_FILLED"), ("EXPIRED", "EXPIRED")]
    assert (order.executed, desk.last_event(order)["er"]) == (Decimal(part), "9")


@FUTURES
def test_given_an_ioc_when_part_executes_then_the_rest_expires_with_reason_2(leg: Leg) -> None:
    desk = Desk(leg)
    desk.market("SELL", "65000.0", "0.004" if leg is Leg.UM else "4")
    order = desk.buy(Q[leg], "65000.0", timeInForce="IOC")
    assert (order.status, desk.last_event(order)["er"]) == ("EXPIRED", "2")
    assert desk.last_event(order)["z"] == ("0.004" if leg is Leg.UM else "4")


def test_given_um_when_post_only_would_take_then_5022_and_no_trace() -> None:
    desk = Desk()
    desk.market("SELL", "65000.00", "1")
    with refused(-5022):
        desk.buy("0.01", "65000.00", timeInForce="GTX", newClientOrderId="gtx")
    assert desk.log == []
    with refused(-2013):
        desk.account.query(Leg.UM, "BTCUSDT", None, "gtx", desk.clock())


def test_given_cm_when_post_only_would_take_then_accepted_and_expired_with_reason_11() -> None:
    desk = Desk(Leg.CM)
    desk.market("SELL", "65000.0", "10")
    order = desk.buy("1", "65000.0", timeInForce="GTX")
    assert desk.events(order) == [("NEW", "NEW"), ("EXPIRED", "EXPIRED")]
    assert desk.last_event(order)["er"] == "11"


@FUTURES
def test_given_post_only_when_it_does_not_cross_then_it_rests(leg: Leg) -> None:
    desk = Desk(leg)
    desk.market("SELL", "65000.0", "10")
    assert desk.buy(Q[leg], "64999.9", timeInForce="GTX").status == "NEW"


def test_given_um_when_fok_cannot_fill_then_5021_and_no_trace() -> None:
    desk = Desk()
    desk.market("SELL", "65000.00", "0.009")
    with refused(-5021):
        desk.buy("0.010", "65000.00", timeInForce="FOK")
    assert desk.log == []


def test_given_cm_when_fok_cannot_fill_then_accepted_and_expired_with_reason_10() -> None:
    desk = Desk(Leg.CM)
    desk.market("SELL", "65000.0", "9")
    order = desk.buy("10", "65000.0", timeInForce="FOK")
    assert (order.status, order.executed, desk.last_event(order)["er"]) == ("EXPIRED", 0, "10")


@FUTURES
def test_given_enough_depth_when_fok_comes_then_it_fills_whole(leg: Leg) -> None:
    desk = Desk(leg)
    half = "0.005" if leg is Leg.UM else "5"
    desk.market("SELL", "64999.0", half)
    desk.market("SELL", "65000.0", half)
    assert desk.buy(Q[leg], "65000.0", timeInForce="FOK").status == "FILLED"


@FUTURES
def test_given_an_open_client_id_when_sent_again_then_4116_until_it_is_closed(leg: Leg) -> None:
    desk = Desk(leg)
    order = desk.buy(Q[leg], "64000.0", newClientOrderId="same")
    with refused(-4116, "duplicated"):
        desk.buy(Q[leg], "64000.0", newClientOrderId="same")
    desk.cancel(order)
    again = desk.buy(Q[leg], "64000.0", newClientOrderId="same")
    assert desk.account.find(leg, desk.symbol, None, "same") is again


@FUTURES
def test_given_a_terminal_order_when_cancelled_again_then_2011(leg: Leg) -> None:
    desk = Desk(leg)
    order = desk.buy(Q[leg], "64000.0")
    desk.cancel(order)
    assert desk.events(order)[-1] == ("CANCELED", "CANCELED")
    with refused(-2011, "Unknown order sent."):
        desk.cancel(order)


@FUTURES
def test_given_orders_on_two_symbols_when_cancel_all_then_only_the_named_symbol(leg: Leg) -> None:
    desk = Desk(leg)
    first, second = desk.buy(Q[leg], "64000.0"), desk.buy(Q[leg], "63000.0")
    symbol = "ETHUSDT" if leg is Leg.UM else "ETHUSD_PERP"
    elsewhere = desk.buy("10", "3000.00", symbol=symbol)
    desk.exchange.cancel_all(MAIN, leg, desk.symbol)
    assert (first.status, second.status, elsewhere.status) == ("CANCELED", "CANCELED", "NEW")


def test_given_old_unfilled_cancels_when_queried_then_invisible_after_three_days() -> None:
    desk = Desk()
    order = desk.cancel(desk.buy("0.01", "64000.00"))
    assert is_visible(order, desk.clock() + 3 * 86_400_000)
    desk.clock.now += 3 * 86_400_000 + 1
    with refused(-2013):
        desk.account.query(Leg.UM, "BTCUSDT", order.order_id, "", desk.clock())


@pytest.mark.parametrize(
    ("quantity", "price", "code"),
    [
        ("0.010", "0", -4001),
        ("0.010", "900000", -4002),
        ("0.010", "100.10", -4013),
        ("0.010", "64000.05", -4014),
        ("0.010", "64000.001", -1111),
        ("0", "64000.00", -4003),
        ("1001", "64000.00", -4005),
        ("0.0101", "64000.00", -1111),
        ("0.0005", "64000.00", -1111),
        ("0.001", "30000.00", -4164),
        ("0.010", "68250.10", -4016),
    ],
)
def test_given_um_when_a_filter_is_broken_then_its_code(quantity: str, price: str, code: int) -> None:
    desk = Desk()
    with refused(code):
        desk.buy(quantity, price)
    assert desk.log == []


def test_given_um_when_a_sell_is_priced_too_low_then_4024() -> None:
    with refused(-4024):
        Desk().sell("0.010", "61749.90")


def test_given_um_when_a_market_order_is_larger_than_its_own_limit_then_4005() -> None:
    with refused(-4005):
        Desk().buy("121")


@pytest.mark.parametrize(("leg", "code"), [(Leg.UM, -4131), (Leg.CM, -4113)])
def test_given_a_far_best_price_when_a_market_order_comes_then_it_is_refused(leg: Leg, code: int) -> None:
    desk = Desk(leg)
    desk.market("SELL", "68300.0", "10")
    with refused(code):
        desk.buy(Q[leg])


@FUTURES
def test_given_no_money_when_an_order_opens_a_position_then_2019(leg: Leg) -> None:
    desk = Desk(leg, USDT="10")
    with refused(-2019, "Margin is insufficient."):
        desk.buy(Q[leg], "64000.0")


def test_given_open_orders_when_margin_is_used_up_then_2019_until_one_is_cancelled() -> None:
    desk = Desk(USDT="3300")
    order = desk.buy("1", "64000.00")
    with refused(-2019):
        desk.buy("0.1", "64000.00")
    desk.cancel(order)
    assert desk.buy("0.1", "64000.00").is_open


def test_given_200_open_orders_when_one_more_comes_then_2025() -> None:
    desk = Desk()
    for _ in range(200):
        desk.buy("0.001", "60000.00")
    with refused(-2025):
        desk.buy("0.001", "60000.00")


@pytest.mark.parametrize("side", ["LONG", "SHORT"])
def test_given_one_way_mode_when_a_position_side_is_named_then_4061(side: str) -> None:
    with refused(-4061):
        Desk().buy("0.01", "64000.00", positionSide=side)


def test_given_hedge_mode_when_the_position_side_is_left_out_then_4061() -> None:
    with refused(-4061):
        Desk(hedge_mode=True).buy("0.01", "64000.00")


@pytest.mark.parametrize("value", ["true", "false"])
def test_given_hedge_mode_when_reduce_only_is_sent_then_1106(value: str) -> None:
    with refused(-1106, "reduceOnly"):
        Desk(hedge_mode=True).buy("0.01", "64000.00", positionSide="LONG", reduceOnly=value)


def test_given_an_unknown_symbol_or_account_then_1121_or_1109() -> None:
    desk = Desk()
    with refused(-1121):
        desk.buy("0.01", "64000.00", symbol="NOPE")
    with refused(-1109):
        desk.buy("0.01", "64000.00", account="nobody")


def test_given_two_accounts_when_they_trade_then_each_hears_its_own_side() -> None:
    desk = Desk()
    maker = desk.sell("0.01", "65000.00", account=OTHER)
    taker = desk.buy("0.01", "65000.00")
    heard = {account: event["o"]["i"] for account, event in desk.log if event["e"] == "ORDER_TRADE_UPDATE"}
    assert heard == {OTHER: maker.order_id, MAIN: taker.order_id}
    assert desk.last_event(maker)["m"] is True and desk.last_event(taker)["m"] is False


@FUTURES
def test_given_two_fills_then_the_average_price_weighs_both(leg: Leg) -> None:
    desk = Desk(leg)
    half = "0.005" if leg is Leg.UM else "5"
    desk.market("SELL", "64000.0", half)
    desk.market("SELL", "66000.0", half)
    order = desk.buy(Q[leg], "66000.0")
    linear, harmonic = "65000.00000", "64984.6154"
    assert desk.last_event(order)["ap"] == (linear if leg is Leg.UM else harmonic)


def test_given_an_unrealised_loss_then_there_is_less_to_open_positions_with() -> None:
    desk = Desk(USDT="1000")
    desk.hold("0.020", price="65000.00")
    assert desk.cancel(desk.buy("0.100", "65000.00")).status == "CANCELED"
    desk.exchange.set_reference_price(Leg.UM, "BTCUSDT", Decimal(20000))
    with refused(-2019):
        desk.buy("0.100", "20000.00")
