"""What the connector can tell and set beyond orders: `MarketAccess` over the translators' calls.

A venue's refusal is told in the API's codes; a symbol, an account or a function that is not offered is
refused before anything is sent. Setting what is set already is a success, whatever the venue calls it.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

from msgspec.structs import replace

from fixgate.connectors.ccxt.account import Account
from fixgate.connectors.ccxt.margin_modes import MarginModes
from fixgate.connectors.ccxt.prices import Prices, execution_error
from fixgate.connectors.ccxt.reading import UNREADABLE, text
from fixgate.connectors.ccxt.sync import QuestionFailed
from fixgate.connectors.ccxt.translator import Call, Market, Translator, Verdict
from fixgate.connectors.ccxt.venue_orders import venue_order
from fixgate.connectors.ccxt.wallet import base_size
from fixgate.model.capabilities import offers
from fixgate.model.enums import InstrumentType
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
from fixgate.model.refusal import Refused
from fixgate.model.venue import CancelAtVenue, QueryAtVenue, SubmitOrder

T = TypeVar("T")


class CcxtMarketAccess:
    """The part of the connector that the API asks and sets by. Event loop only."""

    key: str
    exchange: str
    portfolio_margin = False

    _translator: Translator
    _accounts: Mapping[str, Account]
    _prices: Prices
    _find: Callable[[str], Market | None]
    _margin_modes: MarginModes
    _markets_note: Callable[[], str]

    def listing(self, account: str, symbol: str, market_type: MarketType) -> Listing:
        """Return what a unified symbol is here. Raises `ExecutionError`."""
        market = self._market(account, symbol, market_type)
        kind = InstrumentType.FUTURE if market.market_type.is_perp else InstrumentType.FX
        return Listing(
            unified=market.symbol,
            symbol=market.symbol,
            market_type=market.market_type,
            instrument_type=kind,
            product_type=market.product_type,
            base=market.base,
            quote=market.quote,
            inverse=market.inverse,
            contract_size=market.contract_size,
        )

    def unified(self, request: SubmitOrder) -> str:
        """Return the unified symbol of an order: its own."""
        return request.symbol

    def last_price(self, account: str, symbol: str) -> Decimal | None:
        """Return the last price as known now, not older than a minute."""
        return self._prices.last(symbol)

    def keep_prices(self, account: str) -> None:
        """Have the last price of every symbol of an account at hand from now on; see `PriceKeeper`."""
        if (found := self._accounts.get(account)) is not None:
            found.keep_prices()

    async def fresh_price(self, account: str, symbol: str) -> Decimal:
        """Return the last price, asked for if need be."""
        return await self._account(account).price(self._market(account, symbol, None))

    async def order(
        self, account: str, order_id: str, symbol: str | None, market_type: MarketType
    ) -> VenueOrder:
        """Return an order by the venue's id. Without a symbol it is looked for among the open ones."""
        if symbol is None:
            found = [
                each
                for each in await self.open_orders(account, None, market_type)
                if each.order_id == order_id
            ]
            if not found:
                raise ExecutionError(
                    ErrorCode.ORDER_NOT_FOUND,
                    f"no open order {order_id} on account {account}; with its symbol finished ones are "
                    f"found too",
                )
            return found[0]
        market = self._market(account, symbol, market_type)
        for held in (False, True):
            query = QueryAtVenue(
                connector=self.key,
                account=account,
                order_id=0,
                client_order_id="",
                venue_order_id=order_id,
                product_type=market.product_type,
                symbol=market.symbol,
                held=held,
            )
            if (row := await self._look_up(account, market, query)) is not None:
                return self._read(partial(venue_order, self._translator, market, row))
        raise ExecutionError(
            ErrorCode.ORDER_NOT_FOUND, f"no order {order_id} in {symbol} on account {account}"
        )

    async def _look_up(self, account: str, market: Market, query: QueryAtVenue) -> Mapping[str, Any] | None:
        for call in self._read(lambda: list(self._translator.query(query, market))):
            try:
                answer = await self._account(account).ask(market, call)
            except QuestionFailed as error:
                if error.failure.verdict is not Verdict.NOT_FOUND:
                    raise execution_error(error.failure) from error
                continue
            rows = answer if isinstance(answer, list) else [answer]
            for row in rows:
                if isinstance(row, Mapping) and text(row.get("id")) == query.venue_order_id:
                    return row
        return None

    async def cancel(self, account: str, order_id: str, symbol: str | None, market_type: MarketType) -> None:
        """Cancel an order that this gateway did not send."""
        if symbol is None:
            symbol = (await self.order(account, order_id, None, market_type)).symbol
        market = self._market(account, symbol, market_type)
        for held in (False, True):
            request = CancelAtVenue(
                connector=self.key,
                account=account,
                order_id=0,
                request_id=0,
                client_order_id="",
                venue_order_id=order_id,
                held=held,
                product_type=market.product_type,
                symbol=market.symbol,
            )
            call = self._read(partial(self._translator.cancel, request, market))
            try:
                await self._account(account).ask(market, call)
            except QuestionFailed as error:
                if error.failure.verdict is Verdict.NOT_FOUND and not held:
                    continue
                if error.failure.verdict is Verdict.DONE:
                    return
                raise execution_error(error.failure) from error
            return

    async def open_orders(
        self, account: str, symbol: str | None, market_type: MarketType
    ) -> Sequence[VenueOrder]:
        """Return every open order of a market type, or of a symbol."""
        link = self._side(account, market_type)
        if symbol is not None:
            self._market(account, symbol, market_type)
        side = MarketType.SWAP if market_type.is_perp else MarketType.SPOT
        found: dict[tuple[str, str], VenueOrder] = {}
        for call in link.open_order_calls(side, symbol):
            for row in await self._asked(link.link(side).ask(call)):
                market = self._find(text(row.get("symbol")))
                if market is None or market.market_type is not market_type:
                    continue
                if symbol in (None, market.symbol):
                    order = self._read(partial(venue_order, self._translator, market, row))
                    found[order.symbol, order.order_id] = order
        return sorted(found.values(), key=lambda each: (each.at_ms, each.order_id))

    async def balances(self, account: str, market_type: MarketType) -> Sequence[AssetBalance]:
        """Return the assets of which there is something."""
        link = self._side(account, market_type)
        side = MarketType.SWAP if market_type.is_perp else MarketType.SPOT
        return sorted(await self._asked(link.wallet.balances(side)), key=lambda each: each.asset)

    async def positions(
        self, account: str, symbol: str | None, market_type: MarketType
    ) -> Sequence[OpenPosition]:
        """Return open positions of a market type, or of a symbol."""
        self._offered("positions")
        link = self._perps(account, market_type)
        if symbol is not None:
            self._market(account, symbol, market_type)
        found = await self._asked(link.wallet.positions(MarketType.SWAP, symbol))
        return [
            await self._priced(account, each, market)
            for each in found
            if (market := self._find(each.symbol)) is not None and market.market_type is market_type
        ]

    async def _priced(self, account: str, position: OpenPosition, market: Market) -> OpenPosition:
        """Fill in the mark price where the venue does not tell one, and what follows from it."""
        if position.mark_price is not None:
            return position
        price = await self._account(account).price(market)
        return self._account(account).wallet.marked(position, price, inverse=market.inverse)

    async def leverage(self, account: str, symbol: str, market_type: MarketType) -> LeverageState:
        """Return a symbol's leverage and margin mode, and its position."""
        self._offered("leverage")
        self._perps(account, market_type)
        market = self._market(account, symbol, market_type)
        call = self._read(lambda: self._translator.leverage(market))
        answer = await self._asked(self._account(account).ask(market, call))
        state = self._read(lambda: self._translator.read_leverage(market, answer))
        if state.position_side is not None or not offers(self.exchange, "positions"):
            return state
        for each in await self.positions(account, symbol, market_type):
            return replace(
                state,
                leverage=state.leverage if state.leverage is not None else each.leverage,
                margin_mode=state.margin_mode or each.margin_mode,
                position_side=each.side,
                position_size=base_size(each, inverse=market.inverse),
                notional=each.notional or Decimal(0),
                unrealized_pnl=each.unrealized_pnl or Decimal(0),
            )
        return state

    async def set_leverage(
        self, account: str, symbol: str, leverage: Decimal, market_type: MarketType
    ) -> Mapping[str, Any]:
        """Set a symbol's leverage; return the venue's own answer."""
        self._offered("leverage")
        self._perps(account, market_type)
        market = self._market(account, symbol, market_type)
        return await self._set(account, market, lambda: self._translator.set_leverage(market, leverage))

    async def set_margin_mode(
        self, account: str, symbol: str, mode: MarginMode, market_type: MarketType
    ) -> Mapping[str, Any]:
        """Set a symbol's margin mode; return the venue's own answer."""
        self._offered("margin_mode")
        self._perps(account, market_type)
        market = self._market(account, symbol, market_type)
        present = (await self.leverage(account, symbol, market_type)).leverage
        answer = await self._set(
            account, market, lambda: self._translator.set_margin_mode(market, mode, present)
        )
        if self._translator.names_margin_mode:
            self._margin_modes.set(account, symbol, mode)
        return answer

    async def funding_history(
        self,
        account: str,
        symbol: str | None,
        since_ms: int | None,
        limit: int | None,
        market_type: MarketType,
    ) -> Sequence[LedgerEntry]:
        """Return funding payments, oldest first."""
        self._offered("funding")
        return await self._ledger(
            account,
            symbol,
            market_type,
            limit,
            lambda market: self._translator.funding(market, since_ms, limit),
            self._translator.read_funding,
        )

    async def realized_pnl(
        self,
        account: str,
        symbol: str | None,
        since_ms: int | None,
        limit: int | None,
        market_type: MarketType,
    ) -> Sequence[LedgerEntry]:
        """Return realized profits and losses, oldest first."""
        self._offered("positions")
        return await self._ledger(
            account,
            symbol,
            market_type,
            limit,
            lambda market: self._translator.realized(market, since_ms, limit),
            self._translator.read_realized,
        )

    async def _ledger(
        self,
        account: str,
        symbol: str | None,
        market_type: MarketType,
        limit: int | None,
        call_of: Callable[[Market | None], Call],
        read: Callable[[Any], Sequence[LedgerEntry]],
    ) -> Sequence[LedgerEntry]:
        link = self._perps(account, market_type)
        market = self._market(account, symbol, market_type) if symbol is not None else None
        call = self._read(lambda: call_of(market))
        answer = await self._asked(link.link(MarketType.SWAP).ask(call))
        entries = sorted(self._read(lambda: read(answer)), key=lambda each: (each.at_ms, each.id))
        return entries if limit is None else entries[:limit]

    async def _set(self, account: str, market: Market, call_of: Callable[[], Call]) -> Mapping[str, Any]:
        call = self._read(call_of)
        try:
            answer = await self._account(account).ask(market, call)
        except QuestionFailed as error:
            if error.failure.verdict is Verdict.DONE:
                return {"code": error.failure.code, "message": error.failure.text}
            raise execution_error(error.failure) from error
        return answer if isinstance(answer, Mapping) else {"info": answer}

    async def _asked(self, asking: Awaitable[T]) -> T:
        """Return an answer, its failures in the API's words."""
        try:
            return await asking
        except QuestionFailed as error:
            raise execution_error(error.failure) from error
        except Refused as error:
            raise ExecutionError(ErrorCode.INVALID_REQUEST, error.text) from error
        except UNREADABLE as error:
            raise _unreadable(error) from error

    def _read(self, read: Callable[[], T]) -> T:
        """Return what is made or read, its failures in the API's words."""
        try:
            return read()
        except Refused as error:
            raise ExecutionError(ErrorCode.INVALID_REQUEST, error.text) from error
        except UNREADABLE as error:
            raise _unreadable(error) from error

    def _offered(self, access: str) -> None:
        if not offers(self.exchange, access):
            raise ExecutionError(
                ErrorCode.INVALID_REQUEST, f"{self._translator.title} does not support {access}"
            )

    def _account(self, account: str) -> Account:
        found = self._accounts.get(account)
        if found is None:
            raise ExecutionError(
                ErrorCode.ACCOUNT_NOT_FOUND, f"account {account!r} is not configured on {self.key}"
            )
        return found

    def _side(self, account: str, market_type: MarketType) -> Account:
        """Return an account that trades a market type."""
        found = self._account(account)
        if not found.trades(market_type):
            side = "perp" if market_type.is_perp else "spot"
            raise ExecutionError(
                ErrorCode.INVALID_REQUEST,
                f"account {account} does not trade {side} on {self._translator.title}",
            )
        if not found.links:
            raise ExecutionError(ErrorCode.NOT_READY, f"account {account} is not connected yet")
        return found

    def _perps(self, account: str, market_type: MarketType) -> Account:
        if not market_type.is_perp:
            raise ExecutionError(
                ErrorCode.INVALID_REQUEST, f"market_type {market_type} has none: it must be swap or future"
            )
        return self._side(account, market_type)

    def _market(self, account: str, symbol: str, market_type: MarketType | None) -> Market:
        market = self._margin_modes.laid_on(account, self._find(symbol))
        if market is None:
            if why := self._markets_note():
                raise ExecutionError(ErrorCode.NOT_READY, f"symbol {symbol!r} cannot be checked: {why}")
            raise ExecutionError(
                ErrorCode.INVALID_REQUEST,
                f"symbol {symbol!r} is not listed on {self._translator.title}; unified symbols look like "
                f"BTC/USDT "
                "(spot) and BTC/USDT:USDT (swap)",
            )
        if market_type is not None and market.market_type is not market_type:
            raise ExecutionError(
                ErrorCode.INVALID_REQUEST,
                f"symbol {symbol!r} is of market_type {market.market_type}, not {market_type}",
            )
        self._side(account, market.market_type)
        return market


def _unreadable(error: Exception) -> ExecutionError:
    return ExecutionError(
        ErrorCode.EXCHANGE_ERROR, f"the exchange's answer could not be read ({type(error).__name__})"
    )
