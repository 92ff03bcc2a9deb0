"""Query strings: exact bytes, encoded before they are signed."""

from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixgate.papi import encode_query, signed_query, signer_for
from fixgate.papi.query import encode_order_params

NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,20}", fullmatch=True)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
SIGNER = signer_for("secret")


@given(st.dictionaries(NAMES, TEXT, max_size=12))
def test_any_text_survives_the_round_trip_in_order(params: dict[str, str]) -> None:
    query = encode_query(params)
    assert parse_qsl(query, keep_blank_values=True, strict_parsing=bool(params)) == list(params.items())
    assert query.isascii()
    assert not set(query) - set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%&=")


@given(st.dictionaries(NAMES, TEXT, max_size=6), st.integers(0, 2**53), st.integers(1, 60_000))
def test_the_signature_covers_every_byte_before_it_and_comes_last(
    params: dict[str, str], timestamp: int, window: int
) -> None:
    whole = signed_query(encode_query(params), timestamp, window, SIGNER)
    payload, mark, signature = whole.rpartition(b"&signature=")
    assert mark
    assert signature.decode() == SIGNER.sign(payload)
    assert payload.endswith(f"recvWindow={window}&timestamp={timestamp}".encode())


def test_an_order_is_encoded_byte_for_byte() -> None:
    params = [
        ("symbol", "币安USDT"),
        ("newClientOrderId", "a:b/c_d-e.f"),
        ("price", "0.00000001"),
        ("n", "a b+c"),
    ]
    assert encode_query(params) == (
        "symbol=%E5%B8%81%E5%AE%89USDT&newClientOrderId=a%3Ab%2Fc_d-e.f&price=0.00000001&n=a%20b%2Bc"
    )


def test_booleans_and_integers_become_text() -> None:
    params: Any = {"reduceOnly": True, "autoRepayAtCancel": False, "orderId": 9007199254740993}
    assert encode_query(params) == "reduceOnly=true&autoRepayAtCancel=false&orderId=9007199254740993"


@pytest.mark.parametrize("value", [1.5, Decimal("1E-8"), None, b"x"])
def test_given_a_value_that_is_no_text_then_it_is_refused_by_name(value: Any) -> None:
    with pytest.raises(TypeError, match="parameter price is a"):
        encode_query({"price": value})


def test_given_a_name_twice_then_it_is_refused() -> None:
    with pytest.raises(ValueError, match="symbol is given twice"):
        encode_query([("symbol", "A"), ("symbol", "B")])


@pytest.mark.parametrize("name", ["", "a=b", "a&b", "a b", "é", "1a"])
def test_given_a_name_that_would_change_the_query_then_it_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="parameter name"):
        encode_query({name: "x"})


def test_given_half_a_surrogate_pair_then_it_is_refused() -> None:
    with pytest.raises(ValueError, match="not valid Unicode"):
        encode_query({"symbol": "\ud800"})


@pytest.mark.parametrize("name", ["timestamp", "signature", "recvWindow"])
def test_given_a_parameter_that_signing_adds_then_it_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        encode_order_params({name: "1"})


def test_given_no_recv_window_then_only_the_timestamp_is_added() -> None:
    assert (
        signed_query("", 17, 0, SIGNER) == b"timestamp=17&signature=" + SIGNER.sign(b"timestamp=17").encode()
    )
    assert signed_query("a=b", 17, 0, SIGNER).startswith(b"a=b&timestamp=17&signature=")
