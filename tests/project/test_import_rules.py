"""The import rules of .importlinter, tried on a skeleton of the house."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    *("model", "engine", "journal", "fix", "papi", "connectors", "simulator", "config", "observe", "demo"),
    *("gateway", "cli"),
)
ALLOWED = {
    "engine": ["model"],
    "journal": ["model"],
    "fix": ["model"],
    "api": ["model"],
    "connectors": ["model", "papi"],
    "simulator": ["model"],
    "config": ["model"],
    "gateway": [room for room in ROOMS if room not in ("gateway", "cli")],
    "cli": ["gateway", "config", "simulator", "demo"],
}
FORBIDDEN = [
    ("model", "engine"),
    ("papi", "model"),
    ("observe", "model"),
    ("demo", "model"),
    ("engine", "papi"),
    ("simulator", "papi"),
    ("journal", "engine"),
    ("fix", "journal"),
    ("connectors", "fix"),
    ("connectors", "config"),
    ("config", "connectors"),
    ("engine", "gateway"),
    ("gateway", "cli"),
    ("cli", "engine"),
    ("cli", "papi"),
]


def build(house: Path, imports: dict[str, list[str]]) -> None:
    for room in {*ROOMS, *imports}:
        package = house / "fixgate" / room
        package.mkdir(parents=True)
        lines = [f"import fixgate.{other}\n" for other in imports.get(room, [])]
        (package / "__init__.py").write_text("".join(lines), encoding="utf-8")
    (house / "fixgate" / "__init__.py").write_text("", encoding="utf-8")
    shutil.copy(ROOT / ".importlinter", house)


def lint(house: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-logo", "--no-cache"],
        cwd=house,
        env=os.environ | {"PYTHONPATH": str(house)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_given_every_allowed_import_and_a_room_for_the_api_when_linted_then_the_rules_are_kept(
    tmp_path: Path,
) -> None:
    build(tmp_path, ALLOWED)
    done = lint(tmp_path)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


def test_given_a_house_without_an_api_when_linted_then_the_rules_are_kept(tmp_path: Path) -> None:
    build(tmp_path, {})
    assert lint(tmp_path).returncode == 0


@pytest.mark.parametrize(("room", "other"), FORBIDDEN)
def test_given_a_forbidden_import_when_linted_then_it_is_named(tmp_path: Path, room: str, other: str) -> None:
    build(tmp_path, ALLOWED | {room: [*ALLOWED.get(room, []), other]})
    done = lint(tmp_path)
    assert done.returncode == 1, done.stdout
    assert f"fixgate.{room} -> fixgate.{other}" in done.stdout


def test_given_a_room_that_the_rules_do_not_know_when_linted_then_it_is_named(tmp_path: Path) -> None:
    build(tmp_path, {"cellar": []})
    done = lint(tmp_path)
    assert done.returncode == 1
    assert "cellar" in done.stdout
