"""The composition root: the only room that knows every other."""

from fixgate.gateway.gateway import Gateway, GatewayError, connector_types

__all__ = ["Gateway", "GatewayError", "connector_types"]
