"""The wire between an OMS and the gateway's FIX door: messages in order, with latency, that can break."""

import asyncio
import random
from collections.abc import Callable
from typing import Any, Protocol

from tests.simulation.process import Process, outside


class GatewaySide(Protocol):
    def linked(self, link: "FixLink") -> None: ...

    def received(self, link: "FixLink", raw: str) -> None: ...

    def cut(self, link: "FixLink") -> None: ...


class ClientSide(Protocol):
    def received(self, link: "FixLink", raw: str) -> None: ...

    def cut(self, link: "FixLink") -> None: ...


HEARTBEAT = 2
"""HeartBtInt(108) of every client, in seconds."""
HEARTBEAT_LOSS = 2.4 * HEARTBEAT
"""Seconds of silence after which a side takes the connection for dead, as FIX engines do it."""


class FixLink:
    """One TCP connection between one client and the door of one gateway process."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        rng: random.Random,
        process: Process,
        door: GatewaySide,
        client: ClientSide,
        session: str,
    ) -> None:
        self.session = session
        self.open = True
        self._loop, self._rng, self._process = loop, rng, process
        self._door, self._client = door, client
        self.silent = self.deaf = False
        self._arrival = {"in": 0.0, "out": 0.0}
        process.at_death.append(self.break_off)
        self._to_gateway(door.linked)

    def to_gateway(self, raw: str) -> None:
        self._to_gateway(self._door.received, raw)

    def to_client(self, raw: str) -> None:
        if self._process.alive:
            self._to_client(self._client.received, raw)

    def close_by_gateway(self) -> None:
        """The door hangs up: what it sent before still arrives."""
        if self.open and self._process.alive:
            self._to_client(lambda link: self.break_off())

    def break_off(self) -> None:
        """Break the connection: what is under way is lost, both sides hear of it."""
        if not self.open:
            return
        self.open = False
        self._loop.call_later(self._latency(), self._client.cut, self, context=outside())
        if self._process.alive:
            context = self._process.context()
            self._loop.call_later(self._latency(), self._door.cut, self, context=context)

    def fall_silent(self) -> None:
        """Carry nothing any more; both sides find out by heartbeats."""
        if self.open and not self.silent:
            self.silent = True
            self._loop.call_later(HEARTBEAT_LOSS, self.break_off, context=outside())

    def fall_deaf(self) -> None:
        """Carry nothing to the client any more, who goes on talking until heartbeats fail."""
        if self.open and not self.deaf:
            self.deaf = True
            self._loop.call_later(HEARTBEAT_LOSS, self.break_off, context=outside())

    def _to_gateway(self, what: Callable[..., Any], *args: Any) -> None:
        self._pass("in", lambda: what(self, *args), self._process)

    def _to_client(self, what: Callable[..., Any], *args: Any) -> None:
        self._pass("out", lambda: what(self, *args), None)

    def _pass(self, way: str, deliver: Callable[[], Any], process: Process | None) -> None:
        if self.silent or not self.open or (self.deaf and way == "out"):
            return
        at = max(self._arrival[way] + 1e-6, self._loop.time() + self._latency())
        self._arrival[way] = at
        context = process.context() if process is not None else outside()
        self._loop.call_at(at, self._arrive, deliver, context=context)

    def _arrive(self, deliver: Callable[[], Any]) -> None:
        if self.open and not self.silent:
            deliver()

    def _latency(self) -> float:
        return self._rng.uniform(0.0001, 0.003)
