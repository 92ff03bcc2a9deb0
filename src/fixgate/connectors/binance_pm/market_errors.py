"""The venue's errors as the Execution API's, by their codes: never by their class or wording, but for the one
code whose wording alone says what it means. Pure. Source: PAPI error codes."""

from fixgate.model.execution import ErrorCode, ExecutionError
from fixgate.papi.answers import PapiError
from fixgate.papi.client.failures import OutcomeUnknown
from fixgate.papi.error_codes import Outcome
from fixgate.papi.errors import VenueError

CODE_OF: dict[int, ErrorCode] = {
    -2011: ErrorCode.ORDER_NOT_FOUND,
    -2013: ErrorCode.ORDER_NOT_FOUND,
    -2018: ErrorCode.INSUFFICIENT_BALANCE,
    51006: ErrorCode.INSUFFICIENT_BALANCE,
    51061: ErrorCode.INSUFFICIENT_BALANCE,
    -2019: ErrorCode.INSUFFICIENT_MARGIN,
    -2024: ErrorCode.INSUFFICIENT_MARGIN,
    -2028: ErrorCode.INSUFFICIENT_MARGIN,
    -4050: ErrorCode.INSUFFICIENT_MARGIN,
    -4112: ErrorCode.INSUFFICIENT_MARGIN,
    -4118: ErrorCode.INSUFFICIENT_MARGIN,
    -1121: ErrorCode.INVALID_REQUEST,
    -1126: ErrorCode.INVALID_REQUEST,
    -4028: ErrorCode.INVALID_REQUEST,
    -4144: ErrorCode.INVALID_REQUEST,
}
"""Any other code is EXCHANGE_ERROR."""

NEW_ORDER_REJECTED = -2010
"""The margin leg's one code for every refused order; its text tells the lack of funds apart."""
_NO_FUNDS_TEXT = "insufficient balance"

_EITHER_SIGN = 51_000
"""Codes of loans from here on come with either sign."""

_NOT_NOW = frozenset({Outcome.THROTTLED, Outcome.CLOCK})


def api_code(code: int | None, message: str = "") -> ErrorCode:
    """Return the API's code for a venue's."""
    if code is None:
        return ErrorCode.EXCHANGE_ERROR
    if code == NEW_ORDER_REJECTED and _NO_FUNDS_TEXT in message.lower():
        return ErrorCode.INSUFFICIENT_BALANCE
    known = abs(code) if abs(code) >= _EITHER_SIGN else code
    return CODE_OF.get(known, ErrorCode.EXCHANGE_ERROR)


def execution_error(error: PapiError) -> ExecutionError:
    """Return what a failed call is for the API. Nothing about the call's outcome is left out: a change that
    may have happened says so in its text."""
    if not isinstance(error, VenueError):
        return ExecutionError(ErrorCode.EXCHANGE_ERROR, f"Binance: {error}")
    failure = error.failure
    data: dict[str, str] = {}
    if failure.code is not None:
        data["exchange_code"] = str(failure.code)
    text = f"Binance: {error}"
    if failure.outcome in _NOT_NOW:
        return ExecutionError(ErrorCode.NOT_READY, text, data)
    if failure.status is None or isinstance(error, OutcomeUnknown):
        return ExecutionError(ErrorCode.NETWORK_ERROR, text, data)
    return ExecutionError(api_code(failure.code, failure.message), text, data)
