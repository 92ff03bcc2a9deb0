"""What an order's type, times and conditions must be, and what the refusal says."""

from decimal import Decimal

import pytest

from fixgate.connectors.binance_pm.conditions import check_conditions, check_oco, check_order_type
from fixgate.model.enums import InstrumentType, OrderType, ProductType, Side, TimeInForce
from fixgate.model.instrument import Instrument
from fixgate.model.refusal import Refused
from tests.engine.desk import new_order

D = Decimal
T = OrderType


def instrument(product: ProductType) -> Instrument:
    """An instrument without steps or bounds."""
    return Instrument(
        symbol="BTCUSDT",
        instrument_type=InstrumentType.FUTURE,
        product_type=product,
        base="BTC",
        currency="USDT",
    )


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"price": None}, "limit order needs Price"),
        ({"order_type": T.MARKET}, "takes no price, it was 100"),
        ({"order_type": T.MARKET, "price": None, "time_in_force": TimeInForce.FOK}, "use IOC or GTC"),
        ({"stop_price": D(90)}, "takes no stop price, it was 90"),
        ({"order_type": T.STOP_LOSS, "price": None}, "needs StopPx"),
        ({"order_type": T.STOP_LOSS_LIMIT, "price": None, "stop_price": D(90)}, "needs Price"),
        ({"order_type": T.TRAILING_STOP, "price": None}, "needs PegOffsetValue"),
        ({"trailing_delta": D(100)}, "takes no trailing distance"),
        ({"order_type": T.OCO}, "NewOrderList"),
        (
            {
                "order_type": T.TAKE_PROFIT,
                "price": None,
                "stop_price": D(90),
                "time_in_force": TimeInForce.IOC,
            },
            "is GTC, it was IOC",
        ),
        (
            {
                "order_type": T.STOP_LOSS_LIMIT,
                "stop_price": D(90),
                "time_in_force": TimeInForce.POST_ONLY,
            },
            "cannot be post-only",
        ),
    ],
)
def test_what_no_product_takes_is_refused(fields, text):
    with pytest.raises(Refused, match=text):
        check_order_type(new_order(**fields))


@pytest.mark.parametrize(
    ("product", "fields", "text"),
    [
        (ProductType.SPOT, {"trailing_delta": D(100)}, "on SPOT the venue has none"),
        (ProductType.FUTURE, {"trailing_delta": D(1010)}, "10 to 1000 in steps of 10"),
        (ProductType.FUTURE, {"trailing_delta": D(15)}, "in steps of 10"),
        (ProductType.DELIVERY, {"trailing_delta": D(600)}, "10 to 500"),
        (ProductType.SPOT, {"time_in_force": TimeInForce.GTD, "expire_ms": 1}, "GTD is for FUTURE"),
        (ProductType.FUTURE, {"time_in_force": TimeInForce.GTD}, "needs ExpireTime"),
        (ProductType.FUTURE, {"expire_ms": 1}, "is for GTD, this order is GTC"),
        (ProductType.FUTURE, {"display_quantity": D(1)}, "is for SPOT"),
        (ProductType.SPOT, {"display_quantity": D(20)}, "above 0 and at most 10"),
        (
            ProductType.SPOT,
            {"display_quantity": D(1), "time_in_force": TimeInForce.IOC},
            "GTC limit orders",
        ),
    ],
)
def test_what_a_product_does_not_take_is_refused(product, fields, text):
    with pytest.raises(Refused, match=text):
        check_conditions(new_order(**fields), instrument(product))


def test_what_fits_passes():
    trail = {"order_type": T.TRAILING_STOP, "price": None, "trailing_delta": D(500)}
    check_order_type(new_order(**trail))
    check_conditions(new_order(**trail), instrument(ProductType.DELIVERY))
    gtd = new_order(time_in_force=TimeInForce.GTD, expire_ms=1)
    check_conditions(gtd, instrument(ProductType.FUTURE))
    check_conditions(new_order(display_quantity=D(1)), instrument(ProductType.SPOT))


def legs(**changes):  # type: ignore[no-untyped-def]
    fields = {"instrument_type": InstrumentType.FX, "side": Side.SELL}
    limit = new_order("L", **({"price": D(110)} | fields | changes.pop("limit", {})))
    stop_fields = {"order_type": T.STOP_LOSS, "price": None, "stop_price": D(90)}
    stop = new_order("S", **(stop_fields | fields | changes.pop("stop", {})))
    return limit, stop


def test_an_oco_is_a_limit_and_a_stop_on_two_sides_of_the_market():
    check_oco(legs())
    check_oco(tuple(reversed(legs())))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"stop": {"quantity": D(9)}}, "one quantity: 10 and 9"),
        ({"stop": {"side": Side.BUY}}, "one side"),
        ({"limit": {"price": D(80)}}, "must be above the stop price; they were 80 and 90"),
        ({"limit": {"side": Side.BUY}, "stop": {"side": Side.BUY}}, "must be below"),
        ({"limit": {"time_in_force": TimeInForce.IOC}}, "is GTC, it was IOC"),
        ({"stop": {"order_type": T.TAKE_PROFIT}}, "limit and take_profit"),
    ],
)
def test_what_cannot_be_an_oco_is_refused(changes, text):
    with pytest.raises(Refused, match=text):
        check_oco(legs(**changes))


def test_a_list_of_one_is_no_oco():
    with pytest.raises(Refused, match="this one has 1"):
        check_oco(legs()[:1])
