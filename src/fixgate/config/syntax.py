"""What a HOCON file is made of: the parts a parse yields, where each stands, and the error for bad text.

A value is a row of pieces that HOCON joins: text, references, blocks and lists. Nothing here is
merged or resolved yet. Source: the HOCON specification, "Syntax".
"""

import re
from dataclasses import dataclass
from pathlib import Path

_SECRET_KEY = re.compile(r"secret|passw|passphrase|token|private|apikey|credential", re.IGNORECASE)
_SEPARATOR = re.compile(r"\+=|[=:{\[]")
_LONG_TOKEN = re.compile(r"(?=[A-Za-z+/_-]*[0-9])[A-Za-z0-9+/_-]{16,}={0,2}")
_LONG_VALUE = re.compile(r"[A-Za-z0-9+/_-]{9,}(?![A-Za-z0-9+/_-]|\s*[=:{])")
"""A word long enough to be a secret, and not a key: a stray sign may have spoiled the key before it."""
MASK = "****"


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a file. `line` and `column` count from 1; 0 is the file as a whole."""

    file: Path
    line: int
    column: int = 0

    def __str__(self) -> str:
        """Return `file:line`, the file relative to the working directory where it is below it."""
        folder = Path.cwd()
        file = self.file.relative_to(folder) if self.file.is_relative_to(folder) else self.file
        return f"{file}:{self.line}" if self.line else str(file)


class HoconError(ValueError):
    """A configuration file that cannot be read.

    `place` is where it went wrong, `line_text` that line with anything that may be a secret masked.
    """

    def __init__(self, message: str, place: Place, line_text: str = "") -> None:
        self.message = message
        self.place = place
        self.line_text = line_text
        super().__init__(str(self))

    @property
    def where(self) -> str:
        """Return `file:line:column`, as far as they are known."""
        return f"{self.place}:{self.place.column}" if self.place.column else str(self.place)

    @property
    def explanation(self) -> str:
        """Return what is wrong, and below it the line with a mark under the spot."""
        if not self.line_text:
            return self.message
        marked = 0 < self.place.column <= len(self.line_text) + 1
        mark = f"\n    {' ' * (self.place.column - 1)}^" if marked else ""
        return f"{self.message}\n    {self.line_text}{mark}"

    def __str__(self) -> str:
        return f"{self.where}: {self.explanation}"


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar, or a part of one, exactly as written: `007` stays `007`.

    `bare` is false for quoted text. `variable` names the environment variable that supplied it.
    """

    place: Place
    text: str
    bare: bool = True
    variable: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """`${path}` or `${?path}`."""

    place: Place
    path: tuple[str, ...]
    optional: bool
    within: tuple[str, ...] = ()
    """Where the file holding it is included: the path is looked up below here first, then from the root."""


@dataclass(frozen=True, slots=True)
class Previous:
    """The value that the key being assigned had so far: what `+=` appends to."""

    place: Place


@dataclass(frozen=True, slots=True)
class Block:
    """`{ ... }`."""

    place: Place
    statements: tuple["Statement", ...]


@dataclass(frozen=True, slots=True)
class Items:
    """`[ ... ]`."""

    place: Place
    elements: tuple["Value", ...]


Piece = Text | Reference | Previous | Block | Items
Value = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Assign:
    """`path = value`; `path { ... }` and `path += value` are read as this too."""

    place: Place
    path: tuple[str, ...]
    value: Value


@dataclass(frozen=True, slots=True)
class Include:
    """`include "name"`, `include kind("name")`, either of them in `required(...)`."""

    place: Place
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Included:
    """An include after it was read: what the other file says, at this very spot."""

    place: Place
    statements: tuple["Statement", ...]


Statement = Assign | Include | Included


def dotted(path: tuple[str, ...]) -> str:
    """Return `path` as HOCON writes it, quoting the keys that need it: `a."b.c"`."""
    return ".".join(key if re.fullmatch(r"[\w-]+", key) else f'"{key}"' for key in path)


def is_secret_key(key: str) -> bool:
    """True when a key's name says that its value should not be shown."""
    return _SECRET_KEY.search(key) is not None


def shown_line(line: str, keys: tuple[str, ...] = ()) -> str:
    """Return a line of a configuration file, fit for an error text.

    Quoted text is masked, since a stray quote may have moved a secret to where none is expected;
    so is what follows a key that names a secret, and anything that looks like a token. `keys` are
    the keys being assigned at that spot, which may stand on earlier lines.
    """
    quote = line.find('"')
    end = len(line) if quote < 0 else quote + 1
    secret = _SECRET_KEY.search(line)
    if secret is not None:
        separator = _SEPARATOR.search(line, secret.end())
        end = min(end, separator.end() if separator else secret.end())
    elif any(is_secret_key(key) for key in keys):
        end = 0
    told = _LONG_TOKEN.sub(MASK, line[:end])
    separator = _SEPARATOR.search(told)
    if separator is not None:
        told = told[: separator.end()] + _LONG_VALUE.sub(MASK, told[separator.end() :])
    return told + (MASK if end < len(line) else "")
