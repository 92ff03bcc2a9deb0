"""What the settings of connectors look like, for whoever reads a configuration without starting it."""

from pydantic import BaseModel

from fixgate.connectors.connector import factories


def connector_types() -> dict[str, type[BaseModel]]:
    """Return the settings of every installed kind of connector, by the name that `factory` takes."""
    return {name: factory.settings_type for name, factory in factories().items()}
