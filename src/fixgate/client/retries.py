"""When a call that got no answer is sent again."""

from typing import Any

import httpx

from fixgate.client.calls import Call
from fixgate.client.errors import Unreachable

PREFIX = "/oems/execution"
PAUSES = (0.1, 0.5, 2.0)
"""Seconds before the second, the third and every further attempt."""

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def is_worth_another(call: Call[Any], error: httpx.TransportError) -> bool:
    """True where the call was surely not sent, or may be done twice."""
    return call.repeatable or isinstance(error, _NOT_SENT)


def lost(call: Call[Any], error: httpx.TransportError) -> Unreachable:
    """Return what is raised when no attempt is left."""
    why = str(error) or type(error).__name__
    return Unreachable(f"{call.method} {PREFIX}{call.path} got no answer: {why}", call.key)
