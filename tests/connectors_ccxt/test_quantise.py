"""Steps and bounds, exactly: whatever is let through fits, and what is refused names what would."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fixgate.connectors.ccxt.quantise import amount_of, check_cost, check_price, quantity_of
from fixgate.model.enums import OrdRejReason
from fixgate.model.refusal import Refused
from tests.connectors_ccxt.rows import INVERSE, SPOT, SWAP

STEPS = st.sampled_from([Decimal(text) for text in ("1", "10", "0.1", "0.25", "0.001", "0.00000001", "3")])
SIZES = st.sampled_from([Decimal(text) for text in ("1", "0.01", "0.0001", "10", "1000", "0.3")])
QUANTITIES = st.decimals("0.00000001", "1000000", places=8)


@given(QUANTITIES, STEPS, SIZES)
def test_what_is_let_through_is_whole_lots_and_comes_back_unchanged(quantity, lot, size):
    market = replace(SWAP, lot=lot, contract_size=size, min_amount=Decimal(0))
    try:
        amount = amount_of(quantity, market)
    except Refused as refused:
        assert refused.reason is OrdRejReason.INCORRECT_QUANTITY
        return
    assert amount % lot == 0
    assert amount * size == quantity == quantity_of(amount, market)


@given(QUANTITIES, STEPS, SIZES)
def test_what_is_refused_names_the_nearest_quantities_and_they_fit(quantity, lot, size):
    market = replace(SWAP, lot=lot, contract_size=size, min_amount=Decimal(0))
    step = lot * size
    if quantity % step == 0:
        return
    with pytest.raises(Refused) as refused:
        amount_of(quantity, market)
    named = [Decimal(each) for each in re.findall(r"[\d.]+", refused.value.text.rpartition(":")[2])]
    assert named and all(abs(each - quantity) < step for each in named)
    for each in named:
        assert amount_of(each, market) % lot == 0


@given(st.decimals("0.01", "200000", places=4), st.sampled_from([Decimal("0.1"), Decimal("0.5"), Decimal(1)]))
def test_a_price_fits_or_is_refused_with_its_neighbours(price, tick):
    market = replace(SPOT, tick=tick)
    if price % tick == 0:
        check_price(price, market)
        return
    with pytest.raises(Refused, match="is not a multiple of tick size") as refused:
        check_price(price, market)
    named = [Decimal(each) for each in re.findall(r"[\d.]+", refused.value.text.rpartition(":")[2])]
    assert all(each % tick == 0 and abs(each - price) < tick for each in named)


@pytest.mark.parametrize(
    ("quantity", "market", "words"),
    [
        ("0.0105", SPOT, r"0\.0105 BTC is no whole number of lots of 0\.001 .*: 0\.010 or 0\.011 would fit"),
        ("0.0004", SPOT, "below the smallest, 0.001"),
        ("101", SPOT, "above the largest, 100"),
        ("0", SPOT, "not above zero"),
        ("0.015", SWAP, r"lots of 0\.01 .*: 0\.01 or 0\.02 would fit"),
        ("1.5", INVERSE, "1.5 contracts is no whole number of lots of 1"),
    ],
)
def test_a_refusal_says_what_was_wrong_and_what_would_be_right(quantity, market, words):
    with pytest.raises(Refused, match=words):
        amount_of(Decimal(quantity), market)


@pytest.mark.parametrize(
    ("amount", "size", "text"),
    [("20", "0.0001", "0.002"), ("0.20", "0.01", "0.002"), ("20", "10", "200"), ("0", "0.0001", "0")],
)
def test_contracts_become_a_number_without_zeros_at_its_end(amount, size, text):
    assert str(quantity_of(Decimal(amount), replace(SWAP, contract_size=Decimal(size)))) == text


def test_base_asset_becomes_contracts_exactly():
    assert amount_of(Decimal("1.23"), SWAP) == 123
    assert amount_of(Decimal(7), INVERSE) == 7
    assert amount_of(Decimal("0.123"), SPOT) == Decimal("0.123")


def test_an_order_below_the_smallest_worth_is_refused():
    with pytest.raises(Refused, match=r"worth 9 USDT, below the smallest, 10 USDT"):
        check_cost(Decimal("0.001"), Decimal(9000), SPOT)
    with pytest.raises(Refused, match="below the smallest, 100 USD"):
        check_cost(Decimal("0.5"), None, INVERSE)
    check_cost(Decimal("0.001"), Decimal(10000), SPOT)
    check_cost(Decimal(1), None, INVERSE)
    check_cost(Decimal("0.001"), None, SPOT)


def test_a_hostile_number_is_refused_and_does_not_stall():
    with pytest.raises(Refused, match="above the largest"):
        amount_of(Decimal("9" * 38), SPOT)
