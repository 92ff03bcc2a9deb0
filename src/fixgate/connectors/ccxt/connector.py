"""The connector as the engine and the composition root see it: plans orders, and routes to accounts."""

import asyncio
import importlib
import random
import time
from collections.abc import AsyncIterator, Callable, Sequence
from decimal import Decimal

from msgspec.structs import replace

from fixgate.connectors.ccxt.access import CcxtMarketAccess
from fixgate.connectors.ccxt.account import Account
from fixgate.connectors.ccxt.margin_modes import MarginModes
from fixgate.connectors.ccxt.market_loading import LoadRequest, load_apart
from fixgate.connectors.ccxt.markets import Markets
from fixgate.connectors.ccxt.planning import check_order, resolved, worth
from fixgate.connectors.ccxt.prices import Prices
from fixgate.connectors.ccxt.settings import CcxtSettings
from fixgate.connectors.ccxt.translator import Market
from fixgate.connectors.ccxt.translators import translator_of
from fixgate.connectors.connector import AccountHealth, OpenOrderCount, Probe, Sink
from fixgate.model.account import AccountState
from fixgate.model.commands import NewOrder, ReplaceOrder
from fixgate.model.enums import InstrumentType, OrderType, OrdRejReason
from fixgate.model.execution import MarketType
from fixgate.model.refusal import Refused
from fixgate.model.venue import Question, SubmitList, SubmitOrder, VenueRequest, refused


class CcxtConnector(CcxtMarketAccess):
    """One exchange over every account of `settings.accounts`. Event loop only."""

    def __init__(
        self,
        key: str,
        settings: CcxtSettings,
        probe: Probe,
        now: Callable[[], float] = time.time,
        rng: random.Random | None = None,
        load: Callable[[LoadRequest], AsyncIterator[bytes]] = load_apart,
    ) -> None:
        """`now` is wall-clock time in seconds, `rng` what spreads pauses out, `load` what reads markets. ccxt
        is imported here, before there is a loop that it could hold up."""
        importlib.import_module("ccxt.pro")
        self.key = key
        self.exchange = settings.exchange
        self._settings = settings
        self._translator = translator_of(settings.exchange)
        self._load = load
        self._prices = Prices(time.monotonic)
        self._sides = settings.sides()
        self._markets = {name: self._markets_of(name, side, now) for name, side in self._classes().items()}
        self._find = self._find_market
        self._margin_modes = MarginModes(settings.markets_path / f"{key}-margin-modes.json")
        self._markets_note = self._note
        self._accounts = {
            each.account: Account(
                key,
                settings,
                each,
                self._translator,
                settings.sides_of(each),
                self._margin_modes.finder(each.account, self._find_market),
                self._note,
                self._prices,
                probe,
                now,
                rng or random.Random(),
            )
            for each in settings.accounts
        }
        self._sink: Sink = _unheard

    def _classes(self) -> dict[str, MarketType]:
        """Return the ccxt classes that are needed, each with a side that it serves."""
        return {self._translator.ccxt_class(side): side for side in reversed(self._sides)}

    def _markets_of(self, name: str, side: MarketType, now: Callable[[], float]) -> Markets:
        settings = self._settings
        return Markets(
            LoadRequest(
                exchange=settings.exchange,
                market_type=side,
                sandbox=settings.sandbox,
                demo=settings.demo,
                simulator_url=settings.simulator_url or "",
                timeout_ms=round(settings.request_timeout.total_seconds() * 1000),
            ),
            settings.markets_path,
            settings.markets_interval.total_seconds(),
            lambda: self._markets_changed(name),
            lambda: int(now() * 1000),
            self._load,
        )

    async def start(self, sink: Sink) -> None:
        """Read the markets and connect every account, in the background."""
        self._sink = sink
        for account in self._accounts.values():
            await account.start(sink)
        for markets in self._markets.values():
            markets.start()

    async def stop(self) -> None:
        """Close every connection. Orders stay as they are at the venue."""
        await asyncio.gather(*(markets.stop() for markets in self._markets.values()))
        await asyncio.gather(*(account.stop() for account in self._accounts.values()))

    def health(self) -> list[AccountHealth]:
        """Return each account's state."""
        return [account.health() for account in self._accounts.values()]

    def account_state(self, account: str = "") -> AccountState:
        """Return what is known of an account's balances and positions. Raises `Refused` for an unknown
        one."""
        return self._planned_account(account).state()

    def send(self, request: VenueRequest) -> None:
        """Start a request on its account."""
        account = self._accounts.get(request.account)
        if account is not None:
            account.send(request)
        elif not isinstance(request, Question):
            text = f"account {request.account!r} is not configured on {self.key} any more"
            for each in request.legs if isinstance(request, SubmitList) else (request,):
                self._sink(refused(each, text))

    def plan_new(
        self, order: NewOrder, order_id: int, open_orders: OpenOrderCount | None = None
    ) -> SubmitOrder:
        """Resolve account, market and client order id; check what can be checked here. The venue alone holds
        orders to a number of open ones."""
        account, market = self._ready(order)
        check_order(order, market, self.exchange, order.order_type)
        request = self._request(order, order_id, account, market)
        self._dry_run(request, market)
        return request

    def plan_list(
        self,
        orders: Sequence[NewOrder],
        order_ids: Sequence[int],
        open_orders: OpenOrderCount | None = None,
    ) -> SubmitList:
        """Return an OCO: a limit order and a stop order on the same market, of one side and quantity."""
        if len(orders) != 2:
            raise Refused(OrdRejReason.UNSUPPORTED, f"an OCO has two orders; this list has {len(orders)}")
        account, market = self._ready(orders[0])
        same = ("connector", "account", "symbol", "instrument_type", "side", "quantity")
        for name in same:
            if getattr(orders[0], name) != getattr(orders[1], name):
                raise Refused(OrdRejReason.OTHER, f"the two orders of an OCO must have the same {name}")
        for order in orders:
            check_order(order, market, self.exchange, OrderType.OCO)
        legs = tuple(
            self._request(order, number, account, market, tuple(order_ids))
            for order, number in zip(orders, order_ids, strict=True)
        )
        request = SubmitList(
            connector=self.key,
            account=account.name,
            list_client_id=f"L{order_ids[0]}",
            legs=legs,
        )
        last = self._prices.last(market.symbol)
        if last is not None or not any(self._translator.needs_last(leg) for leg in legs):
            self._translator.submit_list(request, market, last)
        return request

    def plan_replace(
        self, current: SubmitOrder, command: ReplaceOrder, quantity: Decimal, price: Decimal | None
    ) -> tuple[Decimal, Decimal]:
        """Refuse: the venues' ways of changing an order differ too much to be one."""
        raise Refused(
            OrdRejReason.UNSUPPORTED,
            f"{self._translator.title} orders cannot be replaced here: cancel the order and send a new one",
        )

    def _request(
        self,
        order: NewOrder,
        order_id: int,
        account: Account,
        market: Market,
        list_orders: tuple[int, ...] = (),
    ) -> SubmitOrder:
        request = resolved(
            order,
            market,
            connector=self.key,
            account=account.name,
            order_id=order_id,
            client_order_id=self._translator.client_order_id(order_id),
        )
        if list_orders:
            request = replace(request, list_orders=list_orders)
        return replace(request, apart=True) if self._translator.waits_apart(request) else request

    def _dry_run(self, request: SubmitOrder, market: Market) -> None:
        """Have the translator refuse now what it would refuse when the request leaves."""
        last = self._prices.last(market.symbol)
        self._translator.amount(request, market)
        worth(request, market, last)
        if last is not None or not self._translator.needs_last(request):
            self._translator.submit(request, market, last)

    def _ready(self, order: NewOrder) -> tuple[Account, Market]:
        """Return the order's account and market, if it can be sent now. Raises `Refused`."""
        account = self._planned_account(order.account)
        if not account.ready:
            raise Refused(
                OrdRejReason.BROKER,
                f"{self.key} account {account.name} is not ready: {account.health().text}",
            )
        if why := account.pacing.refusal():
            raise Refused(OrdRejReason.BROKER, why)
        market = self._find_market(order.symbol)
        wanted = MarketType.SPOT if order.instrument_type is InstrumentType.FX else MarketType.SWAP
        if market is None or market.market_type.is_perp is not wanted.is_perp:
            kind = "perp" if wanted.is_perp else "spot"
            raise Refused(
                OrdRejReason.UNKNOWN_SYMBOL,
                f"symbol {order.symbol!r} is not listed on {self._translator.title} as {kind}; unified "
                f"symbols look "
                "like BTC/USDT (spot) and BTC/USDT:USDT (swap)",
            )
        if not account.trades(market.market_type):
            side = "perp" if market.market_type.is_perp else "spot"
            raise Refused(
                OrdRejReason.UNSUPPORTED,
                f"account {account.name} does not trade {side} on {self._translator.title}: "
                "its credentials or its environment are for the other side",
            )
        if not market.active:
            raise Refused(OrdRejReason.EXCHANGE_CLOSED, f"{market.symbol} is not trading now")
        return account, market

    def _planned_account(self, account: str) -> Account:
        if not account and len(self._accounts) == 1:
            return next(iter(self._accounts.values()))
        found = self._accounts.get(account)
        if found is None:
            asked = f"account {account!r} is not configured on {self.key}" if account else "no account named"
            raise Refused(
                OrdRejReason.UNKNOWN_ACCOUNT, f"{asked}; Account(1) can be: {', '.join(self._accounts)}"
            )
        return found

    def _find_market(self, symbol: str) -> Market | None:
        """Return a market by its unified symbol."""
        side = MarketType.SWAP if ":" in symbol else MarketType.SPOT
        markets = self._markets.get(self._translator.ccxt_class(side))
        return markets.get(symbol) if markets is not None else None

    def _note(self) -> str:
        return "; ".join(dict.fromkeys(each.note for each in self._markets.values() if each.note))

    def _markets_changed(self, name: str) -> None:
        current = self._markets[name].current
        for account in self._accounts.values():
            if current is not None:
                account.install(name, current)
            account.markets_changed()


def _unheard(_: object) -> None:
    """Nobody listens before `start`."""
