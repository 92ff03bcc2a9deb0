"""Durations as HOCON writes them: `30 minutes`, `5s`, `250 ms`, `1.5 h`, or a bare number of milliseconds."""

import re
from datetime import timedelta

_UNITS = {
    "ns": 0.001,
    "nano": 0.001,
    "nanos": 0.001,
    "nanosecond": 0.001,
    "nanoseconds": 0.001,
    "us": 1,
    "micro": 1,
    "micros": 1,
    "microsecond": 1,
    "microseconds": 1,
    "": 1_000,
    "ms": 1_000,
    "milli": 1_000,
    "millis": 1_000,
    "millisecond": 1_000,
    "milliseconds": 1_000,
    "s": 1_000_000,
    "second": 1_000_000,
    "seconds": 1_000_000,
    "m": 60_000_000,
    "minute": 60_000_000,
    "minutes": 60_000_000,
    "h": 3_600_000_000,
    "hour": 3_600_000_000,
    "hours": 3_600_000_000,
    "d": 86_400_000_000,
    "day": 86_400_000_000,
    "days": 86_400_000_000,
}
_FORM = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)")


def parse_duration(value: object) -> timedelta:
    """Return the duration that `value` spells.

    Source: the HOCON specification, "Duration format". Raises `ValueError` for anything else,
    negative durations included.
    """
    if isinstance(value, timedelta):
        return value
    match = _FORM.fullmatch(str(value).strip()) if not isinstance(value, bool) else None
    if match is None or match[2] not in _UNITS:
        raise ValueError(
            f"{value!r} is not a duration; write a number and a unit, "
            "such as '30 minutes', '5 seconds' or '250 ms'"
        )
    try:
        return timedelta(microseconds=float(match[1]) * _UNITS[match[2]])
    except OverflowError:
        raise ValueError(f"duration {value!r} is too long") from None


_LARGE_UNITS = (
    ("days", 86_400_000_000),
    ("hours", 3_600_000_000),
    ("minutes", 60_000_000),
    ("seconds", 1_000_000),
)


def duration_text(duration: timedelta) -> str:
    """Return `duration` in the largest unit that divides it: `30 minutes`, `5 seconds`, `250 ms`."""
    micros = duration // timedelta(microseconds=1)
    for unit, size in _LARGE_UNITS:
        if micros and micros % size == 0:
            return f"{micros // size} {unit}"
    return f"{micros // 1000} ms" if micros % 1000 == 0 else f"{micros} us"
