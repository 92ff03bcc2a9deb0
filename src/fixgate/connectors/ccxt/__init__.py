"""The connector to Binance, Bybit, Gate.io, Kraken, Hyperliquid and OKX, through ccxt.

ccxt takes the better part of a second and a hundred megabytes to import: nothing here imports it before a
connector is built.
"""

from typing import TYPE_CHECKING

from fixgate.connectors.ccxt.settings import CcxtSettings
from fixgate.connectors.connector import Factory, Probe, SecurityMetadata

if TYPE_CHECKING:
    from fixgate.connectors.ccxt.connector import CcxtConnector


def build(key: str, settings: CcxtSettings, metadata: SecurityMetadata, probe: Probe) -> "CcxtConnector":
    """Return the connector. `metadata` is not used: markets say all that is needed of a symbol."""
    from fixgate.connectors.ccxt.connector import CcxtConnector  # noqa: PLC0415

    return CcxtConnector(key, settings, probe)


FACTORY = Factory(settings_type=CcxtSettings, build=build)
