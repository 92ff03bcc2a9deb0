"""The port that every connector implements, ours or a vendor's, and the registry that finds them.

A vendor ships a package with an entry point in the group `fixgate.connectors`: its name is what the
configuration writes as `factory`, its value a `Factory`. Nothing else of fixgate needs to change.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from pydantic import BaseModel

from fixgate.model.account import AccountState
from fixgate.model.commands import NewOrder, ReplaceOrder
from fixgate.model.enums import ProductType
from fixgate.model.venue import SubmitList, SubmitOrder, VenueEvent, VenueRequest

GROUP = "fixgate.connectors"

Sink = Callable[[VenueEvent], None]
OpenOrderCount = Callable[[str, ProductType, str], int]
"""How many orders of an account (by its name) are open on a product's symbol, as far as the gateway knows."""

SecurityMetadata = Mapping[str, Mapping[str, str]]
"""The security metadata file: symbol -> column -> value."""


class AccountHealth(NamedTuple):
    """One account's readiness, for `/ready` and the metrics. `text` says why it is not ready.

    `limits` is the venue's count of what was used of its limits, `remaining` what is left of them now;
    `paused` the seconds for which the venue takes no requests, `cancels_waiting` the cancels held till then.
    """

    account: str
    ready: bool
    text: str
    stream_up: bool
    listen_key_age: float | None
    limits: Mapping[str, int]
    remaining: Mapping[str, int] = MappingProxyType({})
    paused: float = 0.0
    cancels_waiting: int = 0


def _ignore(*_: object) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Probe:
    """Where a connector tells how it is doing. Called on the event loop; must not block or raise.

    `request_sent(connector, kind)`, `request_answered(connector, kind, outcome, seconds)`,
    `stream_event(connector, kind)`.
    """

    request_sent: Callable[[str, str], None] = field(default=_ignore)
    request_answered: Callable[[str, str, str, float], None] = field(default=_ignore)
    stream_event: Callable[[str, str], None] = field(default=_ignore)


class Connector(Protocol):
    """One configured connector, with one or more accounts. Used on the event loop only."""

    key: str

    def plan_new(
        self, order: NewOrder, order_id: int, open_orders: OpenOrderCount | None = None
    ) -> SubmitOrder:
        """Return the venue request for an order. Pure. Raises `fixgate.model.refusal.Refused`."""

    def plan_list(
        self,
        orders: Sequence[NewOrder],
        order_ids: Sequence[int],
        open_orders: OpenOrderCount | None = None,
    ) -> SubmitList:
        """Return the one venue request for orders of which one cancels the others. Pure. Raises `Refused`,
        always where the venue has none."""

    def plan_replace(
        self, current: SubmitOrder, command: ReplaceOrder, quantity: Decimal, price: Decimal | None
    ) -> tuple[Decimal, Decimal]:
        """Return the quantity and price to ask the venue for. Pure. Raises `Refused`."""

    async def start(self, sink: Sink) -> None:
        """Begin to connect, and return; `sink` gets every event, `ConnectorStatus` included."""

    def send(self, request: VenueRequest) -> None:
        """Start a request, without waiting. Every order request leads to exactly one answer in the sink: an
        update, a refusal, or that its outcome is unknown. A question is asked until it is answered; one
        about open orders ends when the stream goes down, and `ReconcileDue` comes when it is up again."""

    def health(self) -> list[AccountHealth]:
        """Return the state of each account."""

    def account_state(self, account: str) -> AccountState:
        """Return what is known of an account's balances, positions and margin. Raises `Refused` for an
        account that is not one of `health`'s."""

    async def stop(self) -> None:
        """Close every connection. Orders stay as they are at the venue."""


class Build(Protocol):
    def __call__(self, key: str, settings: Any, metadata: SecurityMetadata, probe: Probe) -> Connector: ...


class Factory(NamedTuple):
    """What an entry point of the group `fixgate.connectors` names."""

    settings_type: type[BaseModel]
    build: Build


def factories() -> dict[str, Factory]:
    """Return every installed connector factory by the name that the configuration uses."""
    return {entry.name: entry.load() for entry in entry_points(group=GROUP)}
