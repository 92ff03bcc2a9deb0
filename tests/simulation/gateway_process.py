"""The gateway as a simulated process: its real parts, and the points between two effects where it can die."""

import asyncio
import contextlib
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from fixgate.connectors.binance_pm import FACTORY
from fixgate.connectors.connector import Probe
from fixgate.fix.settings import AcceptorConfig
from fixgate.gateway.core import Core, CoreSettings
from fixgate.gateway.counting import OutcomeCounter
from fixgate.journal.journal import JournalError
from fixgate.journal.sqlite import SqliteJournal
from fixgate.observe.metrics import Metrics
from tests.simulation.fix_session import Store
from tests.simulation.process import Process, ProcessDied
from tests.simulation.sim_door import SimDoor

CONNECTOR = "PM"
JOURNAL = "journal.db"


class CrashPlan:
    """When an incarnation of the gateway dies: at its `effect`-th effect (0: never by itself).

    With `torn`, the next thing written to the journal is cut in the middle of its bytes.
    """

    def __init__(self, effect: int = 0, *, torn: bool = False) -> None:
        self.effect = effect
        self.torn = torn


class GatewayProcess:
    """One incarnation. `folder` holds its journal; `stores` are the FIX engine's, which outlive it."""

    def __init__(
        self,
        loop: Any,
        folder: Path,
        acceptor: AcceptorConfig,
        settings: Any,
        stores: dict[str, Store],
        plan: CrashPlan,
        rng: random.Random,
        log: Callable[[str], None],
        clock_skew: float,
        core: CoreSettings,
    ) -> None:
        self.folder = folder
        self.process = Process("gateway", clock_skew)
        self.failure = ""
        self.effects = 0
        self.died_at = ""
        self._loop, self._acceptor, self._settings = loop, acceptor, settings
        self._stores, self._plan, self._rng, self._log = stores, plan, rng, log
        self._core_settings = core
        self.disk_is_full = False
        self.stopped = False
        self.image: dict[str, bytes] = {}
        self.journal: Any = None
        self.engine: Any = None
        self.door: SimDoor | None = None
        self.connector: Any = None
        self.core: Core | None = None
        self.recorded: list[Any] = []
        self.process.at_death.append(self._take_image)
        self.started = loop.create_task(self._start(), context=self.process.context())

    @property
    def alive(self) -> bool:
        return self.process.alive

    @property
    def listening(self) -> bool:
        return self.alive and self.door is not None and self.door.listening

    def kill(self, why: str) -> None:
        """Kill it from outside, between two of its callbacks."""
        if self.alive:
            self.died_at = why
            self.process.kill()

    def plan_crash(self, effect: int, *, torn: bool) -> None:
        """Change when it dies; effect 0 lets it live."""
        self._plan = CrashPlan(effect, torn=torn)

    async def stop(self) -> None:
        """Stop it in good order, as on SIGTERM. Must run as this process."""
        if self.core is None or self.door is None:
            self.kill("stopped while it started")
            return
        self.core.closing()
        self.door.log_out()
        for _ in range(20):
            if not self.door.anyone_on:
                break
            await asyncio.sleep(0.05)
        self.door.stop()
        self.core.drain()
        await self.connector.stop()
        self.core.close()
        self.journal.close()
        self.stopped = True
        self.process.kill()

    def bury(self) -> None:
        """Free everything, once the loop does not run."""
        self.process.bury()
        if self.journal is not None:
            self.journal.close()

    # start, in the order of the gateway's own

    async def _start(self) -> None:
        durability = "disk" if self._core_settings.waits_for_disk else "process"
        self.journal = journal = _Journal(self, SqliteJournal(self.folder / JOURNAL, durability))
        connectors: dict[str, Any] = {}
        counter = OutcomeCounter(Metrics())
        core = Core(self._core_settings, journal, connectors, counter, self._make_door, self._failed)
        core.restore()
        self.engine = core.engine
        self.point("restored")
        self.connector = FACTORY.build(CONNECTOR, self._settings, {}, Probe())
        connectors[CONNECTOR] = _Connector(self, self.connector)
        self.core = core
        await core.start()

    def _make_door(self, inbox: Any, deliver: Any, events: Any) -> SimDoor:
        self.door = SimDoor(self._acceptor, inbox, deliver, events, stores=self._stores, point=self.point)
        return self.door

    def _failed(self, text: str) -> None:
        self.failure = text

    # effects

    def point(self, name: str) -> None:
        """Pass a point between two effects; the process may die here."""
        if not self.process.alive:
            raise ProcessDied
        self.effects += 1
        if 0 < self._plan.effect <= self.effects and not self._plan.torn and self.is_sound:
            self.die(name)

    def die(self, where: str) -> None:
        self.died_at = f"{where} (effect {self.effects})"
        self.process.kill()
        raise ProcessDied

    @property
    def tears_next(self) -> bool:
        return self._plan.torn and 0 < self._plan.effect <= self.effects and self.is_sound

    @property
    def is_sound(self) -> bool:
        """True while the journal has everything that was decided. While the disk is full it has not, and
        what the gateway does then to reduce risk does not survive its death; so it does not die then."""
        return not self.disk_is_full and (self.core is None or self.core._dispatcher.sound)

    def tear(self, size_before: int, method: str, facts: Any) -> None:
        """Die in the middle of what `method` wrote: the tail of the write-ahead log is cut. A log that has
        begun anew in its old length has no tail to cut: then what was written stays."""
        self.process.at_death.remove(self._take_image)
        self._take_image()
        name = f"{JOURNAL}-wal"
        log = self.image.get(name, b"")
        if len(log) > size_before:
            self.image[name] = log[: self._rng.randrange(size_before, len(log))]
        else:
            self.recorded.extend(facts)
        self.die(f"within {method}")

    def wal_size(self) -> int:
        path = self.folder / f"{JOURNAL}-wal"
        return path.stat().st_size if path.exists() else 0

    def _take_image(self) -> None:
        """Keep the journal's files as the operating system has them."""
        self.image = {
            path.name: path.read_bytes()
            for path in sorted(self.folder.iterdir())
            if path.name in (JOURNAL, f"{JOURNAL}-wal")
        }


WRITES = frozenset({"put", "append", "keep", "raise_floor", "mark", "keep_reports", "forget"})


class _Journal:
    """The journal with a point before and after each write; it remembers every fact that became durable."""

    def __init__(self, gateway: GatewayProcess, real: Any) -> None:
        self._gateway, self._real = gateway, real
        self._grouped: list[Any] | None = None

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._real, name)
        if name not in WRITES:
            return method

        def write(*args: Any, **kwargs: Any) -> Any:
            if self._grouped is not None:
                if name == "append":
                    self._grouped += args[0]
                return method(*args, **kwargs)
            with self._effect(name, args[0] if name == "append" else ()):
                return method(*args, **kwargs)

        setattr(self, name, write)
        return write

    @contextlib.contextmanager
    def group(self) -> Iterator[None]:
        """Many appends, one commit."""
        self._grouped = []
        with self._effect("group", self._grouped):
            try:
                with self._real.group():
                    yield
            finally:
                self._grouped = None

    @contextlib.contextmanager
    def _effect(self, name: str, facts: Any) -> Iterator[None]:
        gateway = self._gateway
        gateway.point(f"before {name}")
        if gateway.disk_is_full:
            raise JournalError("the journal cannot be written: database or disk is full")
        torn = gateway.tears_next
        size = gateway.wal_size() if torn else 0
        yield
        if torn:
            gateway.tear(size, name, facts)
        gateway.recorded.extend(facts)
        gateway.point(f"after {name}")


class _Connector:
    """A connector with a point before and after each request."""

    def __init__(self, gateway: GatewayProcess, real: Any) -> None:
        self._gateway, self._real = gateway, real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def send(self, request: Any) -> None:
        self._gateway.point(f"before {type(request).__name__}")
        self._real.send(request)
        self._gateway.point(f"after {type(request).__name__}")
