"""An account's balances and positions, read over REST, in the API's structures and in the engine's.

What ccxt leaves out of a position is filled in: the notional from size and mark price, the unrealized
profit from entry and mark price, Kraken's mark price from its ticker. ccxt's parameters of a balance are
one row a class and side.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

from msgspec.structs import replace

from fixgate.connectors.ccxt.quantise import bare
from fixgate.connectors.ccxt.reading import UNREADABLE, number, text
from fixgate.connectors.ccxt.sync import QuestionFailed
from fixgate.connectors.ccxt.translator import Call, Translator
from fixgate.model.account import AccountState, Balance, Position
from fixgate.model.capabilities import offers
from fixgate.model.enums import ProductType
from fixgate.model.execution import AssetBalance, MarginMode, MarketType, OpenPosition
from fixgate.model.refusal import Refused

log = logging.getLogger(__name__)

BALANCE_PARAMS: Mapping[tuple[str, bool], tuple[Mapping[str, str], ...]] = {
    ("binance", False): ({"type": "spot"},),
    ("binance", True): (
        {"type": "swap", "subType": "linear"},
        {"type": "swap", "subType": "inverse"},
    ),
    ("gate", False): ({"type": "spot"},),
    ("gate", True): ({"type": "swap", "settle": "usdt"},),
    ("krakenfutures", True): ({"type": "flex"},),
}
"""By ccxt class and side (True: perps): the wallets that together hold its balances. Others have one for
all and take no parameter; Hyperliquid's would be taken for something else."""


class Reads(Protocol):
    """What makes reading calls: a `Link`."""

    ccxt_class: str

    async def ask(self, call: Call) -> Any: ...


class Wallet:
    """One account's. Touched by the event loop only. `link` finds what reads a side."""

    def __init__(
        self,
        connector: str,
        account: str,
        translator: Translator,
        link: Callable[[MarketType], Reads],
        now: Callable[[], float],
    ) -> None:
        self._connector = connector
        self._account = account
        self._translator = translator
        self._link = link
        self._now = now
        self._balances: tuple[Balance, ...] = ()
        self._positions: tuple[Position, ...] = ()
        self._as_of_ms = 0

    def state(self, *, current: bool) -> AccountState:
        """Return what was last read; `current` if it is being kept up."""
        return AccountState(
            connector=self._connector,
            account=self._account,
            current=current and bool(self._as_of_ms),
            as_of_ms=self._as_of_ms,
            balances=self._balances,
            positions=self._positions,
        )

    async def read(self, sides: Sequence[MarketType]) -> None:
        """Read it all again. What cannot be read stays as it was."""
        try:
            balances = [
                Balance(
                    product_type=_PRODUCT[side],
                    asset=each.asset,
                    total=each.total,
                    free=each.free,
                    locked=each.used,
                )
                for side in sides
                for each in await self.balances(side)
            ]
            self._balances = tuple(sorted(balances, key=lambda each: (each.product_type, each.asset)))
            self._as_of_ms = int(self._now() * 1000)
            if MarketType.SWAP in sides and offers(self._translator.exchange, "positions"):
                found = await self.positions(MarketType.SWAP, None)
                self._positions = tuple(_engine_position(each) for each in found)
        except (QuestionFailed, Refused, *UNREADABLE) as error:
            log.warning("account %s: balances and positions were not read: %s", self._account, error)

    async def balances(self, side: MarketType) -> list[AssetBalance]:
        """Return the assets of which there is something. Raises `QuestionFailed` and what `UNREADABLE`
        names."""
        link = self._link(side)
        found: dict[str, AssetBalance] = {}
        for params in BALANCE_PARAMS.get((link.ccxt_class, side.is_perp), ({},)):
            answer = await link.ask(Call("fetch_balance", (dict(params),)))
            for asset in answer.get("total") or {}:
                balance = _balance(asset, answer[asset])
                earlier = found.get(asset)
                found[asset] = balance if earlier is None else _sum(earlier, balance)
        return [each for each in found.values() if each.total or each.free or each.used]

    async def positions(self, side: MarketType, symbol: str | None) -> list[OpenPosition]:
        """Return open positions, gaps filled. Raises `QuestionFailed`, `Refused` and what `UNREADABLE`
        names."""
        link = self._link(side)
        rows: list[Mapping[str, Any]] = []
        for call in self._translator.positions(side, symbol):
            answer = await link.ask(call)
            rows += [row for row in answer if row not in rows]
        return [
            position
            for row in rows
            if symbol in (None, row.get("symbol")) and (position := read_position(row)) is not None
        ]

    def marked(self, position: OpenPosition, price: Decimal, *, inverse: bool) -> OpenPosition:
        """Return a position with a mark price that its venue did not tell, and what follows from it."""
        return filled(replace(position, mark_price=price), inverse=inverse)


_PLACES = Decimal("1E-12")
"""To how much of a base asset contracts of quote are turned into it."""

_PRODUCT = {MarketType.SPOT: ProductType.SPOT, MarketType.SWAP: ProductType.FUTURE}


def read_position(row: Mapping[str, Any]) -> OpenPosition | None:
    """Return ccxt's position structure; `None` for a position that is not open. Raises what `UNREADABLE`
    names."""
    contracts = number(row.get("contracts"))
    if not contracts:
        return None
    side = text(row.get("side")) or ("long" if contracts > 0 else "short")
    contracts = abs(contracts)
    size = number(row.get("contractSize")) or Decimal(1)
    entry, mark = number(row.get("entryPrice")), number(row.get("markPrice"))
    inverse = row["symbol"].partition(":")[2].split("-")[0] == row["symbol"].partition("/")[0]
    position = OpenPosition(
        symbol=row["symbol"],
        side=side,
        contracts=contracts,
        contract_size=size,
        entry_price=entry,
        mark_price=mark,
        notional=_absolute(row.get("notional")),
        leverage=number(row.get("leverage")) or None,
        unrealized_pnl=number(row.get("unrealizedPnl")),
        percentage=number(row.get("percentage")),
        margin_mode=MarginMode(row["marginMode"]) if row.get("marginMode") else None,
        liquidation_price=number(row.get("liquidationPrice")) or None,
        collateral=_first(row, "collateral", "initialMargin"),
        at_ms=int(row.get("timestamp") or 0),
    )
    return filled(position, inverse=inverse)


def base_size(position: OpenPosition, *, inverse: bool) -> Decimal:
    """Return a position's size in base asset: contracts of quote are worth what they are at the mark price,
    or at the entry price where the venue does not tell it."""
    count = position.contracts * position.contract_size
    if not inverse:
        return bare(count)
    price = position.mark_price or position.entry_price
    return bare((count / price).quantize(_PLACES)) if price else Decimal(0)


def filled(position: OpenPosition, *, inverse: bool) -> OpenPosition:
    """Fill in what follows from the rest: notional, unrealized profit, and its share of the collateral."""
    count = position.contracts * position.contract_size
    entry, mark = position.entry_price, position.mark_price
    if position.notional is None and mark:
        position = replace(position, notional=count / mark if inverse else count * mark)
    if position.unrealized_pnl is None and entry and mark:
        gain = count * (1 / entry - 1 / mark) if inverse else count * (mark - entry)
        position = replace(position, unrealized_pnl=gain if position.side == "long" else -gain)
    if position.percentage is None and position.unrealized_pnl is not None and position.collateral:
        share = position.unrealized_pnl / position.collateral * 100
        position = replace(position, percentage=round(share, 4))
    return position


def _engine_position(position: OpenPosition) -> Position:
    base, _, rest = position.symbol.partition("/")
    inverse = rest.partition(":")[2].split("-")[0] == base
    quantity = position.contracts if inverse else position.contracts * position.contract_size
    return Position(
        product_type=ProductType.DELIVERY if inverse else ProductType.FUTURE,
        symbol=position.symbol,
        position_side="BOTH",
        quantity=quantity if position.side == "long" else -quantity,
        entry_price=position.entry_price or Decimal(0),
        unrealized_pnl=position.unrealized_pnl,
        mark_price=position.mark_price,
        liquidation_price=position.liquidation_price,
        leverage=position.leverage,
        at_ms=position.at_ms,
    )


def _balance(asset: str, row: Mapping[str, Any]) -> AssetBalance:
    free, used, total = (number(row.get(name)) for name in ("free", "used", "total"))
    if total is None:
        total = (free or Decimal(0)) + (used or Decimal(0))
    if free is None:
        free = total - (used or Decimal(0))
    return AssetBalance(asset=asset, free=free, used=total - free if used is None else used, total=total)


def _sum(one: AssetBalance, other: AssetBalance) -> AssetBalance:
    return AssetBalance(
        asset=one.asset,
        free=one.free + other.free,
        used=one.used + other.used,
        total=one.total + other.total,
    )


def _first(row: Mapping[str, Any], *names: str) -> Decimal | None:
    return next((found for name in names if (found := number(row.get(name)))), None)


def _absolute(value: object) -> Decimal | None:
    found = number(value)
    return None if found is None else abs(found)
