"""A price-time priority order book for one symbol of one leg."""

from bisect import bisect_left, insort
from collections.abc import Iterator
from decimal import Decimal

from fixgate.simulator.orders import Order


class BookSide:
    """The resting orders of one side, best price first, earlier order first at one price.

    `keys` holds each price with the sign that puts the best one last, so that taking from the top
    costs nothing however deep the book is.
    """

    def __init__(self, *, buy: bool) -> None:
        self._sign = 1 if buy else -1
        self._keys: list[Decimal] = []
        self._levels: dict[Decimal, dict[int, Order]] = {}

    def add(self, order: Order) -> None:
        """Queue `order` behind every other order at its price."""
        level = self._levels.get(order.price)
        if level is None:
            level = self._levels[order.price] = {}
            insort(self._keys, self._sign * order.price)
        level[order.order_id] = order

    def remove(self, order: Order) -> bool:
        """Take `order` out. False when it is not here."""
        level = self._levels.get(order.price)
        if level is None or level.pop(order.order_id, None) is None:
            return False
        if not level:
            del self._levels[order.price]
            key = self._sign * order.price
            del self._keys[bisect_left(self._keys, key)]
        return True

    def best(self) -> Order | None:
        """Return the order that trades next, None when the side is empty."""
        if not self._keys:
            return None
        return next(iter(self._levels[self._sign * self._keys[-1]].values()))

    def level(self, depth: int) -> Decimal | None:
        """Return the price `depth` levels deep (1 is the best), the last one of a shallower side."""
        if not self._keys:
            return None
        return self._sign * self._keys[-min(depth, len(self._keys))]

    def __iter__(self) -> Iterator[Order]:
        """Yield orders in the order in which they would trade."""
        for key in reversed(self._keys):
            yield from self._levels[self._sign * key].values()

    def __len__(self) -> int:
        return sum(len(level) for level in self._levels.values())


class Book:
    """Both sides of one symbol. Holds open orders only; never crossed between operations."""

    def __init__(self) -> None:
        self.bids = BookSide(buy=True)
        self.asks = BookSide(buy=False)

    def own_side(self, side: str) -> BookSide:
        """Return the side on which an order of `side` (BUY or SELL) rests."""
        return self.bids if side == "BUY" else self.asks

    def other_side(self, side: str) -> BookSide:
        """Return the side that an order of `side` trades against."""
        return self.asks if side == "BUY" else self.bids

    def add(self, order: Order) -> None:
        """Rest `order`."""
        self.own_side(order.side).add(order)

    def remove(self, order: Order) -> bool:
        """Take `order` off; False when it was not resting here."""
        return self.own_side(order.side).remove(order)

    def crosses(self, side: str, price: Decimal) -> bool:
        """True when a limit order of `side` at `price` would trade at once."""
        best = self.other_side(side).best()
        return best is not None and reaches(side, price, best.price)


def reaches(side: str, limit: Decimal, price: Decimal) -> bool:
    """True when an order of `side` limited at `limit` may trade at `price`."""
    return price <= limit if side == "BUY" else price >= limit
