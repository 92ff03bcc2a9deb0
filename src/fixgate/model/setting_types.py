"""The types that settings are made of: text as a configuration file has it, to exact values.

Every type takes the text of a configuration file or the value itself. Every error says what would
be right and never repeats the value, which the caller shows, or masks where it is a secret.
"""

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, SecretStr, StringConstraints
from pydantic.alias_generators import to_camel

from fixgate.model.decimals import parse_decimal
from fixgate.model.durations import parse_duration

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")


class Settings(BaseModel):
    """A block of settings: frozen, unknown keys refused, camelCase in files and snake_case in Python."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        validate_by_name=False,
        validate_by_alias=True,
        validate_default=False,
    )


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise ValueError("must be true or false")


def _whole(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    raise ValueError("must be a whole number, such as 30")


def _amount(value: object) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, str | int) and not isinstance(value, bool):
        try:
            return parse_decimal(str(value))
        except ValueError:
            pass
    raise ValueError("must be a decimal number in plain notation, such as 0.25")


def _duration(value: object) -> timedelta:
    if isinstance(value, str | int | timedelta):
        try:
            return parse_duration(value)
        except ValueError:
            pass
    raise ValueError("must be a number and a unit, such as 30 minutes, 5 seconds or 250 ms")


def _url(value: str, schemes: tuple[str, str]) -> str:
    example = f"{schemes[0]}://host or {schemes[1]}://host:port/path"
    try:
        parts = urlsplit(value)
        right = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        right = False
    if not right or any(char.isspace() for char in value):
        raise ValueError(f"must be {example}")
    if parts.query or parts.fragment or "?" in value or "#" in value:
        raise ValueError(f"must be {example}, without a query or a fragment")
    if parts.username is not None:
        raise ValueError(f"must be {example}, without a user name or a password")
    return value.rstrip("/")


def _http_url(value: str) -> str:
    return _url(value, ("https", "http"))


def _websocket_url(value: str) -> str:
    return _url(value, ("wss", "ws"))


def _path(value: Any) -> Path:
    if not isinstance(value, str | Path) or not str(value) or "\x00" in str(value):
        raise ValueError("must be the path of a file or a folder")
    return Path(value)


def at_least(smallest: timedelta, text: str, *, above: bool = False) -> AfterValidator:
    """Return a check that a duration is `smallest` or longer (longer only, if `above`); `text` spells it."""

    def check(value: timedelta) -> timedelta:
        if value < smallest or (above and value == smallest):
            raise ValueError(f"must be {'longer than' if above else 'at least'} {text}")
        return value

    return AfterValidator(check)


def below(limit: timedelta, text: str) -> AfterValidator:
    """Return a check that a duration is shorter than `limit`, which `text` spells."""

    def check(value: timedelta) -> timedelta:
        if value >= limit:
            raise ValueError(f"must be shorter than {text}")
        return value

    return AfterValidator(check)


def _list_of_text(value: Any) -> Any:
    if isinstance(value, str):
        raise ValueError('must be a list, such as ["A", "B"]')
    return value


Flag = Annotated[bool, BeforeValidator(_flag)]
"""`true` or `false`, nothing else."""

WholeNumber = Annotated[int, BeforeValidator(_whole)]
"""A whole number, never a fraction, an exponent or a boolean."""

Amount = Annotated[Decimal, BeforeValidator(_amount)]
"""An exact decimal number in plain notation; no float on the way."""

Duration = Annotated[timedelta, BeforeValidator(_duration)]
"""A HOCON duration: `30 minutes`, `5s`, or a bare number of milliseconds."""

PositiveDuration = Annotated[Duration, at_least(timedelta(0), "0", above=True)]
"""A duration longer than nothing."""

HttpUrl = Annotated[str, AfterValidator(_http_url)]
"""An http or https address without query; a trailing slash is dropped."""

WebSocketUrl = Annotated[str, AfterValidator(_websocket_url)]
"""A ws or wss address without query; a trailing slash is dropped."""

FilePath = Annotated[Path, BeforeValidator(_path)]
"""A path; one that is not absolute starts at the folder of the configuration file."""

NonEmpty = Annotated[str, StringConstraints(min_length=1)]
"""Text of at least one character."""

Secret = Annotated[SecretStr, StringConstraints(min_length=1)]
"""Text that is never shown: given inline, by `${VARIABLE}` or as `file:/path`."""

TextList = BeforeValidator(_list_of_text)
"""Says plainly that a list is wanted where a single text was given."""
