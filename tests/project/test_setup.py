"""tools/setup: what it refuses, what it shows, and how it starts again."""

import io
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import install
import pytest
from install import SetupError, check_machine, clear_foreign, fingerprint, split_lock
from progress import Progress

ROOT = Path(__file__).resolve().parents[2]
OFFLINE = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull, "PATH": os.environ["PATH"]}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose lock asks for a package that nobody has."""
    shutil.copytree(ROOT / "tools", tmp_path / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / install.LOCK).write_text(f"quickfix==999.0 \\\n    --hash=sha256:{'0' * 64}\n")
    return tmp_path


def run_setup(checkout: Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["tools/setup"],
        cwd=checkout,
        env=OFFLINE | {"PYTHON": sys.executable} | environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_given_a_package_that_nobody_has_when_set_up_then_the_end_of_the_log_and_its_path_are_shown(
    checkout: Path,
) -> None:
    done = run_setup(checkout)
    log = checkout / ".venv" / "setup.log"
    assert done.returncode == 1
    assert "[1/4] Python environment: done" in done.stdout
    assert "[3/4] QuickFIX: FAILED" in done.stdout
    assert "No matching distribution found for quickfix==999.0" in done.stderr
    assert str(log) in done.stderr
    assert "quickfix==999.0" in log.read_text(encoding="utf-8")
    assert not (checkout / ".venv" / "setup.stamp").exists()


def test_given_a_stamp_of_the_same_inputs_when_set_up_then_nothing_is_done(checkout: Path) -> None:
    stamp = checkout / ".venv" / "setup.stamp"
    stamp.parent.mkdir()
    stamp.write_text(fingerprint(checkout))
    done = run_setup(checkout)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(stamp.parent.iterdir()) == [stamp]


@pytest.mark.parametrize("name", install.INPUTS)
def test_given_a_changed_input_when_fingerprinted_then_the_stamp_no_longer_holds(
    checkout: Path, name: str
) -> None:
    before = fingerprint(checkout)
    assert fingerprint(checkout) == before
    (checkout / name).write_text((checkout / name).read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert fingerprint(checkout) != before


def test_given_no_python_that_is_new_enough_when_set_up_then_it_says_which_packages_to_install(
    checkout: Path, tmp_path: Path
) -> None:
    old = tmp_path / "old-python"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2"\nexit 1\n')
    old.chmod(0o755)
    done = run_setup(checkout, PYTHON=str(old))
    assert done.returncode == 1
    assert "needs Python 3.11 or newer" in done.stderr
    assert "apt-get install python3 python3-venv python3-dev g++ make" in done.stderr


def test_given_no_compiler_when_the_machine_is_checked_then_the_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(SetupError, match=r"C\+\+ compiler g\+\+ \(package g\+\+\)\n.*python3-dev g\+\+"):
        check_machine(tmp_path)


def test_given_no_compiler_but_quickfix_installed_when_the_machine_is_checked_then_it_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lib/python3.11/site-packages/quickfix-1.16.0.dist-info").mkdir(parents=True)
    monkeypatch.setenv("PATH", str(tmp_path))
    check_machine(tmp_path)


def test_given_no_headers_when_the_machine_is_checked_then_the_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install.sysconfig, "get_paths", lambda: {"include": str(tmp_path)})
    with pytest.raises(SetupError, match=r"C headers \(package python3-dev\)"):
        check_machine(tmp_path)


def test_given_an_environment_of_another_python_when_cleared_then_only_set_up_s_own_files_stay(
    tmp_path: Path,
) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "pyvenv.cfg").write_text("version = 3.10.1\n")
    (tmp_path / "setup.lock").write_text("")
    clear_foreign(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["setup.lock"]


def test_given_an_environment_of_this_python_when_cleared_then_it_stays(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "pyvenv.cfg").write_text(f"version = {install.platform.python_version()}\n")
    clear_foreign(tmp_path)
    assert (tmp_path / "lib").is_dir()


def test_given_the_lock_when_split_then_quickfix_is_alone_and_nothing_is_lost() -> None:
    text = (ROOT / install.LOCK).read_text(encoding="utf-8")
    packages, quickfix = split_lock(text)
    assert quickfix.startswith("quickfix==1.16.0 ")
    assert quickfix.count("==") == 1
    assert "--hash=sha256:" in quickfix
    assert "\nquickfix==" not in packages
    assert sorted((packages + quickfix).splitlines()) == sorted(text.splitlines())


def test_given_a_lock_without_quickfix_when_split_then_the_error_says_what_to_do() -> None:
    with pytest.raises(SetupError, match="pins quickfix 0 times instead of once; run `make lock`"):
        split_lock("aiohttp==1.0 \\\n    --hash=sha256:00\n")


def test_given_no_terminal_when_a_step_takes_long_then_lines_with_the_elapsed_time_appear(
    tmp_path: Path,
) -> None:
    screen = io.StringIO()
    progress = Progress(tmp_path / "log", screen)
    assert progress.interval == 30.0
    progress.interval = 0.05
    started = tmp_path / "go-on"
    script = f"while [ ! -e {started} ]; do sleep 0.01; done"
    waits = iter([False, False, True])
    write = screen.write

    def watch(text: str) -> int:
        if "... 0 s" in text and next(waits, False):
            started.touch()
        return write(text)

    screen.write = watch  # type: ignore[method-assign]
    assert progress.step("[3/4] QuickFIX", ["sh", "-c", script]) is None
    lines = screen.getvalue().splitlines()
    assert lines[0] == "[3/4] QuickFIX ..."
    assert lines.count("[3/4] QuickFIX ... 0 s") >= 3
    assert lines[-1] == "[3/4] QuickFIX: done in 0 s"


def test_given_a_failing_step_when_run_then_only_its_own_last_lines_are_returned(tmp_path: Path) -> None:
    progress = Progress(tmp_path / "log", io.StringIO())
    assert progress.step("first", ["echo", "of the first step"]) is None
    failure = progress.step("second", ["sh", "-c", "seq 1 100; echo broken >&2; exit 3"])
    assert failure is not None
    assert failure.splitlines() == [str(number) for number in range(77, 101)] + ["broken"]


def test_given_a_step_at_work_when_set_up_is_terminated_then_its_grandchildren_end_too(
    checkout: Path,
) -> None:
    (checkout / "slow").write_text("#!/bin/sh\nsleep 600 & echo $! > grandchild\nwait\n")
    (checkout / "slow").chmod(0o755)
    script = (
        "import signal, sys; sys.path.insert(0, 'tools'); from pathlib import Path; import progress;"
        "signal.signal(signal.SIGTERM, signal.default_int_handler);"
        "progress.Progress(Path('log')).step('slow', ['./slow'])"
    )
    process = subprocess.Popen([sys.executable, "-c", script], cwd=checkout, stdout=subprocess.DEVNULL)
    grandchild = wait_for(lambda: (checkout / "grandchild").exists() and read_pid(checkout / "grandchild"))
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) != 0
    wait_for(lambda: not alive(grandchild))


def read_pid(path: Path) -> int:
    text = path.read_text()
    return int(text) if text.endswith("\n") else 0


def alive(pid: int) -> bool:
    """True when a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_for(condition, seconds: float = 20.0):  # type: ignore[no-untyped-def]
    """Return what `condition` returns as soon as it is true."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)
    return value
