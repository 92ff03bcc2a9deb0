"""Decimals between text and value."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixgate.model.decimals import MAX_DIGITS, is_multiple, parse_decimal, plain

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=12)


@given(NUMBERS)
def test_given_a_number_when_printed_and_parsed_then_it_is_the_same_to_the_digit(number: Decimal) -> None:
    assert parse_decimal(plain(number)).as_tuple() == number.as_tuple()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("-12.50", "-12.50"),
        ("0", "0"),
        ("007", "7"),
        (".5", "0.5"),
        ("5.", "5"),
        ("9" * MAX_DIGITS, "9" * MAX_DIGITS),
    ],
)
def test_given_plain_notation_when_parsed_then_it_is_the_number(text: str, number: str) -> None:
    assert parse_decimal(text) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        ".",
        "-.",
        "+1",
        "1e5",
        "1E-8",
        "NaN",
        "Infinity",
        "1,000",
        "1_000",
        " 1",
        "1 ",
        "--1",
        "1-",
        "1.2.3",
        "٣",
        "²",
        "0x10",
        "9" * (MAX_DIGITS + 3),
    ],
)
def test_given_anything_else_when_parsed_then_it_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a decimal number"):
        parse_decimal(text)


@given(st.text(max_size=45))
def test_given_any_text_when_parsed_then_it_is_a_finite_number_or_a_value_error(text: str) -> None:
    try:
        number = parse_decimal(text)
    except ValueError:
        return
    assert number.is_finite()
    assert len(number.as_tuple().digits) <= MAX_DIGITS


@pytest.mark.parametrize(
    ("number", "text"),
    [("1E-8", "0.00000001"), ("1E+5", "100000"), ("1.10", "1.10"), ("-0", "-0"), ("0E-8", "0.00000000")],
)
def test_given_a_number_when_printed_then_there_is_no_exponent_and_the_scale_stays(
    number: str, text: str
) -> None:
    assert plain(Decimal(number)) == text


@pytest.mark.parametrize(
    ("number", "step", "expected"),
    [
        ("0.3", "0.1", True),
        ("50000.123", "0.10", False),
        ("7", "0", True),
        ("0", "5", True),
        ("-3", "1.5", True),
    ],
)
def test_given_a_step_when_a_number_is_held_against_it_then_multiples_are_exact(
    number: str, step: str, expected: bool
) -> None:
    assert is_multiple(Decimal(number), Decimal(step)) is expected
