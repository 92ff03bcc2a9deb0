"""What happens to links, clients and the gateway itself, each drawn by its name in `faults`."""

import asyncio
import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.simulation.counterparty import Counterparty
from tests.simulation.gateway_process import GatewayProcess
from tests.simulation.network import Weather
from tests.simulation.order_flow import ACCOUNT
from tests.simulation.process import outside

if TYPE_CHECKING:
    from tests.simulation.world import World


def _stream_connections(world: "World") -> list[Any]:
    return [
        each for each in world.network.connections.values() if each.client.process is world.gateway.process
    ]


def _cut_socket(world: "World", _: random.Random) -> None:
    world.venue.call(world.server.streams.drop_sockets)


def _silence(world: "World", rng: random.Random) -> None:
    for connection in _stream_connections(world):
        if rng.random() < 0.5:
            connection.silent = True


def _reset_connections(world: "World", rng: random.Random) -> None:
    for connection in _stream_connections(world):
        if rng.random() < 0.6:
            connection.reset()


def _expire_key(world: "World", _: random.Random) -> None:
    world.venue.call(world.server.streams.expire, ACCOUNT)


def _vanish_key(world: "World", _: random.Random) -> None:
    world.venue.call(world.server.streams.delete, ACCOUNT)


def _bad_weather(world: "World", rng: random.Random) -> None:
    world.network.weather = Weather(0.0005, 0.03, refused=0.3, hanging=0.05)
    world.loop.call_later(rng.uniform(0.5, 4.0), lambda: good_weather(world), context=outside())


def good_weather(world: "World") -> None:
    world.network.weather = Weather()


def _skew_venue(world: "World", rng: random.Random) -> None:
    """Let the venue's clock jump ahead; it never goes back, and nor do the times of its trades."""
    world.server.faults.clock_skew_ms += rng.choice((100, 400, 1500))


def _fill_disk(world: "World", rng: random.Random) -> None:
    """Let no write to the journal succeed for a while."""
    gateway = world.gateway
    gateway.disk_is_full = True

    def make_room() -> None:
        gateway.disk_is_full = False

    world.loop.call_later(rng.uniform(0.2, 4.0), make_room, context=outside())


def _skew_gateway(world: "World", rng: random.Random) -> None:
    world.gateway.process.clock_skew = rng.choice((-3.0, -0.2, 0.0, 0.2, 3.0))


def _client(world: "World", rng: random.Random) -> Counterparty:
    return rng.choice(world.clients)


def _client_off(world: "World", rng: random.Random) -> None:
    client = _client(world, rng)
    client.go_off()
    world.loop.call_later(rng.uniform(0.2, 8.0), client.go_on, context=outside())


def _crash(world: "World", rng: random.Random) -> None:
    """Kill the gateway now, or at one of its next effects."""
    if rng.random() < 0.2 and world.gateway.is_sound:
        world.gateway.kill("a moment without effects")
    else:
        world.gateway.plan_crash(world.gateway.effects + rng.randint(1, 25), torn=False)


def _tear(world: "World", rng: random.Random) -> None:
    world.gateway.plan_crash(world.gateway.effects + rng.randint(1, 15), torn=True)


def _restart_in_order(world: "World", _: random.Random) -> None:
    gateway = world.gateway
    if gateway.listening and gateway.is_sound and not world.restarting:
        world.restarting = True
        task = world.loop.create_task(gateway.stop(), context=gateway.process.context())
        task.add_done_callback(lambda done: _stopped(world, gateway, done))


def _stopped(world: "World", gateway: GatewayProcess, task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and task.exception() is not None and not gateway.died_at:
        world.found("no internal error", f"the gateway could not stop: {task.exception()!r}")


DISTURBANCES: dict[str, Callable[["World", random.Random], None]] = {
    "socket cut": _cut_socket,
    "socket silent": _silence,
    "key expires": _expire_key,
    "key vanishes": _vanish_key,
    "connections reset": _reset_connections,
    "connect refused": _bad_weather,
    "venue clock": _skew_venue,
    "day over": _cut_socket,
    "client cut": lambda world, rng: _client(world, rng).break_off(),
    "client silent": lambda world, rng: _client(world, rng).fall_silent(),
    "client deaf": lambda world, rng: _client(world, rng).fall_deaf(),
    "client off": _client_off,
    "client resets": lambda world, rng: _client(world, rng).reset_at_next_logon(),
    "crash": _crash,
    "torn journal": _tear,
    "restart": _restart_in_order,
    "gateway clock": _skew_gateway,
    "disk full": _fill_disk,
}
