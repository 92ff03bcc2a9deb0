"""What is known of one account's money: the venue's words, each kept by its time, forward only. Pure.

The stream tells changes, lists tell everything; they arrive in any order and a list may lag behind the
stream. So every word has a time, and an older one never takes the place of a newer one. A list speaks for
`LAG_MS` before it was asked for, at least, and where it names a later time, for that. Where it then disagrees
with a newer word of the stream one of them is behind, and it is to be read again once the lag is over.
"""

from collections.abc import Iterable
from decimal import Decimal

import msgspec

from fixgate.connectors.binance_pm.account_words import Debt, SymbolLeverage, Word
from fixgate.model.account import AccountState, Balance, MarginAlert, MarginLevel, Position, RiskLevel
from fixgate.model.enums import ProductType
from fixgate.model.venue import BalanceUpdate, PositionUpdate

LAG_MS = 10_000
"""How far the venue's lists may lag behind its stream; they were seen to, in volatile markets."""

ZERO = Decimal(0)
Key = tuple[str, ...]
_replace = msgspec.structs.replace


class AccountBook:
    """One account's words. Touched by the event loop only."""

    def __init__(self, connector: str, account: str) -> None:
        self._connector = connector
        self._account = account
        self._words: dict[Key, Word] = {}
        self._as_of_ms = 0

    @property
    def margin(self) -> MarginLevel | None:
        """How the account stands, as last told."""
        found = self._words.get(("margin",))
        return found if isinstance(found, MarginLevel) else None

    def take(self, word: Word) -> bool:
        """Note what the venue says; False when something newer about the same is known."""
        key = _key(word)
        known = self._words.get(key)
        if known is not None and word.at_ms < known.at_ms:
            return False
        self._words[key] = _carry_over(known, word)
        self._as_of_ms = max(self._as_of_ms, word.at_ms)
        return True

    def take_listed(self, word: Word) -> bool:
        """Note what a list says. A row that is older than what is known and says the same of it counts as of
        that time: it has the mark price and whatever else the stream leaves out."""
        known = self._words.get(_key(word))
        if known is not None and word.at_ms < known.at_ms and _claim(word) and _claim(word) == _claim(known):
            word = _replace(word, at_ms=known.at_ms)
        return self.take(word)

    def disagrees(self, word: Word) -> bool:
        """True when `word`, of a list, is older than what is known and says something else."""
        known = self._words.get(_key(word))
        return known is not None and word.at_ms < known.at_ms and _claim(known) != _claim(word)

    def unlisted_positions(self, product: ProductType, listed: Iterable[Word]) -> list[PositionUpdate]:
        """Return the open positions of a product that a full list of them left out."""
        there = {_key(word) for word in listed}
        return [
            word
            for key, word in self._words.items()
            if isinstance(word, PositionUpdate)
            and word.product_type is product
            and word.quantity
            and key not in there
        ]

    def unlisted_balances(self, listed: Iterable[Word]) -> list[BalanceUpdate | Debt]:
        """Return the balances and debts above or below zero that a full list of them left out."""
        there = {_key(word) for word in listed}
        return [
            word
            for key, word in self._words.items()
            if isinstance(word, BalanceUpdate | Debt) and key not in there and any(_claim(word))
        ]

    def state(self, *, current: bool, hedge_mode: bool | None) -> AccountState:
        """Return everything known, as one value."""
        words = [word for _, word in sorted(self._words.items(), key=lambda item: item[0])]
        balances = [self._balance(word) for word in words if isinstance(word, BalanceUpdate)]
        positions = [self._position(word) for word in words if isinstance(word, PositionUpdate)]
        return AccountState(
            connector=self._connector,
            account=self._account,
            current=current,
            as_of_ms=self._as_of_ms,
            hedge_mode=hedge_mode,
            balances=tuple(row for row in balances if row.total or row.owed),
            positions=tuple(row for row in positions if row.quantity),
            margin=self.margin,
        )

    def _balance(self, word: BalanceUpdate) -> Balance:
        spot = word.product_type is ProductType.SPOT
        found = self._words.get(("debt", word.asset)) if spot else None
        debt = found if isinstance(found, Debt) else None
        return Balance(
            product_type=word.product_type,
            asset=word.asset,
            total=word.free + word.locked,
            free=word.free if spot else ZERO,
            locked=word.locked,
            owed=debt.owed if debt else ZERO,
            interest=(debt.interest or ZERO) if debt else ZERO,
            at_ms=max(word.at_ms, debt.at_ms if debt else 0),
        )

    def _position(self, word: PositionUpdate) -> Position:
        found = self._words.get(("leverage", word.product_type, word.symbol))
        return Position(
            product_type=word.product_type,
            symbol=word.symbol,
            position_side=word.position_side,
            quantity=word.quantity,
            entry_price=word.entry_price,
            unrealized_pnl=word.unrealized_pnl,
            mark_price=word.mark_price,
            liquidation_price=word.liquidation_price,
            leverage=found.leverage if isinstance(found, SymbolLeverage) else None,
            at_ms=word.at_ms,
        )


def margin_alert(
    connector: str, account: str, before: MarginLevel | None, now: MarginLevel, *, told: bool
) -> MarginAlert | None:
    """Return the alert that a new margin level is worth, `None` if it is worth none.

    `told` by a risk event, every alarming level is; found by reading, a level that has changed.
    """
    level, former = now.risk_level, before.risk_level if before else RiskLevel.NORMAL
    if level is former and not (told and level.is_alarming):
        return None
    if level.is_alarming:
        word = now.status if level is RiskLevel.UNKNOWN else level
        text = f"account {account} is at risk level {word}"
    else:
        text = f"account {account} is out of danger again, after {former}"
    return MarginAlert(
        connector=connector,
        account=account,
        risk_level=level,
        status=now.status,
        uni_mmr=now.uni_mmr,
        equity=now.equity,
        maintenance_margin=now.maintenance_margin,
        text=f"{text}: uniMMR {now.uni_mmr:f}, equity {now.equity:f} USD, "
        f"maintenance margin {now.maintenance_margin:f} USD",
        at_ms=now.at_ms,
    )


def _key(word: Word) -> Key:
    match word:
        case BalanceUpdate():
            return ("balance", word.product_type, word.asset)
        case PositionUpdate():
            return ("position", word.product_type, word.symbol, word.position_side)
        case Debt():
            return ("debt", word.asset)
        case SymbolLeverage():
            return ("leverage", word.product_type, word.symbol)
        case MarginLevel():
            return ("margin",)


def _claim(word: Word) -> tuple[Decimal, ...]:
    """What a word says that does not move with the market."""
    match word:
        case BalanceUpdate():
            return word.free, word.locked
        case PositionUpdate():
            return word.quantity, word.entry_price
        case Debt():
            return (word.owed,)
        case SymbolLeverage():
            return (word.leverage,)
        case MarginLevel():
            return ()


def _carry_over(known: Word | None, word: Word) -> Word:
    """Keep what a new word leaves unsaid and an older one knew."""
    if isinstance(word, PositionUpdate) and isinstance(known, PositionUpdate) and word.mark_price is None:
        return _replace(word, mark_price=known.mark_price)
    if isinstance(word, Debt) and isinstance(known, Debt) and word.interest is None:
        return _replace(word, interest=min(known.interest or ZERO, word.owed))
    return word
