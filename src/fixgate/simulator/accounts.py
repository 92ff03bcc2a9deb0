"""One simulated Portfolio Margin account: its wallets, positions, orders and trades."""

from collections import deque
from decimal import Decimal
from itertools import islice

import msgspec

from fixgate.simulator.conditional_orders import ALIVE, Conditional
from fixgate.simulator.leverage import DEFAULT_LEVERAGE
from fixgate.simulator.order_lists import OrderList
from fixgate.simulator.orders import ZERO, Leg, Order, Trade
from fixgate.simulator.positions import Position
from fixgate.simulator.records import AccountRecords
from fixgate.simulator.refusal import no_such_order

MAX_ORDERS_KEPT = 50_000
"""Orders remembered per symbol; the oldest terminal ones are forgotten first."""
MAX_TRADES_KEPT = 50_000
MAX_CONDITIONALS_KEPT = 5_000
"""Conditional orders and order lists remembered per account."""

_THREE_DAYS_MS = 3 * 86_400_000
_NINETY_DAYS_MS = 90 * 86_400_000


class MarginAsset(msgspec.Struct, kw_only=True):
    """One asset of the cross margin wallet. `borrowed` is principal; `interest` is owed on top."""

    free: Decimal = ZERO
    locked: Decimal = ZERO
    borrowed: Decimal = ZERO
    interest: Decimal = ZERO

    @property
    def net(self) -> Decimal:
        """Return what is owned after paying every debt."""
        return self.free + self.locked - self.borrowed - self.interest


class Account:
    """Mutable state of one account. Keys of the maps are (leg, symbol) unless said otherwise."""

    def __init__(self, name: str, *, hedge_mode: bool = False) -> None:
        self.name = name
        self.hedge_mode = hedge_mode
        self.margin: dict[str, MarginAsset] = {}
        self.wallets: dict[tuple[Leg, str], Decimal] = {}
        """Futures wallets by (leg, asset). They may be negative: the account is one pool of collateral."""
        self.positions: dict[tuple[Leg, str, str], Position] = {}
        self.orders: dict[tuple[Leg, str], dict[int, Order]] = {}
        self.trades: dict[tuple[Leg, str], deque[Trade]] = {}
        self.open_orders: dict[tuple[Leg, str], dict[int, Order]] = {}
        self.open_client_ids: dict[tuple[Leg, str], Order] = {}
        self.reserved: dict[tuple[Leg, str, str], Decimal] = {}
        """Notional of open orders by (leg, symbol, side)."""
        self._by_client_id: dict[tuple[Leg, str, str], int] = {}
        self.conditionals: dict[tuple[Leg, int], Conditional] = {}
        """Conditional futures orders by (leg, id), ended ones included."""
        self.order_lists: dict[int, OrderList] = {}
        self.leverage: dict[tuple[Leg, str], int] = {}
        self.fee_burn = False
        self.auto_repay = True
        self.extra_maintenance = ZERO
        """Maintenance margin in dollars that a tester put on top of that of the positions."""
        self.records = AccountRecords()

    def leverage_of(self, leg: Leg, symbol: str) -> int:
        """Return the leverage chosen for a futures symbol."""
        return self.leverage.get((leg, symbol), DEFAULT_LEVERAGE)

    def find_conditional(self, leg: Leg, conditional_id: int | None, client_id: str) -> Conditional | None:
        """Return the conditional order named by its id (which wins) or else by client id, live one first."""
        if conditional_id is not None:
            return self.conditionals.get((leg, conditional_id))
        named = [c for c in self.conditionals.values() if c.leg is leg and c.client_id == client_id]
        live = [c for c in named if c.status in ALIVE]
        found = live or named
        return found[-1] if found else None

    def list_waiting(self, leg: Leg, symbol: str | None = None) -> list[Conditional]:
        """Return the conditional orders of a leg (or symbol) that wait for their price, oldest first."""
        return [
            c
            for c in self.conditionals.values()
            if c.leg is leg and c.is_waiting and symbol in {None, c.symbol}
        ]

    def asset(self, name: str) -> MarginAsset:
        """Return the margin wallet's entry for asset `name`, creating an empty one."""
        entry = self.margin.get(name)
        if entry is None:
            entry = self.margin[name] = MarginAsset()
        return entry

    def credit_wallet(self, leg: Leg, asset: str, amount: Decimal) -> None:
        """Add a signed `amount` to a futures wallet."""
        self.wallets[leg, asset] = self.wallets.get((leg, asset), ZERO) + amount

    def position(self, leg: Leg, symbol: str, side: str) -> Position:
        """Return the position of `side` (BOTH, LONG or SHORT), creating a flat one."""
        key = (leg, symbol, side)
        position = self.positions.get(key)
        if position is None:
            position = self.positions[key] = Position(leg=leg, symbol=symbol, side=side)
        return position

    def closable(self, leg: Leg, symbol: str, side: str, position_side: str) -> Decimal:
        """Return how much an order of `side` can reduce the position of `position_side`."""
        position = self.positions.get((leg, symbol, position_side))
        return position.closable(side) if position is not None else ZERO

    def remember(self, order: Order) -> None:
        """Index a new (or loaded) order."""
        key = (order.leg, order.symbol)
        known = self.orders.setdefault(key, {})
        known[order.order_id] = order
        self._by_client_id[order.leg, order.symbol, order.client_order_id] = order.order_id
        if order.is_open:
            self.open_orders.setdefault(key, {})[order.order_id] = order
            self.open_client_ids[order.leg, order.client_order_id] = order
        if len(known) > MAX_ORDERS_KEPT:
            self._forget_oldest(known)

    def _forget_oldest(self, known: dict[int, Order]) -> None:
        for order_id in [o.order_id for o in islice(known.values(), 100) if not o.is_open]:
            order = known.pop(order_id)
            client_key = (order.leg, order.symbol, order.client_order_id)
            if self._by_client_id.get(client_key) == order_id:
                del self._by_client_id[client_key]

    def close(self, order: Order) -> None:
        """Drop a terminal order from the open indexes and free its reservation."""
        self.open_orders.get((order.leg, order.symbol), {}).pop(order.order_id, None)
        if self.open_client_ids.get((order.leg, order.client_order_id)) is order:
            del self.open_client_ids[order.leg, order.client_order_id]
        self.reserve(order, ZERO)

    def reserve(self, order: Order, notional: Decimal) -> None:
        """Set what `order` adds to the open-order notional of its symbol and side."""
        key = (order.leg, order.symbol, order.side)
        self.reserved[key] = self.reserved.get(key, ZERO) + notional - order.reserved
        order.reserved = notional

    def record_trade(self, trade: Trade) -> None:
        """Keep one fill for the trade queries."""
        key = (trade.leg, trade.symbol)
        trades = self.trades.get(key)
        if trades is None:
            trades = self.trades[key] = deque(maxlen=MAX_TRADES_KEPT)
        trades.append(trade)

    def find(self, leg: Leg, symbol: str, order_id: int | None, client_order_id: str) -> Order | None:
        """Return the order named by `order_id` (which wins) or else by its client id, open one first."""
        if order_id is None:
            live = self.open_client_ids.get((leg, client_order_id))
            if live is not None and live.symbol == symbol:
                return live
            order_id = self._by_client_id.get((leg, symbol, client_order_id))
        if order_id is None:
            return None
        return self.orders.get((leg, symbol), {}).get(order_id)

    def query(self, leg: Leg, symbol: str, order_id: int | None, client_order_id: str, now: int) -> Order:
        """Return an order that a query may still see.

        Raises -2013 for an unknown order, an unfilled cancelled or expired one of more than 3 days
        ago, and any terminal one of more than 90 days ago. Source: PAPI GET /papi/v1/um/order.
        """
        order = self.find(leg, symbol, order_id, client_order_id)
        if order is None or not is_visible(order, now):
            raise no_such_order()
        return order

    def list_open(self, leg: Leg, symbol: str | None) -> list[Order]:
        """Return open orders, oldest first, of one symbol or of the whole leg."""
        if symbol is not None:
            return list(self.open_orders.get((leg, symbol), {}).values())
        found = [o for key, orders in self.open_orders.items() if key[0] is leg for o in orders.values()]
        return sorted(found, key=lambda order: order.order_id)


def is_visible(order: Order, now: int) -> bool:
    """True while the venue's queries still return `order` at time `now` (ms)."""
    if order.is_open:
        return True
    age = now - order.updated_ms
    return age <= (_NINETY_DAYS_MS if order.executed else _THREE_DAYS_MS)
