"""Virtual clocks and seeded randomness in place of the real ones, for one run."""

import contextlib
import importlib
import pkgutil
import random
import sys
import time
from collections.abc import Iterator
from types import FunctionType
from typing import Any

import fixgate
from tests.simulation.process import CURRENT
from tests.simulation.virtual_loop import VirtualLoop

START = 1_795_000_000.0
"""When every run begins, in seconds since the epoch: 2026-11-18."""

_REAL = {
    name: getattr(time, name)
    for name in ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns")
}
real_perf_counter = time.perf_counter


class Clocks:
    """The clocks of all processes; a process may have its wall clock wrong."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def time_ns(self) -> int:
        process = CURRENT.get()
        skew = process.clock_skew if process is not None else 0.0
        return int((START + skew) * 1e9) + int(self._loop.time() * 1e9)

    def time(self) -> float:
        return self.time_ns() / 1e9

    def monotonic(self) -> float:
        return 1000.0 + self._loop.time()

    def monotonic_ns(self) -> int:
        return int(self.monotonic() * 1e9)


class _Seeded(random.Random):
    """`random.Random()` without a seed takes the run's next one."""

    seeds: random.Random

    def __init__(self, x: Any = None) -> None:
        super().__init__(self.seeds.getrandbits(64) if x is None else x)


@contextlib.contextmanager
def virtual(loop: VirtualLoop, seed: int) -> Iterator[Clocks]:
    """Let the modules under test read virtual clocks and draw seeded numbers."""
    clocks = Clocks(loop)
    fake = {
        "time": clocks.time,
        "time_ns": clocks.time_ns,
        "monotonic": clocks.monotonic,
        "monotonic_ns": clocks.monotonic_ns,
        "perf_counter": clocks.monotonic,
        "perf_counter_ns": clocks.monotonic_ns,
    }
    _Seeded.seeds = random.Random(f"unseeded {seed}")
    state, real_random = random.getstate(), random.Random
    defaults = list(_clock_defaults())
    try:
        for name, function in fake.items():
            setattr(time, name, function)
        random.Random = _Seeded  # type: ignore[misc]
        random.seed(seed)
        for function, place, name in defaults:
            _set_default(function, place, fake[name])
        yield clocks
    finally:
        for name, function in _REAL.items():
            setattr(time, name, function)
        random.Random = real_random  # type: ignore[misc]
        random.setstate(state)
        for function, place, name in defaults:
            _set_default(function, place, _REAL[name])


_found: list[tuple[FunctionType, str | int, str]] = []


def _clock_defaults() -> list[tuple[FunctionType, str | int, str]]:
    """Return every parameter in fixgate whose default is a real clock: it was bound at import."""
    if not _found:
        for module in pkgutil.walk_packages(fixgate.__path__, "fixgate."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
        names = {function: name for name, function in _REAL.items()}
        for name, module in sorted(sys.modules.items()):
            if name.startswith("fixgate"):
                for function in _functions(module):
                    _found.extend(_places(function, names))
    return _found


def _functions(module: Any) -> Iterator[FunctionType]:
    for value in list(vars(module).values()):
        if isinstance(value, FunctionType) and value.__module__ == module.__name__:
            yield value
        elif isinstance(value, type) and value.__module__ == module.__name__:
            yield from (each for each in vars(value).values() if isinstance(each, FunctionType))


def _places(function: FunctionType, names: dict[Any, str]) -> Iterator[tuple[FunctionType, str | int, str]]:
    for index, value in enumerate(function.__defaults__ or ()):
        if getattr(value, "__module__", None) == "time" and value in names:
            yield function, index, names[value]
    for key, value in (function.__kwdefaults__ or {}).items():
        if getattr(value, "__module__", None) == "time" and value in names:
            yield function, key, names[value]


def _set_default(function: FunctionType, place: str | int, value: Any) -> None:
    if isinstance(place, int):
        defaults = list(function.__defaults__ or ())
        defaults[place] = value
        function.__defaults__ = tuple(defaults)
    else:
        assert function.__kwdefaults__ is not None
        function.__kwdefaults__[place] = value
