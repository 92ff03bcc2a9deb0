"""What the Execution API asks and sets beyond orders: passed on to the connector that has the account."""

import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from fixgate.api.ports import AccountInfo, DailyLimit
from fixgate.connectors.market_access import MarketAccess
from fixgate.engine.engine import Engine
from fixgate.engine.order import Order
from fixgate.gateway.rest_accounts import RestAccounts, Route, market_type_of
from fixgate.gateway.rest_answers import venue_order
from fixgate.gateway.rest_book import RestBook
from fixgate.gateway.rest_waiting import done, told
from fixgate.model.capabilities import EXCHANGES, offers
from fixgate.model.execution import (
    AssetBalance,
    ErrorCode,
    ExecutionError,
    LedgerEntry,
    LeverageState,
    MarginMode,
    MarketType,
    OpenPosition,
    VenueOrder,
)

Record = Mapping[str, Any]


class RestQuestions:
    """The reading and setting half of the desk. Event loop only; all methods raise `ExecutionError`."""

    def __init__(self, accounts: RestAccounts, engine: Engine) -> None:
        self._accounts = accounts
        self._engine = engine
        self._book = RestBook(engine)

    def accounts(self) -> Sequence[AccountInfo]:
        """Return every configured account."""
        return self._accounts.infos()

    def account(self, exchange_account_id: str) -> AccountInfo:
        """Return one account."""
        return self._accounts.route(exchange_account_id).info

    def daily_limit(self, account: str) -> DailyLimit:
        """Return an account's use of its daily limit."""
        route = self._accounts.route(account)
        use = self._engine.limits.status(route.connector, route.account, time.time_ns())
        return DailyLimit(
            date=use.date,
            limit_usd=use.limit_usd,
            used_usd=use.used_usd,
            remaining_usd=use.remaining_usd,
            order_count=use.order_count,
        )

    async def order(
        self, account: str, order_id: str, symbol: str | None, market_type: MarketType
    ) -> VenueOrder:
        """Return an order, as the venue tells it now or, where it cannot be asked or knows less, as the
        engine has it from the venue's stream."""
        route = self._accounts.route(account)
        order = self._book.find(route, order_id, symbol, market_type)
        if order is None:
            access = route.market("orders that were not sent from here")
            return await told(access.order(route.account, order_id, symbol, market_type))
        fresh = await self._fresh(order, route)
        known = venue_order(self._book.shown(order, route), route.unified(order.request))
        if fresh is None or order.terminal or fresh.filled < known.filled:
            return known
        return replace(
            fresh,
            order_id=known.order_id,
            client_order_id=known.client_order_id,
            order_type=known.order_type,
            stop_price=known.stop_price,
            fee=fresh.fee or known.fee,
        )

    async def open_orders(
        self, account: str, symbol: str | None, market_type: MarketType
    ) -> Sequence[VenueOrder]:
        """Return every open order of an account, as its venue lists them, under their clients' order ids."""
        route = self._accounts.route(account)
        access = route.market("lists of open orders")
        listed = await told(access.open_orders(account, symbol, market_type))
        return [self._named(each, route) for each in listed]

    def _named(self, listed: VenueOrder, route: Route) -> VenueOrder:
        for order in self._engine.book.of_venue(route.connector, route.account, listed.order_id):
            if route.unified(order.request) == listed.symbol:
                terms = order.terms
                return replace(listed, client_order_id=terms.cl_ord_id, order_type=terms.order_type)
        return listed

    async def _fresh(self, order: Order, route: Route) -> VenueOrder | None:
        """Return what the venue says of an open order, `None` where it cannot or need not be asked."""
        access, unified = route.access, route.unified(order.request)
        if access is None or order.terminal or not order.venue_order_id or order.request.list_orders:
            return None
        market_type = market_type_of(unified, order.request.product_type)
        try:
            return await told(access.order(route.account, order.venue_order_id, unified, market_type))
        except ExecutionError:
            return None

    async def balances(self, account: str, market_type: MarketType) -> Sequence[AssetBalance]:
        """Return the assets of which there is something."""
        access = self._accounts.route(account).market("balances")
        return await told(access.balances(account, market_type))

    async def positions(
        self, account: str, symbol: str | None, market_type: MarketType
    ) -> Sequence[OpenPosition]:
        """Return open positions."""
        access = self._perps(account, "positions", market_type)
        return await told(access.positions(account, symbol, market_type))

    async def leverage(self, account: str, symbol: str, market_type: MarketType) -> LeverageState:
        """Return a symbol's leverage and margin mode."""
        access = self._perps(account, "leverage", market_type)
        return await told(access.leverage(account, symbol, market_type))

    async def set_leverage(
        self, account: str, symbol: str, leverage: Decimal, market_type: MarketType
    ) -> Record:
        """Set a symbol's leverage."""
        access = self._perps(account, "leverage", market_type)
        return await done(access.set_leverage(account, symbol, leverage, market_type))

    async def set_margin_mode(
        self, account: str, symbol: str, mode: MarginMode, market_type: MarketType
    ) -> Record:
        """Set a symbol's margin mode."""
        access = self._perps(account, "margin_mode", market_type)
        return await done(access.set_margin_mode(account, symbol, mode, market_type))

    async def funding_history(
        self,
        account: str,
        symbol: str | None,
        since_ms: int | None,
        limit: int | None,
        market_type: MarketType,
    ) -> Sequence[LedgerEntry]:
        """Return funding payments, oldest first."""
        access = self._perps(account, "funding", market_type)
        return await told(access.funding_history(account, symbol, since_ms, limit, market_type))

    async def realized_pnl(
        self,
        account: str,
        symbol: str | None,
        since_ms: int | None,
        limit: int | None,
        market_type: MarketType,
    ) -> Sequence[LedgerEntry]:
        """Return realized profits and losses, oldest first."""
        access = self._perps(account, "positions", market_type)
        return await told(access.realized_pnl(account, symbol, since_ms, limit, market_type))

    async def pm_balance(self, account: str) -> Sequence[Record]:
        """Return the portfolio margin balances."""
        return await told(self._accounts.route(account).pm().pm_balance(account))

    async def pm_um_account(self, account: str) -> Record:
        """Return the portfolio margin account's USDⓈ-M side."""
        return await told(self._accounts.route(account).pm().pm_um_account(account))

    async def pm_auto_collection(self, account: str) -> Record:
        """Collect every asset into the margin wallet."""
        return await done(self._accounts.route(account).pm().pm_auto_collection(account))

    async def pm_asset_collection(self, account: str, asset: str) -> Record:
        """Collect one asset into the margin wallet."""
        return await done(self._accounts.route(account).pm().pm_asset_collection(account, asset))

    def _perps(self, account: str, what: str, market_type: MarketType) -> MarketAccess:
        """Return the connector's access, if its exchange has `what` and the market type is one of perps."""
        route = self._accounts.route(account)
        access = route.market(what)
        if not market_type.is_perp:
            raise ExecutionError(
                ErrorCode.INVALID_REQUEST,
                f"market_type was {market_type}; {what} needs swap or future",
            )
        if route.info.exchange in EXCHANGES and not offers(route.info.exchange, what):
            raise ExecutionError(
                ErrorCode.INVALID_REQUEST,
                f"{route.title} does not support {what}",
                {"exchange": route.info.exchange, "feature": what},
            )
        return access
