"""The Binance Portfolio Margin connector."""

from fixgate.connectors.binance_pm.connector import BinancePmConnector
from fixgate.connectors.binance_pm.settings import BinancePmSettings
from fixgate.connectors.connector import Factory

FACTORY = Factory(settings_type=BinancePmSettings, build=BinancePmConnector)
