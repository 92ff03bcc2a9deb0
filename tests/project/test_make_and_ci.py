"""The Makefile and .ci/run: what they list, what they run, and how they end."""

import os
import pty
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = """\
# A project

## Set-up

```sh
make setup
```

## Run the tests

Some words.

```sh
touch {marker}
echo second line
```

```sh
echo not this block
```
"""
GATEWAY = """\
#!/usr/bin/env python3
import signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
print("running", *sys.argv[1:], flush=True)
signal.sigwait([signal.SIGINT])
again = signal.sigtimedwait([signal.SIGINT], 0.5)
print("interrupted", "twice" if again else "once", flush=True)
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The project's Makefile and CI script, with a set-up and a `make check` that do nothing."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "readme-command", tmp_path / "tools")
    script(tmp_path / "tools" / "setup", "#!/bin/sh\n")
    for tool in ("ruff", "mypy", "lint-imports", "pytest"):
        script(tmp_path / ".venv" / "bin" / tool, f'#!/bin/sh\necho {tool} "$@"\n')
    return tmp_path


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def run(*command: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        command, cwd=cwd, env=environ, capture_output=True, text=True, timeout=30, check=False
    )


def test_given_no_target_when_made_then_every_target_is_listed_with_a_line(checkout: Path) -> None:
    targets = set(
        re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)[0].split()
    )
    listed = dict(re.findall(r"^  make (\S+) +(\S.*)$", run("make", cwd=checkout).stdout, re.M))
    assert listed.keys() == targets
    assert {"run", "test", "check", "bench", "lock", "clean", "help"} <= targets


def test_given_a_terminal_when_ctrl_c_is_typed_then_the_gateway_hears_it_once_and_make_reports_no_error(
    checkout: Path,
) -> None:
    script(checkout / ".venv" / "bin" / "fixgate", GATEWAY)
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(checkout)
        os.execvp("make", ["make", "run"])
    seen = b""
    try:
        while b"connector.conf\r\n" not in seen:
            seen += os.read(terminal, 1024)
        os.write(terminal, b"\x03")
        while data := os.read(terminal, 1024):
            seen += data
    except OSError:
        pass  # Linux reports the end of a pseudo-terminal as an input/output error.
    os.waitpid(child, 0)
    os.close(terminal)
    assert b"running run -c connector.conf" in seen
    assert b"interrupted once" in seen
    assert b"***" not in seen


def test_given_a_failing_set_up_when_made_then_nothing_is_run(checkout: Path) -> None:
    script(checkout / "tools" / "setup", "#!/bin/sh\nexit 1\n")
    done = run("make", "test", cwd=checkout)
    assert done.returncode != 0
    assert "pytest" not in done.stdout


def test_given_make_check_then_format_lint_types_and_import_rules_are_run(checkout: Path) -> None:
    lines = [line.rstrip() for line in run("make", "check", cwd=checkout).stdout.splitlines()]
    assert lines == ["ruff format --check", "ruff check", "mypy", "lint-imports --no-logo"]


def test_given_a_readme_when_ci_runs_then_it_runs_the_block_under_the_heading_after_the_checks(
    checkout: Path,
) -> None:
    (checkout / "README.md").write_text(README.format(marker="tested"), encoding="utf-8")
    done = run(".ci/run", cwd=checkout)
    assert done.returncode == 0, done.stderr
    assert (checkout / "tested").exists()
    lines = done.stdout.splitlines()
    assert lines.index("lint-imports --no-logo") < lines.index("second line")
    assert "not this block" not in done.stdout


def test_given_a_failing_test_command_when_ci_runs_then_it_fails(checkout: Path) -> None:
    (checkout / "README.md").write_text("## Run the tests\n\n```sh\nfalse\ntrue\n```\n", encoding="utf-8")
    assert run(".ci/run", cwd=checkout).returncode != 0


def test_given_a_readme_without_the_heading_when_ci_runs_then_it_fails_before_any_check(
    checkout: Path,
) -> None:
    (checkout / "README.md").write_text("## Tests\n\n```sh\nmake test\n```\n", encoding="utf-8")
    done = run(".ci/run", cwd=checkout)
    assert done.returncode != 0
    assert 'no ```sh block under the heading "## Run the tests"' in done.stderr
    assert "ruff" not in done.stdout


def test_given_the_project_s_readme_then_ci_finds_its_test_command() -> None:
    done = run("tools/readme-command", "Run the tests", cwd=ROOT)
    assert done.stdout == "make test\n", done.stderr
