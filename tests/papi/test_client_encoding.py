"""Arguments are checked before anything leaves, and numbers reach the wire as they were given."""

from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixgate.papi import VenueClock, signer_for
from fixgate.papi.client.encoding import encode, encoded
from fixgate.papi.endpoints import ENDPOINTS
from fixgate.papi.endpoints.parameters import PRICE, SIDE, SYMBOL
from fixgate.papi.rest import PortfolioRest

from .venue import client_of, venue

ORDER = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}


class OwnSide(StrEnum):
    BUY = "BUY"


def order(**given: Any) -> list[tuple[str, str]]:
    return encoded(ENDPOINTS["POST", "/papi/v1/um/order"], ORDER | given)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1E-8"), "0.00000001"),
        (Decimal("0.10"), "0.10"),
        (Decimal("1E+3"), "1000"),
        (Decimal("123456789.123456789012345678"), "123456789.123456789012345678"),
        (7, "7"),
    ],
)
def test_a_number_is_written_plainly_and_exactly(value: Decimal | int, text: str) -> None:
    assert encode(PRICE, value) == text


@given(st.decimals(min_value=0, max_value=10**12, allow_nan=False, allow_infinity=False))
def test_any_number_comes_back_as_it_was_given(value: Decimal) -> None:
    text = encode(PRICE, value)
    assert Decimal(text) == value and set(text) <= set("-0123456789.")


@pytest.mark.parametrize("value", [0.1, 1.0, float("nan")])
def test_a_float_is_refused_and_told_why(value: float) -> None:
    with pytest.raises(TypeError, match=r"quantity was a float, it must be a Decimal.*exactly"):
        order(quantity=value)


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"quantity": True}, TypeError, "quantity was a bool"),
        ({"quantity": "0.1"}, TypeError, "quantity was a str, it must be a Decimal"),
        ({"quantity": Decimal("NaN")}, ValueError, "quantity was NaN"),
        ({"price": Decimal("Infinity")}, ValueError, "price was Infinity"),
        ({"price": Decimal("-1")}, ValueError, "price was -1, below the least, 0"),
        ({"side": "buy"}, ValueError, "side was 'buy', not one of BUY, SELL"),
        ({"side": 1}, TypeError, "side was a int, it must be one of BUY, SELL"),
        ({"reduceOnly": "true"}, TypeError, "reduceOnly was a str, it must be True or False"),
        ({"reduceOnly": 1}, TypeError, "reduceOnly was a int"),
        ({"goodTillDate": 1.5}, TypeError, "goodTillDate was a float, it must be an int"),
        ({"goodTillDate": True}, TypeError, "goodTillDate was a bool"),
        ({"goodTillDate": 253402300799000}, ValueError, "above the most, 253402300798999"),
        ({"newClientOrderId": "x" * 33}, ValueError, "newClientOrderId was 'x+', which does not match"),
        ({"newClientOrderId": "a b"}, ValueError, "does not match"),
        ({"newClientOrderId": "ab\n"}, ValueError, "does not match"),
        ({"symbol": ""}, ValueError, "symbol was empty"),
        ({"symbol": None}, ValueError, "symbol is mandatory and was None"),
        ({"symbol": b"BTCUSDT"}, TypeError, "symbol was a bytes, it must be text"),
        ({"priceMatch": "OPPONENT_20"}, ValueError, "priceMatch was 'OPPONENT_20'"),
        ({"selfTradePreventionMode": "NONE"}, ValueError, "selfTradePreventionMode was 'NONE'"),
    ],
)
def test_a_value_that_the_venue_would_refuse_is_refused_with_a_reason(
    given: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        order(**given)


def test_words_and_texts_of_an_enumeration_are_plain_text_on_the_wire() -> None:
    assert [type(encode(row, OwnSide.BUY)) for row in (SIDE, SYMBOL)] == [str, str]
    assert encode(SIDE, OwnSide.BUY) == "BUY"


@pytest.mark.parametrize(
    ("call", "given", "says"),
    [
        ("GET um/order", {"symbol": "X"}, "get_um_order needs orderId or origClientOrderId"),
        ("DELETE um/algo/order", {}, "needs algoId or clientAlgoId"),
        ("GET margin/marginLoan", {"asset": "BNB"}, "needs txId or startTime"),
        (
            "POST asset-collection",
            {"asset": "BNB", "amount": 1},
            "amount and futureType together or not at all",
        ),
        ("GET um/userTrades", {"symbol": "X", "fromId": 1, "startTime": 1}, "fromId beside startTime"),
        ("GET cm/userTrades", {"symbol": "X", "pair": "Y"}, "symbol beside pair"),
        ("GET cm/userTrades", {}, "needs symbol or pair"),
        (
            "GET um/userTrades",
            {"symbol": "X", "startTime": 2, "endTime": 1},
            "endTime 1 is before startTime 2",
        ),
        (
            "GET um/userTrades",
            {"symbol": "X", "startTime": 0, "endTime": 7 * 86_400_000 + 1},
            "604800001 ms apart, more than the venue's 604800000; ask in parts",
        ),
        ("GET um/income", {"limit": 1001}, "limit was 1001, above the most, 1000"),
        ("GET um/income", {"limit": 0}, "limit was 0, below the least, 1"),
        ("GET margin/forceOrders", {"size": 101}, "size was 101, above the most, 100"),
        ("POST cm/leverage", {"symbol": "X", "leverage": 126}, "leverage was 126, above the most, 125"),
        (
            "POST um/algo/order",
            {"algoType": "CONDITIONAL", "symbol": "X", "side": "BUY", "type": "STOP", "callbackRate": 21},
            "callbackRate was 21, above the most, 20",
        ),
    ],
)
def test_a_combination_that_the_venue_would_refuse_is_refused_with_a_reason(
    call: str, given: dict[str, Any], says: str
) -> None:
    method, _, path = call.partition(" ")
    with pytest.raises(ValueError, match=says):
        encoded(ENDPOINTS[method, f"/papi/v1/{path}"], given)


def test_what_is_left_out_is_not_sent() -> None:
    assert order(price=None, reduceOnly=False) == [
        ("symbol", "BTCUSDT"),
        ("side", "BUY"),
        ("type", "LIMIT"),
        ("timeInForce", "GTC"),
        ("reduceOnly", "false"),
    ]


async def test_given_a_refused_argument_then_nothing_is_sent() -> None:
    async with venue() as stand_in, client_of(stand_in) as client:
        stand_in.server.requests.clear()
        with pytest.raises(TypeError, match="float"):
            await client.um.submit_new_um_order(
                symbol="BTCUSDT",
                side="BUY",
                type="MARKET",
                quantity=0.1,  # type: ignore[arg-type]
            )
        for window in (0, 60_001):
            with pytest.raises(ValueError, match=f"recvWindow was {window}"):
                await client.um.get_um_position(recvWindow=window)
        with pytest.raises(TypeError, match="recvWindow was a str"):
            await client.um.get_um_position(recvWindow="5000")  # type: ignore[arg-type]
        assert stand_in.server.requests == []


async def test_a_request_s_own_recv_window_has_the_venue_s_bounds() -> None:
    rest = PortfolioRest("http://h", "key", signer_for("s"), VenueClock(lambda: 0.0))
    with pytest.raises(ValueError, match="recvWindow 60001 is outside"):
        rest.send_signed("GET", "/a", (), lambda _: None, 1.0, recv_window=60_001)
