"""The two services that hold conditional futures orders back: their words, and their rows read alike.

An order in them has an id of their own. Once its price has come they put an order of another id, here its
child, into the matching engine: from then on the order's fate is the child's. Pure. Sources: PAPI
um/algo/order, um/algo/algoOrder, cm/conditional/order, cm/conditional/orderHistory.

A service's last word about an order that had a child, FINISHED, says that the child has ended, not how.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from fixgate.connectors.binance_pm.venue_words import SIDE_OF, exact_or_none
from fixgate.model.enums import ProductType, Side
from fixgate.model.venue import OrderUpdate, VenueExec, VenueStatus

Row = dict[str, Any]


class ConditionalService(msgspec.Struct, frozen=True, kw_only=True):
    """One service's calls and field names. `order` takes POST and DELETE. `lookups` are asked one after
    another for one order: the COIN-M service keeps those that wait apart from those that do no more.
    `history` lists orders from an id on. `needs_symbol` is True where a symbol goes with an id."""

    order: str
    lookups: tuple[str, ...]
    open_orders: str
    history: str
    needs_symbol: bool
    id: str
    client_id: str
    kind: str
    stop_price: str
    activation_price: str
    status: str
    quantity: str
    born: str
    child_id: str


SERVICE_OF: Mapping[ProductType, ConditionalService] = {
    ProductType.FUTURE: ConditionalService(
        order="/papi/v1/um/algo/order",
        lookups=("/papi/v1/um/algo/algoOrder",),
        open_orders="/papi/v1/um/algo/openAlgoOrders",
        history="/papi/v1/um/algo/allAlgoOrders",
        needs_symbol=False,
        id="algoId",
        client_id="clientAlgoId",
        kind="type",
        stop_price="triggerPrice",
        activation_price="activatePrice",
        status="algoStatus",
        quantity="quantity",
        born="createTime",
        child_id="actualOrderId",
    ),
    ProductType.DELIVERY: ConditionalService(
        order="/papi/v1/cm/conditional/order",
        lookups=("/papi/v1/cm/conditional/openOrder", "/papi/v1/cm/conditional/orderHistory"),
        open_orders="/papi/v1/cm/conditional/openOrders",
        history="/papi/v1/cm/conditional/allOrders",
        needs_symbol=True,
        id="strategyId",
        client_id="newClientStrategyId",
        kind="strategyType",
        stop_price="stopPrice",
        activation_price="activationPrice",
        status="strategyStatus",
        quantity="origQty",
        born="bookTime",
        child_id="orderId",
    ),
}
"""A margin stop order is in no service: it has its order id from the start."""

HELD_STATUS_OF = {
    "NEW": VenueStatus.SUSPENDED,
    "TRIGGERING": VenueStatus.SUSPENDED,
    "CANCELED": VenueStatus.CANCELED,
    "EXPIRED": VenueStatus.EXPIRED,
    "REJECTED": VenueStatus.REJECTED,
}
"""What a service's word says about an order without a child."""

ABOUT_THE_CHILD = frozenset({"TRIGGERED", "FINISHED"})
"""Words that leave the order's fate to its child."""

HELD_EXEC_OF = {
    "NEW": VenueExec.NEW,
    "CANCELED": VenueExec.CANCELED,
    "EXPIRED": VenueExec.EXPIRED,
    "REJECTED": VenueExec.REJECTED,
}


class HeldOrder(NamedTuple):
    """A service's order, whichever service it is. `child_id` is empty while there is no child; `at_ms` is
    when it changed last (epoch milliseconds). `filled` and `average_price` are the child's, 0 where the
    service does not say; `text` is why the engine refused it."""

    symbol: str
    client_order_id: str
    venue_order_id: str
    word: str
    child_id: str
    side: Side | None
    quantity: Decimal | None
    price: Decimal | None
    at_ms: int
    text: str = ""
    filled: Decimal = Decimal(0)
    average_price: Decimal = Decimal(0)

    @property
    def has_left(self) -> bool:
        """True when the order's fate is a child's, whatever the service calls its own part."""
        return self.word in ABOUT_THE_CHILD or (bool(self.child_id) and self.word in ("CANCELED", "EXPIRED"))


def held_order(product: ProductType, row: Row) -> HeldOrder:
    """Read a row of a service's REST answers. Raises `AttributeError`, `KeyError`, `TypeError`, `ValueError`
    or `ArithmeticError` for one that is no order, an unknown status included."""
    service = SERVICE_OF[product]
    word = known_word(row[service.status])
    return HeldOrder(
        symbol=str(row["symbol"]),
        client_order_id=str(row[service.client_id]),
        venue_order_id=str(row[service.id]),
        word=word,
        child_id=id_or_none(row.get(service.child_id)),
        side=SIDE_OF.get(str(row.get("side"))),
        quantity=positive(row.get(service.quantity)),
        price=positive(row.get("price")),
        at_ms=int(row.get("updateTime") or row.get(service.born) or 0),
    )


def known_word(value: object) -> str:
    """Return a service's status. Raises `ValueError` for an unknown one: it may mean anything."""
    word = str(value)
    if word not in HELD_STATUS_OF and word not in ABOUT_THE_CHILD:
        known = ", ".join([*HELD_STATUS_OF, *sorted(ABOUT_THE_CHILD)])
        raise ValueError(f"the status of a conditional order was {word!r}; known are {known}")
    return word


def id_or_none(value: object) -> str:
    """Return an order id; "" for the services' ways to say that there is none."""
    return "" if value in (None, "", 0, "0") else str(value)


def positive(value: object) -> Decimal | None:
    """A price or quantity of 0 is the venue's way to say that there is none."""
    return exact_or_none(value) or None


def held_update(
    connector: str, account: str, product: ProductType, held: HeldOrder, told: VenueExec
) -> OrderUpdate:
    """Return what a service says of an order that has no child; of one that has, that its child is on the
    market, unless nobody can say which that is: then no more than that the service has taken it."""
    parent, update_id, status = "", held.venue_order_id, HELD_STATUS_OF.get(held.word, VenueStatus.SUSPENDED)
    if held.has_left and held.child_id:
        parent, update_id, status = held.venue_order_id, held.child_id, VenueStatus.NEW
    return OrderUpdate(
        connector=connector,
        account=account,
        product_type=product,
        symbol=held.symbol,
        client_order_id=held.client_order_id,
        venue_order_id=update_id,
        parent_order_id=parent,
        exec=told,
        status=status,
        side=held.side,
        quantity=held.quantity,
        price=held.price,
        text=held.text,
        at_ms=held.at_ms,
    )
