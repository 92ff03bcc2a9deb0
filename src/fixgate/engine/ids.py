"""The ids that an order is kept and found by outside the engine's memory, as one text each.

A field that may hold anything comes last, so that no two ids can read the same.
"""

from fixgate.model.enums import ProductType

LONGEST_NUMBER = 18
"""Digits of the longest number that the journal can hold."""


def number_of(order_id: str) -> int:
    """Return the number that the gateway's OrderID spells; 0, which no order has, for any other text."""
    fits = order_id.isascii() and order_id.isdigit() and len(order_id) <= LONGEST_NUMBER
    return int(order_id) if fits else 0


def by_client(source: str, cl_ord_id: str) -> str:
    """A ClOrdID of a source. Sources hold neither ':' nor blanks."""
    return f"c:{source}:{cl_ord_id}"


def by_client_order_id(connector: str, account: str, client_order_id: str) -> str:
    """The client order id at the venue."""
    return f"k:{connector}\x1f{account}\x1f{client_order_id}"


def by_venue_order_id(
    connector: str, account: str, product: ProductType, symbol: str, venue_order_id: str
) -> str:
    """The venue's own order id, which is unique for a product and symbol only."""
    return f"v:{connector}\x1f{account}\x1f{product}\x1f{symbol}\x1f{venue_order_id}"
