"""The shape of a REST endpoint, and what several of them share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fixgate.simulator.gate import Call
from fixgate.simulator.matching import SimulatedExchange
from fixgate.simulator.parameter_fields import Parameters, integer
from fixgate.simulator.refusal import VenueRefusal, not_valid

Handler = Callable[[SimulatedExchange, Call], Any]
Weight = int | Callable[[Parameters], int]

PUBLIC, KEY, SIGNED = "public", "key", "signed"

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One route: its handler, what it demands of the caller, and what it costs.

    `order` is how many orders it counts as towards the order limit.
    """

    handle: Handler
    security: str = SIGNED
    weight: Weight = 1
    order: int = 0

    def weigh(self, parameters: Parameters) -> int:
        """Return the request weight of a call with `parameters`."""
        return self.weight if isinstance(self.weight, int) else self.weight(parameters)


Routes = dict[tuple[str, str], Endpoint]


def per_symbol(one: int, every: int) -> Callable[[Parameters], int]:
    """Return a weight of `one` with a symbol and `every` without."""
    return lambda parameters: one if parameters.get("symbol") else every


def window(parameters: Parameters, now: int, longest_ms: int) -> tuple[int, int]:
    """Return (startTime, endTime) of a history query; raises -1023 and -1127.

    Without times it is the last `longest_ms`; with one of them, that much after or before it.
    """
    start, end = integer(parameters, "startTime"), integer(parameters, "endTime")
    if start is None and end is None:
        return now - longest_ms, now
    if start is None:
        return (end or now) - longest_ms, end or now
    if end is None:
        return start, start + longest_ms
    if start > end:
        raise VenueRefusal(-1023, "Start time is greater than end time.")
    if end - start > longest_ms:
        raise VenueRefusal(-1127, f"More than {longest_ms // 3_600_000} hours between startTime and endTime.")
    return start, end


def limit(parameters: Parameters, default: int, most: int) -> int:
    """Return the row limit of a list query; raises -1130 outside 1..`most`."""
    value = integer(parameters, "limit")
    if value is None:
        return default
    if not 1 <= value <= most:
        raise not_valid("limit")
    return value
