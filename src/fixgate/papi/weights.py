"""What each call costs of the address's request weight, and whether it counts as an order.

Where a call is dearer without a symbol, both prices stand here. Source: PAPI endpoint pages ("Request
Weight"); placing and modifying are labelled with an order weight only on UM, and are counted as 1 here.
"""

import msgspec

from fixgate.papi.legs import (
    CM_POSITION_RISK,
    LEGS,
    LISTEN_KEY,
    ORDER_RATE_LIMIT,
    UM_POSITION_MODE,
    UM_POSITION_RISK,
    Leg,
)


class Cost(msgspec.Struct, frozen=True, gc=False):
    """`weight` of the request weight per minute, `orders` of the orders per minute."""

    weight: int = 1
    orders: int = 0


_PLACING = Cost(1, 1)
_UM, _CM, _MARGIN = LEGS[Leg.UM], LEGS[Leg.CM], LEGS[Leg.MARGIN]

_COSTS: dict[tuple[str, str], Cost] = {
    **{("POST", leg.order): _PLACING for leg in LEGS.values()},
    **{("PUT", leg.order): _PLACING for leg in LEGS.values() if leg.modifiable},
    ("DELETE", _MARGIN.order): Cost(2),
    ("GET", _MARGIN.order): Cost(10),
    ("GET", _MARGIN.open_orders): Cost(5),
    ("GET", _UM.all_orders): Cost(5),
    ("GET", _CM.all_orders): Cost(20),
    ("GET", _MARGIN.all_orders): Cost(100),
    ("GET", _UM.trades): Cost(5),
    ("GET", _CM.trades): Cost(20),
    ("GET", _MARGIN.trades): Cost(5),
    ("GET", UM_POSITION_RISK): Cost(5),
    ("GET", CM_POSITION_RISK): Cost(1),
    ("GET", UM_POSITION_MODE): Cost(30),
    ("GET", ORDER_RATE_LIMIT): Cost(1),
    ("POST", LISTEN_KEY): Cost(1),
    ("PUT", LISTEN_KEY): Cost(1),
}

_ONE = Cost(1)
_EVERY_SYMBOL = Cost(40)
_LISTS = frozenset({_UM.open_orders, _CM.open_orders})


def cost_of(method: str, path: str, query: str = "") -> Cost:
    """Return what a call with that query string costs; a call that is not in the table counts 1."""
    if path in _LISTS and "symbol=" not in query:
        return _EVERY_SYMBOL
    return _COSTS.get((method, path), _ONE)
