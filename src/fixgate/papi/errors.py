"""What a failed answer says about the request: not executed, or unknown.

The rule behind every branch: a request counts as not executed only where the venue documents it so;
anything else is UNKNOWN, because a wrong "no" can make a client trade twice. Sources: PAPI general
info ("HTTP Return Codes", "Error Codes and Messages") and PAPI error codes.
"""

import json
import re
from collections.abc import Mapping

import msgspec

from fixgate.papi.answers import Answer, PapiError, Response
from fixgate.papi.error_codes import Outcome, error_code
from fixgate.papi.legs import Leg

MAX_MESSAGE = 300
"""Characters of a venue's message that are kept."""


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why a request was not plainly accepted, and what that means.

    `code` is the venue's number, None when it gave none; `name` its name for it, empty when unknown.
    `retry_after` is the venue's wish in seconds; `banned_until_ms` the epoch milliseconds of an
    address ban. `verify_first` is True where a request that was not executed must still be looked up
    by its client order id before it is sent again.
    """

    outcome: Outcome
    code: int | None = None
    name: str = ""
    message: str
    status: int | None = None
    retry_after: float | None = None
    banned_until_ms: int | None = None
    verify_first: bool = False


class VenueError(PapiError):
    """A call that the venue answered with a failure."""

    def __init__(self, failure: Failure) -> None:
        code = "" if failure.code is None else f" {failure.code}"
        super().__init__(f"{failure.outcome.value}{code}: {failure.message}")
        self.failure = failure


_VERIFY_FIRST = frozenset({-1001, -5041})

_EDGE_REFUSALS: dict[int, Outcome] = {
    401: Outcome.INFRA_AUTH,
    403: Outcome.INFRA_AUTH,
    404: Outcome.INFRA_AUTH,
    405: Outcome.INFRA_AUTH,
    413: Outcome.INFRA_AUTH,
    414: Outcome.INFRA_AUTH,
    418: Outcome.THROTTLED,
    429: Outcome.THROTTLED,
    431: Outcome.INFRA_AUTH,
}
"""Statuses that the venue's edge gives before a request reaches an exchange, whatever the body."""

_UNKNOWN_TEXTS = ("unknown error", "request occur unknown error")
_DOWN_TEXT = "service unavailable"
_INTERNAL_TEXT = "internal error; unable to process your request"
_DUPLICATE_TEXT = "duplicate order sent"
_banned_until = re.compile(r"banned until (\d{12,14})").search


def classify(
    status: int, body: bytes, leg: Leg | None = None, headers: Mapping[str, str] | None = None
) -> Failure:
    """Return what an answer that is not an acceptance means for a request that changes something.

    For a 2xx status it says UNKNOWN: call it with one only when the body could not be used. `headers`
    have lower-case names. Never raises, whatever the body holds.
    """
    code, message = _read(body)
    row = None if code is None else error_code(code, leg)
    return Failure(
        outcome=_outcome(status, code, message, None if row is None else row.outcome),
        code=code,
        name="" if row is None else row.name,
        message=message or f"HTTP {status} with a body that is not the venue's JSON ({len(body)} bytes)",
        status=status,
        retry_after=_retry_after(headers),
        banned_until_ms=int(ban[1]) if (ban := _banned_until(message)) else None,
        verify_first=code in _VERIFY_FIRST,
    )


def failure_of(answer: Answer, leg: Leg | None = None) -> Failure | None:
    """Return the failure in `answer`, None if it is a 2xx response.

    A request that never left is retryable; one that left and was not answered is UNKNOWN.
    """
    if isinstance(answer, Response):
        if 200 <= answer.status < 300:
            return None
        return classify(answer.status, answer.body, leg, answer.headers)
    outcome = Outcome.UNKNOWN if answer.sent else Outcome.NOT_EXECUTED_RETRYABLE
    return Failure(outcome=outcome, message=answer.text)


def _outcome(status: int, code: int | None, message: str, known: Outcome | None) -> Outcome:
    text = message.lower()
    if status == 503:
        return _unavailable(code, text, known)
    if status == 408 or not 400 <= status < 500 or known is Outcome.UNKNOWN:
        return Outcome.UNKNOWN
    if status in (418, 429):
        return Outcome.THROTTLED
    if code is None:
        return _EDGE_REFUSALS.get(status, Outcome.UNKNOWN)
    if text.startswith(_UNKNOWN_TEXTS):
        return Outcome.UNKNOWN
    if code in (-1010, -2010) and text.startswith(_DUPLICATE_TEXT):
        return Outcome.UNKNOWN
    return known or _EDGE_REFUSALS.get(status, Outcome.REJECT)


def _unavailable(code: int | None, text: str, known: Outcome | None) -> Outcome:
    """The four faces of 503. Text and code must not contradict each other for a definite no."""
    if text.startswith(_UNKNOWN_TEXTS) or known is Outcome.UNKNOWN:
        return Outcome.UNKNOWN
    if code == -1008 or (code == -1001 and text.startswith(_INTERNAL_TEXT)):
        return Outcome.NOT_EXECUTED_RETRYABLE
    if text.startswith(_DOWN_TEXT) and known is None:
        return Outcome.NOT_EXECUTED_RETRYABLE
    return Outcome.UNKNOWN


def _read(body: bytes) -> tuple[int | None, str]:
    """Return the code and the message of an error body, (None, "") if it has neither.

    A short plain text counts as a message: the 503 variants are documented as text.
    """
    try:
        text = body.decode()
        parsed = json.loads(text)
    except UnicodeDecodeError:
        return None, ""
    except (ValueError, RecursionError):
        return None, "" if "<" in text or len(text) > MAX_MESSAGE else _clean(text)
    if not isinstance(parsed, dict):
        return None, ""
    code, message = parsed.get("code"), parsed.get("msg")
    if isinstance(code, str) and re.fullmatch(r"-?[0-9]{1,9}", code):
        code = int(code)
    if not isinstance(code, int) or isinstance(code, bool):
        code = None
    return code, _clean(message) if isinstance(message, str) else ("" if code is None else f"error {code}")


def _clean(text: str) -> str:
    """Printable, on one line, of bounded length."""
    return "".join(c if c.isprintable() else " " for c in text[:MAX_MESSAGE]).strip()


def _retry_after(headers: Mapping[str, str] | None) -> float | None:
    """Seconds of a Retry-After header. The venue sends whole seconds; a date is not understood."""
    value = (headers or {}).get("retry-after", "").strip()
    return float(value) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,3})?", value) else None
