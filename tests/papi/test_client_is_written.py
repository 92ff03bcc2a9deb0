"""The client's methods and their page are what tools/papi_client.py writes from the table of calls."""

import ast
import re
import subprocess
import sys
from pathlib import Path

from fixgate.papi import events
from fixgate.papi.events import EVENT_TYPES

from .endpoint_rows import ROWS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "papi-client.md").read_text(encoding="utf-8")


def test_methods_and_page_are_up_to_date() -> None:
    tool = ROOT / "tools" / "papi_client.py"
    told = subprocess.run(
        [sys.executable, str(tool)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (told.returncode, told.stdout, told.stderr) == (0, "", ""), (
        "write them anew: .venv/bin/python tools/papi_client.py --write"
    )


def test_the_page_has_each_method_with_its_path_and_weight() -> None:
    lines = PAGE.splitlines()
    for row in ROWS:
        found = [line for line in lines if f"| `{row['call']}` | `{row['method']} {row['path']}` |" in line]
        assert len(found) == 1, row["call"]
        assert found[0].split("|")[3].split(",")[0].split(";")[0].strip() == str(row["weight"]["default"])


def test_the_page_s_examples_are_valid_and_use_names_that_exist() -> None:
    examples = re.findall(r"```python\n(.*?)```", PAGE, re.S)
    assert len(examples) == 2
    for example in examples:
        compile(example, "example", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        for line in re.findall(r"^from \S+ import .*$", example, re.M):
            exec(line, {})
    called = set(re.findall(r"client\.(\w+\.\w+)\(", "".join(examples)))
    assert called == {"account.get_account_info", "um.submit_new_um_order"}
    assert called <= {row["call"] for row in ROWS}


def test_the_page_has_each_type_of_event_with_its_struct() -> None:
    rows = dict(re.findall(r"^\| (\w+) \| `(\w+)` \|$", PAGE, re.M))
    known = {name: kind.__name__ for name, kind in EVENT_TYPES.items() if name != "RISK_LEVEL_CHANGE"}
    assert rows == known
    assert all(hasattr(events, name) for name in rows.values())
