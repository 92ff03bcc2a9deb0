"""The margin mode that an account's orders name, on venues that keep none themselves: OKX wants it with
every order.

It is kept in a file, so that what was set as isolated is not traded as cross after a restart.
"""

import os
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec.structs import replace

from fixgate.connectors.ccxt.translator import Market
from fixgate.model.execution import MarginMode

_Kept = dict[str, dict[str, MarginMode]]


class MarginModes:
    """One connector's, by account and unified symbol. Event loop only.

    Raises `OSError` and `ValueError` for a file that is there and cannot be read: to trade on without it
    would be to guess.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._modes: _Kept = {}
        if path.exists():
            self._modes = msgspec.json.decode(path.read_bytes(), type=_Kept)

    def laid_on(self, account: str, market: Market | None) -> Market | None:
        """Return a market with the margin mode that the account's orders on it name."""
        if market is None or not self._modes:
            return market
        mode = self._modes.get(account, {}).get(market.symbol)
        return market if mode is None else replace(market, margin_mode=mode)

    def finder(self, account: str, find: Callable[[str], Market | None]) -> Callable[[str], Market | None]:
        """Return `find` with the account's margin modes laid on."""
        return lambda symbol: self.laid_on(account, find(symbol))

    def set(self, account: str, symbol: str, mode: MarginMode) -> None:
        """Keep a mode, on disk before it counts."""
        modes = {name: dict(of) for name, of in self._modes.items()}
        modes.setdefault(account, {})[symbol] = mode
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_suffix(".new")
        with beside.open("wb") as file:
            file.write(msgspec.json.encode(modes))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path)
        self._modes = modes
