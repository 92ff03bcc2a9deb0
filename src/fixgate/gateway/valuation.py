"""What orders are worth in USD, by the prices of the venue that they go to.

A unit of an order is worth its price in quote currency, times what that is worth in USD: a dollar or a
well-known stablecoin counts as one, any other currency at its last price against one of these on the same
venue. A contract whose worth is fixed in quote currency (inverse) needs no price of its own.

The price is the least favourable that the order's own terms and the last price tell. A buy with a limit pays
that at most. Anything else can be done at the market: a sell, even one with a low limit, at the last price; a
stop, at the higher of its trigger and the last price; a buy that trails the market, at as much above it as it
trails.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from decimal import ROUND_UP, Context, Decimal
from typing import NamedTuple

from fixgate.connectors.connector import Connector
from fixgate.connectors.market_access import MarketAccess, PriceKeeper
from fixgate.engine.limits import LimitRules
from fixgate.engine.order import Order
from fixgate.gateway.rest_accounts import market_type_of
from fixgate.model.enums import OrderType, OrdRejReason, Side
from fixgate.model.execution import ExecutionError, Listing, MarketType
from fixgate.model.refusal import Refused
from fixgate.model.venue import SubmitOrder

log = logging.getLogger(__name__)

REFRESH_SECONDS = 20.0
"""How often the prices of symbols in use are asked for. A price counts as known for a minute."""
IN_USE_SECONDS = 3600.0
"""How long after the last order a symbol counts as in use."""

_UP = Context(prec=12, rounding=ROUND_UP)
"""Values keep 12 digits, so that every quantity of them is exact in the 28 digits of `Decimal`."""
_BASIS_POINTS = 10_000


class _Symbol(NamedTuple):
    """A unified symbol of an account, by its connector."""

    connector: str
    account: str
    unified: str


class Valuation:
    """The engine's `Valuer`, and what keeps the prices for it. Event loop only.

    `connectors` are complete when it is first asked; `dollars` are the currencies that count as one USD each.
    """

    def __init__(
        self, connectors: Mapping[str, Connector], rules: LimitRules, dollars: Sequence[str]
    ) -> None:
        self._connectors = connectors
        self._rules = rules
        self._dollars = tuple(dollars)
        self._access: dict[str, MarketAccess | None] = {}
        self._rate_of: dict[tuple[str, str], tuple[str, bool]] = {}
        self._used: dict[_Symbol, float] = {}
        self._refreshing: asyncio.Task[None] | None = None
        self._asking: dict[_Symbol, asyncio.Task[None]] = {}

    # from start to end

    def start(self, orders: Iterable[Order]) -> None:
        """Keep prices from now on: of what `orders`, the open ones, are in, and of what follows. Connectors
        that can have every price at hand are told to."""
        for connector in self._connectors.values():
            for row in connector.health():
                if isinstance(connector, PriceKeeper) and self._rules.binds(row.account):
                    connector.keep_prices(row.account)
        for order in orders:
            if self._rules.binds(order.request.account):
                with suppress(Refused):
                    self.unit_usd(order.request)
        self._refreshing = asyncio.get_running_loop().create_task(self._refresh())

    def close(self) -> None:
        """Ask for no more prices."""
        if self._refreshing is not None:
            self._refreshing.cancel()
        for task in self._asking.values():
            task.cancel()

    # what an order is worth

    def unit_usd(self, request: SubmitOrder) -> Decimal:
        """Return what a unit of an order is worth; see `fixgate.engine.limits.Valuer`. A price that is
        missing is asked for in the background, so that the order can be sent again."""
        access = self._market(request.connector)
        unified = access.unified(request)
        try:
            listing = access.listing(request.account, unified, market_type_of(unified, request.product_type))
        except ExecutionError as error:
            raise _no_value(request.symbol, error.text) from error
        rate = self._rate(request.connector, request.account, listing)
        if listing.inverse:
            return _UP.multiply(listing.contract_size, rate)
        if request.side is Side.BUY and request.price is not None:
            return _UP.multiply(request.price, rate)
        last = self._last(_Symbol(request.connector, request.account, unified))
        return _UP.multiply(_at_most(request, last), rate)

    async def ready(self, connector: str, account: str, unified: str, market_type: MarketType) -> None:
        """Return when the prices that an order in a symbol is valued by are known, if it is held to a limit.
        Raises `ExecutionError` when one cannot be had."""
        access = self._access_of(connector)
        if access is None or not self._rules.binds(account):
            return
        listing = access.listing(account, unified, market_type)
        for symbol in self._needed(connector, account, listing):
            self._used[symbol] = asyncio.get_running_loop().time()
            if access.last_price(account, symbol.unified) is None:
                await access.fresh_price(account, symbol.unified)

    def _needed(self, connector: str, account: str, listing: Listing) -> list[_Symbol]:
        needed = [] if listing.inverse else [_Symbol(connector, account, listing.unified)]
        if listing.quote not in self._dollars:
            symbol, _ = self._rate_symbol(connector, account, listing)
            needed.append(_Symbol(connector, account, symbol))
        return needed

    def _rate(self, connector: str, account: str, listing: Listing) -> Decimal:
        """Return what one unit of a listing's quote currency is worth in USD."""
        if listing.quote in self._dollars:
            return Decimal(1)
        try:
            symbol, inverted = self._rate_symbol(connector, account, listing)
        except ExecutionError as error:
            raise _no_value(listing.unified, error.text) from error
        price = self._last(_Symbol(connector, account, symbol))
        return _UP.divide(Decimal(1), price) if inverted else price

    def _rate_symbol(self, connector: str, account: str, listing: Listing) -> tuple[str, bool]:
        """Return the spot symbol that tells what a listing's quote currency is worth in a dollar currency,
        and whether its price is the other way round. Raises `ExecutionError` where there is none."""
        found = self._rate_of.get((connector, listing.quote))
        if found is not None:
            return found
        access = self._market(connector)
        failure: ExecutionError | None = None
        for dollar in self._dollars:
            direct, other = f"{listing.quote}/{dollar}", f"{dollar}/{listing.quote}"
            for symbol, inverted in ((direct, False), (other, True)):
                try:
                    access.listing(account, symbol, MarketType.SPOT)
                except ExecutionError as error:
                    failure = error
                    continue
                self._rate_of[connector, listing.quote] = (symbol, inverted)
                return symbol, inverted
        assert failure is not None  # there is a dollar currency at least
        raise ExecutionError(
            failure.code, f"no price of {listing.quote} in {', '.join(self._dollars)} is told there"
        )

    def _market(self, connector: str) -> MarketAccess:
        access = self._access_of(connector)
        if access is None:
            raise Refused(
                OrdRejReason.BROKER,
                f"connector {connector} tells no prices, so the value of its orders in USD cannot be checked "
                "against the limit",
            )
        return access

    def _access_of(self, key: str) -> MarketAccess | None:
        if key not in self._access:
            connector = self._connectors.get(key)
            self._access[key] = connector if isinstance(connector, MarketAccess) else None
        return self._access[key]

    def _last(self, symbol: _Symbol) -> Decimal:
        """Return a symbol's last price. Raises `Refused`, and asks for it, where it is not known."""
        self._used[symbol] = asyncio.get_running_loop().time()
        price = self._market(symbol.connector).last_price(symbol.account, symbol.unified)
        if price is None:
            self._ask(symbol)
            name = symbol.unified
            raise _no_value(name, f"no price of {name} is known yet; it is asked for, send the order again")
        return price

    # prices

    def _ask(self, symbol: _Symbol) -> None:
        if symbol not in self._asking:
            task = asyncio.get_running_loop().create_task(self._learn(symbol))
            self._asking[symbol] = task
            task.add_done_callback(lambda _: self._asking.pop(symbol, None))

    async def _learn(self, symbol: _Symbol) -> None:
        try:
            await self._market(symbol.connector).fresh_price(symbol.account, symbol.unified)
        except (ExecutionError, Refused) as error:
            log.warning("%s account %s: %s", symbol.connector, symbol.account, error)

    async def _refresh(self) -> None:
        """Ask for the price of every symbol in use, again and again."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            self._used = {s: at for s, at in self._used.items() if loop.time() - at < IN_USE_SECONDS}
            for symbol in self._used:
                if not isinstance(self._access_of(symbol.connector), PriceKeeper):
                    self._ask(symbol)


def _at_most(request: SubmitOrder, last: Decimal) -> Decimal:
    """Return the least favourable price, for a limit, of an order that can be done at the market."""
    price = max(last, request.price or last, request.stop_price or last)
    if request.order_type is OrderType.TRAILING_STOP and request.side is Side.BUY:
        price += price * (request.trailing_delta or 0) / _BASIS_POINTS
    return price


def _no_value(symbol: str, why: str) -> Refused:
    return Refused(
        OrdRejReason.BROKER,
        f"the value of an order in {symbol} in USD cannot be checked against the limit: {why}",
    )
