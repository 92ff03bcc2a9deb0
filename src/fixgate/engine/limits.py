"""Limits in USD on what an account's orders are worth: by the day, and in developer mode by the order. Pure.

The daily limit binds what the ledger counts (`engine/ledger.py`), for a UTC day and for every order: those
that only reduce a position count as well, and so do those of every door. It is checked and reserved in one
step, before anything is sent, by the one writer, so that no two orders can take the same room.

Three things can lead above a limit, since the venue's word stands: a trade told of after its order's end, an
order that comes back after its end, and one whose quantity the venue itself raised. None of them can be
refused; the room that is left is 0 then.

An order is worth its quantity times what the `Valuer` says that a unit of it is worth. What cannot be valued
is refused. A replace is checked for what it would add, a list for the dearest of its orders.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_DOWN, ROUND_UP, Decimal
from types import MappingProxyType
from typing import NamedTuple, Protocol

from msgspec.structs import replace

from fixgate.engine.ledger import DAY_NS, Ledger, counted, day_of
from fixgate.engine.order import ZERO, Order
from fixgate.model.decimals import WIDE
from fixgate.model.enums import OrdRejReason
from fixgate.model.execution import ErrorCode
from fixgate.model.limits import LimitCheck
from fixgate.model.refusal import Refused
from fixgate.model.venue import SubmitOrder

_CENT = Decimal("0.01")


class Valuer(Protocol):
    """What knows prices."""

    def unit_usd(self, request: SubmitOrder) -> Decimal:
        """Return what one unit of an order's quantity (base asset; a contract on DELIVERY) is worth in USD at
        most, as far as its terms and the latest prices tell. Above 0. At once, and without I/O.

        Raises `fixgate.model.refusal.Refused` where no price is known.
        """


@dataclass(frozen=True)
class LimitRules:
    """What the operator decides. `daily_usd` are daily limits by account name; an account without one has
    none. `order_usd` is the most that one order may be worth, `None` for no limit: developer mode."""

    daily_usd: Mapping[str, Decimal] = field(default_factory=lambda: MappingProxyType({}))
    order_usd: Decimal | None = None

    @property
    def bind(self) -> bool:
        """True when any order is held to a limit."""
        return bool(self.daily_usd) or self.order_usd is not None

    def binds(self, account: str) -> bool:
        """True when an account's orders are held to a limit, and so are valued."""
        return self.order_usd is not None or account in self.daily_usd


class LimitExceeded(Refused):
    """An order that a limit does not allow."""

    def __init__(self, error: ErrorCode, text: str, check: LimitCheck) -> None:
        super().__init__(OrdRejReason.EXCEEDS_LIMIT, text)
        self.error = error
        self.check = check


class DailyUse(NamedTuple):
    """What an account has used of its limit on a UTC day, `date` (`YYYY-MM-DD`).

    `limit_usd` and `remaining_usd` are `None` where there is no limit. `order_count` are the orders that were
    sent that day, whatever became of them at the venue; those that the gateway refused are not among them.
    """

    date: str
    limit_usd: Decimal | None
    used_usd: Decimal
    remaining_usd: Decimal | None
    order_count: int


class Limits:
    """The rules over the ledger. Touched by the event loop only."""

    def __init__(self, rules: LimitRules, valuer: Valuer, ledger: Ledger) -> None:
        self._rules = rules
        self._valuer = valuer
        self._ledger = ledger

    def status(self, connector: str, account: str, now_ns: int) -> DailyUse:
        """Return what an account (by its connector and name) has used of today's limit, which begins anew at
        midnight UTC. Orders of an account without a limit count 0 USD: they are not valued."""
        day = day_of(now_ns)
        limit = self._rules.daily_usd.get(account)
        return DailyUse(
            date=f"{datetime.fromtimestamp(day * (DAY_NS // 1_000_000_000), UTC):%Y-%m-%d}",
            limit_usd=limit,
            used_usd=self._ledger.used(connector, account, day),
            remaining_usd=None if limit is None else self._remaining(connector, account, limit, day),
            order_count=self._ledger.sent(connector, account, day),
        )

    def _remaining(self, connector: str, account: str, limit: Decimal, day: int) -> Decimal:
        return max(limit - self._ledger.used(connector, account, day), ZERO)

    def units_of(self, requests: Sequence[SubmitOrder], now_ns: int) -> tuple[Decimal | None, ...]:
        """Return what a unit of each order is worth in USD, `None` for those of an account without a limit.
        Several are a list, of which one cancels the others.

        Raises `LimitExceeded` where they would go above a limit, and `Refused` where they cannot be valued.
        """
        first = requests[0]
        if not self._rules.binds(first.account):
            return (None,) * len(requests)
        if len(requests) == 1:
            unit = self._valuer.unit_usd(first)
            worth = unit * first.quantity
            self._check(first, worth, worth, now_ns)
            return (unit,)
        units = tuple(self._valuer.unit_usd(request) for request in requests)
        worth = max(unit * request.quantity for unit, request in zip(units, requests, strict=True))
        self._check(first, worth, worth, now_ns)
        return units

    def unit_of_change(
        self, order: Order, quantity: Decimal, price: Decimal | None, now_ns: int
    ) -> Decimal | None:
        """Return what a unit of an order with a new quantity and price is worth in USD, as `units_of` does. A
        change that adds nothing is always allowed."""
        if not self._rules.binds(order.request.account):
            return None
        unit = self._valuer.unit_usd(replace(order.request, quantity=quantity, price=price))
        adds = order.filled_usd + unit * (quantity - order.cum) - counted(order)
        if adds > 0:
            self._check(order.request, unit * quantity, adds, now_ns)
        return unit

    def _check(self, request: SubmitOrder, worth: Decimal, adds: Decimal, now_ns: int) -> None:
        """Refuse an order that is worth `worth` and would add `adds` to what the account has used."""
        most = self._rules.order_usd
        if most is not None and worth > most:
            raise LimitExceeded(
                ErrorCode.DEV_MODE_LIMIT_EXCEEDED,
                f"Order value {_dollars(worth, ROUND_UP)} exceeds the DEV_MODE safety limit of "
                f"{_dollars(most, ROUND_DOWN)}",
                LimitCheck(order_value_usd=worth, remaining_usd=most),
            )
        limit = self._rules.daily_usd.get(request.account)
        if limit is None:
            return
        remaining = self._remaining(request.connector, request.account, limit, day_of(now_ns))
        if adds > remaining:
            raise LimitExceeded(
                ErrorCode.DAILY_LIMIT_EXCEEDED,
                f"Order would exceed daily limit. Remaining: {_dollars(remaining, ROUND_DOWN)}",
                LimitCheck(order_value_usd=adds, remaining_usd=remaining),
            )


def _dollars(usd: Decimal, rounding: str) -> str:
    """Return an amount for people: what is left rounded down, what is asked for up."""
    return f"${usd.quantize(_CENT, rounding, WIDE)}"


class NoPrices:
    """The valuer of a gateway that knows no prices."""

    def unit_usd(self, request: SubmitOrder) -> Decimal:
        """Refuse: see `Valuer`."""
        raise Refused(
            OrdRejReason.BROKER,
            f"no prices are known, so the value of {request.symbol} in USD cannot be told",
        )
