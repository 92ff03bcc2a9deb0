"""OKX's instruments, as ccxt's loader asks for them: one list for each type."""

from typing import Any

from tests.ccxt_venues.stand_in import Recorded


def spot(base: str, tick: str, lot: str) -> dict[str, Any]:
    return {
        "instType": "SPOT",
        "instId": f"{base}-USDT",
        "instIdCode": 1,
        "baseCcy": base,
        "quoteCcy": "USDT",
        "settleCcy": "",
        "uly": "",
        "instFamily": "",
        "ctVal": "",
        "ctMult": "",
        "ctValCcy": "",
        "ctType": "",
        "expTime": "",
        "lever": "10",
        "tickSz": tick,
        "lotSz": lot,
        "minSz": lot,
        "maxLmtSz": "9999",
        "maxMktSz": "1000000",
        "state": "live",
        "listTime": "1548133413000",
    }


def contract(instrument: str, kind: str, settle: str, value: str, **more: Any) -> dict[str, Any]:
    base, quote = instrument.split("-")[:2]
    return {
        "instType": kind,
        "instId": instrument,
        "instIdCode": 2,
        "baseCcy": "",
        "quoteCcy": "",
        "settleCcy": settle,
        "uly": f"{base}-{quote}",
        "instFamily": f"{base}-{quote}",
        "ctVal": value,
        "ctMult": "1",
        "ctValCcy": quote if settle == base else base,
        "ctType": "inverse" if settle == base else "linear",
        "expTime": "",
        "lever": "100",
        "tickSz": "0.1",
        "lotSz": "0.01" if settle == "USDT" else "1",
        "minSz": "0.01" if settle == "USDT" else "1",
        "maxLmtSz": "100000000",
        "maxMktSz": "12000",
        "state": "live",
        "listTime": "1611916800000",
    } | more


INSTRUMENTS = {
    "SPOT": [spot("BTC", "0.1", "0.00001"), spot("ETH", "0.01", "0.0001")],
    "SWAP": [
        contract("BTC-USDT-SWAP", "SWAP", "USDT", "0.01"),
        contract("ETH-USDT-SWAP", "SWAP", "USDT", "0.1"),
        contract("BTC-USD-SWAP", "SWAP", "BTC", "100"),
    ],
    "FUTURES": [contract("BTC-USDT-260925", "FUTURES", "USDT", "0.01", expTime="1790323200000")],
}


def instruments(request: Recorded) -> dict[str, Any]:
    return {"code": "0", "msg": "", "data": INSTRUMENTS[request.query["instType"]]}


MARKETS: dict[str, Any] = {"GET www.okx.com/api/v5/public/instruments": instruments}
