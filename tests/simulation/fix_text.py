"""FIX 4.4 text as a client's own engine writes and reads it, apart from the gateway's code."""

import time
from collections.abc import Iterable

SOH = "\x01"
GATEWAY = "FIXGATE"
ADMIN = frozenset("0123456789A") - frozenset("789")
"""MsgTypes of the session: heartbeat, test request, resend request, reject, sequence reset, logout, Logon."""
_MOVING = frozenset({"8", "9", "10", "34", "43", "49", "52", "56", "97", "122"})
"""What may differ between a message and its repetition."""

Fields = dict[str, str]


def parse(raw: str) -> Fields:
    """Return the fields of a message by tag; of a tag that repeats, the first value."""
    fields: Fields = {}
    for item in raw.split(SOH):
        tag, equals, value = item.partition("=")
        if equals:
            fields.setdefault(tag, value)
    return fields


def frame(body: str) -> str:
    """Put BeginString, BodyLength and CheckSum around `body`, which starts with 35."""
    head = f"8=FIX.4.4{SOH}9={len(body)}{SOH}{body}"
    return f"{head}10={sum(head.encode('latin-1')) % 256:03d}{SOH}"


def join(fields: Iterable[tuple[str, object]]) -> str:
    return "".join(f"{tag}={value}{SOH}" for tag, value in fields)


def numbered(body: str, seq: int, sender: str, target: str, *, original: str = "") -> str:
    """Return a whole message: `body` (from 35 on) with its header. `original`: the SendingTime(52) of the
    first time, for a repetition with PossDupFlag."""
    kind, _, rest = body.partition(SOH)
    header = [(*kind.split("=", 1),), ("34", seq), ("49", sender), ("52", utc_now()), ("56", target)]
    if original:
        header[2:2] = [("43", "Y")]
        header.append(("122", original))
    return frame(join(header) + rest)  # type: ignore[arg-type]


def utc_now() -> str:
    """Return the time as a UTCTimestamp with milliseconds."""
    now = time.time_ns() // 1_000_000
    return time.strftime("%Y%m%d-%H:%M:%S", time.gmtime(now // 1000)) + f".{now % 1000:03d}"


def body_of(raw: str) -> str:
    """Return a message from 35 on without its header and trailer fields."""
    kept = [
        item
        for item in raw.split(SOH)
        if item and item.partition("=")[0] not in ("8", "9", "10", "34", "43", "49", "52", "56", "122")
    ]
    return SOH.join(kept) + SOH


def content(fields: Fields) -> Fields:
    """Return what must be the same in every repetition of a message."""
    return {tag: value for tag, value in fields.items() if tag not in _MOVING}


def show(raw: str) -> str:
    """Return a message on one line, without the noise of its header."""
    return body_of(raw).replace(SOH, "|")
