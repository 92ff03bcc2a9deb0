"""Position modes: "Position Mode" to "Hedge Position Mode" of the connector specification."""

from decimal import Decimal

import pytest

from .trading import LEG, SYMBOL

pytestmark = pytest.mark.asyncio(loop_scope="session")

FUTURES = ["FUTURE", "DELIVERY"]
BUY, SELL = "1", "2"
PRICE = "60000.0"
UNIT = {"FUTURE": Decimal("0.010"), "DELIVERY": Decimal(10)}


def position(desk, product, side, account="HEDGE"):
    """Return the signed size of a position at the exchange, 0 for none."""
    held = desk.exchange.exchange.account(account).positions.get((LEG[product], SYMBOL[product], side))
    return held.quantity if held is not None else Decimal(0)


async def trade(desk, product, side, quantity, position_side):
    """Let an order in hedge mode meet somebody who takes all of it; return its ClOrdID and its fill."""
    desk.exchange.quote(product, "SELL" if side == BUY else "BUY", PRICE, str(quantity))
    order = await desk.order(
        product, "HEDGE", side=side, quantity=str(quantity), price=PRICE, extra=[(6200, position_side)]
    )
    return order, await desk.told(order, "F")


@pytest.mark.parametrize("product", FUTURES)
async def test_long_and_short_positions_of_one_contract_exist_side_by_side(desk, product):
    unit = UNIT[product]
    _, bought = await trade(desk, product, BUY, 2 * unit, "LONG")
    _, sold = await trade(desk, product, SELL, unit, "SHORT")
    assert (bought[6200], sold[6200]) == ("LONG", "SHORT")
    sizes = [position(desk, product, side) for side in ("LONG", "SHORT", "BOTH")]
    assert sizes == [2 * unit, -unit, 0]


@pytest.mark.parametrize("product", FUTURES)
@pytest.mark.parametrize(
    ("opens", "closes", "side"), [(BUY, SELL, "LONG"), (SELL, BUY, "SHORT")], ids=["LONG", "SHORT"]
)
async def test_an_order_that_closes_more_than_is_held_in_hedge_mode_stops_at_zero(
    desk, product, opens, closes, side
):
    unit = UNIT[product]
    await trade(desk, product, opens, unit, side)
    order, fill = await trade(desk, product, closes, 3 * unit, side)
    assert Decimal(fill[32]) == unit and Decimal(fill[151]) == 2 * unit
    assert position(desk, product, side) == 0
    rest = await desk.told(order, "4")
    assert Decimal(rest[14]) == unit and "the position is closed" in rest[58]
    sent = desk.exchange.sent("POST", product)
    assert [(params["positionSide"], "reduceOnly" in params) for params in sent] == [(side, False)] * 2


@pytest.mark.parametrize("product", FUTURES)
async def test_reduce_only_is_off_unless_an_order_asks_for_it(desk, product):
    await desk.working(product)
    await desk.working(product, extra=[(6201, "false")])
    assert ["reduceOnly" in sent for sent in desk.exchange.sent("POST", product)] == [False, False]


@pytest.mark.parametrize(("tag", "value"), [(6200, "BOTH"), (6200, "LONG"), (6201, "true"), (6201, "false")])
async def test_position_attributes_are_not_for_spot(desk, tag, value):
    refused = await desk.refused(await desk.order("SPOT", extra=[(tag, value)]))
    assert str(tag) in refused[58] and "SPOT" in refused[58] and refused[103] == "11"
    assert not desk.exchange.sent("POST", "SPOT")


async def test_self_trade_prevention_cannot_be_chosen_on_delivery(desk):
    refused = await desk.refused(await desk.order("DELIVERY", extra=[(6102, "EXPIRE_BOTH")]))
    assert "6102" in refused[58] and refused[103] == "11" and not desk.exchange.sent("POST", "DELIVERY")
    await desk.working("DELIVERY", "CANCEL_BOTH")
    assert "selfTradePreventionMode" not in desk.exchange.sent("POST", "DELIVERY")[0]
