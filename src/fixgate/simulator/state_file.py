"""The venue's memory between runs: one JSON file, written whole or not at all."""

import os
from collections.abc import Callable, Collection
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import TypeVar

import msgspec

from fixgate.simulator.accounts import Account, MarginAsset
from fixgate.simulator.conditional_orders import ALIVE, Conditional
from fixgate.simulator.matching import SimulatedExchange
from fixgate.simulator.order_lists import OrderList
from fixgate.simulator.orders import Leg, Order, Trade
from fixgate.simulator.positions import Position
from fixgate.simulator.records import AccountRecords

VERSION = 1
MAX_HISTORY_SAVED = 2_000
"""Terminal orders, and trades, written per symbol: saving must never take long."""


Entry = TypeVar("Entry")


class StateFileError(ValueError):
    """The state file cannot be used; the message says why and what to do."""


class _Wallet(msgspec.Struct, frozen=True):
    leg: Leg
    asset: str
    amount: Decimal


class _Leverage(msgspec.Struct, frozen=True):
    leg: Leg
    symbol: str
    leverage: int


class _SavedAccount(msgspec.Struct, frozen=True):
    name: str
    hedge_mode: bool
    margin: dict[str, MarginAsset]
    wallets: list[_Wallet]
    positions: list[Position]
    orders: list[Order]
    trades: list[Trade]
    conditionals: list[Conditional] = []
    order_lists: list[OrderList] = []
    leverage: list[_Leverage] = []
    fee_burn: bool = False
    auto_repay: bool = True
    extra_maintenance: Decimal = Decimal(0)
    records: AccountRecords = msgspec.field(default_factory=AccountRecords)


class _Mark(msgspec.Struct, frozen=True):
    leg: Leg
    symbol: str
    price: Decimal


class _SavedState(msgspec.Struct, frozen=True):
    version: int
    counters: dict[str, int]
    marks: list[_Mark]
    accounts: list[_SavedAccount]
    lasts: list[_Mark] = []


class _Header(msgspec.Struct, frozen=True):
    version: int


def encode_state(exchange: SimulatedExchange) -> bytes:
    """Return the exchange's state as JSON. The anonymous market is not part of it."""
    state = exchange.state
    marks = [_Mark(leg, symbol, price) for (leg, symbol), price in state.marks.items()]
    lasts = [_Mark(leg, symbol, price) for (leg, symbol), price in state.lasts.items()]
    accounts = [_saved(account) for account in state.accounts.values()]
    return msgspec.json.encode(_SavedState(VERSION, state.counters, marks, accounts, lasts))


def _saved(account: Account) -> _SavedAccount:
    return _SavedAccount(
        name=account.name,
        hedge_mode=account.hedge_mode,
        margin=account.margin,
        wallets=[_Wallet(leg, asset, amount) for (leg, asset), amount in account.wallets.items()],
        positions=list(account.positions.values()),
        orders=[order for orders in account.orders.values() for order in _worth_saving(account, orders)],
        trades=[
            trade
            for trades in account.trades.values()
            for trade in islice(trades, max(0, len(trades) - MAX_HISTORY_SAVED), None)
        ],
        conditionals=_newest(account.conditionals.values(), lambda c: c.status in ALIVE),
        order_lists=_newest(account.order_lists.values(), lambda each: each.is_open),
        leverage=[_Leverage(leg, symbol, chosen) for (leg, symbol), chosen in account.leverage.items()],
        fee_burn=account.fee_burn,
        auto_repay=account.auto_repay,
        extra_maintenance=account.extra_maintenance,
        records=AccountRecords(
            income=account.records.income[-MAX_HISTORY_SAVED:],
            loans=account.records.loans[-MAX_HISTORY_SAVED:],
            calls=account.records.calls,
        ),
    )


def _newest(entries: Collection[Entry], is_alive: Callable[[Entry], bool]) -> list[Entry]:
    """Return everything alive and the newest of what has ended, oldest first."""
    skip = max(0, len(entries) - MAX_HISTORY_SAVED)
    return [entry for n, entry in enumerate(entries) if n >= skip or is_alive(entry)]


def _worth_saving(account: Account, orders: dict[int, Order]) -> list[Order]:
    """Return every open order and the newest terminal ones, oldest first, and both orders of open lists."""
    listed = {number for number, each in account.order_lists.items() if each.is_open}
    return _newest(orders.values(), lambda order: order.is_open or order.order_list_id in listed)


def write_state(path: Path, content: bytes) -> None:
    """Put `content` at `path` in one step: a crash leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def load_state(path: Path, exchange: SimulatedExchange) -> bool:
    """Fill `exchange` from the file; False when there is none yet.

    Raises `StateFileError` for a damaged file, one of another version, or one that names a symbol
    that the exchange does not list.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return False
    try:
        version = msgspec.json.decode(content, type=_Header).version
        if version != VERSION:
            raise StateFileError(
                f"simulator state file {path} has version {version}; this release reads version {VERSION}. "
                "Move the file away to start with fresh accounts"
            )
        saved = msgspec.json.decode(content, type=_SavedState)
    except msgspec.DecodeError as problem:
        raise StateFileError(
            f"simulator state file {path} is damaged: {problem}. Move it away to start with fresh accounts"
        ) from None
    _restore(path, saved, exchange)
    return True


def _restore(path: Path, saved: _SavedState, exchange: SimulatedExchange) -> None:
    state = exchange.state
    named = [(o.leg, o.symbol) for account in saved.accounts for o in account.orders]
    named += [(p.leg, p.symbol) for account in saved.accounts for p in account.positions]
    named += [(c.leg, c.symbol) for account in saved.accounts for c in account.conditionals]
    for leg, symbol in named:
        if (leg, symbol) not in state.instruments:
            raise StateFileError(
                f"simulator state file {path} has an order or position in {leg} {symbol}, which this venue "
                "does not list. Move the file away to start with fresh accounts"
            )
    state.counters.update(saved.counters)
    state.marks.update({(m.leg, m.symbol): m.price for m in saved.marks if (m.leg, m.symbol) in state.marks})
    state.lasts.update({(m.leg, m.symbol): m.price for m in saved.lasts if (m.leg, m.symbol) in state.lasts})
    resting: list[Order] = []
    for record in saved.accounts:
        resting += _restore_account(record, exchange)
    for order in sorted(resting, key=lambda order: order.priority):
        state.books[order.leg, order.symbol].add(order)


def _restore_account(record: _SavedAccount, exchange: SimulatedExchange) -> list[Order]:
    """Rebuild one account and return its orders that rest in a book."""
    account = exchange.open_account(record.name, hedge_mode=record.hedge_mode)
    account.margin = record.margin
    account.wallets = {(wallet.leg, wallet.asset): wallet.amount for wallet in record.wallets}
    account.positions = {(p.leg, p.symbol, p.side): p for p in record.positions}
    for order in record.orders:
        account.remember(order)
        notional, order.reserved = order.reserved, Decimal(0)
        account.reserve(order, notional)
    for trade in record.trades:
        account.record_trade(trade)
    account.leverage = {(each.leg, each.symbol): each.leverage for each in record.leverage}
    account.fee_burn, account.auto_repay = record.fee_burn, record.auto_repay
    account.extra_maintenance = record.extra_maintenance
    account.records = record.records
    account.order_lists = {each.order_list_id: each for each in record.order_lists}
    account.conditionals = {(each.leg, each.conditional_id): each for each in record.conditionals}
    exchange.rearm(account)
    return [order for order in record.orders if order.is_open and not order.dormant]
