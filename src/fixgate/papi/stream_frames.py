"""Frames of a user data stream: text into events, and two overlapping sockets into one stream.

Pure functions and values; sockets live in `user_stream`. Source: PAPI user data streams, "Connect" and
"Combined streams".
"""

from decimal import Decimal
from typing import Any

import msgspec

Event = dict[str, Any]
"""An event as the venue sent it; numbers are str, int or Decimal, never float."""

_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=Decimal)


class MalformedFrame(ValueError):
    """A frame that is not a JSON object. Its text never quotes the frame."""


class ControlReply(msgspec.Struct, frozen=True):
    """The answer to a SUBSCRIBE or the like: no event. `error` is empty for a success."""

    error: str


def read_frame(raw: bytes) -> Event | ControlReply:
    """Return the event in `raw`, plain or wrapped as `{"stream": …, "data": …}`, or a control reply.

    Raises `MalformedFrame` for anything but a JSON object.
    """
    try:
        frame = _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedFrame(f"frame of {len(raw)} bytes is not JSON ({type(error).__name__})") from None
    if isinstance(frame, dict) and "stream" in frame and "data" in frame:
        frame = frame["data"]
    if not isinstance(frame, dict):
        raise MalformedFrame(f"frame of {len(raw)} bytes holds a {type(frame).__name__}, not an object")
    if "e" not in frame and ("result" in frame or "error" in frame):
        reason = frame.get("error")
        if isinstance(reason, dict):
            return ControlReply(f"{reason.get('code')}: {str(reason.get('msg'))[:120]}")
        return ControlReply("" if reason is None else str(reason)[:120])
    return frame


class Overlap:
    """Merges sockets that carry the same stream: each payload counts as often as on any one socket.

    A payload is dropped only when another socket already delivered that occurrence of it, byte for
    byte. Two equal payloads on the same socket both count.
    """

    def __init__(self) -> None:
        self._delivered: dict[bytes, int] = {}
        self._seen: dict[tuple[int, bytes], int] = {}

    def is_duplicate(self, socket: int, raw: bytes) -> bool:
        """Note `raw` from `socket`; True when its turn was already delivered from another socket."""
        seen = self._seen.get((socket, raw), 0) + 1
        self._seen[socket, raw] = seen
        if seen <= self._delivered.get(raw, 0):
            return True
        self._delivered[raw] = seen
        return False
