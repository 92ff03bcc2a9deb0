"""The exact bytes of a query string: percent-encoded before signing, `signature` last.

What is signed is what is sent: the string built here goes into the request line as it is, and no
later layer encodes, sorts or normalises it. Source: PAPI general info, "SIGNED endpoint security".
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from urllib.parse import quote

from fixgate.papi.signing import Signer

Params = Mapping[str, str] | Iterable[tuple[str, str]]
"""Names and values in sending order. Values are text: numbers in plain notation, `true`, `false`."""

_RESERVED = frozenset({"timestamp", "recvWindow", "signature"})
_name_form = re.compile(r"[A-Za-z][A-Za-z0-9]*").fullmatch
_unreserved = re.compile(r"[A-Za-z0-9._~-]*").fullmatch


@lru_cache(maxsize=512)
def _is_name(name: str) -> bool:
    return _name_form(name) is not None


def encode_query(params: Params) -> str:
    """Return `params` as `name=value&name=value`, values percent-encoded UTF-8.

    Only RFC 3986 unreserved characters stay as they are. Booleans and ints may be given and become
    `true`, `false` and digits. Raises `TypeError` for a float, a Decimal or None, and `ValueError` for a
    repeated name, an odd name, or text that is not valid Unicode.
    """
    parts: list[str] = []
    names: set[str] = set()
    for name, value in params if isinstance(params, list) else _pairs(params):
        if name in names:
            raise ValueError(f"parameter {name} is given twice; the venue refuses that (-1101)")
        if not _is_name(name):
            raise ValueError(
                f"{name!r} is not a parameter name; use letters and digits, such as newClientOrderId"
            )
        names.add(name)
        text = value if type(value) is str else _text(name, value)
        parts.append(f"{name}={text if _unreserved(text) else _quoted(name, text)}")
    return "&".join(parts)


def encode_order_params(params: Params) -> str:
    """Return `encode_query(params)`, refusing the names that signing adds itself (`ValueError`)."""
    pairs = params if isinstance(params, list) else list(_pairs(params))
    for name, _ in pairs:
        if name in _RESERVED:
            raise ValueError(f"parameter {name} is added when the request is signed; leave it out")
    return encode_query(pairs)


def _pairs(params: Params) -> Iterable[tuple[str, str]]:
    return params.items() if isinstance(params, Mapping) else params


def signed_query(query: str, timestamp_ms: int, recv_window_ms: int, signer: Signer) -> bytes:
    """Return `query` with its timing and, last, its signature.

    `query` is already encoded and may be empty. A `recv_window_ms` of 0 leaves the parameter out, and
    the venue's default of 5000 ms applies.
    """
    timing = (
        f"recvWindow={recv_window_ms}&timestamp={timestamp_ms}"
        if recv_window_ms
        else f"timestamp={timestamp_ms}"
    )
    payload = (f"{query}&{timing}" if query else timing).encode("ascii")
    return b"%b&signature=%b" % (payload, signer.sign(payload).encode("ascii"))


def _text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return str(int(value))
    raise TypeError(
        f"parameter {name} is a {type(value).__name__}; give text in plain notation, "
        "and leave out what does not apply"
    )


def _quoted(name: str, text: str) -> str:
    try:
        return quote(text, safe="")
    except UnicodeEncodeError:
        raise ValueError(f"parameter {name} is {text[:48]!r}, which is not valid Unicode text") from None
