"""The venue's words about an account's money, from the stream and from lists. Pure.

Sources: PAPI GET balance, account, um|cm positionRisk; user data stream events liabilityChange,
riskLevelChange, ACCOUNT_CONFIG_UPDATE and balanceUpdate. ACCOUNT_UPDATE and outboundAccountPosition are read
by `stream_events`, since the engine hears of them as well.

Every function raises `ArithmeticError`, `AttributeError`, `KeyError`, `TypeError` or `ValueError` for what is
not what it should be.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from fixgate.connectors.binance_pm.venue_words import PRODUCT_OF_FS, exact, exact_or_none
from fixgate.model.account import MarginLevel, RiskLevel
from fixgate.model.enums import ProductType
from fixgate.model.venue import BalanceUpdate, PositionUpdate


class Debt(msgspec.Struct, frozen=True, gc=False):
    """What is owed in one asset of the margin wallet. `interest` is the part of it that is interest, `None`
    where the venue did not say."""

    asset: str
    owed: Decimal
    interest: Decimal | None
    at_ms: int


class SymbolLeverage(msgspec.Struct, frozen=True, gc=False):
    """The leverage that a symbol's positions have."""

    product_type: ProductType
    symbol: str
    leverage: Decimal
    at_ms: int


Word = BalanceUpdate | PositionUpdate | Debt | SymbolLeverage | MarginLevel
"""One thing that the venue says of an account, absolute and at a time."""

READ_AGAIN = frozenset({"balanceUpdate", "liabilityChange", "riskLevelChange", "RISK_LEVEL_CHANGE"})
"""Events that say that something changed and not, or not in full, what it is now. A balanceUpdate tells a
difference, and the new balance by another event or not at all: it is read, and never added up."""


def account_words(event: Mapping[str, Any]) -> list[Word]:
    """Return what an event says that only the account's own state needs."""
    match event.get("e"):
        case "liabilityChange":
            # `l` is all that is owed; `p` and `i` may be of this loan alone. `T` is a number, not a time.
            return [Debt(event["a"], exact(event["l"]), None, int(event["E"]))]
        case "riskLevelChange" | "RISK_LEVEL_CHANGE":
            return [_risk_event(event)]
        case "ACCOUNT_CONFIG_UPDATE" if "ac" in event:
            row, product = event["ac"], PRODUCT_OF_FS[event["fs"]]
            return [SymbolLeverage(product, row["s"], exact(row["l"]), int(event["T"]))]
        case _:
            return []


def _risk_event(event: Mapping[str, Any]) -> MarginLevel:
    return MarginLevel(
        uni_mmr=exact(event["u"]),
        equity=exact(event["eq"]),
        actual_equity=exact(event["ae"]),
        maintenance_margin=exact(event["m"]),
        risk_level=risk_level(event["s"]),
        status=str(event["s"]),
        at_ms=int(event["E"]),
    )


def margin_level(row: Mapping[str, Any], at_ms: int) -> MarginLevel:
    """Return the answer of GET account, as known at `at_ms`."""
    return MarginLevel(
        uni_mmr=exact(row["uniMMR"]),
        equity=exact(row["accountEquity"]),
        actual_equity=exact(row["actualEquity"]),
        maintenance_margin=exact(row["accountMaintMargin"]),
        initial_margin=exact_or_none(row.get("accountInitialMargin")),
        available_balance=exact_or_none(row.get("totalAvailableBalance")),
        risk_level=risk_level(row["accountStatus"]),
        status=str(row["accountStatus"]),
        at_ms=_time(row, at_ms),
    )


def balance_words(connector: str, account: str, row: Mapping[str, Any], at_ms: int) -> list[Word]:
    """Return one row of GET balance: an asset in all three wallets, and what is owed of it."""
    at_ms = _time(row, at_ms)
    asset = str(row["asset"])

    def wallet(product: ProductType, free: object, locked: object = "0") -> BalanceUpdate:
        return BalanceUpdate(
            connector=connector,
            account=account,
            product_type=product,
            asset=asset,
            free=exact(free),
            locked=exact(locked),
            at_ms=at_ms,
        )

    borrowed, interest = exact(row["crossMarginBorrowed"]), exact(row["crossMarginInterest"])
    return [
        wallet(ProductType.SPOT, row["crossMarginFree"], row["crossMarginLocked"]),
        wallet(ProductType.FUTURE, row["umWalletBalance"]),
        wallet(ProductType.DELIVERY, row["cmWalletBalance"]),
        Debt(asset, borrowed + interest, interest, at_ms),
    ]


def position_words(
    connector: str, account: str, product: ProductType, row: Mapping[str, Any], at_ms: int
) -> list[Word]:
    """Return one row of um|cm positionRisk. Its updateTime is 0 for a position that never was."""
    position = PositionUpdate(
        connector=connector,
        account=account,
        product_type=product,
        symbol=row["symbol"],
        position_side=row["positionSide"],
        quantity=exact(row["positionAmt"]),
        entry_price=exact(row["entryPrice"]),
        unrealized_pnl=exact_or_none(row.get("unRealizedProfit")),
        mark_price=exact_or_none(row.get("markPrice")),
        liquidation_price=exact_or_none(row.get("liquidationPrice")) or None,
        at_ms=_time(row, at_ms),
    )
    leverage = exact_or_none(row.get("leverage"))
    if leverage is None:
        return [position]
    return [position, SymbolLeverage(product, position.symbol, leverage, position.at_ms)]


def risk_level(word: object) -> RiskLevel:
    """Return the level that a word of the venue's stands for."""
    try:
        return RiskLevel(str(word))
    except ValueError:
        return RiskLevel.UNKNOWN


def _time(row: Mapping[str, Any], at_ms: int) -> int:
    """A row speaks for the moment that it names, and at least for `at_ms`."""
    return max(int(row.get("updateTime") or 0), at_ms)
