"""The settings of a connector to one of the six exchanges that are reached through ccxt."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from fixgate.connectors.ccxt.exchange import refusal
from fixgate.connectors.ccxt.translator import Credentials
from fixgate.model.capabilities import EXCHANGES, title
from fixgate.model.execution import MarketType
from fixgate.model.setting_types import (
    Duration,
    FilePath,
    Flag,
    HttpUrl,
    NonEmpty,
    PositiveDuration,
    Secret,
    Settings,
    at_least,
    below,
)

_KEY = frozenset({"api_key", "api_secret"})
_FUTURES_KEY = frozenset({"futures_api_key", "futures_api_secret"})

NEEDED: Mapping[str, frozenset[str]] = {
    "binance": _KEY,
    "bybit": _KEY,
    "gateio": _KEY,
    "kraken": frozenset(),
    "hyperliquid": frozenset({"wallet_address", "private_key"}),
    "okx": _KEY | {"password"},
}
"""The credentials that an exchange signs with."""

TAKEN: Mapping[str, frozenset[str]] = {**NEEDED, "kraken": _KEY | _FUTURES_KEY}
"""The credentials that an exchange has a use for. Kraken's spot and futures sides have keys of their own,
and an account may have either or both."""

_NAMES = {
    "api_key": "apiKey",
    "api_secret": "apiSecret",
    "futures_api_key": "futuresApiKey",
    "futures_api_secret": "futuresApiSecret",
    "password": "password",
    "wallet_address": "walletAddress",
    "private_key": "privateKey",
}


def _at_most_5_seconds(value: timedelta) -> timedelta:
    if value > timedelta(seconds=5):
        raise ValueError("must be at most 5 seconds")
    return value


class CcxtAccountSettings(Settings):
    """One account of the exchange. Which credentials it needs depends on the exchange."""

    account: NonEmpty = Field(
        description="The account's name, which FIX Account(1) and the API's `exchange_account_id` carry. "
        "Unique over all connectors."
    )
    api_key: NonEmpty | None = Field(default=None, description="The API key. Kraken: of the spot side.")
    api_secret: Secret | None = Field(default=None, description="Its secret.")
    futures_api_key: NonEmpty | None = Field(
        default=None, description="Kraken only: the API key of the futures side, which perps need."
    )
    futures_api_secret: Secret | None = Field(default=None, description="Kraken only: its secret.")
    password: Secret | None = Field(default=None, description="OKX only: the passphrase of the API key.")
    wallet_address: NonEmpty | None = Field(
        default=None, description="Hyperliquid only: the address of the account that trades."
    )
    private_key: Secret | None = Field(
        default=None, description="Hyperliquid only: the private key of the API wallet that signs for it."
    )

    def credentials(self, *, futures: bool = False) -> Credentials:
        """Return what to sign with; `futures` chooses the futures side of Kraken."""

        def text(secret: Secret | None) -> str:
            return secret.get_secret_value() if secret is not None else ""

        key, secret = self.api_key, self.api_secret
        if futures:
            key, secret = self.futures_api_key, self.futures_api_secret
        return Credentials(
            api_key=key or "",
            api_secret=text(secret),
            password=text(self.password),
            wallet_address=self.wallet_address or "",
            private_key=text(self.private_key),
        )


class CcxtSettings(Settings):
    """The connector's settings."""

    exchange: str = Field(description=f"The exchange: {', '.join(EXCHANGES)}.")
    accounts: Annotated[tuple[CcxtAccountSettings, ...], Field(min_length=1)] = Field(
        description="The accounts, each with the credentials that the exchange needs; at least one."
    )
    sandbox: Flag = Field(
        default=False,
        description="Use the exchange's test network, where it has one: Binance (spot), Bybit, Gate.io "
        "(perps), "
        "Kraken (perps), Hyperliquid, OKX. Keys are those of the test network.",
    )
    demo: Flag = Field(
        default=False, description="Use the exchange's demo trading, where it has it: Binance, Bybit."
    )
    simulator_url: HttpUrl | None = Field(
        default=None,
        description="Send everything here instead of to the exchange, its host in front of the path: the "
        "address "
        "of the simulated venues.",
    )
    request_timeout: Annotated[PositiveDuration, AfterValidator(_at_most_5_seconds)] = Field(
        default=timedelta(seconds=5),
        description="How long a request waits for its answer, at most 5 seconds. An order request "
        "without one is "
        "UNKNOWN until the stream or a query resolves it.",
    )
    reconcile_interval: Annotated[
        Duration, at_least(timedelta(seconds=10), "10 seconds"), below(timedelta(hours=1), "1 hour")
    ] = Field(
        default=timedelta(minutes=2),
        description="How often the open orders are compared with the exchange's, besides each time a stream "
        "comes up.",
    )
    markets_path: FilePath = Field(
        default=Path("var/markets"),
        description="Folder of the last good list of the exchange's markets. A start uses it while it is "
        "younger "
        "than `marketsInterval`, and where the exchange does not answer.",
    )
    markets_interval: Annotated[
        Duration, at_least(timedelta(minutes=1), "1 minute"), below(timedelta(hours=24), "24 hours")
    ] = Field(
        default=timedelta(hours=1),
        description="How often the markets are read again, in a process of their own. A symbol that is not "
        "listed "
        "has them read again as well, at most once a minute.",
    )

    @model_validator(mode="after")
    def _exchange_is_known(self) -> Self:
        if self.exchange not in EXCHANGES:
            raise ValueError(f"exchange must be one of {', '.join(EXCHANGES)}")
        return self

    @model_validator(mode="after")
    def _accounts_can_sign(self) -> Self:
        if self.exchange not in EXCHANGES:
            return self
        names = [account.account for account in self.accounts]
        if len(set(names)) < len(names):
            raise ValueError("each account of accounts must have a name of its own")
        for account in self.accounts:
            given = {name for name in _NAMES if getattr(account, name) is not None}
            _check_credentials(self.exchange, account.account, given)
        return self

    @model_validator(mode="after")
    def _environment_exists(self) -> Self:
        sides = self.sides()
        if self.exchange in EXCHANGES and not sides:
            name = title(self.exchange)
            why = (
                refusal(self.exchange, name, each, sandbox=self.sandbox, demo=self.demo)
                for each in (MarketType.SPOT, MarketType.SWAP)
            )
            raise ValueError("; ".join(dict.fromkeys(why)))
        for account in self.accounts:
            if sides and not self.sides_of(account):
                raise ValueError(
                    f"account {account.account!r} has keys of Kraken's spot side only, which has no sandbox"
                )
        return self

    def sides(self) -> tuple[MarketType, ...]:
        """Return SPOT and SWAP, whichever the exchange offers in this environment."""
        row = EXCHANGES.get(self.exchange)
        return tuple(
            each
            for each in (MarketType.SPOT, MarketType.SWAP)
            if row is not None
            and row.side(each) is not None
            and not refusal(self.exchange, row.title, each, sandbox=self.sandbox, demo=self.demo)
        )

    def sides_of(self, account: CcxtAccountSettings) -> tuple[MarketType, ...]:
        """Return the sides that an account has credentials for: a Kraken account may have one of two."""
        has = {MarketType.SPOT: account.api_key, MarketType.SWAP: account.futures_api_key}
        return tuple(side for side in self.sides() if self.exchange != "kraken" or has[side])


def _check_credentials(exchange: str, account: str, given: set[str]) -> None:
    def names(fields: frozenset[str] | set[str]) -> str:
        return ", ".join(_NAMES[field] for field in _NAMES if field in fields)

    who = f"account {account!r} of {title(exchange)}"
    if missing := NEEDED[exchange] - given:
        raise ValueError(f"{who} needs {names(missing)}")
    if unused := given - TAKEN[exchange]:
        raise ValueError(f"{who} has no use for {names(unused)}; it takes {names(TAKEN[exchange])}")
    if exchange == "kraken":
        for pair in (_KEY, _FUTURES_KEY):
            if half := pair - given if pair & given else frozenset():
                raise ValueError(f"{who} needs {names(half)}")
        if not given:
            raise ValueError(f"{who} needs {names(_KEY)} for spot, {names(_FUTURES_KEY)} for perps, or both")
