"""The stand with a connector that has markets, and short words for what callers of the API ask."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from fixgate.api.ports import Placed, Ticket
from fixgate.connectors.connector import AccountHealth
from fixgate.model.enums import InstrumentType, OrderType, ProductType, Side
from fixgate.model.execution import (
    AssetBalance,
    ErrorCode,
    ExecutionError,
    Listing,
    MarketType,
    OrderState,
    VenueOrder,
)
from fixgate.model.venue import RequestKind, RequestRefused, SubmitOrder

from .stand import Stand, StandConnector

D = Decimal
ACCOUNT = "main"
SPOT, SWAP = MarketType.SPOT, MarketType.SWAP

LISTINGS = {
    each.unified: each
    for each in (
        Listing(
            unified="BTC/USDT",
            symbol="BTCUSDT",
            market_type=SPOT,
            instrument_type=InstrumentType.FX,
            product_type=ProductType.SPOT,
            base="BTC",
            quote="USDT",
        ),
        Listing(
            unified="BTC/USDT:USDT",
            symbol="BTCUSDT",
            market_type=SWAP,
            instrument_type=InstrumentType.FUTURE,
            product_type=ProductType.FUTURE,
            base="BTC",
            quote="USDT",
        ),
        Listing(
            unified="BTC/USD:BTC",
            symbol="BTCUSD_PERP",
            market_type=SWAP,
            instrument_type=InstrumentType.FUTURE,
            product_type=ProductType.DELIVERY,
            base="BTC",
            quote="USD",
            inverse=True,
            contract_size=D(100),
        ),
    )
}


class Markets(StandConnector):
    """A connector with three markets. `venue` is what it tells of orders by their id; `price` the last price;
    `down` why nothing can be asked, `blind` whether the lists of symbols are not known yet."""

    exchange = "binance"
    portfolio_margin = False

    def __init__(self, account: str = ACCOUNT) -> None:
        super().__init__()
        self.account = account
        self.venue: dict[str, VenueOrder] = {}
        self.price = D(50000)
        self.down: ExecutionError | None = None
        self.blind = False
        self.asked: list[tuple[Any, ...]] = []

    def health(self) -> list[AccountHealth]:
        return [AccountHealth(self.account, True, "", True, None, {})]

    def plan_new(self, order: Any, order_id: int, open_orders: object = None) -> SubmitOrder:
        found = next(each for each in LISTINGS.values() if self._is(each, order))
        self.product = found.product_type
        return super().plan_new(order, order_id)

    @staticmethod
    def _is(listing: Listing, order: Any) -> bool:
        return (listing.symbol, listing.instrument_type) == (order.symbol, order.instrument_type)

    def listing(self, account: str, symbol: str, market_type: MarketType) -> Listing:
        if self.blind:
            raise ExecutionError(ErrorCode.NOT_READY, "the lists of symbols are not known yet")
        found = LISTINGS.get(symbol)
        if found is None or found.market_type is not market_type:
            raise ExecutionError(ErrorCode.INVALID_REQUEST, f"{symbol} is not listed on {market_type}")
        return found

    def unified(self, request: SubmitOrder) -> str:
        for each in LISTINGS.values():
            if (each.symbol, each.product_type) == (request.symbol, request.product_type) and not self.blind:
                return each.unified
        return request.symbol

    def last_price(self, account: str, symbol: str) -> Decimal | None:
        return self.price

    async def fresh_price(self, account: str, symbol: str) -> Decimal:
        self.asked.append(("price", symbol))
        await asyncio.sleep(0)
        return self.price

    async def order(
        self, account: str, order_id: str, symbol: str | None, market_type: MarketType
    ) -> VenueOrder:
        self.asked.append(("order", order_id, symbol, market_type))
        if self.down is not None:
            raise self.down
        if order_id not in self.venue:
            raise ExecutionError(ErrorCode.ORDER_NOT_FOUND, f"no order {order_id}")
        return self.venue[order_id]

    async def cancel(self, account: str, order_id: str, symbol: str | None, market_type: MarketType) -> None:
        self.asked.append(("cancel", order_id, symbol, market_type))
        del self.venue[order_id]

    async def open_orders(
        self, account: str, symbol: str | None, market_type: MarketType
    ) -> Sequence[VenueOrder]:
        return list(self.venue.values())

    async def balances(self, account: str, market_type: MarketType) -> Sequence[AssetBalance]:
        return [AssetBalance(asset="USDT", free=D(1), used=D(0), total=D(1))]

    async def _ask(self, *what: Any) -> Any:
        self.asked.append(what)
        return []

    async def positions(self, *what: Any) -> Any:
        return await self._ask("positions", *what)

    async def leverage(self, *what: Any) -> Any:
        return await self._ask("leverage", *what)

    async def set_leverage(self, *what: Any) -> Any:
        return await self._ask("set_leverage", *what)

    async def set_margin_mode(self, *what: Any) -> Any:
        return await self._ask("set_margin_mode", *what)

    async def funding_history(self, *what: Any) -> Any:
        return await self._ask("funding_history", *what)

    async def realized_pnl(self, *what: Any) -> Any:
        return await self._ask("realized_pnl", *what)


class ApiStand(Stand):
    """A stand whose callers wait `wait` seconds."""

    def __init__(self, folder: Path, *args: Any, wait: float = 5.0, **settings: Any) -> None:
        settings.setdefault("connector", Markets())
        super().__init__(folder, *args, order_wait_seconds=wait, **settings)
        self.desk = self.core.desk

    def placing(self, **changes: Any) -> asyncio.Task[Placed]:
        """Begin to place an order."""
        return asyncio.create_task(self.desk.place(ticket(**changes)))

    @property
    def orders(self) -> list[Any]:
        """Every order that was sent to the venue."""
        return [request for request in self.connector.sent if isinstance(request, SubmitOrder)]

    def refuse(self, cl_ord_id: str, code: str, text: str, error: ErrorCode | None = None) -> None:
        """The venue refuses an order."""
        self.connector.sink(
            RequestRefused(
                order_id=self.api_order(cl_ord_id).order_id,
                kind=RequestKind.SUBMIT,
                code=code,
                text=text,
                error=error,
            )
        )

    def api_order(self, cl_ord_id: str, source: str = "desk-1") -> Any:
        return self.core.engine.book.of_client(source, cl_ord_id)

    def order(self, cl_ord_id: str = "A1") -> Any:
        return self.api_order(cl_ord_id) or super().order(cl_ord_id)


def ticket(**changes: Any) -> Ticket:
    """A limit order to buy 2 BTC/USDT at 50000, as A1 of desk-1."""
    fields: dict[str, Any] = {
        "source": "desk-1",
        "exchange_account_id": ACCOUNT,
        "symbol": "BTC/USDT",
        "side": Side.BUY,
        "order_type": OrderType.LIMIT,
        "quantity": D(2),
        "price": D(50000),
        "client_order_id": "A1",
    }
    return Ticket(**(fields | changes))


def told(order_id: str, **changes: Any) -> VenueOrder:
    """An open order as the venue tells it."""
    fields: dict[str, Any] = {
        "order_id": order_id,
        "symbol": "BTC/USDT",
        "status": OrderState.OPEN,
        "order_type": OrderType.LIMIT,
        "side": Side.BUY,
        "price": D(50000),
        "amount": D(2),
        "remaining": D(2),
    }
    return VenueOrder(**(fields | changes))
