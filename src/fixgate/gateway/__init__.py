"""The composition root: the only room that knows every other."""

from fixgate.api.routes import PREFIX as API_PREFIX
from fixgate.api.tokens import Role
from fixgate.gateway.gateway import Gateway, GatewayError, connector_types
from fixgate.gateway.http_door import TokenRefused, jwt_token, static_token

__all__ = [
    "API_PREFIX",
    "Gateway",
    "GatewayError",
    "Role",
    "TokenRefused",
    "connector_types",
    "jwt_token",
    "static_token",
]
