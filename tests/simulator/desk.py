"""A trader at the pure exchange, with the exchange's own parameter names and a log of every event."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest

from fixgate.simulator import Leg, ModifyRequest, Order, Placement, SimulatedExchange, VenueRefusal
from fixgate.simulator.conditional_orders import Conditional
from fixgate.simulator.conditional_parameters import parse_algo, parse_strategy
from fixgate.simulator.list_endpoints import parse_list
from fixgate.simulator.order_lists import OrderList
from fixgate.simulator.parameters import parse_new_order

MAIN, OTHER = "main", "other"
START_MS = 1_795_000_000_000

SYMBOLS = {Leg.UM: "BTCUSDT", Leg.CM: "BTCUSD_PERP", Leg.MARGIN: "BTCUSDT"}
UNITS = {Leg.UM: Decimal("0.001"), Leg.CM: Decimal(1), Leg.MARGIN: Decimal("0.00001")}


class Clock:
    """A hand-moved clock in milliseconds."""

    def __init__(self) -> None:
        self.now = START_MS

    def __call__(self) -> int:
        return self.now


class Desk:
    """One account's view of a fresh exchange. `events` holds what the account's stream said."""

    def __init__(self, leg: Leg = Leg.UM, *, hedge_mode: bool = False, **balances: str) -> None:
        self.leg, self.symbol = leg, SYMBOLS[leg]
        self.clock = Clock()
        self.exchange = SimulatedExchange(self.clock)
        self.log: list[tuple[str, dict[str, Any]]] = []
        self.exchange.subscribe(lambda account, event: self.log.append((account, event)))
        money = {
            asset: Decimal(amount)
            for asset, amount in (balances or {"USDT": "10000000", "BTC": "100"}).items()
        }
        self.account = self.exchange.open_account(MAIN, dict(money), hedge_mode=hedge_mode)
        self.exchange.open_account(OTHER, dict(money), hedge_mode=hedge_mode)

    def send(
        self, side: str, quantity: str, price: str | None = None, *, account: str = MAIN, **more: str
    ) -> Placement:
        """Place an order: LIMIT GTC with a price, else MARKET. `more` overrides parameters."""
        parameters = {"symbol": self.symbol, "side": side, "quantity": quantity}
        if price is None:
            parameters["type"] = "MARKET"
        else:
            parameters |= {"type": "LIMIT", "price": price, "timeInForce": "GTC"}
        parameters |= more
        if parameters["type"] == "LIMIT_MAKER":
            parameters.pop("timeInForce", None)
        request = parse_new_order(self.leg, parameters)
        return self.exchange.place(account, request, reduce_only_sent="reduceOnly" in parameters)

    def buy(self, quantity: str, price: str | None = None, **more: str) -> Order:
        """Place a BUY and return the order as it is afterwards."""
        return self.send("BUY", quantity, price, **more).order

    def sell(self, quantity: str, price: str | None = None, **more: str) -> Order:
        """Place a SELL and return the order as it is afterwards."""
        return self.send("SELL", quantity, price, **more).order

    def market(self, side: str, price: str, quantity: str) -> Order:
        """Let an anonymous counterparty put a limit order in."""
        return self.exchange.external_order(self.leg, self.symbol, side, Decimal(price), Decimal(quantity))

    def modify(self, order: Order, quantity: str, price: str, **more: Any) -> Order:
        """Modify by order id."""
        request = ModifyRequest(
            leg=self.leg,
            symbol=self.symbol,
            side=more.pop("side", order.side),
            quantity=Decimal(quantity),
            price=Decimal(price),
            order_id=order.order_id,
            **more,
        )
        return self.exchange.modify(MAIN, request)

    def cancel(self, order: Order, **more: str) -> Order:
        """Cancel by order id."""
        return self.exchange.cancel(MAIN, self.leg, self.symbol, order_id=order.order_id, **more)

    def algo(
        self, kind: str, side: str, trigger: str = "", quantity: str = "0.010", **more: str
    ) -> Conditional:
        """Place a UM algo order on the mark price; `more` adds parameters."""
        return self._conditional(parse_algo, kind, side, trigger, quantity, more)

    def strategy(
        self, kind: str, side: str, trigger: str = "", quantity: str = "10", **more: str
    ) -> Conditional:
        """Place a CM strategy order on the mark price; `more` adds parameters."""
        return self._conditional(parse_strategy, kind, side, trigger, quantity, more)

    def _conditional(
        self,
        parse: Callable[[dict[str, str]], Conditional],
        kind: str,
        side: str,
        trigger: str,
        quantity: str,
        more: dict[str, str],
    ) -> Conditional:
        algo = parse is parse_algo
        parameters = {"symbol": self.symbol, "side": side, "type" if algo else "strategyType": kind}
        if algo:
            parameters["algoType"] = "CONDITIONAL"
        if trigger:
            parameters["triggerPrice" if algo else "stopPrice"] = trigger
        if quantity:
            parameters["quantity"] = quantity
        parameters |= {"workingType": "MARK_PRICE"} | more
        conditional = parse(parameters)
        return self.exchange.place_conditional(MAIN, conditional, reduce_only_sent="reduceOnly" in parameters)

    def oco(self, side: str, quantity: str, price: str, stop: str, **more: str) -> OrderList:
        """Place an OCO list; `more` adds parameters."""
        parameters = {"symbol": self.symbol, "side": side, "quantity": quantity, "price": price}
        return self.exchange.place_list(MAIN, parse_list(parameters | {"stopPrice": stop} | more))

    def mark(self, price: str) -> None:
        """Move the mark price."""
        self.exchange.set_reference_price(self.leg, self.symbol, Decimal(price))

    def trade(self, price: str) -> None:
        """Let two strangers trade the smallest quantity at `price`, so that it is the last price."""
        self.market("SELL", price, str(UNITS[self.leg]))
        self.exchange.external_order(
            self.leg, self.symbol, "BUY", Decimal(price), UNITS[self.leg], resting=False
        )

    def child(self, conditional: Conditional) -> Order:
        """Return the engine order that came out of a conditional order."""
        return self.account.orders[conditional.leg, conditional.symbol][conditional.order_id]

    def position(self, side: str = "BOTH") -> Decimal:
        """Return the signed position."""
        return self.account.position(self.leg, self.symbol, side).quantity

    def hold(self, quantity: str, side: str = "BUY", price: str = "65000.00", **more: str) -> None:
        """Open a position against the anonymous market, then forget the events."""
        self.market("SELL" if side == "BUY" else "BUY", price, quantity)
        order = self.send(side, quantity, **more).order
        assert order.status == "FILLED"
        self.log.clear()

    def events(self, order: Order) -> list[tuple[str, str]]:
        """Return (execution type, status) of the order's events, in order."""
        found = []
        for _, event in self.log:
            body = event["o"] if event["e"] == "ORDER_TRADE_UPDATE" else event
            if body.get("i") == order.order_id and "x" in body:
                found.append((body["x"], body["X"]))
        return found

    def last_event(self, order: Order) -> dict[str, Any]:
        """Return the order's newest event body."""
        bodies = [e["o"] if e["e"] == "ORDER_TRADE_UPDATE" else e for _, e in self.log]
        return next(b for b in reversed(bodies) if b.get("i") == order.order_id)

    def named(self, name: str) -> list[dict[str, Any]]:
        """Return the main account's events of one type."""
        return [event for account, event in self.log if account == MAIN and event["e"] == name]


@contextmanager
def refused(code: int, text: str = "") -> Iterator[None]:
    """Expect the venue to refuse with `code` and a message that holds `text`."""
    with pytest.raises(VenueRefusal) as caught:
        yield
    assert caught.value.code == code, str(caught.value)
    assert text in caught.value.message
