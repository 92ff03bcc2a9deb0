"""Which dialect speaks for which exchange of the Execution API: Kraken has two, for its two APIs."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from fixgate.simulator.venues.dialect import Dialect, VenueKey

FILES: Mapping[str, tuple[str, ...]] = {
    "binance": ("binance",),
    "bybit": ("bybit",),
    "gateio": ("gateio",),
    "kraken": ("kraken", "krakenfutures"),
    "hyperliquid": ("hyperliquid",),
    "okx": ("okx",),
}
"""Exchange -> the files of this folder that speak for it. One is read when it is asked for."""


def build(exchange: str, keys: Sequence[VenueKey], clock: Callable[[], int]) -> list[Dialect]:
    """Return the dialects of an exchange over venues of their own, whose accounts are `keys`.

    Raises `KeyError` for an exchange that is not simulated.
    """
    modules = [importlib.import_module(f"{__package__}.{name}") for name in FILES[exchange]]
    return [cast(Dialect, module.build(keys, clock)) for module in modules]
