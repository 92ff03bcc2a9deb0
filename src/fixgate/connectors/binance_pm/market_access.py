"""Binance Portfolio Margin for the Execution API: what can be told and set beyond orders.

Everything goes through the accounts' own calls (`market_calls`); symbols are the instrument lists'. A
Portfolio Margin account is cross margin only: there is no other mode to set.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

from fixgate.connectors.binance_pm import market_records as records
from fixgate.connectors.binance_pm.account import AccountSession
from fixgate.connectors.binance_pm.instrument_lists import InstrumentLists
from fixgate.connectors.binance_pm.market_calls import MarketCalls, Row
from fixgate.connectors.binance_pm.market_income import FUNDING_FEE, REALIZED_PNL, IncomeReader
from fixgate.connectors.binance_pm.market_orders import OrderReader
from fixgate.connectors.binance_pm.market_prices import LastPrices
from fixgate.connectors.binance_pm.market_symbols import (
    Named,
    listing_of,
    market_type_of,
    named,
    unified_symbol,
    unlisted,
)
from fixgate.connectors.binance_pm.questions import UNREADABLE
from fixgate.model.enums import ProductType
from fixgate.model.execution import (
    AssetBalance,
    ErrorCode,
    ExecutionError,
    LedgerEntry,
    LeverageState,
    Listing,
    MarginMode,
    MarketType,
    OpenPosition,
    VenueOrder,
)
from fixgate.model.instrument import Instrument
from fixgate.model.refusal import Refused
from fixgate.model.venue import SubmitOrder
from fixgate.papi.legs import ACCOUNT, BALANCE, CM_POSITION_RISK, UM_POSITION_RISK

R = TypeVar("R")

POSITION_RISK = {ProductType.FUTURE: UM_POSITION_RISK, ProductType.DELIVERY: CM_POSITION_RISK}
LEVERAGE = {ProductType.FUTURE: "/papi/v1/um/leverage", ProductType.DELIVERY: "/papi/v1/cm/leverage"}
UM_SYMBOL_CONFIG, CM_ACCOUNT = "/papi/v1/um/symbolConfig", "/papi/v1/cm/account"
UM_ACCOUNT = "/papi/v1/um/account"
AUTO_COLLECTION, ASSET_COLLECTION = "/papi/v1/auto-collection", "/papi/v1/asset-collection"

_EXAMPLE = {
    MarketType.SPOT: "BTC/USDT",
    MarketType.SWAP: "BTC/USDT:USDT",
    MarketType.FUTURE: "BTC/USDT:USDT-260327",
}
_NOT_PORTFOLIO = "BNB"
"""What the venue does not collect from the futures wallets. Source: PAPI POST asset-collection."""


class BinancePmMarketAccess:
    """The `MarketAccess` and `PortfolioMargin` of a connector, which calls `_offer_markets` before anything
    else. Event loop only."""

    exchange = "binance"
    portfolio_margin = True

    def _offer_markets(
        self,
        find: Callable[[str], AccountSession],
        lists: InstrumentLists,
        prices: LastPrices,
        venue_ms: Callable[[], int],
    ) -> None:
        """`find` returns an account by its name and raises `Refused`; `venue_ms` is the venue's time."""
        self._find = find
        self._listed = lists
        self._prices = prices
        self._orders = OrderReader(self._instrument_of)
        self._income = IncomeReader(self._instrument_of, venue_ms)

    # symbols and prices

    def listing(self, account: str, symbol: str, market_type: MarketType) -> Listing:
        """Return what a unified symbol is here; see `MarketAccess.listing`."""
        self._account(account)
        return listing_of(self._tradable(symbol, market_type))

    def unified(self, request: SubmitOrder) -> str:
        """Return the unified symbol of an order; the venue's own where no list holds it."""
        return unified_symbol(self._instrument_of(request.product_type, request.symbol))

    def last_price(self, account: str, symbol: str) -> Decimal | None:
        """Return the last price of a unified symbol that is known and not older than a minute."""
        what = named(symbol)
        return None if what is None else self._prices.known(what.product, what.venue_symbol)

    async def fresh_price(self, account: str, symbol: str) -> Decimal:
        """Return the last price of a unified symbol, asked for unless it is of this moment."""
        self._account(account)
        what = self._named(symbol)
        self._listed_as(symbol, what)
        return await self._prices.fresh(what.product, what.venue_symbol)

    def keep_prices(self, account: str) -> None:
        """Have the last price of every symbol at hand from now on; see `PriceKeeper`."""
        self._prices.keep()

    # orders

    async def order(
        self, account: str, order_id: str, symbol: str | None, market_type: MarketType
    ) -> VenueOrder:
        """Return an order by the venue's id, or a conditional order by its service's."""
        calls, instrument = self._calls(account), self._needed(symbol, market_type)
        return await _read(self._orders.order(calls, instrument, order_id))

    async def cancel(self, account: str, order_id: str, symbol: str | None, market_type: MarketType) -> None:
        """Cancel an order by the venue's id, or a conditional order by its service's."""
        calls, instrument = self._calls(account), self._needed(symbol, market_type)
        await _read(self._orders.cancel(calls, instrument, order_id))

    async def open_orders(
        self, account: str, symbol: str | None, market_type: MarketType
    ) -> Sequence[VenueOrder]:
        """Return every open order, conditional ones included, oldest first.

        The venue lists margin orders by symbol only. Without one those of every symbol are returned that an
        order was heard of here; if funds are locked that none of them explains, INVALID_REQUEST asks for a
        symbol, since the list would not be whole.
        """
        session, calls = self._account(account), self._calls(account)
        instrument = self._tradable(symbol, market_type) if symbol is not None else None
        if market_type is not MarketType.SPOT:
            found = await _read(self._orders.open_futures(calls, instrument))
        elif instrument is not None:
            found = await _read(self._orders.open_spot(calls, [instrument.symbol]))
        else:
            found = await _read(self._orders.open_spot_anywhere(calls, sorted(session.spot_symbols)))
        rows = [order for each, order in found if market_type_of(each) is market_type or not each.base]
        return sorted(rows, key=lambda order: (order.at_ms, order.order_id))

    # money

    async def balances(self, account: str, market_type: MarketType) -> Sequence[AssetBalance]:
        """Return the cross margin wallet for SPOT, the two futures wallets together for the others."""
        rows = await self._calls(account).rows("GET", BALANCE)
        read = records.spot_balance if market_type is MarketType.SPOT else records.futures_balance
        return [balance for balance in _each(rows, read) if balance.total or balance.used]

    async def positions(
        self, account: str, symbol: str | None, market_type: MarketType
    ) -> Sequence[OpenPosition]:
        """Return open positions of both futures sides."""
        calls = self._calls(account)
        instrument = self._derivative(symbol, market_type) if symbol is not None else None
        products = tuple(POSITION_RISK) if instrument is None else (instrument.product_type,)
        lists = await asyncio.gather(*(calls.rows("GET", POSITION_RISK[product]) for product in products))
        found: list[OpenPosition | None] = []
        for product, rows in zip(products, lists, strict=True):
            for row in rows:
                each = self._instrument_of(product, str(row.get("symbol", "")))
                if instrument is None and each.base and market_type_of(each) is not market_type:
                    continue
                if instrument is None or instrument.symbol == each.symbol:
                    found += _each([row], partial(records.open_position, each))
        return [position for position in found if position is not None]

    async def funding_history(
        self,
        account: str,
        symbol: str | None,
        since_ms: int | None,
        limit: int | None,
        market_type: MarketType,
    ) -> Sequence[LedgerEntry]:
        """Return funding payments; see `IncomeReader.read`."""
        return await self._income_of(account, FUNDING_FEE, symbol, since_ms, limit, market_type)

    async def realized_pnl(
        self,
        account: str,
        symbol: str | None,
        since_ms: int | None,
        limit: int | None,
        market_type: MarketType,
    ) -> Sequence[LedgerEntry]:
        """Return realized profits and losses; see `IncomeReader.read`."""
        return await self._income_of(account, REALIZED_PNL, symbol, since_ms, limit, market_type)

    async def _income_of(
        self,
        account: str,
        kind: str,
        symbol: str | None,
        since_ms: int | None,
        limit: int | None,
        market_type: MarketType,
    ) -> Sequence[LedgerEntry]:
        calls = self._calls(account)
        instrument = self._derivative(symbol, market_type) if symbol is not None else None
        return await _read(self._income.read(calls, kind, instrument, market_type, since_ms, limit))

    # leverage and margin mode

    async def leverage(self, account: str, symbol: str, market_type: MarketType) -> LeverageState:
        """Return a symbol's leverage; its margin mode is always cross."""
        calls, instrument = self._calls(account), self._derivative(symbol, market_type)
        held, chosen = await asyncio.gather(
            self.positions(account, symbol, market_type), _read(_chosen_leverage(calls, instrument))
        )
        state = LeverageState(
            symbol=unified_symbol(instrument), leverage=chosen, margin_mode=MarginMode.CROSS
        )
        if not held:
            return state
        position = max(held, key=lambda each: each.contracts)
        return LeverageState(
            symbol=state.symbol,
            leverage=chosen if chosen is not None else position.leverage,
            margin_mode=MarginMode.CROSS,
            position_side=position.side,
            position_size=records.base_quantity(instrument, position.contracts, position.mark_price),
            notional=position.notional or Decimal(0),
            unrealized_pnl=position.unrealized_pnl or Decimal(0),
        )

    async def set_leverage(
        self, account: str, symbol: str, leverage: Decimal, market_type: MarketType
    ) -> Mapping[str, Any]:
        """Set a symbol's leverage, a whole number. PAPI POST um|cm leverage."""
        calls, instrument = self._calls(account), self._derivative(symbol, market_type)
        if leverage != leverage.to_integral_value() or leverage < 1:
            raise ExecutionError(
                ErrorCode.INVALID_REQUEST, f"leverage {leverage:f} is not a whole number of 1 or above"
            )
        path = LEVERAGE[instrument.product_type]
        return await calls.row("POST", path, symbol=instrument.symbol, leverage=int(leverage))

    async def set_margin_mode(
        self, account: str, symbol: str, mode: MarginMode, market_type: MarketType
    ) -> Mapping[str, Any]:
        """Take CROSS for the success that it already is, and refuse ISOLATED; the venue is not asked."""
        self._account(account)
        instrument = self._derivative(symbol, market_type)
        if mode is MarginMode.ISOLATED:
            raise ExecutionError(
                ErrorCode.INVALID_REQUEST,
                f"{unified_symbol(instrument)} cannot be isolated: a Binance Portfolio Margin account is "
                "cross margin only",
            )
        return {}

    # portfolio margin

    async def pm_balance(self, account: str) -> Sequence[Mapping[str, Any]]:
        """Return GET /papi/v1/balance."""
        return await self._calls(account).rows("GET", BALANCE)

    async def pm_um_account(self, account: str) -> Mapping[str, Any]:
        """Return GET /papi/v1/um/account, with the totals that the Perps DMA API shows."""
        calls = self._calls(account)
        um_account, whole = await asyncio.gather(calls.row("GET", UM_ACCOUNT), calls.row("GET", ACCOUNT))
        return _each([um_account], lambda row: records.with_totals(row, whole))[0]

    async def pm_auto_collection(self, account: str) -> Mapping[str, Any]:
        """POST /papi/v1/auto-collection."""
        return await self._calls(account).row("POST", AUTO_COLLECTION)

    async def pm_asset_collection(self, account: str, asset: str) -> Mapping[str, Any]:
        """POST /papi/v1/asset-collection."""
        calls = self._calls(account)
        if asset == _NOT_PORTFOLIO:
            raise ExecutionError(
                ErrorCode.INVALID_REQUEST, "BNB is not collected from the futures wallets; name another asset"
            )
        return await calls.row("POST", ASSET_COLLECTION, asset=asset)

    # what the calls need

    def _account(self, account: str) -> AccountSession:
        try:
            return self._find(account)
        except Refused as refusal:
            raise ExecutionError(ErrorCode.ACCOUNT_NOT_FOUND, refusal.text) from refusal

    def _calls(self, account: str) -> MarketCalls:
        return self._account(account).market

    def _named(self, symbol: str) -> Named:
        what = named(symbol)
        if what is None:
            examples = ", ".join(_EXAMPLE.values())
            raise ExecutionError(
                ErrorCode.INVALID_REQUEST, f"{symbol!r} is not a symbol of this API, such as {examples}"
            )
        return what

    def _listed_as(self, symbol: str, what: Named) -> Instrument:
        instrument = self._listed.reference.get(what.product, what.venue_symbol)
        if instrument is not None and (instrument.base, instrument.currency) == (what.base, what.quote):
            return instrument
        if why := self._listed.missing(what.product):
            raise ExecutionError(ErrorCode.NOT_READY, f"symbol {symbol} cannot be checked: {why}")
        self._listed.unknown_symbol(what.product)
        raise ExecutionError(ErrorCode.INVALID_REQUEST, f"symbol {symbol} is not listed on Binance")

    def _tradable(self, symbol: str, market_type: MarketType) -> Instrument:
        what = self._named(symbol)
        if what.market_type is not market_type:
            raise ExecutionError(
                ErrorCode.INVALID_REQUEST,
                f"symbol {symbol} is of market type {what.market_type}, not {market_type}; "
                f"a {market_type} symbol is such as {_EXAMPLE[market_type]}",
            )
        return self._listed_as(symbol, what)

    def _derivative(self, symbol: str, market_type: MarketType) -> Instrument:
        if market_type is MarketType.SPOT:
            raise ExecutionError(
                ErrorCode.INVALID_REQUEST, "market type spot has no positions; it can be swap or future"
            )
        return self._tradable(symbol, market_type)

    def _needed(self, symbol: str | None, market_type: MarketType) -> Instrument:
        if symbol is None:
            raise ExecutionError(
                ErrorCode.INVALID_REQUEST, "Binance finds an order by id and symbol: give symbol"
            )
        return self._tradable(symbol, market_type)

    def _instrument_of(self, product: ProductType, symbol: str) -> Instrument:
        return self._listed.reference.get(product, symbol) or unlisted(product, symbol)


async def _chosen_leverage(calls: MarketCalls, instrument: Instrument) -> Decimal | None:
    """PAPI GET um symbolConfig; cm account, which lists every contract."""
    if instrument.product_type is ProductType.FUTURE:
        rows = await calls.rows("GET", UM_SYMBOL_CONFIG, symbol=instrument.symbol)
    else:
        rows = (await calls.row("GET", CM_ACCOUNT))["positions"]
    for row in rows:
        if row["symbol"] == instrument.symbol:
            return Decimal(str(row["leverage"]))
    return None


async def _read(work: Awaitable[R]) -> R:
    """Await what reads rows; one that is not what it should be is the venue's error."""
    try:
        return await work
    except UNREADABLE as error:
        raise ExecutionError(
            ErrorCode.EXCHANGE_ERROR, f"Binance: a row of the answer cannot be read: {error!r}"
        ) from error


def _each(rows: Sequence[Row], read: Callable[[Row], R]) -> list[R]:
    try:
        return [read(row) for row in rows]
    except UNREADABLE as error:
        raise ExecutionError(
            ErrorCode.EXCHANGE_ERROR, f"Binance: a row of the answer cannot be read: {error!r}"
        ) from error
