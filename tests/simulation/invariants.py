"""What must hold after every step, and at the end when everything has come to rest.

Each function adds findings to the world; an invariant's name is what the table of mutations shows.
"""

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.simulation.counterparty import Counterparty
from tests.simulation.oms_orders import OmsOrder
from tests.simulation.order_flow import ACCOUNT, MARKETS
from tests.simulation.replay import replayed_reports

if TYPE_CHECKING:
    from tests.simulation.world import World

_VENUE_FINAL = {"FILLED": "2", "CANCELED": "4", "EXPIRED": "4C", "EXPIRED_IN_MATCH": "4C", "REJECTED": "8"}
_LEG = {market.product: market.leg for market in MARKETS}


def check_running(world: "World") -> None:
    """Check after each step what must hold at any moment."""
    _none_doubled(world)
    if world.gateway.failure and world.gateway.alive:
        world.found("no internal error", world.gateway.failure)
    for failure in world.loop.failures:
        world.found(
            "no internal error",
            f"{failure.get('message')}: {failure.get('exception') or failure.get('task')!r}",
        )
    world.loop.failures.clear()


def is_settled(world: "World") -> bool:
    """True when nothing is under way any more."""
    gateway = world.gateway
    if not gateway.listening or not gateway.started.done() or not all(client.on for client in world.clients):
        return False
    if not all(row.ready for row in gateway.connector.health()):
        return False
    return not list(_unsettled(world))


def _unsettled(world: "World") -> Any:
    for client in world.clients:
        for order in client.ledger.orders.values():
            if order.open_asks:
                waiting = [ask.cl_ord_id for ask in order.open_asks]
                yield f"{order.first} has requests without an answer: {waiting}"
            if order.final:
                continue
            venue = _at_venue(world, client, order)
            if not venue:
                yield f"{order.first} is in state {order.state or 'none'!r} and the venue has no such order"
            elif not venue[0].is_open:
                yield f"{order.first} is in state {order.state!r}, at the venue it is {venue[0].status}"
            elif order.state in ("", "A") or order.gateway_cancels:
                yield f"{order.first} is open at the venue and in state {order.state or 'none'!r} here"
            elif venue[0].executed != order.cum or venue[0].quantity != order.quantity:
                yield (
                    f"{order.first} has {order.cum} of {order.quantity} filled, at the venue "
                    f"{venue[0].executed} of {venue[0].quantity}"
                )


async def check_end(world: "World") -> None:
    """Check what must hold once all faults are over and everything had its time."""
    check_running(world)
    if world.findings:
        return
    for text in _unsettled(world):
        world.found("no order lost", text)
    if not all(client.on for client in world.clients):
        world.found("fix session", f"{[client.name for client in world.clients if not client.on]} are off")
    if world.findings:
        return
    known: set[str] = set()
    for client in world.clients:
        for order in client.ledger.orders.values():
            known |= _compare(world, client, order)
    for order in _venue_orders(world):
        if order.client_order_id not in known and order.client_order_id not in world.strangers.foreign_ids:
            world.found("none doubled", f"the venue has {order.client_order_id}, which no OMS sent")
    _check_book(world)
    _check_replay(world)


def _venue_orders(world: "World") -> list[Any]:
    account = world.exchange.account(ACCOUNT)
    return [order for orders in account.orders.values() for order in orders.values()]


def _at_venue(world: "World", client: Counterparty, order: OmsOrder) -> list[Any]:
    """Return the venue's orders under the id that the OMS knows its order by."""
    name = world.client_order_id(client, order)
    if not name:
        return []
    account = world.exchange.account(ACCOUNT)
    found = account.orders.get((_LEG[order.product], order.symbol), {})
    return [each for each in found.values() if each.client_order_id == name]


def _none_doubled(world: "World") -> None:
    counts = Counter((order.leg, order.client_order_id) for order in _venue_orders(world))
    for (leg, name), count in counts.items():
        if count > 1:
            world.found("none doubled", f"the venue has {count} orders {name} on {leg}")


def _compare(world: "World", client: Counterparty, order: OmsOrder) -> set[str]:
    """Compare an order at the OMS with the same at the venue; return the client order ids it stands for."""
    venue = _at_venue(world, client, order)
    if order.state == "8" or order.untaken:
        if venue:
            world.found("views agree", f"{order.first} was rejected, the venue has it {venue[0].status}")
        return {world.client_order_id(client, order)}
    if not venue:
        if order.cum or order.state == "2":
            world.found("views agree", f"{order.first} has {order.cum} filled and the venue never had it")
        elif order.state != "4":
            world.found("no order lost", f"{order.first} is {order.state!r}, the venue has no such order")
        return set()
    there = venue[0]
    if order.cum != there.executed:
        world.found("quantities agree", f"{order.first}: {order.cum} filled, {there.executed} at the venue")
    if order.final != (not there.is_open):
        world.found("views agree", f"{order.first} is {order.state!r}, {there.status} at the venue")
    elif order.final and order.state not in _VENUE_FINAL[there.status]:
        cut = order.state == "2" and order.cum == order.quantity and there.executed == order.cum
        if not cut:
            world.found("views agree", f"{order.first} ended as {order.state!r}, {there.status} at the venue")
    elif not order.final and (order.quantity, order.price) != (there.quantity, there.price or None):
        world.found(
            "views agree",
            f"{order.first} is {order.quantity} at {order.price}, "
            f"at the venue {there.quantity} at {there.price}",
        )
    _compare_fees(world, order, there)
    return {world.client_order_id(client, order)}


def _compare_fees(world: "World", order: OmsOrder, there: Any) -> None:
    account = world.exchange.account(ACCOUNT)
    fees: dict[str, Decimal] = {}
    for trade in account.trades.get((there.leg, there.symbol), ()):
        if trade.order_id == there.order_id:
            asset = trade.commission_asset
            fees[asset] = fees.get(asset, Decimal(0)) + trade.commission
    mine = {asset: fee for asset, fee in order.fees.items() if fee}
    if mine != {asset: fee for asset, fee in fees.items() if fee}:
        world.found("fees agree", f"{order.first}: fees are {mine}, at the venue {fees}")


def _check_book(world: "World") -> None:
    """Compare the gateway's own orders with what OMSs were told."""
    book = world.gateway.engine.book
    for client in world.clients:
        for order in client.ledger.orders.values():
            if not order.order_id:
                continue
            held = book.live.get(int(order.order_id))
            if held is None:
                if not order.final:
                    world.found("views agree", f"{order.first} is open and the gateway does not hold it")
            elif (held.cum, held.terminal) != (order.cum, order.final):
                world.found(
                    "views agree",
                    f"{order.first}: the gateway has {held.cum} filled and {held.state}, "
                    f"the OMS {order.cum} and {order.state!r}",
                )


def _check_replay(world: "World") -> None:
    """Replay every fact that was ever journaled: the same reports must come out, under the same ExecIDs."""
    again = replayed_reports([*world.facts, *world.gateway.recorded])
    for client in world.clients:
        for exec_id, said in client.ledger.told.items():
            if exec_id.startswith("door-"):
                continue
            now = again.get(exec_id)
            if now is None:
                world.found("replay is identical", f"ExecID {exec_id} does not come out of the journal")
            elif now != said:
                tags = sorted(tag for tag in now.keys() | said.keys() if now.get(tag) != said.get(tag))
                world.found("replay is identical", f"ExecID {exec_id} differs in {tags}")
