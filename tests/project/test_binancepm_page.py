"""docs/binancepm.md names tests that exist, one in every row of its tables of rules, and every setting."""

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import BaseModel

from fixgate.connectors.binance_pm.settings import (
    ApiKeySettings,
    BinancePmSettings,
    BinancePmSyncSettings,
    OrderMapperType,
    SelfMatchPrevention,
)
from fixgate.model.enums import PositionSide, ProductType, SelfTradePreventionMode, SideEffectType

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "binancepm.md"
TEST = re.compile(r"(tests/[\w/]+\.py)::(\w+)(\[[^\]`]*\])?")
LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")
COLUMN = "shown by"


def page() -> str:
    return PAGE.read_text(encoding="utf-8")


@cache
def defined_in(path: Path) -> frozenset[str]:
    """Return the test functions that a file defines, at its top level or in a class."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    bodies = [tree.body, *(node.body for node in tree.body if isinstance(node, ast.ClassDef))]
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(
        node.name
        for body in bodies
        for node in body
        if isinstance(node, kinds) and node.name.startswith("test_")
    )


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def tables() -> Iterator[tuple[list[str], list[list[str]]]]:
    """Yield each table of the page: its headings, and its rows."""
    headings: list[str] = []
    rows: list[list[str]] = []
    for line, following in pairwise([*page().splitlines(), ""]):
        if line.startswith("|") and re.fullmatch(r"[|\- ]+", following):
            headings, rows = cells(line), []
        elif line.startswith("|") and headings and not re.fullmatch(r"[|\- ]+", line):
            rows.append(cells(line))
        if headings and not following.startswith("|"):
            yield headings, rows
            headings, rows = [], []


def names_of(model: type[BaseModel], prefix: str = "") -> list[str]:
    return [f"{prefix}{field.alias or name}" for name, field in model.model_fields.items()]


def test_given_the_page_then_every_test_that_it_names_exists() -> None:
    named = TEST.findall(page())
    missing = [
        f"{path}::{name}"
        for path, name, _ in named
        if not (ROOT / path).is_file() or name not in defined_in(ROOT / path)
    ]
    assert not missing and len(named) > 100


def test_given_the_page_then_every_link_leads_to_what_its_text_says() -> None:
    links = LINK.findall(page())
    assert links
    sections = {
        re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in re.findall(r"^#+ (.*)$", page(), re.M)
    }
    for text, target in links:
        if target.startswith("#"):
            assert target[1:] in sections, target
            continue
        assert (PAGE.parent / target).is_file(), target
        if (found := TEST.search(text)) is not None:
            assert target == f"../{found[1]}", text


def test_given_a_table_of_rules_then_each_row_has_a_test() -> None:
    checked = 0
    for headings, rows in tables():
        assert rows, headings
        for row in rows:
            assert len(row) == len(headings), row
            if COLUMN in headings:
                assert TEST.search(row[headings.index(COLUMN)]), row
                checked += 1
    assert checked > 100


@pytest.mark.parametrize(
    "name",
    [
        *(name for name in names_of(BinancePmSettings) if name != "binancePmSyncSettings"),
        *names_of(BinancePmSyncSettings, "binancePmSyncSettings."),
        *names_of(ApiKeySettings),
    ],
)
def test_given_a_setting_then_the_page_has_it(name: str) -> None:
    assert f"`{name}`" in page()


@pytest.mark.parametrize(
    "words",
    [
        ProductType,
        SideEffectType,
        SelfTradePreventionMode,
        SelfMatchPrevention,
        OrderMapperType,
        PositionSide,
    ],
)
def test_given_the_words_of_a_table_then_the_page_has_them_all(words: type[StrEnum]) -> None:
    assert [word for word in words if not re.search(rf"\b{word}\b", page())] == []
