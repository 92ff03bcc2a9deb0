"""How fast requests may leave, in our own hands: ccxt's limiter delays orders by up to half a second.

Two token buckets for each account, since the venues count questions apart from orders. New orders are
refused, with a reason, when only the reserve is left, since the market moves and the client should know now;
cancels may use the reserve and more, and are never refused; questions wait for their turn. When the venue
says "too many requests" no new order leaves for a while, and cancels wait and leave first: Retry-After says
how long, else a pause that grows while the venue goes on saying so.

| | new orders | cancels | questions |
|---|---|---|---|
| more than the reserve is left | go | go | go, from a bucket of their own |
| the reserve is left, or nothing | refused | go | wait for theirs |
| the venue limits | refused | wait, leave first | wait |
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import NamedTuple


class Rate(NamedTuple):
    """Requests a second that a venue takes of one account for long, and how many at once."""

    per_second: float
    burst: int


RATES: Mapping[str, Rate] = {
    "binance": Rate(10.0, 100),
    "bybit": Rate(10.0, 30),
    "gateio": Rate(10.0, 50),
    "kraken": Rate(5.0, 30),
    "hyperliquid": Rate(15.0, 100),
    "okx": Rate(20.0, 60),
}
"""The venues' documented limits, the tighter one where spot and perps differ: Binance 100 orders in 10 s on
spot, Bybit 10 a second, Gate.io 10 a second on spot, Kraken futures 500 in 10 s at 10 an order, Hyperliquid
1200 a minute, OKX 60 in 2 s."""

DEFAULT_RATE = Rate(5.0, 30)

QUESTIONS = Rate(10.0, 30)
"""The same for questions: what the venue with the tightest limits takes."""

RESERVE = 0.2
"""The share of the orders' bucket that new ones leave to cancels."""

FIRST_PAUSE, LAST_PAUSE = 1.0, 60.0
"""Bounds, in seconds, of the pause where the venue does not say how long."""

RESUME_SECONDS = 0.05
"""How long questions stay behind the cancels that waited for the end of a pause."""


class Bucket:
    """Tokens that come back at a rate, up to a burst. `now` is a clock in seconds that never goes back."""

    def __init__(self, rate: Rate, now: Callable[[], float]) -> None:
        self.rate = rate
        self._now = now
        self._tokens = float(rate.burst)
        self._at = now()

    def take(self) -> None:
        """Take one, also where there is none: what is owed comes back first."""
        self._tokens = max(self.left() - 1, -float(self.rate.burst))

    def left(self) -> float:
        """Return how many may be taken at once; below zero where more were taken than there were."""
        now = self._now()
        back = (now - self._at) * self.rate.per_second
        self._tokens = min(self._tokens + back, float(self.rate.burst))
        self._at = now
        return self._tokens

    def wait(self) -> float:
        """Return the seconds until there is one."""
        return max(0.0, (1 - self.left()) / self.rate.per_second)


class Pacing:
    """One account's. Touched by the event loop only."""

    def __init__(self, rate: Rate, now: Callable[[], float], questions: Rate = QUESTIONS) -> None:
        self._now = now
        self._orders = Bucket(rate, now)
        self._questions = Bucket(questions, now)
        self._until = 0.0
        self._pause = FIRST_PAUSE

    def refusal(self) -> str:
        """Return why no new order may leave now; empty if one may."""
        if (paused := self.paused_for()) > 0:
            return f"the exchange limits the request rate: no new orders for another {paused:.1f} s"
        rate = self._orders.rate
        if self.left() < rate.burst * RESERVE + 1:
            return (
                f"the request rate is used up ({rate.per_second:g} a second); "
                "what is left is kept for cancels"
            )
        return ""

    def leaving(self) -> None:
        """Count an order or a cancel that leaves."""
        self._orders.take()

    def limited(self, retry_after: float | None) -> None:
        """The venue said that there were too many requests."""
        pause = self._pause if retry_after is None else retry_after
        self._until = max(self._until, self._now() + pause)
        self._pause = min(self._pause * 2, LAST_PAUSE)

    def answered(self) -> None:
        """The venue answered a request and did not limit it."""
        if self.paused_for() <= 0:
            self._pause = FIRST_PAUSE

    def paused_for(self) -> float:
        """Return the seconds for which the venue takes no requests; 0 if it does."""
        return max(0.0, self._until - self._now())

    def left(self) -> float:
        """Return how many orders and cancels may leave at once now."""
        return self._orders.left()

    async def question(self) -> None:
        """Wait until a question may leave, and count it."""
        while True:
            paused = self.paused_for()
            wait = paused + RESUME_SECONDS if paused > 0 else self._questions.wait()
            if wait <= 0:
                break
            await asyncio.sleep(wait)
        self._questions.take()
