"""Every call of Portfolio Margin as a table: what it needs, what it costs, what it answers.

`GROUPS` holds the rows by the module of `fixgate.papi.client` that has their methods. Calls that the venue
has removed are not here.
"""

from fixgate.papi.endpoints import (
    account,
    algo,
    cm_account,
    cm_trade,
    conditional,
    margin_account,
    margin_trade,
    um_account,
    um_trade,
    user_data,
)
from fixgate.papi.endpoints.endpoint import Effect, Endpoint, Form, Parameter, Security

GROUPS: dict[str, tuple[Endpoint, ...]] = {
    "account": account.ROWS,
    "um_account": um_account.ROWS,
    "um_order": um_trade.ORDER_ROWS,
    "um_trade": um_trade.TRADE_ROWS,
    "algo": algo.ROWS,
    "cm_account": cm_account.ROWS,
    "cm_order": cm_trade.ORDER_ROWS,
    "cm_trade": cm_trade.TRADE_ROWS,
    "conditional": conditional.ROWS,
    "margin_account": margin_account.ROWS,
    "margin_order": margin_trade.ORDER_ROWS,
    "margin_trade": margin_trade.TRADE_ROWS,
    "user_data": user_data.ROWS,
}

ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    (row.method, row.path): row for rows in GROUPS.values() for row in rows
}
"""Every row by method and path."""

__all__ = ["ENDPOINTS", "GROUPS", "Effect", "Endpoint", "Form", "Parameter", "Security"]
