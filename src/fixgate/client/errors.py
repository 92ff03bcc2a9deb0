"""What goes wrong with a call, by families of the API's error codes."""

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """The API said no. `code` is the error's code (empty where the API gives none), `message` is for people,
    `data` what else it said, `status` the HTTP status."""

    def __init__(self, code: str, message: str, data: Mapping[str, Any], status: int) -> None:
        super().__init__(f"{message} ({code or 'no code'}, HTTP {status})")
        self.code = code
        self.message = message
        self.data = data
        self.status = status


class LimitExceeded(ApiError):
    """DAILY_LIMIT_EXCEEDED, DEV_MODE_LIMIT_EXCEEDED."""


class InsufficientFunds(ApiError):
    """INSUFFICIENT_BALANCE, INSUFFICIENT_MARGIN."""


class ExchangeError(ApiError):
    """EXCHANGE_ERROR: the exchange refused."""


class NetworkError(ApiError):
    """NETWORK_ERROR: the gateway could not reach the exchange. No order was done; of other
    calls that change something `message` says if that is known."""


class NotFound(ApiError):
    """ORDER_NOT_FOUND, ACCOUNT_NOT_FOUND, NOT_FOUND."""


class Conflict(ApiError):
    """CONFLICT: an id that was used for another order, or an order that has ended."""


class InvalidRequest(ApiError):
    """INVALID_REQUEST and what else is wrong with the request; `data["problems"]` names the fields."""


class Unsupported(ApiError):
    """The exchange does not support it; `data` has `exchange`, `order_type` and `market_type`."""


class AccessDenied(ApiError):
    """UNAUTHORIZED, FORBIDDEN."""


class RateLimited(ApiError):
    """RATE_LIMITED: nothing was done; `retry_after` is in seconds."""

    @property
    def retry_after(self) -> int:
        return int(self.data.get("retry_after_seconds", 1))


class NotReady(ApiError):
    """NOT_READY: the account or the gateway takes no orders now; nothing was sent."""


class GatewayFailure(ApiError):
    """INTERNAL_ERROR, or an answer that is none of this API's: whether it was done is not known."""


class Unreachable(Exception):
    """The gateway did not answer, after every attempt. Whether an order was placed is not known: make the
    same call again with `idempotency_key` to find out; it is not placed twice."""

    def __init__(self, text: str, idempotency_key: str = "") -> None:
        super().__init__(text)
        self.idempotency_key = idempotency_key


FAMILIES: Mapping[str, type[ApiError]] = {
    "DAILY_LIMIT_EXCEEDED": LimitExceeded,
    "DEV_MODE_LIMIT_EXCEEDED": LimitExceeded,
    "INSUFFICIENT_BALANCE": InsufficientFunds,
    "INSUFFICIENT_MARGIN": InsufficientFunds,
    "EXCHANGE_ERROR": ExchangeError,
    "NETWORK_ERROR": NetworkError,
    "ORDER_NOT_FOUND": NotFound,
    "ACCOUNT_NOT_FOUND": NotFound,
    "NOT_FOUND": NotFound,
    "CONFLICT": Conflict,
    "INVALID_REQUEST": InvalidRequest,
    "BAD_REQUEST": InvalidRequest,
    "METHOD_NOT_ALLOWED": InvalidRequest,
    "BODY_TOO_LARGE": InvalidRequest,
    "UNSUPPORTED_MEDIA_TYPE": InvalidRequest,
    "UNAUTHORIZED": AccessDenied,
    "FORBIDDEN": AccessDenied,
    "RATE_LIMITED": RateLimited,
    "NOT_READY": NotReady,
    "INTERNAL_ERROR": GatewayFailure,
}
"""Every code of the API."""


def error_of(status: int, message: str, data: Any) -> ApiError:
    """Return the exception for an answer that is an error."""
    told: Mapping[str, Any] = data if isinstance(data, dict) else {}
    code = told.get("error")
    if not isinstance(code, str):
        family = Unsupported if "exchange" in told else GatewayFailure
        return family("", message, told, status)
    return FAMILIES.get(code, GatewayFailure)(code, message, told, status)
