"""What a simulated venue is started with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SimulatedAccount:
    """One account and the key that trades it.

    `api_secret` is an HMAC secret, or a PEM block: an RSA or Ed25519 public key, or the private key
    itself, whose public half is then used. In a PEM block `#` may stand for a line break.
    `balances` fund the margin wallet (asset to amount).
    """

    name: str
    api_key: str
    api_secret: str = field(repr=False)
    hedge_mode: bool = False
    balances: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    """Settings of `SimulatorServer`. Durations are in seconds; port 0 takes any free port.

    `admin` opens the `/sim/` routes (faults, prices, counterparty orders) to whoever reaches the
    port. `trigger_delay` is how long a conditional order stays TRIGGERING. Without `state_path`
    nothing outlives the process.
    """

    host: str = "127.0.0.1"
    port: int = 0
    seed: int = 7
    market_enabled: bool = True
    market_interval: float = 0.25
    accounts: tuple[SimulatedAccount, ...] = ()
    state_path: Path | None = None
    save_interval: float = 3.0
    admin: bool = False
    listen_key_lifetime: float = 3600.0
    socket_lifetime: float = 86_400.0
    weight_limit: int = 6000
    order_limit: int = 1200
    trigger_delay: float = 0.0
