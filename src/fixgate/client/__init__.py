"""A typed client of the Execution API: `ExecutionClient`, and `AsyncExecutionClient` for asyncio.

    with ExecutionClient("http://127.0.0.1:8082", token) as api:
        order = api.place("binance-sandbox-001", "BTC/USDT", "buy", "market", Decimal("0.001"))

Numbers are `Decimal` in both directions. Refusals are exceptions, by families of codes: see
`fixgate.client.errors`.
"""

from fixgate.client.async_client import AsyncExecutionClient
from fixgate.client.errors import (
    AccessDenied,
    ApiError,
    Conflict,
    ExchangeError,
    GatewayFailure,
    InsufficientFunds,
    InvalidRequest,
    LimitExceeded,
    NetworkError,
    NotFound,
    NotReady,
    RateLimited,
    Unreachable,
    Unsupported,
)
from fixgate.client.sync_client import ExecutionClient

__all__ = [
    "AccessDenied",
    "ApiError",
    "AsyncExecutionClient",
    "Conflict",
    "ExchangeError",
    "ExecutionClient",
    "GatewayFailure",
    "InsufficientFunds",
    "InvalidRequest",
    "LimitExceeded",
    "NetworkError",
    "NotFound",
    "NotReady",
    "RateLimited",
    "Unreachable",
    "Unsupported",
]
