"""Where instrument lists are kept and how often they are read, as a configuration says it."""

from datetime import timedelta
from pathlib import Path

import pytest

from fixgate.config import ConfigError, load
from fixgate.connectors.binance_pm.settings import BinancePmSettings

CONFIGURATION = """
include classpath("crypto-connectors.conf")
connectors.BINANCEPM: ${template.connector.crypto.binancepm} {
  settings { apiKeys = [ { apiKey = k, apiSecret = s } ], %s }
}
"""


def settings(folder: Path, text: str) -> BinancePmSettings:
    file = folder / "gateway.conf"
    file.write_text(CONFIGURATION % text)
    found = load(file, {"binance_pm": BinancePmSettings}, {}).connectors["BINANCEPM"].settings
    assert isinstance(found, BinancePmSettings)
    return found


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", "{folder}/var/reference"),
        ('referencePath = "lists"', "{folder}/lists"),
        ('referencePath = "/var/lib/fixgate/reference"', "/var/lib/fixgate/reference"),
    ],
)
def test_a_relative_folder_starts_at_the_configuration_files(tmp_path, text, path):
    assert str(settings(tmp_path, text).reference_path) == path.format(folder=tmp_path)


def test_the_interval_is_an_hour_unless_told(tmp_path):
    assert settings(tmp_path, "").reference_interval == timedelta(hours=1)
    assert settings(tmp_path, "referenceInterval = 90 s").reference_interval == timedelta(seconds=90)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("referenceInterval = 59 s", "must be at least 1 minute"),
        ("referenceInterval = 24 hours", "must be shorter than 24 hours"),
        ('referencePath = ""', "must be the path of a file or a folder"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path, text, complaint):
    with pytest.raises(ConfigError, match=complaint):
        settings(tmp_path, text)
