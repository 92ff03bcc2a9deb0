"""The settings of the Execution API: who may call it, how often, and how long an order is waited for."""

import re
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_address
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from fixgate.model.roles import Role
from fixgate.model.setting_types import (
    Duration,
    Flag,
    NonEmpty,
    Secret,
    Settings,
    TextList,
    WholeNumber,
    at_least,
    below,
)

_NAME = re.compile(r"[^\s:\x00-\x1f\x7f]{1,64}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SHORTEST_HMAC_KEY = {"HS256": 32, "HS384": 48, "HS512": 64}
"""In bytes: as long as the hash (RFC 7518, 3.2)."""


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError("must be 1 to 64 characters without ':', blanks or control characters")
    return value


def _sha256(value: str) -> str:
    if not _SHA256.fullmatch(value):
        raise ValueError("must be 64 hexadecimal digits in lower case, as `fixgate token` prints them")
    return value


def is_loopback(host: str) -> bool:
    """True for an address of this machine that no other machine can reach."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class JwtAlgorithm(StrEnum):
    HS256 = "HS256"
    HS384 = "HS384"
    HS512 = "HS512"
    RS256 = "RS256"
    PS256 = "PS256"
    ES256 = "ES256"
    EDDSA = "EdDSA"


class ApiTokenSettings(Settings):
    """One static token. `fixgate token` makes it and prints this block."""

    name: Annotated[str, AfterValidator(_name)] = Field(
        description="Whose token it is; orders carry it as their source."
    )
    role: Role = Field(
        default=Role.READER,
        description="`reader` asks and validates; `trader` and `admin` also trade and set.",
    )
    accounts: Annotated[tuple[NonEmpty, ...], TextList] = Field(
        default=(),
        description="The accounts that the token knows of; `*` is every one. Default: none, for `admin` all.",
    )
    sha256: Annotated[str, AfterValidator(_sha256)] = Field(
        description="SHA-256 of the token, in hexadecimal. The token itself stands nowhere."
    )


class JwtSettings(Settings):
    """JSON Web Tokens. Claims: `sub` the name, `role`, `accounts` (a list), `iss`, `aud`, `exp`."""

    algorithm: JwtAlgorithm = Field(
        default=JwtAlgorithm.HS256, description="The one algorithm that is taken, whatever a token says."
    )
    key: Secret = Field(
        description="HS256, HS384, HS512: the shared secret, as long as the hash. Otherwise the public key "
        "in PEM."
    )
    issuer: NonEmpty = Field(default="fixgate", description="What `iss` must be.")
    audience: NonEmpty = Field(default="fixgate", description="What `aud` must hold.")
    leeway: Annotated[Duration, below(timedelta(minutes=5), "5 minutes")] = Field(
        default=timedelta(seconds=5), description="How far clocks may differ when `exp` is checked."
    )

    @model_validator(mode="after")
    def _key_is_long_enough(self) -> Self:
        length = len(self.key.get_secret_value().encode())
        shortest = _SHORTEST_HMAC_KEY.get(self.algorithm, 0)
        if length < shortest:
            raise ValueError(f"key must be {shortest} bytes or more for {self.algorithm}; it has {length}")
        return self


class RateLimitSettings(Settings):
    """How often a token may call. Callers without a token, on this machine, are not limited."""

    per_second: Annotated[WholeNumber, Field(ge=1, le=100_000)] = Field(
        default=100, description="Calls per second of one token in the long run."
    )
    burst: Annotated[WholeNumber, Field(ge=1, le=100_000)] = Field(
        default=200, description="Calls of one token that may come at once."
    )


class ApiSettings(Settings):
    """The Execution API on the HTTP door."""

    enabled: Flag = Field(
        default=True,
        description="Serve the Execution API. /health, /ready and /metrics are there without it.",
    )
    order_wait: Annotated[
        Duration, at_least(timedelta(0), "0"), below(timedelta(seconds=60), "60 seconds")
    ] = Field(
        default=timedelta(seconds=5),
        description="How long a call that places or cancels an order waits for the exchange's answer. "
        "After it the call is answered 202, and the order goes on.",
    )
    tokens: tuple[ApiTokenSettings, ...] = Field(
        default=(),
        description="The static tokens. Without these and `jwt` only this machine is answered, and asked for "
        "no token.",
    )
    jwt: JwtSettings | None = Field(default=None, description="JSON Web Tokens. Default: none are taken.")
    rate_limit: RateLimitSettings = Field(
        default_factory=RateLimitSettings, description="How often a token may call."
    )

    @property
    def asks_for_token(self) -> bool:
        """True when a caller must show a token."""
        return bool(self.tokens) or self.jwt is not None

    @model_validator(mode="after")
    def _tokens_are_told_apart(self) -> Self:
        _refuse_double("a name", [token.name for token in self.tokens])
        _refuse_double("a sha256", [token.sha256 for token in self.tokens])
        return self


def refuse_open_door(host: str, api: ApiSettings) -> None:
    """Raise `ValueError` where the API would be open to everybody who can reach `host`."""
    if api.enabled and not api.asks_for_token and not is_loopback(host):
        raise ValueError(
            "host must be of this machine alone, such as 127.0.0.1, while api has neither tokens nor jwt; it "
            f"was {host!r}. `fixgate token` makes a token; api.enabled = false leaves /health, /ready and "
            "/metrics"
        )


def _refuse_double(what: str, values: Sequence[str]) -> None:
    if double := next((value for value in values if values.count(value) > 1), None):
        raise ValueError(f"tokens must have {what} each; {double!r} is there twice")
