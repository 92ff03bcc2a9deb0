"""Parameters of the order endpoints: what is missing, wrong or too much, and its code."""

import pytest

from fixgate.simulator import Leg
from fixgate.simulator.parameters import parse_modify, parse_new_order
from tests.simulator.desk import SYMBOLS, refused

LEGS = pytest.mark.parametrize("leg", list(Leg))
LIMIT = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "64000"}


def limit(leg: Leg, **changes: str) -> dict[str, str]:
    return {"symbol": SYMBOLS[leg], **LIMIT, **changes}


@LEGS
@pytest.mark.parametrize("name", ["symbol", "side", "type", "timeInForce", "quantity", "price"])
def test_given_a_mandatory_parameter_when_missing_then_1102_names_it(leg: Leg, name: str) -> None:
    parameters = limit(leg)
    del parameters[name]
    with refused(-1102, f"'{name}'"):
        parse_new_order(leg, parameters)


@LEGS
@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("side", "HOLD", -1117),
        ("type", "ICEBERG", -1116),
        ("timeInForce", "DAY", -1115),
        ("newOrderRespType", "LOUD", -1136),
        ("newClientOrderId", "a b", -1100),
        ("newClientOrderId", "", -1105),
        ("price", "1E5", -1100),
        ("price", "-1", -1100),
        ("quantity", "NaN", -1100),
        ("quantity", "1,5", -1100),
    ],
)
def test_given_a_malformed_parameter_then_its_code(leg: Leg, name: str, value: str, code: int) -> None:
    with refused(code):
        parse_new_order(leg, limit(leg, **{name: value}))


@LEGS
def test_given_an_unknown_parameter_then_1104(leg: Leg) -> None:
    with refused(-1104, "Not all sent parameters were read"):
        parse_new_order(leg, limit(leg, colour="red"))


@pytest.mark.parametrize(
    ("leg", "name", "value"),
    [
        (Leg.CM, "selfTradePreventionMode", "EXPIRE_MAKER"),
        (Leg.MARGIN, "positionSide", "BOTH"),
        (Leg.MARGIN, "reduceOnly", "true"),
        (Leg.UM, "sideEffectType", "MARGIN_BUY"),
    ],
)
def test_given_another_legs_parameter_then_1104(leg: Leg, name: str, value: str) -> None:
    with refused(-1104):
        parse_new_order(leg, limit(leg, **{name: value}))


@LEGS
@pytest.mark.parametrize("name", ["timeInForce", "price"])
def test_given_a_market_order_when_it_carries_limit_parameters_then_1106(leg: Leg, name: str) -> None:
    parameters = limit(leg, type="MARKET")
    del parameters["price" if name == "timeInForce" else "timeInForce"]
    with refused(-1106, f"'{name}'"):
        parse_new_order(leg, parameters)


@pytest.mark.parametrize(
    ("leg", "longest", "code"), [(Leg.UM, 32, -4015), (Leg.CM, 32, -4015), (Leg.MARGIN, 36, -1100)]
)
def test_given_a_client_id_when_longer_than_the_leg_allows_then_refused(
    leg: Leg, longest: int, code: int
) -> None:
    assert parse_new_order(leg, limit(leg, newClientOrderId="x" * longest)).client_order_id == "x" * longest
    with refused(code):
        parse_new_order(leg, limit(leg, newClientOrderId="x" * (longest + 1)))


@pytest.mark.parametrize("kind", ["STOP", "STOP_MARKET", "TAKE_PROFIT", "TRAILING_STOP_MARKET"])
def test_given_a_conditional_type_on_um_then_4120(kind: str) -> None:
    with refused(-4120):
        parse_new_order(Leg.UM, limit(Leg.UM, type=kind))


@pytest.mark.parametrize("name", ["sideEffectType", "selfTradePreventionMode", "autoRepayAtCancel"])
def test_given_a_bad_margin_choice_then_1130_names_it(name: str) -> None:
    with refused(-1130, name):
        parse_new_order(Leg.MARGIN, limit(Leg.MARGIN, **{name: "MAYBE"}))


def test_given_um_choices_when_bad_then_their_codes() -> None:
    for name, code in (("positionSide", -4060), ("selfTradePreventionMode", -5039), ("priceMatch", -5037)):
        with refused(code):
            parse_new_order(Leg.UM, limit(Leg.UM, **{name: "MAYBE"}))


def test_given_response_types_when_left_out_then_ack_or_for_margin_full() -> None:
    assert parse_new_order(Leg.UM, limit(Leg.UM)).response_type == "ACK"
    assert parse_new_order(Leg.MARGIN, limit(Leg.MARGIN)).response_type == "FULL"
    maker = limit(Leg.MARGIN, type="LIMIT_MAKER")
    del maker["timeInForce"]
    assert parse_new_order(Leg.MARGIN, maker).response_type == "ACK"


@pytest.mark.parametrize("name", ["symbol", "side", "quantity", "price"])
def test_given_a_modification_when_a_value_is_missing_then_1102(name: str) -> None:
    parameters = {"symbol": "BTCUSDT", "side": "BUY", "quantity": "1", "price": "2", "orderId": "3"}
    del parameters[name]
    with refused(-1102, f"'{name}'"):
        parse_modify(Leg.UM, parameters)


def test_given_a_modification_when_it_names_no_order_then_1102() -> None:
    with refused(-1102, "origClientOrderId"):
        parse_modify(Leg.UM, {"symbol": "BTCUSDT", "side": "BUY", "quantity": "1", "price": "2"})
