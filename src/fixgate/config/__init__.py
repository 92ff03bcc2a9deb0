"""HOCON configuration files to typed settings, every value with the file and line it came from."""

from fixgate.config.errors import ConfigError, Problem
from fixgate.config.hocon import Origin
from fixgate.config.load import ConnectorEntry, Loaded, load
from fixgate.config.settings import GatewaySettings

__all__ = ["ConfigError", "ConnectorEntry", "GatewaySettings", "Loaded", "Origin", "Problem", "load"]
