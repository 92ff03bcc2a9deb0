"""What the OMS was told, what the gateway's journal says and what the venue did, held against each other.

Lost: an order or request without an end, or one that the venue has and the OMS does not know. Doubled: a
ClOrdID with more than one order. Wrong: a state, quantity, price or fee that differs, or a report that no
gateway may send.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from fixgate.simulator.orders import OPEN_STATUSES, Leg, Order, Trade
from tests.crash.oms import FINAL, Fill, Oms, OmsOrder
from tests.system.trading import LEG, Exchange

_TOLD_AS = {
    "NEW": "05",
    "PARTIALLY_FILLED": "1",
    "FILLED": "2",
    "CANCELED": "4",
    "EXPIRED": "4C",
    "EXPIRED_IN_MATCH": "4C",
}
"""OrdStatus(39) that may stand for a venue's status. What is left of an IOC or a killed FOK is Canceled,
other expiries are Expired (FIX 4.4 Vol. 4, Appendix D, I.1)."""

_CLOSE = Decimal("1e-8")
"""How far an average price may be off, as a part of it: it is a quotient, printed with limited digits."""


@dataclass
class Fault:
    """One thing that is not as it must be. `words` find what passed about it in the evidence."""

    kind: str
    text: str
    words: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"


@dataclass
class VenueView:
    """The venue's orders by client order id, and the trades of each."""

    orders: Mapping[str, list[Order]]
    trades: Mapping[tuple[Leg, int], list[Trade]] = field(default_factory=dict)

    @classmethod
    def of(cls, exchange: Exchange, account: str) -> "VenueView":
        """Read the account as it is now."""
        found = exchange.exchange.account(account)
        orders: defaultdict[str, list[Order]] = defaultdict(list)
        for by_id in found.orders.values():
            for order in by_id.values():
                orders[order.client_order_id].append(order)
        trades: defaultdict[tuple[Leg, int], list[Trade]] = defaultdict(list)
        for rows in found.trades.values():
            for trade in rows:
                trades[trade.leg, trade.order_id].append(trade)
        return cls(orders, trades)


def client_and_venue(oms: Oms, venue: VenueView, submitted: Counter[str]) -> list[Fault]:
    """Hold the OMS's book against the venue's. With SEQUENCE ids the client order id is the OrderID(37)."""
    faults = [Fault("wrong", text) for text in oms.complaints]
    known: set[str] = set()
    for order in oms.orders.values():
        faults += _one(order, venue)
        known |= order.order_ids
    for client_order_id, found in venue.orders.items():
        words = (client_order_id, *(str(order.order_id) for order in found))
        if client_order_id not in known:
            faults.append(Fault("lost", f"the venue has {client_order_id}, which no report named", words))
        if len(found) > 1:
            faults.append(Fault("doubled", f"the venue has {len(found)} orders {client_order_id}", words))
    faults += [
        Fault("doubled", f"the order {client_order_id} was asked for {times} times", (client_order_id,))
        for client_order_id, times in submitted.items()
        if times > 1
    ]
    return faults


def _words(order: OmsOrder) -> tuple[str, ...]:
    ids = (order.cl_ord_id, *order.requests)
    return (*(f"|11={each}|" for each in ids), *order.order_ids, *order.venue_ids)


def _one(order: OmsOrder, venue: VenueView) -> Iterable[Fault]:
    """Yield what is wrong with one order."""
    name, words = f"{order.product} order {order.cl_ord_id}", _words(order)
    if not order.answered:
        yield Fault("lost", f"{name} has no answer", words)
    for cl_ord_id, request in order.requests.items():
        if not request.answered:
            yield Fault("lost", f"{name}: {request.msg_type} {cl_ord_id} has no answer", words)
    if len(order.order_ids) > 1:
        yield Fault("doubled", f"{name} has the OrderIDs {sorted(order.order_ids)}", words)
    at_venue = [each for order_id in order.order_ids for each in venue.orders.get(order_id, ())]
    if not at_venue:
        if order.answered and order.status != "8":
            yield Fault("lost", f"{name} stands at 39={order.status}, the venue has no such order", words)
    elif order.status not in _TOLD_AS[at_venue[0].status]:
        state = f"{at_venue[0].status}, {at_venue[0].executed} of {at_venue[0].quantity} filled"
        yield Fault("wrong", f"{name} stands at 39={order.status}, the venue says {state}", words)
    else:
        for text in _differences(order, at_venue[0], venue):
            yield Fault("wrong", f"{name}: {text}", words)


def _differences(order: OmsOrder, at_venue: Order, venue: VenueView) -> Iterable[str]:
    if order.venue_ids != {str(at_venue.order_id)}:
        yield f"198 was {sorted(order.venue_ids)}, the venue's id is {at_venue.order_id}"
    if order.cum != at_venue.executed:
        yield f"14={order.cum}, the venue filled {at_venue.executed}"
    if at_venue.status in OPEN_STATUSES:
        if order.quantity != at_venue.quantity:
            yield f"38={order.quantity}, the venue has {at_venue.quantity}"
        if (order.price or Decimal(0)) != at_venue.price:
            yield f"44={order.price}, the venue has {at_venue.price}"
    trades = venue.trades.get((LEG[order.product], at_venue.order_id), [])
    expected = {
        str(trade.trade_id): Fill(trade.quantity, trade.price, trade.commission, trade.commission_asset)
        for trade in trades
    }
    for trade_id in expected.keys() | order.fills.keys():
        told, true = order.fills.get(trade_id), expected.get(trade_id)
        if told != true:
            yield f"trade {trade_id} was told as {told}, at the venue it is {true}"
    inverse = at_venue.leg is Leg.CM
    if expected and not _is_average(order.average, expected.values(), inverse):
        yield f"6={order.average} does not follow from the trades {list(expected.values())}"
    if order.asked is not None and not order.busy:
        told = order.asked[39], Decimal(order.asked[14])
        if told != (order.status, order.cum):
            yield f"a status request was answered 39={told[0]}, 14={told[1]}; reports said {order.status}"


def _is_average(average: Decimal, fills: Iterable[Fill], inverse: bool) -> bool:
    """True when `average` is the fills' average price: by quantity, or, of inverse contracts, by coin."""
    fills = list(fills)
    quantity = sum((fill.quantity for fill in fills), Decimal(0))
    if inverse:
        true = quantity / sum((fill.quantity / fill.price for fill in fills), Decimal(0))
    else:
        true = sum((fill.quantity * fill.price for fill in fills), Decimal(0)) / quantity
    return abs(average - true) <= _CLOSE * true


@dataclass
class Kept:
    """One order as the journal has it, with every fact up to number `as_of` in it. A snapshot of an order
    does not hold its fees: `fees` is then `None`."""

    cl_ord_id: str
    as_of: int
    quantity: Decimal
    cum: Decimal = Decimal(0)
    fees: Counter[str] | None = field(default_factory=Counter)
    ended: str = ""


def client_and_journal(oms: Oms, kept: Mapping[int, Kept], unhandled: int) -> list[Fault]:
    """Hold the OMS's book against the journal's."""
    faults = []
    if unhandled:
        faults.append(Fault("lost", f"{unhandled} messages in the inbox were never decided on"))
    by_name: Counter[str] = Counter(order.cl_ord_id for order in kept.values())
    faults += [
        Fault("doubled", f"the journal has {times} orders {name}", (f"|11={name}|",))
        for name, times in by_name.items()
        if times > 1
    ]
    for order_id, record in kept.items():
        order = oms.orders.get(record.cl_ord_id)
        if order is None or str(order_id) not in order.order_ids:
            text = f"the journal has order {order_id} ({record.cl_ord_id}), which no report named"
            faults.append(Fault("lost", text, (str(order_id),)))
            continue
        fees: Counter[str] = Counter()
        for fill in order.fills.values():
            fees[fill.currency] += fill.commission  # type: ignore[assignment]
        told: tuple[Any, ...] = (order.cum, fees if record.fees is not None else None, order.final)
        if told != (record.cum, record.fees, bool(record.ended)):
            text = f"{order.cl_ord_id} was told as {told}; the journal has {record}"
            faults.append(Fault("wrong", text, _words(order)))
    held = {str(order_id) for order_id in kept}
    for order in oms.orders.values():
        if missing := order.order_ids - held:
            faults.append(Fault("lost", f"the journal has no order {sorted(missing)}", _words(order)))
    return faults


def open_at_both_ends(oms: Oms) -> int:
    """Return how many orders the OMS holds for open."""
    return sum(1 for order in oms.orders.values() if order.status and order.status not in FINAL)
