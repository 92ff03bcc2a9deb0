"""The settings of the API, the tokens that `fixgate token` makes for them, and the door made of both."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from fixgate.api.app import Operations
from fixgate.api.tokens import Role, TokenError, sha256_of
from fixgate.cli import app
from fixgate.config.errors import ConfigError
from fixgate.config.load import Loaded, load
from fixgate.gateway.connector_settings import connector_types
from fixgate.gateway.http_door import TokenRefused, http_door, jwt_token, static_token, tokens_of
from tests.api.fake_desk import FakeDesk

ROOT = Path(__file__).resolve().parents[2]
KEY = "0123456789abcdef0123456789abcdef"
NOTHING = frozenset[str]()


def configured(folder: Path, http: str) -> Loaded:
    """Load the smallest configuration with that `http` section."""
    file = folder / "gateway.conf"
    file.write_text(
        'include classpath("crypto-connectors.conf")\n'
        f"http {{ {http} }}\n"
        "connectors { PM: ${template.connector.crypto.binancepm} { settings { apiKeys = [\n"
        '  { apiKey = "k", apiSecret = "s", account = "pm-1" } ] } } }\n'
    )
    return load(file, connector_types(), {})


def refusal(folder: Path, http: str) -> str:
    with pytest.raises(ConfigError) as caught:
        configured(folder, http)
    return str(caught.value)


def test_given_nothing_then_the_api_is_on_for_this_machine_alone(tmp_path: Path) -> None:
    api = configured(tmp_path, "port = 0").settings.http.api
    assert (api.enabled, api.asks_for_token, api.order_wait) == (True, False, timedelta(seconds=5))
    assert (api.rate_limit.per_second, api.rate_limit.burst) == (100, 200)


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.7", "::", "gateway.internal"])
def test_given_an_address_that_others_reach_and_no_token_then_the_configuration_is_refused(
    tmp_path: Path, host: str
) -> None:
    text = refusal(tmp_path, f'host = "{host}"')
    assert "host must be of this machine alone, such as 127.0.0.1" in text
    assert f"it was '{host}'" in text
    assert "`fixgate token` makes a token" in text


@pytest.mark.parametrize(
    "http",
    [
        'host = "0.0.0.0", api { enabled = false }',
        f'host = "0.0.0.0", api {{ tokens = [{{ name = a, sha256 = "{sha256_of("t")}" }}] }}',
        f'host = "0.0.0.0", api {{ jwt {{ key = "{KEY}" }} }}',
        'host = "127.5.5.5"',
        'host = "::1"',
        'host = "localhost"',
    ],
)
def test_given_a_token_or_no_api_or_a_loopback_address_then_the_host_is_taken(
    tmp_path: Path, http: str
) -> None:
    assert configured(tmp_path, http).settings.http.host


@pytest.mark.parametrize(
    ("api", "text"),
    [
        (f'jwt {{ key = "{KEY[:-1]}" }}', "key must be 32 bytes or more for HS256; it has 31"),
        (f'jwt {{ key = "{KEY}", algorithm = HS512 }}', "key must be 64 bytes or more for HS512"),
        (f'jwt {{ key = "{KEY}", algorithm = none }}', "must be one of HS256, HS384, HS512, RS256"),
        ('tokens = [{ name = a, sha256 = "ABC" }]', "must be 64 hexadecimal digits in lower case"),
        ('tokens = [{ name = "a:b", sha256 = "" }]', "must be 1 to 64 characters without ':'"),
        (
            f'tokens = [{{ name = a, sha256 = "{"a" * 64}" }}, {{ name = a, sha256 = "{"b" * 64}" }}]',
            "tokens must have a name each; 'a' is there twice",
        ),
        (
            f'tokens = [{{ name = a, sha256 = "{"a" * 64}" }}, {{ name = b, sha256 = "{"a" * 64}" }}]',
            "tokens must have a sha256 each",
        ),
        ("orderWait = 2 minutes", "must be shorter than 60 seconds"),
        ("rateLimit { burst = 0 }", "must be at least 1"),
    ],
)
def test_given_a_setting_that_is_wrong_then_it_is_said_why_and_no_secret_is_shown(
    tmp_path: Path, api: str, text: str
) -> None:
    told = refusal(tmp_path, f"api {{ {api} }}")
    assert text in told
    assert KEY[:-1] not in told


def test_given_the_command_then_its_line_makes_its_token_valid(tmp_path: Path) -> None:
    arguments = ["token", "desk-1", "--role", "trader", "--account", "pm-1", "--account", "pm-2"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0
    token, line = done.stdout.splitlines()
    assert re.fullmatch(r"fxg_[A-Za-z0-9_-]{43}", token)
    assert token not in line and token not in done.stderr
    settings = configured(tmp_path, f"api {{ tokens = [{line}] }}").settings
    caller = tokens_of(settings.http.api, NOTHING).caller(token)
    assert (caller.name, caller.role, caller.accounts) == ("desk-1", Role.TRADER, {"pm-1", "pm-2"})
    assert CliRunner().invoke(app, arguments).stdout.splitlines()[0] != token


def test_given_no_account_then_the_command_asks_for_one_except_for_an_admin() -> None:
    refused = CliRunner().invoke(app, ["token", "desk-1", "--role", "trader"])
    assert refused.exit_code == 2
    assert "name the accounts" in refused.stderr
    assert CliRunner().invoke(app, ["token", "boss", "--role", "admin"]).exit_code == 0


def test_given_a_jwt_in_the_configuration_then_the_command_signs_one_that_is_taken(tmp_path: Path) -> None:
    loaded = configured(tmp_path, f'api {{ jwt {{ key = "{KEY}", issuer = me, audience = them }} }}')
    arguments = ["token", "ada", "--account", "pm-1", "--jwt", "--expires", "1 hour", "-c", str(loaded.file)]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.stderr
    caller = tokens_of(loaded.settings.http.api, NOTHING).caller(done.stdout.strip())
    assert (caller.name, caller.role, caller.accounts) == ("ada", Role.READER, {"pm-1"})
    with pytest.raises(TokenError, match="is the name of a FIX session"):
        tokens_of(loaded.settings.http.api, frozenset({"ada"})).caller(done.stdout.strip())


def test_given_a_token_that_cannot_be_made_then_it_is_said_why(tmp_path: Path) -> None:
    plain = configured(tmp_path, "port = 0").settings.http.api
    with pytest.raises(TokenRefused, match=r"the configuration has no http\.api\.jwt"):
        jwt_token(plain, "ada", Role.READER, ["a"], timedelta(hours=1))
    shared = configured(tmp_path, f'api {{ jwt {{ key = "{KEY}" }} }}').settings.http.api
    with pytest.raises(TokenRefused, match="--private-key must be left out"):
        jwt_token(shared, "ada", Role.READER, ["a"], timedelta(hours=1), "pem")
    paired = configured(tmp_path, f'api {{ jwt {{ key = "{KEY}", algorithm = EdDSA }} }}').settings.http.api
    with pytest.raises(TokenRefused, match="name its file with --private-key"):
        jwt_token(paired, "ada", Role.READER, ["a"], timedelta(hours=1))
    with pytest.raises(TokenRefused, match="must be 1 to 64 characters"):
        static_token("a b", Role.READER, ["a"])


async def test_given_the_settings_then_the_door_asks_for_the_token_and_paces_it(tmp_path: Path) -> None:
    token, line = static_token("desk-1", Role.TRADER, ["okx-001"])
    http = f"port = 0, api {{ tokens = [{line}], rateLimit {{ perSecond = 1, burst = 2 }} }}"
    door = http_door(configured(tmp_path, http).settings, operations(), FakeDesk())
    await door.start()
    url = f"http://127.0.0.1:{door.port}/oems/execution/daily-limit?exchange_account_id=okx-001"
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        told = [(await client.get(url, headers=headers)).status_code for _ in range(3)]
        assert told == [200, 200, 429]
        assert (await client.get(url)).status_code == 401
    await door.stop()


def test_given_a_jwt_key_that_is_none_then_the_door_says_so(tmp_path: Path) -> None:
    settings = configured(tmp_path, f'api {{ jwt {{ key = "{KEY}", algorithm = RS256 }} }}').settings
    with pytest.raises(ValueError, match=r"http\.api\.jwt\.key is not a key for RS256"):
        http_door(settings, operations(), FakeDesk())


def test_given_the_example_values_then_they_are_numbers_of_the_documents() -> None:
    text = (ROOT / "src/fixgate/api/examples.json").read_text("utf-8")
    assert '"avg_fill_price": 43250.50' in text
    assert json.loads(text)["set_leverage"]["requests"]["Example"]["leverage"] == 10


def operations() -> Operations:
    empty: dict[str, Any] = {}
    return Operations(health=lambda: empty, readiness=lambda: (True, empty), metrics=lambda: b"")
