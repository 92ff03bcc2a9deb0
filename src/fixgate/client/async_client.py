"""The client for asyncio. The same as the one that waits, call by call."""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Literal, Self, TypeVar, Unpack

import httpx

from fixgate.client import answers, calls
from fixgate.client.calls import Call, Checks, Exact, MarketWord, OrderWord, PerpWord, SideWord, Terms
from fixgate.client.retries import PAUSES, PREFIX, is_worth_another, lost

T = TypeVar("T")


class AsyncExecutionClient:
    """A client of one gateway, for one event loop.

    `attempts` is how often a call is sent that gets no answer; an order is sent again with the same
    Idempotency-Key, so that it is placed once. `timeout` is in seconds and must be longer than the gateway's
    `http.api.orderWait`. Every call raises `fixgate.client.ApiError` or `Unreachable`.
    """

    def __init__(
        self,
        base_url: str = "http://127.0.0.1:8082",
        token: str = "",
        *,
        timeout: float = 15.0,
        attempts: int = 3,
        transport: httpx.AsyncBaseTransport | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._http = httpx.AsyncClient(
            base_url=base_url.rstrip("/") + PREFIX,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=timeout,
            transport=transport,
            trust_env=False,
        )
        self._attempts, self._pause = attempts, pause

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def place(
        self,
        account: str,
        symbol: str,
        side: SideWord,
        order_type: OrderWord,
        quantity: Exact,
        *,
        idempotency_key: str = "",
        **terms: Unpack[Terms],
    ) -> answers.PlacedOrder:
        """Place an order and wait for the exchange's answer. `quantity` is in base asset. A result that
        `is_pending` has no outcome yet. Without `idempotency_key` each call has a key of its own."""
        call = calls.place(account, symbol, side, order_type, quantity, idempotency_key, terms)
        return await self._send(call)

    async def order(
        self, account: str, order_id: str, symbol: str = "", market_type: MarketWord = "spot"
    ) -> answers.OrderStatus:
        """Return an order, fresh from the exchange."""
        return await self._send(calls.order(account, order_id, symbol, market_type))

    async def cancel(
        self, account: str, order_id: str, symbol: str = "", market_type: MarketWord = "spot"
    ) -> answers.PlacedOrder:
        """Cancel an order and wait for the end of it."""
        return await self._send(calls.cancel(account, order_id, symbol, market_type))

    async def open_orders(
        self, account: str, symbol: str = "", market_type: MarketWord = "spot"
    ) -> answers.OpenOrders:
        """Return every open order, conditional ones included."""
        return await self._send(calls.open_orders(account, symbol, market_type))

    async def capabilities(self, exchange: str) -> answers.Capabilities:
        """Return what an exchange supports."""
        return await self._send(calls.capabilities(exchange))

    async def all_capabilities(self) -> answers.AllCapabilities:
        """Return what every exchange supports."""
        return await self._send(calls.all_capabilities())

    async def validate(
        self, exchange: str, order_type: OrderWord, **checks: Unpack[Checks]
    ) -> answers.Validation:
        """Return whether an exchange would take an order. One that is not valid is a result, not an error."""
        return await self._send(calls.validate(exchange, order_type, checks))

    async def balance(self, account: str, market_type: MarketWord = "spot") -> answers.Balance:
        """Return what the account has."""
        return await self._send(calls.balance(account, market_type))

    async def daily_limit(self, account: str) -> answers.DailyLimit:
        """Return the account's use of its daily limit."""
        return await self._send(calls.daily_limit(account))

    async def leverage(self, account: str, symbol: str, market_type: PerpWord = "swap") -> answers.Leverage:
        """Return a symbol's leverage and margin mode, and its position."""
        return await self._send(calls.leverage(account, symbol, market_type))

    async def set_leverage(
        self, account: str, symbol: str, leverage: Exact, market_type: PerpWord = "swap"
    ) -> answers.LeverageSet:
        """Set a symbol's leverage."""
        return await self._send(calls.set_leverage(account, symbol, leverage, market_type))

    async def set_margin_mode(
        self,
        account: str,
        symbol: str,
        margin_mode: Literal["cross", "isolated"],
        market_type: PerpWord = "swap",
    ) -> answers.MarginModeSet:
        """Set a symbol's margin mode."""
        return await self._send(calls.set_margin_mode(account, symbol, margin_mode, market_type))

    async def positions(
        self, account: str, symbol: str = "", market_type: PerpWord = "swap"
    ) -> answers.Positions:
        """Return open positions."""
        return await self._send(calls.positions(account, symbol, market_type))

    async def funding_history(
        self,
        account: str,
        symbol: str = "",
        since: int | None = None,
        limit: int | None = None,
        market_type: PerpWord = "swap",
    ) -> answers.FundingHistory:
        """Return funding payments, oldest first. `since` is in milliseconds since the epoch."""
        return await self._send(calls.funding_history(account, symbol, since, limit, market_type))

    async def realized_pnl(
        self,
        account: str,
        symbol: str = "",
        since: int | None = None,
        limit: int | None = None,
        market_type: PerpWord = "swap",
    ) -> answers.RealizedPnl:
        """Return realized profits and losses, oldest first. `since` is in milliseconds since the epoch."""
        return await self._send(calls.realized_pnl(account, symbol, since, limit, market_type))

    async def portfolio_balance(self, account: str) -> answers.PortfolioBalance:
        """Return a Portfolio Margin account's balance by asset."""
        return await self._send(calls.portfolio_balance(account))

    async def portfolio_account(self, account: str) -> answers.PortfolioAccount:
        """Return a Portfolio Margin account as the exchange tells it."""
        return await self._send(calls.portfolio_account(account))

    async def auto_collection(self, account: str) -> answers.Collected:
        """Move all positive futures balances to the cross margin wallet."""
        return await self._send(calls.auto_collection(account))

    async def asset_collection(self, account: str, asset: str) -> answers.Collected:
        """Move one asset from the futures account to the margin account."""
        return await self._send(calls.asset_collection(account, asset))

    async def _send(self, call: Call[T]) -> T:
        for attempt in range(1, self._attempts + 1):
            try:
                answer = await self._http.request(
                    call.method,
                    call.path,
                    params=dict(call.query),
                    content=call.content(),
                    headers=call.headers(),
                )
            except httpx.TransportError as error:
                if attempt == self._attempts or not is_worth_another(call, error):
                    raise lost(call, error) from error
                await self._pause(PAUSES[min(attempt, len(PAUSES)) - 1])
                continue
            return call.read(answer.status_code, answer.content)
        raise ValueError(f"attempts must be 1 or more; it was {self._attempts}")
