"""What the operator decides about orders in general."""

from dataclasses import dataclass
from enum import StrEnum

REPLACES_AT_ONCE = 8
"""Replaces of one order that may wait for one another; the next is refused as already pending."""


class LateArrival(StrEnum):
    """What happens to an order that was rejected as unknown and that the venue has after all."""

    CANCEL = "cancel"
    ADOPT = "adopt"


@dataclass(frozen=True, slots=True)
class Policy:
    """`max_age_ns` is how old a new order or replace may be when it is decided on, by its own TransactTime
    and sending time; 0 takes any age."""

    max_age_ns: int = 0
    late_arrival: LateArrival = LateArrival.CANCEL
    replaces_at_once: int = REPLACES_AT_ONCE
