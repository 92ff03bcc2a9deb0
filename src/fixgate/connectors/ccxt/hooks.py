"""Hearing every update of ccxt's streams, at once.

`watch_orders` and `watch_my_trades` hand out what is latest when somebody waits: an update that comes while
nobody does is told with the next one, and one that is overtaken is never told. So nobody relies on them.
ccxt's handlers keep each order and trade in a cache of the exchange object; the caches here are ours, and
tell whatever is put into them before it is kept.

A handler that raises ends ccxt's reading of that connection with the socket open, and nothing more is ever
heard: its message handler is guarded.
"""

from collections.abc import Callable, Mapping
from typing import Any

Heard = Callable[[Mapping[str, Any]], None]
"""Takes one order or trade as ccxt tells it. Must not keep it: ccxt changes it later."""

ORDERS, TRIGGER_ORDERS, TRADES = "orders", "triggerOrders", "myTrades"


def hear(exchange: Any, order: Heard, trade: Heard) -> None:
    """Put our caches into an exchange object; those that are there already stay."""
    for name, heard in ((ORDERS, order), (TRIGGER_ORDERS, order), (TRADES, trade)):
        if not hasattr(getattr(exchange, name, None), "tells"):
            setattr(exchange, name, Telling(heard))


def guard(exchange: Any, failed: Callable[[Exception], None]) -> None:
    """Guard an exchange object's message handler: `failed` is told what it raised."""
    handle = exchange.handle_message

    def guarded(client: Any, message: Any) -> None:
        try:
            handle(client, message)
        except Exception as error:  # noqa: BLE001 - whatever the venue said, the next message must be read
            failed(error)

    exchange.handle_message = guarded


class Telling(list[Any]):
    """What stands in a ccxt cache's place: it tells, and keeps nothing. What ccxt finds in a cache it reckons
    with, such as fees in currencies that it does not know, and fails."""

    tells = True

    def __init__(self, heard: Heard) -> None:
        super().__init__()
        self.hashmap: dict[str, dict[str, Any]] = {}
        self._heard = heard

    def append(self, item: Mapping[str, Any]) -> None:
        self._heard(item)

    def getLimit(self, symbol: str | None, limit: int | None) -> int | None:
        """Return how much of what is kept is new: there is nothing."""
        return limit
