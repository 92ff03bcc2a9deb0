"""When the gateway is killed, and what else goes wrong at that time.

A kill is tied to something that was seen: a request at the exchange, a report at a client, a step of a
logon. Some come right there, some at random up to a number of milliseconds later.
"""

import random
from dataclasses import replace
from typing import NamedTuple

from fixgate.simulator.faults import EventFault, Faults, RequestFault
from tests.system.trading import PATH

UNDER_LOAD_MS = 400


class Aim(NamedTuple):
    """Kill at one of the first `up_to` sightings of `sight`, and `least_ms` to `later_ms` after it."""

    name: str
    weight: int
    sight: str
    up_to: int = 1
    later_ms: int = 0
    least_ms: int = 0


AIMS = (
    Aim("under load", 30, "report A", 1, UNDER_LOAD_MS),
    Aim("a new order is at the exchange", 20, "POST order", 15),
    Aim("a cancel is at the exchange", 8, "DELETE order", 5),
    Aim("a replace is at the exchange", 6, "PUT order", 4),
    Aim("a burst of messages was sent", 10, "burst sent", 2, 12),
    Aim("a pending new was reported", 8, "report A", 15),
    Aim("a pending cancel was reported", 4, "report 6", 4),
    Aim("a pending replace was reported", 3, "report E", 3),
    Aim("an order was confirmed", 3, "report 0", 10),
    Aim("a fill was reported", 5, "report F", 6),
    Aim("starting, at any time", 8, "spawned", 1, 1500),
    Aim("starting, stream being opened", 3, "POST /papi/v1/listenKey", 1, 60),
    Aim("an order is being asked about", 5, "GET order", 6, 30),
    Aim("a logon was sent", 3, "logon sent", 3),
    Aim("a logon was answered", 3, "logged on", 3, 5),
    Aim("messages are being resent", 4, "resend asked", 2, 10),
    Aim("messages were resent", 3, "resend answered", 2, 5),
    Aim("trouble at the exchange", 16, "report A", 3, 2500, 500),
)

TROUBLE = "trouble at the exchange"
AT_THE_EXCHANGE = frozenset({"POST order", "PUT order", "DELETE order"})


class Kill(NamedTuple):
    """One kill: at the `nth` sighting from the start on, `later` seconds after it."""

    aim: Aim
    nth: int
    later: float


def draw(chance: random.Random) -> Kill:
    """Choose the next kill."""
    aim = chance.choices(AIMS, [aim.weight for aim in AIMS])[0]
    return Kill(aim, chance.randint(1, aim.up_to), chance.uniform(aim.least_ms, aim.later_ms) / 1000)


def set_faults(faults: Faults, kill: Kill, chance: random.Random) -> None:
    """Let things go wrong around the kill.

    A request that is at the exchange when the gateway dies is executed at once, later, or never. In
    trouble, some requests time out, executed or not, and some events are lost, doubled or late.
    """
    if kill.aim.sight in AT_THE_EXCHANGE:
        method = kill.aim.sight.partition(" ")[0]
        fate = chance.choice(("at once", "later", "never"))
        if fate == "later":
            _each(faults, method, RequestFault(times=1000, delay_ms=chance.randint(5, 250)))
        elif fate == "never":
            _each(faults, method, RequestFault(times=1000, reset=True, probability=chance.uniform(0.1, 0.5)))
    if kill.aim.name == TROUBLE or chance.random() < 0.1:
        for method in ("POST", "PUT", "DELETE"):
            for land in (True, False):
                _each(faults, method, RequestFault(land=land, timeout=True, probability=0.1))
                _each(faults, method, RequestFault(land=land, status=503, probability=0.05))
        for what in ("drop", "duplicate", "delay", "reorder"):
            faults.events.append(EventFault(what, times=3, delay_ms=120, probability=0.3))


def _each(faults: Faults, method: str, fault: RequestFault) -> None:
    """Script `fault` for `method` on the orders of each leg."""
    faults.requests += [replace(fault, method=method, path=path) for path in PATH.values()]
