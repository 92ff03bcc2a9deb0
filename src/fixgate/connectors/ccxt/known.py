"""The orders that an account has sent or been asked about, by the venue's ids.

The engine finds an order by itself; this is for what the engine cannot know: that an update without a
client order id, which came before the answer to its order, may be about that order, and how many of an
order's trades have been heard of.
"""

from collections import OrderedDict
from decimal import Decimal
from typing import TypeVar

from fixgate.model.venue import OrderUpdate, VenueExec

REMEMBERED = 20_000
"""How many orders are remembered: the latest."""

_Key = tuple[str, str]
T = TypeVar("T")


class KnownOrders:
    """One account's. Touched by the event loop only. Ids are unique for a symbol only."""

    def __init__(self) -> None:
        self._client_ids: OrderedDict[_Key, str] = OrderedDict()
        self._trades: OrderedDict[_Key, dict[str, Decimal]] = OrderedDict()
        self._named: OrderedDict[_Key, None] = OrderedDict()

    def learn(self, symbol: str, venue_order_id: str, client_order_id: str) -> None:
        """Learn an order of the gateway's; by its client order id alone until the venue gave it an id."""
        _keep(self._named, (symbol, client_order_id), None)
        if venue_order_id:
            _keep(self._client_ids, (symbol, venue_order_id), client_order_id)

    def knows(self, update: OrderUpdate) -> bool:
        """True for an update about an order of the gateway's."""
        ids = (update.venue_order_id, update.parent_order_id)
        return (update.symbol, update.client_order_id) in self._named or any(
            (update.symbol, each) in self._client_ids for each in ids if each
        )

    def client_order_id(self, update: OrderUpdate) -> str:
        """Return the client order id of the gateway's order that an update is about, by the venue's ids
        where the update has none; empty if it is not known."""
        found = update.client_order_id
        if (update.symbol, found) in self._named:
            return found
        ids = (update.venue_order_id, update.parent_order_id)
        return next((known for each in ids if (known := self._client_ids.get((update.symbol, each)))), "")

    def trade(self, update: OrderUpdate) -> bool:
        """Note a trade; False when it has been heard of before."""
        assert update.exec is VenueExec.TRADE and update.last_quantity is not None
        key = (update.symbol, update.venue_order_id)
        trades = self._trades.get(key)
        if trades is None:
            trades = {}
        _keep(self._trades, key, trades)
        if update.trade_id in trades:
            return False
        trades[update.trade_id] = update.last_quantity
        return True

    def traded(self, update: OrderUpdate) -> Decimal:
        """Return the quantity of an order's trades that have been heard of."""
        trades = self._trades.get((update.symbol, update.venue_order_id), {})
        return sum(trades.values(), Decimal(0))


def _keep(table: OrderedDict[_Key, T], key: _Key, value: T) -> None:
    table[key] = value
    table.move_to_end(key)
    if len(table) > REMEMBERED:
        table.popitem(last=False)
