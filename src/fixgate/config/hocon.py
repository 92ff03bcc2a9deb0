"""HOCON files to plain values, each with the file and line it came from. The only user of pyhocon.

pyhocon resolves references and joins what they bring. It never sees the words of a configuration:
it is given a document in which every key is a number and every scalar a numbered tag, and the tags
are exchanged for the text afterwards. So a value arrives exactly as it was written (`007`, `10d`),
and its tag says where that was. Source: the HOCON specification.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import pyparsing

_results_getattr = pyparsing.ParseResults.__getattr__
from pyhocon import ConfigParser, ConfigTree  # noqa: E402
from pyhocon.config_tree import ConfigSubstitution, ConfigValues  # noqa: E402
from pyhocon.exceptions import ConfigException  # noqa: E402

pyparsing.ParseResults.__getattr__ = _results_getattr  # type: ignore[method-assign]

from fixgate.config.layers import Branch, Elements, Node, is_blank, layered  # noqa: E402
from fixgate.config.sources import read  # noqa: E402
from fixgate.config.syntax import HoconError, Place, Reference, Text, dotted  # noqa: E402
from fixgate.config.verify import refuse_lost_values  # noqa: E402

Keys = tuple[str | int, ...]
"""Where a value stands: the keys, and the positions in lists, that lead to it from the root."""

_TAG = re.compile(r"<(\d+)>")
_MARK = "m"
_Spot = tuple[Any, Any, ConfigValues]
"""A value that holds references, after the object or list it is in and its key there."""

_WAITING = object()
_ABSENT = object()
_parsing = Lock()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from: a place in a file, an environment variable, or a setting's default."""

    place: Place | None = None
    variable: str = ""

    def __str__(self) -> str:
        if self.variable:
            return f"environment variable {self.variable}"
        return str(self.place) if self.place else "default"


@dataclass(frozen=True, slots=True)
class Document:
    """A configuration, resolved.

    `values` holds dicts, lists, text and `None` (for `null`); numbers and booleans are text.
    `origins` knows the place of every value in it, of every object and list too.
    """

    values: dict[str, Any]
    origins: dict[Keys, Origin]


def parse_file(file: Path, environ: Mapping[str, str]) -> Document:
    """Return what `file` says, with its includes, references and environment variables.

    Raises `HoconError`, which names file, line and column, for anything that is not understood.
    """
    place = Place(file.absolute(), 0)
    root = layered(read(file), environ, place)
    ciphered = _Ciphered(root)
    tree = ciphered.resolved()
    document = Document({}, {})
    document.values.update(ciphered.plain(tree, (), document.origins))
    refuse_lost_values(root, document.values)
    return document


class _Ciphered:
    """A tree written for pyhocon in keys and tags, and the way back."""

    def __init__(self, root: Branch) -> None:
        self._tags: list[Text] = []
        self._keys: dict[str, str] = {}
        self._references: dict[str, Reference] = {}
        self._text = self._branch(root)

    def resolved(self) -> ConfigTree:
        """Let pyhocon read the document and put every reference's value in its place."""
        with _parsing:
            blanks = pyparsing.ParserElement.DEFAULT_WHITE_CHARS
            try:
                tree = ConfigParser.parse(self._text, resolve=False)
            finally:
                pyparsing.ParserElement.set_default_whitespace_chars(blanks)
        try:
            _settle_all(tree)
        except _Missing as missing:
            raise self._no_such_setting(missing.variables[0]) from None
        except _Circle as circle:
            raise self._unresolved(circle, "they refer to each other in a circle") from None
        except _Unjoinable as unjoinable:
            raise self._unresolved(unjoinable, "text, lists and blocks cannot be joined") from None
        return tree

    def plain(self, value: object, at: Keys, origins: dict[Keys, Origin]) -> Any:
        """Return what pyhocon made of a value, in plain text; note its origin on the way."""
        if isinstance(value, ConfigTree):
            names = {cipher: key for key, cipher in self._keys.items()}
            found: dict[str, Any] = {}
            for cipher, inner in dict.items(value):
                if cipher == _MARK:
                    origins[at] = self._origin(str(inner))
                else:
                    key = names[cipher]
                    found[key] = self.plain(inner, (*at, key), origins)
            return found
        if isinstance(value, list):
            origins[at] = self._origin(str(value[0]))
            rest = [element for element in value if element is not _ABSENT and not self._is_mark(element)]
            return [self.plain(element, (*at, i), origins) for i, element in enumerate(rest)]
        if not isinstance(value, str):
            raise TypeError(f"a {type(value).__name__} is left where text should be")
        origins[at] = self._origin(value)
        tags = [self._tags[int(number)] for number in _TAG.findall(value)]
        if len(tags) == 1 and tags[0].bare and tags[0].text == "null":
            return None
        return _TAG.sub(lambda match: self._tags[int(match[1])].text, value)

    def _origin(self, text: str) -> Origin:
        tags = [self._tags[int(number)] for number in _TAG.findall(text)]
        first = next((tag for tag in tags if tag.variable), tags[0])
        return Origin(first.place, first.variable)

    def _is_mark(self, element: object) -> bool:
        return isinstance(element, str) and element.startswith("<") and element.endswith(">m")

    def _tag(self, text: Text) -> str:
        self._tags.append(text)
        return f"<{len(self._tags) - 1}>"

    def _key(self, key: str) -> str:
        return self._keys.setdefault(key, f"k{len(self._keys)}")

    def _branch(self, branch: Branch) -> str:
        lines = [f'{_MARK} = "{self._tag(Text(branch.place, ""))}"']
        for key, entries in branch.entries.items():
            lines.extend(f"{self._key(key)} = {self._row(row)}" for row in entries)
        return "{\n" + "\n".join(lines) + "\n}"

    def _row(self, row: list[Node]) -> str:
        if all(isinstance(node, Text) for node in row):
            return f'"{"".join(self._tag(node) for node in row if isinstance(node, Text))}"'
        is_text = any(isinstance(node, Text) and not is_blank(node) for node in row)
        return "".join(" " if is_blank(node) and not is_text else self._node(node) for node in row)

    def _node(self, node: Node) -> str:
        match node:
            case Branch():
                return self._branch(node)
            case Elements():
                mark = f'"{self._tag(Text(node.place, ""))}m"'
                return "[" + ", ".join([mark, *(self._row(row) for row in node.rows)]) + "]"
            case Reference():
                variable = ".".join(self._key(key) for key in node.path)
                self._references.setdefault(variable, node)
                return f"${{{'?' if node.optional else ''}{variable}}}"
            case Text():
                return f'"{self._tag(node)}"'

    def _no_such_setting(self, variable: str) -> HoconError:
        reference = self._references[variable]
        near = difflib.get_close_matches(reference.path[-1], self._keys, n=1)
        hint = f"; did you mean {near[0]!r}?" if near and near[0] != reference.path[-1] else ""
        return HoconError(f"there is no setting {dotted(reference.path)} to refer to{hint}", reference.place)

    def _unresolved(self, error: "_Unresolved", reason: str) -> HoconError:
        suspects = [self._references[variable] for variable in error.variables]
        names = ", ".join(f"${{{dotted(ref.path)}}} at {ref.place}" for ref in suspects[:5])
        return HoconError(f"cannot resolve {names}: {reason}", suspects[0].place)


class _Unresolved(Exception):
    """References that have no value; `variables` are their ciphered paths."""

    def __init__(self, *variables: str) -> None:
        super().__init__(*variables)
        self.variables = variables


class _Missing(_Unresolved):
    """A mandatory reference to a setting that does not exist."""


class _Circle(_Unresolved):
    """References that wait for each other."""


class _Unjoinable(_Unresolved):
    """References that bring what cannot be joined with the rest of the value."""


def _settle_all(tree: ConfigTree) -> None:
    """Replace every value that holds references by what they bring, those they wait for first.

    pyhocon's own order merges objects before the references inside them have a value, and then
    loses one side of the merge (`X = ${template} { settings { a = 1 } }` where the template's
    `settings` is a reference too). Settling what is referred to first leaves nothing to lose.
    """
    before = None
    while waiting := list(_unsettled(tree)):
        ready = [spot for spot in waiting if _is_ready(spot[2], tree)]
        if not ready or (before is not None and len(waiting) >= before):
            raise _Circle(*(sub.variable for _, _, values in waiting for sub in _substitutions(values)))
        before = len(waiting)
        for container, key, values in ready:
            result = _settled(values, tree)
            if result is not None:
                container[key] = result
            elif isinstance(container, list):
                container[key] = _ABSENT
            else:
                del container[key]


def _unsettled(item: object) -> Iterator[_Spot]:
    """Yield the values below `item` that hold references, each with where it stands, inner ones first."""
    inner: list[tuple[Any, Any]] = []
    if isinstance(item, ConfigTree):
        inner = list(dict.items(item))
    elif isinstance(item, list):
        inner = list(enumerate(item))
    for key, value in inner:
        if isinstance(value, ConfigValues):
            yield from _unsettled_inside(value)
            yield item, key, value
        else:
            yield from _unsettled(value)


def _unsettled_inside(values: ConfigValues) -> Iterator[_Spot]:
    """Yield what waits inside the parts of a value, and of the values it overrides."""
    for token in values.tokens:
        yield from _unsettled(token)
    earlier = values.overridden_value
    if isinstance(earlier, ConfigValues):
        yield from _unsettled_inside(earlier)
    else:
        yield from _unsettled(earlier)


def _substitutions(values: ConfigValues) -> list[ConfigSubstitution]:
    earlier = values.overridden_value
    before = _substitutions(earlier) if isinstance(earlier, ConfigValues) else []
    return before + [token for token in values.tokens if isinstance(token, ConfigSubstitution)]


def _is_ready(values: ConfigValues, tree: ConfigTree) -> bool:
    """True when nothing that `values` is made of waits for another reference."""
    if next(_unsettled_inside(values), None) is not None:
        return False
    return all(_target(sub, tree) is not _WAITING for sub in _substitutions(values))


def _target(substitution: ConfigSubstitution, tree: ConfigTree) -> object:
    """Return what a reference leads to: `None` if nothing, `_WAITING` if that is not known yet."""
    found: object = tree
    for key in substitution.variable.split("."):
        if isinstance(found, ConfigValues):
            return _WAITING
        found = dict.get(found, key) if isinstance(found, ConfigTree) else None
    if isinstance(found, ConfigValues) or next(_unsettled(found), None) is not None:
        return _WAITING
    return found


def _settled(values: ConfigValues, tree: ConfigTree) -> object:
    """Return the value: its parts joined, laid over the one it overrides. `None` if it has none."""
    earlier = values.overridden_value
    before = _settled(earlier, tree) if isinstance(earlier, ConfigValues) else earlier
    names = [token.variable for token in values.tokens if isinstance(token, ConfigSubstitution)]
    for index, token in enumerate(values.tokens):
        if isinstance(token, ConfigSubstitution):
            found = _target(token, tree)
            if found is None and not token.optional:
                raise _Missing(token.variable)
            blank = token.ws if isinstance(found, str) and index + 1 < len(values.tokens) else ""
            values.put(index, found + blank if isinstance(found, str) else deepcopy(found))
    values.overridden_value = None
    try:
        result = values.transform()
    except ConfigException:
        raise _Unjoinable(*names) from None
    if result is None:
        return before
    if isinstance(before, ConfigTree) and isinstance(result, ConfigTree):
        return ConfigTree.merge_configs(deepcopy(before), result, copy_trees=True)
    return result
