"""Reports as table rows that a trader can read."""

from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

Report = dict[int, str]

_WHAT = {
    "0": "accepted",
    "4": "[yellow]cancelled[/]",
    "5": "[cyan]replaced[/]",
    "6": "[dim]cancel pending[/]",
    "8": "[red]rejected[/]",
    "A": "[dim]pending[/]",
    "C": "[yellow]expired[/]",
    "D": "restated",
    "E": "[dim]replace pending[/]",
    "I": "status",
}
_SIDES = {"1": "buy", "2": "sell"}
_REJECTS = {"9": "[red]refused[/]", "j": "[red]refused[/]", "3": "[red]refused[/]"}
COLUMNS = ("time", "ClOrdID", "symbol", "product", "what happened", "side", "qty", "price")
DETAILS = ("last", "cum", "leaves", "avg", "fee", "text")
_RIGHT = frozenset({"qty", "price", "last", "cum", "leaves", "avg", "fee"})
_WIDTHS = dict(zip(COLUMNS, (12, 11, 11, 8, 15, 4, 6, 11), strict=True))
_WIDE = 170
"""Columns a terminal needs for everything in one line; a narrower one gets two lines per report."""


def what_happened(report: Report) -> str:
    """Return a report's meaning in a word or two, with colour."""
    if report.get(35) != "8":
        return _REJECTS.get(report.get(35, ""), f"message {report.get(35)}")
    if report.get(150) == "F":
        return "[green]filled[/]" if report.get(39) == "2" else "[green]partly filled[/]"
    return _WHAT.get(report.get(150, ""), f"ExecType {report.get(150)}")


def row(report: Report, product: str) -> list[str]:
    """Return the cells of a report's row."""
    cl_ord_id = report.get(11) or report.get(379, "")
    last = f"{report[32]} @ {report[31]}" if 32 in report and 31 in report else ""
    fee = f"{report[12]} {report.get(479, '')}".strip() if 12 in report else ""
    when = (report.get(60) or report.get(52, ""))[9:]
    return [
        when,
        cl_ord_id,
        report.get(55, ""),
        product,
        what_happened(report),
        _SIDES.get(report.get(54, ""), ""),
        report.get(38, ""),
        report.get(44, ""),
        last,
        report.get(14, ""),
        report.get(151, ""),
        report.get(6, "") if report.get(6) not in {"0", None} else "",
        fee,
        report.get(58, ""),
    ]


def show(console: Console, rows: list[list[str]]) -> None:
    """Print rows as one table."""
    wide = console.width >= _WIDE
    table = Table(box=None, header_style="dim", padding=(0, 1, 0, 0))
    for name in [*COLUMNS, *(DETAILS if wide else ())]:
        justify: Literal["left", "right"] = "right" if name in _RIGHT else "left"
        table.add_column(name, justify=justify, no_wrap=name != "text", min_width=_WIDTHS.get(name))
    if wide:
        for cells in rows:
            table.add_row(*cells)
        console.print(table)
        return
    for cells in rows:
        table.add_row(*cells[: len(COLUMNS)])
    lines = _lines(console, table)
    console.print(lines[0], soft_wrap=True)
    for line, cells in zip(lines[1:], rows, strict=True):
        console.print(line, soft_wrap=True)
        details = [
            f"[dim]{name}[/] {cell}" for name, cell in zip(DETAILS, cells[len(COLUMNS) :], strict=True)
        ]
        known = [each for each, cell in zip(details, cells[len(COLUMNS) :], strict=True) if cell]
        console.print("             " + "  ".join(known), soft_wrap=True)


def _lines(console: Console, table: Table) -> list[Text]:
    """Return a table's lines at its own width, however narrow the terminal is."""
    options = console.options.update(width=_WIDE, max_width=_WIDE)
    lines = console.render_lines(table, options, pad=False)
    return [Text.assemble(*((part.text, part.style or "") for part in line)) for line in lines]
