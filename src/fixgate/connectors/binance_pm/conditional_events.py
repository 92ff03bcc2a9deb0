"""From a conditional futures order's stream events to the model. Pure.

Sources: PAPI user data stream, ALGO_UPDATE (USDⓈ-M) and CONDITIONAL_ORDER_TRADE_UPDATE (COIN-M).
"""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from fixgate.connectors.binance_pm.conditional_service import (
    HELD_EXEC_OF,
    HeldOrder,
    held_update,
    id_or_none,
    known_word,
    positive,
)
from fixgate.connectors.binance_pm.venue_words import SIDE_OF, exact
from fixgate.model.enums import ProductType
from fixgate.model.venue import OrderUpdate, VenueExec, VenueStatus


def algo_order(event: Mapping[str, Any]) -> HeldOrder:
    """Read ALGO_UPDATE. Raises `KeyError`, `TypeError`, `ValueError` or `ArithmeticError`."""
    order = event["ao"]
    return HeldOrder(
        symbol=order["s"],
        client_order_id=order["caid"],
        venue_order_id=str(order["aid"]),
        word=known_word(order["X"]),
        child_id=id_or_none(order.get("ai")),
        side=SIDE_OF.get(order["S"]),
        quantity=positive(order.get("q")),
        price=positive(order.get("p")),
        at_ms=int(event.get("T") or event["E"]),
        text=str(order.get("rm") or ""),
        filled=exact(order.get("aq") or "0"),
        average_price=exact(order.get("ap") or "0"),
    )


def strategy_order(event: Mapping[str, Any]) -> HeldOrder:
    """Read CONDITIONAL_ORDER_TRADE_UPDATE. Raises as `algo_order`."""
    order = event["so"]
    return HeldOrder(
        symbol=order["s"],
        client_order_id=order["c"],
        venue_order_id=str(order["si"]),
        word=known_word(order["os"]),
        child_id=id_or_none(order.get("i")),
        side=SIDE_OF.get(order["S"]),
        quantity=positive(order.get("q")),
        price=positive(order.get("p")),
        at_ms=int(order.get("ut") or event.get("T") or event["E"]),
        text=str(order.get("rm") or ""),
    )


def told_by_event(connector: str, account: str, product: ProductType, held: HeldOrder) -> OrderUpdate | None:
    """Return what a service's event says about the order; `None` when it says nothing new.

    TRIGGERING is no change that anybody could act on. TRIGGERED with a child says that the child is on the
    market. FINISHED says that the child has ended, and not how: only when all of the quantity, or a part of
    it, was filled is there something to tell.
    """
    if not held.has_left:
        told = HELD_EXEC_OF.get(held.word)
        return None if told is None else held_update(connector, account, product, held, told)
    if not held.child_id:
        return None
    if held.word == "TRIGGERED":
        return held_update(connector, account, product, held, VenueExec.NEW)
    if not held.filled:
        return None
    filled = VenueStatus.FILLED if held.filled == held.quantity else VenueStatus.PARTIALLY_FILLED
    update = held_update(connector, account, product, held, VenueExec.SNAPSHOT)
    return replace(update, status=filled, cum_quantity=held.filled, average_price=held.average_price)
