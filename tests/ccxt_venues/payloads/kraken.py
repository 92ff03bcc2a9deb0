"""Kraken spot's own records of three markets, as ccxt asks for them. Shapes: Kraken REST API, Asset Pairs."""

HOST = "api.kraken.com"


def _pair(altname: str, base: str, quote: str, decimals: int, minimum: str) -> dict[str, object]:
    return {
        "altname": altname,
        "wsname": f"{base[-3:]}/{quote[-3:]}",
        "aclass_base": "currency",
        "base": base,
        "aclass_quote": "currency",
        "quote": quote,
        "lot": "unit",
        "cost_decimals": 5,
        "pair_decimals": decimals,
        "lot_decimals": 8,
        "lot_multiplier": 1,
        "leverage_buy": [2, 3],
        "leverage_sell": [2, 3],
        "fees": [[0, 0.4], [10000, 0.35]],
        "fees_maker": [[0, 0.25], [10000, 0.2]],
        "fee_volume_currency": "ZUSD",
        "margin_call": 80,
        "margin_stop": 40,
        "ordermin": minimum,
        "costmin": "0.5",
        "tick_size": str(10**-decimals) if decimals > 3 else format(10**-decimals, "f").rstrip("0"),
        "status": "online",
    }


MARKETS = {
    f"GET {HOST}/0/public/AssetPairs": {
        "error": [],
        "result": {
            "XXBTZUSD": _pair("XBTUSD", "XXBT", "ZUSD", 1, "0.00005"),
            "XBTUSDT": _pair("XBTUSDT", "XXBT", "USDT", 1, "0.00005"),
            "XETHZUSD": _pair("ETHUSD", "XETH", "ZUSD", 2, "0.002"),
        },
    }
}

ADDED = {
    "error": [],
    "result": {"descr": {"order": "sell 0.01000000 XBTUSD @ limit 90000.0"}, "txid": ["OAAAAA-BBBBB-CCCCCC"]},
}


def refused(code: str) -> dict[str, object]:
    """Kraken's answer to a request that it refuses: HTTP 200 and a list of codes."""
    return {"error": [code]}
