"""An account's positions, read over REST: what changed while no stream was up, it will not replay.

Source: PAPI GET um|cm/positionRisk.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from fixgate.connectors.binance_pm.questions import UNREADABLE, Questions
from fixgate.connectors.binance_pm.venue_words import exact
from fixgate.model.enums import ProductType
from fixgate.model.venue import PositionUpdate, VenueEvent
from fixgate.papi.answers import PapiError
from fixgate.papi.legs import CM_POSITION_RISK, UM_POSITION_RISK

log = logging.getLogger(__name__)

_LISTS = ((ProductType.FUTURE, UM_POSITION_RISK), (ProductType.DELIVERY, CM_POSITION_RISK))


async def tell_positions(
    connector: str, account: str, questions: Questions, tell: Callable[[VenueEvent], None]
) -> None:
    """Tell every position. A list that cannot be had is left out: the next reconciliation reads it again."""
    for product, path in _LISTS:
        try:
            answered = await questions.ask(path, [], urgent=False)
            positions = [_position(connector, account, product, row) for row in answered.body]
        except (PapiError, *UNREADABLE) as error:
            log.warning("%s account %s: positions of %s: %s", connector, account, product, error)
            continue
        for position in positions:
            tell(position)


def _position(connector: str, account: str, product: ProductType, row: Mapping[str, Any]) -> PositionUpdate:
    return PositionUpdate(
        connector=connector,
        account=account,
        product_type=product,
        symbol=row["symbol"],
        position_side=row["positionSide"],
        quantity=exact(row["positionAmt"]),
        entry_price=exact(row["entryPrice"]),
        at_ms=int(row.get("updateTime") or 0),
    )
