"""News to FIX 4.4 text. Pure. Source: FIX 4.4 Vol. 3 (News)."""

from fixgate.fix.times import timestamp
from fixgate.fix.wire import Pairs
from fixgate.model.reports import News

FLASH, NORMAL = "1", "0"
"""Urgency(61)."""


def news(report: News) -> Pairs:
    """Return the fields of a News(B). FIX asks for at least one line: without any, the headline is it."""
    lines = [line for line in report.lines if line] or [report.headline]
    return [
        ("35", "B"),
        ("97", "Y" if report.resent else ""),
        ("42", timestamp(report.at_ns)),
        ("61", FLASH if report.urgent else NORMAL),
        ("148", report.headline),
        ("33", str(len(lines))),
        *(("58", line) for line in lines),
    ]
