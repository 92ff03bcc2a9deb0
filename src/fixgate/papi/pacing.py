"""How close the venue's rate limits are, and what may still be sent. Pure: the clock is an argument.

Portfolio Margin counts request weight per address and orders per account, in whole minutes of its own
clock, and tells the count with its replies. Here the latest count is kept together with what has left
since. The last fifth of both limits is kept for cancels and questions: a gateway that can neither cancel
nor find out what became of an order is worse than one that refuses a new order in time.

| used | new orders, modifies | questions that can wait | questions about an order | cancels |
|---|---|---|---|---|
| up to 50 % | go | go | go | go |
| up to 80 % | go | spaced over the minute | go | go |
| up to 95 % | refused before sending | spaced over the minute | go | go |
| above | refused | wait for the next minute | wait for the next minute | go |
| 429 or 418 | refused until it is over | wait | wait | wait, leave first |

A 429 with code -1015 is about the account's orders alone: it refuses new orders and modifies, nothing else.
Sources: PAPI general info, "Limits"; error codes -1003, -1015.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from fixgate.papi.answers import Answer, Response
from fixgate.papi.errors import Failure
from fixgate.papi.weights import Cost

WEIGHT_PER_MINUTE = 6000
ORDERS_PER_MINUTE = 1200

FOR_ORDERS = 0.80
"""The share of a limit that new orders and modifies may use."""
FOR_QUESTIONS = 0.95
"""The share of the weight limit that questions may use; cancels may use all of it."""
UNHURRIED = 0.50
"""The share of the weight limit above which questions that can wait are spaced out."""

THROTTLED_SECONDS = 5.0
"""How long to pause when the venue throttles and does not say for how long."""
BANNED_SECONDS = 120.0
"""The same for a ban; the shortest that the venue gives."""
RESUME_SECONDS = 0.05
"""How long questions stay behind the cancels that waited for the end of a pause."""

MINUTE = 60.0
_TOO_MANY_ORDERS = -1015
_TOO_MANY_REQUESTS = -1003


class Ticket(NamedTuple):
    """A request under way: its number, the minute it left in, and what it costs."""

    number: int
    minute: int
    cost: Cost


class Limit:
    """The use of one limit in the venue's present minute.

    The count that the venue told with the latest request is what counts, even if it is lower than an
    earlier one: near a minute's end an answer may still carry the old minute's. `now` is the venue's time
    in seconds.
    """

    def __init__(self, limit: int, now: Callable[[], float]) -> None:
        self.limit = limit
        self._now = now
        self._minute = 0
        self._told = 0
        self._told_with = -1
        self._since = 0
        self._under_way = 0

    def leaving(self, cost: int) -> None:
        """Count a request that leaves."""
        self._under_way += cost

    def answered(self, ticket: Ticket, cost: int, told: int | None) -> None:
        """Count its answer, with the use that the venue told, if it did."""
        self._roll()
        self._under_way -= cost
        if ticket.minute != self._minute:
            return
        if told is None:
            self._since += cost
        elif ticket.number > self._told_with:
            self._told, self._told_with, self._since = told, ticket.number, 0

    def unsent(self, cost: int) -> None:
        """Take back a request that never left."""
        self._under_way -= cost

    def used(self) -> int:
        """Return how much of the limit is used, requests under way included."""
        self._roll()
        return self._told + self._since + self._under_way

    def room(self, share: float) -> int:
        """Return how much is left of that share of the limit; negative when it is overdrawn."""
        return int(self.limit * share) - self.used()

    def ends_in(self) -> float:
        """Return the seconds to the end of the venue's minute."""
        return MINUTE - self._now() % MINUTE

    def _roll(self) -> None:
        minute = int(self._now() // MINUTE)
        if minute != self._minute:
            self._minute, self._told, self._since = minute, 0, 0


class AddressPacing:
    """What all accounts of one address share: the request weight, and the venue's pauses.

    `now` is the venue's time in seconds since the epoch. Touched by the event loop only.
    """

    def __init__(self, now: Callable[[], float], weight_limit: int = WEIGHT_PER_MINUTE) -> None:
        self.now = now
        self.weight = Limit(weight_limit, now)
        self.banned = False
        self._paused_until = 0.0
        self._number = 0

    def next_number(self) -> int:
        """Return the number of the next request, over all accounts."""
        self._number += 1
        return self._number

    def paused_for(self) -> float:
        """Return the seconds for which nothing may be sent, 0.0 if anything may."""
        return max(0.0, self._paused_until - self.now())

    def paused_until(self) -> float:
        """Return the venue's time at which the pause ends, in seconds since the epoch; 0.0 without one."""
        return self._paused_until if self.paused_for() else 0.0

    def pause(self, failure: Failure) -> None:
        """Send nothing for as long as the venue wishes: Retry-After, the end of the ban, or a guess."""
        banned = failure.status == 418
        ends = [] if failure.banned_until_ms is None else [failure.banned_until_ms / 1000]
        if failure.retry_after is not None:
            ends.append(self.now() + failure.retry_after)
        until = max(ends, default=self.now() + (BANNED_SECONDS if banned else THROTTLED_SECONDS))
        if until > self._paused_until:
            self._paused_until, self.banned = until, banned


class AccountPacing:
    """One account's view of the limits: the address's weight and its own orders. Event loop only."""

    def __init__(self, address: AddressPacing, orders_limit: int = ORDERS_PER_MINUTE) -> None:
        self.address = address
        self.orders = Limit(orders_limit, address.now)
        self._no_orders_until = 0.0

    # what leaves and what comes back

    def leaving(self, cost: Cost) -> Ticket:
        """Count a request that is about to leave."""
        self.address.weight.leaving(cost.weight)
        self.orders.leaving(cost.orders)
        return Ticket(self.address.next_number(), int(self.address.now() // MINUTE), cost)

    def answered(self, ticket: Ticket, answer: Answer) -> None:
        """Count its outcome, and the use that the reply's headers tell."""
        weight, orders = self.address.weight, self.orders
        if isinstance(answer, Response):
            weight.answered(ticket, ticket.cost.weight, _count(answer.headers, "x-mbx-used-weight-1m"))
            orders.answered(ticket, ticket.cost.orders, _count(answer.headers, "x-mbx-order-count-1m"))
        elif answer.sent:
            weight.answered(ticket, ticket.cost.weight, None)
            orders.answered(ticket, ticket.cost.orders, None)
        else:
            weight.unsent(ticket.cost.weight)
            orders.unsent(ticket.cost.orders)

    def refused(self, failure: Failure) -> None:
        """Note a failure: one that says that there were too many requests begins a pause."""
        if failure.code == _TOO_MANY_ORDERS:
            wish = failure.retry_after or self.orders.ends_in()
            self._no_orders_until = max(self._no_orders_until, self.address.now() + wish)
        elif failure.status in (418, 429) or failure.code == _TOO_MANY_REQUESTS:
            self.address.pause(failure)

    # what may be sent

    def refusal(self) -> str:
        """Return why a new order or modify must not be sent now, "" if it may be."""
        if self.address.paused_for():
            why = "has banned this address" if self.address.banned else "throttles this address"
            return f"the venue {why} until {_clock(self.address.paused_until())}: nothing was sent"
        left = self._no_orders_until - self.address.now()
        if left > 0:
            return (
                f"the venue takes no orders of this account until {_clock(self._no_orders_until)} (-1015): "
                "nothing was sent"
            )
        for limit, name in ((self.orders, "orders"), (self.address.weight, "request weight")):
            if limit.room(FOR_ORDERS) < 1:
                kept = limit.limit - int(limit.limit * FOR_ORDERS)
                return (
                    f"the venue's limit of {limit.limit} {name} per minute is nearly used up: {limit.used()} "
                    f"used, the last {kept} are kept for cancels and queries; the minute ends in "
                    f"{limit.ends_in():.1f} s"
                )
        return ""

    def cancel_wait(self) -> float:
        """Return the seconds that a cancel, or a listen key call, must wait; 0.0 if it may leave now."""
        return self.address.paused_for()

    def question_wait(self, cost: Cost) -> float:
        """Return the seconds that a question must wait, 0.0 if it may leave now."""
        paused = self.address.paused_for()
        if paused:
            return paused + RESUME_SECONDS
        weight = self.address.weight
        return weight.ends_in() if weight.room(FOR_QUESTIONS) < cost.weight else 0.0

    def spacing(self, cost: Cost) -> float:
        """Return the seconds that a question that can wait should wait, so that what is left of the
        questions' share lasts to the end of the minute."""
        weight = self.address.weight
        if weight.room(UNHURRIED) >= 0:
            return 0.0
        left = weight.ends_in()
        return min(left, left * cost.weight / max(1, weight.room(FOR_QUESTIONS)))

    def reading(self) -> dict[str, int]:
        """Return what is left of each limit in this minute, for the metrics."""
        return {
            "REQUEST-WEIGHT-1M": max(0, self.address.weight.room(1.0)),
            "ORDER-COUNT-1M": max(0, self.orders.room(1.0)),
        }


def _count(headers: Mapping[str, str], name: str) -> int | None:
    value = headers.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 10 else None


def _clock(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"
