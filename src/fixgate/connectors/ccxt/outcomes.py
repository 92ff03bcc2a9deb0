"""What a venue's answer, or the lack of one, says about a request. Pure.

The venue's raw code counts first, by the translator's table; then how far the request got; ccxt's class
last, since it calls many a refusal a network error and the other way round. Of an order request whatever
leaves open if it was executed is unknown, never a reject.

| the request | the answer | verdict |
|---|---|---|
| did not leave | | refused: nothing was sent |
| was refused by the translator's own call, after a question | | refused |
| left | none, or the connection was lost | unknown |
| left | a code in the venue's table | what the table says |
| left | 429 or 418 | limited |
| left | 5xx, 408, or not in the venue's format | unknown |
| left | 2xx or 4xx in the venue's format, an error of the exchange's | refused |
| left | a yes that could not be read | unknown |
"""

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

import msgspec

from fixgate.connectors.ccxt.calls import CallFailed, Transmission
from fixgate.connectors.ccxt.translator import Meaning, Translator, Verdict
from fixgate.model.enums import OrdRejReason
from fixgate.model.execution import ErrorCode
from fixgate.model.refusal import Refused
from fixgate.model.venue import (
    CancelAtVenue,
    ModifyAtVenue,
    OutcomeUnknown,
    RequestRefused,
    SubmitOrder,
    kind_of,
    request_number,
)

MAX_TEXT = 200

_WORDS = ("sMsg", "msg", "retMsg", "message", "detail", "error", "errors", "label", "response")
"""Where venues put their words for people, the most precise first."""

_ADDRESS = re.compile(r"\w+://\S+")
"""Addresses of signed requests carry the signature, and ccxt puts them into its texts."""

_LIMITED = (418, 429)
_PERHAPS_DONE = (408, 499)


class Failure(NamedTuple):
    """A call that brought no answer that can be used. `text` is the venue's own words, bounded, without
    secrets. `retry_after` is in seconds, `None` where the venue did not say."""

    verdict: Verdict
    code: str
    text: str
    error: ErrorCode = ErrorCode.EXCHANGE_ERROR
    reason: OrdRejReason = OrdRejReason.BROKER
    retry_after: float | None = None


def judge(translator: Translator, failed: CallFailed) -> Failure:
    """Return what a failed call means."""
    error, sent = failed.error, failed.transmission
    if isinstance(error, Refused):
        return Failure(Verdict.REFUSED, "", error.text, ErrorCode.INVALID_REQUEST, error.reason)
    error = _as_said(error, sent)
    code = translator.code_of(error)
    text = _text(translator, error, sent)
    meaning = translator.meaning_of(error)
    if meaning is None:
        meaning = _by_transmission(error, sent)
    elif not sent.answered:
        meaning = _unheard(sent)
    if meaning.verdict is Verdict.UNKNOWN and not sent.sent:
        meaning = meaning._replace(verdict=Verdict.REFUSED)  # a question before the request failed
    return Failure(
        meaning.verdict,
        code,
        text,
        meaning.error,
        meaning.reason,
        _retry_after(sent) if sent.answered else None,
    )


def _as_said(error: Exception, sent: Transmission) -> Exception:
    """Return an error with the venue's answer for its text, where ccxt's text is the address and the HTTP
    reason: "Service Unavailable" there is the web server's word, and says nothing of what was done."""
    if sent.answered and sent.status >= 400 and _ADDRESS.search(str(error)):
        return type(error)(sent.body)
    return error


def _unheard(sent: Transmission) -> Meaning:
    """Nothing was answered: done or not, if it left; else nothing was done."""
    return Meaning(Verdict.UNKNOWN if sent.sent else Verdict.REFUSED, ErrorCode.NETWORK_ERROR)


def _by_transmission(error: Exception, sent: Transmission) -> Meaning:
    """Judge what stands in no table."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if not sent.answered:
        if not sent.sent and "ExchangeError" in kinds:
            return Meaning(Verdict.REFUSED, ErrorCode.INVALID_REQUEST)
        return _unheard(sent)
    if sent.status in _LIMITED or "RateLimitExceeded" in kinds:
        return Meaning(Verdict.LIMITED, ErrorCode.NETWORK_ERROR)
    if sent.status >= 500 or sent.status in _PERHAPS_DONE or not _is_json(sent.body):
        return Meaning(Verdict.UNKNOWN, ErrorCode.NETWORK_ERROR)
    if "ExchangeError" not in kinds:
        return Meaning(Verdict.UNKNOWN, ErrorCode.NETWORK_ERROR)
    if "OrderNotFound" in kinds:
        return Meaning(Verdict.NOT_FOUND, ErrorCode.ORDER_NOT_FOUND, OrdRejReason.UNKNOWN_ORDER)
    if "InsufficientFunds" in kinds:
        return Meaning(Verdict.REFUSED, ErrorCode.INSUFFICIENT_BALANCE, OrdRejReason.EXCEEDS_LIMIT)
    return Meaning(Verdict.REFUSED)


def request_failed(
    request: SubmitOrder | CancelAtVenue | ModifyAtVenue, failure: Failure
) -> RequestRefused | OutcomeUnknown:
    """Return the answer to an order request. A duplicate client order id means that an earlier copy of the
    request may have arrived: ask. That an order is canceled already leaves open when and by whom: ask too."""
    unknown = failure.verdict in (Verdict.UNKNOWN, Verdict.DUPLICATE)
    if isinstance(request, SubmitOrder):
        unknown = unknown or failure.verdict is Verdict.DONE
    if unknown:
        return OutcomeUnknown(
            order_id=request.order_id,
            kind=kind_of(request),
            request_id=request_number(request),
            text=failure.text,
        )
    gone = failure.verdict in (Verdict.NOT_FOUND, Verdict.DONE) and not isinstance(request, SubmitOrder)
    return RequestRefused(
        order_id=request.order_id,
        kind=kind_of(request),
        request_id=request_number(request),
        reason=failure.reason,
        code=failure.code,
        text=failure.text,
        error=failure.error,
        order_gone=gone,
    )


def _text(translator: Translator, error: Exception, sent: Transmission) -> str:
    """Return the venue's own words, or ours where it said nothing."""
    if not sent.answered:
        if not sent.sent and "ExchangeError" in {kind.__name__ for kind in type(error).__mro__}:
            return f"nothing was sent: {_clean(str(error))}"
        what = "no answer came in time" if _is_timeout(error) else "the connection failed"
        return f"{translator.title}: {what}" + ("" if sent.sent else "; nothing was sent")
    words = _own_words(sent.body)
    if not words and sent.status in _LIMITED:
        return f"{translator.title} answered {sent.status}: too many requests"
    if not words and sent.status < 400 and type(error).__module__ != "ccxt.base.errors":
        return f"{translator.title}: the answer could not be read ({type(error).__name__})"
    return words or _clean(str(error)) or f"{translator.title} answered {sent.status}"


def stream_text(translator: Translator, failed: CallFailed) -> str:
    """Return why a stream went down, for people."""
    if failed.transmission.answered:
        return judge(translator, failed).text
    said = _clean(str(failed.error))
    return f"{translator.title}: {said or type(failed.error).__name__}"


def _is_timeout(error: Exception) -> bool:
    return isinstance(error, TimeoutError) or type(error).__name__ == "RequestTimeout"


def _own_words(body: str) -> str:
    """Return the text for people in a JSON answer, the innermost that is not empty."""
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return ""
    for name in _WORDS:
        if found := _find(answer, name, 4):
            return _clean(found)
    return ""


def _find(value: Any, name: str, depth: int) -> str:
    if isinstance(value, list) and depth:
        return next((found for each in value[:10] if (found := _find(each, name, depth - 1))), "")
    if not isinstance(value, Mapping) or not depth:
        return ""
    own = value.get(name)
    if isinstance(own, list) and all(isinstance(each, str) for each in own):
        own = ", ".join(own)
    if isinstance(own, str) and own:
        return own
    return next((found for each in value.values() if (found := _find(each, name, depth - 1))), "")


def _clean(text: str) -> str:
    return _ADDRESS.sub("", text).strip()[:MAX_TEXT]


def _is_json(body: str) -> bool:
    try:
        return isinstance(msgspec.json.decode(body), dict | list)
    except (msgspec.DecodeError, RecursionError):
        return False


def _retry_after(sent: Transmission) -> float | None:
    """Return the seconds that Retry-After names, as a number or as a date. Source: RFC 9110, 10.2.3."""
    headers = {name.lower(): value for name, value in sent.headers.items()}
    value = headers.get("retry-after", "").strip()
    if value.replace(".", "", 1).isdigit():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
        return max(0.0, (at - parsedate_to_datetime(headers["date"])).total_seconds())
    except (KeyError, TypeError, ValueError):
        return None
