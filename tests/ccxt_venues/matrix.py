"""Every cell of the capability matrices, both ways.

A venue's test gives one expected request for each cell that `fixgate.model.capabilities` allows; all other
cells must be refused there, in the words of `refusal_words`, before anything is sent.

    @pytest.mark.parametrize("cell", allowed("binance"), ids=str)
    async def test_allowed_cell_sends_exactly(cell, server):
        await sends_exactly(TRANSLATOR, server, cell, SYMBOLS[cell.market_type], expected(cell), ...)

    @pytest.mark.parametrize("cell", refused("binance"), ids=str)
    def test_any_other_cell_is_refused(cell):
        is_refused(TRANSLATOR, cell, MARKETS[cell.market_type])
"""

import itertools
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import pytest

from fixgate.connectors.ccxt.translator import Call, Translator
from fixgate.model import capabilities
from fixgate.model.commands import OrderAttributes
from fixgate.model.enums import OrderType, PositionSide, Side, TimeInForce
from fixgate.model.execution import MarketType
from fixgate.model.refusal import Refused
from fixgate.model.venue import SubmitList
from tests.ccxt_venues.stand_in import Recorded, StandIn, an_order, call, exchange_for, market_of


class Cell(NamedTuple):
    """One combination of what a caller may ask for."""

    market_type: MarketType
    order_type: OrderType
    time_in_force: TimeInForce
    reduce_only: bool
    post_only: bool
    hedge: bool

    def __str__(self) -> str:
        flags = [name for name in ("reduce_only", "post_only", "hedge") if getattr(self, name)]
        return "-".join([self.market_type, self.order_type, self.time_in_force, *flags])

    @property
    def is_post_only(self) -> bool:
        return self.post_only or self.time_in_force is TimeInForce.POST_ONLY


class Expected(NamedTuple):
    """The request that must reach the venue: `route` as `"POST host/path"`; `parameters` without the
    noise."""

    route: str
    parameters: Any


CELLS = [
    Cell(*values)
    for values in itertools.product(
        MarketType,
        OrderType,
        (TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK, TimeInForce.POST_ONLY),
        (False, True),
        (False, True),
        (False, True),
    )
]


def refusal(exchange: str, cell: Cell) -> str:
    """Return what the capability table says against a cell, empty if nothing."""
    return capabilities.check(
        exchange,
        cell.market_type,
        cell.order_type,
        cell.time_in_force,
        reduce_only=cell.reduce_only,
        post_only=cell.post_only,
        hedge=cell.hedge,
    )


def allowed(exchange: str) -> list[Cell]:
    """Return the cells that the capability table allows."""
    return [cell for cell in CELLS if not refusal(exchange, cell)]


def refused(exchange: str) -> list[Cell]:
    """Return all others."""
    return [cell for cell in CELLS if refusal(exchange, cell)]


ORDER_TYPE_TABLE = """
| Exchange | market | limit | stop_loss | take_profit | trailing_stop | oco |
| Binance | Spot/Perp | Spot/Perp | Spot/Perp | Spot/Perp | Perp only | Spot only |
| Bybit | Spot/Perp | Spot/Perp | Spot/Perp | Spot/Perp | Perp only | - |
| Gate.io | Spot/Perp | Spot/Perp | Spot/Perp | Spot/Perp | - | - |
| Kraken | Spot/Perp | Spot/Perp | Spot/Perp | Spot/Perp | - | - |
| Hyperliquid | Perp | Perp | Perp | Perp | - | - |
| OKX | Spot/Perp | Spot/Perp | Spot/Perp | Spot/Perp | Perp only | Spot only |
"""

FEATURE_TABLE = """
| Exchange | reduce_only | post_only | hedge_mode |
| Binance | Perp | Both | Perp |
| Bybit | Perp | Both | Perp |
| Gate.io | Perp | Perp | - |
| Kraken | Perp | Both | - |
| Hyperliquid | Perp | Perp | - |
| OKX | Perp | Both | Perp |
"""

TITLES = {
    "binance": "Binance",
    "bybit": "Bybit",
    "gateio": "Gate.io",
    "kraken": "Kraken",
    "hyperliquid": "Hyperliquid",
    "okx": "OKX",
}

WITHOUT_FOK = {"hyperliquid"}
"""What the documents leave open: who does not take FOK. Source: Hyperliquid's "Place an order", tif."""


def table(text: str) -> dict[str, dict[str, str]]:
    """Return a table of the documents as title -> column -> cell."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.split("\n") if line]
    return {row[0]: dict(zip(rows[0], row, strict=True)) for row in rows[1:]}


_ORDER_TYPES, _FEATURES = table(ORDER_TYPE_TABLE), table(FEATURE_TABLE)


def refusal_words(exchange: str, cell: Cell) -> str:
    """Return what the documents' tables say against a cell, in their words; empty if nothing."""
    title = TITLES[exchange]
    side, other = ("Perp", "Spot") if cell.market_type.is_perp else ("Spot", "Perp")
    if side not in _ORDER_TYPES[title]["market"]:
        return f"{title} does not support {side.lower()} trading"
    where = _ORDER_TYPES[title][cell.order_type.removesuffix("_limit")]
    if side not in where:
        only = f" on {side.lower()}" if other in where else ""
        return f"{title} does not support {cell.order_type} orders{only}"
    for asked, feature in (
        (cell.reduce_only, "reduce_only"),
        (cell.is_post_only, "post_only"),
        (cell.hedge, "hedge_mode"),
    ):
        if asked and _FEATURES[title][feature] not in (side, "Both"):
            return f"{title} does not support {feature} on {side.lower()}"
    tif = cell.time_in_force
    if tif is TimeInForce.FOK and not cell.post_only and exchange in WITHOUT_FOK:
        return f"{title} does not support time_in_force FOK on {side.lower()}"
    limit = cell.order_type is OrderType.LIMIT
    if cell.is_post_only and not limit:
        return f"post_only needs a limit order; order_type was {cell.order_type}"
    if cell.is_post_only and tif in (TimeInForce.IOC, TimeInForce.FOK):
        return f"post_only cannot be combined with time_in_force {tif}"
    if tif in (TimeInForce.IOC, TimeInForce.FOK) and not limit:
        return f"time_in_force {tif} needs a limit order; order_type was {cell.order_type}"
    return ""


SIDE = Side.SELL
QUANTITY = Decimal("0.01")
PRICE = Decimal(90000)
STOP = Decimal(89000)
TRAILING = Decimal(100)
"""Basis points: one percent."""


def orders_of(cell: Cell, market: Any, *, quantity: Decimal = QUANTITY, **changes: Any) -> list[Any]:
    """Return the engine's orders of a cell, two for an OCO: sell, 90000 (limit), 89000 (stop), 1 %. The
    position side of a hedge cell is LONG where it reduces, else SHORT: what a sell opens."""
    attributes = OrderAttributes(
        post_only=True if cell.post_only else None,
        reduce_only=True if cell.reduce_only else None,
        position_side=(PositionSide.LONG if cell.reduce_only else PositionSide.SHORT) if cell.hedge else None,
    )
    values = {
        "side": SIDE,
        "quantity": quantity,
        "time_in_force": cell.time_in_force,
        "attributes": attributes,
    } | changes
    if cell.order_type is OrderType.OCO:
        legs = (
            values
            | {"order_type": OrderType.LIMIT, "price": PRICE, "order_id": 7001, "client_order_id": "fg7001"},
            values
            | {
                "order_type": OrderType.STOP_LOSS,
                "stop_price": STOP,
                "order_id": 7002,
                "client_order_id": "fg7002",
            },
        )
        return [an_order(market, **leg) for leg in legs]
    if cell.order_type.needs_price:
        values["price"] = PRICE
    if cell.order_type.needs_stop_price:
        values["stop_price"] = STOP
    if cell.order_type is OrderType.TRAILING_STOP:
        values["trailing_delta"] = TRAILING
    return [an_order(market, order_type=cell.order_type, **values)]


def is_refused(translator: Translator, cell: Cell, market: Any, last: Decimal | None = None) -> None:
    """Check that a cell is refused by table and translator, in the documents' words: there is nothing to
    send."""
    words = refusal_words(translator.exchange, cell)
    assert words
    assert refusal(translator.exchange, cell) == words
    with pytest.raises(Refused) as refused_order:
        call_of(translator, market, orders_of(cell, market), last)
    assert refused_order.value.text == words


def call_of(translator: Translator, market: Any, orders: list[Any], last: Decimal | None = None) -> Call:
    """Return the translator's call for the orders of a cell."""
    if len(orders) == 1:
        return translator.submit(orders[0], market, last)
    return translator.submit_list(a_list(orders), market, last)


def a_list(orders: list[Any]) -> Any:
    return SubmitList(connector="VENUE", account="venue-001", list_client_id="fgl7000", legs=tuple(orders))


async def sends_exactly(
    translator: Translator,
    server: StandIn,
    cell: Cell,
    symbol: str,
    expected: Expected,
    *,
    noise: tuple[str, ...],
    answers: Mapping[str, Any],
    last: Decimal | None = None,
    exchange: Any = None,
    **changes: Any,
) -> Recorded:
    """Place the order of a cell, and check that just the expected request reached the server. `exchange` is
    one that is there already."""
    exchange = exchange or await exchange_for(translator, cell.market_type, server)
    market = market_of(exchange, symbol)
    for route, body in answers.items():
        server.answer(route, body)
    await call(exchange, call_of(translator, market, orders_of(cell, market, **changes), last))
    assert [request.route for request in server.requests] == [expected.route]
    assert server.requests[0].parameters(*noise) == expected.parameters
    return server.requests[0]
