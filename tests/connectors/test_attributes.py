"""The specification's tables of order attributes."""

import pytest

from fixgate.connectors.binance_pm.attributes import resolve_attributes
from fixgate.connectors.binance_pm.settings import SelfMatchPrevention
from fixgate.model.commands import OrderAttributes
from fixgate.model.enums import (
    OrderType,
    PositionSide,
    ProductType,
    SelfTradePreventionMode,
    Side,
    SideEffectType,
    TimeInForce,
)
from fixgate.model.refusal import Refused
from tests.engine.desk import new_order

E, P, M, I = SideEffectType, ProductType, SelfTradePreventionMode, SelfMatchPrevention  # noqa: E741


def resolve(product, *, hedge=False, setting=E.NO_SIDE_EFFECT, self_match=I.CANCEL_RESTING, **order):
    given = OrderAttributes(**order.pop("attributes", {}))
    return resolve_attributes(
        new_order(attributes=given, **order),
        product,
        hedge_mode=hedge,
        side_effect=setting,
        self_match=self_match,
    )


SIDE_EFFECTS = [
    # setting, on BUY orders, on SELL orders
    (E.NO_SIDE_EFFECT, E.NO_SIDE_EFFECT, E.NO_SIDE_EFFECT),
    (E.MARGIN_BUY, E.MARGIN_BUY, E.MARGIN_BUY),
    (E.AUTO_REPAY, E.AUTO_REPAY, E.AUTO_REPAY),
    (E.AUTO_BORROW_REPAY, E.AUTO_BORROW_REPAY, E.AUTO_BORROW_REPAY),
    (E.MARGIN_BUY_REPAY_SELL, E.MARGIN_BUY, E.AUTO_REPAY),
    (E.MARGIN_SELL_REPAY_BUY, E.AUTO_REPAY, E.MARGIN_BUY),
]


@pytest.mark.parametrize(("setting", "buys", "sells"), SIDE_EFFECTS)
def test_side_effect_by_setting_and_by_order(setting, buys, sells):
    for side, sent in ((Side.BUY, buys), (Side.SELL, sells)):
        assert resolve(P.SPOT, setting=setting, side=side).side_effect_type is sent
        other = E.AUTO_REPAY if setting is not E.AUTO_REPAY else E.NO_SIDE_EFFECT
        own = resolve(P.SPOT, setting=other, side=side, attributes={"side_effect_type": setting})
        assert own.side_effect_type is sent


@pytest.mark.parametrize("product", [P.FUTURE, P.DELIVERY])
def test_side_effect_is_for_spot_only(product):
    assert resolve(product).side_effect_type is None
    with pytest.raises(Refused, match=r"6101.*SPOT"):
        resolve(product, attributes={"side_effect_type": E.MARGIN_BUY})


@pytest.mark.parametrize(
    ("instruction", "mode"),
    [
        (I.CANCEL_RESTING, M.EXPIRE_MAKER),
        (I.CANCEL_TAKING, M.EXPIRE_TAKER),
        (I.CANCEL_BOTH, M.EXPIRE_BOTH),
    ],
)
@pytest.mark.parametrize("product", [P.SPOT, P.FUTURE])
def test_self_trade_prevention_by_setting_and_by_order(instruction, mode, product):
    assert resolve(product, self_match=instruction).self_trade_prevention is mode
    for own in M:
        chosen = resolve(product, self_match=instruction, attributes={"self_trade_prevention": own})
        assert chosen.self_trade_prevention is own


def test_delivery_orders_take_no_self_trade_prevention():
    assert resolve(P.DELIVERY).self_trade_prevention is None
    with pytest.raises(Refused, match=r"6102.*DELIVERY"):
        resolve(P.DELIVERY, attributes={"self_trade_prevention": M.EXPIRE_BOTH})


POSITION_SIDES = [
    # hedge mode, given, sent (None: refused)
    (False, None, PositionSide.BOTH),
    (False, PositionSide.BOTH, PositionSide.BOTH),
    (False, PositionSide.LONG, None),
    (False, PositionSide.SHORT, None),
    (True, PositionSide.LONG, PositionSide.LONG),
    (True, PositionSide.SHORT, PositionSide.SHORT),
    (True, PositionSide.BOTH, None),
    (True, None, None),
]


@pytest.mark.parametrize("product", [P.FUTURE, P.DELIVERY])
@pytest.mark.parametrize(("hedge", "given", "sent"), POSITION_SIDES)
def test_position_side_by_mode(product, hedge, given, sent):
    if sent is None:
        with pytest.raises(Refused, match="6200"):
            resolve(product, hedge=hedge, attributes={"position_side": given})
    else:
        assert resolve(product, hedge=hedge, attributes={"position_side": given}).position_side is sent


@pytest.mark.parametrize("product", [P.FUTURE, P.DELIVERY])
@pytest.mark.parametrize("reduce_only", [True, False])
def test_reduce_only_in_one_way_mode_and_not_in_hedge_mode(product, reduce_only):
    assert resolve(product, attributes={"reduce_only": reduce_only}).reduce_only is reduce_only
    with pytest.raises(Refused, match=r"hedge mode.*6201"):
        resolve(
            product, hedge=True, attributes={"reduce_only": reduce_only, "position_side": PositionSide.LONG}
        )


@pytest.mark.parametrize("attribute", [{"position_side": PositionSide.BOTH}, {"reduce_only": True}])
def test_futures_attributes_are_refused_on_spot(attribute):
    with pytest.raises(Refused, match="this one is SPOT"):
        resolve(P.SPOT, attributes=attribute)


@pytest.mark.parametrize("product", P)
@pytest.mark.parametrize("time_in_force", TimeInForce)
def test_post_only_takes_limit_orders_good_till_cancel(product, time_in_force):
    asked = {"time_in_force": time_in_force, "attributes": {"post_only": True}}
    if time_in_force in (TimeInForce.GTC, TimeInForce.POST_ONLY):
        assert resolve(product, **asked).post_only
    else:
        with pytest.raises(Refused, match=f"post-only.*{time_in_force}"):
            resolve(product, **asked)
    with pytest.raises(Refused, match="limit orders"):
        resolve(product, **(asked | {"order_type": OrderType.MARKET, "price": None}))
