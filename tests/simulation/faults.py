"""Seeded faults of the venue: what goes wrong with requests and with the stream, and how often.

Each seed draws a handful of kinds and leaves the others alone, so that every kind is seen often by itself.
"""

import random
from collections.abc import Callable
from typing import Any

from fixgate.simulator.faults import Faults, RequestFault

ORDER_PATHS = frozenset({"/papi/v1/margin/order", "/papi/v1/um/order", "/papi/v1/cm/order"})

Make = Callable[[random.Random], RequestFault]


def _fault(**fields: Any) -> RequestFault:
    return RequestFault(times=1, **fields)


def _either(rng: random.Random, **fields: Any) -> RequestFault:
    """An outcome that says nothing about whether the request was executed."""
    return _fault(land=rng.random() < 0.5, **fields)


REQUEST_FAULTS: dict[str, Make] = {
    "timeout": lambda rng: _either(rng, timeout=True),
    "reset": lambda rng: _either(rng, reset=True, hold_ms=rng.choice((0, 20, 300))),
    "503 unknown": lambda rng: _either(rng, status=503),
    "503 unavailable": lambda rng: _fault(status=503, body="Service Unavailable."),
    "503 overload": lambda rng: _fault(status=503, code=-1008, body="Server is currently overloaded."),
    "500": lambda rng: _either(rng, status=500, code=-1000, body="An unknown error occurred."),
    "502": lambda rng: _either(rng, status=502, body="<html>Bad Gateway</html>"),
    "504": lambda rng: _either(rng, status=504, body="<html>Gateway Time-out</html>"),
    "408": lambda rng: _either(rng, status=408, code=-1007, body="Timeout waiting for response."),
    "-1006": lambda rng: _either(rng, status=400, code=-1006, body="An unexpected response was received."),
    "-1007": lambda rng: _either(rng, status=400, code=-1007, body="Timeout waiting for response."),
    "429": lambda rng: _fault(status=429, retry_after=rng.choice((1, 2, 3))),
    "418": lambda rng: _fault(status=418, retry_after=rng.choice((2, 4))),
    "-1015": lambda rng: _fault(status=429, code=-1015, retry_after=2, body="Too many new orders."),
    "-1021": lambda rng: _fault(status=400, code=-1021, body="Timestamp is outside of the recvWindow."),
    "403": lambda rng: _fault(status=403, body="<html>Forbidden</html>"),
    "garbage": lambda rng: _fault(status=200, land=True, body='{"orderId": '),
    "slow engine": lambda rng: _fault(delay_ms=rng.choice((50, 200, 700))),
    "slow reply": lambda rng: _fault(hold_ms=rng.choice((100, 400, 900, 1500))),
}

EVENT_FAULTS = ("drop", "duplicate", "delay", "reorder")
LINK_FAULTS = (
    "socket cut",
    "socket silent",
    "key expires",
    "key vanishes",
    "connections reset",
    "connect refused",
    "venue clock",
    "day over",
)
CLIENT_FAULTS = ("client cut", "client silent", "client deaf", "client off", "client resets")
GATEWAY_FAULTS = ("crash", "torn journal", "restart", "gateway clock", "disk full", "time passes")


class FaultPlan:
    """Which faults one seed has. `without` takes kinds away, to see whether a seed still fails."""

    def __init__(self, rng: random.Random, without: frozenset[str] = frozenset()) -> None:
        self.rng = rng
        calm = rng.random() < 0.08
        self.requests = _some(rng, list(REQUEST_FAULTS), 0 if calm else 5)
        self.events = _some(rng, list(EVENT_FAULTS), 0 if calm else 2)
        self.links = _some(rng, list(LINK_FAULTS), 0 if calm else 3)
        self.clients = _some(rng, list(CLIENT_FAULTS), 0 if calm else 2)
        self.gateway = _some(rng, list(GATEWAY_FAULTS), 0 if calm else 2)
        self.request_rate = rng.choice((0.02, 0.06, 0.15))
        self.event_rate = rng.choice((0.03, 0.1, 0.25))
        self.active = True
        for kinds in (self.requests, self.events, self.links, self.clients, self.gateway):
            kinds[:] = [kind for kind in kinds if kind not in without]

    def describe(self) -> str:
        names = [*self.requests, *self.events, *self.links, *self.clients, *self.gateway]
        return ", ".join(names) or "none"


def _some(rng: random.Random, names: list[str], most: int) -> list[str]:
    return sorted(rng.sample(names, min(len(names), rng.randint(0, most))))


class SeededFaults(Faults):
    """Faults drawn from the plan while it is active; installed in place of a server's own."""

    plan: FaultPlan
    note: Callable[[str], None]

    @classmethod
    def take_over(cls, faults: Faults, plan: FaultPlan, note: Callable[[str], None]) -> "SeededFaults":
        """Turn a server's faults into seeded ones, in place: the server has handed them on already."""
        faults.__class__ = cls
        assert isinstance(faults, SeededFaults)
        faults.plan, faults.note = plan, note
        return faults

    def take_request(self, method: str, path: str) -> RequestFault | None:
        plan = self.plan
        fault = None
        if plan.active and plan.requests and plan.rng.random() < plan.request_rate:
            kind = plan.rng.choice(plan.requests)
            fault = REQUEST_FAULTS[kind](plan.rng)
            landed = " after it landed" if fault.land else ""
            self.note(f"{method} {path}: {kind}{landed}")
        elif path in ORDER_PATHS:
            self.note(f"{method} {path}")
        return fault

    def route(self, account: str, event: dict[str, Any]) -> list[tuple[int, dict[str, Any]]]:
        plan = self.plan
        if not plan.active or not plan.events or plan.rng.random() >= plan.event_rate:
            return [(0, event), *[(0, held) for held in self._held.pop(account, ())]]
        kind = plan.rng.choice(plan.events)
        self.note(f"stream event {event['e']}: {kind}")
        if kind == "drop":
            return []
        if kind == "reorder":
            self._held.setdefault(account, []).append(event)
            return []
        delay = plan.rng.choice((50, 400, 1500)) if kind == "delay" else 0
        return [(delay, event)] * (2 if kind == "duplicate" else 1)
