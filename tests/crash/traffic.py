"""Load from both sides: clients that never rest, and an outside trader who fills them.

Prices keep to a small band: what rests buys at 59 000 to 59 900 or sells at 60 100 to 61 000, the outsider
quotes at 59 990 and 60 010, and what is meant to trade crosses those. What crosses and is not filled whole
rests inside the band and may meet the account's own next order, which self-trade prevention ends.
"""

import itertools
import random
from collections import deque
from collections.abc import Callable, Sequence
from decimal import Decimal

from tests.crash.oms import Oms, OmsOrder
from tests.fixclient import Field, cancel, new_order, replace, status, value_of
from tests.system.trading import LEG, SECURITY_TYPE, SYMBOL, Exchange

PRODUCTS = tuple(LEG)
MAX_WORKING = 15
"""Orders per session that may be on the market before the client only cancels."""
INSISTS = 0.1
"""How often a client sends another order when its last one was refused."""

_REST, _CROSS, _MARKET, _IOC, _FOK, _POST = "rest", "cross", "market", "ioc", "fok", "post"
_STYLES = {_REST: 50, _CROSS: 25, _MARKET: 10, _IOC: 7, _FOK: 4, _POST: 4}
_MOVES = {"new": 50, "cancel": 30, "replace": 17, "status": 2, "stray cancel": 1}
_BUY, _SELL = "1", "2"

Submit = Callable[[str, Sequence[Field]], None]


def _pick(chance: random.Random, weights: dict[str, int]) -> str:
    return chance.choices(tuple(weights), tuple(weights.values()))[0]


class Trader:
    """One client's flow. `submit` puts a message on its session."""

    def __init__(self, session: str, oms: Oms, submit: Submit, chance: random.Random) -> None:
        self._session, self._oms, self._submit, self._chance = session, oms, submit, chance
        self._numbers = itertools.count(1)
        self._open: list[OmsOrder] = []
        self._ended: deque[OmsOrder] = deque(maxlen=20)

    def move(self) -> None:
        """Send one message."""
        self._ended.extend(order for order in self._open if order.final)
        mine = self._open = [order for order in self._open if not order.final]
        working = [order for order in mine if order.working]
        what = _pick(self._chance, _MOVES)
        turned_away = bool(self._ended) and self._ended[-1].refused
        if what == "new" and (len(mine) >= MAX_WORKING or (turned_away and self._chance.random() > INSISTS)):
            what = "cancel"
        free = [order for order in mine if not order.busy or self._chance.random() < 0.1]
        if what == "new" or not free:
            if len(mine) < 2 * MAX_WORKING and (what == "new" or not turned_away):
                self._new()
        elif what == "cancel":
            self._cancel(self._chance.choice(free))
        elif what == "replace":
            self._replace(free)
        elif what == "status" and working:
            order = self._chance.choice(working)
            self._submit("H", status(order.current, order.symbol, order.side))
        elif self._ended:
            self._cancel(self._chance.choice(self._ended))

    def _next_id(self, prefix: str) -> str:
        return f"{prefix}-{self._session}-{next(self._numbers)}"

    def _new(self) -> None:
        chance = self._chance
        product, style = chance.choice(PRODUCTS), _pick(chance, _STYLES)
        side = chance.choice((_BUY, _SELL))
        price: Decimal | None = self._price(side, style)
        time_in_force = {_IOC: "3", _FOK: "4"}.get(style, "1")
        if style == _MARKET:
            price = None
        fields = new_order(
            SYMBOL[product],
            side,
            self._quantity(product),
            price,
            security_type=SECURITY_TYPE[product],
            cl_ord_id=self._next_id("N"),
            time_in_force=time_in_force,
            extra=[(18, "6")] if style == _POST else (),
        )
        cl_ord_id = value_of(fields, 11)
        order = OmsOrder(cl_ord_id, self._session, product, SYMBOL[product], side, fields, current=cl_ord_id)
        self._open.append(order)
        self._oms.sending(order)
        self._submit("D", fields)

    def _price(self, side: str, style: str) -> Decimal:
        if style in {_REST, _POST}:
            away = self._chance.randrange(100, 1000, 10)
            return Decimal(60000 - away if side == _BUY else 60000 + away)
        return Decimal(60050 if side == _BUY else 59950)

    def _quantity(self, product: str) -> Decimal:
        if product == "DELIVERY":
            return Decimal(self._chance.randrange(2, 12))
        return Decimal(self._chance.randrange(4, 24)) / 1000

    def _cancel(self, order: OmsOrder) -> None:
        fields = cancel(order.current, order.symbol, order.side, cl_ord_id=self._next_id("C"))
        self._oms.asking(order, "F", fields)
        self._submit("F", fields)

    def _replace(self, orders: Sequence[OmsOrder]) -> None:
        """Change price, quantity or both; now and then to less than may be filled by then."""
        limits = [o for o in orders if o.product != "SPOT" and any(tag == 44 for tag, _ in o.fields)]
        if not limits:
            return
        order = self._chance.choice(limits)
        quantity = self._quantity(order.product)
        price = self._price(order.side, _CROSS if self._chance.random() < 0.15 else _REST)
        fields = replace(
            order.current, order.symbol, order.side, quantity, price, cl_ord_id=self._next_id("R")
        )
        self._oms.asking(order, "G", fields)
        self._submit("G", fields)


class Outsider:
    """Everybody else at the venue: quotes around 60 000, and trades with what the clients left there."""

    def __init__(self, exchange: Exchange, account: str, chance: random.Random) -> None:
        self._exchange, self._account, self._chance = exchange, account, chance
        self._quotes: list[tuple[str, object]] = []

    def move(self) -> None:
        """Quote anew, or trade with one of the account's orders."""
        chance = self._chance
        product = chance.choice(PRODUCTS)
        if chance.random() < 0.5:
            self._quote(product, chance.choice(("BUY", "SELL")))
        else:
            self._hit(product)

    def _quote(self, product: str, side: str) -> None:
        price = 59990 if side == "BUY" else 60010
        if len(self._quotes) >= 6:
            self._exchange.exchange.withdraw(self._quotes.pop(0)[1])
        self._quotes.append((product, self._exchange.quote(product, side, price, self._size(product))))

    def _hit(self, product: str) -> None:
        """Sell down to, or buy up to, an order of the account: all that is better trades first."""
        own = self._exchange.exchange.account(self._account).list_open(LEG[product], SYMBOL[product])
        if not own:
            return
        order = self._chance.choice(own)
        self._exchange.exchange.external_order(
            LEG[product],
            SYMBOL[product],
            "SELL" if order.is_buy else "BUY",
            order.price,
            Decimal(self._size(product)),
            resting=False,
        )

    def _size(self, product: str) -> str:
        if product == "DELIVERY":
            return str(self._chance.randrange(1, 15))
        return str(Decimal(self._chance.randrange(2, 30)) / 1000)
