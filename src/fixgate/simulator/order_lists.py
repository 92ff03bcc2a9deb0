"""Order lists of the margin leg as the venue keeps them. Source: PAPI POST margin/order/oco."""

from typing import Any

import msgspec

EXECUTING, ALL_DONE = "EXECUTING", "ALL_DONE"


class OrderList(msgspec.Struct, kw_only=True):
    """Two orders of which at most one trades (contingency OCO): a limit maker and a stop."""

    order_list_id: int
    client_id: str
    account: str
    symbol: str
    stop_order_id: int
    limit_order_id: int
    stop_client_id: str
    limit_client_id: str
    status: str = EXECUTING
    updated_ms: int = 0

    @property
    def names(self) -> list[dict[str, Any]]:
        """Return (orderId, clientOrderId) of both orders as replies and events list them."""
        ids = ((self.stop_order_id, self.stop_client_id), (self.limit_order_id, self.limit_client_id))
        return [{"symbol": self.symbol, "orderId": number, "clientOrderId": name} for number, name in ids]

    @property
    def is_open(self) -> bool:
        """True while one of the two may still trade."""
        return self.status == EXECUTING

    @property
    def status_type(self) -> str:
        """Return the list's phase: EXEC_STARTED, then ALL_DONE."""
        return "EXEC_STARTED" if self.is_open else "ALL_DONE"
