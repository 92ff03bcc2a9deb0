"""The gateway's own settings: every section of the configuration but the connectors' insides."""

import re
from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from fixgate.config.api_settings import ApiSettings, refuse_open_door
from fixgate.config.limit_settings import LimitSettings
from fixgate.config.simulator_settings import SimulatorSettings
from fixgate.model.setting_types import (
    Duration,
    FilePath,
    Flag,
    NonEmpty,
    Secret,
    Settings,
    TextList,
    WholeNumber,
    at_least,
    below,
)

_COMP_ID = re.compile(r"[!-.0-\[\]-~](?:[ -.0-\[\]-~]*[!-.0-\[\]-~])?")
_SOURCE_ID = re.compile(r"[^\s:\x00-\x1f\x7f]+")


def _comp_id(value: str) -> str:
    if not _COMP_ID.fullmatch(value):
        raise ValueError("must be printable ASCII without / and \\, and neither start nor end with a blank")
    return value


def _source_id(value: str) -> str:
    if not _SOURCE_ID.fullmatch(value):
        raise ValueError("must not be empty or hold ':', blanks or control characters")
    return value


def _address(value: str) -> str:
    try:
        return str(ip_address(value))
    except ValueError:
        raise ValueError("must be an IP address, such as 127.0.0.1 or ::1") from None


def _whole_seconds(value: timedelta) -> timedelta:
    if value % timedelta(seconds=1):
        raise ValueError("must be a whole number of seconds")
    return value


def _at_most(longest: timedelta, text: str) -> AfterValidator:
    def check(value: timedelta) -> timedelta:
        if value > longest:
            raise ValueError(f"must be at most {text}")
        return value

    return AfterValidator(check)


CompId = Annotated[str, AfterValidator(_comp_id)]
Port = Annotated[WholeNumber, Field(ge=0, le=65535)]


class Durability(StrEnum):
    """What a journaled fact survives."""

    PROCESS = "process"
    DISK = "disk"


class LateArrival(StrEnum):
    """What happens to an order that turns up after it was rejected as unknown."""

    CANCEL = "CANCEL"
    ADOPT = "ADOPT"


class AcceptorSettings(Settings):
    """Where FIX sessions are accepted."""

    host: NonEmpty = Field(default="127.0.0.1", description="Address to listen on.")
    port: Port = Field(default=9876, description="TCP port to listen on; 0 takes a free one.")
    store_path: FilePath = Field(
        default=Path("var/fix"), description="Folder of the sessions' messages and sequence numbers."
    )
    heartbeat_interval: Annotated[
        Duration,
        at_least(timedelta(seconds=1), "1 second"),
        below(timedelta(hours=1), "1 hour"),
        AfterValidator(_whole_seconds),
    ] = Field(
        default=timedelta(seconds=30),
        description="HeartBtInt(108) for sessions whose client names none.",
    )


class SessionSettings(Settings):
    """One FIX session, named by its two CompIDs as the gateway sees them."""

    sender_comp_id: CompId = Field(default="FIXGATE", description="SenderCompID(49) of the gateway.")
    target_comp_id: CompId = Field(default="OMS", description="TargetCompID(56) of the client.")
    default_connector: str = Field(
        default="",
        description="Connector of orders that name none. Default: the only enabled connector; "
        "with several enabled it must be given.",
    )
    default_account: NonEmpty | None = Field(
        default=None, description="Account of orders without Account(1). Default: the connector's first."
    )
    allowed_addresses: Annotated[tuple[Annotated[str, AfterValidator(_address)], ...], TextList] = Field(
        default=("127.0.0.1",), min_length=1, description="IP addresses that may log on."
    )
    password: Secret | None = Field(
        default=None, description="Password(554) that a Logon must carry. Without it none is asked for."
    )
    reset_on_logon: Flag = Field(default=False, description="Start with sequence number 1 at every logon.")
    pending_reports: Flag = Field(
        default=True, description="Send PENDING_NEW, PENDING_CANCEL and PENDING_REPLACE reports."
    )
    drop_copy: Flag = Field(
        default=False,
        description="Make it a drop copy session: it gets copies of other sessions' reports and may not send "
        "orders itself.",
    )
    drop_copy_of: Annotated[tuple[str, ...], TextList] = Field(
        default=(),
        description="Whose reports a drop copy session gets, by sourceId. Default: everybody's, and those of "
        "orders that no session sent, such as liquidations.",
    )
    cancel_on_disconnect: Flag = Field(
        default=False,
        description="Cancel the client's open orders when it is off, whether it logged out, lost its "
        "connection or fell silent. CancelOnDisconnect(10001) of a Logon goes before this.",
    )
    cancel_on_disconnect_grace: Annotated[Duration, _at_most(timedelta(hours=1), "1 hour")] = Field(
        default=timedelta(seconds=5),
        description="How long a client must be off for that; one that is back in time keeps its orders.",
    )
    may_cancel: Annotated[tuple[str, ...], TextList] = Field(
        default=(),
        description="Whose orders, beside its own, the session may cancel and ask after by OrderID(37): "
        "other sessions by sourceId, API tokens by name (`api` where none is configured), `*` for everybody.",
    )
    source_id: Annotated[str, AfterValidator(_source_id)] = Field(
        default="",
        description="The client's name in client order ids of type COMPOSITE; ':' is refused. "
        "Default: targetCompId.",
    )

    @model_validator(mode="after")
    def _has_source_id(self) -> Self:
        if not self.source_id:
            if not _SOURCE_ID.fullmatch(self.target_comp_id):
                raise ValueError("sourceId must be set, since targetCompId holds ':' or a blank")
            object.__setattr__(self, "source_id", self.target_comp_id)
        return self

    @model_validator(mode="after")
    def _drop_copy_only_listens(self) -> Self:
        if self.drop_copy_of and not self.drop_copy:
            raise ValueError("dropCopyOf needs dropCopy = true")
        if self.drop_copy and self.cancel_on_disconnect:
            raise ValueError("cancelOnDisconnect must be false with dropCopy: it has no orders of its own")
        if self.drop_copy and self.may_cancel:
            raise ValueError("mayCancel must be left out with dropCopy: it only listens")
        return self


class FixSettings(Settings):
    """The FIX door."""

    acceptor: AcceptorSettings = Field(default_factory=AcceptorSettings, description="Where FIX is accepted.")
    sessions: tuple[SessionSettings, ...] = Field(
        default=(SessionSettings(),), min_length=1, description="The FIX sessions."
    )

    @model_validator(mode="after")
    def _sessions_are_told_apart(self) -> Self:
        pairs = [(session.sender_comp_id, session.target_comp_id) for session in self.sessions]
        if double := next((pair for pair in pairs if pairs.count(pair) > 1), None):
            raise ValueError(f"sessions must differ: {double[0]} -> {double[1]} is there twice")
        sources = [session.source_id for session in self.sessions]
        if shared := next((source for source in sources if sources.count(source) > 1), None):
            raise ValueError(
                f"sessions must have a sourceId each, {shared!r} is there twice: it tells whose an order is"
            )
        return self


class HttpSettings(Settings):
    """The HTTP door: health, metrics and the API."""

    host: NonEmpty = Field(default="127.0.0.1", description="Address to listen on.")
    port: Port = Field(default=8082, description="TCP port to listen on; 0 takes a free one.")
    api: ApiSettings = Field(default_factory=ApiSettings, description="The Execution API.")

    @model_validator(mode="after")
    def _is_not_open_to_everybody(self) -> Self:
        refuse_open_door(self.host, self.api)
        return self


class JournalSettings(Settings):
    """The journal of facts."""

    path: FilePath = Field(default=Path("var/journal.db"), description="The SQLite file.")
    durability: Durability = Field(
        default=Durability.PROCESS,
        description="`process`: a fact survives the end of the process. `disk`: also a power failure, "
        "for one disk synchronisation per batch.",
    )
    retention: Annotated[Duration, at_least(timedelta(hours=24), "24 hours")] = Field(
        default=timedelta(days=7),
        description="How long finished orders, their facts and the messages that came in are kept. For so "
        "long a ClOrdID is not taken twice. At least 24 hours.",
    )


class OrdersSettings(Settings):
    """What is decided about orders in general."""

    max_age: Duration = Field(
        default=timedelta(seconds=60),
        description="How old a new order or replace may be, by its TransactTime(60) and its SendingTime(52) "
        "or OrigSendingTime(122), when the gateway decides on it; an older one is refused as stale. 0 takes "
        "any age. Clients' clocks must be right to well within this.",
    )
    late_arrival: LateArrival = Field(
        default=LateArrival.CANCEL,
        description="What happens to an order that was rejected because the exchange did not know it, and "
        "that turns up there after all. `CANCEL`: it is cancelled. `ADOPT`: it stays. Either way its session "
        "is told of it, and an operator by an alarm.",
    )
    replaces_at_once: Annotated[WholeNumber, Field(ge=1, le=100)] = Field(
        default=8,
        description="Replaces of one order that may wait for one another; the next is refused as pending.",
    )


class SecurityMetadataSettings(Settings):
    """Instruments' attributes that no exchange publishes."""

    file: FilePath | None = Field(
        default=None, description="CSV file with a column `<attributeKey>ProductType`. It must exist."
    )


class ProcessSettings(Settings):
    """How the gateway's process runs."""

    cpu: Annotated[WholeNumber, Field(ge=0, le=4095)] | None = Field(
        default=None,
        description="Keep the gateway on this processor. Its threads hand each order on to one another, "
        "and do so faster where their caches are; give it a processor that nothing else uses.",
    )


class GatewaySettings(Settings, BaseSettings):
    """All sections but `template` and `connectors`.

    Values come from the configuration file alone: it says itself which environment variables it reads.
    """

    model_config = SettingsConfigDict(validate_default=False)

    fix: FixSettings = Field(default_factory=FixSettings, description="The FIX door.")
    http: HttpSettings = Field(default_factory=HttpSettings, description="The HTTP door.")
    process: ProcessSettings = Field(
        default_factory=ProcessSettings, description="How the gateway's process runs."
    )
    journal: JournalSettings = Field(default_factory=JournalSettings, description="The journal of facts.")
    orders: OrdersSettings = Field(default_factory=OrdersSettings, description="Orders in general.")
    limits: LimitSettings = Field(default_factory=LimitSettings, description="Limits on orders, in USD.")
    security_metadata: SecurityMetadataSettings = Field(
        default_factory=SecurityMetadataSettings, description="Instruments' attributes."
    )
    simulator: SimulatorSettings = Field(
        default_factory=SimulatorSettings, description="The simulated exchange."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take the values given, and nothing from the process's environment behind the file's back."""
        return (init_settings,)


class ConnectorSettings(Settings):
    """One connector of the `connectors` block; its key is the connector's name."""

    factory: NonEmpty = Field(description="The kind of connector; a template sets it.")
    enabled: Flag = Field(
        default=True,
        description="A connector that is not enabled is neither started nor are its settings checked.",
    )
    settings: Any = Field(default=None, description="The connector's own settings.")
