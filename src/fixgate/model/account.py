"""The account side of the model: what an account holds, what it owes and how near its limits it is.

Everything is a value of one moment. Times are the venue's, in milliseconds since the epoch.
"""

from decimal import Decimal
from enum import StrEnum

import msgspec

from fixgate.model.enums import ProductType


class RiskLevel(StrEnum):
    """How near an account is to liquidation, mildest first, in the venue's words."""

    NORMAL = "NORMAL"
    MARGIN_CALL = "MARGIN_CALL"
    SUPPLY_MARGIN = "SUPPLY_MARGIN"
    REDUCE_ONLY = "REDUCE_ONLY"
    ACTIVE_LIQUIDATION = "ACTIVE_LIQUIDATION"
    FORCE_LIQUIDATION = "FORCE_LIQUIDATION"
    BANKRUPTED = "BANKRUPTED"
    UNKNOWN = "UNKNOWN"
    """A word of the venue's that stands in no table; it may mean anything."""

    @property
    def is_alarming(self) -> bool:
        """True for a margin call, for all that is worse, and for what is not understood."""
        return self is not RiskLevel.NORMAL


class Balance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One asset in one wallet, which `product_type` names.

    SPOT is the margin wallet: `total` is `free` plus `locked`; `owed` is what was borrowed and not repaid,
    and `interest` the part of it that is interest, as of the last reading. The futures wallets have a
    `total`, below zero when it is owed; what of it is free the venue tells for the whole account only, as
    `MarginLevel.available_balance`.
    """

    product_type: ProductType
    asset: str
    total: Decimal
    free: Decimal = Decimal(0)
    locked: Decimal = Decimal(0)
    owed: Decimal = Decimal(0)
    interest: Decimal = Decimal(0)
    at_ms: int = 0


class Position(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One open position. `quantity` is signed, in base asset, on DELIVERY in contracts.

    `position_side` is BOTH, LONG or SHORT. `unrealized_pnl` is in the margin asset. `mark_price` and
    `liquidation_price` are of the last reading, `None` until there was one; `leverage` is `None` until told.
    """

    product_type: ProductType
    symbol: str
    position_side: str
    quantity: Decimal
    entry_price: Decimal
    unrealized_pnl: Decimal | None = None
    mark_price: Decimal | None = None
    liquidation_price: Decimal | None = None
    leverage: Decimal | None = None
    at_ms: int = 0


class MarginLevel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """How the whole account stands. Amounts are in US dollars.

    `uni_mmr` is the venue's ratio of equity to maintenance margin, the larger the safer; `equity` counts
    collateral with its haircut, `actual_equity` without. `status` is the venue's own word. `initial_margin`
    and `available_balance` are `None` when a risk event told the rest, which says nothing of them.
    """

    uni_mmr: Decimal
    equity: Decimal
    actual_equity: Decimal
    maintenance_margin: Decimal
    initial_margin: Decimal | None = None
    available_balance: Decimal | None = None
    risk_level: RiskLevel
    status: str
    at_ms: int = 0


class AccountState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that is known of one account's money, at `as_of_ms`: the time of the latest word about it.

    `current` is True while the stream is up and everything has been read since it came up: what the venue
    says next will be heard. False means that the values may be out of date. `margin` is `None` until
    the venue told it, `hedge_mode` until the position mode is known. Closed positions and empty balances are
    left out; rows are in the order of their keys.
    """

    connector: str
    account: str
    current: bool
    as_of_ms: int
    hedge_mode: bool | None = None
    balances: tuple[Balance, ...] = ()
    positions: tuple[Position, ...] = ()
    margin: MarginLevel | None = None


class MarginAlert(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, gc=False):
    """An account came near liquidation, came nearer, or, with `risk_level` NORMAL, is out of danger again.

    `text` says so for people; the numbers are those of `MarginLevel`.
    """

    connector: str
    account: str
    risk_level: RiskLevel
    status: str
    uni_mmr: Decimal
    equity: Decimal
    maintenance_margin: Decimal
    text: str
    at_ms: int = 0
