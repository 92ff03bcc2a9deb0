"""How long a call of the Execution API waits for an exchange's answer to anything but an order.

A call may have to wait for its turn, since exchanges limit how often they are asked; one that its caller has
given up must not be made any more.
"""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from fixgate.model.execution import ErrorCode, ExecutionError

T = TypeVar("T")

ANSWER_SECONDS = 12.0
PRICE_SECONDS = 5.0
"""How long a price is waited for that an order must have before it can be sent."""


async def told(question: Awaitable[T]) -> T:
    """Return the answer to a question. Raises `ExecutionError`, when none came in time as well."""
    return await _within(ANSWER_SECONDS, question, "")


async def priced(question: Awaitable[T]) -> T:
    """Return a price that an order needs, as `told` does."""
    return await _within(PRICE_SECONDS, question, " for a price; nothing was sent, try again")


async def done(change: Awaitable[T]) -> T:
    """Return the answer to a call that changes something, as `told` does."""
    unknown = "; whether it was done is not known: ask for the state before you try again"
    return await _within(ANSWER_SECONDS, change, unknown)


async def _within(seconds: float, call: Awaitable[T], more: str) -> T:
    try:
        async with asyncio.timeout(seconds):
            return await call
    except TimeoutError:
        text = f"the exchange did not answer within {seconds:g} s{more}"
        raise ExecutionError(ErrorCode.NETWORK_ERROR, text) from None
