"""Orders and trades as the simulated venue keeps them, in Binance's own words."""

from decimal import Decimal
from enum import StrEnum

import msgspec

ZERO = Decimal(0)


class Leg(StrEnum):
    """One of the three markets of a Portfolio Margin account."""

    UM = "UM"
    CM = "CM"
    MARGIN = "MARGIN"


OPEN_STATUSES = frozenset({"NEW", "PARTIALLY_FILLED", "PENDING_NEW"})
STOP_TYPES = frozenset({"STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"})
"""Order types of the margin leg that wait for a price."""
_MARKET_TYPES = frozenset({"MARKET", "STOP_LOSS", "TAKE_PROFIT"})


class Amendment(msgspec.Struct, frozen=True, kw_only=True):
    """One accepted modification. Source: PAPI GET /papi/v1/um/orderAmendment."""

    amendment_id: int
    time_ms: int
    price_before: Decimal
    price_after: Decimal
    quantity_before: Decimal
    quantity_after: Decimal
    count: int
    modify_id: int | None = None


class Order(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One order. Quantities are base asset on UM and MARGIN, contracts on CM.

    `account` is empty for the anonymous counterparties that make up the market. `cum_quote` is quote
    asset on UM and MARGIN, base coin on CM. `priority` orders equal prices: lower came first.
    `locked`, `received` and `borrowed` are margin only: asset amounts still locked for the order,
    received net of commission, and borrowed when it was placed.
    """

    leg: Leg
    symbol: str
    order_id: int
    client_order_id: str
    account: str
    side: str
    type: str
    time_in_force: str
    quantity: Decimal
    price: Decimal
    position_side: str = "BOTH"
    reduce_only: bool = False
    stp_mode: str = "EXPIRE_MAKER"
    status: str = "NEW"
    executed: Decimal = ZERO
    cum_quote: Decimal = ZERO
    created_ms: int = 0
    updated_ms: int = 0
    priority: int = 0
    dormant: bool = False
    """Open but off the book: a reduce-only remainder that no position is left for."""
    reserved: Decimal = ZERO
    """Notional this order adds to its account's open orders (quote asset; base coin on CM)."""
    modifications: int = 0
    amendments: list[Amendment] = []
    quote_quantity: Decimal = ZERO
    side_effect: str = "NO_SIDE_EFFECT"
    auto_repay_at_cancel: bool = False
    locked: Decimal = ZERO
    received: Decimal = ZERO
    borrowed: Decimal = ZERO
    borrowed_asset: str = ""
    cancel_id: str = ""
    """Client id of the cancel request that ended a margin order."""
    prevented_match_id: int | None = None
    prevented_quantity: Decimal | None = None
    price_match: str = "NONE"
    good_till: int = 0
    """When a GTD order expires, ms since the epoch; 0 for never."""
    stop_price: Decimal = ZERO
    working: bool = True
    """False while a margin stop order waits for its price."""
    working_ms: int = 0
    """When a margin order began to work; 0 for "from its creation on"."""
    iceberg: Decimal = ZERO
    """Largest quantity shown at a time; 0 for all of it."""
    slice_left: Decimal = ZERO
    """What is left of the iceberg slice that is in the book now."""
    order_list_id: int = -1
    origin_id: int = 0
    """Id of the conditional order that this one came from; 0 for none."""
    origin_type: str = ""
    force: str = ""
    """LIQUIDATION or ADL for an order of the venue's own making."""

    @property
    def remaining(self) -> Decimal:
        """Return what is not executed yet."""
        return self.quantity - self.executed

    @property
    def is_open(self) -> bool:
        """True until the order is terminal."""
        return self.status in OPEN_STATUSES

    @property
    def is_market(self) -> bool:
        """True for an order that takes any price, once it works."""
        return self.type in _MARKET_TYPES

    @property
    def is_buy(self) -> bool:
        """True for BUY."""
        return self.side == "BUY"


class Trade(msgspec.Struct, frozen=True, kw_only=True):
    """One side of one fill. `amount` is price x quantity, or base coin on CM."""

    leg: Leg
    symbol: str
    trade_id: int
    order_id: int
    side: str
    price: Decimal
    quantity: Decimal
    amount: Decimal
    commission: Decimal
    commission_asset: str
    realized_pnl: Decimal
    maker: bool
    position_side: str
    time_ms: int


class OrderRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A new order after its parameters were checked for form. `None` is "not sent"."""

    leg: Leg
    symbol: str
    side: str
    type: str
    time_in_force: str = "GTC"
    quantity: Decimal | None = None
    quote_quantity: Decimal | None = None
    price: Decimal | None = None
    client_order_id: str = ""
    reduce_only: bool = False
    position_side: str = "BOTH"
    stp_mode: str = "EXPIRE_MAKER"
    side_effect: str = "NO_SIDE_EFFECT"
    auto_repay_at_cancel: bool = False
    response_type: str = "ACK"
    stop_price: Decimal | None = None
    iceberg: Decimal | None = None
    price_match: str = "NONE"
    good_till: int = 0
    order_list_id: int = -1
    origin_id: int = 0
    origin_type: str = ""


class ModifyRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A modification after its parameters were checked for form. `quantity` is the new total."""

    leg: Leg
    symbol: str
    side: str
    quantity: Decimal
    price: Decimal
    order_id: int | None = None
    client_order_id: str = ""
    modify_id: int | None = None
