"""What each route does: a read request to the desk, and its word back as an answer."""

import asyncio
from typing import Any

import msgspec

from fixgate.api import views
from fixgate.api.answers import Answer, Refusal, Unsupported
from fixgate.api.order_checks import missing, refuse_unsupported, refuse_wrong_prices, ticket, unwanted
from fixgate.api.ports import AccountInfo, ExecutionDesk, Placed
from fixgate.api.tokens import Caller
from fixgate.model.capabilities import EXCHANGES, check, offers, title
from fixgate.model.exact_json import shortest
from fixgate.model.execution import ErrorCode, ExecutionError, OrderState

_NOT_COLLECTED = "BNB"


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One request that has been read: `values` are its fields by name, of path, query and body."""

    caller: Caller
    values: dict[str, Any]
    idempotency_key: str = ""


class Execution:
    """The 18 routes. Every method raises `Refusal`, `Unsupported` or `ExecutionError`."""

    def __init__(self, desk: ExecutionDesk) -> None:
        self._desk = desk

    async def place(self, ask: Ask) -> Answer:
        account = self._account(ask)
        order = ticket(ask.caller.name, ask.idempotency_key, ask.values)
        refuse_unsupported(account.exchange, order)
        refuse_wrong_prices(ask.values)
        placed = await self._desk.place(order)
        data = views.placed(placed, order.client_order_id)
        headers = {"Idempotency-Replayed": "true"} if placed.repeated else {}
        if placed.status is OrderState.PENDING:
            return Answer(status=202, message=_not_known_yet("order", placed), data=data, headers=headers)
        return Answer(message="Order executed successfully", data=data, headers=headers)

    async def order(self, ask: Ask) -> Answer:
        account = self._account(ask).exchange_account_id
        symbol, market = _listing(ask)
        told = await self._desk.order(account, ask.values["order_id"], symbol, market)
        return Answer(data=views.order(told))

    async def cancel(self, ask: Ask) -> Answer:
        account = self._account(ask).exchange_account_id
        symbol, market = _listing(ask)
        placed = await self._desk.cancel(ask.caller.name, account, ask.values["order_id"], symbol, market)
        data = views.placed(placed)
        if placed.cancel_pending or placed.status in (OrderState.PENDING, OrderState.OPEN):
            return Answer(status=202, message=_not_known_yet("cancel", placed), data=data)
        if placed.status not in (OrderState.CANCELED, OrderState.EXPIRED):
            text = f"order {placed.order_id} cannot be cancelled any more; it is {placed.status}"
            raise Refusal(ErrorCode.CONFLICT, text, data)
        return Answer(message="Order cancelled successfully", data=data)

    async def open_orders(self, ask: Ask) -> Answer:
        account = self._account(ask)
        symbol, market = _listing(ask)
        orders = await self._desk.open_orders(account.exchange_account_id, symbol, market)
        return Answer(data=views.open_orders(account, orders))

    async def capabilities(self, ask: Ask) -> Answer:
        name = ask.values["exchange"]
        if name is None:
            return Answer(message=None, data=views.all_capabilities())
        return Answer(message=None, data=views.capabilities(name, EXCHANGES[name]))

    async def validate(self, ask: Ask) -> Answer:
        """Hold an order against the exchange's table; what a stop order lacks is a warning, for this request
        need not carry it."""
        values = ask.values
        why = check(
            values["exchange"],
            values["market_type"],
            values["order_type"],
            values["time_in_force"],
            reduce_only=values["reduce_only"],
            post_only=values["post_only"],
        ) or "; ".join(unwanted(values["order_type"], values))
        if why:
            return Answer(status=400, message=why, data={"valid": False, "error": why, "warnings": []})
        warnings = missing(values["order_type"], {"price": 0, **values})
        return Answer(
            message="Order parameters are valid", data={"valid": True, "error": None, "warnings": warnings}
        )

    async def balance(self, ask: Ask) -> Answer:
        account = self._account(ask)
        assets = await self._desk.balances(account.exchange_account_id, ask.values["market_type"])
        return Answer(data=views.balance(account, assets))

    async def daily_limit(self, ask: Ask) -> Answer:
        account = self._account(ask).exchange_account_id
        return Answer(data=views.daily_limit(account, self._desk.daily_limit(account)))

    async def leverage(self, ask: Ask) -> Answer:
        account = self._perps(ask, "leverage")
        name = account.exchange_account_id
        symbol, market = _listing(ask)
        return Answer(data=views.leverage(account, await self._desk.leverage(name, symbol, market)))

    async def set_leverage(self, ask: Ask) -> Answer:
        account = self._perps(ask, "leverage")
        name = account.exchange_account_id
        symbol, market = _listing(ask)
        wanted = ask.values["leverage"]
        result = await self._desk.set_leverage(name, symbol, wanted, market)
        return Answer(
            message=f"Leverage set to {shortest(wanted)}x for {symbol}",
            data={
                "exchange": account.exchange,
                "exchange_account_id": name,
                "symbol": symbol,
                "leverage": wanted,
                "result": result,
            },
        )

    async def set_margin_mode(self, ask: Ask) -> Answer:
        account = self._perps(ask, "margin_mode")
        name = account.exchange_account_id
        symbol, market = _listing(ask)
        wanted = ask.values["margin_mode"]
        result = await self._desk.set_margin_mode(name, symbol, wanted, market)
        return Answer(
            message=f"Margin mode set to {wanted} for {symbol}",
            data={
                "exchange": account.exchange,
                "exchange_account_id": name,
                "symbol": symbol,
                "margin_mode": wanted,
                "result": result,
            },
        )

    async def positions(self, ask: Ask) -> Answer:
        account = self._perps(ask, "positions")
        name = account.exchange_account_id
        symbol, market = _listing(ask)
        return Answer(data=views.positions(account, await self._desk.positions(name, symbol, market)))

    async def funding_history(self, ask: Ask) -> Answer:
        account = self._perps(ask, "funding")
        name = account.exchange_account_id
        symbol, market = _listing(ask)
        since, limit = ask.values["since"], ask.values["limit"]
        payments = await self._desk.funding_history(name, symbol, since, limit, market)
        return Answer(data=views.ledger(account, symbol, "payments", payments))

    async def realized_pnl(self, ask: Ask) -> Answer:
        account = self._perps(ask, "positions")
        name = account.exchange_account_id
        symbol, market = _listing(ask)
        since, limit = ask.values["since"], ask.values["limit"]
        entries = await self._desk.realized_pnl(name, symbol, since, limit, market)
        return Answer(data=views.ledger(account, symbol, "entries", entries))

    async def pm_balance(self, ask: Ask) -> Answer:
        account = self._portfolio(ask)
        return Answer(
            data=views.pm_balance(account, await self._desk.pm_balance(account.exchange_account_id))
        )

    async def pm_account(self, ask: Ask) -> Answer:
        account = self._portfolio(ask)
        name = account.exchange_account_id
        balance, um_account = await asyncio.gather(
            self._desk.pm_balance(name), self._desk.pm_um_account(name)
        )
        return Answer(
            data={
                "exchange": account.exchange,
                "exchange_account_id": name,
                "papi_balance": list(balance),
                "papi_um_account": um_account,
            }
        )

    async def pm_auto_collection(self, ask: Ask) -> Answer:
        account = self._portfolio(ask)
        response = await self._desk.pm_auto_collection(account.exchange_account_id)
        return Answer(
            message="Auto-collection triggered successfully",
            data={
                "success": True,
                "exchange": account.exchange,
                "exchange_account_id": account.exchange_account_id,
                "response": response,
            },
        )

    async def pm_asset_collection(self, ask: Ask) -> Answer:
        account = self._portfolio(ask)
        asset = ask.values["asset"].upper()
        if asset == _NOT_COLLECTED:
            raise Refusal(ErrorCode.INVALID_REQUEST, "BNB transfer is not supported", {"asset": asset})
        response = await self._desk.pm_asset_collection(account.exchange_account_id, asset)
        return Answer(
            message=f"Asset-collection triggered for {asset}",
            data={
                "success": True,
                "exchange": account.exchange,
                "exchange_account_id": account.exchange_account_id,
                "asset": asset,
                "response": response,
            },
        )

    def _account(self, ask: Ask) -> AccountInfo:
        """Return the account of a request. One that the caller may not know of is answered as one that is not
        there, word for word."""
        name = ask.values["exchange_account_id"]
        if ask.caller.knows(name):
            try:
                return self._desk.account(name)
            except ExecutionError as error:
                if error.code is not ErrorCode.ACCOUNT_NOT_FOUND:
                    raise
        known = [row.exchange_account_id for row in self._desk.accounts()]
        mine = ", ".join(filter(ask.caller.knows, known)) or "none"
        raise Refusal(
            ErrorCode.ACCOUNT_NOT_FOUND, f"exchange_account_id {name!r} is not an account; there are: {mine}"
        )

    def _perps(self, ask: Ask, access: str) -> AccountInfo:
        """Return the account, if its exchange offers that part of the Perps DMA API."""
        account = self._account(ask)
        if not offers(account.exchange, access):
            raise Unsupported(
                f"{title(account.exchange)} does not support {access}",
                {"exchange": account.exchange, "feature": access, "market_type": ask.values["market_type"]},
            )
        return account

    def _portfolio(self, ask: Ask) -> AccountInfo:
        account = self._account(ask)
        if not account.portfolio_margin:
            raise Refusal(
                ErrorCode.INVALID_REQUEST,
                f"exchange_account_id must be a Binance PM account; {account.exchange_account_id!r} is none",
                {"exchange_account_id": account.exchange_account_id},
            )
        return account


def _listing(ask: Ask) -> tuple[Any, Any]:
    """Return the symbol and the market type of a request."""
    return ask.values["symbol"], ask.values["market_type"]


def _not_known_yet(what: str, placed: Placed) -> str:
    return (
        f"The {what} was sent and its outcome is not known yet; "
        f"ask GET /oems/execution/order/{placed.order_id}"
    )
