"""The parser on arbitrary text: statements or an error with a place, never anything else."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixgate.config.parser import parse
from fixgate.config.syntax import Assign, HoconError, Text, shown_line

FILE = Path("x.conf")
PIECES = st.sampled_from(
    [*'a1=:+{}[],"# é\n\\', "b.c", "+=", '"""', "${", "${?a}", "//", "include ", "required(", "\u00a0"]
)


@given(st.lists(PIECES, max_size=25).map("".join))
def test_given_any_text_when_parsed_then_it_is_statements_or_an_error_inside_the_text(text: str) -> None:
    try:
        parse(text, FILE)
    except HoconError as error:
        lines = text.split("\n")
        assert 1 <= error.place.line <= len(lines)
        assert 1 <= error.place.column <= len(lines[error.place.line - 1]) + 1


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_given_any_text_when_quoted_as_json_then_it_is_read_back(text: str) -> None:
    (statement,) = parse(f"a = {json.dumps(text)}", FILE)
    assert isinstance(statement, Assign)
    (piece,) = statement.value
    assert isinstance(piece, Text) and piece.text == text


def test_given_a_deep_nesting_when_parsed_then_it_is_refused_rather_than_overflowing() -> None:
    with pytest.raises(HoconError, match="levels deep"):
        parse("a = " + "[" * 5000, FILE)


@pytest.mark.parametrize(
    ("line", "keys", "expected"),
    [
        ('apiSecret = "hunter2" x', (), "apiSecret =****"),
        ("password: hunter2", (), "password:****"),
        ("  hunter2 = 3", ("settings", "apiSecret"), "****"),
        ('restUrl = "x', (), 'restUrl = "****'),
        ("port = 12 = 3", ("fix", "port"), "port = 12 = 3"),
        ("MC4CAQAwBQYDK2VwBCIEIN1pQ9", (), "****"),
    ],
)
def test_given_a_line_when_shown_in_an_error_then_what_may_be_secret_is_masked(
    line: str, keys: tuple[str, ...], expected: str
) -> None:
    assert shown_line(line, keys) == expected
