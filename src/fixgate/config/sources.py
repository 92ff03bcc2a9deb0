"""Configuration files and what they include, read into one row of statements.

Includes are found beside the including file, or, with `classpath`, among the templates bundled in
this package. An include that is not there is an error: HOCON would pass over it in silence, and
a gateway without its template trades with settings that nobody chose.
"""

from dataclasses import replace
from pathlib import Path

from fixgate.config.parser import parse
from fixgate.config.syntax import (
    Assign,
    Block,
    HoconError,
    Include,
    Included,
    Items,
    Piece,
    Place,
    Reference,
    Statement,
    Value,
)

BUNDLED = Path(__file__).parent
"""Where `include classpath("...")` looks: this package's own folder."""

_MAX_BYTES = 4_000_000


def read(file: Path) -> tuple[Statement, ...]:
    """Return the statements of `file`, its includes read in place.

    Raises `HoconError` for a file that is missing, unreadable, not UTF-8, not HOCON, or that
    includes itself.
    """
    return _Reader().file(file.absolute(), Place(file, 0), ())


class _Reader:
    """Follows includes; keeps the chain of open files to see a circle."""

    def __init__(self) -> None:
        self._open: list[Path] = []

    def file(self, file: Path, asked: Place, within: tuple[str, ...]) -> tuple[Statement, ...]:
        """Read one file whose settings land below `within`; `asked` is where it was asked for."""
        if file in self._open:
            chain = " -> ".join(path.name for path in (*self._open, file))
            raise HoconError(f"include circle: {chain}", asked)
        text = _text_of(file, asked)
        self._open.append(file)
        statements = self._statements(parse(text, file), within, within)
        self._open.pop()
        return statements

    def _statements(
        self, statements: tuple[Statement, ...], path: tuple[str, ...], within: tuple[str, ...]
    ) -> tuple[Statement, ...]:
        return tuple(self._statement(statement, path, within) for statement in statements)

    def _statement(self, statement: Statement, path: tuple[str, ...], within: tuple[str, ...]) -> Statement:
        match statement:
            case Include():
                file = _find(statement)
                return Included(statement.place, self.file(file, statement.place, path))
            case Assign():
                value = self._value(statement.value, (*path, *statement.path), within)
                return replace(statement, value=value)
            case Included():
                return statement

    def _value(self, value: Value, path: tuple[str, ...], within: tuple[str, ...]) -> Value:
        return tuple(self._piece(piece, path, within) for piece in value)

    def _piece(self, piece: Piece, path: tuple[str, ...], within: tuple[str, ...]) -> Piece:
        match piece:
            case Block():
                return replace(piece, statements=self._statements(piece.statements, path, within))
            case Items():
                return replace(piece, elements=tuple(self._value(e, path, within) for e in piece.elements))
            case Reference():
                return replace(piece, within=within)
            case _:
                return piece


def _find(include: Include) -> Path:
    """Return the file that an include names."""
    if not include.name:
        raise HoconError("the include names no file", include.place)
    if include.kind == "classpath":
        return _bundled(include)
    if include.kind in ("url", "package") or "://" in include.name:
        raise HoconError("configuration is included from files only: write include file(...)", include.place)
    beside = include.place.file.parent / include.name
    names = [beside] if include.kind == "file" or beside.suffix else [beside.with_suffix(".conf"), beside]
    return next((path for path in names if path.is_file()), names[-1]).absolute()


def _bundled(include: Include) -> Path:
    known = sorted(path.name for path in BUNDLED.glob("*.conf"))
    name = include.name.removeprefix("/")
    if name not in known:
        raise HoconError(
            f"{include.name!r} is not a bundled configuration; bundled are {', '.join(known)}", include.place
        )
    return BUNDLED / name


def _text_of(file: Path, asked: Place) -> str:
    asked_by = "" if asked.line == 0 else "included "
    try:
        data = file.read_bytes()
    except OSError as error:
        raise HoconError(f"cannot read the {asked_by}file {file}: {error.strerror}", asked) from None
    if len(data) > _MAX_BYTES:
        raise HoconError(f"the {asked_by}file {file} is larger than {_MAX_BYTES} bytes", asked)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise HoconError(f"byte {error.start} is not UTF-8 text", Place(file, line)) from None
