"""UTC timestamps as FIX writes them, to nanoseconds since the epoch and back. Pure.

Source: FIX 4.4 Vol. 1 (UTCTimestamp). A leap second (:60) is the first second of the next minute, as POSIX
has it.
"""

import re
import time
from datetime import date
from functools import lru_cache

LATEST_NS = 2**63 - 1
"""The last nanosecond that a signed 64-bit number holds, in the year 2262."""

_EPOCH = date(1970, 1, 1).toordinal()
_SECOND = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})-([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]|60)")
_SCALE = (0, 10**8, 10**7, 10**6, 10**5, 10**4, 10**3, 10**2, 10, 1)


def nanoseconds(text: str) -> int:
    """Return `YYYYMMDD-HH:MM:SS`, with a point and 1 to 9 digits or without, as nanoseconds since the epoch.

    Negative before 1970. Raises `ValueError` for anything else and for dates that do not exist.
    """
    whole, point, digits = text.partition(".")
    second = _second_ns(whole)
    if not point:
        return second
    if not (digits.isdecimal() and digits.isascii() and len(digits) <= 9):
        raise ValueError(f"{text!r} is not a UTC timestamp")
    return second + int(digits) * _SCALE[len(digits)]


@lru_cache(maxsize=256)  # the messages of one second share it
def _second_ns(text: str) -> int:
    found = _SECOND.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a UTC timestamp")
    year, month, day, hour, minute, second = map(int, found.groups())
    days = date(year, month, day).toordinal() - _EPOCH
    return (days * 86_400 + hour * 3_600 + minute * 60 + second) * 1_000_000_000


def timestamp(at_ns: int) -> str:
    """Return nanoseconds since the epoch as a UTCTimestamp with milliseconds, empty for 0 (not known)."""
    if at_ns <= 0:
        return ""
    milliseconds = at_ns // 1_000_000
    return f"{_second(milliseconds // 1000)}.{milliseconds % 1000:03d}"


@lru_cache(maxsize=16)
def _second(seconds: int) -> str:
    return time.strftime("%Y%m%d-%H:%M:%S", time.gmtime(seconds))
