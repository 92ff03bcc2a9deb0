"""The security metadata file: a CSV that says per symbol what the venue's own lists do not.

The first column that is called `symbol` (any case) names the instrument, `type` (optional) its
instrument type; every other column is an attribute that connectors look up by name, such as
`<attributeKey>ProductType`.
"""

import csv
from collections.abc import Mapping
from pathlib import Path


class MetadataError(Exception):
    """The file cannot be used; the text names the file, the line and what is wrong."""


def read_security_metadata(path: Path) -> Mapping[str, Mapping[str, str]]:
    """Return symbol -> column -> value. Raises `MetadataError`."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as text:
            return _rows(path, csv.DictReader(text, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise MetadataError(f"security metadata {path} cannot be read: {error}") from error


def metadata_key(symbol: str, instrument_type: str) -> str:
    """Return the key under which a row that names its type is found; without a type it is the symbol."""
    return f"{symbol}/{instrument_type}" if instrument_type else symbol


def _rows(path: Path, reader: "csv.DictReader[str]") -> dict[str, dict[str, str]]:
    columns = {name.strip().lower(): name for name in reader.fieldnames or [] if name}
    if "symbol" not in columns:
        raise MetadataError(
            f"security metadata {path} has no column 'symbol'; its columns are {', '.join(columns) or 'none'}"
        )
    found: dict[str, dict[str, str]] = {}
    for row in reader:
        values = {name.strip(): (value or "").strip() for name, value in row.items() if isinstance(name, str)}
        symbol = values[columns["symbol"].strip()]
        if not symbol:
            raise MetadataError(f"security metadata {path}, line {reader.line_num}: the symbol is empty")
        key = metadata_key(symbol, values.get(columns.get("type", ""), ""))
        if key in found:
            raise MetadataError(f"security metadata {path}, line {reader.line_num}: {key!r} is there twice")
        found[key] = values
    return found
