"""Loading: the specification's sample, the defaults, the cross-checks, and where each value came from."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from fixgate.config import ConfigError, load
from fixgate.connectors.binance_pm.settings import BinancePmSettings
from fixgate.connectors.ccxt.settings import CcxtSettings
from tests.config.conftest import CONNECTOR, HERE, TYPES, Load

Problems = Callable[..., list[str]]
SECOND = """
connectors.SECOND: ${template.connector.crypto.binancepm} {
  settings { apiKeys: [ { apiKey = "KEY2", apiSecret = "SECRET2", account = second } ] }
}
"""


def test_given_the_specifications_sample_when_loaded_then_it_works_with_the_documented_defaults() -> None:
    loaded = load(HERE / "spec_sample.conf", TYPES, {})
    entry = loaded.connectors["BINANCEPM"]
    settings = entry.settings
    assert isinstance(settings, BinancePmSettings)
    assert (entry.factory, entry.enabled) == ("binance_pm", True)
    assert settings.rest_url == "https://papi.binance.com"
    assert [(key.api_key, key.api_secret.get_secret_value()) for key in settings.api_keys] == [
        ("API_KEY", "API_SECRET")
    ]
    assert settings.future_instrument_currencies == ("USDT", "USDC", "BTC")
    (session,) = loaded.settings.fix.sessions
    assert (session.sender_comp_id, session.target_comp_id) == ("FIXGATE", "OMS")
    assert (session.default_connector, session.source_id) == ("BINANCEPM", "OMS")
    assert loaded.settings.fix.acceptor.port == 9876
    assert loaded.settings.journal.path == HERE / "var/journal.db"
    assert not loaded.settings.simulator.enabled
    assert loaded.warnings == ()


def test_given_the_bundled_template_then_it_spells_the_models_own_defaults() -> None:
    loaded = load(HERE / "spec_sample.conf", TYPES, {})
    settings = loaded.connectors["BINANCEPM"].settings
    assert isinstance(settings, BinancePmSettings)
    plain = BinancePmSettings(
        apiKeys=settings.api_keys,
        futureInstrumentCurrencies=("USDT", "USDC", "BTC"),
        deliveryInstrumentCurrencies=("USD",),
        referencePath=HERE / "var/reference",
    )
    assert settings == plain


def test_given_the_repositorys_configuration_when_loaded_then_it_trades_on_the_simulator() -> None:
    loaded = load(HERE.parents[1] / "connector.conf", TYPES, {})
    simulator = loaded.settings.simulator
    settings = loaded.connectors["BINANCEPM"].settings
    assert isinstance(settings, BinancePmSettings)
    assert simulator.enabled
    assert simulator.accounts[0].balances["USDT"] == Decimal(1000000)
    assert simulator.accounts[0].api_key == settings.api_keys[0].api_key == "SIM-API-KEY"
    assert simulator.accounts[0].api_secret == settings.api_keys[0].api_secret
    assert settings.rest_url == f"http://{simulator.host}:{simulator.port}"
    assert simulator.venues.enabled
    named = {(account.exchange, account.name) for account in simulator.venues.accounts}
    others = [entry.settings for entry in loaded.connectors.values() if entry.factory == "ccxt"]
    assert all(isinstance(each, CcxtSettings) for each in others) and len(others) == 6
    assert {each.simulator_url for each in others} == {f"http://127.0.0.1:{simulator.venues.port}"}
    assert named == {(each.exchange, account.account) for each in others for account in each.accounts}


def test_given_the_repositorys_configuration_when_a_port_variable_is_set_then_it_wins() -> None:
    loaded = load(HERE.parents[1] / "connector.conf", TYPES, {"FIXGATE_HTTP_PORT": "18082"})
    assert loaded.settings.http.port == 18082
    assert str(loaded.origins["http.port"]) == "environment variable FIXGATE_HTTP_PORT"


def test_given_relative_paths_when_loaded_then_they_start_at_the_files_folder(
    tmp_path: Path, load_text: Load
) -> None:
    loaded = load_text('journal.path = "j/x.db"\nfix.acceptor.storePath = /var/fix\n')
    assert loaded.settings.journal.path == tmp_path / "j/x.db"
    assert loaded.settings.fix.acceptor.store_path == Path("/var/fix")
    assert loaded.settings.simulator.state_path is None


def test_given_long_balances_when_loaded_then_they_are_exact(load_text: Load) -> None:
    loaded = load_text(
        "simulator.accounts = [ { apiKey = k, apiSecret = s, "
        "balances { USDT = 0.1, BTC = 12345678901234567.00000001 } } ]"
    )
    assert loaded.settings.simulator.accounts[0].balances == {
        "USDT": Decimal("0.1"),
        "BTC": Decimal("12345678901234567.00000001"),
    }


def test_given_null_when_loaded_then_the_default_counts(load_text: Load) -> None:
    loaded = load_text("connectors.BINANCEPM.settings.recvWindow = null\nhttp.port = null\n")
    settings = loaded.connectors["BINANCEPM"].settings
    assert isinstance(settings, BinancePmSettings)
    assert settings.recv_window == 5000
    assert str(loaded.origins["http.port"]) == "default"


def test_given_two_connectors_when_a_session_names_none_then_it_must(problems_of: Problems) -> None:
    (problem,) = problems_of(SECOND)
    assert problem.endswith(
        "fix.sessions[0].defaultConnector: is missing. "
        "With several connectors enabled it must name one of BINANCEPM, SECOND"
    )


def test_given_two_connectors_when_one_is_disabled_then_the_other_is_the_default(load_text: Load) -> None:
    loaded = load_text(SECOND + "connectors.BINANCEPM.enabled = false\n")
    assert list(loaded.connectors) == ["SECOND"]
    assert loaded.disabled == ("BINANCEPM",)
    assert loaded.settings.fix.sessions[0].default_connector == "SECOND"


def test_given_a_disabled_connector_when_a_session_names_it_then_it_is_refused(problems_of: Problems) -> None:
    (problem,) = problems_of(
        SECOND + 'connectors.SECOND.enabled = false\nfix.sessions = [ { defaultConnector = "SECOND" } ]\n'
    )
    assert problem == (
        "x.conf:13: fix.sessions[0].defaultConnector = 'SECOND': is not enabled; enabled are BINANCEPM"
    )


def test_given_a_disabled_connector_when_its_settings_are_incomplete_then_that_is_no_problem(
    load_text: Load,
) -> None:
    assert load_text("connectors.LATER { factory = binance_pm, enabled = false }").disabled == ("LATER",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "x.conf: connectors: at least one enabled connector is required"),
        ("connectors {}", "x.conf:1: connectors: at least one enabled connector is required"),
        (
            "connectors = none",
            "x.conf:1: connectors: must be a block of connectors, { NAME { factory = ... } }",
        ),
        ("connectors { A { settings {} } }", "x.conf:1: connectors.A.factory: is missing."),
        (
            "connectors { A { factory = kraken } }",
            "x.conf:1: connectors.A.factory = 'kraken': is not a known kind of connector; known are ",
        ),
        ("connectors { A = 1 }", "x.conf:1: connectors.A = '1': must be a block of settings"),
        (
            "connectors { A { factory = binance_pm, enabeld = true } }",
            "x.conf:1: connectors.A.enabeld: unknown setting; did you mean 'enabled'?",
        ),
    ],
)
def test_given_bad_connectors_when_loaded_then_the_problem_says_what_is_wrong(
    text: str, expected: str, problems_of: Problems
) -> None:
    assert any(problem.startswith(expected) for problem in problems_of(text, connector=""))


def test_given_many_problems_when_loaded_then_all_are_reported_at_once(problems_of: Problems) -> None:
    problems = problems_of(
        "fix { acceptor { port = 99999, hots = x } }\n"
        "simulatr { enabled = true }\n"
        "journal.durability = fast\n"
        'securityMetadata.file = "nope.csv"\n'
        "connectors.BINANCEPM.settings { recvWindow = 70000, sideEffectType = BORROW }\n"
        'fix.sessions = [ { defaultConnector = "NOPE" } ]\n'
    )
    assert problems == [
        "x.conf:8: fix.acceptor.hots: unknown setting; did you mean 'host'?",
        "x.conf:8: fix.acceptor.port = '99999': must be at most 65535",
        "x.conf:9: simulatr: unknown setting; did you mean 'simulator'?",
        "x.conf:10: journal.durability = 'fast': must be one of process, disk",
        "x.conf:11: securityMetadata.file = 'nope.csv': must be a file that exists",
        "x.conf:12: connectors.BINANCEPM.settings.recvWindow = '70000': must be at most 60000",
        "x.conf:12: connectors.BINANCEPM.settings.sideEffectType = 'BORROW': must be one of NO_SIDE_EFFECT, "
        "MARGIN_BUY, AUTO_REPAY, AUTO_BORROW_REPAY, MARGIN_BUY_REPAY_SELL, MARGIN_SELL_REPAY_BUY",
        "x.conf:13: fix.sessions[0].defaultConnector = 'NOPE': is not a connector; enabled are BINANCEPM",
    ]


def test_given_a_file_that_is_not_there_when_loaded_then_the_error_names_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.conf: cannot read the file .*: No such file"):
        load(tmp_path / "nowhere.conf", TYPES, {})


def test_given_bytes_that_are_no_text_when_loaded_then_the_error_names_the_line(tmp_path: Path) -> None:
    (tmp_path / "x.conf").write_bytes(b"a = 1\nb = \xff\n")
    with pytest.raises(ConfigError, match=r"x\.conf:2: byte 10 is not UTF-8 text"):
        load(tmp_path / "x.conf", TYPES, {})


def test_given_template_settings_of_any_kind_when_unused_then_they_are_tolerated(load_text: Load) -> None:
    assert load_text("template { whatever { x = [1, { y = z }] } }").connectors


def test_given_snake_case_names_when_loaded_then_they_are_unknown(problems_of: Problems) -> None:
    (problem,) = problems_of("fix.acceptor.store_path = x")
    assert problem == "x.conf:8: fix.acceptor.store_path: unknown setting; did you mean 'storePath'?"


def test_given_values_from_everywhere_when_loaded_then_each_tells_its_origin(load_text: Load) -> None:
    loaded = load_text(
        "connectors.BINANCEPM.settings.requestTimeout = 3 s\n"
        "http { port = 1\n port = ${?PORT} }\n"
        'fix.sessions = [\n  { targetCompId = "A" },\n  { targetCompId = ${NAME} }\n]\n',
        {"PORT": "2", "NAME": "B"},
    )
    origins = {path: str(origin) for path, origin in loaded.origins.items()}
    template = (HERE.parents[1] / "src/fixgate/config/crypto-connectors.conf").read_text("utf-8").split("\n")
    recv_window = next(n for n, line in enumerate(template, 1) if "recvWindow =" in line)
    settings = "connectors.BINANCEPM.settings"
    assert origins[f"{settings}.requestTimeout"] == "x.conf:8"
    assert origins[f"{settings}.recvWindow"].endswith(f"config/crypto-connectors.conf:{recv_window}")
    assert origins[f"{settings}.apiKeys[0].apiKey"] == "x.conf:5"
    assert origins["http.port"] == "environment variable PORT"
    assert origins["http.host"] == "default"
    assert origins["fix.sessions[0].targetCompId"] == "x.conf:12"
    assert origins["fix.sessions[1].targetCompId"] == "environment variable NAME"
    assert origins["fix.sessions[1].senderCompId"] == "default"


def test_given_the_smallest_configuration_then_the_lines_of_these_tests_start_at_eight() -> None:
    assert CONNECTOR.count("\n") == 7
