"""A second look at a resolved configuration: whatever the files say for certain must be in it.

The library that joins templates and overrides is known to lose one side of a merge in some
orders. A gateway must not trade with half a configuration, so a loss is an error.
"""

from typing import Any

from fixgate.config.layers import Branch, may_be_object
from fixgate.config.syntax import HoconError, Reference, Text, dotted


def refuse_lost_values(tree: Branch, values: dict[str, Any]) -> None:
    """Hold `values` against the `tree` they were resolved from. Raises `HoconError` for a lost value."""
    _check(tree, values, (), values)


def _check(node: Branch, values: object, at: tuple[str, ...], root: dict[str, Any]) -> None:
    """Refuse a result that lost what the files say, rather than trade with half a configuration.

    Looks at what nothing later in the same value can override: the last object and the last
    reference of each.
    """
    held_by_key = values if isinstance(values, dict) else {}
    for key, entries in node.entries.items():
        row = entries[-1]
        certain = not all(isinstance(part, Reference) and part.optional for part in row)
        held = held_by_key.get(key)
        lost = certain and key not in held_by_key
        if isinstance(row[-1], Branch):
            lost = lost or not isinstance(held, dict)
        elif isinstance(row[-1], Text) and len(row) == 1:
            lost = lost or held != (None if row[-1].bare and row[-1].text == "null" else row[-1].text)
        last = next((part for part in reversed(row) if isinstance(part, Reference)), None)
        if last is not None and may_be_object(row):
            brought = _at(root, last.path)
            lost = lost or (isinstance(brought, dict) and not _covers(held, brought))
        if lost:
            raise HoconError(
                f"the value given for {dotted((*at, key))} is lost in merging; write it in one block",
                row[-1].place,
            )
        if isinstance(row[-1], Branch):
            _check(row[-1], held, (*at, key), root)


def _covers(held: object, brought: dict[str, Any]) -> bool:
    """True when every key that a referenced object brings is there, whatever its value became."""
    if not isinstance(held, dict):
        return False
    shared = [(held[key], value) for key, value in brought.items() if key in held]
    inner = [(ours, theirs) for ours, theirs in shared if isinstance(ours, dict) and isinstance(theirs, dict)]
    return len(shared) == len(brought) and all(_covers(ours, theirs) for ours, theirs in inner)


def _at(values: dict[str, Any], path: tuple[str, ...]) -> object:
    """Return the value at `path`, `None` where there is none."""
    found: object = values
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found
