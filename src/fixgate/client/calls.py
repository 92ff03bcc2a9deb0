"""The calls of the API without a connection: what to send, and how to read what comes back.

Both clients make these and differ in how they wait.
"""

import uuid
from collections.abc import Hashable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, Generic, Literal, TypedDict, TypeVar, cast
from urllib.parse import quote

import msgspec

from fixgate.client import answers
from fixgate.client.errors import error_of
from fixgate.model.exact_json import write

T = TypeVar("T")

Exact = Decimal | int
"""Numbers to send. A float is refused: it is not what its digits say."""

SideWord = Literal["buy", "sell"]
OrderWord = Literal[
    "market",
    "limit",
    "stop_loss",
    "stop_loss_limit",
    "take_profit",
    "take_profit_limit",
    "trailing_stop",
    "oco",
]
TimeWord = Literal["GTC", "IOC", "FOK", "POST_ONLY"]
MarketWord = Literal["spot", "swap", "future"]
PerpWord = Literal["swap", "future"]


class Terms(TypedDict, total=False):
    """What else an order may say; see `POST /oems/execution/order`."""

    price: Exact
    stop_price: Exact
    trailing_delta: Exact
    time_in_force: TimeWord
    reduce_only: bool
    post_only: bool
    client_order_id: str
    market_type: MarketWord
    position_side: Literal["LONG", "SHORT", "BOTH"]


class Checks(TypedDict, total=False):
    """What else can be validated; see `POST /oems/execution/validate`."""

    market_type: MarketWord
    time_in_force: TimeWord
    reduce_only: bool
    post_only: bool
    stop_price: Exact
    trailing_delta: Exact


class Call(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One call. `repeatable` is true where doing it twice is the same as once, so that it may be sent again
    after a lost connection."""

    method: str
    path: str
    result: type[T]
    query: Mapping[str, str] = {}
    body: Mapping[str, Any] | None = None
    key: str = ""
    repeatable: bool = True

    def content(self) -> bytes | None:
        return write(self.body) if self.body is not None else None

    def headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json"} if self.body is not None else {}
        return headers | ({"Idempotency-Key": self.key} if self.key else {})

    def read(self, status: int, content: bytes) -> T:
        """Return the result in an answer. Raises `ApiError`."""
        try:
            envelope = _ANSWER.decode(content)
        except msgspec.DecodeError:
            raise error_of(status, "the answer is not one of the Execution API", None) from None
        if envelope.isError:
            data = _ANYTHING.decode(envelope.data)
            if self.result is not answers.Validation or "valid" not in (data or {}):
                raise error_of(status, envelope.message, data)
        found: T = _decoder(cast(Hashable, self.result)).decode(envelope.data)
        return found


class _Envelope(msgspec.Struct):
    isError: bool
    data: msgspec.Raw
    message: str = ""


_ANSWER = msgspec.json.Decoder(_Envelope)
_ANYTHING = msgspec.json.Decoder(float_hook=Decimal)


@cache
def _decoder(result: Hashable) -> "msgspec.json.Decoder[Any]":
    return msgspec.json.Decoder(cast(type[Any], result), float_hook=Decimal)


def place(
    account: str,
    symbol: str,
    side: SideWord,
    order_type: OrderWord,
    quantity: Exact,
    key: str,
    terms: Terms,
) -> Call[answers.PlacedOrder]:
    body = {
        "exchange_account_id": account,
        "symbol": symbol,
        "side": side,
        "order_type": order_type,
        "quantity": quantity,
        **terms,
    }
    return _post("/order", answers.PlacedOrder, body, key=key or uuid.uuid4().hex)


def order(account: str, order_id: str, symbol: str, market_type: MarketWord) -> Call[answers.OrderStatus]:
    query = {"exchange_account_id": account, "symbol": symbol, "market_type": market_type}
    return _get(f"/order/{quote(order_id, safe='')}", answers.OrderStatus, query)


def cancel(account: str, order_id: str, symbol: str, market_type: MarketWord) -> Call[answers.PlacedOrder]:
    query = {"exchange_account_id": account, "symbol": symbol, "market_type": market_type}
    return Call(
        method="DELETE",
        path=f"/order/{quote(order_id, safe='')}",
        result=answers.PlacedOrder,
        query=_given(query),
    )


def open_orders(account: str, symbol: str, market_type: MarketWord) -> Call[answers.OpenOrders]:
    query = {"exchange_account_id": account, "symbol": symbol, "market_type": market_type}
    return _get("/orders/open", answers.OpenOrders, query)


def capabilities(exchange: str) -> Call[answers.Capabilities]:
    return _get("/capabilities", answers.Capabilities, {"exchange": exchange})


def all_capabilities() -> Call[answers.AllCapabilities]:
    return _get("/capabilities", answers.AllCapabilities, {})


def validate(exchange: str, order_type: OrderWord, checks: Checks) -> Call[answers.Validation]:
    body = {"exchange": exchange, "order_type": order_type, **checks}
    return _post("/validate", answers.Validation, body)


def balance(account: str, market_type: MarketWord) -> Call[answers.Balance]:
    return _get("/balance", answers.Balance, {"exchange_account_id": account, "market_type": market_type})


def daily_limit(account: str) -> Call[answers.DailyLimit]:
    return _get("/daily-limit", answers.DailyLimit, {"exchange_account_id": account})


def leverage(account: str, symbol: str, market_type: PerpWord) -> Call[answers.Leverage]:
    query = {"exchange_account_id": account, "symbol": symbol, "market_type": market_type}
    return _get("/leverage", answers.Leverage, query)


def set_leverage(
    account: str, symbol: str, leverage: Exact, market_type: PerpWord
) -> Call[answers.LeverageSet]:
    body = {
        "exchange_account_id": account,
        "symbol": symbol,
        "leverage": leverage,
        "market_type": market_type,
    }
    return _post("/leverage", answers.LeverageSet, body)


def set_margin_mode(
    account: str, symbol: str, margin_mode: Literal["cross", "isolated"], market_type: PerpWord
) -> Call[answers.MarginModeSet]:
    body = {
        "exchange_account_id": account,
        "symbol": symbol,
        "margin_mode": margin_mode,
        "market_type": market_type,
    }
    return _post("/margin-mode", answers.MarginModeSet, body)


def positions(account: str, symbol: str, market_type: PerpWord) -> Call[answers.Positions]:
    query = {"exchange_account_id": account, "symbol": symbol, "market_type": market_type}
    return _get("/positions", answers.Positions, query)


def funding_history(
    account: str, symbol: str, since: int | None, limit: int | None, market_type: PerpWord
) -> Call[answers.FundingHistory]:
    query = _history(account, symbol, since, limit, market_type)
    return _get("/funding-history", answers.FundingHistory, query)


def realized_pnl(
    account: str, symbol: str, since: int | None, limit: int | None, market_type: PerpWord
) -> Call[answers.RealizedPnl]:
    query = _history(account, symbol, since, limit, market_type)
    return _get("/realized-pnl", answers.RealizedPnl, query)


def portfolio_balance(account: str) -> Call[answers.PortfolioBalance]:
    return _get("/portfolio-margin/balance", answers.PortfolioBalance, {"exchange_account_id": account})


def portfolio_account(account: str) -> Call[answers.PortfolioAccount]:
    return _get("/portfolio-margin/account", answers.PortfolioAccount, {"exchange_account_id": account})


def auto_collection(account: str) -> Call[answers.Collected]:
    body = {"exchange_account_id": account}
    return _post("/portfolio-margin/auto-collection", answers.Collected, body, repeatable=False)


def asset_collection(account: str, asset: str) -> Call[answers.Collected]:
    body = {"exchange_account_id": account, "asset": asset}
    return _post("/portfolio-margin/asset-collection", answers.Collected, body, repeatable=False)


def _history(
    account: str, symbol: str, since: int | None, limit: int | None, market_type: PerpWord
) -> dict[str, str]:
    return {
        "exchange_account_id": account,
        "symbol": symbol,
        "since": "" if since is None else str(since),
        "limit": "" if limit is None else str(limit),
        "market_type": market_type,
    }


def _get(path: str, result: type[T], query: Mapping[str, str]) -> Call[T]:
    return Call(method="GET", path=path, result=result, query=_given(query))


def _post(
    path: str, result: type[T], body: Mapping[str, Any], *, key: str = "", repeatable: bool = True
) -> Call[T]:
    for name, value in body.items():
        if isinstance(value, float):
            raise TypeError(f"{name} must be a Decimal or an int, not the float {value!r}")
    return Call(method="POST", path=path, result=result, body=body, key=key, repeatable=repeatable)


def _given(query: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in query.items() if value}
