"""JSON with exact numbers: what is read is what was written, digit by digit."""

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixgate.model.exact_json import BadNumber, JsonError, read, shortest, write

D = Decimal
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False).filter(
    lambda number: (
        len(number.as_tuple().digits) <= 38
        and -30 <= int(number.as_tuple().exponent) <= number.adjusted() <= 30
    )
)
PLAIN = re.compile(rb"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?")
VALUES = st.recursive(
    NUMBERS | st.text() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@given(NUMBERS)
def test_given_any_number_then_it_is_written_short_and_plain_and_read_back_equal(number: Decimal) -> None:
    written = write(number)
    assert PLAIN.fullmatch(written)
    assert written != b"-0"
    assert read(written) == number


@given(NUMBERS, st.sampled_from(["f", "E", "e"]))
def test_given_any_spelling_of_a_number_then_it_is_read_exactly(number: Decimal, form: str) -> None:
    assert read(format(number, form).encode()) == number


@given(VALUES)
def test_given_any_value_then_it_is_read_back_as_it_was(value: Any) -> None:
    assert read(write(value)) == value


@given(st.binary(max_size=200))
def test_given_any_bytes_then_they_are_read_or_refused(body: bytes) -> None:
    try:
        read(body)
    except JsonError as error:
        assert str(error).startswith("must be") or "there twice" in str(error)


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (D("43250.50"), "43250.5"),
        (D("1E-8"), "0.00000001"),
        (D("1E+3"), "1000"),
        (D("0E-8"), "0"),
        (D("-0.00"), "0"),
        (D("100.00"), "100"),
        (D("0.1234567890123456789012345678901234567"), "0.1234567890123456789012345678901234567"),
    ],
)
def test_given_a_number_then_it_is_written_as_short_as_can_be(number: Decimal, written: str) -> None:
    assert shortest(number) == written
    assert write({"n": number}) == f'{{"n":{written}}}'.encode()


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_given_no_number_then_it_is_not_written(number: str) -> None:
    with pytest.raises(ValueError, match="cannot be written"):
        write([D(number)])


@pytest.mark.parametrize(
    ("spelt", "why"),
    [
        ("NaN", "is not a number"),
        ("-Infinity", "is not a number"),
        ("1e400", "is too large or too small"),
        ("1e-400", "is too large or too small"),
        ("1e99999999999", "is too large or too small"),
        ("1" * 39, "has more than 38 digits"),
        ("0." + "1" * 39, "has more than 38 digits"),
        ("1" * 60_000, "has more than 38 digits"),
    ],
)
def test_given_a_number_that_cannot_be_taken_then_its_place_says_so(spelt: str, why: str) -> None:
    told = read(f'{{"quantity":{spelt}}}'.encode())["quantity"]
    assert isinstance(told, BadNumber)
    assert told.why == why
    assert told.text in (spelt, f"{spelt[:40]}...")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"\xff\xfe{}", "must be UTF-8 text; byte 0 is not"),
        (b"{", "must be JSON: "),
        (b"", "must be JSON: "),
        (b'{"a":01}', "must be JSON: "),
        (b'{"a":.5}', "must be JSON: "),
        (b'{"a":+5}', "must be JSON: "),
        (b"\xef\xbb\xbf{}", "must be JSON: "),
        (b"[" * 60_000, "nested too deeply"),
        (b'{"price":1,"price":2}', "'price' is there twice; give it once"),
        (b'{"o":{"a":1,"a":1}}', "'a' is there twice; give it once"),
    ],
)
def test_given_a_body_that_is_not_json_then_it_is_said_why(body: bytes, why: str) -> None:
    with pytest.raises(JsonError, match=re.escape(why)):
        read(body)


def test_given_a_float_of_a_venue_then_it_is_written_as_it_prints() -> None:
    assert write({"leverage": 0.1, "rate": 1e-8, "bad": float("nan")}) == (
        b'{"leverage":0.1,"rate":0.00000001,"bad":null}'
    )
