"""The second look: a value that merging lost is an error, an override is not."""

from pathlib import Path
from typing import Any

import pytest

from fixgate.config.layers import layered
from fixgate.config.parser import parse
from fixgate.config.syntax import HoconError, Place
from fixgate.config.verify import refuse_lost_values

FILE = Path("x.conf")
TEXT = "t { s { a = 1, b = 2 } }\nx: ${t} { s { a = 5 } }\n"
TEMPLATE = {"s": {"a": "1", "b": "2"}}


def check(values: dict[str, Any]) -> None:
    """Hold values against `TEXT`."""
    refuse_lost_values(layered(parse(TEXT, FILE), {}, Place(FILE, 0)), values)


def test_given_all_that_the_files_say_then_it_passes() -> None:
    check({"t": TEMPLATE, "x": {"s": {"a": "5", "b": "2"}}})


@pytest.mark.parametrize(
    ("x", "name"),
    [
        ({"s": {"a": "5"}}, "x"),
        ({"s": {"b": "2"}}, "x"),
        ({"s": {"a": "1", "b": "2"}}, "x.s.a"),
        ({}, "x"),
        ("text", "x"),
        (None, "x"),
    ],
)
def test_given_a_lost_template_or_override_then_it_is_refused(x: object, name: str) -> None:
    with pytest.raises(HoconError, match=rf"x\.conf:2:\d+: the value given for {name} is lost in merging"):
        check({"t": TEMPLATE, "x": x})
