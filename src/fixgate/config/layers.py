"""Statements to one tree in which every key is assigned where it counts, overrides already merged.

HOCON lets a key be assigned many times: objects merge, anything else is replaced. What can be
decided from the text alone is decided here, environment variables included; what is left is
references to other settings, and those keep the order in which they were written, so that
`X = ${template} { a = 1 }` followed by `X { a = 2 }` becomes `X = ${template} { a = 2 }`.
Source: the HOCON specification, "Duplicate keys and object merging" and "Substitutions".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from fixgate.config.syntax import (
    Assign,
    Block,
    HoconError,
    Include,
    Included,
    Items,
    Piece,
    Place,
    Previous,
    Reference,
    Statement,
    Text,
    Value,
    dotted,
)

Path = tuple[str, ...]


@dataclass(slots=True)
class Elements:
    """A list, each element a row of nodes."""

    place: Place
    rows: list[list["Node"]]


@dataclass(slots=True)
class Branch:
    """An object. `entries` holds, per key, the assignments that still matter, oldest first.

    More than one is left only where a reference may turn out to be absent, or an object. `path` is
    where the object stands (`None` inside a list). `bases` are the objects it is laid over, known
    by the reference that brings them; `None` stands for one that has no name. `earlier` are the blocks of
    the file that it is laid over.
    """

    place: Place
    path: Path | None
    bases: tuple[Path | None, ...] = ()
    entries: dict[str, list[list["Node"]]] = field(default_factory=dict)
    earlier: tuple["Branch", ...] = ()


Node = Text | Reference | Elements | Branch
_Part = Piece | Node


def layered(statements: tuple[Statement, ...], environ: Mapping[str, str], place: Place) -> Branch:
    """Return the tree that `statements` describe.

    Raises `HoconError` for a reference that leads nowhere, for values that cannot be joined and for
    an override whose meaning cannot be decided.
    """
    return _Layers(statements, environ, place).root


class _Layers:
    """Builds the tree, one assignment after the other."""

    def __init__(self, statements: tuple[Statement, ...], environ: Mapping[str, str], place: Place) -> None:
        self._environ = environ
        self._paths = set(_static_paths(statements, ()))
        self.root = Branch(place, ())
        self._fill(self.root, statements)

    def _fill(self, branch: Branch, statements: tuple[Statement, ...]) -> None:
        for statement in statements:
            match statement:
                case Included():
                    self._fill(branch, statement.statements)
                case Assign():
                    target = branch
                    for key in statement.path[:-1]:
                        target = self._object_at(target, key, statement.place)
                    self._assign(target, statement.path[-1], statement.value)
                case Include():
                    raise AssertionError("includes are read before settings are merged")

    def _object_at(self, branch: Branch, key: str, place: Place) -> Branch:
        """Return the object that new settings of `key` go to, replacing a value that is none."""
        entries = branch.entries.setdefault(key, [])
        if entries and may_be_object(entries[-1]):
            last = entries[-1][-1]
            if isinstance(last, Branch):
                last.place = place
                return last
        else:
            self._replace_value(branch, key, place)
        path = None if branch.path is None else (*branch.path, key)
        own = [node.path if isinstance(node, Reference) else None for row in entries for node in row]
        inherited = [None if base is None else (*base, key) for base in branch.bases]
        before = [node for rows in (entries, *_rows(branch.earlier, key)) for row in rows for node in row]
        earlier = tuple(node for node in before if isinstance(node, Branch))
        new = Branch(place, path, (*inherited, *own), earlier=earlier)
        if entries:
            entries[-1].append(new)
        else:
            entries.append([new])
        return new

    def _replace_value(self, branch: Branch, key: str, place: Place) -> None:
        """Drop the value of `key`, in favour of an object. Refuses where that value hides an inherited
        object: joined later, the two objects would look like one."""
        entries = branch.entries[key]
        hidden = any(rows and not may_be_object(rows[-1]) for rows in _rows(branch.earlier, key))
        if (entries or hidden) and branch.bases:
            raise HoconError(
                f"{key!r} is first given a value and then a block, over an inherited setting; drop the value",
                place,
            )
        entries.clear()

    def _assign(self, branch: Branch, key: str, value: Value) -> None:
        parts = self._joined(self._parts(branch, key, value))
        if not parts:
            return
        entries = branch.entries.setdefault(key, [])
        if any(isinstance(part, Block | Branch) for part in parts):
            self._merge(branch, key, parts)
        elif not all(isinstance(part, Reference) or is_blank(part) for part in parts):
            entries[:] = [self._row(parts)]
        elif entries and any(isinstance(node, Branch) for node in entries[-1]):
            entries[-1].extend(self._row(parts))
        else:
            entries.append(self._row(parts))

    def _merge(self, branch: Branch, key: str, parts: list[_Part]) -> None:
        """Lay an object, or several joined ones, over what `key` holds."""
        for part in parts:
            entries = branch.entries[key]
            if isinstance(part, Block):
                self._fill(self._object_at(branch, key, part.place), part.statements)
            elif isinstance(part, Reference):
                if entries and may_be_object(entries[-1]):
                    entries[-1].append(part)
                else:
                    self._replace_value(branch, key, part.place)
                    entries.append([part])

    def _row(self, parts: list[_Part]) -> list[Node]:
        """Turn parts that stand for themselves into nodes; blocks here are those inside lists."""
        row: list[Node] = []
        for part in parts:
            match part:
                case Items():
                    rows = [self._row(self._joined(self._parts(None, "", e))) for e in part.elements]
                    row.append(Elements(part.place, [nodes for nodes in rows if nodes]))
                case Block():
                    new = Branch(part.place, None)
                    self._fill(new, part.statements)
                    row.append(new)
                case Text() | Reference() | Elements() | Branch():
                    row.append(part)
                case Previous():
                    raise AssertionError("what a key held before is looked up first")
        return row

    def _parts(self, branch: Branch | None, key: str, value: Value) -> list[_Part]:
        """Return the pieces of a value, variables read and earlier values of the same key put in."""
        path = None if branch is None or branch.path is None else (*branch.path, key)
        parts: list[_Part] = []
        for piece in value:
            if isinstance(piece, Previous) and branch is not None:
                parts.extend(self._before(branch, key, Reference(piece.place, (key,), optional=True)))
            elif isinstance(piece, Reference):
                parts.extend(self._referred(branch, key, path, piece))
            else:
                parts.append(piece)
        return parts

    def _referred(
        self, branch: Branch | None, key: str, path: Path | None, reference: Reference
    ) -> Iterable[_Part]:
        target = (*reference.within, *reference.path)
        if target not in self._paths:
            target = reference.path
        if path is not None and branch is not None and target == path:
            return self._before(branch, key, reference)
        if path is not None and (target == path[: len(target)] or path == target[: len(path)]):
            raise HoconError(
                f"{dotted(path)} refers to itself by ${{{dotted(reference.path)}}}", reference.place
            )
        if (target[0],) in self._paths:
            return (replace(reference, path=target),)
        return self._variable(reference)

    def _variable(self, reference: Reference) -> Iterable[_Part]:
        name = ".".join(reference.path)
        text = self._environ.get(name)
        if text is not None:
            return (Text(reference.place, text, bare=False, variable=name),)
        if reference.optional:
            return ()
        raise HoconError(
            f"${{{name}}} is neither a setting nor an environment variable; "
            f"set the variable, or write ${{?{name}}} if it may be absent",
            reference.place,
        )

    def _before(self, branch: Branch, key: str, reference: Reference) -> Iterable[_Part]:
        """Return what `key` of `branch` holds so far, which is what a reference to itself means."""
        entries = branch.entries.get(key, [])
        name = dotted((*(branch.path or ()), key))
        if len(entries) == 1 and all(not isinstance(node, Branch) for node in entries[0]):
            return tuple(entries[0])
        if entries or len(branch.bases) > 1 or None in branch.bases:
            raise HoconError(
                f"cannot tell what {name} holds before this line; write its value in full", reference.place
            )
        if branch.bases and (base := branch.bases[0]) is not None:
            return (Reference(reference.place, (*base, key), optional=True),)
        if branch.path == () and key in self._environ:
            return self._variable(reference)
        if reference.optional:
            return ()
        raise HoconError(f"${{{name}}} refers to itself before it is set", reference.place)

    def _joined(self, parts: list[_Part]) -> list[_Part]:
        """Check that parts can be joined, and drop the blanks that do not belong to a text."""
        while parts and is_blank(parts[-1]):
            parts.pop()
        while parts and is_blank(parts[0]):
            del parts[0]
        texts = [part for part in parts if isinstance(part, Text) and not is_blank(part)]
        lists = [part for part in parts if isinstance(part, Items | Elements)]
        blocks = [part for part in parts if isinstance(part, Block | Branch)]
        if bool(texts) + bool(lists) + bool(blocks) > 1:
            place = max((part.place for part in (*texts, *lists, *blocks)), key=lambda p: (p.line, p.column))
            raise HoconError(
                "text, a list and a block cannot be joined; is a comma or a quote missing?",
                place,
            )
        if lists or blocks:
            return [part for part in parts if not is_blank(part)]
        return parts


def _rows(branches: Iterable[Branch], key: str) -> list[list[list[Node]]]:
    """Return what each of `branches` holds under `key`."""
    return [branch.entries.get(key, []) for branch in branches]


def is_blank(part: _Part) -> bool:
    """True for the blanks between two parts of a value."""
    return isinstance(part, Text) and part.bare and part.text.isspace()


def may_be_object(row: list[Node]) -> bool:
    """True when a row of nodes is an object, or may turn out to be one."""
    return all(isinstance(node, Branch | Reference) for node in row)


def _static_paths(statements: tuple[Statement, ...], above: Path) -> Iterable[Path]:
    """Yield the path of every assignment outside lists, and of the objects it implies."""
    for statement in statements:
        if isinstance(statement, Included):
            yield from _static_paths(statement.statements, above)
        elif isinstance(statement, Assign):
            path = (*above, *statement.path)
            yield from (path[:end] for end in range(len(above) + 1, len(path) + 1))
            for piece in statement.value:
                if isinstance(piece, Block):
                    yield from _static_paths(piece.statements, path)
