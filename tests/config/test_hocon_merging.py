"""Random layers of overrides and templates, against a merge that follows the specification's words."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.config.hocon import parse_file
from fixgate.config.syntax import HoconError

KEYS = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(KEYS, min_size=1, max_size=3)
SCALARS = st.integers(0, 99).map(str)
Tree = dict[str, Any]


def values(templates: int) -> st.SearchStrategy[Any]:
    """A scalar, a list, an object, or templates laid under an object."""
    scalar = st.builds(lambda text: ("scalar", text), SCALARS)
    items = st.builds(lambda texts: ("list", texts), st.lists(SCALARS, max_size=2))
    inner = st.recursive(
        scalar | items,
        lambda child: st.builds(lambda body: ("object", body), st.lists(st.tuples(PATHS, child), max_size=3)),
        max_leaves=5,
    )
    if not templates:
        return inner
    refs = st.lists(st.integers(0, templates - 1), min_size=1, max_size=2)
    body = st.lists(st.tuples(PATHS, inner), max_size=3)
    return inner | st.builds(lambda names, over: ("templated", (names, over)), refs, body)


def root(name: str, templates: int) -> st.SearchStrategy[list[Any]]:
    """The assignments below one root key, the first of which makes it an object."""
    return st.lists(
        st.tuples(st.lists(KEYS, max_size=3).map(lambda path: [name, *path]), values(templates)), max_size=5
    ).map(
        lambda found: [
            ([name], ("object", [])),
            *(a for a in found if len(a[0]) > 1 or a[1][0] in ("object", "templated")),
        ]
    )


def written(value: Any) -> str:
    """The value in HOCON."""
    kind, body = value
    if kind == "scalar":
        return body
    if kind == "list":
        return "[" + ", ".join(body) + "]"
    names, body = body if kind == "templated" else ([], body)
    refs = "".join(f"${{t{name}}} " for name in names)
    return refs + "{" + ", ".join(f"{'.'.join(path)} = {written(inner)}" for path, inner in body) + "}"


def merged(old: Any, new: Any) -> Any:
    """HOCON: two objects merge, anything else is replaced."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return deepcopy(new)
    return old | {key: merged(old.get(key), value) for key, value in new.items()}


def assign(tree: Tree, path: list[str], value: Any, final: Tree) -> None:
    """Do `path = value` to `tree`: an object is opened and filled, anything else takes the place."""
    kind, body = value
    for key in path[:-1]:
        if not isinstance(tree.get(key), dict):
            tree[key] = {}
        tree = tree[key]
    if kind in ("scalar", "list"):
        tree[path[-1]] = body
        return
    if not isinstance(tree.get(path[-1]), dict):
        tree[path[-1]] = {}
    names, body = body if kind == "templated" else ([], body)
    for name in names:
        tree[path[-1]] = merged(tree[path[-1]], final[f"t{name}"])
    for inner_path, inner in body:
        assign(tree[path[-1]], inner_path, inner, final)


@settings(max_examples=60, deadline=None)
@given(parts=st.tuples(root("t0", 0), root("t1", 1), root("s", 2)), data=st.data())
def test_given_random_layers_when_parsed_then_they_merge_as_the_specification_says(
    parts: tuple[list[Any], ...], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    expected: Tree = {}
    for statements in parts:
        for path, value in statements:
            assign(expected, path, value, expected)
    order = data.draw(st.permutations(range(3)))
    file = tmp_path_factory.mktemp("merge", numbered=True) / "x.conf"
    text = "\n".join(f"{'.'.join(path)} = {written(value)}" for i in order for path, value in parts[i])
    file.write_text(text)

    try:
        document = parse_file(Path(file), {})
    except HoconError as refusal:
        assert "first given a value and then a block" in str(refusal), text
        return

    assert document.values == expected, text


def test_given_a_value_over_an_inherited_object_when_a_template_follows_then_it_is_refused(
    tmp_path: Path,
) -> None:
    file = tmp_path / "x.conf"
    file.write_text("t.a.b = {}\ns = ${t} { a = 0 }\ns.a = ${t} {}\n")
    with pytest.raises(HoconError, match="first given a value and then a block"):
        parse_file(file, {})
