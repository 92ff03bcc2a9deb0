"""Questions that ccxt's class `hyperliquid` does not ask, and what it makes of some answers, mended.

- An order's words on the stream, and the answer to a new one, do not say that it waits for a price: those
  that left through this object are remembered until their price comes.
- A position's percentage is above zero for a loss as well.

Source: Hyperliquid API, "Info endpoint", "WebSocket subscriptions"; ccxt 4.5.90 `hyperliquid.parse_order`.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from fixgate.model.decimals import plain

FUNDING_MS = 30 * 24 * 3_600_000
"""How far back funding is told of where nobody says since when; the venue wants to know, and tells 500 at
most."""

KEPT = 10_000
"""Orders that are remembered."""

TRIGGERED = "triggered"

_STATUSES = {"scheduledCancel": "canceled"}
"""Order states that ccxt passes on as they are. Those that end in Canceled or Rejected it knows."""


class _Sent(NamedTuple):
    """What was sent: ccxt's type, and the name of its trigger price and the price, if it waits for one."""

    kind: str
    name: str
    price: str | None


def prepare(exchange: Any) -> None:
    """Mend an exchange object of ccxt's class `hyperliquid`."""
    _prepare_orders(exchange)
    _prepare_account(exchange)


def _prepare_orders(exchange: Any) -> None:
    parse_status, parse_order = exchange.parse_order_status, exchange.parse_order
    make_request = exchange.create_order_request
    sent: dict[str, _Sent] = {}

    def create_order_request(
        symbol: str, kind: str, side: str, amount: str, price: str | None = None, params: Any = None
    ) -> Any:
        given = params or {}
        if client_order_id := given.get("clientOrderId"):
            name = next((each for each in ("stopLossPrice", "takeProfitPrice") if each in given), "")
            sent[client_order_id] = _Sent(kind, name, given.get(name))
            if len(sent) > KEPT:
                del sent[next(iter(sent))]
        return make_request(symbol, kind, side, amount, price, given)

    def parse_whole_order(order: Any, market: Any = None) -> Any:
        parsed = parse_order(order, market)
        words = str((parsed["info"].get("order") or parsed["info"]).get("orderType") or "").lower()
        known = sent.get(parsed["clientOrderId"] or "")
        if words.endswith("market") or (known is not None and known.kind.lower() == "market"):
            parsed |= {"type": "market", "price": None}  # its price is how far it may trade
        elif words.endswith("limit"):
            parsed["type"] = "limit"
        status = order.get("status") if isinstance(order, Mapping) else None
        if status == TRIGGERED:
            return parsed | {"info": {**parsed["info"], "isWorking": True}}
        if known is not None and known.name and status in (None, "open") and parsed["triggerPrice"] is None:
            return parsed | {"triggerPrice": known.price, known.name: known.price}
        return parsed

    exchange.create_order_request = create_order_request
    exchange.parse_order = parse_whole_order
    exchange.parse_order_status = lambda status: _STATUSES.get(status) or parse_status(status)


def _prepare_account(exchange: Any) -> None:
    parse_position = exchange.parse_position

    async def fetch_leverage(symbol: str) -> Any:
        """Return a symbol's leverage and margin mode, with or without a position."""
        market = exchange.market(symbol)
        return await exchange.publicPostInfo(
            {"type": "activeAssetData", "user": exchange.walletAddress, "coin": market["baseName"]}
        )

    async def set_leverage_alone(leverage: int, symbol: str) -> Any:
        """Set leverage and leave the margin mode as it is: the venue sets both at once."""
        present = (await fetch_leverage(symbol)).get("leverage") or {}
        return await exchange.set_leverage(leverage, symbol, {"marginMode": present.get("type") or "cross"})

    async def fetch_funding_since(symbol: str | None, since: int | None, limit: int | None) -> Any:
        """Return funding payments: the first since a time, or the latest."""
        start = since if since is not None else exchange.milliseconds() - FUNDING_MS
        return _some(await exchange.fetch_funding_history(symbol, start), since, limit)

    async def fetch_closing_trades(symbol: str | None, since: int | None, limit: int | None) -> Any:
        """Return the trades that realized something: the first since a time, or the latest."""
        trades = await exchange.fetch_my_trades(symbol, since)
        closing = [trade for trade in trades if Decimal(str(trade["info"].get("closedPnl") or 0))]
        return _some(closing, since, limit)

    def parse_signed_position(position: Any, market: Any = None) -> Any:
        parsed = parse_position(position, market)
        used, gained = parsed["collateral"], parsed["unrealizedPnl"]
        if used is not None and gained is not None and Decimal(used):
            parsed["percentage"] = plain(round(Decimal(gained) * 100 / Decimal(used), 8).normalize())
        parsed["contractSize"] = "1"
        return parsed

    exchange.fetch_leverage = fetch_leverage
    exchange.set_leverage_alone = set_leverage_alone
    exchange.fetch_funding_since = fetch_funding_since
    exchange.fetch_closing_trades = fetch_closing_trades
    exchange.parse_position = parse_signed_position


def _some(rows: list[Any], since: int | None, limit: int | None) -> list[Any]:
    """Return at most `limit` rows: the first since a time, the latest where none was given."""
    ordered = sorted(rows, key=lambda row: row["timestamp"])
    if limit is None:
        return ordered
    return ordered[:limit] if since is not None else ordered[max(0, len(ordered) - limit) :]
