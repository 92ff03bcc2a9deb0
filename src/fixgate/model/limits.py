"""What a limit in USD said about an order, and what an account has used of a day's."""

from decimal import Decimal

import msgspec


class LimitCheck(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Why an order was refused: it would have counted `order_value_usd`, and `remaining_usd` was left."""

    allowed: bool = False
    order_value_usd: Decimal
    remaining_usd: Decimal


class DayUse(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What one account's orders count on a day, and how many were sent. `day` is a UTC day, counted from
    1970-01-01."""

    connector: str
    account: str
    day: int
    used_usd: Decimal
    orders: int


class LedgerSnapshot(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Days whose use changed, with every fact up to number `as_of` in them."""

    as_of: int = 0
    days: tuple[DayUse, ...] = ()
