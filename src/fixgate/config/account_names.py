"""What connectors' settings call their accounts, and whether the Execution API can tell them apart."""

from collections.abc import Iterator, Mapping
from typing import Any

from fixgate.config.fields import Keys


def account_names(settings: Any) -> list[str] | None:
    """Return what a connector's settings call its accounts, `None` where they do not say."""
    found = _named(settings)
    return None if found is None else [name for _, name in found]


def double_names(connectors: Mapping[str, Any]) -> Iterator[tuple[Keys, str]]:
    """Yield every account that is called as one before it is, and what is wrong with it.

    `connectors` are the settings of the enabled connectors by key. Those whose settings do not say what their
    accounts are called are left to the start of the gateway.
    """
    owners: dict[str, str] = {}
    for key, settings in connectors.items():
        for at, name in _named(settings) or ():
            if name in owners:
                yield (
                    ("connectors", key, "settings", *at),
                    f"must be another name than that of an account of connector {owners[name]}: it is the "
                    f"exchange_account_id of the Execution API; it was {name!r}. http.api.enabled = false "
                    "allows it",
                )
            owners.setdefault(name, key)


def _named(settings: Any) -> list[tuple[Keys, str]] | None:
    """Return the name of each account, and where it stands in the settings."""
    if hasattr(settings, "api_keys"):
        names = [key.account or f"account{number}" for number, key in enumerate(settings.api_keys, start=1)]
        section = "apiKeys"
    elif hasattr(settings, "accounts"):
        names, section = [account.account for account in settings.accounts], "accounts"
    else:
        return None
    return [((section, index, "account"), name) for index, name in enumerate(names)]
