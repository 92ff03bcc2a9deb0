"""A client of the whole Portfolio Margin interface: one typed method for each call.

The methods are written by `tools/papi_client.py` from the table of calls (`fixgate.papi.endpoints`).
"""

from fixgate.papi.client.client import PortfolioClient
from fixgate.papi.client.event_stream import EventStream
from fixgate.papi.client.failures import (
    AccessRefused,
    ClockRefused,
    NoClearAnswer,
    NotExecuted,
    NotPortfolioMargin,
    OutcomeUnknown,
    Rejected,
    Throttled,
)

__all__ = [
    "AccessRefused",
    "ClockRefused",
    "EventStream",
    "NoClearAnswer",
    "NotExecuted",
    "NotPortfolioMargin",
    "OutcomeUnknown",
    "PortfolioClient",
    "Rejected",
    "Throttled",
]
