"""TCP in memory: connections with seeded latency that can be refused, reset or go silent.

Bytes of one direction arrive in order. A process that dies leaves what it had written, as a kernel does,
and its peers then see a reset; a half-open connection carries nothing and nobody is told.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.simulation.process import CURRENT, Process, outside


@dataclass
class Weather:
    """How the network is now. Latency in seconds; the others are probabilities per new connection."""

    least: float = 0.0005
    most: float = 0.004
    refused: float = 0.0
    hanging: float = 0.0


class Network:
    """Every connection of one run."""

    def __init__(self, loop: asyncio.BaseEventLoop, rng: random.Random) -> None:
        self.loop = loop
        self.rng = rng
        self.weather = Weather()
        self.connections: dict[int, Connection] = {}
        self._listeners: dict[int, tuple[Callable[[], Any], Process | None]] = {}
        self._ports = iter(range(40_000, 65_000))
        self._numbers = iter(range(1, 1 << 60))

    def latency(self) -> float:
        return self.rng.uniform(self.weather.least, self.weather.most)

    def listen(self, factory: Callable[[], Any], host: str, port: int | None) -> "Listener":
        """Open a port; 0 takes the next one."""
        number = port or next(self._ports)
        self._listeners[number] = factory, CURRENT.get()
        return Listener(self, host or "127.0.0.1", number)

    def close_port(self, port: int) -> None:
        self._listeners.pop(port, None)

    async def connect(self, factory: Callable[[], Any], host: str, port: int) -> tuple[Any, Any]:
        """Connect to a port of this network; raises `OSError` like a socket."""
        weather, dice = self.weather, self.rng.random()
        await asyncio.sleep(2 * self.latency())
        if dice < weather.hanging:
            await asyncio.get_running_loop().create_future()
        listener = self._listeners.get(port)
        if listener is None or dice < weather.hanging + weather.refused:
            raise ConnectionRefusedError(111, f"connection to {host}:{port} refused")
        make_server, process = listener
        connection = Connection(self, next(self._numbers), port, CURRENT.get(), process)
        self.connections[connection.number] = connection
        protocol = factory()
        connection.client.attach(protocol)
        protocol.connection_made(connection.client)
        connection.server.call(connection.accept, make_server)
        return connection.client, protocol

    def forget(self, connection: "Connection") -> None:
        self.connections.pop(connection.number, None)

    def process_died(self, process: Process) -> None:
        """Cut every connection that `process` had."""
        for connection in list(self.connections.values()):
            for end in (connection.client, connection.server):
                if end.process is process:
                    end.die()


class Listener:
    """What `create_server` returns."""

    def __init__(self, network: Network, host: str, port: int) -> None:
        self._network = network
        self._port = port
        self.sockets = (_Name((host, port)),)

    def close(self) -> None:
        self._network.close_port(self._port)

    async def wait_closed(self) -> None:
        """Nothing to wait for: ports close at once."""

    def is_serving(self) -> bool:
        return True


class _Name:
    def __init__(self, name: tuple[str, int]) -> None:
        self._name = name

    def getsockname(self) -> tuple[str, int]:
        return self._name


class Connection:
    """Two ends that write to each other."""

    def __init__(
        self, network: Network, number: int, port: int, client: Process | None, server: Process | None
    ) -> None:
        self.network = network
        self.number = number
        self.port = port
        self.silent = False
        near, far = ("127.0.0.1", 20_000 + number % 20_000), ("127.0.0.1", port)
        self.client = End(self, client, near, far)
        self.server = End(self, server, far, near)
        self.client.peer, self.server.peer = self.server, self.client

    def accept(self, make_server: Callable[[], Any]) -> None:
        if not self.server.closing:
            protocol = make_server()
            self.server.attach(protocol)
            protocol.connection_made(self.server)

    def reset(self) -> None:
        """Break it: both ends hear of it, what is under way is lost."""
        for end in (self.client, self.server):
            end.break_off()


class End(asyncio.Transport):
    """One end of a connection, as asyncio's transports behave."""

    peer: "End"

    def __init__(
        self, connection: Connection, process: Process | None, near: tuple[str, int], far: tuple[str, int]
    ) -> None:
        super().__init__({"sockname": near, "peername": far})
        self.connection = connection
        self.process = process
        self.closing = False
        self._lost = False
        self._protocol: Any = None
        self._arrival = 0.0
        self._paused = False
        self._held: list[bytes] = []
        self._broken = False

    # what the network does

    def call(self, callback: Callable[..., Any], *args: Any, at: float | None = None) -> None:
        """Run a callback as this end's process."""
        loop = self.connection.network.loop
        context = self.process.context() if self.process is not None else outside()
        loop.call_at(at if at is not None else loop.time(), callback, *args, context=context)

    def _to_peer(self, callback: Callable[..., Any], *args: Any) -> None:
        network = self.connection.network
        if self.connection.silent:
            return
        self._arrival = max(self._arrival + 1e-7, network.loop.time() + network.latency())
        self.peer.call(callback, *args, at=self._arrival)

    def attach(self, protocol: Any) -> None:
        self._protocol = protocol

    def _data(self, data: bytes) -> None:
        if self._lost or self._protocol is None or self._broken:
            return
        if self._paused:
            self._held.append(data)
        else:
            self._protocol.data_received(data)

    def _eof(self) -> None:
        if self._lost or self._protocol is None:
            return
        keep_open = self._protocol.eof_received()
        if not keep_open:
            self.close()

    def _reset_by_peer(self) -> None:
        self._lose(ConnectionResetError(104, "Connection reset by peer"))

    def _lose(self, error: Exception | None) -> None:
        if self._lost:
            return
        self._lost = self.closing = True
        if self.peer._lost or self.connection.silent:
            self.connection.network.forget(self.connection)
        if self._protocol is not None:
            self._protocol.connection_lost(error)

    def break_off(self) -> None:
        self._broken = True
        self.call(self._reset_by_peer)

    def die(self) -> None:
        """The process is gone: what it wrote arrives, then the peer sees a reset."""
        if not self._lost:
            self._lost = self.closing = True
            self._to_peer(self.peer._reset_by_peer)

    @property
    def _is_dead(self) -> bool:
        return self.process is not None and not self.process.alive

    # what a protocol calls

    def write(self, data: Any) -> None:
        if self.closing or self._is_dead or not data:
            return
        self._to_peer(self.peer._data, bytes(data))

    def writelines(self, list_of_data: Any) -> None:
        self.write(b"".join(list_of_data))

    def close(self) -> None:
        if self.closing or self._is_dead:
            return
        self.closing = True
        self._to_peer(self.peer._eof)
        self.call(self._lose, None)

    def abort(self) -> None:
        if self._lost or self._is_dead:
            return
        if not self.closing:
            self._to_peer(self.peer._reset_by_peer)
        self.closing = True
        self.call(self._lose, None)

    def is_closing(self) -> bool:
        return self.closing

    def set_protocol(self, protocol: Any) -> None:
        self._protocol = protocol

    def get_protocol(self) -> Any:
        return self._protocol

    def pause_reading(self) -> None:
        self._paused = True

    def resume_reading(self) -> None:
        self._paused = False
        held, self._held = self._held, []
        for data in held:
            self.call(self._data, data)

    def is_reading(self) -> bool:
        return not self._paused

    def get_write_buffer_size(self) -> int:
        return 0

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return 0, 65_536

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Buffers are never full."""

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        if not self.closing and not self._is_dead:
            self._to_peer(self.peer._eof)
