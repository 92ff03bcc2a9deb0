"""The routes as one table: path, parameters, who may, what it does, what it answers.

The application, the OpenAPI document and the tests read it. Source: the Execution API and the Perps DMA API.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec

from fixgate.api import requests, schemas
from fixgate.api.answers import Answer
from fixgate.api.execution import Ask, Execution
from fixgate.api.fields import Field

PREFIX = "/oems/execution"

Handler = Callable[[Execution, Ask], Awaitable[Answer]]

_ASKED = (200, 401, 403, 422, 429, 500)
"""What every route can answer."""

_OF_ACCOUNT = (*_ASKED, 400, 404, 503)
_POSTED = (413, 415)


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One route. `trades` is true for what a reader may not do; `data` is the schema of a good answer's data;
    `says` is false where the envelope has no message."""

    method: str
    path: str
    name: str
    tag: str
    title: str
    about: str
    handler: Handler
    data: Mapping[str, Any]
    statuses: Sequence[int] = _OF_ACCOUNT
    trades: bool = False
    path_fields: Sequence[Field] = ()
    query: Sequence[Field] = ()
    body: Sequence[Field] | None = None
    keyed: bool = False
    says: bool = True


ROUTES: Sequence[Route] = (
    Route(
        method="POST",
        path=f"{PREFIX}/order",
        name="place_order",
        tag="orders",
        title="Place an order",
        about="Execute an order using unified parameters; they are translated to the exchange's own. The "
        "call waits for the exchange's answer; if it does not come in time the answer is 202, and the "
        "order's state can be asked for. An order that is sent again with the same client_order_id, or the "
        "same Idempotency-Key, is not placed twice.",
        handler=Execution.place,
        data=schemas.PLACED,
        statuses=(*_OF_ACCOUNT, *_POSTED, 202, 409),
        trades=True,
        body=requests.ORDER,
        keyed=True,
    ),
    Route(
        method="GET",
        path=f"{PREFIX}/order/{{order_id}}",
        name="get_order",
        tag="orders",
        title="Get an order",
        about="Fetch the current status of an order from the exchange.",
        handler=Execution.order,
        data=schemas.ORDER,
        path_fields=requests.ORDER_PATH,
        query=requests.ORDER_QUERY,
    ),
    Route(
        method="DELETE",
        path=f"{PREFIX}/order/{{order_id}}",
        name="cancel_order",
        tag="orders",
        title="Cancel an order",
        about="Cancel an open order on the exchange. 202 says that the outcome is not known yet.",
        handler=Execution.cancel,
        data=schemas.PLACED,
        statuses=(*_OF_ACCOUNT, 202, 409),
        trades=True,
        path_fields=requests.ORDER_PATH,
        query=requests.ORDER_QUERY,
    ),
    Route(
        method="GET",
        path=f"{PREFIX}/orders/open",
        name="open_orders",
        tag="orders",
        title="Open orders",
        about="Fetch all open orders from the exchange, conditional ones included.",
        handler=Execution.open_orders,
        data=schemas.OPEN_ORDERS,
        query=requests.OPEN_ORDERS,
    ),
    Route(
        method="GET",
        path=f"{PREFIX}/capabilities",
        name="capabilities",
        tag="discovery",
        title="Capabilities",
        about="What order types, times in force and features each exchange supports.",
        handler=Execution.capabilities,
        data=schemas.CAPABILITIES,
        statuses=_ASKED,
        query=requests.CAPABILITIES,
        says=False,
    ),
    Route(
        method="POST",
        path=f"{PREFIX}/validate",
        name="validate",
        tag="discovery",
        title="Validate an order",
        about="Check if an order would be valid for a specific exchange before submitting.",
        handler=Execution.validate,
        data=schemas.VALIDATED,
        statuses=(*_ASKED, *_POSTED, 400),
        body=requests.VALIDATE,
    ),
    Route(
        method="GET",
        path=f"{PREFIX}/balance",
        name="balance",
        tag="account",
        title="Balance",
        about="Fetch account balance from the exchange. An asset stands in each part of which it has some.",
        handler=Execution.balance,
        data=schemas.BALANCE,
        query=requests.BALANCE,
    ),
    Route(
        method="GET",
        path=f"{PREFIX}/daily-limit",
        name="daily_limit",
        tag="account",
        title="Daily limit",
        about="Get the daily trading limit status for an exchange account. The day is UTC's; limit_usd and "
        "remaining_usd are null where there is no limit.",
        handler=Execution.daily_limit,
        data=schemas.DAILY_LIMIT,
        query=requests.DAILY_LIMIT,
    ),
    Route(
        method="POST",
        path=f"{PREFIX}/leverage",
        name="set_leverage",
        tag="perps",
        title="Set leverage",
        about="Set leverage for a symbol on futures/perp markets.",
        handler=Execution.set_leverage,
        data=schemas.LEVERAGE_SET,
        statuses=(*_OF_ACCOUNT, *_POSTED),
        trades=True,
        body=requests.SET_LEVERAGE,
    ),
    Route(
        method="GET",
        path=f"{PREFIX}/leverage",
        name="get_leverage",
        tag="perps",
        title="Get leverage",
        about="Get current leverage and margin mode for a symbol.",
        handler=Execution.leverage,
        data=schemas.LEVERAGE,
        query=requests.LEVERAGE_QUERY,
    ),
    Route(
        method="POST",
        path=f"{PREFIX}/margin-mode",
        name="set_margin_mode",
        tag="perps",
        title="Set margin mode",
        about="Set margin mode (cross or isolated) for a symbol.",
        handler=Execution.set_margin_mode,
        data=schemas.MARGIN_MODE_SET,
        statuses=(*_OF_ACCOUNT, *_POSTED),
        trades=True,
        body=requests.SET_MARGIN_MODE,
    ),
    Route(
        method="GET",
        path=f"{PREFIX}/positions",
        name="positions",
        tag="perps",
        title="Positions",
        about="Fetch open positions from exchange (futures/perp only).",
        handler=Execution.positions,
        data=schemas.POSITIONS,
        query=requests.POSITIONS,
    ),
    Route(
        method="GET",
        path=f"{PREFIX}/funding-history",
        name="funding_history",
        tag="perps",
        title="Funding history",
        about="Fetch funding rate payments for perpetual futures, oldest first.",
        handler=Execution.funding_history,
        data=schemas.FUNDING,
        query=requests.HISTORY,
    ),
    Route(
        method="GET",
        path=f"{PREFIX}/realized-pnl",
        name="realized_pnl",
        tag="perps",
        title="Realized PnL",
        about="Fetch realized PnL for perpetual futures positions, oldest first.",
        handler=Execution.realized_pnl,
        data=schemas.REALIZED,
        query=requests.HISTORY,
    ),
    Route(
        method="GET",
        path=f"{PREFIX}/portfolio-margin/balance",
        name="portfolio_balance",
        tag="portfolio margin",
        title="Portfolio Margin balance",
        about="Get Portfolio Margin balance from Binance PAPI: cross margin, USDⓈ-M and COIN-M by asset.",
        handler=Execution.pm_balance,
        data=schemas.PM_BALANCE,
        query=requests.PORTFOLIO,
    ),
    Route(
        method="GET",
        path=f"{PREFIX}/portfolio-margin/account",
        name="portfolio_account",
        tag="portfolio margin",
        title="Portfolio Margin account",
        about="Get Portfolio Margin account info from Binance PAPI, as the exchange tells it.",
        handler=Execution.pm_account,
        data=schemas.PM_ACCOUNT,
        query=requests.PORTFOLIO,
    ),
    Route(
        method="POST",
        path=f"{PREFIX}/portfolio-margin/auto-collection",
        name="auto_collection",
        tag="portfolio margin",
        title="Auto-collection",
        about="Transfers all positive balances from USDⓈ-M and COIN-M Futures Wallets to Cross Margin "
        "Wallet. BNB in USDⓈ-M Futures Wallet will NOT be transferred.",
        handler=Execution.pm_auto_collection,
        data=schemas.PM_COLLECTED,
        statuses=(*_OF_ACCOUNT, *_POSTED),
        trades=True,
        body=requests.PORTFOLIO,
    ),
    Route(
        method="POST",
        path=f"{PREFIX}/portfolio-margin/asset-collection",
        name="asset_collection",
        tag="portfolio margin",
        title="Asset-collection",
        about="Transfers a specific asset from Futures Account to Margin account. BNB transfer is NOT "
        "supported.",
        handler=Execution.pm_asset_collection,
        data=schemas.PM_ASSET_COLLECTED,
        statuses=(*_OF_ACCOUNT, *_POSTED),
        trades=True,
        body=requests.ASSET_COLLECTION,
    ),
)
