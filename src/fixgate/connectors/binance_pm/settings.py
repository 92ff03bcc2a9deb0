"""The settings of a Binance Portfolio Margin connector: names, defaults and bounds.

Sources: the connector specification's settings table; the PAPI pages of GET /papi/v1/margin/allOrders,
um/allOrders, cm/allOrders and the trade lists for the size limits; PAPI "Timing security".
"""

import re
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from fixgate.model.enums import SideEffectType
from fixgate.model.setting_types import (
    Duration,
    FilePath,
    Flag,
    HttpUrl,
    NonEmpty,
    PositiveDuration,
    Secret,
    Settings,
    TextList,
    WebSocketUrl,
    WholeNumber,
    at_least,
    below,
)

MAX_PREFIX_LENGTH = 16
"""A prefix and a 16-digit sequence number fit the 32 characters that UM and CM allow."""

_PREFIX = re.compile(r"[.A-Z:/a-z0-9_-]*")
_CURRENCY = re.compile(r"[A-Z0-9]+")
_ATTRIBUTE_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class SelfMatchPrevention(StrEnum):
    """What gives way when two orders of the same account would match."""

    CANCEL_RESTING = "CANCEL_RESTING"
    CANCEL_TAKING = "CANCEL_TAKING"
    CANCEL_BOTH = "CANCEL_BOTH"


class OrderMapperType(StrEnum):
    """What a client order id is made of."""

    SEQUENCE = "SEQUENCE"
    COMPOSITE = "COMPOSITE"


def _prefix(value: str) -> str:
    if not _PREFIX.fullmatch(value):
        raise ValueError("must hold only the characters A-Z a-z 0-9 . : / _ -")
    if len(value) > MAX_PREFIX_LENGTH:
        raise ValueError(f"must have at most {MAX_PREFIX_LENGTH} characters")
    return value


def _currency(value: str) -> str:
    if not _CURRENCY.fullmatch(value):
        raise ValueError("must be an upper-case currency code, such as USDT")
    return value


def _attribute_key(value: str) -> str:
    if not _ATTRIBUTE_KEY.fullmatch(value):
        raise ValueError("must be a letter followed by letters, digits or _, such as BINANCEPM")
    return value


Currencies = Annotated[tuple[Annotated[str, AfterValidator(_currency)], ...], TextList]
"""A list of currency codes; an empty one counts as not given."""


class ApiKeySettings(Settings):
    """One Binance API key with the permissions TRADE, USER_DATA and USER_STREAM."""

    api_key: NonEmpty = Field(description="The API key.")
    api_secret: Secret = Field(
        description="Its secret: an Ed25519 private key in PEM (on one line with `#` for the line breaks), "
        "or an HMAC secret."
    )
    account: NonEmpty | None = Field(
        default=None,
        description="A name for the account, which FIX Account(1) may carry instead of the key. "
        "Each of several keys needs one.",
    )


class BinancePmSyncSettings(Settings):
    """How much history one synchronisation request asks for."""

    spot_orders_request_size_limit: Annotated[WholeNumber, Field(ge=1, le=500)] = Field(
        default=200, description="Orders per order history response, SPOT. The exchange's maximum is 500."
    )
    spot_trades_request_size_limit: Annotated[WholeNumber, Field(ge=1, le=1000)] = Field(
        default=100, description="Trades per trade history response, SPOT. The exchange's maximum is 1000."
    )
    future_orders_request_size_limit: Annotated[WholeNumber, Field(ge=1, le=1000)] = Field(
        default=200, description="Orders per order history response, FUTURE. The exchange's maximum is 1000."
    )
    future_trades_request_size_limit: Annotated[WholeNumber, Field(ge=1, le=1000)] = Field(
        default=100, description="Trades per trade history response, FUTURE. The exchange's maximum is 1000."
    )
    delivery_orders_request_size_limit: Annotated[WholeNumber, Field(ge=1, le=100)] = Field(
        default=50, description="Orders per order history response, DELIVERY. The exchange's maximum is 100."
    )
    delivery_trades_request_size_limit: Annotated[WholeNumber, Field(ge=1, le=1000)] = Field(
        default=50, description="Trades per trade history response, DELIVERY. The exchange's maximum is 1000."
    )


class BinancePmSettings(Settings):
    """The connector's settings."""

    rest_url: HttpUrl = Field(
        default="https://papi.binance.com", description="Portfolio Margin REST API: orders and account."
    )
    websocket_url: WebSocketUrl = Field(
        default="wss://fstream.binance.com/pm", description="Portfolio Margin user data stream."
    )
    spot_url: HttpUrl = Field(
        default="https://api.binance.com", description="Public spot API: symbols and filters of SPOT."
    )
    future_url: HttpUrl = Field(
        default="https://fapi.binance.com",
        description="Public USDⓈ-M API: symbols and filters of FUTURE, the exchange's clock.",
    )
    delivery_url: HttpUrl = Field(
        default="https://dapi.binance.com", description="Public COIN-M API: symbols and filters of DELIVERY."
    )
    api_keys: Annotated[tuple[ApiKeySettings, ...], Field(min_length=1)] = Field(
        description="The API keys, one per account; at least one."
    )
    attribute_key: Annotated[str, AfterValidator(_attribute_key)] = Field(
        default="BINANCEPM",
        description="Names the Security Metadata column that sets an instrument's product type: "
        "`<attributeKey>ProductType`.",
    )
    recv_window: Annotated[WholeNumber, Field(ge=0, le=60_000)] = Field(
        default=5000,
        description="Milliseconds after its timestamp in which the exchange takes a request, 5000 or less "
        "recommended. 0 leaves the parameter out; the exchange then uses 5000.",
    )
    websocket_heartbeat_interval: Annotated[PositiveDuration, below(timedelta(minutes=60), "60 minutes")] = (
        Field(
            default=timedelta(minutes=30),
            description="Keepalive period of a user data stream, which the exchange closes after 60 minutes "
            "without one.",
        )
    )
    stale_websocket_timeout: PositiveDuration = Field(
        default=timedelta(seconds=5),
        description="Reconnect when no websocket message came for this long after an order message was sent, "
        "or when none told of a request that the exchange took so long ago.",
    )
    websocket_rotate_interval: Annotated[
        Duration, at_least(timedelta(minutes=1), "1 minute"), below(timedelta(hours=24), "24 hours")
    ] = Field(
        default=timedelta(hours=23),
        description="Age at which a connection is replaced, before the exchange cuts it at 24 hours.",
    )
    reconcile_interval: Annotated[
        Duration, at_least(timedelta(seconds=10), "10 seconds"), below(timedelta(hours=1), "1 hour")
    ] = Field(
        default=timedelta(minutes=2),
        description="How often the open orders are compared with the exchange's, and the listen key is "
        "checked, besides each time the user data stream comes up.",
    )
    reference_path: FilePath = Field(
        default=Path("var/reference"),
        description="Folder of the last good list of each product's instruments. A start uses it where a "
        "public API does not answer.",
    )
    reference_interval: Annotated[
        Duration, at_least(timedelta(minutes=1), "1 minute"), below(timedelta(hours=24), "24 hours")
    ] = Field(
        default=timedelta(hours=1),
        description="How often the lists of instruments are read again. A symbol that none of them holds has "
        "its list read again as well, at most once a minute.",
    )
    request_weight_limit: Annotated[WholeNumber, Field(ge=100)] = Field(
        default=6000,
        description="Request weight per minute that the exchange allows the gateway's IP address. New orders "
        "and replacements are refused from 80 % on, so that cancels always get through.",
    )
    request_timeout: PositiveDuration = Field(
        default=timedelta(seconds=5),
        description="How long a request waits for its answer. An order request without one is UNKNOWN "
        "until the stream or a query resolves it.",
    )
    self_match_prevention_instruction: SelfMatchPrevention = Field(
        default=SelfMatchPrevention.CANCEL_RESTING,
        description="Self-trade prevention of orders without attribute 6102.",
    )
    side_effect_type: SideEffectType = Field(
        default=SideEffectType.NO_SIDE_EFFECT,
        description="Borrowing and repayment of SPOT orders without attribute 6101.",
    )
    auto_repay_at_cancel: Flag = Field(
        default=False,
        description="Repay what an order borrowed when the order is cancelled. SPOT only.",
    )
    client_order_id_prefix: Annotated[str, AfterValidator(_prefix)] = Field(
        default="",
        description="Put before the sequence number in client order ids; not applied to COMPOSITE ones. "
        f"At most {MAX_PREFIX_LENGTH} of the characters A-Z a-z 0-9 . : / _ -",
    )
    order_mapper_type: OrderMapperType = Field(
        default=OrderMapperType.SEQUENCE,
        description="Client order ids are the order's sequence number, or `sourceId:orderId`.",
    )
    future_instrument_currencies: Currencies = Field(
        default=(),
        description="Instrument currencies of FUTURE products, such as USDT. Empty: not defined. "
        "At least one of the two lists must name a currency, and none may stand in both.",
    )
    delivery_instrument_currencies: Currencies = Field(
        default=(),
        description="Instrument currencies of DELIVERY products, such as USD. Empty: not defined.",
    )
    binance_pm_sync_settings: BinancePmSyncSettings = Field(
        default_factory=BinancePmSyncSettings,
        description="How much history one synchronisation request asks for.",
    )

    @model_validator(mode="after")
    def _currencies_decide(self) -> Self:
        future = set(self.future_instrument_currencies)
        delivery = set(self.delivery_instrument_currencies)
        if not future and not delivery:
            raise ValueError(
                "futureInstrumentCurrencies or deliveryInstrumentCurrencies must name at least one currency"
            )
        if both := sorted(future & delivery):
            raise ValueError(
                f"{', '.join(both)} must stand in only one of futureInstrumentCurrencies and "
                "deliveryInstrumentCurrencies"
            )
        return self

    @model_validator(mode="after")
    def _keys_are_told_apart(self) -> Self:
        keys = [key.api_key for key in self.api_keys]
        if len(set(keys)) < len(keys):
            raise ValueError("each of apiKeys must have an apiKey of its own")
        names = [key.account for key in self.api_keys if key.account is not None]
        if len(keys) > 1 and len(names) < len(keys):
            raise ValueError("each of several apiKeys must have an account, which names it for good")
        if len(set(names)) < len(names) or set(names) & set(keys):
            raise ValueError("each account of apiKeys must be a name of its own, and not an apiKey")
        return self
