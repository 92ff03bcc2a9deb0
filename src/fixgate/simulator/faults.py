"""Scripted faults: what goes wrong with the next requests and the next stream events.

Used by tests and for certification of a client. Nothing goes wrong unless it was asked for.
"""

import random
from dataclasses import dataclass, field, fields
from typing import Any

from fixgate.simulator.events import Event

UNKNOWN_503 = "Unknown error, please check your request or try again later."
"""The 503 whose request may or may not have been executed."""


@dataclass(slots=True)
class RequestFault:
    """What happens to the next `times` requests whose method and path fit.

    `method` empty fits any; `path` is a prefix. Exactly one of `timeout`, `reset`, `status` names
    the outcome; none of them leaves the reply alone (a pure delay). `land` says whether the
    request is executed before it goes wrong. `delay_ms` waits before execution, `hold_ms` between
    execution and reply. `probability` lets requests through at random, from the server's seed.
    """

    method: str = ""
    path: str = "/"
    times: int = 1
    land: bool = False
    timeout: bool = False
    reset: bool = False
    status: int = 0
    code: int | None = None
    body: str = ""
    retry_after: int | None = None
    delay_ms: int = 0
    hold_ms: int = 0
    probability: float = 1.0

    @property
    def replaces_reply(self) -> bool:
        """True when the client does not get the request's own answer."""
        return bool(self.timeout or self.reset or self.status)


_WHAT_HAPPENED = {
    "ORDER_TRADE_UPDATE": ("o", "x"),
    "ALGO_UPDATE": ("ao", "X"),
    "CONDITIONAL_ORDER_TRADE_UPDATE": ("so", "os"),
    "listStatus": ("", "L"),
}
"""Where an event says what happened: the object inside it, and the field."""

EVENT_FAULTS = frozenset({"drop", "duplicate", "delay", "reorder"})


@dataclass(slots=True)
class EventFault:
    """What happens to the next `times` stream events: `drop`, `duplicate`, `delay` (by `delay_ms`) or
    `reorder` (after the event that follows). `event` narrows it to one type, such as
    `ORDER_TRADE_UPDATE`, and `execution` to one execution type (`x`), such as `TRADE`; of a conditional
    order to one state, such as `TRIGGERED`."""

    kind: str
    times: int = 1
    event: str = ""
    execution: str = ""
    delay_ms: int = 500
    probability: float = 1.0

    def fits(self, event: Event) -> bool:
        """True when this fault is about `event`."""
        if self.event and event["e"] != self.event:
            return False
        if not self.execution:
            return True
        place, name = _WHAT_HAPPENED.get(event["e"], ("", "x"))
        body = event[place] if place else event
        return bool(body.get(name) == self.execution)


@dataclass
class Faults:
    """Everything that is scripted to go wrong. One event loop's; `seed` drives the probabilities."""

    seed: int = 0
    requests: list[RequestFault] = field(default_factory=list)
    events: list[EventFault] = field(default_factory=list)
    clock_skew_ms: int = 0
    """Added to the venue's clock: positive makes the venue run ahead of the client."""

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._held: dict[str, list[Event]] = {}

    def clear(self) -> None:
        """Let everything work again. Events held back for reordering stay with their account."""
        self.requests.clear()
        self.events.clear()
        self.clock_skew_ms = 0

    def take_request(self, method: str, path: str) -> RequestFault | None:
        """Return the fault of this request and count it, None when it is to go well."""
        for fault in self.requests:
            if fault.method not in {"", method} or not path.startswith(fault.path):
                continue
            if fault.probability < 1 and self._random.random() >= fault.probability:
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.requests.remove(fault)
            return fault
        return None

    def route(self, account: str, event: Event) -> list[tuple[int, Event]]:
        """Return what leaves for the account's sockets now: (delay in ms, event) pairs."""
        fault = self._take_event(event)
        kind = fault.kind if fault is not None else ""
        if kind == "drop":
            return []
        if kind == "reorder":
            self._held.setdefault(account, []).append(event)
            return []
        delay = fault.delay_ms if fault is not None and kind == "delay" else 0
        out = [(delay, event)] * (2 if kind == "duplicate" else 1)
        return out + [(0, held) for held in self._held.pop(account, ())]

    def _take_event(self, event: Event) -> EventFault | None:
        for fault in self.events:
            if not fault.fits(event):
                continue
            if fault.probability < 1 and self._random.random() >= fault.probability:
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.events.remove(fault)
            return fault
        return None


def request_fault(values: dict[str, Any]) -> RequestFault:
    """Return a request fault from its JSON object; raises `ValueError` naming what is wrong."""
    _check_fields(values, RequestFault)
    fault = RequestFault(**values)
    if sum((bool(fault.timeout), bool(fault.reset), bool(fault.status))) > 1:
        raise ValueError("a request fault has one of timeout, reset and status, not several")
    return fault


def event_fault(values: dict[str, Any]) -> EventFault:
    """Return an event fault from its JSON object; raises `ValueError` naming what is wrong."""
    _check_fields(values, EventFault)
    if values.get("kind") not in EVENT_FAULTS:
        raise ValueError(f"event fault kind {values.get('kind')!r} is not one of {sorted(EVENT_FAULTS)}")
    return EventFault(**values)


def _check_fields(values: dict[str, Any], of: type[RequestFault] | type[EventFault]) -> None:
    known = {f.name: f.default for f in fields(of)}
    for name, value in values.items():
        if name not in known:
            raise ValueError(f"{name!r} is not a field of a fault; known are {sorted(known)}")
        default = known[name]
        wanted = (int, float) if isinstance(default, float) else type(default)
        if (
            default is not None
            and isinstance(default, (bool, int, float, str))
            and not isinstance(value, wanted)
        ):
            raise ValueError(f"fault field {name} is {value!r}; it must be like {default!r}")
