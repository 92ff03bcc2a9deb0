"""OKX's order records, and what ccxt makes of them, put right.

| record | ccxt | here |
|---|---|---|
| an order that a trigger made | has the id of the conditional order | its own id (`ordId`) |
| a conditional order | has no client order id, no price | `algoClOrdId`, and its order price |
| a conditional order that failed at its trigger | `canceled` | `rejected` |
| an OCO | one order | two: its limit and its stop order |

An OCO is one conditional order at the venue, with one id and one client id. Here it is the orders that were
sent, each with an id and a client order id of its own: the venue's id with `-limit` or `-stop`, and the
client id of which both are made.

Source: "Order Book Trading > Algo Trading" and "WS / Order channel" of OKX's API v5.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

ALGO_TYPES = frozenset({"conditional", "oco", "trigger", "move_order_stop", "iceberg", "twap"})
"""`ordType` of what the service for conditional orders holds."""

LIMIT, STOP = "limit", "stop"

_SIDES = {"tp": LIMIT, "sl": STOP}
"""`actualSide`: which order of an OCO was triggered."""

_LEGS = {LIMIT: ("tp", "sl"), STOP: ("sl", "tp")}
"""Which fields are an order's own, and which are the other's."""

_JOINED = re.compile(r"fg(\d+)([xy])(\d+)")

_ENDED = frozenset({"effective", "partially_effective", "order_failed"})


def joined(limit_id: str, stop_id: str) -> str:
    """Return the client id of an OCO, of which `split` makes both orders' again. At most 32 letters and
    digits."""
    first, second = int(limit_id.removeprefix("fg")), int(stop_id.removeprefix("fg"))
    return f"fg{first}x{second - first}" if second > first else f"fg{first}y{first - second}"


def split(client_id: str) -> dict[str, str]:
    """Return the client order ids of an OCO's limit and stop order; empty for any other client id."""
    found = _JOINED.fullmatch(client_id)
    if not found:
        return {}
    first, distance = int(found[1]), int(found[3])
    second = first + distance if found[2] == "x" else first - distance
    return {LIMIT: f"fg{first}", STOP: f"fg{second}"}


def leg_id(algo_id: str, leg: str) -> str:
    return f"{algo_id}-{leg}"


def algo_of(order_id: str) -> str:
    """Return the venue's id of the OCO that an order is part of, empty for any other id."""
    algo_id, _, leg = order_id.partition("-")
    return algo_id if leg in _LEGS else ""


def is_algo(record: Mapping[str, Any]) -> bool:
    return record.get("ordType") in ALGO_TYPES


def orders_in(records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a list of records with each OCO as two."""
    return [leg for record in records for leg in _legs(record)]


def _legs(record: dict[str, Any]) -> list[dict[str, Any]]:
    if record.get("ordType") != "oco" or algo_of(str(record.get("algoId", ""))):
        return [record]
    client_ids = split(record.get("algoClOrdId") or "")
    acted = _SIDES.get(record.get("actualSide") or "")
    legs = []
    for leg, (own, other) in _LEGS.items():
        made = {
            **record,
            "algoId": leg_id(record["algoId"], leg),
            "algoClOrdId": client_ids.get(leg, ""),
            f"{other}TriggerPx": "",
            f"{other}OrdPx": "",
        }
        if acted and leg != acted:
            made |= {"ordId": "", "ordIdList": []}
            if record.get("state") in _ENDED:
                made["state"] = "canceled"
        legs.append(made | {"side": record["side"], f"{own}OrdPx": record.get(f"{own}OrdPx", "")})
    return legs


def named(record: dict[str, Any]) -> dict[str, Any]:
    """Return the record of an order that an OCO's trigger made with the names of the order it belongs to: the
    stop order goes to the market, the limit order does not."""
    if is_algo(record) or not record.get("ordId"):
        return record
    client_ids = split(record.get("algoClOrdId") or "")
    if not client_ids:
        return record
    leg = STOP if record.get("ordType") == "market" else LIMIT
    return {**record, "algoId": leg_id(record["algoId"], leg), "algoClOrdId": client_ids[leg]}


def put_right(parsed: dict[str, Any]) -> dict[str, Any]:
    """Give an order as ccxt tells it what ccxt leaves out or takes for something else."""
    record = parsed["info"]
    if not is_algo(record):
        if record.get("ordId"):
            parsed["id"] = record["ordId"]
    else:
        prices = (record.get("slOrdPx"), record.get("tpOrdPx"), record.get("ordPx"))
        parsed["price"] = next((price for price in prices if price not in (None, "", "-1")), None)
        parsed["type"] = "market" if parsed["price"] is None else "limit"
        triggers = (record.get("slTriggerPx"), record.get("tpTriggerPx"))
        parsed["triggerPrice"] = next((price for price in triggers if price), parsed.get("triggerPrice"))
        if str(parsed["id"]).endswith(f"-{LIMIT}"):
            parsed["triggerPrice"] = parsed["takeProfitPrice"] = None  # it was sent as a limit order
        if record.get("state") == "order_failed":
            parsed["status"] = "rejected"
    parsed["clientOrderId"] = parsed.get("clientOrderId") or record.get("algoClOrdId") or None
    return parsed
