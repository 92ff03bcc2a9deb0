"""What is wrong with a configuration, said so that it can be put right: all of it at once.

A problem names the place, the setting, the value it had and what would be right. A value that is
secret, or stands where one may, is masked.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from fixgate.config.fields import Shape, at_path, holds_secret, known_keys
from fixgate.config.hocon import Keys, Origin
from fixgate.config.syntax import MASK, HoconError, is_secret_key

_LONGEST = 60

_PLAIN = {
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "tuple_type": "must be a list, [ ... ]",
    "list_type": "must be a list, [ ... ]",
    "dict_type": "must be a block of settings, { ... }",
    "model_type": "must be a block of settings, { ... }",
    "model_attributes_type": "must be a block of settings, { ... }",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right.

    `origin` is where the value was set, or the block that lacks it; `path` is the setting
    (`fix.sessions[0].password`); `value` is the value as text, `""` where there is none to show.
    """

    origin: str
    path: str
    value: str
    message: str

    def __str__(self) -> str:
        setting = f"{self.path} = {self.value}" if self.value else self.path
        return ": ".join(part for part in (self.origin, setting, self.message) if part)


class ConfigError(Exception):
    """A configuration that cannot be used, with every problem that was found."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__("\n".join([f"the configuration has {count}:", *(f"  {p}" for p in problems)]))


def unreadable(error: HoconError) -> ConfigError:
    """Return the error for a file that is not HOCON."""
    return ConfigError([Problem(error.where, "", "", error.explanation)])


def path_text(keys: Keys) -> str:
    """Return `keys` as a person writes them: `fix.sessions[0].senderCompId`."""
    text = ""
    for key in keys:
        if isinstance(key, int):
            text += f"[{key}]"
        else:
            name = key if key and all(char.isalnum() or char in "_-" for char in key) else f'"{key}"'
            text += f".{name}" if text else name
    return text


def origin_of(keys: Keys, origins: Mapping[Keys, Origin]) -> Origin:
    """Return where the value at `keys` was set, or else the nearest block around it."""
    for end in range(len(keys), -1, -1):
        if keys[:end] in origins:
            return origins[keys[:end]]
    return Origin()


def found_in(
    error: ValidationError, model: type[BaseModel], above: Keys, origins: Mapping[Keys, Origin]
) -> list[Problem]:
    """Return the problems that the validation of `model`, which stands at `above`, found."""
    details = error.errors(include_url=False, include_context=True, include_input=True)
    return [_problem(detail, model, above, origins) for detail in details if not _is_echo(detail)]


def _is_echo(detail: ErrorDetails) -> bool:
    """True when a list counts as too short only because its elements have problems of their own."""
    return detail["type"] == "too_short" and len(detail["input"]) >= detail["ctx"]["min_length"]


def _problem(
    detail: ErrorDetails, model: type[BaseModel], above: Keys, origins: Mapping[Keys, Origin]
) -> Problem:
    inner: Keys = tuple(key for key in detail["loc"] if key != "[key]")
    keys = (*above, *inner)
    shape = at_path(model, inner)
    if detail["type"] == "missing":
        origin = origin_of(keys[:-1], origins)
        wanted = shape.description if shape else ""
        return Problem(str(origin), path_text(keys), "", f"is missing. {wanted}".rstrip())
    if detail["type"] == "extra_forbidden":
        known = known_keys(model, inner[:-1])
        return unknown_key(keys, known, origins)
    about_block = detail["type"] == "value_error" and isinstance(detail["input"], dict)
    value = "" if about_block else shown(detail["input"], masked=_is_masked(keys, shape))
    return Problem(str(origin_of(keys, origins)), path_text(keys), value, _message(detail))


def unknown_key(keys: Keys, known: list[str], origins: Mapping[Keys, Origin]) -> Problem:
    """Return the problem of a setting that does not exist; its value is not shown."""
    folded = {name.lower(): name for name in known}
    near = difflib.get_close_matches(str(keys[-1]).lower(), folded, n=1, cutoff=0.6)
    hint = f"did you mean {folded[near[0]]!r}?" if near else f"known here are {', '.join(known)}"
    return Problem(str(origin_of(keys, origins)), path_text(keys), "", f"unknown setting; {hint}")


def _message(detail: ErrorDetails) -> str:
    kind = detail["type"]
    context: dict[str, Any] = detail.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "enum":
        return f"must be one of {str(context['expected']).replace(chr(39), '').replace(' or ', ', ')}"
    if kind == "greater_than_equal":
        return f"must be at least {context['ge']}"
    if kind == "less_than_equal":
        return f"must be at most {context['le']}"
    if kind == "too_short":
        count = context["min_length"]
        return (
            "must not be empty" if isinstance(detail["input"], str) else f"must have at least {count} element"
        )
    return _PLAIN.get(kind, f"is not valid ({kind})")


def _is_masked(keys: Keys, shape: Shape | None) -> bool:
    if any(isinstance(key, str) and is_secret_key(key) for key in keys):
        return True
    return shape is None or holds_secret(shape.annotation)


def shown(value: object, *, masked: bool) -> str:
    """Return a value fit for an error text: short, on one line, masked if it must be."""
    if isinstance(value, dict):
        return "{ ... }"
    if masked:
        return MASK
    if isinstance(value, list | tuple):
        inner = [shown(element, masked=False) for element in value]
        text = f"[{', '.join(inner)}]"
    else:
        text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
