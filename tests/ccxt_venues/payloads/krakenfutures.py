"""Kraken Futures' own records of its markets, as ccxt asks for them. Shapes: Kraken Futures API v3,
Instruments."""

HOST = "futures.kraken.com"
API = f"{HOST}/derivatives/api/v3"


def _instrument(symbol: str, kind: str, tick: float, precision: int, **more: object) -> dict[str, object]:
    return {
        "symbol": symbol,
        "type": kind,
        "underlying": "rr_xbtusd",
        "tickSize": tick,
        "contractSize": 1,
        "tradeable": True,
        "impactMidSize": 1,
        "maxPositionSize": 1000000,
        "openingDate": "2022-01-01T00:00:00.000Z",
        "contractValueTradePrecision": precision,
        "postOnly": False,
        "marginLevels": [{"contracts": 0, "initialMargin": 0.02, "maintenanceMargin": 0.01}],
        "fundingRateCoefficient": 8,
        "maxRelativeFundingRate": 0.001,
        "tags": [],
    } | more


MARKETS = {
    f"GET {API}/instruments": {
        "result": "success",
        "instruments": [
            _instrument("PF_XBTUSD", "flexible_futures", 1, 4),
            _instrument("PF_ETHUSD", "flexible_futures", 0.1, 3),
            _instrument("PI_XBTUSD", "futures_inverse", 0.5, 0),
            _instrument(
                "FF_XBTUSD_270326",
                "flexible_futures",
                1,
                4,
                lastTradingTime="2027-03-26T16:00:00.000Z",
            ),
        ],
        "serverTime": "2026-01-02T00:00:00.000Z",
    }
}
