"""The connector as the engine and the composition root see it: plans orders, and routes to accounts."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from decimal import Decimal

from msgspec.structs import replace

from fixgate.connectors.binance_pm.account import AccountSession
from fixgate.connectors.binance_pm.attributes import resolve_attributes
from fixgate.connectors.binance_pm.client_order_id import mint_client_order_id
from fixgate.connectors.binance_pm.conditions import check_conditions, check_oco, check_order_type
from fixgate.connectors.binance_pm.filters import (
    check_notional,
    check_open_orders,
    check_price,
    check_quantity,
)
from fixgate.connectors.binance_pm.instrument_lists import InstrumentLists
from fixgate.connectors.binance_pm.market_access import BinancePmMarketAccess
from fixgate.connectors.binance_pm.market_prices import LastPrices
from fixgate.connectors.binance_pm.product_type import resolve_product_type
from fixgate.connectors.binance_pm.reference import PRODUCTS_OF
from fixgate.connectors.binance_pm.settings import BinancePmSettings
from fixgate.connectors.binance_pm.venue_time import (
    DELIVERY_TIME,
    FUTURE_TIME,
    PAPI_TIME,
    SPOT_TIME,
    TimeSource,
    VenueTime,
)
from fixgate.connectors.connector import (
    AccountHealth,
    OpenOrderCount,
    Probe,
    SecurityMetadata,
    Sink,
)
from fixgate.connectors.security_metadata import metadata_key
from fixgate.model.account import AccountState
from fixgate.model.commands import NewOrder, OrderAttributes, ReplaceOrder
from fixgate.model.enums import (
    InstrumentType,
    OrderType,
    OrdRejReason,
    PositionSide,
    ProductType,
    Side,
    TimeInForce,
)
from fixgate.model.instrument import Instrument
from fixgate.model.refusal import Refused
from fixgate.model.venue import Question, SubmitList, SubmitOrder, VenueRequest, refused
from fixgate.papi.clock import VenueClock
from fixgate.papi.pacing import AddressPacing
from fixgate.papi.rest import PublicRest

_ATTRIBUTE_TAGS = {
    "post_only": "ExecInst(18)",
    "side_effect_type": "SideEffectType(6101)",
    "self_trade_prevention": "SelfTradePreventionMode(6102)",
    "position_side": "PositionSide(6200)",
    "reduce_only": "ReduceOnly(6201)",
}


class BinancePmConnector(BinancePmMarketAccess):
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
        local, chance = now or _wall_clock, rng or random.Random()
        hosts = {
            ProductType.SPOT: (settings.spot_url, PublicRest(settings.spot_url)),
            ProductType.FUTURE: (settings.future_url, PublicRest(settings.future_url)),
            ProductType.DELIVERY: (settings.delivery_url, PublicRest(settings.delivery_url)),
        }
        self._own_host = PublicRest(settings.rest_url)
        self._hosts = [*(host for _, host in hosts.values()), self._own_host]
        self._lists = InstrumentLists(
            key,
            hosts,
            settings.reference_path,
            settings.reference_interval.total_seconds(),
            self._lists_settled,
            local,
            chance,
        )
        self._venue_time = VenueTime(
            [
                TimeSource(hosts[ProductType.FUTURE][1], FUTURE_TIME),
                TimeSource(hosts[ProductType.DELIVERY][1], DELIVERY_TIME),
                TimeSource(hosts[ProductType.SPOT][1], SPOT_TIME),
                TimeSource(self._own_host, PAPI_TIME),
            ]
        )
        self._clock = clock = VenueClock(lambda: local() * 1000)
        address = AddressPacing(lambda: local() + clock.offset_ms / 1000, settings.request_weight_limit)
        self._sessions = [
            AccountSession(
                key,
                f"account{number}",
                credentials,
                settings,
                self._venue_time,
                lambda: self._lists.settled,
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
        self._offer_markets(
            self._session,
            self._lists,
            LastPrices({product: host for product, (_, host) in hosts.items()}, local),
            lambda: int(local() * 1000 + clock.offset_ms),
        )
        self._sink: Sink = _unheard
        self._clock_task: asyncio.Task[None] | None = None

    async def start(self, sink: Sink) -> None:
        """Connect every account and load the instrument lists, in the background.

        Accounts do not wait for the lists: cancels and the fate of open orders need none.
        """
        self._sink = sink
        for session in self._sessions:
            await session.start(sink)
        self._lists.start()
        loop = asyncio.get_running_loop()
        self._clock_task = loop.create_task(self._clock.keep_synced(self._venue_time))

    async def stop(self) -> None:
        """Close every connection."""
        if self._clock_task is not None:
            self._clock_task.cancel()
            await asyncio.gather(self._clock_task, return_exceptions=True)
        await self._lists.stop()
        await self._prices.stop()
        await asyncio.gather(*(session.stop() for session in self._sessions))
        await asyncio.gather(*(host.aclose() for host in self._hosts))

    def health(self) -> list[AccountHealth]:
        """Return each account's state. None is ready while no order could be checked; a product whose
        instruments are missing, or are those of an old list, is named in the text."""
        notes = "; ".join(self._lists.notes())
        return [self._health(session, notes) for session in self._sessions]

    def _health(self, session: AccountSession, notes: str) -> AccountHealth:
        row = session.health()
        if not row.ready or not notes:
            return row
        ready = self._lists.usable
        return row._replace(ready=ready, text=f"{row.text}; {notes}" if ready else notes)

    def _lists_settled(self) -> None:
        """Tell of the accounts that only waited for the instrument lists."""
        for session in self._sessions:
            if session.ready:
                session.tell_status()

    def account_state(self, account: str = "") -> AccountState:
        """Return what is known of an account's balances, positions and margin level. `account` is a name or
        an API key; "" will do where there is one account only. Raises `Refused` for an unknown one."""
        return self._session(account).state()

    def instrument(self, product: ProductType, symbol: str) -> Instrument | None:
        """Return a listed instrument, `None` if no list holds it."""
        return self._lists.reference.get(product, symbol)

    def instruments(self, product: ProductType) -> list[Instrument]:
        """Return every listed instrument of a product."""
        return self._lists.reference.of(product)

    def send(self, request: VenueRequest) -> None:
        """Start a request on its account."""
        session = self._by_name.get(request.account)
        if session is not None:
            session.send(request)
        elif not isinstance(request, Question):
            text = f"account {request.account!r} is not configured on {self.key} any more"
            for each in request.legs if isinstance(request, SubmitList) else (request,):
                self._sink(refused(each, text))

    def plan_new(
        self, order: NewOrder, order_id: int, open_orders: OpenOrderCount | None = None
    ) -> SubmitOrder:
        """Resolve account, product type, attributes and client order id; check what can be checked here.

        Without `open_orders` the venue alone holds orders to MAX_NUM_ORDERS.
        """
        session = self._session(order.account)
        if not session.ready:
            why = session.health().text
            raise Refused(OrdRejReason.BROKER, f"{self.key} account {session.name} is not ready: {why}")
        if why := session.pacing.refusal():
            raise Refused(OrdRejReason.BROKER, why)
        check_order_type(order)
        instrument = self._instrument(order)
        check_conditions(order, instrument)
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
        if not _only_reduces(order.side, attributes):
            check_notional(instrument, order.price, order.quantity)
        if open_orders is not None:
            check_open_orders(
                instrument, open_orders(session.name, instrument.product_type, instrument.symbol)
            )
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
            stop_price=order.stop_price,
            trailing_delta=order.trailing_delta,
            expire_ms=order.expire_ms,
            display_quantity=order.display_quantity,
            attributes=attributes,
        )

    def plan_list(
        self,
        orders: Sequence[NewOrder],
        order_ids: Sequence[int],
        open_orders: OpenOrderCount | None = None,
    ) -> SubmitList:
        """Return an OCO: PAPI POST /papi/v1/margin/order/oco. Raises `Refused` for what it cannot be."""
        check_oco(orders)
        legs = [
            self.plan_new(order, number, open_orders) for order, number in zip(orders, order_ids, strict=True)
        ]
        if legs[0].product_type is not ProductType.SPOT:
            raise Refused(OrdRejReason.UNSUPPORTED, f"an OCO is for SPOT, this one is {legs[0].product_type}")
        return SubmitList(
            connector=self.key,
            account=legs[0].account,
            list_client_id=f"L{order_ids[0]}",
            legs=tuple(replace(leg, list_orders=tuple(order_ids)) for leg in legs),
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
        instrument = self.instrument(current.product_type, current.symbol)
        if instrument is not None:
            check_quantity(instrument, quantity, current.order_type)
            check_price(instrument, price)
            if not _only_reduces(current.side, current.attributes):
                check_notional(instrument, price, quantity)
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
        listed = self._lists.reference.currency(symbol, kind)
        currency = listed or row.get("currency", "") or order.currency
        if not currency and kind is InstrumentType.FUTURE:
            raise self._unlisted(symbol, *PRODUCTS_OF[kind])
        product = resolve_product_type(
            symbol=symbol,
            instrument_type=kind,
            currency=currency,
            future_currencies=self._settings.future_instrument_currencies or (),
            delivery_currencies=self._settings.delivery_instrument_currencies or (),
            metadata_value=row.get(self._product_column, ""),
        )
        instrument = self.instrument(product, symbol)
        if instrument is None:
            raise self._unlisted(symbol, product)
        if not instrument.trading:
            raise Refused(OrdRejReason.EXCHANGE_CLOSED, f"{symbol} {product} is not trading now")
        return instrument

    def _unlisted(self, symbol: str, *products: ProductType) -> Refused:
        """Return the refusal of a symbol that no list of these products holds: a list may be missing, and
        a symbol may be new, so they are read again."""
        for product in products:
            if why := self._lists.missing(product):
                return Refused(OrdRejReason.BROKER, f"symbol {symbol!r} cannot be checked: {why}")
            self._lists.unknown_symbol(product)
        hint = (
            "; symbols are upper case without a separator, such as BTCUSDT"
            if symbol != symbol.upper()
            else ""
        )
        names = " or ".join(products)
        return Refused(OrdRejReason.UNKNOWN_SYMBOL, f"symbol {symbol!r} is not listed as {names}{hint}")


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


def _only_reduces(side: Side, attributes: OrderAttributes) -> bool:
    """True for orders that can only close a position, which the venue takes at any size."""
    closing = {(Side.SELL, PositionSide.LONG), (Side.BUY, PositionSide.SHORT)}
    return bool(attributes.reduce_only) or (side, attributes.position_side) in closing
