"""Entry prices and profit of linear and inverse positions."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixgate.simulator import Leg
from fixgate.simulator.instruments import DEFAULT_INSTRUMENTS
from fixgate.simulator.positions import Position
from tests.simulator.desk import Desk

UM = next(i for i in DEFAULT_INSTRUMENTS if i.leg is Leg.UM and i.symbol == "BTCUSDT")
CM = next(i for i in DEFAULT_INSTRUMENTS if i.leg is Leg.CM and i.symbol == "BTCUSD_PERP")


def test_given_two_linear_buys_when_half_is_sold_then_profit_is_against_the_average() -> None:
    position = Position(leg=Leg.UM, symbol="BTCUSDT")
    position.apply_fill(UM, "BUY", Decimal(60000), Decimal(1))
    position.apply_fill(UM, "BUY", Decimal(62000), Decimal(1))
    assert position.entry_price(UM) == 61000
    assert position.apply_fill(UM, "SELL", Decimal(63000), Decimal(1)) == 2000
    assert (position.entry_price(UM), position.unrealized(UM, Decimal(60000))) == (61000, -1000)


@pytest.mark.parametrize(("side", "close", "sign"), [("BUY", "SELL", 1), ("SELL", "BUY", -1)])
def test_given_an_inverse_position_when_closed_then_profit_is_in_coin(
    side: str, close: str, sign: int
) -> None:
    position = Position(leg=Leg.CM, symbol="BTCUSD_PERP")
    position.apply_fill(CM, side, Decimal(50000), Decimal(100))
    assert position.entry_price(CM) == 50000
    assert position.apply_fill(CM, close, Decimal(62500), Decimal(100)) == sign * Decimal("0.04")
    assert (position.quantity, position.cost) == (0, 0)


def test_given_a_fill_larger_than_the_position_then_it_turns_over_at_the_fill_price() -> None:
    position = Position(leg=Leg.UM, symbol="BTCUSDT")
    position.apply_fill(UM, "BUY", Decimal(60000), Decimal(1))
    assert position.apply_fill(UM, "SELL", Decimal(61000), Decimal(3)) == 1000
    assert (position.quantity, position.entry_price(UM)) == (-2, 61000)


fills = st.lists(
    st.tuples(st.sampled_from(["BUY", "SELL"]), st.integers(50_000, 80_000), st.integers(1, 50)), max_size=30
)


@given(fills)
def test_given_any_fills_when_all_is_closed_then_realised_profit_is_the_cash_flow(
    sequence: list[tuple[str, int, int]],
) -> None:
    position = Position(leg=Leg.UM, symbol="BTCUSDT")
    cash = Decimal(0)
    held = 0
    for side, price, quantity in sequence:
        position.apply_fill(UM, side, Decimal(price), Decimal(quantity))
        signed = quantity if side == "BUY" else -quantity
        held += signed
        cash -= signed * price
    if held:
        position.apply_fill(UM, "SELL" if held > 0 else "BUY", Decimal(65000), Decimal(abs(held)))
        cash += held * 65000
    assert position.quantity == 0
    assert abs(position.realized - cash) < Decimal("0.000001")


def test_given_a_round_trip_when_flat_then_the_wallet_moved_by_profit_less_commission() -> None:
    desk = Desk()
    desk.hold("0.010", price="65000.00")
    desk.market("BUY", "66000.00", "0.010")
    placement = desk.send("SELL", "0.010")
    assert placement.fills[0].realized_pnl == 10
    assert desk.account.wallets[Leg.UM, "USDT"] == 10 - Decimal("0.325") - Decimal("0.33")
    assert desk.last_event(placement.order)["rp"] == "10.00000000"
    assert desk.named("ACCOUNT_UPDATE")[-1]["a"]["P"][0]["pa"] == "0"
