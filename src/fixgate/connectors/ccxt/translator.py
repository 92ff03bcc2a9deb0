"""What tells one venue from another behind ccxt: the interface that each file of `venues/` fills in.

A translator is pure. It turns the engine's requests into calls of a ccxt exchange object, with parameters
from its own tables only, since ccxt sends what it does not understand as something else; and it says what a
venue's error code means. The connector makes the calls. Numbers go to ccxt as text: its exchange objects are
set to `number = str`, and quantise nothing that has been quantised here.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import Enum, auto
from typing import Any, NamedTuple, Protocol

import msgspec

from fixgate.model.enums import OrdRejReason, ProductType
from fixgate.model.execution import ErrorCode, LedgerEntry, LeverageState, MarginMode, MarketType
from fixgate.model.venue import CancelAtVenue, QueryAtVenue, SubmitList, SubmitOrder


class Call(NamedTuple):
    """One call of a ccxt exchange object: the name of its coroutine method (unified, such as `create_order`,
    or implicit, such as `privatePostOrderListOco`) and its arguments."""

    method: str
    args: tuple[Any, ...] = ()


class Market(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One market as ccxt loaded it, with exact numbers.

    `contract_size` is 1 on spot; in `quote` where `inverse`. `tick`, `lot`, `min_amount`, `max_amount` are in
    what ccxt counts: base asset on spot and where the venue does, else contracts. 0 is "none". `min_cost` is
    in quote. `info` is the venue's own record: its values and lists of values.
    """

    symbol: str
    venue_id: str
    market_type: MarketType
    base: str
    quote: str
    settle: str = ""
    inverse: bool = False
    contract_size: Decimal = Decimal(1)
    tick: Decimal = Decimal(0)
    lot: Decimal = Decimal(0)
    min_amount: Decimal = Decimal(0)
    max_amount: Decimal = Decimal(0)
    min_cost: Decimal = Decimal(0)
    active: bool = True
    info: Mapping[str, Any] = {}
    margin_mode: MarginMode | None = None

    @property
    def product_type(self) -> ProductType:
        if self.market_type is MarketType.SPOT:
            return ProductType.SPOT
        return ProductType.DELIVERY if self.inverse else ProductType.FUTURE


class Verdict(Enum):
    """What a venue's error says about a request."""

    REFUSED = auto()
    """Definitely not done."""
    UNKNOWN = auto()
    """Perhaps done: ask."""
    NOT_FOUND = auto()
    """There is no such order, or none that is open."""
    DONE = auto()
    """It is so already: leverage or margin mode as asked, an order canceled before."""
    DUPLICATE = auto()
    """The client order id was used: an earlier request of the same order arrived. Ask."""
    LIMITED = auto()
    """Too many requests: not done, and no more for a while."""


class Meaning(NamedTuple):
    """What one error code of a venue means, in the API's words and in FIX's."""

    verdict: Verdict
    error: ErrorCode = ErrorCode.EXCHANGE_ERROR
    reason: OrdRejReason = OrdRejReason.BROKER


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """What a ccxt exchange object signs with; which are needed depends on the venue."""

    api_key: str = ""
    api_secret: str = ""
    password: str = ""
    wallet_address: str = ""
    private_key: str = ""


class Translator(Protocol):
    """One venue. `last` is the market's last price, given wherever `needs_last` asked for it."""

    exchange: str
    """The exchange's name in the API, such as `gateio`."""

    title: str
    """Its name for people, such as `Gate.io`."""

    names_margin_mode: bool
    """True where the venue keeps no margin mode, and every order names it: `Market.margin_mode`."""

    codes: Mapping[str, Meaning]
    """What the venue's raw error codes mean. A code that is not here, on an order request, is REFUSED when
    the venue answered in its own format, and UNKNOWN else."""

    def ccxt_class(self, market_type: MarketType) -> str:
        """Return the ccxt class for a market type: Kraken has two."""

    def options(self) -> Mapping[str, Any]:
        """Return what to lay into the exchange object's `options`: no broker ids, no referral, no extra
        calls."""

    def prepare(self, exchange: Any) -> None:
        """Make a new exchange object safe: override what would send something that nobody asked for."""

    def code_of(self, error: Exception) -> str:
        """Return the venue's raw error code in a ccxt exception's text, empty if there is none."""

    def meaning_of(self, error: Exception) -> Meaning | None:
        """Return what a ccxt exception means: by `code_of` and, where one code means many things, by the
        venue's own words. `None` for what is in no table."""

    def triggered(self, order: Mapping[str, Any]) -> str | None:
        """Return what became of a conditional order that a service of its own holds, given as ccxt tells
        it: the venue's id of the order that its trigger made, empty while it waits. `None` for every other
        order.

        ccxt calls a conditional order that was triggered `closed`; it is not filled for that."""

    def origin(self, order: Mapping[str, Any]) -> str:
        """Return the venue's id of the conditional order whose trigger made this one, empty for every
        other."""

    def client_order_id(self, number: int) -> str:
        """Return the client order id of the gateway's order `number`, as the venue takes it. One to one."""

    def waits_apart(self, order: SubmitOrder) -> bool:
        """True where a service of its own, with ids of its own, holds the order until its trigger."""

    def needs_last(self, order: SubmitOrder) -> bool:
        """True where the request can only be made with the last price."""

    def amount(self, order: SubmitOrder, market: Market) -> Decimal:
        """Return the amount as ccxt counts it, exactly. Raises `fixgate.model.refusal.Refused`, with the
        nearest quantity that fits, for one that is no whole number of lots."""

    def submit(self, order: SubmitOrder, market: Market, last: Decimal | None) -> Call:
        """Return the call that places an order. Raises `Refused` for what the venue does not take."""

    def submit_list(self, orders: SubmitList, market: Market, last: Decimal | None) -> Call:
        """Return the one call that places an OCO. Raises `Refused` where the venue has none."""

    def list_ids(self, orders: SubmitList, answer: Any) -> Sequence[str]:
        """Return the venue's id of each leg, in their order, from the answer to `submit_list`."""

    def cancel(self, request: CancelAtVenue, market: Market) -> Call:
        """Return the call that cancels an order, by the venue's id or else by the client order id."""

    def query(self, request: QueryAtVenue, market: Market) -> Sequence[Call]:
        """Return the calls that find an order, to be made in turn until one does: open and finished, plain
        and conditional, by the venue's id or else by the client order id. Each returns an order or a list of
        them."""

    def trades(self, request: QueryAtVenue, market: Market) -> Call:
        """Return the call that lists an order's trades, or the market's trades since the order was made."""

    def open_orders(self, market_type: MarketType, symbol: str | None) -> Sequence[Call]:
        """Return the calls that together list every open order: plain and conditional."""

    def leverage(self, market: Market) -> Call:
        """Return the call that tells a symbol's leverage; `read_leverage` reads its answer."""

    def read_leverage(self, market: Market, answer: Any) -> LeverageState:
        """Read it; position fields may be left out."""

    def set_leverage(self, market: Market, leverage: Decimal) -> Call: ...

    def set_margin_mode(self, market: Market, mode: MarginMode, leverage: Decimal | None) -> Call:
        """`leverage` is the present one, for venues that set both at once."""

    def positions(self, market_type: MarketType, symbol: str | None) -> Sequence[Call]: ...

    def funding(self, market: Market | None, since_ms: int | None, limit: int | None) -> Call: ...

    def read_funding(self, answer: Any) -> Sequence[LedgerEntry]: ...

    def realized(self, market: Market | None, since_ms: int | None, limit: int | None) -> Call: ...

    def read_realized(self, answer: Any) -> Sequence[LedgerEntry]: ...
