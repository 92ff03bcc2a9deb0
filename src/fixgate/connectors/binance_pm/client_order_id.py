"""Minting the client order id: SEQUENCE or COMPOSITE.

The specification allows 36 characters; USDⓈ-M and COIN-M orders on Portfolio Margin take 32, margin
orders 36. An id is never used twice: SEQUENCE numbers come from the journal, COMPOSITE ids from a
ClOrdID that the duplicate guard lets pass once.
"""

import re

from fixgate.connectors.binance_pm.settings import OrderMapperType
from fixgate.model.enums import OrdRejReason, ProductType
from fixgate.model.refusal import Refused

_ALLOWED = re.compile(r"[.A-Z:/a-z0-9_-]+")
_MAX_LENGTH = {ProductType.SPOT: 36, ProductType.FUTURE: 32, ProductType.DELIVERY: 32}


def mint_client_order_id(
    mapper: OrderMapperType,
    *,
    prefix: str,
    sequence: int,
    source_id: str,
    order_id: str,
    product: ProductType,
) -> str:
    """Return the id the venue will know an order by. Raises `Refused` when the venue would not take it."""
    if mapper is OrderMapperType.SEQUENCE:
        return _checked(f"{prefix}{sequence}", product)
    if ":" in source_id:
        raise Refused(
            OrdRejReason.OTHER, f"source id {source_id!r} contains ':', which separates it from the order id"
        )
    return _checked(f"{source_id}:{order_id}", product)


def _checked(client_order_id: str, product: ProductType) -> str:
    limit = _MAX_LENGTH[product]
    if len(client_order_id) > limit:
        raise Refused(
            OrdRejReason.OTHER,
            f"client order id {client_order_id!r} has {len(client_order_id)} characters; "
            f"the venue takes {limit} on {product}",
        )
    if not _ALLOWED.fullmatch(client_order_id):
        raise Refused(
            OrdRejReason.OTHER,
            f"client order id {client_order_id!r} has a character that the venue does not take; "
            "allowed are . A-Z : / a-z 0-9 _ -",
        )
    return client_order_id
