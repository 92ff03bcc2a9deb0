"""ccxt's structures of orders and trades, and a translator that is no venue's, for tests without one."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from fixgate.connectors.ccxt.calls import CallFailed, Transmission
from fixgate.connectors.ccxt.reading import Reader
from fixgate.connectors.ccxt.translator import Call, Market, Meaning, Verdict
from fixgate.connectors.ccxt.venues.unified import UnifiedVenue
from fixgate.model.enums import OrderType, OrdRejReason, ProductType, Side, TimeInForce
from fixgate.model.execution import ErrorCode, MarketType
from fixgate.model.venue import CancelAtVenue, QueryAtVenue, SubmitOrder

SPOT = Market(
    symbol="BTC/USDT",
    venue_id="BTCUSDT",
    market_type=MarketType.SPOT,
    base="BTC",
    quote="USDT",
    tick=Decimal("0.1"),
    lot=Decimal("0.001"),
    min_amount=Decimal("0.001"),
    max_amount=Decimal(100),
    min_cost=Decimal(10),
)
SWAP = Market(
    symbol="BTC/USDT:USDT",
    venue_id="BTC-USDT-SWAP",
    market_type=MarketType.SWAP,
    base="BTC",
    quote="USDT",
    settle="USDT",
    contract_size=Decimal("0.01"),
    tick=Decimal("0.1"),
    lot=Decimal(1),
    min_amount=Decimal(1),
)
INVERSE = Market(
    symbol="BTC/USD:BTC",
    venue_id="BTCUSD",
    market_type=MarketType.SWAP,
    base="BTC",
    quote="USD",
    settle="BTC",
    inverse=True,
    contract_size=Decimal(100),
    tick=Decimal("0.1"),
    lot=Decimal(1),
    min_amount=Decimal(1),
    min_cost=Decimal(100),
)
MARKETS = {each.symbol: each for each in (SPOT, SWAP, INVERSE)}


class NoVenue(UnifiedVenue):
    """A venue with a few codes, whose conditional orders on perps have a service of their own."""

    exchange = "binance"
    title = "No Venue"
    codes: Mapping[str, Meaning] = {
        "1": Meaning(Verdict.REFUSED, ErrorCode.INSUFFICIENT_BALANCE, OrdRejReason.EXCEEDS_LIMIT),
        "2": Meaning(Verdict.UNKNOWN, ErrorCode.NETWORK_ERROR),
        "3": Meaning(Verdict.NOT_FOUND, ErrorCode.ORDER_NOT_FOUND),
        "4": Meaning(Verdict.DONE),
        "5": Meaning(Verdict.DUPLICATE, ErrorCode.CONFLICT),
        "6": Meaning(Verdict.LIMITED, ErrorCode.NETWORK_ERROR),
    }
    code_pattern = re.compile(r'"code":(\d+)')

    def holds(self, product_type: ProductType) -> bool:
        return product_type is not ProductType.SPOT

    def triggered(self, order: Mapping[str, Any]) -> str | None:
        info = order["info"]
        return str(info.get("child") or "") if "algo" in info else None

    def query(self, request: QueryAtVenue, market: Market) -> Sequence[Call]:
        name = request.venue_order_id or request.client_order_id
        return [Call("held" if request.held else "open", (name,)), Call("ended", (name,))]

    def trades(self, request: QueryAtVenue, market: Market) -> Call:
        return Call("trades", (request.venue_order_id, request.born_ns))

    def cancel(self, request: CancelAtVenue, market: Market) -> Call:
        return Call("cancel_order", (request.venue_order_id,))

    def parameters(self, order: SubmitOrder, market: Market, last: Decimal | None) -> dict[str, Any]:
        return {"clientOrderId": order.client_order_id}


READER = Reader("VENUE", "venue-001", NoVenue(), MARKETS.get)


def order_row(**changes: Any) -> dict[str, Any]:
    return {
        "id": "v1",
        "clientOrderId": "fg1",
        "symbol": "BTC/USDT",
        "status": "open",
        "type": "limit",
        "side": "buy",
        "price": "90000.0",
        "amount": "0.010",
        "filled": "0",
        "average": None,
        "timestamp": 1_800_000_000_000,
        "info": {},
    } | changes


def trade_row(**changes: Any) -> dict[str, Any]:
    return {
        "id": "t1",
        "order": "v1",
        "symbol": "BTC/USDT",
        "side": "buy",
        "price": "90000.0",
        "amount": "0.004",
        "takerOrMaker": "taker",
        "fee": {"cost": "0.01", "currency": "USDT"},
        "timestamp": 1_800_000_000_001,
        "info": {},
    } | changes


def a_submit(**changes: Any) -> SubmitOrder:
    return SubmitOrder(
        **{
            "connector": "VENUE",
            "account": "venue-001",
            "order_id": 1,
            "client_order_id": "fg1",
            "product_type": ProductType.SPOT,
            "symbol": "BTC/USDT",
            "side": Side.BUY,
            "order_type": OrderType.LIMIT,
            "time_in_force": TimeInForce.GTC,
            "quantity": Decimal("0.010"),
            "price": Decimal(90000),
        }
        | changes
    )


def a_cancel(**changes: Any) -> CancelAtVenue:
    return CancelAtVenue(
        **{
            "connector": "VENUE",
            "account": "venue-001",
            "order_id": 1,
            "request_id": 2,
            "client_order_id": "fg1",
            "venue_order_id": "v1",
            "product_type": ProductType.SPOT,
            "symbol": "BTC/USDT",
        }
        | changes
    )


def failed(
    error: Exception, *, sent: bool = True, status: int = 0, body: str = "", **headers: str
) -> CallFailed:
    """Return a failed call; `status` 0 is "no answer"."""
    transmission = Transmission()
    transmission.sent, transmission.answered = sent, bool(status)
    transmission.status, transmission.body = status, body
    transmission.headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return CallFailed(error, transmission)
