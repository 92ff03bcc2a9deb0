"""The settings of limits in USD, and whether they name accounts that are there."""

import difflib
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from fixgate.config.account_names import account_names
from fixgate.config.fields import Keys
from fixgate.model.setting_types import Amount, Flag, Settings, TextList

_CURRENCY = re.compile(r"[A-Z0-9]+")

DOLLARS = ("USD", "USDT", "USDC", "FDUSD", "TUSD", "BUSD", "DAI")
"""The dollar, and the well-known stablecoins that stand for one."""


def _positive(value: Decimal) -> Decimal:
    if value <= 0:
        raise ValueError("must be above 0")
    return value


def _currency(value: str) -> str:
    if not _CURRENCY.fullmatch(value):
        raise ValueError("must be an upper-case currency code, such as USDT")
    return value


PositiveAmount = Annotated[Amount, AfterValidator(_positive)]


class LimitSettings(Settings):
    """How much accounts may trade. The limits bind orders of every door."""

    daily_usd: dict[str, PositiveAmount] = Field(
        default_factory=dict,
        description='What each account may trade on one UTC day, in USD, by account name: `"gateio-001" = '
        "100.00`. An account that is not named has no daily limit.",
    )
    dev_mode: Flag = Field(
        default=False,
        description="Developer mode: refuse every single order that is worth more than `devModeLimitUsd`.",
    )
    dev_mode_limit_usd: PositiveAmount = Field(
        default=Decimal(50), description="The most that one order may be worth in developer mode, in USD."
    )
    usd_currencies: Annotated[
        tuple[Annotated[str, AfterValidator(_currency)], ...], TextList, Field(min_length=1)
    ] = Field(
        default=DOLLARS,
        description="Currencies that count as one dollar each. Any other is counted at its last price in one "
        "of these on the account's own exchange.",
    )


def account_problems(limits: LimitSettings, connectors: Mapping[str, Any]) -> Iterator[tuple[Keys, str]]:
    """Yield the limits of accounts that no enabled connector has, and what is wrong with each.

    `connectors` are the settings of the enabled connectors by key. One whose settings do not say what its
    accounts are called leaves the check to the start of the gateway.
    """
    names: list[str] = []
    for settings in connectors.values():
        found = account_names(settings)
        if found is None:
            return
        names += found
    for account in limits.daily_usd:
        if account not in names:
            yield ("limits", "dailyUsd", account), unknown_account(account, names)


def unknown_account(account: str, names: list[str]) -> str:
    """Return what is wrong with a limit for an account that is not one of `names`."""
    near = difflib.get_close_matches(account, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names) or 'none'}"
    return f"{account!r} is not an account of an enabled connector; {hint}"
