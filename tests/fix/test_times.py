"""Timestamps to nanoseconds, with the standard library as the judge."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fixgate.fix.times import nanoseconds

EPOCH = datetime(1970, 1, 1)


def judged(moment: datetime, fraction: str) -> int:
    """Return the whole seconds of `moment` and the digits of a fraction as nanoseconds."""
    seconds = (moment.replace(microsecond=0) - EPOCH) // timedelta(seconds=1)
    return seconds * 10**9 + int(fraction.ljust(9, "0"))


def text_of(moment: datetime) -> str:
    return f"{moment.year:04d}{moment:%m%d-%H:%M:%S}"


@given(moment=st.datetimes(), fraction=st.text("0123456789", max_size=9))
@example(moment=datetime(2023, 12, 31, 23, 59, 59), fraction="999999999")
@example(moment=datetime(2024, 1, 1), fraction="")
@example(moment=datetime(2024, 2, 29, 12), fraction="000000001")
@example(moment=datetime(1, 1, 1), fraction="5")
def test_given_any_moment_then_it_is_read_to_the_nanosecond(moment: datetime, fraction: str) -> None:
    text = text_of(moment) + (f".{fraction}" if fraction else "")

    assert nanoseconds(text) == judged(moment, fraction)


@given(moment=st.datetimes(max_value=datetime(9999, 12, 31, 23, 58)))
def test_given_a_leap_second_then_it_is_the_first_of_the_next_minute(moment: datetime) -> None:
    leap = f"{text_of(moment)[:-2]}60.25"

    assert nanoseconds(leap) == judged(moment.replace(second=0) + timedelta(minutes=1), "25")


def test_given_the_epoch_then_it_is_zero() -> None:
    assert nanoseconds("19700101-00:00:00") == 0
    assert (
        nanoseconds("20260101-12:30:00.123")
        == int(datetime(2026, 1, 1, 12, 30, 0, 123000, UTC).timestamp() * 1000) * 10**6
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "20260101",
        "20260101-12:30",
        "20260101-12:30:00.",
        "20260101-12:30:00.1234567890",
        "20260101-12:30:00,123",
        "20260101-12:30:00.12a",
        "20260101-12:30:00.-12",
        "20260101-12:30:00.1 2",
        "20260101-12:30:00.\u0661",
        "2026010\u0661-12:30:00",
        "20260101 12:30:00",
        "20260101-24:00:00",
        "20260101-12:60:00",
        "20260101-12:30:61",
        "20261301-12:30:00",
        "20260100-12:30:00",
        "20260230-12:30:00",
        "20230229-12:30:00",
        "00000101-12:30:00",
        "-0260101-12:30:00",
    ],
)
def test_given_text_that_is_no_timestamp_then_it_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        nanoseconds(text)
