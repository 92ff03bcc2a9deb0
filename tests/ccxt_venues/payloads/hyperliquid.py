"""Hyperliquid's own records of its perps, as ccxt asks for them. Shapes: Hyperliquid API, Info endpoint."""

HOST = "api.hyperliquid.xyz"
INFO = f"POST {HOST}/info"
EXCHANGE = f"POST {HOST}/exchange"


def _context(price: str) -> dict[str, object]:
    return {
        "dayNtlVlm": "1000000.0",
        "funding": "0.0000125",
        "impactPxs": [price, price],
        "markPx": price,
        "midPx": price,
        "openInterest": "1000.0",
        "oraclePx": price,
        "premium": "0.0",
        "prevDayPx": price,
    }


META = [
    {
        "universe": [
            {"name": "BTC", "szDecimals": 5, "maxLeverage": 40},
            {"name": "ETH", "szDecimals": 4, "maxLeverage": 25},
            {"name": "DOGE", "szDecimals": 0, "maxLeverage": 10},
        ]
    },
    [_context("90000.0"), _context("3000.5"), _context("0.12345")],
]


def info(**answers: object) -> object:
    """Return an answer to `/info` that goes by the question's type; `answers` beside the markets."""
    known = {"metaAndAssetCtxs": META} | answers

    def answer(request: object) -> object:
        return known[request.body["type"]]  # type: ignore[attr-defined]

    return answer


MARKETS = {INFO: info()}


def statuses(*each: object, kind: str = "order") -> dict[str, object]:
    """Return the answer to an action with one status for each order."""
    return {"status": "ok", "response": {"type": kind, "data": {"statuses": list(each)}}}


RESTING = statuses({"resting": {"oid": 7001000}})
