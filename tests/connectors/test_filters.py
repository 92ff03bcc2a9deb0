"""The filters, held against plain decimal arithmetic, and what a refusal says."""

from decimal import Decimal as D

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fixgate.connectors.binance_pm.filters import (
    Grid,
    check_notional,
    check_open_orders,
    check_price,
    check_quantity,
)
from fixgate.model.enums import InstrumentType, OrderType, OrdRejReason, ProductType
from fixgate.model.instrument import Instrument
from fixgate.model.refusal import Refused

BTCUSDT = Instrument(
    symbol="BTCUSDT",
    instrument_type=InstrumentType.FUTURE,
    product_type=ProductType.FUTURE,
    base="BTC",
    currency="USDT",
    tick_size=D("0.10"),
    min_price=D("261.10"),
    max_price=D("809484"),
    lot_size=D("0.001"),
    min_quantity=D("0.001"),
    max_quantity=D("1000"),
    market_lot_size=D("0.001"),
    market_min_quantity=D("0.001"),
    market_max_quantity=D("120"),
    min_notional=D("50"),
    max_open_orders=200,
)
SPOT = Instrument(
    symbol="ETHUSDT",
    instrument_type=InstrumentType.FX,
    product_type=ProductType.SPOT,
    base="ETH",
    currency="USDT",
    tick_size=D("0.01"),
    min_price=D("0.01"),
    max_price=D("1000000"),
    lot_size=D("0.0001"),
    min_quantity=D("0.0001"),
    max_quantity=D("9000"),
    market_lot_size=D("0.0001"),
    market_min_quantity=D("0.0001"),
    market_max_quantity=D("2500"),
    min_notional=D("5"),
    max_notional=D("9000000"),
)

PLACES = st.integers(0, 8)
STEPS = st.builds(lambda digits, places: D(digits).scaleb(-places), st.integers(1, 500), PLACES)
NUMBERS = st.builds(lambda digits, places: D(digits).scaleb(-places), st.integers(0, 10**9), PLACES)


def refusal(check, *args) -> Refused:
    with pytest.raises(Refused) as refused:
        check(*args)
    return refused.value


def allowed(low: D, high: D, step: D, base: D, value: D) -> bool:
    """The rule as the venue states it."""
    return (
        value > 0
        and value >= low
        and (not high or value <= high)
        and (not step or (value - base) % step == 0)
    )


@given(
    product=st.sampled_from(ProductType), step=STEPS, low=NUMBERS, steps=st.integers(0, 10**6), value=NUMBERS
)
def test_a_price_passes_exactly_when_the_rule_says_so(product, step, low, steps, value):
    high = low + steps * step if steps else D(0)
    instrument = Instrument(
        symbol="S", instrument_type=InstrumentType.FX, product_type=product, base="B", currency="Q",
        tick_size=step, min_price=low, max_price=high,
    )  # fmt: skip
    base = D(0) if product is ProductType.SPOT else low
    for price in (value, base + (value // step) * step):
        if allowed(low, high, step, base, price):
            check_price(instrument, price)
        else:
            assert "(S PRICE_FILTER)" in refusal(check_price, instrument, price).text


@given(
    product=st.sampled_from(ProductType),
    kind=st.sampled_from([OrderType.LIMIT, OrderType.MARKET]),
    step=STEPS,
    low=NUMBERS,
    value=NUMBERS,
    high=NUMBERS,
)
def test_a_quantity_passes_exactly_when_the_rule_of_its_order_type_says_so(
    product, kind, step, low, value, high
):
    market = kind is OrderType.MARKET
    prefix = "market_" if market else ""
    bounds = {f"{prefix}min_quantity": low, f"{prefix}max_quantity": high, f"{prefix}lot_size": step}
    instrument = Instrument(
        symbol="S", instrument_type=InstrumentType.FX, product_type=product, base="B", currency="Q", **bounds
    )
    base = D(0) if product is ProductType.SPOT else low
    for quantity in (value, base + (value // step) * step):
        if allowed(low, high, step, base, quantity):
            check_quantity(instrument, quantity, kind)
        else:
            name = "MARKET_LOT_SIZE" if market else "LOT_SIZE"
            assert f"(S {name})" in refusal(check_quantity, instrument, quantity, kind).text


@given(low=NUMBERS, steps=st.integers(0, 10**6), step=STEPS, value=NUMBERS, spot=st.booleans())
def test_the_nearest_values_are_valid_and_nothing_valid_lies_between(low, steps, step, value, spot):
    high = low + steps * step if steps else D(0)
    base = D(0) if spot else low
    grid = Grid(low, high, step, base)
    below, above = grid.at_or_below(value), grid.at_or_above(value)
    for near in (below, above):
        assert near is None or allowed(low, high, step, base, near)
    if allowed(low, high, step, base, value):
        assert below == above == value
    elif below is not None and above is not None:
        assert below < value < above and above - below == step


def test_a_price_off_the_tick_is_refused_with_its_two_neighbours():
    assert refusal(check_price, BTCUSDT, D("50000.123")).text == (
        "price 50000.123 is not a multiple of tick size 0.10 (BTCUSDT PRICE_FILTER); "
        "nearest are 50000.10 and 50000.20"
    )


LIMIT, MARKET = OrderType.LIMIT, OrderType.MARKET


@pytest.mark.parametrize(
    ("check", "instrument", "args", "said", "near"),
    [
        (check_price, BTCUSDT, ("100",), "price 100 is below the minimum 261.10", "is 261.10"),
        (check_price, BTCUSDT, ("809484.1",), "price 809484.1 is above the maximum 809484", "is 809484.00"),
        (check_price, SPOT, ("0",), "price 0 is below the minimum 0.01", "is 0.01"),
        (
            check_quantity,
            BTCUSDT,
            ("0.0105", LIMIT),
            "quantity 0.0105 is not a multiple of lot size 0.001",
            "are 0.010 and 0.011",
        ),
        (check_quantity, BTCUSDT, ("121", MARKET), "quantity 121 is above the maximum 120", "is 120.000"),
        (check_quantity, SPOT, ("-1", LIMIT), "quantity -1 is below the minimum 0.0001", "is 0.0001"),
    ],
)
def test_a_refusal_names_filter_value_and_what_would_be_right(check, instrument, args, said, near):
    name = "PRICE_FILTER" if check is check_price else {LIMIT: "LOT_SIZE", MARKET: "MARKET_LOT_SIZE"}[args[1]]
    text = refusal(check, instrument, D(args[0]), *args[1:]).text
    assert text == f"{said} ({instrument.symbol} {name}); nearest {near}"


def test_an_order_worth_too_little_is_told_the_least_quantity():
    refused = refusal(check_notional, BTCUSDT, D("65000.00"), D("0.0005"))
    assert refused.text == (
        "price times quantity 32.500000 is below the minimum 50 USDT (BTCUSDT MIN_NOTIONAL); "
        "at price 65000.00 the least quantity is 0.001"
    )


def test_an_order_worth_too_much_is_told_the_highest_quantity():
    refused = refusal(check_notional, SPOT, D("3300"), D("3000"))
    assert "is above the maximum 9000000 USDT (ETHUSDT NOTIONAL)" in refused.text
    assert refused.text.endswith("at price 3300 the highest quantity is 2727.2727")


@given(price=NUMBERS, quantity=NUMBERS, least=NUMBERS)
def test_the_least_quantity_is_worth_enough_and_one_step_less_is_not(price, quantity, least):
    assume(price > 0 and price * quantity < least)
    instrument = Instrument(
        symbol="S", instrument_type=InstrumentType.FX, product_type=ProductType.SPOT, base="B", currency="Q",
        lot_size=D("0.001"), min_notional=least,
    )  # fmt: skip
    words = refusal(check_notional, instrument, price, quantity).text
    found = D(words.rpartition(" ")[2])
    assert found * price >= least > (found - D("0.001")) * price


def test_a_market_order_has_no_price_to_value_it_by_and_is_left_to_the_venue():
    check_notional(BTCUSDT, None, D("0.001"))


def test_as_many_open_orders_as_there_can_be_leave_no_room_for_one_more():
    check_open_orders(BTCUSDT, 199)
    check_open_orders(SPOT, 10_000)
    refused = refusal(check_open_orders, BTCUSDT, 200)
    assert refused.reason is OrdRejReason.EXCEEDS_LIMIT
    assert "at most 200 can be (BTCUSDT MAX_NUM_ORDERS)" in refused.text


def test_numbers_longer_than_any_venue_takes_are_refused_and_not_miscounted():
    vast = D("9" * 38)
    assert "above the maximum" in refusal(check_price, BTCUSDT, vast).text
    unbounded = Instrument(
        symbol="S", instrument_type=InstrumentType.FX, product_type=ProductType.SPOT, base="B", currency="Q",
        tick_size=D("0.00000002"),
    )  # fmt: skip
    check_price(unbounded, vast - 1)
    assert "not a multiple" in refusal(check_price, unbounded, D("9" * 38 + ".00000001")).text
