"""JSON whose numbers are exact: read to `Decimal`, written as the shortest plain number.

`Decimal("43250.50")` is written `43250.5`, `Decimal("1E-8")` is written `0.00000001`. No float is in between
in either direction.
"""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from math import isfinite
from typing import Any

import msgspec

from fixgate.model.decimals import MAX_DIGITS

MAX_EXPONENT = 38
"""How far from the point a digit may stand; keeps `1e400` from becoming 400 digits."""

_LONGEST = 100
_EXPONENT = re.compile(r"[eE]([+-]?[0-9]+)")


class JsonError(ValueError):
    """Text that is not JSON, or not JSON that means one thing. `field` is the key it is about, if any."""

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field


class BadNumber(msgspec.Struct, frozen=True):
    """Stands for a number that cannot be taken, so that whoever reads its field can name it. `text` is how it
    was spelt, `why` what is wrong with it."""

    text: str
    why: str


def read(body: bytes) -> Any:
    """Return what `body` says: objects as dict, every number as `Decimal`, or as `BadNumber`.

    Raises `JsonError` for what is not UTF-8 or not JSON, for a key that is there twice and for values that
    are nested without end.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JsonError(f"must be UTF-8 text; byte {error.start} is not") from None
    try:
        return json.loads(
            text,
            parse_float=_number,
            parse_int=_number,
            parse_constant=_constant,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        raise JsonError(f"must be JSON: {error.msg}, line {error.lineno} column {error.colno}") from None
    except RecursionError:
        raise JsonError("must be JSON of a few levels; it is nested too deeply") from None


def write(value: Any) -> bytes:
    """Return `value` as JSON. Raises `ValueError` for a `Decimal` that is not finite."""
    return msgspec.json.encode(_prepared(value))


def pretty(value: Any) -> str:
    """Return `value` as JSON for people, indented."""
    return msgspec.json.format(write(value), indent=2).decode()


def shortest(number: Decimal) -> str:
    """Return a number in plain notation without needless zeros: `1E+3` is `1000`, `-0.00` is `0`."""
    if not number.is_finite():
        raise ValueError(f"{number} cannot be written as a JSON number")
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _number(text: str) -> Decimal | BadNumber:
    shown = text if len(text) <= 40 else f"{text[:40]}..."
    if len(text) > _LONGEST:
        return BadNumber(shown, f"has more than {MAX_DIGITS} digits")
    exponent = _EXPONENT.search(text)
    if exponent is not None and len(exponent[1]) > 4:
        return BadNumber(shown, "is too large or too small")
    number = Decimal(text)
    if len(number.as_tuple().digits) > MAX_DIGITS:
        return BadNumber(shown, f"has more than {MAX_DIGITS} digits")
    lowest = number.as_tuple().exponent
    if number and (number.adjusted() > MAX_EXPONENT or int(lowest) < -MAX_EXPONENT):
        return BadNumber(shown, "is too large or too small")
    return number if number else Decimal(0)


def _constant(text: str) -> BadNumber:
    return BadNumber(text, "is not a number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        keys = [key for key, _ in pairs]
        double = next(key for key in keys if keys.count(key) > 1)
        raise JsonError(f"{double!r} is there twice; give it once", double)
    return values


def _prepared(value: Any) -> Any:
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if isinstance(value, Decimal):
        return msgspec.Raw(shortest(value).encode())
    if kind is dict or isinstance(value, Mapping):
        return {str(key): _prepared(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_prepared(inner) for inner in value]
    if isinstance(value, float):
        return msgspec.Raw(shortest(Decimal(repr(value))).encode()) if isfinite(value) else None
    return value
