"""The Execution API's documents, as far as a machine can read them: routes, request examples and answers."""

import json
import re
import shlex
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

ROUTE = re.compile(r"(GET|POST|DELETE) (/oems/execution/\S*)$")
FOREIGN_BASE = "/order-execution/execution/"
BASE = "/oems/execution/"


class Example(NamedTuple):
    """One curl call; its title is the line before it, `line` is where it stands."""

    document: str
    line: int
    title: str
    method: str
    path: str
    query: dict[str, str]
    body: Any

    def __str__(self) -> str:
        return f"{self.document}:{self.line} {self.method} {self.path} {self.title}"


class Answer(NamedTuple):
    """One answer of the documents, under the route of its section."""

    document: str
    line: int
    method: str
    path: str
    title: str
    body: Any


def documents() -> dict[str, list[str]]:
    folder = Path(__file__).parent
    return {path.stem: path.read_text(encoding="utf-8").split("\n") for path in sorted(folder.glob("*.txt"))}


def sections() -> Iterator[tuple[str, str, str, int, list[str]]]:
    """Document, method, path, first line and lines of each route's section."""
    for name, lines in documents().items():
        starts = [(number, match) for number, line in enumerate(lines) if (match := ROUTE.match(line))]
        for index, (number, match) in enumerate(starts):
            end = starts[index + 1][0] if index + 1 < len(starts) else len(lines)
            yield name, match[1], match[2], number, lines[number:end]


def routes() -> set[tuple[str, str]]:
    """Every route that a section describes, the order id's place written out."""
    found = set()
    for _, method, path, _, lines in sections():
        takes_id = any("order_id (string, required): The exchange order ID" in line for line in lines)
        found.add((method, path.rstrip("/") + ("/{order_id}" if takes_id else "")))
    return found


def examples() -> list[Example]:
    """Every curl call, in the order of the documents."""
    found = []
    for name, _, _, start, lines in sections():
        number = 0
        while number < len(lines):
            if not lines[number].startswith("curl "):
                number += 1
                continue
            text, first = lines[number], number
            while text.count("'") % 2 or text.endswith("\\"):
                number += 1
                text = f"{text.removesuffix(chr(92))}\n{lines[number]}"
            found.append(_example(name, start + first + 1, lines[first - 1], text))
            number += 1
    return found


def _example(document: str, line: int, title: str, text: str) -> Example:
    words = shlex.split(text)
    url = next(word for word in words if word.startswith("http"))
    method = words[words.index("-X") + 1] if "-X" in words else "GET"
    body = json.loads(words[words.index("-d") + 1], parse_float=Decimal) if "-d" in words else None
    parts = urlsplit(url)
    path = parts.path.replace(FOREIGN_BASE, BASE)
    return Example(document, line, title.lstrip("# "), method, path, dict(parse_qsl(parts.query)), body)


def answers() -> list[Answer]:
    """Every JSON object that stands alone in a section, with the title of the line before it."""
    found = []
    for name, method, path, start, lines in sections():
        number = 0
        while number < len(lines):
            if lines[number] != "{":
                number += 1
                continue
            end, depth = number, 1
            while depth:
                end += 1
                depth += lines[end].count("{") - lines[end].count("}")
            text = "\n".join(lines[number : end + 1]).replace('{ "..." }', "{}")
            body = json.loads(text, parse_float=Decimal)
            if "statusCode" in body:
                found.append(Answer(name, start + number + 1, method, path, lines[number - 1], body))
            number = end + 1
    return found
