"""What a request may carry: fields with their kinds, read from a body or a query, and told as JSON schema.

Deny by default: a field that is not in the table is refused with the name that was probably meant, a value
that is not of its kind with what would be right. All problems of a request are told at once.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

import msgspec

from fixgate.api.answers import Refusal
from fixgate.model.exact_json import BadNumber, shortest, write
from fixgate.model.execution import ErrorCode

UNPROCESSABLE = 422
_E = TypeVar("_E", bound=StrEnum)
_WHOLE = re.compile(r"[0-9]{1,18}")


class Wrong(Exception):
    """A value is not of its kind; the text says what it must be, after the name of the field."""


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """What values a field takes. `of_json` and `of_text` return the value or raise `Wrong`."""

    schema: Mapping[str, Any]
    of_json: Callable[[Any], Any]
    of_text: Callable[[str], Any]


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a body or a query; `about` describes it to callers. A JSON null counts as absent."""

    name: str
    kind: Kind
    about: str
    required: bool = False
    default: Any = None


class Problem(msgspec.Struct, frozen=True):
    """What is wrong with one field: its value as JSON has it, shortened, and what it must be."""

    field: str
    value: str | None
    expected: str

    def __str__(self) -> str:
        was = f"; it was {self.value}" if self.value is not None else ""
        return f"{self.field} {self.expected}{was}"


def text(pattern: str, expected: str) -> Kind:
    """Return the kind of text that `pattern`, a regular expression with both anchors, describes."""
    right = re.compile(pattern).fullmatch

    def read(value: Any) -> str:
        if not isinstance(value, str) or not value.isprintable() or not right(value):
            raise Wrong(f"must be {expected}")
        return value

    return Kind(schema={"type": "string", "pattern": pattern}, of_json=read, of_text=read)


def choice(members: Iterable[_E]) -> Kind:
    """Return the kind whose values are those of `members`, read to the members."""
    known = {member.value: member for member in members}
    listed = ", ".join(known)

    def read(value: Any) -> _E:
        member = known.get(value) if isinstance(value, str) else None
        if member is None:
            near = difflib.get_close_matches(value.lower(), _folded(known), n=1) if _is_word(value) else []
            hint = f" (did you mean {_folded(known)[near[0]]}?)" if near else ""
            raise Wrong(f"must be one of {listed}{hint}")
        return member

    return Kind(schema={"type": "string", "enum": list(known)}, of_json=read, of_text=read)


def number(expected: str, example: str, *, at_most: Decimal | None = None) -> Kind:
    """Return the kind of exact numbers above zero; `at_most` is the largest, if there is one."""
    schema: dict[str, Any] = {"type": "number", "exclusiveMinimum": 0}
    if at_most is not None:
        schema["maximum"] = int(at_most)

    def read(value: Any) -> Decimal:
        if isinstance(value, BadNumber):
            raise Wrong(f"{value.why}; it must be {expected}, such as {example}")
        if not isinstance(value, Decimal):
            raise Wrong(f"must be a JSON number, such as {example}")
        if value <= 0 or (at_most is not None and value > at_most):
            raise Wrong(f"must be {expected}, such as {example}")
        return value

    def read_text(value: str) -> Decimal:
        raise Wrong("cannot stand in a query")

    return Kind(schema=schema, of_json=read, of_text=read_text)


def whole(low: int, high: int, example: str) -> Kind:
    """Return the kind of whole numbers from `low` to `high`, for queries."""
    expected = f"must be a whole number from {low} to {high}, such as {example}"

    def read_text(value: str) -> int:
        if not _WHOLE.fullmatch(value) or not low <= int(value) <= high:
            raise Wrong(expected)
        return int(value)

    def read(value: Any) -> int:
        if not isinstance(value, Decimal) or value != value.to_integral_value() or not low <= value <= high:
            raise Wrong(expected)
        return int(value)

    return Kind(schema={"type": "integer", "minimum": low, "maximum": high}, of_json=read, of_text=read_text)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Wrong("must be true or false")
    return value


FLAG = Kind(schema={"type": "boolean"}, of_json=_flag, of_text=_flag)


def from_body(fields: Sequence[Field], given: Any) -> dict[str, Any]:
    """Return the value of every field, defaults filled in. Raises `Refusal` 422 with every problem."""
    if not isinstance(given, dict):
        raise refusal([Problem("the body", _shown(given), "must be a JSON object")])
    found = {key: value for key, value in given.items() if value is not None}
    known = {field.name for field in fields}
    unknown = [Problem(spelt(key), None, _unknown(key, fields)) for key in given if key not in known]
    return _values(fields, found, unknown, lambda field: field.kind.of_json)


def from_query(fields: Sequence[Field], given: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return the value of every field of a query, as `from_body` does; each may be there once."""
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    known = {field.name for field in fields}
    for key, value in given:
        if key not in known:
            problems.append(Problem(spelt(key), None, _unknown(key, fields)))
        elif key in found:
            problems.append(Problem(key, _shown(value), "must be given once"))
        found[key] = value
    return _values(fields, found, problems, lambda field: field.kind.of_text)


def refusal(problems: Sequence[Problem]) -> Refusal:
    """Return the 422 that tells these problems."""
    return Refusal(
        ErrorCode.INVALID_REQUEST,
        "; ".join(str(problem) for problem in problems),
        {"problems": [{"field": p.field, "value": p.value, "expected": p.expected} for p in problems]},
        status=UNPROCESSABLE,
    )


def _values(
    fields: Sequence[Field],
    found: Mapping[str, Any],
    problems: list[Problem],
    reader: Callable[[Field], Callable[[Any], Any]],
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in fields:
        if field.name not in found:
            if field.required:
                problems.append(Problem(field.name, None, f"is missing. {field.about}"))
            values[field.name] = field.default
            continue
        value = found[field.name]
        try:
            values[field.name] = reader(field)(value)
        except Wrong as error:
            problems.append(Problem(field.name, _shown(value), str(error)))
    if problems:
        raise refusal(problems)
    return values


def _unknown(key: str, fields: Sequence[Field]) -> str:
    names = [field.name for field in fields]
    near = difflib.get_close_matches(key.lower(), names, n=1)
    if near:
        return f"is not a field here; did you mean {near[0]}?"
    return (
        f"is not a field here; there are {', '.join(names)}"
        if names
        else "is not a field here: none is taken"
    )


def spelt(key: str) -> str:
    """Return a key fit for an answer: a strange one is spelt in ASCII."""
    return (key if key.isprintable() and key else ascii(key))[:60]


def _shown(value: Any) -> str:
    """Return a value as JSON has it, shortened, for an error text."""
    if isinstance(value, BadNumber):
        return value.text
    if isinstance(value, Decimal):
        shown = shortest(value)
    elif isinstance(value, dict):
        shown = "an object"
    elif isinstance(value, list):
        shown = "a list"
    elif isinstance(value, str) and not value.isprintable():
        shown = ascii(value)
    else:
        shown = write(value).decode()
    return shown if len(shown) <= 60 else f"{shown[:60]}..."


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 40


def _folded(known: Iterable[str]) -> dict[str, str]:
    return {name.lower(): name for name in known}
