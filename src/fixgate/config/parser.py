"""HOCON text to statements, with an error that a person can act on for every text that is not HOCON.

Stricter than pyhocon where pyhocon guesses: text that HOCON forbids outside quotes (`:`, `=`, `@`
and others) must be quoted. Numbers, booleans and durations stay text. Source: the HOCON specification.
"""

from bisect import bisect_right
from pathlib import Path

from fixgate.config.syntax import (
    Assign,
    Block,
    HoconError,
    Include,
    Items,
    Piece,
    Place,
    Previous,
    Reference,
    Statement,
    Text,
    Value,
    shown_line,
)

_FORBIDDEN = frozenset('$"{}[]:=,+#`^?!@*&\\')
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_INCLUDE_KINDS = ("classpath", "file", "url", "package")
_MAX_DEPTH = 64


def parse(text: str, file: Path) -> tuple[Statement, ...]:
    """Return the statements of a HOCON text; `file` is only what places will name.

    Raises `HoconError` with the line and column of the first thing that is not HOCON.
    """
    return _Parser(text, file).document()


class _Parser:
    """One pass over one text, from left to right."""

    def __init__(self, text: str, file: Path) -> None:
        self._text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        self._file = file
        self._line_starts = [0, *(at + 1 for at, char in enumerate(self._text) if char == "\n")]
        self._at = 0
        self._keys: list[str] = []
        self._depth = 0

    def document(self) -> tuple[Statement, ...]:
        self._skip_lines()
        if self._peek() == "[":
            raise self._error("the file must hold settings, not a list")
        braced = self._take("{")
        statements = self._statements(end="}" if braced else "")
        self._skip_lines()
        if self._peek():
            raise self._error(
                f"unexpected {self._peek()!r} after the end of the settings; one '}}' too many?"
            )
        return statements

    def _statements(self, end: str) -> tuple[Statement, ...]:
        """Read up to and including `end`, or to the end of the text when it is empty."""
        opened = self._at - 1
        found: list[Statement] = []
        while True:
            self._skip_lines()
            char = self._peek()
            if not char:
                if end:
                    raise self._error("this '{' is never closed", opened)
                return tuple(found)
            if char == end:
                self._at += 1
                return tuple(found)
            if char == "}" and not end:
                return tuple(found)
            found.append(self._statement())
            self._separator(end)

    def _separator(self, end: str) -> None:
        """Step over what may stand between two statements or elements: a newline or one comma."""
        self._skip_blanks()
        char = self._peek()
        if char == ",":
            self._at += 1
        elif char in ("}", "]") and char != end:
            raise self._error(f"{char!r} closes nothing that is open here")
        elif char and char not in "\n#" and char != end and not self._at_comment():
            raise self._error(
                f"unexpected {char!r}: expected a new line, a comma or the end of the block; "
                "text with this character must be quoted"
            )

    def _statement(self) -> Statement:
        place = self._place()
        if self._at_word("include"):
            return self._include(place)
        path = self._path("=:{+\n", "a setting's name")
        self._keys.extend(path)
        end = self._at
        self._skip_lines()
        if self._peek() == "{":
            value = self._value()
        elif self._take("+="):
            self._skip_lines()
            piece = self._value()
            value = (Previous(place), Items(place, (piece,)))
        elif self._take("=") or self._take(":"):
            self._skip_lines()
            value = self._value()
        else:
            raise self._error("expected '=', ':' or '{' after the setting's name", end)
        del self._keys[-len(path) :]
        return Assign(place, path, value)

    def _include(self, place: Place) -> Include:
        self._at += len("include")
        self._skip_blanks()
        required = self._at_word("required")
        if required:
            self._at += len("required")
            self._expect("(")
        kind = next((kind for kind in _INCLUDE_KINDS if self._at_word(kind)), "")
        if kind:
            self._at += len(kind)
            self._expect("(")
        self._skip_blanks()
        if self._peek() != '"':
            raise self._error(
                'write include "name.conf", include file("name.conf") or include classpath("name.conf")'
            )
        name = self._quoted()
        for _ in range(bool(kind) + required):
            self._expect(")")
        return Include(place, kind, name)

    def _path(self, stops: str, what: str) -> tuple[str, ...]:
        """Read a dotted path up to one of the characters `stops`, which stays unread."""
        start = self._at
        keys = [""]
        quoted = False
        while (char := self._peek()) and char not in stops and not self._at_comment():
            if blank := self._skip_blanks():
                inner = self._peek() not in ("", ".", *stops) and not self._at_comment()
                keys[-1] += blank if inner and keys[-1] else ""
            elif char == '"':
                keys[-1] += self._quoted()
                quoted = True
            elif char == ".":
                self._key_end(keys, quoted, what, start)
                keys.append("")
                quoted = False
                self._at += 1
            elif char in _FORBIDDEN:
                raise self._error(f"{char!r} cannot stand in {what}; quote the name if it is meant")
            else:
                keys[-1] += char
                self._at += 1
        self._key_end(keys, quoted, what, start)
        return tuple(keys)

    def _key_end(self, keys: list[str], quoted: bool, what: str, start: int) -> None:
        if not keys[-1] and not quoted:
            raise self._error(f"{what} is missing or has an empty part", start)

    def _value(self) -> Value:
        """Read the pieces of a value up to the end of its line, a comma or a closing bracket."""
        pieces: list[Piece] = []
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise self._error(f"nested more than {_MAX_DEPTH} levels deep")
        start = self._at
        while True:
            blank = self._skip_blanks()
            char = self._peek()
            if not char or char in "\n,}]" or self._at_comment():
                break
            if blank and pieces:
                pieces.append(Text(self._place(), blank))
            pieces.append(self._piece(char))
        self._depth -= 1
        if not pieces:
            raise self._error('a value is missing; write "" for empty text', start)
        return tuple(pieces)

    def _piece(self, char: str) -> Piece:
        place = self._place()
        if char == "{":
            self._at += 1
            return Block(place, self._statements(end="}"))
        if char == "[":
            return self._items(place)
        if char == '"':
            return Text(place, self._quoted(), bare=False)
        if char == "$":
            return self._reference(place)
        if char in "=:":
            raise self._error(
                f"unexpected {char!r}: text that holds it must be quoted; "
                "if this is a setting of its own, a value or a bracket is missing before it"
            )
        if char in _FORBIDDEN:
            raise self._error(f"unexpected {char!r}: text with this character must be quoted")
        start = self._at
        while (char := self._peek()) and char not in _FORBIDDEN and not char.isspace():
            if self._at_comment():
                break
            self._at += 1
        return Text(place, self._text[start : self._at])

    def _items(self, place: Place) -> Items:
        opened = self._at
        self._at += 1
        elements: list[Value] = []
        while True:
            self._skip_lines()
            if not self._peek():
                raise self._error("this '[' is never closed", opened)
            if self._take("]"):
                return Items(place, tuple(elements))
            elements.append(self._value())
            self._separator("]")

    def _reference(self, place: Place) -> Reference:
        opened = self._at
        if not self._take("${"):
            raise self._error("a '$' must be quoted, or start a reference such as ${name}")
        optional = self._take("?")
        path = self._path("}\n", "a reference")
        if not self._take("}"):
            raise self._error("this '${' is never closed", opened)
        return Reference(place, path, optional)

    def _quoted(self) -> str:
        """Read `"..."` or `\"\"\"...\"\"\"`, of which only the first knows escapes."""
        opened = self._at
        if self._take('"""'):
            end = self._text.find('"""', self._at)
            if end < 0:
                raise self._error('this """ is never closed', opened)
            while self._text.startswith('"', end + 3):
                end += 1
            found = self._text[self._at : end]
            self._at = end + 3
            return found
        self._at += 1
        parts: list[str] = []
        while (char := self._peek()) != '"':
            if not char or char == "\n":
                raise self._error("this quote is never closed on its line", opened)
            self._at += 1
            parts.append(self._escape() if char == "\\" else char)
        self._at += 1
        return self._paired("".join(parts), opened)

    def _paired(self, text: str, opened: int) -> str:
        """Join the two halves that JSON writes for a character beyond U+FFFF."""
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            raise self._error("half of a surrogate pair in quoted text", opened) from None

    def _escape(self) -> str:
        char = self._peek()
        self._at += 1
        if char in _ESCAPES:
            return _ESCAPES[char]
        digits = self._text[self._at : self._at + 4]
        if char == "u" and len(digits) == 4 and all(digit in "0123456789abcdefABCDEF" for digit in digits):
            self._at += 4
            return chr(int(digits, 16))
        raise self._error('unknown escape in quoted text; a backslash itself is written "\\\\"', self._at - 2)

    def _expect(self, char: str) -> None:
        self._skip_blanks()
        if not self._take(char):
            raise self._error(f"expected {char!r}")

    def _take(self, token: str) -> bool:
        if not self._text.startswith(token, self._at):
            return False
        self._at += len(token)
        return True

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _at_word(self, word: str) -> bool:
        """True when `word` stands here and no longer name does."""
        if not self._text.startswith(word, self._at):
            return False
        after = self._text[self._at + len(word) : self._at + len(word) + 1]
        return after.isspace() or after in ('"', "(")

    def _at_comment(self) -> bool:
        return self._text.startswith(("#", "//"), self._at)

    def _skip_blanks(self) -> str:
        """Step over blanks of this line and return them; HOCON counts a byte order mark as one."""
        start = self._at
        while (char := self._peek()) and char != "\n" and (char.isspace() or char == "\ufeff"):
            self._at += 1
        return self._text[start : self._at]

    def _skip_lines(self) -> None:
        """Step over blanks, newlines and comments."""
        while True:
            self._skip_blanks()
            if self._at_comment():
                end = self._text.find("\n", self._at)
                self._at = len(self._text) if end < 0 else end
            elif not self._take("\n"):
                return

    def _place(self) -> Place:
        return self._place_of(self._at)

    def _place_of(self, at: int) -> Place:
        line = bisect_right(self._line_starts, at)
        return Place(self._file, line, at - self._line_starts[line - 1] + 1)

    def _error(self, message: str, at: int | None = None) -> HoconError:
        place = self._place_of(self._at if at is None else at)
        line = self._text.split("\n")[place.line - 1]
        return HoconError(message, place, shown_line(line, tuple(self._keys)))
