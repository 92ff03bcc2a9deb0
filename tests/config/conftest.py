"""Writes configuration files and loads them."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from fixgate.config import ConfigError, Loaded, load
from fixgate.connectors.binance_pm.settings import BinancePmSettings
from fixgate.connectors.ccxt.settings import CcxtSettings

TYPES = {"binance_pm": BinancePmSettings, "ccxt": CcxtSettings}
HERE = Path(__file__).parent

CONNECTOR = """
include classpath("crypto-connectors.conf")
connectors {
  BINANCEPM: ${template.connector.crypto.binancepm} {
    settings { apiKeys: [ { apiKey = "KEY", apiSecret = "SECRET" } ] }
  }
}
"""
"""The smallest configuration; text after it lands on line 8 and on."""

Load = Callable[..., Loaded]


@pytest.fixture
def load_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Load a configuration given as text; it is `x.conf` in the working directory."""
    monkeypatch.chdir(tmp_path)

    def load_it(text: str, environ: Mapping[str, str] | None = None, *, connector: str = CONNECTOR) -> Loaded:
        (tmp_path / "x.conf").write_text(connector + text, "utf-8")
        return load(Path("x.conf"), TYPES, environ or {})

    return load_it


@pytest.fixture
def problems_of(load_text: Load) -> Callable[..., list[str]]:
    """Load a configuration that must be refused; return its problems as text."""

    def refused(
        text: str, environ: Mapping[str, str] | None = None, *, connector: str = CONNECTOR
    ) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load_text(text, connector=connector)
        return [str(problem) for problem in caught.value.problems]

    return refused
