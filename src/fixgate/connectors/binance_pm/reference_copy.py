"""The last good list of each product, kept on disk so that a start does not need the public hosts.

A copy is two lines of JSON: what it is of, when it was read and a checksum, and then the instruments. It is
named after product and host, so connectors to other hosts have others. A copy is written whole or not at
all; one that does not match its checksum or its name, or that another version wrote, is not used.
"""

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import NamedTuple

import msgspec

from fixgate.model.enums import ProductType
from fixgate.model.instrument import Instrument

FIELDS = ",".join(Instrument.__struct_fields__)
"""What a copy says of each instrument. One with other fields would lack what orders are checked by."""

_UNSAFE = re.compile(r"[^A-Za-z0-9.-]+")


class Copy(NamedTuple):
    """A product's instruments, and when their host told them: milliseconds since the epoch."""

    instruments: list[Instrument]
    read_at_ms: int


class CopyError(Exception):
    """A copy that cannot be used or written; the text names the file."""


class _Head(msgspec.Struct, frozen=True, rename="camel"):
    fields: str
    product: ProductType
    host: str
    read_at_ms: int
    sha256: str


_head_decoder = msgspec.json.Decoder(_Head)
_instruments_decoder = msgspec.json.Decoder(list[Instrument])
_encode = msgspec.json.Encoder().encode


def copy_path(folder: Path, product: ProductType, host: str) -> Path:
    """Return where the copy of a product's list from `host`, a URL, is kept."""
    name = _UNSAFE.sub("_", host.partition("://")[2].rstrip("/"))
    return folder / f"{product}@{name}.json"


def write_copy(folder: Path, product: ProductType, host: str, copy: Copy) -> None:
    """Keep a copy in place of the former one. Raises `CopyError`."""
    body = _encode(copy.instruments)
    head = _Head(FIELDS, product, host, copy.read_at_ms, hashlib.sha256(body).hexdigest())
    path = copy_path(folder, product, host)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _replace(path, _encode(head) + b"\n" + body + b"\n")
    except OSError as error:
        raise CopyError(f"{path} cannot be written: {error.strerror or error}") from error


def _replace(path: Path, content: bytes) -> None:
    """Write a file beside `path`, bring it to the disk and give it the name: readers see old or new."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read_copy(folder: Path, product: ProductType, host: str) -> Copy | None:
    """Return the copy, `None` if there is none. Raises `CopyError` for one that cannot be used."""
    path = copy_path(folder, product, host)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CopyError(f"{path} cannot be read: {error.strerror or error}") from error
    first, _, body = content.partition(b"\n")
    body = body.removesuffix(b"\n")
    try:
        head = _head_decoder.decode(first)
        if (head.product, head.host) != (product, host):
            raise CopyError(
                f"{path} is not used: it holds {head.product} from {head.host}, not {product} from {host}"
            )
        if head.fields != FIELDS:
            raise CopyError(f"{path} is not used: another version of fixgate wrote it")
        if hashlib.sha256(body).hexdigest() != head.sha256:
            raise CopyError(f"{path} is damaged: its checksum does not match")
        return Copy(_instruments_decoder.decode(body), head.read_at_ms)
    except msgspec.DecodeError as error:
        raise CopyError(f"{path} is damaged: {error}") from error
