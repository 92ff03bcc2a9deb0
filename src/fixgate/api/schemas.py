"""The shapes of answers as JSON schema: what `data` holds, route by route.

Source: the documents' response examples. What the documents leave open: open orders come as `orders` and
`count`, a cancel is told like an order.
"""

from collections.abc import Mapping
from typing import Any

from fixgate.model.enums import OrderType, Side, TimeInForce
from fixgate.model.execution import MarginMode, OrderState

Schema = dict[str, Any]

NUMBER: Schema = {"type": "number"}
TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
ANYTHING: Schema = {"type": "object"}
MAYBE_NUMBER: Schema = {"type": ["number", "null"]}
MAYBE_TEXT: Schema = {"type": ["string", "null"]}
MAYBE_TIME: Schema = {"type": ["string", "null"], "format": "date-time"}
MAYBE_MS: Schema = {"type": ["integer", "null"]}
_EMPTY: Mapping[str, Any] = {}


def one_of(words: Any, *, null: bool = False) -> Schema:
    values = [str(word) for word in words]
    return (
        {"type": ["string", "null"], "enum": [*values, None]} if null else {"type": "string", "enum": values}
    )


def shape(properties: Mapping[str, Any], optional: Mapping[str, Any] = _EMPTY) -> Schema:
    """Return an object of exactly these properties; those of `optional` may be missing."""
    return {
        "type": "object",
        "properties": {**properties, **optional},
        "required": list(properties),
        "additionalProperties": False,
    }


def rows(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def by_name(value: Schema) -> Schema:
    return {"type": "object", "additionalProperties": value}


_ACCOUNT = {"exchange": TEXT, "exchange_account_id": TEXT}
_MOMENT = {"timestamp": MAYBE_MS, "datetime": MAYBE_TIME}

PLACED = shape(
    {
        "order_id": TEXT,
        "exchange": TEXT,
        "market": TEXT,
        "order_type": one_of(OrderType),
        "order_side": one_of(Side),
        "order_status": one_of(OrderState),
        "quantity": NUMBER,
        "quantity_filled": NUMBER,
        "avg_fill_price": MAYBE_NUMBER,
        "order_fee": MAYBE_NUMBER,
        "fee_currency": MAYBE_TEXT,
        "execution_time": NUMBER,
        "execution_date": MAYBE_TIME,
    },
    {"client_order_id": TEXT},
)

ORDER = shape(
    {
        "order_id": TEXT,
        "symbol": TEXT,
        "status": one_of(OrderState),
        "type": one_of(OrderType, null=True),
        "side": one_of(Side),
        "price": MAYBE_NUMBER,
        "amount": NUMBER,
        "filled": NUMBER,
        "remaining": NUMBER,
        "average": MAYBE_NUMBER,
        "cost": NUMBER,
        "fee": {"anyOf": [shape({"cost": NUMBER, "currency": TEXT}), {"type": "null"}]},
        **_MOMENT,
    },
    {"stop_price": NUMBER, "client_order_id": TEXT},
)

OPEN_ORDERS = shape({**_ACCOUNT, "orders": rows(ORDER), "count": COUNT})

_SUPPORT = shape(
    {
        "order_types": rows(one_of(OrderType)),
        "time_in_force": rows(one_of(TimeInForce)),
        "features": rows(TEXT),
    }
)
_EXCHANGE = shape(
    {
        "exchange": TEXT,
        "supports_spot": FLAG,
        "supports_perp": FLAG,
        "spot": {"anyOf": [_SUPPORT, {"type": "null"}]},
        "perp": _SUPPORT,
        "notes": by_name(TEXT),
    }
)
CAPABILITIES: Schema = {"anyOf": [_EXCHANGE, shape({"exchanges": by_name(_EXCHANGE)})]}

VALIDATED = shape({"valid": FLAG, "error": MAYBE_TEXT, "warnings": rows(TEXT)})

BALANCE = shape({**_ACCOUNT, "free": by_name(NUMBER), "used": by_name(NUMBER), "total": by_name(NUMBER)})

DAILY_LIMIT = shape(
    {
        "date": {"type": "string", "format": "date"},
        "exchange_account_id": TEXT,
        "limit_usd": MAYBE_NUMBER,
        "used_usd": NUMBER,
        "remaining_usd": MAYBE_NUMBER,
        "pct_used": MAYBE_NUMBER,
        "order_count": COUNT,
    }
)

LEVERAGE_SET = shape({**_ACCOUNT, "symbol": TEXT, "leverage": NUMBER, "result": ANYTHING})
LEVERAGE = shape(
    {
        **_ACCOUNT,
        "symbol": TEXT,
        "leverage": MAYBE_NUMBER,
        "margin_mode": one_of(MarginMode, null=True),
        "position_side": MAYBE_TEXT,
        "position_size": NUMBER,
        "notional": NUMBER,
        "unrealized_pnl": NUMBER,
    }
)
MARGIN_MODE_SET = shape({**_ACCOUNT, "symbol": TEXT, "margin_mode": one_of(MarginMode), "result": ANYTHING})

_POSITION = shape(
    {
        "symbol": TEXT,
        "side": TEXT,
        "contracts": NUMBER,
        "contract_size": NUMBER,
        "entry_price": MAYBE_NUMBER,
        "mark_price": MAYBE_NUMBER,
        "notional": MAYBE_NUMBER,
        "leverage": MAYBE_NUMBER,
        "unrealized_pnl": MAYBE_NUMBER,
        "percentage": MAYBE_NUMBER,
        "margin_mode": one_of(MarginMode, null=True),
        "liquidation_price": MAYBE_NUMBER,
        "collateral": MAYBE_NUMBER,
        **_MOMENT,
        **_ACCOUNT,
    }
)
POSITIONS = shape({"positions": rows(_POSITION), "count": COUNT})

_ENTRY = shape({"id": TEXT, "symbol": TEXT, "amount": NUMBER, "code": TEXT, **_MOMENT, "info": ANYTHING})
FUNDING = shape({**_ACCOUNT, "symbol": MAYBE_TEXT, "payments": rows(_ENTRY), "count": COUNT})
REALIZED = shape({**_ACCOUNT, "symbol": MAYBE_TEXT, "entries": rows(_ENTRY), "count": COUNT})

_WALLET = shape({"wallet": MAYBE_NUMBER, "unrealized_pnl": MAYBE_NUMBER})
_PM_ASSET = shape(
    {
        "cross_margin": shape(
            dict.fromkeys(("total", "free", "locked", "borrowed", "interest"), MAYBE_NUMBER)
        ),
        "um_futures": _WALLET,
        "cm_futures": _WALLET,
        "total_wallet_balance": MAYBE_NUMBER,
        "negative_balance": MAYBE_NUMBER,
    }
)
PM_BALANCE = shape({**_ACCOUNT, "assets": by_name(_PM_ASSET)})
PM_ACCOUNT = shape({**_ACCOUNT, "papi_balance": rows(ANYTHING), "papi_um_account": ANYTHING})
PM_COLLECTED = shape({"success": FLAG, **_ACCOUNT, "response": ANYTHING})
PM_ASSET_COLLECTED = shape({"success": FLAG, **_ACCOUNT, "asset": TEXT, "response": ANYTHING})

ERROR: Schema = {
    "type": "object",
    "description": "`error` is the code; what else there is, is of the code. An order that its exchange does "
    "not support has exchange, order_type and market_type instead.",
    "properties": {"error": MAYBE_TEXT},
}


def envelope(data: Mapping[str, Any], *, good: bool, says: bool = True) -> Schema:
    """Return the envelope around `data`."""
    parts: Schema = {
        "isError": {"type": "boolean", "const": not good},
        "message": TEXT,
        "statusCode": {"type": "integer"},
        "data": data,
    }
    if not says:
        del parts["message"]
    return {"type": "object", "properties": parts, "required": list(parts), "additionalProperties": False}
