"""What happens and when: moments that a kill can be tied to, and the record of everything for evidence."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from fixgate.simulator.server import SimulatorServer
from tests.crash.session import shown

ORDER_PATHS = {
    "/papi/v1/margin/order": "order",
    "/papi/v1/um/order": "order",
    "/papi/v1/cm/order": "order",
}
"""Paths that have a short name among the sightings: `POST order` is a new order at the exchange."""

_EVENT_FIELDS = ("e", "x", "X", "c", "C", "i", "q", "p", "l", "L", "z", "t", "n", "er")


class Sightings:
    """Moments by name. `note` is called where they happen; what is armed runs there and then."""

    def __init__(self) -> None:
        self._name, self._left = "", 0
        self._action: Callable[[], None] = lambda: None

    def arm(self, name: str, nth: int, action: Callable[[], None]) -> None:
        """Call `action` at the `nth` moment of that name from now on, in place of what was armed."""
        self._name, self._left, self._action = name, nth, action

    def disarm(self) -> None:
        """Call nothing."""
        self._name = ""

    def note(self, name: str) -> None:
        """Tell that a moment is now."""
        if name != self._name:
            return
        self._left -= 1
        if self._left == 0:
            self._name = ""
            self._action()


class Evidence:
    """Everything that passed, as lines of text in one file, by time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("w")

    def write(self, text: str) -> None:
        """Add a line."""
        at = time.time()
        clock = time.strftime("%H:%M:%S", time.gmtime(at))
        self._file.write(f"{clock}.{int(at * 1000) % 1000:03d} {text}\n")

    def fix(self, session: str, direction: str, raw: str) -> None:
        """Add a FIX message; `>` is to the gateway."""
        self.write(f"FIX {session} {direction} {shown(raw)}")

    def about(self, words: Iterable[str]) -> list[str]:
        """Return the lines in which one of `words` stands, and those that tell of the gateway's life."""
        self._file.flush()
        wanted = [word for word in words if word]
        lines = self.path.read_text().splitlines()
        return [line for line in lines if " ROUND " in line or any(word in line for word in wanted)]

    def close(self) -> None:
        """Write what is left."""
        self._file.close()


class ExchangeWatch:
    """Sees every request arrive at the exchange, before it is executed, and every event leave."""

    def __init__(self, server: SimulatorServer, sightings: Sightings, evidence: Evidence) -> None:
        self._server, self._sightings, self._evidence = server, sightings, evidence
        self.submitted: Counter[str] = Counter()
        """How often a new order was asked for, by client order id."""
        self._take_request = server.faults.take_request
        server.faults.take_request = self._arrived  # type: ignore[method-assign]
        server.exchange.subscribe(self._event)

    def _arrived(self, method: str, path: str) -> Any:
        request = self._server.requests[-1]
        if path in ORDER_PATHS:
            what = {name: v for name, v in request.params.items() if name not in {"timestamp", "recvWindow"}}
            self._evidence.write(f"EXCHANGE < {method} {path} {json.dumps(what)}")
            if method == "POST":
                self.submitted[request.params.get("newClientOrderId", "")] += 1
        self._sightings.note(f"{method} {ORDER_PATHS.get(path, path)}")
        fault = self._take_request(method, path)
        if fault is not None:
            self._evidence.write(f"EXCHANGE goes wrong: {fault}")
        return fault

    def _event(self, _: str, event: dict[str, Any]) -> None:
        body = event.get("o", event)
        if isinstance(body, dict) and "x" in body:
            what = {name: body[name] for name in _EVENT_FIELDS if name in body}
            self._evidence.write(f"EXCHANGE > {event['e']} {json.dumps(what)}")
