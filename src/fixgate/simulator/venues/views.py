"""Orders, trades and positions of a simulated venue in no dialect, for its dialect to put into words.

Quantities are the matching engine's: base asset, contracts on inverse markets. Times are milliseconds since
the epoch. Sides are BUY and SELL.
"""

from decimal import Decimal
from enum import Enum, auto

import msgspec

from fixgate.simulator.venues.instruments import VenueMarket

ZERO = Decimal(0)


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """A new order. `kind` is market or limit: what is put on the book, for an order with `stop_price` or
    `callback_rate` (percent) once its price has come. `takes_profit` turns the direction in which it waits.
    `time_in_force` is GTC, IOC or FOK. `quote_quantity` takes the place of `quantity` in a spot market buy.
    `on_mark` makes it wait for the mark price instead of the last trade."""

    market: VenueMarket
    side: str
    kind: str
    quantity: Decimal | None = None
    quote_quantity: Decimal | None = None
    price: Decimal | None = None
    time_in_force: str = "GTC"
    post_only: bool = False
    reduce_only: bool = False
    position_side: str = "BOTH"
    client_id: str = ""
    stop_price: Decimal | None = None
    takes_profit: bool = False
    callback_rate: Decimal | None = None
    activation_price: Decimal | None = None
    on_mark: bool = False

    @property
    def waits(self) -> bool:
        """True when it waits for a price before it is put on the book."""
        return self.stop_price is not None or self.callback_rate is not None


class Status(Enum):
    HELD = auto()
    """Waits for its price."""
    OPEN = auto()
    FILLED = auto()
    CANCELED = auto()
    EXPIRED = auto()
    REJECTED = auto()

    @property
    def is_open(self) -> bool:
        return self in (Status.HELD, Status.OPEN)


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """One order at one moment.

    `held` is true of one that waits, or waited, for a price. What was put on the book when it came has an
    order id of its own: `child_id` of the held order, whose id is `parent_id` of the other. On venues where
    both are one order (`Venue.one_order`) the view is of that one, under the held order's id.
    """

    order_id: int
    client_id: str
    account: str
    market: VenueMarket
    side: str
    kind: str
    time_in_force: str
    post_only: bool
    reduce_only: bool
    position_side: str
    status: Status
    quantity: Decimal
    price: Decimal
    filled: Decimal = ZERO
    average: Decimal = ZERO
    value: Decimal = ZERO
    """What was paid or got so far, in quote asset; base coin on inverse markets."""
    fee: Decimal = ZERO
    fee_asset: str = ""
    stop_price: Decimal = ZERO
    takes_profit: bool = False
    callback_rate: Decimal = ZERO
    activation_price: Decimal = ZERO
    held: bool = False
    parent_id: int = 0
    child_id: int = 0
    list_id: int = 0
    reason: str = ""
    created_ms: int = 0
    updated_ms: int = 0

    @property
    def remaining(self) -> Decimal:
        return self.quantity - self.filled if self.status.is_open else ZERO

    @property
    def is_buy(self) -> bool:
        return self.side == "BUY"


class TradeView(msgspec.Struct, frozen=True, kw_only=True):
    """One side of one fill. `order_id` is that of the view of its order; `realized` the profit it made."""

    trade_id: int
    order_id: int
    client_id: str
    market: VenueMarket
    side: str
    price: Decimal
    quantity: Decimal
    value: Decimal
    fee: Decimal
    fee_asset: str
    realized: Decimal
    maker: bool
    position_side: str
    time_ms: int


class PositionView(msgspec.Struct, frozen=True, kw_only=True):
    """One position; `quantity` is signed, `position_side` BOTH, LONG or SHORT. `notional` is in quote asset
    (base coin on inverse markets), and above zero."""

    market: VenueMarket
    position_side: str
    quantity: Decimal
    entry_price: Decimal
    mark_price: Decimal
    notional: Decimal
    unrealized: Decimal
    realized: Decimal
    leverage: int
    isolated: bool
    updated_ms: int


class BalanceView(msgspec.Struct, frozen=True, kw_only=True):
    """One asset of an account: spot and futures wallets together, as in a unified account."""

    asset: str
    free: Decimal
    used: Decimal

    @property
    def total(self) -> Decimal:
        return self.free + self.used


class IncomeView(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a futures wallet. `kind` is REALIZED_PNL, FUNDING_FEE or COMMISSION."""

    income_id: int
    kind: str
    market: VenueMarket | None
    amount: Decimal
    asset: str
    time_ms: int


class Why(Enum):
    """Why a venue refuses a request, for its dialect to find its own code for."""

    BALANCE = auto()
    MARGIN = auto()
    UNKNOWN_ORDER = auto()
    DUPLICATE = auto()
    WOULD_TAKE = auto()
    WOULD_TRIGGER = auto()
    REDUCE_ONLY = auto()
    PRICE = auto()
    QUANTITY = auto()
    NOTIONAL = auto()
    SYMBOL = auto()
    POSITION_SIDE = auto()
    LEVERAGE = auto()
    LIQUIDITY = auto()
    TOO_MANY = auto()
    OTHER = auto()


class Refusal(Exception):
    """A request that the venue refuses, and that changed nothing."""

    def __init__(self, why: Why, text: str) -> None:
        super().__init__(text)
        self.why = why
        self.text = text


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a private stream tells: an order's new state, with the trade that brought it about if
    one did, or (`order` is `None`) that balances and positions changed."""

    account: str
    order: OrderView | None = None
    trade: TradeView | None = None
