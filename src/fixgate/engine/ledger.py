"""What orders count in USD, and on which day: the books behind daily limits. Pure.

An order counts from the fact that takes it in. While it is open it counts all that it may still become: what
has filled, and the rest at the dearer of its own terms and those that a replace asks for. When it has ended,
by whatever way, it counts what has filled; a reject, a cancel or an expiry so gives back the rest, exactly.
Fills count at the value that was reserved for them, whatever price they were done at.

What an order counts, it counts on the day on which that was reserved. An order of yesterday that fills today
takes nothing of today's limit; a replace that makes it dearer takes the difference of the day on which it was
asked for. What is given back is taken off the latest of its days first.

The orders of a list, of which one cancels the others, count together: the most that can become of them.

Everything follows from facts and the orders as they stand after them, so that a replay comes to the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from fixgate.engine.order import ZERO, Order
from fixgate.model.limits import DayUse, LedgerSnapshot
from fixgate.model.venue import SubmitOrder

DAY_NS = 86_400_000_000_000

_Key = tuple[str, str, int]


def day_of(at_ns: int) -> int:
    """Return the UTC day of a moment (nanoseconds since the epoch), counted from 1970-01-01."""
    return at_ns // DAY_NS


def counted(order: Order) -> Decimal:
    """Return what an order that stands alone counts, in USD."""
    if order.terminal:
        return order.filled_usd
    rest = (order.unit_usd or ZERO) * (order.quantity - order.cum)
    for pending in order.replaces:
        if pending.unit_usd is not None:
            rest = max(rest, pending.unit_usd * (pending.quantity - order.cum))
    return order.filled_usd + max(rest, ZERO)


def counted_together(orders: Sequence[Order]) -> Decimal:
    """Return what orders of which one cancels the others count: the dearest to the end, and of the others
    what has filled."""
    filled = sum((order.filled_usd for order in orders), ZERO)
    return max(filled - order.filled_usd + counted(order) for order in orders)


@dataclass(slots=True)
class _Day:
    """What one account's orders count on one day, and how many were sent."""

    used: Decimal = ZERO
    sent: int = 0
    changed: bool = True


class Ledger:
    """What each account's orders count on each day. Touched by the event loop only.

    `as_of` is the last fact that the totals held when they were restored: facts up to there, read again,
    change them no more.
    """

    def __init__(self) -> None:
        self.as_of = 0
        self._days: dict[_Key, _Day] = {}

    def used(self, connector: str, account: str, day: int) -> Decimal:
        """Return what an account's orders count on a day, in USD."""
        found = self._days.get((connector, account, day))
        return ZERO if found is None else found.used

    def sent(self, connector: str, account: str, day: int) -> int:
        """Return how many orders of an account were taken to be sent on a day."""
        found = self._days.get((connector, account, day))
        return 0 if found is None else found.sent

    def note_sent(self, request: SubmitOrder, seq: int, at_ns: int) -> None:
        """Count an order that fact `seq` took in."""
        if seq > self.as_of:
            day = self._day((request.connector, request.account, at_ns // DAY_NS))
            day.sent += 1
            day.changed = True

    def count(self, owner: Order, orders: Sequence[Order], seq: int, at_ns: int) -> bool:
        """Count `orders`, of which `owner` keeps the account, as they stand after fact `seq`. True when what
        they count has changed."""
        total = counted(owner) if len(orders) == 1 else counted_together(orders)
        reserved = owner.reserved_usd
        difference = total - sum((usd for _, usd in reserved), ZERO) if reserved else total
        if not difference:
            return False
        if difference > 0:
            self._add(owner, day_of(at_ns), difference, seq)
        while difference < 0 and reserved:
            day, usd = reserved[-1]
            back = min(usd, -difference)
            self._add(owner, day, -back, seq)
            difference += back
        return True

    def _add(self, owner: Order, day: int, usd: Decimal, seq: int) -> None:
        reserved = owner.reserved_usd
        held = reserved.pop()[1] if reserved and reserved[-1][0] == day else ZERO
        if held + usd:
            reserved.append((day, held + usd))
        key = (owner.request.connector, owner.request.account, day)
        # What is given back of a day that is not kept any more changes nothing.
        if seq > self.as_of and (usd > 0 or key in self._days):
            total = self._day(key)
            total.used += usd
            total.changed = True

    def _day(self, key: _Key) -> _Day:
        found = self._days.get(key)
        if found is None:
            found = self._days[key] = _Day()
        return found

    # kept beside the facts

    def snapshot(self, as_of: int) -> LedgerSnapshot | None:
        """Return the days that changed since the last snapshot, as they are after fact `as_of`; `None` if
        none did. They count as unchanged from now on, unless `keep_again` takes them back."""
        changed = {key: day for key, day in self._days.items() if day.changed}
        if not changed:
            return None
        for day in changed.values():
            day.changed = False
        days = tuple(
            DayUse(connector=key[0], account=key[1], day=key[2], used_usd=day.used, orders=day.sent)
            for key, day in changed.items()
        )
        return LedgerSnapshot(as_of=as_of, days=days)

    def keep_again(self, snapshot: LedgerSnapshot) -> None:
        """The snapshot could not be kept: its days have changed still."""
        for each in snapshot.days:
            self._days[each.connector, each.account, each.day].changed = True

    def restore(self, kept: LedgerSnapshot) -> None:
        """Take the totals as they were kept."""
        self.as_of = kept.as_of
        for each in kept.days:
            key = (each.connector, each.account, each.day)
            self._days[key] = _Day(each.used_usd, each.orders, changed=False)
