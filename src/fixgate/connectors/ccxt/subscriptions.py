"""Which streams of ccxt.pro tell all there is about an account's orders and trades: one row a call, by ccxt
class.

Where orders and trades come in one stream, one call holds it: the handlers keep both, whoever waits. Source:
ccxt 4.5.90, `pro/*.py`.
"""

from collections.abc import Mapping

from fixgate.connectors.ccxt.translator import Call
from fixgate.model.execution import MarketType


def _orders(**params: object) -> Call:
    return Call("watch_orders", (None, None, None, params))


def _trades(**params: object) -> Call:
    return Call("watch_my_trades", (None, None, None, params))


BOTH_SIDES: Mapping[str, tuple[Call, ...]] = {
    "bybit": (_orders(), _trades()),
    "kraken": (_orders(),),
    "krakenfutures": (_orders(), _trades()),
    "hyperliquid": (_orders(), _trades()),
    "okx": (_orders(), _orders(trigger=True)),
}
"""One connection tells of spot and perps alike, or there is one side only."""

BY_SIDE: Mapping[tuple[str, bool], tuple[Call, ...]] = {
    ("binance", False): (_orders(type="spot"),),
    ("binance", True): (_orders(type="swap", subType="linear"), _orders(type="swap", subType="inverse")),
    ("gate", False): (
        _orders(type="spot"),
        _orders(type="spot", trigger=True),
        _trades(type="spot"),
    ),
    ("gate", True): (
        _orders(type="swap"),
        _orders(type="swap", trigger=True),
        _trades(type="swap"),
        _orders(type="swap", subType="inverse"),
        _orders(type="swap", subType="inverse", trigger=True),
        _trades(type="swap", subType="inverse"),
    ),
}
"""Spot and perps (True) have connections of their own."""

USER_ID: Mapping[str, tuple[Call, str]] = {"gate": (Call("privateAccountGetDetail"), "user_id")}
"""The call and the field that tell the user's number, without which perps cannot be subscribed to."""


def subscriptions(ccxt_class: str, sides: tuple[MarketType, ...]) -> tuple[Call, ...]:
    """Return the calls that hold the streams of the sides that are traded."""
    if ccxt_class in BOTH_SIDES:
        return BOTH_SIDES[ccxt_class]
    return tuple(call for side in sides for call in BY_SIDE.get((ccxt_class, side.is_perp), ()))
