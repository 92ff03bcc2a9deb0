"""The lock files: complete, hashed, in step with pyproject.toml, and free of any machine's particulars."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUNTIME, DEVELOPMENT = "requirements.lock", "requirements-dev.lock"
BOTH = pytest.mark.parametrize("name", [RUNTIME, DEVELOPMENT])


def pins(name: str) -> dict[str, str]:
    """Return the entry of each package in lock file `name`, from its `name==version` to its last hash."""
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = re.split(r"(?m)^(?=[a-z0-9])", text)[1:]
    return {entry.partition("==")[0]: entry for entry in entries}


def version(entry: str) -> str:
    return entry.partition("==")[2].split()[0]


def declared(extra: str | None = None) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = project["optional-dependencies"][extra] if extra else project["dependencies"]
    return {re.split(r"[^a-z0-9-]", line.lower())[0] for line in lines}


@BOTH
def test_given_a_lock_then_every_package_is_pinned_to_one_version_with_hashes(name: str) -> None:
    entries = pins(name)
    assert entries
    for package, entry in entries.items():
        assert re.match(rf"{package}==[0-9][0-9A-Za-z.]* \\\n", entry), entry[:80]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), f"{package} has no hash"


@BOTH
def test_given_a_lock_then_it_names_no_index_no_host_and_no_local_path(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    particulars = r"(?m)^.*(?:https?:|file://|--(?:extra-)?index|--find-links|--trusted|\s/).*$"
    assert not re.findall(particulars, text)


@BOTH
def test_given_a_lock_then_its_header_says_how_it_is_made(name: str) -> None:
    head = (ROOT / name).read_text(encoding="utf-8").splitlines()[:6]
    assert "#    make lock" in head


def test_given_pyproject_then_every_dependency_is_locked() -> None:
    assert declared() <= pins(RUNTIME).keys()
    assert declared() | declared("dev") <= pins(DEVELOPMENT).keys()


def test_given_both_locks_then_the_development_lock_holds_the_same_runtime_versions() -> None:
    runtime, development = pins(RUNTIME), pins(DEVELOPMENT)
    for package, entry in runtime.items():
        assert version(entry) == version(development[package]), package


def test_given_the_build_backend_then_it_is_pinned_for_the_install_without_isolation() -> None:
    backends = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"][
        "requires"
    ]
    assert set(backends) | {"pip", "pip-tools"} <= pins(DEVELOPMENT).keys()


def test_given_the_notice_then_it_has_the_acknowledgement_that_the_quickfix_licence_asks_for() -> None:
    words = " ".join((ROOT / "NOTICE").read_text(encoding="utf-8").split())
    assert (
        "This product includes software developed by quickfixengine.org (http://www.quickfixengine.org/)."
        in words
    )
