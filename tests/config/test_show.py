"""The effective configuration as lines, and the reference page."""

from pathlib import Path

from fixgate.config.reference import page
from tests.config.conftest import HERE, Load


def test_given_a_configuration_when_shown_then_each_line_has_path_value_and_origin(load_text: Load) -> None:
    lines = load_text(
        'fix.sessions = [ { password = "hunter2", defaultAccount = main } ]\n'
        "simulator.market.interval = 1500 ms\n"
        "simulator.accounts = [ { apiKey = k, apiSecret = s, balances { BTC = 0.10 } } ]\n"
    ).show()
    assert "fix.sessions[0].password = ****   # x.conf:8" in lines
    assert 'fix.sessions[0].defaultAccount = "main"   # x.conf:8' in lines
    assert 'fix.sessions[0].defaultConnector = "BINANCEPM"   # default' in lines
    assert "simulator.market.interval = 1500 ms   # x.conf:9" in lines
    assert "simulator.accounts[0].balances.BTC = 0.10   # x.conf:10" in lines
    assert "securityMetadata.file = null   # default" in lines
    assert "connectors.BINANCEPM.settings.apiKeys[0].apiSecret = ****   # x.conf:5" in lines
    assert lines == sorted(lines)
    assert not any("hunter2" in line or "SECRET" in line for line in lines)


def test_given_the_models_then_the_reference_page_in_docs_is_what_they_say() -> None:
    written = Path(HERE.parents[1] / "docs" / "configuration.md").read_text("utf-8")
    assert written == page(), "run: python -m fixgate.config.reference docs/configuration.md"


def test_given_the_reference_page_then_it_has_every_setting_of_the_specification() -> None:
    text = page()
    for name in (
        "recvWindow",
        "websocketHeartbeatInterval",
        "staleWebsocketTimeout",
        "selfMatchPreventionInstruction",
        "sideEffectType",
        "autoRepayAtCancel",
        "clientOrderIdPrefix",
        "orderMapperType",
        "futureInstrumentCurrencies",
        "deliveryInstrumentCurrencies",
        "binancePmSyncSettings.spotOrdersRequestSizeLimit",
        "binancePmSyncSettings.spotTradesRequestSizeLimit",
        "binancePmSyncSettings.futureOrdersRequestSizeLimit",
        "binancePmSyncSettings.futureTradesRequestSizeLimit",
        "binancePmSyncSettings.deliveryOrdersRequestSizeLimit",
        "binancePmSyncSettings.deliveryTradesRequestSizeLimit",
    ):
        assert f"| `{name}` |" in text
