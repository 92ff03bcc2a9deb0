"""From the model's values to the `data` of answers, in the documents' shapes.

What a document's shape has no name for is added only where there is something to say: `client_order_id`,
`stop_price`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

from fixgate.api.ports import AccountInfo, DailyLimit, Placed
from fixgate.model.capabilities import EXCHANGES, Exchange, Support
from fixgate.model.execution import (
    AssetBalance,
    LedgerEntry,
    LeverageState,
    OpenPosition,
    VenueOrder,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CENT = Decimal("0.01")

Data = dict[str, Any]


def moment(at_ms: int) -> str | None:
    """Return a time as ISO 8601 in UTC, with milliseconds where there are any; `None` for 0."""
    if not at_ms:
        return None
    at = _EPOCH + timedelta(milliseconds=at_ms)
    form = at.isoformat(timespec="milliseconds" if at_ms % 1000 else "seconds")
    return form.replace("+00:00", "Z")


def placed(order: Placed, client_order_id: str = "") -> Data:
    """Return what became of an order. `client_order_id` is the caller's own, if it gave one."""
    data: Data = {
        "order_id": order.order_id,
        "exchange": order.exchange,
        "market": order.symbol,
        "order_type": order.order_type,
        "order_side": order.side,
        "order_status": order.status,
        "quantity": order.quantity,
        "quantity_filled": order.quantity_filled,
        "avg_fill_price": order.average_price,
        "order_fee": order.fee,
        "fee_currency": order.fee_currency,
        "execution_time": order.seconds,
        "execution_date": moment(order.at_ms),
    }
    if client_order_id:
        data["client_order_id"] = client_order_id
    return data


def order(told: VenueOrder) -> Data:
    data: Data = {
        "order_id": told.order_id,
        "symbol": told.symbol,
        "status": told.status,
        "type": told.order_type,
        "side": told.side,
        "price": told.price,
        "amount": told.amount,
        "filled": told.filled,
        "remaining": told.remaining,
        "average": told.average,
        "cost": told.cost,
        "fee": {"cost": told.fee.cost, "currency": told.fee.currency} if told.fee is not None else None,
        "timestamp": told.at_ms or None,
        "datetime": moment(told.at_ms),
    }
    if told.stop_price is not None:
        data["stop_price"] = told.stop_price
    if told.client_order_id:
        data["client_order_id"] = told.client_order_id
    return data


def open_orders(account: AccountInfo, orders: Sequence[VenueOrder]) -> Data:
    return {**_of(account), "orders": [order(told) for told in orders], "count": len(orders)}


def balance(account: AccountInfo, assets: Sequence[AssetBalance]) -> Data:
    """Return the balance; an asset stands in each part of which it has something."""
    return {
        **_of(account),
        "free": {row.asset: row.free for row in assets if row.free},
        "used": {row.asset: row.used for row in assets if row.used},
        "total": {row.asset: row.total for row in assets if row.total},
    }


def daily_limit(account: str, use: DailyLimit) -> Data:
    return {
        "date": use.date,
        "exchange_account_id": account,
        "limit_usd": use.limit_usd,
        "used_usd": use.used_usd,
        "remaining_usd": use.remaining_usd,
        "pct_used": _percent(use.used_usd, use.limit_usd),
        "order_count": use.order_count,
    }


def leverage(account: AccountInfo, state: LeverageState) -> Data:
    return {
        **_of(account),
        "symbol": state.symbol,
        "leverage": state.leverage,
        "margin_mode": state.margin_mode,
        "position_side": state.position_side,
        "position_size": state.position_size,
        "notional": state.notional,
        "unrealized_pnl": state.unrealized_pnl,
    }


def positions(account: AccountInfo, rows: Sequence[OpenPosition]) -> Data:
    return {"positions": [_position(account, row) for row in rows], "count": len(rows)}


def ledger(account: AccountInfo, symbol: str | None, name: str, entries: Sequence[LedgerEntry]) -> Data:
    """Return payments or entries, as `name` calls them."""
    rows = [
        {
            "id": entry.id,
            "symbol": entry.symbol,
            "amount": entry.amount,
            "code": entry.code,
            "timestamp": entry.at_ms or None,
            "datetime": moment(entry.at_ms),
            "info": entry.info,
        }
        for entry in entries
    ]
    return {**_of(account), "symbol": symbol, name: rows, "count": len(rows)}


def pm_balance(account: AccountInfo, records: Iterable[Mapping[str, Any]]) -> Data:
    """Return Portfolio Margin's balance by asset. Source: PAPI GET /papi/v1/balance."""
    return {**_of(account), "assets": {str(row["asset"]): _pm_asset(row) for row in records}}


def capabilities(name: str, exchange: Exchange) -> Data:
    data: Data = {
        "exchange": name,
        "supports_spot": exchange.spot is not None,
        "supports_perp": True,
        "spot": _support(exchange.spot) if exchange.spot is not None else None,
        "perp": _support(exchange.perp),
        "notes": dict(exchange.notes),
    }
    return data


def all_capabilities() -> Data:
    return {"exchanges": {name: capabilities(name, row) for name, row in EXCHANGES.items()}}


def _support(side: Support) -> Data:
    return {
        "order_types": sorted(side.order_types),
        "time_in_force": sorted(side.time_in_force),
        "features": sorted(side.features),
    }


def _of(account: AccountInfo) -> Data:
    return {"exchange": account.exchange, "exchange_account_id": account.exchange_account_id}


def _position(account: AccountInfo, row: OpenPosition) -> Data:
    return {
        "symbol": row.symbol,
        "side": row.side,
        "contracts": row.contracts,
        "contract_size": row.contract_size,
        "entry_price": row.entry_price,
        "mark_price": row.mark_price,
        "notional": row.notional,
        "leverage": row.leverage,
        "unrealized_pnl": row.unrealized_pnl,
        "percentage": row.percentage,
        "margin_mode": row.margin_mode,
        "liquidation_price": row.liquidation_price,
        "collateral": row.collateral,
        "timestamp": row.at_ms or None,
        "datetime": moment(row.at_ms),
        **_of(account),
    }


def _pm_asset(row: Mapping[str, Any]) -> Data:
    return {
        "cross_margin": {
            "total": _exact(row.get("crossMarginAsset")),
            "free": _exact(row.get("crossMarginFree")),
            "locked": _exact(row.get("crossMarginLocked")),
            "borrowed": _exact(row.get("crossMarginBorrowed")),
            "interest": _exact(row.get("crossMarginInterest")),
        },
        "um_futures": {
            "wallet": _exact(row.get("umWalletBalance")),
            "unrealized_pnl": _exact(row.get("umUnrealizedPNL")),
        },
        "cm_futures": {
            "wallet": _exact(row.get("cmWalletBalance")),
            "unrealized_pnl": _exact(row.get("cmUnrealizedPNL")),
        },
        "total_wallet_balance": _exact(row.get("totalWalletBalance")),
        "negative_balance": _exact(row.get("negativeBalance")),
    }


def _exact(value: Any) -> Decimal | None:
    """Return a venue's number in text; `None` for what it did not say or is none."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _percent(used: Decimal, limit: Decimal | None) -> Decimal | None:
    if limit is None:
        return None
    if not limit:
        return Decimal(100)
    return (used / limit * 100).quantize(_CENT, ROUND_HALF_EVEN)
