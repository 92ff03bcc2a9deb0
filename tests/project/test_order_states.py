"""docs/order-states.md says what the lifecycle table says."""

import re
import subprocess
import sys
from pathlib import Path

from fixgate.engine.lifecycle import LIFECYCLE, TERMINAL, OrderEvent, OrderState

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "order_states.py"
PAGE = ROOT / "docs" / "order-states.md"


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(TOOL), *arguments], capture_output=True, text=True, timeout=30, check=True
    )


def test_given_the_lifecycle_table_then_the_page_is_what_the_tool_writes(tmp_path: Path) -> None:
    written = tmp_path / "page.md"
    run(str(written))
    assert written.read_text(encoding="utf-8") == PAGE.read_text(encoding="utf-8"), (
        "write it anew: .venv/bin/python tools/order_states.py docs/order-states.md"
    )


def test_given_the_page_then_its_rows_are_the_table_s() -> None:
    rows = re.findall(r"^\| (\w+) \| (\w+) \| (\w+)( \(final\))? \| (\w)( [\w ]+)? \|$", run().stdout, re.M)
    shown = {
        (OrderState(state), OrderEvent(event)): (following, exec_type)
        for state, event, following, _, exec_type, _ in rows
    }
    assert shown == {key: (step.state, step.exec_type) for key, step in LIFECYCLE.items()}


def test_given_the_diagram_then_every_transition_has_an_arrow_and_final_states_end() -> None:
    diagram = re.findall(r"```mermaid\n(.*?)```", run().stdout, re.S)[0]
    arrows = {
        (source, following): set(re.findall(r"([a-z_]+) \w", events))
        for source, following, events in re.findall(r"^    (\S+) --> (\w+) : (.*)$", diagram, re.M)
    }
    for (state, event), step in LIFECYCLE.items():
        source = "[*]" if event is OrderEvent.RECEIVE else str(state)
        assert event in arrows[source, step.state]
    assert set(re.findall(r"^    (\w+) --> \[\*\]$", diagram, re.M)) == set(TERMINAL)
