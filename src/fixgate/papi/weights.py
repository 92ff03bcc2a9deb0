"""What each call costs of the address's request weight, and whether it counts as an order.

The costs stand in the table of calls (`fixgate.papi.endpoints`); where a call is dearer without a symbol, or
with a pair, both prices do.
"""

import msgspec

from fixgate.papi.endpoints import ENDPOINTS, Endpoint


class Cost(msgspec.Struct, frozen=True, gc=False):
    """`weight` of the request weight per minute, `orders` of the orders per minute."""

    weight: int = 1
    orders: int = 0


def _prices(row: Endpoint) -> tuple[Cost, Cost, Cost]:
    """What a row costs with a symbol, without one, and with a pair."""
    usual = Cost(row.weight, row.orders)
    without = usual if row.without_symbol is None else Cost(row.without_symbol, row.orders)
    pair = without if row.with_pair is None else Cost(row.with_pair, row.orders)
    return usual, without, pair


_PRICES = {key: _prices(row) for key, row in ENDPOINTS.items()}
_UNLISTED = (Cost(1), Cost(1), Cost(1))


def cost_of(method: str, path: str, query: str = "") -> Cost:
    """Return what a call with that query string costs; a call that is not in the table counts 1."""
    usual, without_symbol, with_pair = _PRICES.get((method, path), _UNLISTED)
    if "symbol=" in query:
        return usual
    return with_pair if "pair=" in query else without_symbol
