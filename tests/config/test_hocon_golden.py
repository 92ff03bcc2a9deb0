"""Every trap of HOCON, one file each: what it says, or the error it gives.

`golden/NAME.conf` is read with one environment variable, `GOLDEN`; `golden/NAME.json` holds the
values (all, or some), or the error's lines.
"""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fixgate.config.hocon import parse_file
from fixgate.config.syntax import HoconError

GOLDEN = Path(__file__).parent / "golden"
ENVIRON = {"GOLDEN": "from env"}
NAMES = sorted(path.stem for path in GOLDEN.glob("*.conf"))


@pytest.mark.parametrize("name", NAMES)
def test_given_a_golden_file_when_parsed_then_it_says_what_is_recorded(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(GOLDEN)
    expected = json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))
    try:
        values = parse_file(Path(f"{name}.conf"), ENVIRON).values
    except HoconError as error:
        lines = str(error).replace(f"{GOLDEN}/", "").split("\n")
        assert {"error": lines} == expected
        return
    if "some_values" in expected:
        values = {key: values[key] for key in expected["some_values"]}
        assert {"some_values": values} == expected
    else:
        assert {"values": values} == expected


def test_given_the_golden_files_then_there_are_enough_of_them_and_each_has_its_record() -> None:
    assert len(NAMES) >= 60
    assert sorted(path.stem for path in GOLDEN.glob("*.json")) == NAMES


def test_given_a_syntax_error_then_no_grammar_is_dumped(tmp_path: Path) -> None:
    file = tmp_path / "x.conf"
    file.write_text("a { b = [1, { c = } ] }\n")
    with pytest.raises(HoconError) as caught:
        parse_file(file, {})
    assert len(str(caught.value)) < 300
    assert caught.value.__cause__ is None
    assert (caught.value.place.line, caught.value.place.column) == (1, 19)


def test_given_eight_threads_when_parsing_then_each_gets_its_own_values(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.conf" for number in range(16)]
    for number, file in enumerate(files):
        file.write_text(f"t {{ a = {number} }}\nx: ${{t}} {{ b = {number}b }}\n")

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda file: parse_file(file, {}).values["x"], files))

    assert found == [{"a": str(number), "b": f"{number}b"} for number in range(16)]


def test_given_other_users_of_pyparsing_when_hocon_was_parsed_then_nothing_changed_for_them(
    tmp_path: Path,
) -> None:
    good, bad = tmp_path / "good.conf", tmp_path / "bad.conf"
    good.write_text("a = 1\nb: ${c} { d = 1 }\nc { e = 2 }\n")
    bad.write_text("a { b = 1\n")
    script = (
        "import sys, pathlib, pyparsing\n"
        "before = (pyparsing.ParseResults.__getattr__, pyparsing.ParserElement.DEFAULT_WHITE_CHARS)\n"
        "from fixgate.config.hocon import parse_file\n"
        "from fixgate.config.syntax import HoconError\n"
        "for name in sys.argv[1:]:\n"
        "    try:\n"
        "        parse_file(pathlib.Path(name), {})\n"
        "    except HoconError:\n"
        "        pass\n"
        "after = (pyparsing.ParseResults.__getattr__, pyparsing.ParserElement.DEFAULT_WHITE_CHARS)\n"
        "assert before == after, (before, after)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(good), str(bad)], check=True, env=_path())


def _path() -> dict[str, str]:
    return {"PYTHONPATH": str(Path(__file__).parents[2] / "src")}
