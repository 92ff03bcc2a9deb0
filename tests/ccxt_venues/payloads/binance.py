"""Binance's exchange information, as ccxt's loader asks for it: spot, USDⓈ-M and COIN-M."""

from typing import Any

SPOT_TYPES = [
    "LIMIT",
    "LIMIT_MAKER",
    "MARKET",
    "STOP_LOSS",
    "STOP_LOSS_LIMIT",
    "TAKE_PROFIT",
    "TAKE_PROFIT_LIMIT",
]
FUTURES_TYPES = [
    "LIMIT",
    "MARKET",
    "STOP",
    "STOP_MARKET",
    "TAKE_PROFIT",
    "TAKE_PROFIT_MARKET",
    "TRAILING_STOP_MARKET",
]
NEVER = 4133404800000
"""The delivery date of a perpetual."""


def spot(base: str, tick: str, step: str) -> dict[str, Any]:
    return {
        "symbol": f"{base}USDT",
        "status": "TRADING",
        "baseAsset": base,
        "baseAssetPrecision": 8,
        "quoteAsset": "USDT",
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "orderTypes": SPOT_TYPES,
        "icebergAllowed": True,
        "ocoAllowed": True,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": True,
        "permissions": [],
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": "1000000.00", "tickSize": tick},
            {"filterType": "LOT_SIZE", "minQty": step, "maxQty": "9000.00000000", "stepSize": step},
            {"filterType": "NOTIONAL", "minNotional": "5.00000000", "maxNotional": "9000000.00000000"},
        ],
    }


def contract(symbol: str, margin: str, tick: str, step: str, **more: Any) -> dict[str, Any]:
    quote = "USD" if margin == "BTC" else "USDT"
    return {
        "symbol": symbol,
        "pair": f"{symbol[:3]}{quote}",
        "contractType": "PERPETUAL",
        "deliveryDate": NEVER,
        "onboardDate": 1569398400000,
        "baseAsset": symbol[:3],
        "quoteAsset": quote,
        "marginAsset": margin,
        "pricePrecision": 2,
        "quantityPrecision": 3,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": "4529764", "tickSize": tick},
            {"filterType": "LOT_SIZE", "minQty": step, "maxQty": "1000", "stepSize": step},
            {"filterType": "MARKET_LOT_SIZE", "minQty": step, "maxQty": "120", "stepSize": step},
        ],
        "orderTypes": FUTURES_TYPES,
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
    } | more


def linear(symbol: str, tick: str, step: str, **more: Any) -> dict[str, Any]:
    made = contract(symbol, "USDT", tick, step, status="TRADING", **more)
    made["filters"].append({"filterType": "MIN_NOTIONAL", "notional": "50"})
    return made


def inverse(symbol: str, **more: Any) -> dict[str, Any]:
    return contract(symbol, "BTC", "0.1", "1", contractStatus="TRADING", contractSize=100, **more)


MARKETS: dict[str, Any] = {
    "GET api.binance.com/api/v3/exchangeInfo": {
        "timezone": "UTC",
        "serverTime": 1767225600000,
        "rateLimits": [],
        "exchangeFilters": [],
        "symbols": [spot("BTC", "0.01", "0.00001"), spot("ETH", "0.01", "0.0001")],
    },
    "GET fapi.binance.com/fapi/v1/exchangeInfo": {
        "timezone": "UTC",
        "symbols": [
            linear("BTCUSDT", "0.10", "0.001"),
            linear("ETHUSDT", "0.01", "0.001"),
            linear("BTCUSDT_260925", "0.1", "0.001", contractType="NEXT_QUARTER", deliveryDate=1790323200000),
        ],
    },
    "GET dapi.binance.com/dapi/v1/exchangeInfo": {
        "timezone": "UTC",
        "symbols": [
            inverse("BTCUSD_PERP"),
            inverse("BTCUSD_260925", contractType="NEXT_QUARTER", deliveryDate=1790323200000),
        ],
    },
}
