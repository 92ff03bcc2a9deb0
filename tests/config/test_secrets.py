"""Secrets: where they come from, and that none shows up in an error, a warning or a shown setting."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.config import ConfigError, load
from fixgate.connectors.binance_pm.settings import BinancePmSettings
from tests.config.conftest import CONNECTOR, TYPES, Load

Problems = Callable[..., list[str]]
KEYS = "connectors.BINANCEPM.settings.apiKeys"


def secret_of(load_text: Load, text: str, environ: dict[str, str] | None = None) -> str:
    """The first API secret of a configuration."""
    loaded = load_text(f"{KEYS} = [ {{ apiKey = k, apiSecret = {text} }} ]", environ)
    connector = loaded.connectors["BINANCEPM"].settings
    assert isinstance(connector, BinancePmSettings)
    return connector.api_keys[0].api_secret.get_secret_value()


def test_given_a_secret_inline_or_in_a_variable_when_loaded_then_it_is_taken(load_text: Load) -> None:
    assert secret_of(load_text, '"a#b=c"') == "a#b=c"
    assert secret_of(load_text, "${SECRET}", {"SECRET": "a b\nc"}) == "a b\nc"


def test_given_a_secret_in_a_file_when_loaded_then_its_newline_is_dropped(
    tmp_path: Path, load_text: Load
) -> None:
    file = tmp_path / "secrets" / "key.pem"
    file.parent.mkdir()
    file.write_text("-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\r\n")
    file.chmod(0o600)
    assert secret_of(load_text, '"file:secrets/key.pem"').endswith("abc\n-----END PRIVATE KEY-----")
    assert secret_of(load_text, f'"file:{file}"').startswith("-----BEGIN")


@pytest.mark.parametrize(("mode", "warns"), [(0o600, False), (0o400, False), (0o640, True), (0o604, True)])
def test_given_a_secrets_file_when_others_can_read_it_then_there_is_a_warning(
    mode: int, warns: bool, tmp_path: Path, load_text: Load
) -> None:
    file = tmp_path / "key"
    file.write_text("hunter2")
    file.chmod(mode)
    warnings = load_text(f'{KEYS} = [ {{ apiKey = k, apiSecret = "file:key" }} ]').warnings
    assert bool(warnings) == warns
    if warns:
        assert warnings[0].startswith(f"x.conf:8: {KEYS}[0].apiSecret: others than its owner can read {file}")
        assert f"mode {stat.S_IMODE(mode):04o}" in warnings[0]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "cannot be read: No such file"),
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"\xff", "must be UTF-8"),
    ],
)
def test_given_a_secrets_file_that_cannot_serve_when_loaded_then_the_problem_says_why(
    content: bytes | None, expected: str, tmp_path: Path, problems_of: Problems
) -> None:
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    (problem,) = problems_of('fix.sessions = [ { password = "file:key" } ]')
    assert problem.startswith("x.conf:8: fix.sessions[0].password = 'file:key': ")
    assert expected in problem


LETTERS = st.text("ghijkpqvwxyz", min_size=12, max_size=12)
PLACES = [
    f'{KEYS} = [ {{ apiKey = k, apiSecret = "SECRET" }} ]',
    f'{KEYS} = [ {{ apiKey = k, apiSecrt = "SECRET" }} ]',
    f'{KEYS} = "k:SECRET"',
    f'{KEYS} = [ "SECRET" ]',
    f"{KEYS} = [ {{ apiKey = k, apiSecret = {{ x = SECRET }} }} ]",
    f"{KEYS} = [ {{ apiKey = k, apiSecret = [ SECRET ] }} ]",
    f"{KEYS} = [ {{ apiKey = k, apiSecret = ${{S}}, acount = x }} ]",
    f"{KEYS} = [ {{ apiKey = k, apiSecret =\n SECRET:x }} ]",
    f'{KEYS} = [ {{ apiKey = k, apiSecret = """SECRET ]',
    f"{KEYS} = [ {{ apiKey = k, apiSecret = SECRET{{ }} }} ]",
    'fix.sessions = [ { password = "SECRET", targetCompId = "/" } ]',
    "fix.sessions = [ { passwrd = SECRET } ]",
    'simulator.accounts = [ { apiKey = k, apiSecret = "SECRET" } ]',
]


@settings(max_examples=60, deadline=None)
@given(secret=LETTERS, text=st.sampled_from(PLACES), data=st.data())
def test_given_a_secret_anywhere_when_loaded_then_no_text_that_leaves_holds_it(
    secret: str, text: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    spoiled = CONNECTOR + text.replace("SECRET", secret)
    if data.draw(st.booleans()):
        start, end = spoiled.rfind(secret), spoiled.rfind(secret) + len(secret)
        at = data.draw(st.integers(len(CONNECTOR), len(spoiled)).filter(lambda n: n <= start or n >= end))
        spoiled = spoiled[:at] + data.draw(st.sampled_from(list('"{}[]:=,\\$\n# '))) + spoiled[at:]
    file = tmp_path_factory.mktemp("secret", numbered=True) / "x.conf"
    file.write_text(spoiled)
    try:
        loaded = load(file, TYPES, {"S": secret})
    except ConfigError as error:
        told = [str(error), repr(error), *map(str, error.problems), repr(error.problems)]
    else:
        told = [*loaded.show(), *loaded.warnings, repr(loaded), str(loaded.settings)]
    assert not any(secret in line for line in told), spoiled
