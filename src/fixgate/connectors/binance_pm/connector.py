"""The connector as the engine and the composition root see it: plans orders, and routes to accounts."""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from decimal import Decimal

from fixgate.connectors.binance_pm.account import AccountSession
from fixgate.connectors.binance_pm.attributes import resolve_attributes
from fixgate.connectors.binance_pm.client_order_id import mint_client_order_id
from fixgate.connectors.binance_pm.filters import check_price, check_quantity
from fixgate.connectors.binance_pm.product_type import resolve_product_type
from fixgate.connectors.binance_pm.reference import PATH_OF, Reference, ReferenceError, read_exchange_info
from fixgate.connectors.binance_pm.settings import BinancePmSettings
from fixgate.connectors.connector import AccountHealth, Probe, SecurityMetadata, Sink
from fixgate.connectors.security_metadata import metadata_key
from fixgate.model.commands import NewOrder, ReplaceOrder
from fixgate.model.enums import InstrumentType, OrderType, OrdRejReason, ProductType, TimeInForce
from fixgate.model.instrument import Instrument
from fixgate.model.refusal import Refused
from fixgate.model.venue import Question, SubmitOrder, VenueRequest, refused
from fixgate.papi.answers import PapiError
from fixgate.papi.clock import VenueClock
from fixgate.papi.pacing import AddressPacing
from fixgate.papi.rest import PublicRest

log = logging.getLogger(__name__)

REFERENCE_REFRESH = 3600.0
"""Seconds between refreshes of the instrument lists."""

_ATTRIBUTE_TAGS = {
    "post_only": "ExecInst(18)",
    "side_effect_type": "SideEffectType(6101)",
    "self_trade_prevention": "SelfTradePreventionMode(6102)",
    "position_side": "PositionSide(6200)",
    "reduce_only": "ReduceOnly(6201)",
}

_SUPPORTED_TYPES = (OrderType.MARKET, OrderType.LIMIT)


class BinancePmConnector:
    """Binance Portfolio Margin over every account of `settings.apiKeys`. Event loop only."""

    def __init__(
        self,
        key: str,
        settings: BinancePmSettings,
        metadata: SecurityMetadata,
        probe: Probe,
        now: Callable[[], float] | None = None,
        rng: random.Random | None = None,
    ) -> None:
        """`now` is wall-clock time in seconds, `rng` what spreads pauses out; both can be given so that a
        connector runs in a time of its own, the same each time."""
        self.key = key
        self._settings = settings
        self._metadata = metadata
        self._product_column = f"{settings.attribute_key}ProductType"
        self._reference = Reference()
        self._hosts = {
            ProductType.SPOT: PublicRest(settings.spot_url),
            ProductType.FUTURE: PublicRest(settings.future_url),
            ProductType.DELIVERY: PublicRest(settings.delivery_url),
        }
        local = now or _wall_clock
        chance = rng or random.Random()
        self._time_host = self._hosts[ProductType.FUTURE]
        self._clock = clock = VenueClock(lambda: local() * 1000)
        address = AddressPacing(lambda: local() + clock.offset_ms / 1000, settings.request_weight_limit)
        self._sessions = [
            AccountSession(
                key,
                f"account{number}",
                credentials,
                settings,
                self._time_host,
                clock,
                address,
                probe,
                local,
                chance,
            )
            for number, credentials in enumerate(settings.api_keys, start=1)
        ]
        self._by_name = {session.name: session for session in self._sessions}
        self._by_name |= {session.api_key: session for session in self._sessions}
        self._sink: Sink = _unheard
        self._tasks: list[asyncio.Task[None]] = []
        self._reference_text = "instrument lists not loaded yet"

    async def start(self, sink: Sink) -> None:
        """Connect every account and load the instrument lists, in the background.

        Accounts do not wait for the lists: cancels and the fate of open orders need none.
        """
        self._sink = sink
        for session in self._sessions:
            await session.start(sink)
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(self._refresh()),
            loop.create_task(self._clock.keep_synced(self._time_host.server_time)),
        ]

    async def stop(self) -> None:
        """Close every connection."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(session.stop() for session in self._sessions))
        await asyncio.gather(*(host.aclose() for host in self._hosts.values()))

    def health(self) -> list[AccountHealth]:
        """Return each account's state; none is ready before the instrument lists are loaded."""
        found = [session.health() for session in self._sessions]
        if self._reference_text:
            return [row._replace(ready=False, text=self._reference_text) for row in found]
        return found

    def send(self, request: VenueRequest) -> None:
        """Start a request on its account."""
        session = self._by_name.get(request.account)
        if session is not None:
            session.send(request)
        elif not isinstance(request, Question):
            text = f"account {request.account!r} is not configured on {self.key} any more"
            self._sink(refused(request, text))

    def plan_new(self, order: NewOrder, order_id: int) -> SubmitOrder:
        """Resolve account, product type, attributes and client order id; check what can be checked here."""
        session = self._session(order.account)
        if not session.ready or self._reference_text:
            why = self._reference_text or session.health().text
            raise Refused(OrdRejReason.BROKER, f"{self.key} account {session.name} is not ready: {why}")
        if why := session.pacing.refusal():
            raise Refused(OrdRejReason.BROKER, why)
        _check_type(order)
        instrument = self._instrument(order)
        attributes = resolve_attributes(
            order,
            instrument.product_type,
            hedge_mode=bool(session.hedge_mode),
            side_effect=self._settings.side_effect_type,
            self_match=self._settings.self_match_prevention_instruction,
        )
        check_quantity(instrument, order.quantity, order.order_type)
        if order.price is not None:
            check_price(instrument, order.price)
        post_only = order.time_in_force is TimeInForce.POST_ONLY
        return SubmitOrder(
            connector=self.key,
            account=session.name,
            order_id=order_id,
            client_order_id=mint_client_order_id(
                self._settings.order_mapper_type,
                prefix=self._settings.client_order_id_prefix,
                sequence=order_id,
                source_id=order.source,
                order_id=order.cl_ord_id,
                product=instrument.product_type,
            ),
            product_type=instrument.product_type,
            symbol=instrument.symbol,
            side=order.side,
            order_type=order.order_type,
            time_in_force=TimeInForce.GTC if post_only else order.time_in_force,
            quantity=order.quantity,
            price=order.price,
            attributes=attributes,
        )

    def plan_replace(
        self, current: SubmitOrder, command: ReplaceOrder, quantity: Decimal, price: Decimal | None
    ) -> tuple[Decimal, Decimal]:
        """Check a change against the specification's "Replacement" rules."""
        if current.product_type is ProductType.SPOT:
            raise Refused(
                OrdRejReason.UNSUPPORTED,
                "orders with SPOT product type do not support replacement: "
                "cancel the order and send a new one",
            )
        if current.order_type is not OrderType.LIMIT or price is None:
            raise Refused(
                OrdRejReason.UNSUPPORTED,
                f"only limit orders can be replaced, this one is {current.order_type}",
            )
        if command.order_type not in (None, current.order_type):
            raise Refused(
                OrdRejReason.UNSUPPORTED,
                f"the order type cannot be changed from {current.order_type} to {command.order_type}",
            )
        if command.time_in_force not in (None, current.time_in_force):
            raise Refused(
                OrdRejReason.UNSUPPORTED,
                f"TimeInForce cannot be changed from {current.time_in_force} to {command.time_in_force}",
            )
        _check_attributes(current, command)
        instrument = self._reference.get(current.product_type, current.symbol)
        if instrument is not None:
            check_quantity(instrument, quantity, current.order_type)
            check_price(instrument, price)
        return quantity, price

    def _session(self, account: str) -> AccountSession:
        if not account and len(self._sessions) == 1:
            return self._sessions[0]
        found = self._by_name.get(account)
        if found is None:
            names = ", ".join(session.name for session in self._sessions)
            asked = f"account {account!r} is not configured on {self.key}" if account else "no account named"
            raise Refused(OrdRejReason.UNKNOWN_ACCOUNT, f"{asked}; Account(1) can be: {names}")
        return found

    def _instrument(self, order: NewOrder) -> Instrument:
        symbol, kind = order.symbol, order.instrument_type
        row = self._metadata.get(metadata_key(symbol, kind)) or self._metadata.get(symbol) or {}
        currency = self._reference.currency(symbol, kind) or row.get("currency", "") or order.currency
        if not currency and kind is InstrumentType.FUTURE:
            raise _unlisted(symbol, "FUTURE or DELIVERY")
        product = resolve_product_type(
            symbol=symbol,
            instrument_type=kind,
            currency=currency,
            future_currencies=self._settings.future_instrument_currencies or (),
            delivery_currencies=self._settings.delivery_instrument_currencies or (),
            metadata_value=row.get(self._product_column, ""),
        )
        instrument = self._reference.get(product, symbol)
        if instrument is None:
            raise _unlisted(symbol, product)
        if not instrument.trading:
            raise Refused(OrdRejReason.EXCHANGE_CLOSED, f"{symbol} {product} is not trading now")
        return instrument

    async def _refresh(self) -> None:
        """Load the lists until all three are there, then keep them fresh."""
        pause = 0.5
        while True:
            missing = [product for product in PATH_OF if not await self._load(product)]
            if not missing:
                self._reference_text = ""
                pause = REFERENCE_REFRESH
            await asyncio.sleep(pause)
            pause = min(pause * 2, 30.0)

    async def _load(self, product: ProductType) -> bool:
        try:
            body = await self._hosts[product].get(PATH_OF[product])
            self._reference.replace(product, await asyncio.to_thread(read_exchange_info, product, body))
        except (PapiError, ReferenceError) as error:
            log.warning("%s: instruments of %s: %s", self.key, product, error)
            if self._reference_text:
                self._reference_text = f"instruments of {product} could not be loaded: {error}"
            return False
        return True


def _wall_clock() -> float:
    """Seconds since the epoch."""
    return time.time()


def _unheard(_: object) -> None:
    """Nobody listens before `start`."""


def _check_attributes(current: SubmitOrder, command: ReplaceOrder) -> None:
    """Refuse a change of attributes: the venue changes quantity and price only."""
    for name, tag in _ATTRIBUTE_TAGS.items():
        asked, held = getattr(command.attributes, name), getattr(current.attributes, name)
        if asked is not None and asked != (held or False if isinstance(asked, bool) else held):
            raise Refused(
                OrdRejReason.UNSUPPORTED,
                f"{tag} cannot be changed by a replace: it was {asked}, the order has {held}; "
                "cancel the order and send a new one",
            )


def _unlisted(symbol: str, product: str) -> Refused:
    hint = "; symbols are upper case without a separator, such as BTCUSDT" if symbol != symbol.upper() else ""
    return Refused(OrdRejReason.UNKNOWN_SYMBOL, f"symbol {symbol!r} is not listed as {product}{hint}")


def _check_type(order: NewOrder) -> None:
    if order.order_type not in _SUPPORTED_TYPES:
        raise Refused(
            OrdRejReason.UNSUPPORTED,
            f"order type {order.order_type} is not supported; it can be market or limit",
        )
    if order.order_type is OrderType.LIMIT and order.price is None:
        raise Refused(OrdRejReason.OTHER, "a limit order needs Price(44)")
    if order.order_type is OrderType.MARKET:
        if order.price is not None:
            raise Refused(OrdRejReason.OTHER, f"a market order takes no price, it was {order.price}")
        if order.time_in_force is TimeInForce.FOK:
            raise Refused(
                OrdRejReason.UNSUPPORTED, "the venue cannot hold a market order to FOK; use IOC or GTC"
            )
