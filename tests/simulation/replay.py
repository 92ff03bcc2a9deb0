"""Rebuilds every report from the journaled facts alone, as a restart does."""

from collections.abc import Iterable
from typing import Any

from fixgate.engine.engine import Engine
from fixgate.fix.encode import encode
from fixgate.model.reports import ExecutionReport
from tests.simulation.fix_text import Fields, content, parse


def replayed_reports(facts: Iterable[Any]) -> dict[str, Fields]:
    """Return the content of each execution report by its ExecID."""
    reports = Engine({}).restore(facts)
    return {
        report.exec_id: content(parse(encode(report)))
        for report in reports
        if isinstance(report, ExecutionReport)
    }
