"""Write the typed methods of the Portfolio Margin client, and their table, from the table of its calls.

    .venv/bin/python tools/papi_client.py              # say which files are not up to date; status 1 if any
    .venv/bin/python tools/papi_client.py --write      # write them

The rows of `fixgate.papi.endpoints` become one module of `src/fixgate/papi/client/` each, and the table in
`docs/papi-client.md`. A test compares the files with this output.
"""

import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

from fixgate.papi import responses
from fixgate.papi.endpoints import GROUPS, Effect, Endpoint, Parameter, words
from fixgate.papi.endpoints.parameters import RECV_WINDOW
from fixgate.papi.error_codes import error_code

ROOT = Path(__file__).resolve().parents[1]
CLIENT = ROOT / "src" / "fixgate" / "papi" / "client"
PAGE = ROOT / "docs" / "papi-client.md"
BEGIN, END = "<!-- methods: written by tools/papi_client.py -->\n", "<!-- end of methods -->"
WIDTH = 110

TITLES = {
    "account": "The account as a whole",
    "um_account": "USD-M futures: the account's settings, positions and history",
    "um_order": "USD-M futures: orders",
    "um_trade": "USD-M futures: trades, modifications, liquidations and fees",
    "algo": "Conditional orders of USD-M futures",
    "cm_account": "COIN-M futures: the account's settings, positions and history",
    "cm_order": "COIN-M futures: orders",
    "cm_trade": "COIN-M futures: trades, modifications and liquidations",
    "conditional": "Conditional orders of COIN-M futures",
    "margin_account": "Cross margin: limits, and the history of loans",
    "margin_order": "Cross margin: orders and order lists",
    "margin_trade": "Cross margin: loans, trades and liquidations",
    "user_data": "The listen key",
}


def attribute(group: str) -> str:
    """Return the attribute of `PortfolioClient` that has the methods of a group."""
    return group if group == "user_data" else group.partition("_")[0]


def module(group: str) -> str:
    """Return the source of a group's module, formatted."""
    rows = GROUPS[group]
    parts = [
        f'"""{TITLES[group]}.\n\nWritten by `tools/papi_client.py` from `fixgate.papi.endpoints`.\n"""\n\n',
        imports(group, rows),
        f"class {''.join(part.title() for part in group.split('_'))}Calls:\n",
        f'    """{TITLES[group]}. Each method is a call of the venue.\n\n',
        "    They raise what `Calls.call` raises. What changes anything is never sent a second time.\n",
        '    """\n\n',
        "    def __init__(self, calls: Calls) -> None:\n        self._calls = calls\n",
    ]
    parts.extend("\n" + method(row) for row in rows)
    return formatted("".join(parts))


def imports(group: str, rows: tuple[Endpoint, ...]) -> str:
    """Return the import block, and the rows by method and path."""
    types = {parameter.type_name for row in rows for parameter in row.params}
    wanted = sorted(name for name in types if hasattr(words, name))
    answers = sorted({name for row in rows for name in re.findall(r"[A-Z]\w+", row.answer)})
    lines = ["from fixgate.papi.client.calls import Calls", "from fixgate.papi.endpoints import ENDPOINTS"]
    if wanted:
        lines.append(f"from fixgate.papi.endpoints.words import {', '.join(wanted)}")
    missing = [name for name in answers if not hasattr(responses, name)]
    if missing:
        raise SystemExit(f"{group}: fixgate.papi.responses has no {', '.join(missing)}")
    lines.append(f"from fixgate.papi.responses import {', '.join(answers)}")
    return "\n".join(lines) + "\n\n\n"


def method(row: Endpoint) -> str:
    """Return the source of one method."""
    parameters = (*row.params, RECV_WINDOW) if row.signed else row.params
    arguments = "".join(f", {argument(parameter)}" for parameter in parameters)
    given = "".join(f", {parameter.name}={parameter.name}" for parameter in parameters)
    return (
        f"    async def {row.name}(self{', *' if arguments else ''}{arguments}) -> {row.answer}:\n"
        f"{docstring(row)}"
        f'        row = ENDPOINTS["{row.method}", "{row.path}"]\n'
        f"        return await self._calls.call(row, {row.answer}{given})\n"
    )


def argument(parameter: Parameter) -> str:
    """Return a parameter as it stands in the signature."""
    if parameter.required:
        return f"{parameter.name}: {parameter.type_name}"
    return f"{parameter.name}: {parameter.type_name} | None = None"


def docstring(row: Endpoint) -> str:
    """Return what, where, weight, notes, parameters, errors and how to learn of an unknown outcome."""
    kind = f"{row.security}, signed" if row.signed else f"{row.security}, not signed"
    paragraphs = [
        f'"""{row.about}.',
        f"PAPI {row.method} {row.path} ({kind}). {price(row)}.",
        row.notes,
    ]
    blocks = [textwrap.fill(text, WIDTH - 8) for text in paragraphs if text]
    if row.params:
        blocks.append("\n".join(described(parameter) for parameter in row.params))
    tail = []
    if row.errors:
        tail.append(f"Errors: {', '.join(named(code) for code in row.errors)}.")
    if row.effect is not Effect.READ:
        tail.append(f"If the outcome is unknown: {row.find_out}.")
    if tail:
        blocks.append("\n".join(textwrap.fill(text, WIDTH - 8) for text in tail))
    return textwrap.indent("\n\n".join(blocks) + '\n"""', "        ") + "\n"


def price(row: Endpoint) -> str:
    """Return the weight in words."""
    text = f"Weight {row.weight}"
    if row.without_symbol is not None:
        text += f", {row.without_symbol} without symbol"
    if row.with_pair is not None:
        text += f", {row.with_pair} with pair"
    if row.orders:
        text += f"; counts as {row.orders} order{'s' if row.orders > 1 else ''}"
    return text


def described(parameter: Parameter) -> str:
    """Return a parameter's line: what it is, its default and its bounds."""
    text = f"{parameter.name}: {parameter.about}"
    if parameter.default is not None:
        text += f"; {parameter.default} when left out"
    if parameter.maximum is not None and parameter.minimum not in (None, "0"):
        text += f"; {parameter.minimum} to {parameter.maximum}"
    return textwrap.fill(f"{text}.", WIDTH - 8, subsequent_indent="    ")


def named(code: int) -> str:
    """Return an error code with the venue's name for it."""
    row = error_code(code)
    if row is None:
        raise SystemExit(f"{code} is not in fixgate.papi.error_codes")
    return f"{code} {row.name}"


def formatted(source: str) -> str:
    """Return Python source as the project's formatter leaves it."""
    for command in (["check", "--select", "I", "--fix", "--quiet"], ["format", "--quiet"]):
        source = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--stdin-filename", "src/fixgate/papi/client/x.py", "-"],
            input=source,
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=True,
        ).stdout
    return source


def table() -> Iterator[str]:
    """Yield the lines of the documentation's tables."""
    for group, rows in GROUPS.items():
        yield f"### {TITLES[group]}"
        yield ""
        yield "| method | call | weight | what |"
        yield "|---|---|---|---|"
        for row in rows:
            weight = price(row).removeprefix("Weight ")
            path = f"`{row.method} {row.path}`"
            yield f"| `{attribute(group)}.{row.name}` | {path} | {weight} | {row.about} |"
        yield ""


def page() -> str:
    """Return the documentation with its tables written anew."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + "\n" + "\n".join(table()) + END + after


def files() -> dict[Path, str]:
    """Return every file with what should stand in it."""
    return {CLIENT / f"{group}.py": module(group) for group in GROUPS} | {PAGE: page()}


def main(arguments: list[str]) -> int:
    """Write the files, or name those that are not up to date; return the exit status."""
    stale = {
        path: text
        for path, text in files().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    }
    for path, text in stale.items():
        if arguments == ["--write"]:
            path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT), "written" if arguments else "is not up to date")
    return 1 if stale and not arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
