"""The effective configuration, line by line: each setting, its value and where that came from."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr

from fixgate.config.errors import path_text
from fixgate.config.fields import Keys, named_fields
from fixgate.config.hocon import Document, Origin
from fixgate.config.syntax import MASK, is_secret_key
from fixgate.model.decimals import plain
from fixgate.model.durations import duration_text


@dataclass(frozen=True, slots=True)
class Line:
    """One setting: where it stands, its value as text (secrets masked) and the value's origin."""

    keys: Keys
    value: str
    origin: Origin

    def __str__(self) -> str:
        return f"{path_text(self.keys)} = {self.value}   # {self.origin}"


def effective(
    settings: BaseModel, connectors: Mapping[str, tuple[str, BaseModel]], document: Document
) -> list[Line]:
    """Return a line per setting, sorted by path. `connectors` are factory and settings by key."""
    leaves = list(_leaves(settings, ()))
    for name, (factory, inner) in connectors.items():
        leaves.append((("connectors", name, "factory"), factory))
        leaves.append((("connectors", name, "enabled"), True))
        leaves.extend(_leaves(inner, ("connectors", name, "settings")))
    lines = [Line(keys, _text(keys, value), _origin(keys, document)) for keys, value in leaves]
    return sorted(lines, key=lambda line: line.keys)


def _leaves(value: Any, at: Keys) -> Iterator[tuple[Keys, Any]]:
    if isinstance(value, BaseModel):
        for key, name, _ in named_fields(type(value)):
            yield from _leaves(getattr(value, name), (*at, key))
    elif isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, (*at, str(key)))
    elif isinstance(value, tuple) and any(isinstance(inner, BaseModel) for inner in value):
        for index, inner in enumerate(value):
            yield from _leaves(inner, (*at, index))
    else:
        yield at, value


def _text(keys: Keys, value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, SecretStr) or (isinstance(keys[-1], str) and is_secret_key(keys[-1])):
        return MASK
    return value_text(value)


def value_text(value: Any) -> str:
    """Return a value as HOCON writes it."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case timedelta():
            return duration_text(value)
        case Decimal():
            return plain(value)
        case Enum():
            return str(value.value)
        case int():
            return str(value)
        case tuple() | list():
            return f"[{', '.join(value_text(inner) for inner in value)}]"
        case dict() | BaseModel():
            return "{}"
        case SecretStr():
            return MASK
        case Path() | str():
            return json.dumps(str(value), ensure_ascii=False)
        case _:
            raise TypeError(f"{type(value).__name__} is not a type that settings have")


def _origin(keys: Keys, document: Document) -> Origin:
    """Return the origin of a value: its default's, where the files say nothing or null."""
    value: Any = document.values
    for key in keys:
        if isinstance(value, dict):
            value = value.get(str(key))
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            value = None
    return Origin() if value is None else document.origins[keys]
