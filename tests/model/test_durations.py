"""Durations between HOCON's notation and value."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixgate.model.durations import duration_text, parse_duration

UNITS = {
    "ns nano nanos nanosecond nanoseconds": timedelta(microseconds=7),
    "us micro micros microsecond microseconds": timedelta(microseconds=7000),
    "ms milli millis millisecond milliseconds": timedelta(seconds=7),
    "s second seconds": timedelta(seconds=7000),
    "m minute minutes": timedelta(minutes=7000),
    "h hour hours": timedelta(hours=7000),
    "d day days": timedelta(days=7000),
}


@pytest.mark.parametrize(
    ("unit", "expected"), [(name, value) for names, value in UNITS.items() for name in names.split()]
)
def test_given_every_unit_of_hocon_when_parsed_then_it_has_its_length(unit: str, expected: timedelta) -> None:
    assert parse_duration(f"7000 {unit}") == parse_duration(f" 7000{unit}\t") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("30 minutes", timedelta(minutes=30)),
        ("1.5 h", timedelta(minutes=90)),
        ("250", timedelta(milliseconds=250)),
        (250, timedelta(milliseconds=250)),
        ("0", timedelta(0)),
        (timedelta(seconds=3), timedelta(seconds=3)),
    ],
)
def test_given_a_duration_when_parsed_then_it_is_exact(value: object, expected: timedelta) -> None:
    assert parse_duration(value) == expected


@pytest.mark.parametrize(
    "value",
    ["", "s", "-5s", "5 M", "5 fortnights", "1.s", ".5 s", "1e3 s", "5 s s", "5\u00a0weeks", None, True, [5]],
)
def test_given_anything_else_when_parsed_then_the_error_shows_what_would_be_right(value: object) -> None:
    with pytest.raises(ValueError, match="is not a duration; write a number and a unit"):
        parse_duration(value)


@pytest.mark.parametrize("value", ["9999999999 days", "9" * 400 + " s"])
def test_given_a_duration_without_end_when_parsed_then_it_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="is too long"):
        parse_duration(value)


@given(st.integers(0, 10**15).map(lambda micros: timedelta(microseconds=micros)))
def test_given_a_duration_when_printed_and_parsed_then_it_is_the_same(duration: timedelta) -> None:
    assert parse_duration(duration_text(duration)) == duration


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(minutes=30), "30 minutes"),
        (timedelta(seconds=90), "90 seconds"),
        (timedelta(hours=48), "2 days"),
        (timedelta(hours=23), "23 hours"),
        (timedelta(milliseconds=250), "250 ms"),
        (timedelta(microseconds=1), "1 us"),
        (timedelta(0), "0 ms"),
    ],
)
def test_given_a_duration_when_printed_then_the_largest_unit_that_divides_it_is_used(
    duration: timedelta, text: str
) -> None:
    assert duration_text(duration) == text
