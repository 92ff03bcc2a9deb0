"""A desk for engine tests: an engine with one planner, and short words for what clients and venues say."""

from decimal import Decimal
from itertools import count

import msgspec

from fixgate.engine.engine import Engine
from fixgate.engine.limits import LimitRules, Valuer
from fixgate.engine.policy import Policy
from fixgate.engine.snapshots import snapshot_of
from fixgate.engine.turn import Outcome
from fixgate.model.commands import (
    CancelOrder,
    NewOrder,
    NewOrderList,
    OrderAttributes,
    ReplaceOrder,
    StatusRequest,
)
from fixgate.model.enums import (
    InstrumentType,
    OrderType,
    OrdRejReason,
    ProductType,
    Side,
    TimeInForce,
)
from fixgate.model.refusal import Refused
from fixgate.model.snapshot import OrderSnapshot
from fixgate.model.venue import OrderUpdate, SubmitList, SubmitOrder, VenueExec, VenueStatus

SOURCE, SESSION = "OMS", "FIX.4.4:FIXGATE->OMS"
D = Decimal


class Planner:
    """Plans every order as it is, on the product of `product`; refuses a quantity of 13."""

    def __init__(self, product: ProductType = ProductType.FUTURE) -> None:
        self.product = product

    def plan_list(self, orders, order_ids, open_orders=None) -> SubmitList:  # type: ignore[no-untyped-def]
        legs = [self.plan_new(order, number) for order, number in zip(orders, order_ids, strict=True)]
        return SubmitList(
            connector="PM",
            account="main",
            list_client_id=f"L{order_ids[0]}",
            legs=tuple(msgspec.structs.replace(leg, list_orders=tuple(order_ids)) for leg in legs),
        )

    def plan_new(self, order: NewOrder, order_id: int, open_orders: object = None) -> SubmitOrder:
        if order.quantity == 13:
            raise Refused(OrdRejReason.INCORRECT_QUANTITY, "quantity 13 is unlucky; use another")
        return SubmitOrder(
            connector="PM",
            account="main",
            order_id=order_id,
            client_order_id=f"fg{order_id}",
            product_type=self.product,
            symbol=order.symbol,
            side=order.side,
            order_type=order.order_type,
            time_in_force=order.time_in_force,
            quantity=order.quantity,
            price=order.price,
            attributes=order.attributes,
        )

    def plan_replace(
        self, current: SubmitOrder, command: ReplaceOrder, quantity: Decimal, price: Decimal | None
    ) -> tuple[Decimal, Decimal]:
        if price is None:
            raise Refused(OrdRejReason.UNSUPPORTED, "only limit orders can be replaced")
        return quantity, price


class Shelf:
    """An archive in memory: what the journal keeps of orders."""

    def __init__(self) -> None:
        self.orders: dict[int, OrderSnapshot] = {}
        self.ids: dict[str, int] = {}

    def keep(self, snapshot: OrderSnapshot) -> None:
        self.orders[snapshot.order_id] = snapshot
        self.ids |= dict.fromkeys(snapshot.ids, snapshot.order_id)

    def order_of(self, id: str) -> int | None:
        return self.ids.get(id)

    def order(self, order_id: int) -> OrderSnapshot | None:
        return self.orders.get(order_id)


class Desk:
    """Numbers inputs and clocks the way the gateway does, and keeps all facts and reports."""

    def __init__(
        self,
        product: ProductType = ProductType.FUTURE,
        policy: Policy | None = None,
        archive: Shelf | None = None,
        rules: LimitRules | None = None,
        valuer: Valuer | None = None,
    ) -> None:
        self.planner = Planner(product)
        self.policy = policy
        self.archive = archive or Shelf()
        self.rules, self.valuer = rules, valuer
        self.engine = Engine({"PM": self.planner}, self.archive, policy, rules, valuer)
        self.numbers = count(1000)
        self.clock = count(1_000_000_000)
        self.facts: list = []
        self.reports: list = []
        self.alarms: list[str] = []
        self.trades = count(1)
        self.venue_clock = count(100)

    def take(self, command) -> Outcome:  # type: ignore[no-untyped-def]
        number = next(self.numbers)
        more = (
            tuple(next(self.numbers) for _ in command.orders[1:]) if isinstance(command, NewOrderList) else ()
        )
        return self._keep(self.engine.take(number, command, next(self.clock), more))

    def hear(self, event) -> Outcome:  # type: ignore[no-untyped-def]
        return self._keep(self.engine.hear(event, next(self.clock)))

    def _keep(self, outcome: Outcome) -> Outcome:
        self.facts += outcome.facts
        self.reports += outcome.reports
        self.alarms += outcome.alarms
        return outcome

    def restarted(self) -> "Desk":
        """A desk whose engine knows only what was journaled."""
        desk = Desk(self.planner.product, self.policy, self.archive, self.rules, self.valuer)
        desk.engine.restore(
            self.facts, snapshots=[each for each in self.archive.orders.values() if each.open]
        )
        desk.facts = list(self.facts)
        desk.numbers, desk.clock = self.numbers, self.clock
        return desk

    def kept(self) -> None:
        """Keep every changed order as the journal does, and let go of those that have ended."""
        book = self.engine.book
        for order in list(book.changed.values()):
            order.as_of = self.engine.last_seq
            self.archive.keep(
                msgspec.json.decode(msgspec.json.encode(snapshot_of(order, order.as_of)), type=OrderSnapshot)
            )
        book.changed.clear()
        for spent in book.spent:
            self.archive.ids[spent.kept.id] = 0
        book.evict_ids(book.spent)
        book.spent.clear()
        book.evict(10**18)

    def order(self, cl_ord_id: str = "A1"):  # type: ignore[no-untyped-def]
        return self.engine.book.of_client(SOURCE, cl_ord_id)

    def new(self, cl_ord_id: str = "A1", **changes: object) -> Outcome:
        return self.take(new_order(cl_ord_id, **changes))

    def acknowledged(self, cl_ord_id: str = "A1", **changes: object):  # type: ignore[no-untyped-def]
        """An order that the venue has confirmed."""
        self.new(cl_ord_id, **changes)
        order = self.order(cl_ord_id)
        self.hear(self.update(order, VenueExec.NEW, VenueStatus.NEW))
        self.reports.clear()
        return order

    def update(self, order, exec: VenueExec, status: VenueStatus, **changes: object) -> OrderUpdate:  # type: ignore[no-untyped-def]
        fields: dict[str, object] = {
            "connector": "PM",
            "account": "main",
            "product_type": order.request.product_type,
            "symbol": order.request.symbol,
            "client_order_id": order.request.client_order_id,
            "venue_order_id": f"V{order.order_id}",
            "exec": exec,
            "status": status,
            "cum_quantity": order.cum,
            "at_ms": next(self.venue_clock),
        }
        return OrderUpdate(**(fields | changes))  # type: ignore[arg-type]

    def trade(self, order, quantity: str, price: str = "100", /, **changes: object) -> Outcome:  # type: ignore[no-untyped-def]
        """The venue's word for one fill, as its stream gives it."""
        cum = order.cum + D(quantity)
        fields: dict[str, object] = {
            "last_quantity": D(quantity),
            "last_price": D(price),
            "cum_quantity": cum,
            "trade_id": str(next(self.trades)),
        }
        status = VenueStatus.FILLED if cum >= order.quantity else VenueStatus.PARTIALLY_FILLED
        return self.hear(self.update(order, VenueExec.TRADE, status, **(fields | changes)))

    def canceled(self, order, **changes: object) -> Outcome:  # type: ignore[no-untyped-def]
        return self.hear(self.update(order, VenueExec.CANCELED, VenueStatus.CANCELED, **changes))

    def replaced(self, order, quantity: str, price: str = "100", **changes: object) -> Outcome:  # type: ignore[no-untyped-def]
        """The venue's word for a replace, with the number of the one in flight."""
        number = order.replace.request_id if order.replace is not None else 0
        terms: dict[str, object] = {"quantity": D(quantity), "price": D(price), "request_id": number}
        return self.hear(self.update(order, VenueExec.REPLACED, VenueStatus.NEW, **(terms | changes)))

    @property
    def told(self) -> list[tuple[str, str, str]]:
        """Every report so far as (what, OrdStatus, ClOrdID): what is ExecType, or the reject's reason."""
        return [
            (getattr(r, "exec_type", None) or f"reject {r.reason}", r.ord_status, r.cl_ord_id)
            for r in self.reports
        ]


def new_order(cl_ord_id: str = "A1", **changes: object) -> NewOrder:
    fields: dict[str, object] = {
        "source": SOURCE,
        "session": SESSION,
        "cl_ord_id": cl_ord_id,
        "connector": "PM",
        "symbol": "BTCUSDT",
        "instrument_type": InstrumentType.FUTURE,
        "side": Side.BUY,
        "order_type": OrderType.LIMIT,
        "time_in_force": TimeInForce.GTC,
        "quantity": D(10),
        "price": D(100),
        "attributes": OrderAttributes(),
    }
    return NewOrder(**(fields | changes))  # type: ignore[arg-type]


def cancel(cl_ord_id: str = "C1", orig: str = "A1", **changes: object) -> CancelOrder:
    fields: dict[str, object] = {
        "source": SOURCE,
        "session": SESSION,
        "cl_ord_id": cl_ord_id,
        "orig_cl_ord_id": orig,
    }
    return CancelOrder(**(fields | changes))  # type: ignore[arg-type]


def replace(cl_ord_id: str = "R1", orig: str = "A1", **changes: object) -> ReplaceOrder:
    fields: dict[str, object] = {
        "source": SOURCE,
        "session": SESSION,
        "cl_ord_id": cl_ord_id,
        "orig_cl_ord_id": orig,
    }
    return ReplaceOrder(**(fields | changes))  # type: ignore[arg-type]


def status(cl_ord_id: str = "A1") -> StatusRequest:
    return StatusRequest(source=SOURCE, session=SESSION, cl_ord_id=cl_ord_id)
