"""The reference page of every setting, written from the models: `python -m fixgate.config.reference`.

Without an argument the page goes to standard output; with one, to that file.
"""

import pkgutil
import sys
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, cast, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from fixgate.config.fields import block_of, element_of, named_fields, stripped
from fixgate.config.settings import ConnectorSettings, GatewaySettings
from fixgate.config.show import value_text

_INTRO = Path(__file__).with_name("reference_intro.md")
_CONNECTORS = {
    "binance_pm": "fixgate.connectors.binance_pm.settings:BinancePmSettings",
    "ccxt": "fixgate.connectors.ccxt.settings:CcxtSettings",
}
"""Settings to document, by factory. Looked up by name: no import leads from here to a connector."""

_TYPES = {
    bool: "true, false",
    int: "whole number",
    str: "text",
    Path: "path",
    timedelta: "duration",
    Decimal: "decimal number",
    SecretStr: "secret",
}


def page() -> str:
    """Return the whole page as Markdown."""
    parts = [_INTRO.read_text("utf-8").rstrip("\n")]
    for name, _, info in named_fields(GatewaySettings):
        parts.append(_section(f"`{name}`", info.description or "", _rows(block_of(info.annotation), name)))
    parts.append(
        _section(
            "`connectors`",
            "One block per connector; its key is the connector's name. At least one must be enabled.",
            _rows(ConnectorSettings, "connectors.KEY"),
        )
    )
    for factory, model in _CONNECTORS.items():
        settings = cast(type[BaseModel], pkgutil.resolve_name(model))
        title = f"`connectors.KEY.settings` of factory `{factory}`"
        parts.append(_section(title, "", _rows(settings, "")))
    return "\n\n".join(parts) + "\n"


def _section(title: str, text: str, rows: Iterator[str]) -> str:
    lines = [f"## {title}", ""]
    if text:
        lines += [text, ""]
    return "\n".join([*lines, "| Setting | Type | Default | Description |", "|---|---|---|---|", *rows])


def _rows(model: type[BaseModel] | None, above: str) -> Iterator[str]:
    """Yield a table row per setting of `model`; blocks inside are spelled out below their name."""
    for name, _, info in named_fields(model) if model else ():
        path = f"{above}.{name}" if above else name
        block = block_of(info.annotation)
        if block is not None:
            yield from _rows(block, path)
            continue
        yield f"| `{path}` | {_type(info.annotation)} | {_default(info)} | {info.description} |"
        element = block_of(element_of(info.annotation))
        if element is not None:
            yield from _rows(element, f"{path}[]")


def _type(annotation: Any) -> str:
    bare = stripped(annotation)
    element = element_of(bare)
    if element is not None:
        inner = "blocks" if block_of(element) else _type(element)
        return f"block of {inner}s by name" if get_origin(bare) is dict else f"list of {inner}"
    if isinstance(bare, type) and issubclass(bare, Enum):
        return ", ".join(f"`{member.value}`" for member in bare)
    return _TYPES.get(bare, "block")


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "**required**"
    value = info.get_default(call_default_factory=True, validated_data={})
    if value is PydanticUndefined or value is None or value == "":
        return "–"
    if isinstance(value, tuple) and any(isinstance(inner, BaseModel) for inner in value):
        return "one, with the defaults below"
    return f"`{value_text(value)}`"


def main(arguments: list[str]) -> None:
    """Write the page to the file that `arguments` name, or to standard output."""
    if arguments:
        Path(arguments[0]).write_text(page(), "utf-8")
    else:
        sys.stdout.write(page())


if __name__ == "__main__":
    main(sys.argv[1:])
