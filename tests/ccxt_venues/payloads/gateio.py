"""Gate's markets in its own format (API v4), two of each kind, and the answers that its tests need."""

from typing import Any

API = "api.gateio.ws/api/v4"

PAIRS = [
    {
        "id": "BTC_USDT",
        "base": "BTC",
        "base_name": "Bitcoin",
        "quote": "USDT",
        "quote_name": "Tether",
        "fee": "0.2",
        "min_base_amount": "0.00001",
        "min_quote_amount": "3",
        "max_quote_amount": "5000000",
        "amount_precision": 6,
        "precision": 1,
        "trade_status": "tradable",
        "sell_start": 0,
        "buy_start": 0,
        "type": "normal",
        "up_rate": "0.1",
        "down_rate": "0.1",
    },
    {
        "id": "NEW_USDT",
        "base": "NEW",
        "quote": "USDT",
        "fee": "0.2",
        "min_quote_amount": "3",
        "amount_precision": 2,
        "precision": 4,
        "trade_status": "tradable",
        "sell_start": 0,
        "buy_start": 0,
        "type": "normal",
        "up_rate": "0.02",
        "down_rate": "0.02",
    },
]


def _contract(name: str, multiplier: str, **changes: Any) -> dict[str, Any]:
    return {
        "name": name,
        "type": "direct",
        "status": "trading",
        "quanto_multiplier": multiplier,
        "leverage_min": "1",
        "leverage_max": "125",
        "mark_type": "index",
        "mark_price": "90500",
        "index_price": "90500",
        "last_price": "90500",
        "maker_fee_rate": "-0.0001",
        "taker_fee_rate": "0.00075",
        "order_price_round": "0.1",
        "mark_price_round": "0.01",
        "funding_rate": "0.0001",
        "funding_interval": 28800,
        "funding_next_apply": 1767254400,
        "order_price_deviate": "0.2",
        "order_size_min": 1,
        "order_size_max": 1000000,
        "orders_limit": 100,
        "enable_bonus": True,
        "enable_decimal": False,
        "create_time": 1546300800,
        "in_delisting": False,
    } | changes


CONTRACTS = [
    _contract("BTC_USDT", "0.0001"),
    _contract(
        "HALF_USDT", "1", order_price_round="0.01", order_size_min="0.1", enable_decimal=True, mark_price="2"
    ),
]

MARKETS: dict[str, Any] = {
    f"GET {API}/spot/currency_pairs": PAIRS,
    f"GET {API}/margin/currency_pairs": [],
    f"GET {API}/futures/usdt/contracts": CONTRACTS,
}


def refused(label: str, message: str = "") -> dict[str, str]:
    return {"label": label, "message": message}


def spot_order(**changes: Any) -> dict[str, Any]:
    """Return an order of BTC_USDT, spot, as the venue tells it."""
    return {
        "id": "95282841887",
        "text": "t-fg7001",
        "create_time": "1767225600",
        "update_time": "1767225600",
        "create_time_ms": 1767225600100,
        "update_time_ms": 1767225600105,
        "status": "open",
        "currency_pair": "BTC_USDT",
        "type": "limit",
        "account": "spot",
        "side": "sell",
        "amount": "0.01",
        "price": "90000",
        "time_in_force": "gtc",
        "iceberg": "0",
        "left": "0.01",
        "filled_amount": "0",
        "fill_price": "0",
        "filled_total": "0",
        "avg_deal_price": "",
        "fee": "0",
        "fee_currency": "USDT",
        "finish_as": "open",
    } | changes


def futures_order(**changes: Any) -> dict[str, Any]:
    """Return an order of the contract BTC_USDT, as the venue tells it. Sizes are contracts, signed."""
    return {
        "id": 36028797,
        "user": 100001,
        "contract": "BTC_USDT",
        "create_time": 1767225600.1,
        "size": "-100",
        "left": "-100",
        "price": "90000",
        "fill_price": "0",
        "mkfr": "-0.0001",
        "tkfr": "0.0005",
        "tif": "gtc",
        "is_reduce_only": False,
        "is_close": False,
        "is_liq": False,
        "iceberg": 0,
        "status": "open",
        "text": "t-fg7001",
    } | changes


def spot_price_order(**changes: Any) -> dict[str, Any]:
    """Return a spot price-triggered order as the venue tells it."""
    return {
        "id": 5891843,
        "user": 100001,
        "market": "BTC_USDT",
        "ctime": 1767225600,
        "ftime": 0,
        "status": "open",
        "trigger": {"price": "89000", "rule": "<=", "expiration": 2592000},
        "put": {
            "type": "limit",
            "side": "sell",
            "price": "84550",
            "amount": "0.01",
            "account": "normal",
            "time_in_force": "ioc",
            "text": "t-fg7001",
        },
    } | changes


STREAMED_PRICE_ORDER = {
    "market": "BTC_USDT",
    "uid": "100001",
    "id": "5891843",
    "currency_type": "BTC",
    "exchange_type": "USDT",
    "reason": "",
    "err_msg": "",
    "fired_order_id": 0,
    "instant_cancel": False,
    "trigger_price": "89000",
    "trigger_rule": "<=",
    "trigger_expiration": 2592000,
    "price": "84550",
    "amount": "0.01",
    "source": "",
    "order_type": "limit",
    "side": "sell",
    "engine_type": "normal",
    "is_stop_order": False,
    "ctime": "1767225600131",
    "ftime": "-62135596800000",
}


def futures_price_order(**changes: Any) -> dict[str, Any]:
    """Return a price-triggered order of the contract BTC_USDT as the venue tells it."""
    return {
        "id": 1432329,
        "user": 100001,
        "create_time": 1767225600,
        "finish_time": 0,
        "trade_id": 0,
        "status": "open",
        "finish_as": "",
        "reason": "",
        "order_type": "",
        "initial": {
            "contract": "BTC_USDT",
            "size": -100,
            "price": "0",
            "tif": "ioc",
            "text": "t-fg7001",
            "is_reduce_only": False,
        },
        "trigger": {"strategy_type": 0, "price_type": 0, "price": "89000", "rule": 2, "expiration": 0},
    } | changes


def position(**changes: Any) -> dict[str, Any]:
    """Return a position record of the contract BTC_USDT: crossed, long 100 contracts. Leverage 0 is cross."""
    return {
        "user": 100001,
        "contract": "BTC_USDT",
        "size": "100",
        "leverage": "0",
        "cross_leverage_limit": "10",
        "leverage_max": "125",
        "mode": "single",
        "value": "905",
        "margin": "90.5",
        "initial_margin": "90.5",
        "maintenance_margin": "3.6",
        "entry_price": "90000",
        "mark_price": "90500",
        "liq_price": "80000",
        "unrealised_pnl": "5",
        "realised_pnl": "0",
        "open_time": 1767225600,
        "update_time": 1767225600,
    } | changes


FUNDING = {
    "time": 1767225600,
    "change": "-0.15",
    "balance": "999.85",
    "text": "BTC_USDT:3914424",
    "type": "fund",
    "contract": "BTC_USDT",
    "trade_id": "",
}
PNL = {
    "time": 1767225600,
    "change": "12.5",
    "balance": "1012.5",
    "text": "BTC_USDT:3914424",
    "type": "pnl",
    "contract": "BTC_USDT",
    "trade_id": "3914424",
    "id": "9001",
}
