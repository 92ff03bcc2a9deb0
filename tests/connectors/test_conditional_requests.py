"""The parameters of conditional orders and order lists: those that the venue's calls take, and no other."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from fixgate.connectors.binance_pm.attributes import resolve_attributes
from fixgate.connectors.binance_pm.requests import call_of
from fixgate.connectors.binance_pm.settings import SelfMatchPrevention
from fixgate.model.commands import NewOrder, OrderAttributes
from fixgate.model.enums import (
    InstrumentType,
    OrderType,
    PositionSide,
    ProductType,
    SelfTradePreventionMode,
    Side,
    SideEffectType,
    TimeInForce,
)
from fixgate.model.refusal import Refused
from fixgate.model.venue import CancelAtVenue, SubmitList, SubmitOrder
from fixgate.simulator.conditional_parameters import parse_algo, parse_strategy
from fixgate.simulator.list_endpoints import parse_list
from fixgate.simulator.orders import Leg
from fixgate.simulator.parameters import parse_new_order

D = Decimal
FUTURE, DELIVERY, SPOT = ProductType.FUTURE, ProductType.DELIVERY, ProductType.SPOT
PRICED = (OrderType.STOP_LOSS_LIMIT, OrderType.TAKE_PROFIT_LIMIT)
STOPS = (OrderType.STOP_LOSS, OrderType.TAKE_PROFIT, *PRICED)
CONDITIONAL = [(product, kind) for product in ProductType for kind in STOPS]
CONDITIONAL += [(FUTURE, OrderType.TRAILING_STOP), (DELIVERY, OrderType.TRAILING_STOP)]
PARSE = {FUTURE: parse_algo, DELIVERY: parse_strategy, SPOT: lambda found: parse_new_order(Leg.MARGIN, found)}


def order(product, kind, **changes):
    trailing = kind is OrderType.TRAILING_STOP
    fields = {
        "connector": "PM",
        "account": "main",
        "order_id": 7,
        "client_order_id": "fg7",
        "product_type": product,
        "symbol": "BTCUSD_PERP" if product is DELIVERY else "BTCUSDT",
        "side": Side.SELL,
        "order_type": kind,
        "time_in_force": TimeInForce.GTC,
        "quantity": D("2.0"),
        "price": D("59000.10") if kind in (*PRICED, OrderType.LIMIT) else None,
        "stop_price": D("60000.00") if kind in STOPS else None,
        "trailing_delta": D(150) if trailing else None,
    }
    return SubmitOrder(**(fields | changes))


def sent(request):
    call = call_of(request, auto_repay_at_cancel=False)
    return call.method, call.path, dict(call.params)


@pytest.mark.parametrize(("product", "kind"), CONDITIONAL)
def test_the_venue_takes_every_conditional_order_as_it_is_sent(product, kind):
    _, _, params = sent(order(product, kind))
    parsed = PARSE[product](params)
    assert (parsed.side, parsed.quantity) == ("SELL", D(2))
    assert parsed.price in ((D("59000.10"),) if kind in PRICED else (None, D(0)))


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (OrderType.STOP_LOSS, "STOP_MARKET"),
        (OrderType.STOP_LOSS_LIMIT, "STOP"),
        (OrderType.TAKE_PROFIT, "TAKE_PROFIT_MARKET"),
        (OrderType.TAKE_PROFIT_LIMIT, "TAKE_PROFIT"),
    ],
)
def test_a_stop_on_futures_goes_to_the_service_of_its_leg(kind, word):
    limit = {"timeInForce": "GTC", "price": "59000.10"} if kind in PRICED else {}
    common = {"side": "SELL", "quantity": "2.0"} | limit
    assert sent(order(FUTURE, kind)) == (
        "POST",
        "/papi/v1/um/algo/order",
        common
        | {
            "algoType": "CONDITIONAL",
            "symbol": "BTCUSDT",
            "type": word,
            "triggerPrice": "60000.00",
            "clientAlgoId": "fg7",
            "newOrderRespType": "ACK",
        },
    )
    assert sent(order(DELIVERY, kind)) == (
        "POST",
        "/papi/v1/cm/conditional/order",
        common
        | {
            "symbol": "BTCUSD_PERP",
            "strategyType": word,
            "stopPrice": "60000.00",
            "newClientStrategyId": "fg7",
        },
    )


@pytest.mark.parametrize("kind", STOPS)
def test_a_stop_on_margin_is_an_order_of_the_engine(kind):
    limit = {"timeInForce": "GTC", "price": "59000.10"} if kind in PRICED else {}
    assert sent(order(SPOT, kind)) == (
        "POST",
        "/papi/v1/margin/order",
        limit
        | {
            "symbol": "BTCUSDT",
            "side": "SELL",
            "type": kind.name,
            "quantity": "2.0",
            "stopPrice": "60000.00",
            "newClientOrderId": "fg7",
            "newOrderRespType": "ACK",
        },
    )


@pytest.mark.parametrize(
    ("product", "activation"), [(FUTURE, "activatePrice"), (DELIVERY, "activationPrice")]
)
def test_a_trailing_stop_follows_by_percent_from_its_activation_price_on(product, activation):
    _, _, bare = sent(order(product, OrderType.TRAILING_STOP))
    assert bare["callbackRate"] == "1.5" and activation not in bare
    _, _, active = sent(order(product, OrderType.TRAILING_STOP, stop_price=D(70000)))
    assert active[activation] == "70000"
    assert not {"triggerPrice", "stopPrice", "price", "timeInForce"} & active.keys()


def test_a_trailing_stop_on_margin_is_not_sent():
    with pytest.raises(ValueError, match="trailing_stop order does not go to SPOT"):
        sent(order(SPOT, OrderType.TRAILING_STOP))


@pytest.mark.parametrize("kind", [OrderType.LIMIT, OrderType.STOP_LOSS_LIMIT])
def test_good_till_date_is_the_time_and_the_date(kind):
    expire = 1_795_000_900_000
    _, _, params = sent(order(FUTURE, kind, time_in_force=TimeInForce.GTD, expire_ms=expire))
    assert (params["timeInForce"], params["goodTillDate"]) == ("GTD", str(expire))


def test_attributes_go_along_where_they_apply():
    attributes = OrderAttributes(
        position_side=PositionSide.BOTH,
        reduce_only=True,
        self_trade_prevention=SelfTradePreventionMode.EXPIRE_BOTH,
    )
    _, _, params = sent(order(FUTURE, OrderType.STOP_LOSS, attributes=attributes))
    told = {"positionSide": "BOTH", "reduceOnly": "true", "selfTradePreventionMode": "EXPIRE_BOTH"}
    assert told.items() <= params.items()
    parse_algo(params)


@pytest.mark.parametrize("kind", [OrderType.LIMIT, OrderType.STOP_LOSS_LIMIT])
def test_an_iceberg_shows_a_part(kind):
    _, _, params = sent(order(SPOT, kind, display_quantity=D("0.5")))
    assert params["icebergQty"] == "0.5"


@pytest.mark.parametrize(
    ("product", "path", "by_id", "by_client_id"),
    [
        (FUTURE, "/papi/v1/um/algo/order", {"algoId": "55"}, {"clientAlgoId": "fg7"}),
        (
            DELIVERY,
            "/papi/v1/cm/conditional/order",
            {"symbol": "BTCUSD_PERP", "strategyId": "55"},
            {"symbol": "BTCUSD_PERP", "newClientStrategyId": "fg7"},
        ),
        (
            SPOT,
            "/papi/v1/margin/order",
            {"symbol": "BTCUSDT", "orderId": "55"},
            {"symbol": "BTCUSDT", "origClientOrderId": "fg7"},
        ),
    ],
)
def test_a_cancel_goes_to_where_the_order_is(product, path, by_id, by_client_id):
    stop = order(product, OrderType.STOP_LOSS)
    cancel = CancelAtVenue(
        connector="PM",
        account="main",
        order_id=7,
        request_id=8,
        client_order_id="fg7",
        venue_order_id="55",
        held=True,
        product_type=product,
        symbol=stop.symbol,
    )
    assert sent(cancel) == ("DELETE", path, by_id)
    assert sent(replace(cancel, venue_order_id=""))[2] == by_client_id
    assert sent(replace(cancel, held=False))[1] == f"/papi/v1/{_leg(product)}/order"


def _leg(product):
    return {FUTURE: "um", DELIVERY: "cm", SPOT: "margin"}[product]


def listed(side=Side.SELL, limit=None, stop=None):
    price, trigger = (D(70000), D(60000)) if side is Side.SELL else (D(60000), D(70000))
    one = order(SPOT, OrderType.LIMIT, side=side, price=price, client_order_id="fg7")
    other = order(SPOT, OrderType.STOP_LOSS, side=side, stop_price=trigger, client_order_id="fg8", order_id=8)
    legs = (replace(one, **(limit or {})), replace(other, **(stop or {})))
    return SubmitList(connector="PM", account="main", list_client_id="list7", legs=legs)


@pytest.mark.parametrize("side", Side)
def test_a_list_is_one_call_that_names_both_orders(side):
    request = listed(side)
    expected = {
        "symbol": "BTCUSDT",
        "side": side.name,
        "quantity": "2.0",
        "price": "70000" if side is Side.SELL else "60000",
        "stopPrice": "60000" if side is Side.SELL else "70000",
        "listClientOrderId": "list7",
        "limitClientOrderId": "fg7",
        "stopClientOrderId": "fg8",
        "newOrderRespType": "ACK",
    }
    assert sent(request) == ("POST", "/papi/v1/margin/order/oco", expected)
    turned = replace(request, legs=request.legs[::-1])
    assert sent(turned)[2] == expected
    assert parse_list(expected).stop.type == "STOP_LOSS"


def test_a_list_with_a_stop_limit_icebergs_and_a_side_effect():
    effect = OrderAttributes(side_effect_type=SideEffectType.MARGIN_BUY)
    request = listed(
        limit={"display_quantity": D("0.5"), "attributes": effect},
        stop={
            "order_type": OrderType.STOP_LOSS_LIMIT,
            "price": D(59000),
            "display_quantity": D("0.4"),
            "attributes": effect,
        },
    )
    _, _, params = sent(request)
    told = {
        "stopLimitPrice": "59000",
        "stopLimitTimeInForce": "GTC",
        "limitIcebergQty": "0.5",
        "stopIcebergQty": "0.4",
        "sideEffectType": "MARGIN_BUY",
    }
    assert told.items() <= params.items()
    assert parse_list(params).stop.type == "STOP_LOSS_LIMIT"


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        (listed(limit={"price": D(60000)}), "must be above its stop price; they were 60000 and 60000"),
        (listed(Side.BUY, limit={"price": D(70001)}), "must be below its stop price; they were 70001"),
        (listed(limit={"side": Side.BUY}), "must have the same side"),
        (listed(limit={"quantity": D(1)}), "must have the same quantity"),
        (listed(limit={"order_type": OrderType.MARKET}), "it had market, stop_loss"),
        (listed(stop={"order_type": OrderType.TAKE_PROFIT}), "it had limit, take_profit"),
        (listed(limit={"time_in_force": TimeInForce.IOC}), r"takes TimeInForce GTC \(1\), this one has IOC"),
        (listed(stop={"product_type": FUTURE}), "on SPOT, this order is FUTURE"),
        (listed(stop={"display_quantity": D(1)}), "a stop_loss order has none"),
        (
            listed(
                limit={
                    "attributes": OrderAttributes(side_effect_type=SideEffectType.AUTO_BORROW_REPAY),
                }
            ),
            "it was AUTO_BORROW_REPAY",
        ),
        (listed(stop={"stop_price": None}), r"needs StopPx\(99\)"),
    ],
)
def test_a_list_that_the_venue_has_no_call_for_is_not_sent(request_, text):
    with pytest.raises(Refused, match=text):
        sent(request_)


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        (OrderAttributes(self_trade_prevention=SelfTradePreventionMode.EXPIRE_BOTH), "orders of a list"),
        (OrderAttributes(side_effect_type=SideEffectType.AUTO_BORROW_REPAY), "NO_SIDE_EFFECT, MARGIN_BUY or"),
    ],
)
def test_attributes_that_a_list_cannot_carry_are_refused(attributes, text):
    command = NewOrder(
        source="S",
        session="S",
        cl_ord_id="A",
        connector="PM",
        symbol="BTCUSDT",
        instrument_type=InstrumentType.FX,
        side=Side.SELL,
        order_type=OrderType.LIMIT,
        quantity=D(1),
        price=D(1),
        list_id="L",
    )
    terms = {
        "hedge_mode": False,
        "side_effect": SideEffectType.NO_SIDE_EFFECT,
        "self_match": SelfMatchPrevention.CANCEL_TAKING,
    }
    with pytest.raises(Refused, match=text):
        resolve_attributes(replace(command, attributes=attributes), SPOT, **terms)
    assert resolve_attributes(command, SPOT, **terms).self_trade_prevention is None
    alone = resolve_attributes(replace(command, list_id=""), SPOT, **terms)
    assert alone.self_trade_prevention is SelfTradePreventionMode.EXPIRE_TAKER
