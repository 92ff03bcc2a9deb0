"""Bybit's markets in its own format (v5), a few of each category, and the answers that its tests need."""

from typing import Any

from tests.ccxt_venues.stand_in import Recorded

API = "api.bybit.com"

SPOT = [
    {
        "symbol": "BTCUSDT",
        "baseCoin": "BTC",
        "quoteCoin": "USDT",
        "innovation": "0",
        "status": "Trading",
        "marginTrading": "utaOnly",
        "lotSizeFilter": {
            "basePrecision": "0.000001",
            "quotePrecision": "0.0000001",
            "minOrderQty": "0.000011",
            "maxOrderQty": "83",
            "minOrderAmt": "5",
            "maxOrderAmt": "8000000",
        },
        "priceFilter": {"tickSize": "0.1"},
    },
]


def _contract(symbol: str, base: str, quote: str, settle: str, kind: str, **changes: Any) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "contractType": kind,
        "status": "Trading",
        "baseCoin": base,
        "quoteCoin": quote,
        "settleCoin": settle,
        "launchTime": "1584230400000",
        "deliveryTime": "0",
        "priceScale": "2",
        "leverageFilter": {"minLeverage": "1", "maxLeverage": "100.00", "leverageStep": "0.01"},
        "priceFilter": {"minPrice": "0.10", "maxPrice": "1999999.80", "tickSize": "0.10"},
        "lotSizeFilter": {
            "maxOrderQty": "1190.000",
            "minOrderQty": "0.001",
            "qtyStep": "0.001",
            "minNotionalValue": "5",
        },
        "unifiedMarginTrade": True,
        "fundingInterval": 480,
    } | changes


_WHOLE = {"maxOrderQty": "25000000", "minOrderQty": "1", "qtyStep": "1", "minNotionalValue": ""}
_DECEMBER_2026 = {"deliveryTime": "1798185600000", "fundingInterval": 0}

LINEAR = [
    _contract("BTCUSDT", "BTC", "USDT", "USDT", "LinearPerpetual"),
    _contract("BTCPERP", "BTC", "USDC", "USDC", "LinearPerpetual"),
    _contract("BTCUSDT-25DEC26", "BTC", "USDT", "USDT", "LinearFutures", **_DECEMBER_2026),
]
INVERSE = [
    _contract(
        "BTCUSD",
        "BTC",
        "USD",
        "BTC",
        "InversePerpetual",
        priceFilter={"minPrice": "0.50", "maxPrice": "1999999.00", "tickSize": "0.50"},
        lotSizeFilter=_WHOLE,
    ),
]
_CATEGORIES = {"spot": SPOT, "linear": LINEAR, "inverse": INVERSE}


def ok(result: Any) -> dict[str, Any]:
    """Return `result` in the envelope of every v5 answer."""
    return {"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": 1767225600000}


def refused(code: int, text: str) -> dict[str, Any]:
    return ok({}) | {"retCode": code, "retMsg": text}


def listed(*rows: dict[str, Any], category: str = "linear", cursor: str = "") -> dict[str, Any]:
    return ok({"category": category, "list": list(rows), "nextPageCursor": cursor})


def _instruments(request: Recorded) -> dict[str, Any]:
    category = request.query["category"]
    rows = [] if request.query.get("status") == "PreLaunch" else _CATEGORIES[category]
    return listed(*rows, category=category)


MARKETS = {f"GET {API}/v5/market/instruments-info": _instruments}

ORDER_ID = "9aac161b-8ed6-450d-9cab-c5cc67c21784"
PLACED = ok({"orderId": ORDER_ID, "orderLinkId": "fg7001"})


def order(**changes: Any) -> dict[str, Any]:
    """Return an order of BTCUSDT, linear, as the venue lists it."""
    return {
        "symbol": "BTCUSDT",
        "orderType": "Limit",
        "orderLinkId": "fg7001",
        "orderId": ORDER_ID,
        "cancelType": "UNKNOWN",
        "avgPrice": "",
        "stopOrderType": "",
        "orderStatus": "New",
        "cumExecValue": "0",
        "tpslMode": "",
        "triggerDirection": 0,
        "rejectReason": "EC_NoError",
        "price": "90000",
        "createdTime": "1767225600100",
        "positionIdx": 0,
        "timeInForce": "GTC",
        "leavesValue": "900",
        "updatedTime": "1767225600105",
        "side": "Sell",
        "triggerPrice": "",
        "cumExecFee": "0",
        "leavesQty": "0.01",
        "cumExecQty": "0",
        "reduceOnly": False,
        "closeOnTrigger": False,
        "createType": "CreateByUser",
        "qty": "0.01",
        "triggerBy": "",
        "marketUnit": "",
    } | changes


def trailing_order(**changes: Any) -> dict[str, Any]:
    """Return the order that the venue makes of a position's trailing stop."""
    values = {
        "orderType": "Market",
        "orderLinkId": "",
        "orderId": "78d5779f-dbe8-4591-a206-4401bd310c90",
        "stopOrderType": "TrailingStop",
        "createType": "CreateByTrailingStop",
        "orderStatus": "Untriggered",
        "price": "0",
        "timeInForce": "IOC",
        "reduceOnly": True,
        "closeOnTrigger": True,
        "triggerDirection": 2,
        "triggerPrice": "89100.0",
        "triggerBy": "LastPrice",
        "createdTime": "1767225601000",
    }
    return order(**values | changes)


def position(**changes: Any) -> dict[str, Any]:
    """Return an open long position of BTCUSDT, linear."""
    return {
        "positionIdx": 0,
        "riskId": 1,
        "symbol": "BTCUSDT",
        "side": "Buy",
        "size": "0.01",
        "avgPrice": "90000",
        "positionValue": "900",
        "tradeMode": 0,
        "autoAddMargin": 0,
        "positionStatus": "Normal",
        "leverage": "10",
        "markPrice": "90500",
        "liqPrice": "",
        "positionIM": "90.5",
        "positionMM": "4.5",
        "tpslMode": "Full",
        "takeProfit": "",
        "stopLoss": "",
        "trailingStop": "0",
        "unrealisedPnl": "5",
        "curRealisedPnl": "0",
        "createdTime": "1767225600000",
        "updatedTime": "1767225600000",
    } | changes


FUNDING = {
    "symbol": "BTCUSDT",
    "orderType": "UNKNOWN",
    "orderLinkId": "",
    "orderId": "a11e5fe2-1dbf-4bab-a9b2-af80a14efc5d",
    "execTime": "1767225600000",
    "execType": "Funding",
    "execFee": "0.15",
    "execId": "8d1ef156-4ec6-4445-9a6c-1c0c24dbd046",
    "feeRate": "0.0001",
    "execPrice": "90000",
    "execQty": "0.01",
    "execValue": "900",
    "side": "Sell",
}
CLOSED_PNL = {
    "symbol": "BTCUSDT",
    "orderId": "071749f3-a9fa-427b-b5ca-27b2f52b81de",
    "side": "Sell",
    "qty": "0.01",
    "closedPnl": "12.5",
    "avgEntryPrice": "90000",
    "avgExitPrice": "91250",
    "createdTime": "1767225600000",
    "updatedTime": "1767225600500",
}
