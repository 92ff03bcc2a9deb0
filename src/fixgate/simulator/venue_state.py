"""Everything the simulated exchange knows, and the one place where its events leave from.

Single-threaded: touched by the event loop (or a test) only.
"""

from collections import deque
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import NamedTuple

from fixgate.simulator.accounts import Account
from fixgate.simulator.book import Book
from fixgate.simulator.conditional_orders import MARK_PRICE, Conditional
from fixgate.simulator.deadlines import Deadlines
from fixgate.simulator.events import Event, account_update, outbound_account_position
from fixgate.simulator.instruments import SimulatedInstrument
from fixgate.simulator.orders import ZERO, Leg, Order
from fixgate.simulator.refusal import VenueRefusal

Listener = Callable[[str, Event], None]
"""Called with (account name, event) for every event, in order."""

_FIRST = {
    "order:UM": 812_345_678_901,
    "order:CM": 99_887_766_550,
    "order:MARGIN": 21_345_678_901,
    "trade:UM": 5_500_123_401,
    "trade:CM": 77_001_122,
    "trade:MARGIN": 1_600_123_456,
    "execution": 45_012_345_678,
    "update": 1_027_053_479_517,
    "transaction": 1_352_286_576_452_864_727,
    "amendment": 5_363,
    "prevention": 1,
    "priority": 1,
    "algo": 2_148_719,
    "strategy": 176_057_039,
    "order list": 81_204,
    "transfer": 118_263_407_119,
    "autoclose": 1,
}

_DOLLARS = frozenset({"USDT", "USDC", "USD"})


class Tick(NamedTuple):
    """A price that was seen; `source` is MARK_PRICE or CONTRACT_PRICE (the last trade)."""

    leg: Leg
    symbol: str
    source: str
    price: Decimal


class VenueState:
    """Instruments, books, accounts, reference prices and id counters.

    `clock` returns milliseconds since the epoch.
    """

    def __init__(self, clock: Callable[[], int], instruments: Iterable[SimulatedInstrument]) -> None:
        self.clock = clock
        self.instruments = {(i.leg, i.symbol): i for i in instruments}
        self.books: dict[tuple[Leg, str], Book] = {key: Book() for key in self.instruments}
        self.marks: dict[tuple[Leg, str], Decimal] = {
            key: instrument.reference_price for key, instrument in self.instruments.items()
        }
        self.lasts: dict[tuple[Leg, str], Decimal] = dict(self.marks)
        """Price of the last trade; until there is one, the price that the symbol started with."""
        self.armed: dict[tuple[Leg, str], dict[int, Conditional]] = {}
        """Conditional futures orders that wait for a price, by their id."""
        self.stops: dict[tuple[Leg, str], dict[int, Order]] = {}
        """Margin stop orders that wait for a price, by their id."""
        self.ticks: deque[Tick] = deque()
        """Prices that someone waits for and that were not looked at yet."""
        self.changed: deque[Order] = deque()
        """Orders with a parent or a list that filled or ended, and were not followed up yet."""
        self.deadlines = Deadlines()
        self.accounts: dict[str, Account] = {}
        self.counters: dict[str, int] = dict(_FIRST)
        self.listeners: list[Listener] = []
        self.version = 0
        """Grows with every change; what was saved last tells whether saving is due."""
        self._touched_assets: dict[tuple[str, Leg], dict[str, None]] = {}
        self._touched_positions: dict[tuple[str, Leg], dict[tuple[str, str], None]] = {}

    def next_id(self, counter: str) -> int:
        """Return the counter's value and move it on."""
        value = self.counters[counter]
        self.counters[counter] = value + 1
        return value

    def instrument(self, leg: Leg, symbol: str) -> SimulatedInstrument:
        """Return the instrument; raises -1121 when the leg does not list it."""
        instrument = self.instruments.get((leg, symbol))
        if instrument is None:
            raise VenueRefusal(-1121, "Invalid symbol.")
        return instrument

    def usd_price(self, asset: str) -> Decimal:
        """Return one unit of `asset` in dollars, 0 for an asset without a market."""
        if asset in _DOLLARS:
            return Decimal(1)
        key = (Leg.MARGIN, asset + "USDT")
        return self.marks.get(key) or self.marks.get((Leg.UM, asset + "USDT"), ZERO)

    def see_price(self, leg: Leg, symbol: str, source: str, price: Decimal) -> None:
        """Note a new mark price or a trade; what waits for it is looked at after the operation."""
        key = (leg, symbol)
        (self.marks if source == MARK_PRICE else self.lasts)[key] = price
        if self.armed.get(key) or self.stops.get(key):
            self.ticks.append(Tick(leg, symbol, source, price))

    def working_price(self, leg: Leg, symbol: str, source: str) -> Decimal:
        """Return the price that a conditional order of working type `source` looks at."""
        return (self.marks if source == MARK_PRICE else self.lasts)[leg, symbol]

    def emit(self, account: str, event: Event) -> None:
        """Hand one event to every listener."""
        self.version += 1
        for listener in self.listeners:
            listener(account, event)

    def touch_asset(self, account: str, leg: Leg, asset: str) -> None:
        """Note that a balance changed; `flush` reports it."""
        self._touched_assets.setdefault((account, leg), {})[asset] = None

    def touch_position(self, account: str, leg: Leg, symbol: str, side: str) -> None:
        """Note that a position changed; `flush` reports it."""
        self._touched_positions.setdefault((account, leg), {})[symbol, side] = None

    def flush(self) -> None:
        """Emit one balance or position event per touched account and leg.

        The exchange merges what changes within 50 ms into one ACCOUNT_UPDATE; here what one
        operation changed is merged.
        """
        if not self._touched_assets and not self._touched_positions:
            return
        assets, self._touched_assets = self._touched_assets, {}
        positions, self._touched_positions = self._touched_positions, {}
        now = self.clock()
        for name, leg in {**dict.fromkeys(assets), **dict.fromkeys(positions)}:
            changed = assets.get((name, leg), {})
            if leg is Leg.MARGIN:
                self.emit(name, self._margin_balances(name, changed, now))
            else:
                moved = positions.get((name, leg), {})
                self.emit(name, self._futures_account(name, leg, changed, moved, now))

    def _margin_balances(self, name: str, assets: Iterable[str], now: int) -> Event:
        account = self.accounts[name]
        entries = [(asset, account.asset(asset)) for asset in assets]
        rows = [(asset, entry.free, entry.locked) for asset, entry in entries]
        return outbound_account_position(now, self.next_id("update"), rows)

    def _futures_account(
        self, name: str, leg: Leg, assets: Iterable[str], positions: Iterable[tuple[str, str]], now: int
    ) -> Event:
        account = self.accounts[name]
        wallets = [(asset, account.wallets.get((leg, asset), ZERO)) for asset in assets]
        rows = [
            (account.position(leg, symbol, side), self.instruments[leg, symbol], self.marks[leg, symbol])
            for symbol, side in positions
        ]
        return account_update(leg, now, wallets, rows)
