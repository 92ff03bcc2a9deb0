"""From an HTTP request to the values of its fields, or to the refusal that says what is wrong with it.

Bodies are read by `fixgate.model.exact_json`, not by the framework, whose reader makes floats of numbers.
"""

import re
from typing import Any

from starlette.requests import Request

from fixgate.api.answers import JSON, DoorCode, Refusal
from fixgate.api.fields import Problem, from_body, from_query, refusal, spelt
from fixgate.api.routes import Route
from fixgate.model.exact_json import JsonError, read

MAX_BODY = 64 * 1024
MOST_READ = 4 * 1024 * 1024
_KEY = re.compile(r"[!-~]{1,128}")


async def values_of(route: Route, request: Request) -> dict[str, Any]:
    """Return the fields of path, query and body. Raises `Refusal` 413, 415 or 422."""
    query = request.query_params.multi_items() if request.scope["query_string"] else []
    values = from_query(route.query, query)
    if route.path_fields:
        values |= from_query(route.path_fields, list(request.path_params.items()))
    if route.body is not None:
        _refuse_other_types(request)
        body = await _body(request)
        try:
            given = read(body)
        except JsonError as error:
            where = spelt(error.field) if error.field else "the body"
            raise refusal([Problem(where, None, str(error))]) from None
        values |= from_body(route.body, given)
    return values


def idempotency_key(request: Request) -> str:
    """Return the Idempotency-Key of a request, empty if it has none. Raises `Refusal` 422."""
    keys = request.headers.getlist("idempotency-key")
    if not keys:
        return ""
    if len(keys) > 1 or not _KEY.fullmatch(keys[0]):
        expected = "must be one key of 1 to 128 printable ASCII characters without blanks"
        raise refusal([Problem("Idempotency-Key", None, expected)])
    return keys[0]


def _refuse_other_types(request: Request) -> None:
    given = request.headers.get("content-type", "")
    kind, _, parameters = given.partition(";")
    charset = parameters.replace(" ", "").replace('"', "").lower()
    if kind.strip().lower() != JSON or charset not in ("", "charset=utf-8"):
        raise Refusal(
            DoorCode.UNSUPPORTED_MEDIA_TYPE,
            f"Content-Type must be application/json in UTF-8; it was {given[:80]!r}",
        )
    encoding = request.headers.get("content-encoding", "identity")
    if encoding.lower() != "identity":
        raise Refusal(
            DoorCode.UNSUPPORTED_MEDIA_TYPE,
            f"Content-Encoding is not taken; it was {encoding[:80]!r}",
        )


async def _body(request: Request) -> bytes:
    """Return the body. The rest of one that is too long is read and thrown away, up to `MOST_READ`: a
    connection that is closed with bytes unread is reset, and its caller would never see the answer."""
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit():
        length = int(declared[:18])
        if length > MOST_READ or (length > MAX_BODY and "expect" in request.headers):
            raise _too_large(declared[:18])
    parts: list[bytes] = []
    length = 0
    async for part in request.stream():
        length += len(part)
        if length > MOST_READ:
            raise _too_large(f"more than {MOST_READ}")
        if length <= MAX_BODY:
            parts.append(part)
    if length > MAX_BODY:
        raise _too_large(str(length))
    return b"".join(parts)


def _too_large(length: str) -> Refusal:
    """Refuse, and end the connection."""
    return Refusal(
        DoorCode.BODY_TOO_LARGE,
        f"the body must be at most {MAX_BODY} bytes; it has {length}",
        headers={"Connection": "close"},
    )
