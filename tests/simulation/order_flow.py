"""Seeded order flow: what OMSs do, and what everybody else does at the venue meanwhile."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fixgate.simulator.orders import Leg, ModifyRequest
from fixgate.simulator.parameters import parse_new_order
from fixgate.simulator.refusal import VenueRefusal
from tests.simulation.counterparty import Counterparty, cancel, new_order, replace, status
from tests.simulation.fix_text import utc_now
from tests.simulation.oms_orders import Ask, OmsOrder

ACCOUNT = "main"


@dataclass(frozen=True)
class Market:
    """One instrument that is traded: its words in FIX and at the venue, its steps."""

    product: str
    leg: Leg
    symbol: str
    security_type: str
    tick: Decimal
    lot: Decimal
    lots: tuple[int, int]


MARKETS = (
    Market("SPOT", Leg.MARGIN, "BTCUSDT", "FXSPOT", Decimal("0.01"), Decimal("0.001"), (1, 30)),
    Market("FUTURE", Leg.UM, "BTCUSDT", "FUT", Decimal("0.1"), Decimal("0.001"), (2, 30)),
    Market("DELIVERY", Leg.CM, "BTCUSD_PERP", "FUT", Decimal("0.1"), Decimal(1), (1, 30)),
)
MIDDLE = Decimal(65000)
_SIDES = {"1": "BUY", "2": "SELL"}


def price_near(rng: random.Random, market: Market, reach: int = 60) -> Decimal:
    """Return a price within `reach` basis points of the middle."""
    raw = MIDDLE * (1 + Decimal(rng.randint(-reach, reach)) / 10_000)
    return (raw / market.tick).to_integral_value() * market.tick


def amount(rng: random.Random, market: Market) -> Decimal:
    return rng.randint(*market.lots) * market.lot


class Trader:
    """Decides what one OMS does next."""

    def __init__(self, oms: Counterparty, rng: random.Random, markets: tuple[Market, ...]) -> None:
        self._oms, self._rng, self._markets = oms, rng, markets
        self._made = 0
        self._actions: list[tuple[Callable[[], None], int]] = [
            (self.new, 46),
            (self.cancel, 20),
            (self.replace, 16),
            (self.status, 5),
            (self.say_again, 3),
            (self.cancel_something_odd, 3),
            (oms.ask_again, 3),
        ]

    def act(self) -> None:
        actions, weights = zip(*self._actions, strict=True)
        self._rng.choices(actions, weights)[0]()

    def _next_id(self) -> str:
        self._made += 1
        return f"{self._oms.name}{self._made}"

    def new(self) -> None:
        rng, market = self._rng, self._rng.choice(self._markets)
        kind = rng.choices(("limit", "market", "ioc", "fok", "post"), (60, 10, 12, 8, 10))[0]
        reduce = market.product != "SPOT" and rng.random() < 0.12
        price = None if kind == "market" else price_near(rng, market)
        order = OmsOrder(
            cl_ord_id=self._next_id(),
            product=market.product,
            symbol=market.symbol,
            side=rng.choice("12"),
            order_type="1" if kind == "market" else "2",
            quantity=amount(rng, market),
            price=price,
            reduce_only=reduce,
        )
        body = new_order(
            order.cl_ord_id,
            t55=market.symbol,
            t54=order.side,
            t38=order.quantity,
            t40=order.order_type,
            t44=price,
            t59={"ioc": "3", "fok": "4"}.get(kind, "1"),
            t18="6" if kind == "post" else None,
            t6201="true" if reduce else None,
            t167=market.security_type,
            t60=utc_now(),
        )
        self._oms.ledger.add(order)
        self._oms.send(order.cl_ord_id, body)

    def _some(self, *, any_state: bool = False) -> OmsOrder | None:
        orders = list(self._oms.ledger.orders.values())
        if not any_state:
            orders = [each for each in orders if not each.final]
        return self._rng.choice(orders[-12:]) if orders else None

    def cancel(self) -> None:
        order = self._some()
        if order is not None:
            self._cancel(order)

    def _cancel(self, order: OmsOrder) -> None:
        ask = Ask("cancel", self._next_id(), order.cl_ord_id)
        self._oms.ledger.ask(order, ask)
        body = cancel(ask.cl_ord_id, ask.orig, t55=order.symbol, t54=order.side, t60=utc_now())
        self._oms.send(ask.cl_ord_id, body)

    def cancel_all(self) -> None:
        for order in list(self._oms.ledger.orders.values()):
            if not order.final and not order.open_asks:
                self._cancel(order)

    def cancel_something_odd(self) -> None:
        """Cancel or replace what may be finished or was never there."""
        order = self._some(any_state=True)
        if order is not None:
            self._rng.choice((self._cancel, self._replace))(order)

    def replace(self) -> None:
        order = self._some()
        if order is not None and order.product != "SPOT":
            self._replace(order)

    def _replace(self, order: OmsOrder) -> None:
        rng = self._rng
        market = next(each for each in MARKETS if each.product == order.product)
        quantity = amount(rng, market) if rng.random() < 0.6 else order.quantity
        price = price_near(rng, market)
        ask = Ask("replace", self._next_id(), order.cl_ord_id, quantity, price)
        self._oms.ledger.ask(order, ask)
        body = replace(
            ask.cl_ord_id,
            ask.orig,
            t55=order.symbol,
            t54=order.side,
            t40=order.order_type,
            t38=quantity,
            t44=price if order.order_type == "2" else None,
            t60=utc_now(),
        )
        self._oms.send(ask.cl_ord_id, body)

    def status(self) -> None:
        order = self._some(any_state=True)
        if order is not None:
            body = status(order.cl_ord_id, t55=order.symbol, t54=order.side, t790=self._next_id())
            self._oms.send("", body)

    def say_again(self) -> None:
        """Send an order's ClOrdID as a new order once more, by mistake or as a possible repetition."""
        order = self._some(any_state=True)
        if order is None:
            return
        market = next(each for each in MARKETS if each.product == order.product)
        possible = self._rng.random() < 0.5
        if not possible:
            self._oms.ledger.repeated.add(order.first)
        body = new_order(
            order.first,
            t97="Y" if possible else None,
            t55=order.symbol,
            t54=order.side,
            t38=order.quantity,
            t40=order.order_type,
            t44=order.price,
            t59="1",
            t167=market.security_type,
            t60=utc_now(),
        )
        self._oms.send(order.first, body)


class Strangers:
    """Everybody else at the venue: they quote, trade, and now and then touch the account from outside."""

    def __init__(
        self, exchange: Any, rng: random.Random, markets: tuple[Market, ...], log: Callable[[str], None]
    ) -> None:
        self._exchange, self._rng, self._markets, self._log = exchange, rng, markets, log
        self._foreign = 0
        self.foreign_ids: set[str] = set()
        self.meddling = True

    def act(self) -> None:
        rng, market = self._rng, self._rng.choice(self._markets)
        kind = rng.choices(
            ("quote", "take", "cancel", "order", "modify"),
            (50, 36, 5 * self.meddling, 4 * self.meddling, 3 * self.meddling),
        )[0]
        try:
            getattr(self, f"_{kind}")(market)
        except VenueRefusal as refusal:
            self._log(f"venue   stranger's {kind} refused: {refusal.message}")

    def _quote(self, market: Market) -> None:
        price, side = price_near(self._rng, market, 40), self._rng.choice(("BUY", "SELL"))
        self._exchange.external_order(market.leg, market.symbol, side, price, amount(self._rng, market))

    def _take(self, market: Market) -> None:
        side = self._rng.choice(("BUY", "SELL"))
        limit = MIDDLE * (Decimal("1.006") if side == "BUY" else Decimal("0.994"))
        self._exchange.external_order(
            market.leg, market.symbol, side, limit, amount(self._rng, market), resting=False
        )

    def _open(self, market: Market) -> list[Any]:
        account = self._exchange.account(ACCOUNT)
        return list(account.list_open(market.leg, market.symbol))

    def _cancel(self, market: Market) -> None:
        """Cancel an order of the account from the web site."""
        orders = self._open(market)
        if orders:
            order = self._rng.choice(orders)
            self._log(f"venue   web site cancels {order.client_order_id}")
            self._exchange.cancel(ACCOUNT, market.leg, market.symbol, order_id=order.order_id)

    def _order(self, market: Market) -> None:
        """Place an order of the account that the gateway knows nothing of."""
        self._foreign += 1
        name = f"{self._rng.choice(('web', 'autoclose', 'adl'))}_{self._foreign}"
        parameters = {
            "symbol": market.symbol,
            "side": self._rng.choice(("BUY", "SELL")),
            "type": "LIMIT",
            "timeInForce": "GTC",
            "quantity": str(amount(self._rng, market)),
            "price": str(price_near(self._rng, market)),
            "newClientOrderId": name,
        }
        self.foreign_ids.add(name)
        self._log(f"venue   foreign order {name}")
        self._exchange.place(ACCOUNT, parse_new_order(market.leg, parameters))

    def _modify(self, market: Market) -> None:
        """Change an order of the account from the web site."""
        orders = [each for each in self._open(market) if each.type == "LIMIT"]
        if not orders or market.leg is Leg.MARGIN:
            return
        order = self._rng.choice(orders)
        price, quantity = price_near(self._rng, market), amount(self._rng, market)
        self._log(f"venue   web site changes {order.client_order_id} to {quantity} at {price}")
        self._exchange.modify(
            ACCOUNT,
            ModifyRequest(
                leg=market.leg,
                symbol=market.symbol,
                side=order.side,
                quantity=quantity,
                price=price,
                order_id=order.order_id,
            ),
        )
