"""The section `simulator`: the simulated Portfolio Margin, and the simulated venues of the Execution API."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from fixgate.model.setting_types import (
    Amount,
    FilePath,
    Flag,
    NonEmpty,
    PositiveDuration,
    Secret,
    Settings,
    WholeNumber,
)

_ASSET = re.compile(r"[A-Z0-9]+")

Port = Annotated[WholeNumber, Field(ge=0, le=65535)]
Exchange = Literal["binance", "bybit", "gateio", "kraken", "hyperliquid", "okx"]


def asset(value: str) -> str:
    """Return an asset's name; raises `ValueError` for what is none."""
    if not _ASSET.fullmatch(value):
        raise ValueError("must be an upper-case asset code, such as USDT")
    return value


Balances = dict[Annotated[str, AfterValidator(asset)], Annotated[Amount, Field(ge=0)]]


class SimulatedVenueAccountSettings(Settings):
    """An account of a simulated venue. Its key works there and nowhere else."""

    exchange: Exchange = Field(description="The venue.")
    name: NonEmpty = Field(description="The account's name at the venue.")
    api_key: str = Field(default="", description="The simulated API key.")
    api_secret: Secret | None = Field(default=None, description="Its secret.")
    password: Secret | None = Field(
        default=None, description="Its passphrase, where the venue has such (OKX)."
    )
    wallet_address: str = Field(
        default="", description="The account's address, in place of a key (Hyperliquid)."
    )
    hedge_mode: Flag = Field(default=False, description="Hedge position mode instead of One-Way.")
    balances: Balances = Field(
        default_factory=dict[str, Decimal], description="What the account starts with: asset and amount."
    )


class SimulatedVenuesSettings(Settings):
    """The simulated venues, all on one port."""

    enabled: Flag = Field(default=False, description="Run the simulated venues of the Execution API.")
    port: Port = Field(
        default=8084, description="TCP port to listen on, at simulator.host; 0 takes a free one."
    )
    state_path: FilePath | None = Field(
        default=None,
        description="Folder that keeps each venue's orders and balances between runs; without it "
        "they are lost.",
    )
    accounts: tuple[SimulatedVenueAccountSettings, ...] = Field(
        default=(), description="The simulated accounts."
    )

    @model_validator(mode="after")
    def _accounts_are_told_apart(self) -> Self:
        named = [(account.exchange, account.name) for account in self.accounts]
        if double := next((each for each in named if named.count(each) > 1), None):
            raise ValueError(f"accounts must differ: {double[1]!r} of {double[0]} is there twice")
        return self


class SimulatedMarketSettings(Settings):
    """The simulated exchange's own traders."""

    enabled: Flag = Field(default=True, description="Quote and trade in the simulated books.")
    interval: PositiveDuration = Field(
        default=timedelta(milliseconds=250), description="Time between two moves of the market."
    )


class SimulatedAccountSettings(Settings):
    """An account of the simulated exchange. Its key works there and nowhere else."""

    api_key: NonEmpty = Field(description="The simulated API key.")
    api_secret: Secret = Field(description="Its secret, or the PEM of its key.")
    name: NonEmpty | None = Field(default=None, description="A name for logs.")
    hedge_mode: Flag = Field(default=False, description="Hedge position mode instead of One-Way.")
    balances: Balances = Field(
        default_factory=dict[str, Decimal], description="What the account starts with: asset and amount."
    )


class SimulatorSettings(Settings):
    """The simulated exchange, a process of its own beside the gateway's."""

    enabled: Flag = Field(default=False, description="Run a simulated Binance Portfolio Margin.")
    host: NonEmpty = Field(default="127.0.0.1", description="Address to listen on.")
    port: Port = Field(default=8083, description="TCP port to listen on; 0 takes a free one.")
    seed: WholeNumber = Field(default=7, description="Same seed, same market.")
    state_path: FilePath | None = Field(
        default=None,
        description="File that keeps orders and balances between runs; without it they are lost.",
    )
    market: SimulatedMarketSettings = Field(
        default_factory=SimulatedMarketSettings, description="The simulated exchange's own traders."
    )
    accounts: tuple[SimulatedAccountSettings, ...] = Field(default=(), description="The simulated accounts.")
    venues: SimulatedVenuesSettings = Field(
        default_factory=SimulatedVenuesSettings, description="The simulated venues of the Execution API."
    )

    @model_validator(mode="after")
    def _accounts_are_told_apart(self) -> Self:
        keys = [account.api_key for account in self.accounts]
        if len(set(keys)) < len(keys):
            raise ValueError("each of accounts must have an apiKey of its own")
        return self
