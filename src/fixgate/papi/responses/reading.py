"""From the venue's JSON to typed values: exact, and patient with what the venue changes."""

from typing import Any, TypeVar, get_origin

import msgspec

from fixgate.papi.answers import PapiError

T = TypeVar("T")

_plain = msgspec.json.Decoder(float_hook=str)
"""Numbers with a fraction become their text, which is exact; what they are is for the wanted type to say."""


class UnreadableAnswer(PapiError):
    """An answer that was given and cannot be understood. Its text does not quote the answer."""


def read_answer(body: bytes, wanted: type[T]) -> T:
    """Return `body` as a `wanted`; raises `UnreadableAnswer`.

    Numbers may come as text or not. A field that is empty or null counts as absent where its type does not
    take it. For some calls the venue is documented with an object and with a list: one object is read
    as a list of one, and a list of one as its object, as wanted.
    """
    try:
        return msgspec.json.decode(body, type=wanted, strict=False)
    except msgspec.ValidationError:
        pass
    except (msgspec.DecodeError, RecursionError, ArithmeticError) as error:
        raise _unreadable(body, wanted, type(error).__name__) from None
    try:
        return read_value(_fitted(_plain.decode(body), wanted), wanted)
    except (msgspec.MsgspecError, RecursionError, ArithmeticError) as error:
        raise _unreadable(body, wanted, str(error)) from None


def read_value(value: Any, wanted: type[T]) -> T:
    """Return decoded JSON as a `wanted`; raises `msgspec.ValidationError`."""
    try:
        return msgspec.convert(value, wanted, strict=False)
    except msgspec.ValidationError:
        return msgspec.convert(_without_empty(value), wanted, strict=False)


def _fitted(value: Any, wanted: type[Any]) -> Any:
    if get_origin(wanted) is list:
        return [value] if isinstance(value, dict) else value
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_empty(v) for k, v in value.items() if v is not None and v != ""}
    if isinstance(value, list):
        return [_without_empty(v) for v in value]
    return value


def _unreadable(body: bytes, wanted: type[Any], why: str) -> UnreadableAnswer:
    name = str(wanted) if get_origin(wanted) else wanted.__name__
    return UnreadableAnswer(f"the answer ({len(body)} bytes) should be the venue's JSON for {name}: {why}")
