"""The client that waits."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Literal, Self, TypeVar, Unpack

import httpx

from fixgate.client import answers, calls
from fixgate.client.calls import Call, Checks, Exact, MarketWord, OrderWord, PerpWord, SideWord, Terms
from fixgate.client.retries import PAUSES, PREFIX, is_worth_another, lost

T = TypeVar("T")


class ExecutionClient:
    """A client of one gateway. Not for several threads at once.

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
        transport: httpx.BaseTransport | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = httpx.Client(
            base_url=base_url.rstrip("/") + PREFIX,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=timeout,
            transport=transport,
            trust_env=False,
        )
        self._attempts, self._pause = attempts, pause

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def place(
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
        return self._send(call)

    def order(
        self, account: str, order_id: str, symbol: str = "", market_type: MarketWord = "spot"
    ) -> answers.OrderStatus:
        """Return an order, fresh from the exchange."""
        return self._send(calls.order(account, order_id, symbol, market_type))

    def cancel(
        self, account: str, order_id: str, symbol: str = "", market_type: MarketWord = "spot"
    ) -> answers.PlacedOrder:
        """Cancel an order and wait for the end of it."""
        return self._send(calls.cancel(account, order_id, symbol, market_type))

    def open_orders(
        self, account: str, symbol: str = "", market_type: MarketWord = "spot"
    ) -> answers.OpenOrders:
        """Return every open order, conditional ones included."""
        return self._send(calls.open_orders(account, symbol, market_type))

    def capabilities(self, exchange: str) -> answers.Capabilities:
        """Return what an exchange supports."""
        return self._send(calls.capabilities(exchange))

    def all_capabilities(self) -> answers.AllCapabilities:
        """Return what every exchange supports."""
        return self._send(calls.all_capabilities())

    def validate(self, exchange: str, order_type: OrderWord, **checks: Unpack[Checks]) -> answers.Validation:
        """Return whether an exchange would take an order. One that is not valid is a result, not an error."""
        return self._send(calls.validate(exchange, order_type, checks))

    def balance(self, account: str, market_type: MarketWord = "spot") -> answers.Balance:
        """Return what the account has."""
        return self._send(calls.balance(account, market_type))

    def daily_limit(self, account: str) -> answers.DailyLimit:
        """Return the account's use of its daily limit."""
        return self._send(calls.daily_limit(account))

    def leverage(self, account: str, symbol: str, market_type: PerpWord = "swap") -> answers.Leverage:
        """Return a symbol's leverage and margin mode, and its position."""
        return self._send(calls.leverage(account, symbol, market_type))

    def set_leverage(
        self, account: str, symbol: str, leverage: Exact, market_type: PerpWord = "swap"
    ) -> answers.LeverageSet:
        """Set a symbol's leverage."""
        return self._send(calls.set_leverage(account, symbol, leverage, market_type))

    def set_margin_mode(
        self,
        account: str,
        symbol: str,
        margin_mode: Literal["cross", "isolated"],
        market_type: PerpWord = "swap",
    ) -> answers.MarginModeSet:
        """Set a symbol's margin mode."""
        return self._send(calls.set_margin_mode(account, symbol, margin_mode, market_type))

    def positions(self, account: str, symbol: str = "", market_type: PerpWord = "swap") -> answers.Positions:
        """Return open positions."""
        return self._send(calls.positions(account, symbol, market_type))

    def funding_history(
        self,
        account: str,
        symbol: str = "",
        since: int | None = None,
        limit: int | None = None,
        market_type: PerpWord = "swap",
    ) -> answers.FundingHistory:
        """Return funding payments, oldest first. `since` is in milliseconds since the epoch."""
        return self._send(calls.funding_history(account, symbol, since, limit, market_type))

    def realized_pnl(
        self,
        account: str,
        symbol: str = "",
        since: int | None = None,
        limit: int | None = None,
        market_type: PerpWord = "swap",
    ) -> answers.RealizedPnl:
        """Return realized profits and losses, oldest first. `since` is in milliseconds since the epoch."""
        return self._send(calls.realized_pnl(account, symbol, since, limit, market_type))

    def portfolio_balance(self, account: str) -> answers.PortfolioBalance:
        """Return a Portfolio Margin account's balance by asset."""
        return self._send(calls.portfolio_balance(account))

    def portfolio_account(self, account: str) -> answers.PortfolioAccount:
        """Return a Portfolio Margin account as the exchange tells it."""
        return self._send(calls.portfolio_account(account))

    def auto_collection(self, account: str) -> answers.Collected:
        """Move all positive futures balances to the cross margin wallet."""
        return self._send(calls.auto_collection(account))

    def asset_collection(self, account: str, asset: str) -> answers.Collected:
        """Move one asset from the futures account to the margin account."""
        return self._send(calls.asset_collection(account, asset))

    def _send(self, call: Call[T]) -> T:
        for attempt in range(1, self._attempts + 1):
            try:
                answer = self._http.request(
                    call.method,
                    call.path,
                    params=dict(call.query),
                    content=call.content(),
                    headers=call.headers(),
                )
            except httpx.TransportError as error:
                if attempt == self._attempts or not is_worth_another(call, error):
                    raise lost(call, error) from error
                self._pause(PAUSES[min(attempt, len(PAUSES)) - 1])
                continue
            return call.read(answer.status_code, answer.content)
        raise ValueError(f"attempts must be 1 or more; it was {self._attempts}")
