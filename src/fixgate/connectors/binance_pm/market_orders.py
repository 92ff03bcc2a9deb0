"""Orders by the venue's own ids, wherever they are: in the matching engine, or at the service that holds
conditional futures orders back. Sources: PAPI um|cm|margin order and openOrders, um/algo, cm/conditional.
"""

import asyncio
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from fixgate.connectors.binance_pm import conditional_service as service_words
from fixgate.connectors.binance_pm.conditional_service import SERVICE_OF
from fixgate.connectors.binance_pm.market_calls import MarketCalls, Row
from fixgate.connectors.binance_pm.market_records import engine_order, fee_of, held_order, spot_balance
from fixgate.connectors.binance_pm.venue_words import LEG_OF, exact
from fixgate.model.enums import ProductType, Side
from fixgate.model.execution import ErrorCode, ExecutionError, OrderState, VenueOrder
from fixgate.model.instrument import Instrument
from fixgate.papi.legs import BALANCE, LEGS

CANCEL_TRIES = 3
"""How often a cancel whose outcome is unknown is sent, as long as the order is still open."""

InstrumentOf = Callable[[ProductType, str], Instrument]
Found = tuple[Instrument, VenueOrder]

FUTURES = (ProductType.FUTURE, ProductType.DELIVERY)


class OrderReader:
    """Reads and cancels orders of any account. All methods raise `ExecutionError`, and what reading a row
    raises that is not what it should be."""

    def __init__(self, instrument_of: InstrumentOf) -> None:
        self._instrument_of = instrument_of

    async def order(self, calls: MarketCalls, instrument: Instrument, order_id: str) -> VenueOrder:
        """Return an order. ORDER_NOT_FOUND if neither the engine nor a service knows it."""
        number = _number(order_id)
        try:
            return await self._engine_order(calls, instrument, number)
        except ExecutionError as error:
            if error.code is not ErrorCode.ORDER_NOT_FOUND or instrument.product_type not in SERVICE_OF:
                raise
        row = await _service_row(calls, instrument, number)
        held = service_words.held_order(instrument.product_type, row)
        if not held.has_left or not held.child_id:
            return held_order(instrument, row)
        return await self._engine_order(calls, instrument, int(held.child_id))

    async def _engine_order(self, calls: MarketCalls, instrument: Instrument, number: int) -> VenueOrder:
        paths = LEGS[LEG_OF[instrument.product_type]]
        row = await calls.row("GET", paths.order, symbol=instrument.symbol, orderId=number)
        order = engine_order(instrument, row)
        executed = exact(row["executedQty"])
        if not executed:
            return order
        trades = await calls.rows("GET", paths.trades, **_trades_of(instrument, row))
        return replace(order, fee=fee_of(trades, str(number), executed))

    async def cancel(self, calls: MarketCalls, instrument: Instrument, order_id: str) -> None:
        """Cancel an order. A cancel whose outcome is unknown is sent again while the order is still open: a
        second one does no harm. NETWORK_ERROR says that it is still not known."""
        number = _number(order_id)
        for attempt in range(1, CANCEL_TRIES + 1):
            try:
                await self._cancel_once(calls, instrument, number)
                return
            except ExecutionError as error:
                if error.code is not ErrorCode.NETWORK_ERROR:
                    raise
                order = await self.order(calls, instrument, order_id)
                if order.status is OrderState.CANCELED:
                    return
                if order.status is not OrderState.OPEN:
                    text = f"order {order_id} is {order.status} already"
                    raise ExecutionError(ErrorCode.ORDER_NOT_FOUND, text) from error
                if attempt == CANCEL_TRIES:
                    raise

    async def _cancel_once(self, calls: MarketCalls, instrument: Instrument, number: int) -> None:
        path = LEGS[LEG_OF[instrument.product_type]].order
        try:
            await calls.row("DELETE", path, symbol=instrument.symbol, orderId=number)
            return
        except ExecutionError as error:
            service = SERVICE_OF.get(instrument.product_type)
            if error.code is not ErrorCode.ORDER_NOT_FOUND or service is None:
                raise
        row = await _service_row(calls, instrument, number)
        held = service_words.held_order(instrument.product_type, row)
        if held.has_left and held.child_id:
            await calls.row("DELETE", path, symbol=instrument.symbol, orderId=int(held.child_id))
            return
        await calls.row("DELETE", service.order, **_service_id(instrument, number))

    async def open_futures(self, calls: MarketCalls, instrument: Instrument | None) -> list[Found]:
        """Return the open orders of one instrument, or of both futures sides."""
        products = FUTURES if instrument is None else (instrument.product_type,)
        symbol = None if instrument is None else instrument.symbol
        asked = [
            calls.rows("GET", path, symbol=symbol)
            for product in products
            for path in (LEGS[LEG_OF[product]].open_orders, SERVICE_OF[product].open_orders)
        ]
        lists = await asyncio.gather(*asked)
        found: list[Found] = []
        for product, engine, held in zip(products, lists[::2], lists[1::2], strict=True):
            for rows, read in ((engine, engine_order), (held, held_order)):
                for row in rows:
                    each = self._instrument_of(product, str(row["symbol"]))
                    found.append((each, read(each, row)))
        return found

    async def open_spot(self, calls: MarketCalls, symbols: Sequence[str]) -> list[Found]:
        """Return the open margin orders of some symbols."""
        path = LEGS[LEG_OF[ProductType.SPOT]].open_orders
        lists = await asyncio.gather(*(calls.rows("GET", path, symbol=symbol) for symbol in symbols))
        found: list[Found] = []
        for row in (row for rows in lists for row in rows):
            each = self._instrument_of(ProductType.SPOT, str(row["symbol"]))
            found.append((each, engine_order(each, row)))
        return found

    async def open_spot_anywhere(self, calls: MarketCalls, symbols: Sequence[str]) -> list[Found]:
        """Return the open margin orders of `symbols`, if they explain everything that is locked."""
        locked = {
            balance.asset
            for balance in map(spot_balance, await calls.rows("GET", BALANCE))
            if balance.used > 0
        }
        found = await self.open_spot(calls, symbols) if locked else []
        explained = {each.currency if order.side is Side.BUY else each.base for each, order in found}
        if unexplained := sorted(locked - explained):
            raise ExecutionError(
                ErrorCode.INVALID_REQUEST,
                "Binance lists open margin orders by symbol only, and orders of symbols that were not heard "
                f"of here lock {', '.join(unexplained)}: give symbol",
            )
        return found


def _number(order_id: str) -> int:
    if not (order_id.isascii() and order_id.isdigit()) or len(order_id) > 19:
        raise ExecutionError(
            ErrorCode.ORDER_NOT_FOUND, f"Binance has no order {order_id!r}: its order ids are whole numbers"
        )
    return int(order_id)


def _service_id(instrument: Instrument, number: int) -> dict[str, object]:
    service = SERVICE_OF[instrument.product_type]
    named: dict[str, object] = {service.id: number}
    return named | ({"symbol": instrument.symbol} if service.needs_symbol else {})


async def _service_row(calls: MarketCalls, instrument: Instrument, number: int) -> Row:
    """Return a conditional order's row, wherever its service keeps it."""
    for lookup in SERVICE_OF[instrument.product_type].lookups:
        try:
            row = await calls.row("GET", lookup, **_service_id(instrument, number))
        except ExecutionError as error:
            if error.code is not ErrorCode.ORDER_NOT_FOUND:
                raise
            continue
        if row.get("symbol") == instrument.symbol:
            return row
    raise ExecutionError(ErrorCode.ORDER_NOT_FOUND, f"Binance has no order {number} of {instrument.symbol}")


def _trades_of(instrument: Instrument, row: Row) -> dict[str, object]:
    """Return what asks for an order's trades: by its id on SPOT, else by the time in which it traded, as far
    as one call reaches."""
    paths = LEGS[LEG_OF[instrument.product_type]]
    common: dict[str, object] = {"symbol": instrument.symbol, "limit": paths.trades_limit}
    if instrument.product_type is ProductType.SPOT:
        return common | {"orderId": int(row["orderId"])}
    end = int(row["updateTime"])
    start = max(int(row["time"]), end - paths.trades_window_ms + 1)
    return common | {"startTime": start, "endTime": end}
